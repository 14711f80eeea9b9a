"""Lines below the one that Robot Framework is writing, on a terminal: redrawn in place, and gone when they are no longer needed. Nothing of iperf is known here.

Nothing is written where the output is no terminal, so a CI log has none of it.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

EVERY = 0.25
"""Seconds between two drawings."""

# Move the cursor down and up again, which makes room at the end of the screen and keeps the column; remember the place.
_ROOM, _UP, _SAVE, _RESTORE = "\x1bD", "\x1b[{}A", "\x1b7", "\x1b8"
_NEXT_LINE = "\x1b[B\r\x1b[2K"
_QUIET = re.compile(r"--quiet\b|--console[= ](?:quiet|none)\b", re.IGNORECASE)


def wanted(stream: TextIO | None, arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether such lines can be drawn there and nobody asked Robot Framework to be quiet."""
    said = " ".join((*arguments, environment.get("ROBOT_OPTIONS", "")))
    return bool(
        stream
        and stream.isatty()
        and os.name == "posix"
        and environment.get("TERM", "dumb") != "dumb"
        and not _QUIET.search(said)
    )


class LiveLines:
    """The lines; ``show`` draws them, but not more often than a person can read, and ``clear`` takes them away."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.__stdout__
        self._on = wanted(self._stream, sys.argv, os.environ)
        self._drawn = 0
        self._again_at = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to draw."""
        return self._on and time.monotonic() >= self._again_at

    def show(self, lines: Sequence[str]) -> None:
        """Draws these lines in place of those that are there."""
        self._again_at = time.monotonic() + EVERY
        width = self._width()
        self._draw([line[: width - 1] for line in lines])

    def clear(self) -> None:
        """Takes the lines away."""
        if self._drawn:
            self._draw([])

    def _draw(self, lines: Sequence[str]) -> None:
        count = max(len(lines), self._drawn)
        text = "".join(_NEXT_LINE + line for line in [*lines, *[""] * (count - len(lines))])
        if count and self._stream:
            self._drawn = count  # as far as is known until all is written: a test timeout may strike
            self._stream.write(_ROOM * count + _UP.format(count) + _SAVE + text + _RESTORE)
            self._stream.flush()
        self._drawn = len(lines)

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno() if self._stream else 1).columns or 80
        except (OSError, ValueError):
            return 80
