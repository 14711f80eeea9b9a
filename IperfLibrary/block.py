"""A result as one block of HTML for Robot Framework's log: no script, nothing from outside, the log's own colours. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote
from xml.etree.ElementTree import Element

from .chart import picture
from .markup import as_markup, element
from .result import End, Flow, Result, Stream
from .units import Bitrate, Milliseconds, Percent, Seconds, Size

UNKNOWN = "not reported"
STREAMS = 256
"""Most streams that are listed, which are those of 128 parallel ones in both directions."""

_BLOCK = "white-space:normal;overflow-wrap:anywhere;font-family:Helvetica,Arial,sans-serif;font-size:.9em;line-height:1.45;max-width:64em;padding:2px 0 6px"
_TABLE = "table-layout:auto;overflow-wrap:anywhere;border-spacing:0;margin:6px 0;font-variant-numeric:tabular-nums"
_NUMBER = "text-align:right;padding:1px 0 1px 1.6em"
_TEXT = "text-align:left;padding:1px 0 1px 1.6em"
_NAME = "text-align:left;font-weight:normal;padding:1px 0"
_BADGES = {
    "pass": ("var(--pass-color, #97bd61)", "#000"),
    "fail": ("var(--fail-color, #ce3e01)", "#fff"),
    "warn": ("var(--warn-color, #fed84f)", "#000"),
}


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
    block = element(
        "div",
        _headline(result, verdict),
        *[_asked(text, passed) for text, passed in verdict],
        *_troubles(result),
        _figures(result),
        _streams(result),
        picture(result),
        _run(result),
        _files(files or {}),
        class_="iperf-block",
        style=_BLOCK,
    )
    return as_markup(block)


def _headline(result: Result, verdict: Sequence[tuple[str, bool]]) -> Element:
    measured = ", ".join(f"{f.direction} {_rate(f.receiver) or UNKNOWN}" for f in result.flows)
    text = f"Received: {measured}" if measured else "Nothing measured"
    return element(
        "div",
        *_badges(result, verdict),
        element("b", text),
        element("span", f" \N{EN DASH} {_what(result)}", style="opacity:.75"),
        class_="iperf-headline",
        style="font-size:1.1em",
    )


def _what(result: Result) -> str:
    ends = [f"{role} {name}" for role, name in (("client", result.client), ("server", result.server)) if name]
    return ", ".join([f"{result.tool} {result.protocol.upper()}", *ends])


def _badges(result: Result, verdict: Sequence[tuple[str, bool]]) -> Iterator[Element]:
    if verdict:
        passed = all(passed for _, passed in verdict)
        yield _badge(*(("PASS", "pass") if passed else ("FAIL", "fail")))
    if result.fake:
        yield _badge("FAKE", "warn")
    if result.error is not None:
        yield _badge("ERROR", "fail")
    if result.partial:
        yield _badge("PARTIAL", "warn")


def _badge(text: str, kind: str) -> Element:
    background, colour = _BADGES[kind]
    style = f"background:{background};color:{colour};font-weight:bold;font-size:.8em;padding:1px 6px;border-radius:3px;margin-right:.6em"
    return element("span", text, class_=f"iperf-badge iperf-{kind}", style=style)


def _asked(text: str, passed: bool) -> Element:
    mark, name = ("\N{HEAVY CHECK MARK}", "pass") if passed else ("\N{HEAVY BALLOT X}", "fail")
    colour = {"pass": "var(--pass-link-color, #098a09)", "fail": "var(--fail-link-color, #ce3e01)"}[name]
    said = element("span", f"{mark} ", role="img", aria_label=f"{name}ed: ")
    return element("div", said, text, class_="iperf-asked", style=f"color:{colour}")


def _troubles(result: Result) -> Iterator[Element]:
    if result.fake:
        yield _trouble("Nothing was measured: a fake device has told figures that were recorded before.", "warn")
    if result.error is not None:
        yield _trouble(result.error, "fail")
    if result.partial:
        yield _trouble("The run did not come to its end. The figures are those until then.", "warn")


def _trouble(text: str, kind: str) -> Element:
    style = f"border-left:4px solid {_BADGES[kind][0]};padding:1px 0 1px 8px;margin:6px 0;white-space:pre-wrap"
    return element("div", text, class_="iperf-trouble", style=style)


def _figures(result: Result) -> Element | None:
    """A row for each figure, a column for each direction."""
    if not result.flows:
        return None
    rows = [(row, [row.text(flow) for flow in result.flows]) for row in _rows(result)]
    heads = ["", *(_head(flow, result) for flow in result.flows)]
    return _table(heads, [[row.name, *texts] for row, texts in rows if row.always or any(texts)], "iperf-figures")


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


def _streams(result: Result) -> Element | None:
    """Parallel streams, folded away."""
    streams = [(flow, stream) for flow in result.flows for stream in flow.streams]
    if len(streams) <= len(result.flows):
        return None
    udp = result.protocol.lower() == "udp"
    heads = ["Stream", "Received", "Sent", "Lost packets" if udp else "Retransmits"]
    table = _table(heads, [_stream(flow, stream, udp) for flow, stream in streams[:STREAMS]], "iperf-streams")
    left = len(streams) - STREAMS
    more = element("div", f"and {left} more, see the files") if left > 0 else None
    return _folded(f"{len(streams)} streams", table, more)


def _stream(flow: Flow, stream: Stream, udp: bool) -> list[str | None]:
    wrong = _loss(stream.receiver) if udp else _count(stream.sender.retransmits)
    return [f"{flow.direction} {stream.id}", _rate(stream.receiver), _rate(stream.sender), wrong]


def _run(result: Result) -> Element:
    """What was run, folded away."""
    rows: list[tuple[str, str | None]] = [
        (f"{result.tool} on the client", result.client_version),
        (f"{result.tool} on the server", result.server_version),
        *_known(result),
        *[(name, str(value)) for name, value in result.options.items()],
    ]
    return _folded("Options and versions", _table([], rows, "iperf-run", _TEXT))


def _known(result: Result) -> Iterator[tuple[str, str]]:
    if result.congestion is not None:
        yield "congestion control", result.congestion
    for role, share in (("client", result.client_cpu_percent), ("server", result.server_cpu_percent)):
        if share is not None:
            yield f"CPU time of the {role}", str(Percent(share))


def _folded(summary: str, *content: Element | None) -> Element:
    return element(
        "details",
        element("summary", summary, style="cursor:pointer"),
        *content,
        class_="iperf-details",
        style="margin:4px 0",
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str | None]], class_: str, style: str = _NUMBER) -> Element:
    """The first cell of each row is its name; what is None is not reported."""
    head = element(
        "tr", *[element("th", text, scope="col", style=style if at else _NAME) for at, text in enumerate(heads)]
    )
    body = [element("tr", _row_name(name), *[_cell(text, style) for text in texts]) for name, *texts in rows]
    return element("table", head if heads else None, *body, class_=class_, style=_TABLE)


def _row_name(text: str | None) -> Element:
    return element("th", text, scope="row", style=_NAME)


def _cell(text: str | None, style: str) -> Element:
    unknown = element("i", UNKNOWN, class_="iperf-unknown", style="opacity:.75")
    return element("td", unknown if text is None else text, style=style)


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
