"""What the pictures in the log are made of: frames, scales, levels, times, colours, legends. SVG without scripts. Pure.

Lines are drawn on a plane that is stretched over what room there is; the texts beside it keep their size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from .markup import element

PLANE = 1000
TOP, AXIS = 8, 22
COLOURS = ("#2f80d0", "#b7791f", "#8b6bd9", "#2f9461", "#d04f8c", "#0e96a8")
"""Each has a contrast of 3.5 or more on both grounds of Robot's log."""
FAILED = "var(--fail-color, #ce3e01)"
_SMALLEST = 1e-12
"""What is less than that is drawn as nothing."""
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


def frame(text: str, height: int, *drawn: Element) -> Element:
    """A picture of this height, and what it says for those who do not see it."""
    return element(
        "svg",
        element("title", text),
        *drawn,
        role="img",
        aria_label=text,
        width="100%",
        height=height,
        font_size="11",
        fill="currentColor",
        style="display:block;box-sizing:border-box;padding:0 20px 0 76px;overflow:visible",
    )


def plane(drawn: Iterable[Element], top: int, height: int) -> Element:
    """What is drawn on it is given in thousandths of its width and height."""
    box = f"0 0 {PLANE} {PLANE}"
    return element("svg", *drawn, y=top, width="100%", height=height, viewBox=box, preserveAspectRatio="none")


def path(drawn: str, **attributes: object) -> Element:
    return element("path", d=drawn, vector_effect="non-scaling-stroke", **attributes)


def levels(values: Sequence[float], text: Callable[[float], str], top: int, height: int) -> Iterator[Element]:
    """A line across and a text beside it for each value; the first one is at the bottom, the last one at the top."""
    for value in values:
        y = top + height - round(height * (value - values[0]) / (values[-1] - values[0] or 1.0)) + 0.5
        yield element("line", x2="100%", y1=y, y2=y, stroke="currentColor", stroke_opacity=0.15 if value else 0.5)
        yield element("text", text(value) if value else "0", x=-8, y=y + 3.5, text_anchor="end", fill_opacity=0.8)


def ticks(highest: float, most: int) -> list[float]:
    """0 and round figures, at most so many, of which the last is not below the highest value.

    Example: ``ticks(941e6, 4)`` is 0, 250e6, 500e6, 750e6, 1e9.
    """
    step = _round(highest / most)
    return [step * at for at in range(math.ceil(highest / step) + 1)]


def ticks_between(lowest: float, highest: float, most: int) -> list[float]:
    """Round figures around these two: from 0 on, unless they lie so close together that their difference could not be seen.

    Example: ``ticks_between(93.2e6, 94.6e6, 4)`` is 93e6, 93.5e6, 94e6, 94.5e6, 95e6.
    """
    if highest < _SMALLEST or lowest < highest / 2:
        return ticks(highest if highest >= _SMALLEST else 1.0, most)
    # On a scale of less than a hundredth, texts of four digits would all be the same.
    room = max(0.0, highest / 100 - (highest - lowest)) / 2
    lowest, highest = lowest - room, highest + room
    step = _round((highest - lowest) / most)
    return [step * at for at in range(math.floor(lowest / step), math.ceil(highest / step) + 1)]


def moments(begin: float, end: float) -> list[tuple[float, str]]:
    """Round seconds, minutes or hours within these bounds, with their texts."""
    step = next((step for step in _STEPS if step * 5 >= end - begin), None) or 86400 * _round((end - begin) / 5 / 86400)
    unit, length = next((unit for unit in (("h", 3600), ("min", 60)) if step % unit[1] == 0), ("s", 1))
    found = [step * at for at in range(math.ceil(begin / step), math.floor(end / step + 1e-3) + 1)]
    return [(at, f"{at / length:.6g} {unit}".replace("-", "\N{MINUS SIGN}")) for at in found]


def _round(value: float) -> float:
    """The next 1, 2, 2.5 or 5 with noughts."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10, 20) if power * factor >= value)


def legend(entries: Iterable[Element]) -> Element:
    return element("div", *entries, class_="iperf-legend", style="display:flex;flex-wrap:wrap;gap:0 1.2em")


def entry(colour: str, text: str) -> Element:
    mark = f"display:inline-block;width:.75em;height:.75em;margin-right:.4em;background:{colour}"
    return element("span", element("span", style=mark), text)
