"""Several things at once that wait for devices: in threads, which carry values and exceptions to the main thread. Nothing of iperf is known here.

What concerns one device goes on in order, in one thread: not every way to a device can start two commands at a time.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from .deadline import Deadline

T = TypeVar("T")

MOST = 32
"""Threads at a time: a log-in costs the controller CPU time, so more of them would only take longer each."""

GRACE = 5.0
"""Seconds that what was begun gets to its end when the waiting is interrupted."""

Job = tuple[Hashable, Callable[[], T]]
"""What it concerns, and what is to be done; jobs that concern the same are done one after the other."""


def together(jobs: Sequence[Job[T]], undo: Callable[[list[T]], object] = lambda values: None) -> list[T | Exception]:
    """What each job gave or raised, in order; the threads are over then.

    Where the waiting is interrupted, by a test timeout, nothing more is begun, what was begun gets a grace, and ``undo`` gets
    what was done; what takes longer than the grace is undone when it is done.

    Example: ``together([(device, partial(start, device)) for device in devices], undo=stop)``
    """
    batch = _Batch(jobs, undo)
    try:
        batch.run()
    except BaseException:
        undo(batch.give_up())
        raise
    return batch.outcomes()


class _Batch(Generic[T]):
    def __init__(self, jobs: Sequence[Job[T]], undo: Callable[[list[T]], object]) -> None:
        self._undo = undo
        self._lock = threading.Lock()
        self._given_up = False
        self._undoes = False
        self._values: dict[int, T] = {}
        self._problems: dict[int, Exception] = {}
        self._count = len(jobs)
        lines: dict[Hashable, list[tuple[int, Callable[[], T]]]] = {}
        for place, (concerns, action) in enumerate(jobs):
            lines.setdefault(concerns, []).append((place, action))
        self._lines = deque(lines.values())
        self._working = 0
        self._over = threading.Event()

    def run(self) -> None:
        if len(self._lines) == 1:  # nothing to be gained by a thread
            self._work()
            return
        self._working = min(MOST, len(self._lines))
        for _ in range(self._working):
            threading.Thread(target=self._worker, name="iperf-together", daemon=True).start()
        if self._working:
            Deadline(None).wait(self._over.wait)

    def _worker(self) -> None:
        try:
            self._work()
        finally:
            with self._lock:
                self._working -= 1
                if not self._working:
                    self._over.set()

    def _work(self) -> None:
        while line := self._next():
            for place, action in line:
                if self._given_up:
                    return
                self._do(place, action)

    def _next(self) -> list[tuple[int, Callable[[], T]]] | None:
        with self._lock:
            return self._lines.popleft() if self._lines else None

    def _do(self, place: int, action: Callable[[], T]) -> None:
        try:
            value = action()
        except Exception as problem:  # carried to the main thread
            self._problems[place] = problem
            return
        with self._lock:
            late = self._undoes
            if not late:
                self._values[place] = value
        if late:
            self._undo([value])

    def give_up(self) -> list[T]:
        """Begins nothing more; what is done within the grace."""
        self._given_up = True
        if self._working:
            Deadline(GRACE).wait(self._over.wait)
        with self._lock:
            self._undoes = True
            return list(self._values.values())

    def outcomes(self) -> list[T | Exception]:
        return [self._values[n] if n in self._values else self._problems[n] for n in range(self._count)]
