"""Who holds a port on devices without /proc, from what programs print there.

The samples have the form of real output: macOS' netstat, FreeBSD's sockstat, OpenBSD's netstat and fstat as people have
published them, NetBSD's sockstat after its source, lsof and the programs of Linux as recorded here.
"""

from __future__ import annotations

import pytest

from IperfLibrary.errors import DeviceError
from IperfLibrary.holders import Holders, Programs, found_in, links
from IperfLibrary.sockets import connected, is_free, listens

from .fake import FakeConnection, Script

MACOS = """\
Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp4       0      0  127.0.0.1.5201         127.0.0.1.62965        ESTABLISHED
tcp4       0      0  127.0.0.1.62965        127.0.0.1.5201         CLOSE_WAIT
tcp46      0      0  *.5201                 *.*                    LISTEN
tcp4       0      0  *.5000                 *.*                    LISTEN
udp4       0      0  *.5201                 *.*
udp4       0      0  10.0.0.2.5202          10.0.0.9.4000
"""
OPENBSD = """\
Active Internet connections (including servers)
Proto   Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp          0      0  192.168.56.101.22      192.168.56.1.44582     ESTABLISHED
tcp          0      0  *.22                   *.*                    LISTEN
tcp          0      0  *.80                   *.*                    LISTEN
Active Internet connections (including servers)
Proto   Recv-Q Send-Q  Local Address          Foreign Address        (state)
tcp6         0      0  fe80::1%lo0.25         *.*                    LISTEN
tcp6         0      0  *.80                   *.*                    LISTEN
"""
OPENBSD_FILES = """\
www      httpd2     22930    3* internet stream tcp 0xffff8000008e9660 *:80
www      httpd2     22930    4* internet6 stream tcp 0xffff8000008e9440 *:80
tester   ssh         4321    3* internet stream tcp 0x0 10.0.0.2:5000 --> 10.0.0.1:80
root     unbound       99    5* internet dgram udp 0x0 127.0.0.1:53
"""
FREEBSD = """\
USER     COMMAND    PID   FD  PROTO  LOCAL ADDRESS         FOREIGN ADDRESS
root     Xvnc        2585 4   tcp4   127.0.0.1:5910        *:*
root     xrdp        2580 13  tcp46  *:3389                *:*
root     sshd       45933 4   tcp4   192.168.5.2:22        192.168.5.4:59217
root     sshd       815   4   tcp6   *:22                  *:*
ntpd     ntpd        1127 21  udp4   *:123                 *:*
"""
NETBSD = """\
USER     COMMAND    PID   FD PROTO  LOCAL ADDRESS         FOREIGN ADDRESS
root     iperf3     1234   3 tcp6   *.5201                *.*
root     iperf      99     3 udp    10.0.0.2.5001         *.*
"""
LSOF = "p19556\nd3828200\nPTCP\nn*:5298\nd3828203\nPTCP\nn[::1]:5298\n"
LSOF_UDP = "p77\nd0xa42a1d0ade5d3585\nPUDP\nn*:5298\nd0xa42a1d0ade5d3586\nPUDP\nn10.0.0.2:5298->10.0.0.9:1\n"
SS = """\
State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
LISTEN 0      128          0.0.0.0:5298      0.0.0.0:*    users:(("python3",pid=19556,fd=3))
LISTEN 0      128            [::1]:5298         [::]:*
UNCONN 0      0            0.0.0.0:5299      0.0.0.0:*
ESTAB 0      0          127.0.0.1:5298     127.0.0.1:33212
"""
NETSTAT = """\
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
tcp        0      0 0.0.0.0:5298            0.0.0.0:*               LISTEN      19556/python3
tcp6       0      0 ::1:5298                :::*                    LISTEN      -
udp        0      0 0.0.0.0:5299            0.0.0.0:*                           12/iperf
tcp        0      0 127.0.0.1:5298          127.0.0.1:33212         ESTABLISHED 19556/python3
"""


def held(state: str, names: str, program: str, port: int, protocol: str = "tcp") -> Holders:
    return found_in(state, names, Programs("netstat", program), port, protocol)


def by(*pids: int, nameless: int = 0) -> Holders:
    return Holders(frozenset(pids), nameless)


@pytest.mark.parametrize(
    ("state", "names", "program", "port", "protocol", "expected"),
    [
        (MACOS, "p7\nd0x1\nPTCP\nn*:5201\n", "lsof", 5201, "tcp", by(7)),
        (MACOS, "", "lsof", 5201, "tcp", by(nameless=1)),
        (MACOS, "", "lsof", 520, "tcp", by()),
        (MACOS, "", "lsof", 62965, "tcp", by()),
        (MACOS, "", "", 5201, "udp", by(nameless=1)),
        (MACOS, "", "", 5202, "udp", by()),
        ("", LSOF, "lsof", 5298, "tcp", by(19556)),
        ("", LSOF_UDP, "lsof", 5298, "udp", by(77)),
        ("", LSOF_UDP, "lsof", 1, "udp", by()),
        (OPENBSD, OPENBSD_FILES, "fstat", 80, "tcp", by(22930)),
        (OPENBSD, OPENBSD_FILES.split("\n", 1)[0], "fstat", 80, "tcp", by(22930, nameless=1)),
        ("", OPENBSD_FILES, "fstat", 80, "tcp", by()),
        ("", OPENBSD_FILES, "fstat", 53, "udp", by(99)),
        ("", OPENBSD_FILES, "fstat", 53, "tcp", by()),
        ("", FREEBSD, "sockstat", 3389, "tcp", by(2580)),
        ("", FREEBSD, "sockstat", 22, "tcp", by(815)),
        ("", FREEBSD, "sockstat", 123, "udp", by(1127)),
        ("", FREEBSD, "sockstat", 123, "tcp", by()),
        ("", NETBSD, "sockstat", 5201, "tcp", by(1234)),
        ("", NETBSD, "sockstat", 5001, "udp", by(99)),
        (SS, "", "", 5298, "tcp", by(19556, nameless=1)),
        (SS, "", "", 5299, "udp", by(nameless=1)),
        (NETSTAT, "", "", 5298, "tcp", by(19556, nameless=1)),
        (NETSTAT, "", "", 5299, "udp", by(12)),
        ("garbage\n" * 3, "garbage\n\nn*:1\n", "lsof", 5201, "tcp", by()),
        ("", "", "", 5201, "tcp", by()),
    ],
)
def test_who_holds_a_port(state: str, names: str, program: str, port: int, protocol: str, expected: Holders) -> None:
    assert held(state, names, program, port, protocol) == expected


class Device(FakeConnection):
    """One without /proc; ``works`` are the programs that do there."""

    def __init__(self, works: str, state: str = "", names: str = "", family: str = "") -> None:
        super().__init__(behaves=self._behaves_so)
        self.works, self.state, self.names, self.kin = works, state, names, family
        self.asked = 0

    def _behaves_so(self, words: tuple[str, ...]) -> Script:
        script = words[2]
        if "/proc" in script:
            return Script(exit_code=1)
        if "asked" in script:
            self.asked += 1
            return Script((f"{self.works} asked\n".encode(),))
        if "echo ==" in script:
            return Script((f"{self.state}==\n{self.names}".encode(),))
        return Script(((self.kin if "pgid" in script else self.state).encode(),))


def mac(*pids: int, state: str = MACOS, family: str = "") -> Device:
    names = "".join(f"p{pid}\nd0x{pid}\nPTCP\nn*:5201\n" for pid in pids)
    return Device("lsof netstat", state, names, family)


def test_it_is_this_process_that_listens() -> None:
    assert listens(mac(7), 7, 5201) is True
    assert listens(mac(8), 7, 5201) is False
    assert listens(mac(state=""), 7, 5201) is False


def test_children_and_the_group_count_and_others_do_not() -> None:
    family = "    1     0     1\n    8     7     7\n    9     1     7\n   10     1    10\n"
    assert listens(mac(8, family=family), 7, 5201) is True
    assert listens(mac(9, family=family), 7, 5201) is True
    assert listens(mac(10, family=family), 7, 5201) is False
    assert listens(mac(7, 8, family=family), 7, 5201) is True


def test_another_one_listens_there_as_well() -> None:
    assert listens(mac(7, 10), 7, 5201) is None
    assert listens(mac(7, state=MACOS + "tcp4  0  0  127.0.0.1.5201  *.*  LISTEN\n"), 7, 5201) is None


def test_what_has_no_name_is_ours_if_the_port_was_free() -> None:
    device = Device("netstat", MACOS)
    assert listens(device, 7, 5201, free=True) is True
    assert listens(device, 7, 5201, free=False) is None
    with pytest.raises(DeviceError, match="whose server listens on port 5201 of dut") as caught:
        listens(device, 7, 5201)
    assert caught.value.remedy


def test_whether_a_port_is_free() -> None:
    assert is_free(Device("netstat", MACOS), 5201) is False
    assert is_free(Device("netstat", MACOS), 5202) is True
    assert is_free(Device(""), 5201) is None


def test_the_device_is_asked_once_what_works_there() -> None:
    device = mac(7)
    for _ in range(3):
        listens(device, 7, 5201)
    assert device.asked == 1


def test_nothing_tells() -> None:
    with pytest.raises(DeviceError, match="none of lsof, sockstat, fstat, ss and netstat") as caught:
        listens(Device(""), 7, 5201)
    assert "install lsof" in str(caught.value)


@pytest.mark.parametrize(
    ("works", "text", "port", "expected"),
    [
        ("netstat", MACOS, 5201, ["127.0.0.1"]),
        ("netstat", MACOS, 62965, []),
        ("netstat", OPENBSD, 22, ["192.168.56.1"]),
        ("ss", SS, 5298, ["127.0.0.1"]),
        ("ss", "ESTAB 0 0 [2001:db8::1]:5201 [2001:db8::2]:40000\n", 5201, ["2001:db8::2"]),
        ("ss", "ESTAB 0 0 [::ffff:10.0.0.1]:5201 [::ffff:10.0.0.3]:40000\n", 5201, ["10.0.0.3"]),
        ("", MACOS, 5201, []),
    ],
)
def test_who_is_connected(works: str, text: str, port: int, expected: list[str]) -> None:
    assert links(Device(works, text), port) == expected
    assert connected(Device(works, text), port) == expected
