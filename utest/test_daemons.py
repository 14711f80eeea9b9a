"""Servers in daemon mode: real processes on this machine, which stand for iperf3; their tests are written by the test."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary import IperfLibrary, client_failures, clients, servers
from IperfLibrary import run as runs
from IperfLibrary.client_failures import Limits, Peer
from IperfLibrary.clients import ClientHandle
from IperfLibrary.connections.base import START_LIMIT, Completed
from IperfLibrary.connections.local import LocalConnection
from IperfLibrary.daemons import DaemonHandle, Note
from IperfLibrary.deadline import Deadline
from IperfLibrary.detached import Sighting, found
from IperfLibrary.devices import Device
from IperfLibrary.errors import DeviceError, IperfError
from IperfLibrary.filing import Files
from IperfLibrary.keywords import devices as device_keywords
from IperfLibrary.option_table import Words
from IperfLibrary.options import Options
from IperfLibrary.result import Result
from IperfLibrary.tools import TOOLS
from IperfLibrary.units import Bitrate, Seconds, Size

from .fake import Iperf3Machine, Script, document, error_document
from .processes import LIMIT, MARK, comes, marked, marked_pids, new_mark, nothing_left

IPERF3 = TOOLS["iperf3"]
RUNS = "exec sleep 1000"


class Reachable(LocalConnection):
    """A connection that a test can cut."""

    cut = False
    asked = 0

    def run(self, words: tuple[str, ...], limit: float = START_LIMIT) -> Completed:
        self.asked += 1
        if self.cut:
            raise DeviceError(f"{self.where} is silent.")
        return super().run(words, limit)


class Bench:
    def __init__(self, directory: Path, mark: str) -> None:
        self.directory, self.remote = directory, directory / "remote"
        self.remote.mkdir()
        self.mark = mark
        self.noted: list[tuple[str, str]] = []
        self.files = Files(lambda: directory, lambda device, path: self.noted.append((device.name, path)))
        self.far = Reachable("dut")
        self.program = directory / "iperf3"
        self.dut = Device("dut", self.far, "192.0.2.1", "node", {"iperf3": str(self.program)})
        self.near = Iperf3Machine("pc", "192.0.2.2", "3.12")
        self.pc = Device("pc", self.near, None, "tpc", {"iperf3": "iperf3"})
        self.does(RUNS)

    def does(self, script: str) -> None:
        """What the program on the device does from now on."""
        self.program.write_text(f'#!/bin/sh\n[ "$1" = -v ] && {{ echo "iperf 3.12"; exit 0; }}\n{script}\n')
        self.program.chmod(0o755)

    def daemon(self, port: int | None = 5201, **options: Any) -> DaemonHandle:
        chosen = Options("server", **options)
        return DaemonHandle(self.dut, IPERF3, chosen, port, self.files, "server", str(self.remote))

    def adopted(self) -> DaemonHandle:
        ((path, sighting),) = found(self.far, str(self.remote)).items()
        note = Note.parse(sighting.note)
        assert note
        return DaemonHandle.found(self.dut, path, sighting, note, self.files)

    def measured(self, daemon: DaemonHandle, cookie: str) -> Result:
        """A test of a client against the daemon, of which this says nothing yet."""
        self.near.clients = [Script((with_cookie(document(), cookie),))]
        peer = Peer("192.0.2.1", daemon.port, self.dut, daemon)
        return ClientHandle(self.pc, peer, IPERF3, Options("client"), self.files, "client", Limits()).wait()

    def left(self) -> list[str]:
        return [path.name for path in self.remote.iterdir()]


def with_cookie(text: bytes, cookie: str) -> bytes:
    whole = json.loads(text)
    whole["start"]["cookie"] = cookie
    return json.dumps(whole).encode() + b"\n"


def served(daemon: DaemonHandle, cookie: str, rate: float = 1e6) -> None:
    """The daemon writes of a test."""
    with open(daemon.run.path, "ab") as file:
        file.write(with_cookie(document(received=rate, server=True), cookie))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    mark = new_mark()
    monkeypatch.setenv(MARK, mark)
    monkeypatch.setattr(servers, "listens", lambda *looked: True)
    monkeypatch.setattr(clients, "VIEW_LIMIT", 0.0)
    monkeypatch.setattr(client_failures, "DEATH_LIMIT", 0.0)
    monkeypatch.setattr(runs, "LADDER", (("TERM", LIMIT),))
    yield Bench(tmp_path, mark)
    for pid in marked_pids(mark):
        os.kill(pid, 9)
    assert nothing_left(mark), marked(mark)


def killed(daemon: DaemonHandle) -> None:
    os.kill(daemon.pid, 9)
    assert comes(lambda: "\nexit " in Path(daemon.run.path + ".daemon").read_text())


# -- its note


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"one_off": True, "idle_timeout": Seconds(90), "extra": Words(("--title", 'it\'s "a" $(b)\nc'))},
        {"length": Size(1470), "udp": True, "server_bitrate_limit": Bitrate(1.5e9), "mss": 1400, "bind": "fe80::1%ü"},
    ],
)
def test_a_note_comes_back_as_it_was(options: dict[str, Any]) -> None:
    note = Note("iperf3", 5201, "my name", Options("server", **options), ("iperf3", "--server", "a\nb"))
    again = Note.parse(str(note))
    assert again == note
    assert [type(value) for value in again.options.values()] == [type(value) for value in options.values()]
    assert "\n" not in str(note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        "null",
        '{"options": []}',
        str(Note("iperf9", 1, "x", Options("server"), ())),
        '{"tool"',
    ],
    ids=range(8),
)
def test_what_is_no_note(text: str) -> None:
    assert Note.parse(text) is None


def test_an_option_of_another_version_is_no_note() -> None:
    text = str(Note("iperf3", 1, "x", Options("server", one_off=True), ()))
    assert Note.parse(text)
    assert Note.parse(text.replace("one_off", "one_of_these_days")) is None


# -- start


def test_a_daemon_runs_and_is_noted_on_its_device(bench: Bench) -> None:
    daemon = bench.daemon()
    assert daemon.running
    assert daemon.went_well
    daemon.require_alive()
    assert daemon.filename == daemon.run.path
    assert daemon.filename.startswith(f"{bench.remote}/iperflibrary_dut_server_")
    assert bench.noted[-1] == ("dut", daemon.filename)


def test_one_that_cannot_start_leaves_nothing(bench: Bench) -> None:
    bench.does("echo 'iperf3: error - unable to start listener for connections: Address already in use' >&2; exit 1")
    with pytest.raises(IperfError, match="could not start on port 5201") as raised:
        bench.daemon()
    assert raised.value.kind == "address_in_use"
    assert bench.left() == []
    assert nothing_left(bench.mark), marked(bench.mark)


def test_one_that_never_listens_leaves_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "listens", lambda *looked: False)
    monkeypatch.setattr(servers, "READY_LIMIT", 0.0)
    with pytest.raises(IperfError, match="did not listen"):
        bench.daemon()
    assert bench.left() == []
    assert nothing_left(bench.mark), marked(bench.mark)


def test_one_that_cannot_be_ended_can_be_found_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "listens", lambda *looked: False)
    monkeypatch.setattr(servers, "READY_LIMIT", 0.0)
    monkeypatch.setattr(runs, "LADDER", ())
    with pytest.raises(IperfError, match="did not listen") as raised:
        bench.daemon()
    assert bench.adopted().pid == raised.value.pid


# -- end


def test_its_tests_are_in_its_file(bench: Bench) -> None:
    daemon = bench.daemon()
    bench.measured(daemon, "one")
    served(daemon, "one", 2e6)
    (result,) = daemon.stop()
    assert (result.cookie, result.bits_per_second, result.server) == ("one", 2e6, "dut")
    assert Path(daemon.filename).parent == bench.directory / "raw_iperf"
    assert result.raw_file == daemon.filename
    assert bench.noted[-1] == ("dut", daemon.filename)
    assert len(bench.left()) == 3
    daemon.settle()
    assert bench.left() == []
    assert daemon.went_well


def test_collecting_twice_asks_nobody(bench: Bench) -> None:
    daemon = bench.daemon()
    served(daemon, "one")
    first = daemon.stop()
    asked = bench.far.asked
    assert daemon.collect() == first
    assert bench.far.asked == asked
    assert len(list((bench.directory / "parsed").iterdir())) == 1


def test_its_output_stays_if_asked(bench: Bench) -> None:
    daemon = bench.daemon()
    path = daemon.run.path
    daemon.stop()
    daemon.settle(remove=False)
    assert sorted(bench.left()) == [Path(path).name, Path(path).name + ".stderr"]


@pytest.mark.parametrize("cut", [False, True])
def test_a_test_that_is_not_in_its_file_is_told_once(bench: Bench, cut: bool) -> None:
    daemon = bench.daemon()
    for cookie in ("one", "two"):
        bench.measured(daemon, cookie)
    served(daemon, "two", 2e6)
    if cut:  # it was in the middle of the other one
        with open(daemon.run.path, "ab") as file:
            file.write(with_cookie(document(server=True), "one")[:-40])
    with pytest.raises(IperfError, match="1 of the 2 tests") as raised:
        daemon.stop()
    assert raised.value.kind == "truncated"
    assert "shorter" in raised.value.cause
    assert [result.bits_per_second for result in daemon.collect() if not result.partial] == [2e6]
    daemon.settle()
    assert bench.left() == []


def test_a_full_disk_is_the_reason(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = bench.daemon()
    bench.measured(daemon, "one")
    monkeypatch.setattr(daemon.run, "disk_is_full", lambda: True)
    with pytest.raises(IperfError, match="1 of the 1 tests") as raised:
        daemon.stop()
    assert raised.value.cause == f"{bench.remote} on dut is full"


def test_a_file_that_is_gone_is_told_once(bench: Bench) -> None:
    daemon = bench.daemon()
    Path(daemon.run.path).unlink()
    with pytest.raises(DeviceError, match="cannot be read on dut") as raised:
        daemon.stop()
    assert raised.value.kind == "file"
    assert bench.left() == []
    assert daemon.collect() == []
    daemon.settle()


def test_a_file_that_came_in_part_is_fetched_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when somebody has looked meanwhile at what had come, which ends within a line."""

    def part(self: LocalConnection, path: str, size: int, sink: Callable[[bytes], None], deadline: Deadline) -> int:
        sink(Path(path).read_bytes()[:50])
        return 50

    daemon = bench.daemon()
    served(daemon, "one")
    killed(daemon)
    whole = LocalConnection._fetch
    monkeypatch.setattr(LocalConnection, "_fetch", part)
    with pytest.raises(DeviceError, match="Only 50 of the"):
        daemon.stop()
    assert not daemon.went_well
    assert len(bench.left()) == 3
    monkeypatch.setattr(LocalConnection, "_fetch", whole)
    assert [result.cookie for result in daemon.stop()] == ["one"]
    assert Path(daemon.filename).read_bytes() == Path(daemon.run.path).read_bytes()


def test_a_device_that_is_silent_when_it_should_stop(bench: Bench) -> None:
    daemon = bench.daemon()
    served(daemon, "one")
    bench.far.cut = True
    with pytest.raises(DeviceError, match="dut is silent"):
        daemon.stop()
    assert daemon.running
    with pytest.raises(DeviceError, match="dut is silent"):
        _ = daemon.went_well
    daemon.require_alive()  # nobody knows
    assert daemon.death(0) is None
    bench.far.cut = False
    assert daemon.went_well
    assert [result.cookie for result in daemon.stop()] == ["one"]


def test_a_silent_device_is_asked_once_in_a_stop(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LADDER", (("INT", 0.1), ("TERM", 0.1), ("KILL", 0.1)))
    daemon = bench.daemon()
    bench.far.cut = True
    asked = bench.far.asked
    assert runs.stop([daemon.run]) == [daemon.run]
    assert bench.far.asked == asked + 1


def test_one_that_does_not_end_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LADDER", ())
    daemon = bench.daemon()
    with pytest.raises(IperfError, match="did not end, not even when it was killed") as raised:
        daemon.stop()
    assert raised.value.kind == "stuck"


# -- death


def test_one_that_was_killed(bench: Bench) -> None:
    daemon = bench.daemon()
    served(daemon, "one")
    killed(daemon)
    assert not daemon.went_well
    assert daemon.death(0) == "the server on dut has ended: it was ended there by signal 9"
    with pytest.raises(IperfError, match="is not running any more") as raised:
        daemon.require_alive()
    assert raised.value.kind == "died"
    assert [result.cookie for result in daemon.stop()] == ["one"]


def test_what_it_wrote_tells_why_it_died(bench: Bench) -> None:
    text = error_document("unable to receive control message: Connection reset by peer").decode()
    bench.does(f"read x <'{bench.directory}/go'; echo '{text}'; exit 1")
    os.mkfifo(bench.directory / "go")
    daemon = bench.daemon()
    assert daemon.death(0) is None
    (bench.directory / "go").write_text("\n")
    death = daemon.death(LIMIT)
    assert death
    assert "program is missing" not in death
    assert "something else runs" not in death
    with pytest.raises(IperfError) as raised:
        daemon.require_alive()
    assert raised.value.kind == "reset"


def test_one_that_has_served_its_one_client_went_well(bench: Bench) -> None:
    bench.does(f"read x <'{bench.directory}/go'; exit 0")
    os.mkfifo(bench.directory / "go")
    daemon = bench.daemon(one_off=True)
    (bench.directory / "go").write_text("\n")
    assert daemon.run.wait(Deadline(LIMIT))
    assert daemon.went_well
    assert daemon.death(0) is None
    with pytest.raises(IperfError) as raised:
        daemon.require_alive()
    assert (raised.value.kind, raised.value.cause) == ("stopped", "it has served its one client, as 'one_off' asks")


def test_one_whose_file_is_gone_has_died_for_another_reason(bench: Bench) -> None:
    daemon = bench.daemon()
    killed(daemon)
    Path(daemon.run.path).unlink()
    with pytest.raises(IperfError, match="is not running any more") as raised:
        daemon.require_alive()
    assert "cannot be read on dut" in raised.value.cause
    assert daemon.collect() == []
    assert bench.left() == []


@pytest.mark.parametrize(
    ("state", "cause"), [("vanished", "killed together"), ("reused", "is another program now"), ("rebooted", "anew")]
)
def test_one_of_which_nobody_knows_how_it_ended(bench: Bench, state: str, cause: str) -> None:
    daemon = bench.daemon()
    daemon.run._note(Sighting(state, daemon.pid))
    assert not daemon.went_well
    with pytest.raises(IperfError) as raised:
        daemon.require_alive()
    assert raised.value.kind == "died"
    assert cause in raised.value.cause


# -- another controller


def test_it_is_adopted_with_all_that_is_known(bench: Bench) -> None:
    first = bench.daemon(one_off=True, bind="192.0.2.1", extra=Words(("--cport-not", "a 'b'")))
    served(first, "one")
    second = bench.adopted()
    assert (second.port, second.name, second.pid) == (5201, "server", first.pid)
    assert second.options == first.options
    assert second.options["idle_timeout"] == Seconds(3600)
    assert second.command == first.command
    assert second.directory == str(bench.remote)
    assert second.running
    assert not second.keep
    assert bench.noted[-1] == ("dut", first.filename)
    assert [result.cookie for result in second.stop()] == ["one"]
    second.settle()
    assert bench.left() == []


def test_one_that_died_meanwhile_is_adopted(bench: Bench) -> None:
    first = bench.daemon()
    served(first, "one")
    killed(first)
    second = bench.adopted()
    with pytest.raises(IperfError) as raised:
        second.require_alive()
    assert raised.value.exit_code == 137
    assert [result.cookie for result in second.stop()] == ["one"]


# -- started anew


def test_what_was_served_before_is_kept_when_the_new_one_leaves_no_file(bench: Bench) -> None:
    daemon = bench.daemon()
    served(daemon, "one")
    daemon._earlier = daemon.stop()
    daemon.settle()
    daemon.served = None
    daemon._begin()
    Path(daemon.run.path).unlink()
    with pytest.raises(DeviceError, match="cannot be read"):
        daemon.stop()
    assert [result.cookie for result in daemon.collect()] == ["one"]


# -- the keyword that adopts


@pytest.fixture
def iperf(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[IperfLibrary]:
    monkeypatch.setattr(device_keywords, "connect", lambda where, url, **login: bench.far)
    iperf = IperfLibrary(directory=bench.directory / "kept")
    iperf.add_iperf_device("dut", "local", iperf3=str(bench.program))
    yield iperf
    iperf._close()


def raw_files(bench: Bench) -> list[Path]:
    return list((bench.directory / "kept" / "raw_iperf").iterdir())


class Timeout(BaseException):
    """As the test timeout of Robot Framework is one."""


@pytest.mark.parametrize("before", ["owned", "left"])
def test_one_whose_end_was_interrupted_is_ended_later(
    bench: Bench, iperf: IperfLibrary, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    daemon = iperf.start_iperf_server("dut", daemon=True, remote_directory=str(bench.remote))
    if before == "left":
        bench.far.cut = True
        iperf.stop_all_iperf_processes()
        bench.far.cut = False

    def interrupted(self: DaemonHandle, remove: bool = True) -> None:
        raise Timeout

    with monkeypatch.context() as patched:
        patched.setattr(DaemonHandle, "settle", interrupted)
        with pytest.raises(Timeout):
            iperf.stop_all_iperf_processes()
    iperf.stop_all_iperf_processes()
    assert not daemon.running
    assert bench.left() == []
    assert (iperf._state.owned, iperf._state.left) == ({}, [])


def test_a_daemon_of_another_name_is_left_alone(bench: Bench, iperf: IperfLibrary) -> None:
    first = bench.daemon()
    served(first, "one")
    place = str(bench.remote)
    assert iperf.adopt_iperf_servers("dut", name="other", remote_directory=place) == []
    assert not (bench.directory / "kept").exists()
    (adopted,) = iperf.adopt_iperf_servers("dut", name="server", remote_directory=place)
    assert (adopted.pid, adopted.port) == (first.pid, first.port)
    assert iperf.adopt_iperf_servers("dut", remote_directory=place) == []  # it is one's own now
    assert len(raw_files(bench)) == 1
    assert [result.cookie for result in iperf.stop_iperf_server("dut")] == ["one"]
    assert bench.left() == []


def test_a_note_that_tells_nothing_is_a_warning(
    bench: Bench, iperf: IperfLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    first = bench.daemon()
    odd = bench.remote / "iperflibrary_a.json.daemon"
    odd.write_text("note of somebody else\n")
    (adopted,) = iperf.adopt_iperf_servers("dut", remote_directory=str(bench.remote))
    assert adopted.pid == first.pid
    assert f"{odd} on dut tells of no daemon that this version knows" in caplog.text
    assert odd.exists()


def test_a_daemon_of_another_run_that_has_the_port_is_named(bench: Bench, iperf: IperfLibrary) -> None:
    """Its keep=True was meant; the next job wants the same port."""
    left = bench.daemon(5998)
    bench.does("echo 'iperf3: error - unable to start listener for connections: Address already in use' >&2; exit 1")
    with pytest.raises(IperfError, match="could not start on port 5998") as raised:
        iperf.start_iperf_server("dut", port=5998, daemon=True, remote_directory=str(bench.remote))
    assert raised.value.kind == "address_in_use"
    assert raised.value.cause == f"a daemon of another run has that port: {left.run.path} on dut"
    assert f"Adopt Iperf Servers    dut    remote_directory={bench.remote}" in raised.value.remedy
    left.stop()


def test_one_at_another_port_is_not(bench: Bench, iperf: IperfLibrary) -> None:
    left = bench.daemon(5997)
    bench.does("echo 'iperf3: error - unable to start listener for connections: Address already in use' >&2; exit 1")
    with pytest.raises(IperfError, match="could not start on port 5998") as raised:
        iperf.start_iperf_server("dut", port=5998, daemon=True, remote_directory=str(bench.remote))
    assert raised.value.cause == "another program on that device listens on this port already"
    left.stop()
