"""A flow over time in few points, for charts. Pure: intervals in, columns out.

Columns and not points: a thousand results have a hundred thousand of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..intervals import mean
from ..result import Interval

POINTS = 300
"""The most points that a record keeps of a flow."""

_Any = TypeVar("_Any")
_Number = TypeVar("_Number", int, float)
Known = tuple[float | None, ...]
Counted = tuple[int | None, ...]


@dataclass(frozen=True)
class Series:
    """Points of a flow: ``start`` in seconds from the start of the traffic, and a column for each figure.

    A column where nothing is known is empty. ``lowest`` is there where a point stands for several intervals:
    the lowest rate among them, so that no dip is lost. ``end`` is that of the last point.

    Raises ValueError where the columns have different lengths.

    Example: ``Series(start=(0.0, 1.0), end=2.0, bits_per_second=(9e8, None))``
    """

    start: tuple[float, ...] = ()
    end: float | None = None
    bits_per_second: Known = ()
    lowest: Known = ()
    retransmits: Counted = ()
    lost_packets: Counted = ()
    packets: Counted = ()

    def __post_init__(self) -> None:
        columns = (self.bits_per_second, self.lowest, self.retransmits, self.lost_packets, self.packets)
        if any(column and len(column) != len(self.start) for column in columns):
            raise ValueError("the columns of a series have different lengths")

    def __len__(self) -> int:
        return len(self.start)

    @property
    def widths(self) -> tuple[float, ...]:
        """Seconds that each point stands for."""
        ends = (*self.start[1:], self.start[-1] if self.end is None else self.end) if self.start else ()
        return tuple(max(0.0, end - start) for start, end in zip(self.start, ends, strict=True))

    @property
    def lost_percent(self) -> Known:
        pairs = zip(self.lost_packets, self.packets, strict=False)
        return tuple(None if lost is None or not packets else 100.0 * lost / packets for lost, packets in pairs)


def series_of(intervals: Sequence[Interval], most: int = POINTS) -> Series:
    """The intervals without those of the warm-up, in at most so many points."""
    counted = [interval for interval in intervals if not interval.omitted]
    whole = Series(
        start=tuple(round(interval.start, 3) for interval in counted),
        end=round(counted[-1].end, 3) if counted else None,
        bits_per_second=_column([_rounded(interval.bits_per_second) for interval in counted]),
        retransmits=_column([interval.retransmits for interval in counted]),
        lost_packets=_column([interval.lost_packets for interval in counted]),
        packets=_column([interval.packets for interval in counted]),
    )
    return thinned(whole, most)


def thinned(series: Series, most: int) -> Series:
    """The series in at most so many points; a point that stands for several has their mean rate and their sums."""
    size = math.ceil(len(series) / most)
    if size <= 1:
        return series
    return Series(
        start=series.start[::size],
        end=series.end,
        bits_per_second=_means(series, size),
        lowest=tuple(map(_lowest, _groups(series.lowest or series.bits_per_second, size))),
        retransmits=_sums(series.retransmits, size),
        lost_packets=_sums(series.lost_packets, size),
        packets=_sums(series.packets, size),
    )


def _groups(column: Sequence[_Any], size: int) -> list[Sequence[_Any]]:
    return [column[at : at + size] for at in range(0, len(column), size)]


def _sums(column: Counted, size: int) -> Counted:
    return tuple(_sum(group) for group in _groups(column, size))


def _sum(group: Sequence[int | None]) -> int | None:
    known = _known(group)
    return sum(known) if known else None


def _lowest(group: Sequence[float | None]) -> float | None:
    return min(_known(group), default=None)


def _known(group: Sequence[_Number | None]) -> list[_Number]:
    """The values, or none where one of them is unknown."""
    known = [value for value in group if value is not None]
    return known if len(known) == len(group) else []


def _means(series: Series, size: int) -> Known:
    pairs = zip(_groups(series.bits_per_second, size), _groups(series.widths, size), strict=False)
    return tuple(_mean(rates, widths) for rates, widths in pairs)


def _mean(rates: Sequence[float | None], widths: Sequence[float]) -> float | None:
    known = _known(rates)
    return _rounded(mean(known, widths)) if known else None


def _rounded(rate: float | None) -> float | None:
    """Six digits are more than a chart shows."""
    return float(f"{rate:.6g}") if rate is not None and math.isfinite(rate) else None


def _column(values: Sequence[_Number | None]) -> tuple[_Number | None, ...]:
    return tuple(values) if any(value is not None for value in values) else ()
