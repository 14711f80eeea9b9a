"""Tests that ran beside each other, as one value: each result, their sum on one time axis, how fairly they shared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .result import Result
from .samples import fairness
from .timeline import Moment, Placed, placed, summed, together
from .units import Bitrate


@dataclass(frozen=True)
class Beside:
    """``results`` in the order in which the tests were given, None for one that failed; ``offsets`` are the seconds after the first start.

    ``errors`` has what is said of each that failed, by its place. A result with two directions counts with both in the sum.

    Example: ``both.bits_per_second``, ``both.fairness``, ``both.skew``
    """

    results: tuple[Result | None, ...]
    offsets: tuple[float, ...]
    errors: Mapping[int, str] = field(default_factory=dict)

    @property
    def skew(self) -> float:
        """Seconds between the first and the last start."""
        return max(self.offsets, default=0.0) - min(self.offsets, default=0.0)

    @property
    def good(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result)

    @property
    def flows(self) -> list[Placed]:
        """The intervals of every flow, each direction one of its own, on the common axis."""
        return [one for flows in self.placed for one in flows]

    @property
    def placed(self) -> list[list[Placed]]:
        """The flows of each test in order, none for one that failed."""
        least = min(map(_warm_up, self.good), default=0.0)
        return [
            [placed(offset + _warm_up(result) - least, flow) for flow in result.flows] if result else []
            for result, offset in zip(self.results, self.offsets, strict=True)
        ]

    @property
    def timeline(self) -> list[Moment]:
        """What all receivers got together, second by second; where a receiver's count is not known, what was sent to it."""
        return summed(self.flows)

    @property
    def overlap(self) -> list[Moment]:
        """The seconds in which every flow was measured."""
        return together(self.timeline, len(self.flows))

    @property
    def bits_per_second(self) -> float | None:
        """In bits/s, what the receivers got together, the mean of the seconds in which all ran.

        None where there is no such second, one test failed, or a receiver's count is not known.
        """
        moments = self.overlap
        if not moments or any(flow.share is None for flow in self.flows) or len(self.good) < len(self.results):
            return None
        return sum(moment.bits_per_second for moment in moments) / len(moments)

    @property
    def rates(self) -> list[float | None]:
        """What each test's receiver got, in bits/s, in order."""
        return [result.bits_per_second if result else None for result in self.results]

    @property
    def fairness(self) -> float | None:
        """Jain's index over the tests: 1 when all got the same; None where a rate is unknown."""
        rates = self.rates
        return None if None in rates or not rates else fairness(rate for rate in rates if rate is not None)

    @property
    def fake(self) -> bool:
        """Whether nothing was measured in one of them: a fake device told recorded figures."""
        return any(result.fake for result in self.good)

    def __str__(self) -> str:
        """Example: ``3 tests together: 94.2 Mbit/s, fairness 0.998, started within 0.02 s``"""
        total, fair = self.bits_per_second, self.fairness
        told = [str(Bitrate(total)) if total is not None else "sum unknown"]
        told += [f"fairness {fair:.3g}"] if fair is not None else []
        failed = f"{len(self.errors)} failed" if self.errors else ""
        return f"{'FAKE ' * self.fake}{len(self.results)} tests together: {', '.join(filter(None, [*told, failed, f'started within {self.skew:.2g} s']))}"


def _warm_up(result: Result) -> float:
    """Seconds behind which iperf counts from 0 again."""
    return float(result.options.get("omit") or 0.0)
