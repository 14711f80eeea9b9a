"""A server in daemon mode: detached on its device, stopped and fetched later, perhaps by another controller.

How a process is detached and found again is the business of :mod:`IperfLibrary.detached`, which knows no iperf. Robot Framework is not known here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from . import run as runs
from .deadline import Deadline
from .detached import REBOOTED, REUSED, VANISHED, Detached, Sighting, output_path
from .devices import Device
from .ends import same_test
from .errors import CommandError, DeviceError, IperfCommandError, IperfError
from .files import RawFile
from .filing import Files
from .option_table import Words
from .options import Options, option_named
from .probing import probe
from .reading import Reading
from .result import Result
from .servers import UnreadServer
from .tools import TOOLS
from .tools.base import Tool
from .tools.faults import Fault


@dataclass(frozen=True)
class Note:
    """What another controller needs to know of a daemon; its text is one line, which stays on the device.

    Example: ``Note.parse(str(note)) == note``
    """

    tool: str
    port: int
    name: str
    options: Options
    words: tuple[str, ...]

    def __str__(self) -> str:
        options = {name: list(value) if isinstance(value, Words) else value for name, value in self.options.items()}
        facts = {"tool": self.tool, "port": self.port, "name": self.name, "options": options, "words": self.words}
        import platform  # noqa: PLC0415 - few start a daemon

        return json.dumps({**facts, "controller": f"{platform.node()} {os.getpid()}"})

    @classmethod
    def parse(cls, text: str) -> Note | None:
        """The note in the text; None where there is none, or one that this version does not understand."""
        try:
            facts = json.loads(text)
            given = {name: option_named(name, "server").type(value) for name, value in facts["options"].items()}
            options, words = Options("server", **given), tuple(map(str, facts["words"]))
            return cls(TOOLS[facts["tool"]].name, int(facts["port"]), str(facts["name"]), options, words)
        except (ValueError, KeyError, TypeError, AttributeError, IperfCommandError):
            return None


class DaemonHandle(UnreadServer):
    """A server that outlives its connection; ``filename`` is a path on its device until it is stopped and fetched."""

    detached = True

    def __init__(
        self,
        device: Device,
        tool: Tool,
        options: Options,
        port: int | None,
        files: Files,
        name: str,
        directory: str | None = None,
        keep: bool = False,
        left: Callable[[DaemonHandle], object] = lambda daemon: None,
    ) -> None:
        self._left = left
        self.directory = directory or device.connection.scratch
        self.run: Detached
        super().__init__(device, tool, tool.detached(options, probe(device, tool)), port, files, name)
        self.keep = keep

    @classmethod
    def found(cls, device: Device, path: str, sighting: Sighting, note: Note, files: Files) -> DaemonHandle:
        """The handle of a daemon that this or an earlier controller has started."""
        tool = TOOLS[note.tool]
        probe(device, tool)
        handle = cls.__new__(cls)
        handle._set_up(device, tool, note.options, note.port, files, note.name)
        handle._left = lambda daemon: None
        handle.listened = True
        handle.directory = path.rpartition("/")[0]
        raw = handle._raw()
        handle.reading = Reading(raw, handle.role, handle.port)
        handle.run = Detached(device.connection, note.words, raw, path, sighting)
        files.note(device, path)
        return handle

    def _set_up(self, *facts: Any) -> None:
        super()._set_up(*facts)
        self.keep = False
        self._fetched = False

    @property
    def filename(self) -> str:
        return str(self.run.raw.path) if self._fetched else self.run.path

    def _begin(self) -> None:
        before = getattr(self, "run", None)
        try:
            super()._begin()
        except BaseException as problem:
            left = getattr(self, "run", None) is not before and not self._given_up()
            if left and isinstance(problem, DeviceError):
                raise self._out_of_reach(problem, "started") from problem
            raise

    def _given_up(self) -> bool:
        """Leaves nothing of a start that failed; where the device cannot be asked now, whoever started it is told."""
        try:
            if self.running:
                raise self.run.trouble or self._stuck()
            self.run.remove()
        except CommandError:
            self._left(self)
            return False
        return True

    def _start(self, words: tuple[str, ...], raw: RawFile, limit: float | None) -> None:
        self._fetched = False
        self.reading = Reading(raw, self.role, self.port)
        run = Detached(self.device.connection, words, raw, output_path(self.directory, raw))
        try:
            run.start(str(Note(self.tool.name, self.port, self.name, self.options, words)))
        finally:
            if run.running:  # as far as is known: its start may have been interrupted, or the answer lost
                self.run = run
        self._files.note(self.device, run.path)

    def view(self, client: Result, since: int, deadline: Deadline) -> Result | None:
        """None, as the device may be out of reach until its file is fetched; then this test has to be in it."""
        self._tested.append(client)
        return None

    def require_alive(self) -> None:
        """An IperfError when the device tells that it has ended; nothing when the device cannot be asked."""
        self.run.wait(Deadline(0))
        super().require_alive()

    def _died(self, what: str) -> IperfError:
        return self._error(self._told(), what)

    def _reason(self) -> Fault:
        vanished = self._vanished()
        if vanished:
            return vanished
        with suppress(DeviceError):  # without its file there is the exit code
            self._fetch()
        return super()._reason()

    def _vanished(self) -> Fault | None:
        """How it ended when it is not known which exit code it had."""
        kind, cause, remedy = {
            VANISHED: ("died", "it was killed together with what watched it, or memory ran out", "see dmesg of the device"),
            REUSED: ("died", f"its pid {self.pid} is another program now, which was left alone", "start it again"),
            REBOOTED: ("died", "the device was started anew since then", "start it again"),
        }.get(self.run.state, ("", "", ""))  # fmt: skip
        return Fault(kind, "", cause, remedy) if kind else None

    def death(self, limit: float) -> str | None:
        with suppress(DeviceError):  # nobody knows then
            if not self.run.wait(Deadline(limit)) or self.went_well:
                return None
            return f"the server on {self.device} has ended: {self._told().cause}"
        return None

    def _told(self) -> Fault:
        """Why it ended, with what it wrote; where that cannot be had, why not."""
        try:
            self._fetch()
        except DeviceError as problem:
            return Fault("died", "", f"not known: {problem.what}", f"look whether {self.device} answers")
        return self._reason()

    @property
    def went_well(self) -> bool:
        """Whether it runs, or ended as it was asked to. Raises DeviceError when the device cannot be asked."""
        self.run.wait(Deadline(0))
        if self.run.trouble:
            raise self._out_of_reach(self.run.trouble)
        return self.running or self.run.ended_by == runs.STOPPED or self._reason().kind == "stopped"

    def _fetch(self) -> None:
        if self._fetched:
            return
        self.reading = Reading(self.run.raw, self.role, self.port)
        try:
            self.run.fetch()
        except DeviceError as problem:
            if problem.kind == "file":  # there is nothing that a second try could bring
                self.run.remove()
                self.served = [*self._earlier]
            raise
        else:
            self._fetched = True
            self._files.note(self.device, self.filename)

    def collect(self) -> list[Result]:
        """The tests that it served, from its file on the device, which is fetched. Raises IperfError, DeviceError."""
        if self.served is None:
            if self.running:
                raise self._out_of_reach(self.run.trouble) if self.run.trouble else self._stuck()
            self._fetch()
            served = super().collect()
            seen = [same_test(client, served) for client in self._tested]
            missing = [test for test in seen if not test or test.partial]
            if missing and self.tool.tells_at_once(probe(self.device, self.tool)):
                raise self._incomplete(len(missing), len(self._tested))
        return self.served or []

    def __str__(self) -> str:
        return super().__str__() if self.pid else f"{self.tool.name} server on {self.device} (port {self.port})"

    def _out_of_reach(self, problem: DeviceError, done: str = "stopped") -> DeviceError:
        return DeviceError(
            f"The {self} could not be {done}, or nobody knows whether it was: {self.device} cannot be asked.",
            kind=problem.kind,
            said=problem.what,
            cause=problem.cause,
            remedy=f"Stop All Iperf Processes when {self.device} answers, or in a later run: Adopt Iperf Servers. {self.run.fate}",
        )

    def _stuck(self) -> IperfError:
        fault = Fault("stuck", "", "it hangs in the kernel of the device", "start the device anew")
        return self._error(fault, f"The {self} did not end, not even when it was killed.")

    def _incomplete(self, missing: int, tested: int) -> IperfError:
        full = self.run.disk_is_full()
        cause = (
            f"{self.directory} on {self.device} is full"
            if full
            else "somebody made it shorter, or another server answered"
        )
        return self._error(
            Fault("truncated", "", cause, "make room, or give another directory as 'remote_directory='"),
            f"{missing} of the {tested} tests that the {self} served are not, or not whole, in its file.",
        )

    def settle(self, remove: bool = True) -> None:
        """Fetches its file, once, and removes what it has on the device; without ``remove``, all but its output."""
        try:
            self.collect()
        finally:
            if self._fetched:
                self.run.remove(output=remove)
