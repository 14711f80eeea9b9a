"""The intervals in a document of iperf3 as rows: all that a result needs of them, in a part of the memory. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from math import inf
from operator import itemgetter, lt, methodcaller
from typing import Any

from ..result import Interval
from .iperf3_figures import Json, as_dict, as_list, interval_of
from .rows import behind_warm_up

BIDIR = "_bidir_reverse"
_SLACK = 1e-6


@dataclass
class Intervals:
    """Rows of each stream, by its number, and of the sums; ``first`` is the first interval as it stands there.

    ``sums`` are those of all intervals, ``forward`` and ``reverse`` those of the ones that have a sum for each direction.
    """

    first: Json = field(default_factory=dict)
    count: int = 0
    streams: dict[int, list[Interval]] = field(default_factory=dict)
    sums: list[Interval] = field(default_factory=list)
    forward: list[Interval] = field(default_factory=list)
    reverse: list[Interval] = field(default_factory=list)

    def __len__(self) -> int:
        return self.count

    def add(self, intervals: Iterable[Any]) -> None:
        """Take the next ones."""
        raws = [as_dict(raw) for raw in intervals]
        self.first = self.first if self.count or not raws else raws[0]
        self.count += len(raws)
        streams = [as_list(raw.get("streams")) for raw in raws]
        self._add_streams([row for rows in streams for row in rows if type(row) is dict])
        for raw in raws:
            self._add_sums(raw)

    def _add_streams(self, raws: list[Json]) -> None:
        """Take rows of streams; where all intervals have the same ones, each is every so many rows."""
        sockets = [*map(methodcaller("get", "socket"), raws)]
        idents = sockets if set(map(type, sockets)) == {int} else [s if type(s) is int else 0 for s in sockets]
        rows, names = [*map(interval_of, raws)], [*dict.fromkeys(idents)]
        if names and idents == names * (len(idents) // len(names)):
            for at, ident in enumerate(names):
                _extend(self.streams.setdefault(ident, []), rows[at :: len(names)])
            return
        for ident, row in zip(idents, rows, strict=True):
            _append(self.streams.setdefault(ident, []), row)

    def _add_sums(self, raw: Json) -> None:
        total = as_dict(raw.get("sum"))
        row = interval_of(total) if total else None
        _append(self.sums, row)
        if "sum" + BIDIR in raw:
            back = as_dict(raw["sum" + BIDIR])
            _append(self.forward, row)
            _append(self.reverse, interval_of(back) if back else None)

    def and_these(self, intervals: Iterable[Any]) -> Intervals:
        """These and more, as another value."""
        streams = {ident: list(rows) for ident, rows in self.streams.items()}
        both = Intervals(self.first, self.count, streams, list(self.sums), list(self.forward), list(self.reverse))
        both.add(intervals)
        return both


def _extend(rows: list[Interval], more: list[Interval]) -> None:
    ends = chain((rows[-1].end if rows else -inf,), map(itemgetter(1), more))
    if not rows or rows[-1].omitted or any(map(lt, map(itemgetter(0), more), ends)):
        for row in more:
            _append(rows, row)
    else:
        rows += more


def _append(rows: list[Interval], row: Interval | None) -> None:
    # After an error 3.9 and later list the last interval twice.
    last = rows[-1] if rows else None
    row = behind_warm_up(row, last) if row is not None and (last is None or last.omitted) else row
    if row is not None and (last is None or row.start >= last.end - _SLACK or row.omitted != last.omitted):
        rows.append(row)
