"""Where an SSH log-in goes: an address, what ssh_config makes of it, the hosts on the way, and what is said of each."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import paramiko
import pytest

from IperfLibrary.connections import ssh, ssh_address
from IperfLibrary.connections.proxy_command import ProxyCommand
from IperfLibrary.connections.ssh import SshConnection
from IperfLibrary.connections.ssh_address import Hop, LoginOptions, resolve, way
from IperfLibrary.connections.ssh_failures import explain, explain_jump, explain_proxy
from IperfLibrary.connections.ssh_login import _proof
from IperfLibrary.errors import ConfigurationError
from IperfLibrary.secret import Password

Config = Callable[[str], None]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir()

    def write(text: str) -> None:
        (tmp_path / ".ssh/config").write_text(text)

    return write


@pytest.fixture(autouse=True)
def _no_config(config: Config) -> None:
    """Not that of whoever runs the tests."""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ssh://root@192.0.2.1", "root@192.0.2.1:22"),
        ("ssh://192.0.2.1:2222/", "192.0.2.1:2222"),
        ("user@MyDut", "user@MyDut:22"),
        ("ssh://me@[2001:DB8::1]:23", "me@2001:DB8::1:23"),
    ],
)
def test_an_address(url: str, shown: str) -> None:
    assert str(resolve(url)) == shown


def test_the_address_counts_before_the_file(config: Config) -> None:
    config("Host *\n User nobody\n Port 1\n ProxyCommand nc %h %p as %r\nHost far\n HostName 192.0.2.1")
    target = resolve("ssh://root@far:2222")
    assert (str(target), target.proxy_command) == ("root@192.0.2.1:2222", "nc 192.0.2.1 2222 as root")
    assert (str(resolve("far")), resolve("far").proxy_command) == ("nobody@192.0.2.1:1", "nc 192.0.2.1 1 as nobody")


def test_lines_before_the_first_host_hold_for_all(config: Config) -> None:
    config("User everybody\nHost far\n Port 3")
    assert str(resolve("far")) == "everybody@far:3"


def test_capitals_count_in_the_file(config: Config) -> None:
    config("Host MyDut\n HostName 192.0.2.1\nHost mydut\n HostName 192.0.2.2")
    assert resolve("ssh://MyDut:22").hostname == "192.0.2.1"
    assert resolve("ssh://mydut@mydut").hostname == "192.0.2.2"


@pytest.mark.parametrize(
    "name", ["a;b", "$(a)", "`a`", "a|b", "a b", "'a'", "-oProxyCommand=a", "a\\", "a&b", "a>b", "{a}"]
)
@pytest.mark.parametrize("url", ["ssh://{}", "ssh://{}@far", "ssh://far?jump={}", "ssh://far?jump=ok,{}@ok"])
def test_what_a_shell_would_take_for_more_than_a_name(url: str, name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"is no name of a host or user|takes nothing but jump hosts"):
        way("dut", resolve(url.format(name)), LoginOptions())


@pytest.mark.parametrize("query", ["jump", "jump=", "jmp=a", "jump=a&x=1", "x"])
def test_what_an_address_does_not_take(query: str) -> None:
    with pytest.raises(ConfigurationError, match="takes nothing but jump hosts behind the question mark") as raised:
        resolve(f"ssh://root@far?{query}")
    assert raised.value.remedy == "write it like ssh://user@host?jump=user@first,user@second"


def test_a_wrong_port_shows_no_password() -> None:
    with pytest.raises(ConfigurationError, match="is no SSH address") as raised:
        resolve("ssh://root:secret@far:ssh?jump=a@b")
    assert "secret" not in str(raised.value)


# -- the way


def hosts(url: str, **options: Any) -> list[str]:
    return [str(hop.target) for hop in way("dut", resolve(url), LoginOptions(**options))]


def test_jump_hosts_of_the_address(config: Config) -> None:
    config("Host far\n ProxyJump elsewhere\nHost b\n ProxyJump nowhere\n Port 5")
    assert hosts("ssh://root@far?jump=me@a:2222, you@b") == ["me@a:2222", "you@b:5", "root@far:22"]
    assert hosts("ssh://root@far?jump=none") == ["root@far:22"]


def test_jump_hosts_have_a_way_of_their_own(config: Config) -> None:
    config("Host far\n ProxyJump b,c\nHost b\n ProxyJump a\nHost a\n ProxyJump z")
    assert hosts("ssh://far") == ["z:22", "a:22", "b:22", "c:22", "far:22"]


@pytest.mark.parametrize("url", ["far", "bastion", "ssh://far?jump=other"])
def test_a_way_to_itself(config: Config, url: str) -> None:
    config("Host *\n ProxyJump bastion")
    with pytest.raises(ConfigurationError, match="goes through the jump host bastion to itself") as raised:
        hosts(url)
    assert raised.value.remedy == "exempt it, before that: Host bastion, with the line ProxyJump none"


def test_a_jump_host_that_is_exempt(config: Config) -> None:
    config("Host bastion\n ProxyJump none\nHost *\n ProxyJump bastion")
    assert hosts("far") == ["bastion:22", "far:22"]


def key(tmp_path: Path) -> str:
    path = tmp_path / "key"
    paramiko.RSAKey.generate(1024).write_private_key_file(str(path), password="phrase")
    return str(path)


def test_the_key_file_is_shown_to_jump_hosts_of_the_address_alone(config: Config, tmp_path: Path) -> None:
    config("Host byfile\n ProxyJump a\nHost a\n IdentityFile /mine")
    options = LoginOptions(key_file=key(tmp_path), password=Password("phrase"))
    by_address, device = map(_proof, way("dut", resolve("far?jump=a"), options))
    by_file = _proof(way("dut", resolve("byfile"), options)[0])
    assert by_address["key_filename"] == [options.key_file, "/mine"]
    assert (by_address["passphrase"], by_address["password"], by_address["allow_agent"]) == ("phrase", None, True)
    assert by_file["key_filename"] == ["/mine"]
    assert (by_file["passphrase"], by_file["password"], by_file["allow_agent"]) == (None, None, True)
    assert device["key_filename"] == [options.key_file]
    assert (device["passphrase"], device["password"], device["allow_agent"]) == ("phrase", None, False)


def test_the_password_is_for_the_device_alone() -> None:
    jump, device = map(_proof, way("dut", resolve("far?jump=a"), LoginOptions(password=Password("secret"))))
    assert (jump["password"], jump["passphrase"], jump["look_for_keys"]) == (None, None, True)
    assert (device["password"], device["passphrase"], device["look_for_keys"]) == ("secret", None, False)


# -- what is said


@pytest.fixture
def hops() -> tuple[Hop, ...]:
    return way("dut", resolve("ssh://root@far?jump=me@a,b:23"), LoginOptions())


@pytest.mark.parametrize(
    ("problem", "kind", "what"),
    [
        (paramiko.ChannelException(1, "Administratively prohibited"), "jump", "passes no connections on"),
        (paramiko.ChannelException(2, "Connect failed"), "unreachable", "cannot connect to it"),
        (paramiko.SSHException("Timeout opening channel."), "timeout", "got no answer from it"),
        (EOFError(), "closed", "closed the connection"),
    ],
)
def test_a_jump_host_that_opens_no_way(hops: tuple[Hop, ...], problem: Exception, kind: str, what: str) -> None:
    error = explain_jump(hops[2], hops[1], problem)
    assert error.what == f"Cannot log in to dut (root@far:22): the jump host b:23 on the way to dut {what}."
    assert error.kind == kind


def test_a_jump_host_that_refuses_the_log_in(hops: tuple[Hop, ...]) -> None:
    error = explain(hops[0], paramiko.AuthenticationException("Authentication failed."))
    assert error.what == "Cannot log in to the jump host me@a:22 on the way to dut: the log-in was refused."
    assert "password=" not in error.remedy
    assert error.remedy.endswith("try it by hand: ssh -p 22 me@a")
    device = explain(hops[2], paramiko.AuthenticationException("Authentication failed."))
    assert device.what == "Cannot log in to dut (root@far:22): the log-in was refused."
    assert device.remedy.endswith("ssh -J me@a,b:23 -p 22 root@far")


def test_what_the_host_behind_a_proxy_command_says_is_its_own(hops: tuple[Hop, ...]) -> None:
    proxy = ProxyCommand("cat")
    proxy.close()
    error = explain_proxy(hops[2], proxy, paramiko.AuthenticationException("no"))
    assert error.what == "Cannot log in to dut (root@far:22): the log-in was refused."


@pytest.mark.parametrize(
    ("end", "told"), [("kill -9 $$", "its ProxyCommand got signal 9: the gateway reboots"), ("exit 0", None)]
)
def test_a_proxy_command_that_failed_is_the_reason(
    connection: SshConnection, monkeypatch: pytest.MonkeyPatch, end: str, told: str | None
) -> None:
    client: Any = connection._chains[0][0]
    proxy = ProxyCommand(f"sh -c 'echo the gateway reboots >&2; {end}'")
    proxy.settimeout(10)
    assert proxy.recv(1) == b""
    proxy.close()
    monkeypatch.setattr(client, "transport", SimpleNamespace(sock=proxy, is_active=lambda: True))
    assert connection.loss() == told
    connection.close()


class Client:
    """What the way to a device consists of."""

    def __init__(self) -> None:
        self.sock, self.other_end = _pair()
        self.active = True
        self.keepalive = 0
        self.transport: Any = self

    def get_transport(self) -> Any:
        return self.transport

    def is_active(self) -> bool:
        return self.active

    def set_keepalive(self, seconds: int) -> None:
        self.keepalive = seconds

    def close(self) -> None:
        self.active = False
        self.sock.close()
        self.other_end.close()


def _pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        return near, server.accept()[0]


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> SshConnection:
    connection = SshConnection("dut", "ssh://root@far?jump=me@a,b")
    monkeypatch.setattr(connection._login, "open", lambda limit: [Client(), Client(), Client()])
    connection._add_chain()
    return connection


def test_a_silent_loss_is_noticed_on_each_part_of_the_way(connection: SshConnection) -> None:
    for client in connection._chains[0]:
        fake: Any = client
        limit = fake.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert (limit, fake.keepalive) == (ssh.SILENCE_LIMIT_MS, ssh.KEEPALIVE)
    connection.close()


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ([], None),
        ([2], None),
        ([1, 2], "the jump host b:22 on the way to dut is gone, or closed the connection"),
        ([0, 1, 2], "the jump host me@a:22 on the way to dut is gone, or closed the connection"),
    ],
)
def test_the_first_part_that_is_gone_is_the_reason(
    connection: SshConnection, gone: list[int], told: str | None
) -> None:
    clients: list[Any] = list(connection._chains[0])
    for index in gone:
        clients[index].active = False
    assert connection.loss() == told
    assert connection._lost(EOFError()).cause == (told or "the device rebooted, or its network is gone")
    connection.close()


def test_the_names_that_count_are_those_of_ssh() -> None:
    assert ssh_address._HOST.fullmatch("fe80::1%eth0")
    assert ssh_address._HOST.fullmatch("my_dut-1.example")
    assert not ssh_address._HOST.fullmatch("DOMAIN\\host")
    assert ssh_address._USER.fullmatch("DOMAIN\\user")
