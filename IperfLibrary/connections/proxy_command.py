"""The program that reaches an SSH server for us: what ``ProxyCommand`` of ssh_config names.

paramiko has a class for that, which is not used: it runs no shell, notices no end of the program and waits for none.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import suppress

from ..deadline import Deadline

BY_ITSELF = 0.1
"""Seconds that the program has to end by itself, once nobody talks to it any more."""

GRACE = 1.0
"""Seconds between TERM and KILL."""

SLICE = 0.01
"""Seconds between looks at whether it has ended."""

SAID = 1000
"""Bytes of what it said last that are kept."""


class ProxyCommand:
    """A running program in place of a socket to the SSH server; ``close`` leaves nothing of it behind.

    ``exit_code`` is known when it ended by itself, ``said`` is the end of its standard error.
    Example: ``ProxyCommand("ssh -W 10.0.0.2:22 gateway")``. Raises OSError when there is no shell to run it.
    """

    def __init__(self, command: str) -> None:
        self.exit_code: int | None = None
        self._said = b""
        self._closing = threading.Lock()
        self._ours, theirs = socket.socketpair()
        # A file, not a pipe: nobody has to read along, and it is complete when the program is gone.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - until close
        try:
            with theirs:
                # With the user's shell and a group of its own: it may be a script, and Ctrl-C is for the controller.
                self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                    [os.environ.get("SHELL") or "/bin/sh", "-c", f"exec {command}"],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=self._errors,
                    start_new_session=True,
                )
        except BaseException:
            self._ours.close()
            self._errors.close()
            raise

    # -- what paramiko wants of a socket

    def settimeout(self, seconds: float | None) -> None:
        self._ours.settimeout(seconds)

    def send(self, data: bytes) -> int:
        return self._ours.send(data)

    def recv(self, size: int) -> bytes:
        return self._ours.recv(size)

    @property
    def _closed(self) -> bool:
        return self._ours.fileno() < 0

    def close(self) -> None:
        """Ends the program with all of its group; harmless when that was done, in whatever thread."""
        self._ours.close()
        with self._closing:
            process, self._process = self._process, None
            if process:
                self._end(process)

    # -- the end of the program

    @property
    def end(self) -> str | None:
        """How it ended by itself; None when it did not."""
        if self.exit_code is None:
            return None
        return f"ended with exit code {self.exit_code}" if self.exit_code >= 0 else f"got signal {-self.exit_code}"

    @property
    def said(self) -> str:
        return self._said.decode(errors="replace").strip()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        try:
            self.exit_code = _wait(process, BY_ITSELF)
            if self.exit_code is None:
                _signal(process, signal.SIGTERM)
                _wait(process, GRACE)
        finally:
            _signal(process, signal.SIGKILL)
            process.wait()
            self._keep_what_it_said()

    def _keep_what_it_said(self) -> None:
        with self._errors as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - SAID))
            self._said = file.read()


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Its exit code, or the signal that ended it as a negative one, if it ends in time.

    It is not reaped, so that its number stays its own until its group has got the last signal.
    """
    for pause in Deadline(seconds).slices(SLICE):
        time.sleep(pause)
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        if ended:
            return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
    return None


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
