"""Which end of a test sends, from the words that testers use, and which end is the client then. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import ConfigurationError, nearest

UP = ("upstream", "uplink", "up", "ul", "tx", "send", "sends", "from_node")
DOWN = ("downstream", "downlink", "down", "dl", "rx", "receive", "receives", "to_node")
BOTH = ("both", "bidir", "bidirectional")
DIRECTIONS = ("upstream", "downstream", "both", "forward", "reverse")
"""How results call them."""


@dataclass(frozen=True)
class Way:
    """``first`` and ``second`` are the devices of a test in the order in which they were given.

    ``client`` is which of them runs the client; ``option`` what that has to be told: ``reverse``, ``bidir`` or nothing.
    """

    client: str
    option: str | None = None


def way_of(direction: str | None, first: str | None, second: str | None, keep_client: bool) -> Way:
    """The way of a test between two devices with these roles. Raises ConfigurationError for a word that is none.

    Upstream is what the node sends. Where no device is a node and none a traffic PC, the first one counts as the node. Without a
    direction the first device sends. The sender is the client, unless ``keep_client`` makes it the first device in any case, as one
    behind a NAT has to be.

    Example: ``way_of("downlink", "node", "tpc", keep_client=True)`` is ``Way("first", "reverse")``.
    """
    if direction is None:
        return Way("first")
    word = _word(direction)
    if word in BOTH:
        return Way("first", "bidir")
    if word not in UP + DOWN:
        raise ConfigurationError(f"'{direction}' is no direction.{nearest(word, UP + DOWN + BOTH)}")
    if first == second and first is not None:
        raise ConfigurationError(
            f"Both devices have the role '{first}', so '{direction}' does not tell which one sends.",
            remedy="leave 'direction' out: the first device sends; or give the devices their roles",
        )
    first_is_node = first == "node" or (second != "node" and first != "tpc") or second == "tpc"
    if first_is_node == (word in UP):
        return Way("first")
    return Way("first", "reverse") if keep_client else Way("second")


def plain_word(direction: str | None) -> str | None:
    """The word that results have for a direction, or the word itself where it is none of a tester's.

    Example: ``plain_word("Downlink") == "downstream"``
    """
    if direction is None:
        return None
    word = _word(direction)
    plain = {"upstream": UP, "downstream": DOWN, "both": BOTH}
    return next((name for name, words in plain.items() if word in words), word)


def _word(direction: str) -> str:
    return direction.strip().lower().replace(" ", "_").replace("-", "_")
