"""What the blocks in the log are made of: tables, badges, what is folded away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from .markup import element

UNKNOWN = "not reported"
_BLOCK = "white-space:normal;overflow-wrap:anywhere;font-family:Helvetica,Arial,sans-serif;font-size:.9em;line-height:1.45;max-width:64em;padding:2px 0 6px"
_TABLE = "table-layout:auto;overflow-wrap:anywhere;border-spacing:0;margin:6px 0;font-variant-numeric:tabular-nums"
_NUMBER = "text-align:right;padding:1px 0 1px 1.6em"
TEXT = "text-align:left;padding:1px 0 1px 1.6em"
_NAME = "text-align:left;vertical-align:top;font-weight:normal;padding:1px 0;min-width:5.5em"
_BADGES = {
    "pass": ("var(--pass-color, #97bd61)", "#000"),
    "fail": ("var(--fail-color, #ce3e01)", "#fff"),
    "warn": ("var(--warn-color, #fed84f)", "#000"),
}


def block(*content: Element | None) -> Element:
    """One block of the log."""
    return element("div", *content, class_="iperf-block", style=_BLOCK)


def headline(text: str, about: str, *badges: Element) -> Element:
    """What a block says first; ``about`` is written less loud."""
    return element(
        "div",
        *badges,
        element("b", text),
        element("span", f" \N{EN DASH} {about}", style="opacity:.75") if about else None,
        class_="iperf-headline",
        style="font-size:1.1em",
    )


def badge(text: str, kind: str) -> Element:
    background, colour = _BADGES[kind]
    style = f"background:{background};color:{colour};font-weight:bold;font-size:.8em;padding:1px 6px;border-radius:3px;margin-right:.6em"
    return element("span", text, class_=f"iperf-badge iperf-{kind}", style=style)


def trouble(text: str, kind: str) -> Element:
    style = f"border-left:4px solid {_BADGES[kind][0]};padding:1px 0 1px 8px;margin:6px 0;white-space:pre-wrap"
    return element("div", text, class_="iperf-trouble", style=style)


def folded(summary: str, *content: Element | None) -> Element:
    return element(
        "details",
        element("summary", summary, style="cursor:pointer"),
        *content,
        class_="iperf-details",
        style="margin:4px 0",
    )


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str | None]],
    class_: str,
    style: str = _NUMBER,
    name_style: str = _NAME,
) -> Element:
    """The first cell of each row is its name; what is None is not reported."""
    head = element(
        "tr", *[element("th", text, scope="col", style=style if at else name_style) for at, text in enumerate(heads)]
    )
    body = [
        element("tr", _row_name(name, name_style), *[_cell(text, style) for text in texts]) for name, *texts in rows
    ]
    return element("table", head if heads else None, *body, class_=class_, style=_TABLE)


def wide_table(heads: Sequence[str], rows: Iterable[Sequence[str | None]], class_: str) -> Element:
    """One with many columns, which can be moved to and fro where the window is too narrow for it."""
    made = table(heads, rows, class_, f"{_NUMBER};white-space:nowrap", f"{_NAME};min-width:9em")
    return element(
        "div", made, class_="iperf-scroll", style="overflow-x:auto", tabindex=0, role="group", aria_label="table"
    )


def _row_name(text: str | None, style: str) -> Element:
    return element("th", text, scope="row", style=style)


def _cell(text: str | None, style: str) -> Element:
    unknown = element("i", UNKNOWN, class_="iperf-unknown", style="opacity:.75")
    return element("td", unknown if text is None else text, style=style)
