"""The device's end of adb, for a host of the lab: what adbd of Android 7 and later does of it, over TCP.

    python adbd.py PORT FOLDER [--old] [--locked]

It speaks the transport (CNXN, OPEN, OKAY, WRTE, CLSE) and the shell protocol, so that the real adb talks to it; the shell is
mksh among toybox, as in Android. As adbd does, it gives the command one socket for both standard input and output, shuts its
writing half down at the end of input, and sends HUP to the shell when the connection breaks. The file is run by its path and
so imports nothing of the package.

``--old`` is an Android before 7, without the shell protocol; ``--locked`` one whose user has not accepted the key.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

VERSION = 0x01000001
LARGEST = 256 * 1024
SIGNATURE = 2
STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN = range(5)
# fmt: off
APPLETS = [
    "cat", "chmod", "cut", "date", "df", "echo", "env", "false", "grep", "head", "hostname", "id", "kill", "ls", "mkdir",
    "printf", "ps", "pwd", "rm", "setsid", "sleep", "sort", "stat", "tail", "test", "touch", "tr", "true", "wc",
]
# fmt: on


def word(name: str) -> int:
    return int.from_bytes(name.encode(), "little")


class Host:
    """One connection of an adb server."""

    def __init__(self, link: socket.socket, path: str, options: set[str]) -> None:
        self.link = link
        self.path = path
        self.options = options
        self.streams: dict[int, Stream] = {}
        self._sending = threading.Lock()
        self._numbers = itertools.count(1)

    def serve(self) -> None:
        try:
            while True:
                self._take(*struct.unpack("<6I", self._read(24)))
        except (EOFError, OSError):
            for stream in tuple(self.streams.values()):
                stream.close()

    def send(self, name: str, first: int, second: int, data: bytes = b"") -> None:
        head = struct.pack("<6I", word(name), first, second, len(data), sum(data) & 0xFFFFFFFF, word(name) ^ 0xFFFFFFFF)
        with self._sending:
            self.link.sendall(head + data)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.link.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _take(self, command: int, first: int, second: int, size: int, _sum: int, _magic: int) -> None:
        data = self._read(size)
        if command == word("CNXN"):
            self._greet()
        elif command == word("AUTH"):
            self._doubt(first)
        elif command == word("OPEN"):
            self._open(first, data.rstrip(b"\0").decode())
        elif second in self.streams:
            self._tell(self.streams[second], command, data)

    def _greet(self) -> None:
        if "--locked" in self.options:
            self._doubt(SIGNATURE)
            return
        features = "" if "--old" in self.options else ";features=shell_v2,cmd"
        banner = f"device::ro.product.name=lab;ro.product.model=lab;ro.product.device=lab{features}"
        self.send("CNXN", VERSION, LARGEST, banner.encode())

    def _doubt(self, kind: int) -> None:
        """Knows no key: a signature is answered by another token, and the key itself by nothing, until a user accepts it."""
        if kind == SIGNATURE:
            self.send("AUTH", 1, 0, bytes(20))

    def _open(self, theirs: int, service: str) -> None:
        kind, _, command = service.partition(":")
        if kind.split(",")[0] != "shell" or "v2" not in kind or "raw" not in kind:
            self.send("CLSE", 0, theirs)
            return
        ours = next(self._numbers)  # never one again: the other end may still speak of the last one
        self.send("OKAY", ours, theirs)
        self.streams[ours] = Stream(self, ours, theirs, command)

    @staticmethod
    def _tell(stream: Stream, command: int, data: bytes) -> None:
        if command == word("WRTE"):
            stream.feed(data)
        elif command == word("OKAY"):
            stream.taken.release()
        elif command == word("CLSE"):
            stream.close()


class Stream:
    """A command and what the shell protocol carries to it and from it."""

    def __init__(self, host: Host, ours: int, theirs: int, command: str) -> None:
        self.host, self.ours, self.theirs = host, ours, theirs
        self.taken = threading.Semaphore(1)
        self._packets = b""
        self._closed = False
        self._socket, child = socket.socketpair()
        self._errors, child_errors = socket.socketpair()
        env = {**os.environ, "PATH": host.path, "HOME": "/", "SHELL": f"{host.path}/sh"}
        self._shell = subprocess.Popen(
            [f"{host.path}/sh", "-c", command],
            stdin=child.fileno(),
            stdout=child.fileno(),
            stderr=child_errors.fileno(),
            env=env,
            start_new_session=True,
        )
        child.close()
        child_errors.close()
        threading.Thread(target=self._carry, daemon=True).start()

    def feed(self, data: bytes) -> None:
        """Packets for the command; acknowledged at once, as they are short here."""
        self._packets += data
        while len(self._packets) >= 5:
            kind, size = struct.unpack("<BI", self._packets[:5])
            if len(self._packets) < 5 + size:
                break
            packet, self._packets = self._packets[5 : 5 + size], self._packets[5 + size :]
            self._give(kind, packet)
        self.host.send("OKAY", self.ours, self.theirs)

    def _give(self, kind: int, packet: bytes) -> None:
        with suppress(OSError):
            if kind == STDIN:
                self._socket.sendall(packet)
            elif kind == CLOSE_STDIN:
                self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """The other end is gone."""
        if self._closed:
            return
        self._closed = True
        self.taken.release()
        if self._shell.poll() is None:
            self._shell.send_signal(signal.SIGHUP)
        for end in (self._socket, self._errors):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _carry(self) -> None:
        errors = threading.Thread(target=self._pass_on, args=(self._errors, STDERR), daemon=True)
        errors.start()
        self._pass_on(self._socket, STDOUT)
        errors.join()
        code = self._shell.wait()
        with suppress(OSError):
            self._write(EXIT, bytes([code if code >= 0 else 128 - code]))
            self.taken.acquire()
            if not self._closed:
                self.host.send("CLSE", self.ours, self.theirs)
        self.host.streams.pop(self.ours, None)
        self._socket.close()
        self._errors.close()

    def _pass_on(self, end: socket.socket, kind: int) -> None:
        with suppress(OSError):
            while data := end.recv(32768):
                self._write(kind, data)

    def _write(self, kind: int, data: bytes) -> None:
        self.taken.acquire()
        if not self._closed:
            self.host.send("WRTE", self.ours, self.theirs, struct.pack("<BI", kind, len(data)) + data)


def furnish(folder: Path) -> str:
    """A folder with what a device has in its PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    programs = {"sh": "mksh", "iperf3": "iperf3", **dict.fromkeys(APPLETS, "toybox")}
    for name, program in programs.items():
        found = shutil.which(program)
        if found and not (folder / name).exists():
            (folder / name).symlink_to(found)
    return str(folder)


def main(port: int, folder: Path, options: set[str]) -> None:
    path = furnish(folder)
    with socket.create_server(("", port)) as listener:
        while True:
            link, _ = listener.accept()
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=Host(link, path, options).serve, daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), set(sys.argv[3:]))
