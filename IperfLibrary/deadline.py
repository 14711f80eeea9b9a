"""A moment until which something may be waited for, on a clock that nobody sets. Nothing of iperf is known here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

SLICE = 0.1
"""No wait of the main thread is longer than this at a time, so that a signal or a test timeout gets through."""


class Deadline:
    """``seconds`` from now; None is never.

    Example: ``Deadline(10).expired``
    """

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until then, 0 when it has passed."""
        return float("inf") if self._end is None else max(0.0, self._end - time.monotonic())

    @property
    def expired(self) -> bool:
        return self.left <= 0

    def slices(self, longest: float = SLICE) -> Iterator[float]:
        """Times to wait for, one after the other, until the deadline; at least one, so that each wait looks once.

        Where the last look began long before the deadline and ended long behind it, there is another one: the look took
        its time, or this program got none, and nobody has seen what happened meanwhile.
        """
        yield 0.0
        while not self.expired:
            yield min(longest, self.left)
        if self.seconds and self._end is not None and time.monotonic() > self._end + SLICE:
            yield longest

    def wait(self, happened: Callable[[float], bool]) -> bool:
        """Calls ``happened`` with the time that it may block for, until it is true; False when the deadline passed."""
        return any(happened(seconds) for seconds in self.slices())
