"""All checks of a connection."""

from __future__ import annotations

import unittest
from collections.abc import Callable

from ..connections.base import Connection
from .bench import Bench
from .fetching import FetchChecks
from .life import LifeChecks
from .output import OutputChecks

LOOK_LIMIT = 30.0
"""Seconds that a look at the processes of a device may take at least."""


class ConnectionTests(OutputChecks, LifeChecks, FetchChecks):
    """The checks, for a subclass that gives a pytest fixture ``connection``.

    ``limit`` is how many seconds something may take that should come at once; on a slow line set it higher, and ``large``, ``file``
    and ``word`` (bytes) lower. ``elsewhere`` looks at the device in another way than through the connection that is tried: a connection that
    hides what it leaves behind is found out only so.
    """

    limit = 30.0

    def elsewhere(self, connection: Connection, words: tuple[str, ...]) -> str:
        """What the words print on the device; here through the connection itself, for want of another way."""
        # Not in a hurry, as checks may be: it goes through all processes of the device.
        return connection.run(words, max(self.limit, LOOK_LIMIT)).stdout

    def bench(self, connection: Connection) -> Bench:
        return Bench(connection, self.limit, lambda words: self.elsewhere(connection, words))


def checks(tests: ConnectionTests) -> dict[str, Callable[[Connection], None]]:
    """The checks by their names."""
    return {name: getattr(tests, name) for name in dir(tests) if name.startswith("test_")}


def failures(tests: ConnectionTests, make: Callable[[], Connection]) -> dict[str, str]:
    """What is wrong, by the name of the check that found it; each check gets a connection of its own.

    Example: ``failures(ConnectionTests(), lambda: connect("dut", "acme://192.168.1.1"))``
    """
    found = {}
    for name, check in checks(tests).items():
        connection = make()
        try:
            check(connection)
        except unittest.SkipTest:
            continue
        except Exception as problem:  # told with all others
            found[name] = f"{type(problem).__name__}: {problem}"
        finally:
            connection.close()
    return found
