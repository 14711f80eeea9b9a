"""The connection ``fake:FILE``: no device at all. Outputs that were recorded before answer its commands, to try suites without a lab.

It knows nothing of iperf, nor how a result is marked as fake: that it is not ``real`` is all that it says.
"""

from __future__ import annotations

import itertools
import queue
import shlex
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from ..errors import ConfigurationError, DeviceError
from ..secret import Password
from . import leash
from .base import Connection, Process, Sink
from .fake_script import ITSELF, LOST, STOPPED, Answer, Output, Script, is_program, read

NOT_FOUND = 127
"""A shell's exit code for a program that is not there."""

KILLED = 137
_GONE = "gone"
"""Heard in place of a signal: the connection is."""

_pids = itertools.count(10_001)
_processes: weakref.WeakSet[FakeProcess] = weakref.WeakSet()
"""Of all fake devices: a client of one has a server on another."""


def from_url(where: str, url: str, through: Connection | None = None, **login: Any) -> FakeConnection:
    """The connection for ``fake:device.yaml`` or ``fake:device.yaml?pace=1``. A log-in is taken and not needed, so suites need no change."""
    path, _, query = url.partition(":")[2].partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    pace = options.pop("pace", "0")
    if not path or options or not pace.replace(".", "", 1).isdecimal():
        raise ConfigurationError(
            f"'{url}' is no fake device (for {where}).",
            remedy="write fake:device.yaml, or fake:device.yaml?pace=1, which takes as long as the recording did",
        )
    return FakeConnection(where, read(Path(path)), float(pace), through)


class FakeConnection(Connection):
    """Answers commands as its script says; ``pace`` is how long that takes, as a share of what it took when it was real."""

    real = False
    has_shell = False

    def __init__(self, where: str, script: Script, pace: float = 0, through: Connection | None = None) -> None:
        super().__init__(where)
        self._script = script
        self._pace = pace
        self._through = through
        self._given: Counter[int] = Counter()
        self._lost = False
        self._own: list[FakeProcess] = []

    @property
    def host(self) -> str | None:
        return self._script.address

    @property
    def through(self) -> Connection | None:
        return self._through

    def loss(self) -> str | None:
        return f"{self._script.path.name} says so" if self._lost else None

    def listening(self, pid: int | None, port: int) -> bool | None:
        own = [process for process in self._own if process.running and pid in (None, process.pid)]
        return any(process.waits_at(port) for process in own)

    def _check_prefix(self) -> None:
        """Nothing runs behind it."""

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        own = leash.unleashed(words[len(self.prefix) :])
        answer = self._answer_to(own or words)
        self._lost = False
        process = FakeProcess(self, own or words, answer, self._pace, stdout, stderr)
        process.peer = self._peer_of(process)
        _processes.add(process)
        self._own = [*(one for one in self._own if one.running), process]
        process.begin()
        return process

    def _answer_to(self, words: tuple[str, ...]) -> Answer:
        answers = self._script.answers
        fitting = [at for at, answer in enumerate(answers) if answer.fits(words)]
        usable = [at for at in fitting if answers[at].times is None or self._given[at] < (answers[at].times or 0)]
        if usable:
            self._given[usable[0]] += 1
            return answers[usable[0]]
        if words[0] == "sh" or any(is_program(answer.program, words[0]) for answer in answers):
            raise self._no_answer(words, used=bool(fitting))
        missing = f"sh: {words[0]}: not found\n".encode()
        return Answer((words[0],), Output(b"", missing, NOT_FOUND))

    def _no_answer(self, words: tuple[str, ...], used: bool) -> DeviceError:
        command = shlex.join(words)
        needs_shell = "it is a script of the library, as daemon mode and Install Iperf On Device need, and no fake device has a shell"
        unknown = "all answers to it have had their 'times'" if used else "no 'words' in that file fit to it"
        return DeviceError(
            f"The fake device {self.where} has no answer to a command.",
            kind="fake",
            command=command if len(command) < 300 else command[:300] + " ...",
            cause=needs_shell if words[0] == "sh" else unknown,
            remedy=f"record one on a real device, and add it to {self._script.path}",
        )

    def _peer_of(self, process: FakeProcess) -> FakeProcess | None:
        """The fake server that the command is run against: its port, and where there are several its address, is among the words."""
        words = process.words
        found = [one for one in _processes if one.running and one.port is not None and str(one.port) in words]
        found = [one for one in found if one.connection.host in words] or found
        if process.answer.listens or not found:
            return None
        if process.answer.server is None and process.succeeds:
            raise DeviceError(
                f"The recording of a client on {self.where} has no 'server_raw', and its server is a fake one, too.",
                kind="fake",
                command=shlex.join(words),
                cause="a server prints what it saw of each test; without that the result of its client is not believed",
                remedy=f"add the raw file of the server to {self._script.path}",
            )
        return found[-1]

    def lose(self) -> None:
        """All that runs on it is lost with it."""
        self._lost = True
        for process in self._own:
            process.hear(_GONE)


class FakeProcess(Process):
    """One answer, told by a thread of its own, which hears signals and what its clients bring."""

    def __init__(
        self, connection: FakeConnection, words: tuple[str, ...], answer: Answer, pace: float, *sinks: Sink
    ) -> None:
        super().__init__(words, *sinks)
        self.connection = connection
        self.answer = answer
        self.peer: FakeProcess | None = None
        self.port: int | None = None
        """Where it listens, once that was asked."""
        self._lasts = pace * answer.seconds
        self._heard: queue.SimpleQueue[str | bytes] = queue.SimpleQueue()

    @property
    def succeeds(self) -> bool:
        return self.answer.ends == ITSELF and self.answer.output.exit_code == 0

    def waits_at(self, port: int) -> bool:
        if self.answer.listens and self.port is None and str(port) in self.words:
            self.port = port
        return self.port == port

    def begin(self) -> None:
        threading.Thread(target=self._play, name="iperf-fake", daemon=True).start()

    def hear(self, what: str | bytes) -> None:
        """The name of a signal, or what a client made it print."""
        self._heard.put(what)

    def tell(self, secrets: Iterable[Password]) -> None:
        """A recording needs no password."""

    def release(self) -> None:
        self.hear("TERM")

    def _write(self, line: bytes) -> None:
        self.hear(line.decode().strip())

    def _play(self) -> None:
        self.feed_stdout(leash.marked(next(_pids)))
        signal = self._print()
        if signal is None and self.answer.ends == STOPPED:
            signal = self._next(None)
        if signal is None and self.answer.ends == LOST:
            self.connection.lose()
            signal = _GONE
        self._end(signal)

    def _print(self) -> str | None:
        """Prints the recording over its time; gives the signal that came before its end."""
        output = self.answer.output
        parts = output.stdout.splitlines(keepends=True) if self._lasts else [output.stdout]
        for part in parts or [b""]:
            signal = self._next(self._lasts / max(1, len(parts))) if self._lasts else None
            if signal is not None:
                return signal
            self.feed_stdout(part)
        self._complain(output.stderr)
        return None

    def _complain(self, text: bytes) -> None:
        """A file for stderr is made for what is there."""
        if text:
            self.feed_stderr(text)

    def _next(self, limit: float | None) -> str | None:
        """The next signal, if there is one within so many seconds; what clients bring until then is printed."""
        until = None if limit is None else time.monotonic() + limit
        while True:
            try:
                heard = self._heard.get(timeout=None if until is None else max(0.0, until - time.monotonic()))
            except queue.Empty:
                return None
            if isinstance(heard, str):
                return heard
            self.feed_stdout(heard)

    def _end(self, signal: str | None) -> None:
        if signal in (_GONE, "KILL"):
            self.ended(None if signal == _GONE else KILLED)
            return
        if signal is not None:
            self.feed_stdout(self.answer.on_stop.stdout)
            self._complain(self.answer.on_stop.stderr)
        elif self.peer:
            self.peer.hear(self.answer.server or b"")
        self.ended((self.answer.output if signal is None else self.answer.on_stop).exit_code)
