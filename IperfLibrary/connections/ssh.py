"""The connection ``ssh://[user@]host[:port]``: one transport to the device, opened on first use and kept."""

from __future__ import annotations

import socket
from typing import Any

import paramiko

from ..errors import DeviceError
from .channels import BROKEN, ChannelConnection
from .proxy_command import ProxyCommand
from .ssh_address import LoginOptions
from .ssh_login import CONNECT_LIMIT, Login

AGAIN_LIMIT = 5.0
"""Seconds within which a device that was silent on one transport answers to a new log-in."""

KEEPALIVE = 10
"""Seconds between packets on an idle connection, so that routers in between do not forget it."""

SILENCE_LIMIT_MS = 30_000
"""Unanswered packets for so long end the connection, in place of TCP's own quarter of an hour."""


def from_url(where: str, url: str, **login: Any) -> SshConnection:
    """The connection for ``ssh://[user@]host[:port][?jump=[user@]host[:port],...]``."""
    return SshConnection(where, url, **{name: value for name, value in login.items() if value})


class SshConnection(ChannelConnection):
    """Commands over SSH, by a log-in of our own."""

    def __init__(self, where: str, url: str, **login: Any) -> None:
        super().__init__(where)
        self._login = Login(where, url, LoginOptions(**login))
        self._chains: list[list[paramiko.SSHClient]] = []

    @property
    def host(self) -> str | None:
        return self._login.target.hostname

    def _channel(self) -> paramiko.Channel:
        """A new channel; a transport that dropped is opened again, unless something was running over it."""
        busy = self._busy
        try:
            return self._open_channel(self._transport())
        except paramiko.ChannelException:
            # sshd grants only so many sessions on a transport: MaxSessions, 10 unless it is told otherwise.
            self._add_chain()
        except BROKEN as problem:
            if busy:
                raise self._lost(problem) from problem
            self.close()
            self._add_chain(AGAIN_LIMIT)
        try:
            return self._open_channel(self._transport())
        except BROKEN as problem:
            raise self._lost(problem) from problem

    def _transport(self) -> paramiko.Transport:
        """The newest transport that stands."""
        for chain in [chain for chain in self._chains if not _stands(chain)]:
            self._chains.remove(chain)
            _close(chain)
        if not self._chains:
            self._add_chain()
        transport = self._standing()
        assert transport
        return transport

    def _standing(self) -> paramiko.Transport | None:
        return self._chains[-1][-1].get_transport() if self._chains else None

    def _add_chain(self, limit: float = CONNECT_LIMIT) -> None:
        """Logs in once more: the clients of the jump hosts and that of the device."""
        chain = self._login.open(limit)
        self._chains.append(chain)
        for client in chain:
            transport = client.get_transport()
            assert transport
            transport.set_keepalive(KEEPALIVE)
            _tune(transport.sock)

    def loss(self) -> str | None:
        found = (self._reason(chain) for chain in self._chains)
        return next(filter(None, found), None)

    def _reason(self, chain: list[paramiko.SSHClient]) -> str | None:
        """The first part of the way that is gone, if it is not the device itself."""
        transport = chain[0].get_transport()
        sock: Any = transport.sock if transport else None
        # Without an error it has ended because the device did.
        if isinstance(sock, ProxyCommand) and sock.exit_code:
            return f"its ProxyCommand {sock.end}{f': {sock.said}' if sock.said else ''}"
        gone = next((hop for hop, client in zip(self._login.hops, chain, strict=True) if not _active(client)), None)
        return f"{gone} is gone, or closed the connection" if gone and gone.jumps else None

    def _lost(self, problem: BaseException) -> DeviceError:
        return DeviceError(
            f"The SSH connection to {self.where} is lost.",
            said=str(problem) or type(problem).__name__,
            cause=self.loss() or "the device rebooted, or its network is gone",
            remedy="look whether the device answers: ssh " + self._login.target.hostname,
        )

    def close(self) -> None:
        super().close()
        for chain in self._chains:
            _close(chain)
        self._chains = []


def _active(client: paramiko.SSHClient) -> bool:
    transport = client.get_transport()
    return bool(transport and transport.is_active())


def _stands(chain: list[paramiko.SSHClient]) -> bool:
    return _active(chain[-1])


def _close(chain: list[paramiko.SSHClient]) -> None:
    for client in reversed(chain):
        client.close()


def _tune(sock: Any) -> None:
    """Small packets at once, and an end to a silent link; a jump host's channel or a proxy command has no such options."""
    if not isinstance(sock, socket.socket):
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_LIMIT_MS)
