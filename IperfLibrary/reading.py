"""What a raw file says, read while it grows: the bytes come from :mod:`IperfLibrary.files`, the sense from ``tools``.

Robot Framework is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .files import RawFile
from .result import Interval, Result, Role

if TYPE_CHECKING:
    from .tools.parsing import Parser


class Reading:
    """Looks at each byte once, and holds no more of them than a part of the file."""

    def __init__(self, raw: RawFile, role: Role, port: int) -> None:
        self._raw = raw
        self._whose: tuple[Role, int] = (role, port)
        self._start_over()

    def _start_over(self) -> None:
        self._parser = _parser(*self._whose)
        self._read_to = 0
        self.intervals: list[Interval] = []
        """Those seen until now, summed over all streams, where the tool tells them while it runs."""

    def catch_up(self) -> None:
        """Reads all that there is."""
        for text, read_to in self._raw.text_from(self._read_to):
            self._take(text, read_to)

    def go_on(self) -> None:
        """Reads some more, if there is more."""
        for text, read_to in self._raw.text_from(self._read_to):
            self._take(text, read_to)
            return

    def results(self, ended: bool) -> list[Result]:
        """The tests in all that was written until now, oldest first; a server may have served several."""
        for text, read_to in self._raw.text_from(self._read_to, ended):
            self._take(text, read_to)
        return self._parser.results(self._raw.error_lines())

    @property
    def last_words(self) -> list[str]:
        """The error that came last of what was read, beside those of tests."""
        return self._parser.last_words

    def _take(self, text: str, read_to: int) -> None:
        try:
            self.intervals += self._parser.read([text])
            self._read_to = read_to
        except BaseException:  # a test timeout: nobody knows what was taken, and a server is read by later tests, too
            self._start_over()
            raise


def _parser(role: Role, port: int) -> Parser:
    from .tools.parsing import Parser  # noqa: PLC0415 - who imports the library has nothing to parse yet

    return Parser(role, port)
