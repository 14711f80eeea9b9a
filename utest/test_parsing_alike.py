"""Rows that are read together mean what they mean one by one, whatever stands between them and in them."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.outputs import iperf2_text, iperf2_udp_text, iperf3_json, iperf3_text, iperf3_udp_text
from IperfLibrary.result import Result
from IperfLibrary.tools import alike, iperf3_document, iperf3_figures, pieces
from IperfLibrary.tools import iperf2_text as text_of_iperf2
from IperfLibrary.tools import iperf3_text as text_of_iperf3
from IperfLibrary.tools.parsing import Parser, parse

OUTPUTS: dict[str, Callable[[int, int], Iterator[str]]] = {
    "iperf3 JSON": lambda seconds, streams: iperf3_json(seconds, 1, streams),
    "iperf3 text": iperf3_text,
    "iperf3 text, UDP": iperf3_udp_text,
    "iperf2 text": lambda seconds, streams: iperf2_text(seconds, streams, enhanced=False),
    "iperf2 text, enhanced": lambda seconds, streams: iperf2_text(seconds, streams, enhanced=True),
    "iperf2 text, UDP": lambda seconds, streams: iperf2_udp_text(seconds, streams, enhanced=False),
    "iperf2 text, UDP, enhanced": lambda seconds, streams: iperf2_udp_text(seconds, streams, enhanced=True),
}
TEXTS = [name for name in OUTPUTS if "text" in name]
BETWEEN = (
    "",
    "- - - - - - - - - - - - -",
    "iperf3: error - unable to write to stream socket",
    "[SUM]  0.0- 2.0 sec  53 datagrams received out-of-order",
    "[  3] 0.0000-2.0000 sec  7 datagrams received out-of-order",
    "[  3] Server Report:",
    "[ ID] Interval           Transfer     Bitrate         Retr",
    "[ ID] Interval           Transfer     Bitrate         Total Datagrams",
    "[  5] local 192.0.2.1 port 5 connected to 192.0.2.2 port 5201",
    "[  3] local 192.0.2.1 port 5001 connected with 192.0.2.2 port 45000",
    "Server output:",
    "Accepted connection from 192.0.2.9, port 40001",
    "Client connecting to 192.0.2.9, TCP port 5001",
    '{"start": {"version": "iperf 3.16"}}',
)
CHANGES: tuple[Callable[[str], str], ...] = (
    lambda line: line.replace("Mbits/sec", "bits/sec"),
    lambda line: line.replace("MBytes ", "Bytes "),
    lambda line: line.replace(" ms", "-nan ms"),
    lambda line: f"{line} (omitted)",
    lambda line: f"title:  {line}",
    lambda line: f"\x1b[31m{line}\x1b[0m",
    lambda line: f"{line}\r",
    lambda line: line.replace("MBytes", "XBytes"),
    lambda line: line.replace("[  5]", "[ *5]").replace("[  3]", "[  0]"),
    lambda line: line.replace(" 0 ", " 999999999999999999 "),
    lambda line: line.replace("/", "/-", 1),
    lambda line: line.rstrip()[:-3],
    lambda line: line.replace(":\t", ':\t"', 1),
    lambda line: line.replace(":\t", ":\t-", 1),
    lambda line: line.replace(":\t0", ":\tnan"),
    lambda line: line.replace("false", "1"),
    lambda line: line.replace('"socket"', '"packets"'),
    lambda line: line.replace('"bytes"', '"jitter_ms"'),
)
ODD: tuple[Callable[[str], str], ...] = (
    lambda line: re.sub(r"[\d.]+ ([KMGT]?Bytes)", r".. \1", line),  # a size that is no number
    lambda line: re.sub(r"[\d.]+ ([KMGT]?bits)", r".. \1", line),
    lambda line: re.sub(r"[\d.]+ ([KMGT]?bits)", r"5 \1", line),  # a digit alone, as `-f g` prints it
    lambda line: re.sub(r"[\d.]+ ([KMGT]?bits)", r"0.00 \1", line),
    lambda line: re.sub(r"-\d+\.", "-0.", line),  # it ends before it begins
    lambda line: re.sub(r"(\d\.\d)\d+(-\d+\.\d)\d+ sec", r"\1\2 sec", line),  # tenths among finer ones
    lambda line: re.sub(r"\d+/(\d+) \(", r"999999/\1 (", line),  # more lost than sent
    lambda line: re.sub(r" +[\d.]+ ms .*", "", line),
    lambda line: f"{line.rstrip()}  194 KBytes  ",
)


def iperf3_udp_sender(seconds: int, streams: int) -> Iterator[str]:
    """What a client prints that sends over UDP."""
    for line in iperf3_text(seconds, streams):
        yield re.sub(r"(bits/sec +\d+) .*", r"\1  ", line.replace("Retr  Cwnd", "Total Datagrams"))


SENDER = "iperf3 text, UDP, sender"


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if each few rows were a million."""
    monkeypatch.setattr(alike, "FEW", 2)
    monkeypatch.setattr(iperf3_document, "PIECE", 300)


def changed(name: str, seed: int) -> list[str]:
    dice = random.Random(f"{name} {seed}")
    streams = dice.choice((1, 2, 3, 16))
    lines = "".join(OUTPUTS[name](dice.randint(5, 60), streams)).splitlines()
    for _ in range(dice.choice((0, 1, 2, 5))):
        at = dice.randrange(len(lines))
        kind = dice.randrange(5)
        if kind == 0:
            lines.insert(at, dice.choice(BETWEEN))
        elif kind == 1:
            lines.insert(at, lines[at])
        elif kind == 2:
            del lines[at]
        else:
            lines[at] = dice.choice(CHANGES)(lines[at])
    return lines


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("name", OUTPUTS)
def test_whatever_is_in_it_it_means_the_same(name: str, seed: int, together: None) -> None:
    lines = changed(name, seed)
    slow, at_once, in_parts = Parser(), Parser(), Parser()
    live = [interval for interval in map(slow.feed, lines) if interval]
    assert at_once.read(lines) == live
    size = random.Random(seed).randint(1, 90)
    assert [row for at in range(0, len(lines), size) for row in in_parts.read(lines[at : at + size])] == live
    assert at_once.results() == in_parts.results() == slow.results()


@pytest.mark.parametrize("change", range(len(ODD)))
@pytest.mark.parametrize("name", [*TEXTS, SENDER])
def test_one_row_that_is_odd_means_the_same(name: str, change: int, together: None) -> None:
    lines = "".join(OUTPUTS.get(name, iperf3_udp_sender)(30, 2)).splitlines()
    slow, at_once = Parser(), Parser()
    at = max(place for place, line in enumerate(lines[:80]) if line.startswith(("[  5]", "[  1]", "[  3]")))
    lines[at] = ODD[change](lines[at])
    live = [interval for interval in map(slow.feed, lines) if interval]
    assert at_once.read(lines) == live
    assert at_once.results() == slow.results()


@pytest.mark.parametrize("name", TEXTS)
def test_most_rows_are_read_together(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above would compare a thing with itself."""
    fed = 0
    for kind in (text_of_iperf2.Iperf2Text, text_of_iperf3.Iperf3Text):

        def row(self: object, *found: object, known: Callable[..., object] = kind._row) -> object:
            nonlocal fed
            fed += 1
            return known(self, *found)

        monkeypatch.setattr(kind, "_row", row)
    lines = "".join(OUTPUTS[name](300, 4)).splitlines()
    result = parse(lines)
    assert sum(len(stream.intervals) for stream in result.flows[0].streams) == 1200
    assert fed < 120


def test_most_intervals_of_a_document_are_taken_before_its_lines_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0
    known = iperf3_document.Document.add

    def add(self: iperf3_document.Document, text: str) -> None:
        nonlocal looked_at
        looked_at += len(text)
        known(self, text)

    monkeypatch.setattr(iperf3_document.Document, "add", add)
    monkeypatch.setattr(iperf3_document, "PIECE", 10_000)
    monkeypatch.setattr(pieces, "_FIRST", 1000)
    monkeypatch.setattr(pieces, "_MOST", 1000)
    text = "".join(iperf3_json(400, 1, 4))
    result: Result = parse(text.splitlines())
    assert len(result.flows[0].streams[0].intervals) == 400
    assert looked_at < len(text) / 4


def test_a_servers_report_before_rows_is_that_of_its_stream(together: None) -> None:
    lines = "".join(iperf2_udp_text(6, 3, enhanced=False)).splitlines()
    lines.insert(20, "[  3] Server Report:")
    slow, at_once = Parser("client"), Parser("client")
    assert at_once.read(lines) == [interval for interval in map(slow.feed, lines) if interval]
    assert at_once.results() == slow.results()


@pytest.mark.parametrize("again", [(0, 1, 1, 2), (0, 1, 2, 0), (2, 0, 1), (0, 0)])
def test_intervals_that_come_again_are_there_once(again: tuple[int, ...], together: None) -> None:
    document = json.loads("".join(iperf3_json(3, 1, 2)))
    document["intervals"] = [document["intervals"][at] for at in again]
    starts = [row["streams"][0]["start"] for row in document["intervals"]]
    for indent in (None, 1):
        (flow,) = parse(json.dumps(document, indent=indent).splitlines()).flows
        found = [row.start for row in flow.streams[1].intervals]
        assert found == [start for at, start in enumerate(starts) if start > max(starts[:at], default=-1)]


FIGURE = st.one_of(
    st.integers(-2, 3), st.sampled_from([10**18, 10**400, 0.0, -0.0, 1.5, -1.5, math.inf, -math.inf, math.nan]),
    st.booleans(), st.none(), st.text(max_size=2), st.just([]),
)  # fmt: skip
NAMES = ("start", "end", "bytes", "bits_per_second", "omitted", "retransmits", "snd_cwnd", "rtt")


@settings(max_examples=500)
@given(st.dictionaries(st.sampled_from([*NAMES, "packets", "jitter_ms", "lost_packets"]), FIGURE, max_size=2))
def test_the_short_way_of_a_row_is_the_long_one(odd: dict[str, Any]) -> None:
    plain = {"start": 0.5, "end": 1.5, "bytes": 7, "bits_per_second": 56.0, "omitted": False}
    row = {**plain, "retransmits": 1, "snd_cwnd": 9, "rtt": 800, **odd}
    assert repr(iperf3_figures.interval_of(row)) == repr(iperf3_figures._interval_of(row))
    for name in odd:
        del row[name]
    assert repr(iperf3_figures.interval_of(row)) == repr(iperf3_figures._interval_of(row))
