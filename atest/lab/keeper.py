"""Runs a command, and ends all that has sprung from it when standard input ends.

    python keeper.py WORDS…

What process 1 is for a host of namespaces, this is for one without: daemons that leave their
parent become this process' children. It ends by itself when none is left. The file is run by its
path and so imports nothing of the package.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot become a subreaper")


def reap(*_: object) -> None:
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        sys.exit()


def children() -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == os.getpid():
                    yield int(entry.name)


def end_all() -> None:
    """Each one killed leaves its own children to this process, until there are none."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with suppress(ChildProcessError):
        while True:
            for pid in children():
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            os.waitpid(-1, 0)


def main(words: list[str]) -> None:
    adopt_orphans()
    signal.signal(signal.SIGCHLD, reap)
    subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
    os.read(sys.stdin.fileno(), 1)
    end_all()


if __name__ == "__main__":
    main(sys.argv[1:])
