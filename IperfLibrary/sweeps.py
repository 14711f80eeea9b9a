"""A matrix of options: every combination of the values that were given, and what was measured with each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod
from typing import Any

from .errors import ConfigurationError, nearest
from .repeats import Repeats
from .result import Result
from .samples import Sample
from .units import Bitrate


class Several(tuple[Any, ...]):
    """One value of an option, or several."""


@cache
def several_of(kind: type) -> type[Several]:
    """The type of what an option takes that has values of this kind."""
    about = f"One value, or a list of them: each is tried.\n\nA value is what {kind.__name__} takes. A list is a variable, like ``@{{VALUES}}``, or written as ``[1, 4, 16]``."
    return type(f"{kind.__name__} or list", (Several,), {"__doc__": about})


@dataclass(frozen=True)
class Combination:
    """One combination: its ``options``, and what was measured; ``outcome`` is None and ``error`` says why where that failed."""

    options: Mapping[str, Any]
    outcome: Result | Repeats | None
    error: str = ""

    @property
    def bits_per_second(self) -> float | None:
        """At the receiver; the mean of repeats."""
        if isinstance(self.outcome, Repeats):
            return self.outcome.bitrate.mean
        return self.outcome.bits_per_second if self.outcome else None

    @property
    def name(self) -> str:
        """Example: ``length=128 Byte, parallel=4``"""
        return named(self.options)

    @property
    def reason(self) -> str:
        """The first line of what went wrong."""
        return self.error.partition("\n")[0]

    def sample(self, figure: str) -> Sample | None:
        """One figure of each run; None where it was not reported."""
        if self.outcome is None:
            return None
        repeats = self.outcome if isinstance(self.outcome, Repeats) else Repeats((self.outcome,))
        return repeats.sample(figure)


@dataclass(frozen=True)
class Sweep:
    """``swept`` has the values of each option that has several, ``tests`` each combination in the order in which they ran.

    Example: ``sweep.at(length=128, parallel=4).bits_per_second``
    """

    swept: Mapping[str, Sequence[Any]]
    tests: tuple[Combination, ...]

    @property
    def results(self) -> tuple[Result | Repeats | None, ...]:
        """The result of each combination, or its repeats; None for one that failed."""
        return tuple(one.outcome for one in self.tests)

    @property
    def failed(self) -> tuple[Combination, ...]:
        return tuple(one for one in self.tests if one.outcome is None)

    @property
    def best(self) -> Combination | None:
        """The combination with the highest bit rate."""
        return max(self._measured(), key=_rate, default=None)

    @property
    def worst(self) -> Combination | None:
        """The combination with the lowest bit rate."""
        return min(self._measured(), key=_rate, default=None)

    def _measured(self) -> Iterator[Combination]:
        return (one for one in self.tests if one.bits_per_second is not None)

    def at(self, **options: Any) -> Result | Repeats:
        """What was measured with these values. Raises ConfigurationError where that is no combination, or several are."""
        for name in options:
            if name not in self.swept:
                raise ConfigurationError(f"'{name}' was not swept.{nearest(name, self.swept)}")
        found = [one for one in self.tests if all(_same(one.options[name], options[name]) for name in options)]
        if len(found) != 1:
            known = "; ".join(f"{name}: {', '.join(map(str, values))}" for name, values in self.swept.items())
            raise ConfigurationError(
                f"{len(found) or 'No'} combinations of the sweep have {named(options) or 'no value'}.",
                remedy=f"give one value of each option: {known}",
            )
        if found[0].outcome is None:
            raise ConfigurationError(f"There is no result with {found[0].name}: it failed.", said=found[0].error)
        return found[0].outcome

    @property
    def fake(self) -> bool:
        """Whether nothing was measured in one of them: a fake device told recorded figures."""
        return any(one.outcome is not None and one.outcome.fake for one in self.tests)

    def __str__(self) -> str:
        """Example: ``6 combinations of length and parallel: 11.2 Mbit/s (length=64 Byte, parallel=1) to 94.1 Mbit/s (length=1.414 KByte, parallel=4)``"""
        count = f"{'FAKE ' * self.fake}{len(self.tests)} combinations of {' and '.join(self.swept)}"
        failed = f", {len(self.failed)} failed" if self.failed else ""
        if not self.best or not self.worst:
            return f"{count}: bit rate unknown{failed}"
        ends = " to ".join(f"{Bitrate(_rate(one))} ({one.name})" for one in (self.worst, self.best))
        return f"{count}: {ends}{failed}"


def named(options: Mapping[str, Any]) -> str:
    """Example: ``length=128 Byte, parallel=4``"""
    return ", ".join(f"{name}={value}" for name, value in options.items())


def combinations(swept: Mapping[str, Sequence[Any]], most: int) -> list[dict[str, Any]]:
    """Every combination, the first option changing slowest. Raises ConfigurationError where there are more than ``most``."""
    if not swept:
        raise ConfigurationError(
            "There is nothing to sweep: no option has several values.",
            remedy="give a list to one at least: 'length=@{LENGTHS}' or 'length=[128, 512, 1448]'",
        )
    count = prod(len(values) for values in swept.values())
    if count > most:
        raise ConfigurationError(
            f"The sweep has {count} combinations, more than {most}.",
            cause=" times ".join(f"{len(values)} of '{name}'" for name, values in swept.items()),
            remedy="give fewer values, or allow that many with 'max_combinations'",
        )
    return [dict(zip(swept, values, strict=True)) for values in product(*swept.values())]


def _rate(tested: Combination) -> float:
    return tested.bits_per_second or 0.0


def _same(value: Any, asked: Any) -> bool:
    """Whether that is the value, which may also be given as it is written: ``128K`` is 131072 of a size."""
    if value == asked or str(value) == str(asked):
        return True
    try:
        return bool(type(value).parse(asked) == value)
    except (AttributeError, ValueError, TypeError):
        return False
