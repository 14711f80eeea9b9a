"""The points of a curve: true, in their order, and few."""

from __future__ import annotations

import math

import pytest

from IperfLibrary.curve import POINTS, Curve, curve_of
from IperfLibrary.result import Flow, Interval
from IperfLibrary.tools.parsing import parse
from utest.recorded import lines


def curve(*intervals: Interval) -> Curve:
    return curve_of(Flow("upstream", False, intervals=intervals))


def second(at: float, rate: float | None = 8.0, **figures: int | bool) -> Interval:
    return Interval(at, at + 1, bits_per_second=rate, **figures)  # type: ignore[arg-type]


def test_nothing_has_no_points() -> None:
    assert curve().points == []
    assert not curve().drawable


def test_each_interval_is_a_point() -> None:
    found = curve(second(0, 1.0, retransmits=0), second(1, 0.0, retransmits=3))
    assert [(p.start, p.end, p.low, p.mean, p.high, p.wrong, p.whole) for p in found.points] == [
        (0, 1, 1.0, 1.0, 1.0, 0, True),
        (1, 2, 0.0, 0.0, 0.0, 3, True),
    ]
    assert found.each == 1


@pytest.mark.parametrize(("rates", "is_drawable"), [((1.0,), False), ((1.0, None), False), ((1.0, None, 1.0), True)])
def test_it_takes_two_known_rates_to_draw(rates: tuple[float | None, ...], is_drawable: bool) -> None:
    assert curve(*[second(at, rate) for at, rate in enumerate(rates)]).drawable is is_drawable


def test_the_warm_up_stands_before_0() -> None:
    found = curve(second(0, 5.0, omitted=True), second(1, 6.0, omitted=True), second(0, 7.0), second(1, 8.0))
    assert [(p.start, p.mean) for p in found.points] == [(-2, 5.0), (-1, 6.0), (0, 7.0), (1, 8.0)]


def test_a_recorded_warm_up_has_no_hole_behind_it() -> None:
    found = curve_of(parse(lines("174-gen-iperf3-3.12-loss5-udpO-client.txt")).flows[0])
    assert [round(p.start) for p in found.points] == [-1, 0, 1]
    assert all(p.whole for p in found.points)


def test_what_is_missing_is_a_hole() -> None:
    found = curve(second(1), second(2), second(5))
    assert [(p.start, p.end, p.mean, p.whole) for p in found.points] == [
        (0, 1, None, False),
        (1, 2, 8.0, True),
        (2, 3, 8.0, True),
        (3, 5, None, False),
        (5, 6, 8.0, True),
    ]


def test_rounded_seconds_are_no_hole() -> None:
    assert [p.whole for p in curve(second(0.03), second(1.05), second(2.01)).points] == [True] * 3


def test_an_unknown_rate_is_not_0() -> None:
    found = curve(second(0), second(1, None)).points[1]
    assert (found.low, found.mean, found.high, found.whole) == (None, None, None, False)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -1.0, 1e300])
def test_an_impossible_figure_is_unknown(bad: float) -> None:
    found = curve(second(0), second(1, bad)).points[1]
    assert (found.mean, found.whole) == (None, False)


@pytest.mark.parametrize(("start", "end"), [(math.nan, 1), (0, math.nan), (0, math.inf), (2, 1), (1, 1), (-1e300, 1)])
def test_an_impossible_time_is_left_out(start: float, end: float) -> None:
    assert [p.mean for p in curve(second(0, 1.0), Interval(start, end, bits_per_second=9.0)).points] == [1.0]


def test_loss_is_a_share_of_the_packets() -> None:
    assert curve(second(0, lost_packets=1, packets=4)).points[0].wrong == 25.0
    assert curve(second(0, packets=4)).points[0].wrong is None
    assert curve(second(0, lost_packets=0, packets=0)).points[0].wrong is None


def test_intervals_that_come_in_another_order_are_sorted() -> None:
    assert [p.start for p in curve(second(2), second(0), second(1)).points] == [0, 1, 2]


def test_as_many_as_can_be_drawn_stay_as_they_are() -> None:
    assert len(curve(*map(second, range(POINTS))).points) == POINTS


def test_a_day_keeps_its_extremes_mean_and_worst() -> None:
    day = [second(at, 100.0, retransmits=1) for at in range(86400)]
    day[43210] = second(43210, 0.0, retransmits=7)
    day[43211] = second(43211, 500.0, retransmits=0)
    found = curve(*day)
    assert len(found.points) == POINTS
    assert found.each == 288
    [odd] = [p for p in found.points if p.low == 0]
    assert odd.start <= 43210 < odd.end
    assert (odd.high, odd.wrong, odd.whole) == (500.0, 7, True)
    assert odd.mean == pytest.approx((286 * 100 + 500) / 288)
    assert {p.mean for p in found.points} - {odd.mean} == {100.0}


def test_the_mean_counts_how_long_each_lasted() -> None:
    short = [Interval(at / 4, at / 4 + 0.25, bits_per_second=0.0) for at in range(4)]
    first = curve(*short, *[second(at, 10.0) for at in range(1, 900)]).points[0]
    assert first.end == 3
    assert first.mean == pytest.approx(20 / 3)


def test_a_day_of_which_nothing_is_known_is_not_drawable() -> None:
    assert not curve(*[second(at, None) for at in range(86400)]).drawable


def test_a_long_hole_is_no_part_of_its_neighbours() -> None:
    day = [second(at) for at in range(86400) if not 20100 <= at < 24000]
    holes = [p for p in curve(*day).points if not p.whole]
    assert [(p.start, p.end, p.mean) for p in holes] == [(20100, 24000, None)]


def test_a_short_hole_marks_its_neighbours() -> None:
    day = [second(at, None if at == 500 else 8.0) for at in range(86400)]
    assert [(p.start, p.mean) for p in curve(*day).points if not p.whole] == [(288, 8.0)]
