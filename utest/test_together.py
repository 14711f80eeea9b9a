"""Several things at once: order, threads, what fails, and what becomes of it all when the waiting is interrupted."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from IperfLibrary import together as module
from IperfLibrary.deadline import Deadline
from IperfLibrary.together import together


class InterruptedTestError(BaseException):
    """As a timeout of Robot Framework, which is no Exception."""


def test_outcomes_come_in_order_with_what_failed() -> None:
    problem = ValueError("no")

    def fail() -> int:
        raise problem

    jobs = [("a", lambda: 1), ("b", fail), ("a", lambda: 3)]
    assert together(jobs) == [1, problem, 3]
    assert together([]) == []


def test_what_concerns_different_devices_goes_on_at_a_time() -> None:
    meeting = threading.Barrier(4, timeout=10)  # each waits for all others
    assert sorted(together([(n, meeting.wait) for n in range(4)]), key=str) == [0, 1, 2, 3]


def test_what_concerns_one_device_goes_on_in_order() -> None:
    seen: list[tuple[str, int]] = []
    both = threading.Barrier(2, timeout=10)

    def note(device: str, number: int) -> None:
        if number == 0:
            both.wait()
        seen.append((device, number))

    together([(device, partial(note, device, number)) for number in range(20) for device in "ab"])
    assert [number for device, number in seen if device == "a"] == list(range(20))
    assert [number for device, number in seen if device == "b"] == list(range(20))


def test_one_device_takes_no_thread() -> None:
    assert together([("a", threading.current_thread)] * 2) == [threading.main_thread()] * 2


def test_no_more_threads_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    assert len(set(together([(n, threading.get_ident) for n in range(30)]))) <= 3


def interrupt_at(monkeypatch: pytest.MonkeyPatch, moment: threading.Event) -> None:
    """The main thread is interrupted while it waits, once that has happened; what comes after is waited for as ever."""
    first = iter([True])
    real = Deadline.wait

    def wait(self: Deadline, happened: object) -> bool:
        if next(first, False):
            assert moment.wait(10)
            raise InterruptedTestError
        return real(self, happened)  # type: ignore[arg-type]

    monkeypatch.setattr(Deadline, "wait", wait)


def test_an_interruption_begins_nothing_more_and_undoes_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()
    undone: list[str] = []

    def first() -> str:
        begun.set()
        return "first"

    def slow() -> str:
        assert go.wait(10)
        return "slow"

    def never() -> str:
        raise AssertionError("it was begun after all")

    interrupt_at(monkeypatch, begun)
    threading.Timer(0.05, go.set).start()
    with pytest.raises(InterruptedTestError):
        together([("a", first), ("b", slow), ("b", never)], undone.extend)
    assert sorted(undone) == ["first", "slow"]


def test_what_takes_longer_than_the_grace_undoes_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go, over = threading.Event(), threading.Event(), threading.Event()
    undone: list[str] = []

    def slow() -> str:
        begun.set()
        assert go.wait(10)
        return "late"

    def undo(values: list[str]) -> None:
        undone.extend(values)
        if values:
            over.set()

    monkeypatch.setattr(module, "GRACE", 0.0)
    interrupt_at(monkeypatch, begun)
    with pytest.raises(InterruptedTestError):
        together([("a", slow), ("b", lambda: (go.wait(10) and "other") or "")], undo)
    assert undone == []
    go.set()
    assert over.wait(10)
    assert "late" in undone or "other" in undone


def test_an_interruption_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> int:
        raise InterruptedTestError

    undone: list[int] = []
    with pytest.raises(InterruptedTestError):
        together([("a", lambda: 1), ("a", interrupted)], undone.extend)
    assert undone == [1]
