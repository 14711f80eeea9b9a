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
    if not sent or not seen:
        return receiver
    lost = with_tail(receiver.lost_packets, seen, sent, sender.seconds)
    return receiver if lost == receiver.lost_packets else replace(receiver, lost_packets=lost, packets=sent)


def with_tail(lost: int | None, seen: int, sent: int, seconds: float | None) -> int | None:
    """Lost datagrams with those at the end that the receiver never saw.

    iperf finds a loss by the number of the next datagram that comes. A link that goes down before the end of the
    run leaves no next one, so it would be 0 % lost. What was under way in the last moment is no loss.
    """
    tail = sent - seen
    if lost is None or not seconds or tail <= UNDER_WAY or tail / sent * seconds <= LAST_MOMENT:
        return lost
    return lost + tail


def _over_the_whole_time(receiver: End, sender: End) -> End:
    """Its rate over the time in which was sent: iperf2 counts from the first datagram that came to the last, so
    a link that was dead for the first two of five seconds had the whole rate.
    """
    got, ran = receiver.seconds, sender.seconds
    if got is None or ran is None or receiver.bytes is None or ran - got <= LAST_MOMENT + 0.01:
        return receiver
    return replace(receiver, seconds=ran, bits_per_second=receiver.bytes * 8 / ran)


def begun_late(first: Interval, sender: End) -> float:
    """Seconds by which the receiver's clock began behind the sender's, as far as the first interval tells.

    iperf2 begins to count with the first datagram that comes. How many were sent before is known by its number, and they are
    lost in the first interval, which has more of them than its time allows.

    Example: of 100 datagrams a second, 250 in a first interval of 0.5 s are 2 s late.
    """
    if not (first.packets and first.lost_packets and sender.packets and sender.seconds):
        return 0.0
    gap = sender.seconds / sender.packets
    late = first.packets * gap - first.seconds
    return late if late > LAST_MOMENT + gap else 0.0


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
