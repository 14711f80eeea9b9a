"""Keywords on companions: what is sampled beside every run."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from robot.api.deco import keyword
from robot.errors import ExecutionFailed, ExecutionStatus
from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError

from .. import log as logger
from ..companions import Wanted
from ..devices import Device
from ..errors import ConfigurationError
from ..sampling import CallSampler, CommandSampler, Sampler, Unreadable
from ..signature import typed
from ..units import Seconds
from .state import State
from .variables import variable

SHORTEST = 0.1
"""Seconds between two samples at least: looking shall not be a load of its own."""


class CompanionKeywords:
    """Companions."""

    _state: State

    @keyword(tags=["Traffic"])
    @typed
    def add_iperf_companion(
        self,
        name: str,
        *,
        device: Device | str | None = None,
        command: str | None = None,
        keyword: Any = None,
        every: Seconds = Seconds(1),  # noqa: B008 - a number
        pattern: str | None = None,
        unit: str = "",
        rate: bool = False,
    ) -> None:
        """From now on samples something beside every run: a command of a device, or a keyword.

        The values are in ``companions`` of each result, on the time axis of its intervals, and in its chart; see `Companions`.
        A ``keyword`` that the suite does not have fails here; one that is added for a directory of suites may be known to these alone.
        It goes along with all runs that begin until `Remove Iperf Companion` or the end of the test or suite that added it (see `Importing`).

        | =Argument= | =Meaning= |
        | ``name`` | how results and charts call it |
        | ``device``, ``command`` | a line of shell that the device runs again and again |
        | ``keyword`` | in place of them a keyword, or a list of a keyword and its arguments, which returns the value |
        | ``every`` | the pause between two samples, at least 0.1 s. With ``0s`` the command runs once and prints each value in a line of its own, as ``vmstat 1`` does |
        | ``pattern`` | a regular expression that finds the value in what was printed or returned: its first group, or all of it. Without one it is the first number |
        | ``unit`` | of the value that is shown, like ``dBm`` or ``%``; ``bit/s`` gets prefixes as a bit rate has |
        | ``rate`` | the value is a counter: what is shown is how much more it became in a second |

        The second example counts clock ticks, of which Linux has 100 a second: 100 % is one busy core.

        Examples:
        | Add Iperf Companion    received    device=dut    command=cat /sys/class/net/eth0/statistics/rx_bytes    rate=True    unit=byte/s
        | Add Iperf Companion    cpu    device=dut    command=awk '/^cpu /{print $2+$3+$4+$7+$8}' /proc/stat    rate=True    unit=%
        | Add Iperf Companion    signal    device=dut    command=iw dev wlan0 link    pattern=signal: (\\\\S+)    unit=dBm    every=2s
        | Add Iperf Companion    rssi    keyword=Get RSSI    every=2s    unit=dBm
        """
        if not name.strip():
            raise ConfigurationError("A companion needs a name.")
        if (command is None) == (keyword is None):
            raise ConfigurationError("A companion is a 'command' of a device or a 'keyword': give one of them.")
        _check(every, pattern, command)
        sampler = (
            self._of_device(device, Wanted(name, str(command), every, pattern, unit, rate))
            if keyword is None
            else _of_keyword(device, keyword, Wanted(name, "", every, pattern, unit, rate), self._state.scope())
        )
        self._state.attach(sampler)
        logger.info(f"Added the {sampler}: {sampler.wanted.source}")

    @keyword(tags=["Traffic"])
    @typed
    def remove_iperf_companion(self, name: str) -> None:
        """Stops sampling a companion: the runs that begin from now on are without it.

        Example:
        | Remove Iperf Companion    cpu
        """
        self._state.companions.remove(name)

    def _of_device(self, device: Device | str | None, wanted: Wanted) -> Sampler:
        if device is None:
            raise ConfigurationError(
                f"It is not said which device runs '{wanted.source}'.", remedy="give 'device='; 'local' ones count, too"
            )
        target = self._state.device(device)
        if not target.connection.runs_commands:
            raise ConfigurationError(f"{target} runs no commands for this library, so it has no companions.")
        if not wanted.source.strip():
            raise ConfigurationError("The command of a companion is empty.")
        self._state.reservations.require(target)
        return CommandSampler(replace(wanted, device=target.name), target, self._state.files)


def _check(every: Seconds, pattern: str | None, command: str | None) -> None:
    if every < SHORTEST and (every or command is None):
        raise ConfigurationError(
            f"A companion is sampled every {SHORTEST:g} s at most, not every {every:g} s.",
            remedy="'every=0s' is for a command that prints each value by itself",
        )
    try:
        re.compile(pattern or "")
    except re.error as problem:
        raise ConfigurationError(f"The pattern '{pattern}' is no regular expression: {problem}.") from None


def _of_keyword(device: Device | str | None, called: Any, wanted: Wanted, scope: str) -> Sampler:
    if device is not None:
        raise ConfigurationError("A keyword runs here and not on a device: leave 'device' out.")
    words = [called] if isinstance(called, str) else list(called)
    if not words or not isinstance(words[0], str) or not words[0].strip():
        raise ConfigurationError(f"'{called}' is no keyword.")
    if scope:  # else it goes on in suites to come
        require_known(words[0], f"The companion cannot call '{words[0]}'.")
    return CallSampler(replace(wanted, source="    ".join(map(str, words))), _calling(words))


@contextmanager
def _timeout_kept() -> Iterator[None]:
    """Up to Robot Framework 7.3 a keyword that is run within one of a library switches off the alarm of the test timeout around it.

    Where that went off meanwhile, it does so again.
    """
    getitimer = getattr(signal, "getitimer", None)  # not on Windows, where timeouts are no alarms
    handler, left = (signal.getsignal(signal.SIGALRM), getitimer(signal.ITIMER_REAL)[0]) if getitimer else (None, 0.0)
    began = time.monotonic()
    yield
    if left and not signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - began)))


def _calling(words: Sequence[Any]) -> Callable[[], Any]:
    """The keyword as a plain call. That it fails is a value which is not known; that the test is over is more."""

    def call() -> Any:
        try:
            with _timeout_kept():
                return BuiltIn().run_keyword(*words)
        except ExecutionFailed as failure:
            if failure.test_timeout or failure.exit:
                raise
            raise Unreadable(_line(failure.message)) from None
        except ExecutionStatus as failure:  # as Return From Keyword or Pass Execution
            raise Unreadable(_line(failure.message) or "the keyword did not return") from None

    return call


def _line(message: str) -> str:
    """The first line of a message, with those behind it where it ends in a colon: what Robot suggests for a name."""
    first, *more = [line.strip() for line in message.split("\n")]
    return (f"{first} {', '.join(more)}" if first.endswith(":") else first)[:300]


def require_known(name: str, what: str) -> None:
    """A ConfigurationError where the suite that runs has no such keyword, and no other one calls it.

    The suites of a directory have keywords of their own, and a name with a variable in it is known when it is called.
    """
    one_suite = variable("${TEST NAME}") or Path(variable("${SUITE SOURCE}") or ".").is_file()
    if not one_suite or re.search(r"[$@&%]\{", name) or _exists(name):
        return
    try:
        _calling([name])()  # nothing runs; only so does Robot tell which names are near
    except Unreadable as problem:
        raise ConfigurationError(
            what,
            said=str(problem),
            remedy="correct the name, or first import the library or resource file that has this keyword",
        ) from None


def _exists(name: str) -> bool:
    builtin: Any = BuiltIn()  # its hints are of what a suite writes
    try:
        builtin.keyword_should_exist(name)
    except RobotNotRunningError:
        return True
    except AssertionError:
        return False
    return True
