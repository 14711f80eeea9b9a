"""What /proc knows about processes and sockets. What has just vanished reads as empty."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
ESTABLISHED, LISTENING = "01", "0A"
DEAD = "ZXx"


def pids() -> Iterator[int]:
    return (int(name) for name in os.listdir(PROC) if name.isdigit())


def _read(pid: int | str, name: str) -> bytes:
    with suppress(OSError):
        return (PROC / str(pid) / name).read_bytes()
    return b""


def _link(pid: int | str, name: str) -> str:
    with suppress(OSError):
        return os.readlink(PROC / str(pid) / name)
    return ""


def argv(pid: int) -> list[str]:
    words = _read(pid, "cmdline").decode(errors="replace").rstrip("\0")
    return words.split("\0") if words else []


def comm(pid: int) -> str:
    return _read(pid, "comm").decode(errors="replace").rstrip("\n")


def variable(pid: int, name: str) -> str:
    """A variable of the environment that the process was started with."""
    start = f"{name}=".encode()
    found = (part for part in _read(pid, "environ").split(b"\0") if part.startswith(start))
    return next(found, start)[len(start) :].decode(errors="replace")


def _stat(pid: int) -> list[str]:
    """The fields of ``stat`` from the third (state) on: the second may hold blanks."""
    return _read(pid, "stat").decode(errors="replace").rpartition(")")[2].split()


def parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def started(pid: int) -> int:
    """Clock ticks from boot to the start of the process; 0 if there is none.

    Together with the pid it names a process for good.
    """
    fields = _stat(pid)
    return int(fields[19]) if fields else 0


def is_alive(pid: int) -> bool:
    fields = _stat(pid)
    return bool(fields) and fields[0] not in DEAD


def pid_namespace(pid: int | str = "self") -> str:
    return _link(pid, "ns/pid")


def descendants(roots: Iterable[int]) -> set[int]:
    """These processes and all that have sprung from them."""
    family = set(roots)
    parents = {pid: parent(pid) for pid in pids()}
    while more := {pid for pid, its in parents.items() if its in family} - family:
        family |= more
    return family


def end(victims: Iterable[int]) -> bool:
    """Kill them; true if there was none to kill."""
    none = True
    for pid in victims:
        none = False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return none


def listening_sockets(pid: int | str, port: int) -> set[str]:
    """Inodes of the TCP sockets that listen on the port, in the network that the process sees."""
    return {row[9] for row in _tcp(pid) if row[3] == LISTENING and _port(row[1]) == port}


def remote_ports(pid: int | str, port: int) -> dict[str, int]:
    """Of the established TCP connections at the port, by the inode of the socket here."""
    return {row[9]: _port(row[2]) for row in _tcp(pid) if row[3] == ESTABLISHED and _port(row[1]) == port}


def _tcp(pid: int | str) -> list[list[str]]:
    rows = _read(pid, "net/tcp").splitlines()[1:] + _read(pid, "net/tcp6").splitlines()[1:]
    return [row.decode().split() for row in rows]


def received_bytes(pid: int | str) -> int:
    """By all devices of the network that the process sees."""
    rows = _read(pid, "net/dev").decode().splitlines()[2:]
    return sum(int(row.partition(":")[2].split()[0]) for row in rows)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def sockets(pid: int) -> list[str]:
    """Inodes of the sockets that the process holds, by their descriptors."""
    try:
        files = sorted(os.listdir(PROC / str(pid) / "fd"), key=int)
    except OSError:
        return []
    targets = (_link(pid, f"fd/{file}") for file in files)
    return [target[8:-1] for target in targets if target.startswith("socket:[")]
