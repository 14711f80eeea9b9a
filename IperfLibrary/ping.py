"""Ping, in its dialects: what it is told, what its lines say, and what it means when it does not go. Pure.

iputils, busybox, toybox and those of the BSDs and macOS differ in their options and in where they begin to count; what
a reply looks like is alike in all: a number of the probe and a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

EVERY = 0.2
"""Seconds between two probes: what everybody may ask for without being root."""

SLOW = 1.0
"""The same of a ping that cannot be told."""

PATIENCE = 1.0
"""Seconds after which a probe without a reply counts as lost, where none that was sent later has come back; at least twice the longest round trip."""

# Without it toybox sends three.
_MANY = ("-c", "999999")
_ROUND = 1 << 16
"""Where the numbers of probes begin anew."""

_REPLY = re.compile(r"seq=(\d+)\b.*\btime[=<] ?([\d.]+) ?ms")
_TWICE = "DUP!"
_KINDS = (
    ("permission", r"permission denied|not permitted|are you root|cap_net_raw|lacking privilege"),
    ("program", r"not found|no such file"),
    ("resolve", r"unknown host|bad address|name resolution|name or service|cannot resolve|no address associated"),
    ("unreachable", r"unreachable|no route"),
    ("usage", r"usage|(invalid|illegal|unknown|unrecognized|bad) (option|number|timing|interval)"),
)


class Form(NamedTuple):
    """A command line that some ping takes, and how often that one probes."""

    words: tuple[str, ...]
    every: float = EVERY


def forms(host: str, family: int | None = None, source: str | None = None) -> list[Form]:
    """What to try, one after the other: what the newest takes comes first. ``source`` is an address or a network device of its own.

    Example: ``forms("10.0.0.1")[0].words`` is ``ping -n -c 999999 -i 0.2 10.0.0.1``.
    """
    flag = {4: ("-4",), 6: ("-6",), None: ()}[family]
    of = ("-I", source) if source else ()
    often = (*of, *_MANY, "-i", f"{EVERY:g}", host)
    found = [Form(("ping", "-n", *flag, *often)), Form(("ping", *flag, *often))]
    if family == 6 or ":" in host:
        found += [Form(("ping6", "-n", *often)), Form(("ping6", *often))]
    if source:
        found.append(Form(("ping", "-n", "-S", source, *_MANY, "-i", f"{EVERY:g}", host)))
    return [*found, Form(("ping", *flag, *of, *_MANY, host), SLOW)]


class Reply(NamedTuple):
    """``moment`` is when it was seen, ``rtt_ms`` how long the probe and its reply were on their way."""

    number: int
    moment: float
    rtt_ms: float
    whole: bool = False
    """Whether ping told no part of a millisecond."""

    @property
    def sent(self) -> float:
        return self.moment - self.rtt_ms / 1000


def replies(lines: Sequence[tuple[float, str]]) -> list[Reply]:
    """The replies in what ping has printed, each line with its moment; of one that came twice, the first."""
    found: dict[int, Reply] = {}
    last: int | None = None
    for moment, line in lines:
        told = _REPLY.search(line)
        if told and _TWICE not in line:
            last = _unwrapped(int(told[1]) % _ROUND, last)
            found.setdefault(last, Reply(last, moment, float(told[2]), "." not in told[2]))
    return [found[number] for number in sorted(found)]


def _unwrapped(number: int, last: int | None) -> int:
    """The number as if it had not begun anew."""
    if last is None:
        return number
    turns = round((last - number) / _ROUND)
    return number + turns * _ROUND


class Sent(NamedTuple):
    """A probe, when it was sent, and how long it took; None is lost."""

    moment: float
    rtt_ms: float | None


def probes(found: Sequence[Reply], every: float, until: float) -> list[Sent]:
    """All probes that are known to have been sent, with those that were lost between, until the moment at which nobody listened any more.

    At the end a probe is lost when its reply had its time to come; of later ones nobody knows.
    """
    if not found:
        return []
    sent = [Sent(found[0].sent, found[0].rtt_ms)]
    for before, after in pairwise(found):
        sent += _between(before, after)
        sent.append(Sent(after.sent, after.rtt_ms))
    return [*_before(found[0], every), *sent, *_after(found[-1], every, until - patience(found))]


def _before(first: Reply, every: float) -> Iterator[Sent]:
    """Some count from 0 and some from 1, which does not matter: the very first one is no measurement."""
    for number in range(1, first.number):
        yield Sent(first.sent - (first.number - number) * every, None)


def _between(before: Reply, after: Reply) -> Iterator[Sent]:
    step = (after.sent - before.sent) / (after.number - before.number)
    for lost in range(1, after.number - before.number):
        yield Sent(before.sent + lost * step, None)


def _after(last: Reply, every: float, until: float) -> Iterator[Sent]:
    moment = last.sent + every
    while moment <= until:
        yield Sent(moment, None)
        moment += every


def patience(found: Sequence[Reply]) -> float:
    """Seconds within which a reply comes, if it comes."""
    return max([PATIENCE, *(2 * reply.rtt_ms / 1000 for reply in found)])


def pending(found: Sequence[Reply], every: float, end: float) -> bool:
    """Whether the last probe that was sent before the end has not come back yet."""
    return bool(found) and found[-1].sent + every <= end


def kind_of(said: str, exit_code: int | None) -> str:
    """Why a ping ended without a reply: ``permission``, ``program`` (it is not there), ``resolve``, ``unreachable``, ``usage`` or ``silent``."""
    if exit_code == 127:
        return "program"
    return next((kind for kind, pattern in _KINDS if re.search(pattern, said, re.IGNORECASE)), "silent")


WHY = {
    "permission": (
        "It may not ping there",
        "this ping needs rights that the log-in has not",
        "as root on the device: setcap cap_net_raw+ep \"$(command -v ping)\", or sysctl -w net.ipv4.ping_group_range='0 2147483647'; or give the device 'prefix=sudo -n'",
    ),
    "program": (
        "There is no ping",
        "it is not installed, or not in the PATH of that log-in",
        "install it: iputils-ping",
    ),
    "resolve": (
        "The name is not known there",
        "the device asks another name server",
        "give an address instead of a name",
    ),
    "unreachable": ("There is no way there", "the device has no route to it", "look at 'ip route' on the device"),
    "usage": (
        "This ping takes none of the known command lines",
        "it is another program, or its options are not known here",
        "put a ping of iputils or busybox into the PATH of that log-in",
    ),
    "silent": (
        "No probe came back",
        "a firewall drops ICMP echo, or the address does not answer it",
        "let ICMP echo through on the way, or leave 'latency' out",
    ),
}
"""What failed, the probable cause and what to do, by kind."""
