"""The output of a command over SSH into a file: through the library, and with nothing but paramiko."""

from __future__ import annotations

from pathlib import Path

import paramiko

from IperfLibrary.connections import connect
from IperfLibrary.deadline import Deadline

BLOCK = 65536
LIMIT = 120.0


class Readers:
    """Both read the same number of bytes, of one device, over connections that stand."""

    def __init__(self, url: str, host: str, user: str, key: Path, folder: Path, size: int) -> None:
        self._words = ("head", "-c", str(size), "/dev/zero")
        self._size = size
        self._file = folder / "read"
        self._connection = connect("reader", url)
        self._client = paramiko.SSHClient()
        self._client.load_system_host_keys()
        self._client.connect(host, username=user, key_filename=str(key))

    def with_library(self) -> float:
        with self._file.open("wb", buffering=0) as file:

            def keep(data: bytes) -> None:
                file.write(data)

            process = self._connection.start(self._words, keep, keep)
            assert process.wait(Deadline(LIMIT))
        return self._checked()

    def with_paramiko(self) -> float:
        with self._file.open("wb", buffering=0) as file:
            _, stdout, _ = self._client.exec_command(" ".join(self._words))
            while data := stdout.channel.recv(BLOCK):
                file.write(data)
            assert stdout.channel.recv_exit_status() == 0
        return self._checked()

    def _checked(self) -> float:
        assert self._file.stat().st_size == self._size
        return float(self._size)

    def close(self) -> None:
        self._connection.close()
        self._client.close()
