"""Runs the benchmarks and prints the table: ``scripts/bench [--quick] [--json] [NAME ...]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from importlib import metadata

from . import crowd, imports, over_ssh, parsing
from .figures import Row, as_data, as_table
from .robots import BenchError

Benchmark = Callable[[bool], tuple[list[Row], str]]
BENCHMARKS: dict[str, Benchmark] = {
    "ssh": over_ssh.rows,
    "crowd": crowd.rows,
    "import": imports.rows,
    "parse": parsing.rows,
}
"""Each gives rows for the table, and what stands beneath it."""
VERSIONS = ("robotframework", "paramiko", "robotframework-sshlibrary", "moler")


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    rows: list[Row] = []
    beneath: list[str] = []
    broken = False
    for name in asked.names or BENCHMARKS:
        begin = time.monotonic()
        try:
            found, chart = BENCHMARKS[name](asked.quick)
            rows += found
            beneath += [chart] if chart else []
        except BenchError as problem:
            broken = True
            print(f"{name} did not run:\n{problem}", file=sys.stderr)
        print(f"{name}: {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    print(_as_json(rows) if asked.json else "\n\n".join([_about(), as_table(rows), *beneath]))
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", choices=[[], *BENCHMARKS], help=f"one of {', '.join(BENCHMARKS)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="fewer turns and smaller sizes: two minutes in place of ten"
    )
    parser.add_argument("--json", action="store_true", help="each value that was measured, for machines")
    return parser


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}, Python {platform.python_version()}"


def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in VERSIONS}


def _about() -> str:
    versions = ", ".join(f"{name} {version}" for name, version in _versions().items())
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {_machine()}, load {load}\n{versions}"


def _as_json(rows: Sequence[Row]) -> str:
    facts = {"date": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "machine": _machine(), "versions": _versions()}
    return json.dumps({**facts, "rows": [as_data(row) for row in rows]}, indent=1)


if __name__ == "__main__":
    sys.exit(main())
