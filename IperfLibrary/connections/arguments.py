"""What a connection takes of the log-in: its ``from_url`` says so, what it does not take is refused, and whoever wants to may ask before."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from ..errors import ConfigurationError

LOG_IN = ("password", "key_file", "host_key")
"""The arguments of a log-in."""

Maker = TypeVar("Maker", bound=Callable[..., Any])


def takes(*names: str, refusal: str, remedy: str = "") -> Callable[[Maker], Maker]:
    """Says which arguments of the log-in a ``from_url`` takes; another one is refused in these words.

    They may hold ``{where}``, ``{name}`` (of the argument) and ``{through}``. What stands in the ``defaults`` of an inventory is
    left out where it is not taken. A ``from_url`` that says nothing is given all of them.

    Example: ``@takes("password", refusal="A console (for {where}) takes no {name}=.")``
    """

    def decorate(make: Maker) -> Maker:
        @wraps(make)
        def checked(where: str, url: str, **arguments: Any) -> Any:
            for name in LOG_IN:
                if name not in names and arguments.get(name):
                    way = getattr(arguments.get("through"), "where", "")
                    facts = {"where": where, "name": name, "through": way}
                    raise ConfigurationError(refusal.format(**facts), remedy=remedy.format(**facts))
            return make(where, url, **arguments)

        checked.takes = names  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorate


def taken_by(make: Callable[..., Any]) -> tuple[str, ...]:
    """The arguments of the log-in that this ``from_url`` takes; all of them where it does not say."""
    names: tuple[str, ...] = getattr(make, "takes", LOG_IN)
    return names
