"""A result as text for people and programs: the table in the log, the CSV file. Pure: results in, text out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any

from .result import End, Flow, Interval, Result

_INTERVAL = [f.name for f in fields(Interval)]
_END = [f.name for f in fields(End) if f.name not in _INTERVAL]
COLUMNS = ["direction", "stream", "row", *_INTERVAL, *_END]
"""Columns of the CSV: ``row`` is ``interval``, or ``sender`` or ``receiver`` for the totals; units are in the names."""


def as_csv(result: Result) -> str:
    """All intervals and totals, one a line; an unknown figure is an empty cell; stream ``sum`` is the whole flow."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for flow in result.flows:
        writer.writerows(_flow_rows(flow))
    return text.getvalue()


def _flow_rows(flow: Flow) -> Iterator[tuple[Any, ...]]:
    parts = [("sum", flow.intervals, flow.sender, flow.receiver)]
    parts += [(str(s.id), s.intervals, s.sender, s.receiver) for s in flow.streams]
    for stream, intervals, sender, receiver in parts:
        row, nothing = (flow.direction, stream, "interval"), (None,) * len(_END)
        for interval in intervals:
            yield (*row, *_cells(interval), *nothing)
        yield (flow.direction, stream, "sender", *_end_cells(sender))
        yield (flow.direction, stream, "receiver", *_end_cells(receiver))


# The cells of an interval without looking their names up again for each of a million rows.
_cells = attrgetter(*_INTERVAL)


def _end_cells(end: End) -> Iterator[Any]:
    return (getattr(end, name, None) for name in (*_INTERVAL, *_END))
