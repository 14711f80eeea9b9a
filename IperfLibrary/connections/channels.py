"""Commands over channels of an SSH transport, whoever opened it: what ``ssh:`` and ``sshlibrary:`` have in common.

One thread of a connection carries the output of all its commands; it is woken by paramiko where something has come, and polls nothing.
"""

from __future__ import annotations

import queue
import shlex
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import paramiko

from ..deadline import Deadline
from ..errors import DeviceError
from .base import Connection, Process, Sink

BEAT_EVERY = 15.0
"""Seconds between the lines that tell the leash that the controller is still there."""

CHANNEL_LIMIT = 10.0
"""Seconds within which the device opens a channel on a transport that stands."""

CHANNEL_TRIES = 3
"""Dropbear at times closes a channel that was just opened, when the process of another one has ended (seen in 2022.83)."""

LONGEST_LINE = 8000
"""Bytes of a command line; dropbear ends the whole connection for one of more than 9000."""

SFTP_BLOCK = 1 << 18
"""Bytes of a file that are handed on at a time."""

WINDOW, PACKET = 1 << 23, 1 << 17
"""Bytes that may be under way on a channel, and those of one packet: with paramiko's own 2 MiB and 32 KiB reading takes half as much CPU again."""

BROKEN = (paramiko.SSHException, OSError, EOFError)
"""What paramiko raises when a transport or a channel does not work."""


class ChannelConnection(Connection):
    """Each command has a channel of its own; a subclass says on which transport."""

    beat = 60

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self._pump: _Pump | None = None

    @abstractmethod
    def _channel(self) -> paramiko.Channel:
        """A new channel for one command. Raises DeviceError."""

    @abstractmethod
    def _transport(self) -> paramiko.Transport:
        """A transport that stands. Raises DeviceError."""

    @abstractmethod
    def _standing(self) -> paramiko.Transport | None:
        """The transport that is there already, if one is."""

    @abstractmethod
    def _lost(self, problem: BaseException) -> DeviceError: ...

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        line, rest = fitted(command_line(words))
        soon = Deadline(CHANNEL_LIMIT / 2)
        for spare in reversed(range(CHANNEL_TRIES)):
            channel = self._channel()
            process = SshProcess(words, stdout, stderr, channel, self._carrier())
            try:
                with _answering(channel):
                    channel.exec_command(line)
                    _send(channel, rest)
            except BROKEN as problem:
                if not spare or soon.expired or not self._transport_of(channel).is_active():
                    raise self._lost(problem) from problem
            except BaseException:  # a test timeout: nobody would wait for what may have been started
                process.given_up = True
                process.release()
                raise
            else:
                break
        return process

    @staticmethod
    def _transport_of(channel: paramiko.Channel) -> paramiko.Transport:
        transport = channel.get_transport()
        assert transport
        return transport

    def _carrier(self) -> _Pump:
        if not self._pump:
            self._pump = _Pump(self.where)
        return self._pump

    @property
    def _busy(self) -> bool:
        """Whether anything runs here that somebody waits for."""
        return self._pump is not None and not all(process.given_up for process in self._pump.processes)

    @staticmethod
    def _open_channel(transport: paramiko.Transport) -> paramiko.Channel:
        soon = Deadline(CHANNEL_LIMIT / 10)
        for spare in reversed(range(CHANNEL_TRIES)):
            try:
                channel = transport.open_session(window_size=WINDOW, max_packet_size=PACKET, timeout=CHANNEL_LIMIT)
                break
            except paramiko.ChannelException:  # it was refused
                raise
            except paramiko.SSHException:  # dropbear at times closes it in the same moment
                if not spare or soon.expired or not transport.is_active():
                    raise
        channel.settimeout(CHANNEL_LIMIT)
        return channel

    def _fetch(self, path: str, size: int, sink: Sink, deadline: Deadline) -> int:
        """By SFTP; through the shell where there is none, or where it may not read what commands may."""
        if self.prefix:  # another user, or another root, than that of SFTP
            return super()._fetch(path, size, sink, deadline)
        given = 0
        for data in self._sftp_blocks(path, size, deadline):
            given += len(data)
            sink(data)
        return given or super()._fetch(path, size, sink, deadline)

    def transfer(self) -> str:
        if self.prefix:
            return super().transfer()
        try:
            with self._open_channel(self._transport()) as channel, _answering(channel):
                channel.invoke_subsystem("sftp")
            return "SFTP"
        except BROKEN:
            return super().transfer()

    def _sftp_blocks(self, path: str, size: int, deadline: Deadline) -> Iterator[bytes]:
        """The bytes of the file, until its end, the deadline or the first thing that goes wrong."""
        try:
            with self._open_channel(self._transport()) as channel:
                with _answering(channel):
                    channel.invoke_subsystem("sftp")
                with paramiko.SFTPClient(channel).open(path, "rb") as file:
                    file.prefetch(size)
                    while not deadline.expired and (data := file.read(SFTP_BLOCK)):
                        yield data
        except BROKEN:
            return

    def _store(self, path: str, data: bytes, deadline: Deadline) -> None:
        """By SFTP; through the shell where there is none, or where it may not write what commands may."""
        if self.prefix or not self._sftp_stored(path, data, deadline):
            super()._store(path, data, deadline)

    def _sftp_stored(self, path: str, data: bytes, deadline: Deadline) -> bool:
        """Whether the file is there, whole; else nothing of it is."""
        try:
            with self._open_channel(self._transport()) as channel:
                with _answering(channel):
                    channel.invoke_subsystem("sftp")
                sftp = paramiko.SFTPClient(channel)
                with sftp.open(path, "wx") as file:
                    try:
                        file.chmod(0o600)
                        for start in range(0, len(data), SFTP_BLOCK):
                            if deadline.expired:
                                raise EOFError
                            file.write(data[start : start + SFTP_BLOCK])
                        self._size(path)  # SFTP may see another root than commands do
                    except BaseException:
                        sftp.remove(path)
                        raise
        except (*BROKEN, DeviceError):
            return False
        return True

    def answers(self, limit: float) -> bool:
        transport = self._standing()
        try:
            if transport:
                transport.open_session(timeout=limit).close()
        except paramiko.ChannelException:  # a refusal is an answer
            return True
        except BROKEN:
            return False
        return transport is not None

    def close(self) -> None:
        super().close()
        if self._pump:
            self._pump.close()
            self._pump = None


def command_line(words: tuple[str, ...]) -> str:
    """One line that runs the words in any log-in shell.

    A csh takes an exclamation mark for its history also between quotes, and no line end there.
    """
    line = "exec " + " ".join(shlex.quote(word).replace("!", "'\\!'") for word in words)
    if "\n" not in line:
        return line
    digits = "".join(f"\\0{byte:03o}" for byte in f"exec {shlex.join(words)}".encode())
    return f"""exec sh -c 'eval "$(printf %b "$1")"' sh '{digits}'"""


def fitted(line: str) -> tuple[str, bytes]:
    """The line, or one that reads it from its standard input where it is too long; and what to write there first."""
    data = line.encode()
    if len(data) <= LONGEST_LINE:
        return line, b""
    return """exec sh -c 'IFS= read -r line; eval "$line"'""", data + b"\n"


@contextmanager
def _answering(channel: paramiko.Channel) -> Iterator[None]:
    """Closes a channel whose other end does not answer to a request: paramiko waits for that without end."""
    guard = threading.Timer(CHANNEL_LIMIT, channel.close)
    guard.start()
    try:
        yield
    finally:
        guard.cancel()


class SshProcess(Process):
    def __init__(
        self, words: tuple[str, ...], stdout: Sink, stderr: Sink, channel: paramiko.Channel, pump: _Pump
    ) -> None:
        super().__init__(words, stdout, stderr)
        self._channel = channel
        self.has_news = False
        """Whether the pump will look at it anyway."""
        pump.add(self, channel)

    def carry(self) -> bool:
        """Hands on what has arrived; True when nothing more can come."""
        self.has_news = False  # before the look: what comes during it may be behind what it sees
        channel = self._channel
        while channel.recv_ready():
            self.feed_stdout(channel.recv(PACKET))
        while channel.recv_stderr_ready():
            self.feed_stderr(channel.recv_stderr(PACKET))
        if not (channel.eof_received or channel.closed) or channel.recv_ready() or channel.recv_stderr_ready():
            return False
        if not channel.exit_status_ready():  # it comes before the channel is closed, which is news again
            return False
        code = channel.recv_exit_status()
        self.ended(code if code >= 0 else None)
        channel.close()
        return True

    def _write(self, line: bytes) -> None:
        try:
            _send(self._channel, line)
        except OSError:  # closed, or the link is gone: then the leash acts by itself
            return

    def release(self) -> None:
        try:
            self._channel.shutdown_write()
        except (OSError, EOFError):
            return

    def abandon(self) -> bool:
        if not self._channel.exit_status_ready():
            return False
        self.ended(self._channel.recv_exit_status())
        self._channel.close()
        return True


def _send(channel: paramiko.Channel, data: bytes) -> None:
    """As ``sendall``, which goes on without end where our side of the channel is closed: nothing is taken then."""
    while data:
        taken = channel.send(data)
        if not taken:
            raise BrokenPipeError("our side of the channel is closed")
        data = data[taken:]


class _Wake:
    """What paramiko sets, as if it was an event, when a channel has news; nothing is polled.

    It is set before the news can be taken, and by whoever keeps them locked until then: news that come while the pump has
    not yet begun to look are seen by that look, and wake nobody again.
    """

    def __init__(self, news: queue.SimpleQueue[SshProcess | None], process: SshProcess) -> None:
        self._news, self._process = news, process

    def set(self) -> None:
        if not self._process.has_news:
            self._process.has_news = True
            self._news.put(self._process)

    def clear(self) -> None:
        """The news are taken from the queue, so there is nothing to clear."""


class _Pump:
    """The one thread that carries the output of all processes of a connection, and tells their leashes to hold."""

    def __init__(self, where: str) -> None:
        self.processes: set[SshProcess] = set()
        self._news: queue.SimpleQueue[SshProcess | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=f"iperf-ssh {where}", daemon=True).start()

    def add(self, process: SshProcess, channel: paramiko.Channel) -> None:
        self.processes.add(process)
        wake: Any = _Wake(self._news, process)
        channel.in_buffer.set_event(wake)
        channel.in_stderr_buffer.set_event(wake)

    def close(self) -> None:
        self._news.put(None)

    def _run(self) -> None:
        beat_at = time.monotonic() + BEAT_EVERY
        while True:
            try:
                process = self._news.get(timeout=max(0.0, beat_at - time.monotonic()))
            except queue.Empty:
                beat_at = time.monotonic() + BEAT_EVERY
                self._beat()
                continue
            if process is None:
                break
            self._carry(process)
        for process in tuple(self.processes):
            process.ended(None)

    def _beat(self) -> None:
        for process in tuple(self.processes):
            process.beat()

    def _carry(self, process: SshProcess) -> None:
        if process not in self.processes:
            return
        try:
            over = process.carry()
        except Exception as problem:  # carried to the main thread
            process.ended(None, problem)
            over = True
        if over:
            self.processes.discard(process)
