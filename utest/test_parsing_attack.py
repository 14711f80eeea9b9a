"""Outputs that were made to mislead the parser: each test is a defect that somebody found by attacking it."""

from __future__ import annotations

import json

import pytest

from IperfLibrary import parse, parse_all
from IperfLibrary.options import Options
from IperfLibrary.tools import TOOLS
from IperfLibrary.tools.parsing import Parser
from IperfLibrary.units import Seconds

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


def test_the_servers_report_in_text_is_no_other_run_than_the_csv_around_it() -> None:
    """2.0.14 prints it so in spite of -y C."""
    lines = [
        "20260101000001,127.0.0.1,47872,127.0.0.1,5001,3,0.0-1.0,1311316,10490528,0.000,0,893,0.000,0",
        "20260101000002,127.0.0.1,47872,127.0.0.1,5001,3,1.0-2.0,1311240,10489920,0.000,0,892,0.000,0",
        "20260101000002,127.0.0.1,47872,127.0.0.1,5001,3,0.0-2.0,2625496,10491109,0.000,0,-1,-0.000,0",
        "[  3] Sent 1788 datagrams",
        "[  3] Server Report:",
        "[  3] 0.0000-2.0008 sec  2.50 MBytes  10.5 Mbits/sec   0.002 ms    2/ 1787 (0.11%)",
    ]
    result = parse_all(lines, role="client")
    assert [r.sent.bytes for r in result] == [2625496]


def test_a_run_of_iperf2_in_reverse_that_was_cut_is_no_good_run() -> None:
    """The server was killed after 1.5 of 3 s; the client returns 0 and its last row looks like any other."""
    lines = [
        "Client connecting to 127.0.0.1, TCP port 5001",
        "[  1] local 127.0.0.1 port 40000 connected with 127.0.0.1 port 5001 (reverse)",
        "[ *1] 0.0000-1.0000 sec  1.25 MBytes  10.5 Mbits/sec",
        "[ *1] 0.0000-1.5293 sec  2.00 MBytes  11.0 Mbits/sec",
    ]
    asked = Options("client", reverse=True, time=Seconds(3))
    found = TOOLS["iperf2"].judge(parse(lines), [], 0, asked)
    assert found
    assert "in place of" in found.said
    assert TOOLS["iperf2"].judge(parse(lines), [], 0, Options("client", reverse=True, time=Seconds(1.6))) is None


def test_what_an_iperf2_server_never_saw_at_the_end_is_lost() -> None:
    """It was killed 0.2 s before the end, and its report says 0/2516 of 2677."""
    lines = [
        "Client connecting to 127.0.0.1, UDP port 5001",
        "[  1] local 127.0.0.1 port 39200 connected with 127.0.0.1 port 5001",
        "[  1] 0.0000-3.0001 sec  3.75 MBytes  10.5 Mbits/sec",
        "[  1] Sent 2677 datagrams",
        "[  1] Server Report:",
        "[  1] 0.0000-2.8196 sec  3.53 MBytes  10.5 Mbits/sec   0.000 ms 0/2516 (0%)",
    ]
    result = parse(lines)
    assert (result.lost_packets, result.packets) == (161, 2677)


def test_what_an_iperf3_server_never_saw_at_the_end_is_lost_in_the_text_too() -> None:
    lines = [
        "Connecting to host 10.0.0.1, port 5201",
        "[  5] local 10.0.0.2 port 50000 connected to 10.0.0.1 port 5201",
        "[ ID] Interval           Transfer     Bitrate         Total Datagrams",
        "[  5]   0.00-2.00   sec  2.50 MBytes  10.5 Mbits/sec  1800  ",
        "- - - - - - - - - - - - - - - - - - - - - - - - -",
        "[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams",
        "[  5]   0.00-2.00   sec  2.50 MBytes  10.5 Mbits/sec  0.000 ms  0/1800 (0%)  sender",
        "[  5]   0.00-2.04   sec  1.25 MBytes  5.14 Mbits/sec  0.010 ms  0/900 (0%)  receiver",
        "",
        "iperf Done.",
    ]
    result = parse(lines)
    assert (result.lost_packets, result.packets) == (900, 1800)
    assert not result.partial


def test_streams_that_ran_for_different_times_have_no_sum_of_rates() -> None:
    """2.2.1: two of three streams were heard for one second of two; its own [SUM] says 21.0 Mbits/sec."""
    lines = [
        "Server listening on UDP port 5001",
        "[  1] local 127.0.0.1 port 5001 connected with 127.0.0.1 port 43312",
        "[  2] local 127.0.0.1 port 5001 connected with 127.0.0.1 port 43622",
        "[  3] local 127.0.0.1 port 5001 connected with 127.0.0.1 port 43723",
        "[  3] 0.0000-0.9993 sec  1.25 MBytes  10.5 Mbits/sec   0.001 ms 894/1786 (50%)",
        "[  2] 0.0000-1.0004 sec  1.25 MBytes  10.5 Mbits/sec   0.002 ms 893/1786 (50%)",
        "[  1] 0.0000-2.0027 sec  2.51 MBytes  10.5 Mbits/sec   0.001 ms 0/1786 (0%)",
    ]
    assert parse(lines).bits_per_second == pytest.approx(21.0e6, rel=0.01)


def test_full_duplex_of_2_0_14_is_no_rate_of_one_direction() -> None:
    """Its rows are those of both directions together, and nothing says so."""
    lines = [
        "Client connecting to 127.0.0.1, TCP port 5001",
        "[  3] local 127.0.0.1 port 49414 connected with 127.0.0.1 port 5001 (full-duplex)",
        "[  3] 0.0000-1.0000 sec  2.50 MBytes  21.0 Mbits/sec",
        "[  3] 0.0000-2.1001 sec  5.38 MBytes  21.5 Mbits/sec",
    ]
    result = parse(lines)
    assert [(flow.sender.bytes, flow.receiver.bytes) for flow in result.flows] == [(None, None)]


def test_a_stream_in_reverse_that_got_no_datagram_moved_nothing() -> None:
    lines = [
        "Client connecting to 127.0.0.1, UDP port 5001",
        "[  2] local 127.0.0.1 port 45438 connected with 127.0.0.1 port 5001 (reverse)",
        "[  1] local 127.0.0.1 port 49211 connected with 127.0.0.1 port 5001 (reverse)",
        "[ *1] 0.0000-0.0000 sec  0.000 Bytes  0.000 bits/sec   0.000 ms 0/0 (0%)",
        "[ *2] 0.0000-2.0019 sec  2.50 MBytes  10.5 Mbits/sec   0.004 ms 0/1786 (0%)",
    ]
    asked = Options("client", reverse=True, udp=True, parallel=2, time=Seconds(2))
    assert TOOLS["iperf2"].judge(parse(lines), [], 0, asked)


def test_csv_of_a_server_of_2_0_14_has_the_client_first() -> None:
    tcp = [
        "20261123183703.601,127.0.0.1,33420,127.0.0.1,5001,4,0.0-1.0,1310780,10486240",
        "20261123183704.601,127.0.0.1,33420,127.0.0.1,5001,4,1.0-2.0,1310720,10485760",
        "20261123183704.601,127.0.0.1,33420,127.0.0.1,5001,4,0.0-2.0,2621500,10486000",
    ]
    (flow,) = parse(tcp, role="server").flows
    assert (flow.reverse, flow.sender.bytes, flow.receiver.bytes) == (False, None, 2621500)
    (flow,) = parse(tcp).flows
    assert flow.sender.bytes is None
    udp = ["20261123183744,127.0.0.1,50570,127.0.0.1,5001,3,0.0-2.0,2627042,10498163,0.007,0,1787,0.000,2"]
    for role in ("server", None):
        (flow,) = parse(udp, role=role).flows
        assert (flow.reverse, flow.receiver.bytes, flow.receiver.packets) == (False, 2627042, 1787)


def test_csv_of_both_ways_at_a_server_has_both() -> None:
    lines = [
        "20260101000002,127.0.0.1,41246,127.0.0.1,5001,1,0.0-2.0,2752572,11010045",
        "20260101000002,127.0.0.1,5001,127.0.0.1,41246,1,0.0-2.0,2752512,11009481",
    ]
    flows = parse(lines, role="server").flows
    assert [(f.reverse, f.sender.bytes, f.receiver.bytes) for f in flows] == [
        (False, None, 2752572),
        (True, 2752512, None),
    ]


def test_a_stream_that_is_connected_and_has_no_row_is_missing() -> None:
    """Cut between the last rows of -P 3: one stream of three was given for the whole run."""
    lines = [
        "Client connecting to 127.0.0.1, TCP port 5001",
        "[  1] local 127.0.0.1 port 45438 connected with 127.0.0.1 port 5001",
        "[  2] local 127.0.0.1 port 45439 connected with 127.0.0.1 port 5001",
        "[  3] local 127.0.0.1 port 45440 connected with 127.0.0.1 port 5001",
        "[  2] 0.0000-2.0100 sec  2.63 MBytes  11.0 Mbits/sec",
    ]
    assert parse(lines).partial
    last = "[  {}] 0.0000-2.0100 sec  2.63 MBytes  11.0 Mbits/sec"
    assert not parse([*lines, last.format(1), last.format(3)]).partial


def test_a_connection_of_a_probe_is_no_stream_of_the_next_client() -> None:
    lines = [
        "Server listening on TCP port 5001",
        "[  4] local 127.0.0.1 port 5001 connected with 127.0.0.1 port 45312",
        "[  4] local 127.0.0.1 port 5001 connected with 127.0.0.1 port 45320",
        "[  4] 0.0000-2.0002 sec  2.63 MBytes  11.0 Mbits/sec",
    ]
    result = parse(lines)
    assert not result.partial
    assert result.received.seconds == pytest.approx(2.0002)


def _as_texts(value: object) -> object:
    if isinstance(value, dict):
        return {key: _as_texts(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_as_texts(part) for part in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


@pytest.mark.parametrize("name", ["146-gen-iperf3-3.12-J-tcp.json", "148-gen-iperf3-3.12-J-bidir.json"])
def test_a_document_whose_numbers_are_texts(name: str) -> None:
    document = json.loads(_recorded(name))
    assert parse([json.dumps(_as_texts(document))]).flows == parse([json.dumps(document)]).flows
