"""Keywords that ask a result for one figure and say what it has to be: one for each row of the table of metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assertionengine import AssertionOperator, verify_assertion
from robot.api.deco import keyword

from .. import log as logger
from ..companions import InUnit
from ..errors import ConfigurationError, nearest
from ..intervals import outages
from ..metrics import METRICS, Asked, Metric, aggregated, figure, meant, title_of, unit_of, why_unknown
from ..result import Result
from ..signature import typed
from ..units import Percent, Seconds
from .arguments import EVALUATED
from .limits import evaluated, wanted, worded
from .questions import (
    check_message,
    flows_of,
    measured,
    one_result,
    require_outage,
    require_rate,
    require_sight,
    unknown,
    with_facts,
)

AT_MOST = ("<", "<=", "==", "validate")
"""What asks for a figure to be low."""


def _getter(name: str) -> Callable[..., Any]:
    """The keyword for one figure."""

    def get(
        self: Any,
        result: Result,
        assertion_operator: AssertionOperator | None = None,
        expected: Any = None,
        message: str | None = None,
        *,
        end: str | None = None,
        direction: str | None = None,
        stream: int | None = None,
        aggregate: str | None = None,
    ) -> Any:
        asked = Asked(end, direction, stream, aggregate)
        return self._checked(name, result, assertion_operator, expected, message, asked)

    metric = METRICS[name]
    get.__name__ = f"get_iperf_{name}"
    get.__doc__ = (
        f"Returns {metric.meaning}, and checks it where an operator is given.\n\n"
        f"{_whose(metric)} Without an operator it is ``None`` where iperf did not report it. See `Assertions` for the arguments.\n\n"
        f"Example:\n| Get Iperf {name.replace('_', ' ').title()}    ${{result}}    {metric.example}\n"
    )
    found: Callable[..., Any] = keyword(tags=["Assertions"])(typed(get))
    return found


def _whose(metric: Metric) -> str:
    """What the documentation says of the end that is meant, and of what is not told for intervals."""
    end = (
        f"It is that of the {metric.end} unless ``end`` says otherwise."
        if metric.both
        else f"Only the {metric.end} knows it, so ``end`` has nothing to choose."
    )
    return end if metric.interval else f"{end} It is not told for intervals, so it has no ``aggregate``."


class Assertions:
    """The keywords on figures, with the operators of Robot Framework's assertion engine."""

    get_iperf_bitrate = _getter("bitrate")
    get_iperf_transfer = _getter("transfer")
    get_iperf_duration = _getter("duration")
    get_iperf_loss = _getter("loss")
    get_iperf_lost_packets = _getter("lost_packets")
    get_iperf_out_of_order = _getter("out_of_order")
    get_iperf_jitter = _getter("jitter")
    get_iperf_retransmits = _getter("retransmits")
    get_iperf_rtt = _getter("rtt")
    get_iperf_cpu = _getter("cpu")

    @keyword(tags=["Assertions"])
    @typed
    def get_iperf_latency(
        self,
        result: Result,
        assertion_operator: AssertionOperator | None = None,
        expected: Any = None,
        message: str | None = None,
        *,
        which: str = "loaded",
        aggregate: str = "median",
    ) -> Any:
        """Returns the round trip that was measured beside the run, in milliseconds, and checks it where an operator is given.

        ``which`` is ``loaded`` (while the traffic ran), ``idle`` (before it), or ``added``: by how much the loaded figure is more than the idle median.
        ``aggregate`` is what is made of the probes that came back, as in `Assertions`. The run has to be one with ``latency=True``; see `Latency under load`.

        Examples:
        | Get Iperf Latency    ${result}    <    50 ms
        | Get Iperf Latency    ${result}    <    30 ms    which=added    aggregate=p95
        """
        return self._checked(
            "latency", measured(result), assertion_operator, expected, message, Asked(aggregate=aggregate, which=which)
        )

    @keyword(tags=["Assertions"])
    @typed
    def get_iperf_probe_loss(
        self,
        result: Result,
        assertion_operator: AssertionOperator | None = None,
        expected: Any = None,
        message: str | None = None,
        *,
        which: str = "loaded",
    ) -> Any:
        """Returns the share of probes of the latency that did not come back, in per cent, and checks it where an operator is given.

        ``which`` is ``loaded`` (while the traffic ran) or ``idle`` (before it). The run has to be one with ``latency=True``; see `Latency under load`.

        Example:
        | Get Iperf Probe Loss    ${result}    <=    1%
        """
        latency = measured(result).latency
        if which not in ("idle", "loaded"):
            raise ConfigurationError(f"which is idle or loaded, not '{which}'.")
        share = (latency.idle if which == "idle" else latency.loaded).lost_percent if latency else None
        value = None if share is None else Percent(share)
        return self._compared(value, f"Lost probes ({which})", Percent, result, assertion_operator, expected, message)

    @keyword(tags=["Assertions"])
    @typed
    def get_iperf_companion(
        self,
        result: Result,
        name: str,
        assertion_operator: AssertionOperator | None = None,
        expected: Any = None,
        message: str | None = None,
        *,
        aggregate: str = "mean",
    ) -> Any:
        """Returns a figure of what was sampled beside the run, and checks it where an operator is given.

        ``aggregate`` is what is made of the values that are known while the traffic ran, as in `Assertions`. The figure has the companion's own
        unit and is compared with a number in it, like ``80`` or ``80 %``.

        Examples:
        | Get Iperf Companion    ${result}    cpu    <    80%    aggregate=max
        | ${signal} =    Get Iperf Companion    ${result}    rssi
        """
        asked = Asked(aggregate=aggregate)
        found = {companion.name: companion for companion in one_result(result).companions}
        if name not in found:
            raise ConfigurationError(
                f"Nothing called '{name}' was sampled beside this run.{nearest(name, found)}",
                cause=f"its companions are: {', '.join(found) or 'none'}",
                remedy="Add Iperf Companion before the run",
            )
        values = found[name].values
        value = aggregated(values, aggregate) if values else None
        title = f"Companion '{name}' ({asked})"
        unit = InUnit(found[name].unit)
        if assertion_operator is not None and value is None:
            why = found[name].said or (
                "too few values are known" if values else "no value is known while the traffic ran"
            )
            raise unknown(title, result, (why, "look at its command or keyword, and at the warnings of the run"))
        return self._compared(value, title, unit, result, assertion_operator, expected, message)

    @keyword(tags=["Assertions"])
    @typed
    def iperf_result_should_be_stable(
        self,
        result: Result,
        max_cv: Percent = Percent(10),  # noqa: B008 - a number
        message: str | None = None,
        *,
        direction: str | None = None,
        stream: int | None = None,
    ) -> None:
        """Fails when the bit rate of the intervals varies more than ``max_cv``: their standard deviation, in per cent of their mean.

        With two directions each has to be stable. Intervals of the warm-up (``omit``) do not count.

        Example:
        | Iperf Result Should Be Stable    ${result}    max_cv=10%
        """
        for flow in flows_of(result, direction, "Stability"):
            asked = Asked(None, flow.direction, stream, "cv")
            self._checked("bitrate", result, AssertionOperator["<="], max_cv, message, asked)

    @keyword(tags=["Assertions"])
    @typed
    def iperf_result_should_have_no_outage(
        self,
        result: Result,
        longer_than: Seconds = Seconds(1),  # noqa: B008 - a number
        message: str | None = None,
        *,
        direction: str | None = None,
    ) -> None:
        """Fails when no data moved for ``longer_than`` or longer: intervals without any byte, one after the other.

        What is seen are whole intervals without data. An outage also has a part of the interval before them and of the one behind them, so it may be up to two intervals longer than what is seen.
        An outage that is shorter than ``longer_than`` and two intervals may therefore be missed. Give the run a short ``interval``, like ``interval=100ms``; one that is longer than ``longer_than`` is refused.
        Intervals of the warm-up (``omit``) do not count. What a sender over UDP counts tells nothing of what arrived: see `Assertions`.

        Example:
        | Iperf Result Should Have No Outage    ${result}    longer_than=1s
        """
        check_message(message)
        for flow in flows_of(result, direction, "What moved in each interval"):
            require_sight(result, flow, longer_than)
            found = [(start, end) for start, end in outages(flow) if end - start >= longer_than - 1e-3]
            if found:
                require_outage(result, flow, max(end - start for start, end in found))
            long = [f"{start:g} s to {end:g} s" for start, end in found]
            seen_by = f"{flow.direction}, {flow.measured_at}"
            self._note_verdict(result, f"No outage longer than {longer_than} ({seen_by})", not long)
            if long:
                text = f"No data moved from {', from '.join(long)} ({flow.direction})."
                raise AssertionError(with_facts(worded(message, text, long, longer_than), result))

    def _checked(
        self,
        name: str,
        result: Result,
        operator: AssertionOperator | None,
        expected: Any,
        message: str | None,
        asked: Asked,
    ) -> Any:
        asked = meant(one_result(result), name, asked)
        value, title = figure(result, name, asked), title_of(name, asked)
        if operator is not None and value is None:
            raise unknown(title, result, why_unknown(result, name, asked))
        if operator is not None and operator.value in AT_MOST:
            require_rate(result, name, asked, value)
        return self._compared(value, title, unit_of(name, asked), result, operator, expected, message)

    def _compared(
        self,
        value: Any,
        title: str,
        unit: Any,
        result: Result,
        operator: AssertionOperator | None,
        expected: Any,
        message: str | None,
    ) -> Any:
        check_message(message)
        if operator is None:
            if expected is not None:
                raise ConfigurationError(f"'{expected}' needs an operator in front of it, like >=.")
            logger.info(f"{title}: {'not reported' if value is None else value}")
            return value
        if value is None:
            raise unknown(title, result)
        return self._verified(value, title, operator, wanted(operator, expected, unit), message, result)

    def _verified(
        self, value: Any, title: str, operator: AssertionOperator, limit: Any, message: str | None, result: Result
    ) -> Any:
        verdict = f"{title} {operator.value} {limit}: {value}"
        given = evaluated(operator, value, limit) if operator.value in EVALUATED else None
        if operator.value == "then":  # which asks for a value, and judges nothing
            logger.info(f"{title}: {value}, {limit}: {given}")
            return given
        try:
            found = verify_assertion(value, operator, limit, title)
        except AssertionError as problem:
            self._note_verdict(result, verdict, False)
            raise AssertionError(with_facts(worded(message, str(problem), value, limit), result)) from None
        self._note_verdict(result, verdict, True)
        logger.info(f"{title}: {value} {operator.value} {limit}")
        return found

    def _note_verdict(self, result: Result, text: str, passed: bool) -> None:
        """Keeps what was asked of a result and whether it held."""
        raise NotImplementedError
