"""Whether a figure of a result can be asked for, and what is said where it cannot."""

from __future__ import annotations

import re
from typing import Any

from ..beside import Beside
from ..clients import ClientHandle
from ..errors import ConfigurationError, IperfError, nearest
from ..intervals import counted
from ..metrics import Asked, block_gap, chosen, figure, meant, title_of, why_unknown, write_gap
from ..rates import missed
from ..repeats import Repeats
from ..result import Flow, Result
from ..servers import ServerHandle
from ..sweeps import Sweep
from ..units import Seconds


def require_sight(result: Result, flow: Flow, longer_than: Seconds) -> None:
    """An error where the intervals of this flow cannot show such an outage."""
    if longer_than <= 0:
        raise ConfigurationError(f"An outage is longer than 0 s, not than {longer_than}.")
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
    seconds = [interval.seconds for interval in counted(flow.intervals)]
    if longer_than > sum(seconds) + 0.5:
        raise ConfigurationError(
            f"An outage of {longer_than} cannot be seen: this run took {sum(seconds):.3g} s.",
            remedy="give a 'longer_than' of which a run may have several; it is in seconds where no unit stands behind it",
        )
    longest = max(seconds)
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


LOST = ("loss", "lost_packets")
"""Figures that are good at any rate that is low enough."""


def require_rate(result: Result, name: str, asked: Asked, value: Any) -> None:
    """An error where the sender did not reach its rate: what is lost at another one does not answer."""
    short = missed(result, chosen(result, asked.direction)) if name in LOST else None
    if short:
        raise IperfError(
            " ".join([f"{title_of(name, asked)} is {value}, and not that of the rate that was asked for.", short]),
            kind="rate_not_reached",
            cause="the sender's own link, CPU or socket buffer is too slow for that rate: it sends less, and loses nothing",
            remedy="give a rate that the sender can send; assert on Get Iperf Bitrate as well; or bitrate=0 for as fast as it can",
            raw_file=result.raw_file,
            result=result,
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
    for kind, (what, remedy) in _NO_RESULT.items():
        if isinstance(value, kind):
            raise ConfigurationError(f"This takes the result of one run, {what}.", remedy=remedy)
    if not isinstance(value, Result):
        raise ConfigurationError(
            f"This takes the result of a run, not '{value}' ({type(value).__name__}).",
            remedy="${result} =    Run Iperf Client    ...",
        )
    return value


_NO_RESULT: dict[type | tuple[type, ...], tuple[str, str]] = {
    Repeats: (
        "and that of Run Iperf Test with 'repeat' or 'until_ci' is several",
        "Should Be True    ${runs.bitrate.mean} > 900e6    or ${runs.figures['loss'].mean}    or one of them: ${runs.results[0]}",
    ),
    Beside: ("and not several", "take one: ${all.results[0]}, or loop: FOR    ${result}    IN    @{all.results}"),
    Sweep: (
        "and that of a sweep is several",
        "take one: ${sweep.at(parallel=4)}, or loop: FOR    ${result}    IN    @{sweep.results}",
    ),
    ClientHandle: ("and this client may still run", "${result} =    Wait For Iperf Client    ${client}"),
    ServerHandle: ("and a server has served any number", "${results} =    Stop Iperf Server    ${server}"),
    (list, tuple): ("and not several", "take one: ${results[0]}, or loop: FOR    ${result}    IN    @{results}"),
}


def measured(value: Any) -> Result:
    """The result, where its latency was measured."""
    result = one_result(value)
    if result.latency is None:
        raise ConfigurationError(
            "The latency was not measured in this run.", remedy="Run Iperf Test    ...    latency=True"
        )
    return result


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
