"""When traffic failed and flowed again, from the intervals of receivers."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from IperfLibrary.recovery import Clock, Outage, Recovery, Seen, joined, longer, outages
from IperfLibrary.result import Flow, Interval, Result

CLOCK = Clock(0.1, 0.001, 0.01)


def reports(flowed: str, step: float = 0.1) -> list[Interval]:
    """One interval for each sign: ``#`` has data, ``.`` has none."""
    return [Interval(n * step, (n + 1) * step, 1250 if sign == "#" else 0) for n, sign in enumerate(flowed)]


def watch(flowed: str, zero: float = -1.0, begun: float = -1.2) -> Seen:
    return Seen(zero, begun, reports(flowed))


def about(*figures: float | None) -> Any:
    """An outage with such figures."""
    return pytest.approx(figures)


def found(*seen: Seen, now: float = 2.0) -> tuple[Outage, ...]:
    return outages(seen, CLOCK, now)


def test_nothing_failed() -> None:
    assert found(watch("#" * 30)) == ()
    assert found(watch("#" * 29)) == (), "the last report is on its way"


def test_a_cut() -> None:
    (cut,) = found(watch("#" * 12 + "." * 5 + "#" * 13))
    assert cut == about(0.1505, 0.7495, 0.0505, 0.0505)


def test_the_truth_is_within_the_uncertainty_whenever_the_cut_is() -> None:
    chance = random.Random(1)
    for _ in range(300):
        zero, down, length = -1 - chance.random(), chance.random(), 0.21 + chance.random()
        ticks = [n * 0.1 + zero for n in range(60)]
        packets = [n * 0.001 + zero for n in range(6000) if not down <= n * 0.001 + zero < down + length]
        got = [sum(1 for p in packets if t <= p < t + 0.1) for t in ticks]
        seen = Seen(zero, zero, [Interval(n * 0.1, n * 0.1 + 0.1, 125 * count) for n, count in enumerate(got)])
        recovery = Recovery(outages([seen], CLOCK, 4.0), CLOCK)
        assert recovery.failure is not None
        assert recovery.recovery is not None
        assert recovery.outage is not None
        assert abs(recovery.failure - down) <= recovery.uncertainty
        assert abs(recovery.recovery - down - length) <= recovery.uncertainty
        assert abs(recovery.outage - length) <= recovery.uncertainty
        assert recovery.outage_at_most is not None
        assert length <= recovery.outage_at_most
        assert recovery.uncertainty <= 0.13


def test_what_failed_before_the_event_does_not_count() -> None:
    assert found(watch("###...####" + "#" * 20)) == ()


def test_no_failure_is_before_the_event() -> None:
    (cut,) = found(watch("#" * 10 + "." * 5 + "#" * 15))
    assert 0 <= cut.start < 0.01


def test_one_that_is_not_over() -> None:
    (cut,) = found(watch("#" * 12 + "." * 10))
    assert cut.end is None
    assert cut.start == pytest.approx(0.1505)


def test_a_receiver_that_says_nothing_any_more_gets_nothing() -> None:
    assert found(watch("#" * 12), now=1.1) == ()
    (cut,) = found(watch("#" * 12), now=1.3)
    assert cut == about(0.2, None, 0.1, 0.0)
    assert outages([watch("#" * 12)], CLOCK, 0.4, waiting=False) == (cut,), "nobody is left who could"


def test_several_in_a_row() -> None:
    first, second = found(watch("#" * 12 + "..###..." + "#" * 10))
    assert first.end is not None
    assert second.end is not None
    assert first.end < second.start < second.end


def test_another_client_might_have_got_through_since_the_try_before_it_had_failed() -> None:
    dead, failed, new = watch("#" * 12), Seen(0.0, 3.0, ()), Seen(5.0, 4.8, reports("###"))
    (cut,) = found(dead, failed, new, now=6.0)
    assert cut == about(0.2, (3.0 + 5.1) / 2, 0.1, (5.1 - 3.0) / 2)
    (cut,) = found(dead, new, now=6.0)
    assert cut == about(0.2, (0.2 + 5.1) / 2, 0.1, (5.1 - 0.2) / 2)


def test_the_first_client_may_be_the_one_that_gets_something_again() -> None:
    waiting, other = watch("#" * 12 + "." * 30 + "#" * 10), Seen(0.0, 2.5, ())
    (cut,) = found(waiting, other, now=4.3)
    assert cut.end == pytest.approx(3.2495)


def test_nobody_got_anything_at_all() -> None:
    assert found(watch("." * 30), now=2.0)[0].end is None
    assert outages([], CLOCK, 5.0)[0].end is None


def test_reports_of_all_clients_on_one_axis() -> None:
    result = Result("iperf3", None, "udp", "client", (Flow("upstream", True),))
    merged = joined([watch("##...."), Seen(-0.5, -0.6, ()), Seen(-0.8, -0.9, reports(".##"))], result)
    assert [(round(i.start, 3), bool(i.bytes)) for i in merged.intervals] == [
        (0.0, True),
        (0.1, True),
        (0.2, False),
        (0.3, True),
        (0.4, True),
    ]


def test_a_client_that_was_tried_in_vain_beside_one_that_goes_on_is_left_out() -> None:
    result = Result("iperf3", None, "udp", "client", (Flow("upstream", True),))
    merged = joined([watch("##..##"), Seen(-0.55, -0.6, reports("###"))], result)
    assert [bool(i.bytes) for i in merged.intervals] == [True, True, False, False, True, True]


# -- as a value


def test_it_never_failed() -> None:
    recovery = Recovery((), CLOCK, 0.5, 10.5)
    assert (recovery.failure, recovery.recovery, recovery.outage, recovery.recovered) == (None, None, 0, True)
    assert str(recovery) == "traffic did not fail within 10.5 s after the event (breaks of up to 0.2 s do not show)"
    assert recovery.outage_at_most == pytest.approx(0.2), "almost two intervals fit between two packets"
    assert not recovery.rough


def test_it_never_recovered() -> None:
    recovery = Recovery((Outage(0.2, None, 0.05, 0.0),), CLOCK, 0.5, 60.2)
    assert (recovery.failure, recovery.recovery, recovery.outage, recovery.recovered) == (0.2, None, None, False)
    assert recovery.outage_at_most is None
    assert not recovery.rough
    assert str(recovery) == "failed 0.2 s after the event, had not recovered 60.2 s after it (± 0.1 s)"


def test_it_recovered() -> None:
    recovery = Recovery((Outage(0.2, 2.2, 0.05, 0.05), Outage(3.0, 3.5, 0.05, 0.05)), CLOCK, 0.5, 4.5)
    assert (recovery.failure, recovery.recovery, recovery.outage) == (0.2, 3.5, 2.5)
    assert recovery.outage_at_most == pytest.approx(2.7)
    assert not recovery.rough
    assert str(recovery) == (
        "failed 0.2 s after the event, flowed again after 3.5 s: 2.5 s without traffic in 2 outages (± 0.2 s)"
    )


def test_an_outage_that_is_known_roughly_has_its_upper_bound_beside_it() -> None:
    """A real one of 6 s: the new client got through at the end of the stretch in which it might have."""
    recovery = Recovery((Outage(0.1, 3.17, 0.05, 3.03),), CLOCK, 0.5, 8.0, clients=3)
    assert recovery.outage == pytest.approx(3.07)
    assert recovery.outage_at_most == pytest.approx(3.07 + 3.08 + CLOCK.error), "two receivers have two clocks"
    assert recovery.rough
    assert "3.07 s without traffic, 6.16 s at most (± 3.1 s)" in str(recovery)


def test_a_break_that_never_showed_is_no_longer_than_the_bound() -> None:
    chance = random.Random(2)
    for _ in range(300):
        down, length = 1 + chance.random(), 0.25 * chance.random()
        got = [
            sum(1 for n in range(100) if not down <= t + n / 1000 < down + length) for t in (k * 0.1 for k in range(30))
        ]
        recovery = Recovery(
            outages([Seen(0, 0, [Interval(k / 10, k / 10 + 0.1, c) for k, c in enumerate(got)])], CLOCK, 3.0), CLOCK
        )
        assert recovery.outage_at_most is not None
        assert length <= recovery.outage_at_most + 0.001


def stretched(*ends: float) -> Seen:
    """Intervals that end then, each with data; the first one begins at -1."""
    return Seen(-1.0, -1.2, [Interval(a + 1, b + 1, 1250) for a, b in zip((-1.0, *ends), ends, strict=False)])


def test_a_break_within_an_interval_that_a_busy_receiver_made_longer_is_within_the_bound() -> None:
    """As a stopped iperf3 writes: data, a cut of 0.6 s, and data again are one interval of 0.65 s."""
    seen = stretched(-0.1, 0.0, 0.65, 0.7, 0.8)
    assert outages([seen], CLOCK, 0.8) == ()
    clock = replace(CLOCK, longer=longer([seen], CLOCK))
    assert Recovery((), clock).outage_at_most == pytest.approx(0.7), (
        "from the first data of the long one to the last of the next"
    )
    cut = Recovery((Outage(1.0, 1.5, 0.05, 0.05),), clock)
    assert cut.outage_at_most == pytest.approx(0.5 + 0.7), "and where another one was seen"


def test_intervals_of_another_length_by_little_or_before_the_event_make_no_bound_longer() -> None:
    assert longer([stretched(-0.1, 0.0, 0.11, 0.2, 0.31)], CLOCK) == 0
    assert longer([stretched(-0.8, -0.1, 0.0, 0.1)], CLOCK) == 0
    assert longer([Seen(-1.0, -1.2, [])], CLOCK) == 0
    assert longer([watch("#" * 12 + "." * 5 + "#" * 13)], CLOCK) == 0, "an outage is told as such"
