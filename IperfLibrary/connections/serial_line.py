"""The connection ``serial:///dev/ttyUSB0?baudrate=115200``: a console on a serial line, opened on first use and kept."""

from __future__ import annotations

import select
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ..errors import ConfigurationError, DeviceError, nearest
from .console import ConsoleConnection
from .console_login import Login, takes_password

BAUDRATE = 115_200
WRITE_LIMIT = 10.0
"""Seconds within which a line takes what is written to it."""

_EXAMPLE = "serial:///dev/ttyUSB0?baudrate=115200"


@takes_password
def from_url(where: str, url: str, **login: Any) -> SerialConnection:
    """The connection for ``serial://[user@]/dev/ttyUSB0[?baudrate=115200&user=root]``."""
    parts = urlsplit(url)
    if parts.password is not None:
        raise ConfigurationError("A password does not belong into the address; give it as 'password='.")
    if parts.hostname or not parts.path.strip("/"):
        raise ConfigurationError(f"'{url}' names no serial line.", remedy=f"write it like {_EXAMPLE}")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    user = given.pop("user", None) or parts.username
    baudrate = given.pop("baudrate", str(BAUDRATE))
    for name in given:
        raise ConfigurationError(
            f"A serial line has no '{name}' (for {where}).{nearest(name, ('baudrate', 'user'))}",
            remedy=f"write it like {_EXAMPLE}",
        )
    if not baudrate.isdecimal() or not int(baudrate):
        raise ConfigurationError(f"'{baudrate}' is no baudrate (for {where}).", remedy=f"write it like {_EXAMPLE}")
    return SerialConnection(where, unquote(parts.path), int(baudrate), Login(user, login.get("password")))


class SerialConnection(ConsoleConnection):
    """Commands on the console at a serial line."""

    fresh = False

    def __init__(self, where: str, path: str, baudrate: int, login: Login) -> None:
        super().__init__(where, path, login)
        self._path, self._baudrate = path, baudrate

    @property
    def host(self) -> str | None:
        return None

    def _open_line(self) -> SerialLine:
        serial = _pyserial()
        try:
            port = serial.Serial(self._path, self._baudrate, timeout=0, write_timeout=WRITE_LIMIT, exclusive=True)
        except (OSError, ValueError) as problem:
            raise self._unusable(problem) from None
        return SerialLine(port)

    def _unusable(self, problem: Exception) -> DeviceError:
        return DeviceError(
            f"The serial line {self._path} of {self.where} cannot be opened.",
            kind="serial",
            said=str(problem),
            cause="its adapter is not plugged in, another program uses the line, this user may not, "
            f"or it cannot do {self._baudrate} baud",
            remedy=f"look at it: ls -l {self._path}; and who uses it: fuser {self._path}",
        )


def _pyserial() -> Any:
    try:
        import serial  # noqa: PLC0415 - only for those who have a serial line
    except ImportError:
        raise ConfigurationError(
            "Serial lines need the package pyserial.",
            remedy="install it: pip install 'robotframework-iperflibrary[console]'",
        ) from None
    return serial


class SerialLine:
    """The bytes of the terminal on a serial line."""

    def __init__(self, port: Any) -> None:
        self._port = port

    @property
    def pace(self) -> int:
        return int(self._port.baudrate) // 10

    def read(self, seconds: float) -> bytes:
        ready, _, _ = select.select([self._port.fileno()], [], [], seconds)
        # One byte at least: that is how pyserial notices that the line is gone.
        return bytes(self._port.read(max(1, self._port.in_waiting))) if ready else b""

    def write(self, data: bytes) -> None:
        self._port.write(data)

    def enter(self) -> None:
        self._port.write(b"\r")

    def close(self) -> None:
        self._port.close()
