"""A terminal with a program on it, as a line to a console: what a serial port or telnet would be."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence

from .processes import comes


def _same(data: bytes) -> bytes:
    return data


class Terminal:
    """80 columns, with echo. ``comes`` and ``goes`` may change what is read and written, as a bad line does."""

    pace = 200_000

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self.comes: Callable[[bytes], bytes] = _same
        self.goes: Callable[[bytes], bytes] = _same
        self.written = b""
        self._hung_up = False
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.program = subprocess.Popen(
            [shutil.which("setsid") or "setsid", "--ctty", "--wait", *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(environment),
            start_new_session=True,
        )
        os.close(slave)

    def read(self, seconds: float) -> bytes:
        if self._hung_up:
            self.close()
            raise EOFError("hung up")
        ready, _, _ = select.select([self._master], [], [], seconds)
        return self.comes(os.read(self._master, 4096)) if ready else b""

    def write(self, data: bytes) -> None:
        self.written += data
        os.write(self._master, self.goes(data))

    def hang_up(self) -> None:
        """As when the other end closes the connection."""
        self._hung_up = True
        comes(lambda: self._master < 0)

    def enter(self) -> None:
        os.write(self._master, b"\r")

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def close(self) -> None:
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
            self.program.wait(10)
