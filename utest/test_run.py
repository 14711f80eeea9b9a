"""One process from start to end with its raw file; the fake stands in for the connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from IperfLibrary import run as runs
from IperfLibrary.deadline import Deadline
from IperfLibrary.errors import CommandError
from IperfLibrary.files import RawFile
from IperfLibrary.run import Run

from .fake import RUNNING, FakeConnection, FakeProcess, Script, ends


class Timeout(BaseException):
    """As the test timeout of Robot Framework is one."""


def started(tmp_path: Path, script: Script, limit: float | None = None) -> tuple[Run, FakeProcess]:
    connection = FakeConnection(behaves=lambda words: script)
    run = Run(connection, ("tool", "word"), RawFile(tmp_path, "raw", "txt"), limit)
    return run, connection.processes[0]


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LADDER", tuple((name, 0.0) for name, _ in runs.LADDER))


def test_the_raw_file_has_what_the_process_printed(tmp_path: Path) -> None:
    run, process = started(tmp_path, Script(exit_code=RUNNING))
    for part in (b"first\n\x00\xff", b"", b"no newline"):
        process.say(part)
    process.complain(b"oh\n")
    process.end(0)
    run.finish()
    assert run.raw.path.read_bytes() == b"first\n\x00\xffno newline"
    assert run.raw.error_path.read_bytes() == b"oh\n"


def test_it_ends_by_itself(tmp_path: Path) -> None:
    run, process = started(tmp_path, Script(exit_code=3))
    run.finish()
    assert (run.ended_by, run.exit_code, run.running) == (runs.ITSELF, 3, False)
    assert process.signals == []


def test_how_it_ended_is_known_also_when_it_ends_while_it_is_looked_at(tmp_path: Path) -> None:
    class JustNow(Deadline):
        """A wait that is over a moment before the process is."""

        def wait(self, happened: object) -> bool:
            process.end(0)
            return False

    run, process = started(tmp_path, Script(exit_code=RUNNING))
    assert not run.wait(JustNow(0))
    assert not run.running
    assert run.ended_by == runs.ITSELF


def test_waiting_does_not_end_it(tmp_path: Path) -> None:
    run, process = started(tmp_path, Script(exit_code=RUNNING))
    assert not run.wait(Deadline(0))
    assert run.ended_by is None
    assert process.signals == []


def test_the_ladder_has_the_gentle_signal_first() -> None:
    assert [name for name, _ in runs.LADDER] == ["INT", "TERM", "KILL"]
    assert all(grace > 0 for _, grace in runs.LADDER)
    assert sum(grace for _, grace in runs.LADDER) <= 4


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_stop_goes_up_the_ladder_until_it_ended(tmp_path: Path, no_grace: None, count: int) -> None:
    names = [name for name, _ in runs.LADDER][:count]
    run, process = started(tmp_path, Script(exit_code=RUNNING, on={names[-1]: ends(0, b"summary")}))
    assert runs.stop([run]) == []
    assert process.signals == names
    assert run.ended_by == runs.STOPPED
    assert run.raw.path.read_bytes() == b"summary"


def test_a_deadline_is_a_stop_with_another_reason(tmp_path: Path) -> None:
    run, process = started(tmp_path, Script(exit_code=RUNNING, on={"INT": ends(1)}), limit=0)
    run.finish()
    assert process.signals == ["INT"]
    assert run.ended_by == runs.DEADLINE


def test_several_are_stopped_together(tmp_path: Path, no_grace: None) -> None:
    order: list[str] = []
    all_runs = []
    for name in ("a", "b"):
        script = Script(exit_code=RUNNING, on={"INT": lambda p, n=name: order.append(n), "TERM": ends(0)})  # type: ignore[misc]
        all_runs.append(started(tmp_path, script))
    assert runs.stop([run for run, _ in all_runs]) == []
    assert order == ["a", "b"]
    assert [process.signals for _, process in all_runs] == [["INT", "TERM"]] * 2


def test_one_that_cannot_be_stopped_is_let_go_and_told(tmp_path: Path, no_grace: None) -> None:
    stuck, process = started(tmp_path, Script(exit_code=RUNNING))
    good, _ = started(tmp_path, Script(exit_code=RUNNING, on={"INT": ends(0)}))
    assert runs.stop([stuck, good]) == [stuck]
    assert process.signals == ["INT", "TERM", "KILL"]
    assert process.released
    assert stuck.ended_by == runs.LOST


def test_a_stop_of_nothing() -> None:
    assert runs.stop([]) == []


def test_one_that_ended_before_keeps_its_reason(tmp_path: Path) -> None:
    run, process = started(tmp_path, Script(exit_code=0))
    runs.stop([run])
    assert run.ended_by == runs.ITSELF
    assert process.signals == []


def test_a_lost_connection(tmp_path: Path) -> None:
    run, _ = started(tmp_path, Script(exit_code=None))
    run.finish()
    assert run.ended_by == runs.LOST


def test_a_connection_that_breaks_with_an_exception_is_lost(tmp_path: Path) -> None:
    run, process = started(tmp_path, Script(exit_code=RUNNING))
    process.ended(None, OSError("Socket is closed"))
    run.finish()
    assert run.ended_by == runs.LOST
    run.check_written()


def test_an_interrupted_wait_stops_it_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, process = started(tmp_path, Script(exit_code=RUNNING, on={"INT": ends(0, b"summary")}))
    whole = FakeProcess.wait
    waits: list[Deadline] = []

    def wait(self: FakeProcess, deadline: Deadline) -> bool:
        waits.append(deadline)
        if len(waits) == 1:
            raise Timeout
        return whole(self, deadline)

    monkeypatch.setattr(FakeProcess, "wait", wait)
    with pytest.raises(Timeout):
        run.finish()
    assert process.signals == ["INT"]
    assert not run.running
    assert run.raw.path.read_bytes() == b"summary"


def test_output_that_cannot_be_kept_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, process = started(tmp_path, Script(exit_code=RUNNING))

    def write(data: bytes) -> None:
        raise OSError("No space left on device")

    process._sinks["stdout"] = write
    process.say(b"data")
    assert process.released
    process.end(143)
    run.finish()
    assert run.ended_by == runs.FAILED
    with pytest.raises(CommandError, match="No space left on device") as raised:
        run.check_written()
    assert raised.value.raw_file == run.raw.path
    assert isinstance(raised.value.__cause__, OSError)


def test_what_could_be_kept_is_no_error(tmp_path: Path) -> None:
    run, _ = started(tmp_path, Script(exit_code=1))
    run.finish()
    run.check_written()


def test_the_wait_of_another_leaves_its_own_deadline(tmp_path: Path) -> None:
    run, _ = started(tmp_path, Script(exit_code=RUNNING), limit=100)
    run.wait(Deadline(0))
    assert run.deadline.seconds == 100


@pytest.mark.usefixtures("no_grace")
def test_what_a_wrapper_has_left_behind_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``timeout`` and ``setsid`` start it in a group of its own, where no signal gets to it, and it holds the output."""
    run, process = started(tmp_path, Script(exit_code=RUNNING))

    def abandon() -> bool:
        process.ended(143)
        return True

    monkeypatch.setattr(process, "abandon", abandon)
    assert runs.stop([run]) == []
    assert (run.ended_by, run.exit_code, run.running, run.left_behind) == (runs.STOPPED, 143, False, True)
    process.say(b"too late")
    assert run.raw.path.read_bytes() == b""
    run.check_written()
