"""The record of one result of a run: what a CI job keeps of it and what a report over many runs is made from. Pure.

``as_line`` writes one line of JSON, ``from_line`` reads it again. Figures are plain numbers with their unit in the name;
``null`` is unknown. A field that a reader does not know is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..companions import Companion
from ..errors import printable
from ..latency import Latency
from ..recovery import Recovery
from ..result import End, Flow, Result
from ..secret import masked
from .series import Series, series_of

SCHEMA = 1
"""Grows when a field gets another meaning, not when one is added."""

LONGEST = 2000
"""Characters of a text that are kept: a name, a message, the value of an option."""

Plain = str | int | float | bool | None
PASSED, FAILED, TOLERATED, UNJUDGED = "passed", "failed", "tolerated", "unjudged"

_SECRETS = re.compile(r"passw|passphrase|secret|token", re.IGNORECASE)


@dataclass(frozen=True)
class Verdict:
    """What somebody asked of the result, in words, and whether it was so."""

    text: str
    passed: bool


@dataclass(frozen=True)
class Failure:
    """Why a run failed: the first line of the message, and the ``kind`` of :class:`IperfLibrary.errors.IperfError`."""

    message: str
    kind: str | None = None


@dataclass(frozen=True)
class Figures:
    """What was measured of one flow, or of a whole result; ``bits_per_second`` and ``bytes`` are the receiver's.

    The seconds of failure, recovery, outage and their uncertainty are those of :class:`IperfLibrary.recovery.Recovery`.
    """

    bits_per_second: float | None = None
    sent_bits_per_second: float | None = None
    bytes: int | None = None
    sent_bytes: int | None = None
    seconds: float | None = None
    retransmits: int | None = None
    lost_percent: float | None = None
    lost_packets: int | None = None
    packets: int | None = None
    jitter_ms: float | None = None
    out_of_order: int | None = None
    min_rtt_ms: float | None = None
    mean_rtt_ms: float | None = None
    max_rtt_ms: float | None = None
    idle_latency_ms: float | None = None
    loaded_latency_ms: float | None = None
    loaded_latency_p95_ms: float | None = None
    lost_probes_percent: float | None = None
    failure_seconds: float | None = None
    recovery_seconds: float | None = None
    outage_seconds: float | None = None
    uncertainty_seconds: float | None = None


@dataclass(frozen=True)
class CompanionRecord:
    """What was sampled beside a run, in short; ``unknown`` is how often it could not be read."""

    name: str
    unit: str = ""
    min: float | None = None
    mean: float | None = None
    max: float | None = None
    unknown: int = 0


@dataclass(frozen=True)
class FlowRecord:
    """One direction of a result, or of what was asked where nothing was measured."""

    direction: str
    reverse: bool
    streams: int = 0
    figures: Figures = Figures()
    series: Series = field(default_factory=Series)


@dataclass(frozen=True)
class Record:
    """One result of one test, or one failure to get one.

    ``moment`` is ISO 8601 with a zone; ``run`` tells the runs of Robot Framework apart that write into one file. Paths
    are as given; in a file they are relative to it, with ``/``. ``said`` is what iperf said went wrong, also where that was
    no failure: when a keyword stopped a client. ``test_passed`` is None where no test ended.

    Raises ValueError for a moment without a zone.
    """

    moment: str
    suite: str = ""
    test: str = ""
    run: str = ""
    client: str | None = None
    server: str | None = None
    tool: str | None = None
    role: str | None = None
    protocol: str | None = None
    client_version: str | None = None
    server_version: str | None = None
    options: Mapping[str, Plain] = field(default_factory=dict)
    figures: Figures = Figures()
    flows: tuple[FlowRecord, ...] = ()
    companions: tuple[CompanionRecord, ...] = ()
    client_cpu_percent: float | None = None
    server_cpu_percent: float | None = None
    partial: bool = False
    fake: bool = False
    error: Failure | None = None
    said: str | None = None
    verdicts: tuple[Verdict, ...] = ()
    test_passed: bool | None = None
    test_message: str | None = None
    raw_file: str | None = None
    parsed_file: str | None = None
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        if self.time.tzinfo is None:
            raise ValueError(f"'{self.moment}' has no time zone")

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.moment.removesuffix("Z") + "+00:00" * self.moment.endswith("Z"))

    @property
    def status(self) -> str:
        """``passed``, ``failed``, ``tolerated`` (it failed and its test passed) or ``unjudged`` (nobody said anything).

        Its own error and verdicts decide; where there are none, its test does.
        """
        if self.error or not all(verdict.passed for verdict in self.verdicts):
            return TOLERATED if self.test_passed else FAILED
        if self.verdicts or self.test_passed:
            return PASSED
        return UNJUDGED if self.test_passed is None else FAILED

    def ended(self, passed: bool | None, message: str | None = None) -> Record:
        """The record with how its test ended, and the first line of what the test said."""
        return replace(self, test_passed=passed, test_message=_first_line(message) if message else None)


@dataclass(frozen=True)
class RunRecords:
    """The records of one run: ``name`` tells it to people, ``place`` is its directory as seen from the report.

    ``place`` is a relative URL with ``/``, or empty; ``problems`` are sentences about what could not be read.
    """

    name: str
    records: tuple[Record, ...] = ()
    place: str = ""
    problems: tuple[str, ...] = ()


def record_of(
    result: Result | None,
    *,
    moment: str,
    suite: str = "",
    test: str = "",
    run: str = "",
    error: Exception | None = None,
    verdicts: Iterable[Verdict] = (),
    **known: Any,
) -> Record:
    """The record of a result, or of an error; what was measured before the error is in it.

    ``known`` is what the result does not tell, or what is known without one: ``client``, ``server``, ``tool``,
    ``protocol``, ``options`` ... (fields of :class:`Record`). Passwords and what is named like one are not kept.

    Raises ValueError for a moment without a zone.

    Example: ``record_of(result, moment="2026-01-02T03:04:05+01:00", suite="Lab", test="Downlink")``
    """
    found = result or getattr(error, "result", None)
    facts = _of_result(found) if found else {"raw_file": getattr(error, "raw_file", None)}
    said = getattr(error, "said", None) or facts.get("said")
    facts["said"] = " ".join(str(said).split()) if said else None
    facts.update((name, value) for name, value in known.items() if facts.get(name) in (None, "", {}, ()))
    # Paths stay whole, they are used; all other texts are read by people.
    facts = {name: value if name.endswith("_file") else _text(value) for name, value in facts.items()}
    facts["options"] = {str(name): _plain(name, value) for name, value in (facts.get("options") or {}).items()}
    for name in ("raw_file", "parsed_file"):
        facts[name] = None if facts.get(name) is None else str(facts[name])
    return Record(
        moment=moment,
        suite=clean(suite),
        test=clean(test),
        run=clean(run),
        error=_failure(found, error),
        verdicts=tuple(Verdict(clean(verdict.text), verdict.passed) for verdict in verdicts),
        **facts,
    )


def record_of_recovery(recovery: Recovery, **known: Any) -> Record:
    """The record of what an event did to traffic: its times and its intervals, and no totals, as those are of single clients.

    ``known`` is as in :func:`record_of`.
    """
    result = recovery.result and replace(
        recovery.result,
        flows=tuple(replace(flow, sender=End(), receiver=End()) for flow in recovery.result.flows),
        partial=False,
        error=None,
    )
    times = {f"{name}_seconds": getattr(recovery, name) for name in ("failure", "recovery", "outage", "uncertainty")}
    record = record_of(result, **known)
    return replace(record, figures=replace(record.figures, **times))


def clean(text: str) -> str:
    """The text without what steers a terminal, without passwords in URLs, and not endless."""
    return masked(printable(text))[:LONGEST]


def _text(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


def _of_result(result: Result) -> dict[str, Any]:
    client = result.role == "client"
    return {
        "client": result.client,
        "server": result.server,
        "tool": result.tool,
        "role": result.role,
        "protocol": result.protocol,
        "client_version": result.client_version or (result.version if client else None),
        "server_version": result.server_version or (None if client else result.version),
        "options": result.options,
        "figures": _headline(result),
        "flows": tuple(map(_flow, result.flows)),
        "companions": tuple(map(_companion, result.companions)),
        "client_cpu_percent": result.client_cpu_percent,
        "server_cpu_percent": result.server_cpu_percent,
        "partial": result.partial,
        "fake": result.fake,
        "said": result.error,
        "raw_file": result.raw_file,
        "parsed_file": result.parsed_file,
    }


def _flow(flow: Flow) -> FlowRecord:
    return FlowRecord(clean(flow.direction), flow.reverse, len(flow.streams), _figures(flow), series_of(flow.intervals))


def _companion(one: Companion) -> CompanionRecord:
    return CompanionRecord(clean(one.name), clean(one.unit), one.min, one.mean, one.max, one.unknown)


def _figures(flow: Flow) -> Figures:
    sender, receiver = flow.sender, flow.receiver
    return Figures(
        bits_per_second=receiver.bits_per_second,
        sent_bits_per_second=sender.bits_per_second,
        bytes=receiver.bytes,
        sent_bytes=sender.bytes,
        seconds=receiver.seconds,
        retransmits=sender.retransmits,
        lost_percent=receiver.lost_percent,
        lost_packets=receiver.lost_packets,
        packets=receiver.packets,
        jitter_ms=receiver.jitter_ms,
        out_of_order=receiver.out_of_order,
        min_rtt_ms=sender.min_rtt_ms,
        mean_rtt_ms=sender.mean_rtt_ms,
        max_rtt_ms=sender.max_rtt_ms,
    )


def _headline(result: Result) -> Figures:
    """The figures of the result itself: those of the worse direction; see its documentation."""
    if not result.slowest:
        return _with_latency(Figures(), result.latency)
    figures = replace(
        _figures(result.slowest),
        retransmits=result.retransmits,
        lost_percent=result.lost_percent,
        lost_packets=result.lost_packets,
        packets=result.packets,
        jitter_ms=result.jitter_ms,
        out_of_order=result.out_of_order,
    )
    return _with_latency(figures, result.latency)


def _with_latency(figures: Figures, latency: Latency | None) -> Figures:
    """The medians of the round trip, and how much was lost while the traffic ran."""
    if latency is None:
        return figures
    idle, loaded = latency.idle, latency.loaded
    return replace(
        figures,
        idle_latency_ms=idle.median_ms,
        loaded_latency_ms=loaded.median_ms,
        loaded_latency_p95_ms=loaded.p95_ms,
        lost_probes_percent=loaded.lost_percent,
    )


def _failure(result: Result | None, error: Exception | None) -> Failure | None:
    if error is not None:
        kind = getattr(error, "kind", None)
        return Failure(_first_line(str(error)), None if kind is None else clean(str(kind)))
    return Failure(_first_line(result.error)) if result and result.error else None


def _first_line(text: str) -> str:
    return clean(next((line for line in text.splitlines() if line.strip()), "no message"))


def _plain(name: object, value: Any) -> Plain:
    """The value as JSON has it; a rate, a size, a time as its number. A Password hides itself, whatever its name."""
    if _SECRETS.search(str(name)):
        return "***"
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, (tuple, list)):
        return clean(" ".join(map(str, value)))
    return clean(str(value))
