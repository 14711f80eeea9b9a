"""Ping in its dialects: real output, and what follows from it."""

from __future__ import annotations

import pytest

from IperfLibrary.ping import PATIENCE, Reply, forms, kind_of, patience, pending, probes, replies

IPUTILS = """\
PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.219 ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.038 ms

--- 127.0.0.1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 820ms
rtt min/avg/max/mdev = 0.031/0.072/0.219/0.073 ms
"""
IPUTILS_6 = """\
PING ::1(::1) 56 data bytes
64 bytes from ::1: icmp_seq=1 ttl=64 time=0.238 ms
64 bytes from ::1: icmp_seq=2 ttl=64 time=0.033 ms
"""
BUSYBOX = """\
PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.047 ms
64 bytes from 127.0.0.1: seq=1 ttl=64 time=0.057 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 2 packets received, 33% packet loss
round-trip min/avg/max = 0.047/0.063/0.073 ms
"""
BUSYBOX_6 = """\
PING ::1 (::1): 56 data bytes
64 bytes from ::1: seq=0 ttl=64 time=0.048 ms
64 bytes from ::1: seq=1 ttl=64 time=0.066 ms
"""
TOYBOX = """\
Ping 127.0.0.1 (127.0.0.1): 56(84) bytes.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0 ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=3 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss
round-trip min/avg/max = 0/0/0 ms
"""
MACOS = """\
PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 time=0.046 ms
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.125 ms
Request timeout for icmp_seq 2

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 2 packets received, 33.3% packet loss
round-trip min/avg/max/stddev = 0.046/0.085/0.125/0.039 ms
"""
MACOS_6 = """\
PING6(56=40+8+8 bytes) ::1 --> ::1
16 bytes from ::1, icmp_seq=0 hlim=64 time=0.068 ms
16 bytes from ::1, icmp_seq=1 hlim=64 time=0.113 ms
"""
BEYOND = """\
PING 198.19.255.1 (198.19.255.1) 56(84) bytes of data.
From 21.4.3.209 icmp_seq=1 Destination Port Unreachable
From 21.4.3.209 icmp_seq=2 Destination Port Unreachable
no answer yet for icmp_seq=3
"""


def timed(text: str) -> list[tuple[float, str]]:
    return [(float(at), line) for at, line in enumerate(text.splitlines())]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (IPUTILS, [(1, 0.219), (2, 0.038)]),
        (IPUTILS_6, [(1, 0.238), (2, 0.033)]),
        (BUSYBOX, [(0, 0.047), (1, 0.057)]),
        (BUSYBOX_6, [(0, 0.048), (1, 0.066)]),
        (TOYBOX, [(1, 0.0), (2, 3.0)]),
        (MACOS, [(0, 0.046), (1, 0.125)]),
        (MACOS_6, [(0, 0.068), (1, 0.113)]),
        (BEYOND, []),
    ],
)
def test_replies(text: str, found: list[tuple[int, float]]) -> None:
    assert [(reply.number, reply.rtt_ms) for reply in replies(timed(text))] == found


def test_who_tells_whole_milliseconds_is_known() -> None:
    assert all(reply.whole for reply in replies(timed(TOYBOX)))
    assert not any(reply.whole for reply in replies(timed(IPUTILS)))


def test_what_came_twice_counts_once_and_numbers_go_on_when_they_begin_anew() -> None:
    text = "".join(f"64 bytes from x: icmp_seq={n} ttl=1 time=1 ms{end}\n" for n, end in [(65534, ""), (65535, "")])
    text += "64 bytes from x: icmp_seq=65535 ttl=1 time=9.0 ms (DUP!)\n64 bytes from x: icmp_seq=1 ttl=1 time=1.0 ms\n"
    assert [reply.number for reply in replies(timed(text))] == [65534, 65535, 65537]


def reply(number: int, moment: float, rtt_ms: float = 0.0) -> Reply:
    return Reply(number, moment, rtt_ms)


def test_a_probe_is_sent_before_its_reply() -> None:
    assert reply(1, 10.0, 500.0).sent == 9.5


def test_what_is_missing_between_replies_is_lost_at_its_time() -> None:
    found = probes([reply(1, 10.0), reply(4, 10.6)], 0.2, 10.6)
    assert [(round(sent.moment, 3), sent.rtt_ms) for sent in found] == [
        (10.0, 0),
        (10.2, None),
        (10.4, None),
        (10.6, 0),
    ]


def test_what_is_missing_at_the_start_is_lost() -> None:
    assert [sent.rtt_ms for sent in probes([reply(3, 10.0)], 0.2, 10.0)] == [None, None, 0.0]


def test_at_the_end_only_what_had_its_time_is_lost() -> None:
    found = probes([reply(1, 10.0)], 0.2, 11.5)
    assert [(round(sent.moment, 3), sent.rtt_ms) for sent in found[1:]] == [(10.2, None), (10.4, None)]


def test_round_trips_of_seconds_get_more_time() -> None:
    assert patience([reply(1, 10.0, 3000.0)]) == 6.0
    assert patience([reply(1, 10.0, 1.0)]) == PATIENCE
    assert len(probes([reply(1, 10.0, 3000.0)], 0.2, 12.0)) == 1


def test_pending() -> None:
    assert pending([reply(1, 10.0)], 0.2, 10.3)
    assert not pending([reply(1, 10.0)], 0.2, 10.1)
    assert not pending([], 0.2, 10.1)


def test_no_reply_is_no_probe() -> None:
    assert probes([], 0.2, 100.0) == []


def words(*more: object) -> list[str]:
    return [" ".join(form.words) for form in forms(*more)]  # type: ignore[arg-type]


def test_forms() -> None:
    assert words("10.0.0.1") == [
        "ping -n -c 999999 -i 0.2 10.0.0.1",
        "ping -c 999999 -i 0.2 10.0.0.1",
        "ping -c 999999 10.0.0.1",
    ]
    assert "ping6 -n -c 999999 -i 0.2 fd00::1" in words("fd00::1")
    assert words("dut", 6)[0] == "ping -n -6 -c 999999 -i 0.2 dut"
    assert words("dut", None, "10.0.0.9")[0] == "ping -n -I 10.0.0.9 -c 999999 -i 0.2 dut"
    assert "ping -n -S 10.0.0.9 -c 999999 -i 0.2 dut" in words("dut", None, "10.0.0.9")
    assert [form.every for form in forms("x")] == [0.2, 0.2, 1.0]


@pytest.mark.parametrize(
    ("said", "code", "kind"),
    [
        ("ping: permission denied (are you root?)", 1, "permission"),
        ("ping: socket SOCK_DGRAM 1: Permission denied\nKernel bug workaround:\necho 0", 1, "permission"),
        (
            "ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\nping: => missing cap_net_raw+p",
            2,
            "permission",
        ),
        ("sh: ping: not found", 127, "program"),
        ("ping: nosuchhost.invalid: Temporary failure in name resolution", 2, "resolve"),
        ("ping: bad address 'nosuchhost.invalid'", 1, "resolve"),
        ("ping: connect: Network is unreachable", 2, "unreachable"),
        ("ping: sendto: Network is unreachable", 1, "unreachable"),
        ("ping: invalid option -- 'n'\n\nUsage: ping [OPTIONS] HOST", 1, "usage"),
        ("ping: Unknown option 'n' (see \"ping --help\")", 1, "usage"),
        ("ping: bad timing interval: 0.2", 1, "usage"),
        ("PING 198.19.255.1 (198.19.255.1): 56 data bytes", None, "silent"),
    ],
)
def test_kind_of(said: str, code: int | None, kind: str) -> None:
    assert kind_of(said, code) == kind
