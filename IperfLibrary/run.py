"""One process from start to end, with its raw file: the three ways it ends, and how it is ended.

It knows nothing of iperf: words in, bytes and an exit code out.
"""

from __future__ import annotations

from collections.abc import Sequence

from .connections.base import Connection, Process
from .deadline import Deadline
from .errors import CommandError
from .files import RawFile

LADDER = (("INT", 1.0), ("TERM", 1.5), ("KILL", 1.5))
"""Signals of a stop, each with its grace in seconds: iperf prints its summary on the first.

A process that is just being started ignores INT, as background children of a shell do, until iperf says otherwise.
"""

ITSELF, STOPPED, DEADLINE, LOST, FAILED = "itself", "stopped", "deadline", "lost", "failed"


class Run:
    """A started process that writes its raw file.

    ``ended_by`` is None while it runs, then ``itself``, ``stopped``, ``deadline``, ``lost`` (with its connection) or
    ``failed`` (its output could not be written).
    """

    def __init__(self, connection: Connection, words: tuple[str, ...], raw: RawFile, limit: float | None) -> None:
        self.words = words
        self.raw = raw
        self.where = connection.where
        self.ended_by: str | None = None
        self.deadline = Deadline(limit)
        self._process: Process = connection.start(words, raw.write, raw.write_error)

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.exit_code

    @property
    def running(self) -> bool:
        return self._process.running

    def wait(self, deadline: Deadline) -> bool:
        """Whether it ended before the given deadline; its own deadline stays as it is."""
        if self._process.wait(deadline):
            self._note(LOST if self._process.exit_code is None else ITSELF)
        return not self.running

    def finish(self) -> None:
        """Waits for its end until its own deadline, and stops it then; also when the waiting is interrupted."""
        try:
            if not self.wait(self.deadline):
                stop([self], DEADLINE)
        except BaseException:
            stop([self])
            raise

    def send(self, signal: str, reason: str) -> None:
        if self.running:
            self.ended_by = self.ended_by or reason
            self._process.signal(signal)

    def release(self) -> None:
        self._process.release()

    def check_written(self) -> None:
        """A CommandError when the output could not be written: what is in the raw file is not all of it."""
        problem = self._process.failure
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


def stop(runs: Sequence[Run], reason: str = STOPPED) -> list[Run]:
    """Ends all these runs together: interrupt, terminate, kill, each after a grace; returns those that still run.

    Those are on a connection that no longer answers. They are let go, so the leash on the device ends them.
    """
    left = [run for run in runs if not run.wait(Deadline(0))]
    for signal, grace in LADDER:
        for run in left:
            run.send(signal, reason)
        deadline = Deadline(grace if left else 0)
        left = [run for run in left if not run.wait(deadline)]
    for run in left:
        run.ended_by = LOST
        run.release()
    return left
