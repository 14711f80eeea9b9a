"""The report as a file: records are read under directories, the page is written beside them.

Robot Framework is not known here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import IperfLibraryError, printable
from ..files import not_written
from ..writing import replace
from .page import report_of
from .recording import collect

REPORT = "iperf-report.html"
"""Name of the file unless another one is given."""


def main(directories: Sequence[str | Path], output: str | Path = REPORT) -> int:
    """Writes the report over all records under the directories, and says on the console what is in it.

    Returns 0, or 1 where there is no record at all, or 2 with a message where something cannot be read or written.
    Lines that cannot be read are told on stderr and in the report.

    Example: ``sys.exit(main(["results"], "iperf-report.html"))``
    """
    page = Path(output)
    try:
        runs = collect(map(Path, directories), page.absolute().parent)
        _write(page, report_of(runs))
    except IperfLibraryError as problem:
        print(problem, file=sys.stderr)
        return 2
    for sentence in (sentence for run in runs for sentence in run.problems):
        print(printable(sentence), file=sys.stderr)
    count = sum(len(run.records) for run in runs)
    print(f"{count} results of {len([run for run in runs if run.records])} runs: {page}")
    return 0 if count else 1


def _write(page: Path, text: str) -> None:
    """All of it or nothing: who looks at an older report meanwhile sees a whole one."""
    try:
        replace(page, text.encode("utf-8"))
    except OSError as problem:
        raise not_written(f"The report {page} cannot be written.", problem, "give another place with -o") from None
