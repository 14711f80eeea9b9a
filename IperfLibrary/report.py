"""A result as text for people and programs: the table in the log, the CSV file. Pure: results in, text out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from .result import End, Flow, Interval, Result

_INTERVAL = [f.name for f in fields(Interval)]
_END = [f.name for f in fields(End) if f.name not in _INTERVAL]
COLUMNS = ["direction", "stream", "row", *_INTERVAL, *_END]
"""Columns of the CSV: ``row`` is ``interval``, or ``sender`` or ``receiver`` for the totals; units are in the names."""


def as_csv(result: Result) -> str:
    """All intervals and totals, one a line; an unknown figure is an empty cell; stream ``sum`` is the whole flow."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for flow in result.flows:
        writer.writerows(_flow_rows(flow))
    return text.getvalue()


def _flow_rows(flow: Flow) -> Iterator[dict[str, Any]]:
    parts = [("sum", flow.intervals, flow.sender, flow.receiver)]
    parts += [(str(s.id), s.intervals, s.sender, s.receiver) for s in flow.streams]
    for stream, intervals, sender, receiver in parts:
        head = {"direction": flow.direction, "stream": stream}
        for interval in intervals:
            yield {**head, "row": "interval", **_cells(interval)}
        yield {**head, "row": "sender", **_cells(sender)}
        yield {**head, "row": "receiver", **_cells(receiver)}


def _cells(values: Interval | End) -> dict[str, Any]:
    return {f.name: getattr(values, f.name) for f in fields(values)}
