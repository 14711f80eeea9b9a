"""What all connections share: log-ins and short commands; the fake stands in for the device."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from IperfLibrary.connections.ssh import SshConnection
from IperfLibrary.connections.ssh_address import LoginOptions, resolve, way
from IperfLibrary.connections.ssh_failures import explain
from IperfLibrary.errors import DeviceError

from .fake import RUNNING, FakeConnection, FakeProcess, Script


def scripted(*scripts: Script) -> FakeConnection:
    left = list(scripts)
    return FakeConnection(behaves=lambda words: left.pop(0))


def test_a_command_that_is_broken_off_did_not_take_too_long() -> None:
    with pytest.raises(DeviceError, match="A command on dut was broken off") as raised:
        scripted(Script(exit_code=None)).run(("sh", "-c", "x" * 1000))
    assert raised.value.cause == "its shell was killed, or the device shuts down"
    assert raised.value.command == "sh -c " + "x" * 94 + " ..."


def test_a_command_that_takes_too_long_is_given_up() -> None:
    connection = scripted(Script(exit_code=RUNNING), Script())
    with pytest.raises(DeviceError, match="did not finish a command within 0 s"):
        connection.run(("one",), limit=0)
    connection.run(("two",))
    assert [process.given_up for process in connection.processes] == [True, False]


class Timeout(BaseException):
    """As the test timeout of Robot Framework is one."""


@pytest.mark.parametrize("step", ["tell", "wait_started"])
def test_what_was_being_started_when_a_timeout_struck_is_let_go(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    connection = scripted(Script(exit_code=RUNNING))

    def interrupted(*asked: object) -> None:
        raise Timeout

    monkeypatch.setattr(FakeProcess, step, interrupted)
    with pytest.raises(Timeout):
        connection.start(("one",), bytearray().extend, bytearray().extend)
    assert [(process.released, process.given_up) for process in connection.processes] == [(True, True)]


def test_a_device_that_ran_commands_before_is_not_said_to_run_none() -> None:
    silent = Script(exit_code=1, starts=False)
    connection = scripted(silent, Script(), silent)
    causes = []
    for _ in range(3):
        try:
            connection.run(("true",))
        except DeviceError as problem:
            causes.append(problem.cause)
    assert "may run no commands" in causes[0]
    assert causes[1] == "its shell was killed there, or the device shuts down"


@pytest.mark.parametrize("given_up", [True, False])
def test_a_new_log_in_ends_nothing_that_somebody_waits_for(monkeypatch: pytest.MonkeyPatch, given_up: bool) -> None:
    connection = SshConnection("dut", "ssh://root@192.0.2.1")
    pump: Any = SimpleNamespace(processes=[SimpleNamespace(given_up=given_up)], close=lambda: None)
    channel: Any = object()
    answers: list[Any] = [EOFError("silent"), channel]
    logins: list[float] = []

    def open_channel(transport: object) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, EOFError):
            raise answer
        return answer

    monkeypatch.setattr(connection, "_pump", pump)
    monkeypatch.setattr(connection, "_transport", object)
    monkeypatch.setattr(connection, "_open_channel", open_channel)
    monkeypatch.setattr(connection, "_add_chain", logins.append)
    if given_up:
        assert connection._channel() is channel
        assert len(logins) == 1
    else:
        with pytest.raises(DeviceError, match="The SSH connection to dut is lost"):
            connection._channel()
        assert logins == []


def test_a_log_in_that_is_broken_off() -> None:
    (hop,) = way("dut", resolve("ssh://root@192.0.2.1"), LoginOptions())
    error = explain(hop, EOFError())
    assert error.what == "Cannot log in to dut (root@192.0.2.1:22): it closed the connection."
    assert "it shuts down or starts" in error.cause
