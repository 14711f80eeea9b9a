"""Checks of how files come from the device, and get there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..connections.base import Connection
from ..errors import DeviceError
from .bench import Bench, expect
from .output import ALL_BYTES, difference, lines, octal

_MAKE = 'i=0; while [ $i -lt "$2" ]; do echo "$i $3"; i=$((i+1)); done >"$1"'


class FetchChecks:
    """All bytes of a file, or an error."""

    file = 3_000_000
    """Bytes of a large file."""

    directory = ""
    """Where the checks may write on the device; empty is the connection's own ``scratch``, or ``/tmp``."""

    def bench(self, connection: Connection) -> Bench:
        raise NotImplementedError

    def test_an_empty_file_is_fetched(self, connection: Connection) -> None:
        with self._file(connection, ': >"$1"') as path:
            expect(_fetched(connection, path) == b"", "An empty file is not empty.")

    def test_a_file_with_every_byte_is_fetched(self, connection: Connection) -> None:
        with self._file(connection, 'printf "$2" >"$1"', octal(ALL_BYTES)) as path:
            found = _fetched(connection, path)
            expect(found == ALL_BYTES, difference(found, ALL_BYTES))

    def test_a_large_file_is_fetched(self, connection: Connection) -> None:
        count, wanted = lines(self.file)
        with self._file(connection, _MAKE, count, "x" * 90) as path:
            found = _fetched(connection, path)
            expect(found == wanted, difference(found, wanted))

    def test_a_file_with_an_odd_name_is_fetched(self, connection: Connection) -> None:
        with self._file(connection, 'echo content >"$1"', name='it\'s $odd "name"') as path:
            expect(_fetched(connection, path) == b"content\n", "The file has another content.")

    def test_a_missing_file_is_an_error(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            try:
                found = _fetched(connection, self._path(connection, bench, "missing"))
            except DeviceError:
                return
            raise AssertionError(f"A missing file was fetched: {found!r}.")

    def test_a_file_is_stored(self, connection: Connection) -> None:
        """In blocks, one after the other: a connection that loses what would block it shows here."""
        wanted = ALL_BYTES * (self.file // 1024)
        with self.bench(connection) as bench:
            path = self._path(connection, bench, "stored")
            try:
                connection.store(path, wanted)
                found = _fetched(connection, path)
                expect(found == wanted, difference(found, wanted))
            finally:
                bench.elsewhere(("rm", "-f", path))

    def _path(self, connection: Connection, bench: Bench, name: str) -> str:
        directory = self.directory or connection.scratch
        return f"{directory}/conformance_{bench.mark}_{name}"

    @contextmanager
    def _file(self, connection: Connection, script: str, *words: str, name: str = "file") -> Iterator[str]:
        with self.bench(connection) as bench:
            path = self._path(connection, bench, name)
            try:
                made = bench.elsewhere(("sh", "-c", f"{script} && echo made", "sh", path, *words))
                expect(made == "made\n", f"The check could not write {path}: see 'directory'.")
                yield path
            finally:
                bench.elsewhere(("rm", "-f", path))


def _fetched(connection: Connection, path: str) -> bytes:
    found = bytearray()
    connection.fetch(path, found.extend)
    return bytes(found)
