"""A password shows itself nowhere."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
import socket
import traceback
from dataclasses import asdict
from typing import Any

import pytest

from IperfLibrary.connections.ssh_address import LoginOptions
from IperfLibrary.connections.ssh_login import Login
from IperfLibrary.errors import DeviceError, IperfError
from IperfLibrary.secret import Password, masked

PLAIN = "s3cr3t-W0rd"


@pytest.fixture
def password() -> Password:
    return Password(PLAIN)


def test_it_can_be_revealed(password: Password) -> None:
    assert password.reveal() == PLAIN


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        format,
        ascii,
        pprint.pformat,
        vars,
        lambda p: f"{p}",
        lambda p: f"{p!r:>40}",
        lambda p: "%s %r" % (p, p),  # noqa: UP031
        lambda p: [p],
        lambda p: {"password": p},
        lambda p: LoginOptions(password=p),
        lambda p: asdict(LoginOptions(password=p)),
        lambda p: IperfError("It failed.", said=p, password=p),
        lambda p: p.__dict__,
        lambda p: p._reveal,
        lambda p: logging.makeLogRecord({"msg": "%s", "args": (p,)}).getMessage(),
        copy.copy,
        copy.deepcopy,
        dir,
        hash,
    ],
)
def test_no_way_to_show_it(password: Password, show: Any) -> None:
    assert PLAIN not in str(show(password))
    assert PLAIN not in repr(show(password))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_cannot_be_pickled(password: Password, protocol: int) -> None:
    with pytest.raises((AttributeError, pickle.PicklingError, TypeError)) as raised:
        pickle.dumps(password, protocol)
    assert PLAIN not in str(raised.value)


def test_it_is_no_json(password: Password) -> None:
    with pytest.raises(TypeError) as raised:
        json.dumps({"password": password})
    assert PLAIN not in str(raised.value)


def test_it_is_equal_to_itself_alone(password: Password) -> None:
    for other in (PLAIN, Password(PLAIN)):
        assert password != other
    assert password == password  # noqa: PLR0124


def test_an_assertion_does_not_show_it(password: Password) -> None:
    with pytest.raises(AssertionError) as raised:
        assert password == Password("x")
    assert PLAIN not in str(raised.value)


def shown(problem: BaseException) -> str:
    """The traceback with the variables of every frame, as pytest -l or an error tracker shows it."""
    return "".join(traceback.TracebackException.from_exception(problem, capture_locals=True).format())


def test_a_traceback_does_not_show_it(password: Password) -> None:
    def fails(secret: Password) -> None:
        raise ValueError(f"{secret} was wrong")

    with pytest.raises(ValueError, match=r"\*\*\* was wrong") as raised:
        fails(password)
    assert PLAIN not in shown(raised.value)


@pytest.mark.parametrize("value", [PLAIN, type("Secret", (), {"value": PLAIN})()])
def test_it_comes_from_a_text_or_a_secret_of_robot(value: object) -> None:
    assert Password.parse(value).reveal() == PLAIN


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ssh://root:s3cr3t@dut", "ssh://root:***@dut"),
        ("ssh://root:s3:cr3t@dut:22", "ssh://root:***@dut:22"),
        ("ssh://root:s3@cr3t@dut", "ssh://root:***@dut"),
        ("ssh://:s3cr3t@dut", "ssh://:***@dut"),
        ("from ssh://a:s3cr3t@b to telnet://c:s3cr3t@d/", "from ssh://a:***@b to telnet://c:***@d/"),
        ("ssh://root@dut:22/a:b@c", "ssh://root@dut:22/a:b@c"),
        ("http://dut:80 is of me@dut", "http://dut:80 is of me@dut"),
    ],
)
def test_no_password_of_a_url_is_shown(text: str, seen: str) -> None:
    assert masked(text) == seen


# -- a log-in that fails


@pytest.fixture
def failed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> DeviceError:
    """A log-in with a password, at a port where nothing listens."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens: no other program can get it
        port = taken.getsockname()[1]
        login = Login("dut", f"ssh://root@127.0.0.1:{port}", LoginOptions(password=Password(PLAIN)))
        with pytest.raises(DeviceError) as raised:
            login.open()
    return raised.value


def test_a_failed_log_in_does_not_tell_it(failed: DeviceError) -> None:
    assert failed.kind == "refused"
    assert PLAIN not in str(failed)
    assert PLAIN not in repr(failed.facts)
    assert PLAIN not in "".join(traceback.format_exception(failed))


def test_the_frames_of_a_failed_log_in_do_not_have_it(failed: DeviceError) -> None:
    assert PLAIN not in shown(failed)
