"""Assertions on a result: what is taken for an argument, what is known, and why it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from assertionengine import AssertionOperator

from IperfLibrary.beside import Beside
from IperfLibrary.companions import Companion, Sampled
from IperfLibrary.ends import both_ends
from IperfLibrary.errors import ConfigurationError, IperfError
from IperfLibrary.keywords.assertions import Assertions
from IperfLibrary.latency import Latency
from IperfLibrary.repeats import Repeats
from IperfLibrary.result import End, Flow, Interval, Result, Stream, Where
from IperfLibrary.tools.parsing import parse, parse_all
from IperfLibrary.units import Bitrate, Percent, Seconds
from utest.recorded import runs

MORE, LESS = AssertionOperator[">="], AssertionOperator["<="]


class Noted(Assertions):
    def __init__(self) -> None:
        self.verdicts: list[tuple[str, bool]] = []

    def _note_verdict(self, result: Result, text: str, passed: bool) -> None:
        self.verdicts.append((text, passed))


@pytest.fixture
def asserts() -> Noted:
    return Noted()


def result(
    *counts: int,
    protocol: str = "udp",
    at: Where = "receiver",
    step: float = 1.0,
    direction: str = "downstream",
    **more: Any,
) -> Result:
    rows = tuple(Interval(n * step, (n + 1) * step, count, count * 8 / step) for n, count in enumerate(counts))
    total = End(sum(counts), sum(counts) * 8 / (step * len(counts) or 1), step * len(counts))
    flow = Flow(direction, False, total, total, intervals=rows, measured_at=at)
    return Result("iperf3", "3.12", protocol, "client", (flow,), **more)


# -- what Robot takes for the message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("agregate=max", "Did you mean 'aggregate'?"),
        ("directon=upstream", "Did you mean 'direction'?"),
        ("wich=added", "Did you mean 'which'?"),
        ("directon=up and down", "Did you mean 'direction'?"),
        ("foo=bar", "was taken for the message"),
        ("direction = reverse", "Did you mean 'direction'?"),
        ("aggregate =min", "Did you mean 'aggregate'?"),
    ],
)
def test_a_misspelt_argument_is_no_message(asserts: Noted, text: str, told: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: asserts.get_iperf_bitrate(result(10, 10), MORE, "1 bit/s", text),
        lambda: asserts.iperf_result_should_be_stable(result(10, 10), Percent(10), text),
        lambda: asserts.iperf_result_should_have_no_outage(result(10, 10), Seconds(1), text),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError, match="is no argument of this keyword") as caught:
            call()
        assert told in str(caught.value)
    assert asserts.verdicts == []


@pytest.mark.parametrize(
    "unit", ["Mbit/s", "M", "kbps", "%", "ms", "s", "MByte", "GBytes", "Gbit/sec", "dBm", "Mbit", "Mbits", "Mbit per s"]
)
def test_a_unit_in_a_cell_of_its_own_is_no_message(asserts: Noted, unit: str) -> None:
    with pytest.raises(ConfigurationError, match="stands in a cell of its own"):
        asserts.get_iperf_bitrate(result(10), MORE, 900, unit)


@pytest.mark.parametrize("text", ["The downlink is slow", "a = b is wanted", "slow", "2=2, they say"])
def test_what_is_a_message(asserts: Noted, text: str) -> None:
    with pytest.raises(AssertionError, match=text):
        asserts.get_iperf_bitrate(result(10), MORE, "1 Gbit/s", text)


# -- what it is compared with


@pytest.mark.parametrize("limit", ["900", 900, "0.5", 1.5, "9e2"])
def test_a_bit_rate_without_a_unit(asserts: Noted, limit: Any) -> None:
    with pytest.raises(ConfigurationError, match="is a bit rate without a unit") as caught:
        asserts.get_iperf_bitrate(result(10**9), MORE, limit)
    assert f"'{limit} Mbit/s'" in str(caught.value)


def test_a_size_without_a_unit(asserts: Noted) -> None:
    with pytest.raises(ConfigurationError, match="'100' is a size without a unit, which would be 100 Byte"):
        asserts.get_iperf_transfer(result(10**9), MORE, "100")
    assert asserts.get_iperf_transfer(result(10**9), MORE, "100 MByte") == 10**9


@pytest.mark.parametrize("limit", [0, "0", "900 bit/s", Bitrate(900), 900e6, "900e6", "1000"])
def test_bit_rates_that_are_meant(asserts: Noted, limit: Any) -> None:
    assert asserts.get_iperf_bitrate(result(10**9), MORE, limit) == 8e9


def test_an_operator_and_nothing_else(asserts: Noted) -> None:
    with pytest.raises(ConfigurationError, match="'>=' needs something to compare with"):
        asserts.get_iperf_bitrate(result(10), MORE)


def test_the_words_of_testers_for_directions(asserts: Noted) -> None:
    one = result(10**6)
    for word in ("downlink", "Downstream", "dl", "to node", "both", None):
        assert asserts.get_iperf_bitrate(one, direction=word) == 8e6
    for word, told in (("uplink", "only: downstream."), ("donwstream", "Did you mean 'downstream'?")):
        with pytest.raises(ConfigurationError) as caught:
            asserts.get_iperf_bitrate(one, direction=word)
        assert str(caught.value).endswith(told)


def test_several_results_are_none(asserts: Noted) -> None:
    many = result(10**6)
    with pytest.raises(ConfigurationError, match=r"runs\.figures\['loss'\]\.mean"):
        asserts.get_iperf_loss(Repeats((many, many)), LESS, "1%")
    for several in ([many], Beside((many,), (0.0,))):
        with pytest.raises(ConfigurationError, match="one run, and not several"):
            asserts.get_iperf_loss(several, LESS, "1%")


# -- whose intervals


@pytest.mark.parametrize("call", ["min", "outage", "stable"])
def test_what_a_udp_sender_counts_tells_nothing_of_what_arrived(asserts: Noted, call: str) -> None:
    calls: dict[str, Callable[[], object]] = {
        "min": lambda: asserts.get_iperf_bitrate(sent, MORE, "1 kbit/s", aggregate="min"),
        "outage": lambda: asserts.iperf_result_should_have_no_outage(sent),
        "stable": lambda: asserts.iperf_result_should_be_stable(sent),
    }
    sent = result(1000, 1000, 1000, at="sender")
    with pytest.raises(IperfError, match="those of the sender, and tell nothing of the receiver") as caught:
        calls[call]()
    assert "reverse=True" in str(caught.value)
    assert asserts.verdicts == []


def test_a_sender_that_is_meant_is_asked(asserts: Noted) -> None:
    asserts.get_iperf_bitrate(result(1000, 1000, at="sender"), MORE, "1 kbit/s", aggregate="min", end="sender")
    asserts.get_iperf_bitrate(result(1000, 1000, at="sender", protocol="tcp"), MORE, "1 kbit/s", aggregate="min")
    assert [text.split(" >=")[0] for text, _ in asserts.verdicts] == ["Bit rate (min, sender)"] * 2


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (lambda a: a.get_iperf_jitter(result(10, protocol="tcp"), LESS, "1 ms"), "it is a figure of UDP, and this run was TCP"),
        (lambda a: a.get_iperf_retransmits(result(10), LESS, 1), "it is a figure of TCP, and this run was UDP"),
        (lambda a: a.get_iperf_bitrate(result(10), LESS, "1M", aggregate="cv"), "one interval is too few for that"),
        (lambda a: a.get_iperf_bitrate(result(), LESS, "1M", aggregate="min"), "the run has no intervals"),
        (
            lambda a: a.get_iperf_bitrate(
                Result("iperf3", "3.12", "tcp", "client", (Flow("up", False, End(5), End()),), partial=True), LESS, "1M"
            ),
            "the run was ended before its time",
        ),
        (lambda a: a.get_iperf_jitter(result(10), LESS, "1 ms"), "was not reported by iperf3 3.12"),
    ],
)  # fmt: skip
def test_why_a_figure_is_not_known(asserts: Noted, asked: Callable[[Noted], object], told: str) -> None:
    with pytest.raises(IperfError) as caught:
        asked(asserts)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("companion", "told"),
    [
        (Companion("rssi", said="its exit code was 127"), "its exit code was 127"),
        (Companion("rssi"), "no value is known while the traffic ran"),
        (Companion("rssi", points=(Sampled(0.5, 3.0),)), "too few values are known"),
    ],
)
def test_why_a_companion_is_not_known(asserts: Noted, companion: Companion, told: str) -> None:
    with pytest.raises(IperfError, match=told) as caught:
        asserts.get_iperf_companion(result(10, companions=(companion,)), "rssi", LESS, 5, aggregate="stdev")
    assert "iperf3" not in str(caught.value)


def test_what_only_the_streams_have_in_their_intervals(asserts: Noted) -> None:
    rows = tuple(Interval(n, n + 1.0, 100, 800.0, rtt_ms=2.0 + n) for n in range(3))
    streams = (Stream(5, intervals=rows), Stream(7, intervals=rows))
    flow = Flow("upstream", False, End(600), End(600), streams, tuple(row._replace(rtt_ms=None) for row in rows))
    both = Result("iperf3", "3.12", "tcp", "client", (flow,))
    with pytest.raises(IperfError, match="those of each stream do") as caught:
        asserts.get_iperf_rtt(both, LESS, "5 ms", aggregate="max")
    assert "stream=1" in str(caught.value)
    assert asserts.get_iperf_rtt(both, LESS, "5 ms", aggregate="max", stream=1) == 4.0
    silent = replace(flow, streams=(Stream(5, intervals=flow.intervals),))
    with pytest.raises(IperfError, match="was not reported by"):
        asserts.get_iperf_rtt(replace(both, flows=(silent,)), LESS, "5 ms", aggregate="max")


# -- outages


@pytest.mark.parametrize(
    ("counts", "longer_than", "passes"),
    [
        ((5, 5, 5), 1, True),
        ((5, 0, 5), 1, False),
        ((5, 0, 5), 2, True),
        ((5, 0, 0, 5), 2, False),
        ((0, 5, 0), 1, False),
    ],
)
def test_an_outage_is_longer_than_the_intervals_that_show_it(
    asserts: Noted, counts: tuple[int, ...], longer_than: int, passes: bool
) -> None:
    """One that begins and ends exactly with an interval has no chance."""
    if passes:
        asserts.iperf_result_should_have_no_outage(result(*counts), Seconds(longer_than))
    else:
        with pytest.raises(AssertionError, match="No data moved from"):
            asserts.iperf_result_should_have_no_outage(result(*counts), Seconds(longer_than))
    assert asserts.verdicts == [(f"No outage longer than {longer_than} s (downstream, receiver)", passes)]


def test_what_nobody_measured_is_neither_stable_nor_without_outage(asserts: Noted) -> None:
    nothing = Result("iperf3", "3.12", "tcp", "client", (), partial=True)
    for call in (asserts.iperf_result_should_have_no_outage, asserts.iperf_result_should_be_stable):
        with pytest.raises(IperfError, match="nothing was measured"):
            call(nothing)


def test_the_pauses_of_a_slow_sender_are_no_outage(asserts: Noted) -> None:
    slow = result(131_072, 0, 0, 131_072, protocol="tcp", options={"bitrate": 300e3})
    with pytest.raises(ConfigurationError, match=r"it writes every 3\.5 s"):
        asserts.iperf_result_should_have_no_outage(slow)
    with pytest.raises(AssertionError):
        asserts.iperf_result_should_have_no_outage(replace(slow, options={"bitrate": 300e3, "length": 1250}))


def test_the_pauses_of_udp_without_a_rate_are_no_outage(asserts: Noted) -> None:
    """It is 1 Mbit/s then; with a bitrate of 0 there are none."""
    big = result(64_000, 64_000, 0, 64_000, step=0.3, options={"length": 64_000})
    with pytest.raises(ConfigurationError, match=r"it writes every 0\.512 s"):
        asserts.iperf_result_should_have_no_outage(big, Seconds(0.3))
    with pytest.raises(AssertionError):
        asserts.iperf_result_should_have_no_outage(replace(big, options={"length": 64_000, "bitrate": 0}), Seconds(0.3))


@pytest.mark.parametrize(
    "options", [{"burst_period": 2.0}, {"isochronous": "0.5:1m,0"}, {"ipg": 2.0}, {"bitrate": 1e6, "burst_period": 2.0}]
)
def test_the_pauses_between_bursts_are_no_outage(asserts: Noted, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"it writes every 2 s"):
        asserts.iperf_result_should_have_no_outage(result(5, 0, 5, options=options))


def test_the_time_that_a_whole_block_takes_is_no_outage(asserts: Noted) -> None:
    """iperf3 3.18 over a link of 1 Mbit/s, recorded: it counts 128 KByte at a time, and they come every 1.2 s."""
    ends = runs()["iperf3-3.18/slow-tcp"]
    slow = both_ends(parse(ends["client"].stdout), parse_all(ends["server"].stdout)[0])
    with pytest.raises(ConfigurationError, match=r"An outage of 1\.2 s cannot be told .* they took 1\.2\d s"):
        asserts.iperf_result_should_have_no_outage(slow)
    assert asserts.verdicts == []
    asserts.iperf_result_should_have_no_outage(slow, Seconds(3))


@pytest.mark.parametrize("counts", [(131_072, 131_072, 0, 0, 131_072, 131_072), (1_310_720, 0, 0, 1_310_720)])
def test_an_outage_is_longer_than_a_block_takes(asserts: Noted, counts: tuple[int, ...]) -> None:
    with pytest.raises(AssertionError, match="No data moved from"):
        asserts.iperf_result_should_have_no_outage(result(*(8 * count for count in counts), protocol="tcp"))


def test_a_tcp_sender_with_a_rate_fills_its_buffer(asserts: Noted) -> None:
    sent = result(10**5, 10**5, protocol="tcp", at="sender", options={"bitrate": 800e3})
    with pytest.raises(IperfError, match="those of the sender"):
        asserts.get_iperf_bitrate(sent, MORE, "1 kbit/s", aggregate="min")


def test_an_outage_that_intervals_cannot_show(asserts: Noted) -> None:
    with pytest.raises(ConfigurationError, match="An outage of 1 s cannot be seen: this run has intervals of 6 s"):
        asserts.iperf_result_should_have_no_outage(result(10, step=6.0))


def test_a_limit_without_an_operator_is_refused(asserts: Noted) -> None:
    with pytest.raises(ConfigurationError, match="'900 Mbit/s' needs an operator in front of it, like >="):
        asserts.get_iperf_bitrate(result(10), None, "900 Mbit/s")


def test_a_companion_that_was_not_beside_the_run(asserts: Noted) -> None:
    with pytest.raises(ConfigurationError, match=r"Nothing called 'rsi' was sampled .* Did you mean 'rssi'") as caught:
        asserts.get_iperf_companion(result(10, companions=(Companion("rssi"),)), "rsi")
    assert "its companions are: rssi" in str(caught.value)


def test_the_loss_of_probes_is_unknown_where_none_was_counted(asserts: Noted) -> None:
    without = result(10, latency=Latency("192.0.2.1"))
    assert asserts.get_iperf_probe_loss(without) is None
    with pytest.raises(IperfError, match=r"Lost probes \(loaded\)"):
        asserts.get_iperf_probe_loss(without, LESS, "1%")
