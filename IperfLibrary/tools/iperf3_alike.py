"""Many rows of iperf3's text at once, where there is nothing but rows of intervals. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import ge, lt

from ..result import Interval
from .alike import Amounts, Columns, Row, intervals, whole_numbers
from .iperf3_assembly import SLACK, Lane, Test
from .rows import Cache, count_of
from .rows import size as read_size

# Each line is found; one that is neither a row nor the dashes between intervals has no group.
LINE = re.compile(
    r"^(?:\[ *(\d{1,9}|SUM)\] +(\d{1,9}\.\d\d-\d{1,9}\.\d\d) +sec +([\d.]{1,20} [KMGT]?Bytes) +([\d.]{1,20} [KMGT]?bits/sec)"
    # A lone number without blanks behind it may be cut off.
    r"(?: +(\d{1,17})(?: +([\d.]{1,20} [KMGT]?Bytes)|(?= ))| +(\d{1,9}\.\d{1,9}) ms +(\d{1,17})/(\d{1,17}) \([\d.e+]{1,9}%\))? *"
    r"|(- - - - )[- ]*|.*)$",
    re.MULTILINE,
)


class Alike:
    """Reads rows that neither begin nor end a test; what is not so plain it leaves alone."""

    def __init__(self) -> None:
        self._amounts = Amounts()
        self._windows = Cache(lambda text: count_of(read_size(text)) if text else None)

    def take(self, test: Test, found: Sequence[Row]) -> list[Interval] | None:
        """Put the rows into the lanes of the test; the intervals that they complete, or None where nothing was taken."""
        lanes = test.lanes.get(None)
        rows = [parts for parts in found if parts[0]]
        if not rows or not lanes or test.bidir or test.udp is None or test.local_sends is None:
            return None
        made = self._read(rows, test.udp)
        taken = _by_lane(lanes, [parts[0] for parts in rows], made) if made else None
        if not made or not taken:
            return None
        for name, some in taken.items():
            lanes[name].intervals += some
        return made if test.connected <= 1 else taken.get("SUM", [])

    def _read(self, rows: Sequence[Row], udp: bool) -> list[Interval] | None:
        _, spans, sizes, rates, numbers, windows, jitters, lost, packets, _ = zip(*rows, strict=True)
        amounts = self._amounts.read(spans, sizes, rates)
        if amounts is None or any(map(ge, amounts[0], amounts[1])):
            return None
        if any(jitters):
            return None if any(numbers) or not all(jitters) else _arrived(amounts, jitters, lost, packets)
        told = whole_numbers(numbers)
        if not udp:
            return intervals(*amounts, retransmits=told, windows=map(self._windows.__getitem__, windows))
        return None if any(windows) else intervals(*amounts, packets=told)


def _arrived(
    amounts: Columns, jitters: Sequence[str], lost: Sequence[str], packets: Sequence[str]
) -> list[Interval] | None:
    few, sent = [*map(int, lost)], [*map(int, packets)]
    if any(map(lt, sent, few)):
        return None
    return intervals(*amounts, jitters=map(float, jitters), lost=few, packets=sent)


def _by_lane(
    lanes: dict[str, Lane], names: Sequence[str], rows: Sequence[Interval]
) -> dict[str, list[Interval]] | None:
    """The rows of each lane; None where one of them is not the next one of its lane."""
    taken: dict[str, list[Interval]] = {name: [] for name in set(names)}
    if not all(name in lanes and lanes[name].runs for name in taken):
        return None
    ends = {name: lanes[name].intervals[-1].end - SLACK for name in taken}
    for name, row in zip(names, rows, strict=True):
        if row[0] < ends[name]:
            return None
        ends[name] = row[1] - SLACK
        taken[name].append(row)
    return taken
