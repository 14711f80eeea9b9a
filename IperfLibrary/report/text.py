"""Figures and names as people read them, safe in HTML and in a script. Pure: values in, text out."""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import quote

from ..errors import printable
from ..option_table import OPTIONS
from ..units import Bitrate, Milliseconds, Percent, Seconds, Size
from .records import Plain, Record

UNKNOWN = "–"
LONGEST = 300
"""Characters of a text that are shown."""

_TYPES = {option.name: option.type for option in OPTIONS}
_UNITS: tuple[type, ...] = (Bitrate, Percent, Seconds, Size)


def shown(text: str) -> str:
    """The text without what is no letter, sign or space, and not endless."""
    known = printable(text).encode(errors="replace").decode()
    return known if len(known) <= LONGEST else known[: LONGEST - 1] + "…"


def escaped(text: str) -> str:
    """The text for an element or an attribute in double quotes."""
    return html.escape(shown(text))


def as_json(value: Any) -> str:
    """JSON that may stand in a script element: nothing in it ends the element or begins a comment."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def rate(value: float | None) -> str:
    return UNKNOWN if value is None else str(Bitrate(value))


def percent(value: float | None) -> str:
    return UNKNOWN if value is None else Percent(value).rounded()


def milliseconds(value: float | None) -> str:
    return UNKNOWN if value is None else Milliseconds(value).rounded()


def count(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def size(value: int | None) -> str:
    """In four digits, and from 1 KByte on with each byte."""
    if value is None:
        return UNKNOWN
    return Size(value).rounded() + (f" ({value:,})" if value >= 1024 else "")


def option(name: str, value: Plain) -> str:
    """An option as the suite would have it.

    Example: ``option("bitrate", 50e6)`` is ``bitrate=50 Mbit/s``.
    """
    kind = _TYPES.get(name)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"{name}={kind(value)}" if number and kind in _UNITS else f"{name}={value}"


def options(record: Record) -> str:
    return " · ".join(option(name, value) for name, value in record.options.items())


def moment(record: Record) -> str:
    """Date and time as it was where it was recorded."""
    return f"{record.time:%Y-%m-%d %H:%M:%S}"


def link(record: Record) -> str:
    """Client and server.

    Example: ``pc → dut``
    """
    return f"{record.client or UNKNOWN} → {record.server or UNKNOWN}"


def protocol(record: Record) -> str:
    """The protocol, and the direction where it is told.

    Example: ``UDP downstream``
    """
    directions = [flow.direction for flow in record.flows]
    fake = ["FAKE"] if record.fake else []
    return " ".join(
        [*fake, (record.protocol or UNKNOWN).upper(), "both ways" if len(directions) > 1 else "".join(directions)]
    )


def href(place: str, path: str | None) -> str | None:
    """A relative link to a file of the run; None for a path that leads out of the directory of the run."""
    if (
        path is None
        or not path
        or path[0] in "/\\"
        or ":" in path.split("/")[0]
        or ".." in path.replace("\\", "/").split("/")
    ):
        return None
    return quote("/".join(filter(None, [place or ".", path])), safe="/._-~", errors="replace")
