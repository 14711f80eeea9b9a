"""Tests that ran beside each other as one value."""

from __future__ import annotations

from dataclasses import replace

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


def test_a_warm_up_of_one_test_alone_is_time_on_the_common_axis() -> None:
    """iperf counts from 0 again behind it: seconds in which only one of both was measured were added to those of the other one."""
    warm = replace(run(20e6, seconds=2), options={"omit": 2.0})
    assert Beside((run(10e6, seconds=2), warm), (0.0, 0.0)).bits_per_second is None
    both = Beside((replace(run(10e6), options={}), warm), (0.0, 0.0))
    assert both.bits_per_second == pytest.approx(30e6)
    assert [moment.start for moment in both.overlap] == [2, 3]


def test_a_warm_up_of_all_changes_nothing() -> None:
    warm = replace(run(10e6), options={"omit": 2.0})
    assert [moment.start for moment in Beside((warm, warm), (0.0, 0.0)).overlap] == [0, 1, 2, 3]


def test_fairness() -> None:
    assert Beside((run(10e6), run(10e6)), (0.0, 0.0)).fairness == pytest.approx(1)
    assert Beside((run(10e6), run(30e6)), (0.0, 0.0)).fairness == pytest.approx(0.8)


@pytest.mark.parametrize(("received", "total"), [(5e6, 25e6), (None, None)])
def test_what_was_sent_and_lost_does_not_count(received: float | None, total: float | None) -> None:
    """The intervals of a client that sends are those of the sender."""
    (sent,) = run(10e6).flows
    got = End() if received is None else End(bytes=int(received * 4 / 8), bits_per_second=received, seconds=4.0)
    lossy = replace(run(10e6), flows=(replace(sent, receiver=got),))
    assert Beside((lossy, run(20e6)), (0.0, 0.0)).bits_per_second == (total and pytest.approx(total))


def test_one_line() -> None:
    line = str(Beside((run(10e6), run(30e6)), (0.0, 0.02)))
    assert line == "2 tests together: 40 Mbit/s, fairness 0.8, started within 0.02 s"
