"""What the two ends of one test printed, as one result. Pure: results in, results out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from .datagrams import (
    LAST_MOMENT,
    begun_late,
    never_seen,
    since_the_start,
    while_waiting,
    with_own_bytes,
    with_own_tail,
    without_waiting,
)
from .result import End, Flow, Interval, Result, Stream
from .tools.rows import added


def same_test(client: Result, served: Sequence[Result]) -> Result | None:
    """The server's view of the client's test among those that it served meanwhile; None when it is not there.

    iperf3 gives each test a cookie. With iperf2 it is the port of a stream; behind a NAT that is another one, so the
    only test that there is will do.
    """
    if client.cookie:
        return next((result for result in served if result.cookie == client.cookie), None)
    ports = _ports(client)
    fitting = [result for result in served if ports & _ports(result)]
    if fitting:
        return _as_one(fitting)
    return served[0] if len(served) == 1 and _could_be(client, served[0]) else None


def _as_one(parts: Sequence[Result]) -> Result:
    """The parts of one test: a server of iperf2 takes a stream of several whose SYN was lost for another test.

    So it does with the last datagrams of a stream that come late, out of a queue; those tell nothing.
    """
    taken: list[Result] = []
    for part in sorted(parts, key=_moved, reverse=True):
        if not any(_ports(part) & _ports(other) for other in taken):
            taken.append(part)
    if len(taken) == 1:
        return taken[0]
    return replace(
        taken[0],
        flows=tuple(_summed(flow, [one for part in taken for one in part.flows]) for flow in taken[0].flows),
        partial=any(part.partial for part in taken),
    )


def _summed(flow: Flow, parts: Sequence[Flow]) -> Flow:
    """All streams of that direction. Their seconds began at different times, so their intervals do not add up."""
    streams = tuple(stream for part in parts if part.reverse == flow.reverse for stream in part.streams)
    sender, receiver = added([stream.sender for stream in streams]), added([stream.receiver for stream in streams])
    return replace(flow, streams=streams, sender=sender, receiver=receiver, intervals=())


def streams_lack(client: Result, server: Result) -> bool:
    """Whether the client has had more streams of a direction than the server tells of it."""
    theirs = {flow.reverse: flow for flow in server.flows}
    return any(_lacks(theirs[flow.reverse], flow) for flow in client.flows if flow.reverse in theirs)


def _lacks(part: Flow, whole: Flow) -> bool:
    return 0 < len(part.streams) < len(whole.streams)


def _moved(result: Result) -> int:
    return sum(end.bytes or 0 for flow in result.flows for end in (flow.sender, flow.receiver))


def both_ends(client: Result, server: Result) -> Result:
    """The client's result, with what only the server knows filled in."""
    theirs = {flow.reverse: flow for flow in server.flows}
    udp = client.protocol == "udp"
    return replace(
        client,
        flows=tuple(_joined(one, theirs[one.reverse], udp) if one.reverse in theirs else one for one in client.flows),
        client_version=client.client_version or server.client_version,
        server_version=client.server_version or server.server_version,
        fake=client.fake or server.fake,
        server_cpu_percent=server.server_cpu_percent
        if client.server_cpu_percent is None
        else client.server_cpu_percent,
    )


def _joined(ours: Flow, theirs: Flow, udp: bool) -> Flow:
    if _lacks(theirs, ours):
        return ours  # a part of what arrived is none of its figures
    by_port = {stream.port: stream for stream in theirs.streams if stream.port}
    they_receive = theirs.measured_at == "receiver"
    pairs = [(stream, by_port.get(stream.port or 0)) for stream in ours.streams]
    together = not udp or _begun_together(pairs)
    adds_up = they_receive and ours.measured_at == "sender" and together
    arrived = _arrived(ours, theirs, udp) if adds_up else None
    streams = tuple(_joined_stream(one, other, udp, they_receive, arrived is not None) for one, other in pairs)
    sender, receiver = _known_ends(ours, theirs, udp, they_receive)
    if udp and adds_up:
        receiver = since_the_start(receiver, sender, theirs.intervals, ours.intervals)
    flow = replace(ours, sender=sender, receiver=receiver, streams=streams)
    if udp and ours.measured_at == "receiver" and sender.seconds:
        return replace(flow, intervals=tuple(while_waiting(ours.intervals, sender.seconds)))
    return flow if arrived is None else replace(flow, intervals=arrived, measured_at="receiver")


def _begun_together(pairs: Sequence[tuple[Stream, Stream | None]]) -> bool:
    """Whether the receiver's seconds of all streams are the same ones: those of iperf2 begin with the first datagram of each."""
    late = [
        begun_late(theirs.intervals[0], ours.sender, ours.intervals)
        for ours, theirs in pairs
        if theirs and theirs.intervals
    ]
    return not late or max(late) - min(late) <= LAST_MOMENT


def _joined_stream(ours: Stream, theirs: Stream | None, udp: bool, they_receive: bool, at_receiver: bool) -> Stream:
    if not theirs:
        return replace(ours, intervals=()) if at_receiver else ours
    rows = _arrived(ours, theirs, udp) or () if at_receiver else ours.intervals
    sender, receiver = _known_ends(ours, theirs, udp, they_receive)
    if udp and they_receive:
        receiver = since_the_start(receiver, sender, theirs.intervals, ours.intervals)
    return replace(ours, sender=sender, receiver=receiver, intervals=rows)


def _known_ends(ours: Flow | Stream, theirs: Flow | Stream, udp: bool, they_receive: bool) -> tuple[End, End]:
    sender, receiver = _known(ours.sender, theirs.sender), _known(ours.receiver, theirs.receiver)
    if not udp:
        return sender, receiver
    rows = theirs.intervals if they_receive else ours.intervals
    receiver = with_own_tail(never_seen(receiver, sender), sender, rows)
    return sender, without_waiting(with_own_bytes(receiver, sender, rows), sender, rows)


def _arrived(ours: Flow | Stream, theirs: Flow | Stream, udp: bool) -> tuple[Interval, ...] | None:
    """The intervals as the receiver counted them, with what the sender alone can see; None where they do not go together.

    What a UDP sender counts is what it was told to send, also while nothing arrives; and a TCP sender with a rate goes on for as long as
    its buffer takes it, which may be many seconds.
    """
    sent, got = ours.intervals, theirs.intervals
    if not got or not _same_warm_up(sent, got):
        return None
    ahead = min(max(0.0, got[-1].end - sent[-1].end), _longest_way(ours, theirs)) if sent else 0.0
    seen = _while_sent(got if _lost_at_first(got) else _from_the_first(got, ahead), sent)
    if udp:  # such a sender sees nothing that its receiver does not
        return _with_silence(seen, sent, _known(ours.sender, theirs.sender), theirs.receiver)
    return tuple(_with_sender(seen, sent, seen[0].start - got[0].start))


LATEST = 0.7
"""Seconds that a server's clock may be ahead at most: a round trip of the control connection, over a satellite 0.6 s."""


def _longest_way(ours: Flow | Stream, theirs: Flow | Stream) -> float:
    """Seconds that a round trip may take: by the shortest one where a TCP sender tells it, as others are those of a queue."""
    rtt = ours.sender.min_rtt_ms or theirs.sender.min_rtt_ms
    return LATEST if rtt is None else min(LATEST, 1.5 * rtt / 1000)


def _same_warm_up(sent: Sequence[Interval], got: Sequence[Interval]) -> bool:
    """Whether both tell it, or neither does. Of one that is as long as an interval iperf3 may print nothing at either end."""
    step = max(row.seconds for row in (*sent[:1], *got[:1]))
    ours, theirs = ([row.seconds for row in rows if row.omitted] for rows in (sent, got))
    if bool(ours) == bool(theirs):
        return True
    rest = [sum(row.seconds for row in rows if not row.omitted) for rows in (sent, got)]
    return sum(ours) + sum(theirs) <= 1.1 * step and abs(rest[0] - rest[1]) < 0.5 * step


def _from_the_first(got: tuple[Interval, ...], ahead: float) -> tuple[Interval, ...]:
    """Without those at the start in which nothing could be there yet: on a long path the server's clock begins before the first data comes."""
    until = ahead + 0.1 * got[0].seconds
    at = next((at for at, row in enumerate(got) if row.bytes != 0 or row.end > until or row.omitted), len(got))
    return got[at:] or got


def _lost_at_first(got: Sequence[Interval]) -> bool:
    """Whether datagrams had been sent, and were lost, before the first that came: then it was no long way that they took."""
    first = next((row for row in got if row.bytes), None)
    return bool(first and first.lost_packets)


def _while_sent(got: tuple[Interval, ...], sent: tuple[Interval, ...]) -> tuple[Interval, ...]:
    """Without a last moment, in which came what was on its way when the sender ended."""
    step = got[0].seconds
    late = bool(sent) and got[-1].start >= sent[-1].end - 0.1 * step
    return got[:-1] if len(got) > 1 and late and got[-1].seconds < step / 2 else got


def _with_sender(got: Sequence[Interval], sent: Sequence[Interval], begun: float) -> Iterator[Interval]:
    """Each with what the sender saw in it; nothing of that where the sender's intervals are longer. ``begun`` is when its clock began on the receiver's."""
    for omitted in (True, False):
        rows = [row for row in sent if row.omitted is omitted]
        at = 0
        for row in got:
            if row.omitted is not omitted:
                continue
            begin = at
            while at < len(rows) and (rows[at].start + rows[at].end) / 2 + begun < row.end:
                at += 1
            yield _both(row, rows[begin:at])


def _both(got: Interval, sent: Sequence[Interval]) -> Interval:
    if not sent or sent[0].seconds > 1.5 * got.seconds:
        return got
    again, times = [row.retransmits for row in sent], [row.rtt_ms for row in sent]
    return got._replace(
        retransmits=None if None in again else sum(filter(None, again)),
        congestion_window_bytes=sent[-1].congestion_window_bytes,
        rtt_ms=None if None in times else sum(filter(None, times)) / len(times),
    )


def _with_silence(
    got: Sequence[Interval], sent: Sequence[Interval], sender: End, receiver: End
) -> tuple[Interval, ...]:
    """The intervals at the sender's times, with empty ones where a receiver of iperf2 that hears nothing prints none: before the first
    datagram that comes; and up to the sender's end, where those that it did print have all that it counted.
    """
    if not sent:
        return tuple(got)
    step, until = got[0].seconds, sent[-1].end
    got = while_waiting(got, until)
    late = begun_late(got[0], sender, sent)
    rows = [row._replace(start=row.start + late, end=row.end + late) for row in got]
    counted = sum(row.bytes or 0 for row in got if not row.omitted)
    whole = receiver.bytes is not None and counted >= 0.98 * receiver.bytes
    end = rows[-1].end
    return (*_silence(0.0, late, step), *rows, *(_silence(end, until, step) if whole and end < until else ()))


def _silence(begin: float, end: float, step: float) -> list[Interval]:
    """Intervals without data, about as long as the others; none for what is shorter than that."""
    count = int((end - begin) / step + 0.1) if step > 0 else 0
    times = [begin + (end - begin) * at / count for at in range(count)] + [end] if count else []
    return [Interval(*span, 0, 0.0) for span in pairwise(times)]


# What a TCP sender alone can see. It does not depend on when each end began to count, so it goes well with the other's bytes.
_OF_A_SENDER = ("retransmits", "max_congestion_window_bytes", "min_rtt_ms", "mean_rtt_ms", "max_rtt_ms")


def _known(ours: End, theirs: End) -> End:
    if ours.bytes is None and ours.packets is None and ours.jitter_ms is None:
        return theirs
    return replace(ours, **{name: getattr(theirs, name) for name in _OF_A_SENDER if getattr(ours, name) is None})


def _ports(result: Result) -> set[int]:
    return {stream.port for flow in result.flows for stream in flow.streams if stream.port}


def _could_be(client: Result, server: Result) -> bool:
    """Whether the figures of both ends do not contradict that it is one test."""
    theirs = {flow.reverse: flow for flow in server.flows}
    for flow in client.flows:
        other = theirs.get(flow.reverse)
        sent, got = flow.sender.bytes, other.receiver.bytes if other else None
        if other is None or (sent is not None and got is not None and got > sent * 1.01 + 1_000_000):
            return False
    return client.protocol == server.protocol
