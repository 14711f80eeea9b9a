"""The keyword for a whole test: server, wait, client, stop, as often as it takes to know the mean."""

from __future__ import annotations

import threading
from typing import Any

from robot.api.deco import keyword
from robot.libraries.BuiltIn import BuiltIn

from .. import log as logger
from ..deadline import Deadline
from ..devices import Device
from ..errors import CommandError, ConfigurationError
from ..probing import choose
from ..repeats import Repeats
from ..result import Result
from ..servers import ServerHandle
from ..signature import takes_options
from ..units import Percent, Seconds
from ..ways import Way, way_of
from .arguments import options_from
from .clients import ClientKeywords

FEWEST = 5
"""Runs before which ``until_ci`` does not stop: a few values may agree by chance."""


class TestKeywords(ClientKeywords):
    """Whole tests."""

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
        wait_timeout: Seconds = Seconds(60),  # noqa: B008 - a number
        port: int | None = None,
        timeout: Seconds | None = None,
        stall: Seconds | None = None,
        fail_on_zero_interval: bool = False,
        tool: str = "auto",
        live: bool = False,
        name: str = "test",
        **options: Any,
    ) -> Result | Repeats:
        devices = self._state.device(first), self._state.device(second)
        most = _times(repeat, until_ci, max_repeat)
        way = _way(devices, direction, reverse, options)
        limits = {"timeout": timeout, "stall": stall, "fail_on_zero_interval": fail_on_zero_interval, "live": live}
        arguments = {**options, **limits, "name": name, **({way.option: True} if way.option else {})}
        ends = devices if way.client == "first" else devices[::-1]
        _wait_for(wait_for, wait_timeout)
        results = [self._once(ends, tool, port, name, arguments)]
        while len(results) < most and not _known(results, until_ci):
            Deadline(recovery_time).wait(threading.Event().wait)
            results.append(self._once(ends, tool, port, name, arguments))
        return results[0] if most == 1 else _told(Repeats(tuple(results)), until_ci)

    @keyword(tags=["Traffic"])
    @takes_options("client", like=_test)
    def run_iperf_test(
        self, first: Device | str, second: Device | str, direction: str | None = None, **arguments: Any
    ) -> Result | Repeats:
        """Runs a whole test between two devices: starts a server on a free port, runs the client against it, stops the server, returns the result of both ends.

        The first device sends unless ``direction`` says otherwise: ``upstream`` (also ``uplink``, ``tx``, ``send``, ``from_node``) is what the node sends, ``downstream``
        (``downlink``, ``rx``, ``receive``, ``to_node``) what it gets, ``both`` is both at once. Where no device has a role, the first one counts as the node.
        The sender is the client. With ``reverse=True`` it is the first device in any case, as one behind a NAT has to be; without ``direction`` the second one sends then.

        - ``wait_for`` is a keyword, or a list of a keyword and its arguments, that has to pass within ``wait_timeout`` before anything starts.
        - ``repeat`` runs the test so many times, with ``recovery_time`` between two runs, and returns all of them: see `Repeats`.
        - ``until_ci=2%`` repeats until the 95 % confidence interval of the mean bit rate is no wider than that to each side, at most ``max_repeat`` times.
        - ``timeout``, ``stall``, ``fail_on_zero_interval``, ``tool``, ``port``, ``live``, ``name`` are those of `Run Iperf Client`.

        %OPTIONS%

        Examples:
        | ${result} =    Run Iperf Test    dut    pc    direction=downlink    time=10s
        | ${runs} =    Run Iperf Test    dut    pc    repeat=10    recovery_time=5s
        | Should Be True    ${runs.bitrate.mean} > 900e6
        | Run Iperf Test    phone    pc    downstream    reverse=True    until_ci=2%
        """
        return self._test(first, second, direction, **arguments)

    def _once(
        self, ends: tuple[Device, Device], tool: str, port: int | None, name: str, arguments: dict[str, Any]
    ) -> Result:
        program = choose(tool, ends)
        shared = program.server_needs(options_from("client", _only_options(arguments)))
        server = ServerHandle(
            ends[1], program, options_from("server", shared), port, self._state.files, f"{name}-server"
        )
        self._state.own(server)
        logger.info(f"Started {server}: {server.command}\nRaw file: {server.filename}")
        try:
            client = self._start(ends[0], server, **arguments)
            return self._finished(client, client.wait)
        finally:
            self._state.stop([server.run])
            self._state.owned.pop(server, None)
            self._state.warn_of(server.collect)


def _only_options(arguments: dict[str, Any]) -> dict[str, Any]:
    own = ("timeout", "stall", "fail_on_zero_interval", "live", "name")
    return {name: value for name, value in arguments.items() if name not in own}


def _way(devices: tuple[Device, Device], direction: str | None, reverse: bool, options: dict[str, Any]) -> Way:
    if devices[0] is devices[1]:
        raise ConfigurationError(f"A test goes from one device to another; {devices[0]} was given twice.")
    if options.get("bidir") and direction is None:
        return Way("first")
    if reverse and direction is None:
        return Way("first", "reverse")
    return way_of(direction, devices[0].role, devices[1].role, keep_client=reverse)


def _times(repeat: int | None, until_ci: Percent | None, max_repeat: int) -> int:
    if repeat is not None and until_ci is not None:
        raise ConfigurationError("'repeat' is how often, 'until_ci' is until when: give one of them.")
    if until_ci is not None and until_ci <= 0:
        raise ConfigurationError(f"'until_ci' is more than 0 %, not {until_ci}.")
    times = max_repeat if until_ci is not None else 1 if repeat is None else repeat
    if times < (FEWEST if until_ci is not None else 1):
        least = FEWEST if until_ci is not None else 1
        raise ConfigurationError(f"A test is repeated at least {least} times, not {times}.")
    return times


def _known(results: list[Result], until_ci: Percent | None) -> bool:
    if until_ci is None or len(results) < FEWEST:
        return False
    uncertainty = Repeats(tuple(results)).bitrate.uncertainty
    return uncertainty is not None and uncertainty <= until_ci


def _told(repeats: Repeats, until_ci: Percent | None) -> Repeats:
    logger.info(str(repeats))
    if until_ci is not None and not _known(list(repeats.results), until_ci):
        logger.warn(f"The mean is not known to {until_ci} after {len(repeats.results)} runs: {repeats}")
    return repeats


def _wait_for(wanted: Any, limit: Seconds) -> None:
    """Runs the keyword until it passes. Raises CommandError when it does not in time."""
    if wanted is None:
        return
    words = [wanted] if isinstance(wanted, str) else list(wanted)
    try:
        BuiltIn().wait_until_keyword_succeeds(f"{limit:g} s", "0.1 s", *words)
    except AssertionError as problem:
        raise CommandError(
            f"The test was not begun: '{words[0]}' did not pass within {limit:g} s.",
            said=str(problem),
            cause="what the test waits for did not happen",
            remedy="look at the keyword's own failure above; 'wait_timeout' sets the limit",
        ) from problem
