"""What was seen beside a run, as panels beneath the chart of its bit rate, on the same time axis. Pure: SVG without scripts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from .axes import COLOURS, FAILED, PLANE, levels, path, plane, ticks, ticks_between
from .companions import Companion
from .latency import Latency
from .markup import element
from .result import Result
from .units import Milliseconds

MOST = 8
"""Panels that are drawn; all companions are in the table."""

POINTS = 300
"""About the most points of a line: of more, each stretch keeps its lowest and its highest."""

LONGEST = 48
"""Characters of a name that stand above a panel: they do not break into lines there. All of it is in the table."""

HEIGHT, ABOVE = 44, 26
"""Pixels of a panel, and those above it for its name."""

_UNKNOWN = "var(--warn-color, #fed84f)"
_TOO_MUCH = 1e15

Point = tuple[float, float | None]
"""Seconds since the traffic began, and the value; None is unknown, or a lost probe."""


class Panel(NamedTuple):
    """One line over time; ``missing`` is the colour that marks where there is no value."""

    name: str
    points: list[Point]
    scale: list[float]
    text: Callable[[float], str]
    missing: str = _UNKNOWN
    colour: str = COLOURS[0]

    @property
    def begin(self) -> float:
        return min(seconds for seconds, _ in self.points)

    @property
    def end(self) -> float:
        return max(seconds for seconds, _ in self.points)


def panels_of(result: Result) -> list[Panel]:
    """The latency, then the companions, of which at least one value is known."""
    latency = [_of_latency(result.latency)] if result.latency else []
    found = [*latency, *map(_of_companion, result.companions)]
    return [panel for panel in found if panel][:MOST]


def _of_latency(latency: Latency) -> Panel | None:
    points = _sane([(probe.seconds, probe.rtt_ms) for probe in latency.probes])
    known = [value for _, value in points if value is not None]
    if not known:
        return None
    lost = any(value is None for _, value in points)
    name = f"round trip to {latency.address}{', lost probes marked' if lost else ''}"
    return Panel(name, points, ticks(max(known) or 1.0, 2), lambda ms: str(Milliseconds(ms)), FAILED, COLOURS[1])


def _of_companion(companion: Companion) -> Panel | None:
    points = _sane([(point.seconds, point.value) for point in companion.points])
    known = [value for _, value in points if value is not None]
    if not known:
        return None
    where = f" of {companion.device}" if companion.device else ""
    # A bit rate has its unit beside the levels; there is no room for any other.
    rate = companion.unit == "bit/s"
    unit = f", {companion.unit}" if companion.unit and not rate else ""
    unknown = ", unknown marked" if any(value is None for _, value in points) else ""
    scale = _scale(min(known), max(known))
    return Panel(f"{companion.name}{where}{unit}{unknown}", points, scale, companion.text if rate else _short)


def _short(value: float) -> str:
    """Example: ``_short(12_500_000)`` is ``12.5 M``."""
    for factor, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(factor, 1e4):
            return f"{value / factor:.4g} {prefix}"
    return f"{value:.4g}"


def _sane(points: Sequence[Point]) -> list[Point]:
    return [
        (at, None if value is None or abs(value) > _TOO_MUCH else value) for at, value in points if abs(at) < _TOO_MUCH
    ]


def _scale(lowest: float, highest: float) -> list[float]:
    """From a level below all to one above all: figures below 0, as dBm, have no 0 to stand on."""
    if lowest >= 0:
        scale = ticks_between(lowest, highest, 2)
        return [scale[0], scale[-1]]
    if highest - lowest >= 1:
        return [math.floor(lowest), math.ceil(highest)]
    return [lowest, highest] if highest > lowest else [lowest - 1, highest + 1]


def drawn(panel: Panel, begin: float, end: float, top: int) -> Iterator[Element]:
    """The panel with its name, from ``begin`` to ``end`` in seconds."""
    points = _thinned(panel.points, begin, end)

    def x(seconds: float) -> float:
        return round(PLANE * (seconds - begin) / (end - begin), 1)

    def y(value: float) -> float:
        return round(PLANE * (1 - (value - panel.scale[0]) / (panel.scale[-1] - panel.scale[0])), 1)

    missing = "".join(f"M{x(seconds)} 0V{PLANE}" for seconds, value in points if value is None)
    name = panel.name if len(panel.name) <= LONGEST else panel.name[: LONGEST - 1] + "…"
    yield element("text", name, y=top - 7, fill_opacity=0.8)
    yield from levels(panel.scale, panel.text, top, HEIGHT)
    lines = [path(missing, style=f"stroke:{panel.missing};stroke-width:2;opacity:0.85")] if missing else []
    shape = _line([(x(seconds), None if value is None else y(value)) for seconds, value in points])
    # A round end makes a dot of a value that has no neighbours.
    line = path(shape, fill="none", stroke=panel.colour, stroke_width=1.8, stroke_linecap="round")
    yield plane([*lines, line], top, HEIGHT)


def _line(places: Sequence[tuple[float, float | None]]) -> str:
    """From value to value, apart where one is missing."""
    told, pen = "", "M"
    for at, (x, y) in enumerate(places):
        if y is not None:
            alone = pen == "M" and (at + 1 == len(places) or places[at + 1][1] is None)
            told += f"{pen}{x} {y}{'h0' if alone else ''}"
        pen = "M" if y is None else "L"
    return told


def _thinned(points: list[Point], begin: float, end: float) -> list[Point]:
    """So few that they can be drawn: of each stretch the lowest, the highest, and one that is missing."""
    if len(points) <= POINTS:
        return points
    stretches: dict[int, list[Point]] = {}
    for point in points:
        stretches.setdefault(int((point[0] - begin) / (end - begin) * POINTS / 2), []).append(point)
    return [point for stretch in stretches.values() for point in _extremes(stretch)]


def _extremes(stretch: list[Point]) -> list[Point]:
    known = [point for point in stretch if point[1] is not None]
    kept = [min(known, key=lambda p: p[1] or 0.0), max(known, key=lambda p: p[1] or 0.0)] if known else []
    missing = next((point for point in stretch if point[1] is None), None)
    return sorted({*kept, *([missing] if missing else [])}, key=lambda point: point[0])
