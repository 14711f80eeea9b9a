"""The CSV of a result: a table for people, from which the result can be read again."""

from __future__ import annotations

import csv
import io
from dataclasses import fields, replace
from typing import Any

import pytest

from IperfLibrary.errors import IperfError
from IperfLibrary.result import End, Flow, Interval, Result, Stream
from IperfLibrary.table import COLUMNS, as_csv, from_csv

FACTS = ["row", "fact", "value"]
WHERE = ["direction", "reverse", "measured_at", "stream", "port"]
RENAMED = {"start_seconds": "start", "end_seconds": "end"}


def all_rows(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(result), newline="")))


def rows(result: Result) -> list[dict[str, str]]:
    return [row for row in all_rows(result) if row["row"] != "fact"]


def facts(result: Result) -> dict[str, str]:
    return {row["fact"]: row["value"] for row in all_rows(result) if row["row"] == "fact"}


def result(*flows: Flow, **more: Any) -> Result:
    return replace(Result("iperf3", "3.12", "tcp", "client", flows), **more)


WHOLE = Flow(
    "upstream",
    False,
    sender=End(bytes=0, bits_per_second=0.5, retransmits=3, mean_rtt_ms=1.25),
    receiver=End(bytes=90),
    streams=(
        Stream(5, End(bytes=1), End(bytes=2), (Interval(0, 1, bytes=11),), 5201),
        Stream(7, End(), End(bytes=4)),
    ),
    intervals=(Interval(0, 1, bytes=10, omitted=True), Interval(1, 2, retransmits=0)),
)
BACK = Flow("downstream", True, End(), End(bytes=5), measured_at="receiver")


# -- the table


def test_every_figure_has_a_column() -> None:
    names = {*Interval._fields, *(field.name for field in fields(End))}
    assert {RENAMED.get(name, name) for name in COLUMNS} == set(FACTS) | set(WHERE) | names
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_there_is_a_line_for_each_interval_and_total() -> None:
    found = [
        (r["row"], r["direction"], r["stream"], r["port"], r["start_seconds"], r["bytes"]) for r in rows(result(WHOLE))
    ]
    assert found == [
        ("interval", "upstream", "sum", "", "0", "10"),
        ("interval", "upstream", "sum", "", "1", ""),
        ("sender", "upstream", "sum", "", "", "0"),
        ("receiver", "upstream", "sum", "", "", "90"),
        ("interval", "upstream", "5", "5201", "0", "11"),
        ("sender", "upstream", "5", "5201", "", "1"),
        ("receiver", "upstream", "5", "5201", "", "2"),
        ("sender", "upstream", "7", "", "", ""),
        ("receiver", "upstream", "7", "", "", "4"),
    ]


def test_unknown_is_empty_and_0_is_0() -> None:
    sender, receiver = rows(result(WHOLE))[2:4]
    assert (sender["bytes"], sender["retransmits"], sender["jitter_ms"]) == ("0", "3", "")
    assert (sender["bits_per_second"], sender["mean_rtt_ms"]) == ("0.5", "1.25")
    assert (receiver["bits_per_second"], receiver["retransmits"]) == ("", "")
    assert rows(result(WHOLE))[1]["retransmits"] == "0"
    assert "None" not in as_csv(result(WHOLE))
    assert "null" not in as_csv(result(WHOLE))


def test_the_warm_up_is_marked() -> None:
    assert [row["omitted"] for row in rows(result(WHOLE))[:2]] == ["True", "False"]


def test_each_direction_and_the_end_that_measured_are_told() -> None:
    told = {(r["direction"], r["reverse"], r["measured_at"]) for r in rows(result(WHOLE, BACK))}
    assert told == {("upstream", "False", "sender"), ("downstream", "True", "receiver")}


def test_facts_come_first_and_none_is_left_out() -> None:
    kinds = [row["row"] for row in all_rows(result(WHOLE, error="no", started=1.5, client="pc"))]
    assert kinds == sorted(kinds, key=lambda kind: kind != "fact")
    names = {field.name for field in fields(Result)} - {"flows"}
    assert names | {"schema", "rows"} == {name for name in facts(result(WHOLE)) if not name.startswith("headline.")}


def test_facts_are_as_people_read_them() -> None:
    found = facts(result(WHOLE, BACK, client="pc", server="gerät 7", partial=True, started=12.5, options={"time": 10}))
    assert (found["tool"], found["client"], found["server"]) == ("iperf3", "pc", "gerät 7")
    assert (found["partial"], found["started"], found["error"], found["options"]) == (
        "True",
        "12.5",
        "",
        '{"time": 10}',
    )
    assert (found["schema"], found["rows"], found["headline.bits_per_second"]) == ("1", "11", "")


def test_a_version_stays_a_text_in_a_spreadsheet() -> None:
    """As a number, 3.10 would be 3.1."""
    assert facts(result(version="3.10"))["version"] == '"3.10"'
    assert facts(result(version="3.1.3"))["version"] == "3.1.3"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "a\n=1", "\x1b[31m", "\x9b1m"]
)
def test_no_text_of_a_device_is_a_formula_or_steers_a_terminal(text: str) -> None:
    cell = facts(result(error=text))["error"]
    assert cell.startswith('"')
    assert cell.isprintable()


# -- and back

TEXTS = [
    "",
    "a",
    "3.1",
    "null",
    "true",
    "True",
    "False",
    "NaN",
    "1e5",
    '"x"',
    "=1",
    "a,b",
    "a\nb",
    "\r\n",
    "\0",
    "ü",
    "\ud800",
    "{}",
    "Infinity",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_the_same_text(text: str) -> None:
    one = result(replace(BACK, direction=text), error=text, options={"title": text}, client=None)
    assert from_csv(as_csv(one)) == one


@pytest.mark.parametrize(
    "one",
    [
        result(),
        result(WHOLE),
        result(BACK, WHOLE),
        result(Flow("forward", False), Flow("forward", False)),
        result(Flow("forward", False, streams=(Stream(1), Stream(1), Stream(1)))),
        result(
            version=None, partial=True, started=1e-9, client_cpu_percent=0.1 + 0.2, options={"time": 1.5, "udp": True}
        ),
    ],
)
def test_what_is_written_is_read(one: Result) -> None:
    assert from_csv(as_csv(one)) == one


def test_every_field_of_every_value_is_read() -> None:
    figures: dict[str, Any] = {field.name: at + 1 for at, field in enumerate(fields(End))}
    known: dict[str, Any] = {name: at for at, name in enumerate(Interval._fields)}
    tick = Interval(**{**known, "omitted": True})
    stream = Stream(3, End(**figures), End(bytes=1), (tick,), 9)
    one = result(Flow("upstream", True, End(**figures), End(), (stream,), (tick, tick), "receiver"))
    again = from_csv(as_csv(one))
    assert again == one
    assert again.flows[0].streams[0].intervals[0].omitted is True


def test_the_same_in_every_type() -> None:
    again = from_csv(as_csv(result(WHOLE)))
    assert type(again.flows[0].sender.bits_per_second) is float
    assert type(again.flows[0].sender.bytes) is int
    assert again.flows[0].reverse is False


def test_a_spreadsheet_may_have_saved_it() -> None:
    text = "\ufeff" + as_csv(result(WHOLE)).replace("\n", "\r\n")
    assert from_csv(text) == result(WHOLE)


def test_a_column_a_fact_and_a_kind_of_row_of_a_newer_version_are_passed_over() -> None:
    head, *lines = as_csv(result(WHOLE)).splitlines()
    text = "\n".join(
        [
            head + ",goodput",
            *[line + ",5" for line in lines],
            f"fact,color,blue{',' * (len(COLUMNS) - 2)}",
            f"peak{',' * len(COLUMNS)}",
        ]
    )
    assert from_csv(text + "\n") == result(WHOLE)


def test_a_column_that_an_older_version_had_not_is_unknown() -> None:
    table = [line[::-1].partition(",")[2][::-1] for line in as_csv(result(WHOLE)).splitlines()]
    assert COLUMNS[-1] not in table[0]
    assert from_csv("\n".join(table) + "\n") == result(WHOLE)


LINES = as_csv(result(WHOLE, BACK)).splitlines(keepends=True)


@pytest.mark.parametrize("keep", range(len(LINES)))
def test_a_table_that_is_cut_off_is_no_result(keep: int) -> None:
    with pytest.raises(IperfError, match="no stored result"):
        from_csv("".join(LINES[:keep]))


@pytest.mark.parametrize("count", [1, 2, 9, 30])
def test_a_row_that_is_cut_off_is_no_result(count: int) -> None:
    with pytest.raises(IperfError, match="cut off"):
        from_csv("".join(LINES)[:-count])
    with pytest.raises(IperfError, match="cut off"):
        from_csv("".join(LINES)[: -count - 1] + "\n")


@pytest.mark.parametrize("at", range(len(LINES) - 1, len(LINES) - 11, -1))
def test_a_row_that_is_missing_is_no_result(at: int) -> None:
    with pytest.raises(IperfError, match="no stored result"):
        from_csv("".join(LINES[:at] + LINES[at + 1 :]))


@pytest.mark.parametrize("column", ["stream", "row", "start_seconds", "bytes"])
def test_a_table_that_was_sorted_is_no_result(column: str) -> None:
    at = COLUMNS.index(column)
    table = sorted(LINES[1:], key=lambda line: line.split(",")[at])
    with pytest.raises(IperfError, match="another order"):
        from_csv("".join([LINES[0], *table]))


def test_a_stream_below_the_rows_of_another_direction_is_no_result() -> None:
    moved = [line for line in LINES if ",upstream,False,sender,7," in line]
    assert len(moved) == 2
    with pytest.raises(IperfError, match="another order"):
        from_csv("".join([*(line for line in LINES if line not in moved), *moved]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fact,schema,1,", "fact,schema,2,"),
        ("fact,schema,1,", "fact,color,1,"),
        ("fact,tool,iperf3,", "fact,tool,5,"),
        (",90,", ",many,"),
        (",90,", ",inf,"),
        (",90,", ",9.5,"),
        ("interval,,,", "sender,,,"),
    ],
)
def test_what_cannot_be_is_no_result(old: str, new: str) -> None:
    text = "".join(LINES)
    assert old in text
    with pytest.raises(IperfError) as problem:
        from_csv(text.replace(old, new))
    assert problem.value.kind == "unreadable"


@pytest.mark.parametrize(
    "text", ["", "\n", "no table\n", "a,b\n1,2\n", "row\n\n", '"\n', "x" * 200_000 + "\n1\n", "row,fact\nfact\n"]
)
def test_another_text_is_no_result(text: str) -> None:
    with pytest.raises(IperfError, match="no stored result"):
        from_csv(text)
