"""Flows on one time axis."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from IperfLibrary.result import End, Flow, Interval
from IperfLibrary.timeline import Moment, Placed, placed, summed, together


def steady(offset: float, seconds: int, rate: float, step: float = 1.0) -> Placed:
    return Placed(offset, [Interval(n * step, (n + 1) * step, int(rate * step / 8), rate) for n in range(seconds)])


def test_flows_that_begin_together() -> None:
    moments = summed([steady(0, 3, 10e6), steady(0, 3, 20e6)])
    assert [(m.start, m.end, m.bits_per_second, m.flows) for m in moments] == [
        (0, 1, 30e6, 2),
        (1, 2, 30e6, 2),
        (2, 3, 30e6, 2),
    ]


def test_a_late_flow_counts_from_when_it_began() -> None:
    moments = summed([steady(0, 3, 10e6), steady(0.5, 3, 10e6)])
    assert [m.bits_per_second for m in moments] == pytest.approx([15e6, 20e6, 20e6, 5e6])
    assert [m.flows for m in moments] == [1, 2, 2, 0]
    assert [m.start for m in together(moments, 2)] == [1.0, 2.0]


def test_flows_after_each_other_have_nothing_together() -> None:
    moments = summed([steady(0, 2, 10e6), steady(2, 2, 10e6)])
    assert together(moments, 2) == []


def test_no_interval_gives_nothing() -> None:
    assert summed([]) == []
    assert summed([Placed(0, [])]) == []


def test_a_step_of_another_length() -> None:
    moments = summed([steady(0, 4, 10e6, step=0.5)], step=1.0)
    assert moments == [Moment(0, 1, 10e6, 1), Moment(1, 2, 10e6, 1)]


def sent(receiver: End, **more: Any) -> Placed:
    rows = tuple(Interval(n, n + 1, 1_250_000, 10e6) for n in range(4))
    return placed(
        0, Flow("forward", False, End(5_000_000), receiver, intervals=rows, **{"measured_at": "sender", **more})
    )


@pytest.mark.parametrize(
    ("receiver", "share"),
    [
        (End(5_000_000, seconds=4.0), 1.0),
        (End(4_500_000, seconds=4.0), 0.9),  # a tenth was lost
        (End(5_000_000, seconds=4.4), 4 / 4.4),  # what lay in buffers took 0.4 s to arrive, as fast as all else
        (End(4_500_000, seconds=3.0), 0.9),  # one that counts fewer seconds makes nothing faster
        (End(4_500_000), 0.9),
        (End(6_000_000, seconds=4.0), 1.0),
        (End(), None),
    ],
)
def test_what_was_sent_counts_as_fast_as_it_arrived(receiver: End, share: float | None) -> None:
    assert sent(receiver).share == (None if share is None else pytest.approx(share))


def test_what_the_receiver_counted_is_what_arrived() -> None:
    assert sent(End(1, seconds=9.0), measured_at="receiver").share == 1.0


@given(
    st.lists(
        st.tuples(st.floats(0, 20), st.lists(st.tuples(st.floats(0.05, 3), st.integers(0, 10**9)), max_size=20)),
        max_size=5,
    ),
    st.sampled_from([0.1, 0.5, 1.0, 2.0]),
)
def test_nothing_is_lost_and_nothing_added(flows: list[tuple[float, list[tuple[float, int]]]], step: float) -> None:
    total, all_placed = 0, []
    for offset, rows in flows:
        at, intervals = 0.0, []
        for seconds, count in rows:
            intervals.append(Interval(at, at + seconds, count, None))
            at, total = at + seconds, total + count
        all_placed.append(Placed(offset, intervals))
    moments = summed(all_placed, step)
    assert sum(m.bits_per_second * step for m in moments) == pytest.approx(total * 8, rel=1e-6, abs=1e-3)
