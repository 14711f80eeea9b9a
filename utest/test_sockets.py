"""Which port a process listens on, from the text that Linux gives of its sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from IperfLibrary.connections.local import LocalConnection
from IperfLibrary.errors import DeviceError
from IperfLibrary.sockets import connected, is_free, listens, waiting_inodes

from .fake import FakeConnection, Script

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ANY = "00000000"
LOOPBACK = "0100007F"
ANY6 = "0" * 32
LISTEN, ESTABLISHED, TIME_WAIT = "0A", "01", "06"


def row(address: str, port: int, state: str, inode: int, remote: int = 0) -> str:
    """A line of /proc/net/tcp, or of tcp6."""
    rest = f"00000000:00000000 00:00000000 00000000     0        0 {inode} 1 ffff9d5c 100 0 0 10 0"
    return f"   0: {address}:{port:04X} {'0' * len(address)}:{remote:04X} {state} {rest}\n"


def fd(number: int, target: str) -> str:
    """A line of ``ls -l /proc/PID/fd``."""
    return f"lrwx------ 1 root root 64 Nov 23 17:00 {number} -> {target}\n"


def seen(text: str, port: int = 5201, pid: int = 7, protocol: str = "tcp") -> bool | None:
    connection = FakeConnection(behaves=lambda words: Script((text.encode(),)))
    return listens(connection, pid, port, protocol)


@pytest.mark.parametrize("address", [ANY, LOOPBACK, "0101A8C0", ANY6, ANY6[:-8] + "01000000"])
def test_it_listens_on_some_address(address: str) -> None:
    assert seen(HEAD + row(address, 5201, LISTEN, 4711) + fd(3, "socket:[4711]"))


def test_it_listens_on_tcp6_only() -> None:
    assert seen(HEAD + row(ANY, 22, LISTEN, 1) + HEAD + row(ANY6, 5201, LISTEN, 4711) + fd(3, "socket:[4711]"))


@pytest.mark.parametrize("state", [ESTABLISHED, TIME_WAIT, "02", "07"])
def test_another_state_is_not_listening(state: str) -> None:
    assert not seen(HEAD + row(ANY, 5201, state, 4711) + fd(3, "socket:[4711]"))


def test_another_process_that_listens_there_does_not_count() -> None:
    assert not seen(HEAD + row(ANY, 5201, LISTEN, 9999) + fd(3, "socket:[4711]"))


def test_its_own_socket_on_another_port_does_not_count() -> None:
    assert not seen(HEAD + row(ANY, 5202, LISTEN, 4711) + row(ANY, 5201, LISTEN, 9999) + fd(3, "socket:[4711]"))


def test_the_start_of_an_inode_is_not_the_inode() -> None:
    assert not seen(HEAD + row(ANY, 5201, LISTEN, 471) + fd(3, "socket:[4711]") + fd(4, "/tmp/471"))


def test_the_port_of_the_far_end_does_not_count() -> None:
    assert not seen(HEAD + row(ANY, 40000, LISTEN, 4711, remote=5201) + fd(3, "socket:[4711]"))


@pytest.mark.parametrize("text", ["", HEAD, "cat: /proc/7/net/tcp: No such file or directory\n", "garbage\n" * 5])
def test_nothing_to_see(text: str) -> None:
    assert not seen(text)


def test_another_one_listens_there_as_well() -> None:
    """Nobody knows who of them gets what comes."""
    text = HEAD + row(ANY, 5201, LISTEN, 4711) + row(LOOPBACK, 5201, LISTEN, 9999) + fd(3, "socket:[4711]")
    assert seen(text) is None
    assert seen(text + fd(4, "socket:[9999]")) is True


# -- who is connected

LITTLE, BIG = "\x7fELF\x01\x01\n", "\x7fELF\x02\x02\n"


def link(remote: str, port: int = 5201, state: str = ESTABLISHED) -> str:
    """A line of a connection with this far end, as the kernel writes it."""
    rest = "00000000:00000000 00:00000000 00000000     0        0 77 1 ffff9d5c 20 4 30 10 -1"
    return f"   0: {'0' * len(remote)}:{port:04X} {remote}:9C40 {state} {rest}\n"


def peers(text: str, port: int = 5201) -> list[str]:
    return connected(FakeConnection(behaves=lambda words: Script((text.encode(),), exit_code=1)), port)


@pytest.mark.parametrize(
    ("head", "cell", "address"),
    [
        (LITTLE, "0300000A", "10.0.0.3"),
        (BIG, "0A000003", "10.0.0.3"),
        (LITTLE, "B80D0120000000000000000001000000", "2001:db8::1"),
        (BIG, "20010DB8000000000000000000000001", "2001:db8::1"),
        (LITTLE, "0000000000000000FFFF00000300000A", "10.0.0.3"),
        (BIG, "00000000000000000000FFFF0A000003", "10.0.0.3"),
        (LITTLE, "000080FE00000000FF005450FE3412FE", "fe80::5054:ff:fe12:34fe"),
    ],
)
def test_who_is_connected(head: str, cell: str, address: str) -> None:
    assert peers(head + HEAD + link(cell)) == [address]


def test_each_is_told_once_in_the_order_of_the_kernel() -> None:
    text = link("0300000A") + link("0200000A") + link("0300000A") + link("0000000000000000FFFF00000300000A")
    assert peers(LITTLE + HEAD + text) == ["10.0.0.3", "10.0.0.2"]


@pytest.mark.parametrize("state", [LISTEN, TIME_WAIT, "02", "03", "04", "05", "07", "09", "0B"])
def test_only_a_connection_that_stands_counts(state: str) -> None:
    assert peers(LITTLE + HEAD + link("0300000A", state=state)) == []


def test_a_client_that_is_gone_is_there_until_its_server_notices() -> None:
    assert peers(LITTLE + HEAD + link("0300000A", state="08")) == ["10.0.0.3"]


@pytest.mark.parametrize("port", [5202, 0x145, 0x451, 0x14510 & 0xFFFF])
def test_a_connection_to_another_port_does_not_count(port: int) -> None:
    assert peers(LITTLE + HEAD + link("0300000A"), port) == []


@pytest.mark.parametrize("cell", ["zzzzzzzz", "03", "0300000A00", "", "0300000A:"])
@pytest.mark.parametrize("text", ["", "cat: /proc/net/tcp: No such file or directory\n"])
def test_what_is_no_address_is_nobody(cell: str, text: str) -> None:
    assert peers(LITTLE + text + link(cell)) == []


def test_a_real_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        here = LocalConnection("here")
        assert connected(here, port) == []
        with socket.create_connection(("127.0.0.1", port)):
            assert connected(here, port) == ["127.0.0.1"]


def test_udp_waits_where_tcp_listens() -> None:
    waits = HEAD + row(ANY, 5201, "07", 4711) + fd(3, "socket:[4711]")
    connected = HEAD + row(ANY, 5201, ESTABLISHED, 4711) + fd(3, "socket:[4711]")
    assert seen(waits, protocol="udp") is True
    assert seen(connected, protocol="udp") is False
    assert seen(waits, protocol="tcp") is False


def test_all_that_listens_on_the_port() -> None:
    text = HEAD + row(ANY, 5201, LISTEN, 1) + row(LOOPBACK, 5201, LISTEN, 2) + row(ANY, 5201, ESTABLISHED, 3)
    assert waiting_inodes(text, 5201) == {"1", "2"}


@pytest.mark.parametrize("port", [1, 255, 4096, 65535])
def test_the_port_is_the_whole_number_behind_the_colon(port: int) -> None:
    assert waiting_inodes(row(ANY, port, LISTEN, 1), port) == {"1"}
    # 0x1451 is 5201; an address may end in the digits of a port, and a port may hold those of another.
    assert waiting_inodes(row("00001451", 22, LISTEN, 1), 0x1451) == set()
    assert waiting_inodes(row(ANY, 0x1451, LISTEN, 1), 0x451) == set()
    assert waiting_inodes(row(ANY, 0x1451, LISTEN, 1), 0x145) == set()


def test_the_children_of_a_wrapper_count() -> None:
    listening, children = HEAD + row(ANY, 5201, LISTEN, 4711), fd(3, "socket:[4711]")

    def answer(words: tuple[str, ...]) -> Script:
        return Script(((listening if "/proc/$1/net" in words[2] else children).encode(),))

    assert listens(FakeConnection(behaves=answer), 7, 5201) is True
    assert listens(FakeConnection(behaves=answer), 7, 5202) is False


def test_no_proc_is_told_at_once() -> None:
    connection = FakeConnection(behaves=lambda words: Script(exit_code=1))
    with pytest.raises(DeviceError, match="whether a server on dut listens: there is no /proc"):
        listens(connection, 7, 5201)


def test_a_device_without_cat_is_told_so() -> None:
    cat = Script((b"cat\n",))
    connection = FakeConnection(behaves=lambda words: cat if words[-1] == "cat" else Script(exit_code=1))
    with pytest.raises(DeviceError, match="the device has no program 'cat'"):
        listens(connection, 7, 5201)


def test_sockets_that_may_not_be_read_are_ours_if_the_port_was_free() -> None:
    """Those of a server that sudo has started."""
    text = HEAD + row(ANY, 5201, LISTEN, 4711) + "not readable\n"
    connection = FakeConnection(behaves=lambda words: Script((text.encode(),)))
    assert listens(connection, 7, 5201, free=True) is True
    assert listens(connection, 7, 5201, free=False) is None
    assert listens(connection, 7, 5202, free=True) is False
    with pytest.raises(DeviceError, match="whose server listens on port 5201"):
        listens(connection, 7, 5201)


def test_a_port_is_free_until_somebody_listens() -> None:
    connection = LocalConnection("here")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        assert is_free(connection, port) is True
        one.listen()
        assert is_free(connection, port) is False


@pytest.fixture
def stranger() -> Iterator[int]:
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process.pid
        process.kill()


def test_a_real_socket_of_a_child(stranger: int) -> None:
    connection = LocalConnection("here")
    script = "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); sys.stdin.read()"
    words = ["sh", "-c", '"$@"; exit 3', "sh", sys.executable, "-c", script]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as wrapper:
        assert wrapper.stdout
        port = int(wrapper.stdout.readline())
        assert listens(connection, wrapper.pid, port) is True
        assert listens(connection, stranger, port) is False


def test_it_looks_at_the_process_in_its_own_network() -> None:
    connection = FakeConnection(behaves=lambda words: Script())
    listens(connection, 4242, 1)
    (process,) = connection.processes
    assert process.words[0] == "sh"
    assert process.words[4:] == ("4242", "tcp")
    assert "n=/proc/$1/net" in process.words[2]


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_real_socket(family: socket.AddressFamily, stranger: int) -> None:
    with socket.socket(family) as one:
        try:
            one.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        except OSError:  # a machine without IPv6 has no such address
            assert family == socket.AF_INET6
            return
        port = one.getsockname()[1]
        connection = LocalConnection("here")
        assert not listens(connection, os.getpid(), port)
        one.listen()
        assert listens(connection, os.getpid(), port)
        assert not listens(connection, stranger, port)
