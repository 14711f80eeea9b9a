"""The ways to reach a device: one module each behind one small protocol, found by the scheme of a URL."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..errors import ConfigurationError, nearest
from . import plugins
from .base import Connection


class Scheme(NamedTuple):
    """The module and function that make a connection, and how its URL is written."""

    module: str
    name: str
    example: str


# A module is imported when a device asks for it, so that nobody pays for what he does not use.
_SCHEMES = {
    "local": Scheme("local", "from_url", "local"),
    "ssh": Scheme("ssh", "from_url", "ssh://user@host:22"),
    "sshlibrary": Scheme("sshlibrary", "from_url", "sshlibrary:alias"),
}

_WITH_LIBRARIES = {"sshlibrary"}
"""Those that use what another library of the suite has opened."""


def connect(where: str, url: str, *, libraries: Callable[[], Mapping[str, object]] = dict, **login: Any) -> Connection:
    """The connection for a URL like ``local`` or ``ssh://user@host:22``; nothing is opened yet.

    ``login`` holds ``password``, ``key_file`` and ``host_key``, for those that log in; ``libraries`` gives the libraries
    of the running suite by name. Schemes that are not of this library come from what is installed beside it, see
    :mod:`.plugins`. Raises ConfigurationError.
    """
    scheme = url.split(":", 1)[0].lower()
    if scheme in _SCHEMES:
        module, name, _ = _SCHEMES[scheme]
        make: Callable[..., Connection] = getattr(importlib.import_module(f".{module}", __name__), name)
        if scheme in _WITH_LIBRARIES:
            login["libraries"] = libraries
        return make(where, url, **login)
    found = plugins.named(scheme)
    if not found:
        raise _unknown(where, scheme)
    return plugins.connect(found, where, url, **login)


def _unknown(where: str, scheme: str) -> ConfigurationError:
    others = [name for name in plugins.schemes() if name not in _SCHEMES]
    examples = [one.example for one in _SCHEMES.values()]
    return ConfigurationError(
        f"There is no connection '{scheme}' (for {where}).{nearest(scheme, [*_SCHEMES, *others])}",
        remedy=f"give one of: {', '.join([*examples, *(f'{name}:...' for name in others)])}",
    )
