"""Reads the text of iperf3, of every version: client and server, one line after the other. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime

from ..result import End, Interval, Result
from .alike import Row
from .faults import is_error
from .iperf3_alike import LINE, Alike
from .iperf3_assembly import SUM, Lane, Side, Test
from .iperf3_rows import ROW, Tail, arrived, tail_of, whole, window_of
from .rows import Cache, Rate, Size, behind_warm_up, coherent, count_of, rate_of, span
from .rows import rate as read_rate
from .rows import size as read_size

Moments = tuple[float, float]
_MARK = re.compile(
    r"(?P<separator>- - - - )|(?P<header>\[ ID\](?P<roles>\[Role\])? +Interval)|(?P<summary>Test Complete\. Summary)"
    r"|(?P<connecting>Connecting to host (?P<host>\S+), port \d+)"
    r"|(?P<accepted>Accepted connection from (?P<peer>\S+), port \d+)"
    r"|(?P<listening>Server listening on \d+)|(?P<reverse>Reverse mode, remote host)"
    r"|(?P<connected>(?:\[ *(?P<stream>\d+)\]\S* )?local \S+ port (?P<near>\d+) connected to (?:\S+ port (?P<far>\d+))?)|(?P<done>iperf Done\.)|(?P<theirs>Server (?:JSON )?output:)"
    r"|\[SUM\] .{1,40} sec +(?P<late>\d+) datagrams received out-of-order"
    r"|Starting Test: protocol: (?P<protocol>TCP|UDP|SCTP)|(?P<version>\biperf 3\.\d[\w.+-]*)"
    r"|CPU Utilization: local/\w+ (?P<local>\d{1,5}(?:\.\d+)?)%.{0,80} remote/\w+ (?P<remote>\d{1,5}(?:\.\d+)?)%"
    r"|(?:snd|rcv)_tcp_congestion (?P<congestion>\S+)|Time: (?P<time>\w{3}, .{1,60})"
)


# Whether a row with this role is of the reverse direction.
_BACK = {None: None, "TX-C": False, "RX-S": False, "RX-C": True, "TX-S": True}


class Iperf3Text:
    """Parser of iperf3's text: lines in, the interval that a line completes out, results at any moment."""

    tool = "iperf3"
    form = "iperf3"
    line = LINE

    def __init__(self) -> None:
        self.tests: list[Test] = [Test()]
        self.sizes = Cache(read_size)
        self.rates = Cache(read_rate)
        self.times, self.moments = "", (0.0, 0.0)
        self.tails = Cache(tail_of)
        self.windows = Cache(window_of)
        self.alike = Alike()
        self.after_separator = False
        self.in_summary = False
        self.old = False
        self.theirs = False
        self.version: str | None = None
        self.started: float | None = None
        self.unsure: Lane | None = None

    @property
    def quoting(self) -> bool:
        return self.theirs

    @property
    def test(self) -> Test:
        return self.tests[-1]

    def feed(self, line: str) -> Interval | None:
        self.unsure = None
        if "/sec" in line:
            found = ROW.search(line)
            if found:
                return self._row(found)
        self._mark(line)
        return None

    def take(self, found: Sequence[Row]) -> list[Interval] | None:
        """Take what ``line`` found in rows with another row or dashes behind them; None, and none is taken, where that needs ``feed``."""
        return None if self.theirs or self.in_summary else self.alike.take(self.tests[-1], found)

    def _row(self, found: re.Match[str]) -> Interval | None:
        ident, role, times, size, rate, rest = found.groups()
        if self.theirs and (role is None or role[3] == "S"):
            # --get-server-output stands in the middle of the client's own summary when --bidir is on.
            return None
        test = self.tests[-1]
        # Jitter and counts are hardly ever the same twice; the ends of TCP rows are.
        tail = arrived(rest.split()) if " ms " in rest else self._sent(rest) or self.tails[rest]
        if role is not None or test.local_sends is None:
            self._learn(test, tail, role)
        lanes = test.lanes.get(_BACK[role])
        lane = lanes[ident] if lanes and ident in lanes else test.lane(_BACK[role], ident)
        if times != self.times:
            self.times, self.moments = times, span(times)
        amount, speed, moments = self.sizes[size], self.rates[rate], self.moments
        tag = tail.tag
        if tag == "sender" or tag == "receiver":  # noqa: PLR1714 - this runs for each of a million rows
            self._summary(lane, tail, amount, speed, moments)
            return None
        if tag is None and self.in_summary and moments[0] == 0:
            self._untagged(lane, tail, amount, speed, moments)
            return None
        if tag is None and not lane.runs:
            self.unsure = lane
        return self._interval(lane, tail, amount, speed, moments)

    def _sent(self, rest: str) -> Tail | None:
        """Of a TCP sender between the summaries: the retransmits change with each row, the window does not."""
        count, _, text = rest.lstrip(" ").rstrip().partition(" ")
        if not text.endswith("Bytes") or not count.isdecimal() or rest[0] != " ":
            return None
        window = self.windows[text.lstrip(" ")]
        # As Tail(...) does it, in a fifth of the time.
        return tuple.__new__(Tail, (whole(count), window[0], None, None, None, None, "tcp")) if window else None

    def _learn(self, test: Test, tail: Tail, role: str | None) -> None:
        if not tail.kind or tail.kind == "cut":
            return
        if test.udp is None and tail.kind != "sent":
            test.udp = tail.kind == "udp"
        if role is not None:
            test.bidir = True
            test.role = test.role or ("client" if role[3] == "C" else "server")
        elif test.local_sends is None and tail.tag in (None, "(omitted)") and not self.in_summary:
            test.local_sends = tail.kind != "udp"

    def _interval(
        self, lane: Lane, tail: Tail, size: Size | None, rate: Rate | None, moments: Moments
    ) -> Interval | None:
        test, (start, end) = self.tests[-1], moments
        self.in_summary = self.after_separator = False
        again, window, jitter, lost, packets, tag, kind = tail
        omitted = tag is not None
        if lane.has(start, omitted):
            return None
        if kind == "sent" and not test.udp:
            # A lone number is a UDP sender's datagrams, or the retransmits in the sum of TCP senders.
            packets, again = None, packets if test.udp is False else None
        row = Interval(
            start,
            end,
            None if size is None else size[0],
            rate[0] if rate and size and rate[1] < 0.05 else rate_of(rate, size, start, end),
            omitted,
            again,
            window,
            None,
            jitter,
            lost,
            packets,
        )
        row = behind_warm_up(row, lane.intervals[-1] if lane.intervals else None)
        lane.intervals.append(row)
        alone = lane.id == SUM or test.connected <= (2 if test.bidir else 1)
        return row if alone and not omitted else None

    def _summary(self, lane: Lane, tail: Tail, size: Size | None, rate: Rate | None, moments: Moments) -> None:
        test = self.tests[-1]
        side: Side = "sender" if tail.tag == "sender" else "receiver"
        if test.role == "server" and test.local_sends is None and size and size[0]:
            test.local_sends = side == "sender"
        lane.ends[side] = _end(tail, size, rate, moments, side)

    def _untagged(self, lane: Lane, tail: Tail, size: Size | None, rate: Rate | None, moments: Moments) -> None:
        """UDP up to 3.1 has one row for both ends: the sender's bytes and rate, the receiver's jitter and loss."""
        if tail.kind != "udp" or not self.old:
            return
        sent = _end(Tail(packets=tail.packets), size, rate, moments, "sender")
        test = self.tests[-1]
        local_sends = test.local_sends if test.role == "server" else None
        lane.ends["sender"] = sent
        # A server that sends has zeros here: it is never told what arrived.
        lane.ends["receiver"] = End() if local_sends else _end(tail, None, None, moments, "receiver")

    def _mark(self, line: str) -> None:
        found = _MARK.search(line)
        if found:
            mark = found.lastgroup or ""
            handle = _HANDLERS.get(mark)
            if handle:
                handle(self, found)
            elif mark == "time":
                self._time(found["time"])
        elif is_error(line) and not self.test.closed:
            self.test.errors.append(line)

    def _time(self, text: str) -> None:
        try:
            moment = parsedate_to_datetime(text.replace(" UTC", " GMT")).timestamp()
        except (ValueError, TypeError, IndexError, OverflowError, OSError):
            return
        self.started = moment
        if self.test.begun:
            self.test.started = moment

    def _begin(self, role: str, found: re.Match[str]) -> None:
        errors = self.test.errors if not self.test.begun else []
        if self.test.begun or not self.test.empty:
            self.tests.append(Test())
        test = self.test
        test.begun, test.role = True, "client" if role == "client" else "server"
        test.version, test.errors = self.version, errors
        self.theirs = self.in_summary = self.after_separator = False

    def results(self, stderr: list[str] | None = None) -> list[Result]:
        lane = self.unsure if self.test.unfinished else None
        if lane is None or not lane.intervals:
            return self._results(stderr)
        # Where the output breaks off in a row, that may be one of the warm-up, with "(omitted)" still to come.
        row = lane.intervals.pop()
        try:
            return self._results(stderr)
        finally:
            lane.intervals.append(row)

    def _results(self, stderr: list[str] | None) -> list[Result]:
        tests = [test for test in self.tests if test.lanes or test.errors or (test.role == "client" and test.begun)]
        if any(test.lanes for test in tests):
            # A server's log has connections that were no test: probes, clients that were turned away.
            tests = [test for test in tests if test.lanes or test.role == "client"]
        return [test.result(self._stderr_of(test, tests, stderr or [])) for test in tests]

    def _stderr_of(self, test: Test, tests: list[Test], stderr: list[str]) -> list[str]:
        if test is not tests[-1]:
            return []
        # A server that was stopped after a test had ended says so; that is no error of the test.
        stopped = test.role == "server" and test.closed
        return [line for line in stderr if is_error(line) and not (stopped and "interrupt - the server" in line)]


def _end(tail: Tail, size: Size | None, rate: Rate | None, moments: Moments, side: Side) -> End:
    start, end = moments
    receiver = side == "receiver"
    if size is not None and size[0] and not coherent(rate, size, start, end):
        size = rate = None
    return End(
        bytes=count_of(size),
        bits_per_second=rate_of(rate, size, start, end),
        seconds=end - start,
        retransmits=tail.retransmits,
        jitter_ms=tail.jitter if receiver and tail.packets != 0 else None,
        lost_packets=tail.lost if receiver else None,
        packets=tail.packets,
    )


def _separator(parser: Iperf3Text, found: re.Match[str]) -> None:
    parser.after_separator, parser.in_summary = True, False


def _header(parser: Iperf3Text, found: re.Match[str]) -> None:
    parser.old = "Bandwidth" in found.string
    # With -P there is a separator after every interval; only the summary has a header behind it.
    parser.in_summary, parser.after_separator = parser.after_separator, False
    if found["roles"]:
        parser.test.bidir = True
    if "Datagrams" in found.string or "Retr" in found.string:
        parser.test.udp = "Datagrams" in found.string


def _summary_begins(parser: Iperf3Text, found: re.Match[str]) -> None:
    parser.after_separator = True


def _connecting(parser: Iperf3Text, found: re.Match[str]) -> None:
    parser._begin("client", found)
    parser.test.server, parser.test.started = found["host"], parser.started


def _accepted(parser: Iperf3Text, found: re.Match[str]) -> None:
    if parser.theirs:
        return
    parser._begin("server", found)
    parser.test.client, parser.test.started = found["peer"], parser.started


def _listening(parser: Iperf3Text, found: re.Match[str]) -> None:
    if parser.test.begun:
        parser.test.closed = True
    elif parser.test.empty:
        parser.test.role = "server"


def _reverse(parser: Iperf3Text, found: re.Match[str]) -> None:
    parser.test.reverse = True


def _connected(parser: Iperf3Text, found: re.Match[str]) -> None:
    if parser.theirs:
        return
    test = parser.test
    test.connected += 1
    port = found["far" if test.role == "server" else "near"]
    if test.role and found["stream"] and port:
        test.ports[int(found["stream"])] = int(port)
    if test.role == "client" and test.reverse is None:
        test.reverse = False


def _done(parser: Iperf3Text, found: re.Match[str]) -> None:
    parser.test.done, parser.theirs = True, False


def _theirs(parser: Iperf3Text, found: re.Match[str]) -> None:
    parser.theirs = True


def _late(parser: Iperf3Text, found: re.Match[str]) -> None:
    if not parser.theirs:
        parser.test.late = whole(found["late"])


def _protocol(parser: Iperf3Text, found: re.Match[str]) -> None:
    parser.test.protocol = found["protocol"].lower()
    parser.test.udp = found["protocol"] == "UDP"


def _version(parser: Iperf3Text, found: re.Match[str]) -> None:
    parser.version = found["version"].split()[1]
    if parser.test.begun and not parser.test.closed and not parser.test.lanes:
        parser.test.version = parser.version


def _cpu(parser: Iperf3Text, found: re.Match[str]) -> None:
    if not parser.theirs:
        parser.test.cpu = {"local": float(found["local"]), "remote": float(found["remote"])}


def _congestion(parser: Iperf3Text, found: re.Match[str]) -> None:
    if parser.test.congestion is None and not parser.theirs:
        parser.test.congestion = found["congestion"]


_HANDLERS: dict[str, Callable[[Iperf3Text, re.Match[str]], None]] = {
    "separator": _separator,
    "header": _header,
    "roles": _header,
    "summary": _summary_begins,
    "connecting": _connecting,
    "host": _connecting,
    "accepted": _accepted,
    "peer": _accepted,
    "listening": _listening,
    "reverse": _reverse,
    "connected": _connected,
    "done": _done,
    "theirs": _theirs,
    "late": _late,
    "protocol": _protocol,
    "version": _version,
    "remote": _cpu,
    "congestion": _congestion,
}
