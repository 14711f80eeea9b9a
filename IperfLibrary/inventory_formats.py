"""The formats of an inventory and of the file of a fake device, each read into tables that know where their keys stand. Nothing in a file is ever executed. Nothing of iperf is known here.

A message about a format tells no text of the file beyond names of keys: it may be a password.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from .errors import ConfigurationError


@dataclass(frozen=True)
class Place:
    """A line of a file and, where it is known, a column; both count from 1."""

    line: int
    column: int | None = None

    def __str__(self) -> str:
        return f"{self.line}" if self.column is None else f"{self.line}:{self.column}"

    @property
    def key(self) -> tuple[int, int]:
        return self.line, self.column or 0


class Pair(NamedTuple):
    """A key, where it stands, and its value."""

    key: Any
    place: Place
    value: Any


class Table(list[Pair]):
    """The pairs of a table in their order; a key that is there twice is in it twice."""


class FormatError(Exception):
    """The text is not in this format; ``place`` is where that shows."""

    def __init__(self, problem: str, place: Place) -> None:
        # What stands in quotes may be a value: all but names of tokens and single characters goes.
        told = re.sub(r"(['\"])(?!<[\w ]+>\1)(?:(?!\1).){2,}\1", "'...'", problem)
        super().__init__(told)
        self.place = place

    @classmethod
    def of(cls, format: str, problem: str, place: Place) -> FormatError:
        return cls(f"it is no {format}: {_plain(problem[:1].lower() + problem[1:])}", place)


# -- YAML

_TOKEN = re.compile(r"found character '(.+)' that cannot start any token")


def _plain(problem: str) -> str:
    """With what to do where a value begins with a character that YAML has for itself, as variables of the environment do."""
    found = _TOKEN.search(problem)
    if not found:
        return problem
    return "there is a tab: indent with spaces" if found[1] == "\\t" else f"{problem}: write the value in quotes"


def read_yaml(text: str) -> Any:
    """Raises FormatError, and ConfigurationError where PyYAML is not installed."""
    try:
        import yaml  # noqa: PLC0415 - an extra
    except ImportError:
        raise _not_installed("YAML", "PyYAML", "yaml") from None
    try:
        loader = yaml.SafeLoader(text)
        try:
            return _YamlTree(loader).value(loader.get_single_node())
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1)
        raise FormatError.of("YAML", problem.problem or problem.context or "", place) from None
    except yaml.reader.ReaderError as problem:
        line = text.count("\n", 0, problem.position) + 1
        raise FormatError.of("YAML", problem.reason, Place(line)) from None


class _YamlTree:
    """Makes tables of the nodes that PyYAML composes. A node that is used again by an alias is made once."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self._made: dict[int, Any] = {}
        self._open: set[int] = set()

    def value(self, node: Any) -> Any:
        if node is None:
            return None
        if id(node) in self._open:
            raise FormatError("it holds itself", _place(node))
        if id(node) not in self._made:
            self._open.add(id(node))
            self._made[id(node)] = self._make(node)
            self._open.remove(id(node))
        return self._made[id(node)]

    def _make(self, node: Any) -> Any:
        if node.id == "mapping":
            return Table(self._pairs(node))
        if node.id == "sequence":
            return [self.value(one) for one in node.value]
        try:
            return self._loader.construct_object(node)
        except (ValueError, OverflowError):  # a date that is none
            raise FormatError("a value is not what it looks like: write it in quotes", _place(node)) from None

    def _pairs(self, node: Any) -> Iterator[Pair]:
        """What is merged (``<<: *anchor``) and has no key of the table's own, then its own."""
        own = [(key, value) for key, value in node.value if key.tag != "tag:yaml.org,2002:merge"]
        if len(own) < len(node.value):
            self._loader.flatten_mapping(node)
            mine = {_name(key) for key, _ in own}
            yield from {
                _name(key): self._pair(key, value) for key, value in node.value if _name(key) not in mine
            }.values()
        for key, value in own:
            yield self._pair(key, value)

    def _pair(self, key: Any, value: Any) -> Pair:
        return Pair(self.value(key), _place(key), self.value(value))


def _name(key: Any) -> object:
    """What tells a key from others; one that is no scalar is told by where it stands."""
    return key.value if key.id == "scalar" else id(key)


def _place(node: Any) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


# -- JSON

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}:]')


def read_json(text: str) -> Any:
    """Raises FormatError."""
    try:
        json.loads(text)
        places = _json_places(text)
        return json.loads(
            text,
            object_pairs_hook=lambda pairs: Table(
                Pair(key, place, value) for (key, value), place in zip(pairs, next(places), strict=True)
            ),
        )
    except json.JSONDecodeError as problem:
        raise FormatError.of("JSON", problem.msg, Place(problem.lineno, problem.colno)) from None
    except ValueError:  # a number of thousands of digits
        raise FormatError.of("JSON", "a number has too many digits", Place(1)) from None


def _json_places(text: str) -> Iterator[list[Place]]:
    """Where the keys of each object stand, the object first that is closed first."""
    opened: list[list[Place]] = []
    last = 0
    for token in _JSON_TOKEN.finditer(text):
        if token[0] == "{":
            opened.append([])
        elif token[0] == "}":
            yield opened.pop()
        elif token[0] == ":":
            opened[-1].append(Place(text.count("\n", 0, last) + 1, last - text.rfind("\n", 0, last)))
        else:
            last = token.start()


# -- TOML

_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_NAMES = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_TOML_TABLE = re.compile(rf"[ \t]*\[\[?[ \t]*({_NAMES})[ \t]*\]\]?\s*(?:#.*)?$")
_TOML_KEY = re.compile(rf"[ \t]*({_NAMES})[ \t]*=")
_TOML_END = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def read_toml(text: str) -> Any:
    """Raises FormatError, and on Python 3.10 ConfigurationError where tomli is not installed."""
    toml = _toml()
    try:
        tree = toml.loads(text)
    except toml.TOMLDecodeError as problem:
        found = _TOML_END.fullmatch(str(problem))
        place = Place(int(found[2]), int(found[3])) if found and found[2] else Place(text.count("\n") + 1)
        raise FormatError.of("TOML", found[1] if found else str(problem), place) from None
    return _toml_table(tree, (), _toml_places(text, toml))


def _toml() -> Any:
    try:
        if sys.version_info >= (3, 11):
            import tomllib  # noqa: PLC0415 - younger than the oldest Python
        else:
            import tomli as tomllib  # noqa: PLC0415 - an extra
    except ImportError:
        raise _not_installed("TOML", "tomli", "toml") from None
    return tomllib


def _toml_table(value: Any, path: tuple[str, ...], places: dict[tuple[str, ...], Place]) -> Any:
    if isinstance(value, list):
        return [_toml_table(one, path, places) for one in value]
    if not isinstance(value, dict):
        return value
    return Table(
        Pair(key, _nearest_place((*path, key), places), _toml_table(inner, (*path, key), places))
        for key, inner in value.items()
    )


def _nearest_place(path: tuple[str, ...], places: dict[tuple[str, ...], Place]) -> Place:
    """Of the key, or of the table that it stands in: an inline table is one line."""
    known = next((places[path[:size]] for size in range(len(path), 0, -1) if path[:size] in places), Place(1))
    return known if path in places else Place(known.line)


def _toml_places(text: str, toml: Any) -> dict[tuple[str, ...], Place]:
    """Where each key and table is first named; tomllib does not tell."""
    places: dict[tuple[str, ...], Place] = {}
    table: tuple[str, ...] = ()
    for number, line in _toml_lines(text):
        header, key = _TOML_TABLE.match(line), _TOML_KEY.match(line)
        if header:
            table = path = _toml_path(header[1], toml)
        elif key:
            path = (*table, *_toml_path(key[1], toml))
        else:
            continue
        place = Place(number, (header or key).start(1) + 1)  # type: ignore[union-attr]
        for size in range(1, len(path) + 1):
            places.setdefault(path[:size], place)
    return places


def _toml_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without those that begin inside a text of several lines."""
    inside = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not inside:
            yield number, line
        for quotes in re.findall(r'"""|\'\'\'', line):
            inside = "" if inside == quotes else inside or quotes


def _toml_path(names: str, toml: Any) -> tuple[str, ...]:
    """The names in ``a."b.c".d``, as the format itself reads them."""
    path: list[str] = []
    try:
        tree = toml.loads(f"{names} = 0")
    except toml.TOMLDecodeError:  # it stands where no key is
        return ()
    while isinstance(tree, dict):
        path += tree
        tree = tree[path[-1]]
    return tuple(path)


def _not_installed(name: str, package: str, extra: str) -> ConfigurationError:
    return ConfigurationError(
        f"A file in {name} needs the Python package {package}, which is not installed.",
        remedy=f"pip install 'robotframework-iperflibrary[{extra}]', or write it as JSON",
    )


FORMATS: dict[str, Callable[[str], Any]] = {
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".toml": read_toml,
    ".json": read_json,
}
"""How a file is read, by its suffix."""
