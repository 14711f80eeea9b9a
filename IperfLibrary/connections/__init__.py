"""The ways to reach a device: one module each behind one small protocol, found by the scheme of a URL."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from ..errors import ConfigurationError, nearest
from .base import Connection

# Module and class by scheme; a module is imported when a device asks for it, so that nobody pays for what he does not use.
_SCHEMES = {
    "local": ("local", "from_url"),
    "ssh": ("ssh", "from_url"),
    "adb": ("adb", "from_url"),
    "dummy": ("dummy", "from_url"),
}
# Those of a device that a program of another device reaches.
_THROUGH = {
    "ssh": ("ssh_program", "from_url"),
    "adb": ("adb", "from_url"),
}


def connect(where: str, url: str, through: Connection | None = None, **login: Any) -> Connection:
    """The connection for a URL like ``local`` or ``ssh://user@host:22``; nothing is opened yet.

    ``through`` is the connection of a device whose program reaches this one. ``login`` holds ``password``, ``key_file``
    and ``host_key``, for those that log in. Raises ConfigurationError.
    """
    scheme = url.split(":", 1)[0].lower()
    if scheme not in _SCHEMES:
        raise ConfigurationError(
            f"There is no connection '{scheme}' (for {where}).{nearest(scheme, _SCHEMES)}",
            remedy="give one of: local, ssh://user@host:22, adb:SERIAL, dummy:HOST",
        )
    if through is not None:
        return _connect_through(where, url, scheme, through, login)
    module, name = _SCHEMES[scheme]
    make: Callable[..., Connection] = getattr(importlib.import_module(f".{module}", __name__), name)
    return make(where, url, **login)


def _connect_through(where: str, url: str, scheme: str, through: Connection, login: dict[str, Any]) -> Connection:
    if scheme not in _THROUGH or not through.runs_commands:
        raise ConfigurationError(
            f"{where} ('{url}') cannot be reached through {through.where}.",
            cause="only ssh:// and adb: can, through a device that runs commands",
        )
    module, name = _THROUGH[scheme]
    make: Callable[..., Connection] = getattr(importlib.import_module(f".{module}", __name__), name)
    return make(where, url, through=through, **login)
