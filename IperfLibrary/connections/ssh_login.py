"""Logging in over SSH: keys and passwords, host keys, jump hosts and proxy commands."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko

from ..errors import ConfigurationError, DeviceError
from .proxy_command import ProxyCommand
from .ssh_address import Hop, LoginOptions, Target, resolve, way
from .ssh_failures import explain, explain_jump, explain_proxy, fingerprint

CONNECT_LIMIT = 10.0
"""Seconds for each of: TCP connection, SSH banner, log-in."""


@dataclass
class Login:
    """Opens authenticated clients to one target."""

    where: str
    url: str
    options: LoginOptions
    target: Target = field(init=False)
    hops: tuple[Hop, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.target = resolve(self.url)
        self.hops = way(self.where, self.target, self.options)

    def open(self, limit: float = CONNECT_LIMIT) -> list[paramiko.SSHClient]:
        """The clients of the jump hosts, first to last, and that of the target. Raises DeviceError.

        Each has ``limit`` seconds to answer at all.
        """
        clients: list[paramiko.SSHClient] = []
        try:
            for hop in self.hops:
                clients.append(self._connect(hop, self._sock(hop, clients), limit))
        except BaseException:
            for client in reversed(clients):
                client.close()
            raise
        return clients

    def _sock(self, hop: Hop, clients: list[paramiko.SSHClient]) -> Any:
        target = hop.target
        if clients:
            transport = clients[-1].get_transport()
            assert transport
            address, here = (target.hostname, target.port), ("127.0.0.1", 0)
            before = self.hops[len(clients) - 1]
            return _told(
                lambda: transport.open_channel("direct-tcpip", address, here, timeout=CONNECT_LIMIT),
                lambda problem: explain_jump(hop, before, problem),
            )
        if target.proxy_command:
            command = target.proxy_command
            return _told(lambda: ProxyCommand(command), lambda problem: explain(hop, problem))
        return None

    def _connect(self, hop: Hop, sock: Any, limit: float) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        try:
            _trust(client, hop)
            _told(
                lambda: client.connect(
                    hop.target.hostname,
                    hop.target.port,
                    hop.target.user,
                    sock=sock,
                    timeout=limit,
                    banner_timeout=limit,
                    auth_timeout=CONNECT_LIMIT,
                    channel_timeout=CONNECT_LIMIT,
                    **_proof(hop),
                ),
                lambda problem: self._explain(hop, problem, sock),
            )
        except BaseException:
            client.close()
            if sock:  # what never became the client's
                sock.close()
            raise
        return client

    @staticmethod
    def _explain(hop: Hop, problem: Exception, sock: Any) -> DeviceError:
        if isinstance(sock, ProxyCommand):
            sock.close()
            return explain_proxy(hop, sock, problem)
        return explain(hop, problem)


def _trust(client: paramiko.SSHClient, hop: Hop) -> None:
    """Makes the client check the host key as the options say."""
    target, rule = hop.target, hop.options.host_key
    name = target.hostname if target.port == 22 else f"[{target.hostname}]:{target.port}"
    client.set_missing_host_key_policy(_Policy(str(hop), name, rule, target.known_hosts))
    if rule != "ignore":
        _load_known_hosts(client, target.known_hosts)


def _proof(hop: Hop) -> dict[str, Any]:
    """With what the client proves who it is."""
    options = hop.options
    password = options.password.reveal() if options.password else ""
    # What the user named for the device is tried alone: a full agent would use up the tries that sshd grants.
    alone = bool(options.key_file or options.password) and not hop.jumps
    keys = [str(Path(options.key_file).expanduser())] if options.key_file else []
    return {
        # With a key file the password is its passphrase, which is nothing for the device to see.
        "password": None if options.key_file else password or None,
        "passphrase": password or None if options.key_file else None,
        "key_filename": keys if alone else [*keys, *hop.target.identities],
        "allow_agent": not alone,
        "look_for_keys": not alone,
    }


def _told(action: Callable[[], Any], told: Callable[[Exception], DeviceError]) -> Any:
    """What the action gives; its failure as a DeviceError in a tester's words, with no secret in it."""
    try:
        return action()
    except (paramiko.SSHException, OSError, EOFError, ValueError) as problem:
        error = told(problem)
    # Not raised above: the frames of the first error, which hold the password, would hang on it.
    raise error


def _load_known_hosts(client: paramiko.SSHClient, files: tuple[str, ...]) -> None:
    for name in (*files, "/etc/ssh/ssh_known_hosts"):
        try:
            client.load_system_host_keys(str(Path(name).expanduser()))
        except OSError:  # most people do not have all of them
            continue
        except paramiko.SSHException as problem:
            raise ConfigurationError(f"{name} cannot be read: {problem}") from None


class _Policy(paramiko.MissingHostKeyPolicy):
    """What to do with a host key that no file knows."""

    def __init__(self, where: str, name: str, rule: str, files: tuple[str, ...]) -> None:
        self._where, self._name, self._rule, self._files = where, name, rule, files

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        if self._rule == "check":
            raise DeviceError(
                f"The host key of {self._where} ({self._name}) is not known, so the log-in was not tried.",
                kind="host_key",
                said=f"{key.get_name()} {fingerprint(key)}",
                cause="nobody has logged in to it from here before",
                remedy="if that is the key of the device: host_key=accept-new keeps it in known_hosts; "
                "for devices that make a new key at each boot: host_key=ignore",
            )
        if self._rule == "accept-new":
            self._keep(key)

    def _keep(self, key: paramiko.PKey) -> None:
        path = Path(self._files[0]).expanduser()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = f"{self._name} {key.get_name()} {key.get_base64()}\n"
        # Appended, not written anew: paramiko's own way would drop the lines that it does not understand.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(line)
