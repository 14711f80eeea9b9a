"""A client from its start to its judged result: what it printed, what its server saw of it, and what is said when it failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import run as runs
from .deadline import Deadline
from .devices import Device, direction
from .ends import both_ends
from .errors import ConfigurationError, IperfError
from .filing import Files
from .handles import Handle, Peer
from .options import Options, check_peer
from .probing import probe
from .result import Flow, Interval, Result, Role
from .tools.base import SIGNALLED, Tool, warnings
from .tools.faults import Fault
from .tools.parsing import Parser

VIEW_LIMIT = 2.0
"""Seconds within which a server prints what it saw of a test that is over."""

BASE_LIMIT = 120.0
"""Seconds that a client gets at least; a longer one gets half as much again as its traffic takes."""


class ClientHandle(Handle):
    """A client that runs or has run."""

    role: Role = "client"

    def __init__(
        self,
        device: Device,
        peer: Peer,
        tool: Tool,
        options: Options,
        files: Files,
        name: str,
        limit: float | None,
        live: bool = False,
    ) -> None:
        super().__init__(device, tool, options, peer.port)
        if peer.handle:
            peer.handle.require_alive()
        self.peer = peer
        self._files = files
        self._outcome: Result | IperfError | None = None
        version = probe(device, tool)
        self._check_fit()
        self._served_before = peer.handle.count if peer.handle else 0
        self._follower = Parser(self.role, peer.port)
        self._seen: list[Interval] = []
        self._read_to = 0
        words = tool.client_words(device.programs[tool.name], peer.host, peer.port, options, version, device.name, live)
        raw = files.raw(self._way(), self._sends(), options, device, name, tool.extension)
        self._start(words, raw, _limit(options, limit))

    def _check_fit(self) -> None:
        """An IperfCommandError where the server cannot serve what is asked."""
        if self.peer.handle:
            self.tool.check_server(self.peer.handle.options, self.options)
        if self.peer.device:
            version = self.peer.device.versions.get(self.tool.name)
            check_peer(self.options, self.tool.name, version, self.peer.device.name)

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals seen until now, while it runs, where the tool tells them at once.

        iperf2 does, and iperf3 from 3.18 on; 3.1.5 to 3.17 do with ``live``; older ones tell all at the end.
        """
        lines, self._read_to = self.run.raw.lines_from(self._read_to)
        self._seen += [interval for interval in map(self._follower.feed, lines) if interval]
        return tuple(self._seen)

    def wait(self, limit: float | None = None) -> Result:
        """What it measured, once it has ended. Raises IperfError when it did not do what was asked."""
        if limit is not None:
            self.run.deadline = Deadline(limit)
        if self.run.deadline.seconds is None and self.running:
            raise ConfigurationError(
                f"The {self} sends without end, so waiting for it would never end.",
                remedy="give 'timeout=', or stop it with Stop Iperf Client",
            )
        self.run.finish()
        result = self.outcome()
        if self.run.ended_by == runs.STOPPED:
            raise self._stopped(result)
        return result

    def stop(self) -> Result:
        """Ends it and returns what it measured until then, marked partial. Raises IperfError when it cannot be reached."""
        if runs.stop([self.run]):
            raise self._lost(self._filed(next(iter(self._results()), None)))
        return self.outcome()

    def outcome(self) -> Result:
        if self._outcome is None:
            try:
                self._outcome = self._judged()
            except IperfError as error:
                self._outcome = error
        if isinstance(self._outcome, IperfError):
            raise self._outcome
        return self._outcome

    def _judged(self) -> Result:
        self.run.check_written()
        results = self._results()
        ended_by = self.run.ended_by
        result = results[-1] if results else None
        if ended_by != runs.ITSELF:
            return self._unfinished(self._filed(replace(result, partial=True)) if result else None)
        fault = self._judge(result)
        if result and not fault:
            result, fault = self._with_server(result)
        filed = self._filed(result)
        if fault or filed is None:
            raise self._failed(fault or Fault("unreadable", "", "", ""), filed)
        return filed

    def _judge(self, result: Result | None) -> Fault | None:
        return self.tool.judge(result, self.run.raw.error_lines(), self.run.exit_code, self.options)

    def _with_server(self, result: Result) -> tuple[Result, Fault | None]:
        """The result with what the server saw, where it is ours; a fault when it saw nothing of this test."""
        server = self.peer.handle
        if not server:
            return result, None
        seen = server.view(result, self._served_before, Deadline(VIEW_LIMIT))
        if seen:
            both = both_ends(result, seen)
            return both, self._judge(both)
        if not self.tool.tells_at_once(probe(server.device, self.tool)):
            return result, None
        if not server.device.connection.answers(VIEW_LIMIT):
            cause = f"{server.device} does not answer any more, so it is not known what its server got"
            return result, Fault(
                "silent", "", cause, f"look whether {server.device} answers, and its network for log-ins"
            )
        fault = Fault(
            "other_server",
            "",
            f"{self.peer.host} leads to another device than {server.device}, and another server there answered",
            f"check the address of {server.device}: Add Iperf Device    {server.device}    ...    address=",
        )
        return result, fault

    def _filed(self, result: Result | None) -> Result | None:
        return self._files.parsed(result, self.run.raw) if result else None

    def _unfinished(self, result: Result | None) -> Result:
        if self.run.ended_by == runs.LOST:
            raise self._lost(result)
        if self.run.ended_by == runs.DEADLINE:
            raise self._too_long(result)
        return result or self._nothing()

    def _failed(self, fault: Fault, result: Result | None) -> IperfError:
        fault = replace(
            fault, cause=self._cause(fault), remedy=" ".join(filter(None, (fault.remedy, self._hint(fault))))
        )
        return self._error(fault, f"{self._title()} failed: {KINDS.get(fault.kind, fault.kind)}.", result)

    def _cause(self, fault: Fault) -> str:
        death = self.peer.handle.death(VIEW_LIMIT) if self.peer.handle and fault.kind in BROKEN else None
        if death:
            return death
        if fault.kind == "resolve" and "bind" in self.options:
            return (
                f"the name of the server or the address of 'bind' ({self.options['bind']}) is not known on the client"
            )
        if fault.kind == "address_in_use":
            return "another program on the client uses the local port"
        return fault.cause

    def _hint(self, fault: Fault) -> str:
        return self.peer.hint if fault.kind in ("refused", "resolve", "timeout") else ""

    def _too_long(self, result: Result | None) -> IperfError:
        cause, remedy = self._why_too_long(result)
        fault = Fault("timeout", (result.error if result else None) or "", cause, remedy)
        return self._error(
            fault, f"{self._title()} was not done after {self.run.deadline.seconds:g} s, so it was stopped.", result
        )

    def _why_too_long(self, result: Result | None) -> tuple[str, str]:
        death = self.peer.handle.death(0) if self.peer.handle else None
        if death:
            return death, "find out what ended it, and start it again"
        asked, limit = self.options.duration, self.run.deadline.seconds or 0
        if asked and asked >= limit:
            return f"the limit is shorter than what was asked, {asked:g} s", "give more time with 'timeout='"
        if self.run.exit_code == SIGNALLED + 9:
            return "the client itself hung: only KILL ended it", "look at its device: memory, a stopped process"
        if result is not None and any(flow.intervals for flow in result.flows):
            return "the traffic link was cut or blocked, or the server hangs", "look at the intervals in the raw file"
        server = f"nothing answers there, or it is no {self.tool.name} server, or is stuck with a client that vanished"
        return server, "see whether the devices reach each other; restart the server and try again"

    def _stopped(self, result: Result) -> IperfError:
        fault = Fault(
            "stopped",
            result.error or "",
            "Stop Iperf Client, Stop All Iperf Processes, or the end of the test that started it",
            "wait for it in the test that starts it; see auto_stop",
        )
        return self._error(fault, f"{self._title()} was stopped before it was done.", result)

    def _nothing(self) -> Result:
        """A client that was stopped before it printed anything measured nothing; that is no error."""
        return self._complete(
            Result(
                self.tool.name, None, self.options.protocol, "client", partial=True, error="stopped before any output"
            )
        )

    def _title(self) -> str:
        return f"{self.tool.name} client on {self.device} to {self.peer} ({self.peer.host} port {self.port})"

    def _complete(self, result: Result) -> Result:
        version = result.version or self.device.versions[self.tool.name]
        other = self.peer.device.versions.get(self.tool.name) if self.peer.device else None
        return replace(
            result,
            version=version,
            client_version=version,
            client=self.device.name,
            server=str(self.peer),
            server_version=result.server_version or other,
            flows=tuple(self._named(flow) for flow in result.flows),
            options=dict(self.options),
            raw_file=self.filename,
        )

    def _named(self, flow: Flow) -> Flow:
        ends = (self.peer.device, self.device) if flow.reverse else (self.device, self.peer.device)
        return replace(flow, direction=direction(*ends) or flow.direction)

    def _way(self) -> str | None:
        ends = (self.device, self.peer.device)
        forward = direction(*ends)
        if len(self.options.directions) > 1:
            return "both" if forward else None
        return direction(*reversed(ends)) if self.options.get("reverse") else forward

    def _sends(self) -> str:
        ways = {"forward": "tx", "reverse": "rx"}
        return "".join(ways[way] for way in self.options.directions)


BROKEN = ("closed", "reset", "server_terminated", "incomplete", "nothing_moved", "no_ack", "refused", "stalled")
"""Kinds of fault that a client reports, too, when its server has ended."""

KINDS = {
    "refused": "the connection was refused",
    "unreachable": "there is no route to the server",
    "timeout": "nothing answered",
    "resolve": "the name of the server is not known",
    "bind": "it cannot use that local address",
    "busy": "the server is busy",
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


def _limit(options: Options, limit: float | None) -> float | None:
    if limit is not None or options.endless:
        return limit
    return max(BASE_LIMIT, 1.5 * (options.duration or 0))


def told(handles: Sequence[Handle]) -> list[str]:
    """Warnings that iperf printed beside its result."""
    return [line for handle in handles for line in warnings(handle.run.raw.error_lines())]
