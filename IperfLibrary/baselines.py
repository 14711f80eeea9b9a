"""Whether a figure got worse since a baseline, and the text in which baselines are kept. Pure.

The text has one line of JSON for each baseline, sorted by key and time, so that a change is one line in a diff and two branches that
record other keys merge. The last line of a key counts; those before it are its history.

What is asked is non-inferiority: a figure passes when it is shown that it is not worse than the baseline by more than the tolerance.
With several runs on each side that takes a one-sided Welch's t test at 95 % (unequal variances, NIST/SEMATECH e-Handbook 7.3.1): where
the runs scatter too much to tell, the answer is "not shown", which is no pass. A single figure on either side has no spread that is
known, so it is compared as it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from .errors import ConfigurationError
from .samples import Sample, student_t

HIGHER_IS_BETTER = frozenset({"bitrate", "transfer"})
"""Of all other figures less is better."""

AS_GOOD, WORSE, NOT_SHOWN = "as good", "worse", "not shown"


@dataclass(frozen=True, order=True)
class Baseline:
    """The values of one figure under a key, in the figure's plain unit, and when and with what they were measured."""

    key: str
    moment: str
    figure: str = "bitrate"
    values: tuple[float, ...] = ()
    about: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def sample(self) -> Sample:
        return Sample(self.values)


@dataclass(frozen=True)
class Comparison:
    """``verdict`` is ``as good``, ``worse`` or ``not shown``; ``change`` is that of the mean in per cent of the baseline's.

    ``bound`` is the worst mean that is tolerated, ``reach`` how far the true difference may lie from the one that was found, both in
    the figure's unit; ``method`` says how it was decided.
    """

    verdict: str
    change: float | None
    bound: float
    reach: float | None
    method: str


def compare(figure: str, now: Sample, before: Sample, tolerance: float) -> Comparison:
    """Whether the figure is no worse than before by more than ``tolerance`` per cent of the baseline's mean.

    Example: ``compare("bitrate", Sample.of([93e6]), Sample.of([94e6]), 5).verdict`` is ``"as good"``.
    """
    mean, base = now.mean, before.mean
    if mean is None or base is None:
        raise ConfigurationError("There is nothing to compare: one of the two has no value.")
    sign = 1 if figure in HIGHER_IS_BETTER else -1
    bound = base - sign * abs(base) * tolerance / 100
    margin = sign * (mean - bound)
    change = 100 * (mean - base) / abs(base) if base else None
    reach = _reach(now, before, tolerance)
    if reach is None:
        verdict = AS_GOOD if margin >= 0 else WORSE
        return Comparison(verdict, change, bound, None, "single figures, compared as they are")
    verdict = AS_GOOD if margin >= reach else WORSE if margin < 0 else NOT_SHOWN
    return Comparison(
        verdict, change, bound, reach, f"Welch's t test, one-sided, 95 %, {now.count} and {before.count} runs"
    )


def _reach(now: Sample, before: Sample, tolerance: float) -> float | None:
    """How far the difference of the means, the baseline's less its tolerance, may be off; None for single figures."""
    if now.stdev is None or before.stdev is None:
        return None
    scale = 1 - tolerance / 100
    parts = [(now.stdev**2 / now.count, now.count - 1), ((scale * before.stdev) ** 2 / before.count, before.count - 1)]
    variance = sum(part for part, _ in parts)
    if not variance:
        return 0.0
    degrees = variance**2 / sum(part**2 / df for part, df in parts)
    return student_t(max(1, int(degrees + 1e-9)), one_sided=True) * math.sqrt(variance)


def latest(baselines: Iterable[Baseline], key: str, figure: str) -> Baseline | None:
    """The one that counts for this key and figure."""
    return max((one for one in baselines if one.key == key and one.figure == figure), default=None)


def history(baselines: Iterable[Baseline], key: str, figure: str) -> list[Baseline]:
    """All of this key and figure, oldest first."""
    return sorted(one for one in baselines if one.key == key and one.figure == figure)


def parse(text: str, name: str) -> list[Baseline]:
    """The baselines in the text. Raises ConfigurationError with the line that is none, as after a merge that went wrong."""
    return [_line(line, number, name) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _line(line: str, number: int, name: str) -> Baseline:
    try:
        facts = json.loads(line)
        values = tuple(float(value) for value in facts.pop("values"))
        found = Baseline(
            str(facts.pop("key")), str(facts.pop("moment")), str(facts.pop("figure")), values, facts.pop("about", {})
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ConfigurationError(
            f"Line {number} of {name} is no baseline.",
            said=line[:200],
            cause="two branches changed it and the merge left its marks" if line[:1] in "<=>" else str(problem),
            remedy="mend or remove the line; each is one JSON object",
        ) from problem
    if not values or not all(map(math.isfinite, values)):
        raise ConfigurationError(f"Line {number} of {name} has no values that can be compared.", said=line[:200])
    return found


def as_text(baselines: Iterable[Baseline]) -> str:
    """The text to keep, whose last line ends, too."""
    return "".join(json.dumps(asdict(one), sort_keys=True, ensure_ascii=False) + "\n" for one in sorted(baselines))
