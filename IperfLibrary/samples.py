"""What several measurements of the same thing say together: mean, spread, how far the mean can be trusted. Pure.

Methods: the sample's standard deviation (n - 1); Student's t interval for the mean (NIST/SEMATECH e-Handbook of Statistical
Methods, 1.3.5.2); outliers beyond Tukey's inner fences, 1.5 interquartile ranges outside the quartiles (e-Handbook 7.1.6; Tukey,
Exploratory Data Analysis, 1977), with quartiles by linear interpolation (type 7 of Hyndman and Fan, 1996). Nothing is dropped.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

FEWEST = 5
"""Values before which a mean does not count as known: a few may agree by chance."""

FENCE = 1.5
"""Interquartile ranges outside the quartiles beyond which a value is an outlier."""

# Student's t by degrees of freedom, for 95 % between two sides and on one; between the last ones it is interpolated in 1/df,
# which is right in the third digit.
_TWO = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)  # fmt: skip
_ONE = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753, 1.746,
        1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697)  # fmt: skip
_TWO_FAR = ((40.0, 2.0211), (60.0, 2.0003), (120.0, 1.9799), (math.inf, 1.95996))
_ONE_FAR = ((40.0, 1.6839), (60.0, 1.6706), (120.0, 1.6577), (math.inf, 1.64485))
_TWO_POINTS, _ONE_POINTS = (
    (*enumerate(map(float, near), 1), *far) for near, far in ((_TWO, _TWO_FAR), (_ONE, _ONE_FAR))
)


@dataclass(frozen=True)
class Sample:
    """Values of one figure in one unit, in the order in which they were measured.

    Example: ``Sample.of([94.1, 94.3, 93.9]).mean``
    """

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Sample:
        return cls(tuple(float(value) for value in values))

    @property
    def count(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float | None:
        return math.fsum(self.values) / len(self.values) if self.values else None

    @property
    def median(self) -> float | None:
        middle = sorted(self.values)[(self.count - 1) // 2 : self.count // 2 + 1]
        return sum(middle) / len(middle) if middle else None

    @property
    def stdev(self) -> float | None:
        """The sample's standard deviation; None for less than two values."""
        if len(self.values) < 2:
            return None
        mean = math.fsum(self.values) / self.count
        # As statistics.stdev, which calculates in fractions, a hundred times slower.
        return math.sqrt(math.fsum((value - mean) ** 2 for value in self.values) / (len(self.values) - 1))

    @property
    def cv(self) -> float | None:
        """The standard deviation in per cent of the mean."""
        return 100 * self.stdev / abs(self.mean) if self.stdev is not None and self.mean else None

    @property
    def half_width(self) -> float | None:
        """How far the true mean may lie from this one, with 95 % confidence; None for less than two values."""
        if self.stdev is None:
            return None
        return student_t(self.count - 1) * self.stdev / math.sqrt(self.count)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of the mean."""
        if self.mean is None or self.half_width is None:
            return None
        return self.mean - self.half_width, self.mean + self.half_width

    @property
    def uncertainty(self) -> float | None:
        """``half_width`` in per cent of the mean."""
        return 100 * self.half_width / abs(self.mean) if self.half_width is not None and self.mean else None

    def known_to(self, percent: float) -> bool:
        """Whether the mean is known to so many per cent.

        Who measures until this is so, and stops then, has stopped when the spread looked small by chance more often than when it
        looked large: of such intervals, which say 95 %, 92 % to 95 % have the truth (simulated; the docs say so, too).
        """
        return self.count >= FEWEST and self.uncertainty is not None and self.uncertainty <= percent

    def count_for(self, percent: float) -> int | None:
        """About how many values it takes to know the mean to so many per cent, if all scatter as these; None for more than a thousand."""
        if self.cv is None:
            return None
        cv, counts = self.cv, range(FEWEST, 1001)
        at = bisect_left(counts, True, key=lambda count: student_t(count - 1) * cv / math.sqrt(count) <= percent)
        return counts[at] if at < len(counts) else None

    @property
    def outliers(self) -> tuple[int, ...]:
        """Which values lie outside Tukey's fences, counted from 1; none can be told among less than four."""
        if self.count < 4:
            return ()
        import statistics  # noqa: PLC0415 - with what it imports a fiftieth of the whole library

        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        reach = FENCE * (high - low)
        return tuple(i for i, value in enumerate(self.values, 1) if not low - reach <= value <= high + reach)


def student_t(degrees: float, one_sided: bool = False) -> float:
    """The quantile of Student's t for 95 %, between two sides or on one; between two degrees of freedom rather too large than too small.

    Example: ``student_t(9)`` is 2.262, ``student_t(9, one_sided=True)`` is 1.833.
    """
    if degrees < 1:
        raise ValueError("it takes two values to know their spread")
    points = _ONE_POINTS if one_sided else _TWO_POINTS
    at = max(1, bisect_left(points, (degrees,)))
    (low, at_low), (high, at_high) = points[at - 1 : at + 1]
    share = (1 / low - 1 / degrees) / (1 / low - 1 / high)
    return at_low + share * (at_high - at_low)


def fairness(rates: Iterable[float]) -> float | None:
    """Jain's fairness index (Jain, Chiu and Hawe, DEC-TR-301, 1984): 1 when all get the same, 1/n when one gets all; None when nobody gets any.

    Example: ``fairness([10.0, 10.0, 0.0])`` is 0.667.
    """
    shares = list(rates)
    squares = len(shares) * sum(rate * rate for rate in shares)
    return sum(shares) ** 2 / squares if squares else None
