"""How long traffic took to fail after an event and to flow again, from the intervals of receivers on one clock. Pure.

An interval with data says that some came between its ends, and no more; so what is known of a moment is the stretch that it lies in, and each
figure is the middle of that, with half of its width as uncertainty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from .result import Flow, Interval, Result

SILENCE = 1.0
"""Seconds without a word of the receiver, after which it counts as getting nothing: a report takes a moment to come."""


class Seen(NamedTuple):
    """What one receiver reported. Times are in seconds after the start of the event.

    ``second_zero`` is when its own seconds began, ``begun`` when it was started.
    """

    second_zero: float
    begun: float
    intervals: Sequence[Interval]


class Outage(NamedTuple):
    """A time without traffic, in seconds after the start of the event; ``end`` is None where it was not over.

    ``start_error`` and ``end_error`` are how far the true moments may be from these.
    """

    start: float
    end: float | None
    start_error: float
    end_error: float


@dataclass(frozen=True)
class Clock:
    """How exact times are: seconds of an ``interval``, between two packets (``spacing``), and the error of the clocks against each other.

    ``longer`` is how much longer a break may have been, and show in no interval, than in two of these: a device that is busy makes longer ones.
    """

    interval: float
    spacing: float = 0.0
    error: float = 0.0
    longer: float = 0.0

    @property
    def unseen(self) -> float:
        """The longest break that shows in no interval: from the first data of one to the last of the next."""
        return 2 * self.interval + self.longer


@dataclass(frozen=True, repr=False)
class Recovery:
    """What an event did to traffic; times in seconds, from the start of the event.

    ``failure`` is when it failed and ``recovery`` when it flowed again for good, None where it never did; ``outage`` is how long none flowed in between, 0 where
    it never failed, None where it was not over. ``uncertainty`` is how far each of them may be off, and ``outage_at_most`` what the outage may have been
    at the worst. ``event_seconds`` is how long the event itself took, ``watched_seconds`` until when traffic was watched, ``clients`` how many were tried,
    ``event_at`` when it began in the intervals of ``result``.

    Example: ``recovery.recovered and recovery.outage_at_most < 3``
    """

    outages: tuple[Outage, ...] = ()
    clock: Clock = field(default_factory=lambda: Clock(0.0))
    event_seconds: float = 0.0
    watched_seconds: float = 0.0
    clients: int = 1
    event_at: float = 0.0
    result: Result | None = None

    @property
    def failure(self) -> float | None:
        return self.outages[0].start if self.outages else None

    @property
    def recovery(self) -> float | None:
        return self.outages[-1].end if self.outages else None

    @property
    def recovered(self) -> bool:
        """Whether traffic flowed at the end."""
        return not self.outages or self.outages[-1].end is not None

    @property
    def outage(self) -> float | None:
        return sum((o.end or 0.0) - o.start for o in self.outages) if self.recovered else None

    @property
    def outage_at_most(self) -> float | None:
        """The upper bound of ``outage``: what a limit is compared with. Where traffic never failed, the longest break that shows in no interval."""
        return None if self.outage is None else self.outage + self.uncertainty

    @property
    def rough(self) -> bool:
        """Whether the true outage may be so much longer or shorter that its middle alone tells little."""
        return bool(self.outages) and self.outage is not None and self.uncertainty > self.outage / 2

    @property
    def uncertainty(self) -> float:
        if not self.outages:
            return self.clock.unseen
        # The clocks do not count for a length that one receiver saw; what counts is that both its ends are uncertain.
        lengths = sum(o.start_error + o.end_error for o in self.outages) + (
            self.clock.error if self.clients > 1 else 0.0
        )
        moments = max((error for o in self.outages for error in (o.start_error, o.end_error)), default=0.0)
        least = self.clock.unseen if self.clock.longer else self.clock.interval + self.clock.spacing
        return max(least, lengths, moments + self.clock.error)

    def __str__(self) -> str:
        """Example: ``failed 0.04 s after the event, flowed again after 2.05 s: 2.01 s without traffic (each ± 0.1 s)``"""
        exact = f"(± {self.uncertainty:.2g} s)"
        if self.failure is None:
            unseen = f"breaks of up to {self.uncertainty:.2g} s do not show"
            return f"traffic did not fail within {self.watched_seconds:.3g} s after the event ({unseen})"
        failed = f"failed {self.failure:.3g} s after the event"
        if self.recovery is None:
            return f"{failed}, had not recovered {self.watched_seconds:.3g} s after it {exact}"
        times = f" in {len(self.outages)} outages" if len(self.outages) > 1 else ""
        most = f", {self.outage_at_most:.3g} s at most" if self.rough else ""
        return f"{failed}, flowed again after {self.recovery:.3g} s: {self.outage:.3g} s without traffic{times}{most} {exact}"

    __repr__ = __str__


def outages(seen: Sequence[Seen], clock: Clock, now: float, waiting: bool = True) -> tuple[Outage, ...]:
    """The times without traffic that ended after the event began, oldest first; ``waiting`` tells whether any receiver runs still.

    Example: ``outages([Seen(-1.0, -1.2, client.intervals)], Clock(0.1), now=5.0)``
    """
    found = list(_gaps(sorted(_with_data(seen)), clock, seen))
    if _known_to(seen, now - (SILENCE if waiting else clock.interval)) - flowed_until(seen) > clock.interval / 2:
        start, error = _start(_last(seen), clock, seen)
        found.append(Outage(start, None, error, 0.0))
    return tuple(outage for outage in found if outage.end is None or outage.end > 0)


def longer(seen: Sequence[Seen], clock: Clock) -> float:
    """How much longer than two intervals a break after the event began may have been without being an outage; 0 where intervals are as they should.

    Example: ``replace(clock, longer=longer(seen, clock))``
    """
    slots = sorted(_with_data(seen))
    breaks = [
        later.end - max(0.0, one.start)
        for one, later in pairwise(slots)
        if later.end > 0 and later.start - one.end <= clock.interval / 2
    ]
    more = max(breaks, default=0.0) - 2 * clock.interval
    return more if more > clock.interval / 2 else 0.0


def flowed_until(seen: Sequence[Seen]) -> float:
    """The end of the last interval with data. That nothing has failed until some moment is known when this has passed it, and not sooner."""
    return max((slot.end for slot in _with_data(seen)), default=0.0)


class _Slot(NamedTuple):
    """An interval with data, on the axis of the event; ``whose`` is the place of its receiver."""

    start: float
    end: float
    whose: int


def _with_data(seen: Sequence[Seen]) -> list[_Slot]:
    return [
        _Slot(one.second_zero + interval.start, one.second_zero + interval.end, place)
        for place, one in enumerate(seen)
        for interval in one.intervals
        if interval.bytes
    ]


def _last(seen: Sequence[Seen]) -> _Slot:
    return max(_with_data(seen), key=lambda slot: slot.end, default=_Slot(0.0, 0.0, 0))


def _known_to(seen: Sequence[Seen], silent: float) -> float:
    ends = [one.second_zero + interval.end for one in seen for interval in one.intervals[-1:]]
    return max([silent, *ends])


def _gaps(slots: list[_Slot], clock: Clock, seen: Sequence[Seen]) -> Iterator[Outage]:
    before = slots[0] if slots else None
    for slot in slots:
        assert before, "the first one"
        if slot.start - before.end > clock.interval / 2:
            start, start_error = _start(before, clock, seen)
            end, end_error = _end(before, slot, clock, seen)
            yield Outage(start, max(start, end), start_error, end_error)
        before = max(before, slot, key=lambda one: one.end)


def _start(last: _Slot, clock: Clock, seen: Sequence[Seen]) -> tuple[float, float]:
    """The last data came within this interval, and nothing a packet later; no event works before it begins.

    Where that receiver reported no other interval, it was ended within the next one, and what came in that is not known.
    """
    reports = seen[last.whose].intervals if seen else ()
    went_on = reports and seen[last.whose].second_zero + reports[-1].end > last.end + clock.interval / 2
    later = clock.spacing if went_on else clock.interval
    return _middle(max(0.0, last.start), max(0.0, last.end + later))


def _end(before: _Slot, first: _Slot, clock: Clock, seen: Sequence[Seen]) -> tuple[float, float]:
    """Data came again within the interval. Where that is another client's, it might have come as soon as the try before it had failed."""
    if first.whose == before.whose:
        return _middle(first.start - clock.spacing, first.end)
    failed = [one.begun for place, one in enumerate(seen) if place < first.whose and one.begun < first.start]
    return _middle(max([before.end, *failed]), first.end)


def _middle(low: float, high: float) -> tuple[float, float]:
    return (low + high) / 2, (high - low) / 2


def joined(seen: Sequence[Seen], result: Result) -> Result:
    """The result with the intervals of all receivers on the time axis of the first; one that gets data where those before it get none takes their place."""
    axis: list[Interval] = []
    for one in seen:
        moved = [_moved(interval, one.second_zero - seen[0].second_zero) for interval in one.intervals]
        began = next((interval.start for interval in moved if interval.bytes), None)
        if began is not None and not any(interval.bytes and interval.end > began for interval in axis):
            axis = [i for i in axis if i.end <= began + 1e-9] + [i for i in moved if i.start >= began]
    flow = result.flows[0] if result.flows else Flow("forward", True)
    return replace(result, flows=(replace(flow, intervals=tuple(axis), streams=()),))


def _moved(interval: Interval, seconds: float) -> Interval:
    return interval._replace(start=interval.start + seconds, end=interval.end + seconds)
