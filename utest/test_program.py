"""Connections by a program: here it is ``sh`` on this machine, as the way to this very machine, also in a chain."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary.connections import program, relay
from IperfLibrary.connections.base import Process
from IperfLibrary.connections.channels import command_line
from IperfLibrary.connections.local import LocalConnection
from IperfLibrary.connections.program import ProgramConnection, ProgramProcess
from IperfLibrary.deadline import Deadline
from IperfLibrary.errors import DeviceError
from IperfLibrary.secret import Password

from .fake import RUNNING, FakeProcess, Script
from .processes import LIMIT, MARK, comes, marked, marked_pids, new_mark, nothing_left
from .test_leash import ODD_WORDS

SHELLS = [name for name in ("dash", "bash", "busybox", "mksh") if shutil.which(name)]


class BySh(ProgramConnection):
    """The words go through a shell as one line, as with ssh and adb; ``before`` comes in front of that."""

    host = None
    before = ""

    def _way(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return ("sh", "-c", self.before + command_line(words))

    def _explain(self, said: str) -> DeviceError | None:
        return DeviceError(f"{self.where} from {self.through.where}: torn", said=said) if "torn" in said else None


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "sh").symlink_to(str(shutil.which(request.param)))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return str(request.param)


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> str:
    mark = new_mark()
    monkeypatch.setenv(MARK, mark)
    return mark


@pytest.fixture(params=[1, 3])
def connection(request: pytest.FixtureRequest, shell: str, mark: str) -> Iterator[BySh]:
    """One program, and a chain of three."""
    one: Any = LocalConnection("here")
    for number in range(request.param):
        one = BySh(f"level {number}", one)
    if shell == "mksh":  # it may lose the signal that ends the timer, which is left for as long as the beat then
        one.beat = None
    yield one
    one.close()


def started(connection: BySh, *words: str, **more: Any) -> tuple[Process, list[bytes], list[bytes]]:
    out: list[bytes] = []
    err: list[bytes] = []
    return connection.start(words, out.append, err.append, **more), out, err


def test_a_command_gives_both_streams_and_its_exit_code(connection: BySh, mark: str) -> None:
    done = connection.run(("sh", "-c", "echo out; echo err >&2; exit 3"))
    assert (done.stdout, done.stderr, done.exit_code) == ("out\n", "err\n", 3)
    assert nothing_left(mark), marked(mark)


def test_words_arrive_unchanged(connection: BySh) -> None:
    assert connection.run(("printf", r"%s\0", *ODD_WORDS)).stdout.split("\0")[:-1] == list(ODD_WORDS)


def test_signals_reach_the_command(connection: BySh, mark: str) -> None:
    process, out, _ = started(
        connection, "sh", "-c", 'trap "echo got; exit 7" TERM; echo up; while :; do sleep 0.1; done'
    )
    assert comes(lambda: b"".join(out) == b"up\n")
    assert process.pid in marked_pids(mark)
    process.signal("TERM")
    assert process.wait(Deadline(LIMIT))
    assert (process.exit_code, b"".join(out)) == (7, b"up\ngot\n")
    assert nothing_left(mark), marked(mark)


def test_who_lets_go_ends_the_command(connection: BySh, mark: str) -> None:
    process, _, _ = started(connection, "sleep", "1000")
    process.release()
    assert process.wait(Deadline(LIMIT))
    assert process.exit_code == 143
    assert nothing_left(mark), marked(mark)


def test_a_secret_is_in_no_command_line(connection: BySh, mark: str) -> None:
    secret = r"a\b $HOME 'x'"
    process, out, _ = started(connection, "sh", "-c", "env; sleep 1000", secrets={"KEY": Password(secret)})
    assert comes(lambda: f"KEY={secret}\n".encode() in b"".join(out))
    assert not any(secret in line for line in marked(mark))
    process.release()
    assert process.wait(Deadline(LIMIT))


def test_a_program_that_is_killed_takes_the_command_along(connection: BySh, mark: str) -> None:
    """Its own exit code is not taken for the command's."""
    process, _, _ = started(connection, "sleep", "1000")
    programs = [pid for pid in marked_pids(mark) if b'sh\0-c\0"$@"' in _line(pid) and _ancestor(pid, 3) == os.getpid()]
    assert len(programs) == 1
    os.kill(programs[0], 9)
    assert process.wait(Deadline(LIMIT))
    assert process.exit_code in (None, 143)  # as the far end tells, or unknown; not 137
    assert nothing_left(mark), marked(mark)


def _line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _ancestor(pid: int, generations: int) -> int:
    for _ in range(generations):
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return pid


def test_a_program_that_hangs_is_killed(shell: str, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes no notice of the end of its input."""
    monkeypatch.setattr(relay, "GRACE", 1)
    process = LocalConnection("here").relay(("sleep", "1000"), _ignore, _ignore)
    process.release()
    assert process.wait(Deadline(LIMIT))
    assert nothing_left(mark), marked(mark)


def _ignore(data: bytes) -> None:
    """What the shell says of the signal is none of this test."""


def test_an_exit_code_of_the_program_alone_is_none(connection: BySh) -> None:
    """As of adb, which exits with 0 when the device is unplugged."""
    connection.before = "{ sleep 0.2; exec kill -9 $$; } & "
    with pytest.raises(DeviceError, match="was broken off"):
        connection.run(("sleep", "1000"))


def test_what_the_program_says_is_explained(connection: BySh) -> None:
    connection.before = "echo it is torn >&2; exit 1; "
    with pytest.raises(DeviceError, match=f"{connection.where} from {connection.through.where}: torn"):
        connection.run(("true",))


def test_what_nobody_knows_is_told_as_it_is(connection: BySh) -> None:
    connection.before = "echo strange words >&2; exit 1; "
    with pytest.raises(DeviceError, match="did not start a command") as raised:
        connection.run(("true",))
    assert raised.value.said == "strange words"


def test_who_answers_is_the_device_itself(connection: BySh) -> None:
    assert connection.answers(LIMIT)
    connection.before = "exit 1; "
    assert not connection.answers(LIMIT)


def test_beats_keep_a_command_alive(monkeypatch: pytest.MonkeyPatch, mark: str) -> None:
    connection = BySh("far", LocalConnection("here"))
    monkeypatch.setattr(connection, "beat", 1)
    monkeypatch.setattr(program, "BEAT_EVERY", 0.1)
    process, _, _ = started(connection, "sleep", "1000")
    time.sleep(2)
    assert process.running
    assert connection._beater
    connection._beater.close()
    assert process.wait(Deadline(LIMIT))
    assert process.exit_code == 143
    assert nothing_left(mark), marked(mark)


class Piecewise:
    """A process of a far device, and what comes through the one in front of it."""

    def __init__(self, connection: ProgramConnection) -> None:
        self.err = bytearray()
        self.process = ProgramProcess(("x",), lambda data: None, self.err.extend, "mark-12", connection)
        self.carrier = FakeProcess(("x",), self.process.feed_stdout, self.process.feed_stderr, 1, Script())
        self.process.carry_by(self.carrier)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("text", "code", "kept"),
    [
        (b"error\nmark-12 0\n", 0, b"error\n"),
        (b"no end of line mark-mark-12 255\r\n", 255, b"no end of line mark-"),
        (b"mark-12 1\nan orphan says\n", 1, b"an orphan says\n"),
        (
            b"m ma mark-1 mark-12x mark-12 1234567\n mark-12 1",
            None,
            b"m ma mark-1 mark-12x mark-12 1234567\n mark-12 1",
        ),
    ],
)
def test_the_line_with_the_exit_code_in_pieces(size: int, text: bytes, code: int | None, kept: bytes) -> None:
    one = Piecewise(BySh("far", LocalConnection("here")))
    for at in range(0, len(text), size):
        one.carrier.complain(text[at : at + size])
    one.carrier.end(0)
    assert (one.process.exit_code, bytes(one.err)) == (code, kept)
    assert not one.process.running


def test_what_is_no_such_line_is_not_kept_back() -> None:
    one = Piecewise(BySh("far", LocalConnection("here")))
    one.carrier.complain(b"iperf3: error - busy\n")
    assert bytes(one.err) == b"iperf3: error - busy\n"


def test_a_process_in_front_that_has_ended_already(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Piecewise(BySh("far", LocalConnection("here")))
    process = ProgramProcess(("x",), lambda data: None, one.err.extend, "mark-12", BySh("far", LocalConnection("here")))
    one.carrier.end(0)
    process.carry_by(one.carrier)
    assert not process.running
    assert process.exit_code is None


def test_what_a_command_leaves_behind_does_not_keep_it_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a timer does that mksh forgets to end: it holds the input, which is an Android shell's output, too."""
    monkeypatch.setattr(program, "LINGER", 0.05)
    process = ProgramProcess(
        ("tool",), lambda data: None, lambda data: None, "mark", BySh("far", LocalConnection("here"))
    )
    carrier = FakeProcess(("adb",), lambda data: None, lambda data: None, 7, Script(exit_code=RUNNING))
    process.carry_by(carrier)
    process.feed_stdout(b"iperflibrary-leash 5\n")
    process.feed_stderr(b"mark 3\n")
    assert comes(lambda: not process.running)
    assert (process.exit_code, carrier.released) == (3, True)
    carrier.end(0)
    assert process.exit_code == 3
