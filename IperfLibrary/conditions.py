"""With what something was measured, and whether that was the same another time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .option_table import NEUTRAL
from .result import Result

UNKNOWN = "not known"
UNKNOWN_OPTIONS = "options not known"

_NAMES = {
    "tool": "tool",
    "protocol": "protocol",
    "direction": "direction",
    "client": "client",
    "server": "server",
    "client_version": "version at the client",
    "server_version": "version at the server",
}
_OTHER_TEST = ("tool", "protocol", "direction")


class Differences(NamedTuple):
    """``test`` is what makes figures those of another test, ``rest`` what people should know; each is a text that tells both."""

    test: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


def conditions(result: Result) -> dict[str, Any]:
    """Tool, versions, devices, direction, and the options that change the traffic; what is not known is left out, as options of stored output.

    Example: ``conditions(result)["options"]`` is ``{"time": 10.0, "parallel": 4}``.
    """
    from .report.records import record_of  # noqa: PLC0415 - much to import, and few have a baseline

    record = record_of(result, moment="1970-01-01T00:00:00Z")
    options = {
        name: value for name, value in record.options.items() if name not in NEUTRAL and value not in (None, False)
    }
    known = {
        "tool": record.tool,
        "protocol": record.protocol,
        "direction": " and ".join(sorted(flow.direction for flow in record.flows)),
        "client": record.client,
        "server": record.server,
        "client_version": record.client_version,
        "server_version": record.server_version,
        "stopped": record.partial or None,
        "fake": record.fake or None,
        "options": options if options or record.client else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Differences:
    """What is known of both and not the same.

    Example: ``differences({"tool": "iperf2"}, {"tool": "iperf3"}).test`` is ``("tool: iperf2, now iperf3",)``.
    """
    other = {name: f"{_NAMES[name]}: {before[name]}, now {now[name]}" for name in _NAMES if _differ(before, now, name)}
    test = [text for name, text in other.items() if name in _OTHER_TEST]
    rest = [text for name, text in other.items() if name not in _OTHER_TEST]
    if ("fake" in before) != ("fake" in now):
        test.append(f"recorded figures of a fake device: {'the baseline' if 'fake' in before else 'those now'}")
    if ("stopped" in before) != ("stopped" in now):
        rest.append(
            f"a run that was stopped before its end: {'the baseline' if 'stopped' in before else 'the one now'}"
        )
    return Differences((*test, *_other_options(before.get("options"), now.get("options"))), tuple(rest))


def _differ(before: Mapping[str, Any], now: Mapping[str, Any], name: str) -> bool:
    pair = before.get(name), now.get(name)
    return None not in pair and pair[0] != pair[1]


def _other_options(before: Any, now: Any) -> Iterator[str]:
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield f"{_option(before, name)}, now {_option(now, name)}"


def _option(options: Mapping[str, Any], name: str) -> str:
    return _as_asked(name, options[name]) if name in options else f"no {name}"


def _as_asked(name: str, value: Any) -> str:
    from .report.text import option  # noqa: PLC0415 - not before there is something to tell

    return option(name, value)


def told(about: Mapping[str, Any]) -> str:
    """In one line.

    Example: ``iperf3 TCP downstream, pc (3.12) to dut (3.16), time=10 s, parallel=4``
    """
    fake = "FAKE" if about.get("fake") else ""
    kind = " ".join(
        filter(None, (fake, about.get("tool"), str(about.get("protocol") or "").upper(), about.get("direction")))
    )
    ends = " to ".join(_end(about, role) for role in ("client", "server"))
    options = about.get("options")
    asked = (
        [_as_asked(name, value) for name, value in options.items()]
        if isinstance(options, Mapping)
        else [UNKNOWN_OPTIONS]
    )
    return ", ".join(filter(None, [kind, ends, *asked]))


def _end(about: Mapping[str, Any], role: str) -> str:
    name, version = about.get(role) or UNKNOWN, about.get(f"{role}_version")
    return f"{name} ({version})" if version else str(name)
