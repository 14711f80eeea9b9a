"""A device that runs nothing for us."""

from __future__ import annotations

import pytest

from IperfLibrary.connections import connect
from IperfLibrary.devices import Device
from IperfLibrary.errors import ConfigurationError, DeviceError

from .fake import FakeConnection


def test_nothing_runs_there() -> None:
    connection = connect("ipad", "dummy:192.0.2.7")
    for act in (lambda: connection.run(("iperf3", "-v")), lambda: connection.start(("iperf3",), print, print)):
        with pytest.raises(DeviceError, match="Nothing can be run on ipad") as raised:
            act()
        assert raised.value.kind == "dummy"
        assert "server=ipad" in raised.value.remedy
    connection.close()


def test_it_is_known_beforehand() -> None:
    assert not connect("ipad", "dummy:h").runs_commands
    assert connect("pc", "local").runs_commands


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("dummy:", None),
        ("dummy:192.0.2.7", "192.0.2.7"),
        ("dummy://h.example", "h.example"),
        ("dummy:2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_host(url: str, host: str | None) -> None:
    assert connect("ipad", url).host == host


def test_an_address_of_its_own_wins() -> None:
    peer = Device("pc", FakeConnection("pc"))
    assert Device("ipad", connect("ipad", "dummy:"), "192.0.2.8").traffic_address(peer) == "192.0.2.8"
    with pytest.raises(ConfigurationError, match="It is not known at which address pc reaches ipad"):
        Device("ipad", connect("ipad", "dummy:")).traffic_address(peer)


@pytest.mark.parametrize("url", ["dummy:-x", "dummy:a b", "dummy:u@h", "dummy:h/x"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConfigurationError, match="is no address"):
        connect("ipad", url)


def test_nobody_logs_in() -> None:
    with pytest.raises(ConfigurationError, match="takes no host_key="):
        connect("ipad", "dummy:h", host_key="ignore")
