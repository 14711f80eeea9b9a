"""Outputs that were made to mislead the parser: each test is a defect that somebody found by attacking it."""

from __future__ import annotations

import json

import pytest

from IperfLibrary import parse

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
