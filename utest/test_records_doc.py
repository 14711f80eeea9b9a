"""``docs/records.md`` has each field of a record and each column of its table, and no other."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import IperfLibrary
from IperfLibrary.client_failures import KINDS
from IperfLibrary.report.lines import COLUMNS
from IperfLibrary.report.records import SCHEMA, CompanionRecord, Failure, Figures, FlowRecord, Record, Verdict
from IperfLibrary.report.series import POINTS, Series

TEXT = (Path(IperfLibrary.__file__).parent.parent / "docs" / "records.md").read_text(encoding="utf-8")


def section(head: str) -> str:
    return TEXT.split(f"## {head}\n")[1].split("\n## ")[0]


def told(head: str) -> set[str]:
    """The names in the first cells of the section's table."""
    rows = re.findall(r"^\| (`.*?) \|", section(head), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def names(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}


@pytest.mark.parametrize(("head", "kind"), [("The line", Record), ("Figures", Figures), ("Series", Series)])
def test_every_field_is_there_and_no_other(head: str, kind: Any) -> None:
    assert told(head) == names(kind)


@pytest.mark.parametrize(
    ("field", "kind"),
    [("flows", FlowRecord), ("companions", CompanionRecord), ("error", Failure), ("verdicts", Verdict)],
)
def test_what_is_in_a_field_is_told_beside_it(field: str, kind: Any) -> None:
    row = re.search(rf"^\| `{field}` \| (.*) \|$", section("The line"), re.MULTILINE)
    assert row
    assert names(kind) <= set(re.findall(r"`(\w+)`", row[1]))


def test_the_columns_are_those_fields_but_for_what_is_said() -> None:
    left = set(re.findall(r"`(\w+)`", section("CSV").split("There are no columns for")[1].split(".")[0]))
    assert set(COLUMNS) == (told("The line") | told("Figures") | told("CSV")) - left - {"figures"}


def test_every_kind_of_a_failed_client_is_told() -> None:
    line = next(line for line in TEXT.splitlines() if line.startswith("`kind` of a failed client"))
    assert set(re.findall(r"`(\w+)`", line)) - {"kind"} == set(KINDS)


def test_numbers_are_true() -> None:
    assert f"`schema` is {SCHEMA}. It becomes {SCHEMA + 1} " in TEXT
    assert f"at most {POINTS} points" in TEXT
