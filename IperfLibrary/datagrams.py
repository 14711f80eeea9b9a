"""What a receiver of UDP did not see, from what was sent: datagrams and time, before the first that came and behind the last. Pure.

It knows nothing of how a tool prints that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from operator import itemgetter, lt

from .result import End, Interval

UNDER_WAY = 10
"""Datagrams that may be in buffers when a run ends."""

LAST_MOMENT = 0.1
"""Seconds of traffic that may be under way when a run ends."""


def never_seen(receiver: End, sender: End) -> End:
    """The receiver's figures for all that was sent, and for all the time that it took."""
    return _over_the_whole_time(_with_tail(receiver, sender), sender)


def _with_tail(receiver: End, sender: End) -> End:
    sent, seen = sender.packets, receiver.packets
    if not sent or seen is None:
        return receiver
    lost = with_tail(receiver.lost_packets, seen, sent, sender.seconds)
    if lost == receiver.lost_packets:
        return receiver
    jitter = receiver.jitter_ms if seen else None  # of nothing there is none
    return replace(receiver, lost_packets=lost, packets=sent, jitter_ms=jitter)


def with_tail(lost: int | None, seen: int, sent: int, seconds: float | None) -> int | None:
    """Lost datagrams with those at the end that the receiver never saw.

    iperf finds a loss by the number of the next datagram that comes. A link that goes down before the end of the
    run leaves no next one, so it would be 0 % lost. What was under way in the last moment is no loss.
    """
    tail = sent - seen
    if lost is None or not seconds or tail <= UNDER_WAY or tail / sent * seconds <= LAST_MOMENT:
        return lost
    return lost + tail


def with_own_tail(receiver: End, sender: End, rows: Sequence[Interval]) -> End:
    """The receiver's figures with the losses at its end, where iperf3 tells the sender's datagrams beside the receiver's losses: up to 3.10 of the
    run, in later ones of each stream. Which number it saw last is then known by its own intervals alone, where those cover the run: an iperf2 up to
    2.0.13 does not print the last one, and its report has them all.
    """
    if not sender.packets or receiver.packets != sender.packets or receiver.lost_packets is None:
        return receiver
    own = _added(rows)
    if own.packets is None or not _whole(own, sender):
        return receiver
    lost = with_tail(own.lost_packets, own.packets, sender.packets, sender.seconds) or 0
    return replace(receiver, lost_packets=lost) if receiver.lost_packets < lost <= sender.packets else receiver


def with_own_bytes(receiver: End, sender: End, rows: Sequence[Interval]) -> End:
    """The receiver's figures with the bytes of its intervals, where those cover the run: iperf3 up to 3.10 tells no others."""
    own = _added(rows)
    seconds = _whole(own, sender)
    if receiver.bytes is not None or receiver.packets is None or own.bytes is None or not seconds:
        return receiver
    return replace(receiver, bytes=own.bytes, seconds=seconds, bits_per_second=own.bytes * 8 / seconds)


def while_waiting(rows: Sequence[Interval], until: float) -> Sequence[Interval]:
    """The intervals without those at the end in which nothing came and nothing was sent any more: in full duplex, iperf2 waits for the end of the other end."""
    last = next((at for at in range(len(rows), 1, -1) if rows[at - 1].bytes != 0 or rows[at - 1].start < until), 1)
    return rows[:last]


def without_waiting(receiver: End, sender: End, rows: Sequence[Interval]) -> End:
    """The receiver's rate without the time in which it waited only. In what a queue gave behind the last interval, which lists no moment, it did not wait."""
    if receiver.bytes is None or not receiver.seconds or not sender.seconds or not rows:
        return receiver
    rows = while_waiting(rows, sender.seconds)
    seconds = max(sender.seconds, rows[-1].end)
    waited, later = receiver.seconds - seconds, receiver.bytes - (_added(rows).bytes or 0)
    if waited <= LAST_MOMENT or later > receiver.bytes * waited / receiver.seconds / 2:
        return receiver
    return replace(receiver, seconds=seconds, bits_per_second=receiver.bytes * 8 / seconds)


def _whole(own: End, sender: End) -> float | None:
    """Seconds of intervals that go on to the end of what was sent, or longer; None where they do not.

    Those in which was sent follow from the rate: what iperf3 tells of a sum up to 3.10 may be the receiver's, or with the warm-up.
    """
    if not own.seconds or not sender.bytes or not sender.bits_per_second:
        return None
    ran = sender.bytes * 8 / sender.bits_per_second
    if ran - own.seconds > LAST_MOMENT:
        return None
    return own.seconds if own.seconds - ran > LAST_MOMENT else ran


def _added(rows: Sequence[Interval]) -> End:
    """What the intervals behind the warm-up add up to; unknown what is so in one of them."""
    rows = [row for row in rows if not row.omitted]
    columns = [list(map(of, rows)) for of in (_BYTES, _LOST, _PACKETS)]
    count, lost, packets = (None if not column or None in column else sum(column) for column in columns)
    seconds = rows[-1].end - rows[0].start if rows and rows[0].start <= LAST_MOMENT else None
    return End(bytes=count, seconds=seconds, lost_packets=lost, packets=packets)


def _over_the_whole_time(receiver: End, sender: End) -> End:
    """Its rate over the time in which was sent: iperf2 counts from the first datagram that came to the last, so
    a link that was dead for the first two of five seconds had the whole rate.
    """
    got, ran = receiver.seconds, sender.seconds
    if got is None or ran is None or receiver.bytes is None or ran - got <= LAST_MOMENT + 0.01:
        return receiver
    return replace(receiver, seconds=ran, bits_per_second=receiver.bytes * 8 / ran)


def since_the_start(receiver: End, sender: End, rows: Sequence[Interval], sent: Sequence[Interval]) -> End:
    """Its rate over the time from the first datagram that was sent to the last that came, where it began to count late and a queue emptied late."""
    late = begun_late(rows[0], sender, sent) if rows else 0.0
    if not late or receiver.bytes is None or (receiver.seconds or 0.0) >= late + rows[-1].end - LAST_MOMENT:
        return receiver
    seconds = late + rows[-1].end
    return replace(receiver, seconds=seconds, bits_per_second=receiver.bytes * 8 / seconds)


def begun_late(first: Interval, sender: End, sent: Sequence[Interval] = ()) -> float:
    """Seconds by which the receiver's clock began behind the sender's, as far as the first interval tells.

    iperf2 begins to count with the first datagram that comes. How many were sent before is known by its number, and they are
    lost in the first interval, which has more of them than its time allows: ``sent`` are the intervals that tell when they were sent.

    Example: of 100 datagrams a second, 250 in a first interval of 0.5 s are 2 s late.
    """
    if not (first.packets and first.lost_packets and sender.packets and sender.seconds):
        return 0.0
    gap = sender.seconds / sender.packets
    ran = _sent_at(first.packets / sender.packets, sent) or first.packets * gap
    late = min(ran - first.seconds, first.lost_packets * gap)
    return late if late > LAST_MOMENT + gap else 0.0


def _sent_at(share: float, sent: Sequence[Interval]) -> float | None:
    """When so much of all had been sent; None where the intervals do not tell: at full speed a sender may begin faster than it goes on."""
    counts = [row.bytes or 0 for row in sent]
    left = share * sum(counts)
    for row, count in zip(sent, counts, strict=True):
        if count and left <= count:
            return row.start + row.seconds * left / count
        left -= count
    return None


_BYTES, _LOST, _PACKETS = (itemgetter(Interval._fields.index(name)) for name in ("bytes", "lost_packets", "packets"))


def own_packets(rows: Sequence[Interval]) -> Sequence[Interval]:
    """The intervals of a receiver, without what iperf 2.0.14 counts again: the losses of all before are among the packets of each.

    Example: behind an interval with 87 of 178 lost, one with 0 of 266 is one with 0 of 179.
    """
    # By columns: a day of 16 streams is 1.4 million of them.
    lost, packets = list(map(_LOST, rows)), list(map(_PACKETS, rows))
    if None in lost or None in packets or not sum(lost):
        return rows
    size = next(
        (
            row.bytes / (all_ - gone)
            for row, all_, gone in zip(rows, packets, lost, strict=True)
            if row.bytes and all_ > gone
        ),
        0,
    )
    if not size or sum(packets) - sum(lost) <= 1.02 * sum(filter(None, map(_BYTES, rows))) / size + UNDER_WAY:
        return rows
    own = [all_ - before for all_, before in zip(packets, accumulate(lost, initial=0), strict=False)]
    if any(map(lt, own, lost)):
        return rows
    return [row._replace(packets=count) for row, count in zip(rows, own, strict=True)]
