"""Assertions on a result: what is taken for an argument, what is known, and why it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from assertionengine import AssertionOperator
from robot.libraries.BuiltIn import BuiltIn

from IperfLibrary.beside import Beside
from IperfLibrary.companions import Companion, Sampled
from IperfLibrary.ends import both_ends
from IperfLibrary.errors import ConfigurationError, IperfError
from IperfLibrary.keywords.arguments import operator_of
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


@pytest.mark.parametrize("limit", ["900", 900, "0.5", 1.5, "9e2", "1000", "2500", "10_000", "940000"])
def test_a_bit_rate_without_a_unit(asserts: Noted, limit: Any) -> None:
    with pytest.raises(ConfigurationError, match="is a bit rate without a unit") as caught:
        asserts.get_iperf_bitrate(result(10**9), MORE, limit)
    assert f"'{limit} Mbit/s'" in str(caught.value)


def test_a_size_without_a_unit(asserts: Noted) -> None:
    with pytest.raises(ConfigurationError, match="'100' is a size without a unit, which would be 100 Byte"):
        asserts.get_iperf_transfer(result(10**9), MORE, "100")
    assert asserts.get_iperf_transfer(result(10**9), MORE, "100 MByte") == 10**9


@pytest.mark.parametrize("limit", [0, "0", "900 bit/s", Bitrate(900), 900e6, "900e6", "900000000", 1000, 1e3, "1e5"])
def test_bit_rates_that_are_meant(asserts: Noted, limit: Any) -> None:
    assert asserts.get_iperf_bitrate(result(10**9), MORE, limit) == 8e9


def test_an_operator_and_nothing_else(asserts: Noted) -> None:
    with pytest.raises(ConfigurationError, match="'>=' needs something to compare with"):
        asserts.get_iperf_bitrate(result(10), MORE)
    for operator in ("validate", "then"):
        with pytest.raises(ConfigurationError, match=f"'{operator}' needs an expression, like value > 900e6"):
            asserts.get_iperf_bitrate(result(10), AssertionOperator[operator])


def test_the_words_of_testers_for_directions(asserts: Noted) -> None:
    one = result(10**6)
    for word in ("downlink", "Downstream", "dl", "to node", None):
        assert asserts.get_iperf_bitrate(one, direction=word) == 8e6
    for word, told in (
        ("uplink", "only: downstream."),
        ("donwstream", "Did you mean 'downstream'?"),
        ("both", "run it with bidir=True, or direction=both"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            asserts.get_iperf_bitrate(one, direction=word)
        assert str(caught.value).endswith(told)


def test_directions_of_a_result_without_roles(asserts: Noted) -> None:
    with pytest.raises(ConfigurationError, match="no direction 'downlink', only: forward") as caught:
        asserts.get_iperf_bitrate(result(10**6, direction="forward"), direction="downlink")
    assert "role=node" in str(caught.value)


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (True, "'True', which is a bool"),
        (Seconds(5), "which is a Seconds"),
        (Percent(5), "which is a Percent"),
        ([1], "it is a list"),
        (result(10), "it is a Result"),
        ({}, "it is a dict"),
    ],
)
def test_what_is_no_bit_rate(asserts: Noted, limit: Any, told: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be compared with") as caught:
        asserts.get_iperf_bitrate(result(10**9), MORE, limit)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "meant"), [("=>", ">="), ("≥", ">="), ("=<", "<="), ("=", "=="), ("<>", "!="), ("valdate", "validate")]
)
def test_an_operator_that_is_none(text: str, meant: str) -> None:
    with pytest.raises(ValueError, match="is no operator of a figure, which are ==, !=, <, >, <=, >=") as caught:
        operator_of(text)
    assert str(caught.value).endswith(f"Did you mean '{meant}'?")
    assert operator_of(meant) is AssertionOperator[meant]


@pytest.mark.parametrize(
    ("text", "meant"),
    [("Should Be", "=="), ("EQUALS", "=="), ("greater_than", ">"), ("Validate", "validate"), (">= ", ">=")],
)
def test_an_operator_as_robot_takes_names(text: str, meant: str) -> None:
    assert operator_of(text) is AssertionOperator[meant]


# -- expressions


@pytest.fixture
def evaluates(monkeypatch: pytest.MonkeyPatch) -> None:
    def evaluate(self: object, expression: str, namespace: dict[str, Any]) -> Any:
        return eval(expression, namespace)

    monkeypatch.setattr(BuiltIn, "evaluate", evaluate)


@pytest.mark.usefixtures("evaluates")
@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ('"value > 1"', "is neither true nor false: it gives 'value > 1'"),
        ("1", "it gives 1"),
        ("value", "it gives 8 Mbit/s"),
        ("value > 10M", "cannot be evaluated"),
        ("value > '10M'", "not supported between instances"),
        ("rate > 5", "name 'rate' is not defined"),
    ],
)
def test_an_expression_that_would_always_hold_is_refused(asserts: Noted, expression: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match="value > 900e6") as caught:
        asserts.get_iperf_bitrate(result(10**6), AssertionOperator["validate"], expression)
    assert told in str(caught.value)
    assert asserts.verdicts == []


@pytest.mark.usefixtures("evaluates")
def test_expressions(asserts: Noted) -> None:
    one = result(10**6)
    assert asserts.get_iperf_bitrate(one, AssertionOperator["validate"], "value > 1e6") == 8e6
    with pytest.raises(AssertionError, match="should validate to true"):
        asserts.get_iperf_bitrate(one, AssertionOperator["validate"], "value > 9e6")
    assert [passed for _, passed in asserts.verdicts] == [True, False]
    assert asserts.get_iperf_bitrate(one, AssertionOperator["then"], "value > 9e6") is False
    assert len(asserts.verdicts) == 2, "it judges nothing"


# -- messages of the suite


@pytest.mark.parametrize(
    ("message", "first"),
    [
        ("Only {value}, not {expected}", "Only 8 Mbit/s, not 1 Gbit/s"),
        ("only {bitrate} of {expected}", "only {bitrate} of {expected}"),
        ('{"a": 1}', '{"a": 1}'),
        ("{", "{"),
        ("{value.x}", "{value.x}"),
        ("{value[0]}", "{value[0]}"),
        (" ", "Bit rate (receiver) '8 Mbit/s' (bitrate) should be greater than or equal '1 Gbit/s' (bitrate)"),
    ],
)
def test_a_message_of_the_suite_has_the_run_below(asserts: Noted, message: str, first: str) -> None:
    one = result(10**6, raw_file="/out/a.json")
    with pytest.raises(AssertionError) as caught:
        asserts.get_iperf_bitrate(one, MORE, "1 Gbit/s", message)
    assert str(caught.value).splitlines()[0] == first
    assert "raw file:        /out/a.json" in str(caught.value)


# -- a rate that the sender did not reach


def sent(rate: float, asked: dict[str, Any], lost: int = 0) -> Result:
    total = End(10**6, rate, 1.0, lost_packets=lost, packets=1000)
    flow = Flow("upstream", False, End(10**6, rate, 1.0, packets=1000), total)
    return Result("iperf3", "3.12", "udp", "client", (flow,), options=asked)


def test_loss_at_another_rate_than_was_asked_for_is_no_answer(asserts: Noted) -> None:
    short = sent(96.7e6, {"bitrate": Bitrate(1e9), "udp": True})
    for operator in ("<", "<=", "=="):
        with pytest.raises(IperfError, match="and not that of the rate that was asked for") as caught:
            asserts.get_iperf_loss(short, AssertionOperator[operator], "0%")
        assert "The sender (upstream) sent 96.7 Mbit/s, not the 1 Gbit/s that it was asked for." in str(caught.value)
    with pytest.raises(IperfError, match="Lost packets"):
        asserts.get_iperf_lost_packets(short, LESS, 3)
    assert asserts.verdicts == []
    assert asserts.get_iperf_loss(short) == 0
    assert asserts.get_iperf_loss(sent(96.7e6, short.options, 200), AssertionOperator[">"], "10%") == 20


@pytest.mark.parametrize(
    "asked",
    [
        {"bitrate": Bitrate(100e6)},
        {"bitrate": Bitrate(50e6), "parallel": 2},
        {"bitrate": Bitrate(0)},
        {},
        {"bitrate": Bitrate(1e9), "burst_period": 1},
    ],
)
def test_a_rate_that_was_reached_or_is_none(asserts: Noted, asked: dict[str, Any]) -> None:
    assert asserts.get_iperf_loss(sent(96.7e6, asked), LESS, "0.1%") == 0
    with_streams = sent(96.7e6, {"bitrate": Bitrate(100e6), "parallel": 4})
    with pytest.raises(IperfError, match="not the 400 Mbit/s"):
        asserts.get_iperf_loss(with_streams, LESS, "0.1%")


@pytest.mark.parametrize(
    ("seconds", "size", "reached"),
    [(1.0, 1460, True), (2.0, 1460, False), (10.0, 1460, False), (2.0, 60_000, True), (10.0, 60_000, False)],
)
def test_a_short_run_that_began_late_is_not_short_of_its_rate(
    asserts: Noted, seconds: float, size: int, reached: bool
) -> None:
    """iperf3 up to 3.1 begins a tenth of a second late; and of 2 Mbit/s, 60 KByte are a quarter of a second."""
    rate = 0.85 * 2e6
    count = round(rate * seconds / 8 / size)
    sender = End(round(rate * seconds / 8), rate, seconds, packets=count)
    flow = Flow("upstream", False, sender, replace(sender, lost_packets=0))
    one = Result("iperf3", "3.1.3", "udp", "client", (flow,), options={"bitrate": Bitrate(2e6)})
    if reached:
        assert asserts.get_iperf_loss(one, LESS, "1%") == 0
        return
    with pytest.raises(IperfError, match="not the 2 Mbit/s"):
        asserts.get_iperf_loss(one, LESS, "1%")


@pytest.mark.parametrize("way", ["upstream", "uplink", "tx", "forward", "both", None])
def test_the_sender_of_the_direction_that_is_meant(asserts: Noted, way: str | None) -> None:
    """Whatever word it is named by; the one of the other direction has nothing to do with it."""
    short, fine = (sent(rate, {"bitrate": Bitrate(1e9)}) for rate in (96.7e6, 957e6))
    back = replace(fine.flows[0], direction="downstream", reverse=True)
    both = replace(short, flows=(short.flows[0], back))
    with pytest.raises(IperfError, match=r"The sender \(upstream\) sent 96\.7 Mbit/s"):
        asserts.get_iperf_loss(both, LESS, "1%", direction=way)
    assert asserts.get_iperf_loss(both, LESS, "1%", direction="rx") == 0


def test_several_results_are_none(asserts: Noted) -> None:
    many = result(10**6)
    with pytest.raises(ConfigurationError, match=r"runs\.figures\['loss'\]\.mean"):
        asserts.get_iperf_loss(Repeats((many, many)), LESS, "1%")
    for several, remedy in (([many], "${results[0]}"), (Beside((many,), (0.0,)), "${all.results[0]}")):
        with pytest.raises(ConfigurationError, match="one run, and not several") as caught:
            asserts.get_iperf_loss(several, LESS, "1%")
        assert remedy in str(caught.value)


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


@pytest.mark.parametrize(
    ("longer_than", "told"),
    [(-5, "longer than 0 s, not than -5 s"), (0, "longer than 0 s"), (1000, "this run took 3 s")],
)
def test_an_outage_that_no_run_can_have(asserts: Noted, longer_than: float, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        asserts.iperf_result_should_have_no_outage(result(5, 5, 5), Seconds(longer_than))


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
