"""What goes on beside one run: its companions and its ping. It is told to begin, to look, to end; it never hides how the run ended.

Robot Framework is not known here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from .companions import Companion
from .pinging import Pinger
from .result import Result
from .sampling import Sampler


class Company:
    """The samplers and the ping of one run.

    ``begin`` is before the traffic, ``look`` while somebody waits, ``end`` once the client has ended, and ``release`` where
    nobody may wait: each of them is harmless when it is not the first.
    """

    def __init__(self, samplers: Sequence[Sampler] = (), pinger: Pinger | None = None) -> None:
        self._samplers = tuple(samplers)
        self._pinger = pinger
        self._since = self._until = 0.0

    def begin(self) -> None:
        """Raises DeviceError when the latency cannot be measured; a companion never keeps a run from beginning."""
        self._since, self._until = time.monotonic(), 0.0
        try:
            for sampler in self._samplers:
                sampler.join(self)
            if self._pinger:
                self._pinger.begin(self.look)
        except BaseException:
            self.release()
            raise

    def look(self) -> None:
        for sampler in self._samplers:
            sampler.look()

    def end(self) -> None:
        self._until = self._until or time.monotonic()
        self._leave()
        if self._pinger:
            self._pinger.end()

    def release(self) -> None:
        """Without waiting: what runs on devices is ended by its leash."""
        self._until = self._until or time.monotonic()
        self._leave()
        if self._pinger:
            self._pinger.release()

    def _leave(self) -> None:
        for sampler in self._samplers:
            sampler.leave(self)

    def added(self, result: Result, zero: float) -> Result:
        """The result with what was seen beside it; its traffic began at ``zero`` on the clock of ``time.monotonic``."""
        until = min(zero + _length(result), self._until or time.monotonic())
        return replace(
            result,
            companions=tuple(sampler.companion(self._since, zero, until) for sampler in self._samplers),
            latency=self._pinger.latency(zero, until) if self._pinger else None,
        )


def complaints(result: Result | None) -> list[str]:
    """What is to be said of companions whose values are not all known, and of a ping that did not last."""
    if result is None:
        return []
    found = [_complaint(companion) for companion in result.companions if companion.said or not companion.values]
    latency = result.latency
    return [*found, *([f"The latency is not known until the end: {latency.said}."] if latency and latency.said else [])]


def _complaint(companion: Companion) -> str:
    where = f" of {companion.device}" if companion.device else ""
    unknown = sum(point.value is None for point in companion.points)
    why = f" The last time: {companion.said}." if companion.said else ""
    if not companion.values:
        return f"The companion '{companion.name}'{where} told no value while the traffic ran.{why}"
    return f"{unknown} of {len(companion.points)} values of the companion '{companion.name}'{where} are unknown.{why}"


def _length(result: Result) -> float:
    """Seconds that the traffic took, as far as it is known."""
    ends = [interval.end for flow in result.flows for interval in flow.intervals if not interval.omitted]
    ends += [end.seconds or 0.0 for flow in result.flows for end in (flow.sender, flow.receiver)]
    return max(ends, default=float("inf")) or float("inf")
