"""The keyword for a whole test, on machines that run nothing."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any, NoReturn
from unittest.mock import Mock

import pytest
from robot.libraries.BuiltIn import BuiltIn

from IperfLibrary.company import Company
from IperfLibrary.errors import CommandError, ConfigurationError, DeviceError, IperfCommandError, IperfError
from IperfLibrary.repeats import Repeats
from IperfLibrary.tools.iperf3 import Iperf3
from IperfLibrary.units import Percent, Seconds

from .fake import Script, document, error_document
from .test_library import Bench, bench, told

__all__ = ["bench"]

ONE = {"time": Seconds(1)}


def lines(bench: Bench, kind: str) -> dict[str, int]:
    """How many clients or servers each machine has run."""
    return {name: len(machine.started(kind)) for name, machine in bench.machines.items()}


def everything_has_ended(bench: Bench) -> bool:
    return not any(process.running for machine in bench.machines.values() for process in machine.processes)


def test_server_and_client_run_and_nothing_is_left(bench: Bench) -> None:
    result = bench.iperf.run_iperf_test("dut", "pc", **ONE)
    assert result.bits_per_second == 1e6
    assert (lines(bench, "--client"), lines(bench, "--server")) == ({"dut": 1, "pc": 0}, {"dut": 0, "pc": 1})
    assert everything_has_ended(bench)


def test_the_sender_is_the_client(bench: Bench) -> None:
    bench.iperf.run_iperf_test("dut", "pc", "downlink", **ONE)
    assert lines(bench, "--client") == {"dut": 0, "pc": 1}


@pytest.mark.parametrize("direction", ["downlink", None])
def test_reverse_keeps_the_first_device_the_client(bench: Bench, direction: str | None) -> None:
    bench.machines["dut"].clients = [Script((document(reverse=True),))]
    result = bench.iperf.run_iperf_test("dut", "pc", direction, reverse=True, **ONE)
    assert "--reverse" in bench.machines["dut"].started("--client")[0].words
    assert result.flows[0].direction == "downstream"


def test_both_directions(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.machines["dut"].clients = [Script((document(bidir=True, version="3.12"),))]
    bench.machines["dut"].version = bench.machines["pc"].version = "3.12"
    monkeypatch.setattr(Iperf3, "tells_at_once", lambda self, version: False)
    result = bench.iperf.run_iperf_test("dut", "pc", "both", **ONE)
    assert {flow.direction for flow in result.flows} == {"upstream", "downstream"}


def test_a_failing_client_leaves_no_server(bench: Bench) -> None:
    bench.machines["dut"].clients = [
        Script((document(error="unable to connect to server: Connection refused"),), exit_code=1)
    ]
    with pytest.raises(IperfError, match="refused"):
        bench.iperf.run_iperf_test("dut", "pc", **ONE)
    assert everything_has_ended(bench)


def rates(bench: Bench, *values: float) -> None:
    bench.machines["dut"].clients = [Script((document(sent=value, received=value),)) for value in values]


def test_repeats_have_each_result(bench: Bench) -> None:
    rates(bench, 1e6, 3e6, 2e6)
    runs = bench.iperf.run_iperf_test("dut", "pc", repeat=3, **ONE)
    assert isinstance(runs, Repeats)
    assert runs.bitrate.values == (1e6, 3e6, 2e6)
    assert runs.bitrate.mean == 2e6


def test_udp_without_a_rate_is_told_once(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        with suppress(IperfError):  # the outputs here are those of TCP
            bench.iperf.run_iperf_test("dut", "pc", udp=True, **ONE)
    assert told(caplog, logging.WARNING).count("Without 'bitrate', iperf sends 1 Mbit/s") == 1


def test_one_repeat_is_one_as_well(bench: Bench) -> None:
    """Where ``repeat`` is a variable, what comes back is the same for each of its values."""
    runs = bench.iperf.run_iperf_test("dut", "pc", repeat=1, **ONE)
    assert isinstance(runs, Repeats)
    assert (len(runs.results), runs.bitrate.mean, runs.bitrate.stdev) == (1, 1e6, None)
    assert not isinstance(bench.iperf.run_iperf_test("dut", "pc", **ONE), Repeats)


def test_a_failing_repeat_fails_the_test(bench: Bench) -> None:
    rates(bench, 1e6)
    bench.machines["dut"].clients.append(
        Script((document(error="error - unable to receive control message"),), exit_code=1)
    )
    with pytest.raises(IperfError):
        bench.iperf.run_iperf_test("dut", "pc", repeat=3, **ONE)


def test_until_the_mean_is_known(bench: Bench) -> None:
    rates(bench, 1e6, 1.2e6, 0.8e6, 1.1e6, 0.9e6, *[1e6] * 20)
    runs = bench.iperf.run_iperf_test("dut", "pc", until_ci=Percent(5), **ONE)
    assert isinstance(runs, Repeats)
    assert runs.bitrate.uncertainty is not None
    assert runs.bitrate.uncertainty <= 5
    before = runs.bitrate.of(runs.bitrate.values[:-1]).uncertainty
    assert before is not None
    assert before > 5


def test_a_few_equal_values_are_not_enough(bench: Bench) -> None:
    rates(bench, *[1e6] * 9)
    runs = bench.iperf.run_iperf_test("dut", "pc", until_ci=Percent(5), **ONE)
    assert isinstance(runs, Repeats)
    assert runs.bitrate.count == 5


def test_a_mean_that_stays_unknown_is_told(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    rates(bench, *[1e6, 5e6] * 4)
    runs = bench.iperf.run_iperf_test("dut", "pc", until_ci=Percent(1), max_repeat=6, **ONE)
    assert isinstance(runs, Repeats)
    assert runs.bitrate.count == 6
    assert "The mean is not known to 1 % after 6 runs" in told(caplog, logging.WARNING)
    assert "more than a thousand runs would be needed" in told(caplog, logging.WARNING)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"repeat": 0}, "at least 1 times, not 0"),
        ({"until_ci": Percent(2), "max_repeat": 4}, "at least 5 times, not 4"),
        ({"until_ci": Percent(0)}, "more than 0 %"),
        ({"repeat": 3, "until_ci": Percent(2)}, "give one of them"),
        ({"direction": "sideways"}, "no direction"),
    ],
)
def test_what_cannot_be_asked(bench: Bench, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        bench.iperf.run_iperf_test("dut", "pc", **arguments)
    assert not bench.machines["dut"].processes


def test_a_device_against_itself(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="given twice"):
        bench.iperf.run_iperf_test("dut", "dut")


def test_it_waits_for_a_keyword(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def passes(self: BuiltIn, timeout: str, pause: str, *words: str) -> None:
        asked.append((timeout, *words))
        assert not bench.machines["pc"].processes

    monkeypatch.setattr(BuiltIn, "wait_until_keyword_succeeds", passes)
    bench.iperf.run_iperf_test("dut", "pc", wait_for=["Link Is Up", "wan"], wait_timeout=Seconds(5), **ONE)
    assert asked == [("5 s", "Link Is Up", "wan")]


def test_what_it_waits_for_does_not_come(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: BuiltIn, *words: str) -> None:
        raise AssertionError("no link")

    monkeypatch.setattr(BuiltIn, "wait_until_keyword_succeeds", fails)
    with pytest.raises(CommandError, match="'Link Is Up' did not pass within 60 s"):
        bench.iperf.run_iperf_test("dut", "pc", wait_for="Link Is Up", **ONE)
    assert not bench.machines["pc"].processes


# -- beside each other


def test_all_servers_listen_before_the_first_client_starts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def noted(words: tuple[str, ...]) -> Script:
        order.extend(kind for kind in ("--server", "--client") if kind in words)
        return original(words)

    for machine in bench.machines.values():
        original = machine._next
        monkeypatch.setattr(machine, "_next", noted)
    both = bench.iperf.run_iperf_tests_in_parallel("dut -> pc", "pc->dut", **ONE)
    assert order == ["--server", "--server", "--client", "--client"]
    assert [result and result.client for result in both.results] == ["dut", "pc"]
    assert everything_has_ended(bench)


def test_a_flow_that_fails_hides_no_other(bench: Bench) -> None:
    bench.machines["pc"].clients = [Script((document(error="error - unable to receive control message"),), exit_code=1)]
    with pytest.raises(IperfError) as caught:
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", "pc -> dut", **ONE)
    assert "1 of 2 tests that ran beside each other failed: pc to dut." in str(caught.value)
    assert "those that did not fail: dut to pc: iperf3 TCP" in str(caught.value)
    assert everything_has_ended(bench)


def no_client_starts(bench: Bench, monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    """On pc, where a server does."""
    machine = bench.machines["pc"]
    launch = machine._launch

    def launched(words: tuple[str, ...], *sinks: Any) -> Any:
        if "--client" in words:
            raise problem
        return launch(words, *sinks)

    monkeypatch.setattr(machine, "_launch", launched)


def test_a_client_that_cannot_be_started_hides_no_other(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    no_client_starts(bench, monkeypatch, DeviceError("There is no way to pc any more."))
    with pytest.raises(IperfError) as caught:
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", "pc -> dut", **ONE)
    assert "1 of 2 tests that ran beside each other failed: pc to dut." in str(caught.value)
    assert "There is no way to pc any more." in str(caught.value)
    assert everything_has_ended(bench)


def test_a_start_that_breaks_off_leaves_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    no_client_starts(bench, monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", "pc -> dut", **ONE)
    assert everything_has_ended(bench)


def test_ctrl_c_while_clients_are_started_lets_their_companions_go(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = Mock()
    own_all = bench.iperf._state.own_all
    calls = iter([own_all])  # for the servers

    def interrupted(starts: Any) -> Any:
        own = next(calls, None)
        if not own:
            raise KeyboardInterrupt
        return own(starts)

    monkeypatch.setattr(bench.iperf._state, "own_all", interrupted)
    monkeypatch.setattr(Company, "release", released)
    with pytest.raises(KeyboardInterrupt):
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", "pc -> dut", **ONE)
    assert released.call_count == 2
    assert everything_has_ended(bench)


def test_a_flow_that_does_not_fit_any_more_hides_no_other(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found before anything runs is refused then; this is found when the servers run."""
    prepared = bench.iperf._prepared

    def unfit(device: Any, *rest: Any, **more: Any) -> Any:
        if str(device) == "pc":
            raise IperfError("The server of this flow has ended.")
        return prepared(device, *rest, **more)

    monkeypatch.setattr(bench.iperf, "_prepared", unfit)
    with pytest.raises(IperfError) as caught:
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", "pc -> dut", **ONE)
    assert "The server of this flow has ended." in str(caught.value)
    assert lines(bench, "--client") == {"dut": 1, "pc": 0}
    assert everything_has_ended(bench)


@pytest.mark.parametrize(
    ("flow", "message"),
    [
        ("dut", "'first -> second', not 'dut'"),
        ("dut -> ", "'first -> second'"),
        ("dut -> pc -> dut", "'first -> second'"),
        ({"first": "dut"}, "'first' and 'second', not only 'first'"),
        ({}, "not only nothing"),
        ("dut -> dut", "given twice"),
    ],
)
def test_a_flow_that_is_none(bench: Bench, flow: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", flow, **ONE)
    assert not bench.machines["pc"].processes


def test_a_flow_that_iperf_does_not_take_is_refused_before_anything_runs(bench: Bench) -> None:
    wrong = {"first": "pc", "second": "dut", "stall": Seconds(1)}
    with pytest.raises(IperfCommandError, match="1 of 2 tests cannot be run, so none was") as caught:
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", wrong, **ONE)
    assert "pc to dut: A 'stall' of 1 s is not longer than 'interval'" in str(caught.value)
    assert not any(lines(bench, "--server").values())


def test_what_all_flows_are_refused_for_is_said_once(bench: Bench) -> None:
    with pytest.raises(IperfCommandError, match="A 'stall' of 1 s is not longer") as caught:
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", "pc -> dut", stall=Seconds(1), **ONE)
    assert "cannot be run" not in str(caught.value)


@pytest.mark.parametrize("tool", ["auto", "iperf3"])
def test_a_device_that_does_not_answer_is_asked_once_before_the_servers_start(bench: Bench, tool: str) -> None:
    tried: list[object] = []

    def gone(*words: object, **more: object) -> NoReturn:
        tried.append(words)
        raise DeviceError("There is no way to pc.")

    bench.machines["pc"].run = gone  # type: ignore[method-assign]
    with pytest.raises(DeviceError, match="no way to pc"):
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", tool=tool, **ONE)
    assert len(tried) == 2


def test_no_flow_at_all(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="no flow to run"):
        bench.iperf.run_iperf_tests_in_parallel(**ONE)


def test_a_udp_run_that_fails_early_is_recorded_as_one(bench: Bench) -> None:
    said = "unable to connect to server: Connection refused"
    bench.machines["pc"].clients = [Script((error_document(said),), exit_code=1)]
    with pytest.raises(IperfError, match="refused") as raised:
        bench.iperf.run_iperf_test("dut", "pc", "downlink", udp=True, **ONE)
    assert raised.value.result.protocol == "udp"


@pytest.mark.parametrize("both", ["bidir", "full_duplex", "dualtest"])
def test_one_direction_and_both_is_a_clash(bench: Bench, both: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        bench.iperf.run_iperf_test("dut", "pc", "downlink", **{both: True})
    name = "bidir" if both == "full_duplex" else both
    assert raised.value.what == f"'downlink' is one direction, and '{name}' asks for both."
    assert raised.value.remedy.startswith("for both at once: direction=both")
    assert lines(bench, "--server") == {"dut": 0, "pc": 0}


def test_both_directions_may_be_said_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.machines["dut"].clients = [Script((document(bidir=True, version="3.12"),)) for _ in range(2)]
    bench.machines["dut"].version = bench.machines["pc"].version = "3.12"
    monkeypatch.setattr(Iperf3, "tells_at_once", lambda self, version: False)
    for direction in ("both", None):
        assert len(bench.iperf.run_iperf_test("dut", "pc", direction, bidir=True, **ONE).flows) == 2
    bench.machines["pc"].clients = [Script((document(),))]
    assert len(bench.iperf.run_iperf_test("dut", "pc", "downlink", bidir="False", **ONE).flows) == 1


def test_a_clash_of_directions_in_sweeps_and_parallel_tests(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="is one direction, and 'bidir' asks for both"):
        bench.iperf.run_iperf_sweep("dut", "pc", direction=["both", "uplink"], bidir=True, **ONE)
    with pytest.raises(ConfigurationError, match="'uplink' is one direction, and 'bidir' asks for both"):
        bench.iperf.run_iperf_tests_in_parallel("dut -> pc", direction="uplink", bidir=True)
    assert lines(bench, "--server") == {"dut": 0, "pc": 0}


@pytest.mark.parametrize(
    ("wrong", "meant"), [("drection", "direction"), ("repeet", "repeat"), ("tmeout", "timeout"), ("Time", "time")]
)
def test_a_misspelt_argument_is_told_with_the_nearest(bench: Bench, wrong: str, meant: str) -> None:
    with pytest.raises(IperfCommandError, match=rf"There is no option '{wrong}'. Did you mean '{meant}'\?"):
        bench.iperf.run_iperf_test("dut", "pc", **{wrong: 1})


@pytest.mark.parametrize(("wrong", "meant"), [("prot", "port"), ("nam", "name"), ("deamon", "daemon")])
def test_a_misspelt_argument_of_a_server(bench: Bench, wrong: str, meant: str) -> None:
    with pytest.raises(IperfCommandError, match=rf"Did you mean '{meant}'\?"):
        bench.iperf.start_iperf_server("dut", **{wrong: 1})
