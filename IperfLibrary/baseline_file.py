"""The file of baselines: read whole, and written by one process at a time.

Robot Framework is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from .baselines import Baseline, Series, added, as_text, history, parse
from .errors import ConfigurationError
from .files import not_written
from .writing import held, replace

NAME = "iperf-baselines.jsonl"
"""Unless another one is given."""


def read(path: Path) -> list[Baseline]:
    """The baselines in the file, none where there is no file. Raises ConfigurationError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(
            f"The baselines in {path} cannot be read.", said=str(problem), remedy="see what is there, or give 'file='"
        ) from None
    return parse(text.replace("\r\n", "\n"), str(path))


def record(path: Path, series: Series, make: Callable[[str], Baseline], anew: bool) -> list[Baseline]:
    """Records a baseline, made for this moment, and returns those of the series, the new one last.

    Without ``anew`` one that another process has recorded meanwhile stays, and is the last one. Raises ConfigurationError, CommandError.
    """
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with held(path):
            known = read(path)
            if anew or not history(known, series):
                known = added(known, make(now()))
                replace(path, as_text(known).encode())
            return history(known, series)
    except OSError as problem:
        remedy = "give another place with 'file=', or make the directory writable"
        raise not_written(f"The baseline cannot be written into {path}.", problem, remedy) from None


def now() -> str:
    """This moment in UTC, as a baseline has it.

    Example: ``2026-01-02T03:04:05.678901Z``
    """
    return datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
