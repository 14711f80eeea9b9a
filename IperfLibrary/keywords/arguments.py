"""How what a suite says becomes values: Robot's converters, and the checks that do not need a device."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from assertionengine import AssertionOperator
from robot.utils import eq, timestr_to_secs

from ..client_failures import Limits
from ..clients import ClientHandle
from ..daemons import DaemonHandle
from ..devices import Device
from ..errors import ConfigurationError, IperfCommandError, nearest
from ..expected import ExpectedServer
from ..option_table import OPTIONS, Words
from ..options import Options, option_named
from ..result import Result
from ..secret import Password
from ..secret import masked as masked_urls
from ..servers import ServerHandle
from ..signature import SINGLE
from ..sweeps import Several, several_of
from ..units import Bitrate, Percent, Seconds, Size

TRUE = ("true", "yes", "on", "1")
FALSE = ("false", "no", "off", "0", "none", "")
"""As Robot's own conversion has them."""


def _seconds(value: str | int | float | timedelta) -> Seconds:
    if isinstance(value, str) and re.fullmatch(r"\d+,\d+\D*", value.strip()):
        raise ValueError(f"'{value}' is ambiguous; use a point for decimals, like '1.5 s'")
    return Seconds(timestr_to_secs(value))


def seconds(value: str | int | float | timedelta) -> Seconds:
    """A duration, also where Robot did not convert it: of an inventory, of a call from Python. Raises ConfigurationError."""
    try:
        return _seconds(value)
    except ValueError as problem:
        raise ConfigurationError(f"'{value}' is no duration: {problem}") from None


def _numeric(parse: Callable[[str | float], Any]) -> Callable[[str | int | float], Any]:
    """The parser as Robot wants it, for which an int is no float."""

    def convert(value: str | int | float) -> Any:
        return parse(value)

    return convert


EVALUATED = ("validate", "then")
COMPARED = ("==", "!=", "<", ">", "<=", ">=")
"""What operators of the assertion engine do with numbers: the values of its own type."""


def operator_of(value: str) -> AssertionOperator:
    """The operator, also as ``Should Be`` or ``EQUALS``: Robot's own conversion takes names so.

    Raises ValueError, which tells those of figures and not the twenty of the assertion engine.
    """
    found = next((one for name, one in AssertionOperator.__members__.items() if eq(name, value, ignore="_-")), None)
    if found:
        return found
    known = (*COMPARED, *EVALUATED)
    meant = _MEANT.get(value.strip())
    near = f" Did you mean '{meant}'?" if meant else nearest(value, known)
    raise ValueError(f"'{value}' is no operator of a figure, which are {', '.join(known)}.{near}")


_MEANT = {"=>": ">=", "≥": ">=", "=<": "<=", "≤": "<=", "=": "==", "===": "==", "<>": "!=", "≠": "!="}


def _truth(value: object) -> bool:
    """True or False as Robot's users write them; anything else is a ValueError."""
    text = str(value).strip().lower()
    if text not in (*TRUE, *FALSE):
        raise ValueError("it is True or False")
    return text in TRUE


CONVERTERS: dict[type, Any] = {
    AssertionOperator: operator_of,
    Bitrate: _numeric(Bitrate.parse),
    Size: _numeric(Size.parse),
    Percent: _numeric(Percent.parse),
    Seconds: _seconds,
    Words: Words.parse,
    Password: Password.parse,
}
"""How Robot turns what a suite says into values. ``_seconds`` takes all of Robot's time formats."""


def several(kind: type) -> Callable[[object], Several]:
    """The converter of one value, or a list of them, each of this kind."""
    one = {bool: _truth, int: _whole}.get(kind, CONVERTERS.get(kind, kind))

    def convert(value: object) -> Several:
        values = [None if each is None else one(each) for each in _listed(value)]
        if not values:
            raise ValueError("an empty list has no value")
        if len(set(values)) < len(values):
            raise ValueError("a value is given twice")
        return several_of(kind)(values)

    return convert


def _listed(value: object) -> Sequence[Any]:
    """What is in a list, also in one that is written as text, as Robot's own conversion takes it."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = literal_eval(value.strip())
        except (ValueError, SyntaxError):
            text = str(value).strip()
            if "," not in text or not text.endswith("]"):  # an IPv6 address, say
                return [value]
            value = [part.strip() for part in text[1:-1].split(",")]
    return value if isinstance(value, (list, tuple)) else [value]


def _whole(value: Any) -> int:
    if isinstance(value, float) and value != int(value):
        raise ValueError(f"{value} is no whole number")
    try:
        return int(value)
    except (ValueError, TypeError):
        raise ValueError(f"'{value}' is no whole number; several are a list, like [1, 4]") from None


def in_unit(value: Any, unit: Any) -> Any:
    """The value in that unit of figures. Raises ValueError, TypeError."""
    parse = {Seconds: timestr_to_secs, float: float}.get(unit) or unit.parse
    return unit(parse(value))


def options_from(role: str, options: dict[str, Any]) -> Options:
    """The options, with texts as values also where Robot did not convert them: another name, a call from Python."""
    given = {}
    for name, value in options.items():
        option = option_named(name, role)
        convert = _truth if option.type is bool else CONVERTERS.get(option.type, option.type)
        try:
            # Robot's own bool takes any text that it does not know for true.
            given[name] = convert(value) if isinstance(value, str) or option.type is bool else value
        except (ValueError, TypeError) as problem:
            raise IperfCommandError(f"The option '{name}' cannot be '{value}': {problem}") from None
    return Options(role, **given)


CONVERTERS.update(
    {several_of(kind): several(kind) for kind in {option.type for option in OPTIONS} if kind not in SINGLE}
)


def remote(directory: str | None, device: Device) -> str:
    """The directory of the device that was named, or the one where it takes files."""
    if directory is not None and not directory.startswith("/"):
        raise ConfigurationError(f"'remote_directory' is an absolute path on the device, not '{directory}'.")
    return directory or device.connection.scratch


def limits_from(timeout: Seconds | None = None, **more: Any) -> Limits:
    """The limits of a client, by the names of its keywords' arguments."""
    if timeout is not None and timeout <= 0:
        raise ConfigurationError(f"A timeout is more than 0 s, not {timeout:g} s.")
    return Limits(timeout, **more)


def check_port(port: int | None) -> None:
    if port is not None and not 1 <= port <= 65535:
        raise ConfigurationError(f"A port lies between 1 and 65535, not {port}.")


def check_named(values: Iterable[object], known: Iterable[str]) -> None:
    """A ConfigurationError where one of these, which were given by their place, is a named argument that is misspelt: Robot takes it so."""
    for value in values:
        found = re.match(r"([A-Za-z]\w*)=", value) if isinstance(value, str) else None
        if found:
            raise ConfigurationError(f"There is no argument '{found[1]}' here.{nearest(found[1], known)}")


def described(value: Any) -> str:
    kind = {
        ServerHandle: "the handle of a server",
        DaemonHandle: "the handle of a server",
        ExpectedServer: "the handle of a server",
        ClientHandle: "the handle of a client",
        Result: "a result",
    }
    return kind.get(type(value), f"'{value}'" if isinstance(value, str) else f"{value!r} ({type(value).__name__})")


def masked(argument: Any) -> Any:
    """The argument without what stands behind ``password=`` and in front of the host of a URL."""
    if not isinstance(argument, str):
        return argument
    if argument.startswith("password=") and not re.fullmatch(r"password=[$%]\{[^{}=]*\}", argument):
        return "password=***"
    return masked_urls(argument)
