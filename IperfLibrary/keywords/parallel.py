"""The keyword for whole tests that run at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, TypeVar, cast

from robot.api.deco import keyword

from .. import log as logger
from ..beside import Beside
from ..clients import ClientHandle
from ..devices import Device
from ..errors import CommandError, ConfigurationError, IperfCommandError, IperfError, IperfLibraryError
from ..probing import choose, probe
from ..result import Result
from ..servers import ServerHandle
from ..signature import takes_options
from ..together import together
from .clients import ClientKeywords, Prepared
from .tests import Plan, TestKeywords

_Keyword = TypeVar("_Keyword", bound=Callable[..., Any])


def _knows_arrows(keyword: _Keyword) -> _Keyword:
    """The keyword, which tells ``pc => dut`` from an argument: Robot Framework takes that for one whose name is ``pc``."""

    @wraps(keyword)
    def checked(*flows: Any, **arguments: Any) -> Any:
        for name, value in arguments.items():
            if str(value).startswith(">"):
                raise ConfigurationError(
                    f"A flow is written 'first -> second', not '{name}={value}'.",
                    cause="Robot Framework takes what has a '=' for a named argument",
                    remedy=f"write it so: {name.strip()} -> {str(value).lstrip('> ')}",
                )
        return keyword(*flows, **arguments)

    return cast(_Keyword, checked)


class ParallelKeywords(TestKeywords):
    """Whole tests beside each other."""

    def _beside(
        self,
        *flows: Any,
        direction: str | None = None,
        reverse: bool = False,
        name: str = "test",
        **arguments: Any,
    ) -> Beside:
        common = {"direction": direction, "reverse": reverse, "name": name, **arguments}
        asked = [{**common, **_flow(flow)} for flow in flows]
        if not asked:
            raise ConfigurationError("There is no flow to run.", remedy="give some, like 'dut -> pc'")
        if any(flow.get("latency") for flow in asked):
            raise ConfigurationError(
                "'latency' is not measured in tests beside each other: one would be idle while another one loads the link.",
                remedy="measure it in a test of its own with Run Iperf Test, or add a companion that pings",
            )
        plans = [self._plan(**flow) for flow in asked]
        self._refuse_any(plans, _silent(plans))
        with self._servers(plans) as servers:
            return self._ended(plans, self._begun(plans, servers))

    @keyword(tags=["Tests"])
    @_knows_arrows
    @takes_options("client", _beside, ClientKeywords._prepared)
    def run_iperf_tests_in_parallel(self, *flows: Any, **arguments: Any) -> Beside:
        """Runs tests between several pairs of devices at the same time, and returns each result and what they got together.

        Each flow is a text ``first -> second``, or a dictionary with ``first``, ``second`` and arguments of its own; the other arguments hold for all, as in
        `Run Iperf Test`, but for ``latency``. A flow that iperf does not take on its devices is refused before anything runs. All servers are started first, then all clients at once.
        A flow that fails hides no other: all are waited for, their results are in the log, and the keyword fails at the end.

        | =Attribute= | =Meaning= |
        | ``results`` | each result, in order |
        | ``bits_per_second`` | what the receivers got together, in bits/s, the mean of the seconds in which all were running; ``None`` where a receiver's count is not known |
        | ``fairness`` | [https://arxiv.org/abs/cs/9809099|Jain's index] over the receivers' bit rates: 1 when all got the same, 1/n when one got all |
        | ``timeline`` | each second with ``start``, ``end``, ``bits_per_second`` and how many ``flows`` were measured in all of it |
        | ``skew`` | seconds between the first and the last start |

        Examples:
        | ${all} =    Run Iperf Tests In Parallel    station1 -> ap    station2 -> ap    time=10s
        | Should Be True    ${all.fairness} > 0.9
        | &{video} =    Create Dictionary    first=ap    second=tv    udp=True    bitrate=20M
        | Run Iperf Tests In Parallel    ${video}    pc -> ap    time=10s

        The options of iperf:

        %OPTIONS%
        """
        return self._beside(*flows, **arguments)

    def _ended(self, plans: list[Plan], clients: list[ClientHandle | IperfLibraryError]) -> Beside:
        """What each client measured, once all have ended; an IperfError that tells of each that failed."""
        ended = [self._outcome(client) for client in clients]
        begun = [client.begun for client in clients if isinstance(client, ClientHandle)]
        first = min(begun, default=0.0)
        beside = Beside(
            tuple(one if isinstance(one, Result) else None for one in ended),
            tuple(client.begun - first if isinstance(client, ClientHandle) else 0.0 for client in clients),
            {place: str(one) for place, one in enumerate(ended) if not isinstance(one, Result)},
        )
        logger.info(str(beside))
        from ..overview import of_parallel  # noqa: PLC0415 - not before there is something to show

        logger.markup(of_parallel(beside, _numbered(plans)))
        if beside.errors:
            raise _some_failed(plans, beside)
        return beside

    def _outcome(self, client: ClientHandle | IperfLibraryError) -> Result | IperfLibraryError:
        if isinstance(client, IperfLibraryError):
            return client
        try:
            return self._finished(client, client.wait)
        except IperfLibraryError as problem:
            return problem

    def _begun(self, plans: list[Plan], servers: list[ServerHandle]) -> list[ClientHandle | IperfLibraryError]:
        """The clients, started at a time; in place of one that could not be, the reason."""
        prepared = [self._fitted(plan, server) for plan, server in zip(plans, servers, strict=True)]
        ready = [one for one in prepared if isinstance(one, Prepared)]
        try:
            for one in ready:
                one.company.begin()
            started = iter(self._state.own_all([(one.device, one.start) for one in ready]))
        except BaseException:
            for one in ready:
                one.company.release()
            raise
        return [self._told(one, next(started)) if isinstance(one, Prepared) else one for one in prepared]

    def _fitted(self, plan: Plan, server: ServerHandle) -> Prepared | IperfLibraryError:
        try:
            return self._prepared(plan.ends[0], server, **plan.arguments)
        except IperfLibraryError as problem:
            return problem

    def _told(self, prepared: Prepared, started: ClientHandle | Exception) -> ClientHandle | IperfLibraryError:
        """Logs what was started; what was not, is recorded."""
        if isinstance(started, ClientHandle):
            return self._told_start(started)
        prepared.company.release()
        if not isinstance(started, IperfLibraryError):
            raise started
        if isinstance(started, CommandError):
            self._not_started(prepared, started)
        return started

    def _refuse_any(self, plans: list[Plan], silent: set[str]) -> None:
        """An IperfCommandError where any of them cannot be run; a device that is silent is told of by who needs it."""
        problems: dict[str, ConfigurationError] = {}
        for plan, name in zip(plans, _numbered(plans), strict=True):
            if silent.isdisjoint(device.name for device in plan.ends):
                try:
                    self._require_fit(plan)
                except ConfigurationError as problem:
                    problems[name] = problem
        if not problems:
            return
        if len({str(problem) for problem in problems.values()}) == 1 and len(problems) == len(plans):
            raise next(iter(problems.values()))
        raise IperfCommandError(
            f"{len(problems)} of {len(plans)} tests cannot be run, so none was.",
            said="\n".join(f"{name}: {problem.what}" for name, problem in problems.items()),
            remedy="change what these are asked for, or run them by themselves",
        )


def _silent(plans: list[Plan]) -> set[str]:
    """Asks all devices at a time what they have, which opens their connections; the names of those that could not tell."""
    asked = {device.name: (device, plan.tool) for plan in plans for device in plan.ends}
    told = together([(device.connection.first, partial(_ask, device, tool)) for device, tool in asked.values()])
    return {name for name, outcome in zip(asked, told, strict=True) if isinstance(outcome, CommandError)}


def _ask(device: Device, tool: str) -> None:
    if device.connection.runs_commands:
        probe(device, choose(tool, [device]))


def _flow(flow: Any) -> dict[str, Any]:
    """The arguments of one flow: ``first -> second`` or a dictionary."""
    if isinstance(flow, Mapping):
        if not {"first", "second"} <= set(flow):
            raise ConfigurationError(
                f"A flow has 'first' and 'second', not only {', '.join(map(repr, flow)) or 'nothing'}."
            )
        return dict(flow)
    ends = [end.strip() for end in str(flow).split("->")]
    if len(ends) != 2 or not all(ends):
        raise ConfigurationError(f"A flow is written 'first -> second', not '{flow}'.")
    return {"first": ends[0], "second": ends[1]}


def _numbered(plans: list[Plan]) -> list[str]:
    """What tests are called, so that those between the same devices can be told apart."""
    names = [str(plan) for plan in plans]
    return [f"{n}. {name}" if names.count(name) > 1 else name for n, name in enumerate(names, 1)]


def _some_failed(plans: list[Plan], beside: Beside) -> IperfError:
    names = _numbered(plans)
    good = "; ".join(f"{names[place]}: {result}" for place, result in enumerate(beside.results) if result)
    return IperfError(
        f"{len(beside.errors)} of {len(plans)} tests that ran beside each other failed: "
        + ", ".join(names[place] for place in beside.errors)
        + ".",
        kind="some_failed",
        said="\n".join(f"{names[place]}: {text}" for place, text in beside.errors.items()),
        cause=f"those that did not fail: {good}" if good else "none of them got through",
        remedy="see what is said of each",
    )
