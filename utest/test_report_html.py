"""The report as text: what is in it, what it weighs, and that no name of a device or test becomes part of its markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from IperfLibrary.report import text as page_text
from IperfLibrary.report.assets import SCRIPT, START, STYLE
from IperfLibrary.report.detail import detail
from IperfLibrary.report.page import FIRST_TRENDS, report_of
from IperfLibrary.report.records import CompanionRecord, Failure, Figures, FlowRecord, Record, RunRecords, Verdict
from IperfLibrary.report.series import Series
from IperfLibrary.report.trends import Row, card, trends_of
from utest.sample_records import nights

MOMENT = "2026-01-02T03:04:05+01:00"
HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "--><b>bold</b>",
    "\u2028alert(1)\u2029",
    '" onmouseover="alert(1)" x=\'',
    "</style></title></table></svg><iframe src=javascript:alert(1)>",
    "&lt;img src=x&gt;&#60;b&#62;",
    "]]>{{7*7}}${7*7}`",
    "\x00\x1b[2J\ud800\ufdd0",
    "javascript:alert(1)",
    "../../../../etc/passwd",
    "x" * 100_000,
)


def record(test: str = "T", moment: str = MOMENT, **facts: Any) -> Record:
    return Record(moment, "S", test, **facts)


def hostile_record(text: str) -> Record:
    figures = Figures(5.0)
    series = Series((0.0, 1.0), 2.0, (1.0, 2.0))
    return Record(
        MOMENT, text, text, text, text, text, text, text, text, text, text, {text: text}, figures,
        (FlowRecord(text, False, 1, figures, series), FlowRecord(text, True, 1, figures, series)),
        error=Failure(text, text), verdicts=(Verdict(text, False),), test_passed=False, test_message=text, raw_file=text, parsed_file=text,
    )  # fmt: skip


def page(*records: Record, **facts: Any) -> str:
    return report_of([RunRecords("night", records, **facts)])


def details(text: str) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="details">(.*?)</script>', text, re.DOTALL)
    assert found
    return list(json.loads(found[1]))


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


# -- one page, whole in itself


def test_nothing_recorded_is_a_page() -> None:
    text = report_of([])
    assert "There is no result" in text
    assert details(text) == []


def test_the_policy_allows_the_style_and_the_script_alone() -> None:
    text = page(record())
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', text)
    assert policy
    for content in (STYLE, START, SCRIPT):
        assert base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() in policy[1]
        assert f">{content}</" in text
    assert policy[1].startswith("default-src 'none';")
    assert "unsafe" not in policy[1]


def test_there_is_nothing_from_elsewhere() -> None:
    text = report_of(nights(2, 10)).replace('"http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|//[a-z]+\.|@import|url\(|\ssrc=|<link", text)
    assert not re.search(r"\s(style|on[a-z]+)=", text)


def test_the_script_makes_no_html() -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(", SCRIPT)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_becomes_markup(text: str) -> None:
    def made(name: str) -> str:
        runs = [RunRecords(name, (hostile_record(name),), name, (name,)) for _ in range(2)]
        return report_of(runs)

    found = made(text)
    assert Tags(found).found == Tags(made("plain")).found
    assert len(details(found)) == 2
    assert not re.search("[\x00\x1b\ud800]", found)
    found.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE)
def test_data_does_not_end_its_element(text: str) -> None:
    found = page_text.as_json([text])
    assert not re.search(r"[<>&\u2028\u2029]", found)
    assert json.loads(found) == [text]


def test_a_long_name_is_cut() -> None:
    assert page_text.shown("x" * 500) == "x" * 299 + "…"


# -- totals and table


def test_totals() -> None:
    text = report_of(
        [
            RunRecords("a", (record("A", test_passed=True), record("B", error=Failure("x")), record("B"))),
            RunRecords("b", (record("A", error=Failure("x"), test_passed=True),)),
            RunRecords("c", problems=("Line 3 is broken.",)),
        ]
    )
    found = {word: number for number, word in re.findall(r"<b>([\d,]+)</b><span>(.*?)</span>", text)}
    assert found == {
        "runs": "2",
        "tests": "2",
        "results": "4",
        "passed": "1",
        "failed": "1",
        "failed, test passed": "1",
        "no verdict": "1",
    }
    assert "<li>Line 3 is broken.</li>" in text


def test_the_period_is_from_the_oldest_to_the_newest() -> None:
    text = page(
        record(moment="2026-01-02T00:00:00+00:00"),
        record(moment="2026-01-01T23:00:00-05:00"),
        record(moment="2026-01-01T05:00:00+00:00"),
    )
    assert "2026-01-01 05:00:00 to 2026-01-01 23:00:00" in text


def test_a_row_says_what_was_measured() -> None:
    figures = Figures(941_300_000.0, lost_percent=0.125, retransmits=1234, jitter_ms=0.0451)
    text = page(
        record(client="pc", server="dut", protocol="tcp", figures=figures, flows=(FlowRecord("upstream", False),))
    )
    for part in ("pc → dut", "TCP upstream", ">941.3 Mbit/s<", ">0.125 %<", ">1,234<", ">0.045 ms<", "no verdict"):
        assert part in text


def test_unknown_is_a_dash_and_0_is_0() -> None:
    text = page(record(figures=Figures(0.0, retransmits=0)))
    cells = re.findall(r"<td(?: data-k=\"([^\"]*)\")?>([^<]*)</td>", text)
    assert [shown for _, shown in cells[-4:]] == ["0 bit/s", "–", "0", "–"]
    assert [key for key, _ in cells[-4:]] == ["0", "", "0", ""]
    assert "None" not in text.replace(SCRIPT, "")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"error": Failure("nobody there", "refused")}, "nobody there (refused)"),
        ({"error": Failure("nobody there")}, "nobody there"),
        ({"verdicts": (Verdict("a", True), Verdict("at least 5", False))}, "at least 5"),
        ({"test_passed": False, "test_message": "3 != 4"}, "3 != 4"),
    ],
)
def test_a_failure_says_why(facts: dict[str, Any], why: str) -> None:
    assert f'<span class="why">{why}</span>' in page(record(**facts))


def test_a_pass_needs_no_reason() -> None:
    assert 'class="why"' not in page(record(test_passed=True, test_message="fine"))


# -- details


def one_detail(found: Record, points: int = 300, place: str = "night") -> dict[str, Any]:
    return detail(found, RunRecords("night", (), place), points)


def test_details_leave_out_what_nobody_knows() -> None:
    figures = Figures(5e6, seconds=10.0, lost_packets=0, packets=9)
    rows = one_detail(record(flows=(FlowRecord("up", False, 1, figures),)))["figures"]
    assert rows == [["Received", "5 Mbit/s"], ["Sent", "–"], ["Seconds", "10 s"], ["Packets lost / all", "0 / 9"]]


def test_both_ends_are_told() -> None:
    found = record(
        client="pc",
        tool="iperf3",
        client_version="3.12",
        client_cpu_percent=4.5,
        options={"bitrate": 5e7, "time": 10.0, "udp": True},
    )
    facts = dict(one_detail(found)["facts"])
    assert (facts["Client"], facts["Server"]) == ("pc (iperf3 3.12, CPU 4.5 %)", "unknown (iperf3 of unknown version)")
    assert facts["Options"] == "bitrate=50 Mbit/s · time=10 s · udp=True"


def test_latency_and_what_was_beside_are_told() -> None:
    figures = Figures(
        5e6, idle_latency_ms=0.5, loaded_latency_ms=12.0, loaded_latency_p95_ms=30.0, lost_probes_percent=1.0
    )
    companions = (CompanionRecord("rssi", "dBm", -60.0, -57.5, -55.0, 2), CompanionRecord("cpu", "%"))
    facts = dict(one_detail(record(figures=figures, companions=companions))["facts"])
    assert (
        facts["Latency"]
        == "median 0.500 ms idle, 12.000 ms while the traffic ran (95th percentile 30.000 ms), 1 % of the probes lost"
    )
    assert facts["Beside: rssi"] == "min -60 dBm, mean -57.5 dBm, max -55 dBm, 2 unknown"
    assert facts["Beside: cpu"] == "–"


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        (
            Figures(failure_seconds=0.5, recovery_seconds=2.0, outage_seconds=1.5),
            "failed 0.5 s after the event, flowed again after 2 s: 1.5 s without traffic",
        ),
        (
            Figures(failure_seconds=0.5, recovery_seconds=2.0, outage_seconds=1.5, uncertainty_seconds=3.1),
            "failed 0.5 s after the event, flowed again after 2 s: 1.5 s without traffic (± 3.1 s)",
        ),
        (Figures(failure_seconds=0.5), "failed 0.5 s after the event, did not recover"),
        (Figures(outage_seconds=0.0), "traffic did not fail"),
        (Figures(), None),
    ],
)
def test_a_recovery_is_told(figures: Figures, text: str | None) -> None:
    assert dict(one_detail(record(figures=figures))["facts"]).get("Recovery") == text


def test_what_a_fake_device_told_is_noted() -> None:
    assert one_detail(record(fake=True))["notes"] == [
        "Nothing was measured: a fake device has told figures that were recorded before."
    ]


def test_notes() -> None:
    notes = one_detail(record(partial=True, error=Failure("x"), test_passed=True, test_message="m"))["notes"]
    assert [note.split()[0:3] for note in notes] == [
        ["The", "run", "was"],
        ["The", "test", "passed"],
        ["The", "test", "said:"],
    ]


def test_what_iperf_said_is_noted_once() -> None:
    assert one_detail(record(said="interrupt - x"))["notes"] == ["iperf said: interrupt - x"]
    assert "notes" not in one_detail(record(said="error - x", error=Failure("error - x")))


@pytest.mark.parametrize(
    ("place", "path", "href"),
    [
        ("", "raw_iperf/a.json", "./raw_iperf/a.json"),
        ("../night 1", "raw_iperf/ä#?.json", "../night%201/raw_iperf/%C3%A4%23%3F.json"),
        ("", "raw/a:b.json", "./raw/a%3Ab.json"),
        ("n", None, None),
        ("n", "", None),
        ("n", "/etc/passwd", None),
        ("n", "//host/share", None),
        ("n", "\\\\host\\share", None),
        ("n", "C:/x", None),
        ("n", "javascript:alert(1)", None),
        ("n", "../x", None),
        ("n", "a/../../x", None),
        ("n", "a\\..\\x", None),
        ("n", "a\ud800", "n/a%3F"),
    ],
)
def test_links_stay_in_the_directory_of_the_run(place: str, path: str | None, href: str | None) -> None:
    assert page_text.href(place, path) == href


def chart(*series: Series, points: int = 300) -> dict[str, Any] | None:
    found: dict[str, Any] | None = one_detail(
        record(flows=tuple(FlowRecord("up", False, series=one) for one in series)), points
    ).get("chart")
    return found


def test_a_chart_has_one_unit() -> None:
    found = chart(Series((0.0, 1.0, 2.5), 4.0, (5e8, None, 1.2345678e9)), Series((0.0, 1.0), 2.0, (1e6, 0.0)))
    assert found == {
        "unit": "Gbit/s",
        "flows": [
            {"name": "up", "t": [0.0, 1.0, 2.5], "e": 4.0, "y": [0.5, None, 1.235]},
            {"name": "up", "t": [0.0, 1.0], "e": 2.0, "y": [0.001, 0]},
        ],
    }


def test_equal_steps_are_said_once() -> None:
    found = chart(Series((3.0, 4.0, 5.0, 6.0), 7.0, (1.0, 2.0, 3.0, 4.0)))
    assert found
    assert found["flows"][0]["t"] == [3.0, 1.0]
    two = chart(Series((3.0, 4.0), 5.0, (1.0, 2.0)))
    assert two
    assert two["flows"][0]["t"] == [3.0, 4.0]


def test_a_chart_has_the_worst_of_merged_points() -> None:
    found = chart(
        Series((0.0, 1.0, 2.0, 3.0), 4.0, (4.0, 0.0, 4.0, 4.0), (), (1, 2, 0, 0), (0, 1, 0, 0), (5, 5, 5, 5)), points=2
    )
    assert found
    flow = found["flows"][0]
    assert (flow["y"], flow["l"], flow["r"], flow["p"]) == ([2, 4], [0, 4], [3, 0], [10, 0])


def test_no_chart_without_a_rate() -> None:
    assert chart(Series((0.0,), 1.0, (5.0,))) is None
    assert chart(Series((0.0, 1.0), 2.0)) is None
    assert chart() is None


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (None, "–"),
        (0, "0 Byte"),
        (1023, "1023 Byte"),
        (1024, "1 KByte (1,024)"),
        (3 << 40, "3 TByte (3,298,534,883,328)"),
    ],
)
def test_sizes(size: int | None, shown: str) -> None:
    assert page_text.size(size) == shown


@pytest.mark.parametrize(
    ("percent", "shown"), [(None, "–"), (0.0, "0 %"), (0.1234, "0.123 %"), (99.96, "100 %"), (100.0, "100 %")]
)
def test_shares(percent: float | None, shown: str) -> None:
    assert page_text.percent(percent) == shown


# -- trends


def rows(*runs: list[float | None], **facts: Any) -> list[Row]:
    found, number = [], 0
    for run, rates in enumerate(runs):
        for rate in rates:
            at = f"2026-01-{run + 1:02}T00:{number:02}:00+00:00"
            found.append(Row(number, run, record(moment=at, figures=Figures(rate), **facts)))
            number += 1
    return found


def test_the_change_is_of_the_last_run_against_the_median_before() -> None:
    (trend,) = trends_of(rows([100.0], [90.0], [5000.0], [50.0, 60.0, 70.0]))
    assert (trend.before, trend.last, trend.change) == (100.0, 60.0, -40.0)


def test_a_trend_needs_two_runs_and_a_figure() -> None:
    assert trends_of(rows([1.0, 2.0])) == []
    assert trends_of(rows([None], [None])) == []


@pytest.mark.parametrize(
    "other",
    [
        {"client": "x"},
        {"server": "x"},
        {"protocol": "udp"},
        {"tool": "iperf2"},
        {"options": {"time": 5}},
        {"test": "x"},
    ],
)
def test_what_was_asked_otherwise_is_no_trend(other: dict[str, Any]) -> None:
    first, second = rows([1.0], [2.0])
    changed = rows([None], [2.0], **other)[1]
    assert len(trends_of([first, second])) == 1
    assert trends_of([first, changed]) == []


def test_an_option_that_is_1_is_not_true() -> None:
    assert trends_of([rows([1.0], options={"a": 1})[0], rows([1.0], [1.0], options={"a": True})[1]]) == []


def test_the_order_of_options_means_nothing() -> None:
    pair = [rows([1.0], options={"a": 1, "b": 2})[0], rows([1.0], [1.0], options={"b": 2, "a": 1})[1]]
    assert len(trends_of(pair)) == 1


def test_the_largest_loss_comes_first_and_no_figure_before_it() -> None:
    kinds = {"up": (50.0, 60.0), "down": (50.0, 30.0), "gone": (50.0, None), "new": (None, 50.0)}
    found = trends_of([row for name, rates in kinds.items() for row in rows(*[[rate] for rate in rates], client=name)])
    assert [trend.rows[0].record.client for trend in found] == ["gone", "down", "new", "up"]


def test_a_card_links_its_points_and_does_not_link_over_a_gap() -> None:
    (trend,) = trends_of(rows([50.0], [None], [0.0], [40.0]))
    text = card(trend)
    assert re.findall(r'href="#r(\d)"', text) == ["0", "1", "2", "3"]
    assert (text.count("<circle"), text.count('class="cross"')) == (3, 1)
    line = re.search(r'class="line" d="(.*?)"', text)
    assert line
    assert line[1] == "M8.0 8.0M197.3 76.0L292.0 21.6"


@pytest.mark.parametrize(
    ("last", "shown"),
    [(50.0, "▼ −50.0 %"), (96.0, "■ −4.0 %"), (105.0, "▲ +5.0 %"), (None, "no figure in the last run")],
)
def test_a_card_says_the_change(last: float | None, shown: str) -> None:
    assert shown in card(trends_of(rows([100.0], [last]))[0])


def test_no_change_from_nothing() -> None:
    (trend,) = trends_of(rows([0.0], [5.0]))
    assert trend.change is None
    assert "%" not in card(trend)


def test_many_trends_are_folded() -> None:
    text = report_of(nights(2, FIRST_TRENDS + 3))
    assert len(re.findall("All other [0-9]+ trends", text)) == 1


# -- weight


def test_5000_results_weigh_less_than_10_mb() -> None:
    text = report_of(nights(50, 100))
    assert text.count('<tr class="row ') == 5000
    assert len(text.encode()) < 10_000_000
