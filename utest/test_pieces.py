"""Lines, files and texts become pieces of whole lines, and none is lost, doubled or cut."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from IperfLibrary.tools import pieces
from IperfLibrary.tools.pieces import pieces_of

LINES = st.lists(st.text(alphabet="ab {}\x0b\u2028é", max_size=30), min_size=1, max_size=60)


def lines_of(found: list[str]) -> list[str]:
    return [line for text in found for line in text.split("\n")]


@given(LINES, st.sampled_from(["", "\n", "\r\n"]), st.integers(1, 7))
def test_lines_with_any_end_are_those_lines(lines: list[str], end: str, first: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_FIRST", first)
        assert lines_of(list(pieces_of(line + end for line in lines))) == lines


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.integers(1, 50))
def test_a_file_is_its_lines(lines: list[str], end: str, ended: bool, size: int) -> None:
    text = end.join(lines) + end * ended
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "SIZE", size)
        found = lines_of(list(pieces_of(io.StringIO(text, newline=None))))
    assert found == text.replace("\r\n", "\n").removesuffix("\n").split("\n") or not text


def test_a_piece_is_about_as_long_as_it_should_be() -> None:
    found = list(pieces_of(["x" * 99] * 40_000))
    assert lines_of(found) == ["x" * 99] * 40_000
    assert max(map(len, found[10:])) < 4 * pieces.SIZE


def test_a_line_as_long_as_a_document_is_one_piece() -> None:
    text = "x" * (3 * pieces.SIZE)
    assert list(pieces_of(io.StringIO(f"a\n{text}\nb"))) == ["a", text, "b"]


def test_nothing_is_no_piece() -> None:
    assert list(pieces_of([])) == list(pieces_of(io.StringIO(""))) == []
