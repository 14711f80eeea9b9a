"""Flows that ran beside each other, summed on one time axis. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .result import Flow, Interval


@dataclass(frozen=True)
class Placed:
    """The intervals of a flow, and how many seconds after the first one it began.

    ``share`` is how much of what was counted in them arrived: 1 where the receiver counted, None where nobody knows.
    """

    offset: float
    intervals: Sequence[Interval]
    share: float | None = 1.0


@dataclass(frozen=True)
class Moment:
    """A stretch of time in seconds since the first flow began; ``flows`` is how many were measured in all of it."""

    start: float
    end: float
    bits_per_second: float
    flows: int


def placed(offset: float, flow: Flow) -> Placed:
    """The flow's own intervals, without its warm-up."""
    intervals = [i for i in flow.intervals if not i.omitted and i.bytes is not None and i.seconds > 0]
    return Placed(offset, intervals, _arrived(flow, intervals))


def _arrived(flow: Flow, intervals: Sequence[Interval]) -> float | None:
    """A sender counts what it sends: also what is lost on the way, or arrives when it has ended, out of the buffers of a slow link."""
    if flow.measured_at == "receiver":
        return 1.0
    if flow.receiver.bytes is None:
        return None
    counted, seconds = sum(i.bytes or 0 for i in intervals), sum(i.seconds for i in intervals)
    if not counted:
        return 1.0
    return min(1.0, flow.receiver.bytes / counted * seconds / max(seconds, flow.receiver.seconds or 0.0))


def summed(flows: Sequence[Placed], step: float = 1.0) -> list[Moment]:
    """What all flows moved together, in steps of so many seconds. Data is taken to have come evenly within an interval, and losses evenly over a flow.

    Example: two flows of 10 Mbit/s, the second 0.5 s late: 10 Mbit/s up to 0.5 s and 20 from then on.
    """
    ends = [flow.offset + flow.intervals[-1].end for flow in flows if flow.intervals]
    if not ends:
        return []
    moved = [0.0] * max(1, math.ceil(max(ends) / step))
    covered: list[list[float]] = [[0.0] * len(moved) for _ in flows]
    for flow, seconds in zip(flows, covered, strict=True):
        for interval in flow.intervals:
            _spread(flow, interval, step, moved, seconds)
    return [
        Moment(n * step, (n + 1) * step, bits / step, sum(seconds[n] > step * 0.999 for seconds in covered))
        for n, bits in enumerate(moved)
    ]


def _spread(flow: Placed, interval: Interval, step: float, moved: list[float], seconds: list[float]) -> None:
    """Add an interval's bits to the steps that it lies in, each its share."""
    start, end = flow.offset + interval.start, flow.offset + interval.end
    rate = 8 * (interval.bytes or 0) / (end - start) * (1.0 if flow.share is None else flow.share)
    for n in range(max(0, int(start / step)), len(moved)):
        share = min(end, (n + 1) * step) - max(start, n * step)
        if n * step >= end:
            return
        if share > 0:
            moved[n] += rate * share
            seconds[n] += share


def together(moments: Sequence[Moment], flows: int) -> list[Moment]:
    """The stretch in which all flows were measured: only there is their sum what they can do beside each other."""
    return [moment for moment in moments if moment.flows == flows]
