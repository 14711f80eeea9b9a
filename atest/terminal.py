"""Runs Robot Framework on a terminal, and tells what a person would have seen there, for the acceptance tests of this project."""

from __future__ import annotations

import os
import pty
import sys

import pyte


def run_robot_on_terminal(*arguments: str) -> list[str]:
    """What the screen showed, after each piece of output, as texts; the last one is how it looks at the end."""
    screen = pyte.Screen(100, 40)
    stream = pyte.ByteStream(screen)
    pid, terminal = pty.fork()
    if pid == 0:
        words = [sys.executable, "-m", "robot", *arguments]
        os.execve(words[0], words, {**os.environ, "TERM": "xterm", "COLUMNS": "100"})
    seen = []
    for data in iter(lambda: _read(terminal), b""):
        stream.feed(data)
        seen.append("\n".join(line.rstrip() for line in screen.display).rstrip())
    os.waitpid(pid, 0)
    os.close(terminal)
    return seen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux tells the end of a terminal so
        return b""
