"""What is said when a device does not run a command to its end."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Protocol

from ..errors import DeviceError

NO_PROGRAM = "This device has no program"
"""What the library's own scripts say of a program that they need."""

SMALL_DEVICE = (
    "it is a small device, where each program has to be put in",
    "install the program; where it has busybox, link the applet: ln -s busybox NAME",
)
"""Cause and remedy of that."""

BRIEF = 100
"""Characters of a short command that are told: the library's own are scripts."""


class Tried(Protocol):
    """What is known of a process that failed."""

    words: tuple[str, ...]
    exit_code: int | None
    broken: BaseException | None

    @property
    def running(self) -> bool: ...


def not_started(where: str, process: Tried, printed: bytes, proven: bool, prefix: Sequence[str] = ()) -> DeviceError:
    """No pid came. ``proven`` is a device that has run other commands: then it is not the log-in that may run none."""
    tied = "this log-in may run no commands (nologin, a restricted shell, a forced command)"
    ended = f"{tied}, or its shell is no POSIX shell"
    if proven:
        tied, ended = "the connection to it is gone", "its shell was killed there, or the device shuts down"
    cause = f"the device hangs, or {tied}" if process.running else ended
    by_hand = shlex.join((*prefix, "sh", "-c", "echo works"))
    if prefix and not proven:
        cause = (
            f"its prefix '{shlex.join(prefix)}' does not run commands there, or keeps their standard input from them"
        )
    remedy = f"log in by hand and try: {by_hand}"
    if NO_PROGRAM.encode() in printed:
        cause, remedy = SMALL_DEVICE
    return DeviceError(
        f"{where} did not start a command within the time for it: no answer from its shell."
        if process.running
        else f"{where} did not start a command: its shell ended at once.",
        said=printed.decode(errors="replace").strip()[-1000:],
        exit_code=process.exit_code,
        cause=str(process.broken) if process.broken else cause,
        remedy=remedy,
    )


def unfinished(where: str, process: Tried, limit: float, said: bytes) -> DeviceError:
    """A short command took too long, or its end is not known."""
    how, cause = f"{where} did not finish a command within {limit:g} s.", "it hangs, or the connection to it is gone"
    if not process.running:
        how, cause = f"A command on {where} was broken off.", "its shell was killed, or the device shuts down"
    command = " ".join(process.words)
    return DeviceError(
        how,
        command=command if len(command) <= BRIEF else command[:BRIEF] + " ...",
        said=said.decode(errors="replace").strip()[-1000:],
        cause=process.broken or cause,
        remedy=f"look whether {where} answers, and try again",
    )
