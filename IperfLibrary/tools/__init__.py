"""The iperf programs: words, output and faults behind one small protocol. Pure: nothing runs here, and no device is known.

:mod:`.base` is the protocol of a tool, with the judgement of a result. Any output goes to :mod:`.parsing`, which finds its form by what is in it.
JSON: ``iperf3_stream`` finds documents, ``iperf3_document`` decodes them, ``iperf3_json`` makes the result, with ``iperf3_figures`` and ``iperf3_intervals``.
Text: ``iperf3_text`` goes line by line (``iperf3_rows``; ``iperf3_alike`` where many rows look alike), ``iperf3_assembly`` makes the result.
iperf2 likewise, and ``iperf2_csv``. What both have in common is in ``rows`` (figures), ``alike`` (columns) and ``pieces`` (pieces of a long output).
"""

from __future__ import annotations

from .base import Tool
from .iperf2 import Iperf2
from .iperf3 import Iperf3

TOOLS: dict[str, Tool] = {tool.name: tool for tool in (Iperf3(), Iperf2())}
"""Every tool by its name, the one that is preferred first."""
