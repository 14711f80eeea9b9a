"""The connection ``local``, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary.connections import base, connect, leash
from IperfLibrary.connections.base import Process
from IperfLibrary.connections.local import LocalConnection, LocalProcess
from IperfLibrary.deadline import Deadline
from IperfLibrary.errors import ConfigurationError, DeviceError
from IperfLibrary.secret import Password

from .processes import LIMIT, MARK, comes, marked, marked_pids, new_mark, nothing_left


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> str:
    mark = new_mark()
    monkeypatch.setenv(MARK, mark)
    return mark


@pytest.fixture
def connection() -> LocalConnection:
    return LocalConnection("here")


class Kept:
    """What the sinks of a process got."""

    def __init__(self) -> None:
        self.out, self.err = bytearray(), bytearray()

    def start(self, connection: LocalConnection, *words: str) -> Process:
        return connection.start(words, self.out.extend, self.err.extend)


def ended(process: Process) -> bool:
    return process.wait(Deadline(LIMIT))


def test_run_tells_output_and_exit_code(connection: LocalConnection) -> None:
    completed = connection.run(("sh", "-c", "echo out; echo err >&2; exit 4"))
    assert (completed.stdout, completed.stderr, completed.exit_code) == ("out\n", "err\n", 4)


def test_run_survives_bytes_that_are_no_text(connection: LocalConnection) -> None:
    assert connection.run(("printf", r"a\377b")).stdout == "a\N{REPLACEMENT CHARACTER}b"


def test_a_missing_program_is_an_exit_code(connection: LocalConnection) -> None:
    assert connection.run(("no-such-program-anywhere",)).exit_code == 127


def test_run_that_takes_too_long_is_an_error_and_ends(connection: LocalConnection, mark: str) -> None:
    with pytest.raises(DeviceError, match="here did not finish a command within 0 s") as raised:
        connection.run(("sleep", "1000"), limit=0)
    assert raised.value.command == "sleep 1000"
    assert nothing_left(mark), marked(mark)


def test_run_that_is_interrupted_ends(connection: LocalConnection, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test timeout of Robot Framework is a BaseException."""

    class Timeout(BaseException):
        pass

    def wait(self: Process, deadline: Deadline) -> bool:
        raise Timeout

    monkeypatch.setattr(LocalProcess, "wait", wait)
    with pytest.raises(Timeout):
        connection.run(("sleep", "1000"))
    assert nothing_left(mark), marked(mark)


def test_start_returns_with_the_pid_of_the_command(connection: LocalConnection) -> None:
    kept = Kept()
    process = kept.start(connection, "sh", "-c", "echo $$")
    assert process.pid is not None
    assert process.words == ("sh", "-c", "echo $$")
    assert ended(process)
    assert int(kept.out) == process.pid


def test_an_ended_process(connection: LocalConnection) -> None:
    process = Kept().start(connection, "sh", "-c", "exit 5")
    assert ended(process)
    assert (process.running, process.exit_code, process.failure) == (False, 5, None)
    process.signal("TERM")
    process.release()
    assert process.exit_code == 5


def test_a_signal_goes_through_the_leash(connection: LocalConnection, mark: str) -> None:
    process = Kept().start(connection, "sleep", "1000")
    assert process.running
    assert not process.wait(Deadline(0))
    process.signal("TERM")
    assert ended(process)
    assert process.exit_code == 143
    assert nothing_left(mark), marked(mark)


def test_release_ends_the_process(connection: LocalConnection, mark: str) -> None:
    process = Kept().start(connection, "sleep", "1000")
    process.release()
    assert ended(process)
    assert process.exit_code == 143
    assert nothing_left(mark), marked(mark)


def test_a_flood_on_both_streams_is_drained(connection: LocalConnection) -> None:
    size, chunk = 10_000_000, 50_000
    script = f"""
import os
for _ in range({size // chunk}):
    os.write(2, b"e" * {chunk})
    os.write(1, b"o" * {chunk})
"""
    kept = Kept()
    process = kept.start(connection, sys.executable, "-ISc", script)
    assert ended(process)
    assert process.exit_code == 0
    assert kept.out == b"o" * size
    assert kept.err == b"e" * size


@pytest.mark.parametrize("stream", [1, 2])
def test_a_sink_that_fails_ends_the_process(connection: LocalConnection, mark: str, stream: int) -> None:
    problem = OSError("disk full")

    def sink(data: bytes) -> None:
        raise problem

    def take(data: bytes) -> None:
        pass

    sinks = (sink, take) if stream == 1 else (take, sink)
    process = connection.start(("sh", "-c", f"echo x >&{stream}; exec sleep 1000"), *sinks)
    assert ended(process)
    assert process.failure is problem
    assert process.exit_code == 143
    assert nothing_left(mark), marked(mark)


def test_a_sink_that_failed_is_not_called_again(connection: LocalConnection) -> None:
    calls = []

    def sink(data: bytes) -> None:
        calls.append(data)
        raise OSError("disk full")

    script = "echo first; echo second >&2; while :; do echo more; done"
    process = connection.start(("sh", "-c", script), sink, sink)
    assert ended(process)
    assert len(calls) == 1


def test_output_without_end_does_not_stop_a_stop(connection: LocalConnection) -> None:
    process = Kept().start(connection, "sh", "-c", "while :; do echo more; done")
    process.signal("KILL")
    assert ended(process)
    assert process.exit_code == 137


# -- a shell that is none


def fake_shell(directory: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = directory / "sh"
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")


def test_a_banner_is_not_output(connection: LocalConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_shell(tmp_path, 'echo Welcome\nexec /bin/sh "$@"\n', monkeypatch)
    kept = Kept()
    process = kept.start(connection, "echo", "output")
    assert ended(process)
    assert process.preamble.startswith(b"Welcome\n")
    assert kept.out == b"output\n"


def test_no_shell(connection: LocalConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match="here cannot start a command"):
        connection.run(("true",))


def test_a_shell_that_ends_at_once(
    connection: LocalConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_shell(tmp_path, "echo This account is not available.; echo sorry >&2; exit 1\n", monkeypatch)
    with pytest.raises(DeviceError, match="its shell ended at once") as raised:
        connection.run(("true",))
    assert raised.value.said == "This account is not available.\nsorry"
    assert raised.value.exit_code == 1


def test_a_shell_that_says_nothing(
    connection: LocalConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    fake_shell(tmp_path, "read line\n", monkeypatch)
    monkeypatch.setattr(base, "START_LIMIT", 0.05)
    with pytest.raises(DeviceError, match="no answer from its shell"):
        connection.run(("true",))
    assert nothing_left(mark), marked(mark)


# -- the connection


def test_it_is_this_machine(connection: LocalConnection) -> None:
    assert connection.host == "127.0.0.1"
    assert connection.beat is None


def test_it_may_be_used_again_after_close(connection: LocalConnection) -> None:
    connection.run(("true",))
    connection.close()
    assert connection.run(("true",)).exit_code == 0


def test_close_ends_what_runs(connection: LocalConnection, mark: str) -> None:
    process = Kept().start(connection, "sleep", "1000")
    try:
        connection.close()
        assert ended(process)
    finally:
        process.release()
        ended(process)


def test_it_is_found_by_its_scheme() -> None:
    assert isinstance(connect("pc", "local"), LocalConnection)
    assert isinstance(connect("pc", "LOCAL"), LocalConnection)


@pytest.mark.parametrize(
    ("url", "login", "message"),
    [
        ("local", {"password": Password("x")}, "takes no password="),
        ("local", {"key_file": "k"}, "takes no key_file="),
        ("local:foo", {}, "is written 'local', not 'local:foo'"),
        ("locl", {}, "There is no connection 'locl' (for pc). Did you mean 'local'?"),
        ("shh://root@host", {}, "Did you mean 'ssh'?"),
    ],
)
def test_a_url_that_is_wrong(url: str, login: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        connect("pc", url, **login)
    assert message in str(raised.value)


# -- the end of the controller

CONTROLLER = """
    from IperfLibrary.connections.local import LocalConnection
    process = LocalConnection("here").start(("sleep", "1000"), print, print)
    print(process.pid, flush=True)
    input()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_controller_that_was_killed_leaves_nothing(mark: str, number: signal.Signals) -> None:
    controller = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CONTROLLER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with controller:
        assert controller.stdout
        pid = int(controller.stdout.readline())
        assert comes(lambda: pid in marked_pids(mark))
        controller.send_signal(number)
    assert comes(lambda: not marked_pids(mark)), marked(mark)


def test_the_leash_is_around_every_command(connection: LocalConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[tuple[str, ...], int | None]] = []
    whole = leash.leashed

    def leashed(words: tuple[str, ...], beat: int | None, secrets: Iterable[str]) -> tuple[str, ...]:
        asked.append((words, beat))
        return whole(words, beat, secrets)

    monkeypatch.setattr(leash, "leashed", leashed)
    monkeypatch.setattr(connection, "beat", 60)
    connection.run(("true",))
    assert ended(connection.start(("true",), print, print))
    # A short command has its own limit, so it needs no beats.
    assert asked == [(("true",), None), (("true",), 60)]


def test_a_prefix_that_keeps_the_input_from_commands_is_told() -> None:
    connection = LocalConnection("here")
    connection.prefix = ("sh", "-c", '"$@" </dev/null', "sh")
    for _ in range(3):
        with pytest.raises(DeviceError, match="keeps their standard input from them") as raised:
            connection.run(("true",))
        assert "try: sh -c" in raised.value.remedy


def test_a_prefix_is_in_front_of_every_command() -> None:
    connection = LocalConnection("here")
    connection.prefix = ("env", "PLACE=behind")
    assert connection.run(("sh", "-c", 'echo "$PLACE$IPERFLIBRARY_HELLO"')).stdout == "behind\n"


def test_what_a_wrapper_has_left_behind_is_not_waited_for(connection: LocalConnection, mark: str) -> None:
    """In a session of its own it gets no signal, and holds the output."""
    kept = Kept()
    process = kept.start(connection, "sh", "-c", "setsid sleep 1000 & echo $!; wait")
    try:
        assert comes(lambda: b"\n" in kept.out)
        assert not process.abandon()
        process.signal("TERM")
        assert comes(process.abandon)
        assert (process.running, process.exit_code) == (False, 143)
    finally:
        for pid in marked_pids(mark):
            os.kill(pid, signal.SIGKILL)
    assert nothing_left(mark), marked(mark)
