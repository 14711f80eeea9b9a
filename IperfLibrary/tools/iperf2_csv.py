"""Reads the CSV of iperf2 (-y C), of every version. Pure.

The rows do not say who printed them. 2.0 writes its own address first; 2.1 and later the sender's. The port that the
system gave out (32768 and more) belongs to the end that connected, the other one to the end that listened.
Where that does not tell, the caller must: ``role`` and ``port`` (the server's).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from ..result import Interval, Result, Role
from .faults import is_error
from .iperf2_assembly import Joiner, Test, Track, stderr_for
from .rows import coherent

_ROW = re.compile(
    r"(?:^|[^\d:+.,-])(?:[+-]\d{4}:)?(\d{14})(?:\.\d{1,6})?,([^,]*),(\d{1,5}),([^,]*),(\d{1,5}),(-?\d{1,9}),"
    r"(\d{1,9}\.\d{1,6})[-,](\d{1,9}\.\d{1,6}),(\d{1,18}),(-?\d{1,20}|-?nan|-?inf)(?:,(.{0,300}))?$"
)
_HEADER = re.compile(r"\btime,srcaddress,.*,speed,?(?P<columns>.*)")
_BACK = re.compile(r"Client connecting to [^,\s]+, (?:TCP|UDP) port (\d+)")
_GIVEN_OUT = 32768
_SOCKET = 3
"""The first number that 2.0 gives to a stream of a client; of a server it is the next one, unless it is UDP."""
_LONG_AGO = 86_400.0


@dataclass(slots=True)
class _Line:
    """One stream of the CSV, and what its rows show of who printed them."""

    track: Track
    first: tuple[str, int]
    second: tuple[str, int]
    alone: bool
    wide: bool = False
    sends: bool | None = None
    since: float = 0.0

    @property
    def service(self) -> int | None:
        """The port on which somebody listened."""
        here, there = self.first[1], self.second[1]
        if 5001 in (here, there):
            return 5001
        if (here < _GIVEN_OUT) == (there < _GIVEN_OUT):
            return None
        return min(here, there)

    @property
    def first_connected(self) -> bool:
        return self.service == self.second[1]


@dataclass
class _Group:
    """The lines of one test."""

    lines: list[_Line] = field(default_factory=list)

    def services(self) -> list[int | None]:
        return sorted({line.service for line in self.lines}, key=str)


class Iperf2Csv:
    """Parser of iperf2's CSV: lines in, the interval that a line completes out, results at any moment."""

    tool = "iperf2"
    form = "csv"
    quoting = False

    def __init__(self, role: Role | None = None, port: int | None = None) -> None:
        self.role, self.port = role, port
        self.lines: dict[tuple[str, ...], _Line] = {}
        self.all: list[_Line] = []
        self.errors: list[str] = []
        self.back: set[int] = set()
        self.sends: bool | None = None
        self.joiner = Joiner()
        self.open = 0

    def feed(self, line: str) -> Interval | None:
        found = _ROW.search(line)
        if found:
            return self._row(found)
        self._other(line)
        return None

    def _other(self, line: str) -> None:
        header, back = _HEADER.search(line), _BACK.search(line)
        if header:
            columns = header["columns"]
            self.sends = None if columns.startswith("jitter") or not columns else columns.startswith("write")
        elif back:
            self.back.add(int(back[1]))
        elif is_error(line):
            self.errors.append(line)

    def _row(self, found: re.Match[str]) -> Interval | None:
        stamp, here, port, there, other, ident, begin, finish, count, rate, rest = found.groups()
        if int(ident) < 0 or port == "0":
            return None
        fields = rest.split(",") if rest else []
        row = _interval(float(begin), float(finish), int(count), rate, fields)
        wide = _is_wide(fields)
        if self.sends and not wide and len(fields) >= 7 and fields[2].isdecimal():
            row = row._replace(retransmits=int(fields[2][:18]))
        key = (here, port, there, other, ident)
        reported = self.lines.get((there, other, here, port, ident))
        if reported is not None and not reported.wide and (wide or int(ident) >= _SOCKET):
            # The server's report to a client of 2.0; less than all its columns is a line that is cut off.
            reported.track.report = row if wide else reported.track.report
            return None
        line = self.lines.get(key)
        if line is None or (line.track.total is not None and row.start == 0):
            line = self._line(key, stamp, row.end)
        line.wide = line.wide or wide
        if row.jitter_ms:
            line.sends = False
        if wide:
            # A sender of 2.1 and later closes with -1 where a receiver has the total.
            line.sends = True if fields[2] == "-1" else line.sends
        line.track.tenths = True
        if not line.track.add(row):
            self.open -= 1
            return None
        return self.joiner.add(False, row, self.open)

    def _line(self, key: tuple[str, ...], stamp: str, end: float) -> _Line:
        here, port, there, other, ident = key
        alone = bool(self.all) and all(line.track.summed() is not None for line in self.lines.values())
        if alone:
            self.open = 0
            self.lines = {old: line for old, line in self.lines.items() if self.all[-1].since - line.since < _LONG_AGO}
        line = _Line(Track(int(ident)), (here, int(port)), (there, int(other)), alone, sends=self.sends)
        line.since = _moment(stamp) - end
        self.open += 1
        self.lines[key] = line
        self.all.append(line)
        return line

    def results(self, stderr: list[str] | None = None) -> list[Result]:
        groups = self._groups()
        if not groups:
            errors = [*self.errors, *(line for line in stderr or [] if is_error(line))]
            return [Test(self.role, errors=errors).result()] if errors else []
        tests = [self._test(group) for group in groups]
        return [test.result(stderr_for(test, stderr or []) if test is tests[-1] else ()) for test in tests]

    def _groups(self) -> list[_Group]:
        """A line that begins when all before it had ended is another test, unless it is the way back (-r)."""
        groups: list[_Group] = []
        for line in self.all:
            known = [old.service for old in groups[-1].lines] if groups else []
            if not groups or (line.alone and line.service in known and self._is_next(groups[-1], line)):
                groups.append(_Group())
            groups[-1].lines.append(line)
        return groups

    def _is_next(self, group: _Group, line: _Line) -> bool:
        """Not of the same test: it began when the others had ended. 2.0.4 prints one stream of -P after the other."""
        turned = self._old() and all(old.first_connected != line.first_connected for old in group.lines)
        return not turned and all(line.since - old.since >= 0.9 * old.track.end() for old in group.lines)

    def _old(self) -> bool:
        """Whether this is 2.0: its numbers are sockets, which begin at 3; those of 2.1 count from 1."""
        return all(line.track.id >= _SOCKET for line in self.all)

    def _test(self, group: _Group) -> Test:
        test = Test(self.role, begun=True, errors=list(self.errors))
        test.tracks = [line.track for line in group.lines]
        test.udp = any(line.wide or line.track.report for line in group.lines)
        unclear = any(line.service is None for line in group.lines) and not self._old()
        known = self._by_own_address(test, group) if self._old() else self._by_sender(test, group)
        test.whose = known and not unclear
        test.tracks = [
            _without_arrivals(line.track) if line.wide and line.sends is not False else line.track
            for line in group.lines
        ]
        return test

    def _by_own_address(self, test: Test, group: _Group) -> bool:
        """2.0: the first address is that of the end which printed the row."""
        connected = {line.first_connected for line in group.lines}
        if None in group.services():
            return self._one_way(test, group)
        if connected == {True} and self._by_sender_already(test, group):
            return self._by_sender(test, group)
        if test.role is None and len(connected) == 1:
            test.role = "client" if connected == {True} else "server"
        for line in group.lines:
            line.track.reverse = line.first_connected != (test.role == "client")
        return test.role is not None

    def _by_sender_already(self, test: Test, group: _Group) -> bool:
        """Whether this is a server of 2.0.14, which has the client first: what connected did not print it."""
        if test.role is not None or any(line.sends is False for line in group.lines):
            return test.role != "client"
        ids = {line.track.id for line in group.lines}
        # A client's numbers begin at 3, those of Windows are large.
        return _SOCKET not in ids and min(ids) < 4 * _SOCKET

    def _one_way(self, test: Test, group: _Group) -> bool:
        # Both ports look alike; with one stream and a known role there is only one way it can be.
        return test.role is not None and len(group.lines) == 1

    def _by_sender(self, test: Test, group: _Group) -> bool:
        """2.1 and later: the first address is the sender's."""
        services = [service for service in group.services() if service is not None]
        forward = self._forward_port(test, group, services)
        for line in group.lines:
            line.track.reverse = not line.first_connected if len(services) < 2 else line.service != forward
        sends = [line.sends == (not line.track.reverse) for line in group.lines if line.sends is not None]
        if test.role is None and sends:
            test.role = "client" if all(sends) else "server"
        return test.role is not None and (len(services) < 2 or forward is not None)

    def _forward_port(self, test: Test, group: _Group, services: list[int]) -> int | None:
        if self.port in services:
            return self.port
        others = [service for service in services if service not in self.back]
        if len(others) == 1:
            return others[0]
        if test.role == "client":
            # A client's own connection comes before the one that the server makes back to it.
            return min(group.lines, key=lambda line: line.track.id).service
        return None


def _moment(stamp: str) -> float:
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return 0.0


def _interval(start: float, end: float, count: int, rate: str, fields: list[str]) -> Interval:
    row = Interval(start, end, count if end > start else None, None)
    speed = float(rate) if rate.lstrip("-").isdecimal() else None
    # The rate is the last number of a TCP row: where the line is cut, it is ten times too small.
    if speed is not None and ((start > 0 and fields) or coherent((speed, 0.0), (count, 0.0), start, end)):
        row = row._replace(bits_per_second=speed)
    return row._replace(**_datagrams(fields)) if _is_wide(fields) else row


def _without_arrivals(track: Track) -> Track:
    """A UDP sender's rows have the columns of the receiver too, filled with zeros."""
    rows = [row._replace(jitter_ms=None, lost_packets=None, out_of_order=None) for row in track.intervals]
    return replace(track, intervals=rows)


def _is_wide(fields: list[str]) -> bool:
    """Whether jitter and loss follow: they have a decimal point, the counts of enhanced TCP rows have none."""
    return len(fields) >= 5 and (("." in fields[0] and "." in fields[3]) or "nan" in fields[0])


def _datagrams(fields: Iterable[str]) -> dict[str, Any]:
    jitter, lost, total, _, late = list(fields)[:5]
    if not total.isdecimal() or not lost.isdecimal() or max(len(total), len(lost), len(late)) > 18:
        return {}
    return {
        "jitter_ms": _jitter(jitter),
        "lost_packets": int(lost),
        "packets": int(total),
        "out_of_order": int(late) if late.strip().isdecimal() else None,
    }


def _jitter(text: str) -> float | None:
    try:
        return float(text) if "n" not in text else None
    except ValueError:
        return None
