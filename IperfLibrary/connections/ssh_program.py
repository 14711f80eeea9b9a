"""The connection ``ssh://[user@]host[:port]`` through another device: its ``ssh`` program, its keys, its known hosts."""

from __future__ import annotations

import re
from typing import Any

from ..errors import ConfigurationError, DeviceError
from .arguments import takes
from .base import Connection
from .channels import command_line
from .program import ProgramConnection
from .urls import parts_of

CONNECT_LIMIT = 10
"""Seconds in which the far device has to answer."""

KEEPALIVE = 10
"""Seconds between packets on an idle connection; three without an answer end it."""

# A connection shared with others (ControlMaster) would stay behind, or take others along.
_SSH_OPTIONS = (
    "BatchMode=yes",
    f"ConnectTimeout={CONNECT_LIMIT}",
    f"ServerAliveInterval={KEEPALIVE}",
    "ServerAliveCountMax=3",
    "ControlPath=none",
    "ClearAllForwardings=yes",
)
_HOST_KEYS = {
    "check": (),
    "accept-new": ("-o", "StrictHostKeyChecking=accept-new"),
    "ignore": ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"),
}
_DROPBEAR_HOST_KEYS = {"check": (), "accept-new": ("-y",), "ignore": ("-y", "-y")}
# On OpenWrt `ssh` is dropbear's client under another name.
_WHICH = 'for p in ssh dbclient; do v=$($p -V 2>&1 </dev/null) && echo "$p $v" && exit; done; exit 127'
_SSH, _DROPBEAR = "OpenSSH", "Dropbear"

# What is looked for, in lower case: kind, what failed, probable cause, what to do beside trying by hand.
_MEANINGS: tuple[tuple[tuple[str, ...], str, str, str, str], ...] = (
    (
        ("host key verification failed", "identification has changed", "host key mismatch", "trusted hosts file"),
        "host_key",
        "its host key is not known there, or has changed",
        "nobody has logged in from there before; or it was installed anew, or another machine answers at its address",
        "if that is the key of the device: host_key=accept-new; for devices that make a new key at each boot: host_key=ignore",
    ),
    (
        ("permission denied", "no auth methods", "'s password:", "too many authentication failures"),
        "log_in",
        "the log-in was refused",
        "no key of the device in between is authorised for that user; a password cannot be used there",
        "put a key of the device in between into authorized_keys, or give its path there as 'key_file='",
    ),
    (
        ("could not resolve", "name or service not known", "error resolving", "bad address"),
        "resolve",
        "its name is not known there",
        "a typing error, or no name server",
        "give its IP address",
    ),
    (
        ("connection refused",),
        "refused",
        "nothing listens at its SSH port",
        "sshd is not running, or uses another port",
        "",
    ),
    (
        ("no route to host", "unreachable"),
        "unreachable",
        "there is no route to it",
        "a wrong address, a cable, the device is off",
        "",
    ),
    (
        ("timed out", "timeout"),
        "timeout",
        "no answer",
        "the device is off, or a firewall drops the packets",
        "",
    ),
    (
        ("connection closed", "closed by remote", "connection reset", "remote closed", "kex_exchange"),
        "closed",
        "it closed the connection",
        "it shuts down or starts, takes no more log-ins at a time, or is no SSH server",
        "",
    ),
)


@takes(
    "key_file",
    "host_key",
    refusal="{where} takes no '{name}=': the ssh program of {through} logs in to it, and asks nobody.",
    remedy="let {through} log in with a key; 'key_file=' is the path of one there",
)
def from_url(where: str, url: str, *, through: Connection, **login: Any) -> SshProgramConnection:
    """The connection for ``ssh://[user@]host[:port]`` behind another device; ``key_file`` is a path on that one."""
    return SshProgramConnection(where, url, through, **{name: value for name, value in login.items() if value})


class SshProgramConnection(ProgramConnection):
    """Commands by the SSH program of another device."""

    # Of dropbear's client, which takes the end of its input for no answer, and asks on without end.
    question = re.compile(rb"\(y/n\)|password: ")

    def __init__(self, where: str, url: str, through: Connection, key_file: str = "", host_key: str = "check") -> None:
        super().__init__(where, through)
        if host_key not in _HOST_KEYS:
            raise ConfigurationError(f"host_key is one of {', '.join(_HOST_KEYS)}, not '{host_key}'.")
        self._user, self._host, self._port = _address(url)
        self._key_file = key_file
        self._host_key = host_key
        self._program: tuple[str, ...] = ()

    @property
    def host(self) -> str | None:
        return self._host

    def _way(self, words: tuple[str, ...]) -> tuple[str, ...]:
        if not self._program:
            self._program = self._find_program()
        port = ("-p", str(self._port)) if self._port else ()
        key = ("-i", self._key_file) if self._key_file else ()
        return (*self._program, *port, *key, self._target, command_line(words))

    @property
    def _target(self) -> str:
        return f"{self._user}@{self._host}" if self._user else self._host

    def _find_program(self) -> tuple[str, ...]:
        name, _, version = self.through.run(("sh", "-c", _WHICH)).stdout.partition(" ")
        if version.startswith(_DROPBEAR):
            return (name, "-T", "-K", str(KEEPALIVE), *_DROPBEAR_HOST_KEYS[self._host_key])
        if version.startswith(_SSH):
            flags = [word for option in _SSH_OPTIONS for word in ("-o", option)]
            return (name, "-T", *flags, *_HOST_KEYS[self._host_key])
        raise DeviceError(
            f"{self.through.where} has no SSH program to reach {self.where} with.",
            kind="program",
            said=f"{name} {version}".strip(),
            cause="neither 'ssh' nor 'dbclient' is in the PATH of that log-in",
            remedy=f"install one on {self.through.where}",
        )

    def _explain(self, said: str) -> DeviceError | None:
        text = said.lower()
        for signs, kind, what, cause, remedy in _MEANINGS:
            if any(sign in text for sign in signs):
                port = f"-p {self._port} " if self._port else ""
                by_hand = f"try it by hand on {self.through.where}: ssh {port}{self._target}"
                return DeviceError(
                    f"Cannot log in to {self.where} ({self._target}) from {self.through.where}: {what}.",
                    kind=kind,
                    said=said,
                    cause=cause,
                    remedy="; ".join(filter(None, (remedy, by_hand))),
                )
        return None


def _address(url: str) -> tuple[str | None, str, int | None]:
    """User, host and port of ``ssh://[user@]host[:port]``; what is not there is for the other device to know."""
    parts = parts_of(url, "SSH", "ssh://user@host:22")
    host, port = parts.hostname, parts.port
    if not host or parts.path not in ("", "/") or host.startswith("-") or (parts.username or "").startswith("-"):
        raise ConfigurationError(f"'{url}' is no SSH address; write it like ssh://user@host:22.")
    return parts.username, host, port
