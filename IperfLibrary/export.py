"""A result as JSON, and back. Pure: results in, text out; :mod:`IperfLibrary.table` does the same with CSV."""

from __future__ import annotations

import json

from .plain import unreadable
from .result import Result


def as_json(result: Result, indent: int | None = None) -> str:
    """The whole result as one JSON object, ``indent`` spaces deep or on one line; ``docs/result.md`` has every field.

    Unknown is ``null``. All but printable ASCII is escaped, so the text holds no control characters.

    Example: ``Path("result.json").write_text(as_json(result, indent=2))``
    """
    return json.dumps(result.as_dict(), indent=indent, allow_nan=False)


def from_json(text: str | bytes) -> Result:
    """The result that ``as_json`` wrote, of this version or another one.

    Raises IperfError (``kind="unreadable"``) for any other text.

    Example: ``from_json(as_json(result)) == result``
    """
    try:
        return Result.from_dict(json.loads(text))
    except (ValueError, RecursionError) as problem:
        raise unreadable(f"it is no JSON: {problem}") from None
