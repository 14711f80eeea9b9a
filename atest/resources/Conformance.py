"""The library's own checks of connections, run on hosts of the lab."""

from __future__ import annotations

from typing import Any

from robot.api.deco import keyword, library

from atest.lab.host import Host
from IperfLibrary.connections import connect
from IperfLibrary.connections.base import Connection
from IperfLibrary.testing import ConnectionTests, failures


class OnHost(ConnectionTests):
    """Looks at the host from outside, not through the connection that is tried."""

    def __init__(self, host: Host, **slower: Any) -> None:
        self._host = host
        for name, value in slower.items():
            setattr(self, name, type(getattr(self, name))(value))

    def elsewhere(self, connection: Connection, words: tuple[str, ...]) -> str:
        return self._host.run(words, check=False).stdout


@library(scope="GLOBAL")
class Conformance:
    """One keyword."""

    @keyword
    def connection_should_conform(self, url: str, host: Host, prefix: tuple[str, ...] = (), **slower: Any) -> None:
        """Fails with what all checks found. ``limit``, ``large``, ``file``, ``word`` and ``directory`` are for slow or odd devices."""

        def make() -> Connection:
            connection = connect("dut", url)
            connection.prefix = prefix
            return connection

        found = failures(OnHost(host, **slower), make)
        if found:
            raise AssertionError("\n".join(f"{name}: {problem}" for name, problem in found.items()))
