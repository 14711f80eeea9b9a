"""Rows that a broken line or a busy console has made of iperf's: what can be known of them stays, the rest is unknown."""

from __future__ import annotations

import json
import math
from dataclasses import fields

import pytest

from IperfLibrary.result import End, Interval
from IperfLibrary.tools.iperf3_figures import interval_of
from IperfLibrary.tools.iperf3_intervals import Intervals
from IperfLibrary.tools.iperf3_rows import arrived
from IperfLibrary.tools.parsing import Parser, parse, parse_all
from IperfLibrary.tools.rows import _COMBINE, Cache, size

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


TCP_CLIENT = [
    "[  5] local 10.0.0.2 port 40000 connected to 10.0.0.1 port 5201",
    "[ ID] Interval           Transfer     Bitrate         Retr  Cwnd",
    "[  5]   0.00-1.00   sec  11.2 MBytes  94.0 Mbits/sec    0    194 KBytes",
    "- - - - - - - - - - - - - - - - - - - - - - - - -",
    "[ ID] Interval           Transfer     Bitrate         Retr",
    "[  5]   0.00-1.00   sec  11.2 MBytes  94.0 Mbits/sec    7             sender",
    "[  5]   0.00-1.00   sec  11.0 MBytes  92.3 Mbits/sec                  receiver",
]


@pytest.mark.parametrize("rate", ["9.4", "940", ".."])
def test_a_sum_whose_size_and_rate_do_not_agree_is_unknown(rate: str) -> None:
    """One of the two has lost or won a digit, and nothing tells which."""
    flow = parse([*TCP_CLIENT[:-1], TCP_CLIENT[-1].replace("92.3", rate)]).flows[0]
    assert (flow.receiver.bytes, flow.receiver.bits_per_second) == (None, None)
    assert (flow.sender.bytes, flow.sender.bits_per_second) == (11_744_051, 94e6)


def test_each_figure_of_an_end_adds_up_over_its_streams() -> None:
    assert [field.name for field in fields(End)] == list(_COMBINE)


def test_one_text_is_as_good_as_lines() -> None:
    assert parse("\n".join(TCP_CLIENT)) == parse(TCP_CLIENT)


@pytest.mark.parametrize(("packets", "known"), [(77, 77), (100_000, None)])
def test_more_datagrams_than_were_sent_are_unknown(packets: int, known: int | None) -> None:
    udp = {"socket": 5, "seconds": 2.0, "bytes": 2_523_136, "packets": 77, "lost_packets": 0, "jitter_ms": 0.1}
    whole = {"seconds": 2.0, "bytes": 2_523_136, "bits_per_second": 1e7}
    end = {
        "streams": [{"udp": udp}],
        "sum": {**udp, "packets": packets},
        "sum_sent": {**whole, "packets": 77},
        "sum_received": {**udp, "packets": packets},
        "cpu_utilization_percent": {"remote_total": 1},
    }
    start = {"version": "iperf 3.12", "test_start": {"protocol": "UDP", "num_streams": 1, "blksize": 32768}}
    (flow,) = parse([json.dumps({"start": start, "intervals": [], "end": end})]).flows
    assert (flow.receiver.packets, flow.receiver.jitter_ms) == (known, 0.1)
    assert flow.receiver.lost_packets == (None if known is None else 0)


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


CSV = "{stamp},10.0.0.1,5001,10.0.0.2,40000,3,0.0-10.0,1310720,1048576{rest}"


def test_csv_of_a_client_that_was_refused() -> None:
    header = "time,srcaddress,srcport,dstaddr,dstport,transferid,istart,iend,bytes,speed"
    (result,) = parse_all([header, "tcp connect failed: Connection refused"], role="client")
    assert result.error == "tcp connect failed: Connection refused"
    assert (result.partial, result.flows) == (True, ())
    (told,) = parse_all([header], ["tcp connect failed: Connection refused"], role="client")
    assert told.error == result.error
    assert parse_all([header], role="client") == []


def test_csv_of_a_device_whose_clock_tells_no_time() -> None:
    good, odd = (parse([CSV.format(stamp=stamp, rest="")], role="server") for stamp in ("20260101000000", "0" * 14))
    assert odd.as_dict() == good.as_dict()
    assert odd.flows[0].receiver.bytes == 1_310_720


def test_a_jitter_in_csv_that_is_no_number_makes_unknown_what_arrived() -> None:
    row = CSV.format(stamp="20260101000000", rest=",0.0.10,3,893,0.336,0")
    receiver = parse([row], role="server").flows[0].receiver
    assert receiver.jitter_ms is None
    assert (receiver.lost_packets, receiver.packets) == (None, None)
    assert receiver.bytes == 1_310_720


def test_an_error_behind_the_events_of_iperf3_is_told() -> None:
    words = "iperf3: error - unable to receive control message: Connection reset by peer"
    parser = Parser()
    parser.read(['{"event":"start","data":{}}', '{"event":"end","data":{}}', words])
    (result,) = parser.results()
    assert (result.error, result.partial) == (words.removeprefix("iperf3: error - "), True)


def test_streams_that_change_places_keep_their_rows() -> None:
    def row(socket: int, start: int, count: int) -> dict[str, object]:
        return {"socket": socket, "start": start, "end": start + 1, "bytes": count, "bits_per_second": 8.0 * count}

    found = Intervals()
    found.add([{"streams": [row(5, 0, 50), row(7, 0, 70)]}, {"streams": [row(7, 1, 71), row(5, 1, 51)]}])
    assert {socket: [one.bytes for one in rows] for socket, rows in found.streams.items()} == {5: [50, 51], 7: [70, 71]}


@pytest.mark.parametrize(
    "change", [{"lost_packets": 11}, {"jitter_ms": "x"}, {"bits_per_second": math.inf}, {"retransmits": 4}]
)
def test_one_odd_row_among_many_is_read_as_if_it_were_alone(change: dict[str, object]) -> None:
    row = {"start": 0.0, "end": 1.0, "bytes": 10, "bits_per_second": 80.0, "packets": 10, "lost_packets": 1}
    rows = [{**row, "jitter_ms": 0.5, "start": float(at), "end": at + 1.0} for at in range(40)]
    rows[20] |= change  # type: ignore[arg-type]
    found = Intervals()
    found.add([{"streams": [{"socket": 5, **one}]} for one in rows])
    assert found.streams[5] == [interval_of(one) for one in rows]


def test_counts_of_datagrams_that_cannot_be_are_unknown_and_the_jitter_stays() -> None:
    got = {"start": 0, "end": 1, "seconds": 1, "bytes": 14_480, "bits_per_second": 115_840, "jitter_ms": 0.5}
    end = {"sum": {**got, "sender": True, "packets": 10, "lost_packets": 0}}
    end["sum_received"] = {**got, "packets": 500, "lost_packets": 490}
    document = {
        "start": {"test_start": {"protocol": "UDP", "blksize": 1448}},
        "intervals": [],
        "end": {**end, "streams": [{"udp": {**end["sum"], "socket": 5}}]},
    }
    receiver = parse(json.dumps(document, indent=1).split("\n")).flows[0].receiver
    assert (receiver.lost_packets, receiver.packets, receiver.jitter_ms) == (None, None, 0.5)


def test_a_cache_that_is_full_begins_anew_and_still_tells_the_same() -> None:
    sizes = Cache(size)
    assert all(sizes[f"{number} Bytes"] == size(f"{number} Bytes") for number in range(20_000))
    assert len(sizes) < 20_000


@pytest.mark.parametrize("tail", ["    0    325 KBytes       ", "  0.010 ms  3/893 (0.34%)  "])
def test_many_rows_of_iperf3_at_once_are_those_of_each_line(tail: str) -> None:
    head = [
        "Connecting to host 10.0.0.1, port 5201",
        "[  5] local 10.0.0.2 port 40000 connected to 10.0.0.1 port 5201",
        "[ ID] Interval           Transfer     Bitrate",
    ]
    _same_at_once([*head, *(f"[  5] {n:3d}.00-{n + 1}.00 sec  1.25 MBytes  10.5 Mbits/sec{tail}" for n in range(100))])


@pytest.mark.parametrize("tail", ["", "   0.010 ms    3/  893 (0.34%)"])
def test_many_rows_of_iperf2_at_once_are_those_of_each_line(tail: str) -> None:
    head = [
        "Server listening on TCP port 5001",
        "[  4] local 10.0.0.1 port 5001 connected with 10.0.0.2 port 40000",
    ]
    _same_at_once([*head, *(f"[  4] {n:2d}.0-{n + 1:2d}.0 sec  1.25 MBytes  10.5 Mbits/sec{tail}" for n in range(90))])


def _same_at_once(output: list[str]) -> None:
    at_once, one_by_one = Parser(), Parser()
    found = at_once.read(output)
    assert found == [row for row in map(one_by_one.feed, output) if row]
    assert len(found) >= 90
    assert at_once.results() == one_by_one.results()


# -- the end of the warm-up


def behind_omit(*rows: tuple[float, float, float, int, bool]) -> list[Interval]:
    """The intervals of a document with these: start, end, seconds, bytes, omitted."""
    raws = [
        {"socket": 5, "start": start, "end": end, "seconds": seconds, "bytes": count, "bits_per_second": count * 8 / seconds,
         "omitted": omitted, "packets": 172}
        for start, end, seconds, count, omitted in rows
    ]  # fmt: skip
    found = Intervals()
    found.add([{"streams": [raw], "sum": raw} for raw in raws])
    assert found.sums == found.streams[5]
    return found.sums


@pytest.mark.parametrize("told", [1, 0])
def test_the_first_interval_behind_the_warm_up_takes_its_time(told: int) -> None:
    """iperf3 may end the warm-up before the interval in it: the next row begins where that had begun, and takes no time."""
    omitted = [(0.0, 1.00009, 1.00009, 700, True)][:told]
    found = behind_omit(*omitted, (0.99998, 1.00001, 1.99999, 500, False), (1.00001, 2.0, 1.0, 600, False))[told:]
    assert [(row.start, row.end, row.bytes) for row in found] == [(0.0, 1.00001, 500), (1.00001, 2.0, 600)]
    assert found[0].bits_per_second == pytest.approx(4000, rel=1e-3)
    assert [row.packets for row in found] == [None, 172]


def test_the_same_in_text() -> None:
    text = [
        "[  5] local 10.0.0.2 port 40000 connected to 10.0.0.1 port 5201",
        "[ ID] Interval           Transfer     Bitrate         Retr  Cwnd",
        "[  5]   0.00-1.00   sec  6.00 MBytes  50.3 Mbits/sec    0    194 KBytes       (omitted)",
        "[  5]   1.00-1.00   sec  6.00 MBytes  25.2 Mbits/sec    0    194 KBytes",
        *(f"[  5]   {n}.00-{n + 1}.00   sec  6.00 MBytes  50.3 Mbits/sec    0    194 KBytes" for n in range(1, 40)),
    ]
    slow = Parser()
    rows = [row for row in map(slow.feed, text) if row]
    assert [(row.start, row.end) for row in rows[:2]] == [(0.0, 1.0), (1.0, 2.0)]
    assert rows[0].bits_per_second == 6 * 1024 * 1024 * 8
    assert Parser().read(text) == rows


def test_the_last_moment_of_a_run_whose_beginning_is_cut_off_stays_one() -> None:
    """It is no interval from 0 s on, with next to nothing in it."""
    text = ["[  5]  10.00-10.04  sec   256 KBytes  52.4 Mbits/sec    0    194 KBytes"]
    (row,) = filter(None, map(Parser().feed, [*TCP_CLIENT[:2], *text]))
    assert (row.start, row.end, row.bits_per_second) == (10.0, 10.04, 52.4e6)


def test_a_dead_last_interval_of_iperf2_is_one() -> None:
    """What is missing in the rows came after the last of them; only a server of 2.0.4 prints 0 for what is not."""
    head = ["Server listening on TCP port 5001", "[  4] local 10.0.0.1 port 5001 connected with 10.0.0.2 port 40000"]
    full = [f"[  4] {n}.0000-{n + 1}.0000 sec  122 KBytes  1000 Kbits/sec" for n in range(3)]
    end = ["[  4] 3.0000-4.0000 sec  0.00 Bytes  0.00 bits/sec", "[  4] 0.0000-4.0609 sec  488 KBytes  985 Kbits/sec"]
    assert [row.bytes for row in parse([*head, *full, *end]).flows[0].intervals] == [124_928, 124_928, 124_928, 0]


def test_a_stream_that_ends_a_little_early_takes_no_interval_from_all() -> None:
    lines = [
        "Server listening on TCP port 5001",
        *(f"[  {n}] local 10.0.0.1 port 5001 connected with 10.0.0.2 port 4000{n}" for n in (4, 5)),
        *(f"[  {n}] {at}.0000-{at + 1}.0000 sec  122 KBytes  1000 Kbits/sec" for at in range(2) for n in (4, 5)),
        "[  4] 2.0000-3.0000 sec  0.00 Bytes  0.00 bits/sec",
        "[  5] 2.0000-2.9989 sec  0.00 Bytes  0.00 bits/sec",
        *(f"[  {n}] 0.0000-3.0000 sec  244 KBytes  666 Kbits/sec" for n in (4, 5)),
    ]
    assert [row.bytes for row in parse(lines).flows[0].intervals] == [249_856, 249_856, 0]
