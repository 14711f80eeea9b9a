"""Files of a device, fetched whole or not at all: by the shell, and over SSH by SFTP where that works."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
import pytest

from IperfLibrary.connections import channels
from IperfLibrary.connections.base import Connection, Process, Sink
from IperfLibrary.connections.local import LocalConnection, LocalProcess
from IperfLibrary.connections.ssh import SshConnection
from IperfLibrary.errors import DeviceError

DATA = random.Random(7).randbytes(1_000_000)


class Channel:
    """One that opens; ``asked`` is what was asked of it."""

    def __init__(self, refuses: BaseException | None) -> None:
        self.refuses = refuses
        self.asked: list[str] = []
        self.closed = False
        self.limit: float | None = None

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def close(self) -> None:
        self.closed = True

    def settimeout(self, limit: float) -> None:
        self.limit = limit

    def invoke_subsystem(self, name: str) -> None:
        self.asked.append(name)
        if self.refuses:
            raise self.refuses


class Sftp:
    """What paramiko gives for a channel: files that break off where the test says."""

    breaks: BaseException | None = None
    after = 0

    def __init__(self, channel: Channel) -> None:
        self._left = self.after

    def open(self, path: str, mode: str) -> Sftp:
        self._file = Path(path).open(mode)  # noqa: SIM115 - until __exit__
        return self

    def __enter__(self) -> Sftp:
        return self

    def __exit__(self, *problem: object) -> None:
        self._file.close()

    def prefetch(self, size: int) -> None:
        self.announced = size

    def read(self, size: int) -> bytes:
        if not self.breaks:
            return bytes(self._file.read(size))
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        if not data:
            raise self.breaks
        return bytes(data)


class Ssh(SshConnection):
    """Commands run on this machine; channels and SFTP are fakes."""

    def __init__(self) -> None:
        super().__init__("here", "ssh://host")
        self.channels: list[Channel] = []
        self.refuses: BaseException | None = None
        self.commands: list[tuple[str, ...]] = []

    def _transport(self) -> Any:
        return self

    def open_session(self, timeout: float, **sizes: int) -> Any:
        self.channels.append(Channel(self.refuses))
        return self.channels[-1]

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        self.commands.append(words[4:])
        return LocalProcess(words, stdout, stderr)

    @property
    def used_cat(self) -> bool:
        return any(words[0] == "cat" for words in self.commands)


@pytest.fixture
def over_ssh(monkeypatch: pytest.MonkeyPatch) -> Ssh:
    monkeypatch.setattr(paramiko, "SFTPClient", Sftp)
    monkeypatch.setattr(Sftp, "breaks", None)
    return Ssh()


@pytest.fixture(params=["local", "ssh"])
def connection(request: pytest.FixtureRequest, over_ssh: Ssh) -> Connection:
    return over_ssh if request.param == "ssh" else LocalConnection("here")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / '-a file\'s $(name) "x"\n.json'
    path.write_bytes(DATA)
    return path


def fetched(connection: Connection, path: Path) -> bytes:
    kept = bytearray()
    connection.fetch(str(path), kept.extend)
    return bytes(kept)


def test_it_arrives_byte_for_byte(connection: Connection, file: Path) -> None:
    assert fetched(connection, file) == DATA


def test_an_empty_file_is_whole(connection: Connection, file: Path) -> None:
    file.write_bytes(b"")
    assert fetched(connection, file) == b""
    assert not isinstance(connection, Ssh) or not connection.channels


def test_a_file_that_is_not_there(connection: Connection, file: Path) -> None:
    file.unlink()
    with pytest.raises(DeviceError, match="cannot be read on here") as raised:
        fetched(connection, file)
    assert raised.value.kind == "file"
    assert "somebody removed it" in raised.value.cause


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(connection: Connection, file: Path) -> None:
    file.chmod(0)
    with pytest.raises(DeviceError, match="cannot be read on here"):
        fetched(connection, file)


def test_a_directory_is_no_file(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="cannot be read on here"):
        fetched(connection, tmp_path)


def test_a_file_that_got_shorter_is_not_whole(
    connection: Connection, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(connection), "_size", lambda self, path: len(DATA) + 1)
    with pytest.raises(DeviceError, match=r"Only 1,000,000 of the 1,000,001 bytes of ") as raised:
        fetched(connection, file)
    assert raised.value.kind is None


def test_a_file_that_grew_is_whole(connection: Connection, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connection), "_size", lambda self, path: 10)
    assert fetched(connection, file) == DATA


@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), EOFError("odd")])
def test_what_cannot_be_kept_is_no_fault_of_the_device(connection: Connection, file: Path, problem: Exception) -> None:
    def full(data: bytes) -> None:
        raise problem

    with pytest.raises(type(problem)) as raised:
        connection.fetch(str(file), full)
    assert raised.value is problem


# -- over SSH


def test_sftp_is_asked_first(over_ssh: Ssh, file: Path) -> None:
    assert fetched(over_ssh, file) == DATA
    (channel,) = over_ssh.channels
    assert (channel.asked, channel.limit, channel.closed) == (["sftp"], channels.CHANNEL_LIMIT, True)
    assert not over_ssh.used_cat


REFUSALS: list[Callable[[], BaseException]] = [
    lambda: paramiko.SSHException("Channel closed."),
    lambda: paramiko.ChannelException(1, "Administratively prohibited"),
    EOFError,
    TimeoutError,
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_without_sftp_the_shell_does_it(over_ssh: Ssh, file: Path, refusal: Callable[[], BaseException]) -> None:
    over_ssh.refuses = refusal()
    assert fetched(over_ssh, file) == DATA
    assert over_ssh.used_cat
    assert over_ssh.channels[0].closed


def test_what_sftp_may_not_read_the_shell_may(over_ssh: Ssh, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sftp, "breaks", PermissionError(13, "Permission denied"))
    assert fetched(over_ssh, file) == DATA
    assert over_ssh.used_cat


def test_a_link_that_breaks_in_the_middle(over_ssh: Ssh, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from the start by other means: what came would be there twice."""
    monkeypatch.setattr(Sftp, "breaks", EOFError())
    monkeypatch.setattr(Sftp, "after", 400_000)
    with pytest.raises(DeviceError, match=r"Only 400,000 of the 1,000,000 bytes"):
        fetched(over_ssh, file)
    assert not over_ssh.used_cat


def test_a_subsystem_that_never_answers(over_ssh: Ssh, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """paramiko waits for it without end, until somebody closes the channel."""
    monkeypatch.setattr(channels, "CHANNEL_LIMIT", 0.01)

    def waits(self: Channel, name: str) -> None:
        while not self.closed:
            pass
        raise paramiko.SSHException("Channel closed.")

    monkeypatch.setattr(Channel, "invoke_subsystem", waits)
    assert fetched(over_ssh, file) == DATA
    assert over_ssh.used_cat
