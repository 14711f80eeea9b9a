"""What one turn of one side took, and how suites hand that to who makes the table."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

FILE = "samples.json"


class Sample(NamedTuple):
    """Wall clock and CPU time of this process in seconds, and what the side gave: a bit rate, say, or nothing."""

    seconds: float
    cpu: float
    value: float


Taken = Mapping[str, Sequence[Sample]]
"""The samples of each side."""


def timed(action: Callable[[], Any]) -> Callable[[], Sample]:
    """The action, with a clock at its side."""

    def run() -> Sample:
        wall, cpu = time.perf_counter(), time.process_time()
        given = action()
        took = time.perf_counter() - wall, time.process_time() - cpu
        return Sample(*took, float(given) if isinstance(given, (int, float)) else 0.0)

    return run


def write(directory: Path, taken: Mapping[str, Taken]) -> None:
    plain = {name: {side: [tuple(s) for s in samples] for side, samples in one.items()} for name, one in taken.items()}
    (directory / FILE).write_text(json.dumps(plain))


def read(directory: Path) -> dict[str, Taken]:
    found = json.loads((directory / FILE).read_text())
    return {name: {side: [Sample(*s) for s in samples] for side, samples in one.items()} for name, one in found.items()}


def seconds(samples: Sequence[Sample]) -> tuple[float, ...]:
    return tuple(sample.seconds for sample in samples)


def values(samples: Sequence[Sample]) -> tuple[float, ...]:
    return tuple(sample.value for sample in samples)
