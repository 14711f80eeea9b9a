"""A result as text that a person reads in a terminal. Pure: results in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from .errors import printable
from .result import End, Flow, Result
from .units import Bitrate

_FIGURES = [field.name for field in fields(End)]
_FIGURES.insert(_FIGURES.index("packets") + 1, "lost_percent")


def as_text(result: Result) -> str:
    """The headline, who was there, and what both ends counted, of each flow and of its streams where there are several.

    Figures that no end knows have no column, and one that this end does not know is ``-``. Nothing in the text steers
    a terminal.

    Example: ``print(as_text(result))``
    """
    lines = [str(result), _ends(result), *_problems(result)]
    rows = [row for flow in result.flows for row in _rows(flow)]
    return printable("\n".join([*lines, *_table(rows)]))


def columns(rows: Iterable[Sequence[str]], left: Iterable[int]) -> list[str]:
    """Rows of cells as lines with aligned columns; those at ``left`` are aligned there, the others at the right.

    Example: ``columns([("a", "1"), ("bc", "10")], left=[0]) == ["a    1", "bc  10"]``
    """
    cells, left = list(rows), set(left)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    padded = (
        [c.ljust(w) if at in left else c.rjust(w) for at, (c, w) in enumerate(zip(r, widths, strict=True))]
        for r in cells
    )
    return ["  ".join(row).rstrip() for row in padded]


def _ends(result: Result) -> str:
    client = _end("client", result.client, result.client_version, result.client_cpu_percent)
    server = _end("server", result.server, result.server_version, result.server_cpu_percent)
    return f"{client}, {server}; this is what the {result.role} printed"


def _end(role: str, name: str | None, version: str | None, cpu: float | None) -> str:
    known = [*([f"version {version}"] if version else []), *([f"CPU {cpu:.1f} %"] if cpu is not None else [])]
    return f"{role} {name or 'unknown'}" + (f" ({', '.join(known)})" if known else "")


def _problems(result: Result) -> Iterator[str]:
    if result.fake:
        yield "fake: nothing was measured, the figures were recorded before"
    if result.error:
        yield "error: " + result.error.replace("\n", "\n       ")
    if result.partial:
        yield "partial: the output does not reach its end"


def _rows(flow: Flow) -> Iterator[tuple[str, End]]:
    yield f"{flow.direction} sender", flow.sender
    yield f"{flow.direction} receiver", flow.receiver
    for stream in flow.streams if len(flow.streams) > 1 else ():
        yield f"  stream {stream.id} sender", stream.sender
        yield f"  stream {stream.id} receiver", stream.receiver


def _table(rows: list[tuple[str, End]]) -> list[str]:
    known = [name for name in _FIGURES if any(getattr(end, name) is not None for _, end in rows)]
    if not known:
        return []
    head = ("", *("rate" if name == "bits_per_second" else name.replace("_", " ") for name in known))
    body = [(label, *(_figure(name, getattr(end, name)) for name in known)) for label, end in rows]
    return ["", *columns([head, *body], left=[0])]


def _figure(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name == "bits_per_second":
        return str(Bitrate(value))
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
