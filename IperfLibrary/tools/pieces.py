"""Lines as pieces of text with many lines each: what has to be looked at in every line is then one search, not a million calls. Pure."""

from __future__ import annotations

import gc
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

SIZE = 1 << 18
"""Characters of a piece, about; a longer line is in one of its own."""

_FIRST, _MOST = 64, 1 << 16
"""Lines that are put together: so many at the beginning, and at most."""


def pieces_of(lines: Iterable[str]) -> Iterator[str]:
    r"""These lines, with or without their ends, or an open file, in pieces of whole lines; between lines stands ``\n``.

    Example: ``list(pieces_of(["one\n", "two\n", "three\n"])) == ["one\ntwo\nthree"]``
    """
    texts = _of_file(lines) if isinstance(lines, io.TextIOBase) else _of_lines(iter(lines))
    for text in texts:
        yield text.replace("\r\n", "\n") if "\r" in text else text


@contextmanager
def uncollected() -> Iterator[None]:
    """Meanwhile nobody looks for cycles: rows make none, and to look at all of them over and over takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _of_file(file: io.TextIOBase) -> Iterator[str]:
    begun: list[str] = []  # of a line whose end is not there yet
    while text := file.read(SIZE):
        whole, end, rest = text.rpartition("\n")
        if end:
            yield "".join([*begun, whole])
            begun = []
        begun += [rest] if rest else []
    if begun:
        yield "".join(begun)


def _of_lines(lines: Iterator[str]) -> Iterator[str]:
    count = _FIRST
    while some := list(islice(lines, count)):
        text = "\n".join(some)
        if text.count("\n") >= len(some):
            text = "\n".join([line.rstrip("\r\n") for line in some])
        yield text
        # A "line" may be a whole document, or many lines already.
        count = (
            min(2 * count, _MOST) if len(text) < SIZE // 2 else max(1, count // 2) if len(text) > 2 * SIZE else count
        )
