"""What is said of a figure beside its baseline, without any run."""

from __future__ import annotations

import pytest

from IperfLibrary.baselines import Baseline
from IperfLibrary.comparison import AS_GOOD, NOT_SHOWN, Tolerance, compare
from IperfLibrary.conditions import Differences
from IperfLibrary.judgement import Judgement, Measured, tolerance_text
from IperfLibrary.metrics import Asked
from IperfLibrary.samples import Sample


def measured(*values: float, figure: str = "bitrate") -> Measured:
    return Measured("lan", figure, Asked(), Sample.of(values), {"tool": "iperf3"})


def judged(now: list[float], before: list[float], tolerance: Tolerance) -> Judgement:
    one, past = measured(*now), measured(*before).baseline("2026-01-02T03:04:05Z")
    return Judgement(one, [past], tolerance, Differences(), compare(one.sample, past.sample, tolerance), "record it")


def said(judgement: Judgement, row: str) -> str:
    return dict(judgement.rows)[row]


def test_more_runs_would_show_it() -> None:
    found = judged([90e6, 100e6, 98e6], [94.9e6, 95e6, 95.1e6], Tolerance(5, relative=True))
    assert found.comparison
    assert found.comparison.verdict == NOT_SHOWN
    assert found.comparison.runs
    assert said(found, "to show it") == (
        f"about {found.comparison.runs} runs in place of 3, if they scatter as these do"
    )
    assert said(found, "what to do").startswith(f"run it more often, repeat={found.comparison.runs};")


def test_no_number_of_runs_would_show_it_against_one_run() -> None:
    found = judged([90e6, 95e6, 100e6], [99.9e6], Tolerance(5, relative=True))
    assert found.comparison
    assert (found.comparison.verdict, found.comparison.runs) == (NOT_SHOWN, None)
    assert "the baseline is of one run, so record it anew with repeats" in said(found, "to show it")
    assert said(found, "what to do").endswith("record it anew: record it")


def test_no_number_of_runs_would_show_it_at_the_very_limit() -> None:
    found = judged([94e6, 96e6, 95e6], [99e6, 101e6, 100e6], Tolerance(5, relative=True))
    assert found.comparison
    assert (found.comparison.verdict, found.comparison.runs) == (NOT_SHOWN, None)
    assert "the figure is at the very limit" in said(found, "to show it")


def test_nothing_is_to_be_done_where_it_is_as_good() -> None:
    found = judged([95e6], [95e6], Tolerance(5, relative=True))
    assert found.comparison
    assert found.comparison.verdict == AS_GOOD
    assert found.passed
    assert {"to show it", "what to do"}.isdisjoint(dict(found.rows))


@pytest.mark.parametrize(
    ("figure", "tolerance", "text"),
    [
        ("bitrate", Tolerance(5, relative=True), "5 %"),
        ("bitrate", Tolerance(5e5, relative=False), "500 kbit/s"),
        ("loss", Tolerance(0.1, relative=False), "0.1 points"),
    ],
)
def test_a_tolerance_has_its_unit(figure: str, tolerance: Tolerance, text: str) -> None:
    assert tolerance_text(tolerance, measured(1, figure=figure)) == text


def test_how_far_a_loss_is_off_is_told_in_points() -> None:
    before, now = measured(2, 2.2, 1.8, figure="loss"), measured(5, 5.2, 4.8, figure="loss")
    found = compare(now.sample, before.sample, Tolerance(1, relative=False), more_is_better=False)
    judgement = Judgement(
        now,
        [before.baseline("2026-01-02T03:04:05Z")],
        Tolerance(1, relative=False),
        Differences((), ()),
        found,
        "robot",
    )
    assert said(judgement, "found").startswith("2 points worse than that, which may be off by 0.")
    assert said(judgement, "found").endswith(" points")


def test_a_baseline_tells_its_day() -> None:
    past: Baseline = measured(95e6).baseline("2026-01-02T03:04:05Z")
    assert "recorded 2026-01-02 03:04 UTC" in said(judged([95e6], [95e6], Tolerance(5, True)), "baseline")
    assert past.values == (95e6,)
