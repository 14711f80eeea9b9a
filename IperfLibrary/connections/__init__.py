"""The ways to reach a device: one module each behind one small protocol, found by the scheme of a URL."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ConfigurationError, nearest
from .base import Connection

# Module and class by scheme; a module is imported when a device asks for it, so that nobody pays for what he does not use.
_SCHEMES = {
    "local": ("local", "from_url"),
    "ssh": ("ssh", "from_url"),
    "sshlibrary": ("sshlibrary", "from_url"),
    "telnet": ("telnet", "from_url"),
    "serial": ("serial_line", "from_url"),
}

_WITH_LIBRARIES = {"sshlibrary"}
"""Those that use what another library of the suite has opened."""


def connect(where: str, url: str, *, libraries: Callable[[], Mapping[str, object]] = dict, **login: Any) -> Connection:
    """The connection for a URL like ``local`` or ``ssh://user@host:22``; nothing is opened yet.

    ``login`` holds ``password``, ``key_file`` and ``host_key``, for those that log in; ``libraries`` gives the libraries
    of the running suite by name. Raises ConfigurationError.
    """
    scheme = url.split(":", 1)[0].lower()
    if scheme not in _SCHEMES:
        raise ConfigurationError(
            f"There is no connection '{scheme}' (for {where}).{nearest(scheme, _SCHEMES)}",
            remedy="give one of: local, ssh://user@host:22, sshlibrary:alias, telnet://user@host, "
            "serial:///dev/ttyUSB0?baudrate=115200",
        )
    module, name = _SCHEMES[scheme]
    make: Callable[..., Connection] = getattr(importlib.import_module(f".{module}", __name__), name)
    if scheme in _WITH_LIBRARIES:
        login["libraries"] = libraries
    return make(where, url, **login)
