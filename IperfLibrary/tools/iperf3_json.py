"""Reads the JSON documents of iperf3, of every version: text in, results out."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ..result import End, Flow, Interval, Result, Stream

_BIDIR = "_bidir_reverse"
_BROKEN_FLOAT = re.compile(r"(?<=[:\[,\s])-?(?:nan|inf(?:inity)?)(?=[,\s\]}])", re.IGNORECASE)
Json = dict[str, Any]


def documents(text: str) -> Iterator[Json]:
    """Each top-level object of the text; whatever stands between them is passed over.

    An object that is cut off is not returned.
    """
    text = _BROKEN_FLOAT.sub("null", text)
    decoder = json.JSONDecoder(object_pairs_hook=_pairs)
    at = text.find("{")
    while at >= 0:
        try:
            document, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
            # The outer object is cut: what is inside of it is no document of its own.
            if not _starts_line(text, at):
                break
        else:
            yield document
        at = _next_document(text, end)


def _starts_line(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == "\n"


def _next_document(text: str, at: int) -> int:
    found = re.compile(r"^\{", re.MULTILINE).search(text, at)
    return found.start() if found else -1


def _pairs(pairs: list[tuple[str, Any]]) -> Json:
    """iperf3 3.7 to 3.10 give the sums of --bidir twice under one name; json.loads alone would keep the reverse one."""
    result: Json = {}
    for key, value in pairs:
        if key in result and key.startswith("sum"):
            result[key + _BIDIR] = value
        elif key != "error" or key not in result:
            result[key] = value
    return result


def result_of(document: Json) -> Result:
    """The result that one document of iperf3 holds; whatever it does not say is None."""
    return _Reader(document).result()


class _Reader:
    """One document, and what has to be known of it before its figures mean something."""

    def __init__(self, document: Json) -> None:
        self.start = _dict(document.get("start"))
        self.end = _dict(document.get("end"))
        self.test = _dict(self.start.get("test_start"))
        self.raw_intervals = [_dict(i) for i in _list(document.get("intervals"))]
        error = document.get("error")
        self.error = str(error) if error is not None else None
        self.server = "accepted_connection" in self.start
        self.udp = str(self.test.get("protocol", "")).upper() == "UDP"
        self.bidir = bool(self.test.get("bidir")) or any(_BIDIR in key for key in self.end)
        self.reverse = bool(self.test.get("reverse"))

    def result(self) -> Result:
        cpu = _dict(self.end.get("cpu_utilization_percent"))
        own, other = _number(cpu.get("host_total")), _number(cpu.get("remote_total"))
        # The far end's share is 0 in a document that ended before the ends exchanged their results.
        other = other if other and not self.error else None
        version = re.sub(r"^iperf\s+", "", str(self.start.get("version", ""))).split(" ")[0] or None
        return Result(
            tool="iperf3",
            version=version,
            protocol="udp" if self.udp else str(self.test.get("protocol", "tcp")).lower(),
            role="server" if self.server else "client",
            flows=tuple(self._flow(reverse) for reverse in self._directions()),
            partial=self.error is not None,
            error=self.error,
            client_version=None if self.server else version,
            server_version=version if self.server else None,
            client_cpu_percent=other if self.server else own,
            server_cpu_percent=own if self.server else other,
            congestion=self._text("sender_tcp_congestion"),
            started=_number(_dict(self.start.get("timestamp")).get("timesecs")),
        )

    def _text(self, key: str) -> str | None:
        value = self.end.get(key)
        return str(value) if value is not None else None

    def _directions(self) -> tuple[bool, ...]:
        if not self.test:
            return ()
        return (False, True) if self.bidir else (self.reverse,)

    def _flow(self, reverse: bool) -> Flow:
        suffix = _BIDIR if self.bidir and reverse else ""
        sends = reverse == self.server
        streams = self._streams(sends)
        sender = self._sum("sum_sent" + suffix, "sum" + suffix, "sender", sends, streams)
        receiver = self._sum("sum_received" + suffix, "sum" + suffix, "receiver", not sends, streams)
        return Flow(
            direction="reverse" if reverse else "forward",
            reverse=reverse,
            sender=sender,
            receiver=receiver,
            streams=streams,
            intervals=self._intervals("sum" + suffix),
            measured_at="sender" if sends else "receiver",
        )

    def _sum(self, key: str, mixed: str, where: str, local: bool, streams: tuple[Stream, ...]) -> End:
        raw = _dict(self.end.get(key))
        if not raw and mixed in self.end:
            # UDP up to 3.10 has one sum for both ends: bytes and rate of the sender, loss and jitter of the receiver.
            raw = _mixed(_dict(self.end[mixed]), where)
        if not raw:
            # 3.0.1 and 3.0.2 have no sums at all.
            return _added([getattr(stream, where) for stream in streams])
        end = _end(raw, where, self._peer_unknown(local))
        return _with_stream_figures(end, [getattr(stream, where) for stream in streams])

    def _peer_unknown(self, local: bool) -> bool:
        """Whether a 0 stands for "unknown": a server never learns the client's figures; who was cut off, nor."""
        return not local and (self.server or self.error is not None)

    def _streams(self, sends: bool) -> tuple[Stream, ...]:
        per_id = self._stream_intervals()
        found = []
        for number, raw in enumerate(_dict(s) for s in _list(self.end.get("streams"))):
            ident, sender, receiver, local_sends = self._stream_ends(raw, number)
            if local_sends == sends:
                found.append(Stream(ident, sender, receiver, tuple(per_id.get(ident, ()))))
        return tuple(found) or self._unfinished_streams(sends, per_id)

    def _stream_ends(self, raw: Json, number: int) -> tuple[int, End, End, bool]:
        sends_here = self.reverse == self.server
        if "udp" in raw:
            udp = _dict(raw["udp"])
            local = bool(udp.get("sender", sends_here)) if self.bidir else sends_here
            ends = [
                _end(_mixed(udp, w), w, self._peer_unknown(local == (w == "sender"))) for w in ("sender", "receiver")
            ]
            return int(_number(udp.get("socket")) or number), ends[0], ends[1], local
        sent, got = _dict(raw.get("sender")), _dict(raw.get("receiver"))
        local = bool(sent.get("sender", sends_here)) if self.bidir else sends_here
        ident = int(_number(sent.get("socket", got.get("socket"))) or number)
        sender = _end(sent, "sender", self._peer_unknown(local))
        return ident, sender, _end(got, "receiver", self._peer_unknown(not local)), local

    def _stream_intervals(self) -> dict[int, list[Interval]]:
        found: dict[int, dict[tuple[float, float], Interval]] = {}
        for raw in (_dict(s) for i in self.raw_intervals for s in _list(i.get("streams"))):
            interval = _interval(raw)
            # After an error 3.9 and later list the last interval twice.
            found.setdefault(int(_number(raw.get("socket")) or 0), {})[interval.start, interval.end] = interval
        return {ident: list(rows.values()) for ident, rows in found.items()}

    def _unfinished_streams(self, sends: bool, per_id: dict[int, list[Interval]]) -> tuple[Stream, ...]:
        """The streams of a run that never came to its summary, from the first interval in which they stand."""
        if not self.raw_intervals:
            return ()
        rows = [_dict(s) for s in _list(self.raw_intervals[0].get("streams"))]
        here = [row for row in rows if not self.bidir or bool(row.get("sender")) == sends]
        idents = [int(_number(row.get("socket")) or 0) for row in here]
        return tuple(Stream(ident, intervals=tuple(per_id.get(ident, ()))) for ident in idents)

    def _intervals(self, key: str) -> tuple[Interval, ...]:
        rows = [_interval(_dict(raw.get(key))) for raw in self.raw_intervals if raw.get(key)]
        return tuple({(row.start, row.end): row for row in rows}.values())


def _mixed(raw: Json, where: str) -> Json:
    """The part of a UDP figure that belongs to this end."""
    loss = ("jitter_ms", "lost_packets", "out_of_order")
    if where == "sender":
        return {key: value for key, value in raw.items() if key not in loss}
    return {key: raw[key] for key in (*loss, "packets") if key in raw}


def _end(raw: Json, where: str, zero_is_unknown: bool) -> End:
    count = _whole(raw.get("bytes"))
    if zero_is_unknown and not count:
        return End()
    receiver = where == "receiver"
    packets, lost = _whole(raw.get("packets")), _whole(raw.get("lost_packets")) if receiver else None
    if lost is not None and (packets is None or not 0 <= lost <= packets):
        packets = lost = None  # 3.6 to 3.9 count datagrams out of order as lost more than once
    return End(
        bytes=count,
        bits_per_second=_number(raw.get("bits_per_second")),
        seconds=_seconds(raw),
        retransmits=_whole(raw.get("retransmits")),
        max_congestion_window_bytes=_whole(raw.get("max_snd_cwnd")),
        min_rtt_ms=_milli(raw.get("min_rtt")),
        mean_rtt_ms=_milli(raw.get("mean_rtt")),
        max_rtt_ms=_milli(raw.get("max_rtt")),
        jitter_ms=_number(raw.get("jitter_ms")) if receiver and packets else None,
        lost_packets=lost,
        packets=packets,
        out_of_order=_whole(raw.get("out_of_order")) if receiver else None,
    )


def _seconds(raw: Json) -> float | None:
    start, end = _number(raw.get("start")), _number(raw.get("end"))
    # `seconds` of a receiver is the sender's up to 3.20; end - start is its own.
    return end - start if start is not None and end is not None else _number(raw.get("seconds"))


def _with_stream_figures(total: End, streams: list[End]) -> End:
    """The sum with what only the streams tell: the window and round-trip time, datagrams out of order."""
    added = _added(streams)
    only_there = ("max_congestion_window_bytes", "min_rtt_ms", "mean_rtt_ms", "max_rtt_ms", "out_of_order")
    return replace(total, **{n: getattr(added, n) for n in only_there if getattr(total, n) is None})


def _added(ends: list[End]) -> End:
    if not ends:
        return End()

    def known(combine: Any, name: str) -> Any:
        values = [getattr(end, name) for end in ends]
        return combine(values) if None not in values else None

    return End(
        bytes=known(sum, "bytes"),
        bits_per_second=known(sum, "bits_per_second"),
        seconds=known(max, "seconds"),
        retransmits=known(sum, "retransmits"),
        max_congestion_window_bytes=known(max, "max_congestion_window_bytes"),
        min_rtt_ms=known(min, "min_rtt_ms"),
        mean_rtt_ms=known(lambda v: sum(v) / len(v), "mean_rtt_ms"),
        max_rtt_ms=known(max, "max_rtt_ms"),
        jitter_ms=known(max, "jitter_ms"),
        lost_packets=known(sum, "lost_packets"),
        packets=known(sum, "packets"),
        out_of_order=known(sum, "out_of_order"),
    )


def _interval(raw: Json) -> Interval:
    start, end = _number(raw.get("start")) or 0.0, _number(raw.get("end")) or 0.0
    udp_receiver = "jitter_ms" in raw
    return Interval(
        start=start,
        end=end,
        bytes=_whole(raw.get("bytes")),
        bits_per_second=_number(raw.get("bits_per_second")),
        omitted=bool(raw.get("omitted")),
        retransmits=_whole(raw.get("retransmits")),
        congestion_window_bytes=_whole(raw.get("snd_cwnd")),
        rtt_ms=_milli(raw.get("rtt")),
        jitter_ms=_number(raw.get("jitter_ms")),
        lost_packets=_whole(raw.get("lost_packets")) if udp_receiver else None,
        packets=_whole(raw.get("packets")),
    )


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None else None


def _milli(micro: Any) -> float | None:
    number = _number(micro)
    return number / 1000 if number else None
