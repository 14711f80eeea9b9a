"""Long outputs: a document whose intervals are taken while it comes, and a text whose rows go a shorter way, mean the same."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from IperfLibrary.result import Result
from IperfLibrary.tools import iperf3_document, pieces
from IperfLibrary.tools.iperf3_document import Document
from IperfLibrary.tools.iperf3_rows import tail_of
from IperfLibrary.tools.iperf3_text import Iperf3Text
from IperfLibrary.tools.parsing import Parser, parse
from utest.recorded import DATA, lines, outputs

DOCUMENTS = [output for output in outputs() if any(line.startswith("{") for line in output.stdout)]
TEXTS = [output for output in outputs() if any("/sec" in line for line in output.stdout)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals are taken as if every document were a long one."""
    monkeypatch.setattr(iperf3_document, "PIECE", 300)


def document(count: int, indent: int | None = 1, **more: Any) -> str:
    """A document of so many intervals of a stream, one a second."""
    rows = [
        {"socket": 5, "start": at, "end": at + 1, "bytes": 10 + at, "bits_per_second": 80.5, "omitted": False, "rtt": 9}
        for at in range(count)
    ]
    total = {"start": 0, "end": count, "bytes": 10 * count, "bits_per_second": 80.0}
    whole = {
        "start": {"version": "iperf 3.16", "test_start": {"protocol": "TCP", "reverse": 0, "duration": count}},
        "intervals": [{"streams": [row], "sum": row} for row in rows],
        "end": {
            "streams": [{"sender": {"socket": 5, **total}, "receiver": {"socket": 5, **total}}],
            "sum_sent": total,
            "sum_received": total,
        },
        **more,
    }
    return json.dumps(whole, indent=indent)


def in_parts(text: list[str], seed: str) -> Iterator[list[str]]:
    at, dice = 0, random.Random(seed)
    while at < len(text):
        few = dice.randint(1, 80)
        yield text[at : at + few]
        at += few


def read(text: list[str], stderr: list[str], role: Any, seed: str) -> list[Result]:
    """As a file that grows is read, and asked now and then."""
    parser = Parser(role)
    for some in in_parts(text, seed):
        parser.read(some)
        parser.results([])
    return parser.results(stderr)


@pytest.mark.parametrize("output", DOCUMENTS, ids=str)
def test_recorded_documents(output: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(output.stdout, output.stderr, output.role, str(output))
    monkeypatch.setattr(iperf3_document, "PIECE", 300)
    assert read(output.stdout, output.stderr, output.role, str(output)) == whole


@pytest.mark.parametrize("name", [path.name for path in sorted((DATA / "facts").glob("*-J-*.json"))])
def test_recorded_documents_of_old_versions(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(lines(name), [], None, name)
    monkeypatch.setattr(iperf3_document, "PIECE", 300)
    assert read(lines(name), [], None, name) == whole


def test_intervals_are_taken_and_none_is_lost(small: None) -> None:
    found = parse(document(50).splitlines())
    assert [row.bytes for row in found.intervals] == [10 + at for at in range(50)]
    assert not found.partial


def test_what_was_taken_is_not_kept(small: None) -> None:
    long = Document()
    for line in document(500).splitlines():
        long.add(line)
        assert sum(map(len, long._texts)) < 3000
    decoded = long.decoded(cut=False)
    assert decoded
    assert len(decoded["intervals"]) == 500


def test_the_second_sum_of_an_interval_is_that_of_the_other_direction(small: None) -> None:
    twice = Document()
    for line in document(30).replace("3.16", "3.9").replace('"sum": {', '"sum": {"bytes": 1}, "sum": {').splitlines():
        twice.add(line)
    decoded = twice.decoded(cut=False)
    assert decoded
    assert [row.bytes for row in decoded["intervals"].reverse] == [10 + at for at in range(30)]


@pytest.mark.parametrize("cut", [900, 2000, 5000])
def test_of_one_that_is_cut_off_the_whole_ones_are_there(monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    text = document(50)[:cut].splitlines()
    whole = parse(text)
    monkeypatch.setattr(iperf3_document, "PIECE", 300)
    assert parse(text) == whole
    assert whole.partial
    assert whole.intervals


@pytest.mark.parametrize("number", ["nan", "-nan", "inf"])
def test_what_is_no_number_is_unknown_there_alone(small: None, number: str) -> None:
    text = document(50, title="from nan, to inf").replace('"bytes": 30,', f'"bytes": {number},')
    rows = parse(text.splitlines()).intervals
    assert [row.start for row in rows if row.bytes is None] == [20]
    assert len(rows) == 50


def test_numbers_as_texts(small: None) -> None:
    text = document(50).replace('"duration": 50', '"duration": "50"').replace('"bytes": 30,', '"bytes": "30",')
    assert parse(text.splitlines()).intervals[20].bytes == 30


@pytest.mark.parametrize("bad", ["{", "}", "]", "x", "{}"])
def test_what_is_no_json_ends_it_there(monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    text = document(50).splitlines()
    text.insert(len(text) // 2, f"   {bad}")
    whole = parse(text)
    monkeypatch.setattr(iperf3_document, "PIECE", 300)
    assert parse(text) == whole
    assert 20 < len(whole.intervals) < 30


@pytest.mark.parametrize("order", [("end", "intervals", "start"), ("intervals", "start", "end")])
def test_one_in_another_order_is_read_as_a_whole(small: None, order: tuple[str, ...]) -> None:
    parts = json.loads(document(50))
    found = parse(json.dumps({name: parts[name] for name in order}, indent=1).splitlines())
    assert (len(found.intervals), found.partial) == (50, False)


@pytest.mark.parametrize("output", TEXTS, ids=str)
def test_rows_of_recorded_texts(output: Any) -> None:
    line_by_line, in_one_go = Parser(output.role), Parser(output.role)
    fed = [interval for line in output.stdout if (interval := line_by_line.feed(line))]
    assert in_one_go.read(output.stdout) == fed
    assert in_one_go.results(output.stderr) == line_by_line.results(output.stderr)


TAIL = st.tuples(
    st.sampled_from(["", " ", "  ", "\t", " \t"]),
    st.sampled_from(["", "7", "0", "-1", "x", "1" * 18]),
    st.sampled_from(["", " ", "   ", "\t"]),
    st.sampled_from(["", "345 KBytes", "1.06 MBytes", "9..9 Bytes", "7  KBytes", "7 MByte", "-1 Bytes"]),
    st.sampled_from(["", "   ", " sender", " (omitted)", "x", "\t "]),
).map("".join)


@settings(max_examples=1000)
@given(TAIL)
def test_the_short_way_of_a_tail_is_the_long_one(text: str) -> None:
    short = Iperf3Text()._sent(text)
    assert short is None or short == tail_of(text)


def test_the_short_way_of_a_tail_is_taken() -> None:
    assert Iperf3Text()._sent("   12    345 KBytes       ") == tail_of("   12    345 KBytes       ")
    assert Iperf3Text()._sent("   12    345 KBytes       ") is not None
    assert Iperf3Text()._sent("") is None


def test_a_csv_row_at_the_start_of_a_part_ends_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    text = document(3).splitlines()
    monkeypatch.setattr(pieces, "_FIRST", len(text))
    row = "20260102030405,192.0.2.1,40000,192.0.2.2,5001,3,0.0-{}.0,1000,8000"
    parser = Parser("client")
    parser.read([*text, row.format(1)])
    assert [result.tool for result in parser.results()] == ["iperf3", "iperf2"]
