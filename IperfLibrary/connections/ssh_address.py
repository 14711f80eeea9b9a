"""Where an SSH log-in goes and by which hosts: an address with the user's ssh_config, and what was said beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import SplitResult

import paramiko
from cryptography.hazmat.primitives import serialization

from ..errors import ConfigurationError
from ..secret import Password
from .urls import parts_of

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
    own_jump: bool = False
    """Whether the jump hosts stand in the address itself, not in ssh_config."""

    def __str__(self) -> str:
        return f"{self.user + '@' if self.user else ''}{self.hostname}:{self.port}"


# As ssh has it: a name may be put into a ProxyCommand, which a shell reads.
_HOST = re.compile(r"(?!-)[^\s'`\"$\\;&<>|(){}]+")
_USER = re.compile(r"(?!-)[^\s'`\"$;&<>|(){}]+(?<!\\)")


def resolve(url: str) -> Target:
    """The target for ``[ssh://][user@]host[:port][?jump=...]`` with ``~/.ssh/config`` applied; the URL wins over the file."""
    parts = parts_of(url if "://" in url else "ssh://" + url, "SSH", "ssh://user@host:22")
    alias, port = _as_written(parts), parts.port
    if parts.path not in ("", "/"):
        raise ConfigurationError(f"An SSH address has no path, as '{parts.path}' in '{url}'.")
    if not alias:
        raise ConfigurationError(f"'{url}' names no host; write it like ssh://user@host:22.")
    for name, pattern in ((alias, _HOST), (parts.username, _USER)):
        if name and not pattern.fullmatch(name):
            raise ConfigurationError(f"'{name}' is no name of a host or user, in '{url}'.")
    return _from_config(alias, parts.username, port, _own_jump(parts.query, url))


def _as_written(parts: SplitResult) -> str:
    """The host in the case that it was written in, as ssh_config tells capitals from small letters."""
    name = parts.hostname or ""
    host = parts.netloc.rpartition("@")[2]
    start = host.lower().find(name)
    return host[start : start + len(name)]


def _own_jump(query: str, url: str) -> str | None:
    """What ``?jump=`` says."""
    name, _, value = query.partition("=")
    if query and (name != "jump" or not value or "&" in value):
        raise ConfigurationError(
            f"An SSH address takes nothing but jump hosts behind the question mark, not '{query}' as in '{url}'.",
            remedy="write it like ssh://user@host?jump=user@first,user@second",
        )
    return value or None


def _from_config(alias: str, user: str | None, port: int | None, own_jump: str | None) -> Target:
    config = _ssh_config(user, port).lookup(alias)
    jump = own_jump or config.get("proxyjump", "none")
    command = config.get("proxycommand", "none")
    return Target(
        alias=alias,
        hostname=config.get("hostname", alias),
        port=int(config.get("port", 22)),
        user=config.get("user"),
        identities=tuple(str(Path(f).expanduser()) for f in config.get("identityfile", ())),
        known_hosts=tuple(config.get("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2").split()),
        jump=tuple(hop.strip() for hop in jump.split(",")) if jump != "none" else (),
        proxy_command=command if command != "none" and jump == "none" else None,
        own_jump=own_jump is not None,
    )


def _ssh_config(user: str | None, port: int | None) -> paramiko.SSHConfig:
    """The file with what the address says before it: the first word counts, also in a ProxyCommand's %p and %r."""
    path = Path("~/.ssh/config").expanduser()
    own = [f"User {user}"] * bool(user) + [f"Port {port}"] * bool(port)
    try:
        text = path.read_text(errors="replace") if path.is_file() else ""
        return paramiko.SSHConfig.from_text("\n".join(["Host *", *own, text]))
    except (paramiko.SSHException, OSError) as problem:
        raise ConfigurationError(f"{path} cannot be read: {problem}") from problem


@dataclass(frozen=True)
class Hop:
    """One log-in on the way: a jump host's, or at last the device's own."""

    where: str
    """The device, or for what it is a jump host."""
    target: Target
    options: LoginOptions
    jumps: bool = False

    def __str__(self) -> str:
        return f"the jump host {self.target} on the way to {self.where}" if self.jumps else self.where

    @property
    def title(self) -> str:
        return str(self) if self.jumps else f"{self.where} ({self.target})"


def way(where: str, target: Target, options: LoginOptions) -> tuple[Hop, ...]:
    """All log-ins on the way to the target, its own last. Raises ConfigurationError.

    The password is the device's; a jump host gets in by keys, as with ssh itself. One that the address names is shown
    the device's key as well: there may be no other place to say one.
    """
    own = replace(options, password=options.password if options.key_file else None)
    plain = own if target.own_jump else LoginOptions(host_key=options.host_key)
    hops = [Hop(where, hop, plain, jumps=True) for hop in _jumps(target)]
    return (*hops, Hop(where, target, options))


def _jumps(target: Target) -> list[Target]:
    hops = [target, *map(resolve, target.jump)]
    seen = set()
    del hops[0]
    while hops and hops[0].jump:  # the first jump host has a way of its own
        first = hops[0]
        if first.alias in seen:
            raise ConfigurationError(
                f"The way to {target.alias} goes through the jump host {first.alias} to itself.",
                cause="a ProxyJump in ~/.ssh/config holds for its own jump host, too, as one under 'Host *' does",
                remedy=f"exempt it, before that: Host {first.alias}, with the line ProxyJump none",
            )
        seen.add(first.alias)
        hops[:1] = [*map(resolve, first.jump), replace(first, jump=())]
    return hops
