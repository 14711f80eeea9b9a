"""What connections share that reach a device by a program of another device, or of this machine: ``ssh``, ``adb``.

The program runs on its device in a relay, the command on the far device on the leash. Whichever link of the chain breaks, the
leash there sees the end of its input, or no beat any more. Of the exit code only that counts which the far end tells:
the program's own may be anything once its connection broke.
"""

from __future__ import annotations

import re
import secrets
import threading
from abc import abstractmethod
from collections.abc import Sequence

from ..deadline import Deadline
from ..errors import DeviceError
from .base import Connection, Process, Sink

BEAT_EVERY = 15.0
"""Seconds between the lines that tell the leash that the controller is still there."""

LINGER = 2.0
"""Seconds that the program gets to end once the command's exit code has come."""

_TELL = '"$@"; c=$?; echo "$0 $c" >&2; exit $c'


class ProgramConnection(Connection):
    """A device that a program of another device reaches. Subclasses say which one, and what its messages mean."""

    beat = 60

    question: re.Pattern[bytes] | None = None
    """What the program may ask its user, on standard error: nobody is there, so the answer is no."""

    def __init__(self, where: str, through: Connection) -> None:
        super().__init__(where)
        self._through = through
        self._beater: _Beater | None = None

    @property
    def through(self) -> Connection:
        return self._through

    @abstractmethod
    def _way(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The words of the program that runs these words on the device. Raises DeviceError."""

    @abstractmethod
    def _explain(self, said: str) -> DeviceError | None:
        """What it means that the program said this and no command was started; None where it tells nothing."""

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        mark = f"iperflibrary-exit-{secrets.token_hex(4)}"
        way = self._way(("sh", "-c", _TELL, mark, *words))
        process = ProgramProcess(words, stdout, stderr, mark, self)
        process.carry_by(self._through.relay(way, process.feed_stdout, process.feed_stderr))
        self._beats().add(process)
        return process

    def explained(self, problem: DeviceError, said: bytes) -> DeviceError:
        """The problem in the words of what the program said, where these are known."""
        return self._explain(said.decode(errors="replace").strip()[-1000:]) or problem

    def _beats(self) -> _Beater:
        if not self._beater:
            self._beater = _Beater(self.where)
        return self._beater

    def answers(self, limit: float) -> bool:
        """Asked of the device itself: the one in front of it may well answer."""
        try:
            self.run(("true",), limit)
        except DeviceError:
            return False
        return True

    def close(self) -> None:
        super().close()
        if self._beater:
            self._beater.close()
            self._beater = None


class ProgramProcess(Process):
    """A command on the far device; its bytes come through a process of the device in front of it."""

    def __init__(
        self, words: tuple[str, ...], stdout: Sink, stderr: Sink, mark: str, connection: ProgramConnection
    ) -> None:
        super().__init__(words, stdout, stderr)
        self._mark = f"{mark} ".encode()
        self._told = re.compile(re.escape(self._mark) + rb"(\d{1,3})\r?\n")
        self._code: int | None = None
        self._held = b""
        self._connection = connection
        self._carrier: Process | None = None

    def carry_by(self, carrier: Process) -> None:
        self._carrier = carrier
        if self.failure:
            self.release()
        carrier.when_over(self._carrier_over)

    def feed_stderr(self, data: bytes) -> None:
        """All but the line that tells the exit code, which may come in pieces."""
        data, self._held = self._held + data, b""
        found = self._told.search(data)
        if found:
            self._code = int(found[1])
            self._end_soon()
            data = data[: found.start()] + data[found.end() :]
        else:
            kept = len(data) - self._begun(data)
            data, self._held = data[:kept], data[kept:]
        if data:
            super().feed_stderr(data)
        question = self._connection.question
        if question and not self._started.is_set() and question.search(self._early_stderr):
            self._write(b"n\n")
            self.release()

    def _begun(self, data: bytes) -> int:
        """How many bytes at the end may be the beginning of that line."""
        at = data.find(self._mark[:1], max(0, len(data) - len(self._mark) - 4))
        while at >= 0:
            end = data[at:]
            if self._mark.startswith(end) or re.fullmatch(re.escape(self._mark) + rb"\d{0,3}\r?", end):
                return len(end)
            at = data.find(self._mark[:1], at + 1)
        return 0

    def _end_soon(self) -> None:
        """The command has ended; something that it leaves behind may keep the program from noticing."""
        timer = threading.Timer(LINGER, self._over_without_carrier)
        timer.daemon = True
        timer.start()

    def _over_without_carrier(self) -> None:
        if self.running:
            self.release()
            self.ended(self._code)

    def _carrier_over(self) -> None:
        if not self.running:
            return
        if self._held:
            super().feed_stderr(self._held)
        self.ended(self._code)

    def wait_started(self, deadline: Deadline, where: str, proven: bool = False, prefix: Sequence[str] = ()) -> None:
        try:
            super().wait_started(deadline, where, proven, prefix)
        except DeviceError as problem:
            raise self._connection.explained(problem, (self._head or b"") + self._early_stderr) from None

    def release(self) -> None:
        if self._carrier:
            self._carrier.given_up = self.given_up
            self._carrier.release()

    def _write(self, line: bytes) -> None:
        if self._carrier:
            self._carrier._write(line)


class _Beater:
    """The thread that tells the leashes of a connection to hold; a device in front of it may do so too, which is no harm."""

    def __init__(self, where: str) -> None:
        self._processes: set[Process] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._run, name=f"iperf-beat {where}", daemon=True).start()

    def add(self, process: Process) -> None:
        self._processes = {known for known in self._processes if known.running} | {process}

    def close(self) -> None:
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(BEAT_EVERY):
            for process in tuple(self._processes):
                process.beat()
