"""Events that any process sets and any other one waits for: a file of that name in a directory that both know. Nothing of iperf is known here.

Whoever starts this program may name the directory in the environment, as ``IPERF_EVENTS``; else it lies in the output directory.
"""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path

from .deadline import Deadline
from .errors import CommandError, ConfigurationError, nearest

VARIABLE = "IPERF_EVENTS"
FOLDER = "iperf-events"

BEGUN = time.time()
"""When this program began, as far as events are concerned."""

SLACK = 0.05
"""Seconds by which the time of a file may be behind the clock: kernels do not look at it for each file."""

LOOK = 0.05
"""Seconds between two looks for a file of another process."""

_set_here = threading.Event()
"""Set whenever this process sets an event, so that nobody here has to wait for the next look."""


class Events:
    """The events of one directory: that of ``IPERF_EVENTS``, or the folder ``iperf-events`` of the one that is given.

    In the latter an event counts from the start of this program on: another run may have left some there.

    Example: ``Events(Path("results")).set("ap-up")``
    """

    def __init__(self, output: Path) -> None:
        shared = os.environ.get(VARIABLE)
        self.directory = Path(shared).absolute() if shared else output.absolute() / FOLDER
        self._since = 0.0 if shared else BEGUN - SLACK

    def set(self, name: str) -> Path:
        """The event has happened, until it is cleared. Returns its file."""
        path = self._path(name)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), 0o644))
            os.utime(path)
        except OSError as problem:
            raise self._not_changed("set", name, problem) from None
        _set_here.set()
        return path

    def clear(self, name: str) -> None:
        """It has not happened; harmless where it had not."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as problem:
            raise self._not_changed("cleared", name, problem) from None

    def is_set(self, name: str) -> bool:
        when = self._when(self._path(name))
        return when is not None and when >= self._since

    def wait(self, name: str, limit: float) -> None:
        """Returns once it has happened, at once where it had. Raises CommandError when it does not in time."""
        self._path(name)
        deadline = Deadline(limit)
        for seconds in deadline.slices(LOOK):
            _set_here.wait(seconds)
            _set_here.clear()
            if self.is_set(name):
                return
        raise self._too_late(name, limit)

    def _path(self, name: str) -> Path:
        check_name(name)
        return self.directory / name

    @staticmethod
    def _when(path: Path) -> float | None:
        try:
            return path.stat().st_mtime
        except OSError:
            return None

    def _too_late(self, name: str, limit: float) -> CommandError:
        old = self._when(self.directory / name)
        cause = f"nobody has set it{self._others(name)}"
        if old is not None:
            cause = f"it was set {BEGUN - old:,.0f} s before this run began, which does not count: an earlier run may have left it"
        return CommandError(
            f"The event '{name}' did not happen within {limit:g} s.",
            cause=cause,
            remedy=f"it is set by Set Iperf Event    {name}    in any Robot process with this directory of events, by IperfLibrary.set_event in Python, "
            f"or by whoever makes the file {self.directory / name}. '{VARIABLE}' in the environment of both names another directory",
        )

    def _others(self, name: str) -> str:
        try:
            names = sorted(path.name for path in self.directory.iterdir() if self.is_set(path.name))[:20]
        except (OSError, ConfigurationError):
            names = []
        return f"; set are {', '.join(names)}.{nearest(name, names)}" if names else ", nor any other event"

    def _not_changed(self, what: str, name: str, problem: OSError) -> CommandError:
        return CommandError(
            f"The event '{name}' could not be {what}.",
            said=str(problem),
            cause="the directory may not be written, or the disk is full",
            remedy=f"see {self.directory}, or name another one in the environment as '{VARIABLE}'",
        )


def check_name(name: str) -> None:
    """A ConfigurationError where no event can be called so."""
    if not re.fullmatch(r"\w[\w.-]{0,99}", name, re.ASCII):
        what = f"An event has a name of letters, digits, '_', '-' and '.', not '{name[:100]}'."
        raise ConfigurationError(what, remedy="call it like this: ap-up")


def set_event(name: str, directory: str | Path = ".") -> Path:
    """Tells whoever waits that the event has happened: for listeners, test runners and other programs. Returns the event's file.

    ``directory`` is the output directory of the run that waits, unless ``IPERF_EVENTS`` in the environment names the events' own.

    Example: ``IperfLibrary.set_event("ap-up", "results")``
    """
    return Events(Path(directory)).set(name)


def clear_event(name: str, directory: str | Path = ".") -> None:
    """The opposite of ``set_event``."""
    Events(Path(directory)).clear(name)
