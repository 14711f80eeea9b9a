"""Where the two columns meet: a tool's words run on a device, and what its raw file says becomes a result or an error.

Here is what clients and servers share; they are in :mod:`IperfLibrary.clients`, :mod:`IperfLibrary.servers` and
:mod:`IperfLibrary.daemons`. Robot Framework is not known here; :mod:`IperfLibrary.keywords` turns keywords into calls.
"""

from __future__ import annotations

import shlex

from .devices import Device, fake
from .errors import IperfError
from .files import RawFile
from .options import Options, environment
from .reading import Reading
from .result import Result, Role
from .run import ITSELF, Run, Started
from .tools.base import Tool
from .tools.faults import Fault


class Handle:
    """A started client or server: what a Start keyword returns and other keywords take."""

    role: Role

    def __init__(self, device: Device, tool: Tool, options: Options, port: int) -> None:
        self.device = device
        self.tool = tool
        self.options = options
        self.port = port
        self.run: Started

    @property
    def fake(self) -> bool:
        """Whether nothing real is tried: a fake device tells what was recorded."""
        return fake(self.device)

    @property
    def pid(self) -> int:
        """Of the process on its device."""
        return self.run.pid

    @property
    def filename(self) -> str:
        """Absolute path of the raw file."""
        return str(self.run.raw.path)

    @property
    def left_in_order(self) -> bool:
        """Whether it has ended by itself and well, as far as its exit code tells."""
        return self.run.ended_by == ITSELF and self.run.exit_code == 0

    ended_why = ""
    """Why this library ended it, where that was no keyword for this one alone."""
    detached = False
    """Whether it outlives its connection."""
    keep = False
    """Whether it goes on when the scope that it was started in is over."""

    def settle(self, remove: bool = True) -> None:
        """What is left to do on the device once it has ended. Raises CommandError."""

    @property
    def command(self) -> str:
        return shlex.join(self.run.words)

    @property
    def running(self) -> bool:
        return self.run.running

    def _start(self, words: tuple[str, ...], raw: RawFile, limit: float | None) -> None:
        try:
            self.reading = Reading(raw, self.role, self.port)
            secrets = environment(self.options, self.tool.name)
            self.run = Run(self.device.connection, words, raw, limit, secrets)
        except BaseException:
            raw.close()
            raise

    def _results(self) -> list[Result]:
        return [self._complete(result) for result in self._parsed()]

    def _parsed(self) -> list[Result]:
        return self.reading.results(ended=not self.running)

    def _complete(self, result: Result) -> Result:
        raise NotImplementedError

    def _error(self, fault: Fault, what: str, result: Result | None = None) -> IperfError:
        return IperfError(
            f"FAKE: {what}" if self.fake else what,
            kind=fault.kind,
            device=self.device.name,
            said=fault.said,
            server_said=fault.server_said,
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
        fault = Fault(
            "lost",
            "",
            self.device.connection.loss()
            or "the device rebooted, its connection was cut, or the shell beside iperf was killed there",
            "look whether the device answers",
        )
        return self._error(
            fault, f"The connection to {self.device} was lost while its {self.tool.name} {self.role} ran.", result
        )

    def __str__(self) -> str:
        return f"{self.tool.name} {self.role} on {self.device} (port {self.port}, pid {self.pid})"

    def __repr__(self) -> str:
        """As Robot Framework shows it in a list."""
        return str(self)


def _last_lines(tail: bytes, count: int = 10) -> list[str]:
    return tail.decode(errors="replace").splitlines()[-count:]
