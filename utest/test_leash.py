"""The leash with real processes, in every shell of this machine."""

from __future__ import annotations

import ast
import os
import random
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from IperfLibrary.connections import leash

from .processes import LIMIT, MARK, comes, marked, new_mark, nothing_left

SHELLS = [name for name in ("dash", "bash", "busybox", "mksh") if shutil.which(name)]
ALONE = "dash without setsid"
"""Where the command gets no group of its own: the signals are for it alone."""

# A command that says when it is ready, tells the signals that reach it, and obeys the one that it is told.
TELLS = """
import signal, sys
obeys = sys.argv[1]
awaited = (signal.SIGINT, signal.SIGTERM)
signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
for number in awaited:
    signal.signal(number, signal.SIG_DFL)
print("ready", flush=True)
while True:
    name = signal.Signals(signal.sigwait(awaited)).name
    print(name, flush=True)
    if name == obeys:
        sys.exit(7)
"""

ODD_WORDS = (
    "",
    " ",
    "two words",
    "a'b",
    'a"b',
    "a\nb",
    "\n",
    "$HOME",
    "${x}",
    "$(id)",
    "`id`",
    ";",
    "; exit 9",
    "&",
    "|",
    "*",
    "~",
    "\\",
    "\\n",
    "!",
    "#",
    "-n",
    "--",
    "ü€",
)


class Leashed:
    """A command on the leash; this test is its controller."""

    def __init__(self, words: tuple[str, ...], env: dict[str, str], tmp_path: Path) -> None:
        self._errors = (tmp_path / f"stderr-{new_mark()}").open("w+b")
        self._process = subprocess.Popen(
            words,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._guard = threading.Timer(LIMIT, os.killpg, (self._process.pid, 9))
        self._guard.daemon = True
        self._guard.start()
        self._seen = b""
        self.pid = 0
        self.before = b""
        self._see_pid()

    def _see_pid(self) -> None:
        found = None
        while not found:
            self._read_some()
            found = leash.split_pid(self._seen)
        self.before, self.pid, self._seen = found

    def _read_some(self) -> bool:
        data = self._stdout.read(65536)
        self._seen += data or b""
        return bool(data)

    def line(self) -> str:
        """The next line that the command prints."""
        while b"\n" not in self._seen:
            assert self._read_some(), f"it ended after {self._seen!r}"
        line, self._seen = self._seen.split(b"\n", 1)
        return line.decode()

    def say(self, line: str) -> None:
        self._stdin.write(line.encode() + b"\n")

    def release(self) -> None:
        self._stdin.close()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def rest(self) -> bytes:
        """All the output that is still to come."""
        while self._read_some():
            pass
        return self._seen

    @property
    def stderr(self) -> bytes:
        self._errors.seek(0)
        return self._errors.read()

    def ends(self) -> int:
        """Its exit code."""
        self.rest()
        code = self._process.wait(LIMIT)
        self._guard.cancel()
        return code

    def clean(self) -> None:
        self._guard.cancel()
        if self.running:
            os.killpg(self._process.pid, 9)
            self._process.wait()
        self._stdin.close()
        self._stdout.close()
        self._errors.close()


Start = Callable[..., Leashed]


@pytest.fixture
def mark() -> str:
    return new_mark()


@pytest.fixture(params=[*SHELLS, *([ALONE] if "dash" in SHELLS else [])])
def env(request: pytest.FixtureRequest, tmp_path: Path, mark: str) -> dict[str, str]:
    return environment(request.param, tmp_path, mark)


def environment(shell: str, directory: Path, mark: str) -> dict[str, str]:
    """An environment where ``sh`` is the shell in question."""
    programs = directory / "programs"
    programs.mkdir(parents=True)
    (programs / "sh").symlink_to(str(shutil.which(shell.split()[0])))
    for name in ("sleep", "readlink", "printf", "true"):
        (programs / name).symlink_to(str(shutil.which(name)))
    path = str(programs) if shell == ALONE else f"{programs}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, MARK: mark}


@pytest.fixture
def start(env: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    started: list[Leashed] = []

    def start(*words: str, beat: int | None = None) -> Leashed:
        started.append(Leashed(leash.leashed(words, beat), env, tmp_path))
        return started[-1]

    yield start
    for one in started:
        one.clean()


def telling(obeys: str = "") -> tuple[str, ...]:
    return (sys.executable, "-IS", "-c", TELLS, obeys)


def test_there_is_a_shell_to_test_with() -> None:
    assert SHELLS


def test_the_pid_is_that_of_the_command(start: Start) -> None:
    process = start("sh", "-c", "echo $$")
    assert int(process.line()) == process.pid


def test_the_command_reads_nothing(start: Start) -> None:
    assert start("readlink", "/proc/self/fd/0").line() == "/dev/null"


def test_the_command_does_not_hold_the_leash(start: Start) -> None:
    process = start("readlink", "/proc/self/fd/3")
    assert process.rest() == b""
    assert process.ends() == 1


@pytest.mark.parametrize(
    ("script", "code"),
    [("exit 0", 0), ("exit 3", 3), ("exit 255", 255), ("kill -s TERM $$", 143), ("kill -s KILL $$", 137)],
)
def test_the_exit_code_is_that_of_the_command(start: Start, script: str, code: int) -> None:
    process = start("sh", "-c", script)
    assert process.ends() == code
    assert process.stderr == b""


def test_a_missing_program_is_127(start: Start) -> None:
    process = start("no-such-program-anywhere")
    assert process.ends() == 127
    assert b"no-such-program-anywhere" in process.stderr


def test_a_program_that_cannot_be_executed_is_126(start: Start, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("no program")
    assert start(str(tmp_path / "plain.txt")).ends() == 126


def test_a_banner_may_have_no_end_of_line(env: dict[str, str], tmp_path: Path) -> None:
    process = Leashed(
        ("sh", "-c", 'printf Welcome; exec "$@"', "sh", *leash.leashed(("printf", r"works\n"))), env, tmp_path
    )
    assert process.line() == "works"
    assert process.before == b"Welcome\n"
    assert process.ends() == 0


@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_a_line_is_a_signal(start: Start, name: str) -> None:
    process = start(*telling(f"SIG{name}"))
    assert process.line() == "ready"
    process.say(name)
    assert process.line() == f"SIG{name}"
    assert process.ends() == 7


def test_a_signal_that_does_not_end_it_can_be_followed_by_another(start: Start, mark: str) -> None:
    process = start(*telling("nothing"))
    assert process.line() == "ready"
    process.say("INT")
    assert process.line() == "SIGINT"
    process.say("TERM")
    assert process.line() == "SIGTERM"
    process.say("KILL")
    assert process.ends() == 137
    assert process.stderr == b""
    assert nothing_left(mark), marked(mark)


def test_a_controller_that_is_gone_ends_it_gently(start: Start, mark: str) -> None:
    process = start(*telling("SIGTERM"))
    assert process.line() == "ready"
    process.release()
    assert process.line() == "SIGTERM"
    assert process.ends() == 7
    assert nothing_left(mark), marked(mark)


def test_in_real_seconds(tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a second by the clock, for all shells at the same time: the grace, and the silence without beats."""
    monkeypatch.setattr(leash, "GRACE", 1)
    released, silent = [], []
    for shell in SHELLS:
        env = environment(shell, tmp_path / shell, mark)
        released.append(Leashed(leash.leashed(telling("nothing")), env, tmp_path))
        silent.append(Leashed(leash.leashed(telling("SIGTERM"), beat=1), env, tmp_path))
    try:
        for process in released:
            assert process.line() == "ready"
            process.release()
            assert process.line() == "SIGTERM"
        for process in silent:
            assert process.line() == "ready"
            assert process.line() == "SIGTERM"
        assert [process.ends() for process in released] == [137] * len(SHELLS)
        assert [process.ends() for process in silent] == [7] * len(SHELLS)
        assert nothing_left(mark), marked(mark)
    finally:
        for process in (*released, *silent):
            process.clean()


@pytest.mark.parametrize("text", [b"no newline", b"\n\n", b"\x00\xff\x0a\x0d\x1b[31m", b""])
def test_output_arrives_byte_for_byte(start: Start, text: bytes) -> None:
    script = f"import sys; sys.stdout.buffer.write({text!r})"
    process = start(sys.executable, "-ISc", script)
    assert process.rest() == text
    assert process.ends() == 0


def test_much_output_arrives_byte_for_byte(start: Start) -> None:
    size = 5_000_000
    script = f"import random, sys; sys.stdout.buffer.write(random.Random(7).randbytes({size}))"
    process = start(sys.executable, "-ISc", script)
    assert process.rest() == random.Random(7).randbytes(size)
    assert process.ends() == 0


def test_stderr_is_apart(start: Start) -> None:
    process = start("sh", "-c", "echo out; echo err >&2")
    assert process.rest() == b"out\n"
    assert process.ends() == 0
    assert process.stderr == b"err\n"


def test_words_arrive_unchanged(start: Start) -> None:
    process = start("printf", r"%s\0", *ODD_WORDS)
    assert process.rest().decode().split("\0")[:-1] == list(ODD_WORDS)


def test_words_arrive_unchanged_through_a_shell_in_between(env: dict[str, str], tmp_path: Path) -> None:
    """As a log-in shell gets them: one string."""
    words = leash.leashed(("printf", r"%s\0", *ODD_WORDS), 60)
    process = Leashed(("sh", "-c", "exec " + shlex.join(words)), env, tmp_path)
    try:
        assert process.rest().decode().split("\0")[:-1] == list(ODD_WORDS)
        assert process.ends() == 0
    finally:
        process.clean()


def test_nothing_is_left_of_many_short_commands(start: Start, mark: str, env: dict[str, str]) -> None:
    if Path(env["PATH"].split(":")[0], "sh").resolve().name.startswith("mksh"):
        pytest.skip("mksh may lose a signal just before it waits; what is left then ends with the beat")
    for _ in range(50):
        process = start("true", beat=60)
        assert process.ends() == 0
        assert process.stderr == b""
    assert nothing_left(mark), marked(mark)


@pytest.mark.parametrize("how", ["TERM", "KILL", "release"])
def test_nothing_is_left_of_a_command_that_was_ended(start: Start, mark: str, how: str) -> None:
    process = start("sleep", "1000", beat=60)
    if how == "release":
        process.release()
    else:
        process.say(how)
    assert process.ends() == {"TERM": 143, "KILL": 137, "release": 143}[how]
    assert process.stderr == b""
    assert nothing_left(mark), marked(mark)


@pytest.fixture
def grouped(env: dict[str, str]) -> None:
    if not shutil.which("setsid", path=env["PATH"]):
        pytest.skip("here the command gets no group of its own")


WRAPPER = 'trap "" $1; shift; "$@"; exit 5'


@pytest.mark.usefixtures("grouped")
def test_signals_reach_what_a_wrapper_has_started(start: Start, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leash, "GRACE", 1)
    process = start("sh", "-c", WRAPPER, "sh", "INT", *telling("SIGTERM"))
    assert process.line() == "ready"
    process.say("TERM")
    assert process.line() == "SIGTERM"
    assert process.ends() == 143
    assert nothing_left(mark), marked(mark)


@pytest.mark.usefixtures("grouped")
@pytest.mark.parametrize("how", ["KILL", "release"])
def test_nothing_is_left_of_a_wrapper_that_ignores_signals(
    start: Start, mark: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leash, "GRACE", 1)
    process = start("sh", "-c", WRAPPER, "sh", "TERM", *telling("nothing"), beat=60)
    assert process.line() == "ready"
    if how == "release":
        process.release()
        assert process.line() == "SIGTERM"
    else:
        process.say(how)
    assert process.ends() == 137
    assert nothing_left(mark), marked(mark)


@pytest.mark.usefixtures("grouped")
def test_what_outlives_the_command_gets_a_grace(start: Start, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leash, "GRACE", 1)
    process = start("sh", "-c", '"$@" & exit 4', "sh", *telling("nothing"))
    assert process.line() == "ready"
    process.say("TERM")
    assert process.line() == "SIGTERM"
    assert process.ends() == 4
    assert process.stderr == b""
    assert nothing_left(mark), marked(mark)


class Clock:
    """A ``sleep`` whose time passes when the test says so."""

    def __init__(self, directory: Path) -> None:
        self._naps, self._fifo = directory / "naps", directory / "time"
        os.mkfifo(self._fifo)
        # Again where there was no line: the writer of the last one had not closed it yet.
        script = f'#!/bin/sh\necho "$1" >>{self._naps}\nuntil read x <{self._fifo}; do :; done\n'
        (directory / "programs" / "sleep").unlink()
        (directory / "programs" / "sleep").write_text(script)
        (directory / "programs" / "sleep").chmod(0o755)

    def naps(self) -> list[str]:
        """How long each sleep until now was to be."""
        return self._naps.read_text().split() if self._naps.exists() else []

    def slept(self) -> None:
        """The time of the sleep that waits now is over."""
        self._fifo.write_text("\n")


@pytest.fixture
def clock(env: dict[str, str], tmp_path: Path) -> Clock:
    return Clock(tmp_path)


def test_beats_keep_it_alive(start: Start, clock: Clock, mark: str) -> None:
    process = start(*telling("SIGTERM"), beat=33)
    assert process.line() == "ready"
    for count in range(1, 6):
        # Each beat makes the timer start anew.
        assert comes(lambda wanted=count: len(clock.naps()) == wanted), clock.naps()  # type: ignore[misc]
        assert process.running
        process.say("beat")
    assert comes(lambda: len(clock.naps()) == 6), clock.naps()
    assert set(clock.naps()) == {"33"}
    assert process.running
    clock.slept()
    assert process.line() == "SIGTERM"
    assert process.ends() == 7
    assert nothing_left(mark), marked(mark)


def test_the_grace_is_slept_in_seconds(start: Start, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leash, "GRACE", 2)
    process = start(*telling("nothing"))
    assert process.line() == "ready"
    process.release()
    assert process.line() == "SIGTERM"
    for count in (1, 2):
        assert comes(lambda wanted=count: len(clock.naps()) == wanted), clock.naps()  # type: ignore[misc]
        assert process.running
        clock.slept()
    assert process.ends() == 137
    assert clock.naps() == ["1", "1"]


# -- the line with the pid


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"iperflibrary-leash 42\nrest", (b"", 42, b"rest")),
        (b"iperflibrary-leash 42\r\nrest", (b"", 42, b"rest")),
        (b"Welcome!\niperflibrary-leash 42\n", (b"Welcome!\n", 42, b"")),
        (b"iperflibrary-leash 1\niperflibrary-leash 2\n", (b"", 1, b"iperflibrary-leash 2\n")),
        (b"iperflibrary-leash 42", None),
        (b"iperflibrary-leash \n", None),
        (b"echo iperflibrary-leash 42\n", None),
        (b"", None),
    ],
)
def test_the_pid_is_found_after_a_banner(head: bytes, found: tuple[bytes, int, bytes] | None) -> None:
    assert leash.split_pid(head) == found


# -- secrets

ODD_SECRETS = ("two  words ", "a\\b\\", "'\"", "$(id) `id` $HOME", "-n", "*", "ü€", "", "beat", "KILL")


@pytest.mark.parametrize("beat", [None, 60])
def test_secrets_are_variables_of_the_command(env: dict[str, str], tmp_path: Path, beat: int | None) -> None:
    """Those of the first lines of the input; a line that comes later is a signal, as ever."""
    names = [f"SECRET_{number}" for number in range(len(ODD_SECRETS))]
    tells = f"import os, signal, sys; print([os.environ[n] for n in {names}], flush=True); signal.pause()"
    process = Secret(leash.leashed((sys.executable, "-ISc", tells), beat, names), env, tmp_path)
    try:
        assert ast.literal_eval(process.line()) == list(ODD_SECRETS)
        visible = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert ODD_SECRETS[0].encode() not in visible
        process.say("TERM")
        assert process.ends() == 143
        assert process.stderr == b""
    finally:
        process.clean()


class Secret(Leashed):
    """It says its secrets before it waits for the pid."""

    def _see_pid(self) -> None:
        for secret in ODD_SECRETS:
            self.say(secret)
        super()._see_pid()


def test_without_secrets_nothing_is_read() -> None:
    words = leash.leashed(("sleep", "1000"), 60, ["SECRET"])
    assert "read -r SECRET <&3; export SECRET;" in words[2]
    assert "SECRET" not in leash.leashed(("sleep", "1000"), 60)[2]


def test_only_a_command_that_wants_beats_has_a_timer() -> None:
    script = leash.leashed(("true",))[2]
    assert "USR1" not in script
    assert "sleep 60" in leash.leashed(("true",), 60)[2]


def test_the_words_come_last_and_as_they_are() -> None:
    assert leash.leashed(("a b", "$c"), 60)[-2:] == ("a b", "$c")
