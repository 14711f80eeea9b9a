"""The block in the log: what it says, that unknown is not 0, and that no text of others becomes markup."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from xml.etree.ElementTree import Element, fromstring

import pytest

from IperfLibrary.block import STREAMS, as_html
from IperfLibrary.parts import UNKNOWN
from IperfLibrary.result import End, Flow, Interval, Result, Stream
from IperfLibrary.tools.parsing import parse, parse_all
from utest.recorded import Output, lines, outputs

EVIL = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\"' style='&lt;\x1b[2J\x00\udc80*HTML*"
SENT = End(bytes=1_200_000_000, bits_per_second=950e6, seconds=10.0, retransmits=7)
GOT = End(bytes=1_176_502_272, bits_per_second=941.3e6, seconds=10.004)
RUN = Result("iperf3", "3.12", "tcp", "client", (Flow("upstream", False, SENT, GOT),), client="dut", server="pc")


def block(result: Result, *arguments: object) -> Element:
    return fromstring(as_html(result, *arguments))  # type: ignore[arg-type]


def text_of(element: Element | None) -> str:
    assert element is not None
    return "".join(element.itertext())


def of_class(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def texts(root: Element, name: str) -> list[str]:
    return [text_of(element) for element in of_class(root, name)]


def table(root: Element, name: str) -> list[list[str]]:
    [found] = of_class(root, name)
    return [[text_of(cell) for cell in row] for row in found]


def figures(*flows: Flow, protocol: str = "tcp") -> dict[str, list[str]]:
    rows = table(block(replace(RUN, flows=flows, protocol=protocol)), "iperf-figures")
    return {row[0]: row[1:] for row in rows}


def test_the_headline_is_what_was_received() -> None:
    assert texts(block(RUN), "iperf-headline") == [
        "Received: upstream 941.3 Mbit/s – iperf3 TCP, client dut, server pc"
    ]


def test_the_headline_has_each_direction() -> None:
    [text] = texts(
        block(replace(RUN, client=None, server=None, flows=(*RUN.flows, Flow("downstream", True)))), "iperf-headline"
    )
    assert text == "Received: upstream 941.3 Mbit/s, downstream not reported – iperf3 TCP"


def test_nothing_measured() -> None:
    found = block(Result("iperf3", None, "tcp", "client"))
    assert texts(found, "iperf-headline") == ["Nothing measured – iperf3 TCP"]
    assert not of_class(found, "iperf-figures")


def test_figures_of_tcp() -> None:
    sender = replace(SENT, max_congestion_window_bytes=2048, min_rtt_ms=0.5, max_rtt_ms=2.0)
    assert table(block(replace(RUN, flows=(Flow("upstream", False, sender, GOT),))), "iperf-figures") == [
        ["", "upstream (dut → pc)"],
        ["Received", "941.3 Mbit/s"],
        ["Sent", "950 Mbit/s"],
        ["Data received", "1.096 GByte in 10 s"],
        ["Data sent", "1.118 GByte in 10 s"],
        ["Retransmits", "7"],
        ["Largest congestion window", "2 KByte"],
        ["Round trip: least, mean, most", "0.500 ms, not reported, 2.000 ms"],
    ]


def test_figures_of_udp() -> None:
    got = replace(GOT, jitter_ms=0.0124, lost_packets=85, packets=863, out_of_order=2)
    found = figures(Flow("forward", False, SENT, got), protocol="udp")
    assert found["Lost packets"] == ["85 of 863 (9.849 %)"]
    assert found["Jitter"] == ["0.012 ms"]
    assert found["Out of order"] == ["2"]
    assert "Retransmits" not in found


def test_each_direction_has_a_column_that_tells_who_sends() -> None:
    found = table(
        block(replace(RUN, flows=(*RUN.flows, Flow("downstream", True, End(bits_per_second=1.0), GOT)))),
        "iperf-figures",
    )
    assert found[0] == ["", "upstream (dut → pc)", "downstream (pc → dut)"]
    assert found[2] == ["Sent", "950 Mbit/s", "1 bit/s"]


def test_unknown_is_not_reported_and_0_is_0() -> None:
    found = figures(Flow("upstream", False))
    assert list(found) == ["", "Received", "Sent", "Data received", "Data sent", "Retransmits"]
    assert [found[name] for name in found if name] == [[UNKNOWN]] * 5
    nothing = End(bytes=0, bits_per_second=0.0, retransmits=0)
    found = figures(Flow("upstream", False, nothing, nothing))
    assert [found[name] for name in found if name] == [["0 bit/s"], ["0 bit/s"], ["0 Byte"], ["0 Byte"], ["0"]]


def test_unknown_loss_is_not_reported() -> None:
    assert figures(Flow("forward", False), protocol="udp")["Lost packets"] == [UNKNOWN]
    assert figures(Flow("forward", False), protocol="udp")["Jitter"] == [UNKNOWN]
    none = Flow("forward", False, End(), End(lost_packets=0, packets=0))
    assert figures(none, protocol="udp")["Lost packets"] == ["0 of 0"]
    some = Flow("forward", False, End(), End(lost_packets=3))
    assert figures(some, protocol="udp")["Lost packets"] == ["3 of not reported"]


def test_a_figure_of_one_direction_alone_is_unknown_of_the_other() -> None:
    known = Flow("upstream", False, replace(SENT, max_congestion_window_bytes=1024))
    assert figures(known, Flow("downstream", True))["Largest congestion window"] == ["1 KByte", UNKNOWN]


def test_the_verdict() -> None:
    found = block(RUN, None, [("at least 900 Mbit/s", True), ("no retransmits", False)])
    assert texts(found, "iperf-badge") == ["FAIL"]
    assert texts(found, "iperf-asked") == ["✔ at least 900 Mbit/s", "✘ no retransmits"]
    assert [asked[0].get("aria-label") for asked in of_class(found, "iperf-asked")] == ["passed: ", "failed: "]
    assert texts(block(RUN, None, [("at least 900 Mbit/s", True)]), "iperf-badge") == ["PASS"]
    assert texts(block(RUN), "iperf-badge") == []


def test_an_error_and_a_partial_result_are_told() -> None:
    found = block(replace(RUN, error="the server has\nterminated", partial=True), None, [("x", True)])
    assert texts(found, "iperf-badge") == ["PASS", "ERROR", "PARTIAL"]
    assert texts(found, "iperf-trouble") == [
        "the server has\nterminated",
        "The run did not come to its end. The figures are those until then.",
    ]
    assert "pre-wrap" in of_class(found, "iperf-trouble")[0].get("style", "")
    assert texts(block(replace(RUN, error="")), "iperf-badge") == ["ERROR"]
    assert texts(block(RUN), "iperf-trouble") == []


def test_parallel_streams_are_folded_away() -> None:
    streams = (Stream(5, SENT, GOT), Stream(7, End(), End(bits_per_second=1e6)))
    found = block(replace(RUN, flows=(replace(RUN.flows[0], streams=streams),)))
    assert texts(found, "iperf-details")[0].startswith("2 streams")
    assert table(found, "iperf-streams") == [
        ["Stream", "Received", "Sent", "Retransmits"],
        ["upstream 5", "941.3 Mbit/s", "950 Mbit/s", "7"],
        ["upstream 7", "1 Mbit/s", UNKNOWN, UNKNOWN],
    ]
    assert "open" not in of_class(found, "iperf-details")[0].attrib


def test_streams_of_udp_have_their_loss() -> None:
    streams = tuple(Stream(number, End(), End(lost_packets=1, packets=4)) for number in (5, 7))
    found = block(replace(RUN, protocol="udp", flows=(replace(RUN.flows[0], streams=streams),)))
    assert [row[3] for row in table(found, "iperf-streams")] == ["Lost packets", "1 of 4 (25 %)", "1 of 4 (25 %)"]


def test_one_stream_in_each_direction_is_not_listed_again() -> None:
    flows = tuple(replace(RUN.flows[0], direction=name, streams=(Stream(5),)) for name in ("upstream", "downstream"))
    assert not of_class(block(replace(RUN, flows=flows)), "iperf-streams")


def test_a_flood_of_streams_is_cut() -> None:
    streams = tuple(Stream(number) for number in range(STREAMS + 5))
    found = block(replace(RUN, flows=(replace(RUN.flows[0], streams=streams),)))
    assert len(table(found, "iperf-streams")) == STREAMS + 1
    assert "and 5 more, see the files" in text_of(found)


def test_options_and_versions() -> None:
    run = replace(
        RUN, client_version="3.12", congestion="cubic", server_cpu_percent=2.5, options={"time": "10 s", "udp": False}
    )
    assert table(block(run), "iperf-run") == [
        ["iperf3 on the client", "3.12"],
        ["iperf3 on the server", UNKNOWN],
        ["congestion control", "cubic"],
        ["CPU time of the server", "2.5 %"],
        ["time", "10 s"],
        ["udp", "False"],
    ]


def test_the_chart_is_there_where_there_is_one() -> None:
    intervals = (Interval(0, 1, 1, 8.0), Interval(1, 2, 1, 8.0))
    assert len(of_class(block(replace(RUN, flows=(replace(RUN.flows[0], intervals=intervals),))), "iperf-chart")) == 1
    assert of_class(block(RUN), "iperf-chart") == []


@pytest.mark.parametrize(
    ("path", "href"),
    [
        ("raw_iperf/a.json", "raw_iperf/a.json"),
        ("../x/a b#c?d&e%41.json", "../x/a%20b%23c%3Fd%26e%2541.json"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("ä\udc80.json", "%C3%A4%80.json"),
        ("//evil.example/x", None),
        ("/etc/passwd", None),
        ("\\\\evil.example\\x", "%5C%5Cevil.example%5Cx"),
        ("\ud800", None),
    ],
)
def test_links_are_relative(path: str, href: str | None) -> None:
    found = block(RUN, {"raw output": path})
    assert [link.get("href") for link in found.iter("a")] == ([href] if href else [])
    assert "raw output" in text_of(of_class(found, "iperf-files")[0])


def test_no_files_are_no_links() -> None:
    assert not of_class(block(RUN), "iperf-files")


def evil_result() -> Result:
    """One with the hostile text in each field that takes a text."""
    made = {f.name: EVIL for f in fields(Result) if "str" in str(f.type) and f.name != "options"}
    flow = Flow(EVIL, False, intervals=(Interval(0, 1, 1, 8.0), Interval(1, 2, 1, 8.0)), streams=(Stream(1), Stream(2)))
    return Result(**{**made, "flows": (flow, flow), "options": {EVIL: EVIL}})  # type: ignore[arg-type]


def test_every_field_with_a_text_is_tried() -> None:
    made = evil_result()
    assert [made.tool, made.protocol, made.error, made.client, made.server, made.congestion, made.server_version] == [
        EVIL
    ] * 7


def test_hostile_texts_stay_texts() -> None:
    found = as_html(evil_result(), {EVIL: EVIL}, [(EVIL, True)])
    found.encode()
    assert not re.search(r"<script|<img|[\x00-\x08\x0b-\x1f]", found)
    check(fromstring(found))
    assert "<script>alert(1)</script>" in text_of(fromstring(found))


def check(root: Element) -> None:
    """Nothing that runs, is fetched, or changes what is around it."""
    allowed = {"div", "span", "b", "i", "a", "table", "tr", "th", "td", "details", "summary"}
    assert {part.tag for part in root.iter()} <= allowed | {"svg", "title", "line", "text", "rect", "path"}
    for part in root.iter():
        assert not [name for name in part.attrib if name.startswith("on") or name in ("src", "id")]
        assert all(name.startswith("iperf-") for name in part.get("class", "").split())
        assert not re.search(r"url\(|position:|expression|@", part.get("style", ""))


@pytest.mark.parametrize("output", list(outputs()), ids=str)
def test_every_recorded_output_is_a_block(output: Output) -> None:
    for result in parse_all(output.stdout, output.stderr, role=output.role):
        found = as_html(result, {"raw output": "raw/x.json"})
        assert len(found) < 40_000
        check(fromstring(found))


def test_a_recorded_run() -> None:
    found = block(parse(lines("174-gen-iperf3-3.12-loss5-udpO-client.txt")))
    rows = {row[0]: row[1] for row in table(found, "iperf-figures")}
    assert rows["Received"] == "4.69 Mbit/s"
    assert rows["Lost packets"].startswith("85 of 863 ")
    assert len(of_class(found, "iperf-chart")) == 1
