"""One figure of a result, by name: in its unit, of the right end and direction, and never a number that nobody knows."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from IperfLibrary.errors import ConfigurationError
from IperfLibrary.metrics import METRICS, Asked, figure, title_of, unit_of
from IperfLibrary.result import End, Flow, Interval, Result, Stream
from IperfLibrary.tools.parsing import parse_all
from IperfLibrary.units import Bitrate, Count, Milliseconds, Percent, Seconds, Size

from .recorded import outputs

RATES = (8e6, 12e6, 10e6, 10e6, 20e6)


def intervals(*rates: float | None) -> tuple[Interval, ...]:
    return tuple(
        Interval(float(n), n + 1.0, bytes=None if r is None else int(r / 8), bits_per_second=r)
        for n, r in enumerate(rates)
    )


def flow(direction: str = "upstream", factor: float = 1.0, **more: Any) -> Flow:
    sender = End(int(1e6 * factor), 8e6 * factor, 1.0, retransmits=3, mean_rtt_ms=5.0 / factor)
    receiver = End(
        int(9e5 * factor), 7.2e6 * factor, 1.0, jitter_ms=0.5 / factor, lost_packets=10, packets=int(100 * factor)
    )
    streams = (Stream(5, sender, receiver, intervals(1e6, 2e6)), Stream(7, End(), End(), ()))
    return Flow(direction, direction == "downstream", sender, receiver, streams, intervals(*RATES), **more)


def result(*flows: Flow, **more: Any) -> Result:
    return Result(
        "iperf3", "3.12", "tcp", "client", flows or (flow(),), client_cpu_percent=11.0, server_cpu_percent=22.0, **more
    )


BOTH = result(flow(), flow("downstream", 0.5, measured_at="receiver"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bitrate", Bitrate(7.2e6)),
        ("transfer", Size(900_000)),
        ("duration", Seconds(1)),
        ("loss", Percent(10)),
        ("lost_packets", Count(10)),
        ("jitter", Milliseconds(0.5)),
        ("retransmits", Count(3)),
        ("rtt", Milliseconds(5)),
        ("cpu", Percent(22)),
    ],
)
def test_a_figure_in_its_unit(name: str, value: Any) -> None:
    found = figure(result(), name, Asked())
    assert found == value
    assert type(found) is type(value)


def test_every_metric_is_unknown_where_nothing_is_known() -> None:
    for name in METRICS:
        empty = Result("iperf3", "3.12", "tcp", "client", (Flow("forward", False),))
        assert figure(empty, name, Asked()) is None
        assert figure(Result("iperf3", None, "tcp", "client"), name, Asked()) is None


@pytest.mark.parametrize(
    ("name", "worse"),
    [
        ("bitrate", 3.6e6),
        ("loss", 20.0),
        ("jitter", 1.0),
        ("retransmits", 6),
        ("rtt", 10.0),
        ("lost_packets", 20),
        ("cpu", 22.0),
    ],
)
def test_of_two_directions_it_is_the_worse_or_the_sum(name: str, worse: float) -> None:
    assert figure(BOTH, name, Asked()) == pytest.approx(worse)


def test_half_a_sum_is_none() -> None:
    half = result(flow(), Flow("downstream", True))
    assert figure(half, "retransmits", Asked()) is None
    assert figure(half, "bitrate", Asked()) is None
    assert figure(half, "retransmits", Asked(direction="upstream")) == 3


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (Asked(end="sender"), 4e6),
        (Asked(end="receiver"), 3.6e6),
        (Asked(direction="downstream"), 3.6e6),
        (Asked(direction="reverse"), 3.6e6),
        (Asked(direction="forward", end="sender"), 8e6),
        (Asked(direction="upstream", stream=1), 7.2e6),
        (Asked(direction="upstream", stream=2), None),
    ],
)
def test_which_figure_is_meant(asked: Asked, value: float | None) -> None:
    assert figure(BOTH, "bitrate", asked) == value


@pytest.mark.parametrize(
    ("end", "direction", "value"),
    [("sender", "upstream", 11), ("receiver", "upstream", 22), ("sender", "downstream", 22)],
)
def test_the_cpu_of_an_end_is_that_of_its_device(end: str, direction: str, value: float) -> None:
    assert figure(BOTH, "cpu", Asked(end=end, direction=direction)) == value


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [
        ("mean", 12e6),
        ("min", 8e6),
        ("max", 20e6),
        ("median", 10e6),
        ("stdev", statistics.stdev(RATES)),
        ("cv", 100 * statistics.stdev(RATES) / 12e6),
        ("p50", 10e6),
        ("p5", 8.4e6),
        ("p99", 19.68e6),
    ],
)
def test_of_the_intervals(aggregate: str, value: float) -> None:
    found = figure(result(), "bitrate", Asked(aggregate=aggregate))
    assert found == pytest.approx(value)
    assert type(found) is (Percent if aggregate == "cv" else Bitrate)


def test_the_warm_up_and_a_last_moment_do_not_count() -> None:
    warm = Interval(0, 1, bytes=0, bits_per_second=0.0, omitted=True)
    moment = Interval(2, 2.01, bytes=0, bits_per_second=0.0)
    one = Flow("forward", False, intervals=(warm, Interval(1, 2, bytes=10, bits_per_second=80.0), moment))
    assert figure(result(one), "bitrate", Asked(aggregate="min")) == 80
    assert figure(result(one), "bitrate", Asked(aggregate="p5")) == 80
    assert figure(result(one), "bitrate", Asked(aggregate="stdev")) is None


def test_an_unknown_interval_makes_the_aggregate_unknown() -> None:
    one = Flow("forward", False, intervals=intervals(1e6, None))
    assert figure(result(one), "bitrate", Asked(aggregate="mean")) is None


def test_intervals_are_those_of_the_end_that_reported() -> None:
    assert figure(result(), "bitrate", Asked(aggregate="mean", end="sender")) == 12e6
    assert figure(result(), "bitrate", Asked(aggregate="mean", end="receiver")) is None


def test_nothing_varies_around_zero() -> None:
    one = Flow("forward", False, intervals=intervals(0.0, 0.0))
    assert figure(result(one), "bitrate", Asked(aggregate="cv")) is None


def test_a_mean_of_counts_is_no_count() -> None:
    assert unit_of("retransmits", Asked(aggregate="mean")) is float
    assert unit_of("retransmits", Asked(aggregate="max")) is Count
    assert unit_of("retransmits", Asked()) is Count


@pytest.mark.parametrize(
    ("name", "asked", "text"),
    [
        ("jitter", {"end": "sender"}, "Only the receiver knows the jitter"),
        ("retransmits", {"end": "receiver"}, "Only the sender knows the retransmits"),
        ("bitrate", {"end": "server"}, "end is receiver or sender, not 'server'"),
        ("bitrate", {"direction": "upsteam"}, "no direction 'upsteam', only: upstream, downstream"),
        ("bitrate", {"stream": 3, "direction": "upstream"}, "2 streams, so there is no stream 3"),
        ("bitrate", {"stream": 0, "direction": "upstream"}, "there is no stream 0"),
        ("bitrate", {"aggregate": "avg"}, "aggregate is one of mean"),
        ("bitrate", {"aggregate": "p0"}, "aggregate is one of mean"),
        ("bitrate", {"aggregate": "p100"}, "aggregate is one of mean"),
        (
            "bitrate",
            {"aggregate": "mean"},
            "has two directions; say which one's mean: direction=upstream or downstream",
        ),
        ("bitrate", {"aggregate": "mean", "stream": 9, "direction": "upstream"}, "there is no stream 9"),
        ("bitrate", {"aggregate": "mean", "stream": 0, "direction": "upstream"}, "there is no stream 0"),
        ("duration", {"aggregate": "mean"}, "not told for intervals"),
        ("cpu", {"aggregate": "mean"}, "not told for intervals"),
    ],
)
def test_what_cannot_be_asked(name: str, asked: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        figure(BOTH, name, Asked(**asked))


@pytest.mark.parametrize(
    ("name", "asked", "title"),
    [
        ("bitrate", Asked(), "Bit rate (receiver)"),
        ("loss", Asked(direction="upstream"), "Loss (upstream, receiver)"),
        ("bitrate", Asked(stream=0), "Bit rate (stream 0, receiver)"),
        ("bitrate", Asked("sender", "downstream", 2, "p5"), "Bit rate (p5, downstream, stream 2, sender)"),
    ],
)
def test_how_a_message_calls_it(name: str, asked: Asked, title: str) -> None:
    assert title_of(name, asked) == title


def test_each_figure_is_told_of_a_whole_run_by_some_iperf() -> None:
    """Not only of its streams: else a keyword would say of every result that it was not reported."""
    results = [result for output in outputs() for result in parse_all(output.stdout, output.stderr, role=output.role)]
    silent = [name for name in METRICS if name != "latency" and not any(_told(result, name) for result in results)]
    assert not silent


def _told(result: Result, name: str) -> bool:
    return bool(result.flows) and figure(result, name, Asked()) is not None
