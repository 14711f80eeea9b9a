"""A recovery as a block in Robot Framework's log: what it says of each case."""

from __future__ import annotations

import re

import pytest

from IperfLibrary.recovery import Clock, Outage, Recovery
from IperfLibrary.recovery_block import OUTAGES, as_html
from IperfLibrary.result import End, Flow, Interval, Result

CLOCK = Clock(0.1)


def outage(start: float, end: float | None) -> Outage:
    return Outage(start, end, 0.05, 0.05)


def rows(html: str) -> dict[str, str]:
    """The table of figures."""
    return dict(re.findall(r"<th[^>]*>([^<]+)</th><td[^>]*>([^<]*)</td>", html))


def watched() -> Result:
    slots = tuple(Interval(n * 0.1, (n + 1) * 0.1, 0 if 12 <= n < 18 else 1250, 1e5 * (n < 12)) for n in range(30))
    flow = Flow("forward", False, End(), End(bytes=30_000, seconds=3.0), (), slots)
    return Result("iperf3", "3.12", "udp", "client", (flow,))


def test_it_recovered() -> None:
    found = Recovery((outage(0.15, 0.75),), CLOCK, 0.02, 5.0, 2, 1.05, watched())
    html = as_html(found, "dut to pc")
    assert "Failed 0.15 s after the event, flowed again after 0.75 s: 0.6 s without traffic" in html
    assert "dut to pc" in html
    figures = rows(html)
    assert figures["The event took"] == "0.02 s"
    assert figures["Failed after"].startswith("0.15 s ± 0.1")
    assert figures["Flowed again after"].startswith("0.75 s ± 0.1")
    assert figures["Without traffic"] == "0.6 s ± 0.1 s, 0.7 s at most"
    assert figures["Clients tried"] == "2"
    assert "NOT RECOVERED" not in html
    assert "for as long as it was watched" not in html
    assert "iperf-outages" not in html, "one outage is in the table already"
    assert all(f">{mark}<" in html for mark in ("event", "failed", "flows again"))


def test_it_did_not_recover() -> None:
    html = as_html(Recovery((outage(0.15, None),), CLOCK, 0.02, 5.0, 2, 1.05, watched()))
    figures = rows(html)
    assert figures["Flowed again after"] == "not within 5 s"
    assert figures["Without traffic"] == "not over"
    assert "NOT RECOVERED" in html
    assert "Traffic did not flow again for as long as it was watched." in html
    assert ">failed<" in html
    assert ">flows again<" not in html


def test_it_never_failed() -> None:
    html = as_html(Recovery((), CLOCK, 0.02, 5.0, 1, 1.05, watched()))
    figures = rows(html)
    assert figures["Failed after"] == "never, within 5 s"
    assert figures["Flowed again after"] == "never failed"
    assert figures["Without traffic"].startswith("0 s ± 0.2")
    assert "NOT RECOVERED" not in html
    assert ">event<" in html
    assert ">failed<" not in html


def test_several_outages_are_listed_and_the_last_may_be_open() -> None:
    html = as_html(Recovery((outage(0.1, 0.5), outage(1.25, None)), CLOCK, watched_seconds=5.0))
    listed = html[html.index("iperf-outages") :]
    assert "2 outages" in html
    assert re.findall(r">([^<]+)</t[dh]>", listed) == [
        *("From", "To"),
        *("1.", "0.1 s", "0.5 s"),
        *("2.", "1.25 s", "not over"),
    ]


def test_of_many_outages_the_first_are_listed_and_all_are_counted() -> None:
    many = tuple(outage(float(n), n + 0.5) for n in range(OUTAGES + 20))
    html = as_html(Recovery(many, CLOCK, watched_seconds=200.0))
    assert f"{OUTAGES + 20} outages" in html
    assert f">{OUTAGES}.<" in html
    assert f">{OUTAGES + 1}.<" not in html


def test_what_an_address_is_called_is_no_markup() -> None:
    assert "&lt;i&gt;dut" in as_html(Recovery((), CLOCK), "<i>dut</i>")


def test_a_moment_that_is_known_roughly_is_a_stretch_and_no_line() -> None:
    rough = Recovery((Outage(0.15, 1.2, 0.05, 0.6),), CLOCK, 0.02, 5.0, 2, 1.05, watched())
    html = as_html(rough)
    assert ">flows again in here<" in html
    assert "<title>flows again somewhere here</title>" in html
    (stretch,) = re.findall(r'<rect[^>]* x="([\d.]+)%" width="([\d.]+)%"[^>]*stroke-dasharray', html)
    assert [float(side) for side in stretch] == pytest.approx([55.0, 40.0], abs=0.1), "of 3 s, from 1.65 s to 2.85 s"
    assert ">failed<" in html, "that is known well"
    assert ">flows again<" not in html
