"""The checks of connections: ours pass them, and each of them finds a connection that is broken in its way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from IperfLibrary.connections import local
from IperfLibrary.connections.base import Completed, Connection, Process, Sink
from IperfLibrary.connections.local import LocalConnection, LocalProcess
from IperfLibrary.deadline import Deadline
from IperfLibrary.errors import DeviceError
from IperfLibrary.secret import Password
from IperfLibrary.testing import ConnectionTests, checks, failures

from .processes import MARK, marked, new_mark, nothing_left


def here(words: tuple[str, ...]) -> str:
    return subprocess.run(words, stdout=subprocess.PIPE, check=False).stdout.decode(errors="replace")


class TestLocal(ConnectionTests):
    @pytest.fixture
    def connection(self) -> LocalConnection:
        return LocalConnection("here")

    def elsewhere(self, connection: Connection, words: tuple[str, ...]) -> str:
        return here(words)


def test_what_is_left_is_also_seen_through_the_connection_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = new_mark()
    monkeypatch.setenv(MARK, mark)
    ConnectionTests().test_a_wrapper_ends_with_its_children(LocalConnection("here"))
    with pytest.raises(AssertionError, match="Something that was to end is still on the device"):
        Hasty.without_another_way().test_a_wrapper_ends_with_its_children(WithoutLeash("broken"))
    assert nothing_left(mark)


# -- connections that are broken, each in one way


class Broken(LocalConnection):
    """With a process class of its own."""

    process: type[LocalProcess] = LocalProcess

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        return self.process(words, stdout, stderr)


def broken(name: str, **methods: Any) -> type[Broken]:
    """A connection whose processes have these methods in place of their own."""
    return type(name, (Broken,), {"process": type(name, (LocalProcess,), methods)})


def changed(change: Callable[[bytes], bytes]) -> Callable[[LocalProcess, str, bytes], None]:
    """Gives what the change makes of the output."""
    return lambda self, stream, data: LocalProcess._give(self, stream, change(data))


class Merged(LocalProcess):
    def feed_stderr(self, data: bytes) -> None:
        self.feed_stdout(data)


class LastByteLost(LocalProcess):
    held = b""

    def _give(self, stream: str, data: bytes) -> None:
        data, self.held = self.held + data[:-1], data[-1:]
        super()._give(stream, data)


class Late(LocalProcess):
    """All output comes at the end."""

    def __init__(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> None:
        self.late: list[tuple[str, bytes]] = []
        super().__init__(words, stdout, stderr)

    def _give(self, stream: str, data: bytes) -> None:
        self.late.append((stream, data))

    def ended(self, exit_code: int | None, broken: BaseException | None = None) -> None:
        for stream, data in self.late:
            super()._give(stream, data)
        super().ended(exit_code, broken)


class OneStreamFirst(LocalProcess):
    def _carry(self) -> None:
        assert self._child.stdout
        assert self._child.stderr
        with self._child.stdout as out, self._child.stderr as err:
            while data := os.read(out.fileno(), 65536):
                self.feed_stdout(data)
            while data := os.read(err.fileno(), 65536):
                self.feed_stderr(data)
        self.ended(self._child.wait())


class Prompting(LocalProcess):
    def ended(self, exit_code: int | None, broken: BaseException | None = None) -> None:
        self._give("stdout", b"# ")
        super().ended(exit_code, broken)


class Lossy(LocalProcess):
    """Drops a block of every 40."""

    count = 0

    def _give(self, stream: str, data: bytes) -> None:
        self.count += 1
        if self.count % 40:
            super()._give(stream, data)


class Truncating(LocalProcess):
    """As a console whose lines have an end."""

    def __init__(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> None:
        script, *rest = words[2:]
        super().__init__((*words[:2], script, *(word[:4095] for word in rest)), stdout, stderr)


class Leashless(LocalProcess):
    """A plain command, as of somebody who has not understood the leash."""

    def __init__(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> None:
        tells = ("sh", "-c", 'echo "iperflibrary-leash $$"; exec "$@" </dev/null', "sh")
        super().__init__((*tells, *words[4:]), stdout, stderr)

    def signal(self, name: str) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._child.pid, {"INT": 2, "TERM": 15, "KILL": 9}[name])

    def release(self) -> None:
        self.signal("TERM")


class WithoutLeash(LocalConnection):
    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        return Leashless(words, stdout, stderr)


class OwnInput(LocalConnection):
    """The command has the input of its leash."""

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        script = words[2].replace("exec 3<&0 </dev/null", "exec 3<&0").replace('sh "$@" 3<&-', 'sh "$@" <&3 3<&-')
        return LocalProcess((*words[:2], script, *words[3:]), stdout, stderr)


class Changed(LocalConnection):
    """Changes the words before they are run."""

    change: Callable[[str], str]

    def _start(
        self, words: tuple[str, ...], stdout: Sink, stderr: Sink, beat: int | None, secrets: Mapping[str, Password]
    ) -> Process:
        return super()._start(tuple(type(self).change(word) for word in words), stdout, stderr, beat, secrets)


class SecretsInWords(LocalConnection):
    def _start(
        self, words: tuple[str, ...], stdout: Sink, stderr: Sink, beat: int | None, secrets: Mapping[str, Password]
    ) -> Process:
        plain = [f"{name}={secret.reveal()}" for name, secret in secrets.items()]
        return super()._start(
            ("env", *plain, "sh", "-c", '"$@"; :', "sh", *words) if plain else words, stdout, stderr, beat, {}
        )


class Patient(LocalConnection):
    def run(self, words: tuple[str, ...], limit: float = 0) -> Completed:
        return super().run(words, max(limit, 4))


class OpenForEver(LocalConnection):
    def close(self) -> None:
        return


class OnceOnly(LocalConnection):
    closed = False

    def close(self) -> None:
        super().close()
        self.closed = True

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        if self.closed:
            raise DeviceError("It is closed.")
        return super()._spawn(words, stdout, stderr)


class WritesTheStart(LocalProcess):
    """It sends what one call of the system takes, which is all of a short line."""

    def _write(self, line: bytes) -> None:
        super()._write(line[:4096])


class ThreadStays(LocalConnection):
    stays = threading.Event()

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        threading.Thread(target=self.stays.wait, args=(30,), daemon=True).start()
        return super()._spawn(words, stdout, stderr)


class SignalsAll(LocalConnection):
    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        connection = self

        class All(LocalProcess):
            def signal(self, name: str) -> None:
                for process in tuple(connection._processes):
                    Process.signal(process, name)

        return All(words, stdout, stderr)


class FetchesText(LocalConnection):
    def _fetch(self, path: str, size: int, sink: Sink, deadline: Deadline) -> int:
        given = bytearray()
        super()._fetch(path, size, given.extend, deadline)
        sink(bytes(given).decode(errors="replace").encode())
        return size


class FetchesTheStart(LocalConnection):
    def _fetch(self, path: str, size: int, sink: Sink, deadline: Deadline) -> int:
        super()._fetch(path, size, lambda data: None, deadline)
        sink(b"x" * min(size, 1 << 20))
        return size


class FetchesWhatIsMissing(LocalConnection):
    def _size(self, path: str) -> int:
        return super()._size(path) if os.path.exists(path) else 0


class FetchesNothingEmpty(LocalConnection):
    def fetch(self, path: str, sink: Sink) -> None:
        if not self._size(path):
            raise DeviceError("There is nothing to fetch.")
        super().fetch(path, sink)


class QuotesNoPath(LocalConnection):
    def _size(self, path: str) -> int:
        return int(self.run(("sh", "-c", f"wc -c <{path}")).stdout or "0")


def _swallow(self: Process, stream: str, data: bytes) -> None:
    with suppress(Exception):
        self._sinks[stream](data)


def _any_code(self: Process, exit_code: int | None, broken: BaseException | None = None) -> None:
    LocalProcess.ended(self, exit_code and 1, broken)


def _signal_as_code(self: Process, name: str) -> None:
    LocalProcess.signal(self, name)
    if not self.running:
        self.exit_code = 143


def _other_pid(self: Process, deadline: Deadline, where: str, *more: Any) -> None:
    LocalProcess.wait_started(self, deadline, where, *more)
    assert self.pid
    self.pid += 1


def _stubborn_wait(self: Process, deadline: Deadline) -> bool:
    if deadline.seconds is not None and deadline.seconds < 1:
        time.sleep(3)
    return LocalProcess.wait(self, deadline)


def of(kind: type[LocalProcess]) -> type[Broken]:
    return type(kind.__name__, (Broken,), {"process": kind})


def changes(change: Callable[[str], str]) -> type[Changed]:
    return type("Changed", (Changed,), {"change": staticmethod(change)})


FOUND: list[tuple[type[LocalConnection], tuple[str, ...]]] = [
    (of(Merged), ("run_tells_output_and_exit_code", "every_byte_arrives_as_it_is", "a_program_that_is_missing")),
    (of(Merged), ("two_large_streams_at_once", "output_comes_while_the_command_runs")),
    (of(LastByteLost), ("the_last_bytes_arrive", "every_byte_arrives_as_it_is", "run_tells_output_and_exit_code")),
    (broken("Newlines", _give=changed(lambda data: data.replace(b"\n", b"\r\n"))), ("every_byte_arrives_as_it_is",)),
    (broken("SevenBits", _give=changed(lambda data: bytes(b & 127 for b in data))), ("words_arrive_as_they_are",)),
    (of(Late), ("output_comes_while_the_command_runs", "many_at_once", "term_arrives")),
    (of(OneStreamFirst), ("two_large_streams_at_once",)),
    (of(Prompting), ("no_output_is_none", "the_input_is_empty")),
    (of(Lossy), ("a_large_output_arrives_whole",)),
    (of(Truncating), ("a_long_word_arrives",)),
    (broken("Deaf", signal=lambda self, name: None), ("int_arrives", "term_arrives", "kill_ends_at_once", "many_at_once")),
    (broken("Holding", release=lambda self: None), ("release_ends_the_command", "close_ends_all_and_it_may_be_used_again")),
    (broken("AnyCode", ended=_any_code), ("exit_codes", "run_tells_output_and_exit_code", "a_program_that_is_missing")),
    (broken("SignalAsCode", signal=_signal_as_code), ("a_signal_to_what_has_ended_is_harmless",)),
    (broken("OtherPid", wait_started=_other_pid), ("the_pid_is_that_of_the_command",)),
    (broken("Swallowing", _give=_swallow), ("a_sink_that_fails_ends_the_command",)),
    (broken("Stubborn", wait=_stubborn_wait), ("a_wait_has_a_deadline",)),
    (WithoutLeash, ("a_wrapper_ends_with_its_children", "release_ends_what_ignores_term")),
    (OwnInput, ("the_input_is_empty",)),
    (changes(str.strip), ("words_arrive_as_they_are",)),
    (changes(lambda word: word.replace("\0", "")), ("a_word_with_nul_is_refused",)),
    (SecretsInWords, ("secrets_are_variables_and_on_no_command_line",)),
    (Patient, ("a_short_command_has_a_deadline",)),
    (OpenForEver, ("close_ends_all_and_it_may_be_used_again",)),
    (OnceOnly, ("close_ends_all_and_it_may_be_used_again",)),
    (SignalsAll, ("many_at_once",)),
    (FetchesText, ("a_file_with_every_byte_is_fetched",)),
    (FetchesTheStart, ("a_large_file_is_fetched",)),
    (FetchesWhatIsMissing, ("a_missing_file_is_an_error",)),
    (FetchesNothingEmpty, ("an_empty_file_is_fetched",)),
    (of(WritesTheStart), ("a_file_is_stored",)),
    (QuotesNoPath, ("a_file_with_an_odd_name_is_fetched",)),
]  # fmt: skip
"""Connections, and checks that have to find what is wrong with them."""


class Hasty(ConnectionTests):
    """Waits shortly for what will never come."""

    limit = 1.5

    def elsewhere(self, connection: Connection, words: tuple[str, ...]) -> str:
        return here(words)

    @classmethod
    def without_another_way(cls) -> ConnectionTests:
        tests = ConnectionTests()
        tests.limit = cls.limit
        return tests


def tried(kind: type[LocalConnection], check: str) -> str:
    """What the check says of the connection."""
    connection = kind("broken")
    try:
        checks(Hasty())[f"test_{check}"](connection)
    except (AssertionError, DeviceError) as problem:
        return str(problem)
    finally:
        for process in tuple(connection._processes):
            LocalProcess.release(process)  # type: ignore[arg-type]
    return ""


@pytest.fixture(scope="module")
def told() -> dict[tuple[type[LocalConnection], str], str]:
    """What all checks say, many at once: most of them wait for what will never come."""
    cases = [(kind, check) for kind, names in FOUND for check in names]
    with ThreadPoolExecutor(8) as pool:
        return dict(zip(cases, pool.map(lambda case: tried(*case), cases), strict=True))


@pytest.mark.parametrize(("kind", "check"), [(kind, check) for kind, names in FOUND for check in names])
def test_what_is_broken_is_found(
    told: dict[tuple[type[LocalConnection], str], str], kind: type[LocalConnection], check: str
) -> None:
    assert told[kind, check]


def test_a_thread_that_stays_is_found() -> None:
    try:
        assert "After close() there are threads" in tried(ThreadStays, "no_thread_is_left")
    finally:
        ThreadStays.stays.set()


def test_a_check_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = new_mark()
    monkeypatch.setenv(MARK, mark)
    assert tried(WithoutLeash, "release_ends_what_ignores_term")
    assert nothing_left(mark), marked(mark)


def test_each_check_finds_something() -> None:
    found = {check for _, names in FOUND for check in names} | {"no_thread_is_left"}
    assert {f"test_{check}" for check in found} == set(checks(ConnectionTests()))


def test_all_failures_can_be_had_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    some = ["test_exit_codes", "test_int_arrives", "test_no_output_is_none"]
    for name in set(checks(Hasty())) - set(some):
        monkeypatch.setattr(Hasty, name, lambda self, connection: None)
    monkeypatch.setattr(Hasty, "limit", 20.0)  # only one of them is to fail, also on a busy machine
    monkeypatch.setattr(local, "LocalProcess", Prompting)
    found = failures(Hasty(), lambda: LocalConnection("here"))
    assert found == {"test_no_output_is_none": "AssertionError: 'true' printed bytearray(b'# '), bytearray(b'')."}


def test_it_needs_neither_robot_framework_nor_pytest() -> None:
    script = "import sys; sys.modules['robot'] = sys.modules['pytest'] = None; import IperfLibrary.testing"
    subprocess.run([sys.executable, "-c", script], check=True)
