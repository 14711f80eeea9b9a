"""What the text of ``/proc/net`` says of interfaces and routes."""

from __future__ import annotations

import pytest

from IperfLibrary.counters import WRAP, Counted, Moved, look_of, moved

DEV = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
  eth0:4294967295  200    1    2    3     4          5         6     9000     300    7    8    9     0       0          0
"""
ROUTE = """\
-> Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
-> eth0 00000000 010200C0 0003 0 0 100 00000000 0 0 0
-> wwan0 00000000 010300C0 0003 0 0 20 00000000 0 0 0
-> eth1 000200C0 00000000 0001 0 0 0 00FFFFFF 0 0 0
-> down0 010200C0 00000000 0000 0 0 0 FFFFFFFF 0 0 0
-> host0 070200C0 00000000 0005 0 0 0 FFFFFFFF 0 0 0
-> 20010db8000000000000000000000000 20 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth6
-> 00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 00000003 wwan6
-> 20010db8000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001 eth6
"""


def test_bytes_and_packets_of_every_interface() -> None:
    look = look_of(DEV + "eth0 index 3\nnonsense index x\n")
    assert look.counted == {"lo": Counted(1000, 10, 1000, 10), "eth0": Counted(4294967295, 200, 9000, 300, 3)}
    assert look.leads is None


@pytest.mark.parametrize("text", ["", "garbage", "eth0: 1 2 3", "eth0: " + "x " * 16, ": " + "1 " * 16])
def test_what_is_no_table_counts_nothing(text: str) -> None:
    assert look_of(text).counted == {}


@pytest.mark.parametrize(
    ("line", "interface"),
    [
        ("192.0.2.1 dev eth0 src 192.0.2.2 uid 0", "eth0"),
        ("192.0.2.1 via 10.0.0.1 dev br-lan.7  src 10.0.0.2", "br-lan.7"),
        ("local 192.0.2.2 dev lo src 192.0.2.2 uid 0", "lo"),
        ("2001:db8::1 from :: dev eth0 proto kernel src 2001:db8::2 metric 256 pref medium", "eth0"),
    ],
)
def test_ip_tells_what_leads_there(line: str, interface: str) -> None:
    assert look_of(f"{DEV}-> {line}\n->     cache \n", "192.0.2.1").leads == interface


@pytest.mark.parametrize(
    ("address", "interface"),
    [
        ("192.0.2.9", "eth1"),
        ("192.0.2.7", "host0"),
        ("192.0.2.1", "eth1"),
        ("198.51.100.1", "wwan0"),
        ("127.0.0.1", "lo"),
        ("2001:db8::9", "eth6"),
        ("2001:db8::1", "lo"),
        ("2001:db9::1", "wwan6"),
        ("::1", "lo"),
        ("dut.example", None),
        (None, None),
    ],
)
def test_without_ip_the_routes_tell(address: str | None, interface: str | None) -> None:
    assert look_of(DEV + ROUTE, address).leads == interface


def test_an_own_address_without_ip() -> None:
    assert look_of(f"{DEV}{ROUTE}-> /32 host LOCAL\n", "192.0.2.9").leads == "lo"


def test_no_route_at_all() -> None:
    assert look_of(DEV + "-> Iface Destination Gateway\n", "192.0.2.9").leads is None


def test_a_device_with_the_other_order_of_bytes() -> None:
    rows = "-> eth0 00000000 C0000201 0003 0 0 0 00000000 0 0 0\n-> eth1 C0000200 00000000 0001 0 0 0 FFFFFF00 0 0 0\n-> host0 C0000207 0 0005 0 0 0 FFFFFFFF 0 0 0\n"
    assert [look_of(DEV + rows, f"192.0.2.{last}").leads for last in (9, 7)] == ["eth1", "host0"]


BEFORE = Counted(100, 1, 1000, 10, 3)


@pytest.mark.parametrize(
    ("after", "way", "found"),
    [
        (Counted(150, 3, 1000, 10, 3), "rx", Moved(50, 2)),
        (Counted(150, 3, 1700, 17, 3), "tx", Moved(700, 7)),
        (Counted(99, 3, 1000, 10, 3), "rx", None),
        (Counted(150, 0, 1000, 10, 3), "rx", None),
        (Counted(150, 3, 1000, 10, 4), "rx", None),
        (None, "rx", None),
    ],
)
def test_what_moved_in_between(after: Counted | None, way: str, found: Moved | None) -> None:
    assert moved(BEFORE, after, way, 0) == found
    assert moved(after, BEFORE, way, 0) is None or after == BEFORE


def test_a_narrow_counter_that_may_have_begun_anew_tells_nothing() -> None:
    near = Counted(WRAP - 1000, 1, 0, 0)
    assert moved(near, Counted(WRAP - 10, 9, 0, 0), "rx", 5000) is None
    assert moved(near, Counted(WRAP - 10, 9, 0, 0), "rx", 900) == Moved(990, 8)
    assert moved(near, Counted(WRAP + 4000, 9, 0, 0), "rx", 5000) == Moved(5000, 8), "it has more than 32 bits"
