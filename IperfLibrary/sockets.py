"""Which port a process listens on, read from what the kernel says; nothing connects to it."""

from __future__ import annotations

import re

from .connections.base import Connection

_LOOK = "cat /proc/$1/net/$2 /proc/$1/net/${2}6; ls -l /proc/$1/fd"
_SOCKET = re.compile(r"socket:\[(\d+)\]")
# Of a TCP socket that listens, and of a UDP socket that is not connected.
_WAITING = {"tcp": "0A", "udp": "07"}


def listens(connection: Connection, pid: int, port: int, protocol: str = "tcp") -> bool | None:
    """Whether this very process listens on this port, on any address; None when another one does as well.

    The port alone would not do: another program may hold it, and ours is about to fail. With UDP both can have it,
    and nobody knows who gets what comes.
    """
    seen = connection.run(("sh", "-c", _LOOK, "sh", str(pid), protocol)).stdout
    holders = waiting_inodes(seen, port, protocol)
    own = holders & set(_SOCKET.findall(seen))
    return None if own and holders - own else bool(own)


def waiting_inodes(proc_net: str, port: int, protocol: str = "tcp") -> set[str]:
    """The inodes of the sockets that wait at the port, in the text of ``/proc/net/tcp`` and ``tcp6`` or ``udp``."""
    rows = (line.split() for line in proc_net.splitlines())
    state = _WAITING[protocol]
    return {row[9] for row in rows if len(row) > 9 and row[3] == state and row[1].endswith(f":{port:04X}")}
