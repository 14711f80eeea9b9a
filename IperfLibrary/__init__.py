"""Network throughput tests with iperf for Robot Framework.

In a suite: ``Library    IperfLibrary``. See :class:`IperfLibrary.library.IperfLibrary` for the keywords. In Python also::

    from IperfLibrary import as_json, parse

    with open("client.json") as file:
        result = parse(file)                    # text, JSON or CSV of iperf3 or iperf2
    result.bits_per_second
    as_json(result)

On the command line: ``python -m IperfLibrary parse client.json``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .export import as_json, from_json
from .result import Result
from .table import as_csv, from_csv
from .tools.parsing import parse, parse_all
from .version import __version__

if TYPE_CHECKING:
    from .library import IperfLibrary
else:

    def __getattr__(name: str) -> object:
        """The library itself, once somebody asks for it: reading results needs no Robot Framework."""
        if name != "IperfLibrary":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from .library import IperfLibrary  # noqa: PLC0415

        return IperfLibrary


__all__ = [
    "IperfLibrary",
    "Result",
    "__version__",
    "as_csv",
    "as_json",
    "from_csv",
    "from_json",
    "parse",
    "parse_all",
]
