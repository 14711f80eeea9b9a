"""Companions while they are sampled: a command on its device, or whatever the main thread can call, shared by the runs that go on.

Robot Framework is not known here.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from .companions import Companion, Sampled, Taken, Wanted, loop_of, no_value, rates, taken
from .deadline import Deadline
from .devices import Device
from .errors import IperfLibraryError
from .files import TimedFile
from .filing import Files
from .run import ITSELF, LOST, Run


class Unreadable(Exception):
    """A value could not be had this time; what it says is why."""


class Sampler(ABC):
    """One companion: it is sampled from when the first run joins until the last one has left."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._users: set[int] = set()

    def join(self, user: object) -> None:
        """Begins, unless it goes on for another run already. What keeps it from it is told with the result."""
        first = not self._users
        self._users.add(id(user))
        if first:
            self._begin()

    def leave(self, user: object) -> None:
        """Ends, unless another run goes on; it waits for nothing. Harmless when it has left."""
        if id(user) in self._users:
            self._users.discard(id(user))
            if not self._users:
                self._end()

    @abstractmethod
    def _begin(self) -> None: ...

    @abstractmethod
    def _end(self) -> None: ...

    @abstractmethod
    def look(self) -> None:
        """Called by the main thread now and then, while it waits for a run."""

    @abstractmethod
    def samples(self) -> list[Taken]:
        """What was sampled since the first of those runs joined."""

    @property
    def raw_file(self) -> str | None:
        return None

    def companion(self, since: float, zero: float, until: float) -> Companion:
        """What was sampled from a moment to another one, in seconds since the traffic began at ``zero``."""
        own = [one for one in self.samples() if since <= one.moment <= until]
        said = next((one.said for one in reversed(own) if one.value is None), None)
        wanted = self.wanted
        points = tuple(Sampled(round(one.moment - zero, 3), one.value) for one in own)
        return Companion(wanted.name, wanted.unit, wanted.source, wanted.device, points, said, self.raw_file)

    def __str__(self) -> str:
        where = f" of {self.wanted.device}" if self.wanted.device else ""
        return f"companion '{self.wanted.name}'{where}"


class CommandSampler(Sampler):
    """A command on a device: one process on its leash, which prints a value now and then."""

    def __init__(self, wanted: Wanted, device: Device, files: Files) -> None:
        super().__init__(wanted)
        self._device = device
        self._files = files
        self._raw: TimedFile | None = None
        self._run: Run | None = None
        self._trouble: Taken | None = None

    def _begin(self) -> None:
        self._run, self._trouble = None, None
        wanted = self.wanted
        words = loop_of(wanted.source, wanted.every) if wanted.every else ("sh", "-c", wanted.source)
        try:
            self._raw = self._files.beside(self._device, wanted.name)
            self._run = Run(self._device.connection, words, self._raw, None)
        except IperfLibraryError as problem:
            self._trouble = Taken(time.monotonic(), None, problem.what)

    def _end(self) -> None:
        """The leash on the device ends it, so that a device that does not answer keeps nobody waiting."""
        run = self._run
        if run and run.running:
            run.release()
        elif run:
            self._trouble = Taken(self._ended_at(), None, self._fate(run))
        if self._raw:
            self._raw.close()

    def look(self) -> None:
        run = self._run
        if run and not self._trouble and not run.running:
            self._trouble = Taken(self._ended_at(), None, self._fate(run))

    def _ended_at(self) -> float:
        return self._raw.written_at if self._raw else time.monotonic()

    def _fate(self, run: Run) -> str:
        if run.ended_by == LOST:
            return "the connection to its device was lost"
        if run.ended_by != ITSELF:
            return "its output could not be kept, or was far too much"
        return f"it ended by itself with exit code {run.exit_code}{self._complaint()}"

    def _complaint(self) -> str:
        said = " ".join(line.strip() for line in (self._raw.error_lines() if self._raw else [])[-1:])
        return f": {said[:200]}" if said else ""

    def samples(self) -> list[Taken]:
        found = taken(self.wanted, tuple(self._raw.lines)) if self._raw else []
        if any(one.value is None for one in found):
            complaint = self._complaint()
            found = [one if one.value is not None else one._replace(said=one.said + complaint) for one in found]
        return [*found, self._trouble] if self._trouble else found

    @property
    def raw_file(self) -> str | None:
        return str(self._raw.path) if self._raw else None


class CallSampler(Sampler):
    """Something that the main thread calls while it waits: a keyword. It is not called while nobody waits for a run.

    One that takes longer than its pause is called half of the time at most, so that the run is looked at, too.
    """

    def __init__(self, wanted: Wanted, call: Callable[[], Any]) -> None:
        super().__init__(wanted)
        self._call = call
        self._found: list[Taken] = []
        self._due = Deadline(0)

    def _begin(self) -> None:
        self._found = []
        self._due = Deadline(0)

    def _end(self) -> None:
        self._due = Deadline(None)

    def look(self) -> None:
        if not self._users or not self._due.expired:
            return
        began = time.monotonic()
        self._due = Deadline(None)  # not called within itself, nor again when a test timeout has struck in it
        value, said = self._value()
        took = time.monotonic() - began
        self._found.append(Taken(began + took / 2, value, said))
        self._due = Deadline(max(self.wanted.every - took, took))

    def _value(self) -> tuple[float | None, str]:
        try:
            answer = self._call()
        except Unreadable as problem:
            return None, str(problem)
        text = "" if answer is None else str(answer)
        value = self.wanted.value_in(text)
        return value, "" if value is not None else no_value(text)

    def samples(self) -> list[Taken]:
        return rates(self._found) if self.wanted.rate else list(self._found)
