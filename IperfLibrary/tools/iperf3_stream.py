"""Finds the JSON documents in what iperf3 printed: one or many, as events, cut off, with noise around. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..result import Interval, Result
from .faults import is_error
from .iperf3_document import Document, decode, numbers_are_texts
from .iperf3_figures import Json, interval_of, with_numbers
from .iperf3_intervals import Intervals
from .iperf3_json import result_of

# Behind a prompt or ^C, but not within a document: what is inside has a quote, a bracket or white space before it.
_OPENS = re.compile(r"(?:[^\s\"{}\[\]][^\"{}\[\]\n]{0,200})?\{")
_EVENT = re.compile(r"\s*\{\s*\"event\"\s*:")


class Iperf3Json:
    """Parser of iperf3's JSON: lines in; the interval that an event completes out; results at any moment."""

    tool = "iperf3"
    form = "json"
    quoting = False

    def __init__(self) -> None:
        self.documents: list[Json] = []
        self.document: Document | None = None
        self.event: Json | None = None
        self.ended = True
        self.errors: list[str] = []

    def feed(self, line: str) -> Interval | None:
        if self.document is not None:
            self._continue(self.document, line)
            return None
        if _EVENT.match(line):
            return self._event(line)
        found = _OPENS.match(line)
        if found:
            self.document = Document()
            self._continue(self.document, line[found.end() - 1 :])
        elif is_error(line):
            self.errors.append(line)
        return None

    def swallow(self, text: str) -> str:
        """Take the whole intervals with which a long text goes on; the lines behind them."""
        return self.document.swallow(text) if self.document else text

    def feed_text(self, text: str) -> list[Interval]:
        """Take many lines at once: a long document is mostly lines between its braces, which need not be looked at."""
        at, text = 1, "\n" + text
        found = []
        while at < len(text):
            if self.document is None:
                end = text.find("\n", at)
                interval = self.feed(text[at : end if end >= 0 else len(text)])
                found += [interval] if interval else []
            else:
                end = self._take_until_brace(self.document, text, at)
            at = end + 1 if end >= 0 else len(text)
        return found

    def _take_until_brace(self, document: Document, text: str, at: int) -> int:
        """Take what stands before the next line that begins with a brace, and that line; where it ends."""
        closing = text.find("\n}", at - 1)
        opening = text.find("\n{", at - 1, closing if closing >= 0 else len(text))
        brace = opening if opening >= 0 else closing
        if brace < 0:
            document.add(text[at:])
            return -1
        if brace > at:
            document.add(text[at:brace])
        end = text.find("\n", brace + 1)
        self.feed(text[brace + 1 : end if end >= 0 else len(text)])
        return end

    def _continue(self, document: Document, line: str) -> None:
        """A document ends with a brace in the first column; a second start there means that the first was cut off."""
        if document.pieces and line.startswith("{"):
            self._close(document, cut=True)
            self.feed(line)
            return
        document.add(line)
        if line.startswith("}") or (document.pieces == 1 and line.rstrip().endswith("}")):
            self._close(document, cut=False)

    def _close(self, document: Document, cut: bool) -> None:
        self.document = None
        decoded = document.decoded(cut)
        if decoded is not None:
            self._add(decoded)

    def _add(self, document: Json) -> None:
        """Keep a document once: 3.16 can print it twice, and --json-stream-full-output repeats what the events said."""
        for known in self.documents[-1:]:
            if (_cookie(known) and _cookie(known) == _cookie(document)) or known == document:
                self.documents.pop()
        self.documents.append(document)

    def _event(self, line: str) -> Interval | None:
        try:
            event = decode(line)
        except (ValueError, RecursionError):
            return None
        name, data = event.get("event"), event.get("data")
        if name == "start" or self.event is None or (self.ended and name != "error"):
            self.event, self.ended = {"start": {}, "intervals": Intervals(), "end": {}}, False
            self.documents.append(self.event)
        return self._take(self.event, name, data)

    def _take(self, document: Json, name: Any, data: Any) -> Interval | None:
        if name == "interval" and isinstance(data, dict):
            document["intervals"].add([with_numbers(data) if numbers_are_texts(document["start"]) else data])
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
        unfinished = self.document.decoded(cut=True) if self.document else None
        if unfinished is not None:
            documents.append(unfinished)
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


def _cookie(document: Json) -> Any:
    return document["start"].get("cookie")
