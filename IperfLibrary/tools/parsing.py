"""Reads what iperf printed, of either tool, in every form, without being told which: lines in, results out. Pure.

Example::

    result = parse(Path("client.txt").read_text().splitlines())
    result.bits_per_second

    parser = Parser()                     # while the file grows
    for line in lines:
        interval = parser.feed(line)      # what the line completed, or None
    parser.results()                      # at any moment
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from operator import itemgetter
from typing import Protocol

from ..errors import IperfError
from ..result import Interval, Result, Role
from . import alike
from .alike import Row
from .faults import classify, main_error
from .iperf2_csv import Iperf2Csv
from .iperf2_text import Iperf2Text
from .iperf3_stream import Iperf3Json
from .iperf3_text import Iperf3Text
from .pieces import pieces_of, uncollected

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)?|[@-Z\\-_])|[\x00\ufeff]|\^C(?=[\[{]|iperf)"
)
# Which tool and form, from the first line that only one of them prints.
_FORMS = re.compile(
    r"(?P<json>^\s*\{\s*\"event\"\s*:|[{,\s]\"(?:start|end|intervals)\"\s*:\s*[\[{])"
    r"|(?P<iperf3>Connecting to host \S+, port|Accepted connection from \S+, port|Server listening on \d+"
    r"|local \S+ port \d+ connected to |\] +\d+\.\d\d- *\d+\.\d\d {2,}sec |\[ID\]|\biperf 3\.\d"
    r"|\[(?:ID|[ \d]+|SUM)\]\[[TR]X-[CS]\])"
    r"|(?P<iperf2>Client connecting to \S+ (?:TCP|UDP) port|Server listening on (?:TCP|UDP) port"
    r"|local \S+ port \d+ connected with |\[[^\]]{1,80}\] +\d+\.(?:\d|\d{4})- *\d+\.\d{1,4} sec "
    r"|\[[^\]]{1,80}\] \d+\.\d\d-\d+\.\d\d sec )"
    r"|(?P<csv>(?:^|[^\d:+.,-])(?:[+-]\d{4}:)?\d{14}(?:\.\d{1,6})?,[^,]*,\d{1,5},[^,]*,\d{1,5},-?\d+,|time,srcaddress,)"
)
# What a line of _FORMS has in it for sure; to look for these takes a fiftieth of the time, and noise may be long.
_HINTS = (
    *(" sec ", "ecting to ", "listening on ", "connected ", "ccepted connection", "[ID]", "X-C]", "X-S]", "iperf 3."),
    *('"event"', '"start"', '"end"', '"intervals"', "srcaddress"),
)
_COMMAS = 6
"""In a row of CSV at least."""
# A run of another kind in the same file, from its first line. What iperf3 writes of the other end into a document is
# behind a quote.
_TURNS = re.compile(
    r"^(?:[^\"{\n]{0,200}?(?:"
    r"(?P<iperf3>Connecting to host \S+, port \d|Accepted connection from \S+, port \d|Server listening on \d)"
    r"|(?P<iperf2>Client connecting to \S+ (?:TCP|UDP) port|Server listening on (?:TCP|UDP) port))"
    r"|(?P<json>\s*\{\s*\"event\"\s*:|.{0,200}?[{,\s]\"(?:start|end|intervals)\"\s*:\s*[\[{])"
    r"|(?P<csv>(?:[+-]\d{4}:)?\d{14}(?:\.\d{1,6})?,[^,\n]*,\d{1,5},[^,\n]*,\d{1,5},-?\d+,))",
    re.MULTILINE,
)
_IN_DOCUMENTS = ("onnecting to ", "Accepted connection", "listening on ")
_CSV_LINE = re.compile(r"\n\d{14}[.,]")
_KEPT = 1000
_TURNS_OF_A_PIECE = 8
"""How often a piece of text is read in another way; what turns more often is read line by line."""

_RECENT = 50
_LONGEST = 8192
"""Characters of a line that are looked at where it is no JSON: rows have some hundred."""


class _Form(Protocol):
    tool: str
    form: str

    @property
    def quoting(self) -> bool:
        """Whether the lines that come now are what the other end printed."""

    def feed(self, line: str) -> Interval | None: ...

    def results(self, stderr: list[str] | None = None) -> list[Result]: ...


class Parser:
    """Reads the lines of one file or run as they come.

    ``role`` (and ``port``, the server's) need to be given only for iperf2's CSV, whose rows do not tell who printed
    them; what the output itself says goes first. Without ``live``, the streams of iperf2 are added up in the results alone.
    """

    def __init__(self, role: Role | None = None, port: int | None = None, live: bool = True) -> None:
        self.role, self.port, self.live = role, port, live
        self.form: _Form | None = None
        self.past: list[_Form] = []
        self.early: list[str] = []
        self.recent: deque[str] = deque(maxlen=_RECENT)
        self.before = ""

    def feed(self, line: str) -> Interval | None:
        """Take the next line; the interval, summed over all streams, that it completes."""
        line = _plain(line)
        if self.form is not None:
            other = self._turn(line)
            return self._turned(other, line) if other else self.form.feed(_seen(line, self.form.form))
        found = _FORMS.search(line, 0, _LONGEST) if _may_tell(line) else None
        self.early.append(_seen(line, found.lastgroup if found else None))
        if found:
            return self._begin(found.lastgroup or "")
        if len(self.early) > _KEPT:
            del self.early[: _KEPT // 2]
        return None

    def read(self, lines: Iterable[str]) -> list[Interval]:
        """Take all these lines: as ``feed`` for each, and much faster. Returns the intervals in them.

        They may have their ends, be one text, many in one text, or an open file.
        """
        with uncollected():
            return [
                interval
                for text in pieces_of([lines] if isinstance(lines, str) else lines)
                for interval in self._read(text)
            ]

    def _read(self, text: str) -> list[Interval]:
        found: list[Interval] = []
        rest: str | None = text
        for _ in range(_TURNS_OF_A_PIECE):
            if rest is not None:
                some, rest = self._read_until_turn(rest)
                found += some
        for line in rest.split("\n") if rest is not None else ():
            interval = self.feed(line)
            found += [interval] if interval else []
        return found

    def _read_until_turn(self, text: str) -> tuple[list[Interval], str | None]:
        """Take the text up to where it is to be read in another way; the intervals in it, and what is left."""
        if isinstance(self.form, Iperf3Json):
            return self._read_documents(self.form, text)
        if isinstance(self.form, (Iperf3Text, Iperf2Text)):
            return self._read_rows(self.form, text)
        found, form, lines = [], self.form, text.split("\n")
        for at, line in enumerate(lines, 1):
            interval = self.feed(line)
            found += [interval] if interval else []
            if self.form is not form:
                return found, _rest(lines, at)
        return found, None

    def _read_rows(self, form: Iperf3Text | Iperf2Text, text: str) -> tuple[list[Interval], str | None]:
        """Take a text that is mostly rows: those between two other lines together."""
        lines, rows = text.split("\n"), form.line.findall(text)
        others = [at for at, parts in enumerate(rows) if not (parts[0] or parts[-1])]
        found, at = [], 0
        for other in [*others, len(lines)]:
            found += self._take_rows(form, lines[at:other], rows[at:other])
            at = other + 1
            interval = self.feed(lines[other]) if other < len(lines) else None
            found += [interval] if interval else []
            if self.form is not form:
                return found, _rest(lines, at)
        return found, None

    def _take_rows(self, form: Iperf3Text | Iperf2Text, lines: list[str], rows: list[Row]) -> list[Interval]:
        if any(map(itemgetter(-1), rows)):
            # What stands between rows, and turns nothing.
            self.before = ""
        found = form.take(rows[:-1]) if len(rows) >= alike.FEW else None
        left = lines if found is None else lines[-1:]
        return [*(found or ()), *(interval for line in left if (interval := form.feed(line)))]

    def _read_documents(self, form: Iperf3Json, text: str) -> tuple[list[Interval], str | None]:
        text = form.swallow(text)
        text = _plain(text) if "\x1b" in text or "^C" in text or "\x00" in text else text
        end = _end_of_documents(text)
        found = form.feed_text(text[:end])
        if end >= len(text):
            return found, None
        line, more, rest = text[end:].partition("\n")
        interval = self.feed(line)
        return [*found, *([interval] if interval else [])], rest if more else None

    def _turn(self, line: str) -> str | None:
        """The form of a run of another kind that begins with this line."""
        assert self.form is not None
        if "/sec" in line:
            # iperf2 prints banners, and up to 2.0.14 the server's report, also between the rows of its CSV: only a
            # banner and a row right behind it show that it is text.
            return "iperf2" if self.form.form == "csv" and self.recent and _FORMS.search(line) else None
        other = self._kind(line)
        now = self.form.form
        if (
            other not in (None, now)
            and not (other == "json" and self.form.quoting)
            and (now, other) != ("csv", "iperf2")
        ):
            return other
        if now == "csv" and other:
            self.recent.clear()
        if now != "csv" or other == "iperf2" or self.recent:
            self.recent.append(line[:_LONGEST])
        self.before = line[-_LONGEST:]
        return None

    def _kind(self, line: str) -> str | None:
        assert self.form is not None
        if self.form.form == "csv" and line[:8].isdecimal():
            return "csv"
        found = _TURNS.search(line)
        return found.lastgroup if found else None

    def _turned(self, form: str, line: str) -> Interval | None:
        """Begin with the lines that came before this one, as far as they belong to it."""
        assert self.form is not None
        before = list(self.recent)
        if form == "json":
            before = [self.before] if self.before.rstrip().endswith("{") else []
        elif form == "iperf3" or self.form.tool == "iperf3":
            before = []
        if any(result.flows for result in self.form.results([])) or self.form.tool != "iperf2" or form == "json":
            self.past.append(self.form)
        self.recent.clear()
        self.before = ""
        self.early = [*before, _seen(line, form)]
        return self._begin(form)

    def _begin(self, form: str) -> Interval | None:
        early, self.early = self.early, []
        self.form = self._form(form)
        interval = None
        self.recent.extend(early)
        for line in early:
            interval = self.form.feed(line)
        return interval

    def _form(self, form: str) -> _Form:
        if form == "json":
            return Iperf3Json()
        if form == "iperf3":
            return Iperf3Text()
        return Iperf2Csv(self.role, self.port) if form == "csv" else Iperf2Text(self.role, self.live)

    def results(self, stderr: Iterable[str] = ()) -> list[Result]:
        """What was measured until now: one result per test, none if no line was iperf's."""
        errors = [_plain(line) for line in stderr]
        if self.form is not None:
            return [*(result for form in self.past for result in form.results([])), *self.form.results(errors)]
        error = main_error([*self.early, *errors])
        return [] if error is None else [self._failed(error, [*self.early, *errors])]

    @property
    def last_words(self) -> list[str]:
        """The error that came last of all, as a server takes its leave after its last test: no result has that."""
        words = self.form.last_words if isinstance(self.form, Iperf3Json) else None
        return [words] if words else []

    def _failed(self, error: str, lines: list[str]) -> Result:
        tool = "iperf3" if any("iperf3" in line for line in lines) else "iperf2"
        return Result(tool, None, "tcp", self.role or "client", partial=True, error=error)


def _may_tell(line: str) -> bool:
    """Whether it is worth a look for a form."""
    return any(hint in line for hint in _HINTS) or line.count(",") >= _COMMAS


def _plain(line: str) -> str:
    """The line without what a terminal adds: colours, a byte order mark, the echo of Ctrl-C."""
    if not line.isprintable():
        line = _ESCAPES.sub("", line.rstrip("\r\n"))
    return _ESCAPES.sub("", line) if "^C" in line else line


def _seen(line: str, form: str | None) -> str:
    """As much of the line as can mean something in this form: a document may stand on one line."""
    return line if form == "json" or len(line) <= _LONGEST else line[:_LONGEST]


def _rest(lines: list[str], at: int) -> str | None:
    return "\n".join(lines[at:]) if at < len(lines) else None


def _end_of_documents(text: str) -> int:
    """Where the first line of a run stands that did not print JSON."""
    if any(words in text for words in _IN_DOCUMENTS) or _CSV_LINE.search(text) or _CSV_LINE.match("\n" + text[:16]):
        for found in _TURNS.finditer(text):
            if found.lastgroup != "json":
                return found.start()
    return len(text)


def parse_all(
    lines: Iterable[str], stderr: Iterable[str] = (), role: Role | None = None, port: int | None = None
) -> list[Result]:
    """The results of all tests in these lines, in their order: a server's log, several documents."""
    parser = Parser(role, port, live=False)
    parser.read(lines)
    return parser.results(stderr)


def parse(
    lines: Iterable[str], stderr: Iterable[str] = (), role: Role | None = None, port: int | None = None
) -> Result:
    """The result of the last test in these lines; a client that failed counts as one."""
    parser = Parser(role, port, live=False)
    parser.read(lines)
    errors = list(stderr)
    results = parser.results(errors)
    if not results:
        raise _unreadable(parser, errors)
    return tests_among(results)[-1]


def tests_among(results: list[Result]) -> list[Result]:
    """Without how a server takes its leave, which is no test; all of them where there is nothing else.

    A client that was refused is one, and a run before it is not its result.
    """
    return [result for result in results if result.flows or result.role == "client"] or results


def _unreadable(parser: Parser, stderr: list[str]) -> IperfError:
    heard = [line.strip() for line in [*parser.early, *stderr] if line.strip()]
    fault = classify("\n".join(heard[-50:]))
    if parser.form is not None:
        return IperfError(
            "There is no test in this iperf output.",
            kind="unreadable",
            cause="a server that served nobody, or output that is cut off before the first figure",
            remedy="Give the output of a run that came to its end.",
        )
    return IperfError(
        "This is no output of iperf.",
        kind="unreadable",
        said="\n".join(heard[-3:])[:500] or "nothing",
        cause=fault.cause if fault else "iperf did not run, was killed before it printed, or printed somewhere else",
        remedy=fault.remedy if fault else "Look at the raw file, and at what the run printed as errors.",
    )
