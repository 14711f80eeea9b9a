"""Connections that others have written: entry points in the group ``iperflibrary.connections`` of what is installed.

The name of an entry point is a scheme, its value a function ``from_url(where, url, **login) -> Connection``. Schemes of this library
are never looked for here. What a plug-in does wrong is told with the name of the distribution that it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, IperfLibraryError
from .base import Connection

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "iperflibrary.connections"


def schemes() -> list[str]:
    """The schemes that plug-ins offer."""
    return sorted({point.name.lower() for point in _points()})


def named(scheme: str) -> EntryPoint | None:
    """The plug-in for this scheme; a ConfigurationError when there are several, as nobody knows which is meant."""
    found = [point for point in _points() if point.name.lower() == scheme]
    if len({point.value for point in found}) > 1:
        raise ConfigurationError(
            f"The connection '{scheme}' is offered by more than one plug-in: {', '.join(sorted(map(_origin, found)))}.",
            remedy="uninstall all but one of them",
        )
    return found[0] if found else None


def connect(point: EntryPoint, where: str, url: str, **login: Any) -> Connection:
    """The connection that the plug-in makes. Raises ConfigurationError, also for what is wrong in the plug-in itself."""
    make = maker(point, where)
    try:
        made = make(where, url, **login)
    except IperfLibraryError:
        raise
    except Exception as problem:
        broken = _broken(point, where, "failed", problem)
    else:
        if isinstance(made, Connection):
            return made
        broken = _broken(point, where, f"gave {type(made).__name__}, which is no Connection")
    # Not raised above: the frames of the plug-in's error, which may hold the password, would hang on it.
    raise broken


def maker(point: EntryPoint, where: str) -> Callable[..., Any]:
    """The function of the plug-in. Raises ConfigurationError where it cannot be loaded."""
    try:
        make: Callable[..., Any] = point.load()
    except Exception as problem:
        raise _broken(point, where, "cannot be loaded", problem) from problem
    return make


def _broken(point: EntryPoint, where: str, what: str, problem: Exception | None = None) -> ConfigurationError:
    return ConfigurationError(
        f"The connection '{point.name}' of {_origin(point)} {what} (for {where}).",
        said=f"{type(problem).__name__}: {problem}" if problem else None,
        cause=f"a mistake in that plug-in ({point.value}), or it is too old or too new for this library",
        remedy="tell its author, or install another version of it",
    )


def _origin(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown distribution"


def _points() -> Iterable[EntryPoint]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - few have any

    return entry_points(group=GROUP)
