"""Lines on a terminal: drawn below what Robot writes, and gone without a trace; nothing at all where there is no terminal."""

from __future__ import annotations

import io
from typing import Any

import pyte
import pytest

from IperfLibrary import console
from IperfLibrary.console import LiveLines, wanted


class Terminal(io.StringIO):
    """A terminal of ten lines: what is written to it shows in ``screen``."""

    def __init__(self, lines: int = 10) -> None:
        super().__init__()
        self.screen = pyte.Screen(60, lines)
        self._stream = pyte.Stream(self.screen)

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._stream.feed(text.replace("\n", "\r\n"))
        return len(text)

    @property
    def shown(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.argv", ["robot", "suite.robot"])
    monkeypatch.setattr(console, "EVERY", 0.0)
    return Terminal()


def test_lines_come_below_and_go(terminal: Terminal) -> None:
    terminal.write("My Test          ")
    lines = LiveLines(terminal)
    lines.show(["one", "two"])
    assert terminal.shown[:4] == ["My Test", "one", "two", ""]
    lines.show(["three"])
    assert terminal.shown[:4] == ["My Test", "three", "", ""]
    lines.clear()
    terminal.write("| PASS |\n")
    assert terminal.shown[:3] == ["My Test          | PASS |", "", ""]


def test_at_the_end_of_the_screen(terminal: Terminal) -> None:
    terminal.write("\n".join(f"line {n}" for n in range(10)) + " | ")
    lines = LiveLines(terminal)
    for _ in range(3):
        lines.show(["one", "two"])
    assert terminal.shown[-3:] == ["line 9 |", "one", "two"]
    lines.clear()
    terminal.write("PASS")
    assert terminal.shown[-3:] == ["line 9 | PASS", "", ""]
    assert terminal.shown[0] == "line 2"


def test_a_long_line_stays_one(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveLines, "_width", lambda self: 60)
    lines = LiveLines(terminal)
    lines.show(["x" * 500])
    assert terminal.shown[:3] == ["", "x" * 59, ""]


def test_lines_go_whose_drawing_was_interrupted(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    class Timeout(BaseException):
        """As the test timeout of Robot Framework is one."""

    def interrupted() -> None:
        raise Timeout

    lines = LiveLines(terminal)
    with monkeypatch.context() as patched:
        patched.setattr(terminal, "flush", interrupted)
        with pytest.raises(Timeout):
            lines.show(["one", "two"])
    assert terminal.shown[1:3] == ["one", "two"]
    lines.clear()
    assert terminal.shown[1:3] == ["", ""]


def test_nothing_to_clear_writes_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "write", pytest.fail)
    LiveLines(terminal).clear()
    LiveLines(terminal).show([])


def test_not_more_often_than_anybody_reads(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "EVERY", 3600.0)
    lines = LiveLines(terminal)
    assert lines.due
    lines.show(["one"])
    assert not lines.due


@pytest.mark.parametrize(
    ("arguments", "environment", "on"),
    [
        ((), {"TERM": "xterm"}, True),
        (("--console", "dotted"), {"TERM": "xterm"}, True),
        (("--console", "quiet"), {"TERM": "xterm"}, False),
        (("--console=none",), {"TERM": "xterm"}, False),
        (("--quiet",), {"TERM": "xterm"}, False),
        ((), {"TERM": "xterm", "ROBOT_OPTIONS": "--console none"}, False),
        ((), {"TERM": "dumb"}, False),
        ((), {}, False),
    ],
)
def test_where_it_is_wanted(arguments: tuple[str, ...], environment: dict[str, str], on: bool) -> None:
    assert wanted(Terminal(), arguments, environment) == on


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_never_without_a_terminal(stream: Any) -> None:
    assert not wanted(stream, (), {"TERM": "xterm"})
