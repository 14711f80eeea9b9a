"""What follows from intervals: which of them count, when nothing moved, how it goes until now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .result import Flow, Interval


def counted(intervals: Sequence[Interval], whole: float | None = None) -> list[Interval]:
    """Those that say something of the traffic: not the warm-up, nor a moment, as the last one of a run may be.

    A moment is shorter than half a ``whole`` one; how many seconds that is follows from the others where it is not given.

    Example: of intervals that end at 1 s, 2 s and 2.01 s, ``counted(flow.intervals)`` has the first two.
    """
    if whole is None:
        # Not the longest: when a device hangs for a while, one of them takes as long as several.
        whole = sorted(interval.seconds for interval in intervals)[len(intervals) // 2] if intervals else 0.0
    return [interval for interval in intervals if not interval.omitted and interval.seconds > whole / 2]


def outages(flow: Flow) -> list[tuple[float, float]]:
    """Times without any data, each from its first to its last moment, in seconds since the start of the traffic.

    A last moment is left out: the sender may have been done.
    """
    until = max((interval.end for interval in counted(flow.intervals)), default=0.0)
    found: list[tuple[float, float]] = []
    for interval in flow.intervals:
        if interval.bytes != 0 or interval.omitted or interval.end > until:
            continue
        if found and abs(found[-1][1] - interval.start) < 1e-3:
            found[-1] = (found[-1][0], interval.end)
        else:
            found.append((interval.start, interval.end))
    return found


def mean(rates: Iterable[float], seconds: Iterable[float]) -> float | None:
    """The mean of the rates, each as long as it lasted; a plain one where none lasted, None where there is none.

    Example: ``mean([10.0, 0.0], [9.0, 1.0]) == 9.0``
    """
    held = list(zip(rates, seconds, strict=True))
    total = sum(width for _, width in held)
    if not total:
        return sum(rate for rate, _ in held) / len(held) if held else None
    return sum(rate * width for rate, width in held) / total


class Tally:
    """How a run goes, from its intervals as they come: each is looked at once. Rates are in bits per second.

    Example::

        tally.add(interval)
        tally.now, tally.mean    # 94_100_000.0, 93_800_000.0
    """

    def __init__(self) -> None:
        self.seen = 0
        """How many intervals were added."""
        self.now: float | None = None
        """The rate of the last one that is known and not of the warm-up."""
        self._bytes = 0
        self._seconds = 0.0

    def add(self, interval: Interval) -> None:
        self.seen += 1
        if interval.omitted or interval.bytes is None or interval.seconds <= 0:
            return
        self.now = interval.bytes * 8 / interval.seconds
        self._bytes += interval.bytes
        self._seconds += interval.seconds

    @property
    def mean(self) -> float | None:
        return self._bytes * 8 / self._seconds if self._seconds else None
