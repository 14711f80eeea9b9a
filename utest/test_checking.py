"""The kernels are asked right before and after a run, on machines that run nothing."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from IperfLibrary import checking
from IperfLibrary.block import as_html
from IperfLibrary.checking import CrossCheck
from IperfLibrary.devices import Device
from IperfLibrary.errors import DeviceError
from IperfLibrary.result import Result
from IperfLibrary.units import Seconds

from .fake import FakeConnection, Script
from .test_library import Bench, bench, told

__all__ = ["bench"]

PAYLOAD = 125_000
"""Bytes of a test of these machines."""


def counters(tx: int, rx: int, route: str = "") -> bytes:
    row = f"eth0: {rx} {rx // 1000} 0 0 0 0 0 0 {tx} {tx // 1000} 0 0 0 0 0 0\n"
    return (row + (f"-> 192.0.2.1 dev {route}\n" if route else "")).encode()


def run(bench: Bench, dut: list[bytes], pc: list[bytes], **more: Any) -> Result:
    bench.machines["dut"].counters, bench.machines["pc"].counters = dut, pc
    result = bench.iperf.run_iperf_test("dut", "pc", time=Seconds(1), **more)
    assert isinstance(result, Result)
    return result


GOOD = [counters(10, 10), counters(10 + PAYLOAD, 10, "eth0")]
HERE = [counters(10, 10), counters(10, 10 + PAYLOAD, "eth0")]


def looks(bench: Bench, name: str) -> list[tuple[str, ...]]:
    return [p.words for p in bench.machines[name].processes if "/proc/net/dev" in " ".join(p.words)]


def test_both_kernels_are_asked_twice_and_agree(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    result = run(bench, [*GOOD], [*HERE])
    assert [(c.device, c.counter, c.agrees) for c in result.checks] == [("dut", "tx", True), ("pc", "rx", True)]
    assert (len(looks(bench, "dut")), len(looks(bench, "pc"))) == (2, 2)
    assert not told(caplog, logging.WARNING)


def test_each_is_asked_for_the_way_to_the_other(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.iperf._state.devices.get("dut").address = "198.51.100.7"
    run(bench, [*GOOD], [*HERE], bind="198.51.100.8")
    assert [words[-2:] for words in looks(bench, "dut")] == [("", ""), ("192.0.2.2", "198.51.100.8")]
    assert [words[-2:] for words in looks(bench, "pc")] == [("", ""), ("198.51.100.7", "")]


def test_an_interface_that_was_named_needs_no_route(bench: Bench) -> None:
    bench.iperf._state.devices.get("pc").address = "fe80::1%eth0"
    assert run(bench, [GOOD[0], counters(10 + PAYLOAD, 10)], [*HERE]).checks[0].interface == "eth0"


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (counters(20, 10, "eth0"), "sent on eth0 during the run, "),
        (counters(9_000_000, 10, "eth0"), "more than the "),
    ],
)
def test_a_gap_is_a_warning_and_in_the_block(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, after: bytes, words: str
) -> None:
    monkeypatch.setattr(checking, "SETTLE_LIMIT", 0.0)
    result = run(bench, [GOOD[0], after], [*HERE])
    assert [check.agrees for check in result.checks] == [False, True]
    assert words in told(caplog, logging.WARNING)
    html = as_html(result)
    assert html.count("iperf-trouble") == 1
    assert words in html
    assert "sent by dut" in html


def test_counters_that_come_late_are_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "SETTLE_PAUSE", 0.0)
    result = run(bench, [GOOD[0], counters(20, 10, "eth0"), GOOD[1]], [HERE[0], HERE[1], HERE[1]])
    assert [check.agrees for check in result.checks] == [True, True]


def test_a_device_that_tells_nothing_is_no_failure(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    result = run(bench, [], [])
    assert [check.agrees for check in result.checks] == [None, None]
    assert "What the kernel of dut counted is not known: it does not tell what its" in told(caplog, logging.INFO)
    assert not told(caplog, logging.WARNING)
    assert "Cross-check" not in as_html(result)


def test_it_can_be_left_away(bench: Bench) -> None:
    assert run(bench, [*GOOD], [*HERE], cross_check=False).checks == ()
    assert not looks(bench, "dut")


def test_a_device_that_is_gone_is_not_known() -> None:
    class Gone(FakeConnection):
        def run(self, words: tuple[str, ...], limit: float = 0.0) -> Any:
            raise DeviceError("gone")

    one, mute = Device("one", Gone()), Device("mute", FakeConnection(behaves=lambda words: Script((b"\n",))))
    mute.connection.runs_commands = False
    check = CrossCheck(one, mute, "192.0.2.1")
    check.begin()
    assert check.checks(Result("iperf3", None, "tcp", "client"), None) == ()
