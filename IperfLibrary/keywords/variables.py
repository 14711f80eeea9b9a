"""What Robot Framework knows: its variables and libraries, where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError


def variable(name: str) -> str | None:
    """The value as text; None where there is none, or nothing runs."""
    try:
        value = BuiltIn().get_variable_value(name)
    except RobotNotRunningError:
        return None
    return str(value) if value else None


def libraries() -> Mapping[str, object]:
    """The libraries of the running suite by name; none where nothing runs."""
    try:
        found: Any = BuiltIn().get_library_instance(all=True)
    except RobotNotRunningError:
        return {}
    return dict(found)
