"""The report as a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from IperfLibrary.report.file import main
from IperfLibrary.report.recording import LINES, append
from IperfLibrary.report.records import Record

MOMENT = "2026-01-02T03:04:05+01:00"


def test_it_is_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for night in "ab":
        append(tmp_path / night, Record(MOMENT, test="Ünï", raw_file=str(tmp_path / night / "raw" / "x.json")))
    output = tmp_path / "pages" / "report.html"
    assert main([tmp_path / "a", str(tmp_path / "b")], output) == 0
    text = output.read_text("utf-8")
    assert "Ünï" in text
    assert "../a/raw/x.json" in text
    assert capsys.readouterr().out == f"2 results of 2 runs: {output}\n"
    assert [path.name for path in output.parent.iterdir()] == ["report.html"]


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    append(tmp_path, Record(MOMENT, test="New"))
    output = tmp_path / "report.html"
    output.write_text("old")
    assert main([tmp_path], output) == 0
    assert "New" in output.read_text("utf-8")


def test_nothing_found_is_not_a_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([tmp_path], tmp_path / "report.html") == 1
    assert "0 results of 0 runs" in capsys.readouterr().out
    assert "There is no result" in (tmp_path / "report.html").read_text("utf-8")


def test_lines_that_cannot_be_read_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    append(tmp_path, Record(MOMENT))
    with (tmp_path / LINES).open("a") as file:
        file.write("\x1b[2J half")
    assert main([tmp_path], tmp_path / "report.html") == 0
    error = capsys.readouterr().err
    assert "Line 2" in error
    assert "\x1b" not in error


@pytest.mark.parametrize("place", ["nowhere", "file/report.html"])
def test_what_cannot_be_done_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str) -> None:
    (tmp_path / "file").touch()
    directory, output = (tmp_path / place, tmp_path / "r.html") if place == "nowhere" else (tmp_path, tmp_path / place)
    assert main([directory], output) == 2
    assert str(tmp_path / place) in capsys.readouterr().err


def test_a_page_that_was_not_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    append(tmp_path / "a", Record(MOMENT))
    monkeypatch.setattr(os, "replace", full)
    assert main([tmp_path / "a"], tmp_path / "pages" / "report.html") == 2
    assert list((tmp_path / "pages").iterdir()) == []
    assert "probably:        the disk is full\n" in capsys.readouterr().err
