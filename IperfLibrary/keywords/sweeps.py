"""The keyword that tries every combination of options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from robot.api.deco import keyword

from .. import log as logger
from ..devices import Device
from ..errors import ConfigurationError, IperfCommandError, IperfError, IperfLibraryError
from ..options import option_named
from ..signature import SINGLE, named, takes_options
from ..sweeps import Combination, Several, Sweep, combinations
from ..sweeps import named as written
from .arguments import several
from .clients import ClientKeywords
from .tests import Plan, TestKeywords, check_event, check_times, check_wanted

_WAYS = ("direction", "tool")
"""What is no option of iperf, and may be swept all the same."""

_SINGLE = {argument.name for function in (TestKeywords._test, ClientKeywords._prepared) for argument in named(function)}
_SINGLE -= set(_WAYS)


class SweepKeywords(TestKeywords):
    """A matrix of options."""

    def _sweep(
        self,
        first: Device | str,
        second: Device | str,
        direction: Any = None,
        *,
        tool: Any = "auto",
        max_combinations: int = 64,
        name: str = "sweep",
        **arguments: Any,
    ) -> Sweep:
        given = {"direction": direction, "tool": tool, **arguments}
        values = {argument: _values(argument, value) for argument, value in given.items()}
        swept = {argument: several for argument, several in values.items() if len(several) > 1}
        fixed = {argument: several[0] for argument, several in values.items() if argument not in swept}
        matrix = combinations(swept, max_combinations)
        self._refuse(first, second, fixed, matrix)
        tests: list[Combination] = []
        try:
            for number, options in enumerate(matrix, 1):
                logger.info(f"Combination {number} of {len(matrix)}: {written(options)}")
                tests.append(self._tested(first, second, options, {**fixed, **options, "name": f"{name}-{number}"}))
        finally:
            sweep = Sweep(swept, tuple(tests))
            if tests:
                from ..overview import of_sweep  # noqa: PLC0415 - not before there is something to show

                logger.markup(of_sweep(sweep, f"{first} and {second}"))
        logger.info(str(sweep))
        if sweep.failed:
            raise _some_failed(sweep)
        return sweep

    @keyword(tags=["Tests"])
    @takes_options("client", _sweep, TestKeywords._test, ClientKeywords._prepared, several=True)
    def run_iperf_sweep(
        self, first: Device | str, second: Device | str, direction: Any = None, **arguments: Any
    ) -> Sweep:
        """Runs a whole test with every combination of the options that have several values, and returns what was measured with each.

        Each option of iperf, ``direction`` and ``tool`` take one value or a list: a variable, like ``length=@{LENGTHS}``, or a list that is written there, like ``length=[128, 512, 1448]``.
        The first option with a list changes slowest. Everything else is as in `Run Iperf Test`; with ``repeat`` or ``until_ci`` each combination is repeated.

        A wrong value or a clash in any combination is refused before anything runs, and so are more than ``max_combinations``. A combination that fails hides no other: the rest
        is run, the log has a table and charts of all, and the keyword fails at the end.

        | =Attribute= | =Meaning= |
        | ``tests`` | each combination in order, with ``options``, ``outcome`` (its result, or its repeats) and ``bits_per_second`` |
        | ``at(length=128, parallel=4)`` | the outcome of that combination |
        | ``best``, ``worst`` | the combination with the highest and the lowest bit rate |
        | ``results`` | the outcomes alone |
        | ``swept`` | the options with their values |

        Examples:
        | @{LENGTHS} =    Create List    128    512    1448
        | ${sweep} =    Run Iperf Sweep    dut    pc    udp=True    bitrate=50M    length=@{LENGTHS}    dscp=['ef', 'cs1']    time=5s
        | Get Iperf Loss    ${sweep.at(length=128, dscp='ef')}    <    0.1%
        | ${sweep} =    Run Iperf Sweep    dut    pc    direction=['uplink', 'downlink']    parallel=[1, 4, 16]    repeat=5
        | Log    ${sweep.best.name} gets ${sweep.best.bits_per_second} bit/s

        The options of iperf:

        %OPTIONS%
        """
        return self._sweep(first, second, direction, **arguments)

    def _refuse(
        self, first: Device | str, second: Device | str, fixed: dict[str, Any], matrix: list[dict[str, Any]]
    ) -> None:
        """Raises ConfigurationError where any combination cannot be run."""
        problems: list[tuple[str, ConfigurationError]] = []
        for options in matrix:
            try:
                self._require_fit(self._test_plan(first, second, **fixed, **options))
            except ConfigurationError as problem:
                problems.append((written(options), problem))
        if not problems:
            return
        if len(problems) == len(matrix) and len({str(problem) for _, problem in problems}) == 1:
            raise problems[0][1]
        raise IperfCommandError(
            f"{len(problems)} of {len(matrix)} combinations cannot be run, so none was.",
            said="\n".join(_grouped(problems)),
            remedy="change these values, or sweep them by themselves",
        )

    def _test_plan(self, first: Device | str, second: Device | str, **arguments: Any) -> Plan:
        """The plan of a test with these arguments, checked as the test itself does."""
        own = {argument.name: arguments.pop(argument.name, argument.default) for argument in named(TestKeywords._test)}
        check_times(own["repeat"], own["until_ci"], own["max_repeat"])
        check_event(own["wait_for_event"])
        check_wanted(own["wait_for"])
        return self._plan(first, second, reverse=own["reverse"], name=own["name"], **arguments)

    def _tested(
        self, first: Device | str, second: Device | str, options: dict[str, Any], arguments: dict[str, Any]
    ) -> Combination:
        try:
            return Combination(options, self._test(first, second, **arguments))
        except IperfLibraryError as problem:
            return Combination(options, None, str(problem))


def _values(argument: str, value: Any) -> tuple[Any, ...]:
    """One value or several. Raises IperfCommandError for what is none."""
    kind = str if argument in _WAYS else None if argument in _SINGLE else option_named(argument, "client").type
    if kind is None or kind in SINGLE or value is None:
        return (value,)
    if isinstance(value, Several):
        return value
    try:
        return several(kind)(value)
    except (ValueError, TypeError) as problem:
        raise IperfCommandError(f"The option '{argument}' cannot be '{value}': {problem}") from None


def _grouped(problems: list[tuple[str, ConfigurationError]]) -> Iterator[str]:
    """A line for each problem, with the combinations that have it."""
    groups: dict[str, list[str]] = {}
    for options, problem in problems:
        groups.setdefault(problem.what, []).append(options)
    for said, names in groups.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"{'; '.join(names[:3])}{more}: {said}"


def _some_failed(sweep: Sweep) -> IperfError:
    good = "; ".join(f"{one.name}: {one.outcome}" for one in sweep.tests if one.outcome)
    return IperfError(
        f"{len(sweep.failed)} of {len(sweep.tests)} combinations failed: {'; '.join(one.name for one in sweep.failed)}.",
        kind="some_failed",
        said="\n".join(f"{one.name}: {one.error}" for one in sweep.failed),
        cause=f"those that did not fail: {good}" if good else "none of them got through",
        remedy="see what is said of each",
    )
