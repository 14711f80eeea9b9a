"""What a device can do with iperf, and why it cannot do the rest. Pure: what was found out goes in, values and HTML come out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from .markup import as_markup, element
from .option_table import BOTH, OPTIONS, Option, Words, version_key

_FEATURES = re.compile(r"^Optional features available: *(.*?)\s*$", re.MULTILINE)
_BUILT_IN: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("CPU affinity setting", "3.1", ("affinity",)),
    ("IPv6 flow label", "3.1", ("flowlabel",)),
    ("SCTP", "3.1", ("sctp", "xbind")),
    ("TCP congestion algorithm setting", "3.1", ("congestion",)),
    ("sendfile / zerocopy", "3.1", ("zerocopy",)),
    ("socket pacing", "3.6", ("fq_rate",)),
    ("authentication", "3.6", (
        "username", "password", "rsa_public_key_path", "rsa_private_key_path", "authorized_users_path",
        "time_skew_threshold", "use_pkcs1_padding",
    )),
    ("bind to device", "3.10.1", ("bind_dev",)),
    ("support IPv4 don't fragment", "3.10.1", ("dont_fragment",)),
)  # fmt: skip
"""What may be left out when iperf3 is built, since when ``-v`` surely lists it, and the options that need it."""

_BLOCK = "white-space:normal;overflow-wrap:anywhere;font-family:Helvetica,Arial,sans-serif;font-size:.9em;line-height:1.45;max-width:64em;padding:2px 0 6px"
_NAME = "text-align:left;font-weight:normal;vertical-align:top;padding:1px 0;white-space:nowrap"
_TEXT = "text-align:left;vertical-align:top;padding:1px 0 1px 1.6em"


@dataclass(frozen=True)
class Ability:
    """Whether something is possible (None is not known), and how, or why not. It is true where it is possible.

    Example: ``Ability(False, "there is no /proc")``
    """

    possible: bool | None
    reason: str

    def __bool__(self) -> bool:
        return self.possible is True

    def __str__(self) -> str:
        return f"{'not known' if self.possible is None else 'yes' if self.possible else 'no'}: {self.reason}"


@dataclass(frozen=True)
class ToolCapabilities:
    """One tool on one device. Without a ``version`` it cannot be used, and ``reason`` tells why.

    ``client_options`` and ``server_options`` are what this version and build take; ``lacking`` has all other options with the reason.
    ``features`` is what the program says that it was built with, None where it does not tell.
    """

    name: str
    program: str
    version: str | None = None
    reason: str | None = None
    client_options: tuple[str, ...] = ()
    server_options: tuple[str, ...] = ()
    lacking: Mapping[str, str] = field(default_factory=dict)
    features: tuple[str, ...] | None = None

    @property
    def available(self) -> bool:
        return self.version is not None

    @property
    def options(self) -> tuple[str, ...]:
        """What a client or a server takes, in the order of the table of options."""
        known = {*self.client_options, *self.server_options}
        return tuple(option.name for option in OPTIONS if option.name in known)

    def __str__(self) -> str:
        return f"{self.name} {self.version}" if self.version else f"no {self.name} ({self.reason})"


@dataclass(frozen=True)
class Capabilities:
    """A device: its tools, its system, and what the library can do there beside running a client.

    ``servers`` is whether servers can be watched, ``daemon`` whether there is daemon mode, ``files`` how files come from it.
    """

    device: str
    iperf3: ToolCapabilities
    iperf2: ToolCapabilities
    servers: Ability
    daemon: Ability
    files: Ability
    system: str | None = None
    user: str | None = None

    @property
    def tools(self) -> tuple[ToolCapabilities, ...]:
        return self.iperf3, self.iperf2

    def __str__(self) -> str:
        return f"{self.device}: {', '.join(map(str, self.tools))}"


def missing(name: str, program: str, reason: str) -> ToolCapabilities:
    """A tool that cannot be used, so none of its options can be."""
    return ToolCapabilities(name, program, reason=reason, lacking={row.name: reason for row in _offered()})


def tool_capabilities(name: str, program: str, version: str, said: str) -> ToolCapabilities:
    """A tool of this version, which said this of itself."""
    features = features_of(said)
    lacking = {row.name: why for row in _offered() if (why := _why_not(row, name, version, features))}
    takers = {
        role: tuple(row.name for row in _offered() if row.name not in lacking and _takes(row, name, role))
        for role in BOTH
    }
    return ToolCapabilities(name, program, version, None, takers["client"], takers["server"], lacking, features)


def features_of(said: str) -> tuple[str, ...] | None:
    """The features in what ``iperf3 -v`` says; None where it says nothing of them.

    Example: ``features_of("Optional features available: SCTP, authentication")``
    """
    found = _FEATURES.search(said)
    if not found:
        return None
    return tuple(name for name in re.split(r", *", found[1]) if name and name != "None")


def _offered() -> list[Option]:
    return [row for row in OPTIONS if not row.ours]


def _takes(row: Option, tool: str, role: str) -> bool:
    return role in row.roles_for(tool)


def _why_not(row: Option, tool: str, version: str, features: tuple[str, ...] | None) -> str | None:
    flag = row.flag(tool)
    if row.type is Words:
        return None
    if not flag:
        return f"{tool} has no such option"
    if version_key(version) < version_key(flag.since):
        return f"it needs {tool} {flag.since}, and this is {version}"
    for feature, since, options in _BUILT_IN if features is not None else ():
        listed = version_key(version) >= version_key(since)
        if row.name in options and listed and feature not in (features or ()):
            return f"this {tool} was built without: {feature}"
    return None


def as_html(found: Capabilities) -> str:
    """A table for Robot Framework's log; what a device said is text in it, never markup.

    Example: ``as_html(capabilities)``
    """
    rows = [
        ("system", found.system or "not known"),
        ("user", found.user or "not known"),
        ("servers", str(found.servers)),
        ("daemon mode", str(found.daemon)),
        ("files", str(found.files)),
    ]
    tools = [part for tool in found.tools for part in _tool(tool)]
    block = element(
        "div",
        element("b", f"What {found.device} can do"),
        _table(rows),
        *tools,
        class_="iperf-capabilities",
        style=_BLOCK,
    )
    return as_markup(block)


def _tool(tool: ToolCapabilities) -> Iterator[Element]:
    if not tool.available:
        yield _table([(tool.name, f"cannot be used: {tool.reason}")])
        return
    features = "it does not tell" if tool.features is None else ", ".join(tool.features) or "none"
    yield _table([(tool.name, tool.version or ""), ("program", tool.program), ("built with", features)])
    # What only the other tool has would be half of the list.
    why = [(name, reason) for name, reason in tool.lacking.items() if "no such option" not in reason]
    yield _folded(f"options of a client: {len(tool.client_options)}", ", ".join(tool.client_options))
    yield _folded(f"options of a server: {len(tool.server_options)}", ", ".join(tool.server_options))
    if why:
        yield _folded(f"options that it has not: {len(why)}", _table(why))


def _table(rows: Sequence[tuple[str, str]]) -> Element:
    cells = [
        element("tr", element("th", name, scope="row", style=_NAME), element("td", text, style=_TEXT))
        for name, text in rows
    ]
    return element("table", *cells, style="border-spacing:0;margin:4px 0")


def _folded(summary: str, content: str | Element) -> Element:
    return element("details", element("summary", summary, style="cursor:pointer"), content, style="margin:2px 0")
