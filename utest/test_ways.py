"""Who sends and who is the client, from the words that testers use."""

from __future__ import annotations

import pytest

from IperfLibrary.errors import ConfigurationError
from IperfLibrary.ways import BOTH, DOWN, UP, Way, way_of

ROLES = [("node", "tpc"), ("node", None), (None, "tpc"), (None, None)]


@pytest.mark.parametrize("word", UP)
@pytest.mark.parametrize("roles", ROLES)
def test_up_is_what_the_node_sends(word: str, roles: tuple[str | None, str | None]) -> None:
    assert way_of(word, *roles, keep_client=False) == Way("first")
    assert way_of(word, *roles, keep_client=True) == Way("first")


@pytest.mark.parametrize("word", DOWN)
@pytest.mark.parametrize("roles", ROLES)
def test_down_is_what_the_node_gets(word: str, roles: tuple[str | None, str | None]) -> None:
    assert way_of(word, *roles, keep_client=False) == Way("second")
    assert way_of(word, *roles, keep_client=True) == Way("first", "reverse")


@pytest.mark.parametrize("roles", [("tpc", "node"), ("tpc", None), (None, "node")])
def test_the_node_may_be_the_second(roles: tuple[str | None, str | None]) -> None:
    assert way_of("upstream", *roles, keep_client=False) == Way("second")
    assert way_of("Downstream", *roles, keep_client=False) == Way("first")
    assert way_of("uplink", *roles, keep_client=True) == Way("first", "reverse")


@pytest.mark.parametrize("word", [*BOTH, "Both", "BIDIR"])
def test_both(word: str) -> None:
    assert way_of(word, "tpc", "node", keep_client=False) == Way("first", "bidir")


def test_without_a_direction_the_first_device_sends() -> None:
    assert way_of(None, "node", "node", keep_client=False) == Way("first")


@pytest.mark.parametrize("word", ["From Node", "from-node", " from_node "])
def test_words_as_people_write_them(word: str) -> None:
    assert way_of(word, "node", "tpc", keep_client=False) == Way("first")


@pytest.mark.parametrize(
    ("word", "hint"), [("upsteam", "upstream"), ("sideways", "no direction"), ("", "no direction")]
)
def test_no_such_word(word: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=hint):
        way_of(word, "node", "tpc", keep_client=False)


@pytest.mark.parametrize("role", ["node", "tpc"])
def test_two_of_one_role_tell_no_direction(role: str) -> None:
    with pytest.raises(ConfigurationError, match="does not tell which one sends"):
        way_of("uplink", role, role, keep_client=False)
