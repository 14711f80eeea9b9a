"""Forms of output that the recorded runs do not have: noise, several tests, events, units, old and rare rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from IperfLibrary.errors import IperfError
from IperfLibrary.result import Result
from IperfLibrary.tools import parsing
from IperfLibrary.tools.parsing import Parser, parse, parse_all
from utest.recorded import DATA, lines, runs

DOCUMENT = runs()["iperf3-3.12/json-tcp"]["client"].stdout
BIDIR = runs()["iperf3-3.9/json-bidir"]["client"].stdout


def plain(result: Result) -> dict[str, Any]:
    return result.as_dict()


# --- JSON


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["Warning:  --no-fq-socket-pacing is deprecated"], []),
        (["sent 131072 bytes of 131072, pending 0, total 131072", ""], ["", "root@dut:~# "]),
        (["send_parameters:", "{", '\t"tcp":\ttrue,', '\t"omit":\t0', "}"], []),
        (["root@dut:~# iperf3 -c 10.0.0.1 -J"], ["^C"]),
        ([], ["iperf3: interrupt - the client has terminated"][:0]),
    ],
)
def test_json_with_noise_around(before: list[str], after: list[str]) -> None:
    assert plain(parse([*before, *DOCUMENT, *after])) == plain(parse(DOCUMENT))


@pytest.mark.parametrize("opening", ["^C{", "\x1b[0m{", "\ufeff{", "root@dut:~# {", "dut> {"])
def test_json_behind_something_in_its_first_line(opening: str) -> None:
    assert plain(parse([opening, *DOCUMENT[1:]])) == plain(parse(DOCUMENT))


def test_json_with_other_line_ends_and_layouts() -> None:
    document = json.loads("\n".join(DOCUMENT))
    expected = plain(parse(DOCUMENT))
    assert plain(parse([line + "\r\n" for line in DOCUMENT])) == expected
    assert plain(parse([json.dumps(document)])) == expected
    assert plain(parse(json.dumps(document, indent=2).split("\n"))) == expected
    assert plain(parse(json.dumps(document, sort_keys=True, indent=1).split("\n"))) == expected


def test_json_fed_line_by_line_is_the_same() -> None:
    for document in (DOCUMENT, BIDIR):
        parser = Parser()
        for line in document:
            assert parser.feed(line + "\n") is None
        assert plain(parser.results()[0]) == plain(parse(document))


def test_a_document_that_is_printed_twice_counts_once() -> None:
    assert len(parse_all([*DOCUMENT, *DOCUMENT])) == 1


def test_several_documents_in_one_file() -> None:
    both = parse_all([*DOCUMENT, "some text between", *BIDIR])
    assert [plain(result) for result in both] == [plain(parse(DOCUMENT)), plain(parse(BIDIR))]


def test_a_cut_document_before_a_whole_one() -> None:
    cut, whole = parse_all([*DOCUMENT[:80], *BIDIR])
    assert cut.partial
    assert cut.received.bytes is None
    assert plain(whole) == plain(parse(BIDIR))


def test_the_servers_own_document_inside_is_no_result() -> None:
    output = runs()["iperf3-3.12/i3misc-gsoJJ"]["client"].stdout
    assert len(parse_all(output)) == 1
    assert not parse(output).partial
    inside = next(number for number, line in enumerate(output) if "server_output_json" in line)
    for cut in range(inside, len(output), 7):
        for found in parse_all(output[:cut]):
            assert found.partial
            assert found.role == "client"
    for cut in range(1, len(output), 11):
        assert not any(result.role == "server" for result in parse_all_or_nothing(output[cut:]))


def parse_all_or_nothing(output: list[str]) -> list[Result]:
    try:
        return parse_all(output)
    except IperfError:
        return []


def test_both_directions_of_duplicate_keys() -> None:
    flows = {flow.direction: flow for flow in parse(BIDIR).flows}
    assert flows["forward"].sender.bytes == 25165824 or flows["forward"].sender.bytes != flows["reverse"].sender.bytes


@pytest.mark.parametrize("broken", ["-nan", "nan", "inf", "-inf", "NaN", "Infinity", "null", '"12"', "1e999", "-1"])
def test_a_figure_that_is_no_number_is_unknown(broken: str) -> None:
    text = [line.replace('"bytes":\t50069504', f'"bytes":\t{broken}') for line in DOCUMENT]
    assert text != DOCUMENT
    assert parse(text).received.bytes is None


def test_absurd_documents_are_no_accident() -> None:
    huge = "9" * 400
    document = "\n".join(DOCUMENT).replace('"bytes":\t50069504', f'"bytes":\t{huge}').replace("1.000", huge)
    assert parse(document.split("\n")).received.bytes is None
    deep = ['{"start": ' + "[" * 100_000]
    assert parse_all(deep) == [] or parse(deep).partial
    parse_all(['{"start": {"version": 7, "test_start": []}, "intervals": {"a": 1}, "end": [1, 2]}'])
    parse_all(
        ['{"start": {"test_start": {"protocol": 5}}, "intervals": [null, {"streams": [1]}], "end": {"streams": [5]}}']
    )


def test_an_error_alone() -> None:
    (result,) = parse_all(["{", '\t"start":\t{', "\t},", '\t"error":\t"error - unable to connect to server: x"', "}"])
    assert result.error == "unable to connect to server: x"
    assert result.partial
    assert result.flows == ()


# --- events


def events(document: list[str], error: str | None = None) -> list[str]:
    data = json.loads("\n".join(document))
    found = [{"event": "start", "data": data["start"]}]
    found += [{"event": "interval", "data": interval} for interval in data["intervals"]]
    found += [{"event": "error", "data": error}] if error else []
    return [json.dumps(event) for event in [*found, {"event": "end", "data": {} if error else data["end"]}]]


def test_events_are_a_document() -> None:
    parser = Parser()
    intervals = [interval for interval in map(parser.feed, events(DOCUMENT)) if interval]
    assert plain(parser.results()[0]) == plain(parse(DOCUMENT))
    assert intervals == list(parse(DOCUMENT).intervals)


def test_events_followed_by_the_whole_document_are_one_result() -> None:
    assert [plain(r) for r in parse_all([*events(DOCUMENT), *DOCUMENT])] == [plain(parse(DOCUMENT))]


def test_events_of_a_run_that_broke() -> None:
    result = parse(events(DOCUMENT, error="control socket has closed unexpectedly"))
    assert result.partial
    assert result.error == "control socket has closed unexpectedly"
    assert result.received.bytes is None
    assert result.sent.bytes is not None
    assert len(result.intervals) == 2


def test_events_without_a_connection() -> None:
    result = parse(['{"event":"error","data":"unable to connect to server: x"}', '{"event":"end","data":{}}'])
    assert (result.error, result.flows) == ("unable to connect to server: x", ())


def test_events_of_several_tests_and_one_that_is_cut() -> None:
    found = parse_all([*events(DOCUMENT), *events(BIDIR)[:-1]])
    assert [result.partial for result in found] == [False, True]


# --- text of iperf3

TEXT = [
    "Connecting to host 10.0.0.1, port 5201",
    "[  5] local 10.0.0.2 port 40000 connected to 10.0.0.1 port 5201",
    "[ ID] Interval           Transfer     Bitrate         Retr  Cwnd",
    "[  5]   0.00-1.00   sec   112 MBytes   941 Mbits/sec    3    767 KBytes       ",
    "[  5]   1.00-2.00   sec   113 MBytes   942 Mbits/sec    0   1.12 MBytes       ",
    "- - - - - - - - - - - - - - - - - - - - - - - - -",
    "[ ID] Interval           Transfer     Bitrate         Retr",
    "[  5]   0.00-2.00   sec   225 MBytes   942 Mbits/sec    3             sender",
    "[  5]   0.00-2.04   sec   224 MBytes   923 Mbits/sec                  receiver",
    "",
    "iperf Done.",
    "",
]


def test_text() -> None:
    result = parse(TEXT)
    assert (result.role, result.protocol, result.partial) == ("client", "tcp", False)
    assert result.sent.bytes == 225 * 1024**2
    assert result.received.bits_per_second == 923e6
    assert result.retransmits == 3
    assert [row.retransmits for row in result.intervals] == [3, 0]
    assert result.intervals[0].congestion_window_bytes == 767 * 1024


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line + "\r\n",
        lambda line: "mytitle:  " + line,
        lambda line: "Mon Nov 23 12:00:01 2026 " + line,
        lambda line: "\x1b[32m" + line + "\x1b[0m",
        lambda line: line.replace("[  5]   1", "^C[  5]   1"),
        lambda line: line.replace("Bitrate  ", "Bandwidth"),
        lambda line: line.replace("[  5]", "[1234]"),
    ],
)
def test_text_with_additions(change: Any) -> None:
    expected, result = parse(TEXT), parse([change(line) for line in TEXT])
    assert result.sent == expected.sent
    assert result.received == expected.received
    assert result.intervals == expected.intervals


@pytest.mark.parametrize(
    ("transfer", "rate", "size", "bits"),
    [
        ("1.10 GBytes", "4.63 Gbits/sec", round(1.10 * 1024**3), 4.63e9),
        ("1.10 TBytes", "4.74 Tbits/sec", round(1.10 * 1024**4), 4.74e12),
        ("119 KBytes", "0.48 Mbits/sec", 119 * 1024, 0.48e6),
        ("5.00 MBytes", "0.02 Gbits/sec", 5 * 1024**2, 5 * 1024**2 * 4),
        ("5.00 MBytes", "0.00 GBytes/sec", 5 * 1024**2, 5 * 1024**2 * 4),
        ("225 MBytes", "112 MBytes/sec", 225 * 1024**2, 112 * 1024**2 * 8),
        ("225 MBytes", "115200 KBytes/sec", 225 * 1024**2, 115200 * 1024 * 8),
        ("2000 Bytes", "8000 bits/sec", 2000, 8000),
        ("0.00 Bytes", "0.00 bits/sec", 0, 0),
    ],
)
def test_units(transfer: str, rate: str, size: int, bits: float) -> None:
    result = parse([line.replace("224 MBytes   923 Mbits/sec", f"{transfer}  {rate}") for line in TEXT])
    assert result.received.bytes == size
    assert result.received.bits_per_second == pytest.approx(bits, rel=0.03)


def test_received_nothing_is_zero_when_the_run_was_whole_and_unknown_when_not() -> None:
    nothing = [line.replace("224 MBytes   923 Mbits/sec", "0.00 Bytes  0.00 bits/sec") for line in TEXT]
    assert parse(nothing).received.bytes == 0
    assert parse([line for line in nothing if "Done" not in line]).received.bytes is None
    assert parse(nothing, ["iperf3: error - the server has terminated"]).received.bytes is None


def test_the_servers_output_between_the_sums_of_both_directions() -> None:
    both = runs()["iperf3-3.12/i3misc-bidir"]
    client, server = both["client"].stdout, both["server"].stdout
    at = next(n for n, line in enumerate(client) if "[RX-C]   0.00-2.00" in line and "sender" in line)
    mixed = [*client[:at], "", "Server output:", *server[3:-4], "", *client[at:]]
    assert plain(parse(mixed)) == plain(parse(client))


def test_a_servers_log_of_several_tests() -> None:
    log = [line for name in ("RP3", "R", "bidir") for line in runs()[f"iperf3-3.12/i3misc-{name}"]["server"].stdout]
    found = parse_all(log, ["iperf3: interrupt - the server has terminated"])
    assert [(len(r.flows), r.partial, r.error) for r in found] == [(1, False, None), (1, False, None), (2, False, None)]
    assert all(r.role == "server" for r in found)


def test_windows_rows_have_no_retransmits() -> None:
    text = [
        line.replace("    3    767 KBytes       ", "").replace("    3             sender", "   sender") for line in TEXT
    ]
    assert parse(text).retransmits is None
    assert parse(text).sent.bytes == 225 * 1024**2


def test_live_intervals_of_several_streams_are_their_sum() -> None:
    parser = Parser()
    output = runs()["iperf3-3.12/i3misc-RP3"]["client"].stdout
    live = [row for row in map(parser.feed, output) if row]
    assert live == list(parser.results()[0].intervals)
    assert len(live) == 2


# --- text of iperf2


def iperf2(*rows: str, protocol: str = "TCP", server: bool = False) -> list[str]:
    if server:
        return [f"Server listening on {protocol} port 5001", *rows]
    return [f"Client connecting to 10.0.0.1, {protocol} port 5001", *rows]


CONNECTED = "[  3] local 10.0.0.2 port 40000 connected with 10.0.0.1 port 5001"
ACCEPTED = "[  4] local 10.0.0.1 port 5001 connected with 10.0.0.2 port 40000"


def test_a_client_without_intervals() -> None:
    result = parse(iperf2(CONNECTED, "[  3]  0.0-10.0 sec  1.10 GBytes   941 Mbits/sec"))
    assert not result.partial
    assert (result.sent.bytes, result.received.bytes) == (round(1.10 * 1024**3), None)
    assert result.intervals == ()


def test_one_second_may_be_the_first_of_many() -> None:
    result = parse(iperf2(CONNECTED, "[  3]  0.0- 1.0 sec   112 MBytes   941 Mbits/sec"))
    assert result.partial


@pytest.mark.parametrize("streams", [1, 2])
def test_an_interval_without_data_that_has_lost_its_name(streams: int) -> None:
    """2.0.14 servers, when nothing came for longer than an interval."""
    names = [str(4 + n) for n in range(streams)]
    accepted = [ACCEPTED.replace("4]", f"{name}]").replace("40000", f"4000{name}") for name in names]
    rows = [f"[  {name}] 0.0000-1.0000 sec  1000 Bytes  8000 bits/sec" for name in names]
    lost = ["[  0] 1.0000-2.0000 sec  0.000 Bytes  0.000 bits/sec"] * streams
    ends = ("2.0000-2.5000 sec  1000 Bytes  16000 bits/sec", "0.0000-2.5000 sec  2000 Bytes  6400 bits/sec")
    last = [f"[  {name}] {end}" for name in names for end in ends]
    result = parse(iperf2(*accepted, *rows, *lost, *last, server=True))
    assert not result.partial
    assert len(result.flows[0].streams) == streams
    assert result.received.bytes == 2000 * streams
    assert [i.bytes for i in result.intervals] == ([1000, 0, 1000] if streams == 1 else [2000, 2000])


def test_a_run_that_is_cut_has_the_sum_of_its_intervals_and_says_so() -> None:
    rows = [f"[  3] {n}.0-{n + 1:2}.0 sec   112 MBytes   941 Mbits/sec" for n in range(3)]
    result = parse(iperf2(CONNECTED, *rows))
    assert result.partial
    assert result.sent.bytes == 3 * 112 * 1024**2
    gap = parse(iperf2(CONNECTED, rows[0], rows[2]))
    assert gap.partial
    assert gap.sent.bytes is None


def test_the_sum_row_of_iperf2_is_not_believed() -> None:
    result = parse(
        iperf2(
            ACCEPTED,
            ACCEPTED.replace("4]", "5]").replace("40000", "40002"),
            "[  4]  0.0-10.0 sec   100 MBytes  83.9 Mbits/sec",
            "[  5]  0.0-10.0 sec   100 MBytes  83.9 Mbits/sec",
            "[SUM]  0.0-10.0 sec   300 MBytes   252 Mbits/sec",
            server=True,
        )
    )
    assert result.received.bytes == 200 * 1024**2
    assert result.sent.bytes is None
    assert len(result.flows[0].streams) == 2


@pytest.mark.parametrize("ident", ["1912", "  3", "key(1)", " *3"])
def test_ids_of_all_kinds(ident: str) -> None:
    result = parse(
        iperf2(CONNECTED.replace("  3", ident), f"[{ident}] 0.0000-10.0012 sec  1.10 GBytes   941 Mbits/sec")
    )
    assert not result.partial
    assert result.flows[0].reverse == ("*" in ident)


def test_a_report_that_cannot_be() -> None:
    rows = (
        CONNECTED,
        "[  3]  0.0-10.0 sec  1.25 MBytes  1.05 Mbits/sec",
        "[  3] Sent 893 datagrams",
        "[  3] Server Report:",
    )
    good = parse(
        iperf2(*rows, "[  3]  0.0-10.0 sec  1.25 MBytes  1.05 Mbits/sec   0.043 ms    5/  893 (0.56%)", protocol="UDP")
    )
    assert (good.lost_packets, good.packets, good.jitter_ms) == (5, 893, 0.043)
    for row in (
        "[  3] 0.0000-0.0000 sec  4.00 GBytes  -nan bits/sec   0.000 ms 4294967096/0 (0%)",
        "[  3]  0.0-10.0 sec  1.25 MBytes  1.05 Mbits/sec   0.043 ms 900/  893 (0.56%)",
        "[  3]  0.0-10.0 sec  1.25 MBytes  1.05 Mbits/sec   0.043 ms  5/99999 (0.56%)",
        "[  3]  0.0-10.0 sec  1.25 GBytes  1.05 Gbits/sec   0.043 ms  5/99999 (0.56%)",
        "[  3]  0.0- 2.0 sec   256 KBytes  1.05 Mbits/sec   0.043 ms    5/  178 (2.8%)",
    ):
        assert parse(iperf2(*rows, row, protocol="UDP")).lost_packets is None
    missing = parse(
        iperf2(*rows[:3], protocol="UDP"), ["[  3] WARNING: did not receive ack of last datagram after 10 tries."]
    )
    assert (missing.received.bytes, missing.lost_packets, missing.partial) == (None, None, True)
    assert missing.sent.packets == 893


def test_a_log_of_an_iperf2_server() -> None:
    log = [
        line
        for port in (40000, 40002)
        for line in (
            ACCEPTED.replace("40000", str(port)),
            "[  4]  0.0- 1.0 sec   112 MBytes   941 Mbits/sec",
            "[  4]  1.0- 2.0 sec   112 MBytes   941 Mbits/sec",
            "[  4]  0.0- 2.0 sec   224 MBytes   941 Mbits/sec",
        )
    ]
    found = parse_all(
        iperf2(*log, server=True), ["Waiting for server threads to complete. Interrupt again to force quit."]
    )
    assert [(r.received.bytes, r.partial, r.error) for r in found] == [(224 * 1024**2, False, None)] * 2


def test_a_warm_up_of_iperf2_is_no_part_of_the_run() -> None:
    rows = ("0.00-1.00 sec   100 MBytes   839 Mbits/sec (omitted)", "0.00-1.00 sec   112 MBytes   941 Mbits/sec")
    more = ("1.00-2.00 sec   112 MBytes   941 Mbits/sec", "0.00-2.00 sec   224 MBytes   941 Mbits/sec")
    result = parse(iperf2(CONNECTED, *(f"[  3] {row}" for row in (*rows, *more))))
    assert (result.sent.bytes, result.partial) == (224 * 1024**2, False)
    assert [row.omitted for row in result.intervals] == [True, False, False]


def test_rows_that_are_none() -> None:
    output = iperf2(
        CONNECTED,
        "[  3] 0.0000-2.0160 sec  3.91 KBytes  15.9 Kbits/sec    20=0.194/0.017/3.3/0.7 ms  0  576K/1988 us  5164 rps",
        "[  3] 0.0000-2.0160 sec BB8(f)-PDF: bin(w=100us):cnt(20)=1:18,2:1,34:1 (5.00/95.00/99.7%=1/34/34,Outliers=1)",
        "[  3] 0.0000-2.0160 sec T8-PDF: bin(w=10us):cnt(200)=1:18",
        "[  3] 0.0-2.0 sec  OWD Delays (ms) Cnt=20 To=0.1/0.2/0.3/0.4 From=0.1/0.2/0.3/0.4",
    )
    result = parse(output)
    assert not result.partial
    assert result.sent.bytes == round(3.91 * 1024)
    assert result.jitter_ms is None


# --- CSV

CSV = "20261123122627,{},{},{},{},{},{},{},{}"


def test_whose_csv_it_is() -> None:
    rows = lines("407-gen-iperf2-2.1.8-csv-client.txt")
    unknown = parse(rows)
    assert (unknown.sent.bytes, unknown.received.bytes) == (None, None)
    assert len(unknown.intervals) == 2
    assert parse(rows, role="client").sent.bytes == 2668625980
    assert parse(rows, role="server").received.bytes == 2668625980
    old = lines("401-gen-iperf2-2.0.13-csv-server.txt")
    assert parse(old).received.bytes == 3327787008
    assert parse(lines("400-gen-iperf2-2.0.13-csv-client.txt")).sent.bytes == 3327787008


def test_csv_of_both_directions_at_a_server_needs_the_port() -> None:
    output = runs()["iperf2-2.2.0/run-csvd"]["server"].stdout
    assert all(flow.receiver.bytes is None for flow in parse(output, role="server").flows)
    flows = {flow.direction: flow for flow in parse(output, role="server", port=6389).flows}
    assert flows["forward"].receiver.bytes == 1343750208
    assert flows["reverse"].sender.bytes == 1228406784


def test_a_csv_row_that_is_cut_has_no_rate() -> None:
    rows = lines("400-gen-iperf2-2.0.13-csv-client.txt")
    result = parse([*rows[:2], rows[2][:-3]])
    assert result.sent.bytes == 3327787008
    assert result.sent.bits_per_second is None


# --- nothing of iperf


@pytest.mark.parametrize(
    "output", [[], [""], ["hello", "world"], ["{}"], ["{", "}"], ["[1]", '{"a": {"b": 1}}'], ["\x00\xff"]]
)
def test_what_is_no_output_of_iperf_is_refused(output: list[str]) -> None:
    with pytest.raises(IperfError) as caught:
        parse(output)
    assert caught.value.kind == "unreadable"
    assert caught.value.remedy
    assert parse_all(output) == []


def test_an_error_alone_is_a_result_with_the_error() -> None:
    result = parse([], ["iperf3: error - unable to connect to server: Connection refused"])
    assert (result.tool, result.error) == ("iperf3", "unable to connect to server: Connection refused")
    assert result.partial


def test_results_may_be_asked_at_any_moment() -> None:
    for output in (TEXT, DOCUMENT, events(DOCUMENT), lines("362-gen-iperf2-2.0.13-loss-uP2-client.txt")):
        parser = Parser()
        for line in output:
            parser.feed(line)
            parser.results()
        assert [plain(r) for r in parser.results()] == [plain(r) for r in parse_all(output)]


def test_a_client_that_was_refused_after_a_good_run_is_the_last_test() -> None:
    """A file that several runs were appended to: the last one failed, so the rate of the one before is not its result."""
    good = runs()["iperf3-3.12/i3misc-V"]["client"].stdout
    refused = ["iperf3: error - unable to connect to server: Connection refused"]
    last = parse([*good, "Connecting to host 10.0.0.1, port 5201", *refused])
    assert last.error is not None
    assert last.partial
    assert last.bits_per_second is None
    # Without the line before it the error may be that of the run: then that is none to be relied on.
    assert parse([*good, *refused]).partial


def test_no_line_that_tells_the_form_is_passed_over() -> None:
    """In what was recorded; what has none of the hints is not looked at."""
    files = [path for path in DATA.rglob("*") if path.suffix in (".txt", ".json", ".csv")]
    told = [
        line
        for path in files
        for line in path.read_text(errors="replace").splitlines()
        if parsing._FORMS.search(line, 0, parsing._LONGEST)
    ]
    assert len(told) > 1000
    assert [line for line in told if not parsing._may_tell(line)] == []


@pytest.mark.parametrize(
    "line",
    [
        '{"event":"start","data":{}}',
        '{ "start" : {',
        "Connecting to host h, port 5201",
        "Accepted connection from 10.0.0.1, port 1",
        "Server listening on 5201",
        "[  5] local 10.0.0.2 port 4 connected to 10.0.0.1 port 5201",
        "[  5]   0.00-1.00   sec  1 MBytes",
        "[ID][Role] Interval",
        "[ ID] x [ID]",
        "iperf 3.1",
        "[  5][TX-C]   0.00-1.00",
        "[SUM][RX-S]",
        "Client connecting to h, TCP port 5001",
        "Server listening on UDP port 5001",
        "[  3] local 10.0.0.2 port 4 connected with 10.0.0.1 port 5001",
        "[  3]  0.0- 1.0 sec  1 MBytes",
        "[  3] 0.00-1.00 sec  1 MBytes",
        "20260102030405,10.0.0.1,5001,10.0.0.2,40000,3,0.0-1.0,1,8",
        "time,srcaddress,srcport",
    ],
)
def test_each_form_of_a_first_line_is_looked_at(line: str) -> None:
    assert parsing._FORMS.search(line) is None or parsing._may_tell(line)
    assert parsing._may_tell(line)
