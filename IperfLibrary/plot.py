"""Single figures as a picture: a mark for each, with how far it may be off, and lines across to compare them with. Pure.

It is what repeats, searches, sweeps and the history of a baseline have in common; a bit rate over time is in :mod:`IperfLibrary.chart`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element

from .axes import AXIS, COLOURS, FAILED, PLANE, TOP, entry, frame, legend, levels, path, plane, ticks_between
from .markup import element
from .units import Bitrate

MOST = 300
"""Marks that are drawn: the last ones."""

LONGEST = 24
"""Characters of a label that stand beneath its mark; all of them are in the text that a pointer brings up."""

_PLOT = 130
_NARROW = 310.0
"""Pixels across in a narrow window: labels that would not stand beside each other there are left out."""
_CHARACTER, _ROW, _MARGIN = 6.2, 13, 18
_NAMES: dict[Kind, str] = {"good": "measured", "odd": "stands out", "bad": "failed", "reference": "reference"}
_LINES = ((COLOURS[1], "7 3"), ("currentColor", "2 3"), (FAILED, "9 3 2 3"))


Kind = Literal["good", "odd", "bad", "reference"]


class Look(NamedTuple):
    """Shapes differ, too: not everybody can tell the colours apart."""

    colour: str
    shape: str
    full: bool = True


_CIRCLE, _SQUARE = "M-4 {y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0", "M-4 {y}m0 -4h8v8h-8z"
_DIAMOND, _CROSS = "M0 {y}m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z", "M-4.5 {y}m0 -4.5l9 9m0 -9l-9 9"
_UP, _DOWN = "M0 {y}m0 -5l5 9h-10z", "M0 {y}m0 5l5 -9h-10z"
_KINDS: dict[Kind, Look] = {
    "good": Look(COLOURS[0], _CIRCLE),
    "odd": Look(COLOURS[1], _DIAMOND, full=False),
    "bad": Look(FAILED, _CROSS, full=False),
    "reference": Look("currentColor", _SQUARE, full=False),
}
_SHAPES = (_CIRCLE, _SQUARE, _UP, _DIAMOND, _DOWN, _CIRCLE)
_SERIES = [Look(colour, shape, full=n < 5) for n, (colour, shape) in enumerate(zip(COLOURS, _SHAPES, strict=True))]
SERIES = len(_SERIES)
"""Series that can be told apart."""


class Mark(NamedTuple):
    """One figure. ``value`` is None where it is unknown; from ``low`` to ``high`` it may lie, as by a 95 % confidence interval.

    ``at`` is its place across, where that has a measure, as a time has;
    without it, or where one mark has none, all are as far from each other. ``told`` is what else is said of it.
    Marks of several ``series`` stand above each other where they have the same label.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    kind: Kind = "good"
    at: float | None = None
    told: str = ""
    series: str = ""


class Line(NamedTuple):
    """A figure across the whole picture: a limit, a baseline, a mean; with a band from ``low`` to ``high``."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


def bitrate(value: float) -> str:
    return str(Bitrate(value))


def plot(
    marks: Sequence[Mark],
    title: str,
    lines: Sequence[Line] = (),
    *,
    text: Callable[[float], str] = bitrate,
    names: Mapping[Kind, str] | None = None,
    joined: bool = False,
) -> Element | None:
    """The picture with its legend, or None where no figure is known. ``text`` makes one of a figure, with its unit.

    ``names`` says what the kinds of marks are called in the legend. ``joined`` draws a thin line from mark to mark.

    Example: ``as_markup(plot([Mark("1", 94.1e6), Mark("2", 93.8e6)], "Bit rate of each run", [Line("mean", 93.95e6)]))``
    """
    marks = marks[-MOST:]
    known = _known(marks, lines)
    if not any(mark.value is not None for mark in marks):
        return None
    scale = ticks_between(max(0.0, min(known)), max(known), 4)
    labels = _labels(marks)
    said = _description(marks, title, lines, text)
    picture = frame(
        said,
        TOP + _PLOT + AXIS + _ROW * (len(labels) - 1),
        *levels(scale, text, TOP, _PLOT),
        plane([*_across(lines, scale), *(_joints(marks, scale) if joined else [])], TOP, _PLOT),
        *[
            _mark(mark, x, scale, text, look)
            for mark, x, look in zip(marks, _places(marks), _looks(marks), strict=True)
        ],
        *_written(labels),
    )
    heading = element("div", title, style="opacity:.75;margin-top:.6em")
    shown = _legend(marks, lines, text, {**_NAMES, **(names or {})})
    return element("div", heading, shown, picture, class_="iperf-plot")


def _known(marks: Sequence[Mark], lines: Sequence[Line]) -> list[float]:
    shown: list[Mark | Line] = [*marks, *lines]
    figures = [figure for one in shown for figure in (one.value, one.low, one.high)]
    return [figure for figure in figures if figure is not None]


def _places(marks: Sequence[Mark]) -> list[float]:
    """Where each mark stands across, from 0 to 1."""
    given = [mark.at for mark in marks if mark.at is not None]
    if len(given) < len(marks) or max(given) == min(given):
        return _slots(marks)
    return [0.02 + 0.96 * (at - min(given)) / (max(given) - min(given)) for at in given]


def _slots(marks: Sequence[Mark]) -> list[float]:
    """As far from each other; those of several series at the place of their label."""
    names = [mark.label if _series(marks) else number for number, mark in enumerate(marks)]
    slots = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [(slots[name] + 0.5) / len(slots) for name in names]


def _series(marks: Sequence[Mark]) -> list[str]:
    return list(dict.fromkeys(mark.series for mark in marks if mark.series))


def _looks(marks: Sequence[Mark]) -> list[Look]:
    series = _series(marks)
    return [
        _SERIES[series.index(mark.series) % len(_SERIES)] if mark.series and mark.kind == "good" else _KINDS[mark.kind]
        for mark in marks
    ]


def _height(value: float, scale: Sequence[float], whole: float) -> float:
    """How far beneath the top of so high a plot a figure lies."""
    share = (value - scale[0]) / (scale[-1] - scale[0])
    return round(whole * (1 - min(1.0, max(0.0, share))), 1)


def _mark(mark: Mark, x: float, scale: Sequence[float], text: Callable[[float], str], look: Look) -> Element:
    """In a place of its own, so that its shape is not stretched with the plot."""
    y = TOP if mark.value is None else TOP + _height(mark.value, scale, _PLOT)
    return element(
        "svg",
        element("title", _told(mark, text)),
        *_whisker(mark, scale, look.colour),
        _unknown(look.colour) if mark.value is None else None,
        element(
            "path", d=look.shape.format(y=y), style=f"stroke:{look.colour};fill:{look.colour if look.full else 'none'}"
        ),
        x=f"{x:.2%}",
        width=1,
        overflow="visible",
        stroke_width="1.8",
    )


def _whisker(mark: Mark, scale: Sequence[float], colour: str) -> Iterator[Element]:
    if mark.low is not None and mark.high is not None:
        low, high = (TOP + _height(bound, scale, _PLOT) for bound in (mark.low, mark.high))
        yield element("path", d=f"M-4 {low}h8m-4 0V{high}m-4 0h8", fill="none", style=f"stroke:{colour}")


def _unknown(colour: str) -> Element:
    """A line from top to bottom: no height would be true."""
    return element("path", d=f"M0 {TOP}v{_PLOT}", style=f"stroke:{colour}", stroke_dasharray="1 4")


def _told(mark: Mark, text: Callable[[float], str]) -> str:
    value = "unknown" if mark.value is None else text(mark.value)
    span = f" ({text(mark.low)} to {text(mark.high)})" if mark.low is not None and mark.high is not None else ""
    return f"{mark.label}: {value}{span}{f', {mark.told}' if mark.told else ''}"


def _across(lines: Sequence[Line], scale: Sequence[float]) -> Iterator[Element]:
    for line, (colour, dashes) in zip(lines, _LINES, strict=False):
        if line.low is not None and line.high is not None:
            low, high = (_height(bound, scale, PLANE) for bound in (line.low, line.high))
            yield path(f"M0 {low}V{high}H{PLANE}V{low}Z", style=f"fill:{colour}", fill_opacity=0.15)
        y = _height(line.value, scale, PLANE)
        yield path(f"M0 {y}H{PLANE}", style=f"stroke:{colour}", stroke_width=1.5, stroke_dasharray=dashes)


def _joints(marks: Sequence[Mark], scale: Sequence[float]) -> Iterator[Element]:
    """From mark to mark of a series, apart where a figure is unknown."""
    places = _places(marks)
    for number, series in enumerate(_series(marks) or [""]):
        drawn, pen = "", "M"
        for mark, x in zip(marks, places, strict=True):
            if mark.series == series and mark.value is not None:
                drawn += f"{pen}{x * PLANE:.1f} {_height(mark.value, scale, PLANE)}"
            if mark.series == series:
                pen = "M" if mark.value is None else "L"
        yield path(drawn, fill="none", stroke=COLOURS[number % len(COLOURS)], stroke_opacity=0.5)


class _Label(NamedTuple):
    """From ``begin`` to ``end`` in a narrow window, in pixels."""

    text: str
    x: float
    begin: float
    end: float
    right: bool


def _label(mark: Mark, x: float) -> _Label:
    shown = mark.label if len(mark.label) <= LONGEST else mark.label[: LONGEST - 1] + "…"
    half, middle, edge = len(shown) * _CHARACTER / 2, x * _NARROW, _NARROW + _MARGIN
    # A text at the right edge ends there; the left one has the room of the scale's texts.
    right = middle + half > edge
    begin = edge - 2 * half if right else middle - half
    return _Label(shown, x, begin, begin + 2 * half, right)


def _labels(marks: Sequence[Mark]) -> list[list[_Label]]:
    """Beneath the marks: all in one row or two, else as many as find room in one."""
    places = {x: mark for mark, x in zip(marks, _places(marks), strict=True)}
    labels = [_label(mark, x) for x, mark in places.items()]
    one, left = _row(labels)
    two, over = _row(left)
    return [one, two] if two and not over else [one]


def _row(labels: Iterable[_Label]) -> tuple[list[_Label], list[_Label]]:
    """Those that stand beside each other, and those that are left."""
    row: list[_Label] = []
    left: list[_Label] = []
    for label in labels:
        fits = not row or label.begin >= row[-1].end + _CHARACTER
        (row if fits else left).append(label)
    return row, left


def _written(rows: Sequence[Sequence[_Label]]) -> Iterator[Element]:
    for number, row in enumerate(rows):
        for label in row:
            place = {"x": "100%", "dx": _MARGIN} if label.right else {"x": f"{label.x:.2%}"}
            yield element(
                "text",
                label.text,
                **place,
                y=TOP + _PLOT + 16 + number * _ROW,
                text_anchor="end" if label.right else "middle",
                fill_opacity=0.8,
            )


def _legend(
    marks: Sequence[Mark], lines: Sequence[Line], text: Callable[[float], str], names: Mapping[Kind, str]
) -> Element:
    series = _series(marks)
    kinds = [kind for kind in _KINDS if any(mark.kind == kind for mark in marks) and not (series and kind == "good")]
    shown = [entry(_SERIES[number % SERIES].colour, name) for number, name in enumerate(series)]
    shown += [entry(_KINDS[kind].colour, names[kind]) for kind in kinds]
    shown += [_stroke(colour, _named(line, text)) for line, (colour, _) in zip(lines, _LINES, strict=False)]
    return legend(shown)


def _stroke(colour: str, text: str) -> Element:
    mark = f"display:inline-block;width:1.4em;margin:0 .4em .25em 0;border-top:2px dashed {colour}"
    return element("span", element("span", style=mark), text)


def _named(line: Line, text: Callable[[float], str]) -> str:
    span = f" ({text(line.low)} to {text(line.high)})" if line.low is not None and line.high is not None else ""
    return f"{line.label} {text(line.value)}{span}"


def _description(marks: Sequence[Mark], title: str, lines: Iterable[Line], text: Callable[[float], str]) -> str:
    values = [mark.value for mark in marks if mark.value is not None]
    span = f"{len(values)} of {len(marks)} known, {text(min(values))} to {text(max(values))}" if values else ""
    return " ".join([f"{title}: {span}.", *[f"{_named(line, text)}." for line in lines]])
