"""A result as one block of HTML for Robot Framework's log: no script, nothing from outside, the log's own colours. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote
from xml.etree.ElementTree import Element

from .chart import picture
from .companions import Companion
from .crosscheck import said_of
from .latency import RoundTrips
from .markup import as_markup, element
from .parts import TEXT, UNKNOWN, badge, block, folded, headline, table, trouble
from .result import Check, End, Flow, Result, Stream
from .units import Bitrate, Milliseconds, Percent, Seconds, Size

STREAMS = 256
"""Most streams that are listed, which are those of 128 parallel ones in both directions."""


class Row(NamedTuple):
    """A figure of a flow: its name, its text (None is unknown), and whether it stands there where no flow has it."""

    name: str
    text: Callable[[Flow], str | None]
    always: bool = True


def as_html(result: Result, files: Mapping[str, str] | None = None, verdict: Sequence[tuple[str, bool]] = ()) -> str:
    """The result as HTML: headline, verdict, figures of both ends, a chart, options and versions, links to its files.

    ``files`` has what each file is to its path, relative to the log, with ``/``; a path that is not relative is shown
    without a link. ``verdict`` has what was asked of the result and whether it holds. Rates and sizes have four digits.

    Example::

        as_html(result, {"raw output": "raw_iperf/run.json"}, [("at least 900 Mbit/s received", True)])
    """
    made = block(
        _headline(result, verdict),
        *[_asked(text, passed) for text, passed in verdict],
        *_troubles(result),
        _figures(result),
        _latency(result),
        _companions(result),
        _streams(result),
        picture(result),
        _checks(result),
        _run(result),
        _files(files or {}),
    )
    return as_markup(made)


def _headline(result: Result, verdict: Sequence[tuple[str, bool]]) -> Element:
    measured = ", ".join(f"{f.direction} {_rate(f.receiver) or UNKNOWN}" for f in result.flows)
    text = f"Received: {measured}" if measured else "Nothing measured"
    return headline(text, _what(result), *_badges(result, verdict))


def _what(result: Result) -> str:
    ends = [f"{role} {name}" for role, name in (("client", result.client), ("server", result.server)) if name]
    return ", ".join([f"{result.tool} {result.protocol.upper()}", *ends])


def _badges(result: Result, verdict: Sequence[tuple[str, bool]]) -> Iterator[Element]:
    if verdict:
        passed = all(passed for _, passed in verdict)
        yield badge(*(("PASS", "pass") if passed else ("FAIL", "fail")))
    if result.fake:
        yield badge("FAKE", "warn")
    if result.error is not None:
        yield badge("ERROR", "fail")
    if result.partial:
        yield badge("PARTIAL", "warn")


def _asked(text: str, passed: bool) -> Element:
    mark, name = ("\N{HEAVY CHECK MARK}", "pass") if passed else ("\N{HEAVY BALLOT X}", "fail")
    colour = {"pass": "var(--pass-link-color, #098a09)", "fail": "var(--fail-link-color, #ce3e01)"}[name]
    said = element("span", f"{mark} ", role="img", aria_label=f"{name}ed: ")
    return element("div", said, text, class_="iperf-asked", style=f"color:{colour}")


def _troubles(result: Result) -> Iterator[Element]:
    if result.fake:
        yield trouble("Nothing was measured: a fake device has told figures that were recorded before.", "warn")
    if result.error is not None:
        yield trouble(result.error, "fail")
    if result.partial:
        yield trouble("The run did not come to its end. The figures are those until then.", "warn")
    for check in result.checks:
        if check.agrees is False:
            yield trouble(said_of(check), "warn")


def _figures(result: Result) -> Element | None:
    """A row for each figure, a column for each direction."""
    if not result.flows:
        return None
    rows = [(row, [row.text(flow) for flow in result.flows]) for row in _rows(result)]
    heads = ["", *(_head(flow, result) for flow in result.flows)]
    return table(heads, [[row.name, *texts] for row, texts in rows if row.always or any(texts)], "iperf-figures")


def _head(flow: Flow, result: Result) -> str:
    ends = (result.server, result.client) if flow.reverse else (result.client, result.server)
    return f"{flow.direction} ({ends[0]} \N{RIGHTWARDS ARROW} {ends[1]})" if all(ends) else flow.direction


def _rows(result: Result) -> list[Row]:
    both = [
        Row("Received", lambda f: _rate(f.receiver)),
        Row("Sent", lambda f: _rate(f.sender)),
        Row("Data received", lambda f: _data(f.receiver)),
        Row("Data sent", lambda f: _data(f.sender)),
    ]
    return both + (_UDP if result.protocol.lower() == "udp" else _TCP)


_TCP = [
    Row("Retransmits", lambda f: _count(f.sender.retransmits)),
    Row("Largest congestion window", lambda f: _size(f.sender.max_congestion_window_bytes), always=False),
    Row("Round trip: least, mean, most", lambda f: _round_trip(f.sender), always=False),
]
_UDP = [
    Row("Lost packets", lambda f: _loss(f.receiver)),
    Row("Jitter", lambda f: _milliseconds(f.receiver.jitter_ms)),
    Row("Out of order", lambda f: _count(f.receiver.out_of_order), always=False),
]


def _rate(end: End) -> str | None:
    return None if end.bits_per_second is None else str(Bitrate(end.bits_per_second))


def _size(count: int | None) -> str | None:
    return None if count is None else Size(count).rounded()


def _data(end: End) -> str | None:
    size = _size(end.bytes)
    return size if size is None or end.seconds is None else f"{size} in {Seconds(round(end.seconds, 2))}"


def _count(count: int | None) -> str | None:
    return None if count is None else str(count)


def _milliseconds(value: float | None) -> str | None:
    return None if value is None else Milliseconds(value).rounded()


def _round_trip(sender: End) -> str | None:
    figures = (sender.min_rtt_ms, sender.mean_rtt_ms, sender.max_rtt_ms)
    known = [_milliseconds(figure) or UNKNOWN for figure in figures]
    return None if figures == (None, None, None) else ", ".join(known)


def _loss(receiver: End) -> str | None:
    if receiver.lost_packets is None:
        return None
    share = "" if receiver.lost_percent is None else f" ({Percent(receiver.lost_percent)})"
    return f"{receiver.lost_packets} of {UNKNOWN if receiver.packets is None else receiver.packets}{share}"


_OF_LATENCY: list[tuple[str, Callable[[RoundTrips], str | None]]] = [
    ("Median", lambda trips: _milliseconds(trips.median_ms)),
    ("95th percentile", lambda trips: _milliseconds(trips.p95_ms)),
    ("99th percentile", lambda trips: _milliseconds(trips.p99_ms)),
    ("Longest", lambda trips: _milliseconds(trips.max_ms)),
    ("Lost probes", lambda trips: f"{trips.lost_probes} of {trips.sent_probes}"),
]


def _latency(result: Result) -> Element | None:
    if result.latency is None:
        return None
    phases = (result.latency.idle, result.latency.loaded)
    heads = ["Round trip", "idle", "while the traffic ran"]
    rows = [[name, *map(text, phases)] for name, text in _OF_LATENCY]
    whole = result.latency.resolution_ms is not None
    note = element("div", "This ping tells whole milliseconds only, rounded down.") if whole else None
    return element("div", table(heads, rows, "iperf-latency"), note)


def _companions(result: Result) -> Element | None:
    if not result.companions:
        return None
    heads = ["Beside the run", "least", "mean", "most", "unknown"]
    rows = [
        [_companion_name(one), *map(_figure_of(one), ("min", "mean", "max")), str(one.unknown)]
        for one in result.companions
    ]
    return table(heads, rows, "iperf-companions")


def _companion_name(companion: Companion) -> str:
    return f"{companion.name} ({companion.device})" if companion.device else companion.name


def _figure_of(companion: Companion) -> Callable[[str], str | None]:
    def text(name: str) -> str | None:
        value = getattr(companion, name)
        return None if value is None else companion.text(value)

    return text


def _streams(result: Result) -> Element | None:
    """Parallel streams, folded away."""
    streams = [(flow, stream) for flow in result.flows for stream in flow.streams]
    if len(streams) <= len(result.flows):
        return None
    udp = result.protocol.lower() == "udp"
    heads = ["Stream", "Received", "Sent", "Lost packets" if udp else "Retransmits"]
    listed = table(heads, [_stream(flow, stream, udp) for flow, stream in streams[:STREAMS]], "iperf-streams")
    left = len(streams) - STREAMS
    more = element("div", f"and {left} more, see the files") if left > 0 else None
    return folded(f"{len(streams)} streams", listed, more)


def _stream(flow: Flow, stream: Stream, udp: bool) -> list[str | None]:
    wrong = _loss(stream.receiver) if udp else _count(stream.sender.retransmits)
    return [f"{flow.direction} {stream.id}", _rate(stream.receiver), _rate(stream.sender), wrong]


def _checks(result: Result) -> Element | None:
    """What the kernels counted, folded away."""
    if not any(check.agrees is not None for check in result.checks):
        return None
    heads = ["Cross-check with the kernel", "Interface", "Counted", "At least", "At most"]
    return folded("Cross-check", table(heads, map(_check, result.checks), "iperf-checks"))


def _check(check: Check) -> list[str | None]:
    way = {"tx": "sent by", "rx": "received by"}[check.counter]
    figures = (check.counted_bytes, check.least_bytes, check.most_bytes)
    return [f"{way} {check.device}", check.interface, *map(_size, figures)]


def _run(result: Result) -> Element:
    """What was run, folded away."""
    rows: list[tuple[str, str | None]] = [
        (f"{result.tool} on the client", result.client_version),
        (f"{result.tool} on the server", result.server_version),
        *_known(result),
        *[(name, str(value)) for name, value in result.options.items()],
    ]
    return folded("Options and versions", table([], rows, "iperf-run", TEXT))


def _known(result: Result) -> Iterator[tuple[str, str]]:
    if result.congestion is not None:
        yield "congestion control", result.congestion
    for role, share in (("client", result.client_cpu_percent), ("server", result.server_cpu_percent)):
        if share is not None:
            yield f"CPU time of the {role}", str(Percent(share))


def _files(files: Mapping[str, str]) -> Element | None:
    if not files:
        return None
    links = [element("span", _file(name, path), style="margin-right:1.2em") for name, path in files.items()]
    return element("div", *links, class_="iperf-files")


def _file(name: str, path: str) -> Element:
    href = _href(path)
    return element("a", name, href=href, title=path) if href else element("span", f"{name}: {path}")


def _href(path: str) -> str | None:
    """The path as a URL: no part of it can be a scheme or a host."""
    try:
        return None if path.startswith("/") else quote(path, errors="surrogateescape")
    except UnicodeEncodeError:
        return None
