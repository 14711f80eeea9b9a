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


class Opener(Transport):
    """A transport whose sessions come to nothing, so many times."""

    def __init__(self, *problems: Exception, active: bool = True) -> None:
        super().__init__(active)
        self.problems = list(problems)
        self.opened = 0

    def open_session(self, timeout: float, **sizes: int) -> Any:
        self.opened += 1
        if self.problems:
            raise self.problems.pop(0)
        return Opened()


class Opened:
    def settimeout(self, seconds: float) -> None:
        self.seconds = seconds


CLOSED_AT_ONCE = paramiko.SSHException("Unable to open channel.")


def opened(opener: Opener) -> Any:
    return channels.ChannelConnection._open_channel(opener)  # type: ignore[arg-type]


def test_a_session_that_is_closed_while_it_is_opened_is_opened_again() -> None:
    opener = Opener(CLOSED_AT_ONCE, CLOSED_AT_ONCE)
    assert opened(opener).seconds == channels.CHANNEL_LIMIT
    assert opener.opened == 3


@pytest.mark.parametrize(
    ("problems", "active", "tries"),
    [
        ([CLOSED_AT_ONCE] * 9, True, channels.CHANNEL_TRIES),
        ([CLOSED_AT_ONCE] * 9, False, 1),
        ([paramiko.ChannelException(1, "Administratively prohibited")], True, 1),
    ],
)
def test_a_session_is_not_tried_without_end(problems: list[Exception], active: bool, tries: int) -> None:
    opener = Opener(*problems, active=active)
    with pytest.raises(paramiko.SSHException):
        opened(opener)
    assert opener.opened == tries


def test_a_timeout_while_a_command_is_started_leaves_it_to_nobody() -> None:
    class Timeout(BaseException):
        """As the test timeout of Robot Framework."""

    released = []

    class Slow(Channel):
        def exec_command(self, line: str) -> None:
            raise Timeout

        def shutdown_write(self) -> None:
            released.append(True)

    device = Device(Slow())
    with pytest.raises(Timeout):
        device.spawn("true")
    assert released
    assert not device._busy


@pytest.mark.parametrize(("ready", "over"), [(False, False), (True, True)])
def test_the_end_of_the_output_is_not_the_end_before_the_exit_code_is_there(ready: bool, over: bool) -> None:
    class Ending(Channel):
        eof_received, closed = True, False

        def recv_ready(self) -> bool:
            return False

        recv_stderr_ready = recv_ready

        def exit_status_ready(self) -> bool:
            return ready

        def recv_exit_status(self) -> int:
            assert ready, "it would wait without limit"
            return 7

    pump = channels._Pump("dut")
    process = channels.SshProcess(("true",), lambda data: None, lambda data: None, Ending(), pump)  # type: ignore[arg-type]
    assert process.carry() is over
    assert process.exit_code == (7 if over else None)
    pump.close()
