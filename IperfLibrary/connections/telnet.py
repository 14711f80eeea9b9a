"""The connection ``telnet://[user@]host[:port]``: a console over TCP, opened on first use and kept."""

from __future__ import annotations

import select
import socket
from typing import Any

from ..errors import ConfigurationError, DeviceError
from .console import ConsoleConnection
from .console_login import Login, takes_password
from .urls import parts_of

PORT = 23
CONNECT_LIMIT = 10.0
"""Seconds for the TCP connection."""

SILENCE_LIMIT_MS = 30_000
"""What was sent and not acknowledged for so long ends the connection, in place of TCP's own quarter of an hour."""

PACE = 200_000
"""Bytes per second that are counted on: a small router's processor encodes them."""

_IAC, _SE, _SB, _WILL, _WONT, _DO, _DONT = 255, 240, 250, 251, 252, 253, 254
_ECHO, _NO_PAUSES = 1, 3
_WANTED = {_ECHO, _NO_PAUSES}
"""What the device may do: it is the terminal's part that echoes there, and it sends without waiting for its turn."""


@takes_password
def from_url(where: str, url: str, **login: Any) -> TelnetConnection:
    """The connection for ``telnet://[user@]host[:port]``."""
    parts = parts_of(url, "telnet", "telnet://user@host:23")
    host, port = parts.hostname, parts.port or PORT
    if not host or parts.path not in ("", "/") or parts.query:
        raise ConfigurationError(f"'{url}' is no telnet address.", remedy="write it like telnet://user@host:23")
    return TelnetConnection(where, host, port, Login(parts.username, login.get("password")))


class TelnetConnection(ConsoleConnection):
    """Commands over telnet."""

    def __init__(self, where: str, host: str, port: int, login: Login) -> None:
        super().__init__(where, f"{host}:{port}", login)
        self._address = (host, port)

    @property
    def host(self) -> str | None:
        return self._address[0]

    def _open_line(self) -> TelnetLine:
        try:
            return TelnetLine(socket.create_connection(self._address, CONNECT_LIMIT))
        except OSError as problem:
            raise self._unreachable(problem) from None

    def _unreachable(self, problem: OSError) -> DeviceError:
        kind, what, cause = _reason(problem)
        host, port = self._address
        return DeviceError(
            f"Cannot reach {self.where} ({host}:{port}): {what}.",
            kind=kind,
            said=str(problem),
            cause=cause,
            remedy=f"try it by hand: telnet {host} {port}",
        )


def _reason(problem: OSError) -> tuple[str, str, str]:
    """Kind, what failed, probable cause."""
    if isinstance(problem, socket.gaierror):
        return "resolve", "its name is not known", "a typing error, or no name server"
    if isinstance(problem, ConnectionRefusedError):
        return "refused", "nothing listens at its telnet port", "telnetd is not running, or uses another port"
    if isinstance(problem, TimeoutError):
        return "timeout", "no answer", "the device is off, or a firewall drops the packets"
    return "unreachable", "there is no way to it", "a wrong address, a cable, the device is off"


class TelnetLine:
    """The bytes of the terminal on one TCP connection, without telnet's own between them."""

    pace = PACE

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._filter = Filter()
        sock.settimeout(CONNECT_LIMIT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_LIMIT_MS)

    def read(self, seconds: float) -> bytes:
        ready, _, _ = select.select([self._socket], [], [], seconds)
        if not ready:
            return b""
        data = self._socket.recv(65536)
        if not data:
            raise EOFError("the device closed the connection")
        text, reply = self._filter.take(data)
        if reply:
            self._socket.sendall(reply)
        return text

    def write(self, data: bytes) -> None:
        self._socket.sendall(data.replace(b"\xff", b"\xff\xff"))

    def enter(self) -> None:
        self._socket.sendall(b"\r\0")

    def close(self) -> None:
        self._socket.close()


class Filter:
    """Takes telnet's own orders out of what comes, and says what is answered to them (RFC 854)."""

    def __init__(self) -> None:
        self._rest = b""
        self._agreed: set[int] = set()

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """The text, and the answer to the orders; an order of which a part is missing waits for it."""
        data, self._rest = self._rest + data, b""
        text, reply, at = bytearray(), bytearray(), 0
        while at < len(data):
            if data[at] != _IAC:
                end = data.find(_IAC, at)
                end = len(data) if end < 0 else end
                text += data[at:end]
            else:
                end = self._end_of_order(data, at)
                if not end:
                    self._rest = data[at:]
                    break
                text += b"\xff" if data[at + 1] == _IAC else b""
                reply += self._answer(data[at:end])
            at = end
        return bytes(text.replace(b"\0", b"")), bytes(reply)

    @staticmethod
    def _end_of_order(data: bytes, at: int) -> int:
        """Where the order ends that starts there; 0 when its end has not come yet."""
        order = data[at + 1 : at + 2]
        if order == bytes([_SB]):
            end = data.find(bytes([_IAC, _SE]), at) + 2
            return end if end > 1 else 0
        size = 3 if order and _WILL <= order[0] <= _DONT else 2
        return at + size if len(data) >= at + size else 0

    def _answer(self, order: bytes) -> bytes:
        """Consent to what is wanted, once; a refusal of everything else, so that nothing is asked twice."""
        if len(order) != 3 or order[1] in (_WONT, _DONT):
            return b""
        option = order[2]
        if order[1] == _DO:
            return bytes([_IAC, _WONT, option])
        if option not in _WANTED:
            return bytes([_IAC, _DONT, option])
        if option in self._agreed:
            return b""
        self._agreed.add(option)
        return bytes([_IAC, _DO, option])
