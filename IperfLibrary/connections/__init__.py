"""The ways to reach a device: one module each behind one small protocol, found by the scheme of a URL.

Nothing of iperf is known in this package, nor of Robot Framework: words go in, bytes and an exit code come out. Each way has a function ``from_url`` in its module
and a line here; what others have written comes by :mod:`.plugins`. The protocol is in :mod:`.base`.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from ..errors import ConfigurationError, nearest
from . import plugins
from .arguments import LOG_IN, taken_by
from .base import Connection

THROUGH = "through"
"""The argument that names a device whose program reaches another one."""


class Scheme(NamedTuple):
    """The module whose ``from_url`` makes a connection, and how its URL is written.

    ``through`` is the module for a device that a program of another device reaches. ``libraries`` tells that it uses what another
    library of the suite has opened.
    """

    module: str
    example: str
    through: str = ""
    libraries: bool = False


# A module is imported when a device asks for it, so that nobody pays for what he does not use.
_SCHEMES = {
    "local": Scheme("local", "local"),
    "ssh": Scheme("ssh", "ssh://user@host:22", through="ssh_program"),
    "sshlibrary": Scheme("sshlibrary", "sshlibrary:alias", libraries=True),
    "telnet": Scheme("telnet", "telnet://user@host"),
    "serial": Scheme("serial_line", "serial:///dev/ttyUSB0?baudrate=115200"),
    "adb": Scheme("adb", "adb:SERIAL", through="adb"),
    "dummy": Scheme("dummy", "dummy:HOST"),
    "fake": Scheme("fake", "fake:device.yaml", through="fake"),
}


def connect(
    where: str,
    url: str,
    *,
    through: Connection | None = None,
    libraries: Callable[[], Mapping[str, object]] = dict,
    **login: Any,
) -> Connection:
    """The connection for a URL like ``local`` or ``ssh://user@host:22``; nothing is opened yet.

    ``through`` is the connection of a device whose program reaches this one; ``libraries`` gives the libraries of the running suite by
    name. ``login`` holds ``password``, ``key_file`` and ``host_key``, for those that log in. Schemes that are not of this library come
    from what is installed beside it, see :mod:`.plugins`. Raises ConfigurationError.
    """
    name = url.split(":", 1)[0].lower()
    scheme = _SCHEMES.get(name)
    if scheme and re.search(r"://\w", scheme.example) and not url[len(name) :].startswith("://"):
        raise ConfigurationError(
            f"The address of {where} lacks the // behind '{name}:'.", remedy=f"write it like {scheme.example}"
        )
    plugin = None if scheme else plugins.named(name)
    if not scheme and not plugin:
        raise _unknown(where, name)
    if through is not None:
        if not scheme or not scheme.through or not through.runs_commands:
            raise _no_way(where, url, through)
        return _make(scheme.through)(where, url, through=through, **login)
    if plugin:
        return plugins.connect(plugin, where, url, **login)
    assert scheme
    if scheme.libraries:
        login["libraries"] = libraries
    return _make(scheme.module)(where, url, **login)


def unused(where: str, url: str, given: Collection[str]) -> set[str]:
    """Those of the arguments for a log-in and of ``through`` that a connection by this URL does not take, when these are given.

    Example: ``unused("pc", "local", {"host_key", "role"})`` is ``{"host_key"}``. Raises ConfigurationError.
    """
    name = url.split(":", 1)[0].lower()
    scheme = _SCHEMES.get(name)
    plugin = None if scheme else plugins.named(name)
    through = scheme.through if scheme and THROUGH in given else ""
    if scheme:
        make = _make(through or scheme.module)
    elif plugin:
        make = plugins.maker(plugin, where)
    else:
        raise _unknown(where, name)
    left = set(LOG_IN) - set(taken_by(make))
    return set(given) & (left if through else {*left, THROUGH})


def _make(module: str) -> Callable[..., Connection]:
    made: Callable[..., Connection] = importlib.import_module(f".{module}", __name__).from_url
    return made


def _unknown(where: str, scheme: str) -> ConfigurationError:
    others = [name for name in plugins.schemes() if name not in _SCHEMES]
    examples = [one.example for one in _SCHEMES.values()]
    return ConfigurationError(
        f"There is no connection '{scheme}' (for {where}).{nearest(scheme, [*_SCHEMES, *others])}",
        remedy=f"give one of: {', '.join([*examples, *(f'{name}:...' for name in others)])}",
    )


def _no_way(where: str, url: str, through: Connection) -> ConfigurationError:
    ways = " and ".join(name for name, scheme in _SCHEMES.items() if scheme.through)
    return ConfigurationError(
        f"{where} ('{url}') cannot be reached through {through.where}.",
        cause=f"only {ways} can, through a device that runs commands",
    )
