"""The connection ``dummy:[HOST]``: something else runs iperf there, like an app, an appliance or a public server.

Nothing can be run there by us, and nothing is: only the address is known.
"""

from __future__ import annotations

from typing import Any

from ..errors import ConfigurationError, DeviceError
from .arguments import takes
from .base import Connection, Process, Sink


@takes(refusal="{where} takes no {name}=: nobody logs in to a device of dummy:.")
def from_url(where: str, url: str, **login: Any) -> DummyConnection:
    """The connection for ``dummy:`` or ``dummy:HOST``, which takes no log-in."""
    return DummyConnection(where, url)


class DummyConnection(Connection):
    """No way to run commands; the address of traffic alone."""

    runs_commands = False

    def __init__(self, where: str, url: str) -> None:
        super().__init__(where)
        self._host = url.partition(":")[2].removeprefix("//").strip("[]")
        if self._host.startswith("-") or any(letter in "/@ \t" for letter in self._host):
            raise ConfigurationError(
                f"'{url}' is no address (for {where}).", remedy="write dummy:192.0.2.1, or dummy: and 'address='"
            )

    @property
    def host(self) -> str | None:
        return self._host or None

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        raise DeviceError(
            f"Nothing can be run on {self.where}: it is a device of dummy:, where something else runs iperf.",
            kind="dummy",
            cause="only its address is known",
            remedy=f"start iperf there by its own means, like iperf3 --server --port 5201, and run a client against it: "
            f"Run Iperf Client    ...    server={self.where}    port=5201; or give a connection by which commands get there",
        )
