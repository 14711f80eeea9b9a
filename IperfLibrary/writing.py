"""Files that several processes write: one at a time, and whole or not at all. Nothing of iperf is known here."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from .deadline import Deadline

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_LIMIT = 10.0
"""Seconds that another process may take to write."""

PAUSE = 0.01
"""Seconds between two looks whether it is done."""

ANYBODY = 0o644
"""Who may read a new file: as other files, not the owner alone."""


@contextmanager
def locked(file: int) -> Iterator[bool]:
    """Whether nobody else writes into the open file meanwhile: closing it lets go. Raises OSError."""
    if fcntl is None:
        yield False
        return
    if not Deadline(LOCK_LIMIT).wait(lambda seconds: _lock(file, seconds)):
        raise OSError(errno.ETIMEDOUT, "it is locked")
    yield True


def _lock(file: int, seconds: float) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(min(seconds, PAUSE))
        return False
    return True


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Nobody else who holds the file replaces it meanwhile; one that is not there is made, empty. Raises OSError.

    The lock is on the file itself, so that nothing else is left in the directory: whoever got the lock of a file that was replaced
    while it waited tries again.
    """
    while fcntl is not None:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, ANYBODY)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OSError(errno.EINVAL, "it is no plain file", str(path))
            with locked(file):
                if _is_still(file, path):
                    yield
                    return
        finally:
            os.close(file)
    yield


def _is_still(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False


def replace(path: Path, data: bytes) -> None:
    """Writes all of it or nothing: who reads the file meanwhile sees a whole one, and who may read it stays as it was. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=path.parent, prefix=path.name, delete=False) as file:
        try:
            file.write(data)
            file.close()
            os.chmod(file.name, _mode(path))
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else ANYBODY
