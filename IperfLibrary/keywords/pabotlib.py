"""The locks of PabotLib, by which the processes of one run of pabot queue; spoken with as its own library does."""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from typing import Any

from robot.errors import RobotError
from robot.libraries.Remote import Remote

from ..reservations import Claim
from .variables import variable

ANSWER_LIMIT = "10 s"

_Remote: Any = Remote  # it has no types

_DOWN = (RuntimeError, RobotError, OSError)
"""What is raised where nothing answers there, or a keyword fails there."""


class PabotLib:
    """The server of PabotLib, on behalf of this process."""

    def __init__(self, uri: str, caller: str) -> None:
        self._remote: Any = _Remote(uri, timeout=ANSWER_LIMIT)
        self._caller = caller

    def answers(self) -> bool:
        try:
            self._ask("get_parallel_value_for_key", "iperf")
        except _DOWN:
            return False
        return True

    def acquire(self, name: str, mine: Claim) -> bool:
        """Whether the lock is ours now; that of a process that was killed is taken from it."""
        if not self._ask("acquire_lock", name, self._caller):
            caller, holder = self._holder(name)
            if not (holder and _has_ended(holder)):
                return False
            with suppress(*_DOWN):  # somebody else was faster
                self._ask("release_lock", name, caller)
            if not self._ask("acquire_lock", name, self._caller):
                return False
        self._ask("set_parallel_value_for_key", _key(name), json.dumps([self._caller, str(mine)]))
        return True

    def holder(self, name: str) -> str:
        """Who has the lock, for people; empty where that is not known."""
        holder = self._holder(name)[1]
        return holder.words if holder else ""

    def _holder(self, name: str) -> tuple[str, Claim | None]:
        try:
            caller, text = json.loads(self._ask("get_parallel_value_for_key", _key(name)))
            return str(caller), Claim.parse(text)
        except (ValueError, TypeError, *_DOWN):
            return "", None

    def release(self, name: str) -> None:
        with suppress(*_DOWN):  # pabot is over, or has given the lock to somebody else
            self._ask("release_lock", name, self._caller)

    def _ask(self, keyword: str, *arguments: str) -> Any:
        return self._remote.run_keyword(keyword, list(arguments), {})


def pabotlib() -> PabotLib | None:
    """PabotLib, where this is a process of pabot and it runs."""
    uri, caller = variable("${PABOTLIBURI}"), variable("${CALLER_ID}")
    found = PabotLib(uri, caller) if uri and caller else None
    return found if found and found.answers() else None


def _key(name: str) -> str:
    return f"iperf device {name}"


def _has_ended(holder: Claim) -> bool:
    """Whether a process of this machine is over; on Windows, to ask would end it."""
    if holder.controller != platform.node() or os.name != "posix":
        return False
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
