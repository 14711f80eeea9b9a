"""The highest rate that a path carries without losing more than is allowed: what to try next is MLRsearch's business.

MLRsearch (RFC 9971: the search of RFC 2544 made quicker and steadier), as the FD.io project has written it, is the extra ``search``. Loads are
packets per second there; here they are bits/s of UDP payload, as in iperf.

Robot Framework is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import CommandError, ConfigurationError
from .throughput import Asked, Throughput, Trial
from .units import Bitrate


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
            late = 0 if asked.in_time(trial) else trial.late_packets
            told(f"{said_of(trial)}{f', {late} came late, out of a queue' if late else ''}")
            return library.MeasurementResult(
                intended_duration=intended_duration,
                intended_load=intended_load,
                intended_count=trial.packets if asked.sent_all(trial) else wanted,
                offered_count=trial.packets,
                loss_count=trial.lost_packets + late,
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


def said_of(trial: Trial) -> str:
    return f"{Bitrate(trial.bits_per_second)}: {trial.lost_percent:.3g} % of {trial.packets} packets lost"


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
