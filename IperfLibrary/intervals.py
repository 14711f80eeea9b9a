"""What follows from intervals: which of them count, and when nothing moved. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from .result import Flow, Interval


def counted(intervals: Sequence[Interval], whole: float | None = None) -> list[Interval]:
    """Those that say something of the traffic: not the warm-up, nor a moment, as the last one of a run may be.

    A moment is shorter than half a ``whole`` one; how many seconds that is follows from the others where it is not given.

    Example: of intervals that end at 1 s, 2 s and 2.01 s, ``counted(flow.intervals)`` has the first two.
    """
    if whole is None:
        # Not the longest: when a device hangs for a while, one of them takes as long as several.
        whole = statistics.median_high([interval.seconds for interval in intervals]) if intervals else 0.0
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
