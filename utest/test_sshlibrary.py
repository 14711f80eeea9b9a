"""Devices on sessions of SSHLibrary: which session it is, what is said when it cannot be used, that it stays as it is."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import paramiko
import pytest
from SSHLibrary import SSHLibrary

from IperfLibrary.connections import connect
from IperfLibrary.connections.sshlibrary import SshLibraryConnection
from IperfLibrary.errors import ConfigurationError, DeviceError
from IperfLibrary.secret import Password


class Transport:
    """``gives`` is what comes of asking for a channel."""

    def __init__(self) -> None:
        self.active = self.authenticated = True
        self.gives: Any = SimpleNamespace(settimeout=lambda limit: None)

    def is_active(self) -> bool:
        return self.active

    def is_authenticated(self) -> bool:
        return self.authenticated

    def open_session(self, timeout: float, **sizes: int) -> Any:
        if isinstance(self.gives, BaseException):
            raise self.gives
        return self.gives


class Client:
    """paramiko's, as SSHLibrary has one in each of its own."""

    def __init__(self) -> None:
        self.transport: Transport | None = Transport()
        self.closed = False

    def get_transport(self) -> Transport | None:
        return self.transport

    def close(self) -> None:
        self.closed, self.transport = True, None


def opened(library: SSHLibrary, host: str, alias: str | None = None) -> Client:
    library.open_connection(host, alias=alias)
    library.current.client = client = Client()
    return client


def added(url: str, **libraries: object) -> SshLibraryConnection:
    connection = connect("dut", url, libraries=lambda: libraries, password=None, key_file=None, host_key=None)
    assert isinstance(connection, SshLibraryConnection)
    return connection


@pytest.fixture
def ssh() -> SSHLibrary:
    library = SSHLibrary()
    opened(library, "192.0.2.1", "one")
    opened(library, "192.0.2.2", "two")
    return library


# -- which session


@pytest.mark.parametrize("url", ["sshlibrary:", "sshlibrary", "SSHLibrary:", "sshlibrary://"])
def test_it_is_the_one_that_is_current_now(ssh: SSHLibrary, url: str) -> None:
    connection = added(url, SSHLibrary=ssh)
    assert connection.host == "192.0.2.2"
    ssh.switch_connection("one")
    assert connection.host == "192.0.2.2"


def test_the_same_words_may_mean_another_session_by_now(ssh: SSHLibrary) -> None:
    """So a device that is added again is only kept where its session is still the current one."""
    first, again = added("sshlibrary:", SSHLibrary=ssh), added("sshlibrary:", SSHLibrary=ssh)
    assert first.leads_where(again)
    ssh.switch_connection("one")
    assert not first.leads_where(added("sshlibrary:", SSHLibrary=ssh))
    assert first.leads_where(added("sshlibrary:two", SSHLibrary=ssh))


@pytest.mark.parametrize("url", ["sshlibrary:one", "sshlibrary:1", "sshlibrary://one", "sshlibrary:ONE"])
def test_it_is_the_one_that_is_named_and_the_current_one_stays(ssh: SSHLibrary, url: str) -> None:
    connection = added(url, Easter=sys, SSHLibrary=ssh)
    connection._channel()
    assert connection.host == "192.0.2.1"
    assert ssh.get_connection(alias=True) == "two"


def test_libraries_of_any_name_and_kind_are_searched(ssh: SSHLibrary) -> None:
    class Better(SSHLibrary):  # type: ignore[misc]
        """What some people make of it."""

    other = Better()
    opened(other, "192.0.2.3", "three")
    assert added("sshlibrary:three", Mine=ssh, Router=other).host == "192.0.2.3"
    assert added("sshlibrary:one", Mine=ssh, Router=other).host == "192.0.2.1"


@pytest.mark.parametrize(("alias", "described"), [("one", "a session 'one'"), ("", "a current session")])
def test_several_libraries_with_such_a_session(ssh: SSHLibrary, alias: str, described: str) -> None:
    other = SSHLibrary()
    opened(other, "192.0.2.3", "one")
    with pytest.raises(ConfigurationError) as raised:
        added(f"sshlibrary:{alias}", SSHLibrary=ssh, Router=other)
    assert raised.value.what == f"Several SSHLibraries have {described} (for dut): SSHLibrary, Router."
    assert raised.value.remedy == f"say which: sshlibrary:{alias}?library=SSHLibrary"
    assert added(f"sshlibrary:{alias}?library=Router", SSHLibrary=ssh, Router=other).host == "192.0.2.3"


def test_one_library_under_two_names_is_one(ssh: SSHLibrary) -> None:
    """Robot makes no second one where the arguments are the same."""
    assert added("sshlibrary:one", SSHLibrary=ssh, Router=ssh).host == "192.0.2.1"
    assert added("sshlibrary:one?library=Router", SSHLibrary=ssh, Router=ssh).host == "192.0.2.1"


def test_a_library_without_a_current_session_is_not_meant(ssh: SSHLibrary) -> None:
    assert added("sshlibrary:", Router=SSHLibrary(), SSHLibrary=ssh).host == "192.0.2.2"


# -- what there is not


@pytest.mark.parametrize("loaded", [True, False])
def test_no_such_library(monkeypatch: pytest.MonkeyPatch, loaded: bool) -> None:
    if not loaded:
        monkeypatch.delitem(sys.modules, "SSHLibrary")
    with pytest.raises(ConfigurationError, match="There is no SSHLibrary in this suite, whose session dut") as raised:
        added("sshlibrary:", BuiltIn=object())
    assert "pip install 'robotframework-iperflibrary[sshlibrary]'" in raised.value.remedy
    assert ("SSHLibrary" in sys.modules) is loaded


def test_no_library_of_that_name(ssh: SSHLibrary) -> None:
    with pytest.raises(ConfigurationError, match=r"no SSHLibrary called 'Ruter' .*Did you mean 'Router'\?"):
        added("sshlibrary:one?library=Ruter", Router=ssh, SSHLibrary=ssh)


def test_no_session_of_that_name(ssh: SSHLibrary) -> None:
    opened(ssh, "192.0.2.3")
    with pytest.raises(ConfigurationError, match=r"no session 'ona' \(for dut\)\. Did you mean 'one'\?") as raised:
        added("sshlibrary:ona", SSHLibrary=ssh)
    assert raised.value.cause == "open are: 1 (one) with 192.0.2.1, 2 (two) with 192.0.2.2, 3 with 192.0.2.3"


@pytest.mark.parametrize("url", ["sshlibrary:two", "sshlibrary:2", "sshlibrary:", "sshlibrary:3", "sshlibrary:0"])
def test_a_session_that_is_closed_is_none(ssh: SSHLibrary, url: str) -> None:
    ssh.close_connection()
    with pytest.raises(ConfigurationError, match="SSHLibrary has no") as raised:
        added(url, SSHLibrary=ssh)
    assert raised.value.cause == "open are: 1 (one) with 192.0.2.1"


def test_what_is_said_of_a_log_in_is_for_nobody(ssh: SSHLibrary) -> None:
    with pytest.raises(ConfigurationError, match="takes no password=: the suite has logged in already"):
        connect("dut", "sshlibrary:", libraries=lambda: {"SSHLibrary": ssh}, password=Password("x"))


def test_nobody_else_gets_the_libraries() -> None:
    assert connect("dut", "local", libraries=lambda: {}).host == "127.0.0.1"


# -- what can happen to it


def test_one_that_was_closed(ssh: SSHLibrary) -> None:
    connection = added("sshlibrary:", SSHLibrary=ssh)
    assert connection.loss() is None
    ssh.close_connection()
    with pytest.raises(DeviceError, match=r"with 192\.0\.2\.2, which dut uses, was closed\.") as raised:
        connection._channel()
    assert "sshlibrary:alias" in raised.value.remedy
    assert connection.loss() == "the suite closed its session, by Close Connection or Close All Connections"
    assert not connection.answers(1)


@pytest.mark.parametrize("closes", ["close_connection", "close_all_connections", None])
def test_one_that_was_opened_again_under_its_alias(ssh: SSHLibrary, closes: str | None) -> None:
    connection = added("sshlibrary:two", SSHLibrary=ssh)
    if closes:
        getattr(ssh, closes)()
    else:  # the device rebooted
        ssh.current.client.transport.active = False
    again: Any = opened(ssh, "192.0.2.9", "two").transport
    assert connection._transport() is again
    assert connection.host == "192.0.2.9"
    assert connection.loss() is None


@pytest.mark.parametrize("url", ["sshlibrary:", "sshlibrary:1"])
def test_an_index_is_given_anew_and_a_current_one_has_no_name(ssh: SSHLibrary, url: str) -> None:
    ssh.switch_connection("one")
    connection = added(url, SSHLibrary=ssh)
    ssh.close_all_connections()
    opened(ssh, "192.0.2.9")
    with pytest.raises(DeviceError, match=r"with 192\.0\.2\.1, which dut uses, was closed"):
        connection._channel()


def test_another_session_that_gets_the_alias_while_the_first_one_stands(ssh: SSHLibrary) -> None:
    connection = added("sshlibrary:one", SSHLibrary=ssh)
    opened(ssh, "192.0.2.9", "one")
    connection._channel()
    assert connection.host == "192.0.2.1"


@pytest.mark.parametrize("done", ["nothing", "connected"])
def test_one_that_has_not_logged_in(ssh: SSHLibrary, done: str) -> None:
    client = opened(ssh, "192.0.2.3", "three")
    connection = added("sshlibrary:three", SSHLibrary=ssh)
    if done == "nothing":
        client.transport = None
    else:
        client.transport.authenticated = False  # type: ignore[union-attr]
    with pytest.raises(DeviceError, match=r"with 192\.0\.2\.3, which dut uses, has not logged in") as raised:
        connection._channel()
    assert raised.value.kind == "log_in"
    client.transport = Transport()
    connection._channel()


def test_one_whose_device_is_gone(ssh: SSHLibrary) -> None:
    connection = added("sshlibrary:", SSHLibrary=ssh)
    ssh.current.client.transport.gives = paramiko.SSHException("Timeout opening channel.")
    with pytest.raises(DeviceError, match="which dut uses, is lost") as raised:
        connection._channel()
    assert (raised.value.said, raised.value.kind) == ("Timeout opening channel.", "lost")
    ssh.current.client.transport.active = False
    with pytest.raises(DeviceError, match="which dut uses, is lost"):
        connection._channel()


def test_one_without_room(ssh: SSHLibrary) -> None:
    connection = added("sshlibrary:", SSHLibrary=ssh)
    ssh.current.client.transport.gives = paramiko.ChannelException(2, "Connect failed")
    with pytest.raises(DeviceError, match="has no room for another command on dut") as raised:
        connection._channel()
    assert (raised.value.said, raised.value.kind) == ("Connect failed", "sessions")
    assert "MaxSessions" in raised.value.cause
    assert connection.answers(1)  # a refusal is an answer


def test_it_is_never_closed(ssh: SSHLibrary) -> None:
    connection = added("sshlibrary:", SSHLibrary=ssh)
    connection._carrier()
    connection.close()
    assert not ssh.current.client.closed
    connection._channel()
