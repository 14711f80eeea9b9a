"""Panels beneath the chart: companions and latency on its time axis."""

from __future__ import annotations

import re
from dataclasses import replace

from IperfLibrary.block import as_html
from IperfLibrary.chart import picture
from IperfLibrary.companions import Companion, Sampled
from IperfLibrary.export import as_json, from_json
from IperfLibrary.latency import Latency, Probe
from IperfLibrary.markup import as_markup
from IperfLibrary.panels import MOST, POINTS, _short, _thinned, panels_of
from IperfLibrary.report.lines import as_line, from_line
from IperfLibrary.report.records import record_of
from IperfLibrary.result import Flow, Interval, Result
from IperfLibrary.table import as_csv, from_csv

FLOW = Flow("upstream", False, intervals=tuple(Interval(at, at + 1.0, 1, 9e7) for at in range(4)))
CPU = Companion("cpu", "%", "cat", "dut", (Sampled(-1, 1.0), Sampled(1, 30.0), Sampled(2), Sampled(3, 20.0)), "gone")
LATENCY = Latency(
    "10.0.0.1", "dut", 0.2, probes=(Probe(-2, 0.3, "idle"), Probe(1, 5.0, "loaded"), Probe(2, None, "loaded"))
)
BARE = Result("iperf3", "3.12", "tcp", "client", (FLOW,))
WHOLE = replace(BARE, companions=(CPU,), latency=LATENCY)


def drawn(result: Result) -> str:
    made = picture(result)
    assert made is not None
    return as_markup(made)


def test_the_axis_begins_where_the_first_value_is() -> None:
    assert "\N{MINUS SIGN}2 s" in drawn(WHOLE)
    assert "\N{MINUS SIGN}" not in drawn(BARE)


def test_what_is_before_the_traffic_is_no_warm_up() -> None:
    assert "warm-up" not in drawn(WHOLE)
    warm = replace(FLOW, intervals=(Interval(0, 1, 1, 9e7, omitted=True), *FLOW.intervals))
    found = re.search(r'<rect x="(\d+)" width="(\d+)"', drawn(replace(WHOLE, flows=(warm,))))
    assert found
    assert (int(found[1]), int(found[2])) == (167, 166)  # from -1 s to 0 s of -2 s to 4 s


def test_names_units_and_marks() -> None:
    text = drawn(WHOLE)
    assert "cpu of dut, %, unknown marked" in text
    assert "round trip to 10.0.0.1, lost probes marked" in text


def test_a_hostile_name_is_text() -> None:
    assert "<script>" not in as_html(replace(WHOLE, companions=(replace(CPU, name="<script>", unit="<b>"),)))


def test_a_long_name_is_cut() -> None:
    assert "x" * 47 + "…" in drawn(replace(WHOLE, companions=(replace(CPU, name="x" * 300),)))


def test_what_is_unknown_throughout_has_no_panel() -> None:
    unknown = replace(CPU, points=(Sampled(1), Sampled(2)))
    assert panels_of(replace(WHOLE, companions=(unknown,), latency=replace(LATENCY, probes=(Probe(1),)))) == []


def test_not_too_many() -> None:
    assert len(panels_of(replace(WHOLE, companions=(CPU,) * 20))) == MOST


def test_scales() -> None:
    def scale(*values: float) -> list[float]:
        points = tuple(Sampled(float(at), value) for at, value in enumerate(values))
        return panels_of(replace(BARE, companions=(Companion("x", points=points),)))[0].scale

    assert scale(-60.2, -65.7) == [-66, -60]
    assert scale(-60.0, -60.0) == [-61.0, -59.0]
    assert scale(1.0, 30.0) == [0, 40]
    assert scale(0.0, 0.0)[0] < scale(0.0, 0.0)[-1]


def test_short() -> None:
    assert [_short(value) for value in (12_500_000, 9_999, 20_000, -3.25, 2e12)] == [
        "12.5 M",
        "9999",
        "20 k",
        "-3.25",
        "2 T",
    ]


def test_many_points_keep_their_extremes_and_their_gaps() -> None:
    points = [(at / 100, None if at == 777 else 1e6 if at == 5000 else at % 7 * 1.0) for at in range(10_000)]
    kept = _thinned(points, 0.0, 100.0)
    assert len(kept) <= 1.6 * POINTS
    assert (50.0, 1e6) in kept
    assert (7.77, None) in kept


def test_the_block_has_tables() -> None:
    text = as_html(WHOLE)
    assert "iperf-latency" in text
    assert "5.000 ms" in text
    assert "cpu (dut)" in text
    assert "25 %" in text
    assert "whole milliseconds" not in text
    assert "whole milliseconds" in as_html(replace(WHOLE, latency=replace(LATENCY, resolution_ms=1.0)))


def test_round_trips_through_json_and_csv() -> None:
    odd = replace(
        WHOLE, companions=(CPU, replace(CPU, name="=1+1", points=(Sampled(0.5, -1.5),)), replace(CPU, name="7"))
    )
    for one in (WHOLE, odd, replace(WHOLE, latency=None), replace(WHOLE, companions=())):
        assert from_json(as_json(one)) == one
        assert from_csv(as_csv(one)) == one


def test_a_csv_with_a_missing_point_is_refused() -> None:
    import pytest

    from IperfLibrary.errors import IperfError

    lines = as_csv(WHOLE).splitlines(keepends=True)
    with pytest.raises(IperfError, match="whole rows"):
        from_csv("".join(line for line in lines if not line.startswith("probe,idle")))


def test_the_record_has_them_in_short() -> None:
    record = record_of(WHOLE, moment="2026-01-02T03:04:05+01:00")
    assert (record.figures.idle_latency_ms, record.figures.loaded_latency_ms) == (0.3, 5.0)
    assert record.figures.lost_probes_percent == 50.0
    (cpu,) = record.companions
    assert (cpu.name, cpu.unit, cpu.min, cpu.mean, cpu.max, cpu.unknown) == ("cpu", "%", 20.0, 25.0, 30.0, 1)
    assert from_line(as_line(record)) == record
