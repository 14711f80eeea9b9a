"""Keywords that keep devices for this run alone."""

from __future__ import annotations

from robot.api.deco import keyword

from .. import log as logger
from ..devices import Device
from ..errors import ConfigurationError
from ..signature import typed
from ..units import Seconds
from .arguments import seconds
from .reserved import WAIT
from .state import State


class ReservationKeywords:
    """Devices for this run alone."""

    _state: State

    @keyword(tags=["Devices"])
    @typed
    def reserve_iperf_devices(self, *devices: Device | str, wait: Seconds = WAIT) -> None:
        """Keeps devices for this test alone until it ends, or until `Release Iperf Devices`; see `Reservations`.

        Where somebody else has one of them, the keyword waits for up to ``wait``, and fails then with who has it, since when and for which test; with
        ``wait=0s`` it fails at once. Reserve what a test needs in one call: it gets all or none, so two tests never wait for each other.

        In a suite setup the devices are kept until the end of the suite. ``exclusive=True`` of `Add Iperf Device` keeps one for as long as it is known.

        Example:
        | Reserve Iperf Devices    dut    pc    wait=20 min
        | Run Iperf Test    dut    pc    time=10s
        """
        if not devices:
            raise ConfigurationError("Nothing is reserved: no device was given.")
        wanted = list(dict.fromkeys(self._state.device(device).name for device in devices))
        self._state.reservations.reserve(
            [self._state.device(name) for name in wanted], seconds(wait), self._state.scope()
        )
        logger.info(f"Reserved: {', '.join(wanted)}")

    @keyword(tags=["Devices"])
    @typed
    def release_iperf_devices(self, *devices: Device | str) -> list[str]:
        """Ends the reservation of devices, of all where none is named, and returns the names of those that were reserved.

        Example:
        | Release Iperf Devices    dut
        """
        named = [self._state.device(device) for device in devices]
        return self._state.reservations.release(named or self._state.reservations.all())
