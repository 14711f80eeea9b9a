"""Tests that ran beside each other as one picture: each flow and their sum on the common time axis. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from .axes import AXIS, COLOURS, TOP, entry, frame, legend, levels, path, plane, ticks
from .beside import Beside
from .chart import Scale, outline, times
from .curve import Point, few
from .markup import element
from .result import Result
from .timeline import Moment, Placed
from .units import Bitrate

_PLOT = 150
_DASHES = (None, "5 3", "2 3")
"""Beyond six flows the colours come again, with gaps."""

_ALL = "rgba(128, 128, 128, 0.18)"
LISTED = 24
"""Flows that are named in the legend."""


class _Line(NamedTuple):
    name: str
    points: list[Point]


def overlay(beside: Beside, names: Sequence[str]) -> Element | None:
    """The picture with its legend, or None where no interval is known; ``names`` are those of the tests.

    The stretch in which all were measured is shaded: the sum is the mean over it.

    Example: ``as_markup(overlay(beside, ["dut to pc", "phone to pc"]))``
    """
    lines = [line for line in _lines(beside, names) if line.points]
    total = few([_moment(moment) for moment in beside.timeline if moment.flows])
    if not lines:
        return None
    points = [point for line in lines for point in line.points] + total
    rates = ticks(max(point.high or 0.0 for point in points) or 1.0, 4)
    scale = Scale(0.0, max(point.end for point in points), rates[-1])
    bottom = TOP + _PLOT
    picture = frame(
        _description(beside, lines),
        bottom + AXIS,
        *times(scale, bottom),
        *levels(rates, lambda rate: str(Bitrate(rate)), TOP, _PLOT),
        plane([*_shade(beside, scale), *_drawn(lines, scale), _sum(total, scale)], TOP, _PLOT),
    )
    return element("div", legend(_entries(beside, lines)), picture, class_="iperf-chart")


def _lines(beside: Beside, names: Sequence[str]) -> Iterator[_Line]:
    for result, flows, name in zip(beside.results, beside.placed, names, strict=True):
        for flow, one in zip(result.flows if result else (), flows, strict=True):
            yield _Line(f"{name}{_more(result, flow.direction, one)}", few(list(_points(one))))


def _more(result: Result | None, direction: str, one: Placed) -> str:
    way = f", {direction}" if result and len(result.flows) > 1 else ""
    return f"{way}, as sent" if one.share is None else way


def _points(one: Placed) -> Iterator[Point]:
    share = 1.0 if one.share is None else one.share
    for interval in one.intervals:
        rate = 8 * (interval.bytes or 0) * share / interval.seconds
        yield Point(one.offset + interval.start, one.offset + interval.end, rate, rate, rate)


def _moment(moment: Moment) -> Point:
    rate = moment.bits_per_second
    return Point(moment.start, moment.end, rate, rate, rate)


def _shade(beside: Beside, scale: Scale) -> Iterator[Element]:
    if beside.overlap:
        left, right = scale.x(beside.overlap[0].start), scale.x(beside.overlap[-1].end)
        yield path(f"M{left} 0H{right}V1000H{left}Z", style=f"fill:{_ALL}")


def _drawn(lines: Sequence[_Line], scale: Scale) -> Iterator[Element]:
    for number, line in enumerate(lines):
        dashes = _DASHES[number // len(COLOURS) % len(_DASHES)]
        drawn = outline(((p, p.mean) for p in line.points), scale)
        yield path(drawn, fill="none", stroke=_colour(number), stroke_width=1.5, stroke_dasharray=dashes)


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _sum(total: Sequence[Point], scale: Scale) -> Element:
    drawn = outline(((p, p.mean) for p in total), scale)
    return path(drawn, fill="none", stroke="currentColor", stroke_width=2.5)


def _entries(beside: Beside, lines: Sequence[_Line]) -> Iterator[Element]:
    yield entry("currentColor", "together")
    for number, line in enumerate(lines[:LISTED]):
        yield entry(_colour(number), line.name)
    if len(lines) > LISTED:
        yield element("span", f"and {len(lines) - LISTED} more")
    if beside.overlap:
        yield entry(_ALL, "all were running")


def _description(beside: Beside, lines: Sequence[_Line]) -> str:
    return f"Bit rate over time of {len(lines)} flows and of them together. {beside}."
