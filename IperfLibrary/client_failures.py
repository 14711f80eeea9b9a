"""What is said when a client has failed: from what is known of it, of its server and of both devices.

Robot Framework is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .deadline import Deadline
from .devices import Device, fake
from .errors import DeviceError, IperfError, IperfLibraryError
from .far_end import blocked, refused, with_words, without_report, without_udp
from .handles import Handle
from .intervals import counted
from .options import Options
from .replay import described, differs
from .result import Interval, Result
from .run import LOST, STOPPED, Run
from .servers import ServerHandle
from .sockets import connected
from .tools.base import SIGNALLED
from .tools.faults import Fault, is_error, said

DEATH_LIMIT = 2.0
"""Seconds that a server gets to end, when its client has lost it."""

STALL = 60.0
"""Seconds without a periodic report, once there was one, after which a client hangs."""

STALLED, ZERO = "stalled", "zero_interval"
"""Why a client was ended, beside the reasons that every run has."""

REVIVE = "find out what ended it, and start it again"
"""What to do about a server that has ended."""

KEEP = "wait for the client before its server is stopped: Wait For Iperf Client"
"""What to do where the run itself has stopped the server of a client."""

ENDLESS = "use Start Iperf Client, and Stop Iperf Client when it has sent for long enough; or give a 'time'"
"""What to do about a client that sends without end."""

BROKEN = (
    "closed",
    "reset",
    "server_terminated",
    "incomplete",
    "nothing_moved",
    "no_ack",
    "refused",
    "stalled",
    "no_udp",
)
"""Kinds of fault that a client reports, too, when its server has ended."""

KINDS = {
    "refused": "the connection was refused",
    "unreachable": "there is no route to the server",
    "timeout": "nothing answered",
    "resolve": "the name of the server is not known",
    "bind": "it cannot use that local address",
    "busy": "the server is busy",
    "no_udp": "no UDP came through",
    "blocked": "it may not send",
    "closed": "the connection to the server was lost",
    "reset": "the connection was reset",
    "server_terminated": "the server was stopped",
    "interrupted": "it was interrupted",
    "usage": "it did not take its command line",
    "died": "it was killed",
    "nothing_moved": "no data arrived",
    "incomplete": "its result is incomplete",
    "unreadable": "its output cannot be understood",
    "address_in_use": "the local port is in use",
    "permission": "it may not do that",
    "config": "the device cannot do what was asked",
    "auth": "the server did not accept it",
    "limit": "the server's limit was exceeded",
    "zero_interval": "no data in an interval",
    "stalled": "no data arrived for too long",
    "resource": "the device ran out of something",
    "no_ack": "the server's report did not come",
    "stopped": "it was stopped",
    "silent": "its server cannot be asked",
    "other_server": "the server does not know of this test",
    "protocol": "the other end is no fitting iperf",
    "failed": "it reported an error",
}
"""What failed, by the kind of fault."""


@dataclass(frozen=True)
class Peer:
    """The server of a client: an address, and what is known of who listens there."""

    host: str
    port: int
    device: Device | None = None
    handle: ServerHandle | None = None
    hint: str = ""
    """What to do when nobody is there, beside what iperf's error suggests."""

    def __str__(self) -> str:
        return str(self.device or self.host)


@dataclass(frozen=True)
class Limits:
    """What ends a client before its time, in seconds, and how long a busy server is tried again.

    ``timeout`` is for the whole run, ``stall`` for the time without a periodic report once there was one, 0 for never.
    ``fail_on_zero_interval`` ends it at the first periodic report without any data.
    """

    timeout: float | None = None
    stall: float | None = None
    retry: float = 0.0
    fail_on_zero_interval: bool = False


class FailingClient(Handle):
    """The part of a client that names its failures."""

    @property
    def fake(self) -> bool:
        return fake(self.device, self.peer.device)

    peer: Peer
    run: Run
    _limits: Limits
    _printed_before = 0
    """Bytes that its server had printed when it began."""
    _pauses = 0
    """Times that a busy server was tried again."""

    def _judge(self, result: Result | None) -> Fault | None:
        return self.tool.judge(result, self.run.raw.error_lines(), self.run.exit_code, self.options)

    def _complaints(self, result: Result | None) -> list[str]:
        """What iperf said went wrong, wherever it said it."""
        in_document = [result.error] if result and result.error else []
        return [*in_document, *filter(is_error, self.run.raw.error_lines())]

    def _said(self, result: Result | None) -> str:
        return "\n".join(dict.fromkeys(map(said, self._complaints(result))))

    def _failed(self, fault: Fault, result: Result | None) -> IperfError:
        death = self.peer.handle.death(DEATH_LIMIT) if self.peer.handle and fault.kind in BROKEN else None
        if self.fake and not death:
            fault = self._of_recording(fault, result)
        ended = death or self._stopped_server(fault)
        fault = (
            replace(fault, cause=ended, remedy=REVIVE if death else KEEP) if ended else self._explained(fault, result)
        )
        return self._error(fault, f"{self._title()} failed{self._tries}: {KINDS.get(fault.kind, fault.kind)}.", result)

    def _stopped_server(self, fault: Fault) -> str:
        """Where this run itself has ended the server before its client was done."""
        server = self.peer.handle
        if not server or fault.kind not in BROKEN or server.run.ended_by != STOPPED:
            return ""
        return (
            f"this run has stopped the server on {server.device} meanwhile: {server.ended_why or 'Stop Iperf Server'}"
        )

    def _of_recording(self, fault: Fault, result: Result | None) -> Fault:
        """Where a recording is not of what is asked, that is the cause, and no link or firewall is."""
        if fault.kind == "other_server":
            cause = "only one of both is fake, so nothing was sent between them; or 'server_raw' is of another test"
            return replace(fault, cause=cause, remedy="record both ends of one test, and take fake devices for both")
        if not result or self._complaints(result) or not differs(result, self.options):
            return fault
        cause = f"the recording differs from what is asked: it is of {described(result)}"
        return replace(fault, cause=cause, remedy="record it with these options, or ask for those of the recording")

    def _explained(self, fault: Fault, result: Result | None) -> Fault:
        """The fault with the cause that is known best, and what to do about that."""
        remedy = " ".join(filter(None, (fault.remedy, self._hint(fault))))
        fault = replace(fault, cause=self._cause(fault), remedy=remedy)
        if self.fake:
            return fault
        if fault.kind == "blocked":
            return blocked(fault, self.device)
        if fault.kind == "no_udp":
            return self._without_udp(fault, result, 0)
        return self._told_by_server(fault, self.peer.handle) if self.peer.handle else fault

    def _told_by_server(self, fault: Fault, server: ServerHandle) -> Fault:
        if fault.kind == "refused" and server.known_to_listen:
            return refused(fault, server, self.peer.host)
        if fault.kind == "no_ack" and server.known_to_listen and server.tells_tests:
            return without_report(fault, self.device, server, server.written > self._printed_before)
        return with_words(fault, server, server.words(self._printed_before)) if fault.kind in BROKEN else fault

    def _without_udp(self, fault: Fault, result: Result | None, limit: float) -> Fault:
        seen = self._seen(result, limit)
        server = self.peer.handle
        words = server.words(self._printed_before) if server else ""
        if server and words:
            return with_words(fault, server, words)
        return without_udp(fault, self.device, str(self.peer), self.port, bool(seen.flows) if seen else None)

    def _seen(self, result: Result | None, limit: float) -> Result | None:
        server = self.peer.handle
        return server.latest(result, self._printed_before, Deadline(limit)) if server else None

    def _cause(self, fault: Fault) -> str:
        if fault.kind == "busy":
            return ". ".join([self._holders(), fault.cause]).lstrip(". ")
        if fault.kind == "resolve" and "bind" in self.options:
            return (
                f"the name of the server or the address of 'bind' ({self.options['bind']}) is not known on the client"
            )
        if fault.kind == "address_in_use":
            return "another program on the client uses the local port"
        return fault.cause

    def _holders(self) -> str:
        """Who is connected to the busy server, where that can be known."""
        device = self.peer.device
        try:
            found = connected(device.connection, self.peer.port) if device else []
        except DeviceError:
            return ""
        return f"{' and '.join(found)} {'are' if found[1:] else 'is'} connected to it" if found else ""

    def _hint(self, fault: Fault) -> str:
        return self.peer.hint if fault.kind in ("refused", "resolve", "timeout") else ""

    def _too_long(self, result: Result | None) -> IperfError:
        if self._was_done():
            return self._told_late(result)
        fault = self._why_too_long(Fault("timeout", self._said(result), "", ""), result)
        return self._error(
            fault, f"{self._title()} was not done after {self.run.deadline.seconds:g} s, so it was stopped.", result
        )

    def _stalled(self, result: Result | None) -> IperfError:
        cause = "it hangs, or the traffic link was cut while both ends waited for each other"
        fault = Fault("stalled", self._said(result), cause, "look at the link; 'stall' sets the limit, 0 s is none")
        what = f"{self._title()} printed nothing for {self._stall_limit:g} s, so it was stopped."
        return self._error(fault, what, result)

    def _empty(self, result: Result | None) -> IperfError:
        empty = first_empty(self.reading.intervals, self._interval)
        assert empty, "it was stopped for that"
        return self._error(_no_data(empty), f"{self._title()} was stopped: no data in an interval.", result)

    def _why_too_long(self, fault: Fault, result: Result | None) -> Fault:
        death = self.peer.handle.death(0) if self.peer.handle else None
        if death:
            return replace(fault, cause=death, remedy=REVIVE)
        if self._only_control(result):
            return self._without_udp(fault, result, DEATH_LIMIT)
        cause, remedy = self._limit_or_link(result)
        return replace(fault, cause=cause, remedy=remedy)

    def _limit_or_link(self, result: Result | None) -> tuple[str, str]:
        asked, limit = self.options.duration, self.run.deadline.seconds or 0
        if asked and asked >= limit:
            whose = "what was asked" if "time" in self.options else "what iperf takes where no 'time' is given"
            return f"the limit is shorter than {whose}, {asked:g} s", "give more with 'timeout=', or less 'time='"
        if self.run.exit_code == SIGNALLED + 9:
            return "the client itself hung: only KILL ended it", "look at its device: memory, a stopped process"
        if self.reading.intervals or (result is not None and any(flow.intervals for flow in result.flows)):
            if self.options.endless:
                return "it was asked to send without end ('time' is 0), so only its limit could end it", ENDLESS
            return "the traffic link was cut or blocked, or the server hangs", "look at the intervals in the raw file"
        if result is None and self.run.raw.tail:
            return f"what it prints is no output of {self.tool.name}", "look at the raw file, and at the program"
        server = f"nothing answers there, or it is no {self.tool.name} server, or is stuck with a client that vanished"
        udp = f"; or a firewall drops UDP to port {self.port}" if self.options.protocol == "udp" else ""
        return server + udp, "see whether the devices reach each other; restart the server and try again"

    def _only_control(self, result: Result | None) -> bool:
        """Whether a test by UDP got no further than its control connection, as far as one end or the other tells."""
        if self.fake or self.options.protocol != "udp" or self.reading.intervals or (result and result.flows):
            return False
        if result and result.cookie:
            return True
        seen = self._seen(result, DEATH_LIMIT)
        return bool(seen and seen.cookie)

    def _was_done(self) -> bool:
        """Whether all that was asked is there: then it came to its end before it could be stopped."""
        results = self._results()
        return bool(results) and not self._judge(results[-1])

    def _told_late(self, result: Result | None) -> IperfError:
        cause = f"the network for log-ins of {self.device} was cut for a while, or is slow; traffic may have been well"
        fault = Fault("timeout", "", cause, "look at that network; the whole result is in the raw file")
        what = f"{self._title()} was done, but {self.device} did not say so within {self.run.deadline.seconds:g} s."
        return self._error(fault, what, result)

    def failure(self) -> str:
        """The first line of the failure of one that has ended, as far as its own output tells; empty where it did well."""
        try:
            return self._own_failure()
        except IperfLibraryError as problem:
            return problem.what

    def _own_failure(self) -> str:
        self.run.check_written()
        if self.run.ended_by == LOST:
            return self._lost().what
        results = self._results()
        fault = self._judge(results[-1] if results else None)
        if not fault:
            return ""
        first = fault.said.partition("\n")[0]
        return f"{KINDS.get(fault.kind, fault.kind)}{f' ({first})' if first else ''}."

    def _stopped(self, result: Result | None, said: str | None) -> IperfError:
        fault = Fault(
            "stopped",
            said or "",
            f"it was ended because {self.ended_why}" if self.ended_why else "by Stop Iperf Client",
            "wait for it in the test that starts it; see auto_stop",
        )
        return self._error(fault, f"{self._title()} was stopped before it was done.", result)

    @property
    def _tries(self) -> str:
        return f" after {self._pauses + 1} tries in {self._limits.retry:g} s" if self._pauses else ""

    def _title(self) -> str:
        return f"{self.tool.name} client on {self.device} to {self.peer} ({self.peer.host} port {self.port})"

    @property
    def _stall_limit(self) -> float | None:
        if self._limits.stall is not None:
            return self._limits.stall or None
        return max(STALL, 3 * self._interval)

    @property
    def _interval(self) -> float:
        return interval_of(self.options)


def interval_of(options: Options) -> float:
    """Seconds between the periodic reports of a client."""
    return float(options.get("interval", 1))


def first_empty(intervals: Sequence[Interval], whole: float | None = None) -> Interval | None:
    """The first interval without data, among those that count."""
    return next((interval for interval in counted(intervals, whole) if interval.bytes == 0), None)


def empty_interval(result: Result) -> Fault | None:
    for flow in result.flows:
        empty = first_empty(flow.intervals)
        if empty:
            return _no_data(empty)
    return None


def silent(device: Device) -> Fault:
    cause = f"{device} does not answer any more, so it is not known what its server got"
    return Fault("silent", "", cause, f"look whether {device} answers, and its network for log-ins")


def other_server(device: Device, host: str) -> Fault:
    cause = f"{host} leads to another device than {device}, and another server there answered; or the server hung"
    remedy = f"check the address of {device}: Add Iperf Device    {device}    ...    address="
    return Fault("other_server", "", cause, remedy)


def _no_data(empty: Interval) -> Fault:
    return Fault(
        ZERO,
        f"0 bytes from {empty.start:g} s to {empty.end:g} s",
        "the traffic link was cut or blocked for a while, and 'fail_on_zero_interval' does not allow that",
        "look at the intervals in the raw file",
    )
