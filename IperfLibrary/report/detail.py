"""What a row of the report opens: figures, options, verdicts, links and the points of the chart. Pure: records in, data out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from ..companions import with_unit
from ..units import Bitrate
from . import text
from .records import TOLERATED, CompanionRecord, Figures, Record, RunRecords
from .series import Series, thinned

_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("Received", lambda f: text.rate(f.bits_per_second)),
    ("Sent", lambda f: text.rate(f.sent_bits_per_second)),
    ("Bytes received", lambda f: text.size(f.bytes)),
    ("Bytes sent", lambda f: text.size(f.sent_bytes)),
    ("Seconds", lambda f: text.UNKNOWN if f.seconds is None else f"{f.seconds:.4g} s"),
    ("Retransmits", lambda f: text.count(f.retransmits)),
    ("Lost", lambda f: text.percent(f.lost_percent)),
    ("Packets lost / all", lambda f: f"{text.count(f.lost_packets)} / {text.count(f.packets)}"),
    ("Jitter", lambda f: text.milliseconds(f.jitter_ms)),
    ("Out of order", lambda f: text.count(f.out_of_order)),
    ("Round trip: lowest", lambda f: text.milliseconds(f.min_rtt_ms)),
    ("Round trip: mean", lambda f: text.milliseconds(f.mean_rtt_ms)),
    ("Round trip: highest", lambda f: text.milliseconds(f.max_rtt_ms)),
)
_ALWAYS = ("Received", "Sent")
_NOTHING = (text.UNKNOWN, f"{text.UNKNOWN} / {text.UNKNOWN}")


def detail(record: Record, run: RunRecords, points: int) -> dict[str, Any]:
    """All that is shown of a record beside its row, as data for the script; of a flow, at most so many points."""
    whole = {
        "error": record.error and [text.shown(record.error.message), text.shown(record.error.kind or "")],
        "notes": _notes(record),
        "verdicts": [[text.shown(verdict.text), verdict.passed] for verdict in record.verdicts],
        "flows": [text.shown(flow.direction) for flow in record.flows],
        "figures": _figures(record),
        "facts": _facts(record, run),
        "links": _links(record, run.place),
        "chart": _chart(record, points),
    }
    return {name: part for name, part in whole.items() if part}


def _notes(record: Record) -> list[str]:
    notes = []
    if record.fake:
        notes.append("Nothing was measured: a fake device has told figures that were recorded before.")
    if record.partial:
        notes.append("The run was ended before its time: the figures are those until then.")
    if record.status == TOLERATED:
        notes.append("The test passed all the same.")
    if record.said and not (record.error and record.said in record.error.message):
        notes.append(f"iperf said: {text.shown(record.said)}")
    if record.test_message:
        notes.append(f"The test said: {text.shown(record.test_message)}")
    return notes


def _figures(record: Record) -> list[list[str]]:
    """Rows with a cell for each flow; what is known of none has no row."""
    rows = [[label, *(show(flow.figures) for flow in record.flows)] for label, show in _ROWS]
    known = [row for row in rows if not set(row[1:]) <= set(_NOTHING)]
    return [row for row in rows if known and (row in known or row[0] in _ALWAYS)]


def _facts(record: Record, run: RunRecords) -> list[list[str]]:
    facts = [
        ("Client", _end(record.client, record.tool, record.client_version, record.client_cpu_percent)),
        ("Server", _end(record.server, record.tool, record.server_version, record.server_cpu_percent)),
        ("Seen by", record.role if record.role == "server" else None),
        ("Options", text.options(record)),
        ("Latency", _latency(record.figures)),
        ("Recovery", _recovery(record.figures)),
        *((f"Beside: {one.name}", _companion(one)) for one in record.companions),
        ("Streams", "".join(str(flow.streams) for flow in record.flows[:1] if flow.streams > 1)),
        ("Moment", record.moment),
        ("Run", f"{record.run}  {run.name}".strip()),
    ]
    return [[label, text.shown(value)] for label, value in facts if value]


def _latency(figures: Figures) -> str:
    if figures.loaded_latency_ms is None and figures.idle_latency_ms is None:
        return ""
    idle, loaded = text.milliseconds(figures.idle_latency_ms), text.milliseconds(figures.loaded_latency_ms)
    most, lost = text.milliseconds(figures.loaded_latency_p95_ms), text.percent(figures.lost_probes_percent)
    return f"median {idle} idle, {loaded} while the traffic ran (95th percentile {most}), {lost} of the probes lost"


def _recovery(figures: Figures) -> str:
    """An outage of 0 s tells that traffic never failed."""
    if figures.outage_seconds == 0:
        return "traffic did not fail"
    if figures.failure_seconds is None:
        return ""
    failed = f"failed {figures.failure_seconds:.3g} s after the event"
    if figures.recovery_seconds is None or figures.outage_seconds is None:
        return f"{failed}, did not recover"
    exact = "" if figures.uncertainty_seconds is None else f" (± {figures.uncertainty_seconds:.2g} s)"
    return f"{failed}, flowed again after {figures.recovery_seconds:.3g} s: {figures.outage_seconds:.3g} s without traffic{exact}"


def _companion(one: CompanionRecord) -> str:
    if one.mean is None or one.min is None or one.max is None:
        return text.UNKNOWN
    figures = (
        f"{name} {with_unit(value, one.unit)}"
        for name, value in (("min", one.min), ("mean", one.mean), ("max", one.max))
    )
    return ", ".join([*figures, *([f"{one.unknown} unknown"] if one.unknown else [])])


def _end(device: str | None, tool: str | None, version: str | None, cpu: float | None) -> str:
    program = " ".join(filter(None, (tool, version))) if version else f"{tool or 'iperf'} of unknown version"
    used = "" if cpu is None else f", CPU {text.percent(cpu)}"
    return f"{device or 'unknown'} ({program}{used})"


def _links(record: Record, place: str) -> list[list[str]]:
    files = (("raw file", record.raw_file), ("figures as CSV", record.parsed_file))
    links = [(label, text.href(place, path)) for label, path in files]
    return [[label, link] for label, link in links if link]


def _chart(record: Record, points: int) -> dict[str, Any] | None:
    series = [
        (flow.direction, thinned(flow.series, points))
        for flow in record.flows
        if len(flow.series) > 1 and flow.series.bits_per_second
    ]
    rates = [rate for _, one in series for rate in one.bits_per_second if rate is not None]
    if not rates:
        return None
    divisor, unit = _unit(max(rates))
    return {"unit": unit, "flows": [{"name": text.shown(name), **_points(one, divisor)} for name, one in series]}


def _unit(highest: float) -> tuple[float, str]:
    """The unit in which the highest rate is written, and how many bits a second that is."""
    unit = str(Bitrate(highest)).split(" ")[1]
    return float(Bitrate.parse(f"1 {unit}")), unit


def _points(series: Series, divisor: float) -> dict[str, Any]:
    columns = {
        "t": _times(series),
        "e": series.end,
        "y": [_digits(rate, divisor) for rate in series.bits_per_second],
        "l": [_digits(rate, divisor) for rate in series.lowest],
        "r": list(series.retransmits) if any(series.retransmits) else [],
        "p": [_digits(lost, 1) for lost in series.lost_percent] if any(series.lost_percent) else [],
    }
    return {name: column for name, column in columns.items() if column}


def _times(series: Series) -> list[float]:
    """The starts, or the first one and the step where all steps are the same: half of a page would be times."""
    starts = [round(start, 2) for start in series.start]
    steps = {round(after - before, 2) for before, after in pairwise(starts)}
    return [starts[0], *steps] if len(steps) == 1 and len(starts) > 2 else starts


def _digits(value: float | None, divisor: float) -> float | int | None:
    """Four digits, and no point where none is needed."""
    if value is None:
        return None
    short = float(f"{value / divisor:.4g}")
    return int(short) if short.is_integer() else short
