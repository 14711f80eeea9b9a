"""The same test over several runs: how the receiver's rate went, as a small chart that needs no script. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from . import text
from .records import Record

WIDTH, HEIGHT, EDGE = 300, 84, 8
CLEAR = 5.0
"""Per cent from which a change is shown as one."""


@dataclass(frozen=True)
class Row:
    """A record in the table: its number there, and that of its run, oldest first."""

    number: int
    run: int
    record: Record


@dataclass(frozen=True)
class Trend:
    """Results of the same test with the same devices and options, oldest first, of at least two runs."""

    rows: tuple[Row, ...]

    @property
    def rates(self) -> list[float | None]:
        return [row.record.figures.bits_per_second for row in self.rows]

    @property
    def before(self) -> float | None:
        """The median of all runs but the last one, in bits a second."""
        return _median(row for row in self.rows if row.run != self.rows[-1].run)

    @property
    def last(self) -> float | None:
        """The median of the last run."""
        return _median(row for row in self.rows if row.run == self.rows[-1].run)

    @property
    def change(self) -> float | None:
        """Per cent from ``before`` to ``last``."""
        if self.last is None or not self.before:
            return None
        return 100.0 * (self.last - self.before) / self.before


def _median(rows: Iterable[Row]) -> float | None:
    known = [rate for row in rows if (rate := row.record.figures.bits_per_second) is not None]
    return median(known) if known else None


def trends_of(rows: Iterable[Row]) -> list[Trend]:
    """The trends, those that lost most first; before them those whose last run has no figure."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.run, row.record.time)):
        groups[_key(row.record)].append(row)
    found = [Trend(tuple(group)) for group in groups.values() if len({row.run for row in group}) > 1]
    return sorted((trend for trend in found if any(rate is not None for rate in trend.rates)), key=_order)


def _key(record: Record) -> Hashable:
    options = tuple(sorted((name, repr(value)) for name, value in record.options.items()))
    return (record.suite, record.test, record.client, record.server, record.tool, record.protocol, record.fake, options)


def _order(trend: Trend) -> tuple[bool, float]:
    return (trend.last is not None, 0.0 if trend.change is None else trend.change)


def card(trend: Trend) -> str:
    """One trend as HTML."""
    record = trend.rows[-1].record
    about = " · ".join(filter(None, (text.link(record), text.protocol(record), text.options(record))))
    return (
        f'<li class="card"><h3>{text.escaped(record.test or record.suite or text.UNKNOWN)}</h3>'
        f'<p class="about">{text.escaped(record.suite)}<br>{text.escaped(about)}</p>'
        f'<p class="now"><b>{text.escaped(_now(trend))}</b> {_change(trend)}</p>{_chart(trend)}</li>'
    )


def _now(trend: Trend) -> str:
    return "no figure in the last run" if trend.last is None else text.rate(trend.last)


def _change(trend: Trend) -> str:
    change = trend.change
    if change is None:
        return ""
    kind = "worse" if change <= -CLEAR else "better" if change >= CLEAR else "same"
    sign = {"worse": "▼", "better": "▲", "same": "■"}[kind]
    number = f"{round(change, 1) + 0.0:+.1f} %".replace("-", "−")
    return f'<span class="{kind}">{sign} {number}</span> <span class="about">from {text.rate(trend.before)}</span>'


def _chart(trend: Trend) -> str:
    rates = trend.rates
    top = max((rate for rate in rates if rate is not None), default=0.0) or 1.0
    spots = [_spot(at, rate, len(rates), top) for at, rate in enumerate(rates)]
    line = _line(spots, rates)
    before = "" if trend.before is None else _level(trend.before, top)
    marks = "".join(_mark(row, *spot) for row, spot in zip(trend.rows, spots, strict=True))
    label = f"{len(rates)} results, 0 to {text.rate(top)}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="{text.escaped(label)}">'
        f'<path class="axis" d="M0 {HEIGHT - EDGE}H{WIDTH}"/>{before}<path class="line" d="{line}"/>{marks}</svg>'
    )


def _spot(at: int, rate: float | None, count: int, top: float) -> tuple[float, float]:
    x = EDGE + (WIDTH - 2 * EDGE) * at / max(1, count - 1)
    return round(x, 1), _height(rate or 0.0, top)


def _height(rate: float, top: float) -> float:
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * rate / top, 1)


def _level(rate: float, top: float) -> str:
    return f'<path class="level" d="M0 {_height(rate, top)}H{WIDTH}"/>'


def _line(spots: Sequence[tuple[float, float]], rates: Sequence[float | None]) -> str:
    """The known points, linked where nothing unknown lies between them."""
    path, pen = "", "M"
    for (x, y), rate in zip(spots, rates, strict=True):
        path, pen = (path, "M") if rate is None else (f"{path}{pen}{x} {y}", "L")
    return path


def _mark(row: Row, x: float, y: float) -> str:
    """A point that leads to its row: a cross where there is no figure."""
    record = row.record
    figure = record.figures.bits_per_second
    title = text.escaped(f"{text.moment(record)}: {text.rate(figure)}, {record.status}")
    if figure is None:
        shape = f'<path class="cross" d="M{x - 3:.1f} {y - 3:.1f}l6 6m0 -6l-6 6">'
        return f'<a href="#r{row.number}">{shape}<title>{title}</title></path></a>'
    return (
        f'<a href="#r{row.number}"><circle class="{record.status}" cx="{x}" cy="{y}" r="3.5">'
        f"<title>{title}</title></circle></a>"
    )
