"""The words and the errors of ``adb``, from texts of adb 29."""

from __future__ import annotations

import pytest

from IperfLibrary.connections import connect
from IperfLibrary.connections.adb import AdbConnection
from IperfLibrary.errors import ConfigurationError

from .fake import FakeConnection


def phone(serial: str = "") -> AdbConnection:
    return AdbConnection("phone", f"adb:{serial}", FakeConnection("pc"))


def test_the_words() -> None:
    way = phone("R58M:5")._way(("a b",))
    assert way[3:] == ("sh", "-s", "R58M:5", "shell", "-T", "trap '' HUP; exec 'a b'")
    assert "-s" not in phone()._way(("a",))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("iperflibrary: there is no adb", "program"),
        (
            "* cannot start server on remote host\nerror: cannot connect to daemon at tcp:127.0.0.1:5037: Connection refused",
            "no_server",
        ),
        ("error: device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set", "unauthorized"),
        ("error: device still authorizing", "unauthorized"),
        ("error: more than one device/emulator", "several"),
        ("error: no devices/emulators found", "no_device"),
        ("error: device 'X' not found", "no_device"),
        ("error: device offline", "offline"),
        ("error: device only supports allocating a pty", "too_old"),
        ("error: target doesn't support PTY args -Tt", "too_old"),
        (
            "error: insufficient permissions for device: user in plugdev group; are your udev rules wrong?",
            "no_permission",
        ),
        ("error: closed", "closed"),
    ],
)
def test_what_it_says_is_explained(said: str, kind: str) -> None:
    told = phone("X")._explain(said)
    assert told
    assert told.kind == kind
    assert str(told).startswith("Cannot reach phone (adb:X): ")
    assert "{" not in str(told)
    assert told.cause
    assert told.remedy


def test_a_shell_that_finds_no_program_is_no_missing_device() -> None:
    assert phone()._explain("sh: iperf3: not found") is None


@pytest.mark.parametrize(
    ("serial", "host"),
    [
        ("", None),
        ("R58M12345", None),
        ("emulator-5554", None),
        ("usb:1-2", None),
        ("transport:5", None),
        ("192.0.2.1:5555", "192.0.2.1"),
        ("[2001:db8::1]:5555", "2001:db8::1"),
        ("phone.lab:5555", "phone.lab"),
    ],
)
def test_the_host(serial: str, host: str | None) -> None:
    assert phone(serial).host == host


@pytest.mark.parametrize("serial", ["-x", "//R58M", "a b"])
def test_a_serial_that_is_none(serial: str) -> None:
    with pytest.raises(ConfigurationError, match="is no device of adb"):
        phone(serial)


def test_nobody_logs_in() -> None:
    with pytest.raises(ConfigurationError, match="takes no key_file="):
        connect("phone", "adb:", key_file="/k")


def test_adb_runs_on_this_machine_unless_told_otherwise() -> None:
    outer = FakeConnection("pc")
    here, there = connect("phone", "adb:X"), connect("phone", "adb:X", through=outer)
    assert isinstance(here, AdbConnection)
    assert isinstance(there, AdbConnection)
    assert (here.through.where, there.through) == ("this machine", outer)


def test_files_go_where_android_lets_them() -> None:
    assert (phone().scratch, FakeConnection().scratch) == ("/data/local/tmp", "/tmp")
