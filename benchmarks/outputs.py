"""Long outputs of iperf3 and iperf2, as the programs print them: pieces of text, the same ones each time.

Layouts are those of the recorded outputs in ``utest/data`` (iperf3 3.16, iperf 2.1.8); figures vary as they do on a busy link.

Example::

    with open("day.txt", "w") as file:
        file.writelines(iperf3_text(seconds=86_400, streams=16))
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

_FIRST, _SECOND = "127.0.0.1", "127.0.0.2"


def iperf3_json(seconds: float, interval: float, streams: int) -> Iterator[str]:
    """A TCP client's document, indented with tabs as cJSON does it."""
    dice, ids = random.Random(1), _sockets(streams)
    yield '{\n\t"start":\t' + _cjson(_start(ids, seconds), 1) + ',\n\t"intervals":\t['
    moment, count = 0.0, round(seconds / interval)
    for number in range(count):
        end = round((number + 1) * interval + dice.uniform(-5e-5, 5e-5), 6)
        rows = [_row(dice, moment, end, socket=ident) for ident in ids]
        whole = {"streams": rows, "sum": _sum(rows)}
        yield (", " if number else "") + _cjson(whole, 2)
        moment = end
    yield '],\n\t"end":\t' + _cjson(_end(ids, seconds), 1) + "\n}\n"


def iperf3_text(seconds: int, streams: int) -> Iterator[str]:
    """A TCP client: each second a row of each stream, their sum, and a line of dashes."""
    dice, ids = random.Random(2), _sockets(streams)
    yield f"Connecting to host {_SECOND}, port 5201\n"
    yield from (f"[{i:3}] local {_FIRST} port {40000 + i} connected to {_SECOND} port 5201\n" for i in ids)
    yield "[ ID] Interval           Transfer     Bitrate         Retr  Cwnd\n"
    for second in range(seconds):
        span = f"{f'{second}.00-{second + 1}.00':13} sec"
        rates = [dice.uniform(50e6, 70e6) for _ in ids]
        for ident, rate in zip(ids, rates, strict=True):
            figures = (
                f"{_bytes(rate / 8)}  {_bits(rate)}  {dice.choice(_RETRANSMITS):3}   {_bytes(dice.choice(_WINDOWS))}"
            )
            yield f"[{ident:3}] {span}  {figures}       \n"
        yield f"[SUM] {span}  {_bytes(sum(rates) / 8)}  {_bits(sum(rates))}  {dice.choice(_RETRANSMITS):3}             \n"
        yield "- - - - - - - - - - - - - - - - - - - - - - - - -\n"
    yield "[ ID] Interval           Transfer     Bitrate         Retr\n"
    span = f"{f'0.00-{seconds}.00':13} sec"
    for name, count in [*((f"{i:3}", 1) for i in ids), ("SUM", streams)]:
        total = f"{_bytes(7.5e6 * seconds * count)}  {_bits(60e6 * count)}"
        yield f"[{name}] {span}  {total}  {9 * seconds:3}             sender\n"
        yield f"[{name}] {span}  {total}                  receiver\n"
    yield "\niperf Done.\n"


def iperf3_udp_text(seconds: int, streams: int) -> Iterator[str]:
    """A UDP client that receives (``--reverse``): jitter and loss in each row."""
    dice, ids = random.Random(3), _sockets(streams)
    yield f"Connecting to host {_SECOND}, port 5201\nReverse mode, remote host {_SECOND} is sending\n"
    yield from (f"[{i:3}] local {_FIRST} port {40000 + i} connected to {_SECOND} port 5201\n" for i in ids)
    yield "[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams\n"
    for second in range(seconds):
        span = f"{f'{second}.00-{second + 1}.00':13} sec"
        for name in [*(f"{i:3}" for i in ids), "SUM"]:
            yield f"[{name}] {span}  {_datagrams(dice, 400 if name != 'SUM' else 400 * streams, '0/')}  \n"
        yield "- - - - - - - - - - - - - - - - - - - - - - - - -\n"
    yield "[ ID] Interval           Transfer     Bitrate         Jitter    Lost/Total Datagrams\n"
    span = f"{f'0.00-{seconds}.00':13} sec"
    for name, count in [*((f"{i:3}", 1) for i in ids), ("SUM", streams)]:
        total, sent = f"{_bytes(6e5 * seconds * count)}  {_bits(4.8e6 * count)}", 400 * seconds * count
        yield f"[{name}] {span}  {total}  0.000 ms  0/{sent} (0%)  sender\n"
        yield f"[{name}] {span}  {total}  0.021 ms  {sent // 100}/{sent} (1%)  receiver\n"
    yield "\niperf Done.\n"


def iperf2_text(seconds: int, streams: int, enhanced: bool) -> Iterator[str]:
    """A TCP client, plain or with ``--enhanced``."""
    dice, ids = random.Random(4), range(1, streams + 1)
    yield f"{'-' * 60}\nClient connecting to {_SECOND}, TCP port 5001\n{'-' * 60}\n"
    yield from (f"[{i:3}] local {_FIRST} port {40000 + i} connected with {_SECOND} port 5001\n" for i in ids)
    more = "       Write/Err  Rtry     Cwnd/RTT(var)        NetPwr" if enhanced else ""
    yield f"[ ID] Interval       Transfer     Bandwidth{more}\n"
    for second in range(seconds):
        span = f"{second}.0000-{second + 1}.0000 sec"
        rates = [dice.uniform(50e6, 70e6) for _ in ids]
        for name, rate in [*((f"{i:3}", r) for i, r in zip(ids, rates, strict=True)), ("SUM", sum(rates))]:
            yield f"[{name}] {span}  {_bytes(rate / 8)}  {_bits(rate)}{_enhanced(dice, rate, name) if enhanced else ''}\n"
    for name, count in [*((f"{i:3}", 1) for i in ids), ("SUM", streams)]:
        total = f"{_bytes(7.5e6 * seconds * count)}  {_bits(60e6 * count)}"
        yield f"[{name}] 0.0000-{seconds}.0012 sec  {total}{_enhanced(dice, 60e6, name) if enhanced else ''}\n"


def iperf2_udp_text(seconds: int, streams: int, enhanced: bool) -> Iterator[str]:
    """A UDP server, plain or with ``--enhanced``: jitter and loss in each row."""
    dice, ids = random.Random(5), range(1, streams + 1)
    yield f"{'-' * 60}\nServer listening on UDP port 5001\n{'-' * 60}\n"
    yield from (f"[{i:3}] local {_SECOND} port 5001 connected with {_FIRST} port {40000 + i}\n" for i in ids)
    more = "  Latency avg/min/max/stdev PPS  Rx/inP  NetPwr" if enhanced else " Datagrams"
    yield f"[ ID] Interval       Transfer     Bandwidth        Jitter   Lost/Total{more}\n"
    for second in range(seconds):
        for ident in ids:
            yield f"[{ident:3}] {second}.0000-{second + 1}.0000 sec  {_datagrams(dice, 400, ' ')}{_latency(dice, enhanced)}\n"
    for ident in ids:
        total, sent = f"{_bytes(6e5 * seconds)}  {_bits(4.8e6)}", 400 * seconds
        row = f"0.021 ms {sent // 100}/{sent} (1%){_latency(dice, enhanced)}"
        yield f"[{ident:3}] 0.0000-{seconds}.0012 sec  {total}   {row}\n"


# -- parts

_RETRANSMITS = (0, 0, 0, 0, 0, 1, 2, 3, 7, 12, 19, 34, 61)
_WINDOWS = tuple(1448 * n for n in range(60, 900, 7))


def _sockets(streams: int) -> list[int]:
    return [5 + 2 * number for number in range(streams)]


def _bytes(count: float) -> str:
    return _amount(count, 1024, " KMGT") + "Bytes"


def _bits(rate: float) -> str:
    return _amount(rate, 1000, " KMGT") + "bits/sec"


def _amount(value: float, base: int, prefixes: str) -> str:
    """In three digits, as both tools print it."""
    step = 0
    while value >= base and step < len(prefixes) - 1:
        value, step = value / base, step + 1
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:4.{digits}f} {prefixes[step].strip()}"


def _datagrams(dice: random.Random, sent: int, _: str) -> str:
    lost = dice.choice((0, 0, 0, 1, 2, 5))
    got = sent - lost
    share = f"{100 * lost / sent:.2g}%"
    return (
        f"{_bytes(1470 * got)}  {_bits(8 * 1470 * got)}   {dice.uniform(0.002, 0.09):.3f} ms  {lost}/{sent} ({share})"
    )


def _enhanced(dice: random.Random, rate: float, name: str) -> str:
    writes, again = f"{round(rate / 8 / 131072)}/0", dice.choice(_RETRANSMITS)
    if name == "SUM":
        return f"  {writes:10} {again:4}"
    window, rtt = dice.choice(_WINDOWS) // 1024, dice.randint(90, 900)
    return f"  {writes:10} {again:4}     {window:4}K/{rtt}({rtt // 3}) us  {round(rate / 8 / rtt)}"


def _latency(dice: random.Random, enhanced: bool) -> str:
    mean = dice.uniform(0.01, 0.03)
    return (
        f" {mean:.3f}/0.002/{4 * mean:.3f}/{mean / 2:.3f} ms 400 pps 400/0(0) pkts {dice.randint(7000, 9999)}"
        * enhanced
    )


def _row(dice: random.Random, start: float, end: float, socket: int) -> dict[str, Any]:
    count, seconds = 131072 * dice.randint(40, 70), end - start + dice.uniform(-5e-7, 5e-7)
    return {
        "socket": socket,
        "start": start or 0,
        "end": end,
        "seconds": seconds,
        "bytes": count,
        "bits_per_second": count * 8 / seconds,
        "retransmits": dice.choice(_RETRANSMITS),
        "snd_cwnd": dice.choice(_WINDOWS),
        "snd_wnd": 9067520,
        "rtt": dice.randint(90, 900),
        "rttvar": dice.randint(5, 200),
        "pmtu": 1500,
        "omitted": False,
        "sender": True,
    }


def _sum(rows: list[dict[str, Any]]) -> dict[str, Any]:
    count, first = sum(row["bytes"] for row in rows), rows[0]
    return {
        "start": first["start"],
        "end": first["end"],
        "seconds": first["seconds"],
        "bytes": count,
        "bits_per_second": count * 8 / first["seconds"],
        "retransmits": sum(row["retransmits"] for row in rows),
        "omitted": False,
        "sender": True,
    }


def _start(ids: list[int], seconds: float) -> dict[str, Any]:
    return {
        "connected": [
            {
                "socket": ident,
                "local_host": _FIRST,
                "local_port": 40000 + ident,
                "remote_host": _SECOND,
                "remote_port": 5201,
            }
            for ident in ids
        ],
        "version": "iperf 3.16",
        "system_info": "Linux lab 6.1.0 #1 SMP x86_64",
        "timestamp": {"time": "Mon, 23 Nov 2026 11:47:44 GMT", "timesecs": 1795434464},
        "connecting_to": {"host": _SECOND, "port": 5201},
        "cookie": "a6a7k4maqb7gzop56bzcrgq33i6jvp3ab6kx",
        "test_start": {
            "protocol": "TCP",
            "num_streams": len(ids),
            "blksize": 131072,
            "omit": 0,
            "duration": round(seconds),
            "bytes": 0,
            "blocks": 0,
            "reverse": 0,
            "tos": 0,
            "bidir": 0,
        },
    }


def _end(ids: list[int], seconds: float) -> dict[str, Any]:
    total = {"start": 0, "end": seconds, "seconds": seconds, "bytes": round(7e7 * seconds), "bits_per_second": 5.6e8}
    whole = {**total, "bytes": total["bytes"] * len(ids), "bits_per_second": 5.6e8 * len(ids)}
    return {
        "streams": [
            {
                "sender": {"socket": ident, **total, "retransmits": 9, "sender": True},
                "receiver": {"socket": ident, **total, "sender": True},
            }
            for ident in ids
        ],
        "sum_sent": {**whole, "retransmits": 9 * len(ids), "sender": True},
        "sum_received": {**whole, "sender": True},
        "cpu_utilization_percent": {"host_total": 12.5, "host_user": 0.5, "host_system": 12.0, "remote_total": 9.25},
        "sender_tcp_congestion": "cubic",
        "receiver_tcp_congestion": "cubic",
    }


def _cjson(value: Any, depth: int) -> str:
    """As cJSON prints it: an object's members on lines of their own, an array's elements on the line of their bracket."""
    if isinstance(value, dict):
        tabs = "\t" * (depth + 1)
        members = (f"{tabs}{json.dumps(name)}:\t{_cjson(part, depth + 1)}" for name, part in value.items())
        return "{\n" + ",\n".join(members) + "\n" + "\t" * depth + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_cjson(part, depth + 1) for part in value) + "]"
    return json.dumps(value)
