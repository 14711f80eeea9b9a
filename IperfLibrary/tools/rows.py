"""What the rows of all iperf versions have in common: units, and sums that stay unknown when a part is. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Generic, TypeVar

from ..result import End, Interval

_STEP = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
_AMOUNT = re.compile(r"(\d+(?:\.\d*)?) ([KMGTPE]?)(bits|Bytes?|Byte)")
_MANY = 16384
T = TypeVar("T")

# A number of bytes, or of bits a second, and half its last printed digit relative to it.
Size = tuple[int, float]
Rate = tuple[float, float]


class Cache(dict[str, T], Generic[T]):
    """Texts that were read before.

    Neighbouring rows share most of theirs: reading costs one look-up, and equal numbers are one object.
    """

    def __init__(self, read: Callable[[str], T]) -> None:
        self.read = read

    def __missing__(self, text: str) -> T:
        if len(self) >= _MANY:
            self.clear()
        value = self[text] = self.read(text)
        return value


def size(text: str) -> Size | None:
    """Bytes of "1.09 GBytes", in steps of 1024, and how exact that is; None for what is no number."""
    found = _amount(text)
    return None if found is None else (round(found[0] * 1024 ** _STEP[found[2]]), found[1])


def rate(text: str) -> Rate | None:
    """Bits a second of "939 Mbits/sec", in steps of 1000, or of "112 MBytes/sec", in steps of 1024 and 8 bits each."""
    found = _amount(text)
    if found is None:
        return None
    number, error, prefix, unit = found
    scale = 1000 ** _STEP[prefix] if unit == "bits" else 8 * 1024 ** _STEP[prefix]
    return float(number * scale), error


def _amount(text: str) -> tuple[float, float, str, str] | None:
    found = _AMOUNT.match(text)
    if not found or len(found[1]) > 40:
        return None
    digits, prefix, unit = found.groups()
    number = float(digits)
    half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
    return number, (half / number if number else math.inf), prefix, unit


def span(text: str) -> tuple[float, float]:
    """The two times of "0.00-10.00" or " 0.0- 1.0"."""
    start, end = text.split("-")
    return float(start), float(end)


def count_of(size: Size | None) -> int | None:
    return None if size is None else size[0]


def rate_of(rate: Rate | None, size: Size | None, start: float, end: float) -> float | None:
    """The rate as printed, unless it has fewer than two good digits and size / time has more: -f g of a slow link."""
    if rate is None or size is None:
        return None
    if rate[1] > 0.05 and size[1] < rate[1] and end > start:
        return size[0] * 8 / (end - start) if size[0] else rate[0]
    return rate[0]


def coherent(rate: Rate | None, size: Size | None, start: float, end: float) -> bool:
    """Whether size, time and rate of a summary tell the same story, within what their digits and clocks allow."""
    if rate is None or size is None:
        return False
    seconds = end - start
    if seconds < 0.05:
        # Two digits of time are too few to tell: -n 1M takes "0.00-0.00 sec".
        return True
    expected = size[0] * 8
    slack = 0.1 + min(size[1], 1.0) + min(rate[1], 1.0) + 0.1 / seconds
    return abs(rate[0] * seconds - expected) <= slack * max(rate[0] * seconds, expected)


def known(combine: Callable[[list[Any]], Any], values: Iterable[Any]) -> Any:
    """The combined value, or None when one part is unknown."""
    parts = list(values)
    return combine(parts) if parts and None not in parts else None


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


_COMBINE: dict[str, Callable[[list[Any]], Any]] = {
    "bytes": sum,
    "bits_per_second": sum,
    "seconds": max,
    "retransmits": sum,
    "max_congestion_window_bytes": max,
    "min_rtt_ms": min,
    "mean_rtt_ms": _mean,
    "max_rtt_ms": max,
    "jitter_ms": max,
    "lost_packets": sum,
    "packets": sum,
    "out_of_order": sum,
}


def added(ends: Sequence[End]) -> End:
    """The sum of the streams; the jitter is that of the worst one."""
    if len(ends) == 1:
        return ends[0]
    total = End(**{name: known(combine, (getattr(end, name) for end in ends)) for name, combine in _COMBINE.items()})
    return total if _together(ends) or not total.seconds else replace(total, bits_per_second=_overall(total))


def _together(ends: Sequence[End]) -> bool:
    """Whether the streams ran for the same time: else their rates do not add up."""
    seconds = [end.seconds for end in ends if end.seconds is not None]
    return not seconds or max(seconds) - min(seconds) <= 0.05 * max(seconds) + 0.01


def _overall(total: End) -> float | None:
    return None if total.bytes is None or not total.seconds else total.bytes * 8 / total.seconds


def behind_warm_up(row: Interval, last: Interval | None) -> Interval:
    """The row, from its true start on.

    Where the end of the warm-up (``omit``) comes just before that of an interval, iperf3 does not print this last one of the warm-up, and the
    next row has its start: no time at all. It has the bytes of its own time, a rate over twice of that, and the datagrams of both.
    Where no row is known before it, it may as well be the last moment of a run whose beginning is cut off: that takes longer.
    """
    longest = 0.005 if last is None else 0.1 * row.end
    if row.omitted or row.start <= 0 or row.end - row.start >= longest or (last is not None and not last.omitted):
        return row
    rate = None if row.bytes is None or row.end <= 0 else row.bytes * 8 / row.end
    return row._replace(start=0.0, bits_per_second=rate, packets=None, lost_packets=None)


def added_intervals(rows: Sequence[Interval]) -> Interval:
    """The rows of several streams between the same two moments as one."""
    starts, ends, counts, rates, omitted, retransmits, _, _, jitters, lost, packets, late = zip(*rows, strict=True)
    # By their places and without ``known``: a day of 16 streams is 86,400 of these.
    return Interval(
        min(starts),
        max(ends),
        None if None in counts else sum(counts),
        None if None in rates else sum(rates),
        omitted[0],
        None if None in retransmits else sum(retransmits),
        None,
        None,
        None if None in jitters else max(jitters),
        None if None in lost else sum(lost),
        None if None in packets else sum(packets),
        None if None in late else sum(late),
    )


def so_far(intervals: Sequence[Interval]) -> End:
    """What the rows until a cut add up to, if none is missing from the start on; for partial results only."""
    rows = [row for row in intervals if not row.omitted]
    if not rows or rows[0].start != 0 or not _without_gap(rows):
        return End()
    seconds = rows[-1].end
    count = known(sum, (row.bytes for row in rows))
    return End(
        bytes=count,
        bits_per_second=count * 8 / seconds if count is not None and seconds > 0 else None,
        seconds=seconds,
        retransmits=known(sum, (row.retransmits for row in rows)),
        lost_packets=known(sum, (row.lost_packets for row in rows)),
        packets=known(sum, (row.packets for row in rows)),
    )


def _without_gap(rows: Sequence[Interval]) -> bool:
    return all(abs(after.start - before.end) < 0.02 for before, after in pairwise(rows))


def counted(lost: int | None, total: int | None, sent: int | None = None) -> tuple[int | None, int | None]:
    """Lost and total datagrams, or neither where they cannot be.

    3.1 and 3.6 to 3.9 count late ones as lost again and again, 2.1 servers send reports of garbage. A few more than
    sent is the closing datagram.
    """
    if lost is None or total is None or not 0 <= lost <= total:
        return None, None
    if sent is not None and total > sent * 1.05 + 50:
        return None, None
    return lost, total
