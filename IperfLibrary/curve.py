"""The intervals of a flow as the points of a curve, few enough to draw. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from .intervals import mean
from .result import Flow, Interval

POINTS = 300
"""About the most points of a curve; where there are more intervals, neighbours become one."""

_TOO_MUCH = 1e15
"""Nothing that iperf measures comes near, but a broken iperf may print it."""


class Point(NamedTuple):
    """One interval, or some neighbours: their lowest, mean and highest rate, and the worst of what went wrong.

    ``wrong`` is loss in per cent (UDP) or the number of retransmits (TCP). ``whole`` is false where the rate of some of it
    is unknown; None is unknown for all of it.
    """

    start: float
    end: float
    low: float | None = None
    mean: float | None = None
    high: float | None = None
    wrong: float | None = None
    whole: bool = True


class Curve(NamedTuple):
    """A flow with its points; ``each`` is how many intervals are in one of them, at most."""

    flow: Flow
    points: list[Point]
    each: int

    @property
    def drawable(self) -> bool:
        """Whether there is more than one point whose rate is known."""
        return sum(point.mean is not None for point in self.points) > 1


def curve_of(flow: Flow) -> Curve:
    """The intervals of a flow by their time, the warm-up before 0 s, as no more points than can be drawn.

    Example: ``curve_of(result.flows[0]).points[0].mean``
    """
    intervals = [i for i in flow.intervals if -_TOO_MUCH < i.start < i.end < _TOO_MUCH]
    warm_up = _warm_up(intervals)
    pieces = list(_with_holes(sorted((_piece(i, warm_up) for i in intervals), key=lambda piece: piece.start)))
    groups = _groups(pieces)
    return Curve(flow, [_joined(group) for group in groups], max(map(len, groups), default=1))


def few(pieces: list[Point]) -> list[Point]:
    """No more points than can be drawn: neighbours become one."""
    return [_joined(group) for group in _groups(pieces)]


def _groups(pieces: list[Point]) -> list[list[Point]]:
    return _neighbours(pieces) if len(pieces) > POINTS else [[piece] for piece in pieces]


def _warm_up(intervals: list[Interval]) -> float:
    """How long the warm-up took: iperf3 counts its seconds from 0, and starts anew behind it."""
    return max((i.end for i in intervals if i.omitted), default=0.0)


def _piece(interval: Interval, warm_up: float) -> Point:
    rate = _known(interval.bits_per_second)
    wrong = _known(interval.retransmits if interval.packets is None else interval.lost_percent)
    shift = warm_up if interval.omitted else 0.0
    return Point(interval.start - shift, interval.end - shift, rate, rate, rate, wrong, rate is not None)


def _known(value: float | None) -> float | None:
    return value if value is not None and 0 <= value < _TOO_MUCH else None


def _with_holes(pieces: Iterable[Point]) -> Iterator[Point]:
    """The pieces, and an unknown one wherever more than half an interval is missing, at the start, too."""
    last: Point | None = None
    for piece in pieces:
        end = last.end if last else min(piece.start, 0.0)
        if piece.start - end > 0.5 * (piece.end - piece.start):
            yield Point(end, piece.start, whole=False)
        yield piece
        last = piece


def _neighbours(pieces: list[Point]) -> list[list[Point]]:
    """Those of the same 300th of the time; what is longer than that stays alone."""
    begin, end = pieces[0].start, max(piece.end for piece in pieces)
    width = (end - begin) / POINTS
    return [
        list(group) for _, group in groupby(pieces, lambda p: (int((p.start - begin) / width), p.end - p.start > width))
    ]


def _joined(pieces: list[Point]) -> Point:
    if len(pieces) == 1:
        return pieces[0]
    known = [piece for piece in pieces if piece.mean is not None]
    return Point(
        pieces[0].start,
        pieces[-1].end,
        min((p.low for p in known if p.low is not None), default=None),
        mean((p.mean or 0.0 for p in known), (p.end - p.start for p in known)),
        max((p.high for p in known if p.high is not None), default=None),
        max((p.wrong for p in pieces if p.wrong is not None), default=None),
        all(piece.whole for piece in pieces),
    )
