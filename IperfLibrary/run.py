"""One process from start to end, with its raw file: the three ways it ends, and how it is ended.

It knows nothing of iperf: words in, bytes and an exit code out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from .connections.base import Connection, Process
from .deadline import Deadline
from .errors import CommandError
from .files import FloodError, RawFile
from .secret import Password

LADDER = (("INT", 1.0), ("TERM", 1.5), ("KILL", 1.5))
"""Signals of a stop, each with its grace in seconds: iperf prints its summary on the first.

A process that is just being started ignores INT, as background children of a shell do, until iperf says otherwise.
"""

ITSELF, STOPPED, DEADLINE, LOST, FAILED = "itself", "stopped", "deadline", "lost", "failed"


class Started(Protocol):
    """A process that was started, on the leash (:class:`Run`) or detached; how it is ended is the same."""

    words: tuple[str, ...]
    raw: RawFile
    where: str
    ended_by: str | None
    left_behind: bool

    @property
    def pid(self) -> int: ...

    @property
    def exit_code(self) -> int | None: ...

    @property
    def running(self) -> bool: ...

    @property
    def fate(self) -> str: ...

    def wait(self, deadline: Deadline) -> bool: ...

    def send(self, signal: str, reason: str) -> None: ...

    def release(self) -> bool | None: ...

    def check_written(self) -> None: ...

    def error_lines(self) -> list[str]: ...


class Run:
    """A started process that writes its raw file.

    ``ended_by`` is None while it runs, then ``itself``, ``stopped``, ``deadline``, ``lost`` (with its connection) or
    ``failed`` (its output could not be written).
    """

    fate = "It ends by itself once it notices that nobody holds it, within about a minute."
    """What becomes of it on a device that no longer answers."""

    def __init__(
        self,
        connection: Connection,
        words: tuple[str, ...],
        raw: RawFile,
        limit: float | None,
        secrets: Mapping[str, Password] | None = None,
    ) -> None:
        self.words = words
        self.raw = raw
        self.where = connection.where
        self.ended_by: str | None = None
        self.left_behind = False
        """Whether its command has left something running on the device that was not reached."""
        self.deadline = Deadline(limit)
        self._process: Process = connection.start(words, raw.write, raw.write_error, secrets)

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.exit_code

    @property
    def running(self) -> bool:
        """Whether it is not over; once it is, ``ended_by`` tells how."""
        return not self.wait(Deadline(0))

    def wait(self, deadline: Deadline) -> bool:
        """Whether it ended before the given deadline; its own deadline stays as it is."""
        if not self._process.wait(deadline):
            return False  # it may end at this very moment: then the next look notes how
        self._note(LOST if self._process.exit_code is None else ITSELF)
        return True

    def finish(self, look: Callable[[], str | None] = lambda: None) -> None:
        """Waits for its end until its own deadline, and stops it then; also when the waiting is interrupted.

        ``look`` is asked in between whether there is a reason to stop it before, which ``ended_by`` says then.
        """
        try:
            for seconds in self.deadline.slices():
                if self.wait(Deadline(seconds)):
                    return
                reason = look()
                if reason:
                    break
            stop([self], reason or DEADLINE)
        except BaseException:
            stop([self])
            raise

    def send(self, signal: str, reason: str) -> None:
        if self.running:
            self.ended_by = self.ended_by or reason
            self._process.signal(signal)

    def release(self) -> bool:
        """Lets go of it on a connection that no longer answers: the leash on the device ends it. Whether it is over after all.

        So it is where a wrapper has left something behind that holds its output, as ``timeout`` and ``setsid`` do, which get no signals.
        """
        self.left_behind = self._process.abandon()
        if self.left_behind:
            return self.wait(Deadline(0))
        self.ended_by = LOST
        self._process.release()
        return False

    def error_lines(self) -> list[str]:
        return self.raw.error_lines()

    def check_written(self) -> None:
        """A CommandError when the output was not kept: what is in the raw file is not all of it."""
        problem = self._process.failure
        if isinstance(problem, FloodError):
            raise CommandError(
                f"A command on {self.where} printed far more than it could have to say ({problem}), so it was ended.",
                kind="flooded",
                said=_end_of(self.raw.tail or self.raw.error_tail),
                cause="it is another program than it should be, or it repeats a message in a loop",
                remedy="run the command by hand on the device, and look at the first lines of the raw file",
                command=" ".join(self.words),
                raw_file=self.raw.path,
            ) from problem
        if problem and self.ended_by == FAILED:
            raise CommandError(
                f"The output of a command on {self.where} could not be kept, so the command was ended.",
                said=str(problem),
                cause="the disk of this machine is full, or the directory is not writable",
                remedy="make room, or choose another directory",
                command=" ".join(self.words),
                raw_file=self.raw.path,
            ) from problem

    def _note(self, reason: str) -> None:
        self.ended_by = FAILED if self._process.failure else self.ended_by or reason
        self.raw.close()


def _end_of(tail: bytes) -> str:
    """The last two whole lines, as far as anybody reads them."""
    lines = tail.decode(errors="replace").splitlines()[-3:-1]
    return "\n".join(line[:100] for line in lines)


def stop(runs: Sequence[Started], reason: str = STOPPED) -> list[Started]:
    """Ends all these runs together: interrupt, terminate, kill, each after a grace; returns those that still run.

    Those are on a connection that no longer answers. They are let go, so the leash on the device ends them.
    """
    left = [run for run in runs if not run.wait(Deadline(0))]
    for signal, grace in LADDER:
        for run in left:
            run.send(signal, reason)
        deadline = Deadline(grace if left else 0)
        left = [run for run in left if not run.wait(deadline)]
    return [run for run in left if not run.release()]
