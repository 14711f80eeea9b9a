"""What is said of a figure and its baseline: for the message, the log, and the verdict in the records. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .baselines import Baseline, Series
from .comparison import AS_GOOD, NOT_SHOWN, WORSE, Comparison, Tolerance
from .conditions import Differences, told
from .errors import printable
from .metrics import Asked, more_is_better, shown, title_of, unit_of
from .repeats import trust_of
from .samples import Sample
from .units import Percent

Row = tuple[str, str]


@dataclass(frozen=True)
class Measured:
    """A figure of one or several runs under a key, and with what it was measured.

    Example: ``measured.text`` is ``94.1 Mbit/s ± 0.3 % (95 %), 10 runs``.
    """

    key: str
    figure: str
    asked: Asked
    sample: Sample
    about: dict[str, Any]

    @property
    def series(self) -> Series:
        return Series(self.key, self.figure, str(self.asked))

    @property
    def title(self) -> str:
        return title_of(self.figure, self.asked)

    def show(self, value: float) -> str:
        return shown(value, self.figure, self.asked)

    @property
    def more_is_better(self) -> bool:
        return more_is_better(self.figure, self.asked)

    @property
    def text(self) -> str:
        return self.of(self.sample)

    def of(self, sample: Sample) -> str:
        """Such a figure of other runs."""
        trust = f" {trust_of(sample)} (95 %)" if trust_of(sample) else ""
        return f"{self.show(sample.mean or 0.0)}{trust}, {'one run' if sample.count == 1 else f'{sample.count} runs'}"

    def baseline(self, moment: str) -> Baseline:
        return Baseline(self.series, moment, self.sample.values, self.text, self.about)


@dataclass(frozen=True)
class Judgement:
    """What was measured, beside the baseline that it was compared with.

    ``command`` is the command line that records the figure anew. Where the conditions are those of another test, nothing was compared.
    """

    now: Measured
    past: Sequence[Baseline]
    tolerance: Tolerance
    differences: Differences
    comparison: Comparison | None
    command: str

    @property
    def before(self) -> Baseline:
        return self.past[-1]

    @property
    def passed(self) -> bool:
        return self.comparison is not None and self.comparison.verdict == AS_GOOD

    @property
    def _figures(self) -> str:
        """Example: ``bit rate (receiver) 88.2 Mbit/s, baseline 94.1 Mbit/s (-6.3 %)``"""
        change = change_of(self.now.sample, self.before.sample)
        base = self.now.show(self.before.sample.mean or 0.0)
        title = self.now.title[0].lower() + self.now.title[1:]
        return (
            f"{title} {self.now.show(self.now.sample.mean or 0.0)}, baseline {base}{f' ({change})' if change else ''}"
        )

    @property
    def headline(self) -> str:
        """The first line of the message."""
        baseline = f"the baseline of '{self.now.key}'"
        if self.comparison is None:
            return f"Not comparable with {baseline}, which is of another test: {'; '.join(self.differences.test)}."
        found = {AS_GOOD: "As good as", WORSE: "Worse than", NOT_SHOWN: "Not shown to be as good as"}
        return f"{found[self.comparison.verdict]} {baseline}: {self._figures}."

    @property
    def verdict(self) -> str:
        """What was asked, and what came out, in one line for the records.

        Example: ``Within 5 % of the baseline of 'lan': bit rate (receiver) 94.3 Mbit/s, baseline 94.1 Mbit/s (+0.2 %), as good``
        """
        found = self.comparison.verdict if self.comparison else "not comparable"
        return f"Within {self.tolerated} of the baseline of '{self.now.key}': {self._figures}, {found}"

    @property
    def tolerated(self) -> str:
        return tolerance_text(self.tolerance, self.now)

    @property
    def rows(self) -> list[Row]:
        """What else is to be known, each with its name."""
        return [
            *(self._compared(self.comparison) if self.comparison else ()),
            ("now", self.now.text),
            ("baseline", f"{self.now.of(self.before.sample)}, recorded {when(self.before)}"),
            *self._conditions(),
            *[("what to do", text) for text in self._remedy()],
        ]

    def _conditions(self) -> Iterator[Row]:
        """With what both were measured."""
        before, now = told(self.before.about), told(self.now.about)
        yield "with", now
        if before != now:
            yield "then with", before
        for text in self.differences.rest:
            yield "differs", text

    def _compared(self, found: Comparison) -> Sequence[Row]:
        least = "at least" if self.now.more_is_better else "at most"
        limit = f"{self.tolerated} worse: {least} {self.now.show(found.bound)}"
        if self.tolerance.relative and not found.bound:
            limit += "; per cent of nothing are nothing, so give one in the unit of the figure"
        missed = abs(found.margin)
        place = "better" if found.margin >= 0 else "worse"
        off = f", which may be off by {difference_text(found.reach, self.now)}" if found.reach else ""
        rows = [
            ("tolerated", limit),
            ("found", f"{difference_text(missed, self.now)} {place} than that{off}"),
            ("method", found.method),
        ]
        return [*rows, *([("to show it", self._runs(found))] if found.verdict == NOT_SHOWN else [])]

    def _runs(self, found: Comparison) -> str:
        if found.runs:
            return f"about {found.runs} runs in place of {self.now.sample.count}, if they scatter as these do"
        if self.before.sample.count == 1:
            return "no number of runs would: the baseline is of one run, so record it anew with repeats"
        return "no number of runs would: the figure is at the very limit, or the baseline is of too few runs, so record it anew with more"

    def _remedy(self) -> Sequence[str]:
        if self.passed:
            return []
        if self.comparison is None:
            return [
                f"run it as then, take another key, give same_options=False to compare all the same, or record it anew: {self.command}"
            ]
        if self.comparison.verdict == NOT_SHOWN and self.comparison.runs:
            return [f"run it more often, repeat={self.comparison.runs}; where runs scatter much, find out why"]
        return [f"find out what has changed since then; where it is meant to be so, record it anew: {self.command}"]

    def __str__(self) -> str:
        """The whole message."""
        return explained(self.headline, self.rows)


def explained(text: str, rows: Sequence[Row]) -> str:
    """A sentence and what else is to be known, each in a line of its own."""
    lines = [f"  {f'{name}:':<16} {value}" for name, value in rows]
    return printable("\n".join([text, *lines]))


def change_of(now: Sample, before: Sample) -> str:
    """Example: ``-6.3 %``; nothing where the mean was 0."""
    if not before.mean or now.mean is None:
        return ""
    change = 100 * (now.mean - before.mean) / abs(before.mean)
    return f"{change:+.2g} %" if abs(change) < 10 else f"{change:+.0f} %"


def tolerance_text(tolerance: Tolerance, measured: Measured) -> str:
    """Example: ``5 %``, ``0.5 Mbit/s``, ``0.1 points``"""
    return str(Percent(tolerance.value)) if tolerance.relative else difference_text(tolerance.value, measured)


def difference_text(value: float, measured: Measured) -> str:
    """Example: ``0.5 Mbit/s``, ``0.1 points``: of a figure in per cent, per cent would be a share of it."""
    if unit_of(measured.figure, measured.asked) is Percent:
        return f"{value:.4g} points"
    return measured.show(value)


def when(baseline: Baseline) -> str:
    return f"{baseline.time:%Y-%m-%d %H:%M} UTC"
