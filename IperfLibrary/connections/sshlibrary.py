"""The connection ``sshlibrary:[alias]``: channels of our own on a session that the suite has opened with SSHLibrary.

Nothing of the session is touched: not its shell, what waits there to be read, its commands, nor which one is current.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import paramiko

from ..errors import ConfigurationError, DeviceError, nearest
from .arguments import takes
from .base import Connection
from .channels import BROKEN, ChannelConnection

Libraries = Callable[[], Mapping[str, object]]
"""Gives the libraries of the running suite, each under the name that the suite has for it."""

LIBRARY = "?library="


@takes(refusal="The connection of {where} takes no {name}=: the suite has logged in already, with SSHLibrary.")
def from_url(where: str, url: str, libraries: Libraries, **login: Any) -> SshLibraryConnection:
    """The connection for ``sshlibrary:[alias or index][?library=name]``, which takes no log-in.

    Without an alias it is the session that is current now. Raises ConfigurationError when there is no such session.
    """
    alias, _, library = url.partition(":")[2].removeprefix("//").partition(LIBRARY)
    return SshLibraryConnection(where, _find(where, alias, library, libraries()))


@dataclass
class Session:
    """One connection of SSHLibrary. Its client stays the same from Open Connection to Close Connection."""

    library: Any
    alias: str
    client: Any

    @property
    def host(self) -> str:
        return str(self.client.config.host)

    @property
    def transport(self) -> paramiko.Transport | None:
        """None before the log-in, and after the session was closed."""
        found: paramiko.Transport | None = self.client.client.get_transport()
        return found

    @property
    def is_open(self) -> bool:
        return any(known is self.client for known in _cache(self.library).connections)

    @property
    def stands(self) -> bool:
        transport = self.transport
        return bool(transport and transport.is_active() and transport.is_authenticated())

    @property
    def waits_for_log_in(self) -> bool:
        """Also when a log-in was refused."""
        transport = self.transport
        return transport is None or (transport.is_active() and not transport.is_authenticated())

    def renewed(self) -> Session | None:
        """The session that has the same alias by now; an index is given anew after Close All Connections."""
        if self.alias not in _cache(self.library).aliases:
            return None
        return Session(self.library, self.alias, _client(self.library, self.alias))


class SshLibraryConnection(ChannelConnection):
    """Commands on the user's session; nothing but our own channels is ever closed."""

    def __init__(self, where: str, session: Session) -> None:
        super().__init__(where)
        self._session = session

    @property
    def host(self) -> str | None:
        return self._session.host

    def _channel(self) -> paramiko.Channel:
        try:
            return self._open_channel(self._transport())
        except paramiko.ChannelException as refusal:
            raise self._refused(refusal) from refusal
        except BROKEN as problem:
            raise self._lost(problem) from problem

    def _transport(self) -> paramiko.Transport:
        transport = self._standing()
        if transport is None:
            raise self._unusable()
        return transport

    def _standing(self) -> paramiko.Transport | None:
        if not self._session.stands:
            self._session = self._session.renewed() or self._session
        return self._session.transport if self._session.stands else None

    def leads_where(self, other: Connection) -> bool:
        """The same words may mean another session by now: the one that is current."""
        return isinstance(other, SshLibraryConnection) and other._session.client is self._session.client

    def loss(self) -> str | None:
        if self._session.is_open:
            return None
        return "the suite closed its session, by Close Connection or Close All Connections"

    def _unusable(self) -> DeviceError:
        name = f"The session of SSHLibrary with {self._session.host}"
        if not self._session.is_open:
            return DeviceError(
                f"{name}, which {self.where} uses, was closed.",
                kind="closed",
                cause="Close Connection or Close All Connections was called after the device was added",
                remedy="close it later; or open it again with the same alias, and add the device by that: sshlibrary:alias",
            )
        if self._session.waits_for_log_in:
            return DeviceError(
                f"{name}, which {self.where} uses, has not logged in.",
                kind="log_in",
                cause="Open Connection alone does not connect, or the log-in was refused",
                remedy="call Login or Login With Public Key before",
            )
        return self._lost(EOFError())

    def _refused(self, refusal: paramiko.ChannelException) -> DeviceError:
        return DeviceError(
            f"The session of SSHLibrary with {self._session.host} has no room for another command on {self.where}.",
            kind="sessions",
            said=refusal.text,
            cause="sshd takes only so many at a time on one connection (MaxSessions, 10 unless it is told otherwise); "
            "the suite's own shell, SFTP and started commands count, too",
            remedy="raise MaxSessions in the device's sshd_config, or give the device as ssh://, which logs in once more",
        )

    def _lost(self, problem: BaseException) -> DeviceError:
        return DeviceError(
            f"The session of SSHLibrary with {self._session.host}, which {self.where} uses, is lost.",
            kind="lost",
            said=str(problem),
            cause=self.loss() or "the device rebooted, or its network is gone",
            remedy="look whether the device answers, and open the session again: Open Connection, Login",
        )


def _cache(library: Any) -> Any:
    """Where an SSHLibrary keeps its connections; its keywords for them write to the log."""
    return library._connections


def _client(library: Any, alias: str) -> Any:
    """The open connection with this alias or index, or the current one; None if there is none."""
    cache = _cache(library)
    if not alias:
        return cache.current or None
    try:
        return cache.get_connection(alias)
    except (RuntimeError, ValueError):
        return None


def _find(where: str, alias: str, library: str, libraries: Mapping[str, object]) -> Session:
    known = _ssh_libraries(libraries)
    if not known:
        raise ConfigurationError(
            f"There is no SSHLibrary in this suite, whose session {where} could use.",
            cause="neither the suite nor a resource file of it imports one",
            remedy="import it (Library    SSHLibrary), which is installed by: "
            "pip install 'robotframework-iperflibrary[sshlibrary]'; or give the device as ssh://user@host",
        )
    if library and library not in known:
        raise ConfigurationError(
            f"There is no SSHLibrary called '{library}' in this suite (for {where}).{nearest(library, known)}",
            cause=f"there is: {', '.join(known)}",
        )
    chosen = {library: known[library]} if library else _each_once(known)
    found = {name: Session(one, alias, client) for name, one in chosen.items() if (client := _client(one, alias))}
    if len(found) > 1:
        raise ConfigurationError(
            f"Several SSHLibraries have {_described(alias)} (for {where}): {', '.join(found)}.",
            remedy=f"say which: sshlibrary:{alias}{LIBRARY}{next(iter(found))}",
        )
    if not found:
        raise _no_session(where, alias, chosen)
    return next(iter(found.values()))


def _ssh_libraries(libraries: Mapping[str, object]) -> dict[str, Any]:
    """Those that are one. Who has an instance has the module loaded, so there is nothing to import."""
    kind = getattr(sys.modules.get("SSHLibrary"), "SSHLibrary", ())
    return {name: one for name, one in libraries.items() if isinstance(one, kind)}


def _each_once(libraries: Mapping[str, Any]) -> dict[str, Any]:
    """One library may have several names."""
    found: dict[str, Any] = {}
    for name, one in libraries.items():
        if all(one is not other for other in found.values()):
            found[name] = one
    return found


def _described(alias: str) -> str:
    return f"a session '{alias}'" if alias else "a current session"


def _no_session(where: str, alias: str, chosen: Mapping[str, Any]) -> ConfigurationError:
    caches = [_cache(one) for one in chosen.values()]
    aliases = [name for cache in caches for name in cache.aliases]
    open_ones = [
        f"{one.config.index}{f' ({one.config.alias})' if one.config.alias else ''} with {one.config.host}"
        for cache in caches
        for one in cache.connections
        if one
    ]
    return ConfigurationError(
        f"SSHLibrary has no {_described(alias)[2:]} (for {where}).{nearest(alias, aliases) if alias else ''}",
        cause=f"open are: {', '.join(open_ones) or 'none'}",
        remedy="open it and log in before the device is added: Open Connection    192.168.1.1    alias=dut",
    )
