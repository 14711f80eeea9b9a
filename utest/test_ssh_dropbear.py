"""What dropbear does otherwise than OpenSSH: commands have a greatest length, and new channels are closed at times."""

from __future__ import annotations

import subprocess
from typing import Any

import paramiko
import pytest

from IperfLibrary.connections import channels
from IperfLibrary.connections.channels import LONGEST_LINE, command_line, fitted
from IperfLibrary.connections.ssh import SshConnection
from IperfLibrary.errors import DeviceError


class Buffer:
    def set_event(self, event: object) -> None:
        """Nothing ever comes."""


class Transport:
    def __init__(self, active: bool) -> None:
        self.active = active

    def is_active(self) -> bool:
        return self.active


class Channel:
    """One that refuses, or takes, a command."""

    def __init__(self, refuses: Exception | None = None, active: bool = True) -> None:
        self.in_buffer, self.in_stderr_buffer = Buffer(), Buffer()
        self.refuses, self.transport = refuses, Transport(active)
        self.line, self.fed = "", b""

    def get_transport(self) -> Transport:
        return self.transport

    def close(self) -> None:
        """Nothing to close."""

    def exec_command(self, line: str) -> None:
        if self.refuses:
            raise self.refuses
        self.line = line

    def sendall(self, data: bytes) -> None:
        self.fed += data


class Device(SshConnection):
    def __init__(self, *channels: Channel) -> None:
        super().__init__("dut", "ssh://root@192.0.2.1")
        self.left = list(channels)

    def _channel(self) -> Any:
        return self.left.pop(0)

    def spawn(self, *words: str) -> None:
        try:
            self._spawn(words, lambda data: None, lambda data: None)
        finally:
            if self._pump:
                self._pump.close()


CLOSED = paramiko.SSHException("Channel is not open")


def test_a_channel_that_was_closed_is_opened_again() -> None:
    works = Channel()
    Device(Channel(CLOSED), Channel(CLOSED), works).spawn("true")
    assert works.line == "exec true"


def test_not_without_end() -> None:
    device = Device(*[Channel(CLOSED) for _ in range(9)])
    with pytest.raises(DeviceError, match="SSH connection to dut is lost"):
        device.spawn("true")
    assert len(device.left) == 9 - channels.CHANNEL_TRIES


def test_not_on_a_connection_that_is_gone() -> None:
    device = Device(Channel(CLOSED, active=False), Channel())
    with pytest.raises(DeviceError, match="SSH connection to dut is lost"):
        device.spawn("true")
    assert len(device.left) == 1


def test_not_when_the_device_took_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "CHANNEL_LIMIT", 0.0)
    device = Device(Channel(CLOSED), Channel())
    with pytest.raises(DeviceError, match="SSH connection to dut is lost"):
        device.spawn("true")


def test_a_short_line_is_the_command() -> None:
    channel = Channel()
    Device(channel).spawn("echo", "x" * (LONGEST_LINE - 20))
    assert channel.line.startswith("exec echo xxx")
    assert channel.fed == b""


@pytest.mark.parametrize("word", ["it's $(long) " * 1000, "é" * LONGEST_LINE, "two\nlines\\ " * 500, "!" * 5000])
@pytest.mark.parametrize("shell", ["sh", "bash", "busybox ash"])
def test_a_long_line_is_read_from_the_input(word: str, shell: str) -> None:
    """What comes behind it is left for the command."""
    line, rest = fitted(command_line(("sh", "-c", 'printf "%s|" "$@"; cat', "sh", word, "")))
    assert len(line) < 100
    done = subprocess.run([*shell.split(), "-c", line], input=rest + b"INT\n", capture_output=True, check=True)
    assert done.stdout.decode() == f"{word}||INT\n"
