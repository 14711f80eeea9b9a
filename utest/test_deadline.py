"""Deadlines, on a clock of the test's own."""

from __future__ import annotations

import time

import pytest

from IperfLibrary.deadline import SLICE, Deadline


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 5000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_time_runs_out(clock: Clock) -> None:
    ten = Deadline(10)
    assert (ten.left, ten.expired) == (10, False)
    clock.now += 9
    assert (ten.left, ten.expired) == (1, False)
    clock.now += 1
    assert (ten.left, ten.expired) == (0, True)
    clock.now += 1
    assert (ten.left, ten.expired) == (0, True)
    assert ten.seconds == 10


def test_never(clock: Clock) -> None:
    never = Deadline(None)
    clock.now += 1e9
    assert (never.left, never.expired, never.seconds) == (float("inf"), False, None)


def test_the_clock_of_the_wall_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert not Deadline(1000).expired


def test_a_wait_looks_once_at_least(clock: Clock) -> None:
    looks: list[float] = []

    def happened(seconds: float) -> bool:
        looks.append(seconds)
        return False

    assert not Deadline(0).wait(happened)
    assert looks == [0.0]
    assert Deadline(0).wait(lambda seconds: True)


def test_a_wait_is_over_when_it_happened(clock: Clock) -> None:
    looks: list[float] = []

    def happened(seconds: float) -> bool:
        looks.append(seconds)
        clock.now += seconds
        return len(looks) == 3

    assert Deadline(10).wait(happened)
    assert looks == [0.0, SLICE, SLICE]


def test_a_wait_is_over_at_the_deadline(clock: Clock) -> None:
    looks: list[float] = []

    def happened(seconds: float) -> bool:
        looks.append(seconds)
        clock.now += seconds
        return False

    assert not Deadline(0.25).wait(happened)
    assert sum(looks) == pytest.approx(0.25)
    assert max(looks) <= SLICE


@pytest.mark.parametrize("before", [0, 1, 5])
def test_a_wait_that_could_not_look_in_time_looks_again(clock: Clock, before: int) -> None:
    """The machine was too busy, or the program was stopped: the threads that carry bytes were, too."""
    looks: list[float] = []

    def happened(seconds: float) -> bool:
        looks.append(seconds)
        clock.now += 60 if len(looks) == before + 1 else seconds
        return len(looks) == before + 2

    assert Deadline(10).wait(happened)
    assert looks[-1] == SLICE


def test_a_look_that_waits_for_nothing_is_one_look(clock: Clock) -> None:
    looks: list[float] = []

    def happened(seconds: float) -> bool:
        looks.append(seconds)
        clock.now += 60
        return False

    assert not Deadline(0).wait(happened)
    assert looks == [0.0]


def test_slices_are_short_enough_for_a_test_timeout() -> None:
    assert SLICE <= 0.1


def test_a_wait_without_deadline_is_sliced_too(clock: Clock) -> None:
    slices = Deadline(None).slices()
    assert [next(slices) for _ in range(3)] == [0.0, SLICE, SLICE]


def test_slices_of_another_length(clock: Clock) -> None:
    slices = Deadline(10).slices(0.02)
    assert [next(slices) for _ in range(3)] == [0.0, 0.02, 0.02]


def test_what_the_look_raises_goes_through(clock: Clock) -> None:
    def happened(seconds: float) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Deadline(10).wait(happened)
