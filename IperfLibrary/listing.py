"""The options that a tool, version and role have, as a table for people. Pure: the table of options in, rows out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .option_table import BOTH, OPTIONS, Option, Words, version_key
from .secret import Password
from .units import Bitrate, Seconds, Size

UNITS = {
    Seconds: "seconds",
    Size: "bytes",
    Bitrate: "bit/s",
    bool: "yes or no",
    int: "number",
    str: "text",
    Words: "words",
    Password: "password",
}
"""What the value of an option is, by its type."""


def listing(tools: Sequence[str], version: str | None = None, role: str | None = None) -> list[tuple[str, ...]]:
    """A head and a row for each option that one of the tools has: its name, its unit, its meaning, and for each tool since
    when and as which word. With a version, what that version has; with a role, what that end takes.

    Example: ``listing(["iperf3"], "3.1.3", "server")``
    """
    head = ("option", "value", "role", *(f"{tool} since" for tool in tools), "meaning")
    return [head, *_rows(tools, version, (role,) if role else BOTH)]


def _rows(tools: Sequence[str], version: str | None, roles: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for option in OPTIONS:
        cells = [_since(option, tool, version, roles) for tool in tools]
        if not option.ours and any(cells):
            takers = [role for role in BOTH if any(role in _takers(option, tool) for tool in tools)]
            yield (
                option.name,
                UNITS[option.type],
                " ".join(takers),
                *(cell or "-" for cell in cells),
                _meaning(option, tools),
            )


def _takers(option: Option, tool: str) -> tuple[str, ...]:
    return option.roles_for(tool) if option.flag(tool) or option.type is Words else ()


def _since(option: Option, tool: str, version: str | None, roles: Sequence[str]) -> str:
    """Since when the tool has the option, and its word; empty where this version has it not, or this role cannot give it."""
    if not set(roles) & set(_takers(option, tool)):
        return ""
    flag = option.flag(tool)
    if not flag:
        return "all"
    too_old = version is not None and version_key(version) < version_key(flag.since)
    return "" if too_old else f"{flag.since} {flag.word}"


def _meaning(option: Option, tools: Sequence[str]) -> str:
    names = f"; also called {', '.join(option.aliases)}" if option.aliases else ""
    return f"{option.doc}{option.only(*tools)}{names}".replace("`", "")
