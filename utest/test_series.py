"""A flow in few points: nothing is lost that a chart should show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from IperfLibrary.report.series import POINTS, Series, series_of, thinned
from IperfLibrary.result import Interval


def intervals(*rates: float | None) -> list[Interval]:
    return [Interval(at, at + 1, bits_per_second=rate) for at, rate in enumerate(rates)]


def test_few_intervals_stay_as_they_are() -> None:
    series = series_of([Interval(0, 1, 5, 40.0, retransmits=0), Interval(1, 2.5, 6, 32.0, retransmits=3)])
    assert series == Series((0, 1), 2.5, (40.0, 32.0), retransmits=(0, 3))


def test_the_warm_up_is_left_out() -> None:
    assert series_of([Interval(0, 1, bits_per_second=9.0, omitted=True), *intervals(1.0)]).bits_per_second == (1.0,)


def test_nothing_is_no_point() -> None:
    assert series_of([]) == Series()
    assert len(series_of([])) == 0
    assert Series().widths == ()


def test_unknown_stays_unknown_and_0_stays_0() -> None:
    assert series_of(intervals(0.0, None)).bits_per_second == (0.0, None)


def test_a_column_where_nothing_is_known_is_empty() -> None:
    series = series_of(intervals(None, None))
    assert (series.bits_per_second, series.retransmits, series.lowest) == ((), (), ())


def test_a_dip_is_not_lost_when_points_are_merged() -> None:
    series = series_of(intervals(10.0, 0.0, 10.0, 10.0), 2)
    assert (series.start, series.end) == ((0, 2), 4)
    assert (series.bits_per_second, series.lowest) == ((5.0, 10.0), (0.0, 10.0))


def test_a_dip_is_not_lost_when_they_are_merged_again() -> None:
    assert thinned(series_of(intervals(10.0, 0.0, 10.0, 10.0), 2), 1).lowest == (0.0,)


def test_a_mean_is_weighted_with_time() -> None:
    long_and_short = [Interval(0, 9, bits_per_second=10.0), Interval(9, 10, bits_per_second=0.0)]
    assert series_of(long_and_short, 1).bits_per_second == (9.0,)


def test_counts_are_summed_and_loss_is_that_of_the_sums() -> None:
    lost = [Interval(0, 1, lost_packets=1, packets=10), Interval(1, 2, lost_packets=0, packets=90)]
    series = series_of(lost, 1)
    assert (series.lost_packets, series.packets, series.lost_percent) == ((1,), (100,), (1.0,))


def test_loss_of_no_packets_is_unknown() -> None:
    assert series_of([Interval(0, 1, lost_packets=0, packets=0)]).lost_percent == (None,)


def test_half_a_sum_is_unknown() -> None:
    half = [Interval(0, 1, bits_per_second=1.0, retransmits=4), Interval(1, 2)]
    series = series_of(half, 1)
    assert (series.bits_per_second, series.lowest, series.retransmits) == ((None,), (None,), (None,))


def test_intervals_without_length_have_a_plain_mean() -> None:
    assert series_of([Interval(1, 1, bits_per_second=r) for r in (2.0, 4.0)], 1).bits_per_second == (3.0,)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="lengths"):
        Series(start=(0.0,), bits_per_second=(1.0, 2.0))


@pytest.mark.parametrize("count", [1, 299, 300, 301, 599, 601, 86400])
def test_a_day_is_no_more_than_so_many_points(count: int) -> None:
    series = series_of(intervals(*[5.0] * count))
    assert 0 < len(series) <= POINTS
    assert set(series.bits_per_second) == {5.0}
    assert series.end == count


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e12))), st.integers(1, 40))
def test_merged_points_lie_between_what_they_stand_for(rates: list[float | None], most: int) -> None:
    series = series_of(intervals(*rates), most)
    assert len(series) <= most
    known = [rate for rate in rates if rate is not None]
    for rate in series.bits_per_second:
        assert rate is None or min(known) * 0.99999 <= rate <= max(known) * 1.00001
