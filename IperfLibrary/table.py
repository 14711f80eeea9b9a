"""A result as CSV, one row for each figure's place, and back. Pure: results in, text out.

The first column tells what a row is: a ``fact`` of the whole run, an ``interval``, the total of a ``sender`` or
``receiver``, a value of a ``companion``, or a ``probe`` of the latency. Stream ``sum`` is the whole flow, whose rows come before those of its streams.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, TypeVar

from .errors import IperfError
from .plain import made, unreadable
from .result import End, Flow, Interval, Result, Stream

_INTERVAL = Interval._fields
_END = [f.name for f in fields(End) if f.name not in _INTERVAL]
_WITH_UNIT = {"start": "start_seconds", "end": "end_seconds"}
_FIGURES = {name: _WITH_UNIT.get(name, name) for name in (*_INTERVAL, *_END)}
_WHERE = ("direction", "reverse", "measured_at", "stream", "port")
SUM = "sum"

COLUMNS = ["row", "fact", "value", *_WHERE, *_FIGURES.values()]
"""Columns of the CSV; those of figures have the names of the fields, with their unit."""

Row = dict[str, str]
_Kind = TypeVar("_Kind", Interval, End)


def as_csv(result: Result) -> str:
    """All facts, intervals and totals, one a line; an unknown figure is an empty cell. ``docs/result.md`` has every column.

    Example: ``Path("result.csv").write_text(as_csv(result))``
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_fact_rows(result))
    for flow in result.flows:
        writer.writerows(_flow_rows(flow))
    writer.writerows(_beside_rows(result))
    return text.getvalue()


def from_csv(text: str) -> Result:
    """The result that ``as_csv`` wrote, of this version or another one.

    Raises IperfError (``kind="unreadable"``) for any other text, and where rows are missing or in another order.

    Example: ``from_csv(as_csv(result)) == result``
    """
    if not text.endswith("\n"):
        raise unreadable("its last row is cut off")
    try:
        return _read(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    except (csv.Error, ValueError, RecursionError) as problem:
        raise unreadable(f"it is no such table: {problem}") from None


# -- writing


def _fact_rows(result: Result) -> Iterator[tuple[Any, ...]]:
    facts = _without_points(result).as_dict()
    yield _fact("schema", facts.pop("schema"))
    yield _fact("rows", sum(map(_rows_of, result.flows)) + len(list(_beside_rows(result))))
    for name in facts.pop("headline"):
        yield _fact(f"headline.{name}", getattr(result, name))
    for name, value in facts.items():
        if name != "flows":
            yield _fact(name, value)


def _without_points(result: Result) -> Result:
    """What stands in the rows of facts."""
    companions = tuple(replace(companion, points=()) for companion in result.companions)
    latency = result.latency and replace(result.latency, probes=())
    return replace(result, flows=(), companions=companions, latency=latency)


def _beside_rows(result: Result) -> Iterator[tuple[Any, ...]]:
    """The points of companions, each with its name, and the probes of the latency, each with its phase."""
    for companion in result.companions:
        for point in companion.points:
            yield _at("companion", companion.name, point.value, point.seconds)
    for probe in result.latency.probes if result.latency else ():
        yield _at("probe", probe.phase, probe.rtt_ms, probe.seconds)


def _at(row: str, fact: str, value: float | None, seconds: float) -> tuple[Any, ...]:
    cells = {"row": row, "fact": _cell(fact), "value": value, _WITH_UNIT["start"]: seconds}
    return tuple(cells.get(column) for column in COLUMNS)


def _rows_of(flow: Flow) -> int:
    return sum(2 + len(part.intervals) for part in _parts_of(flow))


def _parts_of(flow: Flow) -> tuple[Flow | Stream, ...]:
    return (flow, *flow.streams)


def _fact(name: str, value: Any) -> tuple[Any, ...]:
    return ("fact", name, _cell(value), *(None,) * (len(COLUMNS) - 3))


def _flow_rows(flow: Flow) -> Iterator[tuple[Any, ...]]:
    nothing = (None,) * len(_END)
    for part in _parts_of(flow):
        where = (None, None, *_where(flow, part))
        for interval in part.intervals:
            yield ("interval", *where, *_cells(interval), *nothing)
        yield ("sender", *where, *_end_cells(part.sender))
        yield ("receiver", *where, *_end_cells(part.receiver))


def _where(flow: Flow, part: Flow | Stream) -> tuple[Any, ...]:
    stream = (part.id, part.port) if isinstance(part, Stream) else (SUM, None)
    return (_cell(flow.direction), flow.reverse, flow.measured_at, *stream)


# The cells of an interval without looking their names up again for each of a million rows.
_cells = attrgetter(*_INTERVAL)


def _end_cells(end: End) -> Iterator[Any]:
    return (getattr(end, name, None) for name in _FIGURES)


def _cell(value: Any) -> Any:
    """A cell that tells its type: a text that looks like a number, a formula or nothing is JSON, in quotes."""
    if value is None or isinstance(value, bool):
        return value
    plain = isinstance(value, str) and value.isprintable() and re.match(r"[^\W_]|/", value)
    return value if plain and _value(value) == value else json.dumps(value)


# -- reading


def _value(cell: str) -> Any:
    if cell in ("", "True", "False"):
        return {"": None, "True": True, "False": False}[cell]
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _read(rows: Iterable[Row]) -> Result:
    facts: dict[str, Any] = {}
    flows: list[dict[str, Any]] = []
    beside: list[Row] = []
    count = 0
    for where, part in _parts(_measured(rows, facts, beside)):
        count += 2 + len(part["intervals"])
        _join(flows, where, part)
    count += len(beside)
    if facts.get("schema") is not None and facts.get("rows") != count:
        raise unreadable(f"it has {count} whole rows of {facts.get('rows')}")
    return Result.from_dict({**facts, "flows": flows, **_beside(facts, beside)})


def _beside(facts: dict[str, Any], rows: list[Row]) -> dict[str, Any]:
    """Companions and latency with their points."""
    companions, latency = facts.get("companions") or [], facts.get("latency")
    points: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        known = float(row["value"]) if row["value"] else None
        kind, name, seconds = row["row"], _value(row["fact"]), float(row[_WITH_UNIT["start"]])
        told = {"value": known} if kind == "companion" else {"rtt_ms": known, "phase": name}
        points.setdefault((kind, name if kind == "companion" else None), []).append({"seconds": seconds, **told})
    found: dict[str, Any] = {
        "companions": [{**one, "points": points.get(("companion", one.get("name")), [])} for one in companions]
    }
    return {**found, "latency": {**latency, "probes": points.get(("probe", None), [])}} if latency else found


def _measured(rows: Iterable[Row], facts: dict[str, Any], beside: list[Row]) -> Iterator[Row]:
    """The rows with figures of flows; the others that come between go where they are collected."""
    for row in rows:
        if None in row.values():
            raise unreadable("a row is cut off")
        if row.get("row") == "fact":
            facts[row["fact"]] = _value(row["value"])
        elif row.get("row") in ("companion", "probe"):
            beside.append(row)
        elif row.get("row") in ("interval", "sender", "receiver"):
            yield row


def _parts(rows: Iterable[Row]) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Each flow and stream: the last of its rows, and what was measured."""
    part: dict[str, Any] = {"intervals": []}
    first: Row | None = None
    for row in rows:
        if first and any(row.get(name) != first.get(name) for name in _WHERE):
            raise _disorder(row)
        first = row
        kind = row["row"]
        if kind == "interval" and "sender" not in part:
            part["intervals"].append(_made(Interval, row))
        elif (kind == "sender") != ("sender" in part) and kind != "interval":
            part[kind] = _made(End, row)
        else:
            raise _disorder(row)
        if kind == "receiver":
            yield row, part
            first, part = None, {"intervals": []}


def _disorder(row: Row) -> IperfError:
    return unreadable(f"its rows are in another order, or some are missing, at {list(row.values())[:8]}")


def _join(flows: list[dict[str, Any]], where: Row, part: dict[str, Any]) -> None:
    of_flow = {name: _value(where[name]) for name in _WHERE[:3] if name in where}
    if where["stream"] == SUM:
        flows.append({**of_flow, **part, "streams": []})
    elif flows and of_flow.items() <= flows[-1].items():
        flows[-1]["streams"].append({"id": _figure(where["stream"]), "port": _value(where["port"]), **part})
    else:
        raise _disorder(where)


def _made(kind: type[_Kind], row: Row) -> _Kind:
    cells = ((name, row.get(column)) for name, column in _FIGURES.items())
    return made(kind, {name: _figure(cell) for name, cell in cells if cell}, f"a row of {row['row']}")


def _figure(cell: str) -> bool | float:
    if cell in ("True", "False"):
        return cell == "True"
    try:
        return int(cell)
    except ValueError:
        return float(cell)
