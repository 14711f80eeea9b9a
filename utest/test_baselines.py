"""Whether a figure got worse, and the file of baselines."""

from __future__ import annotations

import itertools
import random

import pytest

from IperfLibrary.baselines import AS_GOOD, NOT_SHOWN, WORSE, Baseline, as_text, compare, history, latest, parse
from IperfLibrary.errors import ConfigurationError
from IperfLibrary.samples import Sample


@pytest.mark.parametrize(
    ("figure", "now", "before", "verdict"),
    [
        ("bitrate", 95.0, 100.0, AS_GOOD),
        ("bitrate", 94.9, 100.0, WORSE),
        ("bitrate", 200.0, 100.0, AS_GOOD),
        ("rtt", 10.5, 10.0, AS_GOOD),
        ("rtt", 10.6, 10.0, WORSE),
        ("rtt", 1.0, 10.0, AS_GOOD),
        ("loss", 0.0, 0.0, AS_GOOD),
        ("loss", 0.1, 0.0, WORSE),
    ],
)
def test_single_figures(figure: str, now: float, before: float, verdict: str) -> None:
    found = compare(figure, Sample.of([now]), Sample.of([before]), 5)
    assert found.verdict == verdict
    assert found.method.startswith("single figures")


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        ([100, 101, 99, 100], AS_GOOD),
        ([96, 97, 95.5, 96.5], AS_GOOD),
        ([95, 96, 94.5, 95.5], NOT_SHOWN),
        ([90, 91, 89, 90], WORSE),
        ([60, 140, 95, 105], NOT_SHOWN),
    ],
)
def test_several_runs(now: list[float], verdict: str) -> None:
    found = compare("bitrate", Sample.of(now), Sample.of([100, 101, 99, 100]), 5)
    assert found.verdict == verdict
    assert found.method == "Welch's t test, one-sided, 95 %, 4 and 4 runs"
    assert found.bound == pytest.approx(95)


def test_against_a_published_example() -> None:
    """NIST/SEMATECH e-Handbook 7.3.1, car mileage in summary: the statistic of Welch's test decides as that of the book."""
    now, before = Sample.of([32.0, 33.5, 31.0, 34.2, 33.1]), Sample.of([18.0, 15.0, 18.0, 16.0, 17.0, 15.0])
    assert compare("bitrate", now, before, 0).verdict == AS_GOOD
    assert compare("rtt", now, before, 0).verdict == WORSE


def test_runs_that_do_not_scatter() -> None:
    assert compare("retransmits", Sample.of([0, 0, 0]), Sample.of([0, 0, 0]), 0).verdict == AS_GOOD
    assert compare("retransmits", Sample.of([1, 1, 1]), Sample.of([0, 0, 0]), 0).verdict == WORSE


@pytest.mark.parametrize("count", [3, 5, 10])
def test_what_is_just_too_bad_passes_at_most_as_often_as_it_says(count: int) -> None:
    chance = random.Random(count)

    def sample(mean: float, stdev: float) -> Sample:
        return Sample.of(chance.gauss(mean, stdev) for _ in range(count))

    passes = sum(compare("bitrate", sample(95, 3), sample(100, 1), 5).verdict == AS_GOOD for _ in range(3000))
    assert passes / 3000 <= 0.065


def test_what_is_as_good_passes() -> None:
    chance = random.Random(7)
    samples = [Sample.of(chance.gauss(100, 1) for _ in range(10)) for _ in range(400)]
    passes = sum(compare("bitrate", one, other, 5).verdict == AS_GOOD for one, other in itertools.pairwise(samples))
    assert passes > 390


def test_nothing_cannot_be_compared() -> None:
    with pytest.raises(ConfigurationError, match="nothing to compare"):
        compare("bitrate", Sample(()), Sample.of([1]), 5)


KEPT = [
    Baseline("wifi down", "2026-01-02T00:00:00Z", "bitrate", (90e6, 91e6), {"version": "3.12"}),
    Baseline("wifi down", "2026-02-02T00:00:00Z", "bitrate", (95e6,)),
    Baseline("wifi down", "2026-03-02T00:00:00Z", "loss", (0.1,)),
    Baseline("lan", "2026-01-01T00:00:00Z", "bitrate", (940e6,)),
]


def test_the_text_has_a_sorted_line_for_each() -> None:
    text = as_text(KEPT)
    assert [line.split('"key": ')[1][:6] for line in text.splitlines()] == ['"lan",', '"wifi ', '"wifi ', '"wifi ']
    assert sorted(parse(text, "file")) == sorted(KEPT)
    assert parse(text, "file")[1].about == {"version": "3.12"}
    assert as_text(reversed(KEPT)) == text


def test_the_last_one_of_a_key_and_figure_counts() -> None:
    found = latest(KEPT, "wifi down", "bitrate")
    assert found is not None
    assert found.values == (95e6,)
    assert latest(KEPT, "wifi down", "rtt") is None
    assert [one.moment[:7] for one in history(KEPT, "wifi down", "bitrate")] == ["2026-01", "2026-02"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("<<<<<<< HEAD", "the merge left its marks"),
        ("{}", "'values'"),
        ('{"key": "a", "moment": "b", "figure": "bitrate", "values": []}', "no values"),
        ('{"key": "a", "moment": "b", "figure": "bitrate", "values": [NaN]}', "no values"),
        ('{"key": "a", "moment": "b", "figure": "bitrate", "values": ["x"]}', "is no baseline"),
        ("[1]", "is no baseline"),
    ],
)
def test_a_line_that_is_none_is_told(line: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        parse(as_text(KEPT[:1]) + line, "kept.jsonl")
    assert "Line 2 of kept.jsonl" in str(caught.value)
