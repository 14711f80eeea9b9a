"""Which port a process listens on, read from what the kernel says; nothing connects to it."""

from __future__ import annotations

import ipaddress
import re

from .connections.base import Connection
from .errors import DeviceError

# The head of any program tells the byte order of the device, in which the kernel prints addresses.
_LOOK_ALL = "head -c 6 /proc/self/exe; echo; cat /proc/net/tcp /proc/net/tcp6"
_BIG_ENDIAN = "\x02"
_LOOK = "cat /proc/$1/net/$2 /proc/$1/net/${2}6; ls -l /proc/$1/fd; [ -d /proc/self/net ]"
# What stands behind the last parenthesis is: state, parent, group.
_LOOK_AT_CHILDREN = (
    'for s in /proc/[0-9]*/stat; do read -r l <$s && set -- "$1" ${l##*)} || continue;'
    " [ $3 != $1 ] && [ $4 != $1 ] || ls -l ${s%stat}fd; done"
)
_SOCKET = re.compile(r"socket:\[(\d+)\]")
_CELL = re.compile(r"(?:[0-9A-F]{8}|[0-9A-F]{32}):[0-9A-F]{4}")
_ESTABLISHED = "01"
# Of a TCP socket that listens, and of a UDP socket that is not connected.
_WAITING = {"tcp": "0A", "udp": "07"}


def listens(connection: Connection, pid: int, port: int, protocol: str = "tcp") -> bool | None:
    """Whether this very process listens on this port, on any address; None when another one does as well.

    The port alone would not do: another program may hold it, and ours is about to fail. With UDP both can have it,
    and nobody knows who gets what comes. The process may be a wrapper: then its children, and the group that it leads, count.
    """
    looked = connection.run(("sh", "-c", _LOOK, "sh", str(pid), protocol))
    if looked.exit_code != 0:
        raise _no_proc(connection.where)
    holders = waiting_inodes(looked.stdout, port, protocol)
    own = holders & _sockets(looked.stdout)
    if holders and not own:
        own = holders & _sockets(connection.run(("sh", "-c", _LOOK_AT_CHILDREN, "sh", str(pid))).stdout)
    return None if own and holders - own else bool(own)


def _no_proc(where: str) -> DeviceError:
    return DeviceError(
        f"It cannot be found out whether a server on {where} listens: there is no /proc.",
        cause="the log-in is in a chroot or container without it, or the device does not run Linux",
        remedy="mount it there: mount -t proc proc /proc; or let this device be the client",
    )


def _sockets(listing: str) -> set[str]:
    """The inodes of the sockets in a listing of ``/proc/PID/fd``."""
    return set(_SOCKET.findall(listing))


def waiting_inodes(proc_net: str, port: int, protocol: str = "tcp") -> set[str]:
    """The inodes of the sockets that wait at the port, in the text of ``/proc/net/tcp`` and ``tcp6`` or ``udp``."""
    rows = (line.split() for line in proc_net.splitlines())
    state = _WAITING[protocol]
    return {row[9] for row in rows if len(row) > 9 and row[3] == state and row[1].endswith(f":{port:04X}")}


def connected(connection: Connection, port: int) -> list[str]:
    """Who has a TCP connection to this port of the device: addresses, each once; none where that cannot be known."""
    seen = connection.run(("sh", "-c", _LOOK_ALL)).stdout
    rows = (line.split() for line in seen.splitlines())
    found = [row[2] for row in rows if len(row) > 9 and row[3] == _ESTABLISHED and row[1].endswith(f":{port:04X}")]
    cells = [cell for cell in dict.fromkeys(found) if _CELL.fullmatch(cell)]
    return list(dict.fromkeys(_address(cell, big_endian=seen[5:6] == _BIG_ENDIAN) for cell in cells))


def _address(cell: str, big_endian: bool) -> str:
    """``0300000A:1F90`` is 10.0.0.3 where the lower byte of a number comes first; IPv6 is four such numbers."""
    data = bytes.fromhex(cell.partition(":")[0])
    words = [data[i : i + 4] if big_endian else data[i : i + 4][::-1] for i in range(0, len(data), 4)]
    found = ipaddress.ip_address(b"".join(words))
    return str(getattr(found, "ipv4_mapped", None) or found)
