"""The CSV of a result."""

from __future__ import annotations

import csv
import io
from dataclasses import fields

from IperfLibrary.table import COLUMNS, as_csv
from IperfLibrary.result import End, Flow, Interval, Result, Stream


def rows(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(result), newline="")))


def result(*flows: Flow) -> Result:
    return Result("iperf3", "3.12", "tcp", "client", flows)


WHOLE = Flow(
    "upstream",
    False,
    sender=End(bytes=0, bits_per_second=0.5, retransmits=3, mean_rtt_ms=1.25),
    receiver=End(bytes=90),
    streams=(Stream(5, End(bytes=1), End(bytes=2), (Interval(0, 1, bytes=11),)), Stream(7, End(), End(bytes=4))),
    intervals=(Interval(0, 1, bytes=10, omitted=True), Interval(1, 2, retransmits=0)),
)


def test_nothing_measured_is_a_head_alone() -> None:
    assert as_csv(result()) == ",".join(COLUMNS) + "\n"


def test_every_figure_has_a_column() -> None:
    names = {field.name for kind in (Interval, End) for field in fields(kind)}
    assert set(COLUMNS) == {"direction", "stream", "row"} | names
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_there_is_a_line_for_each_interval_and_total() -> None:
    found = [(r["direction"], r["stream"], r["row"], r["start"], r["bytes"]) for r in rows(result(WHOLE))]
    assert found == [
        ("upstream", "sum", "interval", "0", "10"),
        ("upstream", "sum", "interval", "1", ""),
        ("upstream", "sum", "sender", "", "0"),
        ("upstream", "sum", "receiver", "", "90"),
        ("upstream", "5", "interval", "0", "11"),
        ("upstream", "5", "sender", "", "1"),
        ("upstream", "5", "receiver", "", "2"),
        ("upstream", "7", "sender", "", ""),
        ("upstream", "7", "receiver", "", "4"),
    ]


def test_unknown_is_empty_and_0_is_0() -> None:
    sender, receiver = rows(result(WHOLE))[2:4]
    assert (sender["bytes"], sender["retransmits"], sender["jitter_ms"]) == ("0", "3", "")
    assert (sender["bits_per_second"], sender["mean_rtt_ms"]) == ("0.5", "1.25")
    assert (receiver["bits_per_second"], receiver["retransmits"]) == ("", "")
    assert rows(result(WHOLE))[1]["retransmits"] == "0"
    assert "None" not in as_csv(result(WHOLE))


def test_the_warm_up_is_marked() -> None:
    assert [row["omitted"] for row in rows(result(WHOLE))[:2]] == ["True", "False"]


def test_each_direction_is_told() -> None:
    back = Flow("downstream", True)
    assert {row["direction"] for row in rows(result(WHOLE, back))} == {"upstream", "downstream"}
