"""Devices that this run has for itself, and until when."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import log as logger
from ..deadline import Deadline
from ..devices import Device
from ..errors import DeviceError
from ..reservations import Claim, Reservation, claim
from ..units import Seconds
from .variables import variable

if TYPE_CHECKING:
    from .pabotlib import PabotLib

PATIENCE = 1.0
"""Seconds that another device is waited for while one is held already: two who hold what the other waits for would wait for ever."""

PAUSE = 0.2
"""Seconds between two tries to get a lock of PabotLib."""

WAIT = Seconds(600)


@dataclass
class Held:
    """A device that this run has for itself, until the end of the scope; None is until the device is forgotten."""

    device: Device
    scope: str | None
    reservation: Reservation | None
    lib: PabotLib | None

    @property
    def stands(self) -> bool:
        return self.reservation is None or self.reservation.stands


class Reservations:
    """What is reserved, by the name of the device."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def reserve(self, devices: Sequence[Device], wait: float, scope: str | None) -> None:
        """All of them or none. Raises DeviceError of the kind ``reserved`` when somebody else has one of them for so long."""
        deadline, told = Deadline(wait), _Told()
        order = [device for device in devices if not self._stands(device)]
        mine = claim(time.strftime("%Y-%m-%d %H:%M:%S"), _purpose())
        while order:
            blocked = self._all(order, mine, deadline, told, scope)
            if not blocked:
                break
            order = [blocked, *(device for device in order if device is not blocked)]

    def _all(
        self, order: Sequence[Device], mine: Claim, deadline: Deadline, told: Callable[[str], None], scope: str | None
    ) -> Device | None:
        """Reserves all; where that fails none, and the device that has to be waited for first."""
        got: list[Device] = []
        try:
            for device in order:
                limit = min(deadline.left, PATIENCE) if got else deadline.left
                try:
                    self._held[device.name] = _hold(device, mine, limit, told, scope)
                except DeviceError as problem:
                    if problem.kind != "reserved" or deadline.expired:
                        raise
                    self.release(got)
                    return device
                got.append(device)
        except BaseException:
            self.release(got)
            raise
        return None

    def _stands(self, device: Device) -> bool:
        """Whether we have it; what was lost is given up, so that it can be reserved again."""
        held = self._held.get(device.name)
        if held and not held.stands:
            self.release([device])
        return device.name in self._held

    def require(self, device: Device | None) -> None:
        """A DeviceError where the device was reserved, and is not any more."""
        held = self._held.get(device.name) if device else None
        if held and not held.stands:
            raise DeviceError(
                f"{device} is not reserved any more, so nothing is started on it: somebody else may work with it now.",
                kind="reservation_lost",
                device=str(device),
                cause="its connection was lost, or what held it there was killed",
                remedy=f"look whether the device answers, and reserve it again: Reserve Iperf Devices    {device}",
            )

    def release(self, devices: Sequence[Device]) -> list[str]:
        """Lets go of those that are reserved; their names."""
        held = [self._held.pop(device.name) for device in devices if device.name in self._held]
        for one in reversed(held):
            _let_go(one)
        return [one.device.name for one in held]

    def end_scope(self, name: str) -> None:
        self.release([held.device for held in self._held.values() if held.scope == name])

    def all(self) -> list[Device]:
        return [held.device for held in self._held.values()]


class _Told:
    """Tells who has a device, once."""

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def __call__(self, text: str) -> None:
        if text not in self._texts:
            self._texts.add(text)
            logger.console(text)


def _hold(device: Device, mine: Claim, limit: float, told: Callable[[str], None], scope: str | None) -> Held:
    from .pabotlib import pabotlib  # noqa: PLC0415 - XML-RPC is much to import

    lib, until = pabotlib(), Deadline(limit)
    if lib:
        _queue(lib, device, mine, until, told)
    try:
        if not device.connection.real or (lib and not device.connection.runs_commands):  # a fake one is nobody else's
            return Held(device, scope, None, lib)
        reservation = Reservation(
            device.connection, mine, until.left, lambda who: told(f"Waiting for {device}, which is reserved by {who}")
        )
        return Held(device, scope, reservation, lib)
    except BaseException:
        if lib:
            lib.release(device.name)
        raise


def _queue(lib: PabotLib, device: Device, mine: Claim, until: Deadline, told: Callable[[str], None]) -> None:
    """Waits for the other processes of pabot. Raises DeviceError of the kind ``reserved``."""
    while not lib.acquire(device.name, mine):
        who = lib.holder(device.name) or "somebody who is not named"
        told(f"Waiting for {device}, which is reserved in this run of pabot by {who}")
        if until.expired:
            raise DeviceError(
                f"{device} is reserved by another process of this run of pabot.",
                kind="reserved",
                device=device.name,
                said=f"{who} [the lock '{device}' of PabotLib]",
                cause="another test works with it",
                remedy="wait longer: 'wait=20 min'",
            )
        Deadline(min(PAUSE, until.left)).wait(_sleep)


def _sleep(longest: float) -> bool:
    time.sleep(longest)
    return False


def _let_go(held: Held) -> None:
    try:
        stood = held.reservation is None or held.reservation.release()
    finally:
        if held.lib:
            held.lib.release(held.device.name)
    if stood:
        logger.info(f"{held.device} is free for others again.")
    else:
        logger.warn(
            f"{held.device} was reserved, but not until now: its connection was lost. Somebody else may have worked with it meanwhile."
        )


def _purpose() -> str:
    suite, test = variable("${SUITE NAME}") or "", variable("${TEST NAME}")
    return f"{suite}.{test}" if test else suite
