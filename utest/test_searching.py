"""The search for the highest rate, on links whose truth is known."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

import pytest

from IperfLibrary.errors import CommandError, ConfigurationError
from IperfLibrary.keywords.searches import _counted
from IperfLibrary.result import End, Flow, Interval, Result
from IperfLibrary.searching import search
from IperfLibrary.throughput import Asked, Throughput, Trial, late_packets
from IperfLibrary.units import Bitrate, Percent, Seconds


def asked(**more: object) -> Asked:
    values = {
        "lowest": Bitrate(1e6),
        "highest": Bitrate(1e9),
        "length": 1000,
        "max_loss": Percent(0.1),
        "precision": Percent(1),
        "duration": Seconds(2),
    }
    return Asked(**{**values, **more})  # type: ignore[arg-type]


def link(rate: float, noise: float = 0.0, most: float = 1e12) -> Callable[[float, float], Trial]:
    """A link that carries so many bits/s and drops the rest, and a few packets more; its sender manages ``most``."""
    chance = random.Random(1)

    def run(load: float, seconds: float) -> Trial:
        packets = round(min(load, most) * seconds / 8000)
        carried = round(rate * seconds / 8000)
        extra = sum(chance.random() < noise for _ in range(min(packets, 1000))) * packets // 1000
        return Trial(load, seconds, packets, max(0, packets - carried, extra))

    return run


@pytest.mark.parametrize("rate", [2e6, 97e6, 613e6])
def test_the_answer_is_the_rate_of_the_link(rate: float) -> None:
    found = search(asked(), link(rate))
    assert rate * 0.985 <= found.bits_per_second <= rate * 1.002
    assert found.above is not None
    assert found.bits_per_second < found.above <= found.bits_per_second * 1.011
    assert not found.reached_highest


@pytest.mark.parametrize(("highest", "precision"), [(2e6, 49.9999), (4e6, 50), (1.0102e6, 1), (8e6, 50)])
def test_a_precision_that_is_nearly_the_whole_range(highest: float, precision: float) -> None:
    found = search(asked(highest=Bitrate(highest), precision=Percent(precision)), link(1e9))
    assert found.reached_highest


def test_a_single_bad_trial_does_not_decide() -> None:
    calls = 0
    steady = link(97e6)

    def run(load: float, seconds: float) -> Trial:
        nonlocal calls
        calls += 1
        trial = steady(load, seconds)
        return Trial(load, seconds, trial.packets, trial.packets // 2) if calls == 6 else trial

    assert search(asked(), run).bits_per_second == pytest.approx(97e6, rel=0.02)


def test_more_loss_allowed_is_more_rate() -> None:
    strict, loose = search(asked(), link(100e6)), search(asked(max_loss=Percent(10)), link(100e6))
    assert loose.bits_per_second == pytest.approx(100e6 / 0.9, rel=0.02)
    assert strict.bits_per_second < loose.bits_per_second


def test_what_the_client_cannot_send_counts_as_not_carried() -> None:
    assert search(asked(), link(1e12, most=50e6)).bits_per_second <= 50.6e6


def test_a_client_that_paces_itself_a_little_slowly_is_not_a_full_path() -> None:
    def run(load: float, seconds: float) -> Trial:
        return link(97e6)(load * 0.995, seconds)

    assert search(asked(), run).bits_per_second >= 97e6 * 0.985


def test_what_comes_late_out_of_a_queue_was_not_carried() -> None:
    """A queue that takes all: nothing is lost, and still no more than the rate of the link comes in time."""

    def run(load: float, seconds: float) -> Trial:
        packets, carried = round(load * seconds / 8000), round(97e6 * seconds / 8000)
        return Trial(load, seconds, packets, 0, None, max(0, packets - carried))

    assert 97e6 * 0.985 <= search(asked(), run).bits_per_second <= 97e6 * 1.015


def test_a_trial_whose_last_packets_came_a_little_late_is_kept() -> None:
    assert asked().kept(Trial(10e6, 2.0, 2500, 0, None, 25))
    assert not asked().kept(Trial(10e6, 2.0, 2500, 0, None, 26))


def came(*counts: int, first: float = 0.0, lost: int = 0, measured_at: str = "receiver") -> Result:
    """What was sent in one second came so, in intervals of 0.1 s."""
    rows = tuple(Interval(first + n / 10, first + (n + 1) / 10, count * 1000) for n, count in enumerate(counts))
    got = End(bytes=sum(counts) * 1000, packets=sum(counts) + lost, lost_packets=lost)
    flow = Flow("forward", False, End(seconds=1.0), got, (), rows, measured_at)  # type: ignore[arg-type]
    return Result("iperf3", "3.12", "udp", "client", (flow,))


def test_late_is_what_the_receiver_got_when_the_sender_was_done() -> None:
    assert late_packets(came(*[10] * 10)) == 0
    assert late_packets(came(*[10] * 20)) == 90, "an interval more is in time"
    assert late_packets(came(*[10] * 20, lost=50)) == 90
    assert late_packets(came(0, 0, 0, 0, 0, 0, 5, *[10] * 9, 5)) == 0, "a path of 0.65 s"
    assert late_packets(came(*[10] * 20, measured_at="sender")) == 0, "nobody knows"
    assert late_packets(came()) == 0
    assert late_packets(Result("iperf3", "3.12", "udp", "client")) == 0


def test_a_path_that_carries_all() -> None:
    found = search(asked(highest=Bitrate(100e6)), link(1e9))
    assert found.reached_highest
    assert found.bits_per_second == pytest.approx(100e6, rel=0.001)
    assert "the highest rate that was asked" in str(found)


def test_a_path_that_carries_nothing_is_told() -> None:
    with pytest.raises(CommandError, match="even 1 Mbit/s loses more") as caught:
        search(asked(), link(1e3))
    assert "No rate between 1 Mbit/s and 1 Gbit/s" in str(caught.value)


def test_a_search_that_takes_too_long_is_told() -> None:
    with pytest.raises(CommandError, match="did not end within"):
        search(asked(limit=Seconds(0.000001)), link(97e6))


def test_every_trial_is_kept_and_told() -> None:
    lines: list[str] = []
    found = search(asked(), link(97e6), lines.append)
    assert len(lines) == len(found.trials) > 3
    assert found.seconds == 2 * len(found.trials)
    assert "packets lost" in lines[0]


def test_one_line() -> None:
    found = Throughput(asked(), 96.4e6, 96.9e6, (Trial(1e6, 2, 10, 0),) * 3)
    assert str(found) == "96.4 Mbit/s with at most 0.1 % loss (96.9 Mbit/s loses more), 3 trials"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"lowest": Bitrate(0)}, "the second is to be higher"),
        ({"lowest": Bitrate(2e9)}, "the second is to be higher"),
        ({"max_loss": Percent(100)}, "between 0 and 100 %"),
        ({"precision": Percent(0)}, "A precision lies between"),
        (
            {"lowest": Bitrate(1e6), "highest": Bitrate(2e6), "precision": Percent(50)},
            "no further apart than the precision",
        ),
        ({"lowest": Bitrate(1e6), "highest": Bitrate(1.04e6), "precision": Percent(5)}, "no further apart"),
        ({"trials": 0}, "at least once"),
    ],
)
def test_what_cannot_be_searched(more: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        asked(**more)


def test_without_the_extra_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "MLRsearch", None)
    with pytest.raises(ConfigurationError, match=r"iperflibrary\[search\]"):
        search(asked(), link(1e6))


def test_an_iperf_that_does_not_tell_packets_cannot_be_searched_with() -> None:
    with pytest.raises(ConfigurationError, match="how many packets were lost, which this iperf does not tell"):
        _counted(1e6, 1.0, Result("iperf3", "3.0", "udp", "client"))
