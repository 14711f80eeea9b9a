"""Frozen values as plain JSON types, and back: what is written to a file outlives the program that wrote it. Pure.

Fields that a file does not have keep their default, and fields that it has and we do not are passed over, so files of
older and newer versions can be read. A figure of another type than its field's is an error, never a guess.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin

from .errors import IperfError

_Kind = TypeVar("_Kind")
_NAMES = {str: "a text", bool: "true or false", int: "a whole number"}


def plain(value: Any) -> Any:
    """The value in dicts, lists, texts, numbers, booleans and None alone.

    Numbers with a unit of their own (``Seconds``, ``Size``, ``Bitrate``) become numbers in it, ``Words`` a list, and what
    JSON does not know its text: of a ``Password`` that is ``***``. A number that is not finite is unknown.

    Example: ``plain({"time": Seconds(10), "bytes": Size(5)}) == {"time": 10.0, "bytes": 5}``
    """
    if value is None or isinstance(value, (bool, str)):
        return value if value is None or isinstance(value, bool) else str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if _has_fields(value.__class__):
        return {name: plain(getattr(value, name)) for name in _shape(value.__class__).hints}
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, (list, tuple)) else str(value)


def made(kind: type[_Kind], data: Any, where: str = "it") -> _Kind:
    """The value of this dataclass or named tuple with the fields in ``data``; ``where`` says in messages what the data is.

    Parts may be values already. Raises IperfError (``kind="unreadable"``) for a field that is missing or of another type.

    Example: ``made(End, {"bytes": 5}) == End(bytes=5)``
    """
    if isinstance(data, kind):
        return data
    if not isinstance(data, Mapping):
        raise _wrong(where, "an object", data)
    shape = _shape(typing.cast(Any, kind))
    missing = [name for name in shape.needed if name not in data]
    if missing:
        raise unreadable(f"{where} has no '{missing[0]}'")
    return kind(**{n: _part(hint, data[n], f"{where}.{n}") for n, hint in shape.hints.items() if n in data})


def unreadable(said: str) -> IperfError:
    """The error for data that is no result."""
    return IperfError(
        "This is no stored result.",
        kind="unreadable",
        said=said,
        cause="the file is cut off, was changed, or was not written by this library",
        remedy="Read iperf's own output once more, from the raw file.",
    )


class _Shape:
    """What the fields of a dataclass or named tuple are, and which of them have no default."""

    def __init__(self, kind: Any) -> None:
        hints = typing.get_type_hints(kind)
        if is_dataclass(kind):
            names = [field.name for field in fields(kind)]
            self.needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
        else:
            names = list(kind._fields)
            self.needed = [name for name in names if name not in kind._field_defaults]
        self.hints = {name: hints[name] for name in names}


@cache
def _shape(kind: Any) -> _Shape:
    return _Shape(kind)


def _has_fields(kind: Any) -> bool:
    return is_dataclass(kind) or hasattr(kind, "_fields")


def _part(hint: Any, data: Any, where: str) -> Any:
    if type(data) in _leaves(hint) and not (type(data) is float and not math.isfinite(data)):
        return data
    hint = _or_none(hint)
    if _has_fields(hint):
        return made(typing.cast(type[Any], hint), data, where)
    origin = get_origin(hint)
    if origin is tuple and isinstance(data, (list, tuple)):
        return tuple(_part(get_args(hint)[0], part, f"{where}[{at}]") for at, part in enumerate(data))
    if origin is dict and isinstance(data, Mapping):
        return {str(name): _frozen(part) for name, part in data.items()}
    if origin is Literal and data in get_args(hint):
        return data
    raise _wrong(where, _wanted(hint), data)


@cache
def _or_none(hint: Any) -> Any:
    """The dataclass of a hint that allows None, too; any other hint as it is."""
    parts = get_args(hint) if get_origin(hint) in (types.UnionType, typing.Union) else ()
    return next((part for part in parts if is_dataclass(part)), hint)


@cache
def _leaves(hint: Any) -> frozenset[type]:
    """The types that a single figure or text may have; a whole number is a number, but true is none."""
    parts = set(get_args(hint)) if get_origin(hint) in (types.UnionType, typing.Union) else {hint}
    parts = {part for part in parts if part in (int, float, str, bool, types.NoneType)}
    return frozenset(parts | {int} if float in parts else parts)


def _frozen(data: Any) -> Any:
    return tuple(map(_frozen, data)) if isinstance(data, list) else data


def _wanted(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    if get_origin(hint) in (tuple, dict):
        return "a list" if get_origin(hint) is tuple else "an object"
    return next(
        (name for kind, name in _NAMES.items() if kind in _leaves(hint) and float not in _leaves(hint)), "a number"
    )


def _wrong(where: str, wanted: str, data: Any) -> IperfError:
    return unreadable(f"{where} is not {wanted} but {str(data)[:80]!r}")
