"""Detached processes; the fake stands in for the device."""

from __future__ import annotations

from pathlib import Path

import pytest

from IperfLibrary.detached import Detached, Sighting
from IperfLibrary.errors import DeviceError
from IperfLibrary.files import RawFile

from .fake import FakeConnection, Script


def test_a_file_that_came_in_part_is_fetched_anew(tmp_path: Path) -> None:
    size = Script((b"10\n",))
    first = (size, Script((b"01234",)))
    second = (size, Script((b"0123456789",)), Script((b"4\n",)), Script((b"oh",)))
    third = (size, Script((b"0123456789",)), Script((b"4\n",)), Script((b"oh!\n",)))
    scripts = [*first, *second, *third]
    connection = FakeConnection(behaves=lambda words: scripts.pop(0))
    raw = RawFile(tmp_path, "raw", "txt")
    daemon = Detached(connection, ("iperf3",), raw, "/tmp/output", Sighting("exited", 1))
    for problem in ("Only 5 of the 10 bytes", "Only 2 of the 4 bytes"):
        with pytest.raises(DeviceError, match=problem):
            daemon.fetch()
    daemon.fetch()
    assert raw.path.read_bytes() == b"0123456789"
    assert raw.error_lines() == ["oh!"]
    assert (raw.tail, raw.error_tail) == (b"0123456789", b"oh!\n")
