"""One test of iperf3 as its text tells it: what was read so far, and the result that follows from it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ..datagrams import never_seen
from ..result import End, Flow, Interval, Result, Stream, Where
from .faults import main_error
from .rows import added, counted, known, so_far

SUM = -1
SLACK = 0.005
"""Seconds by which a row may begin before the end of the last one: half of the last digit."""

Side = Literal["sender", "receiver"]


@dataclass
class Lane:
    """The rows of one stream, or of the sum of all, in one direction."""

    id: int
    intervals: list[Interval] = field(default_factory=list)
    ends: dict[Side, End] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        """Whether the last row was of an interval, and not of the warm-up."""
        return bool(self.intervals) and not self.intervals[-1].omitted

    def has(self, start: float, omitted: bool) -> bool:
        """Whether the row is there already: after an error the last one is printed a second time."""
        last = self.intervals[-1] if self.intervals else None
        return last is not None and start < last.end - SLACK and omitted == last.omitted


@dataclass
class Test:
    """What the lines of one test said. ``local_sends`` is None until a row shows which end this is."""

    role: Literal["client", "server"] | None = None
    begun: bool = False
    reverse: bool | None = None
    bidir: bool = False
    protocol: str | None = None
    udp: bool | None = None
    local_sends: bool | None = None
    done: bool = False
    closed: bool = False
    version: str | None = None
    started: float | None = None
    client: str | None = None
    server: str | None = None
    cpu: dict[str, float] = field(default_factory=dict)
    congestion: str | None = None
    connected: int = 0
    ports: dict[int, int] = field(default_factory=dict)
    """The client's port of each stream."""
    errors: list[str] = field(default_factory=list)
    late: int | None = None
    lanes: dict[bool | None, dict[str, Lane]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not self.lanes

    @property
    def unfinished(self) -> bool:
        """Whether there is no summary yet."""
        return not any(lane.ends for lanes in self.lanes.values() for lane in lanes.values())

    def lane(self, reverse: bool | None, ident: str) -> Lane:
        lanes = self.lanes.setdefault(reverse, {})
        lane = lanes.get(ident)
        if lane is None:
            lane = lanes[ident] = Lane(SUM if ident == "SUM" else int(ident))
        return lane

    def result(self, stderr: list[str]) -> Result:
        error = main_error([*self.errors, *stderr])
        flows = tuple(self._flows(error))
        complete = error is None and bool(flows) and self._finished(flows)
        if not complete:
            flows = tuple(_with_totals_so_far(flow) for flow in flows)
        server = self._role() == "server"
        return Result(
            tool="iperf3",
            version=self.version,
            protocol=self.protocol or ("udp" if self.udp else "tcp"),
            role=self._role(),
            flows=flows,
            partial=not complete,
            error=error,
            client=self.client,
            server=self.server,
            client_version=None if server else self.version,
            server_version=self.version if server else None,
            client_cpu_percent=self._cpu("remote" if server else "local", error),
            server_cpu_percent=self._cpu("local" if server else "remote", error),
            congestion=self.congestion,
            started=self.started,
        )

    def _role(self) -> Literal["client", "server"]:
        return self.role or "client"

    def _cpu(self, end: str, error: str | None) -> float | None:
        share = self.cpu.get(end)
        # The far end's share is 0 where the ends did not come to exchange their results, and in every server.
        return share if share or (end == "local" and not error) else None

    def _finished(self, flows: tuple[Flow, ...]) -> bool:
        ends = [end for flow in flows for end in self._local_ends(flow)]
        summed = all(end.bytes is not None or end.packets is not None for end in ends)
        spoke = sum(lane.id != SUM for lanes in self.lanes.values() for lane in lanes.values())
        return self.begun and summed and spoke >= self.connected and (self.done or self._role() == "server")

    def _local_ends(self, flow: Flow) -> list[End]:
        return [getattr(part, flow.measured_at) for part in (flow, *flow.streams)]

    def _flows(self, error: str | None) -> Iterator[Flow]:
        for direction, lanes in self.lanes.items():
            reverse = self._reversed() if direction is None else direction
            yield self._flow(reverse, lanes, error)

    def _reversed(self) -> bool:
        if self.reverse is not None:
            return self.reverse
        return self.local_sends is not None and self.local_sends != (self._role() == "client")

    def _flow(self, reverse: bool, lanes: dict[str, Lane], error: str | None) -> Flow:
        local: Where = "sender" if reverse == (self._role() == "server") else "receiver"
        # A 0 of the far end is "unknown" where results were not exchanged: at a server, and after a broken run.
        far_known = self._role() == "client" and error is None and self.done
        streams = tuple(
            replace(_stream(lane, local, far_known), port=self.ports.get(lane.id))
            for lane in lanes.values()
            if lane.id != SUM
        )
        total = _stream(lanes["SUM"], local, far_known) if "SUM" in lanes and len(streams) != 1 else None
        sender = _total(total, streams, "sender")
        receiver = _checked(_total(total, streams, "receiver"), sender)
        if self.late is not None and not self.bidir and receiver.packets is not None:
            receiver = replace(receiver, out_of_order=self.late)
        return Flow(
            direction="reverse" if reverse else "forward",
            reverse=reverse,
            sender=sender,
            receiver=receiver,
            streams=streams,
            intervals=total.intervals if total else streams[0].intervals if len(streams) == 1 else (),
            measured_at=local,
        )


def _stream(lane: Lane, local: Where, far_known: bool) -> Stream:
    ends = {side: _known(end, side == local or far_known) for side, end in lane.ends.items()}
    sender = ends.get("sender", End())
    return Stream(
        0 if lane.id == SUM else lane.id,
        sender=sender,
        receiver=_checked(ends.get("receiver", End()), sender),
        intervals=tuple(lane.intervals),
    )


def _known(end: End, zero_counts: bool) -> End:
    """The end, or nothing where its figures are the zeros of an end that was never heard."""
    return end if zero_counts or end.bytes else End()


def _checked(receiver: End, sender: End) -> End:
    lost, packets = counted(receiver.lost_packets, receiver.packets, sender.packets)
    return never_seen(replace(receiver, lost_packets=lost, packets=packets), sender)


def _total(total: Stream | None, streams: tuple[Stream, ...], side: Side) -> End:
    own: End | None = getattr(total, side) if total else None
    parts: list[End] = [getattr(stream, side) for stream in streams]
    if own is None or own == End():
        return added(parts)
    # Only TCP senders' windows are in no sum.
    return replace(own, retransmits=own.retransmits if own.retransmits is not None else _retransmits(parts))


def _retransmits(parts: list[End]) -> int | None:
    found: int | None = known(sum, (part.retransmits for part in parts))
    return found


def _with_totals_so_far(flow: Flow) -> Flow:
    """A flow without its summary gets what the intervals of this end add up to."""
    if getattr(flow, flow.measured_at) != End():
        return flow
    ends = [so_far(stream.intervals) for stream in flow.streams]
    total = so_far(flow.intervals) if flow.intervals else added(ends)
    if flow.measured_at == "sender":
        streams = tuple(replace(stream, sender=end) for stream, end in zip(flow.streams, ends, strict=True))
        return replace(flow, streams=streams, sender=total)
    streams = tuple(replace(stream, receiver=end) for stream, end in zip(flow.streams, ends, strict=True))
    return replace(flow, streams=streams, receiver=total)
