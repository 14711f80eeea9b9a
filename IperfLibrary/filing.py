"""Where the files of runs go: the raw file of each, and its figures as CSV under the same name.

Robot Framework is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .devices import Device, fake
from .files import RawFile, TimedFile, create, stem
from .options import Options
from .result import Result
from .table import as_csv


class Files:
    """Where the files of runs go."""

    def __init__(self, directory: Callable[[], Path], note: Callable[[Device, str], None]) -> None:
        self._directory = directory
        self.note = note
        """Takes the file of a run that was the last one on a device."""

    def raw(
        self, way: str | None, sends: str | None, options: Options, device: Device, name: str, extension: str
    ) -> RawFile:
        """The raw file of a run; a server does not know beforehand who will send what, so its name does not say it."""
        protocol = options.protocol if sends else None
        marked = "fake" if fake(device) else None
        raw = RawFile(self._directory() / "raw_iperf", stem(marked, way, sends, protocol, device.name, name), extension)
        self.note(device, str(raw.path))
        return raw

    def beside(self, device: Device, name: str) -> TimedFile:
        """What is printed by something that goes on beside a run; it is not the last file of its device."""
        return TimedFile(self._directory() / "raw_iperf", stem(device.name, name), "txt")

    def parsed(self, result: Result, raw: RawFile) -> Result:
        """Writes the CSV beside the raw file's directory; the result with its path."""
        path = create(self._directory() / "parsed", raw.path.stem, "csv", as_csv(result))
        return replace(result, parsed_file=str(path))
