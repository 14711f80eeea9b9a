"""Detached processes, real ones, on this machine with every shell that it has."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from IperfLibrary import detached, files
from IperfLibrary import run as runs
from IperfLibrary.connections.base import Completed
from IperfLibrary.connections.local import LocalConnection
from IperfLibrary.deadline import Deadline
from IperfLibrary.detached import EXITED, REBOOTED, REUSED, RUNNING, VANISHED, Detached, found, output_path
from IperfLibrary.errors import CommandError, DeviceError
from IperfLibrary.files import RawFile

from .processes import LIMIT, MARK, comes, marked, marked_pids, new_mark, nothing_left
from .test_leash import ALONE, ODD_WORDS, SHELLS, WRAPPER, telling

TOOLS = ("sleep", "rm", "grep", "cat", "head", "wc", "ps", "df", "printf", "readlink", "setsid", "kill")


def detach(connection: LocalConnection, words: tuple[str, ...], raw: RawFile, directory: str, note: str) -> Detached:
    process = Detached(connection, words, raw, output_path(directory, raw))
    process.start(note)
    return process


class Machine:
    """This machine as a device whose log-in has this shell and these programs."""

    def __init__(self, directory: Path, shell: str, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.connection = LocalConnection("here")
        self.mark = mark
        self.programs, self.remote = directory / "programs", directory / "remote"
        self.programs.mkdir()
        self.remote.mkdir()
        (self.programs / "sh").symlink_to(str(shutil.which(shell.split()[0])))
        for name in TOOLS:
            if shutil.which(name):
                (self.programs / name).symlink_to(str(shutil.which(name)))
        if shell == ALONE:
            self.without("setsid")
        self._raw = directory / "raw"
        monkeypatch.setenv("PATH", str(self.programs))
        monkeypatch.setenv(MARK, mark)

    def without(self, name: str) -> None:
        (self.programs / name).unlink()

    def with_program(self, name: str, script: str) -> None:
        (self.programs / name).unlink(missing_ok=True)
        (self.programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.programs / name).chmod(0o755)

    def raw(self, name: str = "server") -> RawFile:
        return RawFile(self._raw, name, "json")

    def start(self, *words: str, note: str = "note") -> Detached:
        return detach(self.connection, words, self.raw(), str(self.remote), note)

    def end(self) -> None:
        for pid in marked_pids(self.mark):
            os.kill(pid, 9)
        assert nothing_left(self.mark), marked(self.mark)


@pytest.fixture(params=SHELLS)
def machine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine(tmp_path, request.param, new_mark(), monkeypatch)
    yield machine
    machine.end()


@pytest.fixture(params=[*SHELLS, *([ALONE] if "dash" in SHELLS else [])])
def any_group(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """For what depends on the group that a process gets, or does not get."""
    machine = Machine(tmp_path, request.param, new_mark(), monkeypatch)
    yield machine
    machine.end()


@pytest.fixture
def one_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """For what is not the shell's."""
    machine = Machine(tmp_path, SHELLS[0], new_mark(), monkeypatch)
    yield machine
    machine.end()


def over(process: Detached) -> bool:
    return process.wait(Deadline(LIMIT))


def state_of(process: Detached) -> dict[str, str]:
    lines = Path(process.path + ".daemon").read_text().splitlines()
    return dict(line.partition(" ")[::2] for line in lines)


def rewritten(process: Detached, **facts: str) -> None:
    lines = {**state_of(process), **facts}
    Path(process.path + ".daemon").write_text("".join(f"{name} {value}\n" for name, value in lines.items()))


def adopted(machine: Machine, process: Detached) -> Detached:
    """The process as another controller finds it."""
    return Detached(
        machine.connection,
        process.words,
        machine.raw(),
        process.path,
        found(machine.connection, str(machine.remote))[process.path],
    )


# -- start


def test_it_runs_with_its_state_in_a_file(any_group: Machine) -> None:
    process = any_group.start("sleep", "1000")
    assert process.running
    assert process.state == RUNNING
    state = state_of(process)
    assert state["pid"] == str(process.pid)
    assert state["born"] == Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].split()[19]
    assert state["boot"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert state["note"] == "note"
    assert "exit" not in state
    assert process.path == str(any_group.remote / "iperflibrary_server.json")
    assert not process.wait(Deadline(0))


def test_its_files_are_for_its_user_alone(machine: Machine) -> None:
    process = machine.start("sleep", "1000")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in machine.remote.iterdir()}
    name = Path(process.path).name
    assert modes == {name: 0o600, name + ".stderr": 0o600, name + ".daemon": 0o600}


@pytest.mark.parametrize(("suffix", "link"), [("", False), ("", True), (".stderr", True), (".daemon", False)])
def test_what_is_there_already_stays_as_it_is(machine: Machine, suffix: str, link: bool) -> None:
    path = machine.remote / f"iperflibrary_server.json{suffix}"
    if link:
        path.symlink_to(machine.remote / "nowhere")
    else:
        path.write_text("somebody's")
    with pytest.raises(CommandError, match="Nothing could be started in the background on here") as raised:
        machine.start("sleep", "1000")
    assert (raised.value.kind, raised.value.exit_code, raised.value.command) == ("remote_file", 73, "sleep 1000")
    assert path.name in raised.value.said
    assert [entry.name for entry in machine.remote.iterdir()] == [path.name]
    assert path.is_symlink() if link else path.read_text() == "somebody's"
    assert nothing_left(machine.mark), marked(machine.mark)


def test_a_directory_that_is_not_there(one_shell: Machine) -> None:
    with pytest.raises(CommandError, match="Nothing could be started") as raised:
        detach(one_shell.connection, ("true",), one_shell.raw(), "/nowhere", "")
    assert "/nowhere is full, may not be written, or is not there" in raised.value.cause


def test_a_disk_that_is_full_leaves_nothing(machine: Machine) -> None:
    """What fails is the first byte: an empty file takes no room."""
    limited = ("sh", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$@"', "sh")

    class Limited(LocalConnection):
        def _spawn(self, words: tuple[str, ...], *sinks: object) -> object:  # type: ignore[override]
            return super()._spawn((*limited, *words), *sinks)  # type: ignore[arg-type]

    machine.connection = Limited("here")
    with pytest.raises(CommandError, match="Nothing could be started"):
        machine.start("sleep", "1000")
    assert list(machine.remote.iterdir()) == []
    assert nothing_left(machine.mark), marked(machine.mark)


def test_words_arrive_byte_for_byte(machine: Machine) -> None:
    process = machine.start("printf", r"%s\0", *ODD_WORDS)
    assert over(process)
    assert Path(process.path).read_bytes().decode().split("\0")[:-1] == list(ODD_WORDS)
    assert process.exit_code == 0


def test_a_note_is_found_as_it_was_given(machine: Machine) -> None:
    note = "  -n {\"a\": 'b'} $(id) `id` $HOME \\n\\0%s %d x\x85y\u2028z  "
    process = machine.start("true", note=note)
    assert found(machine.connection, str(machine.remote))[process.path].note == note


def test_it_reads_nothing_and_holds_nothing(machine: Machine) -> None:
    process = machine.start("sh", "-c", "for n in 0 3 4; do readlink /proc/self/fd/$n; done; :")
    assert over(process)
    assert Path(process.path).read_text() == "/dev/null\n"


def test_the_launch_does_not_wait_for_anything(any_group: Machine) -> None:
    """The leash sleeps for a second where something in its group is left."""
    any_group.with_program("sleep", 'echo "$1" >>"${0%/*}/../naps"; exec /bin/sleep "$1"')
    process = any_group.start("sh", "-c", "while :; do read x </dev/zero; done")
    assert process.running
    assert not (any_group.programs.parent / "naps").exists()


def test_it_survives_the_end_of_its_connection(any_group: Machine) -> None:
    process = any_group.start(*telling("SIGINT"))
    assert comes(lambda: Path(process.path).read_text() == "ready\n")
    any_group.connection.close()
    assert not process.wait(Deadline(0))
    process.send("INT", runs.STOPPED)
    assert over(process)
    assert Path(process.path).read_text() == "ready\nSIGINT\n"
    assert (process.ended_by, process.exit_code, process.state) == (runs.STOPPED, 7, EXITED)


def test_a_start_that_is_interrupted_leaves_nothing(machine: Machine) -> None:
    """By a test timeout of Robot Framework, which may strike at any line."""

    class Timeout(BaseException):
        pass

    class Interrupted(LocalConnection):
        strikes = True

        def run(self, words: tuple[str, ...], limit: float = LIMIT) -> Completed:
            done = super().run(words, limit)
            if self.strikes:
                self.strikes = False
                assert "pid " in done.stdout
                raise Timeout
            return done

    machine.connection = Interrupted("here")
    with pytest.raises(Timeout):
        machine.start("sleep", "1000")
    assert list(machine.remote.iterdir()) == []
    assert nothing_left(machine.mark), marked(machine.mark)


# -- end


@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), ("kill -s KILL $$", 137)])
def test_its_exit_code_is_kept(any_group: Machine, script: str, code: int) -> None:
    process = any_group.start("sh", "-c", f"echo out; echo err >&2; {script}")
    assert over(process)
    assert (process.exit_code, process.state, process.ended_by) == (code, EXITED, runs.ITSELF)
    assert state_of(process)["exit"] == str(code)
    assert Path(process.path).read_text() == "out\n"
    assert Path(process.path + ".stderr").read_text() == "err\n"
    assert process.error_lines() == ["err"]
    assert nothing_left(any_group.mark), marked(any_group.mark)


def test_a_program_that_is_not_there(one_shell: Machine) -> None:
    process = one_shell.start("no-such-program")
    assert over(process)
    assert process.exit_code == 127
    assert "no-such-program" in "".join(process.error_lines())


def test_the_ladder_ends_it(any_group: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LADDER", (("INT", 0.0), ("TERM", 0.0), ("KILL", LIMIT)))
    process = any_group.start(*telling("nothing"))
    assert comes(lambda: Path(process.path).read_text() == "ready\n")
    assert runs.stop([process]) == []
    assert (process.exit_code, process.ended_by) == (137, runs.STOPPED)
    assert nothing_left(any_group.mark), marked(any_group.mark)


def test_signals_reach_what_a_wrapper_has_started(machine: Machine) -> None:
    machine.with_program("sleep", "exec /bin/sleep 0.05")
    process = machine.start("sh", "-c", WRAPPER, "sh", "INT", *telling("SIGTERM"))
    assert comes(lambda: Path(process.path).read_text() == "ready\n")
    process.send("TERM", runs.STOPPED)
    assert over(process)
    assert process.exit_code == 143
    assert Path(process.path).read_text() == "ready\nSIGTERM\n"
    assert nothing_left(machine.mark), marked(machine.mark)


def test_nothing_is_left_of_a_wrapper_that_was_killed(machine: Machine) -> None:
    process = machine.start("sh", "-c", WRAPPER, "sh", "TERM", *telling("nothing"))
    assert comes(lambda: Path(process.path).read_text() == "ready\n")
    process.send("KILL", runs.STOPPED)
    assert over(process)
    assert nothing_left(machine.mark), marked(machine.mark)


def test_it_is_not_over_before_its_exit_code_is_known(machine: Machine) -> None:
    """On a busy machine it takes a while until the shell that waits for it is told."""
    process = machine.start("sleep", "1000")
    watcher = int(state_of(process)["watch"])
    os.kill(watcher, 19)
    os.kill(process.pid, 9)
    assert not process.wait(Deadline(0))
    assert process.state == RUNNING
    os.kill(watcher, 18)
    assert over(process)
    assert process.exit_code == 137


# -- the same process


def test_one_that_vanished(machine: Machine) -> None:
    process = machine.start("sleep", "1000")
    os.kill(int(state_of(process)["watch"]), 9)
    os.kill(process.pid, 9)
    assert nothing_left(machine.mark)
    assert process.wait(Deadline(0))
    assert (process.state, process.exit_code, process.ended_by) == (VANISHED, None, runs.LOST)


def test_the_watcher_may_tell_while_it_is_looked_for(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It writes the exit code, and ends, after the file was read and before it is looked whether it is there."""
    writes = 'else echo "exit 9" >>"$f"; st=vanished;'
    monkeypatch.setattr(detached, "_WAIT", detached._WAIT.replace("else st=vanished;", writes))
    process = machine.start("sleep", "1000")
    os.kill(int(state_of(process)["watch"]), 9)
    os.kill(process.pid, 9)
    assert nothing_left(machine.mark)
    assert process.wait(Deadline(0))
    assert (process.state, process.exit_code) == (EXITED, 9)


def test_one_whose_watcher_is_gone_runs(machine: Machine) -> None:
    process = machine.start("sleep", "1000")
    os.kill(int(state_of(process)["watch"]), 9)
    assert not process.wait(Deadline(0))
    process.send("TERM", runs.STOPPED)
    assert over(process)
    assert (process.state, process.ended_by) == (VANISHED, runs.STOPPED)


@pytest.mark.parametrize(("fact", "state"), [("born", REUSED), ("boot", REBOOTED)])
def test_another_process_is_left_alone(machine: Machine, fact: str, state: str) -> None:
    process = machine.start("sleep", "1000")
    rewritten(process, **{fact: "1"})
    other = adopted(machine, process)
    assert other.state == state
    other.send("KILL", runs.STOPPED)
    assert not process.wait(Deadline(0))
    assert other.wait(Deadline(0))
    assert (other.ended_by, other.exit_code) == (runs.STOPPED, None)


def test_without_its_file_it_is_still_known(one_shell: Machine) -> None:
    process = one_shell.start("sleep", "1000")
    Path(process.path + ".daemon").unlink()
    assert found(one_shell.connection, str(one_shell.remote)) == {}
    assert not process.wait(Deadline(0))
    process.send("KILL", runs.STOPPED)
    assert over(process)
    assert process.state == VANISHED


def test_a_file_that_says_nothing_leads_nowhere(machine: Machine) -> None:
    (machine.remote / "iperflibrary_a.json.daemon").write_text("")
    ((path, seen),) = found(machine.connection, str(machine.remote)).items()
    assert path == str(machine.remote / "iperflibrary_a.json")
    assert (seen.state, seen.pid, seen.exit_code, seen.note) == (VANISHED, 0, None, "")


@pytest.mark.parametrize("ps", [True, False])
def test_without_proc(machine: Machine, monkeypatch: pytest.MonkeyPatch, ps: bool) -> None:
    for name in ("_WATCH", "_WAIT", "_SIGNAL"):
        monkeypatch.setattr(detached, name, getattr(detached, name).replace("/proc/", "/no-proc/"))
    if not ps:
        machine.without("ps")
    process = machine.start("sleep", "1000")
    assert bool(state_of(process)["born"]) == ps
    assert state_of(process)["boot"] == ""
    assert not process.wait(Deadline(0))
    process.send("TERM", runs.STOPPED)
    assert over(process)
    assert (process.state, process.exit_code) == (EXITED, 143)


def test_without_fractions_of_a_second(machine: Machine) -> None:
    machine.with_program("sleep", 'echo "$1" >>"${0%/*}/../naps"; case $1 in *.*) exit 1;; esac')
    process = machine.start("sh", "-c", "while :; do read x </dev/zero; done")
    assert not process.wait(Deadline(2.5))
    naps = (machine.programs.parent / "naps").read_text().split()
    assert naps.count("1") == 3
    assert set(naps) == {"0.1", "1"}


# -- found


def test_what_is_found_is_ones_own(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    process = machine.start("sleep", "1000", note="mine")
    (machine.remote / "other.daemon").write_text("pid 1\n")
    (machine.remote / "iperflibrary_b.json").write_text("")
    (machine.remote / "iperflibrary_c.json.daemon").mkdir()
    (machine.remote / "iperflibrary_d.json.daemon").symlink_to(process.path + ".daemon")
    seen = found(machine.connection, str(machine.remote) + "/")
    assert set(seen) == {process.path}
    assert (seen[process.path].state, seen[process.path].pid, seen[process.path].note) == (RUNNING, process.pid, "mine")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make files of somebody else")
def test_files_of_somebody_else_count_for_nothing(machine: Machine) -> None:
    process = machine.start("sleep", "1000")
    rewritten(process, exit="0")
    os.chown(process.path + ".daemon", 12345, 12345)
    assert found(machine.connection, str(machine.remote)) == {}
    assert not process.wait(Deadline(0))


def test_one_that_is_over_is_found_with_its_exit_code(one_shell: Machine) -> None:
    process = one_shell.start("sh", "-c", "exit 5")
    assert over(process)
    other = adopted(one_shell, process)
    assert (other.exit_code, other.state, other.pid) == (5, EXITED, process.pid)
    assert other.wait(Deadline(0))
    assert other.ended_by == runs.ITSELF


def test_nothing_is_found_where_there_is_nothing(one_shell: Machine) -> None:
    assert found(one_shell.connection, str(one_shell.remote)) == {}
    assert found(one_shell.connection, "/nowhere") == {}


# -- its files


def test_what_it_wrote_is_fetched(one_shell: Machine) -> None:
    process = one_shell.start("sh", "-c", r"printf 'a\0b\377'; echo problem >&2")
    assert over(process)
    process.fetch()
    assert process.raw.path.read_bytes() == b"a\0b\xff"
    assert process.raw.error_lines() == ["problem"]


def test_a_second_fetch_begins_anew(one_shell: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """After one that broke off in the middle, of the output or of what stands beside it."""
    process = one_shell.start("sh", "-c", "printf output; printf problem >&2")
    assert over(process)
    size = LocalConnection._size
    monkeypatch.setattr(LocalConnection, "_size", lambda self, path: size(self, path) + path.endswith(".stderr"))
    with pytest.raises(DeviceError, match="Only 7 of the 8 bytes"):
        process.fetch()
    monkeypatch.undo()
    process.fetch()
    assert process.raw.path.read_bytes() == b"output"
    assert process.raw.error_path.read_bytes() == b"problem"
    assert (process.raw.tail, process.raw.error_tail) == (b"output", b"problem")


def test_what_cannot_be_kept_is_told(one_shell: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: RawFile, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    process = one_shell.start("printf", "out")
    assert over(process)
    monkeypatch.setattr(RawFile, "write", full)
    with pytest.raises(CommandError, match="could not be kept") as raised:
        process.fetch()
    assert "No space left on device" in raised.value.said
    assert process.path in raised.value.remedy


def test_much_is_kept_that_came_over_a_long_time(one_shell: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    process = one_shell.start("printf", "more than a run may print at once")
    assert over(process)
    monkeypatch.setattr(files, "BASE", 1)
    process.fetch()
    assert process.raw.tail == b"more than a run may print at once"


def test_without_a_word_on_stderr_there_is_no_file(one_shell: Machine) -> None:
    process = one_shell.start("printf", "out")
    assert over(process)
    process.fetch()
    assert not process.raw.error_path.exists()


@pytest.mark.parametrize("output", [True, False])
def test_its_files_are_removed(one_shell: Machine, output: bool) -> None:
    process = one_shell.start("printf", "out")
    assert over(process)
    process.remove(output)
    name = Path(process.path).name
    assert sorted(path.name for path in one_shell.remote.iterdir()) == ([] if output else [name, name + ".stderr"])


@pytest.mark.parametrize(("free", "full"), [("63", True), ("64", False), ("garbage", False)])
def test_a_full_disk(one_shell: Machine, free: str, full: bool) -> None:
    one_shell.with_program(
        "df", f"echo Filesystem 1024-blocks Used Available Capacity Mounted; echo none 100 1 {free} 1% /; echo $2 >&2"
    )
    process = one_shell.start("printf", "out")
    assert process.disk_is_full() is full


def test_a_real_disk_has_room(one_shell: Machine) -> None:
    assert not one_shell.start("printf", "out").disk_is_full()
