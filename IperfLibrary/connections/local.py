"""The connection ``local``: this very machine."""

from __future__ import annotations

import os
import selectors
import subprocess
import threading
from typing import IO, Any

from ..errors import ConfigurationError, DeviceError
from .arguments import takes
from .base import Connection, Process, Sink


@takes(refusal="The local connection (for {where}) takes no {name}=.")
def from_url(where: str, url: str, **login: Any) -> LocalConnection:
    """The connection for ``local``, which takes no log-in."""
    if url.lower() != "local":
        raise ConfigurationError(f"The local connection (for {where}) is written 'local', not '{url}'.")
    return LocalConnection(where)


class LocalConnection(Connection):
    """Runs commands as children of this process."""

    @property
    def host(self) -> str | None:
        return "127.0.0.1"

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        try:
            return LocalProcess(words, stdout, stderr)
        except OSError as problem:
            raise DeviceError(
                f"{self.where} cannot start a command.",
                said=str(problem),
                cause="there is no POSIX shell, or the machine is out of processes or files",
                remedy="look at 'ulimit -u' and 'ulimit -n'; on Windows run iperf on another device, over SSH",
            ) from problem


class LocalProcess(Process):
    def __init__(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> None:
        super().__init__(words, stdout, stderr)
        # A session of its own: Ctrl-C in the terminal is for the controller, which then stops its processes in order.
        self._child = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        threading.Thread(target=self._carry, name="iperf-local", daemon=True).start()

    def _carry(self) -> None:
        assert self._child.stdout
        assert self._child.stderr
        with selectors.DefaultSelector() as selector, self._child.stdout, self._child.stderr:
            selector.register(self._child.stdout, selectors.EVENT_READ, self.feed_stdout)
            selector.register(self._child.stderr, selectors.EVENT_READ, self.feed_stderr)
            while selector.get_map():
                for key, _ in selector.select():
                    self._carry_some(selector, key)
        self.ended(self._child.wait())
        self.release()

    @staticmethod
    def _carry_some(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        data = os.read(key.fd, 65536)
        if data:
            key.data(data)
        else:
            selector.unregister(key.fileobj)

    @property
    def _leash(self) -> IO[bytes]:
        assert self._child.stdin
        return self._child.stdin

    def _write(self, line: bytes) -> None:
        try:
            self._leash.write(line)
        except (OSError, ValueError):  # it ended just now
            return

    def release(self) -> None:
        try:
            self._leash.close()
        except OSError:
            return

    def abandon(self) -> bool:
        code = self._child.poll()
        if code is None:
            return False
        self.ended(code)
        return True
