"""Reads the text of iperf2, of every version, plain and enhanced (-e): one line after the other. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..result import Interval, Result, Role
from .alike import Row
from .faults import is_error
from .iperf2_alike import LINE, Alike, Rows
from .iperf2_assembly import Joiner, Test, Track, stderr_for
from .rows import Cache, coherent, count_of, rate_of, span
from .rows import rate as read_rate
from .rows import size as read_size

_ROW = re.compile(
    r"\[ *([^\[\]]{1,80})\] +(\d{1,9}\.\d{1,4}- *\d{1,9}\.\d{1,4}) sec +(\S+ [KMGTPE]?Bytes?) +"
    r"(\S+ [KMGTPE]?(?:bits|Bytes)/sec)(.{0,300})"
)
_LOST = re.compile(r" +(-?[\d.]+|-?nan) ms +(-?\d+)/ *(-?\d+) +\(")
# One burst of --burst-period, from the start of the run to the end of the burst: no row of the run.
_BURST = re.compile(r" +-?[\d.]+(?:e[+-]\d+)? ms +\(\s*-?[\d.]+(?:e[+-]?\d+)?%\)")
# Write/Err Rtry Cwnd/RTT(var); 2.2 puts InF(pkts) before Cwnd(pkts).
_WRITES = re.compile(r" +\d+/\d+ +(\d+) +(?:\d+K\(\d+\)/)?(-?\d+)K(?:\(\d+\))?(?:/(\d+)(?:\(\d+\))? us)?")
_MARK = re.compile(
    r"(?P<connecting>Client connecting to (?P<host>[^,\s]+), (?P<proto>TCP|UDP) port (?P<port>\d{1,5}))"
    r"|(?P<listening>Server listening on (?P<kind>TCP|UDP) port (?P<own>\d{1,5}))"
    r"|\[ *(?P<id>[^\[\]]{1,80})\] local (?P<local>\S+) port (?P<here>\d{1,5}) connected with (?P<remote>\S+) port "
    r"(?P<there>\d{1,5})(?P<marks>.{0,300})"
    r"|\[ *(?P<reporter>[^\[\]]{1,80})\] Server (?P<report>Report):"
    r"|\[ *(?P<sender>[^\[\]]{1,80})\] Sent (?P<sent>\d{1,18}) datagrams"
    r"|\[ *(?P<who>[^\[\]]{1,80})\] +[\d.]+- *[\d.]+ sec +(?P<late>\d{1,18}) datagrams received out-of-order"
)
_GIVEN_OUT = 32768
_PEER = re.compile(r"\(peer ([\w.+-]+)\)")
_NUMBER = re.compile(r"(\d{1,9})\)?$")


class _Tail(NamedTuple):
    """What stands behind the rate of a row."""

    jitter: float | None = None
    lost: int | None = None
    total: int | None = None
    retransmits: int | None = None
    window: int | None = None
    rtt: float | None = None
    measured: bool = False
    burst: bool = False
    omitted: bool = False


def _tail(text: str) -> _Tail:
    """What the columns behind the rate say; a warm-up (--omit, after 2.2.1) is marked as in iperf3."""
    tail = _columns(text)
    return tail._replace(omitted=True) if "(omitted)" in text else tail


def _columns(text: str) -> _Tail:
    found = _LOST.match(text)
    if found:
        # A row that is cut within the total would give a smaller one; the share behind it proves it whole.
        lost, total = (int(found[2]), int(found[3])) if len(found[2]) < 18 > len(found[3]) else (None, None)
        return _Tail(None if "nan" in found[1] else _float(found[1]), lost, total, measured=True)
    found = _WRITES.match(text)
    if found:
        window = int(found[2]) * 1024 if len(found[2]) < 18 and not found[2].startswith("-") else None
        rtt = int(found[3]) / 1000 if found[3] and len(found[3]) < 18 else None
        return _Tail(retransmits=int(found[1]) if len(found[1]) < 18 else None, window=window, rtt=rtt)
    return _Tail(burst=_BURST.match(text) is not None)


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


class Iperf2Text:
    """Parser of iperf2's text: lines in, the interval that a line completes out, results at any moment."""

    tool = "iperf2"
    form = "iperf2"
    line = LINE
    quoting = False

    def __init__(self, role: Role | None = None, live: bool = True) -> None:
        self.role, self.live = role, live
        self.tests: list[Test] = [Test(role, told=role is not None)]
        self.sizes = Cache(read_size)
        self.rates = Cache(read_rate)
        self.times = Cache(span)
        self.tails = Cache(_tail)
        self.alike = Alike()
        self._fresh()

    def _fresh(self) -> None:
        self.tracks: dict[tuple[str, bool], Track] = {}
        self.last: dict[str, Track] = {}
        self.unsure: Track | None = None
        self.reports: set[str] = set()
        self.marks: dict[str, str] = {}
        self.ports: dict[str, int | None] = {}
        self.target: str | None = None
        self.listener: str | None = None
        self.joiner = Joiner(self.live)
        self.streams: dict[bool, int] = {}

    @property
    def test(self) -> Test:
        return self.tests[-1]

    def feed(self, line: str) -> Interval | None:
        if "/sec" in line:
            found = _ROW.search(line)
            if found:
                return self._row(*found.groups())
        found = _MARK.search(line)
        if found:
            self._mark(found)
        elif is_error(line):
            self.test.errors.append(line)
        return None

    def take(self, found: Sequence[Row]) -> list[Interval] | None:
        """Take what ``line`` found in rows with another row behind them; None, and none is taken, where that needs ``feed``."""
        rows = None if self.reports else self.alike.read(found)
        tracks = {name: self.tracks.get((name, False)) for name in set(rows.names)} if rows else {}
        known = {name: track for name, track in tracks.items() if track and not self._is_duplex(name)}
        return self._add(rows, known) if rows and len(known) == len(tracks) else None

    def _is_duplex(self, name: str) -> bool:
        return "full-duplex" in self.marks.get(name, "")

    def _add(self, rows: Rows, tracks: dict[str, Track]) -> list[Interval]:
        self._nothing_late()
        self.test.udp = self.test.udp or rows.measured
        added: dict[str, list[Interval]] = {name: [] for name in tracks}
        for name, row in zip(rows.names, rows.intervals, strict=True):
            added[name].append(row)
        whole = self._joined(rows, {name: track.reverse for name, track in tracks.items()})
        for name, track in tracks.items():
            track.add_all(added[name], rows.tenths)
        self.last |= tracks
        return whole

    def _joined(self, rows: Rows, reverse: dict[str, bool]) -> list[Interval]:
        if not self.live:
            return []
        streams = {way: self._streams(way) for way in set(reverse.values())}
        add = self.joiner.add
        joined = [
            add(reverse[name], row, streams[reverse[name]]) for name, row in zip(rows.names, rows.live, strict=True)
        ]
        return [row for row in joined if row]

    def _row(self, ident: str, times: str, size: str, rate: str, rest: str) -> Interval | None:
        bytes_, speed, tail = self.sizes[size], self.rates[rate], self.tails[rest]
        if tail.burst:
            return None
        start, end = self.times[times]
        sane = end > start and speed is not None and (start > 0 or coherent(speed, bytes_, start, end))
        row = Interval(
            start,
            end,
            count_of(bytes_) if sane else None,
            rate_of(speed, bytes_, start, end) if sane else None,
            tail.omitted,
            tail.retransmits,
            tail.window,
            tail.rtt,
            tail.jitter,
            tail.lost,
            tail.total,
        )
        self._nothing_late()
        self.test.udp = self.test.udp or tail.measured
        if ident.startswith(("SUM", "FD")):
            self._sum(ident, row, tail.measured)
            return None
        return self._of_stream(ident, row, tail.measured, "." in times and times[-2] == ".")

    def _nothing_late(self) -> None:
        """Datagrams out of order have a line of their own, right behind the row; another line there means none."""
        if self.unsure is not None:
            self.unsure.set_late(None)
            self.unsure = None

    def _sum(self, ident: str, row: Interval, measured: bool) -> None:
        """--sum-only prints [SUM-3] and nothing else; in all other cases the streams' own rows are better."""
        count = _NUMBER.search(ident)
        if ident.startswith("SUM-") and count and not self.tracks and int(count[1]) < 100_000:
            self.test.sums = self.test.sums or Track(0)
            self.test.sum_streams = int(count[1])
            self.test.sums.add(row)
            self.unsure = self.test.sums if measured else None

    def _of_stream(self, ident: str, row: Interval, measured: bool, tenths: bool) -> Interval | None:
        name = self._nameless(ident) if ident == "0" and self.marks else ident.lstrip("* ")
        if not name:
            return None
        if name in self.reports:
            self.reports.discard(name)
            if not measured:
                # Cut off: what it would be taken for is the sender's.
                return None
            track = self._track(name, False, ident.startswith("*"))
            track.reported(row)
            self.last[name] = self.unsure = track
            return None
        track = self._track(name, measured, ident.startswith("*"))
        track.tenths = tenths
        self.last[name] = track
        self.unsure = track if measured else None
        if row.congestion_window_bytes is not None:
            track.max_window = max(track.max_window or 0, row.congestion_window_bytes)
        if not track.add(row):
            return None
        return self.joiner.add(track.reverse, row, self._streams(track.reverse))

    def _nameless(self, ident: str) -> str | None:
        """2.0.14 servers forget the name of a stream in an interval without data: whose it is shows where there is one."""
        names = {str(track.id) for track in self.test.tracks} | self.test.waiting
        return ident if ident in self.marks else names.pop() if len(names) == 1 else None

    def _streams(self, reverse: bool) -> int:
        """How many rows make an interval: the streams seen, and those that are connected and have no row yet."""
        seen = self.streams.get(reverse, 1)
        one_way = not any("full-duplex" in marks or "{back}" in marks for marks in self.marks.values())
        return max(seen, len(self.marks)) if one_way and self.test.role == "client" else seen

    def _track(self, name: str, measured: bool, star: bool) -> Track:
        key = self._key(name, measured, star)
        track = self.tracks.get(key)
        if track is None:
            number = _NUMBER.search(name)
            track = Track(int(number[1]) if number else len(self.tracks) + 1)
            track.connected = name in self.marks
            track.port = self.ports.get(name)
            track.reverse = self._is_reverse(name, measured, star)
            marks = self.marks.get(name, "")
            # 2.1.0 servers mark both directions of TCP alike: nothing tells which is which.
            track.ambiguous = marks.startswith("*") and "full-duplex" in marks and not self.test.udp
            track.duplex = "full-duplex" in marks
            self.tracks[key] = track
            self.test.waiting.discard(name)
            self.test.tracks.append(track)
            self.streams[track.reverse] = self.test.count(track.reverse)
        return track

    def _key(self, name: str, measured: bool, star: bool) -> tuple[str, bool]:
        # In full duplex, one id has two rows. 2.1.0 servers put a * on both; with UDP, only what arrived has jitter.
        if "full-duplex" not in self.marks.get(name, "full-duplex" if star else ""):
            return name, False
        return name, measured if self.test.udp and "*" in self.marks.get(name, "") else star

    def _is_reverse(self, name: str, measured: bool, star: bool) -> bool:
        marks = self.marks.get(name, "")
        if "full-duplex" in marks and "*" in marks and self.test.udp:
            return not measured if self.test.role == "server" else measured
        return star or "(reverse)" in marks or "{back}" in marks

    def _mark(self, found: re.Match[str]) -> None:
        if found["who"]:
            self._late(found["who"].lstrip("* "), int(found["late"]))
        self._nothing_late()
        if found["connecting"]:
            self._connecting(found["host"], found["proto"], found["port"])
        elif found["listening"]:
            self._listening(found["kind"], found["own"])
        elif found["id"]:
            self._connected(found)
        elif found["report"]:
            self.reports.add(found["reporter"].lstrip("* "))
        elif found["sent"]:
            self._sent(found["sender"].lstrip("* "), int(found["sent"]))

    def _connecting(self, host: str, protocol: str, port: str) -> None:
        accepted = any("{accepted}" in marks for marks in self.marks.values())
        if self.test.role != "server" and not accepted and self.test.measured():
            self._next_test()
        if self.test.role is None:
            self.test.role = "server" if accepted else "client"
        self.target = port
        self.test.begun = True
        self.test.udp = protocol == "UDP"
        if self.test.role == "client":
            self.test.server = host

    def _listening(self, protocol: str, port: str) -> None:
        if self.test.measured() and self.test.finished:
            self._next_test()
        self.listener = port
        self.test.begun = True
        self.test.udp = protocol == "UDP"

    def _next_test(self) -> None:
        silent = {str(track.id) for track in self.test.tracks} - {str(track.id) for track in self.test.measured()}
        self.test.tracks = self.test.measured()
        kept = {name: marks for name, marks in self.marks.items() if name in silent}
        udp, server = self.test.udp, self.test.role == "server"
        self.tests.append(Test("server" if server else self.role, udp=udp, begun=server))
        if server:
            # A client that was killed leaves its stream running into the next client's test.
            self.streams, self.joiner = {}, Joiner(self.live)
            return
        self._fresh()
        self.marks = kept

    def _connected(self, found: re.Match[str]) -> None:
        name, here, there = found["id"].lstrip("* "), found["here"], found["there"]
        if "0.0.0.0 port 0 " in found[0]:
            # 2.1.5 to 2.1.9 print this for a connection that failed.
            return
        initiated = self._initiated(here, there)
        serves = self.test.role == "server" or (self.listener is not None and self.target is None)
        if serves and not initiated and self.test.has_run():
            self._next_test()
        self.test.role = self.test.role or (None if initiated is None else "client" if initiated else "server")
        accepted = here == self.listener
        back = initiated is not None and initiated != (self.test.role == "client")
        star = "*" if found["id"].startswith("*") else ""
        if star and not self.test.told:
            # Only a server marks the connection itself; its own banner may be cut off.
            self.test.role = "server"
        self.ports[name] = None if initiated is None else int(here if initiated else there)
        self.marks[name] = star + found["marks"] + ("{back}" if back else "") + ("{accepted}" if accepted else "")
        if not initiated and self.test.role == "server":
            self.test.client = self.test.client or found["remote"]
        peer = _PEER.search(found["marks"])
        if peer:
            self.test.peer_version = peer[1]
        self.test.waiting.add(name)
        self._forget(name)

    def _initiated(self, here: str, there: str) -> bool | None:
        """Whether this end made the connection.

        Without the banners 5001, or the port below those that systems give out, is the server's.
        """
        if there == self.target:
            return True
        if self.listener is not None or "5001" in (here, there):
            return here not in (self.listener, "5001")
        if (int(here) < _GIVEN_OUT) == (int(there) < _GIVEN_OUT):
            return None
        return int(there) < _GIVEN_OUT

    def _forget(self, name: str) -> None:
        """2.0 gives the same number to the next connection."""
        for star in (False, True):
            self.tracks.pop((name, star), None)
        self.reports.discard(name)
        self.last.pop(name, None)

    def _sent(self, name: str, count: int) -> None:
        if name.startswith("SUM"):
            return
        self.test.udp = True
        for (ident, _), track in self.tracks.items():
            if ident == name and track.sent is None and not track.receives():
                track.sent = count

    def _late(self, name: str, count: int) -> None:
        if name in self.last:
            self.last[name].set_late(count)

    def results(self, stderr: list[str] | None = None) -> list[Result]:
        tests = [test for test in self.tests if test.measured() or test.sums]
        if not tests:
            errors = self.test.errors or [line for line in stderr or [] if is_error(line)]
            tests = [self.test] if errors or self.test.role == "client" else []
        return [test.result(stderr_for(test, stderr or []) if test is tests[-1] else ()) for test in tests]
