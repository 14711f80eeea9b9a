"""What several measurements of the same thing say together: mean, spread, how far the mean can be trusted. Pure.

Methods: the sample's standard deviation (n - 1); Student's t interval for the mean (NIST/SEMATECH e-Handbook 7.2.2.1);
outliers beyond Tukey's fences, 1.5 interquartile ranges outside the quartiles (e-Handbook 7.1.6). Nothing is dropped.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

FENCE = 1.5
"""Interquartile ranges outside the quartiles beyond which a value is an outlier."""

# Student's t by degrees of freedom, for 95 % between two sides and on one; between the last ones it is interpolated in 1/df,
# which is right in the third digit.
_TWO = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)  # fmt: skip
_ONE = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753, 1.746,
        1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697)  # fmt: skip
_TWO_FAR = ((30.0, 2.0423), (40.0, 2.0211), (60.0, 2.0003), (120.0, 1.9799), (math.inf, 1.95996))
_ONE_FAR = ((30.0, 1.6973), (40.0, 1.6839), (60.0, 1.6706), (120.0, 1.6577), (math.inf, 1.64485))


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
        return statistics.fmean(self.values) if self.values else None

    @property
    def median(self) -> float | None:
        return statistics.median(self.values) if self.values else None

    @property
    def stdev(self) -> float | None:
        """The sample's standard deviation; None for less than two values."""
        if len(self.values) < 2:
            return None
        mean = math.fsum(self.values) / len(self.values)
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

    @property
    def outliers(self) -> tuple[int, ...]:
        """Which values lie outside Tukey's fences, counted from 1; none can be told among less than four."""
        if self.count < 4:
            return ()
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        reach = FENCE * (high - low)
        return tuple(i for i, value in enumerate(self.values, 1) if not low - reach <= value <= high + reach)


def student_t(degrees: int, one_sided: bool = False) -> float:
    """The quantile of Student's t for 95 %, between two sides or on one.

    Example: ``student_t(9)`` is 2.262, ``student_t(9, one_sided=True)`` is 1.833.
    """
    if degrees < 1:
        raise ValueError("it takes two values to know their spread")
    near, far = (_ONE, _ONE_FAR) if one_sided else (_TWO, _TWO_FAR)
    if degrees <= len(near):
        return near[degrees - 1]
    (low, at_low), (high, at_high) = next(pair for pair in pairwise(far) if degrees <= pair[1][0])
    share = (1 / low - 1 / degrees) / (1 / low - 1 / high)
    return at_low + share * (at_high - at_low)


def fairness(rates: Iterable[float]) -> float | None:
    """Jain's fairness index (DEC-TR-301, 1984): 1 when all get the same, 1/n when one gets all; None when nobody gets any.

    Example: ``fairness([10.0, 10.0, 0.0])`` is 0.667.
    """
    shares = list(rates)
    squares = len(shares) * sum(rate * rate for rate in shares)
    return sum(shares) ** 2 / squares if squares else None
