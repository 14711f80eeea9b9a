"""The keyword that compares a figure with its baseline, in a file of the user's repository."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from robot.api.deco import keyword

from .. import log as logger
from ..baseline_file import NAME, now, read, record
from ..baselines import Baseline, history
from ..comparison import Comparison, Tolerance, compare
from ..conditions import Differences, conditions, differences, told
from ..errors import ConfigurationError, nearest
from ..judgement import Judgement, Measured, change_of, explained, when
from ..metrics import METRICS, Asked, meant, title_of, unit_of, why_unknown
from ..metrics import figure as figure_of
from ..repeats import Repeats
from ..result import Result
from ..samples import Sample
from ..signature import typed
from ..units import Bitrate, Count, Milliseconds, Percent, Seconds, Size
from .arguments import FALSE, described, in_unit
from .questions import measured as with_latency
from .questions import require_rate, unknown
from .state import State
from .variables import variable

VARIABLE = "IPERF_BASELINE"
"""The variable of Robot Framework, or of the environment, that has the mode."""

RECORD, UPDATE, STRICT = MODES = ("record", "update", "strict")

_POINTS = re.compile(r"\s*(points?|percentage points?|pp)\s*$", re.IGNORECASE)
_EXAMPLES = {
    Bitrate: "0.5 Mbit/s",
    Size: "1 MByte",
    Seconds: "0.5 s",
    Percent: "0.1 points",
    Milliseconds: "2 ms",
}


class BaselineKeywords:
    """Whether a figure got worse."""

    _state: State

    @keyword(tags=["Assertions"])
    @typed
    def compare_with_iperf_baseline(
        self,
        result: Any,
        key: str,
        tolerance: str = "5%",
        message: str | None = None,
        *,
        figure: str = "bitrate",
        end: str | None = None,
        direction: str | None = None,
        stream: int | None = None,
        aggregate: str | None = None,
        file: Path | None = None,
        same_options: bool = True,
    ) -> Comparison | None:
        """Fails when a figure is worse than its baseline, or is not shown to be as good. See `Baselines` for how that is decided and where baselines are kept.

        | =Argument= | =Meaning= |
        | ``result`` | the result of a run, of `Parse Iperf Output`, or repeats from `Run Iperf Test` |
        | ``key`` | the name of the baseline; with ``figure``, ``end``, ``direction``, ``stream`` and ``aggregate`` it has one of its own for each of them |
        | ``tolerance`` | how much worse the figure may be: ``5%`` of the baseline, or with the figure's own unit, as ``0.5 Mbit/s``, ``2 ms``, ``0.1 points`` (of a figure in per cent), ``10`` (of what is counted) |
        | ``message`` | replaces that of the failure |
        | ``figure`` | ``bitrate``, ``transfer``, ``duration``, ``loss``, ``lost_packets``, ``out_of_order``, ``jitter``, ``retransmits``, ``rtt``, ``cpu``; ``latency`` of runs with ``latency=True`` |
        | ``end``, ``direction``, ``stream``, ``aggregate`` | which one, as in `Assertions` |
        | ``file`` | where the baselines are; a relative path starts at the directory of the suite |
        | ``same_options`` | with ``False`` the figures of another test, with other options say, are compared all the same, with a warning |

        Returns what was found, with ``verdict`` (``as good``), ``change`` (in per cent), ``bound`` (the worst that is tolerated), ``margin``, ``method``; ``None`` where the baseline was recorded.

        Examples:
        | ${runs} =    Run Iperf Test    dut    pc    downlink    repeat=5
        | Compare With Iperf Baseline    ${runs}    downlink    tolerance=5%
        | Compare With Iperf Baseline    ${runs}    downlink    tolerance=2 ms    figure=rtt
        | Compare With Iperf Baseline    ${result}    voice    tolerance=0.1 points    figure=loss    file=${EXECDIR}/baselines/lab1.jsonl
        """
        measured = _measured(result, key, figure, Asked(end, direction, stream, aggregate))
        tolerated, path, (mode, reason) = _tolerance(tolerance, measured), _path(file), _mode()
        past = history(read(path), measured.series)
        if mode == UPDATE:
            record(path, measured.series, measured.baseline, anew=True)
            self._updated(result, measured, past, path)
            return None
        if not past and mode == STRICT:
            raise AssertionError(message or self._missing(result, measured, path, reason))
        past = past or record(path, measured.series, measured.baseline, anew=False)
        if not past[-1].line:
            self._recorded(result, measured, path)
            return None
        return self._judged(result, _judgement(measured, past, tolerated, same_options), message)

    def _judged(self, result: Any, judgement: Judgement, message: str | None) -> Comparison | None:
        self._note(result, judgement.verdict, judgement.passed)
        from ..judgement_block import as_html  # noqa: PLC0415 - not before there is something to show

        logger.markup(as_html(judgement))
        if not judgement.passed:
            raise AssertionError(message or str(judgement))
        if judgement.differences.rest:
            logger.warn(str(judgement))
        return judgement.comparison

    def _missing(self, result: Any, measured: Measured, path: Path, reason: str) -> str:
        self._note(result, f"{measured.title} has a baseline of '{measured.key}'", False)
        logger.info(f"The line that would be recorded:\n{measured.baseline(now()).as_line()}")
        known = [one.series.key for one in read(path)]
        rows = [
            ("now", measured.text),
            ("with", told(measured.about)),
            ("file", f"{path}{'' if path.exists() else ', which is not there'}"),
            ("because", f"{reason}: a missing baseline fails, and is not recorded"),
            ("probably", "it was never recorded, or recorded and not committed, or the key is written another way"),
            ("what to do", f"record it and commit the file: {_command()}"),
        ]
        text = f"{measured.title} of '{measured.key}' has no baseline, so nothing was compared."
        return explained(text + nearest(measured.key, set(known) - {measured.key}), rows)

    def _recorded(self, result: Any, measured: Measured, path: Path) -> None:
        self._note(result, f"{measured.title} of '{measured.key}': no baseline, recorded {measured.text}", True)
        text = f"{measured.title} of '{measured.key}' had no baseline, so nothing was compared. It is {measured.text} from now on."
        commit = "commit the file: later runs compare with it"
        logger.warn(explained(text, [("with", told(measured.about)), ("file", str(path)), ("what to do", commit)]))

    def _updated(self, result: Any, measured: Measured, past: list[Baseline], path: Path) -> None:
        self._note(result, f"{measured.title} of '{measured.key}': baseline recorded anew, {measured.text}", True)
        text = f"{measured.title} of '{measured.key}' was not compared: its baseline is {measured.text} from now on."
        before = [("before", _before(measured, past[-1]))] if past else []
        commit = f"look at the change and commit the file; without {VARIABLE}={UPDATE} figures are compared again"
        rows = [*before, ("with", told(measured.about)), ("file", str(path)), ("what to do", commit)]
        logger.warn(explained(text, rows))

    def _note(self, result: Any, text: str, passed: bool) -> None:
        """The verdict of each run that the figure was made of."""
        for one in _results(result):
            self._state.teller.verdict(one, text, passed)


def _results(value: Any) -> tuple[Result, ...]:
    if isinstance(value, Repeats):
        return value.results
    if not isinstance(value, Result):
        raise ConfigurationError(
            f"This takes the result of a run, or repeats, not {described(value)}.",
            remedy="${result} =    Run Iperf Test    ...",
        )
    return (value,)


def _measured(result: Any, key: str, name: str, asked: Asked) -> Measured:
    results = _results(result)
    if name not in METRICS:
        raise ConfigurationError(
            f"There is no figure '{name}'.{nearest(name, METRICS)}", remedy=f"one of {', '.join(METRICS)}"
        )
    if not key.strip() or not key.isprintable():
        raise ConfigurationError(f"A baseline has a key of letters and signs, not {key!r}.")
    if asked.end == METRICS[name].end and not asked.aggregate:
        asked = replace(asked, end=None)  # the same figure, so the same series
    values = [figure_of(one, name, asked) for one in results]
    if None in values:
        lacking = results[values.index(None)]
        if name == "latency":
            with_latency(lacking)
        raise unknown(title_of(name, asked), lacking, why_unknown(lacking, name, meant(lacking, name, asked)))
    for one, value in zip(results, values, strict=True):
        require_rate(one, name, asked, value)
    return Measured(key.strip(), name, asked, Sample.of(values), conditions(results[0]))


def _tolerance(text: str, measured: Measured) -> Tolerance:
    unit = unit_of(measured.figure, measured.asked)
    try:
        if text.strip().endswith("%"):
            return Tolerance(Percent.parse(text), relative=True)
        return Tolerance(_absolute(text, unit), relative=False)
    except (ValueError, TypeError) as problem:
        raise ConfigurationError(
            f"The tolerance of {measured.series} cannot be '{text}': {problem}.",
            remedy=f"write it like '5%' of the baseline, or '{_EXAMPLES.get(unit, '10')}'",
        ) from None


def _absolute(text: str, unit: Any) -> float:
    if unit in (Count, float):
        return Percent.parse(text)  # a number of 0 or more
    points = _POINTS.search(text)
    if (unit is Percent and not points) or re.fullmatch(r"[\d.,\s]*", text):
        raise ValueError("it is not clear of what")
    value = float(in_unit(text[: points.start()] if points and unit is Percent else text, unit))
    if value < 0:
        raise ValueError("it is less than 0")
    return value


def _judgement(measured: Measured, past: list[Baseline], tolerated: Tolerance, same_options: bool) -> Judgement:
    before = past[-1]
    found = differences(before.about, measured.about)
    if not same_options:
        found = Differences((), (*found.test, *found.rest))
    comparison = None if found.test else compare(measured.sample, before.sample, tolerated, measured.more_is_better)
    return Judgement(measured, past, tolerated, found, comparison, _command())


def _before(measured: Measured, before: Baseline) -> str:
    change = change_of(measured.sample, before.sample)
    return f"{measured.of(before.sample)}{f', so the change is {change}' if change else ''}; recorded {when(before)}"


def _path(file: Path | None) -> Path:
    """Where the baselines are: relative to the directory of the suite."""
    source = Path(variable("${SUITE SOURCE}") or ".").absolute()
    directory = source if source.is_dir() else source.parent
    return directory / (file or NAME)


def _mode() -> tuple[str, str]:
    """What is done without a baseline, or in place of comparing, and why."""
    given = variable(f"${{{VARIABLE}}}") or os.environ.get(VARIABLE)
    if not given:
        ci = os.environ.get("CI", "").lower() not in FALSE
        return (STRICT, "CI is set in the environment") if ci else (RECORD, "")
    mode = given.strip().lower()
    if mode not in MODES:
        raise ConfigurationError(f"{VARIABLE} is one of {', '.join(MODES)}, not '{given}'.{nearest(mode, MODES)}")
    return mode, f"{VARIABLE} is {mode}"


def _command() -> str:
    """The command line that records baselines anew, where a suite runs."""
    source, test = variable("${SUITE SOURCE}"), variable("${TEST NAME}")
    if not source:
        return f"run it with {VARIABLE}={UPDATE} in the environment"
    # Robot takes these signs for patterns.
    one = ["--test", re.sub(r"([*?[])", r"[\1]", test)] if test else []
    words = ["robot", "--variable", f"{VARIABLE}:{UPDATE}", *one, source]
    return f"{shlex.join(words)} (and the other arguments of this run)"
