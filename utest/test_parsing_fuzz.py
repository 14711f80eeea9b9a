"""Whatever a device prints: a result, or an error of this library; in linear time; and never a figure made up."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from IperfLibrary.errors import IperfLibraryError
from IperfLibrary.result import End, Result
from IperfLibrary.tools.parsing import parse, parse_all
from utest.recorded import facts, lines

NAMES = [vector["file"] for vector in facts()]
ROLES = {vector["file"]: vector["role"] for vector in facts()}
NOISE = [
    "^C",
    "{",
    "}",
    "[",
    '{"event":"end"}',
    "- - - - - ",
    "[ ID] Interval",
    "iperf Done.",
    "Server output:",
    "\x1b]",
    "\x00",
    "é",
]
COUNTS = ("bytes", "retransmits", "lost_packets", "packets", "out_of_order")


def output(name: str) -> str:
    return "\n".join(lines(name))


mutations = st.lists(
    st.tuples(
        st.sampled_from(["cut tail", "cut head", "double", "drop", "swap", "insert", "replace"]),
        st.floats(0, 1, exclude_max=True),
        st.one_of(st.sampled_from(NOISE), st.text(max_size=12)),
    ),
    min_size=1,
    max_size=4,
)


def mutated(text: str, steps: list[tuple[str, float, str]]) -> str:
    for kind, where, noise in steps:
        at = int(where * len(text))
        text = MUTATIONS[kind](text, at, noise)
    return text


def line_at(text: str, at: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return start, len(text) if end < 0 else end + 1


def double(text: str, at: int, noise: str) -> str:
    start, end = line_at(text, at)
    return text[:end] + text[start:]


def drop(text: str, at: int, noise: str) -> str:
    start, end = line_at(text, at)
    return text[:start] + text[end:]


MUTATIONS: dict[str, Callable[[str, int, str], str]] = {
    "cut tail": lambda text, at, noise: text[:at],
    "cut head": lambda text, at, noise: text[at:],
    "double": double,
    "drop": drop,
    "swap": lambda text, at, noise: text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
    "insert": lambda text, at, noise: text[:at] + noise + text[at:],
    "replace": lambda text, at, noise: text[:at] + noise + text[at + len(noise) :],
}


def read(text: str, role: Any = None) -> list[Result]:
    """The results, after a look at everything in them."""
    with suppress(IperfLibraryError):
        parse(text.split("\n"), text.split("\n")[-5:], role=role)
    found = parse_all(text.split("\n"), role=role)
    for result in found:
        json.dumps(result.as_dict(), allow_nan=False)
        assert str(result)
        for flow in result.flows:
            for end in (flow.sender, flow.receiver):
                check(end)
    return found


def check(end: End) -> None:
    for name in COUNTS:
        count = getattr(end, name)
        assert count is None or (isinstance(count, int) and count >= 0), name
    if end.lost_packets is not None:
        assert end.packets is not None
        assert end.lost_packets <= end.packets


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(NAMES), steps=mutations, role=st.sampled_from([None, "client", "server"]))
def test_damaged_output(name: str, steps: list[tuple[str, float, str]], role: str | None) -> None:
    read(mutated(output(name), steps), role)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(), max_size=20))
def test_any_text(text: list[str]) -> None:
    read("\n".join(text))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    read(data.decode(errors="replace"))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["start", "streams", "sum", "udp"]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), name=st.sampled_from([name for name in NAMES if name.endswith(".json")]))
def test_documents_with_other_values(data: st.DataObject, name: str) -> None:
    try:
        document = json.loads(output(name))
    except ValueError:
        return
    for _ in range(data.draw(st.integers(1, 3))):
        replace_somewhere(document, data)
    read(json.dumps(document, indent=1))


def replace_somewhere(value: Any, data: st.DataObject) -> None:
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(value[key], (dict, list)) and value[key] and data.draw(st.booleans()):
            value = value[key]
        else:
            value[key] = data.draw(values)
            return


# --- what is cut off


def cuts(text: str) -> list[int]:
    """All ends of lines, and places within them."""
    ends = [at for at, char in enumerate(text) if char == "\n"]
    step = max(1, len(ends) // 40)
    within = range(7, len(text), max(1, len(text) // 60))
    return sorted({*ends[::step], *within})


@pytest.mark.parametrize("name", NAMES)
def test_output_that_is_cut_off_has_no_wrong_figure(name: str) -> None:
    text = output(name)
    whole = parse_all(text.split("\n"), role=ROLES[name])
    for at in cuts(text):
        for number, result in enumerate(parse_all(text[:at].split("\n"), role=ROLES[name])):
            if result.flows:
                check_cut(result, whole[number])


def check_cut(result: Result, whole: Result) -> None:
    for flow in result.flows:
        full = next(other for other in whole.flows if other.reverse == flow.reverse)
        for where in ("sender", "receiver"):
            if not (result.partial and where == flow.measured_at):
                check_part(getattr(flow, where), getattr(full, where), 0.01 if result.partial else 1e-6)
        for stream in flow.streams:
            check_rows(stream.intervals, next(s for s in full.streams if s.id == stream.id).intervals, result.partial)


def check_part(end: End, full: End, share: float) -> None:
    for name in ("bytes", "bits_per_second", "retransmits", "lost_packets", "packets", "out_of_order"):
        value, expected = getattr(end, name), getattr(full, name)
        assert value is None or (expected is not None and abs(value - expected) <= share * abs(expected)), name


def check_rows(rows: Any, full: Any, partial: bool) -> None:
    known = {(row.start, row.end, row.omitted): row for row in full}
    for row in rows:
        expected = known.get((row.start, row.end, row.omitted))
        assert expected is not None or partial
        for name in ("bytes", "bits_per_second", "retransmits", "lost_packets", "packets", "congestion_window_bytes"):
            value = getattr(row, name)
            assert expected is None or value is None or value == getattr(expected, name), name


# --- time

LONG = 200_000
PATHOLOGICAL = {
    "brackets": "[" * LONG + "/sec",
    "blanks": "[  5] " + " " * LONG + "/sec",
    "sums": "[SUM] " * (LONG // 6),
    "ids": "[ 5] local " * (LONG // 11),
    "rows": "[  5]   0.00-1.00   sec " * (LONG // 24) + "/sec",
    "errors": "connect failed " * (LONG // 15),
    "iperf3": "iperf3: error - unable to connect to server " * (LONG // 44),
    "escapes": "\x1b]" * (LONG // 2),
    "digits": "[  5]   " + "1" * LONG + ".00-1.00   sec  1 Bytes  1 bits/sec",
    "csv": "20261123122627," * (LONG // 15),
    "opening": "{" * LONG,
    "nested": '{"start": ' + '{"a":' * (LONG // 5),
    "cpu": "CPU Utilization: local/sender 2.8%" * (LONG // 34),
    "events": '{"event":' * (LONG // 9),
    "quotes": '"start": {' * (LONG // 10),
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
@pytest.mark.parametrize(
    "opening", ["", "Connecting to host 10.0.0.1, port 5201", "Client connecting to h, TCP port 5001", '{"start": {']
)
def test_no_line_takes_long(name: str, opening: str) -> None:
    begun = time.process_time()
    read("\n".join([opening, PATHOLOGICAL[name], PATHOLOGICAL[name]]))
    assert time.process_time() - begun < 5


def test_many_lines_take_as_long_as_they_are_many() -> None:
    def seconds(count: int) -> float:
        rows = (
            f"[  5] {n:6.2f}-{n + 1:<6.2f} sec   112 MBytes   941 Mbits/sec    3    767 KBytes       "
            for n in range(count)
        )
        output = ["Connecting to host 10.0.0.1, port 5201", *rows]
        begun = time.process_time()
        parse(output)
        return time.process_time() - begun

    gc.collect()
    gc.disable()  # what other tests left behind is not ours to clear up in this time
    try:
        assert seconds(40_000) < 12 * seconds(10_000)
    finally:
        gc.enable()
