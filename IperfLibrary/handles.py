"""Where the two columns meet: a tool's words run on a device, and what its raw file says becomes a result or an error.

Here is what clients and servers share, and the server; the client is in :mod:`IperfLibrary.clients`.

Robot Framework is not known here; :mod:`IperfLibrary.library` turns keywords into calls of this module.
"""

from __future__ import annotations

import secrets
import shlex
from dataclasses import dataclass, replace

from . import run as runs
from .deadline import Deadline
from .devices import Device
from .ends import same_test
from .errors import IperfError
from .files import RawFile
from .filing import Files
from .options import Options
from .probing import probe
from .result import Result, Role
from .run import Run
from .sockets import listens
from .tools.base import Tool
from .tools.faults import Fault, main_error

READY_LIMIT = 10.0
"""Seconds within which a server must listen."""

PORTS = range(20_000, 32_000)
"""Where free ports are looked for: below the ports that Linux gives to clients by itself."""

PORT_TRIES = 20


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
        """Tests seen until now; one that failed before its first figure is forgotten by the next one's."""
        return sum(bool(result.flows) for result in self._parsed())

    def _died(self, what: str) -> IperfError:
        if self.run.ended_by == runs.LOST:
            return self._lost()
        return self._error(self._reason(), what)

    def _reason(self) -> Fault:
        if self.run.ended_by == runs.LOST:
            return Fault("lost", "", f"the connection to {self.device} was lost", "look whether the device answers")
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

    def death(self, limit: float) -> str | None:
        """Why it ended before it was asked to, if it does within so many seconds."""
        gone = self.run.wait(Deadline(limit)) and not self.went_well
        return f"the server on {self.device} has ended: {self._reason().cause}" if gone else None

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


def _last_lines(tail: bytes, count: int = 10) -> list[str]:
    return tail.decode(errors="replace").splitlines()[-count:]
