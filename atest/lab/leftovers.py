"""The lab's folder, and what remains of labs whose controller was killed.

The folder's name carries the controller's pid namespace, pid and start time, so it can be told for
sure whether that controller still lives. Each process of a lab carries the folder's name in its
environment.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from . import procfs
from .shell import until

MARK = "LAB_HOST"
NAME = re.compile(r"iperf-lab-(\d+)-(\d+)-(\d+)-")


def new_folder() -> Path:
    pid = os.getpid()
    return Path(tempfile.mkdtemp(prefix=f"iperf-lab-{_pid_namespace()}-{pid}-{procfs.started(pid)}-"))


def remove(folder: Path) -> None:
    """The folder, and any process that still bears its mark."""
    until(lambda: procfs.end(marked(f"{folder.name}/")), 5.0, f"the processes of {folder} to end")
    shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove what dead controllers have left behind."""
    for folder in Path(tempfile.gettempdir()).glob("iperf-lab-*"):
        if _is_stale(folder):
            remove(folder)


def marked(mark: str) -> list[int]:
    """Living processes whose mark starts so."""
    return [pid for pid in procfs.pids() if procfs.variable(pid, MARK).startswith(mark) and procfs.is_alive(pid)]


def _is_stale(folder: Path) -> bool:
    match = NAME.match(folder.name)
    if not match or not _is_mine(folder):
        return False
    namespace, pid, started = map(int, match.groups())
    return namespace == _pid_namespace() and procfs.started(pid) != started


def _is_mine(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.geteuid()
    except OSError:
        return False


def _pid_namespace() -> int:
    return int(procfs.pid_namespace().strip("pid:[]") or 0)
