"""The program in place of a socket to an SSH server: what it says arrives, its end is noticed, nothing of it stays."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from IperfLibrary.connections import proxy_command
from IperfLibrary.connections.proxy_command import ProxyCommand
from IperfLibrary.connections.ssh_address import LoginOptions
from IperfLibrary.connections.ssh_login import Login
from IperfLibrary.errors import DeviceError

from .processes import comes

LIMIT = 10.0


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")


def children() -> set[int]:
    """Also those that ended and nobody has waited for."""
    return {
        int(pid) for pid in Path(f"/proc/self/task/{threading.main_thread().native_id}/children").read_text().split()
    }


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    before = children(), set(os.listdir("/proc/self/fd"))
    yield
    assert children() <= before[0]
    assert comes(lambda: set(os.listdir("/proc/self/fd")) <= before[1])  # paramiko's thread closes in its own time


def gone(pid: int) -> bool:
    """Whether a process that is nobody's child here has ended."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z"):
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


def all_of(proxy: ProxyCommand) -> bytes:
    proxy.settimeout(LIMIT)
    kept = b""
    while data := proxy.recv(100):
        kept += data
    return kept


def test_it_carries_bytes_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_command, "BY_ITSELF", LIMIT)
    proxy = ProxyCommand("cat")
    proxy.settimeout(LIMIT)
    assert proxy.send(b"\0hello") == 6
    assert proxy.recv(100) == b"\0hello"
    proxy.close()
    assert proxy.exit_code == 0


def test_a_shell_reads_the_command() -> None:
    proxy = ProxyCommand("""printf '%s' "$((40 + 2)) "'$x' 2>/dev/null""")
    assert all_of(proxy) == b"42 $x"
    proxy.close()


def test_a_silent_one_is_a_timeout() -> None:
    proxy = ProxyCommand("cat")
    proxy.settimeout(0.01)
    with pytest.raises(socket.timeout):
        proxy.recv(1)
    proxy.close()


@pytest.mark.parametrize(("command", "code"), [("sh -c 'exit 7'", 7), ("true", 0), ("no-such-program-at-all", 127)])
def test_its_end_and_why_are_noticed(command: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_command, "BY_ITSELF", LIMIT)
    proxy = ProxyCommand(command)
    assert all_of(proxy) == b""
    proxy.close()
    assert proxy.exit_code == code


def test_the_end_of_what_it_said_is_kept() -> None:
    proxy = ProxyCommand("sh -c 'for n in 1 2 3; do printf %01000d $n; done >&2; echo gone >&2'")
    assert all_of(proxy) == b""
    proxy.close()
    assert proxy.said.endswith("00003gone")
    assert len(proxy.said) == proxy_command.SAID - 1


@pytest.mark.parametrize("ignores", ["", 'trap "" TERM; '])
def test_a_script_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch, ignores: str) -> None:
    """Neither of them looks at its input."""
    monkeypatch.setattr(proxy_command, "GRACE", 0.1)
    proxy = ProxyCommand(f"sh -c '{ignores}sleep 1000 & echo $!; wait; sleep 1000'")
    proxy.settimeout(LIMIT)
    pid = int(proxy.recv(100))
    proxy.close()
    assert gone(pid)
    assert proxy.exit_code is None


def test_what_a_script_left_is_ended() -> None:
    proxy = ProxyCommand("sh -c 'sleep 1000 & echo $!'")
    proxy.settimeout(LIMIT)
    pid = int(proxy.recv(100))
    proxy.close()
    assert gone(pid)


def test_it_may_be_closed_from_several_threads() -> None:
    proxy = ProxyCommand("cat")
    threads = [threading.Thread(target=proxy.close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    proxy.close()
    assert proxy._closed
    with pytest.raises(OSError, match="Bad file descriptor"):
        proxy.recv(1)


def test_without_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/no/such/shell")
    with pytest.raises(OSError, match="/no/such/shell"):
        ProxyCommand("cat")


def test_ctrl_c_is_not_for_it() -> None:
    proxy = ProxyCommand("sh -c 'ps -o pgid= -p $$'")
    assert int(all_of(proxy)) != os.getpgrp()
    proxy.close()


def test_it_ends_with_a_controller_that_is_killed() -> None:
    program = (
        "import time; from IperfLibrary.connections.proxy_command import ProxyCommand;"
        "proxy = ProxyCommand('cat'); print(proxy._process.pid, flush=True); time.sleep(1000)"
    )
    controller = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert controller.stdout
    with controller.stdout as said:
        pid = int(said.readline())
    controller.send_signal(signal.SIGKILL)
    controller.wait()
    assert gone(pid)


# -- as a part of a log-in


def login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> Login:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/config").write_text(f"Host far\n ProxyCommand {command}\n")
    return Login("dut", "ssh://root@far", LoginOptions(host_key="ignore"))


def test_a_log_in_through_one_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        DeviceError, match=r"no answer through its ProxyCommand \('Host far' in ~/.ssh/config\)"
    ) as raised:
        login(tmp_path, monkeypatch, "sleep 1000").open(0.2)
    assert raised.value.kind == "timeout"


def test_a_log_in_through_one_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeviceError, match="ended with exit code 3") as raised:
        login(tmp_path, monkeypatch, "sh -c 'echo no way to %h:%p as %r >&2; exit 3' secret-of-the-proxy").open(5)
    assert (raised.value.kind, raised.value.said) == ("proxy_command", "no way to far:22 as root")
    assert "secret-of-the-proxy" not in str(raised.value)
    assert raised.value.__context__ is None


def test_a_log_in_through_one_that_cannot_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/no/such/shell")
    with pytest.raises(DeviceError, match=r"Cannot log in to dut \(root@far:22\)") as raised:
        login(tmp_path, monkeypatch, "cat").open(5)
    assert "/no/such/shell" in raised.value.said
