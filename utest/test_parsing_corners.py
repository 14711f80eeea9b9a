"""Rows that a broken line or a busy console has made of iperf's: what can be known of them stays, the rest is unknown."""

from __future__ import annotations

import pytest

from IperfLibrary.tools.iperf3_rows import arrived
from IperfLibrary.tools.parsing import Parser, parse, parse_all

UDP_CLIENT = [
    "Client connecting to 10.0.0.1, UDP port 5001",
    "[  3] local 10.0.0.2 port 40000 connected with 10.0.0.1 port 5001",
    "[  3]  0.0-10.0 sec  1.25 MBytes  1.05 Mbits/sec",
    "[  3] Sent 893 datagrams",
    "[  3] Server Report:",
]
REPORT = "[  3]  0.0-10.0 sec  1.25 MBytes  1.05 Mbits/sec   0.010 ms    3/  893 (0.34%)"


def test_a_report_of_the_server_that_is_cut_is_not_the_servers() -> None:
    whole = parse([*UDP_CLIENT, REPORT]).flows[0]
    assert (whole.receiver.lost_packets, whole.receiver.packets) == (3, 893)
    cut = parse([*UDP_CLIENT, REPORT[: REPORT.index("   0.010")]]).flows[0]
    assert cut.receiver.bytes is None
    assert cut.receiver.packets is None
    assert cut.sender.bytes == whole.sender.bytes


def test_a_jitter_that_is_no_number_is_unknown_and_the_loss_is_not() -> None:
    flow = parse([*UDP_CLIENT, REPORT.replace("0.010", "0.0.10")]).flows[0]
    assert flow.receiver.jitter_ms is None
    assert (flow.receiver.lost_packets, flow.receiver.packets) == (3, 893)


def test_a_server_that_was_started_again_into_the_same_file() -> None:
    log = [
        "Server listening on TCP port 5001",
        "[  4] local 10.0.0.1 port 5001 connected with 10.0.0.2 port 40000",
        "[  4]  0.0-10.0 sec  1.25 MBytes  1.05 Mbits/sec",
    ]
    later = [line.replace("1.25 MBytes  1.05", "2.50 MBytes  2.10") for line in log]
    sizes = [result.flows[0].receiver.bytes for result in parse_all([*log, *later])]
    assert sizes == [1_310_720, 2_621_440]


@pytest.mark.parametrize(
    ("text", "jitter", "lost", "packets", "kind"),
    [
        ("0.010 ms  3/893 (0.34%)", 0.01, 3, 893, "udp"),
        ("0.010 ms  3/89", None, None, None, "cut"),
        ("0.010 ms  3/x9 (0.34%)", None, None, None, "udp"),
        ("nan ms  0/0 (0%)", None, None, None, "udp"),
        ("0.010 ms  -3/893 (-0.34%)", 0.01, None, None, "udp"),
        ("0.010 ms  900/893 (101%)", 0.01, None, None, "udp"),
    ],
)
def test_what_a_receiver_of_iperf3_says(
    text: str, jitter: float | None, lost: int | None, packets: int | None, kind: str
) -> None:
    tail = arrived(text.split())
    assert (tail.jitter, tail.lost, tail.packets, tail.kind) == (jitter, lost, packets, kind)


def test_what_stands_before_the_output_is_not_kept_for_ever() -> None:
    parser = Parser()
    for number in range(50_000):
        parser.feed(f"message {number} of a busy console")
    assert len(parser.early) < 50_000
    assert parser.early[-1] == "message 49999 of a busy console"
    parser.read([*UDP_CLIENT, REPORT])
    assert parser.results()[0].flows[0].receiver.packets == 893


def test_an_event_that_is_no_json_is_passed_over() -> None:
    good = ['{"event":"start","data":{}}', '{"event":"end","data":{}}']
    assert parse([good[0], '{"event":"interval","data":{', good[1]]).as_dict() == parse(good).as_dict()
