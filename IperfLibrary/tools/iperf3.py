"""iperf3: its command line and its version. Pure."""

from __future__ import annotations

import re

from ..option_table import version_key
from ..options import Options
from ..units import Seconds
from .base import Tool

CONNECT_LIMIT_MS = 10_000
"""iperf3 alone tries for two minutes."""


IDLE_LIMIT = Seconds(3600)
"""How long a detached server waits for its one client."""


class Iperf3(Tool):
    name = "iperf3"
    program = "iperf3"
    default_port = 5201
    extension = "json"
    one_at_a_time = True

    def version_words(self, program: str) -> tuple[str, ...]:
        return (program, "-v")

    def version_of(self, text: str) -> str | None:
        found = re.search(r"^iperf (?:version )?(3\.\S+)", text, re.MULTILINE)
        return found[1] if found else None

    def detached(self, options: Options, version: str) -> Options:
        """One that serves a single client ends when that never comes, so that nothing stays on the device."""
        if "one_off" not in options or "idle_timeout" in options or version_key(version) < (3, 10):
            return options
        return Options(options.role, **options, idle_timeout=IDLE_LIMIT)

    def shows_intervals(self, options: Options, version: str, live: bool) -> bool:
        shown = version_key(version) >= (3, 18) or (live and _only_text_is_live(version))
        return shown and super().shows_intervals(options, version, live)

    def tells_at_once(self, version: str) -> bool:
        return version_key(version) >= (3, 7)

    def _fixed_client_words(self, options: Options, version: str, live: bool) -> tuple[str, ...]:
        limited = "connect_timeout" not in options and version_key(version) >= (3, 2)
        form = ("--forceflush",) if live and _only_text_is_live(version) else (_form(version),)
        return (*form, *(("--connect-timeout", str(CONNECT_LIMIT_MS)) if limited else ()))

    def _fixed_server_words(self, options: Options, version: str) -> tuple[str, ...]:
        return (_form(version),)


def _only_text_is_live(version: str) -> bool:
    return (3, 1, 5) <= version_key(version) < (3, 18)


def _form(version: str) -> str:
    # 3.17 has the stream as well, but keeps its end and its errors back until it exits.
    return "--json-stream" if version_key(version) >= (3, 18) else "--json"
