"""What the keywords share: the devices, what runs on them and until when, where files go, what is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError

from .. import log as logger
from .. import run as runs
from ..clients import ClientHandle
from ..console import LiveLines
from ..devices import Device, Devices
from ..errors import ConfigurationError, IperfLibraryError
from ..filing import Files
from ..handles import Handle
from ..installing import Installed
from ..run import Started
from ..servers import ServerHandle
from ..telling import Teller
from .arguments import described

H = TypeVar("H", bound=Handle)

SCOPES = ("TEST", "SUITE", "RUN")


class State:
    """Devices by name, and the handles of what was started there, each with the scope that ends it."""

    def __init__(self, auto_stop: str, directory: Path | None, progress: bool) -> None:
        if auto_stop.upper() not in SCOPES:
            raise ConfigurationError(f"auto_stop is one of {', '.join(SCOPES)}, not '{auto_stop}'.")
        self._auto_stop = auto_stop.upper()
        self._directory = Path(directory) if directory else None  # Python may give a text
        self._progress = progress
        self._lines = LiveLines()
        self.devices = Devices()
        self.owned: dict[Handle, str] = {}
        """What was started and not yet asked for its end, with the full name of the scope that ends it."""
        self.left: list[Handle] = []
        """Daemons that were to end when their device could not be asked."""
        self.installed: list[Installed] = []
        """Programs that were brought along, oldest first."""
        self.last_files: dict[str | None, str] = {}
        """Paths of the last raw files, by device; of all devices under None."""
        self.files = Files(self.output_directory, self._note_file)
        self.teller = Teller(self.output_directory, variable)

    def device(self, device: Any, wanted: str = "a device") -> Device:
        """The device, given by name or itself; anything else is told apart from a typing error."""
        if isinstance(device, Device):
            return self.devices.get(device.name)
        if not isinstance(device, str) or not device.strip():
            raise ConfigurationError(f"This takes the name of {wanted}, not {described(device)}.")
        return self.devices.get(device)

    def running(self, kind: type[Any], device: Any) -> list[Any]:
        target = self.device(device, f"a device, or a {'server' if kind is ServerHandle else 'client'} handle")
        return [handle for handle in self.owned if isinstance(handle, kind) and handle.device is target]

    def own(self, start: Callable[[], H]) -> H:
        """Starts something and owns it. Its scope is found out before: a test timeout in between would leave it to nobody."""
        scope = self._scope()
        handle = start()
        self.owned[handle] = scope
        return handle

    def _note_file(self, device: Device, path: str) -> None:
        self.last_files[device.name] = self.last_files[None] = path

    def output_directory(self) -> Path:
        return self._directory or Path(variable("${OUTPUT_DIR}") or ".").absolute()

    def _scope(self) -> str:
        """The full name of the test or suite whose end ends what is started now; empty for the end of the run."""
        if self._auto_stop == "RUN":
            return ""
        suite, test = variable("${SUITE NAME}") or "", variable("${TEST NAME}")
        return f"{suite}.{test}" if test and self._auto_stop == "TEST" else suite

    def show_progress(self) -> None:
        if self._progress and self._lines.due:
            self._lines.show([h.progress for h in self.owned if isinstance(h, ClientHandle) and h.running])

    def hide_progress(self) -> None:
        self._lines.clear()

    # -- the end of things

    def close(self) -> None:
        """Ends all but what is to be kept, and closes the connections."""
        self.end([*(handle for handle in self.owned if not handle.keep), *self.left], "the run is over")
        for device in self.devices:
            self.uninstall(device)
            device.connection.close()

    def uninstall(self, device: Device) -> None:
        """Removes what was brought along to the device, the newest first, so that each gives back what it replaced."""
        for installed in [one for one in reversed(self.installed) if one.device is device]:
            self.installed.remove(installed)
            self.warn_of(installed.remove)

    def end_scope(self, name: str) -> None:
        self.end(
            [handle for handle, scope in self.owned.items() if scope == name and not handle.keep], f"'{name}' is over"
        )

    def end(self, handles: list[Handle], why: str) -> None:
        for handle in handles:
            if not handle.running and isinstance(handle, ClientHandle):
                logger.warn(f"The {handle} ended, and nobody asked for its result.")
        self.stop([handle.run for handle in handles])
        for handle in handles:
            # It is kept in mind until that is over: a test timeout may interrupt it.
            settled = self.warn_of(handle.settle)
            self.owned.pop(handle, None)
            self.left[:] = [one for one in self.left if one is not handle]
            if not settled and handle.detached:
                self.left.append(handle)
            logger.info(f"Stopped {handle}, because {why}.")

    @staticmethod
    def stop(started: list[Started]) -> None:
        for stuck in runs.stop(started):
            logger.warn(f"{stuck.where} does not answer, so its process {stuck.pid} could not be stopped. {stuck.fate}")

    @staticmethod
    def warn_of(action: Any) -> bool:
        """Whether it went well."""
        try:
            action()
        except IperfLibraryError as problem:
            logger.warn(str(problem))
            return False
        return True


def variable(name: str) -> str | None:
    try:
        value = BuiltIn().get_variable_value(name)
    except RobotNotRunningError:
        return None
    return str(value) if value else None


def libraries() -> Mapping[str, object]:
    """The libraries of the running suite by name; none where nothing runs."""
    try:
        found: Any = BuiltIn().get_library_instance(all=True)
    except RobotNotRunningError:
        return {}
    return dict(found)
