"""Devices, their roles and their addresses."""

from __future__ import annotations

import pytest

from IperfLibrary.devices import Device, Devices, direction
from IperfLibrary.errors import ConfigurationError

from .fake import FakeConnection


def device(name: str, host: str | None = "192.0.2.1", role: str | None = None, address: str | None = None) -> Device:
    return Device(name, FakeConnection(name, host), address, role)


@pytest.mark.parametrize(
    ("sender", "receiver", "way"),
    [
        ("node", "tpc", "upstream"),
        ("tpc", "node", "downstream"),
        ("node", None, "upstream"),
        (None, "node", "downstream"),
        ("tpc", None, "downstream"),
        (None, "tpc", "upstream"),
        ("node", "node", None),
        ("tpc", "tpc", None),
        (None, None, None),
    ],
)
def test_the_direction(sender: str | None, receiver: str | None, way: str | None) -> None:
    assert direction(device("a", role=sender), device("b", role=receiver)) == way
    if sender is None:
        assert direction(None, device("b", role=receiver)) == way
    if receiver is None:
        assert direction(device("a", role=sender), None) == way


@pytest.mark.parametrize("role", ["Node", "server", "", "tcp"])
def test_a_role_that_is_none(role: str) -> None:
    with pytest.raises(ConfigurationError, match=f"The role of dut is 'node', 'tpc' or none, not '{role}'"):
        device("dut", role=role)


# -- where traffic goes


def test_traffic_goes_to_the_host_of_the_connection() -> None:
    assert device("dut", "192.0.2.1").traffic_address(device("pc", "127.0.0.1")) == "192.0.2.1"


def test_an_address_that_was_given_wins() -> None:
    peer = device("pc", "192.0.2.2")
    for host in ("192.0.2.1", "127.0.0.1", None):
        assert device("dut", host, address="10.0.0.1").traffic_address(peer) == "10.0.0.1"
    assert device("dut", None, address="127.0.0.1").traffic_address(peer) == "127.0.0.1"  # he must know


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "::1", None, ""])
def test_a_loopback_address_is_of_no_use_to_another_machine(host: str | None) -> None:
    with pytest.raises(ConfigurationError, match="not known at which address pc reaches dut") as raised:
        device("dut", host).traffic_address(device("pc", "192.0.2.2"))
    assert "Add Iperf Device    dut    ...    address=" in raised.value.remedy


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_loopback_address_serves_the_same_machine(host: str) -> None:
    assert device("dut", host).traffic_address(device("pc", host)) == host


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost.", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"])
def test_a_loopback_address_in_other_words(host: str) -> None:
    with pytest.raises(ConfigurationError):
        device("dut", host).traffic_address(device("pc", "192.0.2.2"))


@pytest.mark.parametrize("host", ["127.example.net", "128.0.0.1", "::2"])
def test_an_address_that_only_looks_so(host: str) -> None:
    assert device("dut", host).traffic_address(device("pc", "192.0.2.2")) == host


# -- by name


@pytest.fixture
def devices() -> Devices:
    found = Devices()
    for name in ("dut", "pc"):
        found.add(device(name))
    return found


def test_devices_have_names(devices: Devices) -> None:
    assert devices.get("dut").name == str(devices.get("dut")) == "dut"
    assert [one.name for one in devices] == ["dut", "pc"]
    assert devices.find("dut") is devices.get("dut")
    assert devices.find("iperf.example.net") is None


def test_a_name_is_there_once(devices: Devices) -> None:
    with pytest.raises(ConfigurationError, match="There is a device 'dut' already"):
        devices.add(device("dut"))
    devices.remove("dut")
    devices.add(device("dut"))


def test_a_name_that_is_not_known(devices: Devices) -> None:
    with pytest.raises(ConfigurationError) as raised:
        devices.get("dutt")
    assert raised.value.what == "There is no device 'dutt'. Did you mean 'dut'?"
    assert raised.value.cause == "devices known are: dut, pc"
    with pytest.raises(ConfigurationError):
        devices.remove("dutt")


def test_no_device_at_all() -> None:
    with pytest.raises(ConfigurationError) as raised:
        Devices().get("dut")
    assert raised.value.what == "There is no device 'dut'."
    assert raised.value.cause == "devices known are: none"


def test_devices_can_be_removed_on_the_way(devices: Devices) -> None:
    for one in devices:
        devices.remove(one.name)
    assert list(devices) == []


def test_a_name_in_another_case_is_suggested() -> None:
    devices = Devices()
    devices.add(Device("pc", FakeConnection()))
    with pytest.raises(ConfigurationError, match=r"There is no device 'PC'\. Did you mean 'pc'\?"):
        devices.get("PC")
