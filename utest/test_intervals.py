"""What follows from intervals: the ones that count, the times in which nothing moved, the rates until now."""

from __future__ import annotations

import pytest

from IperfLibrary.intervals import Tally, counted, mean, outages
from IperfLibrary.result import Flow, Interval


def spans(*ends: float, moved: int | None = 1) -> list[Interval]:
    """Intervals without a gap that end at these moments."""
    return [Interval(start, end, bytes=moved) for start, end in zip((0.0, *ends), ends, strict=False)]


def moving(*counts: int | None) -> list[Interval]:
    """An interval of a second for each number of bytes."""
    return [Interval(float(at), at + 1.0, bytes=count) for at, count in enumerate(counts)]


def silent(*intervals: Interval) -> list[tuple[float, float]]:
    return outages(Flow("forward", False, intervals=intervals))


@pytest.mark.parametrize(
    ("ends", "kept"),
    [
        ((), 0),
        ((0.01,), 1),
        ((1.0, 2.0), 2),
        ((1.0, 2.0, 2.01), 2),
        ((1.0, 1.01), 1),
        ((1.0, 2.0, 2.4), 2),
        ((1.0, 2.0, 2.6), 3),
    ],
)
def test_a_moment_does_not_count(ends: tuple[float, ...], kept: int) -> None:
    assert counted(spans(*ends)) == spans(*ends)[:kept]


def test_a_long_one_makes_no_moments_of_the_others() -> None:
    hung = spans(1.0, 2.0, 5.5, 6.5, 7.5, 7.52)
    assert counted(hung) == hung[:5]


def test_the_warm_up_does_not_count() -> None:
    assert counted([Interval(0, 1, bytes=1, omitted=True), *spans(1.0)]) == spans(1.0)


def test_how_long_a_whole_one_is_may_be_known() -> None:
    assert counted(spans(0.4), whole=1.0) == []
    assert counted(spans(0.4), whole=0.5) == spans(0.4)


def test_outages_next_to_each_other_are_one() -> None:
    assert silent(*moving(1, 0, 0, 1, 0)) == [(1.0, 3.0), (4.0, 5.0)]


def test_what_is_unknown_is_no_outage() -> None:
    assert silent(*moving(1, None, 1)) == []


def test_a_last_moment_is_no_outage_and_makes_none_longer() -> None:
    assert silent(*moving(1, 1), Interval(2.0, 2.3, bytes=0)) == []
    assert silent(*moving(1, 0), Interval(2.0, 2.3, bytes=0)) == [(1.0, 2.0)]


def test_a_short_one_in_an_outage_belongs_to_it() -> None:
    assert silent(*moving(1, 0), Interval(2.0, 2.3, bytes=0), Interval(2.3, 3.3, bytes=0)) == [(1.0, 3.3)]


def test_a_mean_counts_how_long_each_rate_lasted() -> None:
    assert mean([10.0, 0.0], [9.0, 1.0]) == 9.0
    assert mean([2.0, 4.0], [0.0, 0.0]) == 3.0
    assert mean([], []) is None


def test_a_tally_of_nothing_knows_nothing() -> None:
    assert (Tally().seen, Tally().now, Tally().mean) == (0, None, None)


def test_a_tally_has_the_last_rate_and_the_mean_by_time() -> None:
    tally = Tally()
    for interval in (Interval(0, 1, bytes=100), Interval(1, 4, bytes=0), Interval(4, 4.5, bytes=100)):
        tally.add(interval)
    assert tally.now == 1600.0
    assert tally.mean == pytest.approx(1600 / 4.5)


@pytest.mark.parametrize(
    "other", [Interval(1, 2, bytes=9, omitted=True), Interval(1, 2), Interval(1, 1, bytes=9), Interval(2, 1, bytes=9)]
)
def test_a_tally_passes_over_what_has_no_rate(other: Interval) -> None:
    tally = Tally()
    tally.add(Interval(0, 1, bytes=100))
    tally.add(other)
    assert (tally.seen, tally.now, tally.mean) == (2, 800.0, 800.0)
