"""What the kernels of both ends counted beside what iperf claims: how many bytes an interface must have seen, and may have. Pure.

Receiver's bytes are the least: they came through it for sure. Sender's bytes, with what was sent again and the headers, are the most. Where the
kernel hands over many segments as one, it counts their headers once; so there is no least for headers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .counters import LOOPBACK, Look, Moved, moved
from .errors import CommandError
from .result import Check, Counter, Flow, Result
from .units import Size

HEADER = 14 + 4 + 4 + 40 + 60
"""Bytes in front of a segment at most: Ethernet, its tag and check sum, IPv6, TCP with all options. Those of UDP are fewer."""

FRAME, JUMBO = 1518, 9018
"""Bytes of the largest frame with data that was sent again: as usual, and where larger ones are counted."""

SEGMENT = 1220
"""Bytes of data in a segment at least, where nobody asked for less: those of the smallest MTU that IPv6 allows."""

ROUNDED = 0.01
"""Share by which figures in iperf's text may be off: it has three digits."""

BESIDE, CHATTER = 0.05, 1_000_000
"""What else may pass without a word, as a share of the traffic and in bytes: log-ins, control connections, neighbours."""


@dataclass(frozen=True)
class Side:
    """One device of a run: what its kernel counted before and after it, and the interface that leads to the other device."""

    device: str
    client: bool
    before: Look = field(default_factory=Look)
    after: Look = field(default_factory=Look)
    interface: str | None = None
    unknown: str | None = None
    """Why nothing can be told."""


def checks(result: Result, side: Side) -> tuple[Check, ...]:
    """One check for each direction in which data passed this device.

    Example: ``checks(result, Side("dut", True, before, after, "eth0"))[0].agrees``
    """
    return tuple(_check(result, side, counter) for counter in _counters(result, side))


def said_of(check: Check) -> str:
    """What is said of a check that does not agree: the figures, the probable cause, what to do; or why there is none."""
    if check.agrees is None:
        return f"What the kernel of {check.device} counted is not known: {check.unknown}."
    way, off = {"tx": "sent", "rx": "received"}[check.counter], _size(abs(check.gap_bytes or 0))
    counted = (
        f"The kernel of {check.device} counted {_size(check.counted_bytes)} {way} on {check.interface} during the run"
    )
    if (check.gap_bytes or 0) < 0:
        error = CommandError(
            f"{counted}, {off} less than the {_size(check.least_bytes)} that iperf's figures need.",
            cause=check.hint or "the traffic took another way, or iperf's figures are wrong",
            remedy="look at routes and addresses of both devices, and at the figures; 'cross_check=False' leaves this check out",
        )
    else:
        error = CommandError(
            f"{counted}, {off} more than the {_size(check.most_bytes)} that iperf's figures explain.",
            cause="other traffic went the same way, and took its share of the link",
            remedy="find out what else uses that interface; 'cross_check=False' leaves this check out",
        )
    return str(error)


def _size(count: int | None) -> str:
    return Size(count or 0).rounded()


def _counters(result: Result, side: Side) -> Iterator[Counter]:
    """``tx`` where this device sends, ``rx`` where it receives."""
    for flow in result.flows:
        yield "rx" if flow.reverse == side.client else "tx"


def _check(result: Result, side: Side, counter: Counter) -> Check:
    check = Check(side.device, counter, side.interface)
    if side.unknown:
        return replace(check, unknown=side.unknown)
    if side.interface is None:
        return replace(check, unknown="it does not tell which interface leads to the other device")
    least = _least(result, side, counter)
    if least is None:
        return replace(check, unknown="iperf does not tell what the receiver got")
    seen = _moved(side, side.interface, counter, least)
    if seen is None:
        return replace(check, unknown=f"the counters of {side.interface} began anew, or were not there all the time")
    check = replace(check, counted_bytes=seen.bytes, counted_frames=seen.packets, least_bytes=least)
    if seen.bytes < least:
        return replace(check, hint=_elsewhere(side, counter, least))
    return replace(check, most_bytes=_most(result, side, counter, seen))


def _moved(side: Side, interface: str, counter: Counter, least: int) -> Moved | None:
    return moved(side.before.counted.get(interface), side.after.counted.get(interface), counter, least)


def _flows(result: Result, side: Side, counter: Counter) -> list[Flow]:
    """Those whose data this counter counts: on the loopback interface, both directions."""
    if side.interface == LOOPBACK:
        return list(result.flows)
    return [flow for flow in result.flows if (flow.reverse == side.client) == (counter == "rx")]


def _least(result: Result, side: Side, counter: Counter) -> int | None:
    known = [_received(flow) for flow in _flows(result, side, counter)]
    return None if None in known else int((1 - ROUNDED) * sum(filter(None, known)))


def _received(flow: Flow) -> float | None:
    """Bytes that the receiver got; of UDP where it told the loss alone, what was sent less that."""
    lost = flow.receiver.lost_percent
    if flow.receiver.bytes is None and lost is not None and flow.sender.bytes is not None:
        return flow.sender.bytes * (1 - lost / 100)
    return flow.receiver.bytes


def _elsewhere(side: Side, counter: Counter, least: int) -> str | None:
    """The interface that counted as much, where there is one."""
    others = {name: _moved(side, name, counter, least) for name in side.after.counted if name != side.interface}
    fitting = [f"{name} ({_size(seen.bytes)})" for name, seen in others.items() if seen and seen.bytes >= least]
    return f"it went through another interface: {' or '.join(fitting)} counted as much" if fitting else None


def _most(result: Result, side: Side, counter: Counter, seen: Moved) -> int | None:
    """None where iperf does not tell all that it takes to know it, and on the loopback interface, which carries what everybody does."""
    if side.interface == LOOPBACK:
        return None
    ours = _flows(result, side, counter)
    bytes_ = [_frames(flow, result, seen) for flow in ours]
    acknowledged = [_acknowledgements(flow, result) for flow in result.flows if flow not in ours]
    known = [*bytes_, *acknowledged]
    return None if None in known else int((1 + BESIDE) * sum(filter(None, known)) + CHATTER)


def _frames(flow: Flow, result: Result, seen: Moved) -> float | None:
    """Bytes of the frames that carry a flow at most."""
    data = _sent(flow, result)
    if data is None:
        return None
    headers = HEADER * max(seen.packets, data / _segment(result))
    if result.protocol == "udp":
        return data + headers
    if flow.sender.retransmits is None:
        return None
    frame = FRAME if seen.bytes <= FRAME * seen.packets else JUMBO
    return data + headers + flow.sender.retransmits * frame


def _acknowledgements(flow: Flow, result: Result) -> float | None:
    """Bytes that go back for a flow of the other direction at most: one acknowledgement for each segment."""
    data = _sent(flow, result)
    if result.protocol == "udp":
        return 0.0
    return None if data is None else HEADER * data / _segment(result)


def _segment(result: Result) -> float:
    """Bytes of data in a segment, at least."""
    alone = result.protocol == "udp" or result.options.get("no_delay")
    given = [result.options.get("mss"), result.options.get("length") if alone else None]
    return float(min([SEGMENT, *(int(size) for size in given if size)]))


def _sent(flow: Flow, result: Result) -> float | None:
    """Bytes that were sent, with those of the warm-up; None where that is not known."""
    data = flow.sender.bytes
    omitted = [interval.bytes for interval in flow.intervals if interval.omitted]
    if data is None or None in omitted or (result.options.get("omit") and not omitted):
        return None
    # Counted by the receiver, the warm-up is short of what was lost in it.
    share = data / flow.receiver.bytes if flow.measured_at == "receiver" and flow.receiver.bytes else 1.0
    return data + max(1.0, share) * sum(filter(None, omitted))
