"""The figures of a result that a test can ask for by name: one row each, with its unit, and how to find it.

Pure. An unknown figure is None and never a number; what cannot be told from a result at all is a ConfigurationError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .errors import ConfigurationError, nearest
from .intervals import counted
from .latency import percentile
from .result import End, Flow, Interval, Result, Stream, Where
from .units import Bitrate, Count, Milliseconds, Percent, Seconds, Size
from .ways import DIRECTIONS, plain_word

Combine = Callable[[list[Any]], Any]


@dataclass(frozen=True)
class Metric:
    """One figure: what it is called in messages and documentation, its unit, the field of an end and of an interval that has it.

    ``end`` is the one that knows it. ``combine`` makes one figure of those of both directions: the worse one, or the sum.
    ``both`` tells that either end has it.
    """

    title: str
    unit: Any
    field: str
    combine: Combine
    end: Where = "receiver"
    both: bool = True
    interval: str | None = None
    meaning: str = ""
    example: str = ""


METRICS = {
    "bitrate": Metric(
        "bit rate",
        Bitrate,
        "bits_per_second",
        min,
        interval="bits_per_second",
        meaning="the bit rate, in bits/s",
        example=">=    900 Mbit/s",
    ),
    "transfer": Metric(
        "transfer",
        Size,
        "bytes",
        min,
        interval="bytes",
        meaning="how many bytes were transferred",
        example=">=    100 MByte",
    ),
    "duration": Metric(
        "duration", Seconds, "seconds", max, meaning="how long the traffic took, in seconds", example="<    10.5 s"
    ),
    "loss": Metric(
        "loss",
        Percent,
        "lost_percent",
        max,
        both=False,
        interval="lost_percent",
        meaning="the share of UDP packets that were lost, in per cent",
        example="<    0.1%",
    ),
    "lost_packets": Metric(
        "lost packets",
        Count,
        "lost_packets",
        sum,
        both=False,
        interval="lost_packets",
        meaning="how many UDP packets were lost",
        example="==    0",
    ),
    "out_of_order": Metric(
        "out-of-order packets",
        Count,
        "out_of_order",
        sum,
        both=False,
        interval="out_of_order",
        meaning="how many UDP packets came out of order",
        example="==    0",
    ),
    "jitter": Metric(
        "jitter",
        Milliseconds,
        "jitter_ms",
        max,
        both=False,
        interval="jitter_ms",
        meaning="the jitter of UDP, in milliseconds",
        example="<=    2 ms",
    ),
    "retransmits": Metric(
        "retransmits",
        Count,
        "retransmits",
        sum,
        "sender",
        both=False,
        interval="retransmits",
        meaning="how many TCP segments the sender sent again",
        example="<    100",
    ),
    "rtt": Metric(
        "round-trip time",
        Milliseconds,
        "mean_rtt_ms",
        max,
        "sender",
        both=False,
        interval="rtt_ms",
        meaning="the mean round-trip time that the TCP sender measured, in milliseconds",
        example="<    50 ms",
    ),
    "cpu": Metric(
        "CPU load",
        Percent,
        "",
        max,
        meaning="the CPU time that iperf took, in per cent of one core",
        example="<    80%",
    ),
    "latency": Metric("latency", Milliseconds, "", max),
}


def _statistic(name: str) -> Callable[[Sequence[float]], float]:
    """A function of Python's ``statistics``, which takes as long to import as a fiftieth of the whole library, and only when somebody asks."""

    def of(values: Sequence[float]) -> float:
        import statistics  # noqa: PLC0415

        return float(getattr(statistics, name)(values))

    return of


_MEAN, _STDEV = _statistic("fmean"), _statistic("stdev")

AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "mean": _MEAN,
    "min": min,
    "max": max,
    "median": _statistic("median"),
    "stdev": _STDEV,
    "cv": lambda values: 100 * _STDEV(values) / _MEAN(values),
}
"""What can be made of the intervals; ``p1`` to ``p99`` are percentiles. ``stdev`` is that of a sample, ``cv`` in per cent of the mean."""


PHASES = ("idle", "loaded", "added")


@dataclass(frozen=True)
class Asked:
    """Which figure is meant: an end, a direction, one of the streams (1 is the first), and what to make of the intervals.

    ``which`` is a phase of the latency: ``idle``, ``loaded``, or ``added``, by which the loaded one is more than the idle median.
    """

    end: str | None = None
    direction: str | None = None
    stream: int | None = None
    aggregate: str | None = None
    which: str | None = None

    def __post_init__(self) -> None:
        if self.end not in (None, "receiver", "sender"):
            raise ConfigurationError(f"end is receiver or sender, not '{self.end}'.")
        if self.which not in (None, *PHASES):
            raise ConfigurationError(f"which is one of {', '.join(PHASES)}, not '{self.which}'.")
        if self.aggregate and self.aggregate not in AGGREGATES and not re.fullmatch(r"p[1-9]\d?", self.aggregate):
            known = ", ".join((*AGGREGATES, "p1 ... p99"))
            raise ConfigurationError(
                f"aggregate is one of {known}, not '{self.aggregate}'.{nearest(self.aggregate, AGGREGATES)}"
            )

    def __str__(self) -> str:
        stream = "" if self.stream is None else f"stream {self.stream}"
        return ", ".join(filter(None, (self.aggregate, self.which, self.direction, stream, self.end)))


def figure(result: Result, name: str, asked: Asked) -> Any:
    """The figure in its unit, or None where iperf did not report it. Raises ConfigurationError.

    Example: ``figure(result, "bitrate", Asked(end="sender"))`` is ``Bitrate(941_300_000.0)``.
    """
    metric = METRICS[name]
    if name == "latency":
        return _latency(result, asked)
    if asked.end not in (None, metric.end) and not metric.both:
        raise ConfigurationError(
            f"Only the {metric.end} knows the {metric.title}, so there is none of the {asked.end}."
        )
    asked = meant(result, name, asked)
    flows = chosen(result, asked.direction)
    if asked.aggregate:
        value = _aggregated(metric, flows, asked)
        return None if value is None else unit_of(name, asked)(value)
    values = [_cpu(result, flow, asked) if name == "cpu" else _of_end(metric, flow, asked) for flow in flows]
    return metric.unit(metric.combine(values)) if values and None not in values else None


def meant(result: Result, name: str, asked: Asked) -> Asked:
    """What is asked, with the end whose intervals are meant where none is named.

    That is the receiver. Where only the sender has told them, as for a server of somebody else, those of TCP at full speed do: it cannot
    send for long what nobody acknowledges. A sender over UDP goes on counting while nothing arrives, and one over TCP that has a rate for as long
    as its buffer takes it, which may be many seconds: there they are unknown.

    Example: ``meant(result, "bitrate", Asked(aggregate="min")).end`` is ``"receiver"``.
    """
    if not asked.aggregate or asked.end or name == "latency" or not METRICS[name].both:
        return asked
    ends = {flow.measured_at for flow in chosen(result, asked.direction)}
    fills = result.protocol != "udp" and not any(result.options.get(name) for name in ("bitrate", "fq_rate"))
    return replace(asked, end="sender" if ends == {"sender"} and fills else "receiver")


def why_unknown(result: Result, name: str, asked: Asked) -> tuple[str, str] | None:
    """Why a result has not this figure, and what to do; None where that is not known.

    Example: ``why_unknown(result, "jitter", Asked())[0]`` is ``"it is a figure of UDP, and this run was TCP"``.
    """
    metric = METRICS[name]
    if name in _OF_PROTOCOL and _OF_PROTOCOL[name] != result.protocol:
        return (
            f"it is a figure of {_OF_PROTOCOL[name].upper()}, and this run was {result.protocol.upper()}",
            "ask for another figure",
        )
    flows = chosen(result, asked.direction)
    if asked.aggregate and metric.interval:
        return _why_no_aggregate(metric, flows, asked)
    if result.partial and metric.end == "receiver" and asked.end in (None, "receiver"):
        return (
            "the run was ended before its time, and what the receiver got is told at the end",
            "end=sender, or the result that Stop Iperf Server returns",
        )
    return None


def _why_no_aggregate(metric: Metric, flows: list[Flow], asked: Asked) -> tuple[str, str] | None:
    rows = [counted(_part(flow, asked.stream).intervals) for flow in flows]
    if not any(rows):
        return "the run has no intervals", "interval=1s, and a run of several seconds"
    other = [flow for flow in flows if asked.end not in (None, flow.measured_at)]
    if metric.both and other:
        return (
            f"the intervals of this run are those of the {other[0].measured_at}, and tell nothing of the {asked.end}",
            "run against a server that this library has started, or with reverse=True, so that the receiver is the client;"
            f" or ask with end={other[0].measured_at}",
        )
    if asked.aggregate in ("stdev", "cv") and max(map(len, rows)) < 2:
        return "one interval is too few for that", "run longer, or with a shorter interval="
    of_streams = [
        getattr(row, metric.interval or "") for flow in flows for one in flow.streams for row in one.intervals
    ]
    if asked.stream is None and of_streams and None not in of_streams:
        return "the intervals of all streams together do not have it, those of each stream do", "stream=1"
    return None


_OF_PROTOCOL = {
    **dict.fromkeys(("loss", "lost_packets", "out_of_order", "jitter"), "udp"),
    **dict.fromkeys(("retransmits", "rtt"), "tcp"),
}
"""Figures that only one protocol has."""


def write_gap(options: Mapping[str, Any], protocol: str) -> float:
    """Seconds between two writes of a stream with a target rate, or between two of its bursts; 0 where it has none. Intervals shorter than that may be
    empty on a good path.

    Example: ``write_gap({"bitrate": 300e3}, "tcp")`` is 3.5: iperf writes 128 KByte at a time.
    """
    frames = re.match(r"\d+(?:\.\d+)?", str(options.get("isochronous") or ""))
    between = (
        options.get("burst_period")
        or options.get("ipg")
        or (1 / float(frames[0]) if frames and float(frames[0]) else 0.0)
    )
    rate = options.get("bitrate", UDP_RATE if protocol == "udp" and not between else 0)
    return max(float(between), 8.0 * _length(options, protocol) / float(rate) if rate else 0.0)


UDP_RATE = 1_000_000
"""Bits/s that iperf sends over UDP where nobody says more."""


def block_gap(flow: Flow, options: Mapping[str, Any], protocol: str) -> float:
    """Seconds that a block of each stream takes at the rate of the run, where none but whole ones are counted, as iperf3 does from 3.16 on; else 0.

    Example: at 1 Mbit/s of one stream a block of 128 KByte takes 1.05 s, and intervals of 0.3 s are empty on a good path.
    """
    length, rate = _length(options, protocol), flow.bits_per_second
    if protocol == "udp" or not rate or any((row.bytes or 0) % length for row in flow.intervals):
        return 0.0
    return 8.0 * length * max(1, len(flow.streams)) / rate


def _length(options: Mapping[str, Any], protocol: str) -> int:
    return int(options.get("length") or (1460 if protocol == "udp" else 131_072))


def title_of(name: str, asked: Asked) -> str:
    """How a message calls the figure.

    Example: ``title_of("loss", Asked(direction="upstream"))`` is ``"Loss (upstream, receiver)"``.
    """
    metric = METRICS[name]
    if name == "latency":
        return f"Latency ({asked.aggregate or 'median'}, {asked.which or 'loaded'})"
    text = str(asked) if asked.end or asked.aggregate else ", ".join(filter(None, (str(asked), metric.end)))
    return f"{metric.title[0].upper()}{metric.title[1:]} ({text})"


def unit_of(name: str, asked: Asked) -> Any:
    """The unit of the figure; a mean of whole numbers is none."""
    unit = METRICS[name].unit
    if asked.aggregate == "cv":
        return Percent
    return float if unit in (Count, Size) and asked.aggregate not in (None, "min", "max") else unit


def more_is_better(name: str, asked: Asked) -> bool:
    """Whether the lower of two such figures is the worse one."""
    return METRICS[name].combine is min and asked.aggregate not in ("stdev", "cv")


def shown(value: float, name: str, asked: Asked) -> str:
    """A figure, or a mean of figures, as people read it.

    Example: ``shown(94.1e6, "bitrate", Asked())`` is ``94.1 Mbit/s``; ``shown(2.5, "retransmits", Asked())`` is ``2.5``.
    """
    unit = unit_of(name, asked)
    if unit is Size:
        return Size(round(value)).rounded()
    return f"{value:.4g}" if unit in (Count, float) else str(unit(value))


def chosen(result: Result, direction: str | None) -> list[Flow]:
    """The flows of that direction, in any of the words for it, all where none is named. Raises ConfigurationError when there is none."""
    word = plain_word(direction)
    if word == "both" and len(result.flows) == 1:
        raise ConfigurationError(
            f"The result has one direction, {result.flows[0].direction}, and not both.",
            remedy="run it with bidir=True, or direction=both",
        )
    found = [
        flow
        for flow in result.flows
        if word in (None, "both", flow.direction, "reverse" if flow.reverse else "forward")
    ]
    if direction and not found:
        raise _no_direction(direction, word, [flow.direction for flow in result.flows])
    return found


def _no_direction(asked: str, word: str | None, known: list[str]) -> ConfigurationError:
    near = "" if word in DIRECTIONS else nearest(asked, DIRECTIONS)
    problem = f"The result has no direction '{asked}', only: {', '.join(known) or 'none'}.{near}"
    if word in ("upstream", "downstream") and {"forward", "reverse"} & set(known):
        return ConfigurationError(
            problem,
            cause="the devices have no roles, and forward is from the client to the server",
            remedy="give them: Add Iperf Device    ...    role=node, and role=tpc for the other one",
        )
    return ConfigurationError(problem)


def _of_end(metric: Metric, flow: Flow, asked: Asked) -> Any:
    end: End = getattr(_part(flow, asked.stream), asked.end or metric.end)
    return getattr(end, metric.field)


def _part(flow: Flow, stream: int | None) -> Flow | Stream:
    """The flow, or that stream of it."""
    if stream is None:
        return flow
    if not 1 <= stream <= len(flow.streams):
        raise ConfigurationError(f"The result has {len(flow.streams)} streams, so there is no stream {stream}.")
    return flow.streams[stream - 1]


def _cpu(result: Result, flow: Flow, asked: Asked) -> float | None:
    """The client receives where the flow is the reverse one."""
    at_client = flow.reverse == ((asked.end or "receiver") == "receiver")
    return result.client_cpu_percent if at_client else result.server_cpu_percent


def _latency(result: Result, asked: Asked) -> Milliseconds | None:
    """Of the median of the loaded probes unless something else is asked for."""
    latency, which = result.latency, asked.which or "loaded"
    if latency is None:
        return None
    times = latency.times("idle" if which == "idle" else "loaded")
    value = aggregated(times, asked.aggregate or "median") if times else None
    before = latency.idle.median_ms if which == "added" else 0.0
    return None if value is None or before is None else Milliseconds(value - before)


def _aggregated(metric: Metric, flows: list[Flow], asked: Asked) -> Any:
    if metric.interval is None:
        raise ConfigurationError(
            f"The {metric.title} is not told for intervals, so there is no {asked.aggregate} of it."
        )
    if len(flows) > 1:
        names = " or ".join(flow.direction for flow in flows)
        raise ConfigurationError(
            f"The result has two directions; say which one's {asked.aggregate}: direction={names}."
        )
    if metric.both and any(asked.end not in (None, flow.measured_at) for flow in flows):
        return None
    values = [getattr(i, metric.interval) for flow in flows for i in _intervals(flow, asked)]
    if not values or None in values:
        return None
    return aggregated(values, asked.aggregate or "")


def _intervals(flow: Flow, asked: Asked) -> Sequence[Interval]:
    """Those that count, where the end that is meant has told them."""
    return counted(_part(flow, asked.stream).intervals)


def aggregated(values: Sequence[float], name: str) -> float | None:
    """What ``AGGREGATES`` or a percentile makes of values. None where the values are too few, or their mean is 0, so that there is no such figure."""
    if name in ("stdev", "cv") and (len(values) < 2 or (name == "cv" and not any(values))):
        return None
    if name in AGGREGATES:
        return AGGREGATES[name](values)
    return percentile(values, int(name[1:]))
