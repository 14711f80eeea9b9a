"""Logging in over SSH: the user's ssh_config, keys and passwords, host keys, jump hosts; and what is said when it fails."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import paramiko
from cryptography.hazmat.primitives import serialization

from ..errors import ConfigurationError, DeviceError
from ..secret import Password

CONNECT_LIMIT = 10.0
"""Seconds for each of: TCP connection, SSH banner, log-in."""

HOST_KEY_RULES = ("check", "accept-new", "ignore")


@dataclass(frozen=True)
class LoginOptions:
    """What the user said of the log-in, beside the URL."""

    password: Password | None = None
    key_file: str | None = None
    host_key: str = "check"

    def __post_init__(self) -> None:
        if self.host_key not in HOST_KEY_RULES:
            raise ConfigurationError(f"host_key is one of {', '.join(HOST_KEY_RULES)}, not '{self.host_key}'.")
        if self.key_file:
            check_key(Path(self.key_file).expanduser(), self.password)


def check_key(path: Path, password: Password | None) -> None:
    """A ConfigurationError when the file is no private key or the passphrase does not open it; no device sees either."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise ConfigurationError(f"The key file {path} cannot be read: {problem.strerror}.") from None
    try:
        _load_key(data, password.reveal().encode() if password else None)
    except TypeError:  # a passphrase is missing, or there is one that nothing needs
        if password is None:
            raise ConfigurationError(
                f"The key file {path} is encrypted.", remedy="give its passphrase as 'password='"
            ) from None
    except ValueError:
        wrong = "the passphrase given as 'password=' is wrong, or " if password else ""
        raise ConfigurationError(
            f"The key file {path} cannot be read as a private key.", cause=f"{wrong}it is no private key"
        ) from None


def _load_key(data: bytes, password: bytes | None) -> None:
    try:
        serialization.load_ssh_private_key(data, password)
    except ValueError:
        serialization.load_pem_private_key(data, password)


@dataclass(frozen=True)
class Target:
    """Where to log in, after ssh_config had its say."""

    alias: str
    hostname: str
    port: int
    user: str | None
    identities: tuple[str, ...] = ()
    known_hosts: tuple[str, ...] = ()
    jump: tuple[str, ...] = ()
    proxy_command: str | None = None

    def __str__(self) -> str:
        return f"{self.user + '@' if self.user else ''}{self.hostname}:{self.port}"


def resolve(url: str) -> Target:
    """The target for ``[ssh://][user@]host[:port]`` with ``~/.ssh/config`` applied; the URL wins over the file."""
    try:
        parts = urlsplit(url if "://" in url else "ssh://" + url)
        alias, port = parts.hostname, parts.port
    except ValueError as problem:
        raise ConfigurationError(
            f"'{url.rpartition('@')[2]}' is no SSH address: {problem}.", remedy="write it like ssh://user@host:22"
        ) from None
    if parts.password is not None:
        raise ConfigurationError("A password does not belong into the address; give it as 'password='.")
    if parts.path not in ("", "/"):
        raise ConfigurationError(f"An SSH address has no path, as '{parts.path}' in '{url}'.")
    if not alias:
        raise ConfigurationError(f"'{url}' names no host; write it like ssh://user@host:22.")
    return _from_config(alias, parts.username, port)


def _from_config(alias: str, user: str | None, port: int | None) -> Target:
    config = _ssh_config().lookup(alias)
    jump = config.get("proxyjump", "none")
    command = config.get("proxycommand", "none")
    return Target(
        alias=alias,
        hostname=config.get("hostname", alias),
        port=port or int(config.get("port", 22)),
        user=user or config.get("user"),
        identities=tuple(str(Path(f).expanduser()) for f in config.get("identityfile", ())),
        known_hosts=tuple(config.get("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2").split()),
        jump=tuple(jump.split(",")) if jump != "none" else (),
        proxy_command=command if command != "none" and jump == "none" else None,
    )


def _ssh_config() -> paramiko.SSHConfig:
    path = Path("~/.ssh/config").expanduser()
    try:
        return paramiko.SSHConfig.from_path(str(path)) if path.is_file() else paramiko.SSHConfig()
    except (paramiko.SSHException, OSError) as problem:
        raise ConfigurationError(f"{path} cannot be read: {problem}") from problem


@dataclass
class Login:
    """Opens authenticated clients to one target."""

    where: str
    url: str
    options: LoginOptions
    target: Target = field(init=False)

    def __post_init__(self) -> None:
        self.target = resolve(self.url)

    def open(self, limit: float = CONNECT_LIMIT) -> list[paramiko.SSHClient]:
        """The clients of the jump hosts, first to last, and that of the target. Raises DeviceError.

        Each has ``limit`` seconds to answer at all.
        """
        clients: list[paramiko.SSHClient] = []
        try:
            for target, options in self._hops():
                sock = self._sock(target, clients)
                clients.append(self._connect(target, options, sock, limit))
        except BaseException:
            for client in reversed(clients):
                client.close()
            raise
        return clients

    def _hops(self) -> list[tuple[Target, LoginOptions]]:
        hops = [resolve(hop.strip()) for hop in self.target.jump]
        while hops and hops[0].jump:  # the first jump host has a way of its own
            hops[:1] = [*(resolve(hop.strip()) for hop in hops[0].jump), replace(hops[0], jump=())]
        # The password is the device's; a jump host gets in by keys, as with ssh itself.
        plain = LoginOptions(host_key=self.options.host_key)
        return [*((hop, plain) for hop in hops), (self.target, self.options)]

    def _sock(self, target: Target, clients: list[paramiko.SSHClient]) -> Any:
        if clients:
            transport = clients[-1].get_transport()
            assert transport
            address = (target.hostname, target.port)
            return self._told(
                target, lambda: transport.open_channel("direct-tcpip", address, ("127.0.0.1", 0), timeout=CONNECT_LIMIT)
            )
        if target.proxy_command:
            return paramiko.ProxyCommand(target.proxy_command)
        return None

    def _connect(self, target: Target, options: LoginOptions, sock: Any, limit: float) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        name = target.hostname if target.port == 22 else f"[{target.hostname}]:{target.port}"
        client.set_missing_host_key_policy(_Policy(self.where, name, options.host_key, target.known_hosts))
        if options.host_key != "ignore":
            _load_known_hosts(client, target.known_hosts)
        password = options.password or Password("")
        # What the user named is tried alone: a full agent would use up the tries that sshd grants.
        explicit = bool(options.key_file or options.password)
        keys: Any = [str(Path(options.key_file).expanduser())] if options.key_file else list(target.identities)
        try:
            self._told(
                target,
                lambda: client.connect(
                    target.hostname,
                    target.port,
                    target.user,
                    # With a key file the password is its passphrase, which is nothing for the device to see.
                    password=None if options.key_file else password.reveal() or None,
                    passphrase=password.reveal() or None if options.key_file else None,
                    key_filename=keys if options.key_file or not options.password else None,
                    sock=sock,
                    timeout=limit,
                    banner_timeout=limit,
                    auth_timeout=CONNECT_LIMIT,
                    channel_timeout=CONNECT_LIMIT,
                    allow_agent=not explicit,
                    look_for_keys=not explicit,
                ),
            )
        except BaseException:
            client.close()
            raise
        return client

    def _told(self, target: Target, action: Callable[[], Any]) -> Any:
        """What the action gives; its failure as a DeviceError in a tester's words, with no secret in it."""
        try:
            return action()
        except (paramiko.SSHException, OSError, EOFError, ValueError) as problem:
            told = _explain(self.where, target, problem, self.options)
        # Not raised above: the frames of the first error, which hold the password, would hang on it.
        raise told


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
                said=f"{key.get_name()} {_fingerprint(key)}",
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


def _fingerprint(key: paramiko.PKey) -> str:
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _explain(where: str, target: Target, problem: Exception, options: LoginOptions) -> DeviceError:
    kind, what, cause, remedy = _reason(target, problem, options)
    return DeviceError(
        f"Cannot log in to {where} ({target}): {what}.",
        kind=kind,
        said=_said(problem),
        cause=cause,
        remedy=remedy,
    )


def _said(problem: Exception) -> str:
    if isinstance(problem, paramiko.ssh_exception.NoValidConnectionsError):
        return "; ".join(str(p) for p in problem.errors.values())
    return str(problem) or type(problem).__name__


def _reason(target: Target, problem: Exception, options: LoginOptions) -> tuple[str, str, str, str]:
    """Kind, what failed, probable cause, what to do."""
    key = f"-i {options.key_file} " if options.key_file else ""
    by_hand = f"try it by hand: ssh {key}-p {target.port} {target.user + '@' if target.user else ''}{target.alias}"
    if isinstance(problem, paramiko.BadHostKeyException):
        return _changed_key(target, problem)
    # With no key at all paramiko raises its plain SSHException.
    if isinstance(problem, paramiko.AuthenticationException) or "No authentication methods" in str(problem):
        remedy = "give the user in the address, and 'password=' or 'key_file='; " + by_hand
        return ("log_in", "the log-in was refused", _refused_means(target, options), remedy)
    return _network_reason(problem, by_hand)


def _changed_key(target: Target, problem: paramiko.BadHostKeyException) -> tuple[str, str, str, str]:
    name = target.hostname if target.port == 22 else f"[{target.hostname}]:{target.port}"
    return (
        "host_key",
        "its host key has changed",
        "it was installed anew, or another machine answers at its address; "
        f"it shows {_fingerprint(problem.key)}, known is {_fingerprint(problem.expected_key)}",
        f"if that is right, forget the old key: ssh-keygen -R '{name}'; "
        "for devices that make a new key at each boot: host_key=ignore",
    )


def _refused_means(target: Target, options: LoginOptions) -> str:
    user = f"the user '{target.user}'" if target.user else "the user who runs the test (the address names none)"
    if options.key_file:
        return f"the key file is not authorised for {user}"
    if options.password:
        return f"the password is wrong for {user}, or the device takes keys only"
    return f"no key of the agent, of ~/.ssh or of ssh_config is authorised for {user}"


def _network_reason(problem: Exception, by_hand: str) -> tuple[str, str, str, str]:
    text = _said(problem).lower()
    if isinstance(problem, socket.gaierror):
        return ("resolve", "its name is not known", "a typing error, or no name server", "give its IP address")
    if "refused" in text:
        return ("refused", "nothing listens at its SSH port", "sshd is not running, or uses another port", by_hand)
    if isinstance(problem, TimeoutError) or "timed out" in text or "timeout" in text:
        return ("timeout", "no answer", "the device is off, or a firewall drops the packets", by_hand)
    if "unreachable" in text or "no route" in text:
        return ("unreachable", "there is no route to it", "a wrong address, a cable, the device is off", by_hand)
    if isinstance(problem, EOFError):
        cause = "it shuts down or starts, it takes no more log-ins at a time (MaxStartups), or it is no SSH server"
        return ("closed", "it closed the connection", cause, by_hand)
    return (
        "ssh",
        "the SSH connection failed",
        "what answers there is no SSH server, or wants other algorithms",
        by_hand,
    )
