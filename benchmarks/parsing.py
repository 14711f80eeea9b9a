"""Reading long outputs, beside ``json.loads`` of the same bytes and moler's own parser: CPU time, which a busy machine changes least.

Each side runs in a fresh Python, so that one's garbage is not the other's. ``cases(quick)`` has them without the runner::

    for name, library, peer, unit in cases(quick=True):
        print(name, library(), peer(), unit)
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from .figures import ITSELF, Row, Target, in_turns
from .outputs import iperf2_text, iperf2_udp_text, iperf3_json, iperf3_text, iperf3_udp_text

STREAMS = 16
MOLER_SECONDS = 300
"""Of the text that moler reads: a day would take it some ten minutes. What is counted is the time of a row."""

Case = tuple[str, Callable[[], float], Callable[[], float], str]

_TIMED = """
import os, resource, sys, time
{setup}
begin = time.process_time()
{work}
seconds = time.process_time() - begin
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
os._exit(0)
"""
_LIBRARY = (
    "from IperfLibrary import parse",
    """
with open(sys.argv[1]) as file:
    result = parse(file)
assert not result.partial and len(result.flows[0].streams) == 16
sum(row.bytes for stream in result.flows[0].streams for row in stream.intervals)
""",
)
_JSON = (
    "import json",
    """
with open(sys.argv[1], "rb") as file:
    document = json.loads(file.read())
sum(row["bytes"] for interval in document["intervals"] for row in interval["streams"])
""",
)
# As moler's own tests feed a command, without a connection and its log files.
_MOLER_SETUP = """
import datetime
from moler.cmd.unix.{module} import {name}
from moler.threaded_moler_connection import ThreadedMolerConnection
command = {name}(connection=ThreadedMolerConnection(), options="-c 127.0.0.2 -P 16")
now = datetime.datetime.now()
command.data_received(command.command_string + chr(10), now)
"""
_MOLER_WORK = """
with open(sys.argv[1]) as file:
    while text := file.read(65536):
        command.data_received(text, now)
found = command.current_ret["CONNECTIONS"]
assert sum(len(rows) > 200 for rows in found.values()) >= 16
"""
_MOLER = _MOLER_SETUP.format(module="iperf3", name="Iperf3"), _MOLER_WORK
_MOLER_2 = _MOLER_SETUP.format(module="iperf2", name="Iperf2"), _MOLER_WORK


def rows(quick: bool) -> tuple[list[Row], str]:
    turns = 3 if quick else 5
    with TemporaryDirectory() as folder:
        return [*_document(Path(folder), quick, turns), *_texts(Path(folder), quick, turns)], ""


def cases(quick: bool, folder: Path) -> list[Case]:
    """Name, the library's and the peer's CPU time by call, and their unit; the files are written into the folder."""
    document, day, hour = _hour_of_json(folder, quick), _day_of_text(folder, quick), _for_moler(folder)
    return [
        ("parse iperf3 JSON", lambda: _run(_LIBRARY, document)[0], lambda: _run(_JSON, document)[0], "s"),
        ("parse iperf3 text", partial(_per_row, _LIBRARY, day), partial(_per_row, _MOLER, hour), "µs/row"),
    ]


def _document(folder: Path, quick: bool, turns: int) -> Iterator[Row]:
    path = _hour_of_json(folder, quick)
    found = in_turns({"library": lambda: _run(_LIBRARY, path), "json": lambda: _run(_JSON, path)}, turns)
    what = f"parse iperf3 JSON, {path.stat().st_size / 1e6:.0f} MB, 16 streams"
    ours, theirs = ([values[at] for values in found[side]] for at in (0,) for side in ("library", "json"))
    yield Row(what, "json.loads", "s", tuple(ours), tuple(theirs), target=Target(1.5))
    peaks = {side: tuple(peak for _, peak in found[side]) for side in found}
    yield Row(f"{what}, peak memory", "json.loads", "MiB", peaks["library"], peaks["json"])


def _texts(folder: Path, quick: bool, turns: int) -> Iterator[Row]:
    day, few = _day_of_text(folder, quick), _for_moler(folder)
    lines = _rows_in(day)
    what = f"parse iperf3 text, {lines / 1e6:.2g} million rows"
    sides = {"library": lambda: _run(_LIBRARY, day), "moler": lambda: (_per_row(_MOLER, few), 0.0)}
    found = in_turns(sides, turns)
    speeds = tuple(lines / seconds for seconds, _ in found["library"])
    moler = tuple(1e6 / micros for micros, _ in found["moler"])
    yield Row(what, "moler", "rows/s", speeds, moler, target=Target(15, least=True))
    yield Row(what, "", "rows/s", speeds, how=ITSELF, target=Target(200_000, least=True))
    peaks = tuple(peak for _, peak in found["library"])
    yield Row(f"{what}, peak memory", "", "MiB", peaks, how=ITSELF, target=Target(400))
    for name, path in _other_texts(folder, quick):
        yield from _other(name, path, folder, turns)


def _other(name: str, path: Path, folder: Path, turns: int) -> Iterator[Row]:
    few = _written(folder / "moler2.txt", iperf2_text(MOLER_SECONDS, STREAMS, enhanced=False))
    sides = {"library": lambda: 1e6 / _per_row(_LIBRARY, path)}
    if name == "iperf2 text":
        sides["moler"] = lambda: 1e6 / _per_row(_MOLER_2, few)
    found = in_turns(sides, turns)
    if "moler" in found:
        yield Row(f"parse {name}", "moler", "rows/s", found["library"], found["moler"], target=Target(15, least=True))
    yield Row(f"parse {name}", "", "rows/s", found["library"], how=ITSELF, target=Target(200_000, least=True))


def _hour_of_json(folder: Path, quick: bool) -> Path:
    return _written(folder / "hour.json", iperf3_json(360 if quick else 3600, 0.1, STREAMS))


def _day_of_text(folder: Path, quick: bool) -> Path:
    return _written(folder / "day.txt", iperf3_text(8640 if quick else 86_400, STREAMS))


def _for_moler(folder: Path) -> Path:
    return _written(folder / "moler.txt", iperf3_text(MOLER_SECONDS, STREAMS))


def _other_texts(folder: Path, quick: bool) -> Iterator[tuple[str, Path]]:
    seconds = 2160 if quick else 21_600
    yield "iperf3 text, UDP", _written(folder / "3u", iperf3_udp_text(seconds, STREAMS))
    yield "iperf2 text", _written(folder / "2", iperf2_text(seconds, STREAMS, enhanced=False))
    yield "iperf2 text, enhanced", _written(folder / "2e", iperf2_text(seconds, STREAMS, enhanced=True))
    yield "iperf2 text, UDP", _written(folder / "2u", iperf2_udp_text(seconds, STREAMS, enhanced=False))
    yield "iperf2 text, UDP, enhanced", _written(folder / "2ue", iperf2_udp_text(seconds, STREAMS, enhanced=True))


def _written(path: Path, text: Iterator[str]) -> Path:
    if not path.exists():
        with path.open("w", encoding="utf-8") as file:
            file.writelines(text)
    return path


def _rows_in(path: Path) -> int:
    with path.open(encoding="utf-8") as file:
        return sum("/sec" in line for line in file)


def _per_row(side: tuple[str, str], path: Path) -> float:
    return 1e6 * _run(side, path)[0] / _rows_in(path)


def _run(side: tuple[str, str], path: Path) -> tuple[float, float]:
    """CPU seconds of the work, and the most memory that the process ever had, in MiB."""
    setup, work = side
    code = _TIMED.format(setup=setup, work=work)
    done = subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)
