"""iperf2: its command line and its version. Pure."""

from __future__ import annotations

import re
from typing import Any

from ..errors import IperfCommandError
from ..option_table import version_key
from ..options import Options
from .base import Tool


class Iperf2(Tool):
    name = "iperf2"
    program = "iperf"
    default_port = 5001
    extension = "txt"
    one_at_a_time = False

    def version_words(self, program: str) -> tuple[str, ...]:
        return (program, "-v")

    def version_of(self, text: str) -> str | None:
        found = re.search(r"^iperf version (2\.\S+)", text, re.MULTILINE)
        return found[1] if found else None

    def _fixed_client_words(self, options: Options, version: str, live: bool = True) -> tuple[str, ...]:
        # Whole bits and bytes; and rows while it runs, so that something is known of a run that is cut.
        each_second = () if "interval" in options else ("--interval", "1")
        enhanced = ("--enhanced",) if version_key(version) >= (2, 0, 8) else ()
        return ("--format", "b", *enhanced, *each_second)

    _fixed_server_words = _fixed_client_words

    def listens_on(self, options: Options) -> str:
        return options.protocol

    def check_server(self, server: Options, client: Options) -> None:
        if server.protocol != client.protocol:
            given = "with 'udp=True'" if client.protocol == "udp" else "without 'udp'"
            raise IperfCommandError(
                f"A client with {client.protocol.upper()} needs a server with it, and this iperf2 server has {server.protocol.upper()}.",
                remedy=f"start the server {given}",
            )

    def server_needs(self, client: Options) -> dict[str, Any]:
        return {**super().server_needs(client), **{name: True for name in ("udp", "ipv6") if client.get(name)}}

    def tells_receiver(self, asked: Options) -> bool:
        """With UDP the server sends a report, but not in full duplex; else a client knows what it received, and of what it sent nothing."""
        return asked.directions == ("reverse",) or (asked.protocol == "udp" and not asked.get("bidir"))
