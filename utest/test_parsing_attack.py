"""Outputs that were made to mislead the parser: each test is a defect that somebody found by attacking it."""

from __future__ import annotations

import json

import pytest

from IperfLibrary import parse
from IperfLibrary.tools.parsing import Parser

from .recorded import DATA


def _recorded(name: str) -> str:
    return (DATA / "facts" / name).read_text()


@pytest.mark.parametrize(
    "name",
    ["139-gen-iperf3-3.7-J-bidir.json", "140-gen-iperf3-3.7-J-udpbidir.json", "142-gen-iperf3-3.9-J-udpbidir.json"],
)
@pytest.mark.parametrize("sort", [True, False])
def test_a_document_that_lost_one_of_two_equal_names_keeps_its_directions_apart(name: str, sort: bool) -> None:
    text = _recorded(name)
    whole, written = parse(text.splitlines()), json.dumps(json.loads(text), sort_keys=sort, indent=2)
    again = parse(written.splitlines())
    for flow, other in zip(whole.flows, again.flows, strict=True):
        assert (other.reverse, other.sender.bytes) == (flow.reverse, flow.sender.bytes)
        assert (other.receiver.bytes, other.receiver.lost_packets) == (flow.receiver.bytes, flow.receiver.lost_packets)
        assert other.sender.bits_per_second == pytest.approx(flow.sender.bits_per_second)


_KINDS = (
    "146-gen-iperf3-3.12-J-tcp.json",
    "288-gen-iperf3-3.18-jsonstream-omit.txt",
    "204-gen-iperf3-3.12-sys-opt-RP3.txt",
    "189-gen-iperf3-3.12-sys-opt-V.txt",
    "327-gen-iperf2-2.1.8-tcpP2-client.txt",
    "305-gen-iperf2-2.0.4-udpP2-client.txt",
)
_CSV = [
    "20260101000002,127.0.0.1,40000,127.0.0.1,5001,1,0.0-1.0,1310720,10485760",
    "20260101000003,127.0.0.1,40000,127.0.0.1,5001,1,1.0-2.0,1310720,10485760",
    "20260101000003,127.0.0.1,40000,127.0.0.1,5001,1,0.0-2.0,2621440,10485760",
]


@pytest.mark.parametrize("first", _KINDS)
@pytest.mark.parametrize("second", _KINDS)
def test_the_last_run_of_a_file_with_runs_of_both_tools_is_the_last(first: str, second: str) -> None:
    before, after = _recorded(first).splitlines(), _recorded(second).splitlines()
    expected = parse(after)
    read, fed = parse([*before, *after]), Parser()
    for line in [*before, *after]:
        fed.feed(line)
    assert (read.tool, read.protocol, read.flows) == (expected.tool, expected.protocol, expected.flows)
    assert fed.results()[-1].flows == expected.flows
    if first != second:
        assert [r.sent.bytes for r in fed.results()] == [r.sent.bytes for r in (parse(before), expected)]


@pytest.mark.parametrize("other", _KINDS)
def test_csv_before_and_behind_other_runs(other: str) -> None:
    text = _recorded(other).splitlines()
    assert parse([*text, *_CSV], role="client").sent.bytes == 2621440
    assert parse([*_CSV, *text], role="client").flows == parse(text).flows
    banner = ["Server listening on TCP port 5001", *_CSV]
    assert parse(banner, role="server").received.bytes == 2621440
