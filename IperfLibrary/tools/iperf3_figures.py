"""The figures in a document of iperf3: of an end, of an interval; what is no number is unknown. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from ..result import End, Interval, Where
from .alike import made
from .rows import counted

Json = dict[str, Any]
_LIMIT = 10**18
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,2})?")


def part_of(raw: Json, where: Where) -> Json:
    """The part of a UDP figure that belongs to this end."""
    loss = ("jitter_ms", "lost_packets", "out_of_order")
    if where == "sender":
        return {key: value for key, value in raw.items() if key not in loss}
    return {key: raw[key] for key in (*loss, "packets") if key in raw}


def end_of(raw: Json, where: Where, zero_is_unknown: bool) -> End:
    count = as_count(raw.get("bytes"))
    if zero_is_unknown and not count:
        return End()
    receiver = where == "receiver"
    packets = as_count(raw.get("packets"))
    lost = as_whole(raw.get("lost_packets")) if receiver else None
    if lost is not None:
        lost, packets = counted(lost, packets)
    return End(
        bytes=count,
        bits_per_second=as_number(raw.get("bits_per_second")) if count is not None else None,
        seconds=_seconds(raw),
        retransmits=as_count(raw.get("retransmits")),
        max_congestion_window_bytes=as_count(raw.get("max_snd_cwnd")) or None,
        min_rtt_ms=_milli(raw.get("min_rtt")),
        mean_rtt_ms=_milli(raw.get("mean_rtt")),
        max_rtt_ms=_milli(raw.get("max_rtt")),
        jitter_ms=as_number(raw.get("jitter_ms")) if receiver and raw.get("packets") else None,
        lost_packets=lost,
        packets=packets,
        out_of_order=as_count(raw.get("out_of_order")) if receiver else None,
    )


def _seconds(raw: Json) -> float | None:
    start, end = as_number(raw.get("start")), as_number(raw.get("end"))
    # `seconds` of a receiver is the sender's up to 3.20; end - start is its own.
    return end - start if start is not None and end is not None else as_number(raw.get("seconds"))


_TCP = itemgetter("start", "end", "bytes", "bits_per_second", "omitted", "retransmits", "snd_cwnd", "rtt")


def interval_of(raw: Json) -> Interval:
    """One row of `intervals`, of a stream or of the sum."""
    try:
        start, end, count, rate, omitted, again, window, rtt = _TCP(raw)
    except KeyError:
        return _interval_of(raw)
    # What is of the expected type goes by without a call: an hour of 16 streams may have half a million rows.
    if (
        type(start) is type(end) is type(rate) is float
        and type(count) is type(again) is type(window) is type(rtt) is int
        and 0 <= count < _LIMIT
        and 0 <= again < _LIMIT
        and 0 <= window < _LIMIT
        and 0 < rtt < _LIMIT
        and rate < math.inf
        and "packets" not in raw
    ):
        return made((start, end, count, rate, omitted is True, again, window, rtt / 1000, None, None, None, None))
    return _interval_of(raw)


def _interval_of(raw: Json) -> Interval:
    get = raw.get
    start, end, count, rate, rtt = get("start"), get("end"), get("bytes"), get("bits_per_second"), get("rtt")
    jitter, lost, packets = _datagrams(raw) if "packets" in raw else (None, None, None)
    return Interval(
        start if type(start) is float else as_number(start) or 0.0,
        end if type(end) is float else as_number(end) or 0.0,
        as_count(count),
        rate if type(rate) is float and rate < math.inf else as_number(rate),
        get("omitted") is True,
        as_count(get("retransmits")),
        as_count(get("snd_cwnd")),
        rtt / 1000 if type(rtt) is int and 0 < rtt < _LIMIT else _milli(rtt),
        jitter,
        lost,
        packets,
    )


def _datagrams(raw: Json) -> tuple[float | None, int | None, int | None]:
    lost, packets = None, as_count(raw["packets"])
    if "lost_packets" in raw:
        lost, packets = counted(as_whole(raw["lost_packets"]), packets)
    return as_number(raw.get("jitter_ms")), lost, packets


def ident_of(raw: Json, otherwise: int) -> int:
    socket = raw.get("socket")
    return socket if type(socket) is int else otherwise


def with_numbers(value: Any) -> Any:
    """The document with its numbers, where a tool between wrote them as texts: "0" would count as true."""
    if isinstance(value, dict):
        return {key: with_numbers(part) for key, part in value.items()}
    if isinstance(value, list):
        return [with_numbers(part) for part in value]
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value) if value.lstrip("-").isdecimal() else float(value)
    return value


def as_dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def as_text(value: Any) -> str | None:
    return value[:256] if isinstance(value, str) else None


def as_number(value: Any) -> float | None:
    if type(value) not in (int, float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_whole(value: Any) -> int | None:
    if type(value) is int and -_LIMIT < value < _LIMIT:
        return value
    number = as_number(value)
    return int(number) if number is not None and abs(number) < _LIMIT else None


def as_count(value: Any) -> int | None:
    """A number of things; -1, or its unsigned form, is a system that does not count them."""
    if type(value) is int and 0 <= value < _LIMIT:
        return value
    number = as_whole(value) if value is not None else None
    return number if number is not None and number >= 0 else None


def _milli(micro: Any) -> float | None:
    return as_number(micro) / 1000 if micro and as_number(micro) else None  # type: ignore[operator]
