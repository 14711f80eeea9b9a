"""Rows that look alike, many at once: column by column, so that no row costs a call of its own. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import Any, cast

from ..result import Interval
from .rows import Cache, count_of, rate_of, span
from .rows import rate as read_rate
from .rows import size as read_size

FEW = 16
"""Rows that are read one by one: so few cost less that way."""

Row = tuple[str, ...]
"""What a pattern found in a line."""

Columns = tuple[Sequence[float], Sequence[float], Sequence[int], Sequence[float | None]]
"""Starts, ends, bytes and rates of rows."""

NONE: Iterable[Any] = repeat(None)
NO: Iterable[bool] = repeat(False)

made = cast(Callable[[tuple[Any, ...]], Interval], partial(tuple.__new__, Interval))
"""An interval of all its figures, in a quarter of the time that ``Interval(...)`` takes."""


def intervals(
    starts: Iterable[float],
    ends: Iterable[float],
    counts: Iterable[int | None],
    rates: Iterable[float | None],
    *,
    omitted: Iterable[bool] = NO,
    retransmits: Iterable[int | None] = NONE,
    windows: Iterable[int | None] = NONE,
    rtts: Iterable[float | None] = NONE,
    jitters: Iterable[float | None] = NONE,
    lost: Iterable[int | None] = NONE,
    packets: Iterable[int | None] = NONE,
    late: Iterable[int | None] = NONE,
) -> list[Interval]:
    """The intervals with these figures, as ``Interval(...)`` of each row makes them."""
    columns = (starts, ends, counts, rates, omitted, retransmits, windows, rtts, jitters, lost, packets, late)
    return [*map(made, zip(*columns))]  # noqa: B905 - a column of one value has no end


def whole_numbers(texts: Iterable[str]) -> list[int | None]:
    """Of digits, or of nothing.

    Example: ``whole_numbers(["7", ""]) == [7, None]``
    """
    return [int(text) if text else None for text in texts]


class Amounts:
    """Reads the columns that all rows of text have: when, how much, how fast."""

    def __init__(self) -> None:
        self._spans = Cache(span)
        self._counts = Cache(lambda text: count_of(read_size(text)))
        self._rates = Cache(_exact)

    def read(self, spans: Sequence[str], sizes: Sequence[str], rates: Sequence[str]) -> Columns | None:
        """The columns; None where one of the sizes is no number."""
        moments = [*map(self._spans.__getitem__, spans)]
        counts = [*map(self._counts.__getitem__, sizes)]
        if None in counts:
            return None
        speeds = [*map(self._rates.__getitem__, rates)]
        if None in speeds:
            speeds = [
                rate_of(read_rate(rate), read_size(size), *moment) if speed is None else speed
                for speed, rate, size, moment in zip(speeds, rates, sizes, moments, strict=True)
            ]
        starts, ends = zip(*moments, strict=True)
        return starts, ends, cast(list[int], counts), speeds


def _exact(text: str) -> float | None:
    """The rate as printed, where that has two good digits."""
    found = read_rate(text)
    return found[0] if found and found[1] < 0.05 else None
