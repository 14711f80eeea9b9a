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

from .version import __version__

if TYPE_CHECKING:
    from .events import clear_event, set_event
    from .export import as_json, from_json
    from .library import IperfLibrary
    from .result import Result
    from .table import as_csv, from_csv
    from .tools.parsing import parse, parse_all
else:

    def __getattr__(name: str) -> object:
        """What somebody asks for: reading results needs no Robot Framework, and importing the library no parser."""
        if name == "IperfLibrary":
            from . import library as place  # noqa: PLC0415
        elif name == "Result":
            from . import result as place  # noqa: PLC0415
        elif name in ("as_json", "from_json"):
            from . import export as place  # noqa: PLC0415
        elif name in ("as_csv", "from_csv"):
            from . import table as place  # noqa: PLC0415
        elif name in ("parse", "parse_all"):
            from .tools import parsing as place  # noqa: PLC0415
        elif name in ("clear_event", "set_event"):
            from . import events as place  # noqa: PLC0415
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(place, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "IperfLibrary",
    "Result",
    "__version__",
    "as_csv",
    "as_json",
    "clear_event",
    "from_csv",
    "from_json",
    "parse",
    "parse_all",
    "set_event",
]
