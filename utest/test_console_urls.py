"""Addresses of consoles, and what telnet says between the bytes."""

from __future__ import annotations

import sys

import pytest

from IperfLibrary.connections import connect
from IperfLibrary.connections.serial_line import SerialConnection
from IperfLibrary.connections.telnet import Filter, TelnetConnection
from IperfLibrary.errors import ConfigurationError, DeviceError
from IperfLibrary.secret import Password

IAC, SB, SE, WILL, WONT, DO, DONT = b"\xff", b"\xfa", b"\xf0", b"\xfb", b"\xfc", b"\xfd", b"\xfe"
ECHO, NO_PAUSES, WINDOW = b"\x01", b"\x03", b"\x1f"


@pytest.mark.parametrize(
    ("url", "address", "user"),
    [
        ("telnet://192.168.1.1", ("192.168.1.1", 23), None),
        ("telnet://root@dut:2323", ("dut", 2323), "root"),
        ("telnet://[fe80::1]:23/", ("fe80::1", 23), None),
    ],
)
def test_a_telnet_address(url: str, address: tuple[str, int], user: str | None) -> None:
    made = connect("dut", url)
    assert isinstance(made, TelnetConnection)
    assert (made._address, made.host, made._login.user) == (address, address[0], user)


@pytest.mark.parametrize(
    ("url", "path", "baudrate", "user"),
    [
        ("serial:///dev/ttyUSB0", "/dev/ttyUSB0", 115_200, None),
        ("serial:///dev/ttyS0?baudrate=9600&user=root", "/dev/ttyS0", 9600, "root"),
        ("serial://root@/dev/ttyS0", "/dev/ttyS0", 115_200, "root"),
        ("serial:/dev/serial/by-id/a%20b", "/dev/serial/by-id/a b", 115_200, None),
    ],
)
def test_a_serial_address(url: str, path: str, baudrate: int, user: str | None) -> None:
    made = connect("dut", url)
    assert isinstance(made, SerialConnection)
    assert (made._path, made._baudrate, made._login.user, made.host) == (path, baudrate, user, None)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("telnet://", "no telnet address"),
        ("telnet://dut:port", "no telnet address"),
        ("telnet://dut/path", "no telnet address"),
        ("telnet://u:pw@dut", "password does not belong"),
        ("serial://", "no serial line"),
        ("serial://ttyUSB0", "no serial line"),
        ("serial://u:pw@/dev/ttyS0", "password does not belong"),
        ("serial:///dev/ttyS0?baudrate=fast", "no baudrate"),
        ("serial:///dev/ttyS0?baudrate=0", "no baudrate"),
        ("serial:///dev/ttyS0?baudrat=9600", "Did you mean 'baudrate'"),
    ],
)
def test_an_address_that_is_wrong(url: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as problem:
        connect("dut", url)
    assert "pw" not in str(problem.value)


@pytest.mark.parametrize("url", ["telnet://dut", "serial:///dev/ttyS0"])
def test_a_console_has_no_keys(url: str) -> None:
    with pytest.raises(ConfigurationError, match="takes no key_file="):
        connect("dut", url, password=Password("x"), key_file="~/.ssh/id", host_key=None)


def test_a_serial_line_that_is_not_there_is_told() -> None:
    with pytest.raises(DeviceError, match="/dev/no-such-line of dut cannot be opened") as told:
        connect("dut", "serial:///dev/no-such-line").run(("true",))
    assert told.value.remedy


def test_what_serial_lines_need_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(ConfigurationError, match=r"robotframework-iperflibrary\[console\]"):
        connect("dut", "serial:///dev/ttyS0").run(("true",))


def test_a_telnet_address_that_nobody_knows_is_told() -> None:
    with pytest.raises(DeviceError, match=r"Cannot reach dut \(no-such-host.invalid:23\)") as told:
        connect("dut", "telnet://no-such-host.invalid").run(("true",))
    assert told.value.kind in ("resolve", "unreachable", "timeout")


@pytest.mark.parametrize(
    ("came", "text", "answered"),
    [
        (b"login: ", b"login: ", b""),
        (b"a\r\nb\r\0c", b"a\r\nb\rc", b""),
        (b"a" + IAC + IAC + b"b", b"a\xffb", b""),
        (IAC + WILL + ECHO + b"x" + IAC + WILL + NO_PAUSES, b"x", IAC + DO + ECHO + IAC + DO + NO_PAUSES),
        (IAC + WILL + WINDOW + IAC + DO + WINDOW, b"", IAC + DONT + WINDOW + IAC + WONT + WINDOW),
        (IAC + DO + ECHO, b"", IAC + WONT + ECHO),
        (IAC + WONT + ECHO + IAC + DONT + WINDOW, b"", b""),
        (IAC + WILL + ECHO + IAC + WILL + ECHO, b"", IAC + DO + ECHO),
        (b"a" + IAC + SB + b"\x18\x01" + IAC + SE + b"b" + IAC + b"\xf1" + b"c", b"abc", b""),
    ],
)
def test_orders_of_telnet_are_no_text(came: bytes, text: bytes, answered: bytes) -> None:
    assert Filter().take(came) == (text, answered)
    one_by_one = Filter()
    parts = [one_by_one.take(came[at : at + 1]) for at in range(len(came))]
    assert (b"".join(part[0] for part in parts), b"".join(part[1] for part in parts)) == (text, answered)
