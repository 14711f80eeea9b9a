"""Records as lines: of JSON for programs, of CSV for spreadsheets. Pure: records in, text out, and back."""

from __future__ import annotations

import csv
import io
import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from functools import cache
from typing import Any

from .records import SCHEMA, Figures, Record

_TEXTS_BEFORE = ("moment", "suite", "test", "client", "server", "tool", "protocol", "client_version", "server_version")
_TEXTS_AFTER = (
    "client_cpu_percent",
    "server_cpu_percent",
    "partial",
    "fake",
    "status",
    "error_kind",
    "error",
    "raw_file",
)
_FIGURES = tuple(figure.name for figure in fields(Figures))
COLUMNS = (*_TEXTS_BEFORE, "directions", *_FIGURES, *_TEXTS_AFTER)
"""Columns of the CSV, a row for each record; an unknown figure is an empty cell, units are in the names."""


def as_line(record: Record) -> str:
    """One line of JSON, without its end.

    Example: ``{"moment":"2026-01-02T03:04:05+01:00","suite":"Lab", ... "schema":1}``
    """
    return json.dumps(_finite(asdict(record)), separators=(",", ":"), allow_nan=False)


def _finite(value: Any) -> Any:
    """JSON has no word for what is no number; it is unknown."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def from_line(line: str) -> Record:
    """The record in a line of JSON. Raises ValueError, which says what is wrong with it."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("it is no whole line of JSON") from None
    if not isinstance(found, dict):
        raise ValueError("it is no record")
    schema = _value(found.get("schema"), int, "schema")
    if schema > SCHEMA:
        raise ValueError(f"a newer version of the library wrote it (schema {schema}, this one reads {SCHEMA})")
    record: Record = _value(found, Record, "the record")
    return record


@cache
def _kinds(of: type) -> dict[str, Any]:
    return typing.get_type_hints(of)


def _value(value: Any, kind: Any, name: str) -> Any:
    """The value, of this kind; anything else is a ValueError."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if is_dataclass(kind) and isinstance(value, dict):
        return _dataclass(value, kind, name)
    if origin is tuple and isinstance(value, list):
        return tuple(_value(one, inner[0], name) for one in value)
    if origin in (types.UnionType, typing.Union):
        return _one_of(value, inner, name)
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(value, dict):
        return {key: _value(one, inner[1], f"{name} '{key}'") for key, one in value.items()}
    return _scalar(value, kind, name)


def _dataclass(value: dict[str, Any], kind: Any, name: str) -> Any:
    given = {known.name: known for known in fields(kind) if known.name in value}
    missing = [
        known.name
        for known in fields(kind)
        if known.name not in value and known.default is MISSING and known.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"{name} lacks {', '.join(missing)}")
    return kind(**{key: _value(value[key], _kinds(kind)[key], key) for key in given})


def _one_of(value: Any, kinds: tuple[Any, ...], name: str) -> Any:
    if value is None and types.NoneType in kinds:
        return None
    real = [kind for kind in kinds if kind is not types.NoneType]
    return _value(value, next((kind for kind in real if type(value) is kind), real[0]), name)


def _scalar(value: Any, kind: Any, name: str) -> Any:
    if kind is float and type(value) in (int, float):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    elif type(value) is kind:
        return value
    raise ValueError(f"'{name}' is of the wrong kind")


def as_csv_line(cells: tuple[Any, ...]) -> str:
    """The cells as one line of CSV, with its end.

    No cell has a line end in it, and none is taken for a formula by a spreadsheet.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([_cell(cell) for cell in cells])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    return f"'{text}" if text[:1] in tuple("=+-@") else text


def as_row(record: Record) -> tuple[Any, ...]:
    """The cells of a record, by ``COLUMNS``."""
    others = {
        "directions": " ".join(flow.direction for flow in record.flows),
        "error": record.error.message if record.error else None,
        "error_kind": record.error.kind if record.error else None,
    }
    return tuple(
        getattr(record.figures, name) if name in _FIGURES else others[name] if name in others else getattr(record, name)
        for name in COLUMNS
    )
