"""What a figure is compared with: a limit in its unit, or an expression; and what is said where it does not hold."""

from __future__ import annotations

import re
from typing import Any

from assertionengine import AssertionOperator
from robot.libraries.BuiltIn import BuiltIn

from ..errors import ConfigurationError
from ..units import Bitrate, Count, Milliseconds, Percent, Seconds, Size
from .arguments import COMPARED, EVALUATED, in_unit

UNITS = (Bitrate, Count, Milliseconds, Percent, Seconds, Size)

PLAIN_TEXT, PLAIN_NUMBER = 1_000_000, 1000
"""Bits/s or bytes: a limit below that has to have its unit. Who writes 1000 means Mbit/s; a number may have been calculated, and 1e5 is
written by nobody who has forgotten the unit."""


def wanted(operator: AssertionOperator, expected: Any, unit: Any) -> Any:
    """What the figure is compared with, in its unit. Raises ConfigurationError."""
    if operator.value not in (*COMPARED, *EVALUATED):
        raise ConfigurationError(
            f"A figure is not compared by '{operator.name}'.",
            remedy=f"use one of {', '.join((*COMPARED, *EVALUATED))}",
        )
    if expected is None:
        what = (
            "an expression, like value > 900e6"
            if operator.value in EVALUATED
            else "something to compare with, like >= 900 Mbit/s"
        )
        raise ConfigurationError(f"'{operator.value}' needs {what}.")
    if operator.value in EVALUATED:
        return str(expected)
    limit = _limit(expected, unit)
    return _with_unit(expected, limit, unit) if hasattr(unit, "usual") else limit


def _limit(expected: Any, unit: Any) -> Any:
    if isinstance(expected, bool) or (unit in UNITS and isinstance(expected, UNITS) and not isinstance(expected, unit)):
        raise ConfigurationError(f"This figure cannot be compared with '{expected}', which is a {_kind(expected)}.")
    try:
        return in_unit(expected, unit)
    except (ValueError, TypeError, AttributeError) as problem:
        why = problem if isinstance(problem, ValueError) else f"it is a {_kind(expected)}"
        raise ConfigurationError(f"This figure cannot be compared with '{expected}': {why}.") from None


def _kind(value: Any) -> str:
    return type(value).__name__


def _with_unit(expected: Any, limit: Any, unit: Any) -> Any:
    """Nobody asks for 900 bit/s: the unit was left out, and any run at all would do."""
    plain = re.fullmatch(r"[\d.,_]+(e[+-]?\d+)?", str(expected).strip(), re.IGNORECASE)
    written = isinstance(expected, str) and plain and not plain[1]
    if plain and not isinstance(expected, unit) and 0 < limit < (PLAIN_TEXT if written else PLAIN_NUMBER):
        raise ConfigurationError(
            f"'{expected}' is a {unit.kind} without a unit, which would be {limit}.",
            remedy=f"write it with its unit: '{expected} {unit.usual}'; or '{limit}', if it is really that",
        )
    return limit


def evaluated(operator: AssertionOperator, value: Any, expression: Any) -> Any:
    """What the expression gives for the value. Raises ConfigurationError.

    Also where ``validate`` gets what is neither true nor false, as of an expression in quotes, which would always hold.
    """
    try:
        found = BuiltIn().evaluate(expression, namespace={"value": value})
    except Exception as problem:
        raise ConfigurationError(
            f"'{expression}' cannot be evaluated: {problem}",
            remedy="write it in Python: 'value' is the figure as a number, in bits/s, bytes, per cent, or as its keyword says: value > 900e6",
        ) from None
    if operator.value == "validate" and not isinstance(found, bool):
        raise ConfigurationError(
            f"'{expression}' is neither true nor false: it gives {found!r}.",
            remedy="write a comparison, without quotes around it: value > 900e6",
        )
    return found


def worded(message: str | None, text: str, value: Any, limit: Any) -> str:
    """The message of a suite, with what it names in braces, as it is where that is nothing known; the text where there is none."""
    if not message or not message.strip():
        return text
    kinds = {"value_type": _kind(value), "expected_type": _kind(limit)}
    try:
        return message.format(value=value, expected=limit, **kinds)
    except (LookupError, ValueError, TypeError, AttributeError):
        return message
