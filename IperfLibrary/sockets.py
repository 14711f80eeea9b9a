"""Which port a process listens on, read from what the kernel says in ``/proc``; nothing connects to it. Nothing of iperf is known here.

It is asked first; where there is no ``/proc``, :mod:`IperfLibrary.holders` asks programs of the device.
"""

from __future__ import annotations

import ipaddress
import re
import weakref

from . import holders
from .connections.base import Completed, Connection
from .errors import DeviceError

# The head of any program tells the byte order of the device, in which the kernel prints addresses.
_LOOK_ALL = (
    "{ head -c 6 /proc/self/exe || dd if=/proc/self/exe bs=6 count=1; } 2>/dev/null;"
    " echo; cat /proc/net/tcp /proc/net/tcp6"
)
_BIG_ENDIAN = "\x02"
_BLIND = "not readable"
# A process that is over, or that waits to be reaped, has no descriptors; that is not what is meant.
_LIST = (
    "list() { ls -l $1 2>/dev/null || for f in $1/*; do readlink $f; done 2>/dev/null ||"
    " { read -r l 2>/dev/null <${1%fd}stat && case ${l##*)} in ' Z'*) ;; *)"
    f" echo '{_BLIND}';; esac; }}; }};"
)
# Where the process is hidden, or has ended, its network is most likely that of the log-in.
_LOOK = (
    _LIST + " n=/proc/$1/net r=1; [ -r $n/$2 ] || n=/proc/net;"
    # Both at once; a machine without IPv6 lacks one of them, and then what is there may come twice.
    " cat $n/$2 $n/${2}6 && r=0 || for f in $n/$2 $n/${2}6; do cat $f && r=0; done; list /proc/$1/fd;"
    # Who may not see this process may not see others, either.
    f" read -r l 2>/dev/null </proc/1/stat || echo '{_BLIND}'; exit $r"
)
# What stands behind the last parenthesis is: state, parent, group.
_LOOK_AT_CHILDREN = (
    _LIST + ' for s in /proc/[0-9]*/stat; do read -r l <$s && set -- "$1" ${l##*)} || continue;'
    " [ $3 != $1 ] && [ $4 != $1 ] || list ${s%stat}fd; done"
)
_SOCKET = re.compile(r"socket:\[(\d+)\]")
_CELL = re.compile(r"(?:[0-9A-F]{8}|[0-9A-F]{32}):[0-9A-F]{4}")
# Established, and closed by the other end but not yet here: a server that hangs still holds that client.
_CONNECTED = ("01", "08")
# Of a TCP socket that listens, and of a UDP socket that is not connected.
_WAITING = {"tcp": "0A", "udp": "07"}
_HEAD = "local_address"
# To read all sockets costs a device more than to start a program: nobody asks whether a port is free who need not know.
_SHOWN: weakref.WeakKeyDictionary[Connection, set[str]] = weakref.WeakKeyDictionary()


def shows_owner(connection: Connection, program: str) -> bool:
    """Whether the device has shown of such a program before that it was the one who listened; then :func:`is_free` need not be asked."""
    return program in _SHOWN.get(connection, ())


def is_free(connection: Connection, port: int, protocol: str = "tcp") -> bool | None:
    """Whether nobody waits at the port; None where the device does not tell. To be asked before a server is started.

    Example: ``free = is_free(connection, 5201)``, start, ``listens(connection, pid, 5201, free=free)``
    """
    known = connection.listening(None, port)
    if known is not None:
        return not known
    looked = _look(connection, "self", protocol)
    if looked.exit_code == 0:
        return not waiting_inodes(looked.stdout, port, protocol)
    return not holders.holders(connection, port, protocol) if holders.programs(connection) else None


def listens(
    connection: Connection, pid: int, port: int, protocol: str = "tcp", free: bool | None = None, program: str = ""
) -> bool | None:
    """Whether this very process listens on this port, on any address; None when another one does as well.

    The port alone would not do: another program may hold it, and ours is about to fail. With UDP both can have it,
    and nobody knows who gets what comes. The process may be a wrapper: then its children, and the group that it leads, count.

    Some devices show that somebody listens and not who: those without /proc, or where the process is another user's.
    There it is ours if the port was free (see :func:`is_free`) before the start. A DeviceError where nothing tells.
    ``program`` is what was started, for :func:`shows_owner`.
    """
    known = connection.listening(pid, port)
    if known is not None:
        return known
    looked = _look(connection, str(pid), protocol)
    if looked.exit_code != 0:
        return _listens_there(connection, pid, port, protocol, free)
    waiting = waiting_inodes(looked.stdout, port, protocol)
    own, blind = waiting & _sockets(looked.stdout), _BLIND in looked.stdout
    if waiting and not own:
        children = connection.run(("sh", "-c", _LOOK_AT_CHILDREN, "sh", str(pid))).stdout
        own, blind = waiting & _sockets(children), blind or _BLIND in children
    if waiting and not own and blind:
        return _ours_by_then(connection.where, port, free)
    if own:
        _SHOWN.setdefault(connection, set()).add(program)
    return None if own and waiting - own else bool(own)


def _look(connection: Connection, pid: str, protocol: str) -> Completed:
    return connection.run(("sh", "-c", _LOOK, "sh", pid, protocol))


def _listens_there(connection: Connection, pid: int, port: int, protocol: str, free: bool | None) -> bool | None:
    """The same, told by programs of the device."""
    if not holders.programs(connection):
        raise _nothing_tells(connection.where, connection.lacks("cat"))
    found = holders.holders(connection, port, protocol)
    own = found.pids & ({pid} if found.pids <= {pid} else holders.family(connection, pid))
    if found.nameless and not found.pids:
        return _ours_by_then(connection.where, port, free)
    others = found.pids - own or found.nameless
    return None if own and others else bool(own)


def _ours_by_then(where: str, port: int, free: bool | None) -> bool | None:
    """Somebody listens there, whose name is not told: ours if nobody did before ours was started."""
    if free is None:
        raise DeviceError(
            f"It cannot be found out whose server listens on port {port} of {where}.",
            cause="the log-in may not see what belongs to another user",
            remedy="log in as the user who runs iperf there, or as root",
        )
    return True if free else None


def _nothing_tells(where: str, lacking: list[str]) -> DeviceError:
    if lacking:
        return DeviceError(
            f"It cannot be found out whether a server on {where} listens: the device has no program 'cat'.",
            remedy="install it there; with busybox it is an applet: busybox cat",
        )
    return DeviceError(
        f"It cannot be found out whether a server on {where} listens: there is no /proc that can be read, "
        "and none of lsof, sockstat, fstat, ss and netstat works there.",
        cause="the log-in is in a chroot or container without /proc, or the device has none of these programs",
        remedy="mount it there: mount -t proc proc /proc; or install lsof; or let this device be the client",
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
    looked = connection.run(("sh", "-c", _LOOK_ALL))
    seen = looked.stdout
    if looked.exit_code != 0 and _HEAD not in seen:
        return holders.links(connection, port)
    rows = (line.split() for line in seen.splitlines())
    found = [row[2] for row in rows if len(row) > 9 and row[3] in _CONNECTED and row[1].endswith(f":{port:04X}")]
    cells = [cell for cell in dict.fromkeys(found) if _CELL.fullmatch(cell)]
    return list(dict.fromkeys(_address(cell, big_endian=seen[5:6] == _BIG_ENDIAN) for cell in cells))


def _address(cell: str, big_endian: bool) -> str:
    """``0300000A:1F90`` is 10.0.0.3 where the lower byte of a number comes first; IPv6 is four such numbers."""
    data = bytes.fromhex(cell.partition(":")[0])
    words = [data[i : i + 4] if big_endian else data[i : i + 4][::-1] for i in range(0, len(data), 4)]
    found = ipaddress.ip_address(b"".join(words))
    return str(getattr(found, "ipv4_mapped", None) or found)
