"""The keyword for a whole test: server, wait, client, stop, as often as it takes to know the mean."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from robot.api.deco import keyword
from robot.libraries.BuiltIn import BuiltIn

from .. import log as logger
from ..client_failures import Limits
from ..deadline import Deadline
from ..devices import Device
from ..errors import CommandError, ConfigurationError
from ..events import check_name
from ..fitting import require_fit
from ..options import BOTH_WAYS, options_of
from ..probing import choose
from ..repeats import Repeats
from ..result import Result
from ..samples import FEWEST
from ..servers import ServerHandle
from ..signature import named, takes_options
from ..units import Percent, Seconds
from ..ways import Way, way_of
from .arguments import check_port, limits_from, options_from
from .clients import ClientKeywords
from .companions import require_known
from .events import EventKeywords

_OF_A_CLIENT = {argument.name for argument in named(ClientKeywords._prepared)}


class TestKeywords(ClientKeywords, EventKeywords):
    """A whole test."""

    def _test(
        self,
        first: Device | str,
        second: Device | str,
        direction: str | None = None,
        *,
        reverse: bool = False,
        repeat: int | None = None,
        recovery_time: Seconds = Seconds(0),  # noqa: B008 - a number
        until_ci: Percent | None = None,
        max_repeat: int = 30,
        wait_for: Any = None,
        wait_for_event: str | None = None,
        wait_timeout: Seconds = Seconds(60),  # noqa: B008 - a number
        cross_check: bool = True,
        name: str = "test",
        **arguments: Any,
    ) -> Result | Repeats:
        most = check_times(repeat, until_ci, max_repeat)
        several = repeat is not None or until_ci is not None
        check_event(wait_for_event)
        check_wanted(wait_for)
        plan = self._plan(first, second, direction, reverse=reverse, cross_check=cross_check, name=name, **arguments)
        _wait_for(wait_for, wait_timeout)
        if wait_for_event is not None:
            self.wait_for_iperf_event(wait_for_event, wait_timeout)
        results: list[Result] = []
        try:
            while len(results) < most and not _known(results, until_ci):
                Deadline(recovery_time if results else 0).wait(threading.Event().wait)
                results.append(self._once(plan))
        finally:
            if several and results:
                from ..overview import of_repeats  # noqa: PLC0415 - not before there is something to show

                logger.markup(of_repeats(Repeats(tuple(results)), str(plan)))
        return _told(Repeats(tuple(results)), until_ci) if several else results[0]

    @keyword(tags=["Tests"])
    @takes_options("client", _test, ClientKeywords._prepared)
    def run_iperf_test(
        self, first: Device | str, second: Device | str, direction: str | None = None, **arguments: Any
    ) -> Result | Repeats:
        """Runs a whole test between two devices: starts a server on a free port, runs the client against it, stops the server, returns the result of both ends.

        The first device sends unless ``direction`` says otherwise: ``upstream`` (also ``uplink``, ``tx``, ``send``, ``from_node``) is what the node sends, ``downstream``
        (``downlink``, ``rx``, ``receive``, ``to_node``) what it gets, ``both`` is both at once. Where no device has a role, the first one counts as the node.
        The sender is the client. With ``reverse=True`` it is the first device in any case, as one behind a NAT has to be; without ``direction`` the second one sends then.

        - ``wait_for`` is a keyword, or a list of a keyword and its arguments, that has to pass within ``wait_timeout`` before anything starts. ``wait_for_event`` is an event that `Set Iperf Event` or
          another process has to set within it.
        - ``repeat`` runs the test so many times, with ``recovery_time`` between two runs, and returns all of them: see `Repeats`.
        - ``until_ci=2%`` repeats until the 95 % confidence interval of the mean bit rate is no wider than that to each side, 5 times at least and ``max_repeat`` times at most.
        - ``cross_check`` compares the figures with what the kernels of both devices counted, and warns of a gap: see `Cross-check`.
        - ``timeout``, ``stall``, ``retry``, ``fail_on_zero_interval``, ``tool``, ``port``, ``live``, ``latency``, ``name`` are those of `Run Iperf Client`.

        Examples:
        | ${result} =    Run Iperf Test    dut    pc    direction=downlink    time=10s
        | ${runs} =    Run Iperf Test    dut    pc    repeat=10    recovery_time=5s
        | Should Be True    ${runs.bitrate.mean} > 900e6
        | Run Iperf Test    phone    pc    downstream    reverse=True    until_ci=2%

        The options of iperf:

        %OPTIONS%
        """
        return self._test(first, second, direction, **arguments)

    def _plan(
        self,
        first: Device | str,
        second: Device | str,
        direction: str | None = None,
        *,
        reverse: bool = False,
        tool: str = "auto",
        port: int | None = None,
        **arguments: Any,
    ) -> Plan:
        """Who is client and server, and what each is told. Raises ConfigurationError before anything runs."""
        devices = self._state.device(first), self._state.device(second)
        way = _way(devices, direction, reverse, arguments)
        ends = devices if way.client == "first" else devices[::-1]
        told = {**arguments, **({way.option: True} if way.option else {})}
        options_from("client", _only_options(told))
        return Plan(ends, tool, port, told)

    @contextmanager
    def _servers(self, plans: list[Plan]) -> Iterator[list[ServerHandle]]:
        """The servers of tests, started at a time, for as long as these go on; all or none."""
        outcomes = self._state.own_all([(plan.ends[1], self._server_start(plan)) for plan in plans])
        servers = [one for one in outcomes if isinstance(one, ServerHandle)]
        try:
            for server in servers:
                logger.info(f"Started {server}: {server.command}\nRaw file: {server.filename}")
            for one in outcomes:
                if isinstance(one, Exception):
                    raise one
            yield servers
        finally:
            self._state.stop(servers)
            for server in servers:
                self._state.owned.pop(server, None)
                self._state.warn_of(server.collect)

    @contextmanager
    def _server(self, plan: Plan) -> Iterator[ServerHandle]:
        """The server of a test, for as long as that goes on."""
        with self._servers([plan]) as (server,):
            yield server

    def _server_start(self, plan: Plan) -> Callable[[], ServerHandle]:
        """What starts the server of a test."""
        program = choose(plan.tool, plan.ends)
        needed = program.server_needs(options_from("client", _only_options(plan.arguments)))
        options, name = options_from("server", needed), f"{plan.arguments['name']}-server"
        return partial(ServerHandle, plan.ends[1], program, options, plan.port, self._state.files, name)

    def _require_fit(self, plan: Plan) -> None:
        """An IperfCommandError where iperf on these devices does not take what the client is to be told."""
        check_port(plan.port)
        told = plan.arguments
        limits = limits_from(**{field.name: told[field.name] for field in fields(Limits) if field.name in told})
        options = options_from("client", _only_options(told))
        require_fit(*plan.ends, choose(plan.tool, plan.ends), options, limits, bool(told.get("live")))

    def _once(self, plan: Plan) -> Result:
        with self._server(plan) as server:
            return self._run(plan.ends[0], server, **plan.arguments)


@dataclass(frozen=True)
class Plan:
    """A test: the devices of its client and of its server, and what the client is told."""

    ends: tuple[Device, Device]
    tool: str
    port: int | None
    arguments: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.ends[0]} to {self.ends[1]}"


def _only_options(arguments: dict[str, Any]) -> dict[str, Any]:
    """Without the arguments of the keywords on clients, which are no options of iperf."""
    return {name: value for name, value in arguments.items() if name not in _OF_A_CLIENT}


def given_of(names: Collection[str], arguments: Mapping[str, Any]) -> list[str]:
    """What was given of these, by these names or others, and as whatever value: also False and 0 are asked for."""
    others = {option.name: (option.name, *option.aliases) for option in options_of("client")}
    return [given for name in names for given in others.get(name, (name,)) if arguments.get(given) is not None]


def _way(devices: tuple[Device, Device], direction: str | None, reverse: bool, options: dict[str, Any]) -> Way:
    if devices[0] is devices[1]:
        raise ConfigurationError(f"A test goes from one device to another; {devices[0]} was given twice.")
    both = _both_ways(options)
    if direction is None:
        return Way("first", "reverse" if reverse and not both else None)
    way = way_of(direction, devices[0].role, devices[1].role, keep_client=reverse)
    if both and way.option != "bidir":
        raise ConfigurationError(
            f"'{direction}' is one direction, and '{both}' asks for both.",
            remedy=f"for both at once: direction=both; else leave '{both}' out",
        )
    return way


def _both_ways(options: dict[str, Any]) -> str | None:
    """The option that asks for both directions, if one does."""
    asked = options_from("client", _only_options(options))
    return next((name for name in BOTH_WAYS if asked.get(name)), None)


def check_times(repeat: int | None, until_ci: Percent | None, max_repeat: int) -> int:
    """How often a test runs at most. Raises ConfigurationError for what cannot be asked."""
    if repeat is not None and until_ci is not None:
        raise ConfigurationError("'repeat' is how often, 'until_ci' is until when: give one of them.")
    if until_ci is not None and until_ci <= 0:
        raise ConfigurationError(f"'until_ci' is more than 0 %, not {until_ci}.")
    times = max_repeat if until_ci is not None else 1 if repeat is None else repeat
    if times < (FEWEST if until_ci is not None else 1):
        least = FEWEST if until_ci is not None else 1
        raise ConfigurationError(f"A test is repeated at least {least} times, not {times}.")
    return times


def check_event(name: str | None) -> None:
    if name is not None:
        check_name(name)


def check_wanted(wanted: Any) -> None:
    """A ConfigurationError where the suite has no such keyword: to wait for it would be in vain."""
    if wanted is None:
        return
    words = _words(wanted)
    if not words or not isinstance(words[0], str) or not words[0].strip():
        raise ConfigurationError(f"'{wanted}' is no keyword, so nothing can be waited for.")
    require_known(words[0], f"The test cannot wait for '{words[0]}'.")


def _words(wanted: Any) -> list[Any]:
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _known(results: list[Result], until_ci: Percent | None) -> bool:
    return until_ci is not None and Repeats(tuple(results)).bitrate.known_to(until_ci)


def _told(repeats: Repeats, until_ci: Percent | None) -> Repeats:
    logger.info(str(repeats))
    if until_ci is not None and not _known(list(repeats.results), until_ci):
        logger.warn(
            f"The mean is not known to {until_ci} after {len(repeats.results)} runs: {repeats}\n{_more(repeats, until_ci)}"
        )
    return repeats


def _more(repeats: Repeats, until_ci: Percent) -> str:
    """What to do where the mean is not known well enough."""
    needed = repeats.bitrate.count_for(until_ci)
    runs = (
        f"allow more runs (max_repeat={needed} might do)"
        if needed
        else "more than a thousand runs would be needed: ask for less"
    )
    return f"  what to do:      find out why the runs scatter, or {runs}; recovery_time= helps where they disturb each other"


def _wait_for(wanted: Any, limit: Seconds) -> None:
    """Runs the keyword until it passes. Raises CommandError when it does not in time."""
    if wanted is None:
        return
    words = _words(wanted)
    try:
        BuiltIn().wait_until_keyword_succeeds(f"{limit:g} s", "0.1 s", *words)
    except AssertionError as problem:
        raise CommandError(
            f"The test was not begun: '{words[0]}' did not pass within {limit:g} s.",
            said=str(problem),
            cause="what the test waits for did not happen",
            remedy="look at the keyword's own failure above; 'wait_timeout' sets the limit",
        ) from problem
