"""The report in a real browser: filter, order, details, and texts that want to be more than text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary.report.page import FIRST_ROWS, report_of
from IperfLibrary.report.records import Failure, Figures, FlowRecord, Record, RunRecords, Verdict
from IperfLibrary.report.series import Series
from utest.chromium import dump, needed, played
from utest.sample_records import nights
from utest.test_report_html import HOSTILE, hostile_record

pytestmark = needed

SERIES = Series((0.0, 1.0, 2.0), 3.0, (5e8, None, 9e8), (), (0, 7, 0))
RECORDS = (
    Record("2026-01-01T10:00:00+01:00", "Lab", "Fast", client="pc", server="dut", protocol="tcp", tool="iperf3", options={"time": 3.0},
           figures=Figures(9e8, retransmits=7), flows=(FlowRecord("upstream", False, 1, Figures(9e8, 9.1e8), SERIES),),
           verdicts=(Verdict("at least 800 Mbit/s", True),), raw_file="raw_iperf/a b.json", client_version="3.12"),
    Record("2026-01-01T10:01:00+01:00", "Lab", "Slow", client="pc", server="dut", protocol="udp",
           figures=Figures(2e6, lost_percent=1.5), verdicts=(Verdict("at least 800 Mbit/s", False),)),
    Record("2026-01-01T10:02:00+01:00", "Other", "Broken", client="tablet", server="dut", protocol="tcp",
           error=Failure("nobody was there", "refused")),
    Record("2026-01-01T10:03:00+01:00", "Other", "Middling 10", protocol="tcp", figures=Figures(5e7)),
    Record("2026-01-01T10:04:00+01:00", "Other", "Middling 9", protocol="tcp", figures=Figures(0.0, retransmits=0)),
)  # fmt: skip
NEWEST = ["Middling 9", "Middling 10", "Broken", "Slow", "Fast"]


STATES = {
    "": NEWEST,
    "q=UDP": ["Slow"],
    "q=other+refused": ["Broken"],
    "q=nothing+of+this": [],
    "v=failed": ["Broken", "Slow"],
    "v=failed&q=pc": ["Slow"],
    "v=passed": ["Fast"],
    "s=rate": ["Middling 9", "Slow", "Middling 10", "Fast", "Broken"],
    "s=rate&d=-1": ["Fast", "Middling 10", "Slow", "Middling 9", "Broken"],
    "s=retransmits&d=-1": ["Fast", "Middling 9", "Middling 10", "Broken", "Slow"],
    "s=test": ["Broken", "Fast", "Middling 9", "Middling 10", "Slow"],
    "s=suite&q=lab": ["Slow", "Fast"],
    "s=suite&d=-1": ["Middling 9", "Middling 10", "Broken", "Slow", "Fast"],
    "s=verdict": ["Broken", "Slow", "Middling 9", "Middling 10", "Fast"],
    "s=time": NEWEST[::-1],
    "s=nonsense": NEWEST,
}
"""What stands behind the # of the address, and the rows that are seen then."""

HEAD = "[...document.querySelectorAll('th button')].find((one) => one.textContent === 'Rate').click();"
STEPS = {
    "start": "",
    **{state: f"location.hash = '{state}';" for state in STATES if state},
    "rate": HEAD,
    "rate again": HEAD,
    "typed": "const s = document.getElementById('search'); s.value = 'slow'; s.dispatchEvent(new Event('input'));",
    "cleared": "const s = document.getElementById('search'); s.value = ''; s.dispatchEvent(new Event('input'));",
    "verdict": "document.querySelector('[data-verdict=failed]').click();",
    "link": "location.hash = '#r4';",
    "sorted": HEAD,
    "closed": "document.querySelector('#r4 td').click();",
    "button": "document.querySelector('#r2 button').click();",
    "both": "document.querySelector('#r4 td').click();",
    "filtered": "document.querySelector('[data-verdict=passed]').click();",
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report_of([RunRecords("night", RECORDS, "night 1")]), "utf-8")
    return path


@pytest.fixture(scope="module")
def seen(page: Path) -> dict[str, dict[str, Any]]:
    return played(page, STEPS)


@pytest.mark.parametrize("state", STATES)
def test_the_address_filters_and_orders(seen: dict[str, dict[str, Any]], state: str) -> None:
    found = seen[state or "start"]
    assert found["shown"] == STATES[state]
    assert found["count"] == f"{len(STATES[state])} of 5"


def test_a_head_orders_and_turns_round(seen: dict[str, dict[str, Any]]) -> None:
    assert (seen["rate"]["shown"], seen["rate"]["sorted"]) == (STATES["s=rate"], ["ascending"])
    assert (seen["rate again"]["shown"], seen["rate again"]["sorted"]) == (STATES["s=rate&d=-1"], ["descending"])


def test_words_filter_while_they_are_typed(seen: dict[str, dict[str, Any]]) -> None:
    assert (seen["typed"]["shown"], len(seen["cleared"]["shown"])) == (["Slow"], 5)


def test_a_verdict_is_a_button(seen: dict[str, dict[str, Any]]) -> None:
    assert seen["start"]["pressed"] == [""]
    assert (sorted(seen["verdict"]["shown"]), seen["verdict"]["pressed"]) == (["Broken", "Slow"], ["failed"])


def test_a_link_to_a_row_that_is_filtered_away_shows_it(seen: dict[str, dict[str, Any]]) -> None:
    found = seen["link"]
    assert (len(found["shown"]), found["pressed"], found["expanded"], found["focus"]) == (5, [""], 1, "Fast")


def test_details_say_what_was_measured(seen: dict[str, dict[str, Any]]) -> None:
    found = seen["link"]
    parts = ("at least 800 Mbit/s", "900 Mbit/s", "910 Mbit/s", "pc (iperf3 3.12)", "time=3 s", "upstream", "raw file")
    assert [part for part in parts if part not in found["opened"]] == []
    assert found["links"] == ["night%201/raw_iperf/a%20b.json"]


def test_details_have_a_chart(seen: dict[str, dict[str, Any]]) -> None:
    found = seen["link"]
    assert [found["tags"].count(tag) for tag in ("svg", "path.line", "rect.touch", "rect.bar")] == [1, 1, 3, 1]
    assert "1 s to 2 s, rate unknown, 7 retransmits" in found["opened"]


def test_details_go_with_their_row_and_close(seen: dict[str, dict[str, Any]]) -> None:
    assert seen["sorted"]["opened"] == seen["link"]["opened"]
    assert (seen["closed"]["opened"], seen["closed"]["expanded"]) == ("", 0)


def test_a_failure_is_explained(seen: dict[str, dict[str, Any]]) -> None:
    assert "✗ nobody was there (refused)" in seen["button"]["opened"]


def test_what_is_filtered_away_is_closed(seen: dict[str, dict[str, Any]]) -> None:
    assert (seen["both"]["expanded"], seen["filtered"]["expanded"]) == (2, 1)
    assert "nobody" not in seen["filtered"]["opened"]


def test_the_rest_is_drawn_on_request(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(report_of(nights(1, FIRST_ROWS + 1)), "utf-8")
    seen = played(page, {"start": "", "more": "document.getElementById('more').click();"})
    assert (seen["start"]["drawn"], seen["more"]["drawn"]) == (FIRST_ROWS, FIRST_ROWS + 1)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    page = tmp_path_factory.mktemp("many") / "report.html"
    page.write_text(report_of(nights(2, FIRST_ROWS)), "utf-8")
    link = "location.hash = document.querySelector('tr.late').id;"
    rate = HEAD + "document.querySelector('[data-verdict=passed]').click();"
    return played(page, {"start": "", "rate": rate, "link": link})


def test_many_rows_are_not_drawn_at_once(many: dict[str, dict[str, Any]]) -> None:
    assert (many["start"]["drawn"], len(many["start"]["shown"])) == (FIRST_ROWS, 2 * FIRST_ROWS)
    assert many["rate"]["drawn"] == FIRST_ROWS < len(many["rate"]["shown"]) < 2 * FIRST_ROWS


def test_a_link_to_a_row_that_is_not_drawn_shows_it(many: dict[str, dict[str, Any]]) -> None:
    assert many["link"]["expanded"] == 1
    assert many["link"]["drawn"] == len(many["link"]["shown"])


def test_it_works_under_its_own_policy(page: Path) -> None:
    text = dump(page, "r4")
    assert "<dd>time=3 s</dd>" in text
    assert text.count('<tr class="detail">') == 1


def test_no_text_becomes_markup_or_runs(tmp_path: Path) -> None:
    page = tmp_path / "report.html"

    def tags(texts: Sequence[str]) -> tuple[list[str], list[str]]:
        page.write_text(
            report_of([RunRecords(text, (hostile_record(text),), text, (text,)) for text in texts]), "utf-8"
        )
        opened = played(page, {"all": "for (const one of document.querySelectorAll('td > button')) one.click();"})[
            "all"
        ]
        assert len(opened["shown"]) == len(texts)
        return sorted(tag for tag in opened["tags"] if tag not in ("h4", "ul", "li", "a")), opened["links"]

    plain, _ = tags(["plain"] * len(HOSTILE))
    hostile, links = tags(HOSTILE)
    assert hostile == plain
    assert [link for link in links if ":" in link or link.startswith(("/", "\\"))] == []
