"""``docs/result.md`` says of each field what is so: against the classes, and against every recorded output."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import IperfLibrary
from IperfLibrary.companions import Companion, Sampled
from IperfLibrary.latency import Latency, Probe, RoundTrips
from IperfLibrary.option_table import version_key
from IperfLibrary.result import HEADLINE, SCHEMA, Check, End, Flow, Interval, Result, Stream
from IperfLibrary.table import COLUMNS
from IperfLibrary.tools.parsing import parse_all

from .recorded import facts, lines, runs

_ALL = (Result, Flow, Stream, End, Interval, Check, Companion, Sampled, Latency, Probe, RoundTrips)
KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in _ALL}
TEXT = (Path(IperfLibrary.__file__).parent.parent / "docs" / "result.md").read_text(encoding="utf-8")
UNITS = {
    "_ms": "ms",
    "_percent": "%",
    "bits_per_second": "bit/s",
    "bytes": "bytes",
    "packets": "datagrams",
    "frames": "frames",
    "seconds": "s",
    "probes": "probes",
    "unknown": "values",
    "value": "its own",
    "min": "its own",
    "mean": "its own",
    "max": "its own",
    "retransmits": "segments",
    "out_of_order": "datagrams",
    "start": "s",
    "end": "s",
    "started": "s",
}
HERE = {"options", "raw_file", "parsed_file", "checks", "fake"}
"""What the library fills in."""

Table = list[list[str]]


def section(kind: str) -> str:
    found = re.search(rf"(?ms)^## `?{kind}`?\n(.*?)(?=^## |\Z)", TEXT)
    return found[1] if found else ""


def table(kind: str, head: str) -> Table:
    """The cells of the table in this section whose first column has this head."""
    found = re.search(rf"(?m)^\| {head} \|.*\n\|[-|]*\n((?:\|.*\n)*)", section(kind))
    rows = found[1].splitlines() if found else []
    return [[cell.strip().replace("\\|", "|").strip("`") for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def types(kind: type[Any]) -> dict[str, str]:
    hints = {name: str(getattr(hint, "__forward_arg__", hint)) for name, hint in kind.__annotations__.items()}
    return {
        name: hints[name]
        .replace("Where", "Literal['sender', 'receiver']")
        .replace("Phase", "Literal['idle', 'loaded', 'other']")
        .replace("Counter", "Literal['tx', 'rx']")
        for name in names(kind)
    }


def names(kind: type[Any]) -> list[str]:
    return list(Interval._fields) if kind is Interval else [field.name for field in fields(kind)]


def properties(kind: type[Any]) -> dict[str, str]:
    found = {name: value.fget for name, value in vars(kind).items() if isinstance(value, property)}
    return {name: getter.__annotations__["return"] for name, getter in found.items() if getter}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_there_with_its_type_and_nothing_else(kind: str) -> None:
    assert {row[0]: row[1] for row in table(kind, "field")} == types(KINDS[kind])
    assert [row[0] for row in table(kind, "field")] == names(KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_is_there_with_its_type_and_nothing_else(kind: str) -> None:
    assert {row[0]: row[1] for row in table(kind, "property")} == properties(KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_figures_have_the_unit_of_their_name_and_all_have_a_meaning(kind: str) -> None:
    for name, type_, unit, meaning, *_ in table(kind, "field") + table(kind, "property"):
        assert meaning, name
        figure = type_.split(" ")[0] in ("int", "float") and name not in ("id", "port")
        expected = next((unit for end, unit in UNITS.items() if name.endswith(end)), None)
        assert unit == (expected if figure else ""), name


def test_the_headline_is_the_first_seven() -> None:
    assert len(HEADLINE) == 7
    assert [row[0] for row in table("Result", "property")][:7] == list(HEADLINE)


def test_the_schema_is_told() -> None:
    assert f"`schema` is {SCHEMA}. It becomes {SCHEMA + 1} " in TEXT


def test_the_columns_of_the_csv_are_told() -> None:
    told = [name for row in re.findall(r"(?m)^\| (`.*?) \|", section("CSV")) for name in re.findall(r"`(\w+)`", row)]
    figures = {
        {"start": "start_seconds", "end": "end_seconds"}.get(name, name) for name in {**types(Interval), **types(End)}
    }
    assert [*told, *(column for column in COLUMNS if column in figures)] == COLUMNS
    assert set(told) | figures == set(COLUMNS)


# -- since when


def told(result: Result) -> Iterator[str]:
    """The fields of this result that are known."""
    yield from known("Result", result)
    for flow in result.flows:
        yield from known("Flow", flow)
        parts: tuple[Flow | Stream, ...] = (flow, *flow.streams)
        for part in parts:
            for end in (part.sender, part.receiver):
                yield from known("End", end)
            for interval in part.intervals:
                yield from known("Interval", interval)
        for stream in flow.streams:
            yield from known("Stream", stream)


def known(kind: str, value: Any) -> Iterator[str]:
    always = ("reverse", "measured_at", "streams", "intervals")
    for name in names(type(value)):
        here = getattr(value, name)
        if name in always or (here is not None and here is not False and here not in ((), {})):
            yield f"{kind}.{name}"


@cache
def seen() -> dict[str, dict[str, set[str]]]:
    """By tool and field, the versions that tell it; by tool and nothing, all versions."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def note(tool: str, version: str, results: list[Result]) -> None:
        for result in results:
            if result.tool == tool:
                for name in {"", *told(result)}:
                    found[tool][name].add(version)

    for name, ends in runs().items():
        tool, _, version = name.split("/")[0].partition("-")
        for output in ends.values():
            note(tool, version, parse_all(output.stdout, output.stderr, role=output.role))
    for fact in facts():
        note(fact["tool"], fact["version"] or "", parse_all(lines(fact["file"]), lines(fact["stderr_file"])))
    return found


@pytest.mark.parametrize("tool", ["iperf3", "iperf2"])
@pytest.mark.parametrize("kind", KINDS)
def test_since_when_is_what_the_recorded_outputs_say(kind: str, tool: str) -> None:
    versions = {version for version in seen()[tool][""] if version}
    column = 4 if tool == "iperf3" else 5
    for row in table(kind, "field"):
        name, claim = row[0], row[column]
        tellers = {version for version in seen()[tool][f"{kind}.{name}"] if version}
        if claim == "-":
            assert not tellers, name
            continue
        where = f"docs/result.md says {claim} of {kind}.{name} for {tool}"
        assert tellers, f"{where}; no recorded output tells it: write -"
        first = min(tellers, key=version_key)
        able = [v for v in versions if claim == "all" or version_key(v) >= version_key(claim)]
        assert first == min(able, key=version_key), f"{where}; recorded outputs tell it from {first} on"
        assert claim != min(versions, key=version_key), "that is all"
