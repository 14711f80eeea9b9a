"""What a suite waits for at ``Library    IperfLibrary``, beside Robot's own Process library: each in a fresh Python."""

from __future__ import annotations

import os
import subprocess
import sys

from .figures import Row, Target, in_turns

IN_ROBOT = """
import sys, time
import robot.run
from robot.running.testlibraries import TestLibrary
begin = time.process_time()
TestLibrary.from_name(sys.argv[1]).instance
print(time.process_time() - begin)
"""
ALONE = """
import importlib, sys, time
begin = time.process_time()
importlib.import_module(sys.argv[1])
print(time.process_time() - begin)
"""


def rows(quick: bool) -> tuple[list[Row], str]:
    turns = 3 if quick else 11
    alone = in_turns(
        {
            "library": lambda: _milliseconds(ALONE, "IperfLibrary.library"),
            "Process": lambda: _milliseconds(ALONE, "robot.libraries.Process"),
        },
        turns,
    )
    within = in_turns(
        {
            "library": lambda: _milliseconds(IN_ROBOT, "IperfLibrary"),
            "Process": lambda: _milliseconds(IN_ROBOT, "Process"),
        },
        turns,
    )
    return [
        Row(
            "import, Python and Robot included",
            "Process library",
            "ms",
            alone["library"],
            alone["Process"],
            target=Target(1.5),
        ),
        Row("import into a Robot that runs", "Process library", "ms", within["library"], within["Process"]),
    ], ""


def _milliseconds(code: str, name: str) -> float:
    # Installed libraries have their bytecode; a first run here writes it.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, "-c", code, name], check=True, capture_output=True, text=True, env=env)
    return 1000 * float(done.stdout)
