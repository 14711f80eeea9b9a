"""What the library reserves and until when: scopes, all or none, PabotLib, and what is lost."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from IperfLibrary import IperfLibrary
from IperfLibrary import log as logger
from IperfLibrary.errors import ConfigurationError, DeviceError
from IperfLibrary.keywords import devices as device_keywords
from IperfLibrary.keywords import pabotlib as pabotlib_module
from IperfLibrary.keywords import reserved
from IperfLibrary.keywords.pabotlib import PabotLib
from IperfLibrary.reservations import Claim
from IperfLibrary.units import Seconds

from .fake import Iperf3Machine

NOW = Seconds(0)


class FakeReservation:
    """In place of the process on the device; ``taken`` has the devices that somebody else has, and how often still."""

    log: ClassVar[list[str]] = []
    taken: ClassVar[dict[str, int]] = {}

    def __init__(self, connection: Any, mine: Claim, limit: float, waiting: Callable[[str], object]) -> None:
        self.name = connection.where
        self.stands = True
        self.log.append(f"try {self.name} {'long' if limit > 1 else 'short'}")
        if self.taken.get(self.name, 0):
            self.taken[self.name] -= 1
            waiting("somebody")
            raise DeviceError(f"{self.name} is reserved by somebody else.", kind="reserved")

    def release(self) -> bool:
        self.log.append(f"release {self.name}")
        stood, self.stands = self.stands, False
        return stood


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(FakeReservation, "log", [])
    monkeypatch.setattr(FakeReservation, "taken", {})
    monkeypatch.setattr(reserved, "Reservation", FakeReservation)
    return FakeReservation.log


@pytest.fixture
def iperf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: list[str]) -> IperfLibrary:
    monkeypatch.setattr(device_keywords, "connect", lambda where, url, **login: Iperf3Machine(where))
    iperf = IperfLibrary(directory=tmp_path)
    for name in ("dut", "pc"):
        iperf.add_iperf_device(name, "ssh://host")
    return iperf


@pytest.fixture
def scope(iperf: IperfLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iperf._state, "scope", lambda: "Suite.Test")


@pytest.mark.usefixtures("scope")
def test_a_reservation_ends_with_its_test(iperf: IperfLibrary, log: list[str]) -> None:
    iperf.reserve_iperf_devices("dut", "pc", wait=NOW)
    iperf._end_suite(None, SimpleNamespace(full_name="Suite"))
    assert log == ["try dut short", "try pc short"]
    iperf._end_test(None, SimpleNamespace(full_name="Suite.Test", passed=True, message="", name="Test"))
    assert log[2:] == ["release pc", "release dut"]


@pytest.mark.usefixtures("scope")
def test_an_exclusive_device_is_kept_until_it_is_removed(iperf: IperfLibrary, log: list[str]) -> None:
    iperf.add_iperf_device("mine", exclusive=True)
    iperf._end_test(None, SimpleNamespace(full_name="Suite.Test", passed=True, message="", name="Test"))
    assert log == ["try mine long"]
    iperf.remove_iperf_device("mine")
    assert log[1:] == ["release mine"]


@pytest.mark.parametrize("end", ["_close", "remove_all_iperf_devices", "close_iperf_connection"])
def test_what_else_ends_a_reservation(iperf: IperfLibrary, log: list[str], end: str) -> None:
    iperf.reserve_iperf_devices("dut")
    getattr(iperf, end)(*(["dut"] if end == "close_iperf_connection" else []))
    assert log == ["try dut long", "release dut"]


def test_an_exclusive_device_that_cannot_be_had_is_not_there(iperf: IperfLibrary) -> None:
    FakeReservation.taken["mine"] = 1
    with pytest.raises(DeviceError, match="mine is reserved"):
        iperf.add_iperf_device("mine", exclusive=True, wait=NOW)
    with pytest.raises(ConfigurationError, match="There is no device 'mine'"):
        iperf.get_iperf_device("mine")


def test_all_or_none(iperf: IperfLibrary, log: list[str]) -> None:
    FakeReservation.taken["pc"] = 1
    with pytest.raises(DeviceError, match="pc is reserved"):
        iperf.reserve_iperf_devices("dut", "pc", wait=NOW)
    assert log == ["try dut short", "try pc short", "release dut"]
    assert iperf.release_iperf_devices() == []


def test_nothing_is_held_while_another_device_is_waited_for(iperf: IperfLibrary, log: list[str]) -> None:
    """Else two who hold what the other one waits for would wait for ever."""
    FakeReservation.taken["pc"] = 1
    iperf.reserve_iperf_devices("dut", "pc", wait=Seconds(60))
    assert log == ["try dut long", "try pc short", "release dut", "try pc long", "try dut short"]


def test_what_is_reserved_already_is_not_waited_for(iperf: IperfLibrary, log: list[str]) -> None:
    iperf.reserve_iperf_devices("dut", "dut")
    iperf.reserve_iperf_devices("pc", "dut")
    assert log == ["try dut long", "try pc long"]
    assert iperf.release_iperf_devices("dut") == ["dut"]
    assert iperf.release_iperf_devices() == ["pc"]


def test_nothing_is_started_on_what_was_lost(
    iperf: IperfLibrary, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(logger, "warn", warnings.append)
    iperf.reserve_iperf_devices("dut")
    iperf._state.reservations._held["dut"].reservation.stands = False  # type: ignore[union-attr,misc]
    with pytest.raises(DeviceError, match="dut is not reserved any more") as raised:
        iperf.start_iperf_server("dut")
    assert raised.value.kind == "reservation_lost"
    iperf.reserve_iperf_devices("dut")
    assert "dut was reserved, but not until now" in warnings[0]
    iperf.start_iperf_server("dut")


def test_no_device(iperf: IperfLibrary) -> None:
    with pytest.raises(ConfigurationError, match="no device was given"):
        iperf.reserve_iperf_devices()
    with pytest.raises(ConfigurationError, match="'soon' is no duration"):
        iperf.reserve_iperf_devices("dut", wait="soon")


# -- PabotLib


class Server:
    """What pabot has running, as far as it is asked."""

    def __init__(self) -> None:
        self.locks: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.down = False

    def run_keyword(self, name: str, arguments: list[str], named: dict[str, str]) -> Any:
        if self.down:
            raise RuntimeError("Connection refused")
        return getattr(self, name)(*arguments)

    def acquire_lock(self, name: str, caller: str) -> bool:
        return self.locks.setdefault(name, caller) == caller

    def release_lock(self, name: str, caller: str) -> None:
        if self.locks.get(name) != caller:
            raise RuntimeError("AssertionError")
        del self.locks[name]

    def set_parallel_value_for_key(self, key: str, value: str) -> None:
        self.values[key] = value

    def get_parallel_value_for_key(self, key: str) -> str:
        return self.values.get(key, "")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(pabotlib_module, "_Remote", lambda uri, timeout: server)
    return server


@pytest.fixture
def pabot(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    names = {"${PABOTLIBURI}": "127.0.0.1:8270", "${CALLER_ID}": "me"}
    monkeypatch.setattr(pabotlib_module, "variable", names.get)
    return server


def alive(pid: int | None = None) -> Claim:
    return Claim("lab", platform.node(), pid or os.getpid(), "now", "Suite.Other")


def ended_pid() -> int:
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    return pid


def test_a_lock_of_pabotlib_goes_with_the_device(iperf: IperfLibrary, pabot: Server, log: list[str]) -> None:
    iperf.reserve_iperf_devices("dut")
    assert pabot.locks == {"dut": "me"}
    assert log == ["try dut long"]
    iperf.release_iperf_devices("dut")
    assert pabot.locks == {}


def test_another_process_of_pabot_is_told(iperf: IperfLibrary, pabot: Server, log: list[str]) -> None:
    PabotLib("uri", "other").acquire("dut", alive())
    with pytest.raises(DeviceError, match="reserved by another process of this run of pabot") as raised:
        iperf.reserve_iperf_devices("dut", wait=NOW)
    assert f"lab@{platform.node()} (pid {os.getpid()}) since now for 'Suite.Other'" in str(raised.value)
    assert log == []


def test_a_process_that_was_killed_has_no_lock(server: Server) -> None:
    assert PabotLib("uri", "killed").acquire("dut", alive(ended_pid()))
    assert PabotLib("uri", "next").acquire("dut", alive())
    assert server.locks == {"dut": "next"}
    assert json.loads(server.values["iperf device dut"])[0] == "next"
    assert not PabotLib("uri", "third").acquire("dut", alive())


def test_the_lock_is_given_back_when_the_device_cannot_be_had(iperf: IperfLibrary, pabot: Server) -> None:
    FakeReservation.taken["dut"] = 1
    with pytest.raises(DeviceError, match="dut is reserved by somebody else"):
        iperf.reserve_iperf_devices("dut", wait=NOW)
    assert pabot.locks == {}


def test_without_its_server_the_device_alone_counts(iperf: IperfLibrary, pabot: Server, log: list[str]) -> None:
    pabot.down = True
    iperf.reserve_iperf_devices("dut")
    pabot.down = False
    assert pabot.locks == {}
    assert log == ["try dut long"]


def test_a_device_that_runs_nothing_can_be_reserved_in_pabot(
    iperf: IperfLibrary, pabot: Server, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(iperf.get_iperf_device("dut").connection, "runs_commands", False)
    iperf.reserve_iperf_devices("dut")
    assert pabot.locks == {"dut": "me"}
    assert log == []
