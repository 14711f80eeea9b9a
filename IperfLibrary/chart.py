"""The bit rate of a result over time as a picture: SVG without scripts, in the colours of the page around it. Pure.

Lines are drawn on a plane that is stretched over what room there is; the texts beside it keep their size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple
from xml.etree.ElementTree import Element

from .curve import Curve, Point, curve_of
from .markup import element
from .result import Result
from .units import Bitrate, Percent

_PLANE = 1000
_TOP, _PLOT, _BETWEEN, _PANEL, _AXIS = 8, 130, 26, 34, 22
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_COLOURS = ("#2f80d0", "#b7791f")
_STALLED = "var(--fail-color, #ce3e01)"
_UNKNOWN = "var(--warn-color, #fed84f)"
_WARM_UP = "rgba(128, 128, 128, 0.25)"


class Scale(NamedTuple):
    """From seconds and a figure to places on the plane."""

    begin: float
    end: float
    top: float

    def x(self, seconds: float) -> int:
        return round(_PLANE * (seconds - self.begin) / (self.end - self.begin))

    def y(self, value: float) -> int:
        return round(_PLANE * (1 - value / self.top))


def picture(result: Result) -> Element | None:
    """The chart with its legend, or None where no flow has two points whose rate is known.

    Each interval is a step as wide as it took; the warm-up stands before 0 s. Beneath is what went wrong, where that is
    known: loss in per cent (UDP) or retransmits (TCP), of each interval. Of more than 300 intervals several share a
    step, whose band goes from the lowest rate to the highest.

    Example: ``as_markup(picture(result))``
    """
    curves = [curve_of(flow) for flow in result.flows]
    if not any(curve.drawable for curve in curves):
        return None
    return element("div", _legend(curves), _svg(curves, _description(curves)), class_="iperf-chart")


def _svg(curves: list[Curve], text: str) -> Element:
    points = _points(curves)
    begin, end = min(0.0, *(p.start for p in points)), max(p.end for p in points)
    rates = ticks(max(p.high or 0.0 for p in points) or 1.0, 4)
    panel = list(_panel(curves, begin, end))
    bottom = _TOP + _PLOT + (_BETWEEN + _PANEL if panel else 0)
    scale = Scale(begin, end, rates[-1])
    return element(
        "svg",
        element("title", text),
        *_times(scale, bottom),
        *_levels(rates, lambda rate: str(Bitrate(rate)), _TOP, _PLOT),
        _plane([*_shades(curves, scale), *_lines(curves, scale)], _TOP, _PLOT),
        *panel,
        role="img",
        aria_label=text,
        width="100%",
        height=bottom + _AXIS,
        font_size="11",
        fill="currentColor",
        style="display:block;box-sizing:border-box;padding:0 20px 0 76px;overflow:visible",
    )


def _points(curves: list[Curve]) -> list[Point]:
    return [point for curve in curves for point in curve.points]


def _plane(drawn: list[Element], top: int, height: int) -> Element:
    """What is drawn on it is given in thousandths of its width and height."""
    box = f"0 0 {_PLANE} {_PLANE}"
    return element("svg", *drawn, y=top, width="100%", height=height, viewBox=box, preserveAspectRatio="none")


def _path(drawn: str, **attributes: object) -> Element:
    return element("path", d=drawn, vector_effect="non-scaling-stroke", **attributes)


def _lines(curves: list[Curve], scale: Scale) -> Iterator[Element]:
    # The second one has gaps, through which the first is seen where both are the same.
    for curve, colour, dashes in zip(curves, _COLOURS, (None, "5 3"), strict=False):
        if curve.each > 1:
            yield _path(_band(curve.points, scale), fill=colour, fill_opacity=0.3)
        line = _outline(((p, p.mean) for p in curve.points), scale)
        yield _path(line, fill=colour, fill_opacity=0.12, stroke=colour, stroke_width=1.5, stroke_dasharray=dashes)


def _outline(values: Iterable[tuple[Point, float | None]], scale: Scale) -> str:
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
    if scale.begin < 0:
        yield element(
            "rect", element("title", "warm-up, not counted"), width=scale.x(0), height=_PLANE, style=f"fill:{_WARM_UP}"
        )
    unknown = "".join(f"M{scale.x(p.start)} 0V{_PLANE}H{scale.x(p.end)}V0Z" for p in _points(curves) if not p.whole)
    if unknown:
        yield _path(unknown, style=f"fill:{_UNKNOWN};stroke:{_UNKNOWN};opacity:0.35")
    stalled = "".join(f"M{scale.x(p.start)} {_PLANE}H{scale.x(p.end)}" for p in _points(curves) if p.low == 0)
    if stalled:
        yield _path(stalled, style=f"stroke:{_STALLED};stroke-width:10;stroke-linecap:square")


def _panel(curves: list[Curve], begin: float, end: float) -> Iterator[Element]:
    """Loss or retransmits, where any flow has them."""
    highest = max((p.wrong for p in _points(curves) if p.wrong is not None), default=None)
    if highest is None:
        return
    udp = any(i.packets is not None for curve in curves for i in curve.flow.intervals)
    name, text = ("lost packets", _percent) if udp else ("retransmits in each interval", _count)
    scale, top = Scale(begin, end, highest or 1.0), _TOP + _PLOT + _BETWEEN
    yield element("text", name, y=top - 7, fill_opacity=0.8)
    yield from _levels([0.0, highest] if highest else [0.0], text, top, _PANEL)
    yield _plane([_bars(curve, colour, scale) for curve, colour in zip(curves, _COLOURS, strict=False)], top, _PANEL)


def _bars(curve: Curve, colour: str, scale: Scale) -> Element:
    return _path(_outline(((p, p.wrong or None) for p in curve.points), scale), fill=colour, stroke=colour)


def _percent(value: float) -> str:
    return str(Percent(value))


def _count(value: float) -> str:
    return f"{value:g}"


def _levels(values: list[float], text: Callable[[float], str], top: int, height: int) -> Iterator[Element]:
    """A line across and a text beside it for each value; the last one is at the top."""
    for value in values:
        y = top + height - round(height * value / (values[-1] or 1.0)) + 0.5
        yield element("line", x2="100%", y1=y, y2=y, stroke="currentColor", stroke_opacity=0.15 if value else 0.5)
        yield element("text", text(value) if value else "0", x=-8, y=y + 3.5, text_anchor="end", fill_opacity=0.8)


def _times(scale: Scale, bottom: int) -> Iterator[Element]:
    for seconds, text in _moments(scale.begin, scale.end):
        x = f"{scale.x(seconds) / _PLANE:.1%}"
        yield element("line", x1=x, x2=x, y1=_TOP, y2=bottom, stroke="currentColor", stroke_opacity=0.1)
        yield element("text", text, x=x, y=bottom + 16, text_anchor="middle", fill_opacity=0.8)


def ticks(highest: float, most: int) -> list[float]:
    """0 and round figures, at most so many, of which the last is not below the highest value.

    Example: ``ticks(941e6, 4)`` is 0, 250e6, 500e6, 750e6, 1e9.
    """
    step = _round(highest / most)
    return [step * at for at in range(math.ceil(highest / step) + 1)]


def _moments(begin: float, end: float) -> list[tuple[float, str]]:
    """Round seconds, minutes or hours within these bounds, with their texts."""
    step = next((step for step in _STEPS if step * 5 >= end - begin), None) or 86400 * _round((end - begin) / 5 / 86400)
    unit, length = next((unit for unit in (("h", 3600), ("min", 60)) if step % unit[1] == 0), ("s", 1))
    moments = [step * at for at in range(math.ceil(begin / step), math.floor(end / step + 1e-3) + 1)]
    return [(at, f"{at / length:.6g} {unit}".replace("-", "\N{MINUS SIGN}")) for at in moments]


def _round(value: float) -> float:
    """The next 1, 2, 2.5 or 5 with noughts."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10, 20) if power * factor >= value)


def _legend(curves: list[Curve]) -> Element:
    points = _points(curves)
    entries = [_entry(colour, _name(curve)) for curve, colour in zip(curves, _COLOURS, strict=False)]
    entries += [_entry(_WARM_UP, "warm-up, not counted")] if any(p.start < 0 for p in points) else []
    entries += [_entry(_STALLED, "nothing moved")] if any(p.low == 0 for p in points) else []
    entries += [_entry(_UNKNOWN, "not reported")] if not all(p.whole for p in points) else []
    return element("div", *entries, class_="iperf-legend", style="display:flex;flex-wrap:wrap;gap:0 1.2em")


def _entry(colour: str, text: str) -> Element:
    mark = f"display:inline-block;width:.75em;height:.75em;margin-right:.4em;background:{colour}"
    return element("span", element("span", style=mark), text)


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
