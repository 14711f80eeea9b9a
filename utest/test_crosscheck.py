"""What the kernel must have counted, and may have, by what iperf claims."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from IperfLibrary.counters import Counted, Look
from IperfLibrary.crosscheck import Side, checks, said_of
from IperfLibrary.result import Check, End, Flow, Interval, Result

MB = 1_000_000


def tcp(sent: int | None = 100 * MB, got: int | None = 100 * MB, retransmits: int | None = 0, **more: Any) -> Flow:
    return Flow("upstream", **{"reverse": False, **more}, sender=End(sent, retransmits=retransmits), receiver=End(got))


def result(*flows: Flow, protocol: str = "tcp", **options: Any) -> Result:
    return Result("iperf3", "3.12", protocol, "client", flows, options=options)


def side(rx: int = 0, tx: int = 0, frames: int = 70_000, interface: str | None = "eth0", **more: Any) -> Side:
    before = {name: Counted(7, 7, 7, 7) for name in ("eth0", "eth1", "lo")}
    after = {**before, **more.pop("others", {})}
    if interface:
        after[interface] = Counted(7 + rx, 7 + frames, 7 + tx, 7 + frames)
    return Side("dut", more.pop("client", True), Look(before), Look(after), interface, **more)


def one(result: Result, side: Side) -> Check:
    (check,) = checks(result, side)
    return check


@pytest.mark.parametrize(
    ("counted", "agrees"),
    [(98.9 * MB, False), (99.1 * MB, True), (104.6 * MB, True), (113 * MB, True), (118 * MB, False)],
)
def test_headers_and_some_other_traffic_are_no_gap(counted: float, agrees: bool) -> None:
    check = one(result(tcp()), side(tx=int(counted)))
    assert (check.agrees, check.counter, check.interface, check.counted_bytes) == (agrees, "tx", "eth0", int(counted))


def test_the_gap_is_told_with_its_sign() -> None:
    assert one(result(tcp()), side(tx=90 * MB)).gap_bytes == -9 * MB
    high = one(result(tcp()), side(tx=200 * MB))
    assert high.most_bytes
    assert high.gap_bytes == 200 * MB - high.most_bytes > 50 * MB


@pytest.mark.parametrize(
    ("client", "reverse", "counter"), [(True, False, "tx"), (False, False, "rx"), (True, True, "rx")]
)
def test_which_counter_has_the_data(client: bool, reverse: bool, counter: str) -> None:
    check = one(result(tcp(reverse=reverse)), side(rx=105 * MB, tx=105 * MB, client=client))
    assert (check.counter, check.agrees) == (counter, True)


def test_both_directions_each_with_the_acknowledgements_of_the_other() -> None:
    flows = (tcp(), tcp(sent=10 * MB, got=10 * MB, reverse=True))
    up, down = checks(result(*flows), side(tx=105 * MB, rx=10 * MB + 5 * MB, frames=75_000))
    assert (up.counter, down.counter, up.agrees, down.agrees) == ("tx", "rx", True, True)
    alone = one(result(flows[1]), side(rx=10 * MB, frames=7000))
    assert down.most_bytes
    assert alone.most_bytes
    assert down.most_bytes > alone.most_bytes + 5 * MB


def test_on_the_loopback_interface_both_directions_are_in_each_counter() -> None:
    flows = (tcp(), tcp(sent=50 * MB, got=50 * MB, reverse=True))
    for found in checks(result(*flows), side(tx=150 * MB, rx=150 * MB, interface="lo")):
        assert (found.least_bytes, found.most_bytes, found.agrees) == (148_500_000, None, True)
    assert all(c.agrees is False for c in checks(result(*flows), side(tx=100 * MB, rx=100 * MB, interface="lo")))


def test_what_the_sender_wrote_and_did_not_send_is_no_gap() -> None:
    assert one(result(tcp(sent=110 * MB, got=100 * MB)), side(tx=101 * MB)).agrees


def test_what_was_sent_again_is_no_gap() -> None:
    assert one(result(tcp(retransmits=20_000)), side(tx=130 * MB, frames=90_000)).agrees
    assert one(result(tcp(retransmits=0)), side(tx=130 * MB, frames=90_000)).agrees is False


@pytest.mark.parametrize(
    ("flow", "options"),
    [
        (tcp(retransmits=None), {}),
        (tcp(sent=None), {}),
        (tcp(), {"omit": 2.0}),
        (tcp(intervals=(Interval(0, 1, None, omitted=True),)), {"omit": 1.0}),
    ],
)
def test_what_iperf_does_not_tell_makes_the_most_unknown(flow: Flow, options: dict[str, Any]) -> None:
    check = one(result(flow, **options), side(tx=500 * MB))
    assert (check.most_bytes, check.agrees) == (None, True)
    assert one(result(flow, **options), side(tx=50 * MB)).agrees is False


def test_the_warm_up_counts() -> None:
    warm = tcp(intervals=(Interval(0, 1, 80 * MB, omitted=True), Interval(0, 1, 100 * MB)))
    assert one(result(warm, omit=1.0), side(tx=185 * MB, frames=130_000)).agrees
    lost = replace(warm, measured_at="receiver", sender=End(200 * MB, retransmits=0))
    assert one(result(lost, omit=1.0), side(tx=360 * MB, frames=250_000)).agrees


def udp(sent: int, got: int | None, **receiver: Any) -> Flow:
    return Flow("upstream", False, End(sent, packets=sent // 100), End(got, **receiver))


def test_udp_that_is_lost_may_have_been_counted_or_not() -> None:
    flow = udp(100 * MB, 40 * MB)
    for counted, agrees in ((39 * MB, False), (45 * MB, True), (140 * MB, True), (260 * MB, False)):
        found = one(result(flow, protocol="udp", length=100), side(tx=counted, frames=1_000_000))
        assert found.agrees is agrees, counted


def test_udp_of_which_only_the_loss_is_known() -> None:
    check = one(result(udp(100 * MB, None, packets=100, lost_packets=50), protocol="udp"), side(tx=60 * MB))
    assert (check.least_bytes, check.agrees) == (49_500_000, True)


@pytest.mark.parametrize(
    ("flow", "there", "why"),
    [
        (tcp(), side(unknown="it is mute"), "it is mute"),
        (tcp(), side(interface=None), "which interface"),
        (tcp(got=None), side(tx=1), "what the receiver got"),
        (tcp(), replace(side(), interface="eth7"), "eth7 began anew, or were not there"),
    ],
)
def test_what_cannot_be_known_is_no_gap(flow: Flow, there: Side, why: str) -> None:
    check = one(result(flow), there)
    assert why in (check.unknown or "")
    assert (check.agrees, check.gap_bytes, check.counted_bytes) == (None, None, None)
    assert said_of(check).startswith("What the kernel of dut counted is not known: ")


def test_a_deficit_names_the_interface_that_has_it() -> None:
    check = one(result(tcp()), side(tx=1 * MB, others={"eth1": Counted(7, 7, 7 + 105 * MB, 70_000)}))
    assert check.hint == "it went through another interface: eth1 (100.1 MByte) counted as much"
    assert check.hint in said_of(check)


def test_what_is_said() -> None:
    low = said_of(one(result(tcp()), side(tx=1 * MB))).splitlines()
    assert low[0] == (
        "The kernel of dut counted 976.6 KByte sent on eth0 during the run, 93.46 MByte less than the 94.41 MByte that iperf's figures need."
    )
    assert low[1].endswith("the traffic took another way, or iperf's figures are wrong")
    high = said_of(one(result(tcp()), side(tx=300 * MB)))
    assert "more than the" in high
    assert "other traffic went the same way" in high


def test_nothing_goes_back_for_what_comes_over_udp() -> None:
    """Of TCP each segment would be acknowledged by a frame, which counts where the other direction is looked at."""
    up = Flow("upstream", False, sender=End(10 * MB, packets=7000), receiver=End(10 * MB))
    down = replace(up, direction="downstream", reverse=True)
    both = checks(result(up, down, protocol="udp"), side(rx=10 * MB, tx=10 * MB, frames=7000))
    alone = checks(result(up, protocol="udp"), side(tx=10 * MB, frames=7000))
    assert [check.agrees for check in both] == [True, True]
    assert both[0].most_bytes == alone[0].most_bytes
