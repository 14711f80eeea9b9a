"""Whether a figure of a result can be asked for, and what is said where it cannot."""

from __future__ import annotations

import re
from typing import Any

from assertionengine import AssertionOperator

from ..beside import Beside
from ..errors import ConfigurationError, IperfError, nearest
from ..intervals import counted
from ..metrics import Asked, block_gap, chosen, figure, meant, why_unknown, write_gap
from ..repeats import Repeats
from ..result import Flow, Result
from ..units import Seconds
from .arguments import in_unit

FEWEST = 1000
"""Bits/s or bytes: a limit below that has to have its unit."""

EVALUATED = ("validate", "then")
COMPARED = ("==", "!=", "<", ">", "<=", ">=")
"""What operators of the assertion engine do with numbers: the values of its own type."""


def require_sight(result: Result, flow: Flow, longer_than: Seconds) -> None:
    """An error where the intervals of this flow cannot show such an outage."""
    asked = Asked(None, flow.direction, None, "min")
    if figure(result, "transfer", asked) is None:
        title = f"What moved in each interval ({flow.direction})"
        raise unknown(title, result, why_unknown(result, "transfer", meant(result, "transfer", asked)))
    gap = write_gap(result.options, result.protocol)
    if longer_than < 2 * gap:
        raise ConfigurationError(
            f"An outage of {longer_than} cannot be told from the pauses of this sender: at its rate it writes every {gap:.3g} s.",
            remedy="give a smaller 'length', a higher 'bitrate', or a longer 'longer_than'",
        )
    longest = max(interval.seconds for interval in counted(flow.intervals))
    if longest > 1.05 * longer_than:
        raise ConfigurationError(
            f"An outage of {longer_than} cannot be seen: this run has intervals of {longest:.3g} s.",
            remedy="run it with a shorter one, like interval=100ms",
        )


def require_outage(result: Result, flow: Flow, seconds: float) -> None:
    """An error where an outage of so many seconds may as well be the time that whole blocks take."""
    block = block_gap(flow, result.options, result.protocol)
    if seconds < 2 * block:
        raise ConfigurationError(
            f"An outage of {seconds:.3g} s cannot be told from the pauses between two blocks: this iperf counts whole ones, and at this rate they took {block:.3g} s.",
            remedy="run it with a smaller 'length', like length=1K, or give a longer 'longer_than'",
        )


def flows_of(result: Any, direction: str | None, title: str) -> list[Flow]:
    """The flows that are meant. An error where nothing was measured: then nothing is as it should be, either."""
    flows = chosen(one_result(result), direction)
    if not flows:
        raise unknown(title, result, ("nothing was measured", "look at the raw file, and at how the run ended"))
    return flows


def check_message(message: str | None) -> None:
    """Robot takes a named argument that is misspelt for the next one by place, which is the message; and so a unit in a cell of its own."""
    text = str(message or "").strip()
    name, is_named, _ = text.partition("=")
    name = name.strip()
    near = nearest(name, _NAMED)
    if is_named and name.isidentifier() and (near or " " not in text):
        raise ConfigurationError(
            f"'{text}' is no argument of this keyword, and was taken for the message.{near}",
            remedy="for a message that begins so, put a word in front of it",
        )
    if _UNIT.fullmatch(text):
        raise ConfigurationError(
            f"The unit '{text}' stands in a cell of its own, and was taken for the message.",
            remedy=f"write it behind its number, with one blank: '900 {text}'",
        )


_NAMED = ("end", "direction", "stream", "aggregate", "which", "message", "expected", "name", "max_cv", "longer_than")
_UNIT = re.compile(
    r"([kmgt]i?)?(bits?|bytes?|b)?(/s|/sec|ps| per s(ec(ond)?)?)|[kmgt]i?|([kmgt]i?)?(bits?|bytes?)|%|[mu]?s|dbm",
    re.IGNORECASE,
)


def one_result(value: Any) -> Result:
    """The value, if it is the result of one run."""
    if isinstance(value, Repeats):
        raise ConfigurationError(
            "This takes the result of one run, and that of Run Iperf Test with 'repeat' or 'until_ci' is several.",
            remedy="Should Be True    ${runs.figures['loss'].mean} < 0.1    or one of them: ${runs.results[0]}",
        )
    if isinstance(value, (list, tuple, Beside)):
        raise ConfigurationError(
            "This takes the result of one run, and not several.",
            remedy="take one: ${results[0]}, or loop: FOR    ${result}    IN    @{results}",
        )
    if not isinstance(value, Result):
        raise ConfigurationError(
            f"This takes the result of a run, not '{value}' ({type(value).__name__}).",
            remedy="${result} =    Run Iperf Client    ...",
        )
    return value


def measured(value: Any) -> Result:
    """The result, where its latency was measured."""
    result = one_result(value)
    if result.latency is None:
        raise ConfigurationError(
            "The latency was not measured in this run.", remedy="Run Iperf Test    ...    latency=True"
        )
    return result


def wanted(operator: AssertionOperator, expected: Any, unit: Any) -> Any:
    """What the figure is compared with, in its unit. Raises ConfigurationError."""
    if operator.value in EVALUATED:
        return str(expected)
    if operator.value not in COMPARED:
        raise ConfigurationError(
            f"A figure is not compared by '{operator.name}'.",
            remedy=f"use one of {', '.join(COMPARED)}, validate, then",
        )
    if expected is None:
        raise ConfigurationError(f"'{operator.value}' needs something to compare with, like >= 900 Mbit/s.")
    try:
        limit = in_unit(expected, unit)
    except (ValueError, TypeError) as problem:
        raise ConfigurationError(f"This figure cannot be compared with '{expected}': {problem}.") from None
    return _with_unit(expected, limit, unit) if hasattr(unit, "usual") else limit


def _with_unit(expected: Any, limit: Any, unit: Any) -> Any:
    """Nobody asks for 900 bit/s: the unit was left out, and any run at all would do."""
    plain = re.fullmatch(r"[\d.,_]+(e[+-]?\d+)?", str(expected).strip(), re.IGNORECASE)
    if 0 < limit < FEWEST and plain and not isinstance(expected, unit):
        raise ConfigurationError(
            f"'{expected}' is a {unit.kind} without a unit, which would be {limit}.",
            remedy=f"write it with its unit: '{expected} {unit.usual}'; or '{limit}', if it is really that",
        )
    return limit


def unknown(title: str, result: Result, why: tuple[str, str] | None = None) -> IperfError:
    """The error of a figure that a result has not."""
    if why:
        return IperfError(
            f"{title} is not known of this run: {why[0]}.",
            kind="unknown",
            remedy=why[1],
            raw_file=result.raw_file,
            result=result,
        )
    versions = dict.fromkeys(filter(None, (result.client_version or result.version, result.server_version)))
    return IperfError(
        f"{title} was not reported by {' and '.join(f'{result.tool} {version}' for version in versions) or result.tool}.",
        kind="unknown",
        cause="this version, protocol, direction or form of output does not tell it, or only the other end knows it",
        remedy="look at what the result has: Log    ${result.flows}",
        raw_file=result.raw_file,
        result=result,
    )


def with_facts(text: str, result: Result) -> str:
    """What is said of a figure, with the run that it is of."""
    run = f"{result.client} to {result.server}, {result}" if result.client else str(result)
    rows = [("run", run), ("raw file", result.raw_file)]
    return "\n".join([text, *(f"  {label + ':':<16} {value}" for label, value in rows if value)])
