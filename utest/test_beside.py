"""Tests that ran beside each other as one value."""

from __future__ import annotations

import pytest

from IperfLibrary.beside import Beside
from IperfLibrary.result import End, Flow, Interval, Result


def run(*rates: float, seconds: int = 4) -> Result:
    """A result with one flow for each rate."""
    flows: list[Flow] = []
    for rate in rates:
        end = End(bytes=int(rate * seconds / 8), bits_per_second=rate, seconds=float(seconds))
        rows = tuple(Interval(float(n), n + 1.0, int(rate / 8), rate) for n in range(seconds))
        flows.append(Flow("forward", len(flows) > 0, sender=end, receiver=end, intervals=rows))
    return Result("iperf3", "3.12", "tcp", "client", flows=tuple(flows))


def test_the_sum_is_of_the_time_in_which_all_ran() -> None:
    both = Beside((run(10e6), run(30e6)), (0.0, 1.0))
    assert both.bits_per_second == pytest.approx(40e6)
    assert [moment.start for moment in both.overlap] == [1, 2, 3]
    assert both.skew == 1.0


def test_two_directions_count_as_two_flows() -> None:
    assert Beside((run(10e6, 20e6), run(30e6)), (0.0, 0.0)).bits_per_second == pytest.approx(60e6)


def test_a_failed_test_makes_the_sum_unknown_and_hides_nothing() -> None:
    both = Beside((run(10e6), None), (0.0, 0.0), {1: "refused"})
    assert both.bits_per_second is None
    assert both.fairness is None
    assert both.rates == [10e6, None]
    assert str(both) == "2 tests together: sum unknown, 1 failed, started within 0 s"


def test_tests_that_never_overlapped_have_no_sum() -> None:
    assert Beside((run(10e6), run(10e6)), (0.0, 7.0)).bits_per_second is None


def test_fairness() -> None:
    assert Beside((run(10e6), run(10e6)), (0.0, 0.0)).fairness == pytest.approx(1)
    assert Beside((run(10e6), run(30e6)), (0.0, 0.0)).fairness == pytest.approx(0.8)


def test_one_line() -> None:
    line = str(Beside((run(10e6), run(30e6)), (0.0, 0.02)))
    assert line == "2 tests together: 40 Mbit/s, fairness 0.8, started within 0.02 s"
