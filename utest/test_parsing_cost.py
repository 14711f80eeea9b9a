"""What reading costs, in counts that no machine changes: calls and bytes for a row, however many rows there are."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

import pytest

from benchmarks.outputs import iperf2_text, iperf2_udp_text, iperf3_json, iperf3_text, iperf3_udp_text
from IperfLibrary.tools.parsing import Parser, parse, parse_all

STREAMS = 8
Output = Callable[[int], Iterator[str]]
OUTPUTS: dict[str, tuple[Output, float]] = {
    "iperf3 JSON": (lambda seconds: iperf3_json(seconds, 1, STREAMS), 4),
    "iperf3 text": (lambda seconds: iperf3_text(seconds, STREAMS), 1),
    "iperf3 text, UDP": (lambda seconds: iperf3_udp_text(seconds, STREAMS), 1),
    "iperf2 text": (lambda seconds: iperf2_text(seconds, STREAMS, enhanced=False), 1),
    "iperf2 text, enhanced": (lambda seconds: iperf2_text(seconds, STREAMS, enhanced=True), 1),
    "iperf2 text, UDP": (lambda seconds: iperf2_udp_text(seconds, STREAMS, enhanced=False), 1),
    "iperf2 text, UDP, enhanced": (lambda seconds: iperf2_udp_text(seconds, STREAMS, enhanced=True), 1),
}
"""Each with the most calls of Python functions that a row may cost."""


def calls(work: Callable[[], Any]) -> int:
    """How many functions written in Python are called; each value that a generator gives is a call, too."""
    found = 0

    def seen(frame: Any, event: str, arg: Any) -> None:
        nonlocal found
        found += event == "call"

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found


def lines_of(output: Output, seconds: int) -> list[str]:
    return "".join(output(seconds)).splitlines()


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_row_costs_few_calls_however_many_there_are(name: str) -> None:
    output, most = OUTPUTS[name]
    few, many = (lines_of(output, seconds) for seconds in (400, 800))
    first, second = calls(lambda: parse(few)), calls(lambda: parse(many))
    assert second - first < most * 400 * STREAMS
    assert second < 2.2 * first


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_row_takes_its_bytes_and_no_more_however_many_there_are(name: str) -> None:
    output, _ = OUTPUTS[name]
    held(lines_of(output, 10))  # what is compiled once
    first, second = (held(lines_of(output, seconds)) for seconds in (200, 400))
    assert (second - first) / (200 * STREAMS) < 400
    assert second < 2.2 * first


def held(lines: list[str]) -> int:
    """Bytes that a result takes."""
    tracemalloc.start()
    try:
        result = parse(lines)
        gc.collect()
        assert result.flows
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


TURNS = {
    "texts": ["Connecting to host 192.0.2.1, port 5201", "Client connecting to 192.0.2.1, TCP port 5001"],
    "documents": ['{"start": {"version": "iperf 3.16"}}', "Connecting to host 192.0.2.1, port 5201"],
    "rows": ["[  5]   0.00-1.00   sec  1.00 MBytes  8.39 Mbits/sec", "Server listening on TCP port 5001"],
}


@pytest.mark.parametrize("name", TURNS)
def test_a_text_that_is_of_another_kind_in_each_line_costs_no_more_for_each(name: str) -> None:
    few, many = (list(chain.from_iterable(repeat(TURNS[name], count))) for count in (200, 400))
    first, second = (calls(lambda text=text: Parser().read(text)) for text in (few, many))  # type: ignore[misc]
    assert second < 2.2 * first


def test_many_lines_of_different_kinds_are_read_as_one_by_one() -> None:
    for text in TURNS.values():
        one_by_one = Parser()
        for line in text * 30:
            one_by_one.feed(line)
        assert parse_all(text * 30) == one_by_one.results()


def test_the_collector_of_cycles_is_as_before() -> None:
    class Broken(Exception):
        pass

    def broken() -> Iterator[str]:
        assert not gc.isenabled()
        yield "Connecting to host 192.0.2.1, port 5201"
        raise Broken

    with pytest.raises(Broken):
        parse(broken())
    assert gc.isenabled()
    gc.disable()
    try:
        parse_all(["x"])
        assert not gc.isenabled()
    finally:
        gc.enable()
