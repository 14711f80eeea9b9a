"""Who holds a port, told by programs of the device: for those without ``/proc``, as macOS and the BSDs are. Nothing of iperf is known here.

Two things are put together. A list of all sockets (``netstat``, ``ss``) tells that somebody waits at the port; it names
nobody on a BSD. A list of open files (``lsof`` of macOS, ``sockstat`` of FreeBSD and NetBSD, ``fstat`` of OpenBSD) tells
whose sockets these are; it leaves out those of other users. What is in the first and not in the second is somebody's
who has no name. Each device is asked once which of these programs work there.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterator
from dataclasses import dataclass

from .connections.base import Connection

# The PATH of a log-in without a terminal often lacks the folders where these programs are.
_PATH = "PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin:/usr/local/bin;"
# To have a program is not enough: on a Linux without /proc, lsof ends with an error and netstat shows an empty list.
_WHICH = (
    _PATH + " lsof -p $$ >/dev/null 2>&1 && echo lsof; sockstat -u >/dev/null 2>&1 && echo sockstat;"
    " fstat -p $$ >/dev/null 2>&1 && echo fstat; ss -ltn >/dev/null 2>&1 && echo ss;"
    ' case $(netstat -an 2>/dev/null) in *tcp*|*udp*) echo netstat;; esac; echo "asked"'
)
_BETWEEN = "=="
# $1 is the port, $2 the protocol, $3 its letter. Who waits is looked at first: what is opened in between is nobody's else.
_STATE = {
    "ss": 'ss -ln"$3"p',
    "netstat": '{ netstat -ln"$3"p || netstat -an; } 2>/dev/null',
    "": ":",
}
_NAMES = {
    "lsof": "s=; [ $2 = udp ] || s=-sTCP:LISTEN; lsof -nP -i$2:$1 $s -FpPdn",
    # NetBSD names ports unless told otherwise; FreeBSD never does, and its older versions have no -n.
    "sockstat": "sockstat -46ln -p $1 2>/dev/null || sockstat -46l -p $1",
    "fstat": 'fstat | grep "[:.]$1\\$"',
    "": ":",
}
_FAMILY = "ps -A -o pid= -o ppid= -o pgid= 2>/dev/null"
_LINKS = {"ss": "ss -tn", "netstat": "netstat -an"}

# Compiled when one of these programs has to be asked, and kept by re itself.
_NETSTAT = r"(tcp|udp)\w*\s+\d+\s+\d+\s+(\S+)\s+(\S+)(.*)"
_SS = r"(LISTEN|UNCONN|ESTAB)\s+\d+\s+\d+\s+(\S+)\s+(\S+)(.*)"
_SOCKSTAT = r"\S+\s+.*?\s(\d+)\s+(\d+)\s+(tcp|udp)\w*\s+(\S+)\s+(\S+)"
_FSTAT = r"\S+\s+.*?\s(\d+)\s+(\d+)\*?\s+internet6? (?:stream|dgram) (tcp|udp) (?:\S+ )?(\S+)$"
_PID = r"pid=(\d+)|\s(\d+)/"
_ANYBODY = r".*[.:]\*$"


@dataclass(frozen=True)
class Programs:
    """What works on a device: that which lists sockets, and that which names their owners; empty where there is none."""

    state: str = ""
    names: str = ""

    def __bool__(self) -> bool:
        return bool(self.state or self.names)


@dataclass(frozen=True)
class Holders:
    """Who waits at a port: the processes that the device names, and how many sockets nobody is named for."""

    pids: frozenset[int] = frozenset()
    nameless: int = 0

    def __bool__(self) -> bool:
        return bool(self.pids or self.nameless)


_known: weakref.WeakKeyDictionary[Connection, Programs] = weakref.WeakKeyDictionary()


def programs(connection: Connection) -> Programs:
    """What works on this device, asked once."""
    if connection not in _known:
        found = connection.run(("sh", "-c", _WHICH, "sh")).stdout.split()
        _known[connection] = Programs(_first(("ss", "netstat"), found), _first(("lsof", "sockstat", "fstat"), found))
    return _known[connection]


def _first(wanted: tuple[str, ...], found: list[str]) -> str:
    return next((name for name in wanted if name in found), "")


def holders(connection: Connection, port: int, protocol: str) -> Holders:
    """Who waits at the port now: listens there, or with UDP is bound to it and not connected."""
    use = programs(connection)
    script = f"{_PATH} {_STATE[use.state]}; echo {_BETWEEN}; {_NAMES[use.names]}; :"
    said = connection.run(("sh", "-c", script, "sh", str(port), protocol, protocol[0])).stdout
    state, _, names = said.partition(f"{_BETWEEN}\n")
    return found_in(state, names, use, port, protocol)


def found_in(state: str, names: str, use: Programs, port: int, protocol: str) -> Holders:
    """The holders in what the two programs said."""
    waiting = list(_waiting(state, port, protocol))
    # fstat shows a TCP socket in the same way before it listens.
    tells = use.names != "fstat" or protocol == "udp" or bool(waiting)
    named = set(_named(names, use.names, port, protocol)) if tells else set()
    nameless = sum(pid is None for pid in waiting)
    pids = {pid for pid, _ in named} | {pid for pid in waiting if pid is not None}
    return Holders(frozenset(pids), max(0, nameless - len(named)))


def _waiting(text: str, port: int, protocol: str) -> Iterator[int | None]:
    """For each socket in a list of ``netstat`` or ``ss`` that waits at the port, the process, or None."""
    for line in text.splitlines():
        net, ss = re.match(_NETSTAT, line), re.match(_SS, line)
        if net and net[1] == protocol and _at(net[2], port) and re.match(_ANYBODY, net[3]):
            if protocol == "udp" or "LISTEN" in net[4]:
                yield _pid(net[4])
        elif ss and ss[1] != "ESTAB" and _at(ss[2], port):
            yield _pid(ss[4])


def _pid(rest: str) -> int | None:
    found = re.search(_PID, rest)
    return int(found[1] or found[2]) if found else None


def _at(address: str, port: int) -> bool:
    """Whether the local address has the port: ``*:5201``, ``*.5201``, ``[::1]:5201``."""
    return address.endswith((f":{port}", f".{port}"))


def _named(text: str, program: str, port: int, protocol: str) -> Iterator[tuple[int, str]]:
    """Process and socket for all that waits at the port, in what the program said."""
    if program == "lsof":
        yield from _of_lsof(text, port)
        return
    pattern = _SOCKSTAT if program == "sockstat" else _FSTAT
    for line in text.splitlines():
        row = re.match(pattern, line)
        if row and row[3] == protocol and _at(row[4], port) and (row.lastindex == 4 or re.match(_ANYBODY, row[5])):
            yield int(row[1]), row[2]


def _of_lsof(text: str, port: int) -> Iterator[tuple[int, str]]:
    """``-F`` prints a letter and a value on each line: p a process, f one of its files, d the socket, n its addresses."""
    pid, socket = 0, ""
    for line in text.splitlines():
        kind, value = line[:1], line[1:]
        if kind == "p" and value.isdigit():
            pid = int(value)
        elif kind in "fd":
            socket = value
        elif kind == "n" and _at(value, port) and "->" not in value:
            yield pid, f"{socket} {value}"


def family(connection: Connection, pid: int) -> set[int]:
    """The process, its children, and those of the group that it leads."""
    rows = (line.split() for line in connection.run(("sh", "-c", _FAMILY, "sh")).stdout.splitlines())
    return {pid} | {int(row[0]) for row in rows if len(row) == 3 and str(pid) in row[1:]}


def links(connection: Connection, port: int) -> list[str]:
    """The far ends of the TCP connections to this port of the device, each once; none where that cannot be known."""
    script = _LINKS.get(programs(connection).state)
    said = connection.run(("sh", "-c", f"{_PATH} {script}; :", "sh")).stdout if script else ""
    return list(dict.fromkeys(_far_ends(said, port)))


def _far_ends(text: str, port: int) -> Iterator[str]:
    for line in text.splitlines():
        net, ss = re.match(_NETSTAT, line), re.match(_SS, line)
        if net and net[1] == "tcp" and _at(net[2], port) and "ESTAB" in net[4]:
            yield _host(net[3])
        elif ss and ss[1] == "ESTAB" and _at(ss[2], port):
            yield _host(ss[3])


def _host(address: str) -> str:
    """The address without its port."""
    return re.sub(r"[.:]\d+$", "", address).strip("[]").removeprefix("::ffff:")
