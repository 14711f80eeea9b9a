"""The connection ``adb:[SERIAL]``: an Android device, by the ``adb`` program of this machine or of another device.

It starts no adb server, as that would outlive the run, and ends none, as others may use it. What it needs of the device is the
shell protocol of Android 7 and later, which keeps stdout and stderr apart and passes standard input on.
"""

from __future__ import annotations

import re
from typing import Any

from ..errors import ConfigurationError, DeviceError
from .arguments import takes
from .base import Connection
from .channels import command_line
from .local import LocalConnection
from .program import ProgramConnection

# A server at "127.0.0.1" is one that adb does not start by itself, in contrast to "localhost". Who names one by
# ADB_SERVER_SOCKET gets that.
_SCRIPT = (
    "command -v adb >/dev/null 2>&1 || { echo iperflibrary: there is no adb >&2; exit 127; };"
    ' [ "$ADB_SERVER_SOCKET" ] || set -- -H 127.0.0.1 "$@"; exec adb "$@"'
)
_ADDRESS = re.compile(r"\[?([^\]\s]*?)\]?:\d+")
_BY_NAME = ("usb:", "product:", "model:", "device:", "transport:")

# A pattern of what adb says: kind, what failed, probable cause, what to do; {way} is the device with adb, {device} the Android one.
_MEANINGS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "iperflibrary: there is no adb",
        "program",
        "{way} has no program 'adb'",
        "it is not installed, or not in the PATH of that log-in",
        "install Android's platform tools on {way} (Debian: apt install adb)",
    ),
    (
        "cannot connect to daemon",
        "no_server",
        "no adb server runs on {way}",
        "nobody has used adb there since it was started; this library starts none, as it would stay behind",
        "start it there before the tests: adb start-server (and afterwards: adb kill-server)",
    ),
    (
        "unauthorized|authorizing",
        "unauthorized",
        "the device does not trust {way} yet",
        "nobody has accepted the key of {way} on the screen of the device, or it was revoked",
        "unlock the device and accept 'Allow USB debugging' there; look with: adb devices",
    ),
    (
        "more than one",
        "several",
        "{way} has several Android devices",
        "the address names none of them",
        "give the serial number, as 'adb devices' shows it: adb:SERIAL",
    ),
    (
        "no devices",
        "no_device",
        "{way} has no Android device",
        "it is not plugged in, USB debugging is off, or the cable only charges",
        "look with: adb devices; a device in the network wants first: adb connect HOST:PORT",
    ),
    (
        "device '.*' not found",
        "no_device",
        "{way} has no Android device with this serial number",
        "a typing error, it is not plugged in, or USB debugging is off",
        "look with: adb devices; a device in the network wants first: adb connect HOST:PORT",
    ),
    (
        "offline",
        "offline",
        "the device is offline for adb",
        "it starts or sleeps, its adbd hangs, or the cable is bad",
        "plug it in anew, or: adb reconnect",
    ),
    (
        "only supports allocating a pty|doesn't support PTY args",
        "too_old",
        "the device is too old",
        "Android before 7 has no shell protocol that keeps stdout and stderr apart, and tells no exit code",
        "use a device with Android 7 or later; this one can be a device of dummy: only",
    ),
    (
        "no permissions|insufficient permissions",
        "no_permission",
        "the user of {way} may not use the USB device",
        "a udev rule is missing there",
        "install the package android-sdk-platform-tools-common there, or write a udev rule",
    ),
    (
        "error: closed",
        "closed",
        "the device closed the connection",
        "it was plugged out, or its adbd was started anew",
        "look with: adb devices, and try again",
    ),
)


@takes(refusal="A device of adb ({where}) takes no {name}=; it trusts keys that its user accepts.")
def from_url(where: str, url: str, through: Connection | None = None, **login: Any) -> AdbConnection:
    """The connection for ``adb:[SERIAL]``, which takes no log-in; ``through`` is the device that adb runs on."""
    return AdbConnection(where, url, through or LocalConnection("this machine"))


class AdbConnection(ProgramConnection):
    """Commands by ``adb shell``."""

    scratch = "/data/local/tmp"

    def __init__(self, where: str, url: str, through: Connection) -> None:
        super().__init__(where, through)
        self._serial = url.partition(":")[2]
        if self._serial.startswith(("-", "/")) or re.search(r"\s", self._serial):
            raise ConfigurationError(
                f"'{url}' is no device of adb (for {where}).",
                remedy="write adb:SERIAL as 'adb devices' shows it, adb:HOST:PORT, or adb: for the only one",
            )

    @property
    def host(self) -> str | None:
        """That of a device that adb reaches in the network; nobody knows the address of one on USB."""
        found = None if self._serial.startswith(_BY_NAME) else _ADDRESS.fullmatch(self._serial)
        return found[1] if found else None

    def _way(self, words: tuple[str, ...]) -> tuple[str, ...]:
        serial = ("-s", self._serial) if self._serial else ()
        # adbd sends HUP to the shell when the connection breaks, which would leave the leash's timer alone.
        return ("sh", "-c", _SCRIPT, "sh", *serial, "shell", "-T", f"trap '' HUP; {command_line(words)}")

    def _explain(self, said: str) -> DeviceError | None:
        for sign, kind, what, cause, remedy in _MEANINGS:
            if re.search(sign, said):
                way = self.through.where
                return DeviceError(
                    f"Cannot reach {self.where} (adb:{self._serial}): {what.format(way=way)}.",
                    kind=kind,
                    said=said if kind != "program" else None,
                    cause=cause.format(way=way),
                    remedy=remedy.format(way=way),
                )
        return None
