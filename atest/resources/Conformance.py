"""The library's own checks of connections, run on hosts of the lab."""

from __future__ import annotations

from typing import Any

from robot.api.deco import keyword, library

from atest.lab.host import Host
from IperfLibrary.connections import connect
from IperfLibrary.connections.base import Connection
from IperfLibrary.devices import Device
from IperfLibrary.keywords.variables import libraries
from IperfLibrary.secret import Password
from IperfLibrary.testing import ConnectionTests, failures


class OnHost(ConnectionTests):
    """Looks at the host from outside, not through the connection that is tried."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def elsewhere(self, connection: Connection, words: tuple[str, ...]) -> str:
        return self._host.run(words, check=False).stdout


LOG_IN = ("password", "key_file", "host_key")


@library(scope="GLOBAL")
class Conformance:
    """One keyword."""

    @keyword
    def connection_should_conform(
        self, url: str, host: Host | None, prefix: tuple[str, ...] = (), through: Device | None = None, **more: Any
    ) -> None:
        """Fails with what all checks found. Without a ``host``, the device is looked at by the connection alone.

        ``password``, ``key_file`` and ``host_key`` are for the log-in, ``through`` is a device; ``limit``, ``large``, ``file``, ``word`` and
        ``directory`` are for slow or odd devices.
        """
        log_in = {name: more.pop(name, None) for name in LOG_IN}
        log_in["password"] = Password.parse(log_in["password"]) if log_in["password"] else None

        def make() -> Connection:
            way = through.connection if through else None
            connection = connect("dut", url, through=way, libraries=libraries, **log_in)
            connection.prefix = prefix
            return connection

        tests = OnHost(host) if host else ConnectionTests()
        for name, value in more.items():
            setattr(tests, name, type(getattr(tests, name))(value))
        found = failures(tests, make)
        if found:
            raise AssertionError("\n".join(f"{name}: {problem}" for name, problem in found.items()))
