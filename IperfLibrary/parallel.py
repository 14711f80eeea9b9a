"""Where pabot, which runs several Robot Frameworks at once, has what they write: each in a directory of its own below ``pabot_results``.

It removes that directory when the next run begins, and makes one log of all in the directory above.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

RESULTS = "pabot_results"
QUEUE_INDEX = "${PABOTQUEUEINDEX}"

TO_THE_TOP = "../../"
"""How links begin in the log of one process; in the log of all, pabot takes this away."""


def top_of(output: Path, variable: Callable[[str], str | None]) -> Path | None:
    """The output directory of the whole run, where this is the one of a process of pabot; else None.

    Example: ``top_of(Path("results/pabot_results/3"), variable) == Path("results")``
    """
    if variable(QUEUE_INDEX) is None:
        return None
    return next((place.parent for place in (output, *output.parents) if place.name == RESULTS), None)


def link(path: str, top: Path) -> str:
    """The file as the log of a process links to it, so that the log of all has a link that works. Raises ValueError for another drive of Windows."""
    return TO_THE_TOP + Path(os.path.relpath(path, top)).as_posix()
