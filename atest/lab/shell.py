"""Running the machine's own tools for the lab, and waiting for what they bring about."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "LC_ALL": "C.UTF-8"}


class LabError(Exception):
    """The lab cannot do what was asked of it; the message says why."""

    ROBOT_SUPPRESS_NAME = True


def find(tool: str) -> str | None:
    """The tool's path; also those that only root has in its search path."""
    return shutil.which(tool, path=PATH)


def require(tool: str) -> str:
    path = find(tool)
    if path is None:
        raise LabError(f"the lab needs {tool!r}, which is not installed")
    return path


def execute(words: Sequence[str], stdin: str = "", within: float = 10.0) -> str:
    """Standard output of a short command that has to succeed."""
    try:
        done = subprocess.run(
            words,
            check=False,
            input=stdin,
            text=True,
            capture_output=True,
            timeout=within,
            env=ENVIRONMENT,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabError(f"{' '.join(words)}: {error}") from error
    if done.returncode:
        raise LabError(f"{' '.join(words)}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def until(condition: Callable[[], T], within: float, what: str, every: float = 0.005) -> T:
    """The first true value of the condition."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise LabError(f"waited {within:g} s in vain for {what}")
        time.sleep(every)
    return value
