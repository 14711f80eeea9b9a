"""The file of a fake device: which recorded output answers which command. It is read and checked here; :mod:`.fake` plays it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import ConfigurationError, nearest
from ..inventory_formats import FORMATS, FormatError, Pair, Place, Table

ITSELF, STOPPED, LOST = "itself", "stopped", "lost"
ENDS = (ITSELF, STOPPED, LOST)
_OUTPUT = ("stdout", "raw", "stderr", "exit_code")
_COMMAND = ("words", *_OUTPUT, "seconds", "ends", "on_stop", "listens", "server_raw", "times")
_TOP = ("address", "commands")


@dataclass(frozen=True)
class Output:
    """What is printed, and the exit code after it."""

    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int = 0


@dataclass(frozen=True)
class Answer:
    """What one command does.

    ``seconds`` is how long that took when it was real; ``ends`` tells whether it ends by itself, when it is ``stopped``, or is ``lost``
    with its connection. ``on_stop`` is what it does when it is told to end before. ``server`` is what the server printed of it.
    """

    words: tuple[str, ...]
    output: Output
    seconds: float = 0
    ends: str = ITSELF
    on_stop: Output = Output()
    listens: bool = False
    server: bytes | None = None
    times: int | None = None

    @property
    def program(self) -> str:
        return self.words[0]

    def fits(self, words: tuple[str, ...]) -> bool:
        """Whether this is its program, and each of its options is there, with the values behind it."""
        return is_program(self.program, words[0]) and all(_holds(words[1:], part) for part in _parts(self.words[1:]))


@dataclass(frozen=True)
class Script:
    """A fake device: the address of its traffic, where that is told, and what answers its commands."""

    path: Path
    address: str | None
    answers: tuple[Answer, ...]


class FaultError(Exception):
    """What is wrong in the file, and where. Nothing in it is secret, so it may be told."""

    def __init__(self, problem: str, place: Place) -> None:
        super().__init__(problem)
        self.place = place


def is_program(name: str, word: str) -> bool:
    return word == name or PurePosixPath(word).name == name


def _parts(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Each option with what stands behind it.

    Example: ``--udp --parallel 4`` is ``--udp``, and ``--parallel 4``.
    """
    begins = [at for at, word in enumerate(words) if at == 0 or word.startswith("-")]
    for begin, end in zip(begins, [*begins[1:], len(words)], strict=False):
        yield words[begin:end]


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[at : at + len(part)] == part for at in range(len(words)))


# -- reading


def read(path: Path) -> Script:
    """The script in this file. Raises ConfigurationError, with the line at fault."""
    reader = FORMATS.get(path.suffix.lower())
    if not reader:
        raise ConfigurationError(f"'{path}' has a suffix that tells no format.", remedy=f"name it {', '.join(FORMATS)}")
    try:
        return _Reader(path).script(reader(_text(path)))
    except (FormatError, FaultError) as problem:
        raise ConfigurationError(
            f"The fake device in {path.name} cannot be played.",
            said=f"{path}:{problem.place}: {problem}",
            remedy="its format is in docs/fake.md",
        ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise FaultError("it is not UTF-8", Place(1)) from None
    except OSError as problem:
        relative = "it is relative to the directory in which robot was started, not to that of the suite"
        raise ConfigurationError(
            f"The file {path} of a fake device cannot be read: {problem.strerror}.",
            cause=None if path.is_absolute() else relative,
            remedy="give it from the suite's directory: fake:${CURDIR}/device.yaml",
        ) from None


@dataclass(frozen=True)
class _Reader:
    """Paths in the file are relative to it."""

    path: Path

    def script(self, tree: Any) -> Script:
        top = _table(Pair("the file", Place(1), tree), _TOP)
        address = top.get("address")
        commands = top.get("commands")
        if commands is None or not isinstance(commands.value, list) or isinstance(commands.value, Table):
            raise FaultError("'commands' is a list of commands, and has to be there", (commands or _START).place)
        answers = tuple(self._answer(Pair("a command", commands.place, one)) for one in commands.value)
        return Script(self.path, _typed(address, str, "a text") if address else None, answers)

    def _answer(self, holder: Pair) -> Answer:
        given = _table(holder, _COMMAND)
        place = next(iter(given.values()), holder).place
        listens = self._get(given, "listens", bool, "true or false", False)
        times = self._get(given, "times", int, "a number", None)
        server = self._get(given, "server_raw", str, "a file", None)
        return Answer(
            words=_words(given.get("words"), place),
            output=self._output(given),
            seconds=float(self._get(given, "seconds", (int, float), "a number of seconds", 0)),
            ends=_end(given.get("ends")) or (STOPPED if listens else ITSELF),
            on_stop=self._output(_table(given["on_stop"], _OUTPUT)) if "on_stop" in given else Output(),
            listens=listens,
            server=None if server is None else self._bytes(given["server_raw"]),
            times=times,
        )

    def _output(self, given: Mapping[str, Pair]) -> Output:
        if "stdout" in given and "raw" in given:
            raise FaultError("'stdout' and 'raw' are the same thing: give one of them", given["raw"].place)
        stdout = self._bytes(given["raw"]) if "raw" in given else self._get(given, "stdout", str, "a text", "").encode()
        stderr: str | None = self._get(given, "stderr", str, "a text", None)
        beside = self._beside(given["raw"]) if "raw" in given else b""
        code = self._get(given, "exit_code", int, "a number", 0)
        return Output(stdout, beside if stderr is None else stderr.encode(), code)

    def _bytes(self, pair: Pair) -> bytes:
        path: Path = self.path.parent / _typed(pair, str, "a file")
        try:
            return path.read_bytes()
        except OSError as problem:
            raise FaultError(f"{path} cannot be read: {problem.strerror}", pair.place) from None

    def _beside(self, pair: Pair) -> bytes:
        """The stderr of a raw file, which the library keeps beside it."""
        path = self.path.parent / f"{pair.value}.stderr"
        return path.read_bytes() if path.is_file() else b""

    def _get(self, given: Mapping[str, Pair], key: str, kind: Any, wanted: str, default: Any) -> Any:
        return _typed(given[key], kind, wanted) if key in given else default


_START = Pair("", Place(1), None)


def _table(holder: Pair, allowed: tuple[str, ...]) -> dict[str, Pair]:
    if not isinstance(holder.value, Table):
        raise FaultError(f"{holder.key} holds names with their values", holder.place)
    found: dict[str, Pair] = {}
    for pair in holder.value:
        if pair.key not in allowed:
            hint = nearest(str(pair.key), allowed)
            raise FaultError(
                f"'{pair.key}' is nothing that can stand here.{hint} It takes {', '.join(allowed)}", pair.place
            )
        if pair.key in found:
            raise FaultError(f"'{pair.key}' is there twice", pair.place)
        found[pair.key] = pair
    return found


def _typed(pair: Pair, kind: Any, wanted: str) -> Any:
    if not isinstance(pair.value, kind) or (isinstance(pair.value, bool) and kind is not bool):
        raise FaultError(f"'{pair.key}' is {wanted}", pair.place)
    return pair.value


def _words(pair: Pair | None, place: Place) -> tuple[str, ...]:
    words = () if pair is None else pair.value
    if isinstance(words, str):
        words = shlex.split(words)
    if not words or not all(isinstance(word, str) for word in words):
        raise FaultError("a command has 'words': its program, and what else tells it from others", place)
    return tuple(words)


def _end(pair: Pair | None) -> str | None:
    if pair is not None and pair.value not in ENDS:
        raise FaultError(f"'{pair.key}' is one of {', '.join(ENDS)}", pair.place)
    return None if pair is None else str(pair.value)
