"""What the user may ask of a run: one table, and the frozen value that holds what was asked.

The table is the only place that names an option. From its rows come the keyword arguments and their documentation,
the checks before anything runs, the command line of each tool and "did you mean".
It knows no device, no process and no output.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import IperfCommandError, nearest
from .units import Bitrate, Seconds, Size

BOTH = ("client", "server")
CLIENT = ("client",)
SERVER = ("server",)


class Words(tuple[str, ...]):
    """Words of a command line: a list, or a text that is split as a POSIX shell splits words (nothing is expanded).

    Example: ``Words.parse("--title 'my run'") == ("--title", "my run")``
    """

    @classmethod
    def parse(cls, value: str | Sequence[str]) -> Words:
        return cls(shlex.split(value) if isinstance(value, str) else [str(word) for word in value])


def _text(value: Any) -> str:
    return str(value)


def _number(value: Any) -> str:
    return str(int(value)) if value == int(value) else f"{float(value):f}".rstrip("0")


def _whole(value: Any) -> str:
    if value != int(value):
        raise ValueError(f"takes whole numbers only, not {value}")
    return str(int(value))


def _milliseconds(value: Any) -> str:
    return str(max(1, round(value * 1000)))


@dataclass(frozen=True)
class Flag:
    """How one tool spells an option: its long word, its short one, and the first version that has it."""

    word: str
    short: str = ""
    since: str = "0"
    encode: Callable[[Any], str] = _text
    low: float | None = None
    high: float | None = None

    def words(self, value: Any) -> tuple[str, ...]:
        if value is True:
            return (self.word,)
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            raise ValueError(f"must lie between {self.low:g} and {self.high:g}, not {value}")
        return (self.word, self.encode(value))


@dataclass(frozen=True)
class Option:
    """One row of the table."""

    name: str
    type: type
    doc: str
    roles: tuple[str, ...] = CLIENT
    protocol: str | None = None
    excludes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    iperf3: Flag | None = None

    def flag(self, tool: str) -> Flag | None:
        found: Flag | None = getattr(self, tool, None)
        return found


OPTIONS: tuple[Option, ...] = (
    Option("time", Seconds, "how long to send; iperf's own default is 10 s; 0 s is endless", aliases=("duration",),
           excludes=("bytes", "blockcount"), iperf3=Flag("--time", "-t", "3.0", _whole, 0, 86400)),
    Option("bytes", Size, "how much to send in place of a time", excludes=("blockcount",),
           iperf3=Flag("--bytes", "-n", "3.0", _whole, 1, 2**63)),
    Option("blockcount", int, "how many blocks of ``length`` to send in place of a time",
           iperf3=Flag("--blockcount", "-k", "3.0", _whole, 1, 2**63)),
    Option("interval", Seconds, "time between periodic reports; 0 s is none", roles=BOTH,
           iperf3=Flag("--interval", "-i", "3.0", _number, 0, 60)),
    Option("parallel", int, "number of parallel streams", iperf3=Flag("--parallel", "-P", "3.0", _whole, 1, 128)),
    Option("omit", Seconds, "seconds at the start that are left out of the result (warm-up); they come on top of ``time``",
           iperf3=Flag("--omit", "-O", "3.0", _whole, 0, 600)),
    Option("udp", bool, "UDP in place of TCP; without ``bitrate`` iperf sends 1 Mbit/s", iperf3=Flag("--udp", "-u", "3.0")),
    Option("bitrate", Bitrate, "target rate of each stream; 0 is unlimited", aliases=("bandwidth",),
           iperf3=Flag("--bandwidth", "-b", "3.0", _whole, 0, 10**15)),
    Option("length", Size, "bytes of one write, with UDP of one datagram", aliases=("len",),
           iperf3=Flag("--length", "-l", "3.0", _whole, 1, 2**20)),
    Option("window", Size, "socket buffer of both ends", iperf3=Flag("--window", "-w", "3.0", _whole, 1, 2**29)),
    Option("mss", int, "maximum segment size in bytes", protocol="tcp", aliases=("set_mss",),
           iperf3=Flag("--set-mss", "-M", "3.0", _whole, 1, 32767)),
    Option("no_delay", bool, "switch Nagle's algorithm off", protocol="tcp", iperf3=Flag("--no-delay", "-N", "3.0")),
    Option("congestion", str, "congestion control algorithm, like ``cubic``", protocol="tcp",
           iperf3=Flag("--congestion", "-C", "3.1")),
    Option("reverse", bool, "the server sends and the client receives", excludes=("bidir",),
           iperf3=Flag("--reverse", "-R", "3.0")),
    Option("bidir", bool, "both send at the same time", iperf3=Flag("--bidir", "", "3.7")),
    Option("ipv4", bool, "IPv4 only", roles=BOTH, excludes=("ipv6",), iperf3=Flag("--version4", "-4", "3.0")),
    Option("ipv6", bool, "IPv6 only", roles=BOTH, iperf3=Flag("--version6", "-6", "3.0")),
    Option("bind", str, "local address to use", roles=BOTH, iperf3=Flag("--bind", "-B", "3.0")),
    Option("cport", int, "the client's port for the data of its first stream",
           iperf3=Flag("--cport", "", "3.1", _whole, 1, 65535)),
    Option("dscp", str, "DSCP as a name (``ef``, ``af41``) or a number 0 to 63", excludes=("tos",),
           iperf3=Flag("--dscp", "", "3.2")),
    Option("tos", str, "type-of-service byte, 0 to 255, also ``0x..``", iperf3=Flag("--tos", "-S", "3.0")),
    Option("zerocopy", bool, "send with sendfile, which costs less CPU", protocol="tcp",
           iperf3=Flag("--zerocopy", "-Z", "3.0")),
    Option("connect_timeout", Seconds, "how long to try to connect; 10 s unless given",
           iperf3=Flag("--connect-timeout", "", "3.2", _milliseconds, 0.001, 86400)),
    Option("get_server_output", bool, "bring the server's own report along in the raw file",
           iperf3=Flag("--get-server-output", "", "3.0.5")),
    Option("one_off", bool, "serve one client, then end", roles=SERVER, iperf3=Flag("--one-off", "-1", "3.0.11")),
    Option("extra", Words, "more words for the command line, for options that have no argument here", roles=BOTH),
)  # fmt: skip

_BY_NAME = {name: option for option in OPTIONS for name in (option.name, *option.aliases)}


def option_named(name: str, role: str) -> Option:
    """The row for this name or alias; an unknown one, or one of the other role, is an IperfCommandError."""
    option = _BY_NAME.get(name)
    if not option:
        hint = nearest(name, _BY_NAME) or " Words that have no argument here go through 'extra'."
        raise IperfCommandError(f"There is no option '{name}'.{hint}")
    if role not in option.roles:
        raise IperfCommandError(f"The option '{name}' belongs to the {option.roles[0]}, not to the {role}.")
    return option


def options_of(role: str) -> tuple[Option, ...]:
    """The rows that this role takes."""
    return tuple(option for option in OPTIONS if role in option.roles)


class Options(Mapping[str, Any]):
    """What was asked of one run: names and typed values, checked for role, protocol and clashes.

    ``None`` and ``False`` mean "not asked". Values have the type of their row (``Seconds``, ``Size``, ``Bitrate`` ...).

    Raises IperfCommandError.

    Example: ``Options("client", time=Seconds(10), parallel=4)``
    """

    def __init__(self, role: str, **values: Any) -> None:
        self.role = role
        asked = {k: v for k, v in values.items() if v is not None and v is not False and v != ()}
        self._values = {option_named(name, role).name: value for name, value in asked.items()}
        self._check()

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
        return "udp" if self.get("udp") else "tcp"

    @property
    def streams(self) -> int:
        """Streams of each direction."""
        return int(self.get("parallel", 1))

    @property
    def directions(self) -> tuple[str, ...]:
        if self.get("bidir"):
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
        for name in self:
            option = _BY_NAME[name]
            if option.protocol and option.protocol != self.protocol and self.role == "client":
                raise IperfCommandError(f"The option '{name}' is for {option.protocol.upper()} only.")
            for other in option.excludes:
                if other in self:
                    raise IperfCommandError(f"The options '{name}' and '{other}' exclude each other.")


def encode(options: Options, tool: str, version: str | None, where: str) -> tuple[str, ...]:
    """The words of all options but ``extra`` for this tool; what it cannot take is an IperfCommandError."""
    words: list[str] = []
    for name, value in options.items():
        if name != "extra":
            words += _encode_one(_BY_NAME[name], value, tool, version, where)
    return tuple(words)


def _encode_one(option: Option, value: Any, tool: str, version: str | None, where: str) -> tuple[str, ...]:
    flag = option.flag(tool)
    if not flag:
        raise IperfCommandError(f"{tool} has no option '{option.name}'.")
    if version and version_key(version) < version_key(flag.since):
        raise IperfCommandError(f"'{option.name}' ({flag.word}) needs {tool} {flag.since}; {where} has {version}.")
    try:
        return flag.words(value)
    except ValueError as problem:
        raise IperfCommandError(f"The option '{option.name}' of {tool} {problem}.") from None


def refuse_known_words(extra: Words, tool: str, owned: Mapping[str, str]) -> None:
    """An IperfCommandError where ``extra`` holds a word that has an argument here, or that the library itself sets.

    Otherwise the checks of the result would not know what was asked (``extra=-P 4`` asks for four streams).
    """
    flags = [(option, option.flag(tool)) for option in OPTIONS]
    known = {w: f"write '{o.name}=' in place of it" for o, f in flags if f for w in (f.word, f.short) if w}
    known.update(owned)
    for word in extra:
        hit = _known_word(word, known)
        if hit:
            raise IperfCommandError(f"'{word}' cannot go through 'extra': {known[hit]}.")


def _known_word(word: str, known: Mapping[str, str]) -> str | None:
    if word.startswith("--") and len(word) > 2:
        name = word.split("=")[0]
        # getopt takes any beginning of a long option that fits only one; a too short one is refused all the same.
        return next((k for k in known if k.startswith("--") and k.startswith(name)), None)
    if word.startswith("-") and len(word) > 1 and not re.fullmatch(r"-[0-9.]+[kKmMgG]?", word):
        return next((k for k in known if k == word[:2]), None)
    return word if word in known else None


def version_key(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparing.

    Example: ``version_key("3.1.10") > version_key("3.1.3")``
    """
    return tuple(int(number) for number in re.findall(r"\d+", version.split("-")[0])[:4])
