"""The keyword that measures recovery, on machines that run nothing."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from robot.libraries.BuiltIn import BuiltIn

from IperfLibrary.errors import CommandError, ConfigurationError, IperfCommandError, IperfError
from IperfLibrary.keywords import recovery as keywords
from IperfLibrary.recovery import Recovery
from IperfLibrary.units import Seconds

from .fake import RUNNING, FakeProcess, Script, ends
from .test_library import Bench, bench, told
from .test_run_test import everything_has_ended

__all__ = ["bench"]

HEAD = """\
Connecting to host 192.0.2.1, port 5201
Reverse mode, remote host 192.0.2.1 is sending
[  5] local 192.0.2.2 port 46139 connected to 192.0.2.1 port 5201
[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams
"""
LIMITS: dict[str, Any] = {"settle_time": Seconds(0.2), "failure_limit": Seconds(0.1), "recovery_limit": Seconds(0.5)}


def rows(flowed: str, since: int = 0) -> bytes:
    """What a receiver prints: 0.1 s for each sign, ``#`` has data and ``.`` has none."""
    data, none = "12.2 KBytes  1.00 Mbits/sec  0.011 ms  0/100 (0%)", "0.00 Bytes  0.00 bits/sec  0.011 ms  0/0 (0%)"
    lines = [
        f"[  5]   {n / 10:.2f}-{n / 10 + 0.1:.2f}   sec  {data if sign == '#' else none}  \n"
        for n, sign in enumerate(flowed, since)
    ]
    return "".join(lines).encode()


def receiver(flowed: str) -> Script:
    stopped = ends(1, b"", b"iperf3: interrupt - the client has terminated\n")
    return Script((HEAD.encode() + rows(flowed),), exit_code=RUNNING, on={"INT": stopped, "TERM": stopped})


@pytest.fixture
def measure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Recovery]:
    """Measures through an event that is told the client that runs."""
    monkeypatch.setattr(keywords, "START_LIMIT", 1.0)

    def measured(event: Callable[[FakeProcess], None], *clients: Script, **more: Any) -> Recovery:
        bench.machines["pc"].clients = list(clients)
        monkeypatch.setattr(
            BuiltIn, "run_keyword", lambda self, *words: event(bench.machines["pc"].started("--client")[-1])
        )
        found: Recovery = bench.iperf.measure_iperf_recovery_time(
            "dut", "pc", "Event", "argument", **{**LIMITS, **more}
        )
        return found

    return measured


def nothing(process: FakeProcess) -> None:
    pass


def cut(process: FakeProcess) -> None:
    time.sleep(0.8)
    process.say(rows("#....###", since=10))


def test_a_cut(bench: Bench, measure: Callable[..., Recovery]) -> None:
    recovery = measure(cut, receiver("#" * 10))
    assert recovery.recovered
    assert recovery.outage == pytest.approx(0.5, abs=0.11)
    assert recovery.clients == 1
    assert recovery.result is not None
    assert len(recovery.result.intervals) == 18
    assert "--reverse" in bench.machines["pc"].started("--client")[0].words, "the receiver is the client"
    assert bench.machines["dut"].started("--server")
    assert everything_has_ended(bench)


def test_the_block_has_the_figures_and_the_moments(
    measure: Callable[..., Recovery], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    measure(cut, receiver("#" * 10))
    block = next(text for text in told(caplog, logging.INFO).split("\n") if "iperf-recovery" in text)
    for text in ("Failed after", "Flowed again after", ">event<", ">failed<", ">flows again<", "dut to pc"):
        assert text in block


def test_an_outage_that_is_known_roughly_is_warned_of(
    measure: Callable[..., Recovery], caplog: pytest.LogCaptureFixture
) -> None:
    """One interval without data: the true outage was anything from nearly none to three intervals."""

    def blink(process: FakeProcess) -> None:
        time.sleep(0.4)
        process.say(rows("#.####", since=10))

    recovery = measure(blink, receiver("#" * 10))
    warned = told(caplog, logging.WARNING)
    assert "dut to pc: how long no traffic flowed is known roughly alone, between" in warned
    assert f"and {recovery.outage_at_most:.3g} s" in warned
    assert "compare outage_at_most with your limit" in warned


def test_an_outage_that_is_known_well_is_not_warned_of(
    measure: Callable[..., Recovery], caplog: pytest.LogCaptureFixture
) -> None:
    assert measure(cut, receiver("#" * 10)).outage_at_most == pytest.approx(0.6, abs=0.15)
    assert "roughly" not in told(caplog, logging.WARNING)


def test_ci_has_a_record_of_it(bench: Bench, measure: Callable[..., Recovery]) -> None:
    recovery = measure(cut, receiver("#" * 10))
    bench.iperf._state.teller.end()
    (record,) = map(json.loads, (bench.directory / "iperf-results.jsonl").read_text().splitlines())
    assert (record["client"], record["server"]) == ("pc", "dut")
    assert record["figures"]["outage_seconds"] == recovery.outage
    assert record["error"] is None


def test_nothing_fails(measure: Callable[..., Recovery], caplog: pytest.LogCaptureFixture) -> None:
    """That may be what was hoped for, or a reboot that was none: it is told."""

    def goes_on(process: FakeProcess) -> None:
        time.sleep(0.2)
        process.say(rows("###", since=10))

    recovery = measure(goes_on, receiver("#" * 10), failure_limit=Seconds(0))
    assert (recovery.failure, recovery.recovery, recovery.outage, recovery.recovered) == (None, None, 0, True)
    assert "dut to pc: traffic did not fail" in told(caplog, logging.WARNING)


def test_a_receiver_that_is_silent_is_not_one_that_gets_something(measure: Callable[..., Recovery]) -> None:
    assert measure(nothing, receiver("#" * 10), failure_limit=Seconds(0)).failure is not None


def test_it_does_not_recover(bench: Bench, measure: Callable[..., Recovery], caplog: pytest.LogCaptureFixture) -> None:
    def down(process: FakeProcess) -> None:
        time.sleep(0.3)
        process.say(rows("...", since=10))

    recovery = measure(down, receiver("#" * 10))
    assert (recovery.recovery, recovery.outage, recovery.recovered) == (None, None, False)
    assert recovery.failure is not None
    assert "had not recovered" in told(caplog, logging.WARNING)
    assert everything_has_ended(bench)


def test_a_client_that_died_is_followed_by_others_until_one_gets_through(
    bench: Bench, measure: Callable[..., Recovery]
) -> None:
    refused = Script((b"iperf3: error - unable to connect to server: Connection refused\n",), exit_code=1)

    def dies(process: FakeProcess) -> None:
        time.sleep(0.5)
        process.end(1)

    recovery = measure(dies, receiver("#" * 10), refused, receiver("#####"), recovery_limit=Seconds(10))
    assert recovery.recovered
    assert recovery.clients == 3
    assert recovery.recovery is not None
    assert len(bench.machines["dut"].started("--server")) == 3
    assert everything_has_ended(bench)


def test_a_device_that_is_away_for_a_while(bench: Bench, measure: Callable[..., Recovery]) -> None:
    """The server cannot be started there at first."""

    def gone(process: FakeProcess) -> None:
        time.sleep(0.5)
        process.end(1)
        bench.machines["dut"].servers = [Script(exit_code=None, starts=False)]

    recovery = measure(gone, receiver("#" * 10), receiver("#####"), recovery_limit=Seconds(10))
    assert recovery.recovered
    assert recovery.clients == 3, "one of them was only tried"
    assert bench.machines["dut"].closed
    assert everything_has_ended(bench)


def test_an_event_that_fails_leaves_nothing(bench: Bench, measure: Callable[..., Recovery]) -> None:
    def fails(process: FakeProcess) -> None:
        raise AssertionError("on fire")

    with pytest.raises(AssertionError, match="on fire"):
        measure(fails, receiver("#" * 10))
    assert everything_has_ended(bench)


def test_no_traffic_before_the_event(bench: Bench, measure: Callable[..., Recovery]) -> None:
    with pytest.raises(CommandError, match="The event was not begun, as pc received nothing from dut within 1 s"):
        measure(nothing, receiver("...."))
    refused = Script((), (b"iperf3: error - unable to connect to server: Connection refused\n",), exit_code=1)
    with pytest.raises(IperfError, match="the connection was refused"):
        measure(nothing, refused)
    assert everything_has_ended(bench)


def test_breaks_before_the_event_are_told(measure: Callable[..., Recovery], caplog: pytest.LogCaptureFixture) -> None:
    measure(nothing, receiver("#.#.#.#.#."), recovery_limit=Seconds(0))
    assert "Traffic has breaks also without the event" in told(caplog, logging.WARNING)


@pytest.mark.parametrize(
    ("event", "more", "message"),
    [
        ((), {}, "There is no event"),
        (("Event",), {"time": Seconds(5)}, "'time' cannot be given"),
        (("Event",), {"direction": "both"}, "One direction is watched at a time"),
        (("Event",), {"direction": "uplink", "reverse": True}, "What pc receives is not seen while dut is the client"),
    ],
)
def test_what_cannot_be_measured(bench: Bench, event: tuple[str, ...], more: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        bench.iperf.measure_iperf_recovery_time("dut", "pc", *event, **more)
    assert not bench.machines["pc"].processes


def test_a_version_that_prints_no_intervals_while_it_runs(bench: Bench, measure: Callable[..., Recovery]) -> None:
    bench.machines["pc"].version = bench.machines["dut"].version = "3.0.11"
    with pytest.raises(IperfCommandError, match="prints no intervals while it runs"):
        measure(nothing, receiver("#"))
    assert everything_has_ended(bench)
