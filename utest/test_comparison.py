"""Whether a figure got worse: single figures, several runs, and against chance."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from IperfLibrary.comparison import AS_GOOD, NOT_SHOWN, WORSE, Comparison, Tolerance, compare
from IperfLibrary.errors import ConfigurationError
from IperfLibrary.samples import Sample

FIVE = Tolerance(5, relative=True)


def judged(now: list[float], before: list[float], tolerance: Tolerance = FIVE, more: bool = True) -> Comparison:
    return compare(Sample.of(now), Sample.of(before), tolerance, more)


@pytest.mark.parametrize(
    ("more", "now", "before", "verdict"),
    [
        (True, 95.0, 100.0, AS_GOOD),
        (True, 94.9, 100.0, WORSE),
        (True, 200.0, 100.0, AS_GOOD),
        (False, 10.5, 10.0, AS_GOOD),
        (False, 10.6, 10.0, WORSE),
        (False, 1.0, 10.0, AS_GOOD),
        (False, 0.0, 0.0, AS_GOOD),
        (False, 0.1, 0.0, WORSE),
    ],
)
def test_single_figures(more: bool, now: float, before: float, verdict: str) -> None:
    found = judged([now], [before], more=more)
    assert (found.verdict, found.reach) == (verdict, None)
    assert found.method.startswith("one run against one: compared as they are")


@pytest.mark.parametrize(
    ("more", "now", "verdict"),
    [(True, 99.5, AS_GOOD), (True, 99.4, WORSE), (False, 100.5, AS_GOOD), (False, 100.6, WORSE)],
)
def test_a_tolerance_in_the_unit_of_the_figure(more: bool, now: float, verdict: str) -> None:
    assert judged([now], [100], Tolerance(0.5, relative=False), more).verdict == verdict


def test_of_nothing_a_tolerance_with_a_unit_is_something() -> None:
    assert judged([0.1], [0], Tolerance(0.2, relative=False), more=False).verdict == AS_GOOD
    assert judged([0.3], [0], Tolerance(0.2, relative=False), more=False).verdict == WORSE


@pytest.mark.parametrize("before", [1.1, 94.1e6, 1 / 3])
def test_a_figure_at_the_limit_passes_whatever_its_last_digit_is(before: float) -> None:
    assert judged([before - before * 5 / 100], [before]).verdict == AS_GOOD
    assert judged([before * 1.05], [before], more=False).verdict == AS_GOOD


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ([100, 101, 99, 100], AS_GOOD),
        ([96, 97, 95.5, 96.5], AS_GOOD),
        ([95, 96, 94.5, 95.5], NOT_SHOWN),
        ([90, 91, 89, 90], WORSE),
        ([60, 140, 95, 105], NOT_SHOWN),
        ([60, 120, 95, 85], NOT_SHOWN),
    ],
)
def test_several_runs(now: list[float], verdict: str) -> None:
    found = judged(now, [100, 101, 99, 100])
    assert found.verdict == verdict
    assert found.method == "one-sided Welch's t test, 95 %: 4 runs against 4 runs"
    assert found.bound == pytest.approx(95)


@pytest.mark.parametrize(
    ("tolerance", "error", "quantile"),
    [
        # By hand: the variances are 1 and 4; Welch's degrees of freedom 3.03 and 2.94, where t at 95 % on one side is 2.34 and 2.38.
        (Tolerance(5, True), (1 / 3 + 0.9025 * 4 / 3) ** 0.5, 2.34),
        (Tolerance(5, False), (1 / 3 + 4 / 3) ** 0.5, 2.38),
    ],
)
def test_the_statistic_is_that_of_welch(tolerance: Tolerance, error: float, quantile: float) -> None:
    found = judged([99, 100, 101], [98, 100, 102], tolerance)
    assert found.reach == pytest.approx(quantile * error, rel=0.005)


def test_where_less_is_better_the_tolerance_widens_the_scatter_before() -> None:
    less = judged([10, 10], [9, 11], Tolerance(50, True), more=False).reach
    more = judged([10, 10], [9, 11], Tolerance(50, True)).reach
    assert less is not None
    assert more is not None
    assert less == pytest.approx(3 * more)


def test_against_a_published_example() -> None:
    """NIST/SEMATECH e-Handbook 7.3.1.1: times of an old and a new process; t is 2.269 with 15.5 degrees, so the new one is quicker."""
    old: list[float] = [32, 37, 35, 28, 41, 44, 35, 31, 34, 38, 42]
    new: list[float] = [36, 31, 30, 31, 34, 36, 29, 32, 31]
    found = judged(new, old, Tolerance(0, False), more=False)
    assert found.margin == pytest.approx(36.0909 - 32.2222, abs=1e-3)
    assert found.verdict == AS_GOOD
    assert found.reach is not None
    assert found.margin / (found.reach / 1.751) == pytest.approx(
        2.2694, abs=0.006
    )  # t at 95 % and 15.5 degrees is 1.750


@pytest.mark.parametrize(
    ("now", "before"), [([98], [98, 100, 102, 99, 101]), ([98, 99, 97, 96, 100], [100])], ids=["now", "before"]
)
def test_a_single_run_scatters_as_the_others(now: list[float], before: list[float]) -> None:
    found = judged(now, before)
    assert found.verdict == NOT_SHOWN
    assert found.method.startswith("one-sided t test, 95 %")
    scatter = 2.5**0.5
    scaled = (1 + 0.95**2 / 5) if len(now) == 1 else (1 / 5 + 0.95**2)
    assert found.reach == pytest.approx(2.132 * scatter * scaled**0.5)


def test_runs_that_do_not_scatter() -> None:
    assert judged([0, 0, 0], [0, 0, 0], more=False).verdict == AS_GOOD
    found = judged([1, 1, 1], [0, 0, 0], more=False)
    assert found.verdict == WORSE
    assert found.method == "3 runs against 3 runs: compared as they are, since they do not scatter"
    assert judged([100, 100], [90, 110]).verdict == NOT_SHOWN


# -- how many runs would tell


def test_as_many_runs_as_it_says_would_tell_and_fewer_would_not() -> None:
    before = [98.0, 102.0] * 20
    seen = [92.0, 102.0, 95.0, 99.0, 98.0]
    found = judged(seen, before)
    assert found.verdict == NOT_SHOWN
    assert found.runs is not None
    assert found.runs > len(seen) + 3

    def of(count: int) -> Comparison:
        """So many runs with the same mean and variance as these."""
        step = ((Sample.of(seen).stdev or 0) ** 2 * (count - 1) / count) ** 0.5
        return judged([97.2 - step, 97.2 + step] * (count // 2), before)

    even = found.runs + found.runs % 2
    assert of(even).verdict == AS_GOOD
    assert of(even - 2).verdict == NOT_SHOWN


def test_where_the_baseline_is_of_too_few_runs_no_number_would_tell() -> None:
    assert judged([96, 97, 98], [95, 105]).runs is None
    assert judged([96, 97, 95, 94, 98], [100]).runs is None
    assert judged([100, 100, 101], [100, 101, 102]).runs is None  # as good: there is no question
    assert judged([93, 95, 97], [100] * 5).runs is None  # at the very limit


# -- what cannot be


def test_nothing_cannot_be_compared() -> None:
    with pytest.raises(ConfigurationError, match="nothing to compare"):
        compare(Sample(()), Sample.of([1]), FIVE)


@pytest.mark.parametrize(("before", "tolerance"), [(100, Tolerance(100, True)), (5, Tolerance(5, False)), (0, FIVE)])
def test_a_tolerance_that_lets_everything_pass(before: float, tolerance: Tolerance) -> None:
    with pytest.raises(ConfigurationError, match="Nothing could be worse"):
        judged([1], [before], tolerance)
    assert judged([before * 3 + 99], [before], tolerance, more=False).verdict == WORSE


# -- against chance: baselines and runs of the same link, and of one that got worse


def verdicts(count: int, mean: float, cv: float, *, seed: int, times: int = 2000, more: bool = True) -> Iterator[str]:
    """Of so many runs each, the baseline's with a mean of 100, both with that coefficient of variation in per cent."""
    chance = random.Random(seed)

    def runs(centre: float) -> list[float]:
        return [chance.gauss(centre, cv * centre / 100) for _ in range(count)]

    return (judged(runs(mean), runs(100), more=more).verdict for _ in range(times))


def share(found: Iterator[str], verdict: str) -> float:
    every = list(found)
    return every.count(verdict) / len(every)


@pytest.mark.parametrize(("count", "most"), [(3, 0.27), (5, 0.04), (10, 0.001)])
def test_false_alarms_are_rare(count: int, most: float) -> None:
    """The same link, a scatter of 2 %, a tolerance of 5 %: it is never called worse, and with five runs seldom not shown."""
    found = list(verdicts(count, 100, 2, seed=count))
    assert found.count(WORSE) == 0
    assert found.count(NOT_SHOWN) / len(found) <= most


@pytest.mark.parametrize("count", [2, 3, 5, 10])
@pytest.mark.parametrize("cv", [2, 8])
def test_a_true_loss_of_ten_per_cent_is_seldom_called_as_good(count: int, cv: float) -> None:
    assert share(verdicts(count, 90, cv, seed=count), AS_GOOD) <= 0.05


@pytest.mark.parametrize("count", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("cv", [2, 8])
@pytest.mark.parametrize(("more", "mean"), [(True, 95.0), (False, 105.0)])
def test_what_is_exactly_at_the_limit_passes_as_often_as_it_says(
    count: int, cv: float, more: bool, mean: float
) -> None:
    """In 5 % of the cases; with two runs on a side, Welch's test is known to err to the safe side."""
    found = share(verdicts(count, mean, cv, seed=count, more=more), AS_GOOD)
    assert found <= 0.062
    assert found >= (0.035 if count > 2 else 0.01)


@pytest.mark.parametrize("count", [5, 10])
def test_what_is_exactly_at_the_limit_is_called_worse_as_seldom(count: int) -> None:
    assert share(verdicts(count, 95, 2, seed=count), WORSE) == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize(("now", "before"), [(1, 5), (5, 1), (1, 10)])
def test_a_single_run_at_the_limit_passes_as_seldom(now: int, before: int) -> None:
    chance = random.Random(now)

    def sample(count: int, mean: float) -> Sample:
        return Sample.of(chance.gauss(mean, 2 * mean / 100) for _ in range(count))

    passes = sum(compare(sample(now, 95), sample(before, 100), FIVE).verdict == AS_GOOD for _ in range(2000))
    assert passes / 2000 == pytest.approx(0.05, abs=0.015)
