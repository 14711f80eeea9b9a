"""Round trips beside a run: idle against loaded. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Phase = Literal["idle", "loaded", "other"]


@dataclass(frozen=True)
class Probe:
    """One probe, sent so many seconds after the traffic began; ``rtt_ms`` is None where it was lost.

    ``other`` are those that count as neither: the very first one, which has to find its way, those of the warm-up, and those after the end.
    """

    seconds: float
    rtt_ms: float | None = None
    phase: Phase = "other"


@dataclass(frozen=True)
class RoundTrips:
    """The probes of one phase in figures, in milliseconds; None where no probe came back."""

    sent_probes: int = 0
    lost_probes: int = 0
    min_ms: float | None = None
    median_ms: float | None = None
    mean_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None

    @property
    def lost_percent(self) -> float | None:
        return 100.0 * self.lost_probes / self.sent_probes if self.sent_probes else None


@dataclass(frozen=True, repr=False)
class Latency:
    """The round trips from a device to an address, before the traffic and while it ran.

    ``resolution_ms`` is what the times were rounded down to: some pings tell whole milliseconds only, and then 0 is less than one.
    ``said`` is why it was not measured until the end.

    Example: ``result.latency.loaded.median_ms``
    """

    address: str
    device: str | None = None
    every_seconds: float | None = None
    resolution_ms: float | None = None
    probes: tuple[Probe, ...] = ()
    said: str | None = None
    raw_file: str | None = None

    @property
    def idle(self) -> RoundTrips:
        """Before the traffic."""
        return round_trips(self.of("idle"))

    @property
    def loaded(self) -> RoundTrips:
        """While the traffic ran, without the warm-up."""
        return round_trips(self.of("loaded"))

    @property
    def added_ms(self) -> float | None:
        """How much the median became longer by the traffic."""
        idle, loaded = self.idle.median_ms, self.loaded.median_ms
        return None if idle is None or loaded is None else loaded - idle

    def of(self, phase: Phase) -> list[Probe]:
        return [probe for probe in self.probes if probe.phase == phase]

    def times(self, phase: Phase) -> list[float]:
        """The round trips of a phase, in milliseconds."""
        return [probe.rtt_ms for probe in self.of(phase) if probe.rtt_ms is not None]

    def __str__(self) -> str:
        """Example: ``latency 0.31 ms idle, 41.2 ms loaded (p95 48.8 ms), 0 of 50 probes lost``"""
        idle, loaded = self.idle, self.loaded
        lost = f"{loaded.lost_probes} of {loaded.sent_probes} probes lost"
        return f"latency {_text(idle.median_ms)} idle, {_text(loaded.median_ms)} loaded (p95 {_text(loaded.p95_ms)}), {lost}"

    __repr__ = __str__


def round_trips(probes: Sequence[Probe]) -> RoundTrips:
    times = [probe.rtt_ms for probe in probes if probe.rtt_ms is not None]
    lost = len(probes) - len(times)
    if not times:
        return RoundTrips(len(probes), lost)
    return RoundTrips(
        len(probes),
        lost,
        min(times),
        percentile(times, 50),
        math.fsum(times) / len(times),
        percentile(times, 95),
        percentile(times, 99),
        max(times),
    )


def percentile(values: Sequence[float], share: int) -> float:
    """The value below which so many per cent of these lie, interpolated between two of them.

    Example: ``percentile([1.0, 2.0, 3.0], 50)`` is 2.0.
    """
    if len(values) == 1:
        return values[0]
    import statistics  # noqa: PLC0415 - with what it imports a fiftieth of the whole library

    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def _text(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g} ms" if value < 100 else f"{value:.0f} ms"
