"""The inventory: a file with the devices of a lab, as YAML, TOML or JSON; all that is wrong in it is told at once, with its lines. Nothing of iperf is known here.

What a device takes is not written here: it comes from whoever adds devices. Nothing is connected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .errors import ConfigurationError, nearest
from .inventory_formats import FORMATS, FormatError, Pair, Place, Table
from .secret import Password

DEFAULTS, DEVICES, THROUGH = "defaults", "devices", "through"
LONGEST = 1 << 20
"""Bytes of an inventory."""

Unused = Callable[[Mapping[str, Any]], Collection[str]]
"""Gives the names of those arguments of a device that its connection does not take."""

Expand = Callable[[str], Any]
"""Gives a text with its variables replaced; a ValueError for what cannot be, with the reason."""


class UnknownVariableError(ValueError):
    """Its text names a variable."""


@dataclass(frozen=True)
class Entry:
    """A device of the file: its name, where it stands, and its arguments, those of ``defaults`` among them."""

    name: str
    place: Place
    arguments: dict[str, Any]
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where each argument stands."""
    inherited: frozenset[str] = frozenset()
    """Arguments that it has of ``defaults``."""
    unsure: frozenset[str] = frozenset()
    """Arguments whose value is no such."""
    misspelt: bool = False
    """Whether a key was none, and may have been meant for any argument."""

    @property
    def through(self) -> str | None:
        return self.arguments.get(THROUGH)

    def doubts(self, name: str) -> bool:
        """Whether it is not known what this argument was meant to be."""
        return name in self.unsure or (self.misspelt and name not in self.arguments)


@dataclass
class Faults:
    """What is wrong in one file."""

    path: Path
    _found: list[tuple[Place, str]] = field(default_factory=list)
    _allowed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    idle: list[str] = field(default_factory=list)
    """Arguments under ``defaults`` that no device takes, with their places; no fault, as another device may."""

    def add(self, place: Place, text: str) -> None:
        if (place, text) not in self._found:  # what is wrong in the defaults is so for each device
            self._found.append((place, text))

    def unknown(self, place: Place, key: str, where: str, allowed: tuple[str, ...]) -> None:
        self._allowed[where] = allowed
        self.add(place, f"'{key}' is nothing that {where} takes.{nearest(key, allowed)}")

    def check(self) -> None:
        """A ConfigurationError with all faults, in the order of their lines."""
        if self._found:
            rows = [f"  {self.path}:{place}: {text}" for place, text in sorted(self._found, key=lambda row: row[0].key)]
            count = "one fault" if len(rows) == 1 else f"{len(rows)} faults"
            raise ConfigurationError(
                "\n".join([f"The inventory {self.path.name} has {count}, so no device of it was added.", *rows]),
                remedy="; ".join(f"{where} takes: {', '.join(names)}" for where, names in self._allowed.items()),
            )


def _none(arguments: Mapping[str, Any]) -> Collection[str]:
    return ()


def read(
    path: Path, takes: Mapping[str, Any], expand: Expand = str, unused: Unused = _none
) -> tuple[list[Entry], Faults]:
    """The devices of the file, each behind the one that it is reached through, and what was found wrong.

    ``takes`` has the arguments of a device and their types; what stands under ``defaults`` is left out where it is ``unused``. Raises ConfigurationError when the file cannot be read at all,
    or is no YAML, TOML or JSON.

    Example: ``read(Path("lab.yaml"), {"connection": str, "role": str})``
    """
    faults = Faults(path)
    try:
        tree = _format_of(path)(_text(path))
    except FormatError as problem:
        faults.add(problem.place, str(problem))
        faults.check()
    except RecursionError:
        faults.add(Place(1), "it is nested too deeply")
        faults.check()
    return _Reader(faults, takes, expand, unused).entries(tree), faults


def _format_of(path: Path) -> Callable[[str], Any]:
    if path == Path():  # of an empty text
        raise ConfigurationError(
            "The name of the inventory is empty.",
            cause="the variable that has it is empty: it was not set where this runs",
            remedy="give its path, as by: robot --variable LAB:lab.yaml",
        )
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise ConfigurationError(
            f"The inventory {path.name} has a suffix that tells no format.", remedy=f"name it {', '.join(FORMATS)}"
        ) from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
    except OSError as problem:
        raise ConfigurationError(
            f"The inventory {path} cannot be read: {problem.strerror}.",
            cause="the path is relative to the directory in which robot was started, not to that of the suite"
            if not path.is_absolute()
            else None,
            remedy="give it from the suite's directory: ${CURDIR}/lab.yaml",
        ) from None
    if len(data) > LONGEST:
        raise ConfigurationError(f"The inventory {path} is larger than {LONGEST:,} bytes, so it is another file.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise FormatError("it is not UTF-8", Place(data.count(b"\n", 0, problem.start) + 1)) from None


@dataclass
class _Reader:
    """Turns the tree of a file into devices, and notes what does not fit."""

    faults: Faults
    takes: Mapping[str, Any]
    expand: Expand
    unused: Unused

    def entries(self, tree: Any) -> list[Entry]:
        top = self._table(Pair("", Place(1), tree), "the file", (DEFAULTS, DEVICES))
        if isinstance(tree, Table) and DEVICES not in top:
            self.faults.add(Place(1), f"it has no '{DEVICES}'")
        defaults = self._table(top[DEFAULTS], "a device", tuple(self.takes)) if DEFAULTS in top else {}
        devices = self._table(top[DEVICES], "the file") if DEVICES in top else {}
        misspelt = DEFAULTS in top and self._has_unknown(top[DEFAULTS])
        entries = [self._entry(pair, defaults, misspelt) for pair in devices.values()]
        self._note_idle(defaults, entries)
        return self._in_order(entries)

    def _note_idle(self, defaults: Mapping[str, Pair], entries: list[Entry]) -> None:
        left = [key for key in defaults if entries and not any(key in entry.arguments for entry in entries)]
        self.faults.idle += [f"'{key}' (line {defaults[key].place.line})" for key in left]

    def _has_unknown(self, holder: Pair) -> bool:
        names = (
            [pair.key for pair in holder.value if isinstance(pair.key, str)] if isinstance(holder.value, Table) else []
        )
        return any(name not in self.takes for name in names)

    def _table(self, holder: Pair, where: str, allowed: tuple[str, ...] | None = None) -> dict[str, Pair]:
        """What a table holds, by its keys; what is twice there, or not allowed, is noted and left out."""
        if not isinstance(holder.value, Table):
            name = f"'{holder.key}'" if holder.key else where
            self.faults.add(holder.place, f"{name} holds names with their values, not {_kind(holder.value)}")
            return {}
        found: dict[str, Pair] = {}
        for pair in holder.value:
            if not isinstance(pair.key, str):
                self.faults.add(pair.place, f"a name is a text, not {_kind(pair.key)}: write it in quotes")
            elif pair.key in found:
                self.faults.add(pair.place, f"'{pair.key}' is there twice, first in line {found[pair.key].place.line}")
            elif allowed is not None and pair.key not in allowed:
                self.faults.unknown(pair.place, pair.key, where, allowed)
            else:
                found[pair.key] = pair
        return found

    def _entry(self, device: Pair, defaults: Mapping[str, Pair], misspelt: bool) -> Entry:
        own = self._table(device, "a device", tuple(self.takes))
        pairs = {**defaults, **own}
        arguments, unsure = {}, set()
        for key, pair in pairs.items():
            try:
                arguments[key] = self._value(pair, self.takes[key])
            except ValueError as problem:
                self.faults.add(pair.place, f"'{key}' {problem}")
                unsure.add(key)
        entry = Entry(
            device.key,
            device.place,
            arguments,
            {key: pair.place for key, pair in pairs.items()},
            frozenset(defaults) - frozenset(own),
            frozenset(unsure),
            misspelt or self._has_unknown(device),
        )
        return self._fitted(entry)

    def _fitted(self, entry: Entry) -> Entry:
        """Without what it has of the defaults and does not take: those are for the other devices."""
        if THROUGH in entry.inherited and entry.through == entry.name:
            entry = _without(entry, THROUGH)
        try:
            return _without(entry, *entry.inherited.intersection(self.unused(entry.arguments)))
        except ConfigurationError:  # its connection is none, which is told when it is tried
            return entry

    def _value(self, pair: Pair, kind: Any) -> Any:
        """The value as the argument takes it; no message has it, as it may be a password."""
        value = pair.value
        if isinstance(value, str):
            value = self._expanded(value, secret=kind is Password)
        elif isinstance(value, list) and all(isinstance(word, str) for word in value):
            value = [self._expanded(word, secret=False) for word in value]
        if value is None:
            raise ValueError('has no value: leave it out, or write "" for an empty text')
        if not _fits(value, kind):
            hint = ": write it in quotes" if isinstance(value, (bool, int, float)) else ""
            other = " of other things" if _is_words(kind) and isinstance(value, list) else ""
            raise ValueError(f"is {_wanted(kind)}, not {_kind(value)}{other}{hint}")
        parse = getattr(kind, "parse", None)
        return parse(value) if parse else value

    def _expanded(self, text: str, secret: bool) -> Any:
        try:
            return self.expand(text)
        except UnknownVariableError as problem:
            if not secret or re.fullmatch(r"[$%]\{[\w .-]+\}", text):
                raise
            # Parts of a password may look like a variable.
            raise ValueError("has what looks like a variable and is none: put a \\ in front of it") from problem

    def _in_order(self, entries: list[Entry]) -> list[Entry]:
        """Each device behind the one that it is reached through; the others as they stand in the file."""
        ordered: list[Entry] = []
        left = entries
        while left:
            waiting = {entry.name for entry in left}
            ready = [entry for entry in left if entry.through not in waiting]
            if not ready:
                for entry in left:
                    self.faults.add(entry.place, f"'{entry.name}' is reached through itself, by way of others or not")
                return ordered + [_without(entry, THROUGH) for entry in left]
            ordered += ready
            left = [entry for entry in left if entry.through in waiting]
        return ordered


def _without(entry: Entry, *names: str) -> Entry:
    return replace(entry, arguments={key: value for key, value in entry.arguments.items() if key not in names})


def _fits(value: Any, kind: Any) -> bool:
    if kind is bool:
        return isinstance(value, bool)
    if kind in (int, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(kind, type) and issubclass(kind, float):
        return isinstance(value, (str, int, float)) and not isinstance(value, bool)
    if kind is Password:
        return isinstance(value, (str, Password)) or hasattr(value, "value")
    if _is_words(kind) and isinstance(value, (list, tuple)):
        return all(isinstance(word, str) for word in value)
    return isinstance(value, str)


def _is_words(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, (tuple, list))


def _wanted(kind: Any) -> str:
    return {bool: "true or false", int: "a number", float: "a number"}.get(kind) or (
        "a text or a list of texts" if _is_words(kind) else "a text"
    )


def _kind(value: object) -> str:
    """What a value is, without telling it."""
    kinds: list[tuple[Any, str]] = [
        (Table, "a table"),
        (bool, "true or false"),
        ((int, float), "a number"),
        (str, "a text"),
        ((list, tuple), "a list"),
        (type(None), "nothing"),
    ]
    return next((name for kind, name in kinds if isinstance(value, kind)), f"a {type(value).__name__}")
