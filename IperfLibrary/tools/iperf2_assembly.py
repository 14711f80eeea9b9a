"""One test of iperf2, from its text or its CSV: the rows of each stream, and the result that follows from them. Pure.

The [SUM] rows are not used: depending on the version they count the first interval twice, add both directions,
or are missing. What holds in all versions is the last row of each stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Literal

from ..datagrams import never_seen, own_packets
from ..result import End, Flow, Interval, Result, Role, Stream, Where
from .faults import is_error, main_error
from .rows import added, added_intervals, counted, so_far


@dataclass(slots=True)
class Track:
    """The rows of one stream in one direction, as one end printed them."""

    id: int
    reverse: bool = False
    intervals: list[Interval] = field(default_factory=list)
    total: Interval | None = None
    report: Interval | None = None
    sent: int | None = None
    max_window: int | None = None
    ambiguous: bool = False
    connected: bool = True
    duplex: bool = False
    tenths: bool = False
    port: int | None = None
    newest: Literal["interval", "total", "report"] = "interval"

    def add(self, row: Interval) -> bool:
        """Take a row; whether it was an interval. A second row that starts at 0 is the sum of the run."""
        if row.start == 0 and self.intervals and not self.intervals[-1].omitted:
            self.total, self.newest = row, "total"
            return False
        self.intervals.append(row)
        self.newest = "interval"
        return True

    def add_all(self, rows: list[Interval], tenths: bool) -> None:
        """Take rows that are intervals for sure."""
        self.intervals += rows
        self.newest, self.tenths = "interval", tenths
        windows = [row.congestion_window_bytes for row in rows if row.congestion_window_bytes is not None]
        self.max_window = max([*windows, self.max_window or 0]) if windows else self.max_window

    def counted(self) -> Sequence[Interval]:
        """The intervals as they came, those of a UDP receiver with its datagrams counted once."""
        return own_packets(self.intervals) if self.receives() else self.intervals

    def reported(self, row: Interval) -> None:
        """Take the row that the other end sent of itself."""
        self.report, self.newest = row, "report"

    def set_late(self, count: int | None) -> None:
        """What the line behind the row that came last says of datagrams out of order; None where that says nothing."""
        if self.newest == "interval" and self.intervals:
            self.intervals[-1] = _with_late(self.intervals[-1], count)
        elif self.newest == "total" and self.total:
            self.total = _with_late(self.total, count)
        elif self.newest == "report" and self.report:
            self.report = _with_late(self.report, count)

    def receives(self) -> bool:
        """Whether these rows are a UDP receiver's."""
        return bool(self.intervals) and self.intervals[-1].jitter_ms is not None

    def end(self) -> float:
        return self.intervals[-1].end if self.intervals else 0.0

    def summed(self) -> Interval | None:
        """The row over the whole run; None if the output ends before it."""
        if self.total is not None:
            return self.total if self._covers(self.total) else None
        rows = [row for row in self.intervals if not row.omitted] if len(self.intervals) < 100 else self.intervals
        if len(rows) == 1 and rows[0].start == 0 and not self._first_of_many(rows[0]):
            return rows[0]
        return None

    def _covers(self, total: Interval) -> bool:
        # A row that was printed twice is no sum; a last interval may be stretched beyond the end (2.2).
        return len(self.intervals) == 1 or self.intervals[-1].start < total.end + (0.11 if self.tenths else 0.011)

    def _first_of_many(self, only: Interval) -> bool:
        """Without -i there is only one row. One of exactly a second or less is rather the first of a run cut short."""
        return only.end in (0.1, 0.2, 0.25, 0.5, 1.0)

    def rows(self) -> tuple[Interval, ...]:
        """The intervals; none where the only row is the sum."""
        if self.total is None and self.summed() is not None:
            return ()
        if self._silent_rows():
            return tuple(
                r._replace(bytes=r.bytes or None, bits_per_second=r.bits_per_second or None) for r in self.counted()
            )
        return tuple(self.counted())

    def _silent_rows(self) -> bool:
        """2.0.4 servers print 0 in intervals that had traffic, as the sum shows."""
        if not self.total or (self.intervals[-1:] and self.intervals[-1].end < self.total.end - 0.05):
            return False  # what is missing came after the last interval
        whole = self.total.bytes
        counts = [row.bytes for row in self.intervals]
        return bool(whole) and 0 in counts and sum(count or 0 for count in counts) < 0.9 * (whole or 0)


def _with_late(row: Interval, count: int | None) -> Interval:
    return row._replace(out_of_order=(row.out_of_order or 0) if count is None else count)


class Joiner:
    """Adds up the streams' rows for one interval while they come in; not where nobody looks at them before the end."""

    def __init__(self, live: bool = True) -> None:
        self.live = live
        self.open: dict[tuple[bool, float, float], list[Interval]] = {}

    def add(self, reverse: bool, row: Interval, streams: int) -> Interval | None:
        if not self.live:
            return None
        if streams <= 1:
            return row
        key = (reverse, row[0], row[1])
        rows = self.open.get(key)
        if rows is None:
            rows = self.open[key] = []
        rows.append(row)
        if len(rows) < streams:
            return None
        # What is older and still not whole will never be: a stream ended, or its line was lost.
        self.open.clear() if len(self.open) > 64 else self.open.pop(key)
        return added_intervals(rows)


@dataclass
class Test:
    """What the lines of one test said. ``whose`` is False where nothing tells which end printed them.

    Results are asked for while lines still come, and change nothing here: what is not known yet may be known by the next line.
    """

    role: Role | None = None
    told: bool = False
    begun: bool = False
    udp: bool = False
    tracks: list[Track] = field(default_factory=list)
    sums: Track | None = None
    sum_streams: int = 0
    errors: list[str] = field(default_factory=list)
    server: str | None = None
    client: str | None = None
    peer_version: str | None = None
    whose: bool = True
    waiting: set[str] = field(default_factory=set)
    """The streams that are connected and have no row yet."""

    @property
    def finished(self) -> bool:
        """Whether each stream came to its last row."""
        used = self.measured()
        return bool(used) and all(track.summed() is not None for track in used)

    def has_run(self) -> bool:
        """Whether a connection that comes now belongs to another test: those of -P come together."""
        return self.finished or any(track.end() >= 1.0 for track in self.tracks)

    def count(self, reverse: bool) -> int:
        return sum(track.reverse == reverse for track in self.tracks)

    def measured(self) -> list[Track]:
        return [track for track in self.tracks if track.intervals or track.total or track.report]

    def result(self, stderr: Iterable[str] = ()) -> Result:
        error = main_error([*self.errors, *stderr])
        role = self._known_role()
        flows = tuple(self._flow(reverse, role) for reverse in self._directions())
        complete = error is None and bool(flows) and self._complete() and (self.begun or self._bare())
        return Result(
            tool="iperf2",
            version=None,
            protocol="udp" if self.udp else "tcp",
            role=role,
            flows=flows,
            partial=not complete,
            error=error,
            client=self.client,
            server=self.server,
            client_version=self.peer_version if role == "server" else None,
            server_version=self.peer_version if role == "client" else None,
        )

    def _mixed(self, track: Track) -> bool:
        """Whether these are the rows of both directions of a full-duplex stream, or their sum: 2.0.14 has them under one name."""
        return track.duplex and all((other.id, other.reverse) != (track.id, not track.reverse) for other in self.tracks)

    def _known_role(self) -> Role:
        """Where the output begins in the middle, jitter is a receiver's, retransmits and "Sent" are a sender's."""
        if self.role is not None and self._role_is_sure():
            return self.role
        return "server" if self._receives() else "client"

    def _role_is_sure(self) -> bool:
        return self.role is not None and (
            self.begun or self._bare() or all(track.connected for track in self.measured())
        )

    def _receives(self) -> bool:
        return any(track.receives() or (track.total and track.total.jitter_ms is not None) for track in self.measured())

    def _told_apart(self) -> bool:
        """Whether it is known which end printed the lines."""
        sends = any(track.sent is not None or track.max_window is not None for track in self.measured())
        return self.whose and (self._role_is_sure() or self._receives() != sends)

    def _bare(self) -> bool:
        """Whether there are rows and nothing else (-x CSV), and the caller says whose they are."""
        return self.told and not any(track.connected for track in self.tracks)

    def _directions(self) -> list[bool]:
        if self.sums is not None and not self.measured():
            return [False]
        return sorted({track.reverse for track in self.measured()})

    def _complete(self) -> bool:
        tracks = self.measured() or ([self.sums] if self.sums else [])
        silent = len(self.measured()) < len(self.tracks) or (bool(self.waiting) and bool(self.measured()))
        ended = all(track.summed() is not None for track in tracks)
        return ended and not silent and not any(self._mixed(track) or _report_is_short(track) for track in tracks)

    def _flow(self, reverse: bool, role: Role) -> Flow:
        local: Where = "sender" if reverse == (role == "server") else "receiver"
        tracks = [track for track in self.measured() if track.reverse == reverse]
        if tracks:
            streams = tuple(self._stream(track, local) for track in tracks)
            sender, receiver = added([s.sender for s in streams]), added([s.receiver for s in streams])
            intervals = _together([stream.intervals for stream in streams])
        else:
            total = self._stream(self.sums or Track(0), local)
            streams = tuple(Stream(number + 1) for number in range(self.sum_streams))
            sender, receiver, intervals = total.sender, total.receiver, total.intervals
        return Flow(
            direction="reverse" if reverse else "forward",
            reverse=reverse,
            sender=sender,
            receiver=receiver,
            streams=streams,
            intervals=intervals,
            measured_at=local,
        )

    def _stream(self, track: Track, local: Where) -> Stream:
        ambiguous = track.ambiguous or self._mixed(track)
        if ambiguous or not self._told_apart():
            return Stream(track.id, intervals=() if ambiguous else track.rows(), port=track.port)
        summed = track.summed()
        own = _end(summed, local, self.udp) if summed else so_far(track.counted())
        own = replace(own, max_congestion_window_bytes=track.max_window)
        if local == "receiver":
            return Stream(track.id, receiver=own, intervals=track.rows(), port=track.port)
        sender = replace(own, packets=track.sent if track.sent is not None else own.packets)
        return Stream(track.id, sender, _reported(track, sender), track.rows(), track.port)


def stderr_for(test: Test, stderr: list[str]) -> list[str]:
    """The errors that concern this test: how servers up to 2.0.14 take leave is none of one that had ended."""
    ended = test.role == "server" and test.finished
    return [line for line in stderr if is_error(line) and not (ended and "Interrupt again" in line)]


def _report_is_short(track: Track) -> bool:
    """A server that was killed reports what came until then: its "0 % lost" is not the loss of the run.

    Where it saw the numbers of all that were sent, the link was dead at the start: its clock begins with the first datagram.
    """
    summed, report = track.summed(), track.report
    if report is None or summed is None or not 0 < report.end < 0.9 * summed.end - 0.1:
        return False
    return not track.sent or (report.packets or 0) < 0.95 * track.sent


def _reported(track: Track, sender: End) -> End:
    report = track.report
    if report is None or _report_is_short(track) or report.end <= report.start:
        return End()
    if report.bytes is None or (sender.bytes is not None and report.bytes > sender.bytes * 1.05 + 100_000):
        return End()
    end = _end(report, "receiver", True)
    lost, packets = counted(end.lost_packets, end.packets, sender.packets)
    return never_seen(replace(end, lost_packets=lost, packets=packets), sender)


def _end(row: Interval, side: Where, udp: bool) -> End:
    lost, packets = counted(row.lost_packets, row.packets)
    receiver = side == "receiver" and udp
    return End(
        bytes=row.bytes,
        bits_per_second=row.bits_per_second,
        seconds=row.end - row.start,
        retransmits=row.retransmits,
        jitter_ms=row.jitter_ms if receiver and packets else None,
        lost_packets=lost if receiver else None,
        packets=packets if receiver else None,
        out_of_order=row.out_of_order if receiver else None,
    )


def _together(lists: list[tuple[Interval, ...]]) -> tuple[Interval, ...]:
    """The intervals of all streams added up, for those times at which every stream has one."""
    if len(lists) == 1:
        return lists[0]
    spans = _spans(lists[0])
    if len(set(zip(*spans, strict=True))) == len(lists[0]) and all(_spans(rows) == spans for rows in lists[1:]):
        return tuple(map(added_intervals, zip(*lists, strict=True)))
    # By their starts: the last one of a stream may end a little before those of the others.
    found: dict[float, list[Interval]] = {}
    for rows in lists:
        for row in rows:
            found.setdefault(row.start, []).append(row)
    return tuple(added_intervals(rows) for rows in found.values() if len(rows) == len(lists))


def _spans(rows: Sequence[Interval]) -> tuple[list[float], list[float]]:
    """When they start, and when they end: a slice of each row would take four times as long."""
    return [*map(itemgetter(0), rows)], [*map(itemgetter(1), rows)]
