"""What telnet and serial lines have in common: many processes over one terminal with one shell.

One thread has the line. It does what the main thread asks of it, and in between asks the device for news of all processes
and brings their output over, block by block. See :mod:`.console_agent` for what runs on the device.
"""

from __future__ import annotations

import queue
import threading
import time
from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import TypeVar

from ..deadline import Deadline
from ..errors import DeviceError
from .base import START_LIMIT, Connection, Process, Sink
from .console_agent import ANSWER_LIMIT, Agent, Line
from .console_login import LOGIN_LIMIT, Login, log_in

BEAT_EVERY = 15.0
"""Seconds between the signs that the controller is still there."""

OPEN_LIMIT = LOGIN_LIMIT + 35.0
"""Seconds within which a line is open and a shell answers on it: no step of that takes longer together."""

CLOSE_LIMIT = 5.0
"""Seconds that a log-out may take."""

QUICK, SLOW = (0.05, 4), (0.2, 2)
"""How the device looks for news of processes: seconds between two looks, and looks; just after something was new, and else."""

T = TypeVar("T")


class ConsoleConnection(Connection):
    """Commands on a console; ``login`` is who logs in, ``place`` how messages call the line."""

    beat = 60
    slowest = 300

    fresh = True
    """Whether the line begins and ends with the connection, so that no other program can be on it."""

    def __init__(self, where: str, place: str, login: Login) -> None:
        super().__init__(where)
        self._place, self._login = place, login
        self._pump: _Pump | None = None

    @abstractmethod
    def _open_line(self) -> Line:
        """The line to the device. Raises DeviceError."""

    def _open_agent(self) -> tuple[Line, Agent]:
        line = self._open_line()
        try:
            return line, log_in(self.where, self._place, line, self._login, self.fresh)
        except BaseException:
            line.close()
            raise

    def _standing(self) -> _Pump:
        """The line that stands; a new one where there is none."""
        if self._pump and not self._pump.over:
            return self._pump
        self._pump = _Pump(self.where, self._open_agent)
        try:
            self._pump.wait_open()
        except BaseException:
            self._pump.hang_up()
            raise
        return self._pump

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        pump = self._standing()
        busy = pump.busy
        try:
            return pump.start(words, stdout, stderr)
        except DeviceError:
            if busy or not pump.over:
                raise
        return self._standing().start(words, stdout, stderr)  # the line was lost while nobody used it

    def _fetch(self, path: str, size: int, sink: Sink, deadline: Deadline) -> int:
        """Straight from the file, which a copy in memory might not fit beside."""
        if self.prefix:  # another user, or another root, than that of the console
            return super()._fetch(path, size, sink, deadline)
        given = 0
        while given < size and not deadline.expired:
            data = self._block(path, given, deadline.left)
            if not data:
                break
            given += len(data)
            sink(data)
        return given

    def _block(self, path: str, offset: int, limit: float) -> bytes:
        return self._standing().call(lambda agent: agent.read(agent.named(path), offset, agent.block), limit)

    def answers(self, limit: float) -> bool:
        try:
            if self._pump:
                self._pump.call(Agent.alive, limit)
        except DeviceError:
            return False
        return self._pump is not None

    def close(self) -> None:
        super().close()
        if self._pump:
            self._pump.close()
            self._pump = None


class ConsoleProcess(Process):
    """A process by its number on the console; how much of its output there is on the device, and how much is here."""

    def __init__(self, words: tuple[str, ...], stdout: Sink, stderr: Sink, pump: _Pump, number: int) -> None:
        super().__init__(words, stdout, stderr)
        self.number = number
        self.code: int | None = None
        self.there = {"out": 0, "err": 0}
        self.here = {"out": 0, "err": 0}
        self._pump = pump
        self._released = False

    def wait(self, deadline: Deadline) -> bool:
        """As of any process; but what has ended there is waited for here, as long as its last output is on the line."""
        if super().wait(deadline):
            return True
        return self.code is not None and super().wait(Deadline(None))

    def note(self, suffix: str, size: int) -> None:
        """What the device tells of one of its files."""
        if suffix in self.there:
            self.there[suffix] = size
        elif suffix[1:].isdigit():
            self.code = int(suffix[1:])

    def missing(self) -> str | None:
        """Which of its outputs has bytes that are not here yet."""
        return next((suffix for suffix in self.there if self.here[suffix] < self.there[suffix]), None)

    def take(self, suffix: str, data: bytes) -> None:
        self.here[suffix] += len(data)
        (self.feed_stdout if suffix == "out" else self.feed_stderr)(data)

    def release(self) -> None:
        if self.running and not self._released:
            self._released = True
            self._pump.post(lambda agent: agent.release(self.number))

    def _write(self, line: bytes) -> None:
        self._pump.post(lambda agent: agent.tell(self.number, line))


class _Pump:
    """The one thread that has the line: jobs of the main thread, and the news and the output of all processes."""

    def __init__(self, where: str, open_agent: Callable[[], tuple[Line, Agent]]) -> None:
        self._where, self._open_agent = where, open_agent
        self._jobs: queue.SimpleQueue[Callable[[Agent], object] | None] = queue.SimpleQueue()
        self._processes: dict[int, ConsoleProcess] = {}
        self._numbers = 0
        self._opened: Future[None] = Future()
        self._leaving = False
        self._pace = QUICK
        self._thread = threading.Thread(target=self._run, name=f"iperf-console {where}", daemon=True)
        self._thread.start()

    # -- for the main thread

    @property
    def over(self) -> bool:
        """Whether the line is gone."""
        return not self._thread.is_alive()

    @property
    def busy(self) -> bool:
        """Whether somebody waits for a process that runs over it."""
        return not all(process.given_up for process in tuple(self._processes.values()))

    def wait_open(self) -> None:
        """Returns once a shell answers. Raises DeviceError."""
        self._result(self._opened, OPEN_LIMIT)

    def post(self, job: Callable[[Agent], object]) -> None:
        self._jobs.put(job)

    def call(self, job: Callable[[Agent], T], limit: float) -> T:
        """What the job gives. Raises DeviceError, also when it takes longer than so many seconds."""
        future: Future[T] = Future()

        def do(agent: Agent) -> None:
            try:
                future.set_result(job(agent))
            except DeviceError as problem:
                future.set_exception(problem)
                if problem.kind == "lost":
                    raise
            except (OSError, EOFError) as problem:
                future.set_exception(self._lost(problem))
                raise

        self.post(do)
        return self._result(future, limit)

    def start(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> ConsoleProcess:
        self._numbers += 1
        process = ConsoleProcess(words, stdout, stderr, self, self._numbers)
        try:
            self.call(lambda agent: self._start(agent, process), START_LIMIT + ANSWER_LIMIT)
        except BaseException:
            process.given_up = True
            process.release()
            raise
        return process

    def close(self) -> None:
        """Logs out; waits for that no longer than :data:`CLOSE_LIMIT`."""
        self.hang_up()
        for seconds in Deadline(CLOSE_LIMIT).slices():
            self._thread.join(seconds)
            if self.over:
                return

    def hang_up(self) -> None:
        self._leaving = True
        self._jobs.put(None)

    def _result(self, future: Future[T], limit: float) -> T:
        def done(seconds: float) -> bool:
            return bool(wait([future], seconds).done) or self.over

        if not Deadline(limit).wait(done) or not future.done():
            raise self._lost(None)
        return future.result()

    def _lost(self, problem: BaseException | None) -> DeviceError:
        return DeviceError(
            f"The console of {self._where} is lost.",
            kind="lost",
            said=str(problem or ""),
            cause="the device rebooted or hangs, its line was unplugged, or its network is gone",
            remedy=f"look at the console of {self._where} by hand",
        )

    # -- in the thread

    def _run(self) -> None:
        try:
            line, agent = self._open_agent()
        except BaseException as problem:  # carried to the main thread, which waits for it
            self._opened.set_exception(problem)
            return
        self._opened.set_result(None)
        broken = self._served(agent)
        with suppress(OSError):
            line.close()
        for process in tuple(self._processes.values()):
            process.ended(None, broken)

    def _served(self, agent: Agent) -> Exception | None:
        """Why the line could not be used to the end, if it could not."""
        try:
            self._serve(agent)
            agent.leave()
        except (OSError, EOFError) as problem:
            return ConnectionError(f"its console was lost: {problem}")
        except DeviceError as problem:
            return ConnectionError(f"{problem.what} Probably {problem.cause}; {problem.remedy}")
        except Exception as problem:  # carried to the main thread, by the processes
            return problem
        return None

    def _serve(self, agent: Agent) -> None:
        beat_at = time.monotonic() + BEAT_EVERY
        while not self._leaving:
            self._work(agent, beat_at)
            if time.monotonic() >= beat_at:
                beat_at = time.monotonic() + BEAT_EVERY
                self._beat(agent)
            if self._processes and self._jobs.empty() and not self._leaving:
                self._carry(agent, beat_at)

    def _work(self, agent: Agent, until: float) -> None:
        """Does what is asked next; where nothing runs it waits for that."""
        with suppress(queue.Empty):
            job = self._jobs.get(not self._processes, max(0.0, until - time.monotonic()))
            if job:
                job(agent)

    def _beat(self, agent: Agent) -> None:
        agent.alive()
        for process in tuple(self._processes.values()):
            process.beat()

    def _start(self, agent: Agent, process: ConsoleProcess) -> None:
        agent.start(process.number, process.words)
        self._processes[process.number] = process
        self._pace = QUICK

    def _carry(self, agent: Agent, until: float) -> None:
        """Brings over what is new, until there is nothing more, a job is waiting or it is time for a sign."""
        news = agent.look(*self._pace)
        self._pace = QUICK if news else SLOW
        for number, suffix, size in news:
            if number in self._processes:
                self._processes[number].note(suffix, size)
        more = True
        while more and self._jobs.empty() and time.monotonic() < until:
            more = any([self._bring(agent, process) for process in tuple(self._processes.values())])

    def _bring(self, agent: Agent, process: ConsoleProcess) -> bool:
        """One block of its output, or its end; whether there may be more."""
        suffix = process.missing()
        if suffix:
            size = min(agent.block, process.there[suffix] - process.here[suffix])
            data = agent.read(f'"$D/{process.number}.{suffix}"', process.here[suffix], size)
            process.take(suffix, data)
            if not data:
                self._end(agent, process, FileNotFoundError("a file of the command has vanished there"))
            return bool(data)
        if process.code is not None:
            self._end(agent, process)
        return False

    def _end(self, agent: Agent, process: ConsoleProcess, broken: Exception | None = None) -> None:
        try:
            agent.forget(process.number)
        finally:
            del self._processes[process.number]
            process.ended(None if broken else process.code, broken)
