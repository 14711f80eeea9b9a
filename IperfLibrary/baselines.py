"""Baselines, and the text in which they are kept. Pure.

The text has one line of JSON for each baseline, sorted by series and time, and an empty line between two series. So a change is one
line in a diff, and two branches that record different series merge, neighbours too. The latest line of a series counts; those before it
are its history. Lines that nothing was changed in stay as they are, byte for byte.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from .errors import ConfigurationError
from .samples import Sample

KEPT = 20
"""Baselines of a series that are kept: the latest ones."""

_MARK = re.compile(r"(<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)( |$)")


class Series(NamedTuple):
    """What has one baseline: the key, the figure, and which one of it, as ``downstream, stream 2``."""

    key: str
    figure: str
    of: str = ""

    def __str__(self) -> str:
        """Example: ``'lan' (bitrate, downstream)``"""
        return f"'{self.key}' ({', '.join(filter(None, self[1:]))})"


@dataclass(frozen=True)
class Baseline:
    """The values of a figure in its plain unit, and when and with what they were measured.

    ``moment`` is in UTC, as ``2026-01-02T03:04:05.678Z``; ``mean`` tells people the mean with its unit; ``line`` is what it was read from.
    """

    series: Series
    moment: str
    values: tuple[float, ...]
    mean: str = field(default="", compare=False)
    about: Mapping[str, Any] = field(default_factory=dict, compare=False)
    line: str = field(default="", compare=False)

    @property
    def sample(self) -> Sample:
        return Sample(self.values)

    @property
    def time(self) -> datetime:
        return _time(self.moment)

    @property
    def place(self) -> tuple[Any, ...]:
        """Where it stands among others."""
        return self.series, self.time, self.values

    def as_line(self) -> str:
        facts = {**self.series._asdict(), "moment": self.moment, "mean": self.mean}
        values = [int(value) if value.is_integer() else value for value in self.values]
        return self.line or json.dumps({**facts, "values": values, "about": self.about}, ensure_ascii=False)


def history(baselines: Iterable[Baseline], series: Series) -> list[Baseline]:
    """All of this series, oldest first; the last one counts."""
    return sorted((one for one in baselines if one.series == series), key=lambda one: one.place)


def added(baselines: Iterable[Baseline], new: Baseline) -> list[Baseline]:
    """The baselines with the new one, which counts from now on; of its series the oldest go beyond ``KEPT``.

    Raises ConfigurationError where another one is said to be of a later time, so that the new one would not count.
    """
    found = list(baselines)
    before = history(found, new.series)
    if before and before[-1].time >= new.time:
        raise ConfigurationError(
            f"The baseline of {new.series} cannot be recorded: another one is there of {before[-1].moment}, which is later than now, {new.moment}.",
            cause="a clock is wrong, here or where that one was recorded",
            remedy="set the clock, or remove that line from the file",
        )
    old = before[: max(0, len(before) + 1 - KEPT)]
    return [*(one for one in found if one not in old), new]


def parse(text: str, name: str) -> list[Baseline]:
    """The baselines in the text. Raises ConfigurationError for what is none, and for the marks of a merge that is not resolved."""
    lines = text.split("\n")
    marks = [number for number, line in enumerate(lines, 1) if _MARK.match(line)]
    if marks:
        raise ConfigurationError(
            f"{name} has the marks of a merge that is not resolved, in line {', '.join(map(str, marks))}.",
            cause="two branches recorded baselines of the same series",
            remedy="remove these lines alone and keep what is between them: of each series the latest counts",
        )
    return [_read(line.strip(), number, name) for number, line in enumerate(lines, 1) if line.strip()]


def _read(line: str, number: int, name: str) -> Baseline:
    try:
        return _baseline(json.loads(line), line)
    except (ValueError, RecursionError) as problem:
        raise ConfigurationError(
            f"Line {number} of {name} is no baseline.",
            said=line[:200],
            cause=f"it was changed by hand, or is of a newer version: {problem}",
            remedy="mend or remove the line; each is one JSON object",
        ) from problem


def _baseline(facts: Any, line: str) -> Baseline:
    if not isinstance(facts, dict):
        raise ValueError("it is no JSON object")
    texts = [_text(facts, name) for name in ("key", "figure", "moment")]
    _time(texts[2])
    about = facts.get("about", {})
    if not isinstance(about, dict):
        raise ValueError("'about' is no JSON object")
    series = Series(texts[0], texts[1], _text({"of": "", **facts}, "of"))
    return Baseline(series, texts[2], _values(facts.get("values")), str(facts.get("mean", "")), about, line)


def _text(facts: Mapping[str, Any], name: str) -> str:
    if not isinstance(facts.get(name), str):
        raise ValueError(f"it has no text '{name}'")
    return str(facts[name])


def _values(given: Any) -> tuple[float, ...]:
    if not isinstance(given, list) or not given or any(type(value) not in (int, float) for value in given):
        raise ValueError("'values' is no list of numbers")
    values = tuple(map(float, given))
    if not all(map(math.isfinite, values)):
        raise ValueError("'values' has what is no number")
    return values


def _time(moment: str) -> datetime:
    if not moment.endswith("Z"):
        raise ValueError(f"'moment' is no time in UTC, like 2026-01-02T03:04:05Z, but '{moment}'")
    return datetime.fromisoformat(moment[:-1] + "+00:00")


def as_text(baselines: Iterable[Baseline]) -> str:
    """The text to keep, whose last line ends, too. What is there twice, as after a merge, is there once."""
    every = sorted(set(baselines), key=lambda one: one.place)
    groups = ["".join(one.as_line() + "\n" for one in group) for _, group in groupby(every, lambda one: one.series)]
    return "\n".join(groups)
