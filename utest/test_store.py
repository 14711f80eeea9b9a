"""Files that are brought to a device: whole or not at all, through the shell, and over SSH by SFTP where that works."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import paramiko
import pytest

from IperfLibrary.connections import base
from IperfLibrary.connections.base import Connection, Process, Sink
from IperfLibrary.connections.local import LocalConnection, LocalProcess
from IperfLibrary.connections.ssh import SshConnection
from IperfLibrary.deadline import Deadline
from IperfLibrary.errors import DeviceError

DATA = random.Random(7).randbytes(1_000_000)


class Slow(LocalProcess):
    """Its first block is late until the test lets it go."""

    gate = threading.Event()

    def _write(self, line: bytes) -> None:
        self.gate.wait(5)
        super()._write(line)


class Losing(LocalProcess):
    """Its second block never arrives."""

    blocks = 0

    def _write(self, line: bytes) -> None:
        self.blocks += 1
        if self.blocks != 2:
            super()._write(line)


class Here(LocalConnection):
    """This machine, with a process of the test's making."""

    made: type[LocalProcess] = LocalProcess

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        return self.made(words, stdout, stderr) if "cat >>" in words[2] else super()._spawn(words, stdout, stderr)


@pytest.fixture
def here() -> Here:
    return Here("here")


@pytest.mark.parametrize("data", [b"", b"\n", b"beat\nTERM\n\0\xff", DATA], ids=["empty", "line", "odd", "large"])
def test_a_file_is_stored_as_it_is(here: Here, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "it's $(odd) name"
    here.store(str(path), data)
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["file", "link", "directory"])
def test_what_is_there_is_kept(here: Here, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "there"
    if kind == "link":
        path.symlink_to(tmp_path / "aim")
    elif kind == "file":
        path.touch()
    else:
        path.mkdir()
    with pytest.raises(DeviceError, match="could not be written on here") as caught:
        here.store(str(path), b"data")
    assert "there is such a file" in str(caught.value)
    assert path.is_symlink() or path.is_dir() or path.read_bytes() == b""
    assert not (tmp_path / "aim").exists()


def test_a_directory_that_is_not_there(here: Here, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="another directory"):
        here.store(str(tmp_path / "no" / "file"), b"data")


def test_what_lost_bytes_on_its_way_is_removed(here: Here, tmp_path: Path) -> None:
    here.made = Losing
    with pytest.raises(DeviceError, match="could not be written"):
        here.store(str(tmp_path / "file"), DATA)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_upload_leaves_nothing(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a test timeout: what arrived is removed on the device once its input ends."""

    def interrupted(process: Process, deadline: Deadline) -> bool:
        raise KeyboardInterrupt

    here.made = Slow
    with monkeypatch.context() as context:
        context.setattr(Slow, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            here.store(str(tmp_path / "file"), DATA)
    (process,) = here._processes
    Slow.gate.set()
    assert process.wait(Deadline(5))
    assert list(tmp_path.iterdir()) == []


def test_a_device_that_takes_nothing_is_told_in_time(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.made = Slow
    Slow.gate.clear()
    monkeypatch.setattr(base, "START_LIMIT", 0.5)
    monkeypatch.setattr(here, "slowest", 1 << 30)
    with pytest.raises(DeviceError, match="too slow"):
        here.store(str(tmp_path / "file"), DATA)
    Slow.gate.set()


def test_what_a_command_reads_is_no_leash(monkeypatch: pytest.MonkeyPatch) -> None:
    process = LocalProcess(("cat",), lambda data: None, lambda data: None)
    heard: list[bytes] = []
    monkeypatch.setattr(process, "_write", heard.append)
    process.beat()
    process.leashed = False
    process.beat()
    process.release()
    assert heard == [b"beat\n"]


# -- over SSH


class Channel:
    """One that opens."""

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *problem: object) -> None:
        """Nothing to close."""

    def close(self) -> None:
        """Nothing to close."""

    def invoke_subsystem(self, name: str) -> None:
        assert name == "sftp"


class Sftp:
    """What paramiko gives for a channel: real files, written until the test breaks that."""

    breaks: BaseException | None = None
    root = ""

    def __init__(self, channel: Channel) -> None:
        """Nothing is asked of the channel."""

    def open(self, path: str, mode: str) -> Any:
        assert mode == "wx"
        file: Any = _File(self.root + path, self.breaks)
        return file

    def remove(self, path: str) -> None:
        Path(self.root + path).unlink()


class _File:
    def __init__(self, path: str, breaks: BaseException | None) -> None:
        self._path, self._breaks = Path(path), breaks
        self._file = self._path.open("xb")

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *problem: object) -> None:
        self._file.close()

    def chmod(self, mode: int) -> None:
        self._path.chmod(mode)

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()
        if self._breaks:
            raise self._breaks


class Ssh(SshConnection):
    """One whose commands run here, with an SFTP of the test's."""

    shell = 0

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        self.shell += "cat >>" in words[2]
        return LocalProcess(words, stdout, stderr)

    def _transport(self) -> Any:
        return None

    @staticmethod
    def _open_channel(transport: object) -> Any:
        return Channel()


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Ssh:
    monkeypatch.setattr(paramiko, "SFTPClient", Sftp)
    monkeypatch.setattr(Sftp, "breaks", None)
    monkeypatch.setattr(Sftp, "root", "")
    return Ssh("dut", "ssh://user@192.0.2.1")


def test_by_sftp(device: Ssh, tmp_path: Path) -> None:
    device.store(str(tmp_path / "file"), DATA)
    assert (tmp_path / "file").read_bytes() == DATA
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert device.shell == 0


@pytest.mark.parametrize("problem", [OSError("full"), EOFError(), paramiko.SSHException("gone")])
def test_through_the_shell_where_sftp_breaks(
    device: Ssh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    monkeypatch.setattr(Sftp, "breaks", problem)
    device.store(str(tmp_path / "file"), DATA)
    assert (tmp_path / "file").read_bytes() == DATA
    assert device.shell == 1


def test_through_the_shell_where_sftp_sees_another_root(
    device: Ssh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jail = tmp_path / "jail"
    (jail / str(tmp_path)[1:]).mkdir(parents=True)
    monkeypatch.setattr(Sftp, "root", str(jail))
    device.store(str(tmp_path / "file"), DATA)
    assert (tmp_path / "file").read_bytes() == DATA
    assert not [path for path in jail.rglob("*") if path.is_file()]


def test_through_the_shell_with_a_prefix(device: Ssh, tmp_path: Path) -> None:
    device.prefix = ("env",)
    device._spawn = _without_env(device)  # type: ignore[method-assign]
    device.store(str(tmp_path / "file"), DATA)
    assert (tmp_path / "file").read_bytes() == DATA


def _without_env(device: Connection) -> Any:
    def spawn(words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        assert words[0] == "env"
        return LocalProcess(words, stdout, stderr)

    return spawn


def test_sftp_overwrites_nothing(device: Ssh, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(DeviceError, match="there is such a file"):
        device.store(str(tmp_path / "file"), DATA)
    assert (tmp_path / "file").read_bytes() == b"mine"
