"""Each recorded output with known facts: right, or unknown; never wrong."""

from __future__ import annotations

from typing import Any

import pytest

from IperfLibrary.errors import IperfError
from IperfLibrary.result import Flow, Result
from IperfLibrary.tools.faults import classify
from IperfLibrary.tools.parsing import parse
from utest.recorded import facts, lines

FIGURES = {
    "sender_bytes": ("sender", "bytes"),
    "sender_bps": ("sender", "bits_per_second"),
    "retransmits": ("sender", "retransmits"),
    "receiver_bytes": ("receiver", "bytes"),
    "receiver_bps": ("receiver", "bits_per_second"),
    "jitter_ms": ("receiver", "jitter_ms"),
    "lost": ("receiver", "lost_packets"),
    "total": ("receiver", "packets"),
    "out_of_order": ("receiver", "out_of_order"),
}
# Not in every output at which somebody may be asked for them.
OFTEN_ABSENT = ("retransmits", "jitter_ms", "lost", "total", "out_of_order")


@pytest.mark.parametrize("vector", facts(), ids=lambda v: v["file"])
def test_facts(vector: dict[str, Any]) -> None:
    known = vector["facts"]
    arguments = lines(vector["file"]), lines(vector["stderr_file"])
    if known["outcome"] == "empty" or not (known["results"] or known["error_class"]):
        with pytest.raises(IperfError, match=r"no output of iperf|no test in"):
            parse(*arguments, role=vector["role"])
        return
    result = parse(*arguments, role=vector["role"])
    assert result.tool == vector["tool"]
    assert result.partial == (known["outcome"] != "ok")
    check_error(result, known)
    if known["outcome"] != "partial" or known["results"]:
        assert {flow.direction for flow in result.flows} == {entry["direction"] for entry in known["results"]}
    exact = vector["format"] in ("json", "csv")
    for entry in known["results"]:
        flow = next(flow for flow in result.flows if flow.direction == entry["direction"])
        check_flow(flow, entry, exact)
        check_streams(flow, known)


def check_error(result: Result, known: dict[str, Any]) -> None:
    fault = classify(result.error) if result.error else None
    assert (fault.kind if fault else None) == known["error_class"]
    if known["error_text"]:
        assert bare(str(result.error)) == bare(known["error_text"])


def bare(text: str) -> str:
    return text.rpartition("iperf: ")[2].removeprefix("error - ").removeprefix("interrupt - ").removeprefix("error: ")


def check_flow(flow: Flow, entry: dict[str, Any], exact: bool) -> None:
    for name, (end, figure) in FIGURES.items():
        value = getattr(getattr(flow, end), figure)
        if name not in entry:
            assert value is None or name in OFTEN_ABSENT, name
        elif name in ("lost", "total") and impossible(entry):
            assert value is None, name
        elif name == "out_of_order":
            assert value in (None, entry[name])
        else:
            assert near(value, entry[name], exact), f"{name}: {value}, not {entry[name]}"


def impossible(entry: dict[str, Any]) -> bool:
    lost, total = entry.get("lost"), entry.get("total")
    return lost is not None and total is not None and (lost > total or total > 300_000)


def near(value: float | None, expected: float | None, exact: bool) -> bool:
    if value is None or expected is None:
        return value is expected
    # Facts from text have the printed figures, which half a digit may separate from ours.
    return abs(value - expected) <= max(abs(expected) * (1e-6 if exact else 0.006), 0.5e-6 if value < 100 else 0.51)


def check_streams(flow: Flow, known: dict[str, Any]) -> None:
    if known["streams"]:
        assert len(flow.streams) == known["streams"]
    wanted = known.get("intervals_unique", known["intervals"])
    lists = [stream.intervals for stream in flow.streams if stream.intervals] or [flow.intervals]
    if wanted is not None:
        assert max(sum(not row.omitted for row in rows) for rows in lists) == wanted
    assert {sum(row.omitted for row in rows) for rows in lists} == {known["omitted"]}
