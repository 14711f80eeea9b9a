"""What a fake device told, beside what was asked of it: a recording of another test explains nothing of a real one. Pure."""

from __future__ import annotations

from .options import Options
from .result import Flow, Result
from .tools.base import faster_than_asked
from .units import Bitrate


def differs(result: Result, asked: Options) -> bool:
    """Whether the recording is one of other options than are asked."""
    ways = {_way(flow) for flow in result.flows}
    return (
        result.protocol != asked.protocol
        or ways != set(asked.directions)
        or any(len(flow.streams) != asked.streams for flow in result.flows)
        or any(_other_time(flow, asked) or faster_than_asked(flow, asked) for flow in result.flows)
    )


def described(result: Result) -> str:
    """The recording in words.

    Example: ``TCP, forward, 1 stream, 2 s, 94 Mbit/s``
    """
    return f"{result.protocol.upper()}, {' and '.join(map(_described, result.flows)) or 'no figures'}"


def _described(flow: Flow) -> str:
    count, seconds = len(flow.streams), _seconds(flow)
    rate = flow.bits_per_second if flow.bits_per_second is not None else flow.sender.bits_per_second
    told = (
        _way(flow),
        f"{count} stream{'s' * (count != 1)}",
        f"{seconds:.3g} s" if seconds is not None else "",
        str(Bitrate(rate)) if rate is not None else "",
    )
    return ", ".join(filter(None, told))


def _way(flow: Flow) -> str:
    return "reverse" if flow.reverse else "forward"


def _seconds(flow: Flow) -> float | None:
    return flow.receiver.seconds if flow.sender.seconds is None else flow.sender.seconds


def _other_time(flow: Flow, asked: Options) -> bool:
    wanted, ran = float(asked.get("time") or 0), _seconds(flow)
    return bool(wanted) and ran is not None and abs(ran - wanted) > 0.1 * wanted + 0.5
