"""Which port a process listens on, read from what the kernel says; nothing connects to it."""

from __future__ import annotations

import re

from .connections.base import Connection

_LOOK = "cat /proc/$1/net/tcp /proc/$1/net/tcp6; ls -l /proc/$1/fd"
_SOCKET = re.compile(r"socket:\[(\d+)\]")
_LISTEN = "0A"


def listens(connection: Connection, pid: int, port: int) -> bool:
    """Whether this very process listens on this TCP port, on any address.

    The port alone would not do: another program may hold it, and ours is about to fail.
    """
    seen = connection.run(("sh", "-c", _LOOK, "sh", str(pid))).stdout
    return bool(listening_inodes(seen, port) & set(_SOCKET.findall(seen)))


def listening_inodes(proc_net: str, port: int) -> set[str]:
    """The inodes of the sockets that listen on the port, in the text of ``/proc/net/tcp`` and ``tcp6``."""
    rows = (line.split() for line in proc_net.splitlines())
    return {row[9] for row in rows if len(row) > 9 and row[3] == _LISTEN and row[1].endswith(f":{port:04X}")}
