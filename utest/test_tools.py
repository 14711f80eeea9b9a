"""What the tools differ in, asked of each by the same names."""

from __future__ import annotations

from typing import Any

import pytest

from IperfLibrary.options import Options
from IperfLibrary.tools import TOOLS
from IperfLibrary.units import Bitrate, Seconds, Size

SERVER = Options("server")


@pytest.mark.parametrize(
    ("tool", "version", "options", "added"),
    [
        ("iperf3", "3.12", {"one_off": True}, True),
        ("iperf3", "3.12", {}, False),
        ("iperf3", "3.9", {"one_off": True}, False),
        ("iperf2", "2.1.8", {}, False),
    ],
)
def test_a_server_for_one_client_does_not_wait_for_ever(
    tool: str, version: str, options: dict[str, bool], added: bool
) -> None:
    found = TOOLS[tool].detached(Options("server", **options), version)
    assert ("idle_timeout" in found) == added


@pytest.mark.parametrize(
    ("tool", "udp", "told"), [("iperf3", False, True), ("iperf2", False, False), ("iperf2", True, True)]
)
def test_who_learns_what_the_receiver_got(tool: str, udp: bool, told: bool) -> None:
    assert TOOLS[tool].tells_receiver(Options("client", udp=udp)) == told


def test_an_iperf2_server_tells_at_once() -> None:
    assert TOOLS["iperf2"].tells_at_once("2.1.8")


@pytest.mark.parametrize(
    ("tool", "words"),
    [("iperf3", "iperf3 --server --port 5201 --one-off"), ("iperf2", "iperf --server --port 5001 --udp")],
)
def test_what_somebody_types_to_start_a_server(tool: str, words: str) -> None:
    options = Options("server", **({"one_off": True} if tool == "iperf3" else {"udp": True}))
    assert TOOLS[tool].server_by_hand(TOOLS[tool].default_port, options, "ipad") == tuple(words.split())


@pytest.mark.parametrize(
    ("tool", "options", "told"),
    [
        ("iperf3", {"udp": True}, True),
        ("iperf2", {"udp": True}, True),
        ("iperf3", {"udp": True, "bitrate": Bitrate(5e6)}, False),
        ("iperf3", {"udp": True, "bitrate": Bitrate(0)}, False),
        ("iperf3", {}, False),
    ],
)
def test_udp_without_a_rate_is_told(tool: str, options: dict[str, Any], told: bool) -> None:
    advice = TOOLS[tool].advice(Options("client", **options))
    assert bool(advice) == told
    assert advice is None or "1 Mbit/s" in advice


@pytest.mark.parametrize(
    ("options", "few"),
    [
        ({"bitrate": Bitrate(1000), "time": Seconds(1)}, True),
        ({"bitrate": Bitrate(20_000)}, True),
        ({"bitrate": Bitrate(50_000)}, False),
        ({"bitrate": Bitrate(20_000), "length": Size(100)}, False),
        ({"bitrate": Bitrate(20_000), "bytes": Size(10**6)}, False),
        ({"bitrate": Bitrate(20_000), "time": Seconds(0)}, False),
    ],
)
def test_too_few_packets_to_tell_anything_of_loss(options: dict[str, Any], few: bool) -> None:
    advice = TOOLS["iperf3"].advice(Options("client", udp=True, **options))
    assert bool(advice) == few
    assert not few or "packets in that time" in str(advice)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_intervals_of_a_server_are_as_long_as_those_of_its_client(tool: str) -> None:
    options = Options("client", interval=Seconds(0.5), udp=True)
    assert TOOLS[tool].server_needs(options)["interval"] == 0.5
    assert "interval" not in TOOLS[tool].server_needs(Options("client"))
