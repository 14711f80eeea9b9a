"""The files of a run: raw output byte for byte, named so that a reader knows what is in it, never overwritten."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path

from .errors import CommandError

TAIL = 4096
"""Bytes of the end of each stream that are kept at hand for messages."""

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
        raise CommandError(
            f"No file can be written into {directory}.",
            said=str(problem),
            cause="it is no directory, it may not be written, or the disk is full",
            remedy="give another one with robot --outputdir, or with 'directory=' of the library",
        ) from None


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


def error_path(raw: Path) -> Path:
    """Where the stderr of a run stands, beside its raw file."""
    return raw.with_name(raw.name + ".stderr")


class RawFile:
    """The raw file of a run, with the stderr in a file beside it; both are written by a worker thread.

    The stderr file is made when there is something to write.
    """

    def __init__(self, directory: Path, name: str, extension: str) -> None:
        self.path = create(directory, name, extension)
        self.error_path = error_path(self.path)
        self.tail = b""
        self.error_tail = b""
        self.grown = threading.Event()
        """Set whenever something was written; whoever waits for it clears it."""
        # Without a buffer: what a full disk did not take would be tried again by close.
        self._out = self.path.open("ab", buffering=0)

    def write(self, data: bytes) -> None:
        self.tail = (self.tail + data)[-TAIL:]
        left = memoryview(data)
        while left:
            left = left[self._out.write(left) :]
        self.grown.set()

    def write_error(self, data: bytes) -> None:
        self.error_tail = (self.error_tail + data)[-TAIL:]
        with self.error_path.open("ab") as file:
            file.write(data)

    def close(self) -> None:
        self._out.close()

    def lines(self) -> list[str]:
        """The lines written until now."""
        return _text(self._content()).splitlines(keepends=True)

    def lines_from(self, offset: int) -> tuple[list[str], int]:
        """The whole lines behind the offset, and the offset behind them."""
        data = self._content(offset)
        whole = data[: data.rfind(b"\n") + 1]
        return _text(whole).splitlines(keepends=True), offset + len(whole)

    def _content(self, offset: int = 0) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                return file.read()
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


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
