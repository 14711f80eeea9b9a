"""Reads one JSON document of iperf3, of every version: what was decoded in, a result out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ..result import End, Flow, Interval, Result, Stream, Where
from .faults import main_error, said
from .rows import added, added_intervals, counted, so_far

BIDIR = "_bidir_reverse"
Json = dict[str, Any]
_SLACK = 1e-6
_LIMIT = 10**18


def result_of(document: Json, stderr: Iterable[str] = ()) -> Result:
    """The result that one document of iperf3 holds; whatever it does not say is None."""
    return _Reader(document, stderr).result()


class _Reader:
    """One document, and what has to be known of it before its figures mean something."""

    def __init__(self, document: Json, stderr: Iterable[str]) -> None:
        self.start = _dict(document.get("start"))
        self.end = _dict(document.get("end"))
        self.test = _dict(self.start.get("test_start"))
        self.raw_intervals = [_dict(i) for i in _list(document.get("intervals"))]
        error = document.get("error")
        # 3.1 writes each datagram out of order as an error.
        known = error is not None and not str(error).startswith("OUT OF ORDER")
        self.error = said(str(error)) if known else main_error(stderr)
        self.server = "accepted_connection" in self.start
        self.udp = str(self.test.get("protocol", "")).upper() == "UDP"
        self.raw_streams = [_dict(s) for s in _list(self.end.get("streams"))]
        self.cpu = _dict(self.end.get("cpu_utilization_percent"))
        self.bidir = bool(self.test.get("bidir")) or any(BIDIR in key for key in self.end) or self._both_ways()
        self.reverse = bool(self.test["reverse"]) if "reverse" in self.test else self._guess_reverse()
        self.per_stream = self._stream_intervals()

    def _both_ways(self) -> bool:
        """3.7 to 3.12 do not say --bidir; the streams of the first interval do."""
        rows = [_dict(s) for i in self.raw_intervals[:1] for s in _list(i.get("streams"))]
        return len({row.get("sender") for row in rows}) > 1

    def _guess_reverse(self) -> bool:
        """Up to 3.0.4 nothing says -R; only a sender counts retransmits, only a receiver has jitter."""
        rows = [_dict(s) for i in self.raw_intervals[:1] for s in _list(i.get("streams"))]
        if not rows:
            return False
        told = "jitter_ms" in rows[0] if self.udp else "retransmits" not in rows[0] and self._counts_retransmits()
        return told != self.server

    def _counts_retransmits(self) -> bool:
        return any("retransmits" in _dict(raw.get("sender")) for raw in self.raw_streams)

    def result(self) -> Result:
        version = re.sub(r"^iperf3?\s+", "", str(self.start.get("version", ""))).split(" ")[0][:40] or None
        own, other = self._cpu("host_total"), self._cpu("remote_total")
        flows = tuple(self._flow(reverse) for reverse in self._directions())
        partial = self.error is not None or not self.raw_streams or not flows
        if partial:
            flows = tuple(_with_totals_so_far(flow) for flow in flows)
        peer = _dict(self.start.get("accepted_connection" if self.server else "connecting_to"))
        return Result(
            tool="iperf3",
            version=version,
            protocol="udp" if self.udp else str(self.test.get("protocol", "tcp")).lower()[:10],
            role="server" if self.server else "client",
            flows=flows,
            partial=partial,
            error=self.error,
            client=_text(peer.get("host")) if self.server else None,
            server=None if self.server else _text(peer.get("host")),
            client_version=None if self.server else version,
            server_version=version if self.server else None,
            client_cpu_percent=other if self.server else own,
            server_cpu_percent=own if self.server else other,
            congestion=_text(self.end.get("sender_tcp_congestion")),
            started=_number(_dict(self.start.get("timestamp")).get("timesecs")),
        )

    def _cpu(self, key: str) -> float | None:
        share = _number(self.cpu.get(key))
        # The far end's share is 0 in a document that ended before the ends exchanged their results.
        return share if share or key == "host_total" else None

    def _directions(self) -> tuple[bool, ...]:
        if not self.test and not self.raw_streams:
            return ()
        if not self.raw_streams and not self.raw_intervals:
            return ()
        return (False, True) if self.bidir else (self.reverse,)

    def _flow(self, reverse: bool) -> Flow:
        suffix = BIDIR if self.bidir and reverse else ""
        sends = reverse == self.server
        streams = self._streams(sends)
        sender = self._sum(("sum_sent" + suffix, "sum" + suffix), "sender", sends, streams)
        receiver = self._sum(("sum_received" + suffix, "sum" + suffix), "receiver", not sends, streams)
        return Flow(
            direction="reverse" if reverse else "forward",
            reverse=reverse,
            sender=sender,
            receiver=self._plausible(receiver, sender),
            streams=streams,
            intervals=self._intervals(suffix, streams),
            measured_at="sender" if sends else "receiver",
        )

    def _plausible(self, receiver: End, sender: End) -> End:
        sent, block = sender.packets, _whole(self.test.get("blksize"))
        if sent is None and sender.bytes and block:
            sent = sender.bytes // block
        lost, packets = counted(receiver.lost_packets, receiver.packets, sent)
        if packets == receiver.packets and lost == receiver.lost_packets:
            return receiver
        return replace(receiver, lost_packets=None, packets=None, jitter_ms=receiver.jitter_ms)

    def _sum(self, keys: tuple[str, str], where: Where, local: bool, streams: tuple[Stream, ...]) -> End:
        parts = [stream.sender if where == "sender" else stream.receiver for stream in streams]
        raw = _dict(self.end.get(keys[0]))
        if not raw and keys[1] in self.end:
            # UDP up to 3.10 has one sum for both ends: bytes and rate of the sender, loss and jitter of the receiver.
            raw = _mixed(_dict(self.end[keys[1]]), where)
        elif where == "receiver":
            raw = self._of_all_sent(raw, keys[1])
        if not raw:
            # 3.0.1 and 3.0.2 have no sums at all.
            return added(parts) if parts else End()
        return _with_stream_figures(_end(raw, where, self._peer_unknown(local)), parts)

    def _of_all_sent(self, raw: Json, mixed: str) -> Json:
        """Its share of lost datagrams is one of all that were sent: `sum` has those, `sum_received` what came in time."""
        sent = _count(_dict(self.end.get(mixed)).get("packets"))
        return {**raw, "packets": sent} if sent and _count(raw.get("packets")) else raw

    def _peer_unknown(self, local: bool) -> bool:
        """Whether a 0 stands for "unknown": a server never learns the client's figures; who was cut off, nor.

        3.9 does not write why it was cut off; but then the other end's CPU share is 0 as well.
        """
        return not local and (self.server or self.error is not None or not _number(self.cpu.get("remote_total")))

    def _streams(self, sends: bool) -> tuple[Stream, ...]:
        found = []
        for number, raw in enumerate(self.raw_streams):
            ident, sender, receiver, local_sends = self._stream_ends(raw, number)
            if local_sends == sends:
                receiver = self._plausible(receiver, sender)
                found.append(Stream(ident, sender, receiver, tuple(self.per_stream.get(ident, ()))))
        return tuple(found) or self._unfinished_streams(sends)

    def _stream_ends(self, raw: Json, number: int) -> tuple[int, End, End, bool]:
        here = self.reverse == self.server
        if "udp" in raw:
            udp = _dict(raw["udp"])
            ident = _ident(udp, number)
            local = self._local_sends(udp, ident, here)
            sender = _end(_mixed(udp, "sender"), "sender", self._peer_unknown(local))
            return ident, sender, _end(_mixed(udp, "receiver"), "receiver", self._peer_unknown(not local)), local
        sent, got = _dict(raw.get("sender")), _dict(raw.get("receiver"))
        ident = _ident(sent or got, number)
        local = self._local_sends(sent, ident, here)
        sender = _end(sent, "sender", self._peer_unknown(local))
        return ident, sender, _end(got, "receiver", self._peer_unknown(not local)), local

    def _local_sends(self, raw: Json, ident: int, otherwise: bool) -> bool:
        """Of one stream of --bidir: its own intervals tell, since `sender` in the sums of UDP means something else."""
        if not self.bidir:
            return otherwise
        for row in (_dict(s) for i in self.raw_intervals[:1] for s in _list(i.get("streams"))):
            if _ident(row, 0) == ident and "sender" in row:
                return bool(row["sender"])
        return bool(raw.get("sender", otherwise))

    def _stream_intervals(self) -> dict[int, list[Interval]]:
        found: dict[int, list[Interval]] = {}
        for raw in self.raw_intervals:
            for row in _list(raw.get("streams")):
                if isinstance(row, dict):
                    ident = row.get("socket")
                    rows = found.setdefault(ident if type(ident) is int else 0, [])
                    _append(rows, interval_of(row))
        return found

    def _unfinished_streams(self, sends: bool) -> tuple[Stream, ...]:
        """The streams of a run that never came to its summary, from the first interval in which they stand."""
        rows = [_dict(s) for i in self.raw_intervals[:1] for s in _list(i.get("streams"))]
        here = [_ident(row, 0) for row in rows if not self.bidir or bool(row.get("sender")) == sends]
        return tuple(Stream(ident, intervals=tuple(self.per_stream.get(ident, ()))) for ident in here)

    def _intervals(self, suffix: str, streams: tuple[Stream, ...]) -> tuple[Interval, ...]:
        if len(streams) == 1:
            return streams[0].intervals
        rows: list[Interval] = []
        for raw in self.raw_intervals:
            total = _dict(raw.get("sum" + suffix))
            if total:
                _append(rows, interval_of(total))
        return tuple(rows) or _together(streams)


def _append(rows: list[Interval], row: Interval) -> None:
    # After an error 3.9 and later list the last interval twice.
    last = rows[-1] if rows else None
    if last is None or row.start >= last.end - _SLACK or row.omitted != last.omitted:
        rows.append(row)


def _together(streams: tuple[Stream, ...]) -> tuple[Interval, ...]:
    return tuple(added_intervals(rows) for rows in zip(*(stream.intervals for stream in streams), strict=False))


def _with_totals_so_far(flow: Flow) -> Flow:
    """A flow without its summary gets what the intervals of this end add up to."""
    here = flow.sender if flow.measured_at == "sender" else flow.receiver
    if here != End():
        return flow
    end = so_far(flow.intervals)
    return replace(flow, sender=end) if flow.measured_at == "sender" else replace(flow, receiver=end)


def _mixed(raw: Json, where: Where) -> Json:
    """The part of a UDP figure that belongs to this end."""
    loss = ("jitter_ms", "lost_packets", "out_of_order")
    if where == "sender":
        return {key: value for key, value in raw.items() if key not in loss}
    return {key: raw[key] for key in (*loss, "packets") if key in raw}


def _end(raw: Json, where: Where, zero_is_unknown: bool) -> End:
    count = _count(raw.get("bytes"))
    if zero_is_unknown and not count:
        return End()
    receiver = where == "receiver"
    packets = _count(raw.get("packets"))
    lost = _whole(raw.get("lost_packets")) if receiver else None
    if lost is not None:
        lost, packets = counted(lost, packets)
    return End(
        bytes=count,
        bits_per_second=_number(raw.get("bits_per_second")) if count is not None else None,
        seconds=_seconds(raw),
        retransmits=_count(raw.get("retransmits")),
        max_congestion_window_bytes=_count(raw.get("max_snd_cwnd")) or None,
        min_rtt_ms=_milli(raw.get("min_rtt")),
        mean_rtt_ms=_milli(raw.get("mean_rtt")),
        max_rtt_ms=_milli(raw.get("max_rtt")),
        jitter_ms=_number(raw.get("jitter_ms")) if receiver and raw.get("packets") else None,
        lost_packets=lost,
        packets=packets,
        out_of_order=_count(raw.get("out_of_order")) if receiver else None,
    )


def _seconds(raw: Json) -> float | None:
    start, end = _number(raw.get("start")), _number(raw.get("end"))
    # `seconds` of a receiver is the sender's up to 3.20; end - start is its own.
    return end - start if start is not None and end is not None else _number(raw.get("seconds"))


def _with_stream_figures(total: End, streams: list[End]) -> End:
    """The sum with what only the streams tell: the window and round-trip time, datagrams out of order."""
    if not streams or total == End():
        return total
    parts = added(streams)
    only_there = ("max_congestion_window_bytes", "min_rtt_ms", "mean_rtt_ms", "max_rtt_ms", "out_of_order")
    return replace(total, **{n: getattr(parts, n) for n in only_there if getattr(total, n) is None})


def interval_of(raw: Json) -> Interval:
    """One row of `intervals`, of a stream or of the sum."""
    get = raw.get
    start, end, count, rate = get("start"), get("end"), get("bytes"), get("bits_per_second")
    again, window, rtt = get("retransmits"), get("snd_cwnd"), get("rtt")
    # What is of the expected type goes by without a call: a day of 16 streams has more than a million rows.
    row = Interval(
        start if type(start) is float else _number(start) or 0.0,
        end if type(end) is float else _number(end) or 0.0,
        count if type(count) is int and 0 <= count < _LIMIT else _count(count),
        rate if type(rate) is float and rate < math.inf else _number(rate),
        get("omitted") is True,
        again if type(again) is int and 0 <= again < _LIMIT else _count(again),
        window if type(window) is int and 0 <= window < _LIMIT else _count(window),
        rtt / 1000 if type(rtt) is int and 0 < rtt < _LIMIT else _milli(rtt),
    )
    if "packets" in raw:
        _datagrams(row, raw)
    return row


def _datagrams(row: Interval, raw: Json) -> None:
    row.jitter_ms, row.packets = _number(raw.get("jitter_ms")), _count(raw["packets"])
    if "lost_packets" in raw:
        row.lost_packets, row.packets = counted(_whole(raw["lost_packets"]), row.packets)


def _ident(raw: Json, otherwise: int) -> int:
    socket = raw.get("socket")
    return socket if type(socket) is int else otherwise


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def _text(value: Any) -> str | None:
    return value[:256] if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    if type(value) not in (int, float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _whole(value: Any) -> int | None:
    if type(value) is int and -_LIMIT < value < _LIMIT:
        return value
    number = _number(value)
    return int(number) if number is not None and abs(number) < _LIMIT else None


def _count(value: Any) -> int | None:
    """A number of things; -1, or its unsigned form, is a system that does not count them."""
    if type(value) is int and 0 <= value < _LIMIT:
        return value
    number = _whole(value) if value is not None else None
    return number if number is not None and number >= 0 else None


def _milli(micro: Any) -> float | None:
    return _number(micro) / 1000 if micro and _number(micro) else None  # type: ignore[operator]
