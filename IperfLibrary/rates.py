"""Whether a sender with a target rate reached it: what is lost at a lower rate says nothing of the one that was asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from .result import Flow, Result
from .units import Bitrate

REACHED = 0.9
"""Share of the target rate from which it counts as reached: a link of 1 Gbit/s carries 957 Mbit/s of UDP."""

LATE = 0.2
"""Seconds by which a sender may begin late or end early: iperf3 up to 3.1 begins a tenth of a second late, which is 10 % of a second."""


def missed(result: Result, flows: Iterable[Flow] | None = None) -> str | None:
    """What to say of a UDP sender that did not reach its rate, in these flows or any; None where it did, had none, or it is not known.

    A sender whose own link or CPU is too slow sends less, and loses nothing.

    Example: ``"The sender (upstream) sent 96.7 Mbit/s, not the 1 Gbit/s that it was asked for."``
    """
    asked = _asked(result)
    for flow in result.flows if flows is None else flows:
        sent = flow.sender.bits_per_second
        if asked and sent is not None and sent < REACHED * asked and not _hardly_begun(flow, asked - sent, asked):
            return f"The sender ({flow.direction}) sent {Bitrate(sent)}, not the {asked} that it was asked for."
    return None


def _hardly_begun(flow: Flow, short: float, asked: float) -> bool:
    """Whether what it is short of is no more than a moment, and a datagram of each stream: in a run of a second that is much."""
    sender, seconds = flow.sender, flow.sender.seconds or 0.0
    datagram = 8 * (sender.bytes or 0) / sender.packets if sender.packets else 0.0
    return 0 < short * seconds <= LATE * asked + datagram * max(1, len(flow.streams))


def _asked(result: Result) -> Bitrate | None:
    """Of all streams of a direction; None where it comes in bursts, or there is none."""
    options = result.options
    if result.protocol != "udp" or not options.get("bitrate") or any(map(options.get, ("burst_period", "isochronous"))):
        return None
    return Bitrate(float(options["bitrate"]) * int(options.get("parallel") or 1))
