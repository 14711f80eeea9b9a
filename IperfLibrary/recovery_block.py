"""A recovery as one block of HTML for Robot Framework's log: figures, outages, and a chart with the moments marked. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .chart import Mark, picture
from .markup import as_markup
from .parts import TEXT, badge, block, folded, headline, table, trouble
from .recovery import Recovery

OUTAGES = 100
"""Most outages that are listed."""


def as_html(recovery: Recovery, about: str = "") -> str:
    """The recovery as HTML; ``about`` says from where to where traffic flowed.

    Example: ``as_html(recovery, "dut to pc")``
    """
    made = block(
        headline(_summary(recovery), about, *_badges(recovery)),
        trouble("Traffic did not flow again for as long as it was watched.", "warn")
        if not recovery.recovered
        else None,
        table([], _rows(recovery), "iperf-recovery", TEXT),
        _outages(recovery),
        picture(recovery.result, list(_marks(recovery))) if recovery.result else None,
    )
    return as_markup(made)


def _summary(recovery: Recovery) -> str:
    text = str(recovery)
    return text[0].upper() + text[1:]


def _badges(recovery: Recovery) -> Iterator[Element]:
    if not recovery.recovered:
        yield badge("NOT RECOVERED", "warn")


def _rows(recovery: Recovery) -> Iterator[tuple[str, str]]:
    exact, watched = f"\N{PLUS-MINUS SIGN} {recovery.uncertainty:.2g} s", f"within {recovery.watched_seconds:.3g} s"
    never = recovery.failure is None
    yield "The event took", f"{recovery.event_seconds:.3g} s"
    yield "Failed after", _after(recovery.failure, exact, f"never, {watched}")
    yield "Flowed again after", _after(recovery.recovery, exact, "never failed" if never else f"not {watched}")
    most = f", {recovery.outage_at_most:.3g} s at most" if recovery.outages and recovery.recovered else ""
    yield "Without traffic", _after(recovery.outage, exact + most, "not over")
    yield "Clients tried", str(recovery.clients)


def _after(seconds: float | None, exact: str, never: str) -> str:
    return never if seconds is None else f"{seconds:.3g} s {exact}"


def _outages(recovery: Recovery) -> Element | None:
    """Where there are several, folded away."""
    if len(recovery.outages) < 2:
        return None
    rows = [
        (f"{n}.", f"{o.start:.3g} s", "not over" if o.end is None else f"{o.end:.3g} s")
        for n, o in enumerate(recovery.outages, 1)
    ]
    return folded(f"{len(rows)} outages", table(["", "From", "To"], rows[:OUTAGES], "iperf-outages"))


def _marks(recovery: Recovery) -> Iterator[Mark]:
    """On the axis of the intervals, which begins with the first client."""
    yield Mark(recovery.event_at, "event", left=True)
    if recovery.failure is not None:
        yield Mark(
            recovery.event_at + recovery.failure, "failed", error=_seen(recovery, recovery.outages[0].start_error)
        )
    if recovery.recovery is not None:
        yield Mark(
            recovery.event_at + recovery.recovery, "flows again", error=_seen(recovery, recovery.outages[-1].end_error)
        )


def _seen(recovery: Recovery, error: float) -> float:
    """The error where it is more than that of any moment: within an interval, a line is as good."""
    return error if error > recovery.clock.interval else 0.0
