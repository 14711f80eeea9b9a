"""Round trips in figures, and what is asserted on them."""

from __future__ import annotations

from typing import Any

import pytest

from IperfLibrary.errors import ConfigurationError, IperfError
from IperfLibrary.latency import Latency, Phase, Probe, RoundTrips, percentile
from IperfLibrary.metrics import Asked, figure, title_of
from IperfLibrary.repeats import Repeats
from IperfLibrary.result import Result

from .test_library import Bench, bench

__all__ = ["bench"]


def latency(**times: list[float | None]) -> Latency:
    found = [(phase, rtt) for phase, all_ in times.items() for rtt in all_]
    kinds: dict[str, Phase] = {"idle": "idle", "loaded": "loaded", "other": "other"}
    return Latency(
        "10.0.0.1", "dut", 0.2, probes=tuple(Probe(0.2 * n, rtt, kinds[p]) for n, (p, rtt) in enumerate(found))
    )


def result(found: Latency | None) -> Result:
    return Result("iperf3", "3.12", "tcp", "client", latency=found)


SEEN = latency(other=[900.0], idle=[1.0, 2.0, 3.0], loaded=[10.0, None, 20.0, 60.0])


def test_phases_apart() -> None:
    assert SEEN.idle.median_ms == 2.0
    assert SEEN.loaded == RoundTrips(4, 1, 10.0, 20.0, 30.0, pytest.approx(56.0), pytest.approx(59.2), 60.0)  # type: ignore[arg-type]
    assert SEEN.loaded.lost_percent == 25.0
    assert SEEN.added_ms == 18.0
    assert str(SEEN) == "latency 2 ms idle, 20 ms loaded (p95 56 ms), 1 of 4 probes lost"


def test_all_lost_is_unknown_and_no_probe_has_no_share() -> None:
    lost = latency(idle=[1.0], loaded=[None, None])
    assert (lost.loaded.median_ms, lost.loaded.lost_percent, lost.added_ms) == (None, 100.0, None)
    assert latency(idle=[1.0]).loaded.lost_percent is None


def test_percentile_of_one() -> None:
    assert percentile([7.0], 99) == 7.0


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        (Asked(), 20.0),
        (Asked(which="idle"), 2.0),
        (Asked(which="added"), 18.0),
        (Asked(aggregate="max"), 60.0),
        (Asked(which="added", aggregate="max"), 58.0),
        (Asked(aggregate="p50"), 20.0),
    ],
)
def test_figure(asked: Asked, value: float) -> None:
    assert figure(result(SEEN), "latency", asked) == value


def test_unknown_figures() -> None:
    assert figure(result(None), "latency", Asked()) is None
    assert figure(result(latency(loaded=[1.0])), "latency", Asked(which="added")) is None
    assert figure(result(latency(idle=[1.0], loaded=[None])), "latency", Asked()) is None


def test_title() -> None:
    assert title_of("latency", Asked(which="added", aggregate="p95")) == "Latency (p95, added)"


def test_repeats_have_it() -> None:
    sample = Repeats((result(SEEN), result(SEEN))).sample("latency")
    assert sample
    assert sample.values == (20.0, 20.0)


def test_keywords(bench: Bench) -> None:
    iperf: Any = bench.iperf
    one = result(SEEN)
    assert iperf.get_iperf_latency(one) == 20.0
    assert iperf.get_iperf_probe_loss(one) == 25.0
    assert iperf.get_iperf_probe_loss(one, which="idle") == 0.0
    with pytest.raises(ConfigurationError, match="was not measured"):
        iperf.get_iperf_latency(result(None))
    with pytest.raises(ConfigurationError, match="which is one of idle, loaded, added"):
        iperf.get_iperf_latency(one, which="busy")
    with pytest.raises(ConfigurationError, match="which is idle or loaded"):
        iperf.get_iperf_probe_loss(one, which="added")


def test_what_is_unknown_fails(bench: Bench) -> None:
    from assertionengine import AssertionOperator

    with pytest.raises(IperfError, match=r"Latency \(median, loaded\) was not reported"):
        bench.iperf.get_iperf_latency(result(latency(idle=[1.0], loaded=[None])), AssertionOperator["<"], "5 ms")
