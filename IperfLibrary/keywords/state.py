"""What the keywords share: the devices, what runs on them and until when, where files go, what is told.

It owns every handle, and ends it at the end of its scope: the test, the suite or the run in which it was started. No keyword is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .. import log as logger
from .. import run as runs
from ..clients import ClientHandle
from ..console import LiveLines
from ..devices import Device, Devices
from ..errors import ConfigurationError, IperfLibraryError, nearest
from ..filing import Files
from ..handles import Handle
from ..run import Started
from ..sampling import Sampler
from ..servers import ServerHandle
from ..together import together
from .arguments import described
from .reserved import Reservations
from .variables import variable

if TYPE_CHECKING:
    from ..installing import Installed
    from ..telling import Teller

H = TypeVar("H", bound=Handle)

SCOPES = ("TEST", "SUITE", "RUN")


class Attached:
    """The companions of the runs to come, each with the scope that ends that."""

    def __init__(self) -> None:
        self._scopes: dict[Sampler, str] = {}

    @property
    def samplers(self) -> list[Sampler]:
        return list(self._scopes)

    def add(self, sampler: Sampler, scope: str) -> None:
        name = sampler.wanted.name
        if any(one.wanted.name == name for one in self._scopes):
            raise ConfigurationError(
                f"There is a companion '{name}' already.",
                remedy=f"use another name, or first: Remove Iperf Companion    {name}",
            )
        self._scopes[sampler] = scope

    def remove(self, name: str) -> None:
        found = next((one for one in self._scopes if one.wanted.name == name), None)
        if found is None:
            known = [one.wanted.name for one in self._scopes]
            raise ConfigurationError(
                f"There is no companion '{name}'.{nearest(name, known)}",
                cause=f"companions are: {', '.join(known) or 'none'}",
            )
        del self._scopes[found]

    def end_scope(self, name: str) -> None:
        self._scopes = {sampler: scope for sampler, scope in self._scopes.items() if scope != name}


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
        self.reservations = Reservations()
        self.last_files: dict[str | None, str] = {}
        """Paths of the last raw files, by device; of all devices under None."""
        self.companions = Attached()
        self._advised: set[str] = set()
        self._teller: Teller | None = None

    def warn_once(self, text: str | None) -> None:
        """Once in a run, however many clients it is true of."""
        if text and text not in self._advised:
            self._advised.add(text)
            logger.warn(text)

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

    def own(self, device: Device, start: Callable[[], H]) -> H:
        """Starts something on the device and owns it. Its scope is found out before: a test timeout in between would leave it to nobody."""
        self.reservations.require(device)
        scope = self.scope()
        handle = start()
        self.owned[handle] = scope
        return handle

    def attach(self, sampler: Sampler) -> None:
        """From now on it goes along with every run, until the scope is over."""
        self.companions.add(sampler, self.scope())

    def own_all(self, starts: Sequence[tuple[Device, Callable[[], H]]]) -> list[H | Exception]:
        """Starts several things at a time, each on its device, and owns them; in place of what failed there is why."""
        for device, _ in starts:
            self.reservations.require(device)
        scope = self.scope()
        jobs = [(device.connection.first, start) for device, start in starts]
        started = together(jobs, undo=lambda handles: runs.stop([handle.run for handle in handles]))
        for handle in started:
            if not isinstance(handle, Exception):
                self.owned[handle] = scope
                self._note_file(handle.device, handle.filename)  # the last one, whichever was faster
        return started

    def _note_file(self, device: Device, path: str) -> None:
        self.last_files[device.name] = self.last_files[None] = path

    @property
    def files(self) -> Files:
        """Where the files of runs go, as it is now: other threads cannot ask."""
        directory = self.output_directory()
        return Files(lambda: directory, self._note_file)

    def output_directory(self) -> Path:
        return self._directory or Path(variable("${OUTPUT_DIR}") or ".").absolute()

    def scope(self) -> str:
        """The full name of the test or suite whose end ends what is started now; empty for the end of the run."""
        if self._auto_stop == "RUN":
            return ""
        suite, test = variable("${SUITE NAME}") or "", variable("${TEST NAME}")
        return f"{suite}.{test}" if test and self._auto_stop == "TEST" else suite

    @property
    def teller(self) -> Teller:
        """Made when there is something to tell: pages and records are much to import."""
        if not self._teller:
            from ..telling import Teller  # noqa: PLC0415

            self._teller = Teller(self.output_directory, variable, self._directory)
        return self._teller

    def tell_end(self, test: Any = None) -> None:
        """Writes what there is to write when a test is over, or a suite where none is given."""
        if self._teller:
            self.warn_of(self._teller.end if test is None else lambda: self.teller.end_of_test(test))

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
        self.reservations.release(self.reservations.all())
        for device in self.devices:
            device.connection.close()

    def uninstall(self, device: Device) -> None:
        """Removes what was brought along to the device, the newest first, so that each gives back what it replaced."""
        for installed in [one for one in reversed(self.installed) if one.device is device]:
            self.installed.remove(installed)
            self.warn_of(installed.remove)

    def end_scope(self, name: str) -> None:
        self.companions.end_scope(name)
        self.end(
            [handle for handle, scope in self.owned.items() if scope == name and not handle.keep], f"'{name}' is over"
        )

        self.reservations.end_scope(name)

    def end(self, handles: list[Handle], why: str) -> None:
        unasked = [handle for handle in handles if isinstance(handle, ClientHandle) and not handle.running]
        for handle in handles:
            if handle.running:
                handle.ended_why = why
        self.stop(handles)
        for client in unasked:  # what it printed is read, which may take its time or fail: not before all have ended
            _warn_of_unasked(client)
        # They are kept in mind until that is over: a test timeout may interrupt it.
        for handle, problem in zip(handles, on_each(handles, lambda handle: handle.settle()), strict=True):
            settled = self.warn_of(partial(_raise, problem))
            self.owned.pop(handle, None)
            self.left[:] = [one for one in self.left if one is not handle]
            if not settled and handle.detached:
                self.left.append(handle)
            logger.info(f"Stopped {handle}, because {why}.")

    @staticmethod
    def stop(handles: Iterable[Handle]) -> None:
        """Ends all of them at a time; those on a device that does not answer are told."""
        for stuck in _stopped(handles):
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


def on_each(handles: Iterable[H], action: Callable[[H], object]) -> list[Exception | None]:
    """Does it with each, on all devices at a time where their devices have to be asked; what went wrong with each, in order."""
    done = together([(_line_of(handle), partial(action, handle)) for handle in handles])
    return [outcome if isinstance(outcome, Exception) else None for outcome in done]


def _warn_of_unasked(client: ClientHandle) -> None:
    failure = client.failure()
    if failure:
        logger.warn(f"The {client} failed, and nobody asked for its result: {failure}")
    else:
        logger.warn(f"The {client} ended, and nobody asked for its result.")


def _line_of(handle: Handle) -> object:
    """What is done in one thread: that on one device, and all for which no device is asked."""
    return handle.device.connection.first if handle.detached else None


def _stopped(handles: Iterable[Handle]) -> list[Started]:
    """Ends them; those that still run."""
    lines: dict[object, list[Started]] = {}
    for handle in handles:
        lines.setdefault(_line_of(handle), []).append(handle.run)
    left: list[Started] = []
    for outcome in together([(line, partial(runs.stop, started)) for line, started in lines.items()]):
        if isinstance(outcome, Exception):
            raise outcome
        left += outcome
    return left


def _raise(problem: Exception | None) -> None:
    if problem:
        raise problem
