"""What was measured, as medians and ratios with their spread, and the table of them. Pure.

Sides that are compared take turns, so their values belong together by their place: a ratio is that of one turn, and what
else the machine did in the meantime is in both of its sides.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

T = TypeVar("T")

RATIO, ABOVE, ITSELF = "ratio", "above", "itself"


@dataclass(frozen=True)
class Target:
    """What a row has to keep: at most, or at least, ``limit``.

    Example: ``Target(0.75)``, ``Target(0.99, least=True)``
    """

    limit: float
    least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.limit if self.least else value <= self.limit


@dataclass(frozen=True)
class Row:
    """One comparison.

    ``how`` says which figure counts: the ``ratio`` of ours to the peer's, how far ours is ``above`` it, or ours ``itself``.
    """

    benchmark: str
    peer: str
    unit: str
    ours: tuple[float, ...]
    theirs: tuple[float, ...] = ()
    how: str = RATIO
    target: Target | None = None
    note: str = ""

    @property
    def figures(self) -> tuple[float, ...]:
        """What counts, of each turn."""
        if self.how == ITSELF:
            return self.ours
        pairs = zip(self.ours, self.theirs, strict=True)
        return tuple(ours / theirs if self.how == RATIO else ours - theirs for ours, theirs in pairs)

    @property
    def figure(self) -> float:
        return statistics.median(self.figures)

    @property
    def met(self) -> bool | None:
        """Whether the target is kept; None where there is none."""
        return self.target.met(self.figure) if self.target else None


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The quartiles; of fewer than four values the lowest and the highest."""
    if len(values) < 4:
        return min(values), max(values)
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def in_turns(sides: Mapping[str, Callable[[], T]], turns: int) -> dict[str, tuple[T, ...]]:
    """What each side gave in each turn; the one that begins changes, as whoever comes second may find a warmer machine.

    Example: ``in_turns({"library": run, "by hand": other}, 5)["library"]``
    """
    found: dict[str, list[T]] = {name: [] for name in sides}
    names = list(sides)
    for turn in range(turns):
        at = turn % len(names)
        for name in names[at:] + names[:at]:
            found[name].append(sides[name]())
    return {name: tuple(values) for name, values in found.items()}


# -- the table

HEAD = ("benchmark", "library", "instead", "", "ratio or figure", "target", "")


def as_table(rows: Iterable[Row]) -> str:
    """A table that people can read as it stands, and that a page in Markdown shows as one."""
    cells = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    theirs = _with_spread(row.theirs, row.unit) if row.theirs else ""
    unit = {RATIO: "×", ABOVE: row.unit, ITSELF: row.unit}[row.how]
    figure = _with_spread(row.figures, unit, sign=row.how == ABOVE)
    target = _target(row.target, unit) if row.target else ""
    verdict = {None: "", True: "met", False: "missed"}[row.met]
    return (
        row.benchmark,
        "" if row.how == ITSELF else _with_spread(row.ours, row.unit),
        row.peer,
        theirs,
        figure,
        target,
        verdict,
    )


def _target(target: Target, unit: str) -> str:
    return f"{'≥' if target.least else '≤'} {_number(target.limit)}{_unit(unit)}"


def _with_spread(values: Sequence[float], unit: str, sign: bool = False) -> str:
    median, (low, high) = statistics.median(values), spread(values)
    plus = "+" if sign and median > 0 else ""
    around = f" ({_number(low)} … {_number(high)})" if len(values) > 1 else ""
    return f"{plus}{_number(median)}{_unit(unit)}{around}"


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""


def _number(value: float) -> str:
    """Three digits, and all of those before the point."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def as_data(row: Row) -> dict[str, Any]:
    """A row for machines, with each value that was measured."""
    low, high = spread(row.figures)
    return {**asdict(row), "figure": row.figure, "spread": [low, high], "met": row.met}


# -- costs that should not grow


def as_bars(title: str, costs: Mapping[str, float], unit: str, width: int = 50) -> str:
    """A chart of text: a bar for each figure.

    Example: ``as_bars("CPU time per flow", {"1 flow": 21, "50 flows": 20}, "ms")``
    """
    most = max(costs.values(), default=0.0) or 1.0
    longest = max(map(len, costs), default=0)
    bars = (
        f"{name:>{longest}} {'█' * max(1, round(width * cost / most))} {_number(cost)} {unit}"
        for name, cost in costs.items()
    )
    return "\n".join([title, *bars])
