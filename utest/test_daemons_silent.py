"""Servers in daemon mode whose device falls silent; the fake stands in for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from IperfLibrary import run as runs
from IperfLibrary import servers
from IperfLibrary.daemons import DaemonHandle
from IperfLibrary.devices import Device
from IperfLibrary.errors import CommandError, DeviceError
from IperfLibrary.filing import Files
from IperfLibrary.options import Options
from IperfLibrary.tools import TOOLS

from .fake import FakeConnection, Script

SILENT = Script(exit_code=None)
VERSION = Script((b"iperf 3.12 (cJSON 1.7.15)\n",))
STARTED = Script((b"pid 7\nborn 1\nboot b\n",))
ENDED = Script((b"pid 7\nborn 1\nboot b\nexit 0\nstate exited\n",))
EMPTY = Script((b"0\n",))


class Bench:
    def __init__(self, directory: Path, *scripts: Script) -> None:
        self.scripts = [VERSION, *scripts]
        self.connection = FakeConnection(behaves=lambda words: self.scripts.pop(0))
        self.device = Device("dut", self.connection, None, None, {"iperf3": "iperf3"})
        self.files = Files(lambda: directory, lambda device, path: None)
        self.left: list[DaemonHandle] = []

    def start(self) -> DaemonHandle:
        options = Options("server")
        return DaemonHandle(self.device, TOOLS["iperf3"], options, 5201, self.files, "server", left=self.left.append)

    @property
    def words(self) -> tuple[str, ...]:
        """Those of the last command."""
        return self.connection.processes[-1].words[-8:]


BenchOf = Callable[..., Bench]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BenchOf:
    monkeypatch.setattr(servers, "is_free", lambda *looked: True)
    return lambda *scripts: Bench(tmp_path, *scripts)


@pytest.mark.parametrize("scripts", [(SILENT,), (STARTED, SILENT, SILENT, SILENT)])
def test_a_daemon_that_may_have_been_started_is_not_forgotten(bench: BenchOf, scripts: tuple[Script, ...]) -> None:
    """The answer to its start is lost, or whether it listens cannot be asked: it is ended when its device answers."""
    one = bench(*scripts)
    with pytest.raises(DeviceError, match="could not be started, or nobody knows whether it was") as raised:
        one.start()
    assert raised.value.said == "A command on dut was broken off."
    assert "pid 0" not in str(raised.value)
    (daemon,) = one.left
    one.scripts = [ENDED, EMPTY, EMPTY, Script()]
    runs.stop([daemon.run])
    daemon.settle()
    assert one.scripts == []
    assert [word for word in one.words if word.startswith("/tmp/")] == [
        daemon.run.path + suffix for suffix in (".daemon", "", ".stderr")
    ]


def test_a_daemon_that_was_not_started_leaves_nothing_to_do(bench: BenchOf) -> None:
    one = bench(Script(stderr=(b"cannot create",), exit_code=73))
    with pytest.raises(CommandError, match="Nothing could be started in the background on dut"):
        one.start()
    assert one.left == []
    assert len(one.connection.processes) == 2


def test_a_daemon_that_cannot_be_asked_is_told_with_its_fate(bench: BenchOf) -> None:
    one = bench(SILENT)
    with pytest.raises(DeviceError):
        one.start()
    (daemon,) = one.left
    one.scripts = [SILENT]
    with pytest.raises(DeviceError, match="nobody knows whether it was: dut cannot be asked") as raised:
        assert daemon.went_well
    assert raised.value.said == "A command on dut was broken off."
    assert "Adopt Iperf Servers" in raised.value.remedy
    assert daemon.run.path in raised.value.remedy


def test_how_a_daemon_died_when_its_file_cannot_be_had(bench: BenchOf) -> None:
    one = bench(SILENT)
    with pytest.raises(DeviceError):
        one.start()
    (daemon,) = one.left
    one.scripts = [ENDED, SILENT]
    with pytest.raises(CommandError, match="is not running any more") as raised:
        daemon.require_alive()
    assert raised.value.cause == "not known: A command on dut was broken off."
