"""What a search for the highest rate is asked, tries and finds. Pure; who searches is :mod:`IperfLibrary.searching`."""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import ConfigurationError
from .result import Result
from .units import Bitrate, Percent, Seconds


@dataclass(frozen=True)
class Trial:
    """One run of the search: what was to be sent, in bits/s, and what iperf counted.

    ``late_packets`` came when the time of the trial was over, out of a queue: the path did not carry them at that rate.
    """

    bits_per_second: float
    seconds: float
    packets: int
    lost_packets: int
    result: Result | None = None
    late_packets: int = 0

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
        # MLRsearch would look for its steps without end.
        if self.highest * (1 - self.precision / 100) * (1 - 1e-9) <= self.lowest:
            raise ConfigurationError(
                f"The rates to search between, {self.lowest} and {self.highest}, lie no further apart than the precision, {self.precision}.",
                remedy="give a smaller 'precision', or rates that are further apart",
            )
        if self.trials < 1:
            raise ConfigurationError(f"A rate is tried at least once, not {self.trials} times.")

    def sent_all(self, trial: Trial) -> bool:
        """Whether the client sent what it was to send. It paces itself by a clock that is a little off: that is no sign of a path that is full."""
        wanted = round(trial.seconds * trial.bits_per_second / (8.0 * self.length))
        return trial.packets >= wanted * (1 - self.precision / 100)

    def in_time(self, trial: Trial) -> bool:
        """Whether what was sent came while it was sent, but for a share as small as the precision."""
        return trial.late_packets <= trial.packets * self.precision / 100

    def kept(self, trial: Trial) -> bool:
        """Whether the trial lost no more than is allowed, all was sent, and came in time."""
        carried = self.sent_all(trial) and self.in_time(trial)
        return bool(trial.packets) and trial.lost_percent <= self.max_loss and carried


def late_packets(result: Result) -> int:
    """How many packets came out of a queue when their sender was done, as the receiver's intervals tell.

    In time is what came in any stretch as long as was sent in, and an interval more: where in it the first packet came is not known.
    0 where only the sender's intervals are known.
    """
    flow = result.slowest
    if flow is None or flow.measured_at != "receiver" or not flow.sender.seconds:
        return 0
    came = [i for i in flow.intervals if i.bytes and not i.omitted]
    total = sum(i.bytes or 0 for i in came)
    reach = flow.sender.seconds + max((i.seconds for i in came), default=0.0) + 1e-3
    best = max(
        (sum(i.bytes or 0 for i in came if one.start <= i.start and i.end <= one.start + reach) for one in came),
        default=0,
    )
    arrived = (result.packets or 0) - (result.lost_packets or 0)
    return round(arrived * (total - best) / total) if total else 0


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

    @property
    def fake(self) -> bool:
        """Whether nothing was measured in one of its trials: a fake device told recorded figures."""
        return any(trial.result is not None and trial.result.fake for trial in self.trials)

    def __str__(self) -> str:
        """Example: ``96.4 Mbit/s with at most 0.1 % loss (96.9 Mbit/s loses more), 14 trials``"""
        limit = f"{Bitrate(self.above)} loses more" if self.above else "the highest rate that was asked"
        rate = Bitrate(self.bits_per_second)
        count = len(self.trials)
        return f"{'FAKE ' * self.fake}{rate} with at most {self.asked.max_loss} loss ({limit}), {count} {'trial' if count == 1 else 'trials'}"
