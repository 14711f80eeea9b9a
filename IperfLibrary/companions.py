"""What was sampled beside a run: what is asked for, how a value is found in what a device said, the values. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .units import Bitrate, Percent

NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
"""What counts as the value where no pattern is given: the first number."""

AT, DONE = "iperflibrary-at", "iperflibrary-done"
"""What stands before and behind what the command printed each time."""

# Who has /proc tells its own clock, so that neither a slow network nor a slow command moves a value in time. What a sleep does
# not take for a number, as busybox may with 0.5, must not become a loop without a pause.
_LOOP = (
    f'while :; do u=; {{ read -r u s </proc/uptime; }} 2>/dev/null; echo; echo "{AT} $u";'
    f' sh -c "$1" </dev/null; r=$?; echo; echo "{DONE} $r"; sleep "$2" 2>/dev/null || sleep 1; done'
)


@dataclass(frozen=True)
class Sampled:
    """A value at a moment, in seconds since the traffic began; None is unknown: it could not be read then."""

    seconds: float
    value: float | None = None


@dataclass(frozen=True, repr=False)
class Companion:
    """What was sampled beside a run. ``said`` is why the last value that is unknown is so.

    Figures are those of the traffic: what was sampled before it and in the warm-up is among the points, and does not count.

    Example: ``result.companions[0].mean``
    """

    name: str
    unit: str = ""
    source: str = ""
    device: str | None = None
    points: tuple[Sampled, ...] = ()
    said: str | None = None
    raw_file: str | None = None

    @property
    def values(self) -> tuple[float, ...]:
        """Those that are known, of the time of the traffic."""
        return tuple(point.value for point in self.points if point.seconds >= 0 and point.value is not None)

    @property
    def min(self) -> float | None:
        return min(self.values, default=None)

    @property
    def mean(self) -> float | None:
        return math.fsum(self.values) / len(self.values) if self.values else None

    @property
    def max(self) -> float | None:
        return max(self.values, default=None)

    @property
    def unknown(self) -> int:
        """How often it could not be read while there was traffic."""
        return sum(point.value is None and point.seconds >= 0 for point in self.points)

    def text(self, value: float | None) -> str:
        """A value with its unit.

        Example: ``Companion("rssi", "dBm").text(-61.0)`` is ``-61 dBm``.
        """
        return "unknown" if value is None else with_unit(value, self.unit)

    def __str__(self) -> str:
        figures = ", ".join(f"{name} {self.text(getattr(self, name))}" for name in ("min", "mean", "max"))
        return f"{self.name}: {figures}{f', {self.unknown} unknown' if self.unknown else ''}"

    __repr__ = __str__


def with_unit(value: float, unit: str) -> str:
    """A figure as people read it.

    Example: ``with_unit(12_500_000, "byte/s")`` is ``12,500,000 byte/s``.
    """
    if unit == "bit/s" and value >= 0:
        return str(Bitrate(value))
    if unit == "%":
        return str(Percent(value))
    number = f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{number} {unit}".rstrip()


@dataclass(frozen=True)
class InUnit:
    """What a figure in this unit is compared with: a number, alone or with the unit behind it."""

    unit: str

    def parse(self, value: str | float) -> float:
        """Raises ValueError for another unit, or what is no number.

        Example: ``InUnit("dBm").parse("-60 dBm")`` is -60.0.
        """
        text = str(value).strip()
        found = NUMBER.match(text)
        if not found:
            raise ValueError("it does not begin with a number")
        unit = text[found.end() :].strip()
        if unit in ("", self.unit):
            return float(found[0])
        if self.unit == "bit/s":
            return Bitrate.parse(text)
        none = "the figure has no unit; 'unit=' of Add Iperf Companion gives it one"
        raise ValueError(f"the figure is in {self.unit}" if self.unit else none)

    def __call__(self, value: float) -> float:
        return value


@dataclass(frozen=True)
class Wanted:
    """What shall be sampled. ``every`` is the pause between two samples in seconds; 0 is a command that prints each value by itself.

    ``pattern`` finds the value in what was said: its first group, or all of it. With ``rate`` the value is how much more it
    became in a second, as of a counter.
    """

    name: str
    source: str
    every: float = 1.0
    pattern: str | None = None
    unit: str = ""
    rate: bool = False
    device: str | None = None

    def value_in(self, text: str) -> float | None:
        """Example: ``Wanted("rssi", "iw ...", pattern=r"signal: (\\S+)").value_in("signal: -61 dBm")`` is -61.0."""
        found = re.search(self.pattern, text, re.MULTILINE) if self.pattern else NUMBER.search(text)
        if not found:
            return None
        try:
            value = float(found[1] if found.re.groups else found[0])
        except (TypeError, ValueError):
            return None
        return value if math.isfinite(value) else None


class Taken(NamedTuple):
    """What was sampled at a moment of this program's clock; ``said`` is why there is no value."""

    moment: float
    value: float | None
    said: str = ""


def loop_of(command: str, every: float) -> tuple[str, ...]:
    """The words that run the command again and again on a device, by its own shell."""
    return ("sh", "-c", _LOOP, "sh", command, f"{every:g}")


Line = tuple[float, str]
"""A line, and when it came."""


def taken(wanted: Wanted, lines: Sequence[Line]) -> list[Taken]:
    """What a command printed until now, as samples."""
    if not wanted.every:
        values = ((moment, wanted.value_in(text)) for moment, text in lines)
        found = [Taken(moment, value) for moment, value in values if value is not None]
    else:
        found = [_sample(wanted, turn) for turn in _turns(lines)]
    return rates(found) if wanted.rate else found


class _Turn(NamedTuple):
    moment: float
    text: str
    exit_code: str


def _turns(lines: Sequence[Line]) -> Iterator[_Turn]:
    """Each time that the command was run, as far as it is over."""
    behind = _clock(lines)
    moment: float | None = None
    text: list[str] = []
    for came, line in lines:
        word, _, rest = line.partition(" ")
        if word == AT:
            moment, text = came if behind is None else float(rest) + behind, []
        elif word == DONE and moment is not None:
            yield _Turn(moment, "\n".join(text), rest)
            moment = None
        else:
            text.append(line)


def _clock(lines: Sequence[Line]) -> float | None:
    """How far the device's clock is behind ours: what came fastest tells it best. None where one line has no such clock."""
    told = [(came, line.partition(" ")[2]) for came, line in lines if line.split(" ")[0] == AT]
    if not told or not all(re.fullmatch(r"\d+(\.\d+)?", clock) for _, clock in told):
        return None
    return min(came - float(clock) for came, clock in told)


def _sample(wanted: Wanted, turn: _Turn) -> Taken:
    if turn.exit_code != "0":
        return Taken(turn.moment, None, f"its exit code was {turn.exit_code}")
    value = wanted.value_in(turn.text)
    return Taken(turn.moment, value, "" if value is not None else no_value(turn.text))


def no_value(text: str) -> str:
    """Why there is no value in what was said."""
    said = " ".join(text.split())[:100]
    return f"no value was found in '{said}'" if said else "nothing was printed"


def rates(samples: Iterable[Taken]) -> list[Taken]:
    """How much more it became in a second, from one that is known to the next. A counter that became less tells nothing."""
    found: list[Taken] = []
    last: Taken | None = None
    for one in samples:
        if one.value is None:
            found.append(one)
            continue
        if last and last.value is not None and one.moment > last.moment:
            more = one.value - last.value
            found.append(_rate(one.moment, more, one.moment - last.moment))
        last = one
    return found


def _rate(moment: float, more: float, seconds: float) -> Taken:
    if more < 0:
        return Taken(moment, None, "the counter became less: it was set back, or began anew")
    return Taken(moment, round(more / seconds, 3))
