"""A raw file that is read while it grows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from IperfLibrary.files import RawFile
from IperfLibrary.reading import Reading
from IperfLibrary.tools.parsing import Parser

from .fake import document


class Timeout(BaseException):
    """As the test timeout of Robot Framework is one."""


@pytest.mark.parametrize("taken", [False, True])
def test_nothing_is_lost_when_the_reading_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    raw = RawFile(tmp_path, "raw", "json")
    reading = Reading(raw, "server", 5201)
    raw.write(document(received=1e6, server=True))
    assert len(reading.results(ended=False)) == 1
    read = Parser.read

    def interrupted(self: Parser, lines: Iterable[str]) -> list[object]:
        if taken:
            read(self, lines)
        raise Timeout

    raw.write(document(received=2e6, server=True))
    with monkeypatch.context() as patched:
        patched.setattr(Parser, "read", interrupted)
        with pytest.raises(Timeout):
            reading.results(ended=False)
    assert [result.bits_per_second for result in reading.results(ended=False)] == [1e6, 2e6]
    raw.close()
