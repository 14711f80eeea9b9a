"""The iperf programs: words, output and faults behind one small protocol. Pure: nothing runs here."""

from __future__ import annotations

from .base import Tool
from .iperf2 import Iperf2
from .iperf3 import Iperf3

TOOLS: dict[str, Tool] = {tool.name: tool for tool in (Iperf3(), Iperf2())}
"""Every tool by its name, the one that is preferred first."""
