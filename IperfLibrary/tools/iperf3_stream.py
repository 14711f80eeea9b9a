"""Finds the JSON documents in what iperf3 printed: one or many, as events, cut off, with noise around."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from ..result import Interval, Result
from .faults import is_error
from .iperf3_figures import Json, interval_of
from .iperf3_json import BIDIR, result_of

_BROKEN_FLOAT = re.compile(r"(?<=[:\[,\s])-?(?:nan|inf(?:inity)?)(?=[,\s\]}])", re.IGNORECASE)
# Behind a prompt or ^C, but not within a document: what is inside has a quote, a bracket or white space before it.
_OPENS = re.compile(r"(?:[^\s\"{}\[\]][^\"{}\[\]\n]{0,200})?\{")
_EVENT = re.compile(r"\s*\{\s*\"event\"\s*:")
_MARKS = ("start", "intervals", "end", "error")
_DUPLICATES = re.compile(r"\"version\":\s*\"iperf 3\.(?:7|8|9|10)\b")
_VERSION = re.compile(r"\"version\":\s*\"iperf ")
_START = re.compile(r"\"start\"\s*:\s*(?=\{)")
_INTERVALS = re.compile(r"\"intervals\"\s*:\s*\[")


def decode(text: str) -> Any:
    """The document, with nan as null and with the sums that stand in it twice."""
    hook = _pairs if _has_duplicates(text) else None
    try:
        return json.loads(text, object_pairs_hook=hook)
    except ValueError:
        return json.loads(_BROKEN_FLOAT.sub("null", text), object_pairs_hook=hook)


def _has_duplicates(text: str) -> bool:
    """3.1 to 3.9 can give the error twice, 3.7 to 3.10 the sums of --bidir. Looking costs less than always asking."""
    if text.count('"error"') > 1:
        return True
    if _VERSION.search(text) and not _DUPLICATES.search(text):
        return False
    return text.count('"sum"') > text.count('"streams"') or text.count('"sum_sent"') > 1


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


class Iperf3Json:
    """Parser of iperf3's JSON: lines in; the interval that an event completes out; results at any moment."""

    tool = "iperf3"
    form = "json"
    quoting = False

    def __init__(self) -> None:
        self.documents: list[Json] = []
        self.lines: list[str] | None = None
        self.event: Json | None = None
        self.ended = True
        self.errors: list[str] = []

    def feed(self, line: str) -> Interval | None:
        if self.lines is not None:
            self._continue(line)
            return None
        if _EVENT.match(line):
            return self._event(line)
        found = _OPENS.match(line)
        if found:
            self.lines = []
            self._continue(line[found.end() - 1 :])
        elif is_error(line):
            self.errors.append(line)
        return None

    def feed_text(self, text: str) -> list[Interval]:
        """Take many lines at once: a long document is mostly lines between its braces, which need not be looked at."""
        at, text = 1, "\n" + text
        found = []
        while at < len(text):
            if self.lines is None:
                end = text.find("\n", at)
                interval = self.feed(text[at : end if end >= 0 else len(text)])
                found += [interval] if interval else []
            else:
                end = self._take_until_brace(text, at)
            at = end + 1 if end >= 0 else len(text)
        return found

    def _take_until_brace(self, text: str, at: int) -> int:
        """Take what stands before the next line that begins with a brace, and that line; where it ends."""
        closing = text.find("\n}", at - 1)
        opening = text.find("\n{", at - 1, closing if closing >= 0 else len(text))
        brace = opening if opening >= 0 else closing
        if brace > at:
            assert self.lines is not None
            self.lines.append(text[at:brace])
        elif brace < 0:
            assert self.lines is not None
            self.lines.append(text[at:])
            return -1
        end = text.find("\n", brace + 1)
        self.feed(text[brace + 1 : end if end >= 0 else len(text)])
        return end

    def _continue(self, line: str) -> None:
        """A document ends with a brace in the first column; a second start there means that the first was cut off."""
        assert self.lines is not None
        if self.lines and line.startswith("{"):
            self._close(cut=True)
            self.feed(line)
            return
        self.lines.append(line)
        if line.startswith("}") or (len(self.lines) == 1 and line.rstrip().endswith("}")):
            self._close(cut=False)

    def _close(self, cut: bool) -> None:
        lines, self.lines = self.lines or [], None
        document = _decoded(lines, cut)
        if document is not None:
            self._add(document)

    def _add(self, document: Json) -> None:
        """Keep a document once: 3.16 can print it twice, and --json-stream-full-output repeats what the events said."""
        if not _is_test(document):
            return
        document = _shaped(document)
        for known in self.documents[-1:]:
            if known == document or (_cookie(known) and _cookie(known) == _cookie(document)):
                self.documents.pop()
        self.documents.append(document)

    def _event(self, line: str) -> Interval | None:
        try:
            event = decode(line)
        except (ValueError, RecursionError):
            return None
        name, data = event.get("event"), event.get("data")
        if name == "start" or self.event is None or (self.ended and name != "error"):
            self.event, self.ended = {"start": {}, "intervals": [], "end": {}}, False
            self.documents.append(self.event)
        return self._take(self.event, name, data)

    def _take(self, document: Json, name: Any, data: Any) -> Interval | None:
        if name == "interval" and isinstance(data, dict):
            document["intervals"].append(data)
            streams, total = data.get("streams"), data.get("sum")
            # Of one stream there is more to tell than of a sum: the window, the round-trip time.
            row = streams[0] if isinstance(streams, list) and len(streams) == 1 else total
            return interval_of(row) if isinstance(row, dict) and not row.get("omitted") else None
        if name in ("start", "end"):
            document[name] = data if isinstance(data, dict) else {}
            self.ended = name == "end"
        elif name == "error" and "error" not in document:
            document["error"] = data
        return None

    @property
    def last_words(self) -> str | None:
        """The error of the last document, also where that tells of no test."""
        error = self.documents[-1].get("error") if self.documents else None
        return error if isinstance(error, str) else None

    def results(self, stderr: list[str] | None = None) -> list[Result]:
        documents = list(self.documents)
        unfinished = _decoded(self.lines, cut=True) if self.lines else None
        if unfinished is not None and _is_test(unfinished):
            documents.append(_shaped(unfinished))
        documents = _tests(documents)
        errors = [*self.errors, *(line for line in stderr or [] if is_error(line))]
        return [result_of(doc, _stderr_of(doc, errors) if doc is documents[-1] else ()) for doc in documents]


def _stderr_of(document: Json, errors: Iterable[str]) -> list[str]:
    """A server that is stopped says so; that is no error of the last test, which had ended."""
    ended = bool(document.get("end")) and "accepted_connection" in document["start"]
    return [line for line in errors if not (ended and "interrupt - " in line)]


def _tests(documents: list[Json]) -> list[Json]:
    """Without the one that a server writes when it is stopped between tests, unless there is no other."""
    tests = [doc for doc in documents if doc.get("intervals") or doc.get("end") or "error" not in doc]
    return tests or documents[-1:]


def _is_test(document: Json) -> bool:
    return any(key in document for key in ("start", "intervals")) or isinstance(document.get("error"), str)


def _shaped(document: Json) -> Json:
    """The document with its three parts, empty where they are not of the right kind."""
    parts = {"start": dict, "intervals": list, "end": dict}
    return {**document, **{key: document[key] if isinstance(document.get(key), t) else t() for key, t in parts.items()}}


def _cookie(document: Json) -> Any:
    return document["start"].get("cookie")


def _decoded(lines: list[str] | None, cut: bool) -> Json | None:
    text = "\n".join(lines or ())
    if not cut:
        try:
            document = decode(text[: text.rfind("}") + 1])
        except (ValueError, RecursionError):
            return _salvaged(text)
        return document if isinstance(document, dict) else None
    return _salvaged(text)


def _salvaged(text: str) -> Json | None:
    """The start and the whole intervals of a document that is cut off."""
    text = _BROKEN_FLOAT.sub("null", text)
    start = _START.search(text)
    intervals = _INTERVALS.search(text)
    if start is None or start.start() > 200:
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
