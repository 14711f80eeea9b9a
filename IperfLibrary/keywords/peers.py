"""Whom a client talks to: a server of this run, a device, or a host that is none; and what to do where nobody is there."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from ..client_failures import Peer
from ..devices import Device, is_loopback
from ..errors import ConfigurationError, IperfLibraryError, nearest
from ..servers import ServerHandle
from .arguments import described
from .state import State


class Peers:
    """The servers and devices that clients may be sent to."""

    def __init__(self, state: State) -> None:
        self._state = state

    def handle_of(self, server: Any, port: int | None) -> ServerHandle | None:
        """The running server that is meant, where this library started it."""
        if isinstance(server, ServerHandle):
            if port not in (None, server.port):
                raise ConfigurationError(f"The {server} does not listen on port {port}.")
            return server
        if not isinstance(server, (str, Device)) or not str(server).strip():
            raise ConfigurationError(f"The server is a device, a server handle or a host, not {described(server)}.")
        if not self._state.devices.find(str(server)):
            return None
        started = [s for s in self._state.running(ServerHandle, server) if port in (None, s.port)]
        if len(started) > 1:  # of those that have ended, as with the device, none is meant
            started = [s for s in started if s.running] or started[-1:]
        if len(started) > 1:
            ports = ", ".join(str(s.port) for s in started)
            raise ConfigurationError(f"{server} has {len(started)} servers (ports {ports}); give a handle, or 'port='.")
        return started[0] if started else None

    def peer(self, source: Device, server: Any, handle: ServerHandle | None, port: int) -> Peer:
        if handle:
            return Peer(handle.device.traffic_address(source), handle.port, handle.device, handle)
        target = self._state.devices.find(str(server))
        if target:
            return Peer(target.traffic_address(source), port, target, hint=self._other_port(target, port))
        return self._somewhere(str(server), port)

    def _somewhere(self, host: str, port: int) -> Peer:
        """A server that is on none of the devices."""
        host = host.strip().removeprefix("[").removesuffix("]")
        if re.fullmatch(r"[^:]+:\d+", host):
            raise ConfigurationError(f"'{host}' holds a port; give it as 'port='.")
        owners = self._at(host)
        hint = (
            self._by_name(host, owners, port)
            if owners
            else nearest(host, (d.name for d in self._state.devices)).strip()
        )
        return Peer(host, port, hint=hint)

    def _at(self, host: str) -> list[Device]:
        """The devices that have this address."""
        return [device for device in self._state.devices if host == _address(device)]

    def _ports(self, device: Device) -> list[int]:
        return [server.port for server in self._state.running(ServerHandle, device)]

    def _other_port(self, device: Device, port: int) -> str:
        ports = self._ports(device)
        if not ports:
            return f"This run has started no such server on {device}: Start Iperf Server    {device}"
        listed = " and ".join(map(str, ports))
        todo = "leave 'port=' out" if len(ports) == 1 else "give one of these as 'port='"
        return f"This run has a server on {device} at port {listed}, and none at {port}: {todo}."

    def _by_name(self, host: str, owners: list[Device], port: int) -> str:
        """What to do where nobody answers at the address of a device, which was given in place of its name."""
        device = next((one for one in owners if self._ports(one)), owners[0])
        ports = self._ports(device)
        if port in ports:
            return ""
        if not ports:
            return f"{host} is the address of {device}, where this run has started no server: Start Iperf Server    {device}"
        listed = " and ".join(map(str, ports))
        return f"{host} is the address of {device}, where this run has a server at port {listed}: give server={device} in place of the address, then the port is known."

    def warn_of_one_device(self, source: Device, peer: Peer) -> None:
        same = peer.device is source if peer.device else not is_loopback(peer.host) and self._at(peer.host) == [source]
        if same and source.connection.real:
            self._state.warn_once(
                f"Client and server are both on {source}, so no traffic leaves that device: what is measured is how fast it talks to itself, and no link.\n"
                "  what to do:      give another device as server where a link is meant; where not, add this one twice, with two names"
            )


def _address(device: Device) -> str | None:
    """Where traffic to it goes, as far as that is known without a connection."""
    with suppress(IperfLibraryError):
        return device.address or device.connection.host
    return None
