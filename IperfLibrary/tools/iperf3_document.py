"""One JSON document of iperf3 while it comes: text in, the decoded document out, also where it is cut off or not quite JSON. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from .iperf3_figures import Json, as_dict, with_numbers
from .iperf3_intervals import BIDIR, Intervals

PIECE = 1 << 17
"""Characters of a document that come together before its whole intervals are taken out of them; fewer than are read at a time."""

_FIRST_NAME = '"streams"'
_AT_ONCE = 1 << 17
"""Characters whose intervals are taken together: what they become before they are rows has to fit into a processor's cache."""

_BROKEN_FLOAT = re.compile(r"(?<=[:\[,\s])-?(?:nan|inf(?:inity)?)(?=[,\s\]}])", re.IGNORECASE)
_DUPLICATES = re.compile(r"\"version\":\s*\"iperf 3\.(?:7|8|9|10)\b")
_VERSION = re.compile(r"\"version\":\s*\"iperf ")
_START = re.compile(r"\"start\"\s*:\s*(?=\{)")
_INTERVALS = re.compile(r"\"intervals\"\s*:\s*\[\s*")
_NEXT = re.compile(r"\s*,\s*(?=\{)")
_NEARLY_BEHIND = 200


class Document:
    """The text of a document as it comes. Its intervals, which are most of a long one, are read at once and not kept."""

    def __init__(self) -> None:
        self.pieces = 0
        """How many of them there were."""
        self._head = ""  # what stands before the first interval, once that is known
        self._texts: list[str] = []
        self._size = 0
        self._enough = PIECE
        self._has_intervals: bool | None = None  # behind the head; None while nobody knows
        self._intervals = Intervals()
        self._texts_for_numbers = self._may_have_duplicates = self._duplicates = False

    def add(self, text: str) -> None:
        self._texts.append(text)
        self.pieces += 1
        self._size += len(text)
        if self._size >= self._enough:
            self._take_intervals()

    def swallow(self, text: str) -> str:
        """Take the whole intervals that this text goes on with, if it is a long one; the lines behind them.

        Where an interval stands, nothing else does: these lines need not be looked at.
        """
        if not self._has_intervals or self._size + len(text) < self._enough:
            return text
        joined = "\n".join([*self._texts, text])
        at = self._take_whole(joined)
        if not at:
            return text
        behind = max(joined.find("\n", at), len(joined) - len(text) - 1)
        self.pieces += 1
        self._keep(joined[at:] if behind < at else joined[at:behind])
        return joined[behind + 1 :] if behind >= at else ""

    def decoded(self, cut: bool) -> Json | None:
        """What is in it until now, None for nothing; of one that is cut off, the start and the whole intervals."""
        document = _decoded(self._head + "\n".join(self._texts), cut, self._duplicates)
        if document is None or not _is_test(document):
            return None
        return _shaped(document, self._intervals)

    def _take_intervals(self) -> None:
        text = "\n".join(self._texts)
        if self._has_intervals is None:
            text = self._begin(text)
        self._keep(self._take(text) if self._has_intervals else text)

    def _keep(self, rest: str) -> None:
        """What cannot be taken is looked at again when it is twice as long: else it would be copied time and again."""
        self._texts, self._size, self._enough = [rest], len(rest), max(PIECE, 2 * len(rest))

    def _begin(self, text: str) -> str:
        """Find the intervals, which stand right behind the start; what is behind the head, which may not be there yet."""
        start = _START.search(text, 0, _NEARLY_BEHIND)
        if start is None:
            self._has_intervals = False
            return text
        try:
            first, at = json.JSONDecoder().raw_decode(text, start.end())
        except (ValueError, RecursionError):
            return text
        intervals = _INTERVALS.search(text, at, at + _NEARLY_BEHIND)
        if intervals is None:
            self._has_intervals = None if len(text) < at + _NEARLY_BEHIND else False
            return text
        self._texts_for_numbers = numbers_are_texts(as_dict(first))
        self._may_have_duplicates = not _says_version_without_duplicates(text[:at])
        self._has_intervals, self._head = True, text[: intervals.end()]
        return text[intervals.end() :]

    def _take(self, text: str) -> str:
        """Take the intervals that another one follows; what is left."""
        rest = text[self._take_whole(text) :]
        mended = _BROKEN_FLOAT.sub("null", rest)
        at = self._take_whole(mended) if mended != rest else 0
        return mended[at:] if at else rest

    def _take_whole(self, text: str) -> int:
        """Take the intervals at the beginning, some at a time; how much of the text they are."""
        self._duplicates = self._duplicates or (self._may_have_duplicates and _has_two_sums(text, 0))
        raws, at = _whole_intervals(text, 0, self._duplicates)
        end = 0
        while raws:
            end = at
            self._intervals.add(with_numbers(raws) if self._texts_for_numbers else raws)
            raws, at = _whole_intervals(text, at, self._duplicates)
        return end


def _whole_intervals(text: str, at: int, duplicates: bool) -> tuple[list[Any], int]:
    """Some of the intervals from here on that another one follows, and where they end."""
    decoder = json.JSONDecoder(object_pairs_hook=_pairs if duplicates else None)
    found: list[Any] = []
    at = len(text) - len(text.lstrip()) if text[at : at + 1].isspace() else at
    enough, last = at + _AT_ONCE, text.rfind(_FIRST_NAME)
    # The last one may be cut off, and what json raises then counts all lines of the text.
    while at < enough and text.startswith("{", at) and text.find(_FIRST_NAME, at, at + _NEARLY_BEHIND) != last:
        try:
            raw, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        behind = _NEXT.match(text, end)
        if behind is None:
            break
        found.append(raw)
        at = behind.end()
    return found, at


def decode(text: str, duplicates: bool = False) -> Any:
    """The document, with nan as null and with the sums that stand in it twice."""
    hook = _pairs if duplicates or _has_duplicates(text) else None
    try:
        return json.loads(text, object_pairs_hook=hook)
    except ValueError:
        return json.loads(_BROKEN_FLOAT.sub("null", text), object_pairs_hook=hook)


def _has_duplicates(text: str) -> bool:
    """3.1 to 3.9 can give the error twice, 3.7 to 3.10 the sums of --bidir. Looking costs less than always asking."""
    if text.count('"error"') > 1:
        return True
    if _says_version_without_duplicates(text):
        return False
    return _has_two_sums(text, 0) or text.count('"sum_sent"') > 1


def _says_version_without_duplicates(text: str) -> bool:
    return bool(_VERSION.search(text)) and not _DUPLICATES.search(text)


def _has_two_sums(text: str, at: int) -> bool:
    return text.count('"sum"', at) > text.count('"streams"', at)


def _pairs(pairs: list[tuple[str, Any]]) -> Json:
    """Of two sums under one name the second is that of the reverse direction; of two errors the first is the reason."""
    result: Json = {}
    for key, value in pairs:
        if key not in result:
            result[key] = value
        elif key.startswith("sum"):
            result[key + BIDIR] = value
        elif key != "error":
            result[key] = value
    return result


def numbers_are_texts(start: Json) -> bool:
    """Whether a tool between wrote the numbers of the document with this start as texts."""
    test = as_dict(start.get("test_start"))
    return isinstance(test.get("duration"), str) or isinstance(test.get("reverse"), str)


def _is_test(document: Json) -> bool:
    return any(key in document for key in ("start", "intervals")) or isinstance(document.get("error"), str)


def _shaped(document: Json, before: Intervals) -> Json:
    """The document with its three parts, empty where they are not of the right kind, and all intervals as rows."""
    raws = document.get("intervals")
    shaped = {**document, "start": as_dict(document.get("start")), "end": as_dict(document.get("end"))}
    if numbers_are_texts(shaped["start"]):
        shaped, raws = with_numbers(shaped), with_numbers(raws)
    return {**shaped, "intervals": before.and_these(raws if isinstance(raws, list) else [])}


def _decoded(text: str, cut: bool, duplicates: bool) -> Json | None:
    if not cut:
        try:
            document = decode(text[: text.rfind("}") + 1], duplicates)
        except (ValueError, RecursionError):
            return _salvaged(text)
        return document if isinstance(document, dict) else None
    return _salvaged(text)


def _salvaged(text: str) -> Json | None:
    """The start and the whole intervals of a document that is cut off."""
    text = _BROKEN_FLOAT.sub("null", text)
    start = _START.search(text)
    intervals = _INTERVALS.search(text)
    if start is None or start.start() > _NEARLY_BEHIND:
        return None
    document: Json = {"start": {}, "intervals": [], "end": {}}
    decoder = json.JSONDecoder(object_pairs_hook=_pairs)
    try:
        document["start"], at = decoder.raw_decode(text, start.end())
        at = intervals.end() if intervals and intervals.start() >= at else len(text)
        while text.startswith("{", at):
            interval, at = decoder.raw_decode(text, at)
            document["intervals"].append(interval)
            at = re.compile(r"\s*,?\s*").match(text, at).end()  # type: ignore[union-attr]
    except (ValueError, RecursionError):
        pass
    return document
