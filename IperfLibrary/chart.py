"""The bit rate of a result over time as a picture: SVG without scripts, in the colours of the page around it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from xml.etree.ElementTree import Element

from .axes import AXIS, COLOURS, FAILED, PLANE, TOP, entry, frame, legend, levels, moments, path, plane, ticks
from .curve import Curve, Point, curve_of
from .markup import element
from .panels import ABOVE, HEIGHT, Panel, drawn, panels_of
from .result import Result
from .units import Bitrate, Percent

_PLOT, _BETWEEN, _PANEL = 130, 26, 34
_UNKNOWN = "var(--warn-color, #fed84f)"
_SEEN = 0.03
"""Part of the width from which on a stretch is more than a line."""
_WARM_UP = "rgba(128, 128, 128, 0.25)"


class Scale(NamedTuple):
    """From seconds and a figure to places on the plane."""

    begin: float
    end: float
    top: float

    def x(self, seconds: float) -> int:
        return round(PLANE * (seconds - self.begin) / (self.end - self.begin))

    def y(self, value: float) -> int:
        return round(PLANE * (1 - value / self.top))


class Mark(NamedTuple):
    """A moment that is marked with a line across: at so many seconds, with a short name beside it, left of it or right of it.

    Where it may be off by an ``error`` that is seen, the stretch is shown that it lies in, and no line.
    """

    seconds: float
    name: str
    left: bool = False
    error: float = 0.0


def picture(result: Result, marks: Sequence[Mark] = ()) -> Element | None:
    """The chart with its legend, or None where no flow has two points whose rate is known.

    Each interval is a step as wide as it took; the warm-up stands before 0 s. Beneath is what went wrong, where that is
    known: loss in per cent (UDP) or retransmits (TCP), of each interval; and what was seen beside the run. Of more than 300 intervals several share a
    step, whose band goes from the lowest rate to the highest.

    Example: ``as_markup(picture(result))``
    """
    curves = [curve_of(flow) for flow in result.flows]
    if not any(curve.drawable for curve in curves):
        return None
    beside = panels_of(result)
    text = " ".join([_description(curves), *(f"Beneath: {panel.name}." for panel in beside)])
    return element("div", _legend(curves), _svg(curves, beside, text, marks), class_="iperf-chart")


def _svg(curves: list[Curve], beside: list[Panel], text: str, marks: Sequence[Mark]) -> Element:
    points = _points(curves)
    begin = min(0.0, *(p.start for p in points), *(panel.begin for panel in beside))
    end = max(*(p.end for p in points), *(panel.end for panel in beside))
    rates = ticks(max(p.high or 0.0 for p in points) or 1.0, 4)
    panel = list(_panel(curves, begin, end))
    beneath = TOP + _PLOT + (_BETWEEN + _PANEL if panel else 0)
    bottom = beneath + len(beside) * (ABOVE + HEIGHT)
    scale = Scale(begin, end, rates[-1])
    return frame(
        text,
        bottom + AXIS,
        *times(scale, bottom),
        *levels(rates, lambda rate: str(Bitrate(rate)), TOP, _PLOT),
        plane([*_shades(curves, scale), *_lines(curves, scale)], TOP, _PLOT),
        *panel,
        *[e for at, one in enumerate(beside) for e in drawn(one, begin, end, beneath + at * (ABOVE + HEIGHT) + ABOVE)],
        *[drawn for mark in marks for drawn in _mark(mark, scale, bottom)],
    )


def _mark(mark: Mark, scale: Scale, bottom: int) -> Iterator[Element]:
    low, high = (min(PLANE, max(0, scale.x(mark.seconds + error))) for error in (-mark.error, mark.error))
    if high - low > _SEEN * PLANE:
        yield from _stretch(mark.name, low, high, bottom)
        return
    x = f"{scale.x(mark.seconds) / PLANE:.2%}"
    yield element("line", x1=x, x2=x, y1=TOP, y2=bottom, stroke="currentColor", stroke_dasharray="3 3")
    place = {"text_anchor": "end", "dx": -4} if mark.left else {"dx": 4}
    yield element("text", mark.name, x=x, y=TOP + 10, class_="iperf-mark", **place)


def _stretch(name: str, low: int, high: int, bottom: int) -> Iterator[Element]:
    sides = {"x": f"{low / PLANE:.2%}", "width": f"{(high - low) / PLANE:.2%}"}
    style = {"stroke": "currentColor", "stroke_dasharray": "3 3", "fill": "currentColor", "fill_opacity": 0.1}
    yield element("rect", element("title", f"{name} somewhere here"), **sides, y=TOP, height=bottom - TOP, **style)
    middle = f"{(low + high) / 2 / PLANE:.2%}"
    yield element("text", f"{name} in here", x=middle, y=TOP + 10, text_anchor="middle", class_="iperf-mark")


def _points(curves: list[Curve]) -> list[Point]:
    return [point for curve in curves for point in curve.points]


def _lines(curves: list[Curve], scale: Scale) -> Iterator[Element]:
    # The second one has gaps, through which the first is seen where both are the same.
    for curve, colour, dashes in zip(curves, COLOURS, (None, "5 3"), strict=False):
        if curve.each > 1:
            yield path(_band(curve.points, scale), fill=colour, fill_opacity=0.3)
        line = outline(((p, p.mean) for p in curve.points), scale)
        yield path(line, fill=colour, fill_opacity=0.12, stroke=colour, stroke_width=1.5, stroke_dasharray=dashes)


def outline(values: Iterable[tuple[Point, float | None]], scale: Scale) -> str:
    """Steps that stand on the base line, apart where a figure is unknown."""
    runs = (list(run) for known, run in groupby(values, lambda pair: pair[1] is not None) if known)
    base = scale.y(0)
    return "".join(f"M{scale.x(run[0][0].start)} {base}{_steps(run, scale)}V{base}" for run in runs)


def _steps(run: list[tuple[Point, float | None]], scale: Scale) -> str:
    return "".join(f"V{scale.y(value or 0.0)}H{scale.x(point.end)}" for point, value in run)


def _band(points: list[Point], scale: Scale) -> str:
    """From the lowest to the highest rate of each point."""
    known = [(p, scale.y(p.low), scale.y(p.high)) for p in points if p.low is not None and p.high is not None]
    return "".join(f"M{scale.x(p.start)} {low}V{high}H{scale.x(p.end)}V{low}Z" for p, low, high in known)


def _shades(curves: list[Curve], scale: Scale) -> Iterator[Element]:
    """The warm-up, what is unknown, and where nothing moved."""
    begin = scale.x(min(p.start for p in _points(curves)))
    if begin < scale.x(0):
        title = element("title", "warm-up, not counted")
        width = scale.x(0) - begin
        yield element("rect", title, x=begin, width=width, height=PLANE, style=f"fill:{_WARM_UP}")
    unknown = "".join(f"M{scale.x(p.start)} 0V{PLANE}H{scale.x(p.end)}V0Z" for p in _points(curves) if not p.whole)
    if unknown:
        yield path(unknown, style=f"fill:{_UNKNOWN};stroke:{_UNKNOWN};opacity:0.35")
    stalled = "".join(f"M{scale.x(p.start)} {PLANE}H{scale.x(p.end)}" for p in _points(curves) if p.low == 0)
    if stalled:
        yield path(stalled, style=f"stroke:{FAILED};stroke-width:10;stroke-linecap:square")


def _panel(curves: list[Curve], begin: float, end: float) -> Iterator[Element]:
    """Loss or retransmits, where any flow has them."""
    highest = max((p.wrong for p in _points(curves) if p.wrong is not None), default=None)
    if highest is None:
        return
    udp = any(i.packets is not None for curve in curves for i in curve.flow.intervals)
    name, text = ("lost packets", _percent) if udp else ("retransmits in each interval", _count)
    scale, top = Scale(begin, end, highest or 1.0), TOP + _PLOT + _BETWEEN
    yield element("text", name, y=top - 7, fill_opacity=0.8)
    yield from levels([0.0, highest] if highest else [0.0], text, top, _PANEL)
    yield plane([_bars(curve, colour, scale) for curve, colour in zip(curves, COLOURS, strict=False)], top, _PANEL)


def _bars(curve: Curve, colour: str, scale: Scale) -> Element:
    return path(outline(((p, p.wrong or None) for p in curve.points), scale), fill=colour, stroke=colour)


def _percent(value: float) -> str:
    return str(Percent(value))


def _count(value: float) -> str:
    return f"{value:g}"


def times(scale: Scale, bottom: int) -> Iterator[Element]:
    for seconds, text in moments(scale.begin, scale.end):
        x = f"{scale.x(seconds) / PLANE:.1%}"
        yield element("line", x1=x, x2=x, y1=TOP, y2=bottom, stroke="currentColor", stroke_opacity=0.1)
        yield element("text", text, x=x, y=bottom + 16, text_anchor="middle", fill_opacity=0.8)


def _legend(curves: list[Curve]) -> Element:
    points = _points(curves)
    entries = [entry(colour, _name(curve)) for curve, colour in zip(curves, COLOURS, strict=False)]
    entries += [entry(_WARM_UP, "warm-up, not counted")] if any(p.start < 0 for p in points) else []
    entries += [entry(FAILED, "nothing moved")] if any(p.low == 0 for p in points) else []
    entries += [entry(_UNKNOWN, "not reported")] if not all(p.whole for p in points) else []
    return legend(entries)


def _name(curve: Curve) -> str:
    return f"{curve.flow.direction}, as {'received' if curve.flow.measured_at == 'receiver' else 'sent'}"


def _description(curves: list[Curve]) -> str:
    """The chart for those who do not see it, and what a point stands for."""
    each = max(curve.each for curve in curves)
    many = f"Each point stands for up to {each} intervals: the line is their mean, the band goes from the lowest to the highest, what is beneath is the worst."
    return " ".join(["Bit rate over time.", *map(_range, curves), *([many] if each > 1 else [])])


def _range(curve: Curve) -> str:
    counted = [p for p in curve.points if p.start >= 0]
    low, high = (sorted(v for p in counted if (v := getattr(p, name)) is not None) for name in ("low", "high"))
    return f"{_name(curve)}: " + (f"{Bitrate(low[0])} to {Bitrate(high[-1])}." if low else "not reported.")
