"""Where the two columns meet: a tool's words run on a device, and what its raw file says becomes a result or an error.

Robot Framework is not known here; :mod:`IperfLibrary.library` turns keywords into calls of this module.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import run as runs
from .connections.base import Completed
from .deadline import Deadline
from .devices import Device, direction
from .ends import both_ends, same_test
from .errors import ConfigurationError, DeviceError, IperfError
from .files import RawFile, create, stem
from .options import Options, check_peer
from .report import as_csv
from .result import Flow, Interval, Result, Role
from .run import Run
from .sockets import listens
from .tools import TOOLS
from .tools.base import Tool, warnings
from .tools.faults import Fault, main_error
from .tools.parsing import Parser

READY_LIMIT = 10.0
"""Seconds within which a server must listen."""

VIEW_LIMIT = 2.0
"""Seconds within which a server prints what it saw of a test that is over."""

PORTS = range(20_000, 32_000)
"""Where free ports are looked for: below the ports that Linux gives to clients by itself."""

PORT_TRIES = 20

BASE_LIMIT = 120.0
"""Seconds that a client gets at least; a longer one gets half as much again as its traffic takes."""


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


class Handle:
    """A started client or server: what a Start keyword returns and other keywords take."""

    role: Role

    def __init__(self, device: Device, tool: Tool, options: Options, port: int) -> None:
        self.device = device
        self.tool = tool
        self.options = options
        self.port = port
        self.run: Run

    @property
    def pid(self) -> int:
        """Of the process on its device."""
        return self.run.pid

    @property
    def filename(self) -> str:
        """Absolute path of the raw file."""
        return str(self.run.raw.path)

    @property
    def command(self) -> str:
        return shlex.join(self.run.words)

    @property
    def running(self) -> bool:
        return self.run.running

    def _start(self, words: tuple[str, ...], raw: RawFile, limit: float | None) -> None:
        try:
            self.run = Run(self.device.connection, words, raw, limit)
        except BaseException:
            raw.close()
            raise

    def _results(self) -> list[Result]:
        return [self._complete(result) for result in self._parsed()]

    def _parsed(self) -> list[Result]:
        raw = self.run.raw
        return self.tool.results(raw.lines(), raw.error_lines(), self.role, self.port)

    def _complete(self, result: Result) -> Result:
        raise NotImplementedError

    def _error(self, fault: Fault, what: str, result: Result | None = None) -> IperfError:
        return IperfError(
            what,
            kind=fault.kind,
            device=self.device.name,
            said=fault.said,
            cause=fault.cause,
            remedy=fault.remedy,
            command=self.command,
            words=self.run.words,
            pid=self.pid,
            exit_code=self.run.exit_code,
            raw_file=self.filename,
            stdout_tail=_last_lines(self.run.raw.tail),
            stderr_tail=_last_lines(self.run.raw.error_tail),
            result=result,
        )

    def _lost(self, result: Result | None = None) -> IperfError:
        fault = Fault("lost", "", "the device rebooted, or its connection was cut", "look whether the device answers")
        return self._error(
            fault, f"The connection to {self.device} was lost while its {self.tool.name} {self.role} ran.", result
        )

    def __str__(self) -> str:
        return f"{self.tool.name} {self.role} on {self.device} (port {self.port}, pid {self.pid})"


class ServerHandle(Handle):
    """A server that listens: ``device``, ``port``, ``pid``, ``filename``."""

    role: Role = "server"

    def __init__(self, device: Device, tool: Tool, options: Options, port: int | None, files: Files, name: str) -> None:
        version = probe(device, tool)
        for attempt in range(PORT_TRIES):
            super().__init__(device, tool, options, port or PORTS.start + secrets.randbelow(len(PORTS)))
            words = tool.server_words(device.programs[tool.name], self.port, options, version, device.name)
            self._start(words, files.raw(None, None, options, device, name, tool.extension), None)
            try:
                self._wait_ready()
            except IperfError as error:
                if port or error.kind != "address_in_use" or attempt == PORT_TRIES - 1:
                    raise
                continue
            self._files = files
            self.served: list[Result] | None = None
            return

    def _wait_ready(self) -> None:
        deadline = Deadline(READY_LIMIT)
        try:
            for seconds in deadline.slices(0.005):
                if self.run.wait(Deadline(seconds)):
                    raise self._died(
                        f"The {self.tool.name} server on {self.device} could not start on port {self.port}."
                    )
                if self._looks_ready():
                    return
            raise self._error(
                Fault(
                    "timeout", "", "the device is overloaded, or /proc cannot be read there", "log in and try by hand"
                ),
                f"The {self.tool.name} server on {self.device} did not listen on port {self.port} in {READY_LIMIT:g} s.",
            )
        except BaseException:
            runs.stop([self.run])
            raise

    def _looks_ready(self) -> bool:
        found = listens(self.device.connection, self.pid, self.port, self.tool.listens_on(self.options))
        # iperf2 up to 2.0.8 goes on after its bind has failed; a second UDP server on a port starts without a word.
        problem = main_error(self.run.raw.error_lines())
        if found is None:
            problem = "bind failed: Address already in use"
        if problem:
            fault = self.tool.judge(None, [problem], None, Options("client"))
            assert fault
            raise self._error(
                fault, f"The {self.tool.name} server on {self.device} could not start on port {self.port}."
            )
        return bool(found)

    def view(self, client: Result, since: int, deadline: Deadline) -> Result | None:
        """What this server saw of a client's test, among those that it served after ``since`` others."""
        grown = self.run.raw.grown
        for seconds in deadline.slices():
            grown.wait(seconds)
            grown.clear()
            found = same_test(client, self._results()[since:])
            if found and (not found.partial or not self.running):
                return found
        return None

    @property
    def count(self) -> int:
        """Tests seen until now."""
        return len(self._parsed())

    def _died(self, what: str) -> IperfError:
        if self.run.ended_by == runs.LOST:
            return self._lost()
        return self._error(self._reason(), what)

    def _reason(self) -> Fault:
        if self.run.ended_by == runs.STOPPED:
            return Fault("stopped", "", "it was stopped by this run, or ended with its test", "start it again")
        if self.run.exit_code == 0 and "one_off" in self.options:
            return Fault("stopped", "", "it has served its one client, as 'one_off' asks", "start another one")
        results, errors = self._parsed(), self.run.raw.error_lines()
        fault = self.tool.judge(results[-1] if results else None, errors, self.run.exit_code, Options("client"))
        return fault or Fault("died", "", "it ended by itself", "look at its raw file")

    @property
    def went_well(self) -> bool:
        """Whether it runs, or ended as it was asked to."""
        return self.running or self._reason().kind == "stopped"

    def require_alive(self) -> None:
        """An IperfError with the server's own words when it has ended."""
        if not self.running:
            self.run.wait(Deadline(0))
            raise self._died(
                f"The {self.tool.name} server on {self.device} (port {self.port}) is not running any more."
            )

    def stop(self) -> list[Result]:
        """Ends the server and returns its view of the tests that it served, oldest first."""
        runs.stop([self.run])
        return self.collect()

    def collect(self) -> list[Result]:
        """The tests that an ended server served, from its raw file."""
        if self.served is None:
            self.run.check_written()
            # The document that ends a server tells of no test, unless it was stopped in the middle of one.
            self.served = [self._files.parsed(r, self.run.raw) for r in self._results() if r.flows]
        return self.served

    def _complete(self, result: Result) -> Result:
        version = result.version or self.device.versions[self.tool.name]
        return replace(result, version=version, server=self.device.name, server_version=version, raw_file=self.filename)


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
        """Ends it and returns what it measured until then, marked partial."""
        runs.stop([self.run])
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
        asked, limit = self.options.duration, self.run.deadline.seconds or 0
        if asked and asked >= limit:
            return f"the limit is shorter than what was asked, {asked:g} s", "give more time with 'timeout='"
        if result is not None and any(flow.intervals for flow in result.flows):
            return "the traffic link was cut or blocked after the start", "look at the intervals in the raw file"
        server = f"what answers there is no {self.tool.name} server, or is stuck with a client that vanished"
        return server, "restart the server and try again"

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
    "other_server": "the server does not know of this test",
    "protocol": "the other end is no fitting iperf",
    "failed": "it reported an error",
}
"""What failed, by the kind of fault."""


def probe(device: Device, tool: Tool) -> str:
    """The version of the tool on the device, asked once. Raises DeviceError when the program is not there."""
    if tool.name not in device.versions:
        program = device.programs[tool.name]
        if not program:
            raise DeviceError(f"{device} has no {tool.name}, as Add Iperf Device says.", kind="program")
        completed = device.connection.run(tool.version_words(program))
        version = tool.version_of(completed.stdout + completed.stderr)
        if version is None:
            raise _no_program(device, tool, program, completed)
        device.versions[tool.name] = version
    return device.versions[tool.name]


def has(device: Device, tool: Tool) -> bool:
    """Whether the device has the tool. Raises DeviceError when it cannot be asked, or has not the program that was named."""
    if not device.programs[tool.name]:
        return False
    try:
        return bool(probe(device, tool))
    except DeviceError as error:
        if error.kind != "program" or device.programs[tool.name] != tool.program:
            raise
        return False


def choose(wanted: str, devices: Sequence[Device]) -> Tool:
    """The tool that was asked for; with ``auto``, the first that all these devices have."""
    if wanted in TOOLS:
        return TOOLS[wanted]
    if wanted != "auto":
        raise ConfigurationError(f"A tool is one of auto, {', '.join(TOOLS)}, not '{wanted}'.")
    for tool in TOOLS.values():
        if all(has(device, tool) for device in devices):
            return tool
    if len(devices) == 1:
        probe(devices[0], next(iter(TOOLS.values())))
    found = "; ".join(f"{d.name} has {_versions(d)}" for d in devices)
    raise DeviceError(
        "There is no iperf that these devices have both.",
        kind="program",
        cause=found,
        remedy="install the same on both, or say where it is with 'iperf3=' or 'iperf2=' of Add Iperf Device",
    )


def _versions(device: Device) -> str:
    return " and ".join(f"{tool} {version}" for tool, version in device.versions.items()) or "none"


def _no_program(device: Device, tool: Tool, program: str, completed: Completed) -> DeviceError:
    what, cause = {
        127: (
            "was not found",
            "it is not installed, or not in the PATH of that log-in (which is short without a terminal)",
        ),
        126: ("cannot be executed", "it has no execute permission, or was built for another processor"),
    }.get(completed.exit_code, (f"does not answer like {tool.name}", "it is another program"))
    return DeviceError(
        f"The program '{program}' {what} on {device}.",
        kind="program",
        device=device.name,
        said=(completed.stdout + completed.stderr).strip()[-500:],
        exit_code=completed.exit_code,
        cause=cause,
        remedy=f"install it, or say where it is: Add Iperf Device    {device}    ...    {tool.name}=/path/to/{tool.name}",
    )


def _limit(options: Options, limit: float | None) -> float | None:
    if limit is not None or options.endless:
        return limit
    return max(BASE_LIMIT, 1.5 * (options.duration or 0))


def _last_lines(tail: bytes, count: int = 10) -> list[str]:
    return tail.decode(errors="replace").splitlines()[-count:]


class Files:
    """Where the files of runs go."""

    def __init__(self, directory: Callable[[], Path], note: Callable[[Device, str], None]) -> None:
        self._directory = directory
        self._note = note

    def raw(
        self, way: str | None, sends: str | None, options: Options, device: Device, name: str, extension: str
    ) -> RawFile:
        """The raw file of a run; a server does not know beforehand who will send what, so its name does not say it."""
        protocol = options.protocol if sends else None
        raw = RawFile(self._directory() / "raw_iperf", stem(way, sends, protocol, device.name, name), extension)
        self._note(device, str(raw.path))
        return raw

    def parsed(self, result: Result, raw: RawFile) -> Result:
        """Writes the CSV beside the raw file's directory; the result with its path."""
        path = create(self._directory() / "parsed", raw.path.stem, "csv")
        path.write_text(as_csv(result), encoding="utf-8")
        return replace(result, parsed_file=str(path))


def told(handles: Sequence[Handle]) -> list[str]:
    """Warnings that iperf printed beside its result."""
    return [line for handle in handles for line in warnings(handle.run.raw.error_lines())]
