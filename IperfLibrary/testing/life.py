"""Checks of the life of a command: its start, its signals, its end, and what is left of it."""

from __future__ import annotations

import threading
import time
import unittest

from ..connections.base import Connection
from ..deadline import Deadline
from ..errors import DeviceError
from .bench import Bench, Started, expect

# A shell may not catch what was ignored when it started, as INT is in the background of one. Nor may Python print from
# there: a signal that comes while "ready" is being flushed finds the buffer locked, and the print raises RuntimeError.
_TELLS_INT = (
    "if command -v python3 >/dev/null 2>&1; then exec python3 -c 'import os, signal, time\n"
    'signal.signal(signal.SIGINT, lambda *_: (os.write(1, b"got INT\\n"), os._exit(21)))\n'
    'print("ready", flush=True)\n'
    "while True: time.sleep(1)' MARK;"
    " elif command -v perl >/dev/null 2>&1; then"
    """ exec perl -e '$| = 1; $SIG{INT} = sub { print "got INT\\n"; exit 21 }; print "ready\\n"; sleep 1 while 1' MARK;"""
    " else echo nothing; fi"
)
_TELLS_TERM = 'trap "echo got TERM; exit 21" TERM; echo ready; while :; do sleep 1; done'
# The children hold no stream open, so that the end of the streams tells nothing of them.
_FAMILY = "sleep MARK >/dev/null 2>&1 & sh -c 'sleep MARK & sleep MARK; :' >/dev/null 2>&1 & echo ready; wait"


class LifeChecks:
    """What was started can be signalled, ends when it is let go, and takes its children along."""

    many = 10
    """Commands that are run at the same time; some log-ins take fewer."""

    def bench(self, connection: Connection) -> Bench:
        raise NotImplementedError

    def test_the_pid_is_that_of_the_command(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = bench.sh("echo $$").end()
            pid, told = started.process.pid, started.out.decode().strip()
            expect(str(pid) == told, f"The pid is {pid}, and that of the command was {told}.")

    def test_int_arrives(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = bench.sh(_TELLS_INT)
            bench.comes(lambda: b"\n" in started.out, "The command said nothing.")
            if started.out.startswith(b"nothing"):
                raise unittest.SkipTest("the device has neither python3 nor perl, which can tell that INT came")
            _signalled(started, "INT")

    def test_term_arrives(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            _signalled(bench.sh(_TELLS_TERM), "TERM")

    def test_kill_ends_at_once(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = bench.sh("trap '' TERM INT; echo ready; sleep MARK; sleep MARK")
            started.says(b"ready\n")
            started.process.signal("KILL")
            code = started.end().process.exit_code
            expect(code == 137, f"The exit code after KILL is {code}, not 137.")
            bench.expect_nothing_left()

    def test_a_signal_to_what_has_ended_is_harmless(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = bench.sh("exit 5").end()
            for name in ("INT", "KILL"):
                started.process.signal(name)
            started.process.release()
            expect(started.process.exit_code == 5, f"The exit code became {started.process.exit_code}.")

    def test_release_ends_the_command(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = bench.start("sleep", bench.mark)
            bench.comes(bench.left, "The command is not seen on the device.")
            started.process.release()
            started.end()
            bench.expect_nothing_left()

    def test_release_ends_what_ignores_term(self, connection: Connection) -> None:
        """It takes the grace of the leash, some seconds."""
        with self.bench(connection) as bench:
            started = bench.sh("trap '' TERM; echo ready; while :; do sleep MARK; done")
            started.says(b"ready\n")
            started.process.release()
            started.end()
            bench.expect_nothing_left()

    def test_a_wrapper_ends_with_its_children(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = bench.sh(_FAMILY)
            started.says(b"ready\n")
            bench.comes(lambda: bench.left() >= 3, "The children are not seen on the device.")
            started.process.signal("TERM")
            started.end()
            bench.expect_nothing_left()

    def test_close_ends_all_and_it_may_be_used_again(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = [bench.start("sleep", bench.mark) for _ in range(3)]
            bench.comes(lambda: bench.left() >= 3, "The commands are not seen on the device.")
            connection.close()
            for one in started:
                one.end()
            done = connection.run(("echo", "again"))
            expect(done.stdout == "again\n", f"After close() a command printed {done.stdout!r}.")
            bench.expect_nothing_left()

    def test_many_at_once(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = [bench.sh('echo "$1"; sleep MARK', f"command {number}") for number in range(self.many)]
            for number, one in enumerate(started):
                one.says(f"command {number}\n".encode())
            pids = {one.process.pid for one in started}
            expect(len(pids) == self.many, f"{self.many} commands have the pids {pids}.")
            started[4].process.signal("TERM")
            started[4].end()
            alone = [number for number, one in enumerate(started) if not one.process.running]
            expect(alone == [4], f"A signal to command 4 ended those: {alone}.")
            wrong = [bytes(one.out) for number, one in enumerate(started) if one.out != b"command %d\n" % number]
            expect(not wrong, f"Output got to another command: {wrong}.")

    def test_a_short_command_has_a_deadline(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            begin = time.monotonic()
            try:
                done = connection.run(("sleep", bench.mark), limit=1)
            except DeviceError:
                took = time.monotonic() - begin
                expect(
                    1 <= took < 1 + bench.limit, f"A command with a deadline of 1 s was given up after {took:.1f} s."
                )
                bench.expect_nothing_left()
                return
            raise AssertionError(f"A command without end came to one: {done}.")

    def test_a_wait_has_a_deadline(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = bench.start("sleep", bench.mark)
            begin = time.monotonic()
            over = started.process.wait(Deadline(0.3))
            took = time.monotonic() - begin
            expect(not over and 0.3 <= took < 0.3 + bench.limit, f"A wait of 0.3 s gave {over} after {took:.1f} s.")

    def test_a_sink_that_fails_ends_the_command(self, connection: Connection) -> None:
        """A full disk must not stop the connection, and the main thread has to hear of it."""
        problem = OSError("disk full")

        def fail(data: bytes) -> None:
            raise problem

        with self.bench(connection) as bench:
            process = connection.start(("sh", "-c", f"echo x; sleep {bench.mark}"), fail, fail)
            try:
                bench.comes(lambda: not process.running, "A command whose output cannot be kept goes on.")
                expect(process.failure is problem, f"What went wrong is {process.failure!r}.")
            finally:
                process.release()

    def test_no_thread_is_left(self, connection: Connection) -> None:
        before = set(threading.enumerate())
        with self.bench(connection) as bench:
            bench.start("echo", "x").end()
            bench.start("sleep", bench.mark)
            connection.run(("true",))
        connection.close()
        bench.comes(lambda: not _new(before), f"After close() there are threads: {_new(before)}.")


def _signalled(started: Started, name: str) -> None:
    started.says(b"ready\n")
    started.process.signal(name)
    started.says(f"got {name}\n".encode())
    code = started.end().process.exit_code
    expect(code == 21, f"The command ended itself with 21 after {name}, and its exit code is {code}.")


def _new(before: set[threading.Thread]) -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread not in before]
