"""Asks the kernels of both ends of a run what they counted, right before it and after it.

Robot Framework is not known here.
"""

from __future__ import annotations

import ipaddress
import threading
from dataclasses import replace

from .counters import Look, look_of
from .crosscheck import Side, checks
from .deadline import Deadline
from .devices import Device
from .errors import DeviceError
from .result import Check, Result

LOOK_LIMIT = 5.0
"""Seconds within which a device tells its counters."""

SETTLE_LIMIT, SETTLE_PAUSE = 2.5, 0.5
"""Seconds for which counters that are short are looked at again, and how often: some network cards bring theirs up to date once a second."""

# No program but cat: one command on a device costs milliseconds, and one for each counter would cost as many.
_COUNT = (
    "cat /proc/net/dev || exit 1;"
    ' for i in /sys/class/net/*; do read -r n <"$i/ifindex" && echo "${i##*/} index $n"; done 2>/dev/null;'
)
# Of a name, what iperf takes: the first address that it has there. Without ip, all routes; those to own addresses of IPv4 are in fib_trie alone.
_ROUTE = (
    ' a=$1 PATH=$PATH:/sbin:/usr/sbin; case $a in "") exit 0;; *[!0-9.]*) case $a in *:*) ;; *)'
    ' a=$(getent ahosts "$a" 2>/dev/null | { read -r w _; echo "$w"; });; esac;; esac;'
    ' all() { cat /proc/net/route /proc/net/ipv6_route; while read -r w n _; do [ "$n" = "$a" ] && read -r w && echo "$w"; done </proc/net/fib_trie; };'
    ' { [ "$2" ] && ip route get "$a" from "$2" || ip route get "$a" || all; } 2>/dev/null |'
    ' while read -r l; do echo "-> $l"; done; exit 0'
)


class CrossCheck:
    """The counters of the devices of one run; ``begin`` right before it, ``checks`` after it.

    ``host`` is where the client reaches the server, ``bound`` the address or interface that it was told to use.

    Example::

        cross_check = CrossCheck(client, server, "192.0.2.1")
        cross_check.begin()
        result = replace(result, checks=cross_check.checks(result, "192.0.2.2"))
    """

    def __init__(self, client: Device, server: Device | None, host: str, bound: str | None = None) -> None:
        self._client = client
        self._devices = [device for device in (client, server) if device and device.connection.runs_commands]
        self._host = host
        self._bound = bound
        self._before: dict[str, Look] = {}

    def begin(self) -> None:
        self._before = {device.name: look for device in self._devices if (look := _looked(device))}

    def checks(self, result: Result, client_address: str | None) -> tuple[Check, ...]:
        """One for each device and direction. ``client_address`` is where the server reaches the client."""
        until = Deadline(SETTLE_LIMIT)
        found = self._checked(result, client_address)
        while any((check.gap_bytes or 0) < 0 for check in found) and not until.expired:
            Deadline(SETTLE_PAUSE).wait(threading.Event().wait)
            found = self._checked(result, client_address)
        return found

    def _checked(self, result: Result, client_address: str | None) -> tuple[Check, ...]:
        sides = [
            self._side(device, self._host, self._bound)
            if device is self._client
            else self._side(device, client_address)
            for device in self._devices
        ]
        return tuple(check for side in sides for check in checks(result, side))

    def _side(self, device: Device, towards: str | None, bound: str | None = None) -> Side:
        side = Side(device.name, device is self._client)
        address, _, zone = (towards or "").partition("%")
        before, after = self._before.get(device.name), _looked(device, address, bound if _is_address(bound) else None)
        if before is None or after is None:
            return replace(side, unknown="it does not tell what its interfaces have counted")
        given = next((name for name in (zone, bound) if name in after.counted), None)
        return replace(side, before=before, after=after, interface=given or after.leads)


def _looked(device: Device, address: str = "", source: str | None = None) -> Look | None:
    """None where it cannot tell; also where it does not answer, as whoever needs it then will hear of that."""
    script = _COUNT + (_ROUTE if address else "")
    try:
        seen = device.connection.run(("sh", "-c", script, "sh", address, source or ""), LOOK_LIMIT)
    except DeviceError:
        return None
    look = look_of(seen.stdout, address)
    return look if look.counted else None


def _is_address(text: str | None) -> bool:
    try:
        return bool(ipaddress.ip_address(text or ""))
    except ValueError:
        return False
