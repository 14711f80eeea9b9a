"""A figure beside its baseline as a block in the log: what was found, and a picture with its history. Pure."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from .baselines import Baseline
from .comparison import NOT_SHOWN
from .conditions import differences, told
from .judgement import Judgement, when
from .markup import as_markup
from .parts import TEXT, badge, block, folded, headline, table, trouble
from .plot import Kind, Line, Mark, plot
from .samples import Sample

_NAMES: dict[Kind, str] = {
    "reference": "baselines",
    "good": "now, as good",
    "odd": "now, not shown to be as good",
    "bad": "now, worse",
}


def as_html(judgement: Judgement) -> str:
    """The judgement as HTML: headline, picture, how it was decided, the baselines before."""
    return as_markup(
        block(
            headline(judgement.headline, "", badge(*_BADGES[_kind(judgement)])),
            *[trouble(text, "warn") for text in judgement.differences.rest],
            _picture(judgement),
            table([], judgement.rows, "iperf-judgement", TEXT),
            _history(judgement),
        )
    )


_BADGES: dict[Kind, tuple[str, str]] = {"good": ("PASS", "pass"), "odd": ("NOT SHOWN", "fail"), "bad": ("FAIL", "fail")}


def _kind(judgement: Judgement) -> Kind:
    found = judgement.comparison
    return "good" if judgement.passed else "odd" if found and found.verdict == NOT_SHOWN else "bad"


def _picture(judgement: Judgement) -> Element | None:
    """Nothing where the figures are those of two tests: beside each other they would mislead."""
    now, found = judgement.now, judgement.comparison
    if found is None:
        return None
    marks = [_mark(f"{one.time:%Y-%m-%d}", one.sample, "reference", told(one.about)) for one in judgement.past]
    return plot(
        [*marks, _mark("now", now.sample, _kind(judgement), told(now.about))],
        f"{now.title} of '{now.key}', now and its baselines",
        [Line("baseline", judgement.before.sample.mean or 0.0), Line("tolerated until", found.bound)],
        text=now.show,
        names=_NAMES,
        joined=True,
    )


def _mark(label: str, sample: Sample, kind: Kind, text: str) -> Mark:
    low, high = sample.interval or (None, None)
    return Mark(label, sample.mean, low, high, kind, told=text)


def _history(judgement: Judgement) -> Element | None:
    """The baselines, latest first, where there is more than one."""
    if len(judgement.past) < 2:
        return None
    rows = [_row(judgement, one) for one in reversed(judgement.past)]
    name = f"{len(judgement.past)} baselines"
    return folded(name, table(["Recorded", "Figure", "With"], rows, "iperf-history", TEXT))


def _row(judgement: Judgement, one: Baseline) -> tuple[str, str, str]:
    other = differences(one.about, judgement.now.about)
    return when(one), judgement.now.of(one.sample), "; ".join((*other.test, *other.rest)) or "the same as now"
