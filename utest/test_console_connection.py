"""Consoles with real shells on real terminals: one line carries many processes, and nothing on it is believed unchecked."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary.connections import console_agent, console_login, leash
from IperfLibrary.connections.console import ConsoleConnection, ConsoleProcess
from IperfLibrary.connections.console_login import Login
from IperfLibrary.deadline import Deadline
from IperfLibrary.errors import DeviceError
from IperfLibrary.secret import Password

from .processes import LIMIT, MARK, comes, marked, new_mark, nothing_left
from .terminal import Terminal

SHELLS = [name for name in ("dash", "bash", "busybox") if shutil.which(name)]
NEEDED = "cat cut head kill ls mkdir mkfifo printf rm seq setsid sleep stty tail tee wc od base64 md5sum xxd cksum hexdump uuencode"
NOISE = b"\r\n[ 4711.081547] usb 1-1: new high-speed USB device number 7\r\n"


class Console(ConsoleConnection):
    """A console on a terminal of this machine, with only these programs in its search path."""

    def __init__(self, folder: Path, shell: str, prompt: str = "$ ", without: str = "") -> None:
        super().__init__("dut", "a terminal", Login())
        self.mark = new_mark()
        self.lines: list[Terminal] = []
        self.damage: Callable[[Terminal], None] = lambda line: None
        programs = set(NEEDED.split()) - set(without.split())
        self._words = [_link(folder, "sh", shell), *(["-i"] if shell == "dash" else [])]
        for name in programs:
            if shutil.which(name) or shutil.which("busybox"):
                _link(folder, name, name if shutil.which(name) else "busybox")
        self._environment = {"PATH": str(folder), "PS1": prompt, "TERM": "vt100", "HOME": str(folder), MARK: self.mark}

    @property
    def host(self) -> str | None:
        return None

    @property
    def line(self) -> Terminal:
        return self.lines[-1]

    def _open_line(self) -> Terminal:
        self.lines.append(Terminal(self._words, self._environment))
        if not self.fresh:  # a shell that was there before: Ctrl-C would end one that is just starting
            assert comes(lambda: b"$ " in self.line.read(0.1))
        self.damage(self.line)
        return self.line


def _link(folder: Path, name: str, program: str) -> str:
    found = shutil.which(program)
    assert found
    (folder / name).symlink_to(found)
    return str(folder / name)


Make = Callable[..., Console]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is slow to say something here; who is taken for silent too early is only asked again."""
    monkeypatch.setattr(console_login, "QUIET", 0.1)
    monkeypatch.setattr(console_login, "PATIENCE", 1.0)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Console] = []

    def make(shell: str = "dash", **given: str) -> Console:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Console(folder, shell, **given))
        return made[-1]

    yield make
    for console in made:
        console.close()
        assert nothing_left(console.mark)
        assert own_files(console) == []


def own_files(console: Console) -> list[str]:
    """What the console's loops have left; a token of theirs is in what was typed."""
    found = [path.name for path in Path("/tmp").glob("iperflibrary-console-*")]
    return [name for name in found for line in console.lines if name.rpartition("-")[2].encode() in line.written]


def nothing(data: bytes) -> None:
    pass


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("prompt", ["router(config)# ", "\x1b[1;31mdut\x1b[0m:~$ "])
def test_a_command_runs_whatever_the_prompt(make: Make, shell: str, prompt: str) -> None:
    console = make(shell, prompt=prompt)
    done = console.run(
        ("sh", "-c", 'printf "%s|" "$@"; echo oops >&2; exit 7', "sh", "ä\n", "a'b\"$c\\ ", "\t\x03", "")
    )
    assert (done.stdout, done.stderr, done.exit_code) == ("ä\n|a'b\"$c\\ |\t\x03||", "oops\n", 7)


def test_there_may_be_no_prompt_at_all(make: Make) -> None:
    assert make(prompt="").run(("printf", "x")).stdout == "x"


@pytest.mark.parametrize("shell", SHELLS)
def test_processes_run_beside_each_other_and_are_signalled(make: Make, shell: str) -> None:
    console = make(shell)
    said = bytearray()
    slow = console.start(("sleep", "1000"), nothing, nothing)
    obeys = console.start(
        ("sh", "-c", 'trap "echo got; exit 3" TERM; echo ready; while :; do sleep 0.1; done'), said.extend, nothing
    )
    comes(lambda: b"ready" in said)
    obeys.signal("TERM")
    assert obeys.wait(Deadline(LIMIT))
    assert (bytes(said), obeys.exit_code) == (b"ready\ngot\n", 3)
    (directory,) = own_files(console)
    assert {path.stem for path in Path("/tmp", directory).iterdir()} == {"life", "1"}
    assert slow.running
    slow.release()
    assert slow.wait(Deadline(LIMIT))
    assert slow.exit_code == 128 + 15


@pytest.mark.parametrize("shell", SHELLS)
def test_a_hang_up_ends_all_that_ran(make: Make, shell: str) -> None:
    console = make(shell)
    process = console.start(("sleep", "1000"), nothing, nothing)
    console.line.hang_up()
    assert process.wait(Deadline(LIMIT))
    assert process.exit_code is None
    assert "console was lost" in str(process.broken)
    assert nothing_left(console.mark)
    assert own_files(console) == []
    assert console.run(("printf", "again")).stdout == "again"
    assert len(console.lines) == 2


@pytest.mark.parametrize("shell", SHELLS)
def test_a_controller_that_says_nothing_any_more_is_gone(make: Make, shell: str) -> None:
    console = make(shell)
    console.beat = 1
    process = console.start(("sleep", "1000"), nothing, nothing)
    assert process.wait(Deadline(LIMIT))
    assert process.exit_code == 128 + 15


def test_secrets_come_as_they_are(make: Make) -> None:
    console = make()
    said = bytearray()
    secrets = {"ONE": Password("a' b\\n$(ls)\t"), "TWO": Password("ü" * 300)}
    process = console.start(("sh", "-c", 'printf "%s|%s" "$ONE" "$TWO"'), said.extend, nothing, secrets)
    assert process.wait(Deadline(LIMIT))
    assert said.decode() == "a' b\\n$(ls)\t|" + "ü" * 300


@pytest.mark.parametrize("shell", SHELLS)
def test_a_device_may_have_no_setsid(make: Make, shell: str) -> None:
    console = make(shell, without="setsid")
    slow = console.start(("sleep", "1000"), nothing, nothing)
    for number in range(1, 6):
        assert console.run(("seq", f"{number}000")).stdout.split()[-1:] == [f"{number}000"]
    console.line.hang_up()
    assert slow.wait(Deadline(LIMIT))


@pytest.mark.parametrize("without", ["stty", "mkfifo", "md5sum base64", "md5sum base64 uuencode cksum xxd"])
def test_a_device_may_lack_programs(make: Make, without: str) -> None:
    console = make(without=without)
    if without == "mkfifo":
        _link(Path(console._environment["PATH"]), "mknod", "mknod")
    if "cksum" in without:
        _link(Path(console._environment["PATH"]), "sha256sum", "sha256sum")
    assert console.run(("seq", "1000")).stdout.split()[-1:] == ["1000"]


def test_a_device_that_lacks_too_much_is_told(make: Make) -> None:
    console = make(without="md5sum cksum")
    with pytest.raises(DeviceError, match="none of md5sum, sha1sum, sha256sum, cksum") as told:
        console.run(("seq", "1"))
    assert told.value.remedy


@pytest.mark.parametrize("shell", SHELLS)
def test_a_file_is_stored_byte_for_byte(make: Make, shell: str, tmp_path: Path) -> None:
    console = make(shell)
    data = bytes(range(256)) * 30 + b"\n\n"
    console.store(str(tmp_path / "stored"), data)
    assert (tmp_path / "stored").read_bytes() == data
    with pytest.raises(DeviceError, match="could not be written"):
        console.store(str(tmp_path / "stored"), b"x" * 200_000)
    assert (tmp_path / "stored").read_bytes() == data


class Deaf:
    """Takes what a process has to say to its leash."""

    def post(self, job: object) -> None:
        pass


def test_who_waits_for_what_has_ended_gets_its_last_output() -> None:
    """It may take longer on a slow line than the grace after a signal, and is no process that does not obey."""
    deaf: Any = Deaf()
    process = ConsoleProcess(("iperf3",), nothing, nothing, deaf, 1)
    assert not process.wait(Deadline(0))
    process.note("x0", 0)
    timer = threading.Timer(0.3, process.ended, (0,))
    timer.start()
    assert process.wait(Deadline(0))
    assert process.exit_code == 0
    timer.join()


def noisy(every: int) -> Callable[[Terminal], None]:
    """The kernel says something after so many bytes, wherever that is."""

    def damage(line: Terminal) -> None:
        left = [every]

        def comes(data: bytes) -> bytes:
            if len(data) < left[0]:
                left[0] -= len(data)
                return data
            at, left[0] = left[0], every
            return data[:at] + NOISE + data[at:]

        line.comes = comes

    return damage


@pytest.mark.parametrize("shell", SHELLS)
def test_messages_of_the_kernel_damage_nothing(make: Make, shell: str, tmp_path: Path) -> None:
    console = make(shell)
    console.damage = noisy(30_011)
    data = random.Random(1).randbytes(150_000)
    file = tmp_path / "some 'file'"
    file.write_bytes(data)
    got = bytearray()
    console.fetch(str(file), got.extend)
    assert bytes(got) == data
    assert console.run(("seq", "9999")).stdout == "".join(f"{n}\n" for n in range(1, 10_000))


def test_a_console_that_is_never_quiet_is_told(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    console = make()
    console.run(("seq", "1"))
    monkeypatch.setattr(console_agent, "ANSWER_LIMIT", 4.0)
    noisy(15)(console.line)
    with pytest.raises(DeviceError, match="too disturbed") as told:
        console.run(("seq", "1"))
    assert "dmesg -n 1" in str(told.value)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_request_that_is_damaged_or_sent_twice_is_done_once(make: Make, shell: str, tmp_path: Path) -> None:
    console = make(shell)
    console.run(("seq", "1"))
    dice = random.Random(2)

    def goes(data: bytes) -> bytes:
        """A byte is lost, or another comes between, or all comes twice."""
        at = dice.randrange(len(data))
        return dice.choice([data, data, data[:at] + data[at + 1 :], data[:at] + b"~" + data[at:], data + b"\r" + data])

    console.line.goes = goes
    log = tmp_path / "log"
    for number in range(8):
        console.run(("sh", "-c", 'echo "$1" >>"$2"', "sh", str(number), str(log)))
    assert log.read_text().split() == [str(number) for number in range(8)]


def test_the_password_is_in_no_message() -> None:
    assert "b4d" not in refused("b4d")


def refused(password: str) -> str:
    console = Scripted(
        ["\r\ndut login: ", "Password: ", f"{password}\r\nLogin incorrect\r\n\r\ndut login: "], "u", password
    )
    with pytest.raises(DeviceError, match="the log-in was refused") as told:
        console.run(("seq", "1"))
    assert "Login incorrect" in told.value.said
    return str(told.value)


class Scripted(ConsoleConnection):
    """A line that says the next thing after each Enter, and first of all the first."""

    def __init__(self, says: list[str], user: str | None = None, password: str | None = None) -> None:
        super().__init__("dut", "somewhere", Login(user, Password(password) if password else None))
        self.pace, self.entered = 10_000, [""]
        self._says = says

    host = None

    def _open_line(self) -> Scripted:
        return self

    def read(self, seconds: float) -> bytes:
        if len(self.entered) > len(self._says):
            raise EOFError("gone")
        time.sleep(min(seconds, 0.01))
        said, self._says[len(self.entered) - 1] = self._says[len(self.entered) - 1], ""
        return said.encode()

    def write(self, data: bytes) -> None:
        self.entered[-1] += data.decode()

    def enter(self) -> None:
        self.entered.append("")

    def close(self) -> None:
        """It is no line of its own."""


@pytest.mark.parametrize(
    ("says", "user", "password", "told"),
    [
        (["dut login: "], None, None, "asks for a user, and there is none"),
        (["User Name: ", "Password for u: "], "u", None, "asks for a password, and there is none"),
        (["login: ", "Password: "], "u", "p", "closed the connection"),
        (["Last login: never\r\nlogin: ", "password:", "Access denied\r\n\r\nlogin: "], "u", "p", "was refused"),
    ],
)
def test_a_log_in_that_fails_says_why(says: list[str], user: str, password: str, told: str) -> None:
    console = Scripted(says, user, password)
    with pytest.raises(DeviceError, match=told) as problem:
        console.run(("seq", "1"))
    assert problem.value.cause
    assert problem.value.remedy
    given = [text for text in (user, password) if text]
    assert console.entered[: len(given)] == given


@pytest.mark.parametrize(
    ("says", "told"),
    [("", "nothing answers"), ("\xf0\x80\xf8", "what it says cannot be read"), ("huh? > ", "no POSIX shell answers")],
)
def test_a_line_without_a_shell_is_told(says: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_login, "LOGIN_LIMIT", 2.0)
    console = Scripted([says] * 200)
    with pytest.raises(DeviceError, match=told) as problem:
        console.run(("seq", "1"))
    assert problem.value.cause
    assert problem.value.remedy


@pytest.mark.parametrize("size", [0, 1, 255, 256, 70_000])
def test_the_sum_is_that_of_cksum(size: int) -> None:
    data = random.Random(size).randbytes(size)
    said = subprocess.run(["cksum"], input=data, capture_output=True, check=True).stdout
    assert console_agent.checksum("cksum", data) == said.split()[0].decode()


def test_the_terminal_is_left_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    console = Console(folder, "dash")
    console.fresh = False  # a shell of somebody else
    console.run(("seq", "1"))
    line = console.line
    assert not line.echoes()
    really, line.close = line.close, lambda: None  # type: ignore[method-assign]
    console.close()
    comes(line.echoes)
    assert line.program.poll() is None
    really()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_loop_of_a_controller_that_was_killed_makes_room(make: Make, shell: str) -> None:
    """On a serial line nothing tells it: it is still there, and so is what it ran, when the next one comes."""
    console = make(shell)
    console.fresh = False
    line = console._open_line()
    killed = console_login.log_in("dut", "a terminal", line, Login(), fresh=False)
    killed.start(1, leash.leashed(("sleep", "1000")))
    assert comes(lambda: len(marked(console.mark)) > 4)
    following = console_login.log_in("dut", "a terminal", line, Login(), fresh=False)
    following.alive()
    assert len(own_files(console)) == 1
    assert comes(lambda: not [words for words in marked(console.mark) if "sleep" in words])
    following.leave()
    line.close()


def test_the_loader_fits_into_a_line_of_a_small_shell() -> None:
    assert len(console_agent.loader("0" * 12)) < 500
    assert os.linesep not in console_agent.loader("0" * 12)
