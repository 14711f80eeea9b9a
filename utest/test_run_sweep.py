"""The keyword for a matrix of options, on machines that run nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from IperfLibrary.errors import ConfigurationError, IperfCommandError, IperfError
from IperfLibrary.repeats import Repeats
from IperfLibrary.result import Result
from IperfLibrary.units import Seconds, Size

from .fake import Script, after, document
from .test_library import Bench, bench, told
from .test_run_test import everything_has_ended, rates

__all__ = ["bench"]

ONE = {"time": Seconds(1)}


def asked(bench: Bench, *flags: str) -> list[tuple[str, ...]]:
    """What stood behind these flags of each client, in the order of their start."""
    return [tuple(after(p.words, flag) for flag in flags) for p in bench.machines["dut"].started("--client")]


def sweep(bench: Bench, **arguments: Any) -> Any:
    return bench.iperf.run_iperf_sweep("dut", "pc", **{**ONE, **arguments})


def test_every_combination_runs_the_first_option_slowest(bench: Bench) -> None:
    bench.machines["dut"].clients = [Script((document(streams),)) for streams in (1, 4, 1, 4)]
    found = sweep(bench, length=["1K", 2048], parallel=[1, 4])
    assert asked(bench, "--length", "--parallel") == [("1024", "1"), ("1024", "4"), ("2048", "1"), ("2048", "4")]
    assert found.swept == {"length": (Size(1024), Size(2048)), "parallel": (1, 4)}
    assert [one.bits_per_second for one in found.tests] == [1e6, 4e6, 1e6, 4e6]
    assert found.at(length="2K", parallel=4) is found.tests[3].outcome
    assert everything_has_ended(bench)


def test_a_list_as_text(bench: Bench) -> None:
    sweep(bench, length="[128, '1K']", time=["1s"])
    assert asked(bench, "--length", "--time") == [("128", "1"), ("1024", "1")]


def test_an_option_with_and_without(bench: Bench) -> None:
    sweep(bench, no_delay=[True, False], dscp="['ef', None]")
    words = [p.words for p in bench.machines["dut"].started("--client")]
    assert ["--no-delay" in one for one in words] == [True, True, False, False]
    assert ["--dscp" in one for one in words] == [True, False, True, False]


def test_directions(bench: Bench) -> None:
    found = sweep(bench, direction=["uplink", "downlink"])
    assert [one.outcome.client for one in found.tests] == ["dut", "pc"]


def test_each_combination_may_be_repeated(bench: Bench) -> None:
    rates(bench, 1e6, 3e6, 5e6, 7e6)
    found = sweep(bench, length=[100, 200], repeat=2)
    assert [type(one) for one in found.results] == [Repeats, Repeats]
    assert [one.bits_per_second for one in found.tests] == [2e6, 6e6]
    assert (found.best.options, found.worst.options) == ({"length": 200}, {"length": 100})


def test_one_that_fails_hides_no_other(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    failing = Script((document(error="error - unable to receive control message"),), exit_code=1)
    bench.machines["dut"].clients = [Script((document(),)), failing, Script((document(),))]
    with pytest.raises(IperfError) as caught:
        sweep(bench, length=[100, 200, 300])
    assert len(asked(bench)) == 3
    assert "1 of 3 combinations failed: length=200 Byte." in str(caught.value)
    assert "those that did not fail: length=100 Byte: iperf3 TCP" in str(caught.value)
    assert "unable to receive control message" in str(caught.value)
    assert "iperf-sweep" in told(caplog, logging.INFO)
    assert everything_has_ended(bench)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"length": 128}, "nothing to sweep"),
        ({"length": [128]}, "nothing to sweep"),
        ({"length": []}, "an empty list has no value"),
        ({"length": ["1K", 1024]}, "a value is given twice"),
        ({"length": [128, "big"]}, "'big' is no size"),
        ({"parallel": [1, "many"]}, "cannot be"),
        ({"parallel": [1, 1.5]}, "no whole number"),
        ({"lenght": [1, 2]}, "Did you mean 'length'"),
        ({"length": [128, 256], "repeat": 0}, "at least 1 times"),
        ({"length": [128, 256], "timeout": Seconds(0)}, "A timeout is more than 0 s"),
        ({"direction": ["uplink", "sideways"]}, "1 of 2 combinations cannot be run"),
        ({"length": [128, 256], "wait_for_event": "../x"}, "event"),
        ({"length": [128, 256], "stall": Seconds(1)}, "every client would stall"),
        ({"length": list(range(1, 10)), "parallel": list(range(1, 9))}, "72 combinations, more than 64"),
        ({"udp": [True, False], "zerocopy": [True, False], "congestion": ["cubic", "reno"]}, "cannot be run"),
    ],
)
def test_what_cannot_be_swept(bench: Bench, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        sweep(bench, **arguments)
    assert not [p for machine in bench.machines.values() for p in machine.processes if "-v" not in p.words]


def test_a_clash_in_one_combination_is_told_with_it_before_anything_runs(bench: Bench) -> None:
    bench.machines["dut"].version = bench.machines["pc"].version = "3.1.3"
    with pytest.raises(IperfCommandError) as caught:
        sweep(bench, direction=["uplink", "both"], length=[128, 256])
    text = str(caught.value)
    assert "2 of 4 combinations cannot be run, so none was." in text
    assert (
        "direction=both, length=128 Byte; direction=both, length=256 Byte: 'bidir' (--bidir) needs iperf3 3.7" in text
    )
    assert not bench.machines["dut"].started("--client")


def test_more_combinations_where_they_are_wanted(bench: Bench) -> None:
    found = sweep(bench, length=list(range(1000, 1070)), max_combinations=70)
    assert len(found.tests) == 70
    assert all(isinstance(one, Result) for one in found.results)


def test_what_was_measured_until_a_timeout_is_shown(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    once = type(bench.iperf)._once
    done: list[Result] = []

    def limited(self: Any, plan: Any) -> Result:
        if done:
            raise KeyboardInterrupt
        done.append(once(self, plan))
        return done[-1]

    monkeypatch.setattr(type(bench.iperf), "_once", limited)
    with pytest.raises(KeyboardInterrupt):
        sweep(bench, length=[100, 200])
    assert "iperf-sweep" in told(caplog, logging.INFO)
