"""What the checks share: commands that are found again on the device, and are gone after each check."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from types import TracebackType

from ..connections.base import Connection, Process
from ..deadline import Deadline
from ..errors import IperfLibraryError
from ..secret import Password

# The mark comes in two parts, so that the look does not find itself. A script has it behind `sleep` in a longer word.
_WORDS = "cat $1 2>/dev/null | tr '\\000' '\\n'"
_SEEN = "[ -r /proc/self/cmdline ] || { echo unseen; exit; }; "
_COUNT = _SEEN + 'words() { WORDS; }; words "/proc/[0-9]*/cmdline" | grep -cx "$1$2"; :'.replace("WORDS", _WORDS)
_ANY = _COUNT.replace('-cx "$1$2"', '-c -e "^$1$2\\$" -e "sleep $1$2"')
_KILL = (
    'words() { WORDS; }; for f in /proc/[0-9]*/cmdline; do words "$f" | grep -q -e "^$1$2\\$" -e "sleep $1$2"'
    " && { p=${f%/cmdline}; kill -KILL ${p#/proc/} 2>/dev/null; }; done; :"
).replace("WORDS", _WORDS)

CLEAN_LIMIT = 30.0
"""Seconds in which what a failed check left is ended, at least: it may be a check that waits for little."""

Elsewhere = Callable[[tuple[str, ...]], str]
"""Runs words on the device, not through the connection that is tried, and gives what they printed."""


def expect(condition: object, message: str) -> None:
    """An AssertionError with the message, also where Python leaves out ``assert``."""
    if not condition:
        raise AssertionError(message)


class Started:
    """A command that was started, and what it printed until now."""

    def __init__(
        self, connection: Connection, words: tuple[str, ...], limit: float, secrets: Mapping[str, Password] | None
    ) -> None:
        self.out, self.err = bytearray(), bytearray()
        self._limit = limit
        self.process: Process = connection.start(words, self.out.extend, self.err.extend, secrets)

    def end(self) -> Started:
        """Itself, once it has ended."""
        expect(self.process.wait(Deadline(self._limit)), f"The command did not end within {self._limit:g} s.")
        expect(not self.process.running, "The command ended, and is running all the same.")
        return self

    def says(self, text: bytes) -> None:
        """Waits until it has printed this."""
        _comes(lambda: text in self.out or not self.process.running, self._limit)
        expect(
            text in self.out,
            f"The command printed {bytes(self.out[-200:])!r}, and not {text!r}, within {self._limit:g} s"
            f"{'' if self.process.running else f' and until it ended with {self.process.exit_code}'}."
            f" On stderr: {bytes(self.err[-200:])!r}.",
        )


class Bench:
    """One check on one connection: in the end all that it started is gone, on the device as well.

    ``mark`` is a number that is on the command line of what is looked for: ``sleep`` takes it.
    """

    def __init__(self, connection: Connection, limit: float, elsewhere: Elsewhere) -> None:
        self.connection = connection
        self.limit = limit
        self.mark = str(random.randint(1_000_000, 9_999_999))  # noqa: S311 - no secret
        self.elsewhere = elsewhere
        self._started: list[Started] = []

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, kind: object, problem: BaseException | None, trace: TracebackType | None) -> None:
        for one in self._started:
            one.process.release()
        try:
            if problem is None:
                self._expect_the_end()
        except BaseException:
            self._clean()
            raise
        if problem is not None:
            self._clean()

    def _expect_the_end(self) -> None:
        for one in self._started:
            one.end()
        self.expect_nothing_left()

    def start(self, *words: str, secrets: Mapping[str, Password] | None = None) -> Started:
        started = Started(self.connection, words, self.limit, secrets)
        self._started.append(started)
        return started

    def sh(self, script: str, *words: str, secrets: Mapping[str, Password] | None = None) -> Started:
        """A script with arguments; MARK in it is the mark."""
        return self.start("sh", "-c", script.replace("MARK", self.mark), "sh", *words, secrets=secrets)

    def comes(self, happened: Callable[[], object], message: str) -> None:
        expect(_comes(happened, self.limit), f"{message} (within {self.limit:g} s)")

    def left(self) -> int:
        """How often the mark is a word of a command line on the device."""
        return self._number(_COUNT)

    def expect_nothing_left(self) -> None:
        self.comes(lambda: not self._number(_ANY), "Something that was to end is still on the device.")

    def _number(self, script: str) -> int:
        found = self._look(script).strip()
        expect(found.isdigit(), "The device has no /proc, or cannot look into it: say in elsewhere() how to look.")
        return int(found)

    def _look(self, script: str) -> str:
        return self.elsewhere(("sh", "-c", script, "sh", self.mark[:3], self.mark[3:]))

    def _clean(self) -> None:
        """Ends what is left, again and again: a loop may have started its next command meanwhile."""
        try:
            _comes(lambda: not self._number(_ANY) or self._look(_KILL), max(self.limit, CLEAN_LIMIT))
        except (IperfLibraryError, AssertionError):  # the device is gone: what failed before says more
            return


def _comes(happened: Callable[[], object], limit: float) -> bool:
    end = time.monotonic() + limit
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
