"""Several runs of the same test as one value: each result, and of each figure the mean and how far it can be trusted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .metrics import METRICS, Asked, figure, unit_of
from .result import Result
from .samples import Sample

HEADLINE = "bitrate"


@dataclass(frozen=True)
class Repeats:
    """``results`` in their order; ``failed`` counts the runs that gave none.

    Example: ``repeats.bitrate.mean``, ``repeats.sample("loss").interval``
    """

    results: tuple[Result, ...]

    def sample(self, name: str, asked: Asked = Asked()) -> Sample | None:  # noqa: B008 - frozen
        """One figure of each run, in its plain unit; None where one of them did not report it."""
        values = [figure(result, name, asked) for result in self.results]
        return None if not values or None in values else Sample.of(values)

    @property
    def bitrate(self) -> Sample:
        """The bit rates at the receiver, in bits/s."""
        return self.sample(HEADLINE) or Sample(())

    @property
    def figures(self) -> Mapping[str, Sample]:
        """All figures that every run reported."""
        return {name: sample for name in METRICS if (sample := self.sample(name))}

    @property
    def fake(self) -> bool:
        """Whether nothing was measured in one of them: a fake device told recorded figures."""
        return any(result.fake for result in self.results)

    def __str__(self) -> str:
        """One line: how often, the mean with its 95 % interval, the spread, which runs stand out.

        Example: ``5 runs: 94.1 Mbit/s ± 0.3 % (95 %), 93.9 to 94.4 Mbit/s; run 3 stands out``
        """
        sample, unit = self.bitrate, unit_of(HEADLINE, Asked())
        runs = "1 run" if len(self.results) == 1 else f"{len(self.results)} runs"
        runs = f"FAKE {runs}" if self.fake else runs
        if not sample.count:
            return f"{runs}: bit rate unknown"
        trust = f" {trust_of(sample)} (95 %)" if trust_of(sample) else ""
        spread = f"{unit(min(sample.values))} to {unit(max(sample.values))}" if sample.count > 1 else ""
        told = ", ".join(filter(None, (f"{unit(sample.mean or 0)}{trust}", spread)))
        return f"{runs}: {told}{_odd(sample.outliers)}"


def trust_of(sample: Sample) -> str:
    """How far the mean can be trusted, in two digits; empty where nobody knows.

    Example: ``± 2.8 %``
    """
    share = sample.uncertainty
    return "" if share is None else f"± {share:.2g} %" if share < 99.5 else f"± {share:.0f} %"


def _odd(runs: tuple[int, ...]) -> str:
    if not runs:
        return ""
    return f"; {'run' if len(runs) == 1 else 'runs'} {', '.join(map(str, runs))} {'stands' if len(runs) == 1 else 'stand'} out"
