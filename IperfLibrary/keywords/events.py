"""Keywords on events: what one process tells another."""

from __future__ import annotations

from robot.api.deco import keyword

from .. import log as logger
from ..events import Events
from ..signature import typed
from ..units import Seconds
from .state import State


class EventKeywords:
    """Events by name."""

    _state: State

    @keyword(tags=["Events"])
    @typed
    def set_iperf_event(self, event: str) -> None:
        """Says that an event has happened, to whoever waits for it now or later: this run, or another Robot process with the same output directory.

        An event is a file of that name in ``${OUTPUT_DIR}/iperf-events``, so a shell script sets it with ``touch``, and Python with ``IperfLibrary.set_event``. Where
        processes have different output directories, as with pabot, the environment variable ``IPERF_EVENTS`` names a directory for all of them: a new one for each run.

        Example:
        | Set Iperf Event    ap-up
        """
        logger.info(f"Set the event '{event}': {self._events.set(event)}")

    @keyword(tags=["Events"])
    @typed
    def clear_iperf_event(self, event: str) -> None:
        """Says that an event has not happened, or no longer counts; harmless where nobody has set it.

        Example:
        | Clear Iperf Event    ap-up
        """
        self._events.clear(event)

    @keyword(tags=["Events"])
    @typed
    def wait_for_iperf_event(self, event: str, timeout: Seconds = Seconds(60)) -> None:  # noqa: B008 - a number
        """Waits until somebody has set the event, and fails when nobody does within ``timeout``. An event that was set before, in this run, counts.

        `Run Iperf Test` waits by itself with ``wait_for_event``.

        Example:
        | Wait For Iperf Event    ap-up    timeout=2 min
        """
        self._events.wait(event, timeout)

    @property
    def _events(self) -> Events:
        return Events(self._state.output_directory())
