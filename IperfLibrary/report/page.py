"""One HTML page over any number of runs: totals, trends, a table of all results. Pure: records in, text out.

The page is whole in itself: no other file, no network. What it shows needs no script but for filter, order and details.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from itertools import starmap

from . import text
from .assets import SCRIPT, START, STYLE
from .detail import detail
from .records import FAILED, PASSED, TOLERATED, UNJUDGED, Record, RunRecords
from .series import POINTS
from .trends import Row, Trend, card, trends_of

FIRST_TRENDS = 8
"""Trends that are seen at once."""

FIRST_ROWS = 300
"""Rows of the table that are drawn at once where there are scripts: a browser takes seconds for thousands."""

VALUES = 200_000
"""Points of all charts together, so that the page of a large project can still be mailed."""

FEWEST = 20
"""Points that each chart has at least."""

_SIGNS = {PASSED: "✓", FAILED: "✗", TOLERATED: "!", UNJUDGED: "○"}
_WORDS = {PASSED: "passed", FAILED: "failed", TOLERATED: "failed, test passed", UNJUDGED: "no verdict"}
_RANK = {FAILED: 0, TOLERATED: 1, UNJUDGED: 2, PASSED: 3}

_HEAD = (
    ("c-time", (("time", "Time", "", 1),)),
    ("c-test", (("test", "Test", "button", 1), ("suite", "Suite", ".suite", 1))),
    ("c-link", (("link", "Client → server", "", 1),)),
    ("c-protocol", (("protocol", "Protocol", "", 1),)),
    ("c-rate number", (("rate", "Rate", "", 1),)),
    ("c-figure number", (("lost", "Lost", "", -1),)),
    ("c-figure number", (("retransmits", "Retr.", "", -1),)),
    ("c-jitter number", (("jitter", "Jitter", "", -1),)),
    ("c-verdict", (("verdict", "Verdict", "", 1),)),
)
"""Each column: its class, and what it is ordered by: a name, its text, the part of the cell, the first direction."""


def report_of(runs: Sequence[RunRecords]) -> str:
    """The page over these runs, oldest first; links lead to the raw files as ``place`` of each run says.

    Example: ``Path("iperf-report.html").write_text(report_of(collect([Path("results")], Path("."))), "utf-8")``
    """
    rows = _rows(runs)
    trends = trends_of(rows)
    parts = [_title(rows), _totals(rows), _problems(runs), _trends(trends), _results(rows), _details(rows, runs)]
    return f"{_start()}<body>\n{''.join(parts)}<script>{SCRIPT}</script>\n</body>\n</html>\n"


def _rows(runs: Sequence[RunRecords]) -> list[Row]:
    """All records, the newest first, numbered as they stand in the table."""
    found = [(at, record) for at, run in enumerate(runs) for record in run.records]
    found.sort(key=lambda one: one[1].time, reverse=True)
    return [Row(number, run, record) for number, (run, record) in enumerate(found)]


def _start() -> str:
    policy = f"default-src 'none'; script-src {_hash(START)} {_hash(SCRIPT)}; style-src {_hash(STYLE)}; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>iperf report</title>\n<style>{STYLE}</style>\n<script>{START}</script>\n</head>\n"
    )


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _title(rows: Sequence[Row]) -> str:
    period = f"{text.moment(rows[-1].record)} to {text.moment(rows[0].record)}" if rows else "nothing recorded"
    return f'<h1>iperf report</h1>\n<p class="about">{text.escaped(period)}</p>\n'


def _totals(rows: Sequence[Row]) -> str:
    counts = Counter(row.record.status for row in rows)
    tests = {(row.record.suite, row.record.test) for row in rows}
    plain = [("", "runs", len({row.run for row in rows})), ("", "tests", len(tests)), ("", "results", len(rows))]
    judged = [(kind, _WORDS[kind], counts[kind]) for kind in _WORDS if counts[kind] or kind in (PASSED, FAILED)]
    cells = "".join(
        f'<li class="{kind if number else ""}"><b>{number:,}</b><span>{word}</span></li>'
        for kind, word, number in (*plain, *judged)
    )
    return f'<ul class="totals">{cells}</ul>\n'


def _problems(runs: Sequence[RunRecords]) -> str:
    problems = "".join(f"<li>{text.escaped(problem)}</li>" for run in runs for problem in run.problems)
    return f'<ul class="problems">{problems}</ul>\n' if problems else ""


def _trends(trends: Sequence[Trend]) -> str:
    if not trends:
        return ""
    first, others = trends[:FIRST_TRENDS], trends[FIRST_TRENDS:]
    more = f"<details><summary>All other {len(others)} trends</summary>{_cards(others)}</details>" if others else ""
    return (
        '<h2 id="trends">Trends</h2>\n<p class="about">The receiver\'s rate of the same test with the same devices and options. '
        "The change is that of the last run against the median of those before (dashed). The largest loss comes first.</p>\n"
        f"{_cards(first)}{more}\n"
    )


def _cards(trends: Sequence[Trend]) -> str:
    return f'<ul class="cards">{"".join(map(card, trends))}</ul>'


def _results(rows: Sequence[Row]) -> str:
    if not rows:
        return '<h2>Results</h2>\n<p>There is no result in what was read.</p>\n<script type="application/json" id="details">[]</script>\n'
    head = "".join(_head_cell(kind, keys) for kind, keys in _HEAD)
    body = "\n".join(_line(row) for row in rows)
    return (
        f'<h2 id="results">Results</h2>\n{_tools(rows)}<noscript><p class="about">Filter, order and details of the table need '
        "JavaScript, which is switched off here.</p></noscript>\n"
        f'<table class="results"><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>\n'
        f'<button type="button" id="more" data-limit="{FIRST_ROWS}"{" hidden" * (len(rows) <= FIRST_ROWS)}>Show all {len(rows)}</button>\n'
        f'<p class="about">{text.UNKNOWN} is not known: iperf did not say.</p>\n'
    )


def _tools(rows: Sequence[Row]) -> str:
    counts = Counter(row.record.status for row in rows)
    buttons = "".join(
        f'<button type="button" data-verdict="{kind}" aria-pressed="false">{_SIGNS[kind]} {_WORDS[kind]}</button>'
        for kind in _RANK
        if counts[kind]
    )
    return (
        '<div class="tools"><input id="search" type="search" placeholder="Filter: test, device, protocol, error …" '
        'aria-label="Filter the results by words"><span role="group" aria-label="Filter by verdict">'
        f'<button type="button" data-verdict="" aria-pressed="true">All</button> {buttons}</span>'
        f'<span class="about" role="status" id="shown">{len(rows)} of {len(rows)}</span></div>\n'
    )


def _head_cell(kind: str, keys: Sequence[tuple[str, str, str, int]]) -> str:
    spans = " / ".join(
        f'<span data-sort="{name}" data-part="{part}" data-first="{first}">{label}</span>'
        for name, label, part, first in keys
    )
    return f'<th scope="col" class="{kind}">{spans}</th>'


def _line(row: Row) -> str:
    record, figures = row.record, row.record.figures
    status, late = record.status, " late" * (row.number >= FIRST_ROWS)
    return (
        f'<tr class="row {status}{late}" id="r{row.number}"><td data-k="{record.time.timestamp():.3f}">{text.moment(record).replace(" ", chr(10))}</td>'
        f"<td>{_test(record)}</td><td>{text.escaped(text.link(record))}</td><td>{text.escaped(text.protocol(record))}</td>"
        f"{_number(figures.bits_per_second, text.rate(figures.bits_per_second))}"
        f"{_number(figures.lost_percent, text.percent(figures.lost_percent))}"
        f"{_number(figures.retransmits, text.count(figures.retransmits))}"
        f"{_number(figures.jitter_ms, text.milliseconds(figures.jitter_ms))}"
        f'<td data-k="{_RANK[status]}"><span class="sign">{_SIGNS[status]}</span> {_WORDS[status]}{" (fake)" * record.fake}</td></tr>'
    )


def _number(value: float | None, shown: str) -> str:
    return f"<td>{shown}</td>" if value is None else f'<td data-k="{value:.10g}">{shown}</td>'


def _test(record: Record) -> str:
    """The name of the test in a button, its suite, and why it failed."""
    failed = [verdict.text for verdict in record.verdicts if not verdict.passed]
    own = (
        [" ".join(filter(None, (record.error.message, record.error.kind and f"({record.error.kind})")))]
        if record.error
        else failed[:1]
    )
    why = own or [record.test_message or ""] * (record.status == FAILED)
    reason = f'<span class="why">{text.escaped(why[0])}</span>' if why and why[0] else ""
    name = text.escaped(record.test or text.UNKNOWN)
    return (
        f'<button type="button" aria-expanded="false">{name}</button>'
        f'<span class="suite">{text.escaped(record.suite)}</span>{reason}'
    )


def _details(rows: Sequence[Row], runs: Sequence[RunRecords]) -> str:
    if not rows:
        return ""
    flows = sum(len(row.record.flows) for row in rows)
    points = max(FEWEST, min(POINTS, VALUES // max(1, flows)))
    data = starmap(detail, ((row.record, runs[row.run], points) for row in rows))
    return f'<script type="application/json" id="details">{text.as_json(list(data))}</script>\n'
