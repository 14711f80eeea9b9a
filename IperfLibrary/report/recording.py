"""The files of records: ``iperf-results.jsonl`` and, for spreadsheets, ``iperf-results.csv`` beside it.

Several processes may append to the same files. A line is written at once, under a lock where the system has one. What a
killed process left of a line is closed with a line end by the next one, and skipped by the reader, who says so.

Robot Framework is not known here.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from ..errors import ConfigurationError
from ..files import not_written
from ..writing import locked
from .lines import COLUMNS, as_csv_line, as_line, as_row, from_line
from .records import Record, RunRecords, Verdict, clean

LINES, TABLE = "iperf-results.jsonl", "iperf-results.csv"
"""Names of the files."""

RUN = "iperf-run"
"""Name of the file by which processes of one run agree on what it is called."""

LONGEST = 1 << 20
"""Bytes of a line that are read; the longest that this library writes has some ten thousand."""

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT
# Not through a link that somebody put there, and not waiting for the reader of a pipe.
_CARE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def now() -> str:
    """This moment with the zone, as a record has it.

    Example: ``2026-01-02T03:04:05.678+01:00``
    """
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


class Recorder:
    """Keeps the records of a test until it is known how the test ended, then writes them.

    Example::

        recorder = Recorder(lambda: Path("results"))
        recorder.note(record_of(result, moment=now(), suite="Lab", test="Downlink", run=recorder.run))
        recorder.judge(result.raw_file, Verdict("at least 900 Mbit/s", True))
        recorder.write(passed=True)
    """

    def __init__(self, directory: Callable[[], Path]) -> None:
        self.run = now()
        """Tells this run from others that write into the same directory."""
        self._directory = directory
        self._noted: list[Record] = []

    def note(self, record: Record) -> None:
        """Keeps it; nothing is written yet."""
        self._noted.append(record)

    def judge(self, raw_file: str | None, verdict: Verdict) -> bool:
        """Adds the verdict to the last noted record with this raw file; False when there is none.

        There is none for a result that was parsed from a stored file, or whose test is over.
        """
        for at, record in reversed(list(enumerate(self._noted))):
            if raw_file is not None and record.raw_file == raw_file:
                safe = Verdict(clean(verdict.text), verdict.passed)
                self._noted[at] = replace(record, verdicts=(*record.verdicts, safe))
                return True
        return False

    def write(self, passed: bool | None = None, message: str | None = None, test: str | None = None) -> None:
        """Writes all that is noted, or all of that test, with how it ended. Raises CommandError; what it was to write is forgotten then.

        A result of a suite setup stays noted when a test ends: other tests may ask something of it.
        """
        noted = [record for record in self._noted if test in (None, record.test)]
        self._noted = [record for record in self._noted if record not in noted]
        for record in noted:
            append(self._directory(), record.ended(passed, message))


def common_run(directory: Path, own: str) -> str:
    """What the run is called for all processes that ask in this directory, which is the run's: as the first of them called it.

    Each adds a line, so there is a first one, whole, whoever asks. Where nothing can be written, it is their own.

    Example: ``common_run(Path("results/pabot_results"), now())``
    """
    path = directory / RUN
    try:
        _append(path, own + "\n")
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return own


def append(directory: Path, record: Record) -> Path:
    """Appends the record to both files in the directory; the path of the lines. Raises CommandError."""
    lines = directory / LINES
    record = _relative(record, directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _append(lines, as_line(record) + "\n")
        _append(_table(directory), as_csv_line(as_row(record)), as_csv_line(COLUMNS))
    except OSError as problem:
        remedy = f"make room, or see what is there under the names of the files: {LINES}, {TABLE}"
        raise not_written(f"The record of a result cannot be written into {directory}.", problem, remedy) from None
    return lines


def _relative(record: Record, directory: Path) -> Record:
    return replace(
        record,
        raw_file=_path_from(directory, record.raw_file),
        parsed_file=_path_from(directory, record.parsed_file),
    )


def _path_from(directory: Path, path: str | None) -> str | None:
    if path is None:
        return None
    try:
        return Path(os.path.relpath(path, directory)).as_posix()
    except ValueError:  # another drive of Windows
        return Path(path).as_posix()


def _table(directory: Path) -> Path:
    """The first CSV file that has our columns or is not there: rows below another head would be false figures."""
    head = as_csv_line(COLUMNS).encode()
    count = 1
    while True:
        path = directory / (TABLE if count == 1 else TABLE.replace(".csv", f"-{count}.csv"))
        if not path.is_file() or path.is_symlink() or _begins_with(path, head):
            return path
        count += 1


def _begins_with(path: Path, head: bytes) -> bool:
    with path.open("rb") as file:
        return file.readline(len(head)) in (head, b"")


def _append(path: Path, line: str, head: str = "") -> None:
    """Appends a line, below the head where the file is new."""
    file = os.open(path, _FLAGS | _CARE, 0o644)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        with locked(file) as alone:
            size = os.fstat(file).st_size
            _write(file, (_mend(file, size) if size else head.encode()) + line.encode(), size, alone)
    finally:
        os.close(file)


def _mend(file: int, size: int) -> bytes:
    """The line end that a killed process did not come to write."""
    os.lseek(file, size - 1, os.SEEK_SET)
    return b"" if os.read(file, 1) == b"\n" else b"\n"


def _write(file: int, data: bytes, size: int, alone: bool) -> None:
    """All of it or nothing."""
    if os.write(file, data) != len(data):
        if alone:
            os.ftruncate(file, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def collect(directories: Iterable[Path], seen_from: Path) -> list[RunRecords]:
    """The records in all ``iperf-results.jsonl`` under the directories, by run, oldest first.

    ``seen_from`` is the directory of the report, from which its links lead to the raw files. Raises ConfigurationError
    for a directory that is not there.
    """
    files = {path.resolve(): path for directory in directories for path in _found(directory)}
    runs = [run for path in files.values() for run in _runs(path, seen_from)]
    return sorted(runs, key=lambda run: min((record.time for record in run.records), default=_LATEST))


_LATEST = datetime.max.replace(tzinfo=timezone.utc)


def _found(directory: Path) -> list[Path]:
    if directory.is_file():
        return [directory]
    if not directory.is_dir():
        raise ConfigurationError(f"There is no directory {directory}.")
    beside = sorted(Path(place) / LINES for place, _, names in os.walk(directory) if LINES in names)
    return [path for path in beside if path.is_file()]


def _runs(path: Path, seen_from: Path) -> list[RunRecords]:
    problems: list[str] = []
    by_run: dict[str, list[Record]] = {}
    for record in _records(path, problems):
        by_run.setdefault(record.run, []).append(record)
    place = _place(path.parent, seen_from)
    runs = [RunRecords(str(path.parent), tuple(records), place) for records in by_run.values()]
    if not problems:
        return runs
    first = runs[0] if runs else RunRecords(str(path.parent), (), place)
    return [replace(first, problems=tuple(problems)), *runs[1:]]


def _place(directory: Path, seen_from: Path) -> str:
    path = _path_from(seen_from.absolute(), str(directory.absolute())) or ""
    return "" if path == "." else path


def _records(path: Path, problems: list[str]) -> Iterator[Record]:
    """The records in the file; what is none becomes a sentence."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(_lines(file.readline), 1):
                if not line.strip():
                    continue
                try:
                    yield _record(line)
                except ValueError as problem:
                    problems.append(f"Line {number} of {path} is left out: {problem}.")
    except OSError as problem:
        problems.append(f"{path} cannot be read: {problem.strerror}.")


def _lines(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """The lines; of one that is too long, the beginning."""
    while line := read(LONGEST):
        rest = line
        while len(rest) == LONGEST and not rest.endswith(b"\n"):
            rest = read(LONGEST)
        yield line


def _record(line: bytes) -> Record:
    if not line.endswith(b"\n"):
        raise ValueError("its end is missing; whoever wrote it was stopped, the disk was full, or it is too long")
    try:
        return from_line(line.decode())
    except (UnicodeDecodeError, RecursionError) as problem:
        raise ValueError(str(problem)) from None
