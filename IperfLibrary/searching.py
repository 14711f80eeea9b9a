"""The highest rate that a path carries without losing more than is allowed: what to try next is MLRsearch's business.

MLRsearch (RFC 2544 made quicker and steadier, by the FD.io project, RFC 9971) is the extra ``search``. Loads are
packets per second there; here they are bits/s of UDP payload, as in iperf.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .errors import CommandError, ConfigurationError
from .result import Result
from .units import Bitrate, Percent, Seconds


@dataclass(frozen=True)
class Trial:
    """One run of the search: what was to be sent, in bits/s, and what iperf counted."""

    bits_per_second: float
    seconds: float
    packets: int
    lost_packets: int
    result: Result | None = None

    @property
    def lost_percent(self) -> float:
        return 100 * self.lost_packets / self.packets if self.packets else 100.0


@dataclass(frozen=True)
class Asked:
    """What is searched: between which rates in bits/s, with how many bytes a packet, how much loss, how exactly, how long a trial."""

    lowest: Bitrate
    highest: Bitrate
    length: int
    max_loss: Percent
    precision: Percent
    duration: Seconds
    trials: int = 3
    """Trials of that duration that a rate must stand, more than half of them, before it counts."""
    limit: Seconds = field(default_factory=lambda: Seconds(1200))

    def __post_init__(self) -> None:
        if not 0 < self.lowest < self.highest:
            raise ConfigurationError(
                f"The rates to search between are {self.lowest} and {self.highest}: the second is to be higher."
            )
        if not 0 <= self.max_loss < 100:
            raise ConfigurationError(f"A loss to allow lies between 0 and 100 %, not at {self.max_loss}.")
        if not 0 < self.precision < 100:
            raise ConfigurationError(f"A precision lies between 0 and 100 %, not at {self.precision}.")
        if self.trials < 1:
            raise ConfigurationError(f"A rate is tried at least once, not {self.trials} times.")


@dataclass(frozen=True)
class Throughput:
    """``bits_per_second`` is the highest rate that kept the loss; ``above`` the lowest that did not, None where all did."""

    asked: Asked
    bits_per_second: float
    above: float | None
    trials: tuple[Trial, ...]

    @property
    def seconds(self) -> float:
        """Seconds of traffic that it took."""
        return sum(trial.seconds for trial in self.trials)

    @property
    def reached_highest(self) -> bool:
        """Whether even the highest rate kept the loss: the true answer lies above it."""
        return self.above is None

    def __str__(self) -> str:
        """Example: ``96.4 Mbit/s with at most 0.1 % loss (96.9 Mbit/s loses more), 14 trials``"""
        limit = f"{Bitrate(self.above)} loses more" if self.above else "the highest rate that was asked"
        rate = Bitrate(self.bits_per_second)
        fake = "FAKE " if any(trial.result and trial.result.fake for trial in self.trials) else ""
        return f"{fake}{rate} with at most {self.asked.max_loss} loss ({limit}), {len(self.trials)} trials"


def search(
    asked: Asked, run: Callable[[float, float], Trial], told: Callable[[str], None] = lambda line: None
) -> Throughput:
    """Runs trials, ``run(bits_per_second, seconds)``, until the rate is known. Raises CommandError when there is none."""
    library = _mlrsearch()
    trials: list[Trial] = []
    bits = 8.0 * asked.length

    class Measurer(library.AbstractMeasurer):  # type: ignore[misc,name-defined]
        def measure(self, intended_duration: float, intended_load: float) -> Any:
            trial = run(intended_load * bits, intended_duration)
            trials.append(trial)
            wanted = round(intended_duration * intended_load)
            # A client paces itself by a clock that is a little off: that is no sign of a path that is full.
            sent_all = trial.packets >= wanted * (1 - asked.precision / 100)
            told(f"{Bitrate(trial.bits_per_second)}: {trial.lost_percent:.3g} % of {trial.packets} packets lost")
            return library.MeasurementResult(
                intended_duration=intended_duration,
                intended_load=intended_load,
                intended_count=trial.packets if sent_all else wanted,
                offered_count=trial.packets,
                loss_count=trial.lost_packets,
            )

    goal = library.SearchGoal(
        loss_ratio=asked.max_loss / 100,
        relative_width=asked.precision / 100,
        initial_trial_duration=float(asked.duration),
        final_trial_duration=float(asked.duration),
        duration_sum=float(asked.duration) * asked.trials,
        fail_fast=False,
    )
    config = library.Config()
    config.goals = [goal]
    config.min_load, config.max_load = asked.lowest / bits, asked.highest / bits
    config.search_duration_max, config.warmup_duration = float(asked.limit), 0.0
    try:
        found = library.MultipleLossRatioSearch(config=config).search(Measurer(), debug=lambda line: None)[goal]
    except RuntimeError as problem:
        raise _nothing_found(asked, trials, f"the search did not end within {asked.limit} ({problem})") from problem
    below, above = found.relevant_lower_bound, found.relevant_upper_bound
    if below is None:
        raise _nothing_found(asked, trials, f"even {asked.lowest} loses more, or the client cannot send it")
    return Throughput(asked, float(below) * bits, float(above) * bits if above else None, tuple(trials))


def _nothing_found(asked: Asked, trials: list[Trial], cause: str) -> CommandError:
    least = min(trials, key=lambda trial: trial.bits_per_second, default=None)
    said = f"{Bitrate(least.bits_per_second)}: {least.lost_percent:.3g} % lost" if least else None
    return CommandError(
        f"No rate between {asked.lowest} and {asked.highest} was found that loses at most {asked.max_loss}.",
        said=said,
        cause=cause,
        remedy="see the trials in the log; give a lower 'min_rate', more 'max_loss', or a longer 'limit'",
    )


def _mlrsearch() -> Any:
    try:
        import MLRsearch  # noqa: PLC0415
    except ImportError as problem:
        raise ConfigurationError(
            "The search for a rate needs MLRsearch, which is not installed.",
            remedy="install it: pip install 'robotframework-iperflibrary[search]'",
        ) from problem
    return MLRsearch
