"""Many rows of iperf2's text at once, where there is nothing but rows of intervals. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import repeat
from operator import ge
from typing import NamedTuple

from ..result import Interval
from .alike import Amounts, Columns, Row, intervals, whole_numbers

_AMOUNTS = r"sec +([\d.]{1,20} [KMGT]?Bytes?) +([\d.]{1,20} [KMGT]?bits/sec)"
# Each line is found; one that is neither a stream's row nor a plain sum has no group. A row from 0 on may be that of the whole
# run. No "o" in what is passed over: that would be "(omitted)".
LINE = re.compile(
    rf"^(?:\[ *([1-9]\d{{0,8}})\] +((?!0\.0{{1,4}}-)\d{{1,9}}\.\d{{1,4}}- *\d{{1,9}}\.\d{{1,4}}) {_AMOUNTS}"
    r"(?: +\d{1,17}/\d{1,17} +(\d{1,17}) +(?:\d{1,17}K\(\d{1,17}\)/)?(\d{1,17})K(?:\(\d{1,17}\))?(?:/(\d{1,17})(?:\(\d{1,17}\))? us)?[^\n(o]*"
    r"| +(\d{1,9}\.\d{1,9}) ms +(\d{1,17})/ *(\d{1,17}) +\([^\no]*| +\d+=[\d:]+)? *"
    r"|(\[SUM\]) +\d{1,9}\.\d{1,4}- *\d{1,9}\.\d{1,4} sec +[\d.]{1,20} [KMGT]?Bytes? +[\d.]{1,20} [KMGT]?bits/sec[^\nmo]*|.*)$",
    re.MULTILINE,
)


class Rows(NamedTuple):
    """Rows as they were printed, each with the name of its stream; ``live`` as they are while the line behind is not known."""

    names: Sequence[str]
    intervals: list[Interval]
    live: list[Interval]
    measured: bool
    tenths: bool


class Alike:
    """Reads rows of streams; what is not so plain it leaves alone."""

    def __init__(self) -> None:
        self._amounts = Amounts()

    def read(self, found: Sequence[Row]) -> Rows | None:
        """The rows in what ``LINE`` found; None where they are not all of one kind."""
        rows = [parts for parts in found if parts[0]]
        if not rows:
            return None
        names, spans, sizes, rates, again, windows, rtts, jitters, lost, packets, _ = zip(*rows, strict=True)
        amounts = self._amounts.read(spans, sizes, rates)
        if amounts is None or not all(amounts[0]) or any(map(ge, amounts[0], amounts[1])) or None in amounts[3]:
            return None
        tenths = {span[-2] == "." for span in spans}
        if len(tenths) > 1 or (any(jitters) and not all(jitters)):
            return None
        if any(jitters):
            live, made = _arrived(amounts, jitters, lost, packets)
        else:
            live = made = _sent(amounts, again, windows, rtts)
        return Rows(names, made, live, any(jitters), tenths.pop())


def _sent(amounts: Columns, again: Sequence[str], windows: Sequence[str], rtts: Sequence[str]) -> list[Interval]:
    if not any(windows):
        return intervals(*amounts)
    return intervals(*amounts, retransmits=whole_numbers(again), windows=_kibi(windows), rtts=_milli(rtts))


def _arrived(
    amounts: Columns, jitters: Sequence[str], lost: Sequence[str], packets: Sequence[str]
) -> tuple[list[Interval], list[Interval]]:
    """The rows of a receiver, and the same when another row has shown that no datagram was out of order."""
    ms, few, all_ = [*map(float, jitters)], [*map(int, lost)], [*map(int, packets)]
    live = intervals(*amounts, jitters=ms, lost=few, packets=all_)
    return live, intervals(*amounts, jitters=ms, lost=few, packets=all_, late=repeat(0))


def _kibi(texts: Sequence[str]) -> list[int | None]:
    return [int(text) * 1024 if text else None for text in texts]


def _milli(texts: Sequence[str]) -> list[float | None]:
    return [int(text) / 1000 if text else None for text in texts]
