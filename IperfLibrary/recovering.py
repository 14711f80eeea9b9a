"""Receivers that are watched while something happens to their traffic: what they report, on the controller's clock.

Robot Framework is not known here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from .clients import ClientHandle
from .connections.base import Connection
from .errors import IperfCommandError, IperfError, IperfLibraryError
from .probing import probe
from .recovery import Seen
from .result import Interval, Result

LOOKS = 3
"""Short commands that are tried to learn how long a word of a device takes."""


class Receiver:
    """A client that receives, or that could not even be started; ``begun`` is when that was tried."""

    def __init__(self, begun: float, client: ClientHandle | None = None) -> None:
        self.client = client
        self.end: Callable[[], None] = lambda: None
        """Ends it, and all that was started for it."""
        self._begun = begun
        self._zero: float | None = None
        self._count = 0
        if client and not client.tool.shows_intervals(client.options, probe(client.device, client.tool), True):
            raise IperfCommandError(
                f"The {client.tool.name} on {client.device} prints no intervals while it runs, so nothing can be watched.",
                cause=f"its version is {client.device.versions[client.tool.name]}, or 'interval' is 0",
                remedy="use iperf3 3.1.5 or newer, or iperf2, on the device that receives",
            )

    def look(self, seconds: float) -> None:
        """Waits for so long, or until it prints something, and reads that.

        When its seconds began follows from the interval that came soonest after its end: all others were held up on their way.
        """
        if not self.client:
            return
        grown = self.client.run.raw.grown
        grown.wait(seconds)
        grown.clear()
        now, intervals = time.monotonic(), self.client.intervals
        if len(intervals) > self._count:
            self._count = len(intervals)
            self._zero = min(now - intervals[-1].end, now if self._zero is None else self._zero)

    @property
    def running(self) -> bool:
        return bool(self.client and self.client.running)

    @property
    def flowed(self) -> bool:
        """Whether any data came."""
        return any(interval.bytes for interval in self._intervals)

    def steady(self, seconds: float) -> bool:
        """Whether data came in each interval of the last so many seconds."""
        last = self._intervals[-1].end if self._intervals else 0.0
        recent = [interval for interval in self._intervals if interval.end > last - seconds + 1e-6]
        return last >= seconds and all(interval.bytes for interval in recent)

    @property
    def _intervals(self) -> Sequence[Interval]:
        return self.client.intervals if self.client else ()

    def seen(self, event: float) -> Seen:
        """What it reported, in seconds after that moment."""
        return Seen((self._zero or 0.0) - event, self._begun - event, self._intervals)

    def result(self) -> Result | None:
        """What it measured until it was ended."""
        if not self.client:
            return None
        try:
            return self.client.outcome()
        except IperfError as error:
            return error.result if isinstance(error.result, Result) else None
        except IperfLibraryError:
            return None


def latency(connection: Connection) -> float:
    """Seconds that a word of the device takes at most: no more than a whole command does."""
    taken = []
    for _ in range(LOOKS):
        began = time.monotonic()
        connection.run(("sh", "-c", ":"))
        taken.append(time.monotonic() - began)
    return min(taken)
