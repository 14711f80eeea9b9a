"""What consists of several runs as a block of HTML for the log: repeats, tests in parallel, searches, sweeps. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod
from typing import Any
from xml.etree.ElementTree import Element

from .beside import Beside
from .markup import as_markup
from .metrics import METRICS, Asked, figure
from .overlay import overlay
from .parts import badge, block, folded, headline, trouble, wide_table
from .plot import SERIES, Kind, Line, Mark, plot
from .repeats import HEADLINE, Repeats, trust_of
from .result import Result
from .samples import Sample
from .sweeps import Combination, Sweep, named
from .throughput import Asked as Wanted
from .throughput import Throughput, Trial
from .units import Bitrate, Count, Percent, Seconds, Size

OPEN = 10
"""Rows of a list that is not folded away."""

OF_A_RUN = ("bitrate", "retransmits", "rtt", "loss", "jitter", "out_of_order")
"""The figures that are listed of each run, where they are known."""


def text_of(name: str) -> Callable[[float], str]:
    """How a figure is written in its unit, also where it is the mean of whole numbers.

    Example: ``text_of("bitrate")(94.1e6)`` is ``"94.1 Mbit/s"``, ``text_of("retransmits")(2.5)`` is ``"2.5"``.
    """
    unit = METRICS[name].unit
    if unit is Count:
        return lambda value: f"{value:.4g}"
    if unit is Size:
        return lambda value: Size(round(value)).rounded()
    # The unit of a duration writes ten digits.
    return lambda value: str(unit(float(f"{value:.4g}")))


# -- repeats


def of_repeats(repeats: Repeats, about: str = "") -> str:
    """Every run, and of each figure the mean with its 95 % interval, the spread, what stands out; a chart of the runs."""
    known = [name for name in OF_A_RUN if any(figure(one, name, Asked()) is not None for one in repeats.results)]
    runs = wide_table(["Run", *map(_title, known), ""], _runs(repeats, known), "iperf-runs")
    whole = block(
        headline(str(repeats), about),
        wide_table(
            ["", "Mean", "95 % interval", "Median", "Stdev", "cv", "Outliers"], _figures(repeats), "iperf-figures"
        ),
        _plot_of_runs(repeats),
        runs if len(repeats.results) <= OPEN else folded(f"{len(repeats.results)} runs", runs),
    )
    return as_markup(whole)


def _title(name: str) -> str:
    title = METRICS[name].title
    return title[0].upper() + title[1:]


def _runs(repeats: Repeats, known: Sequence[str]) -> Iterator[list[str | None]]:
    for number, result in enumerate(repeats.results, 1):
        figures = [_told(figure(result, name, Asked()), name) for name in known]
        yield [str(number), *figures, "stands out" if number in repeats.bitrate.outliers else ""]


def _told(value: float | None, name: str) -> str | None:
    return None if value is None else text_of(name)(value)


def _figures(repeats: Repeats) -> Iterator[list[str | None]]:
    for name, sample in repeats.figures.items():
        text = text_of(name)
        mean, median = _told(sample.mean, name), _told(sample.median, name)
        spread = [_NONE if sample.stdev is None else text(sample.stdev), _percent(sample.cv)]
        stand_out = ", ".join(f"run {number}" for number in sample.outliers) or "none"
        yield [_title(name), mean, _interval(sample, text), median, *spread, stand_out]


_NONE = "\N{EN DASH}"
"""Of what one run alone cannot have."""


def _interval(sample: Sample, text: Callable[[float], str]) -> str:
    bounds = _bounds(sample)
    return f"{text(bounds[0])} to {text(bounds[1])}" if bounds else _NONE


def _bounds(sample: Sample | None) -> tuple[float, float] | None:
    """The 95 % interval. No figure is less than 0, whatever a symmetric interval says."""
    interval = sample.interval if sample else None
    return (max(0.0, interval[0]), interval[1]) if interval else None


def _percent(value: float | None) -> str:
    return _NONE if value is None else Percent(value).rounded()


def _plot_of_runs(repeats: Repeats) -> Element | None:
    sample = repeats.bitrate
    marks = [
        Mark(
            str(number),
            value,
            kind="odd" if number in sample.outliers else "good",
            told="stands out" if number in sample.outliers else "",
        )
        for number, value in enumerate(sample.values, 1)
    ]
    low, high = _bounds(sample) or (None, None)
    mean = [Line("mean, with its 95 % interval,", sample.mean, low, high)] if sample.interval and sample.mean else []
    return plot(marks, "Bit rate of each run", mean, names={"good": "run"})


# -- tests in parallel


def of_parallel(beside: Beside, names: Sequence[str]) -> str:
    """Each flow and their sum, as a table and over time, and what failed."""
    flows = [_flow(place, beside, name) for place, name in enumerate(names)]
    total = beside.bits_per_second
    sum_of = ["Together", None if total is None else str(Bitrate(total)), "", "", "", ""]
    heads = ["", "Received", "Sent", "Retransmits", "Loss", "Started after"]
    whole = block(
        headline(str(beside), "", *_failed(len(beside.errors))),
        *[trouble(f"{names[place]}: {text}", "fail") for place, text in beside.errors.items()],
        wide_table(heads, [*flows, sum_of], "iperf-flows"),
        overlay(beside, names),
    )
    return as_markup(whole)


def _failed(count: int) -> list[Element]:
    return [badge(f"{count} FAILED", "fail")] if count else []


def _flow(place: int, beside: Beside, name: str) -> list[str | None]:
    result = beside.results[place]
    start = str(Seconds(round(beside.offsets[place], 3)))
    if result is None:
        return [name, "failed", "", "", "", start if place not in beside.errors else ""]
    udp = result.protocol == "udp"
    sent = _told(result.sent.bits_per_second, HEADLINE)
    wrong = [_told_of(result, "retransmits") if not udp else "", _told_of(result, "loss") if udp else ""]
    return [name, _told_of(result, HEADLINE), sent, *wrong, start]


def _told_of(result: Result, name: str) -> str | None:
    return _told(figure(result, name, Asked()), name)


# -- searches


def of_search(asked: Wanted, trials: Sequence[Trial], found: Throughput | None, about: str) -> str:
    """Every trial, which of them kept the loss, and the answer, as a table and as charts; also of a search that found none."""
    nothing = [] if found else [badge("NOTHING FOUND", "fail")]
    whole = block(
        headline(str(found) if found else "No rate was found", about, *nothing),
        _path_of_search(asked, trials, found),
        _plot_of_loss(asked, trials),
        _trials(asked, trials),
    )
    return as_markup(whole)


def _path_of_search(asked: Wanted, trials: Sequence[Trial], found: Throughput | None) -> Element | None:
    marks = [
        Mark(str(number), one.bits_per_second, kind=_kind(asked, one), told=f"{_loss(one)} lost")
        for number, one in enumerate(trials, 1)
    ]
    lines = [Line("answer", found.bits_per_second)] if found else []
    lines += [Line("loses more:", found.above)] if found and found.above else []
    return plot(marks, "Rate of each trial, in their order", lines, names=_KEPT, joined=True)


def _plot_of_loss(asked: Wanted, trials: Sequence[Trial]) -> Element | None:
    marks = [
        Mark(str(Bitrate(one.bits_per_second)), one.lost_percent, kind=_kind(asked, one), at=one.bits_per_second)
        for one in sorted(trials, key=lambda one: one.bits_per_second)
    ]
    return plot(marks, "Loss at each rate", [Line("allowed", asked.max_loss)], text=text_of("loss"), names=_KEPT)


_KEPT: Mapping[Kind, str] = {"good": "kept the loss", "bad": "lost more, not all was sent, or it came late"}


def _loss(trial: Trial) -> str:
    return Percent(trial.lost_percent).rounded()


def _kind(asked: Wanted, trial: Trial) -> Kind:
    return "good" if asked.kept(trial) else "bad"


def _verdict(asked: Wanted, trial: Trial) -> str:
    if asked.kept(trial):
        return "yes"
    if not asked.sent_all(trial):
        return "no, not all was sent"
    return "no" if asked.in_time(trial) else "no, it came late, out of a queue"


def _trials(asked: Wanted, trials: Sequence[Trial]) -> Element:
    heads = ["Trial", "Rate", "Time", "Packets", "Lost", "Loss", "Kept"]
    rows = [
        [
            str(number),
            str(Bitrate(one.bits_per_second)),
            str(Seconds(one.seconds)),
            str(one.packets),
            str(one.lost_packets),
            _loss(one),
            _verdict(asked, one),
        ]
        for number, one in enumerate(trials, 1)
    ]
    listed = wide_table(heads, rows, "iperf-trials")
    return listed if len(trials) <= OPEN else folded(f"{len(trials)} trials", listed)


# -- sweeps


def of_sweep(sweep: Sweep, about: str) -> str:
    """Every combination with what was measured, as a table and a chart, and what failed."""
    known = [name for name in OF_A_RUN if any(one.sample(name) for one in sweep.tests)]
    rows = [_combination(one, known) for one in sweep.tests]
    whole = block(
        headline(str(sweep), about, *_failed(len(sweep.failed))),
        *[trouble(f"{one.name}: {one.reason}", "fail") for one in sweep.failed],
        wide_table([*sweep.swept, *map(_title, known)], rows, "iperf-sweep"),
        *[_plot_of_sweep(sweep, name) for name in known if name in (HEADLINE, "loss")],
    )
    return as_markup(whole)


def _combination(one: Combination, known: Sequence[str]) -> list[str | None]:
    figures = [_mean(one.sample(name), name) for name in known]
    return [*map(str, one.options.values()), *(figures if one.outcome else ["failed", *[""] * (len(known) - 1)])]


def _mean(sample: Sample | None, name: str) -> str | None:
    if sample is None or sample.mean is None:
        return None
    return f"{text_of(name)(sample.mean)} {trust_of(sample)}".rstrip()


def _plot_of_sweep(sweep: Sweep, name: str) -> Element | None:
    """Across stands the option with the most values; the others are told apart by colours and shapes, where those are enough."""
    across = max(reversed(list(sweep.swept)), key=lambda option: len(sweep.swept[option]))
    others = prod(len(values) for values in sweep.swept.values()) // len(sweep.swept[across])
    if others > SERIES:
        marks = [_swept(one, name, " / ".join(map(str, one.options.values())), "") for one in sweep.tests]
        return plot(marks, f"{_title(name)} by {' / '.join(sweep.swept)}", text=text_of(name))
    marks = [_swept(one, name, str(one.options[across]), named(_without(one.options, across))) for one in sweep.tests]
    return plot(marks, f"{_title(name)} by {across}", text=text_of(name), joined=True)


def _without(options: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {other: value for other, value in options.items() if other != name}


def _swept(one: Combination, name: str, label: str, series: str) -> Mark:
    sample = one.sample(name)
    low, high = _bounds(sample) or (None, None)
    return Mark(
        label,
        sample.mean if sample else None,
        low,
        high,
        "good" if one.outcome else "bad",
        told=one.reason,
        series=series,
    )
