"""Devices: a name, a connection, an address for traffic, a role, and where its programs are. Of iperf nothing but the names of programs is known."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field

from .connections.base import Connection
from .errors import ConfigurationError, nearest

ROLES = ("node", "tpc")


@dataclass
class Device:
    """A named machine that can run iperf.

    ``role`` is ``node`` (the device under test), ``tpc`` (the traffic PC) or None. ``programs`` holds, per tool, the
    program to run; ``versions`` what was found out about them; ``given`` what it was added with.
    """

    name: str
    connection: Connection
    address: str | None = None
    role: str | None = None
    programs: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    given: tuple[object, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ConfigurationError("A device needs a name.")
        if self.address is not None and (not self.address.strip() or self.address.startswith("-")):
            raise ConfigurationError(f"'{self.address}' is no address for {self.name}.")
        if self.role not in (None, *ROLES):
            raise ConfigurationError(f"The role of {self.name} is 'node', 'tpc' or none, not '{self.role}'.")

    def traffic_address(self, peer: Device) -> str:
        """Where traffic from the peer reaches this device."""
        if self.address:
            return self.address
        host = self.connection.host
        if not host or (is_loopback(host) and self.connection.host != peer.connection.host):
            raise ConfigurationError(
                f"It is not known at which address {peer.name} reaches {self.name}.",
                remedy=f"give it: Add Iperf Device    {self.name}    ...    address=192.168.1.2",
            )
        return host

    def added_like(self, other: Device) -> bool:
        """Whether both were added with the same arguments, and these still lead to the same."""
        same = (self.given, self.address, self.role) == (other.given, other.address, other.role)
        return same and self.connection.leads_where(other.connection)

    def __str__(self) -> str:
        return self.name


def is_loopback(host: str) -> bool:
    name = host.rstrip(".").lower()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def direction(sender: Device | None, receiver: Device | None) -> str | None:
    """``upstream`` when the node sends, ``downstream`` when the traffic PC does; None where the roles do not tell."""
    roles = (sender.role if sender else None, receiver.role if receiver else None)
    if roles[0] == roles[1]:
        return None
    return "upstream" if roles[0] == "node" or roles[1] == "tpc" else "downstream"


def fake(*devices: Device | None) -> bool:
    """Whether one of them is fake: then nothing was measured between them."""
    return any(device is not None and not device.connection.real for device in devices)


def _taken(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"There is a device '{name}' already, and it was not added in the same way.",
        remedy=f"use another name, or first: Remove Iperf Device    {name}",
    )


class Devices:
    """The devices of a run, by name."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}

    def add(self, device: Device) -> None:
        if self.alike(device):
            raise _taken(device.name)
        self._devices[device.name] = device

    def alike(self, device: Device) -> Device | None:
        """The one that was added with the same arguments. A ConfigurationError where another one has the name."""
        known = self._devices.get(device.name)
        if known and not known.added_like(device):
            raise _taken(device.name)
        return known

    def get(self, name: str) -> Device:
        if name not in self._devices:
            known = ", ".join(self._devices) or "none"
            raise ConfigurationError(
                f"There is no device '{name}'.{nearest(name, self._devices)}",
                said=None,
                cause=f"devices known are: {known}",
                remedy=f"add it first: Add Iperf Device    {name}    ssh://user@host",
            )
        return self._devices[name]

    def find(self, name: str) -> Device | None:
        return self._devices.get(name)

    def remove(self, name: str) -> Device:
        device = self.get(name)
        del self._devices[name]
        return device

    def __iter__(self) -> Iterator[Device]:
        return iter(tuple(self._devices.values()))
