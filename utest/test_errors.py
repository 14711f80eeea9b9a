"""Errors: their family, their facts, their text."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from IperfLibrary import errors
from IperfLibrary.errors import (
    CommandError,
    ConfigurationError,
    DeviceError,
    IperfCommandError,
    IperfError,
    IperfLibraryError,
    nearest,
    printable,
)

ALL = [IperfLibraryError, ConfigurationError, IperfCommandError, CommandError, DeviceError, IperfError]


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (IperfLibraryError, Exception),
        (ConfigurationError, IperfLibraryError),
        (IperfCommandError, ConfigurationError),
        (CommandError, IperfLibraryError),
        (DeviceError, CommandError),
        (IperfError, CommandError),
    ],
)
def test_the_family(kind: type[Exception], parent: type[Exception]) -> None:
    assert kind.__bases__ == (parent,)


@pytest.mark.parametrize("kind", ALL)
def test_a_tester_reads_the_message_alone(kind: type[IperfLibraryError]) -> None:
    assert kind.ROBOT_SUPPRESS_NAME is True


def test_the_family_is_drawn() -> None:
    assert errors.__doc__
    assert all(kind.__name__ in errors.__doc__ for kind in ALL)


def test_the_message_has_the_facts_in_their_order() -> None:
    error = IperfError(
        "iperf3 client on pc failed.",
        raw_file="/x/raw.json",
        exit_code=0,
        command="iperf3 -c h",
        remedy="start it",
        cause="no server",
        server_said="nothing",
        said="Connection refused",
        pid=7,
    )
    assert str(error).splitlines() == [
        "iperf3 client on pc failed.",
        "  it said:         Connection refused",
        "  the server said: nothing",
        "  probably:        no server",
        "  what to do:      start it",
        "  command:         iperf3 -c h",
        "  exit code:       0",
        "  raw file:        /x/raw.json",
    ]


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_not_known_has_no_line(nothing: str | None) -> None:
    assert str(IperfError("It failed.", said=nothing, cause=nothing, exit_code=None)) == "It failed."


def test_more_lines_are_indented() -> None:
    assert (
        str(IperfError("It failed.", said="one\r\ntwo\n")) == "It failed.\n  it said:         one\n" + " " * 19 + "two"
    )


@pytest.mark.parametrize(
    "evil",
    [
        "\x1b[2J\x1b[31m",
        "\x1b]0;title\x07",
        "\x9b31m",
        "\x08\x08",
        "\x00",
        "\x7f",
        "\x0b\x0c",
        "line\rover",
        "\x85",
        "\x0e",
    ],
)
def test_what_a_device_prints_does_not_steer_a_terminal(evil: str) -> None:
    error = IperfError(f"It failed{evil}.", said=f"a{evil}b", command=evil)
    bad = {c for c in str(error) if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160}
    assert bad == set()
    assert "\N{REPLACEMENT CHARACTER}" in str(error)
    assert error.said == f"a{evil}b"  # the fact itself is as it was


def test_text_stays_text() -> None:
    assert printable("a\tb\nc\r\nü€") == "a    b\nc\nü€"


def test_facts_are_attributes() -> None:
    error = IperfError("It failed.", kind="refused", pid=7, words=("a", "b"), result=None)
    assert (error.what, error.kind, error.pid, error.words, error.result) == (
        "It failed.",
        "refused",
        7,
        ("a", "b"),
        None,
    )
    assert error.exit_code is None
    assert error.facts == {"kind": "refused", "pid": 7, "words": ("a", "b"), "result": None}


def test_there_is_no_fact_with_a_name_of_python() -> None:
    assert not hasattr(IperfError("It failed."), "__rich__")


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("how", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_an_error_can_be_copied(kind: type[IperfLibraryError], how: Any) -> None:
    error = kind("It failed.", said="why", kind="refused", words=("a",))
    copied = how(error)
    assert type(copied) is kind
    assert (str(copied), copied.what, copied.facts) == (str(error), error.what, error.facts)


def test_nearest() -> None:
    assert nearest("tme", ["time", "tos"]) == " Did you mean 'time'?"
    assert nearest("xyzzy", ["time", "tos"]) == ""
    assert nearest("x", []) == ""


@pytest.mark.parametrize("what", ["*HTML*<script>", "*HTML* <img onerror=x>"])
def test_no_message_is_html(what: str) -> None:
    """Robot Framework takes one that begins with this for HTML."""
    assert str(IperfLibraryError(what)) == "'*HTML*'" + what[6:]
