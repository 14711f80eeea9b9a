"""Runs a suite of benchmarks in a Robot Framework of its own and takes what it measured."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from . import samples
from .samples import Taken

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results" / "bench"
LIMIT = 540.0


class BenchError(Exception):
    """A benchmark did not run; the message is what its suite said."""


def run(suite: str, facts: Mapping[str, object]) -> dict[str, Taken]:
    """The samples of each benchmark of the suite, by name and side."""
    folder = RESULTS / Path(suite).stem
    variables = [f"--variable={name}:{value}" for name, value in facts.items()]
    words = [sys.executable, "-m", "robot", "--outputdir", str(folder), "--console", "dotted", *variables]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = str(ROOT / "benchmarks" / "suites" / suite)
    done = subprocess.run([*words, path], check=False, capture_output=True, text=True, env=env, timeout=LIMIT)
    if done.returncode:
        raise BenchError(done.stdout + done.stderr)
    return samples.read(folder)
