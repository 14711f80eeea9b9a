"""A server that something else runs: an app, an appliance. It is told what is expected, and believed.

Robot Framework is not known here.
"""

from __future__ import annotations

from .deadline import Deadline
from .devices import Device
from .errors import DeviceError
from .files import RawFile
from .options import Options
from .result import Result
from .run import STOPPED
from .servers import UnreadServer
from .tools.base import Tool


class Elsewhere:
    """What is neither started nor ended by this library: it runs until nobody expects it any more."""

    pid = 0
    exit_code: int | None = None
    left_behind = False
    fate = "It was not started by this run."
    raw: RawFile

    def __init__(self, words: tuple[str, ...], where: str) -> None:
        self.words = words
        self.where = where
        self.ended_by: str | None = None

    @property
    def running(self) -> bool:
        return self.ended_by is None

    def wait(self, deadline: Deadline) -> bool:
        return not self.running

    def send(self, signal: str, reason: str) -> None:
        self.ended_by = reason

    def release(self) -> None:
        self.ended_by = STOPPED

    def check_written(self) -> None:
        """It writes nothing here."""

    def error_lines(self) -> list[str]:
        return []


class ExpectedServer(UnreadServer):
    """The handle of such a server: ``device``, ``port``, and as ``command`` what is to be started there.

    Whether it is there shows when a client runs.
    """

    def __init__(self, device: Device, tool: Tool, options: Options, port: int | None, name: str) -> None:
        self.device, self.tool, self.options, self.name = device, tool, options, name
        self.port = port or tool.default_port
        self.listened = True
        self.clients = []
        self.served = None
        self.run = Elsewhere(tool.server_by_hand(self.port, options, device.name), device.name)

    @property
    def filename(self) -> str:
        return ""

    @property
    def went_well(self) -> bool:
        return True

    @property
    def written(self) -> int:
        return 0

    @property
    def known_to_listen(self) -> bool:
        return False

    def death(self, limit: float) -> str | None:
        return None

    def require_alive(self) -> None:
        """Nobody knows before a client runs."""

    def start_anew_if_stuck(self) -> bool:
        return False

    def collect(self) -> list[Result]:
        """What it saw stays where it is."""
        self.served = []
        return []

    def __str__(self) -> str:
        return f"{self.tool.name} server that is expected on {self.device} (port {self.port})"

    def check_announced(self, announced: str) -> None:
        """A DeviceError where a list of what runs elsewhere, as ``ipad, tv:5202``, has not this server."""
        names = announced.replace(",", " ").split()
        if self.device.name in names or f"{self.device}:{self.port}" in names:
            return
        raise DeviceError(
            f"The {self} is not among those that are announced: {announced or 'none'}.",
            kind="dummy",
            device=self.device.name,
            cause="nothing can be started there by this library, and IPERF_EXPECTED does not say that it runs",
            remedy=f"start it there ({self.command}), and say so: robot --variable IPERF_EXPECTED:{self.device}:{self.port}",
        )
