"""A secret that shows itself to nobody: not in a log, a message, a traceback or a comparison."""

from __future__ import annotations

import re
from collections.abc import Callable

_IN_URL = re.compile(r"(://[^/@:\s]*):[^/\s]+@")


class Password:
    """A password or passphrase; ``reveal()`` at the one place that needs it.

    Example: ``str(Password("x"))`` is ``"***"``.
    """

    def __init__(self, value: str) -> None:
        self._reveal: Callable[[], str] = lambda: value

    @classmethod
    def parse(cls, value: object) -> Password:
        """A password or passphrase: Robot's ``Secret`` (7.4 or newer), or a text. It is ``***`` wherever it is shown.

        Example: ``password=%{DUT_PASSWORD}`` takes it from the environment.
        """
        return cls(str(getattr(value, "value", value)))

    def reveal(self) -> str:
        return self._reveal()

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__


def masked(text: str) -> str:
    """The text without the passwords of URLs in it.

    Example: ``masked("ssh://root:x@dut")`` is ``"ssh://root:***@dut"``.
    """
    return _IN_URL.sub(r"\1:***@", text)
