"""The arguments that a keyword gets from the table of options."""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

import pytest
from assertionengine import AssertionOperator

from IperfLibrary.keywords.arguments import CONVERTERS
from IperfLibrary.library import IperfLibrary
from IperfLibrary.option_table import OPTIONS, Option
from IperfLibrary.options import options_of
from IperfLibrary.secret import Password
from IperfLibrary.signature import named, takes_options, typed
from IperfLibrary.units import Seconds

KEYWORDS = [
    (IperfLibrary.run_iperf_client, "client"),
    (IperfLibrary.start_iperf_client, "client"),
    (IperfLibrary.start_iperf_server, "server"),
]


@pytest.mark.parametrize(("keyword", "role"), KEYWORDS)
def test_every_option_is_an_argument(keyword: Any, role: str) -> None:
    parameters = inspect.signature(keyword).parameters
    for option in options_of(role):
        parameter = parameters[option.name]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.annotation is option.type
        assert parameter.default is (False if option.type is bool else None)


def test_robot_sees_no_defaults_but_those_of_the_signature() -> None:
    """Of one that is None, Python 3.10 makes a union with it, in which Robot drops the message of a converter."""
    assert IperfLibrary.get_iperf_bitrate.__kwdefaults__ is None
    assert IperfLibrary.get_iperf_bitrate.__defaults__ is None
    assert get_type_hints(IperfLibrary.get_iperf_bitrate)["assertion_operator"] is AssertionOperator


@pytest.mark.parametrize(("keyword", "role"), KEYWORDS)
def test_nothing_else_is_an_argument(keyword: Any, role: str) -> None:
    own = {"self", "device", "port", "tool", "name", "options"}
    own |= {
        "client": {
            "server",
            "timeout",
            "stall",
            "fail_on_zero_interval",
            "retry",
            "live",
            "cross_check",
            "latency",
            "latency_idle",
        },
        "server": {"daemon", "keep", "remote_directory"},
    }[role]
    wanted = {option.name for option in options_of(role)}
    assert not own & wanted
    assert set(inspect.signature(keyword).parameters) - own == wanted


@pytest.mark.parametrize(("keyword", "role"), KEYWORDS)
def test_the_rest_comes_last(keyword: Any, role: str) -> None:
    *_, last = inspect.signature(keyword).parameters.values()
    assert last.kind is inspect.Parameter.VAR_KEYWORD


@pytest.mark.parametrize(("keyword", "role"), KEYWORDS)
def test_every_option_is_in_the_documentation(keyword: Any, role: str) -> None:
    lines = keyword.__doc__.splitlines()
    for option in options_of(role):
        (line,) = (line for line in lines if line.strip().startswith(f"| ``{option.name}`` |"))
        assert option.doc in line
        assert all(f"``{alias}``" in line for alias in option.aliases)
        assert line.endswith("|")
    assert "%OPTIONS%" not in keyword.__doc__
    assert "| =Option= | =Meaning= |" in keyword.__doc__


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_a_text_becomes_the_type_of_its_option(option: Option) -> None:
    assert option.type in (bool, int, float, str) or option.type in CONVERTERS


@pytest.mark.parametrize("option", [o for o in OPTIONS if not o.ours], ids=lambda option: option.name)
def test_an_option_has_its_words_of_help(option: Option) -> None:
    assert option.doc
    assert "|" not in option.doc


def test_own_arguments_stay() -> None:
    parameters = inspect.signature(IperfLibrary.run_iperf_client).parameters
    assert list(parameters)[:8] == [
        "self", "device", "server", "port", "timeout", "stall", "fail_on_zero_interval", "retry",
    ]  # fmt: skip
    assert parameters["port"].annotation is int
    assert parameters["timeout"].annotation is Seconds
    assert parameters["name"].default == "client"


@pytest.mark.parametrize(
    ("keyword", "name"),
    [
        (IperfLibrary.run_iperf_test, "test"),
        (IperfLibrary.run_iperf_tests_in_parallel, "test"),
        (IperfLibrary.find_iperf_throughput, "search"),
    ],
)
def test_keywords_that_run_clients_take_what_a_client_takes(keyword: Any, name: str) -> None:
    parameters = inspect.signature(keyword).parameters
    for given in named(IperfLibrary.run_iperf_client):
        if given.name not in ("name", "length", "cross_check"):
            assert parameters[given.name] == given
    assert parameters["name"].default == name


def test_none_is_no_part_of_a_type() -> None:
    """Robot would drop the message of a converter that stands in a union."""

    def keyword(a: Seconds | None = None, b: int | str = 5, c: int | str | None = None, d: bool = False) -> None:
        """Nothing."""

    annotations = {name: p.annotation for name, p in inspect.signature(typed(keyword)).parameters.items()}
    assert annotations["a"] is Seconds
    assert annotations["d"] is bool
    # A handle or a name: Robot would make a text of the handle.
    assert annotations["b"] is annotations["c"] is Any


@pytest.mark.parametrize("name", [n for n, f in vars(IperfLibrary).items() if not n.startswith("_") and callable(f)])
def test_no_keyword_has_a_converter_in_a_union(name: str) -> None:
    for parameter in inspect.signature(getattr(IperfLibrary, name)).parameters.values():
        parts = getattr(parameter.annotation, "__args__", ())
        assert not set(parts) & set(CONVERTERS), parameter


def test_a_password_has_its_type() -> None:
    assert inspect.signature(IperfLibrary.add_iperf_device).parameters["password"].annotation is Password


def test_a_decorated_keyword_still_works() -> None:
    @takes_options("server")
    def keyword(one: str, *, two: int | None = None, **options: Any) -> tuple[Any, ...]:
        """Does.

        %OPTIONS%
        """
        return one, two, options

    assert keyword("x", two=3, bind="h") == ("x", 3, {"bind": "h"})
    assert keyword.__annotations__["bind"] is str
    assert keyword.__annotations__["return"] == tuple[Any, ...]
