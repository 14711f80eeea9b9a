"""What the user asked of a run: the frozen value that holds it, its checks, and its words for a tool. Pure.

What options there are stands in :mod:`IperfLibrary.option_table`. This module knows no device, no process and no output.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from .errors import IperfCommandError, nearest
from .option_table import OPTIONS, Option, Words, version_key
from .secret import Password

BOTH_WAYS = ("bidir", "dualtest", "tradeoff")
"""Options with which traffic goes in both directions."""

_BY_NAME = {name: option for option in OPTIONS for name in (option.name, *option.aliases)}


def option_named(name: str, role: str, beside: Collection[str] = ()) -> Option:
    """The row for this name or alias; an unknown one, or one of the other role, is an IperfCommandError.

    ``beside`` are the other arguments of the keyword, which may be meant.
    """
    option = _BY_NAME.get(name)
    if not option:
        offered = [known for known, row in _BY_NAME.items() if not row.ours]
        hint = (
            _by_letter(name)
            or _by_word(name)
            or nearest(name, [*offered, *beside])
            or " Words that have no argument here go through 'extra'."
        )
        raise IperfCommandError(f"There is no option '{name}'.{hint}")
    if option.ours:
        raise IperfCommandError(f"The option '{name}' cannot be given: {option.ours}.")
    if role not in option.roles:
        raise IperfCommandError(f"The option '{name}' belongs to the {option.roles[0]}, not to the {role}.")
    return option


def _by_letter(name: str) -> str:
    flags = [(row, flag) for row in OPTIONS if not row.ours for flag in (row.iperf3, row.iperf2) if flag]
    return next((f" Did you mean '{row.name}'?" for row, flag in flags if flag.short == f"-{name}"), "")


_WORDS = {
    **dict.fromkeys(("streams", "connections", "flows"), "parallel"),
    **dict.fromkeys(("rate", "speed", "target_rate"), "bitrate"),
    **dict.fromkeys(("seconds", "runtime"), "time"),
    **dict.fromkeys(("protocol", "proto"), "udp"),
    **dict.fromkeys(("buffer", "socket_buffer", "window_size"), "window"),
    **dict.fromkeys(("warm_up", "warmup", "skip"), "omit"),
    **dict.fromkeys(("packet_size", "datagram_size"), "length"),
    "size": "bytes",
}
"""What people call options by other words, which letters alone would lead elsewhere: ``rate`` is not ``fq_rate``."""


def _by_word(name: str) -> str:
    known = _WORDS.get(name.lower())
    return f" Did you mean '{known}'?" if known else ""


def options_of(role: str) -> tuple[Option, ...]:
    """The rows that this role takes."""
    return tuple(option for option in OPTIONS if role in option.roles and not option.ours)


LEAST_RATE = 1000
"""Bits/s: a lower target rate is one whose unit was forgotten."""


class Options(Mapping[str, Any]):
    """What was asked of one run: names and typed values, checked for role, protocol and clashes.

    ``None`` and ``False`` mean "not asked". Values have the type of their row (``Seconds``, ``Size``, ``Bitrate`` ...).

    Raises IperfCommandError.

    Example: ``Options("client", time=Seconds(10), parallel=4)``
    """

    def __init__(self, role: str, **values: Any) -> None:
        self.role = role
        asked = {k: v for k, v in values.items() if v is not None and v is not False and v != ()}
        self._values: dict[str, Any] = {}
        for name, value in asked.items():
            self._take(option_named(name, role), value)
        self._check()

    def _take(self, option: Option, value: Any) -> None:
        if isinstance(value, Password) and not re.fullmatch(r"\S+", value.reveal()):
            raise IperfCommandError(
                f"The option '{option.name}' is empty or has white space, at which iperf3 would cut it."
            )
        if option.type is bool and not isinstance(value, bool):
            raise IperfCommandError(f"The option '{option.name}' is True or False, not '{value}'.")
        if option.name in self._values:
            raise IperfCommandError(
                f"The option '{option.name}' is given twice ({', '.join(option.aliases)} is the same)."
            )
        self._values[option.name] = value

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Options({self.role!r}, {', '.join(f'{k}={v!r}' for k, v in self.items())})"

    @property
    def protocol(self) -> str:
        return "udp" if self.get("udp") else "sctp" if self.get("sctp") else "tcp"

    @property
    def streams(self) -> int:
        """Streams of each direction."""
        return int(self.get("parallel", 1))

    @property
    def directions(self) -> tuple[str, ...]:
        if any(self.get(both) for both in BOTH_WAYS):
            return ("forward", "reverse")
        return ("reverse",) if self.get("reverse") else ("forward",)

    @property
    def duration(self) -> float | None:
        """Seconds that the traffic should take with the warm-up; None when that cannot be known or it is endless."""
        omit = float(self.get("omit", 0))
        if "bytes" in self and self.get("bitrate"):
            return omit + float(self["bytes"] * 8 / self["bitrate"] / self.streams)
        if "bytes" in self or "blockcount" in self:
            return None
        return float(self.get("time", 10)) + omit if self.get("time", 10) else None

    @property
    def endless(self) -> bool:
        return self.get("time") == 0

    def _check(self) -> None:
        rate = self.get("bitrate")
        if rate and rate < LEAST_RATE:
            raise IperfCommandError(
                f"The option 'bitrate' cannot be {rate}, which is no packet a second.",
                remedy=f"write its unit: {rate:g}M",
            )
        for name in self:
            option = _BY_NAME[name]
            if self.role == "client":
                _check_protocol(name, option.protocol, self.protocol)
            for other in option.excludes:
                if other in self:
                    raise IperfCommandError(f"The options '{name}' and '{other}' exclude each other.")
            for other in option.needs:
                if other not in self:
                    raise IperfCommandError(f"The option '{name}' needs the option '{other}' as well.")


def _check_protocol(name: str, wanted: str | None, protocol: str) -> None:
    if wanted and wanted != protocol:
        raise IperfCommandError(f"The option '{name}' is for {wanted.upper()} only.")


def encode(options: Options, tool: str, version: str | None, where: str) -> tuple[str, ...]:
    """The words of all options but ``extra``, in the order of the table; what this tool cannot take is an IperfCommandError."""
    return tuple(
        word
        for option in OPTIONS
        if option.name in options and option.type is not Words
        for word in _encode_one(option, options, tool, version, where)
    )


def _encode_one(option: Option, options: Options, tool: str, version: str | None, where: str) -> tuple[str, ...]:
    flag = option.flag(tool)
    if not flag:
        raise IperfCommandError(f"{tool} has no option '{option.name}'.")
    if options.role not in option.roles_for(tool):
        other = option.roles_for(tool)[0]
        raise IperfCommandError(
            f"The option '{option.name}' of {tool} belongs to the {other}, not to the {options.role}."
        )
    require(option.name, flag.word, flag.since, tool, version, where)
    if options.role == "client":
        _check_protocol(option.name, flag.protocol, options.protocol)
    if option.type is Password:
        return ()
    try:
        return flag.words(options[option.name], options.protocol, version or "99")
    except ValueError as problem:
        raise IperfCommandError(f"The option '{option.name}' of {tool} {problem}.") from None


def environment(options: Options, tool: str) -> dict[str, Password]:
    """The secrets among the options, by the environment variable in which the tool looks for them."""
    found = {}
    for option in OPTIONS:
        if option.type is Password and option.name in options:
            flag = option.flag(tool)
            assert flag, "encode() has refused it"
            found[flag.word] = options[option.name]
    return found


def check_peer(options: Options, tool: str, version: str | None, where: str) -> None:
    """An IperfCommandError where an option needs a newer version at the other end, at ``where``, than there is."""
    for name in options:
        flag = _BY_NAME[name].flag(tool)
        if flag:
            require(name, flag.word, flag.peer, tool, version, where)


def require(name: str, word: str, since: str, tool: str, version: str | None, where: str) -> None:
    if version and version_key(version) < version_key(since):
        raise IperfCommandError(f"'{name}' ({word}) needs {tool} {since}; {where} has {version}.")


def refuse_known_words(extra: Words, tool: str) -> None:
    """An IperfCommandError where ``extra`` holds a word that has an argument here, or that the library itself sets.

    Otherwise the checks of the result would not know what was asked (``extra=-P 4`` asks for four streams).
    """
    known = _known_words(tool)
    for word in extra:
        hit = _known_word(word, known)
        if hit:
            raise IperfCommandError(f"'{word}' cannot go through 'extra': {known[hit]}.")


@cache
def _known_words(tool: str) -> Mapping[str, str]:
    """The words that have an argument here, each with what is said of it."""
    known: dict[str, str] = {}
    for option in OPTIONS:
        flag = option.flag(tool)
        if flag:
            reason = option.ours or f"write '{option.name}=' in place of it"
            known.update((word, reason) for word in (flag.word, flag.short, *flag.also) if word)
    return known


def _known_word(word: str, known: Mapping[str, str]) -> str | None:
    if word in known:
        return word
    if word.startswith("--") and len(word) > 2:
        name = word.split("=")[0]
        # getopt takes any beginning of a long option that fits only one; a too short one is refused all the same.
        return next((k for k in known if k.startswith("--") and k.startswith(name)), None)
    if word.startswith("-") and len(word) > 1 and not re.fullmatch(r"-[0-9.]{2,}[kKmMgG]?", word):
        return next((k for k in known if k == word[:2]), None)
    return None
