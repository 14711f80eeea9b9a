"""Reservations of a device: the real script in each shell of this machine, and what is said of whoever has the device."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from IperfLibrary import reservations
from IperfLibrary.connections.base import Connection
from IperfLibrary.connections.dummy import DummyConnection
from IperfLibrary.connections.local import LocalConnection
from IperfLibrary.deadline import Deadline
from IperfLibrary.errors import ConfigurationError, DeviceError
from IperfLibrary.reservations import Claim, Reservation, claim

SHELLS = [words for words in (["dash"], ["bash"], ["busybox", "sh"], ["mksh"]) if shutil.which(words[0])]
MINE = Claim("lab", "ci-7", 4711, "2026-01-02 03:04:05", "Suite.Downlink")


@pytest.fixture
def here(tmp_path: Path) -> Connection:
    connection = LocalConnection("dut")
    connection.scratch = str(tmp_path)
    return connection


def another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is reserved from now on is another controller's than what was before."""
    monkeypatch.setattr(reservations, "CONTROLLER", "a" * 32)


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_who_comes_second_is_told_of_the_first(
    here: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Reservation(here, MINE, 0)
    another(monkeypatch)
    with pytest.raises(DeviceError) as raised:
        Reservation(here, MINE, 0)
    assert raised.value.kind == "reserved"
    assert "dut is reserved by somebody else." in str(raised.value)
    assert "lab@ci-7 (pid 4711) since 2026-01-02 03:04:05 for 'Suite.Downlink'" in str(raised.value)
    assert first.release()
    assert files(tmp_path) == []


def test_who_waits_gets_it_next(here: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Reservation(here, MINE, 0)
    another(monkeypatch)
    told: list[str] = []

    def tell(who: str) -> None:
        told.append(who)
        first.release()

    second = Reservation(here, MINE, 30, tell)
    assert len(told) == 1
    assert second.stands
    assert not first.stands
    second.release()


def test_what_is_ours_does_not_stand_in_our_way(here: Connection, tmp_path: Path) -> None:
    both = [Reservation(here, MINE, 0) for _ in range(2)]
    assert both[0].release()
    assert both[1].stands
    assert both[1].release()
    assert files(tmp_path) == []


def kill(reservation: Reservation) -> None:
    os.killpg(reservation._process.pid or 0, signal.SIGKILL)
    reservation._process.wait(Deadline(10))


def test_a_file_without_its_process_counts_for_nothing(
    here: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = Reservation(here, MINE, 0)
    kill(killed)
    assert len(files(tmp_path)) == 2
    assert not killed.stands
    another(monkeypatch)
    next_one = Reservation(here, MINE, 0)
    assert len(files(tmp_path)) == 2  # those of the other one are gone
    next_one.release()
    assert not killed.release()


def entry(directory: Path, pid: int, born: str, boot: str, held: bool = True) -> Path:
    space = os.readlink("/proc/self/ns/net").strip("net:[]")
    path = directory / f"iperflibrary-reserved.{space}.{'0' * 32}.{pid}"
    path.write_text(f"{born}\n{boot}\n{MINE}\n")
    if held:
        path.with_name(path.name + ".held").touch()
    return path


def birth(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_another_process_with_the_same_pid_is_not_the_holder(here: Connection, tmp_path: Path) -> None:
    stale = entry(tmp_path, os.getpid(), str(int(birth(os.getpid())) + 1), boot())
    Reservation(here, MINE, 0).release()
    assert not stale.exists()


def test_a_boot_ends_all(here: Connection, tmp_path: Path) -> None:
    entry(tmp_path, os.getpid(), birth(os.getpid()), "another-boot")
    Reservation(here, MINE, 0).release()


def test_a_file_that_is_just_being_written_counts(here: Connection, tmp_path: Path) -> None:
    """Its process is there; it is not known yet when that was born."""
    path = entry(tmp_path, os.getpid(), birth(os.getpid()), boot())
    path.write_text("")
    with pytest.raises(DeviceError, match="somebody who is not named"):
        Reservation(here, MINE, 0)


def test_a_link_is_not_followed(here: Connection, tmp_path: Path) -> None:
    path = entry(tmp_path, os.getpid(), birth(os.getpid()), boot())
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    Reservation(here, MINE, 0).release()
    assert path.is_symlink()


def test_nothing_foreign_steers_the_terminal(here: Connection, tmp_path: Path) -> None:
    path = entry(tmp_path, os.getpid(), birth(os.getpid()), boot())
    path.write_text(f"{birth(os.getpid())}\n{boot()}\n{Claim('a' + chr(27) + '[2J', 'b', 1, 'now')}\n")
    with pytest.raises(DeviceError) as raised:
        Reservation(here, MINE, 0)
    assert "\x1b" not in str(raised.value)
    assert "[2J@b (pid 1)" in str(raised.value)


def test_no_room(here: Connection) -> None:
    here.scratch = "/proc"
    with pytest.raises(DeviceError, match="dut could not be reserved") as raised:
        Reservation(here, MINE, 0)
    assert raised.value.kind == "file"


def test_nothing_is_reserved_where_nothing_runs() -> None:
    with pytest.raises(ConfigurationError, match="cannot be reserved"):
        Reservation(DummyConnection("ipad", "dummy:192.0.2.1"), MINE, 0)


def test_a_claim_as_a_line() -> None:
    assert Claim.parse(str(MINE)) == MINE
    assert "\n" not in str(Claim("a\nb", "c", 1, "d"))
    assert Claim.parse("{") is Claim.parse("[]") is Claim.parse('{"user": 1}') is None
    assert len(str(Claim("a", "b", 1, "c", "x" * 5000))) < 500
    assert claim("now", "Suite").pid == os.getpid()


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_of_many_who_come_at_once_one_has_it_at_a_time(shell: list[str], tmp_path: Path) -> None:
    """Each that has it is ended then, so all have it, one after the other; and nobody ever beside another."""
    words = [*shell, "-c", reservations._SCRIPT, "sh", str(tmp_path)]
    started = [
        subprocess.Popen([*words, f"{n:032x}", str(MINE)], stdout=subprocess.PIPE, text=True, start_new_session=True)
        for n in range(6)
    ]
    left = {process.stdout.fileno(): process for process in started if process.stdout}
    try:
        while left:
            process = holder(left)
            assert len([name for name in files(tmp_path) if name.endswith(".held")]) == 1
            assert ended(process) == 0
        assert files(tmp_path) == []
    finally:
        for process in started:
            process.kill()
            process.wait(10)
            assert process.stdout
            process.stdout.close()


def ended(process: subprocess.Popen[str]) -> int:
    """Its exit code after TERM, which mksh forgets where it comes while it forks: the leash would send KILL then."""
    for _ in range(100):
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(0.1)
    raise AssertionError("TERM does not end it")


def holder(left: dict[int, subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """The next one that says that it has it; it is left no more."""
    while True:
        ready, _, _ = select.select(list(left), [], [], 30)
        assert ready, "nobody gets it"
        for file in ready:
            process = left[file]
            assert process.stdout
            line = process.stdout.readline()
            assert line
            if line == "iperflibrary-held\n":
                return left.pop(file)
