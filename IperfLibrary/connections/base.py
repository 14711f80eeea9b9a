"""The protocol of a connection, and the process that every connection gives.

It knows bytes, pids, exit codes and deadlines; nothing of iperf, of Robot Framework or of what the words mean.
A new way to reach devices is a subclass of :class:`Connection` with ``_spawn`` and ``host``, and ``close`` where there is something to close.
"""

from __future__ import annotations

import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..deadline import Deadline
from ..errors import ConfigurationError, DeviceError
from ..secret import Password
from . import failures, leash
from .relay import relayed

Sink = Callable[[bytes], None]

START_LIMIT = 15.0
"""Seconds within which a device starts a command."""

SLOWEST = 20_000
"""Bytes per second with which a file is fetched at least."""

BLOCK = 1 << 15
"""Bytes of a file that are written to a device at a time."""

SHORT = 32 << 20
"""Bytes that a short command may print: a list of all sockets of a busy device."""


@dataclass(frozen=True)
class Completed:
    """A short command that ended: what it printed and its exit code."""

    stdout: str
    stderr: str
    exit_code: int


HELLO = "IPERFLIBRARY_HELLO"
"""What the first command behind a prefix is told on its standard input."""


class Process(ABC):
    """One command on one connection.

    Worker threads call ``feed_stdout``, ``feed_stderr`` and ``ended``; everything else is for the main thread.
    What the sinks raise is kept in ``failure`` and ends the process; ``broken`` is why the connection could not go on.
    """

    def __init__(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> None:
        self.words = words
        self.pid: int | None = None
        self.exit_code: int | None = None
        self.failure: BaseException | None = None
        self.broken: BaseException | None = None
        self.leashed = True
        """Whether its standard input is the leash; else it is the command's own."""
        self.given_up = False
        """Whether nobody waits for its end any more."""
        self.preamble = b""
        self._sinks = {"stdout": stdout, "stderr": stderr}
        self._head: bytes | None = b""
        self._early_stderr = b""
        self._started = threading.Event()
        self._over = threading.Event()
        self._then: Callable[[], None] | None = None

    # -- for the worker threads of a connection

    def feed_stdout(self, data: bytes) -> None:
        if self._head is not None:
            data = self._look_for_pid(self._head + data)
        if data:
            self._give("stdout", data)

    def feed_stderr(self, data: bytes) -> None:
        if not self._started.is_set():
            self._early_stderr = (self._early_stderr + data)[-4096:]
        self._give("stderr", data)

    def ended(self, exit_code: int | None, broken: BaseException | None = None) -> None:
        """No byte comes any more; the exit code is None when the connection broke before it was known."""
        self.exit_code = exit_code
        self.broken = broken
        self._over.set()
        self._started.set()
        self._do_then()

    def when_over(self, then: Callable[[], None]) -> None:
        """Calls it once, when no byte comes any more: from a worker thread, or now."""
        self._then = then
        if not self.running:
            self._do_then()

    def _do_then(self) -> None:
        then, self._then = self._then, None
        if then:
            then()

    def _look_for_pid(self, head: bytes) -> bytes:
        found = leash.split_pid(head)
        if not found:
            self._head = head[-65536:]
            return b""
        self.preamble, self.pid, rest = found
        self._head = None
        self._started.set()
        return rest

    def _give(self, stream: str, data: bytes) -> None:
        if self.failure or self._over.is_set():
            return
        try:
            self._sinks[stream](data)
        except Exception as problem:  # carried to the main thread, which waits for this process
            self.failure = problem
            self.release()

    # -- for the main thread

    @property
    def running(self) -> bool:
        return not self._over.is_set()

    def wait(self, deadline: Deadline) -> bool:
        """Whether it ended, with all its output read, before the deadline."""
        return deadline.wait(self._over.wait)

    def signal(self, name: str) -> None:
        """Sends the signal (``INT``, ``TERM``, ``KILL``) through the leash; nothing happens when it ended already."""
        if self.running:
            self._write(f"{name}\n".encode())

    def tell(self, secrets: Iterable[Password]) -> None:
        for secret in secrets:
            self._write(f"{secret.reveal()}\n".encode())

    def beat(self) -> None:
        if self.running and self.leashed:
            self._write(f"{leash.BEAT}\n".encode())

    @abstractmethod
    def release(self) -> None:
        """Lets go of the leash: the device ends the process by itself, gently and then for sure."""

    def abandon(self) -> bool:
        """Whether its leash has ended, and what the command has left behind holds its output: then it is over, and no byte is taken any more."""
        return False

    def feed(self, data: bytes) -> None:
        """Gives all of this, and then the end, to a command that is on no leash; for a worker thread."""
        for start in range(0, len(data), BLOCK):
            if self.given_up or not self.running:
                break
            self._write(data[start : start + BLOCK])
        self.release()

    @abstractmethod
    def _write(self, line: bytes) -> None:
        """All these bytes to the standard input: a line to the leash, or a block of a file, from a thread that may wait.

        A broken connection is no error here: the leash ends the process then, and a file is not whole.
        """

    def wait_started(self, deadline: Deadline, where: str, proven: bool = False, prefix: Sequence[str] = ()) -> None:
        """Returns once the pid is known; a DeviceError if that never comes. ``proven`` is a device that has run others."""
        deadline.wait(self._started.wait)
        if self.pid is None:
            printed = (self._head or b"") + self._early_stderr
            raise failures.not_started(where, self, printed, proven, prefix)


# Not each small router has wc; one that has neither is told so by the first.
_SIZE = 'wc -c <"$1" || { set -- $(ls -ln "$1" 2>/dev/null) && [ "$5" ] && echo "$5"; }'
# What got too few bytes is removed, also when the controller is gone in between.
_STORE = (
    'echo; echo "iperflibrary-leash $$"; umask 077; set -C; printf "" >"$1" || exit 73; set +C; cat >>"$1";'
    f" size() {{ {_SIZE}; }};"
    ' [ $(($(size "$1"))) -eq "$2" ] || { rm -f "$1"; exit 74; }'
)
_LACKS = 'for p; do command -v "$p" >/dev/null 2>&1 || echo "$p"; done'


class Connection(ABC):
    """The way commands reach one device."""

    beat: int | None = None
    """Seconds of silence after which the device takes the controller for gone; None where the loss is always noticed."""

    slowest: int = SLOWEST
    """Bytes per second with which a file is fetched at least."""

    prefix: tuple[str, ...] = ()
    """Words in front of every command, like ``sudo -n``: the leash goes behind them, so it has the rights to signal."""

    scratch = "/tmp"  # noqa: S108 - what is put there is made anew and for the user alone
    """The directory of the device where files go that a command leaves."""

    runs_commands = True
    """Whether the device runs any command for us; where not, something else starts and stops iperf there."""

    has_shell = True
    """Whether the library's own scripts can be run there."""

    real = True
    """Whether what runs there is real; where not, recorded outputs are told once more, and all results say so."""

    def __init__(self, where: str) -> None:
        self.where = where
        """How messages call this device."""
        self._processes: weakref.WeakSet[Process] = weakref.WeakSet()
        self._proven = False

    @property
    @abstractmethod
    def host(self) -> str | None:
        """The address at which traffic reaches the device, unless it is told another."""

    @property
    def through(self) -> Connection | None:
        """The connection of the device whose program reaches this one."""
        return None

    @property
    def first(self) -> Connection:
        """The first part of the way to the device, which is all of it for most."""
        return self.through.first if self.through else self

    @abstractmethod
    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        """Starts the words, which have the leash around them already, and feeds the process from another thread."""

    def answers(self, limit: float) -> bool:
        """Whether the device says anything within so many seconds; True where a loss is always noticed."""
        return True

    def leads_where(self, other: Connection) -> bool:
        """Whether one that was made of the same words leads to the same; not where it is a session of the suite."""
        return True

    def loss(self) -> str | None:
        """Why the connection was lost, as far as this end knows; None where it does not."""
        return None

    def listening(self, pid: int | None, port: int) -> bool | None:
        """Whether this process (None is any) listens on the port; None where this end does not know and the device is asked."""
        return None

    def close(self) -> None:
        """Ends the connection and, by their leashes, all that runs on it. It may be used again after that."""
        for process in tuple(self._processes):
            process.release()

    def start(
        self, words: tuple[str, ...], stdout: Sink, stderr: Sink, secrets: Mapping[str, Password] | None = None
    ) -> Process:
        """Starts a command; its output goes to the sinks, which are called from another thread. Raises DeviceError.

        ``secrets`` become environment variables of the command; they are on no command line.
        """
        return self._start(words, stdout, stderr, self.beat, secrets or {})

    def _start(
        self, words: tuple[str, ...], stdout: Sink, stderr: Sink, beat: int | None, secrets: Mapping[str, Password]
    ) -> Process:
        hostile = next((word for word in words if "\0" in word), None)
        if hostile is not None:
            raise ConfigurationError(f"No command on {self.where} can have a NUL in a word, as '{hostile}' has.")
        self._check_prefix()
        return self._launch(words, stdout, stderr, beat, secrets)

    def _launch(
        self, words: tuple[str, ...], stdout: Sink, stderr: Sink, beat: int | None, secrets: Mapping[str, Password]
    ) -> Process:
        process = self._spawn((*self.prefix, *leash.leashed(words, beat, secrets)), stdout, stderr)
        try:
            self._processes.add(process)
            process.words = words
            process.tell(secrets.values())
            process.wait_started(Deadline(START_LIMIT), self.where, self._proven, self.prefix)
            self._proven = True
        except BaseException:  # also a test timeout: nobody would know of it
            process.given_up = True
            process.release()
            raise
        return process

    def _check_prefix(self) -> None:
        """A DeviceError where the leash would hear nothing behind the prefix; asked before the first command."""
        if self._proven or not self.prefix:
            return
        heard, said = bytearray(), bytearray()
        asked = ("sh", "-c", f'echo "${HELLO}"')
        process = self._launch(asked, _up_to(SHORT, heard), _up_to(SHORT, said), None, {HELLO: Password("heard")})
        try:
            process.wait(Deadline(START_LIMIT))
        finally:
            process.given_up = process.running
            process.release()
        if heard.strip() != b"heard":
            self._proven = False
            raise failures.not_started(self.where, process, bytes(heard + said), False, self.prefix)

    def relay(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        """Starts a program of this device that is the way to another one: what is written to it is its standard input."""
        self._check_prefix()
        process = self._spawn((*self.prefix, *relayed(words)), stdout, stderr)
        self._processes.add(process)
        process.words = words
        process.wait_started(Deadline(START_LIMIT), self.where, self._proven, self.prefix)
        self._proven = True
        return process

    def run(self, words: tuple[str, ...], limit: float = START_LIMIT) -> Completed:
        """Runs a short command to its end. Raises DeviceError when it takes longer than ``limit`` seconds."""
        out, err = bytearray(), bytearray()
        process = self._start(words, _up_to(SHORT, out), _up_to(SHORT, err), None, {})
        try:
            if not process.wait(Deadline(limit)) or process.exit_code is None:
                raise failures.unfinished(self.where, process, limit, bytes(out[-500:] + err[-500:]))
        finally:
            process.given_up = process.running
            process.release()
        if process.failure:
            raise DeviceError(
                f"A short command on {self.where} printed without end.",
                command=" ".join(words),
                said=out[:200].decode(errors="replace"),
                cause="it is another program than it should be",
            )
        return Completed(out.decode(errors="replace"), err.decode(errors="replace"), process.exit_code)

    def transfer(self) -> str:
        """How the bytes of a file come from the device, in a word for people."""
        return "shell"

    def lacks(self, *programs: str) -> list[str]:
        """Those of the programs that the device has not got.

        Example: ``connection.lacks("cat", "wc")``
        """
        return self.run(("sh", "-c", _LACKS, "sh", *programs)).stdout.split()

    def fetch(self, path: str, sink: Sink) -> None:
        """Gives the sink all bytes of a file of the device. Raises DeviceError when not all of them arrive."""
        size = self._size(path)
        given = self._fetch(path, size, sink, Deadline(START_LIMIT + size / self.slowest)) if size else 0
        if given < size:
            raise DeviceError(
                f"Only {given:,} of the {size:,} bytes of {path} could be fetched from {self.where}.",
                cause="the connection broke, or the file was made shorter meanwhile",
                remedy="the file is still there: try again, or copy it by hand",
            )

    def store(self, path: str, data: bytes) -> None:
        """Makes a new file on the device, which only the log-in may read and write.

        Raises DeviceError when there is one already, or when not all bytes arrive; nothing of it is left there then.
        Example: ``connection.store("/tmp/iperf3", Path("iperf3").read_bytes())``
        """
        self._store(path, data, Deadline(START_LIMIT + len(data) / self.slowest))
        if self._size(path) != len(data):
            self.run(("rm", "-f", path))
            raise self._not_stored(path, "", "somebody else has written to it")

    def _store(self, path: str, data: bytes, deadline: Deadline) -> None:
        """Through the shell; a file that is not whole is removed."""
        said = bytearray()
        words = (*self.prefix, "sh", "-c", _STORE, "sh", path, str(len(data)))
        process = self._spawn(words, _ignore, _up_to(SHORT, said))
        process.leashed = False
        self._processes.add(process)
        try:
            process.wait_started(Deadline(START_LIMIT), self.where, self._proven, self.prefix)
            threading.Thread(target=process.feed, args=(data,), name="iperf-store", daemon=True).start()
            over = process.wait(deadline)
        finally:
            process.given_up = True
            process.release()
        if not over or process.exit_code != 0:
            causes = {73: "there is such a file, or the directory is not there or may not be written", 74: "it is full"}
            cause = causes.get(process.exit_code or 0, "the connection broke, or is too slow")
            raise self._not_stored(path, said.decode(errors="replace"), cause)

    def _not_stored(self, path: str, said: str, cause: str) -> DeviceError:
        return DeviceError(
            f"The file {path} could not be written on {self.where}.",
            kind="file",
            said=said.strip()[-1000:],
            cause=cause,
            remedy="make room there, or give another directory of the device",
        )

    def _size(self, path: str) -> int:
        seen = self.run(("sh", "-c", _SIZE, "sh", path))
        if seen.exit_code != 0 or not seen.stdout.strip().isdigit():
            raise DeviceError(
                f"The file {path} cannot be read on {self.where}.",
                kind="file",
                said=seen.stderr.strip()[-1000:],
                cause="somebody removed it, or the device was started anew",
                remedy="there is nothing to fetch any more",
            )
        return int(seen.stdout)

    def _fetch(self, path: str, size: int, sink: Sink, deadline: Deadline) -> int:
        """Gives the sink the bytes of the file until its end or the deadline; returns how many."""
        given = 0

        def take(data: bytes) -> None:
            nonlocal given
            given += len(data)
            sink(data)

        process = self._start(("cat", path), take, _ignore, None, {})
        try:
            process.wait(deadline)
        finally:
            process.release()
        if process.failure:
            raise process.failure
        return given


def _ignore(data: bytes) -> None:
    """What ``cat`` says on its standard error shows in the bytes that are missing."""


def _up_to(limit: int, kept: bytearray) -> Sink:
    def keep(data: bytes) -> None:
        if len(kept) > limit:
            raise OverflowError(f"more than {limit} bytes")
        kept.extend(data)

    return keep
