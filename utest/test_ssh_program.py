"""The words and the errors of ``ssh`` on another device, from texts of OpenSSH and of dropbear."""

from __future__ import annotations

import pytest

from IperfLibrary.connections import connect
from IperfLibrary.connections.ssh_program import SshProgramConnection
from IperfLibrary.errors import ConfigurationError, DeviceError

from .fake import FakeConnection, Script
from .test_connection import scripted

OPENSSH = Script((b"ssh OpenSSH_9.2p1 Debian-2+deb12u3, OpenSSL 3.0.14\n",))
DROPBEAR = Script((b"ssh Dropbear v2022.83\n",))


def inner(
    url: str = "ssh://root@192.0.2.7:2222", outer: FakeConnection | None = None, **login: str
) -> SshProgramConnection:
    return SshProgramConnection("inner", url, outer or FakeConnection("outer"), **login)


def words(*scripts: Script, **login: str) -> str:
    return " ".join(inner(outer=scripted(*scripts), **login)._way(("a b", "!")))


def test_the_words_of_openssh() -> None:
    line = words(OPENSSH, key_file="/k", host_key="accept-new")
    assert line.startswith("ssh -T -o BatchMode=yes ")
    assert line.endswith(r" -o StrictHostKeyChecking=accept-new -p 2222 -i /k root@192.0.2.7 exec 'a b' ''\!''")


def test_the_words_of_dropbear() -> None:
    assert words(DROPBEAR, host_key="ignore").startswith("ssh -T -K 10 -y -y -p 2222 root@192.0.2.7 exec ")
    assert "-o" not in words(DROPBEAR).split()


def test_the_program_is_looked_for_once() -> None:
    outer = scripted(OPENSSH)
    one = inner("ssh://h", outer)
    assert one._way(("a",))[-2:] == (*one._way(("b",))[-2:-1], "exec a")
    assert len(outer.processes) == 1
    assert "-p" not in one._way(("a",))


def test_no_ssh_program() -> None:
    with pytest.raises(DeviceError, match="has no SSH program to reach inner with") as raised:
        words(Script(exit_code=127))
    assert raised.value.kind == "program"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("root@192.0.2.7: Permission denied (publickey).", "log_in"),
        ("ssh: connect to host 192.0.2.7 port 22: Connection refused", "refused"),
        ("ssh: connect to host 192.0.2.7 port 22: Connection timed out", "timeout"),
        ("ssh: connect to host 192.0.2.7 port 22: No route to host", "unreachable"),
        ("ssh: connect to host 192.0.2.7 port 22: Network is unreachable", "unreachable"),
        ("ssh: Could not resolve hostname h: Name or service not known", "resolve"),
        (
            "No ED25519 host key is known for h and you have requested strict checking.\nHost key verification failed.",
            "host_key",
        ),
        ("@  WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!  @\nHost key verification failed.", "host_key"),
        ("kex_exchange_identification: Connection closed by remote host", "closed"),
        ("\nHost 'h' is not in the trusted hosts file.\nDo you want to continue connecting? (y/n) ", "host_key"),
        ("dbclient: Connection to root@h:22 exited: No auth methods could be used.", "log_in"),
        ("root@h's password: ", "log_in"),
        (
            "dbclient: Connection to root@h:22 exited: Error resolving 'h' port '22'. Name or service not known",
            "resolve",
        ),
        ("dbclient: Connection to root@h:9 exited: Connect failed: Connection refused", "refused"),
    ],
)
def test_what_it_says_is_explained(said: str, kind: str) -> None:
    told = inner()._explain(said)
    assert told
    assert told.kind == kind
    assert told.said == said
    assert "Cannot log in to inner (root@192.0.2.7) from outer: " in str(told)
    assert "try it by hand on outer: ssh -p 2222 root@192.0.2.7" in told.remedy


def test_what_means_nothing_is_not_explained() -> None:
    assert inner()._explain("This account is currently not available.") is None


def test_a_password_has_nowhere_to_go() -> None:
    with pytest.raises(ConfigurationError, match="inner takes no 'password='") as raised:
        connect("inner", "ssh://root@h", through=FakeConnection("outer"), password="very-secret")
    assert "very-secret" not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["ssh://", "ssh://-oProxyCommand=x", "ssh://-l@h", "ssh://h:0x", "ssh://h/path", "ssh://u:p@h"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        inner(url)
    assert "u:p" not in str(raised.value)


def test_a_rule_for_host_keys_that_is_none() -> None:
    with pytest.raises(ConfigurationError, match="host_key is one of check, accept-new, ignore, not 'yes'"):
        inner(host_key="yes")


@pytest.mark.parametrize(("url", "way"), [("local", "local"), ("dummy:h", "local"), ("ssh://h", "dummy:h")])
def test_what_cannot_be_reached_through_a_device(url: str, way: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be reached through outer"):
        connect("inner", url, through=connect("outer", way))


def test_the_host_is_that_of_the_inner_device() -> None:
    assert inner().host == "192.0.2.7"
    assert inner("ssh://[2001:db8::1]").host == "2001:db8::1"
