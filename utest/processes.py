"""What the tests with real processes share: they are found again by a mark in their environment."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path

LIMIT = 30.0
"""Seconds after which a test gives up waiting for what should come at once."""

MARK = "IPERFLIBRARY_UTEST"


def new_mark() -> str:
    return uuid.uuid4().hex


def marked(mark: str) -> list[str]:
    """The command lines of all living processes that carry the mark in their environment."""
    return [_command(pid) for pid in marked_pids(mark)]


def marked_pids(mark: str) -> list[int]:
    wanted = f"{MARK}={mark}".encode()
    found = []
    # Not by glob: up to Python 3.12 it lets through what the stat of an ended process raises.
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):  # it ended just now, or belongs to somebody else
            if wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
                found.append(int(pid))
    return [pid for pid in found if pid != os.getpid()]


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return f"{pid} " + Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return f"{pid}"


def comes(happened: Callable[[], bool], limit: float = LIMIT) -> bool:
    """Whether it happens before the limit; looked for again and again."""
    end = time.monotonic() + limit
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def nothing_left(mark: str) -> bool:
    return comes(lambda: not marked_pids(mark), limit=5)
