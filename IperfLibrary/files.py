"""The files of a run: raw output byte for byte, named so that a reader knows what is in it, never overwritten. Nothing of iperf is known here."""

from __future__ import annotations

import errno
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from .errors import CommandError, ConfigurationError

TAIL = 4096
"""Bytes of the end of each stream that are kept at hand for messages."""

CHUNK = 1 << 20
"""Bytes that are read at a time, and those of the longest line; iperf's longest, an event of 256 streams, has 200 KB."""

BASE, EACH_SECOND, MOST = 8 << 20, 2 << 20, 2 << 30
"""What a run may weigh: so much at once, so much more for each second that it takes, and never more than so much."""

LINE = 16
"""What a line weighs beside its bytes: an empty one takes its time to be read, too."""

_OTHER_ENDS = "\r\v\f\x1c\x1d\x1e"

_UNSAFE = re.compile(r"[^\w.-]+|_")


def stem(*parts: str | None) -> str:
    """The parts that are known, each made safe for a file name, and the time.

    Example: ``stem("upstream", "tx", "tcp", "dut", "client")`` is ``upstream_tx_tcp_dut_client_20260102T030405.678901``.
    """
    now = time.time()
    moment = time.strftime("%Y%m%dT%H%M%S", time.localtime(now)) + f"{now % 1:.6f}"[1:]
    safe = (_short(_UNSAFE.sub("-", part).strip("-.")) for part in parts if part)
    return "_".join([part for part in safe if part] + [moment])


def _short(part: str) -> str:
    """File systems allow 255 bytes for a whole name, which are fewer letters in most scripts."""
    return part.encode()[:80].decode(errors="ignore")


def create(directory: Path, name: str, extension: str, text: str = "") -> Path:
    """A new file with this text; another name is taken where another process was faster."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        path = _create(directory, name, extension)
        path.write_text(text, encoding="utf-8")
        return path
    except OSError as problem:
        remedy = "give another one with robot --outputdir, or with 'directory=' of the library"
        raise not_written(f"No file can be written into {directory}.", problem, remedy) from None


def not_written(what: str, problem: OSError, remedy: str) -> CommandError:
    """The error for a file that was not written.

    Example: ``raise not_written("The report cannot be written.", problem, "give another place") from None``
    """
    return CommandError(what, said=str(problem), cause=_cause(problem), remedy=remedy)


def _cause(problem: OSError) -> str:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    if problem.errno == errno.ETIMEDOUT:
        return "another process holds the file: it was stopped in the middle of writing"
    if problem.errno in (errno.ELOOP, errno.EINVAL, errno.ENXIO):
        return "it is a link or no plain file, and is not written to"
    return "it is no directory, or it may not be written"


def _create(directory: Path, name: str, extension: str) -> Path:
    count = 0
    while True:
        path = directory / f"{name}{f'_{count}' if count else ''}.{extension}"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            count += 1
        else:
            return path.absolute()


def _no_link(path: str, flags: int) -> int:
    """Opens the file itself: whoever can write into the directory may have put a link in its place meanwhile."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o644)


def error_path(raw: Path) -> Path:
    """Where the stderr of a run stands, beside its raw file."""
    return raw.with_name(raw.name + ".stderr")


@contextmanager
def stored(path: Path) -> Iterator[TextIO]:
    """Any text file, open for reading: it may be larger than the memory. Raises ConfigurationError.

    Example::

        with stored(Path("client.txt")) as file:
            parse(file)
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield file
    except OSError as problem:
        raise ConfigurationError(f"The file {path} cannot be read: {problem.strerror}.") from None


class FloodError(Exception):
    """A run prints more than iperf could have to say."""


class RawFile:
    """The raw file of a run, with the stderr in a file beside it; both are written by a worker thread.

    The stderr file is made when there is something to write.
    """

    def __init__(self, directory: Path, name: str, extension: str) -> None:
        self.path = create(directory, name, extension)
        self.error_path = error_path(self.path)
        self.tail = b""
        self.error_tail = b""
        self.written = 0
        """Bytes of the file."""
        self.written_at = self._since = time.monotonic()
        """When that was last, on the clock of ``time.monotonic``."""
        self.grown = threading.Event()
        """Set whenever something was written; whoever waits for it clears it."""
        # Without a buffer: what a full disk did not take would be tried again by close.
        self._out = open(self.path, "ab", buffering=0, opener=_no_link)  # noqa: SIM115 - until close()
        self._weight = 0

    def write(self, data: bytes) -> None:
        self.tail = (self.tail + data)[-TAIL:]
        left = memoryview(data)
        while left:
            left = left[self._out.write(left) :]
        self.written_at = time.monotonic()
        self.written += len(data)
        self.grown.set()
        self._weigh(data)

    def write_error(self, data: bytes) -> None:
        self.error_tail = (self.error_tail + data)[-TAIL:]
        with open(self.error_path, "ab", opener=_no_link) as file:
            file.write(data)
        self._weigh(data)

    def _weigh(self, data: bytes) -> None:
        self._weight += len(data) + LINE * data.count(b"\n")
        seconds = time.monotonic() - self._since
        if self._weight > min(BASE + EACH_SECOND * seconds, MOST):
            raise FloodError(f"{self._weight / (1 << 20):.0f} MiB in {seconds:.1f} s")

    def start_over(self) -> None:
        """Forgets what was written: all of it comes now, written elsewhere over a time that is not known, so at any speed."""
        self._out.truncate(0)
        self.error_path.unlink(missing_ok=True)
        self.tail = self.error_tail = b""
        self.written = self._weight = 0
        self._since = float("-inf")

    def close(self) -> None:
        self._out.close()

    def text_from(self, offset: int, ended: bool = False) -> Iterator[tuple[str, int]]:
        r"""The whole lines behind the offset, some at a time with ``\n`` between them, each time with the offset behind them.

        What stands behind the last line end comes with the rest once the run has ended.
        """
        with self._opened() as file:
            file.seek(offset)
            while data := file.read(CHUNK):
                if not (ended and len(data) < CHUNK):
                    data = _whole_lines(data)
                offset += len(data)
                file.seek(offset)
                if not data:
                    return
                yield _text_of(data), offset

    def _opened(self) -> BinaryIO:
        try:
            return self.path.open("rb")
        except OSError as problem:
            raise CommandError(
                "What a run has printed cannot be read any more, so its result is not known.",
                said=str(problem),
                cause="the file or its directory was removed, moved or changed while the run went on",
                remedy="leave the directory alone until all runs are over, and run it again",
                raw_file=self.path,
            ) from problem

    def error_lines(self) -> list[str]:
        if not self.error_path.exists():
            return []
        return self.error_path.read_text(encoding="utf-8", errors="replace").splitlines()


def _text_of(data: bytes) -> str:
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
    # Of other line ends there are hardly ever any.
    if not text.isascii() or any(end in text for end in _OTHER_ENDS):
        return "\n".join(text.splitlines())
    return text.removesuffix("\n")


class TimedFile(RawFile):
    """A raw file whose lines are kept, each with the moment at which it came, on the clock of ``time.monotonic``."""

    def __init__(self, directory: Path, name: str, extension: str) -> None:
        super().__init__(directory, name, extension)
        self.lines: list[tuple[float, str]] = []
        self._rest = b""

    def write(self, data: bytes) -> None:
        now = time.monotonic()
        super().write(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        self.lines += [(now, line.decode("utf-8", errors="replace").rstrip("\r")) for line in whole]


def _whole_lines(data: bytes) -> bytes:
    """The data up to the last line end; all of it where a line is too long."""
    end = data.rfind(b"\n") + 1
    return data[:end] if end or len(data) < CHUNK else data
