"""Whether a figure got worse. Pure.

What is asked is non-inferiority: a figure is as good when it is shown that it is not worse than before by more than the tolerance, and
worse when it is shown that it is. With several runs on each side that takes a one-sided Welch's t test at 95 % in either direction
(unequal variances, NIST/SEMATECH e-Handbook 7.3.1; the tolerated part of a mean is as uncertain as the mean, so it is scaled with it).
With one run on a side its scatter is taken to be that of the other one (Crawford and Howell, The Clinical Neuropsychologist 12, 1998).
Where the runs scatter too much to tell, the answer is "not shown", which is no pass. Two single figures have no scatter that is known, so
they are compared as they are.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import NamedTuple

from .errors import ConfigurationError
from .samples import Sample, student_t

AS_GOOD, WORSE, NOT_SHOWN = "as good", "worse", "not shown"

MOST = 1000
"""Runs that are thought of when it is asked how many would tell."""


@dataclass(frozen=True)
class Tolerance:
    """How much worse a mean may be: in per cent of the one before, or in the figure's own unit.

    Example: ``Tolerance(5, relative=True)`` is 5 %.
    """

    value: float
    relative: bool

    def scale(self, sign: int) -> float:
        """What the mean before is multiplied with; ``sign`` is 1 where more is better and -1 where less is."""
        return 1 - sign * self.value / 100 if self.relative else 1.0

    def bound(self, base: float, sign: int) -> float:
        """The worst mean that is tolerated."""
        return base * self.scale(sign) if self.relative else base - sign * self.value


@dataclass(frozen=True)
class Comparison:
    """``verdict`` is ``as good``, ``worse`` or ``not shown``; ``change`` is that of the mean in per cent of the one before.

    ``bound`` is the worst mean that is tolerated, ``margin`` how much better than that this one is (less than 0: worse), ``reach`` how far the margin may
    be off, None for two single figures; all in the figure's unit. ``method`` says how it was decided; ``runs`` is how many would tell, where
    that is not shown; None where no number would.
    """

    verdict: str
    change: float | None
    bound: float
    margin: float
    reach: float | None
    method: str
    runs: int | None = None


class _Spread(NamedTuple):
    """The variances of single values, that before scaled as its mean, and how many there are of them."""

    now: float
    before: float
    count_before: int

    def reach(self, count: int) -> float:
        """How far the margin of the mean of so many values may be off."""
        now, before = self.now / count, self.before / self.count_before
        return student_t(self._degrees(now, before, count), one_sided=True) * math.sqrt(now + before)

    def _degrees(self, now: float, before: float, count: int) -> float:
        """Welch's degrees of freedom; with one value on a side, those of the other one."""
        if min(count, self.count_before) < 2 or not now + before:
            return max(count, self.count_before) - 1
        parts = now**2 / (count - 1) + before**2 / (self.count_before - 1)
        return max(1.0, (now + before) ** 2 / parts)

    def runs(self, count: int, margin: float) -> int | None:
        """How many values would tell, if they were as those that are there."""
        counts = range(count + 1, MOST + 1)
        at = bisect_left(counts, True, key=lambda runs: self.reach(runs) <= abs(margin))
        return counts[at] if at < len(counts) else None


def compare(now: Sample, before: Sample, tolerance: Tolerance, more_is_better: bool = True) -> Comparison:
    """Whether the mean is no worse than before by more than the tolerance.

    Raises ConfigurationError where nothing is to be compared, or everything would pass.

    Example: ``compare(Sample.of([93e6]), Sample.of([94e6]), Tolerance(5, True)).verdict`` is ``"as good"``.
    """
    mean, base = now.mean, before.mean
    if mean is None or base is None:
        raise ConfigurationError("There is nothing to compare: one of the two has no value.")
    sign = 1 if more_is_better else -1
    bound = tolerance.bound(base, sign)
    if more_is_better and bound <= 0:
        raise ConfigurationError("Nothing could be worse than what is tolerated, which is 0 or less.", remedy=_LESS)
    margin = _margin(mean, bound, sign)
    spread = _spread(now, before, tolerance.scale(sign))
    reach = None if spread is None else spread.reach(now.count)
    verdict = _verdict(margin, reach or 0.0)
    return Comparison(
        verdict=verdict,
        change=100 * (mean - base) / abs(base) if base else None,
        bound=bound,
        margin=margin,
        reach=reach,
        method=_method(now, before, reach),
        runs=spread.runs(now.count, margin) if spread and verdict == NOT_SHOWN else None,
    )


_LESS = "give a tolerance that is less than the figure; a baseline of 0 has none, record another one"


def _margin(mean: float, bound: float, sign: int) -> float:
    """How much better than the bound; what differs in the last digits that a float has is the same."""
    return 0.0 if math.isclose(mean, bound, rel_tol=1e-12) else sign * (mean - bound)


def _verdict(margin: float, reach: float) -> str:
    if margin >= reach:
        return AS_GOOD
    return WORSE if margin < 0 and -margin >= reach else NOT_SHOWN


def _spread(now: Sample, before: Sample, scale: float) -> _Spread | None:
    """None for two single figures; a single one scatters as the others do."""
    known = [sample.stdev for sample in (now, before) if sample.stdev is not None]
    if not known:
        return None
    return _Spread(known[0] ** 2, (scale * known[-1]) ** 2, before.count)


def _method(now: Sample, before: Sample, reach: float | None) -> str:
    if reach is None:
        return "one run against one: compared as they are, since nothing is known of their scatter"
    if not reach:
        return f"{_runs(now)} against {_runs(before)}: compared as they are, since they do not scatter"
    if min(now.count, before.count) > 1:
        return f"one-sided Welch's t test, 95 %: {_runs(now)} against {_runs(before)}"
    return f"one-sided t test, 95 %: {_runs(now)} against {_runs(before)}; the single one is taken to scatter as the others do"


def _runs(sample: Sample) -> str:
    return "one run" if sample.count == 1 else f"{sample.count} runs"
