"""What was measured: frozen values, from the whole result down to one interval of one stream. Pure.

Figures are plain numbers with their unit in the name. ``None`` is unknown: iperf did not say. It is never written as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

from .companions import Companion
from .latency import Latency
from .plain import made, plain, unreadable
from .units import Bitrate, Milliseconds, Percent

_Figure = TypeVar("_Figure", int, float)
Where = Literal["sender", "receiver"]
Role = Literal["client", "server"]
Counter = Literal["tx", "rx"]

SCHEMA = 1
"""Of stored results: one more when a field goes or means something else, not when one is added."""

HEADLINE = ("bits_per_second", "retransmits", "jitter_ms", "lost_packets", "packets", "lost_percent", "out_of_order")
"""The figures of the result as a whole, which are stored beside the fields that they follow from."""


class Interval(NamedTuple):
    """What one end saw between two moments of a run.

    ``start``, ``end`` and ``seconds`` count from the start of the traffic; ``omitted`` marks the warm-up.
    A TCP sender knows ``retransmits``, ``congestion_window_bytes`` and ``rtt_ms``; a UDP receiver ``jitter_ms``,
    ``lost_packets``, ``packets`` and ``out_of_order``.
    """

    # No dataclass as the others: a day of 16 streams is 1.4 million of them, and tuples are made in a tenth of the time.

    start: float
    end: float
    # By their places also in `intervals` and `made` of tools/alike.py, `interval_of` of tools/iperf3_figures.py and
    # `added_intervals` of tools/rows.py: a keyword for each would cost a day of 16 streams its seconds.
    bytes: int | None = None
    bits_per_second: float | None = None
    omitted: bool = False
    retransmits: int | None = None
    congestion_window_bytes: int | None = None
    rtt_ms: float | None = None
    jitter_ms: float | None = None
    lost_packets: int | None = None
    packets: int | None = None
    out_of_order: int | None = None

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def lost_percent(self) -> float | None:
        return _share(self.lost_packets, self.packets)


@dataclass(frozen=True)
class End:
    """What one end of a flow or stream counted over the whole run.

    ``packets`` is, at a UDP sender, what it sent; at the receiver, what it should have got.
    """

    bytes: int | None = None
    bits_per_second: float | None = None
    seconds: float | None = None
    retransmits: int | None = None
    max_congestion_window_bytes: int | None = None
    min_rtt_ms: float | None = None
    mean_rtt_ms: float | None = None
    max_rtt_ms: float | None = None
    jitter_ms: float | None = None
    lost_packets: int | None = None
    packets: int | None = None
    out_of_order: int | None = None

    @property
    def lost_percent(self) -> float | None:
        return _share(self.lost_packets, self.packets)


@dataclass(frozen=True, repr=False)
class Stream:
    """One connection (TCP) or association (UDP) of a flow; its intervals are those of the end that reported.

    ``port`` is that of the end which made the connection: it tells the same stream in what both ends printed.
    """

    id: int
    sender: End = End()
    receiver: End = End()
    intervals: tuple[Interval, ...] = ()
    port: int | None = None

    def __str__(self) -> str:
        return f"stream {self.id}: {_rate(self.receiver)} received (sent {_rate(self.sender)})"

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Flow:
    """All streams of one direction.

    ``direction`` is ``upstream`` (the node sends) or ``downstream`` where the roles of the devices are known, else
    ``forward`` (client to server) or ``reverse``. ``intervals`` are those of the end named by ``measured_at``.
    """

    direction: str
    reverse: bool
    sender: End = End()
    receiver: End = End()
    streams: tuple[Stream, ...] = ()
    intervals: tuple[Interval, ...] = ()
    measured_at: Where = "sender"

    @property
    def bits_per_second(self) -> float | None:
        """What the receiver got."""
        return self.receiver.bits_per_second

    def __str__(self) -> str:
        streams = f", {len(self.streams)} streams" if len(self.streams) > 1 else ""
        udp = self.receiver.packets is not None
        details = _udp_text(self.receiver) if udp else _tcp_text(self.sender)
        return f"{self.direction} {_rate(self.receiver)} received (sent {_rate(self.sender)}{streams}{details})"

    __repr__ = __str__


@dataclass(frozen=True)
class Check:
    """What the kernel of a device counted on the interface of the traffic, beside what it must have, by iperf's figures.

    ``counter`` is ``tx`` for what the device sent and ``rx`` for what it received. Least and most hold with headers,
    what was sent again, the digits that iperf prints, and some other traffic. ``unknown`` is why there is nothing to compare.
    """

    device: str
    counter: Counter
    interface: str | None = None
    counted_bytes: int | None = None
    counted_frames: int | None = None
    least_bytes: int | None = None
    most_bytes: int | None = None
    unknown: str | None = None
    hint: str | None = None

    @property
    def gap_bytes(self) -> int | None:
        """0 where it agrees, negative where the kernel counted less, positive where it counted more."""
        if self.counted_bytes is None:
            return None
        if self.least_bytes is not None and self.counted_bytes < self.least_bytes:
            return self.counted_bytes - self.least_bytes
        return max(0, self.counted_bytes - self.most_bytes) if self.most_bytes is not None else 0

    @property
    def agrees(self) -> bool | None:
        return None if self.gap_bytes is None else self.gap_bytes == 0


@dataclass(frozen=True, repr=False)
class Result:
    """What one run measured.

    The headline is what the **receiver** got. A run in both directions has two flows; then the figures of the result
    are those of the worse direction, so that an assertion on them holds for each: the lower rate, the higher loss
    and jitter; packets and retransmits are summed. ``flows`` has each direction by itself.

    Example::

        result.bits_per_second        # 941_300_000.0
        result.received.bytes         # 1_178_000_000
        result.flows[0].sender.retransmits
    """

    tool: str
    version: str | None
    protocol: str
    role: str
    flows: tuple[Flow, ...] = ()
    partial: bool = False
    error: str | None = None
    client: str | None = None
    server: str | None = None
    client_version: str | None = None
    server_version: str | None = None
    client_cpu_percent: float | None = None
    server_cpu_percent: float | None = None
    congestion: str | None = None
    cookie: str | None = None
    started: float | None = None
    options: dict[str, Any] = field(default_factory=dict)
    raw_file: str | None = None
    parsed_file: str | None = None
    companions: tuple[Companion, ...] = ()
    latency: Latency | None = None
    checks: tuple[Check, ...] = ()
    fake: bool = False

    @property
    def slowest(self) -> Flow | None:
        """The flow with the lowest rate at its receiver; one whose rate is unknown comes before all others."""
        rates = [(-1.0 if f.bits_per_second is None else f.bits_per_second) for f in self.flows]
        return self.flows[rates.index(min(rates))] if rates else None

    @property
    def received(self) -> End:
        """What the receiver got (bytes, bits_per_second, seconds ...)."""
        return self.slowest.receiver if self.slowest else End()

    @property
    def sent(self) -> End:
        """What the sender counted, of the same flow as ``received``."""
        return self.slowest.sender if self.slowest else End()

    @property
    def bits_per_second(self) -> float | None:
        return self.received.bits_per_second

    @property
    def intervals(self) -> tuple[Interval, ...]:
        return self.slowest.intervals if self.slowest else ()

    @property
    def retransmits(self) -> int | None:
        return _all_known(sum, (f.sender.retransmits for f in self.flows))

    @property
    def jitter_ms(self) -> float | None:
        return _all_known(max, (f.receiver.jitter_ms for f in self.flows))

    @property
    def lost_packets(self) -> int | None:
        return _all_known(sum, (f.receiver.lost_packets for f in self.flows))

    @property
    def packets(self) -> int | None:
        return _all_known(sum, (f.receiver.packets for f in self.flows))

    @property
    def lost_percent(self) -> float | None:
        return _all_known(max, (f.receiver.lost_percent for f in self.flows))

    @property
    def out_of_order(self) -> int | None:
        return _all_known(sum, (f.receiver.out_of_order for f in self.flows))

    @property
    def upstream(self) -> Flow | None:
        """The flow in which the node sends; None where the roles are not known or it was not asked for."""
        return next((f for f in self.flows if f.direction == "upstream"), None)

    @property
    def downstream(self) -> Flow | None:
        """The flow in which the traffic PC sends."""
        return next((f for f in self.flows if f.direction == "downstream"), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, texts and numbers, ready for JSON; ``docs/result.md`` has every field.

        All fields are there, None where unknown, and before them ``schema`` and the ``headline``. Options are plain
        numbers in seconds, bytes and bits per second, texts and lists; a password is ``***``.

        Example::

            result.as_dict()["flows"][0]["receiver"]["bytes"]    # 1_178_000_000
        """
        headline = {name: plain(getattr(self, name)) for name in HEADLINE}
        return {"schema": SCHEMA, "headline": headline, **plain(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Result:
        """The result that ``as_dict`` was made of; fields that are not known here are passed over.

        Raises IperfError (``kind="unreadable"``) where something is missing, of another type, or of a newer schema.

        Example: ``Result.from_dict(result.as_dict()) == result``
        """
        schema = data.get("schema") if isinstance(data, Mapping) else None
        if type(schema) is not int or not 1 <= schema <= SCHEMA:
            raise unreadable(f"its schema is {str(schema)[:80]!r}, and this version reads 1 to {SCHEMA}")
        return made(cls, data, "the result")

    def __str__(self) -> str:
        flows = "; ".join(map(str, self.flows)) or "nothing measured"
        latency = f"; {self.latency}" if self.latency else ""
        what = (
            f"{'FAKE ' if self.fake else ''}{self.tool} {self.protocol.upper()}{' (partial)' if self.partial else ''}"
        )
        return f"{what}: {flows}{latency}"

    __repr__ = __str__


def _rate(end: End) -> str:
    return "unknown" if end.bits_per_second is None else str(Bitrate(end.bits_per_second))


def _tcp_text(sender: End) -> str:
    return "" if sender.retransmits is None else f", {sender.retransmits} retransmits"


def _udp_text(receiver: End) -> str:
    loss = "unknown loss"
    if receiver.lost_percent is not None:
        loss = f"{receiver.lost_packets}/{receiver.packets} packets lost ({Percent(receiver.lost_percent).rounded()})"
    return f", {loss}" + (
        "" if receiver.jitter_ms is None else f", jitter {Milliseconds(receiver.jitter_ms).rounded()}"
    )


def _share(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else 100.0 * part / whole


def _all_known(combine: Callable[[list[Any]], _Figure], values: Iterable[_Figure | None]) -> _Figure | None:
    """The combined value, or None when one of them is unknown: half a sum is a wrong figure."""
    known = list(values)
    return combine(known) if known and None not in known else None
