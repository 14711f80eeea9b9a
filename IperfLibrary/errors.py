"""The errors of this library: below both columns, knowing neither iperf nor connections.

::

    IperfLibraryError                 the message alone is what a tester reads
    ├── ConfigurationError            wrong before anything ran
    │   └── IperfCommandError         an option that this tool, version, role or protocol does not take;
    │                                 a unit; a clash
    └── CommandError                  something that ran went wrong
        ├── DeviceError               cannot reach, log in, trust the host key, find the program
        └── IperfError                client and server did not do what was asked
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

_LABELS = {
    "said": "it said",
    "server_said": "the server said",
    "cause": "probably",
    "remedy": "what to do",
    "command": "command",
    "exit_code": "exit code",
    "raw_file": "raw file",
}
# The last two ranges turn the direction of text, so that a line can look like another one.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class IperfLibraryError(Exception):
    """Base of every error that this library raises on purpose.

    ``what`` says what failed and where, in one sentence. The keyword arguments are kept as fields,
    and those in ``said``, ``cause``, ``remedy``, ``command``, ``exit_code``, ``raw_file`` become the lines
    of the message, in that order.

    Example: ``IperfError("iperf3 client on pc failed.", said="error - ...", kind="refused")``
    """

    ROBOT_SUPPRESS_NAME = True

    def __init__(self, what: str, **facts: Any) -> None:
        self.what = what
        self.facts: Mapping[str, Any] = facts
        super().__init__(_render(what, facts))

    def __getattr__(self, name: str) -> Any:
        # Facts read as attributes; one that was not given is None, so that a handler needs no hasattr.
        # Not for dunders: copy and pickle ask for those to learn what the class can do.
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__dict__.get("facts", {}).get(name)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.what, dict(self.facts)))


class ConfigurationError(IperfLibraryError):
    """Something was asked that cannot be right; nothing was run."""


class IperfCommandError(ConfigurationError):
    """An option that this tool, version, role or protocol does not take; a wrong unit; a clash."""


class CommandError(IperfLibraryError):
    """Something that ran went wrong."""


class DeviceError(CommandError):
    """A device cannot be reached, refuses the log-in, has an unknown host key or lacks the program."""


class IperfError(CommandError):
    """Client and server did not do what was asked of them.

    ``kind`` tells them apart: refused, unreachable, timeout, resolve, bind, busy, address_in_use,
    version, closed, interrupted, nothing_moved, incomplete, unreadable, died, ...
    ``result`` is what was measured until then, if anything was.
    """


def _rebuild(kind: type[IperfLibraryError], what: str, facts: dict[str, Any]) -> IperfLibraryError:
    return kind(what, **facts)


def _render(what: str, facts: Mapping[str, Any]) -> str:
    rows = [(label, facts.get(name)) for name, label in _LABELS.items()]
    lines = [f"  {label + ':':<16} {_indent(value)}" for label, value in rows if value not in (None, "")]
    return "\n".join([printable(what), *lines])


def _indent(value: object) -> str:
    return printable(str(value)).rstrip().replace("\n", "\n" + " " * 19)


def printable(text: str) -> str:
    """The text without control characters, and not as HTML: what a device prints must steer no terminal and no log."""
    if text.startswith("*HTML*"):  # Robot would take all of it for HTML
        text = "'*HTML*'" + text[6:]
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\t", "    "))


def nearest(name: str, known: Iterable[str]) -> str:
    """' Did you mean ...?' with the known name nearest to this one, whatever its case, or nothing.

    Example: ``nearest("Tme", ["time"])`` is ``" Did you mean 'time'?"``.
    """
    names = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.6)
    return f" Did you mean '{names[found[0]]}'?" if found else ""
