"""The examples of README and user guide, to be run for real."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robot.api import ExecutionResult, logger

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from utest.documents import SHELL, Example, examples, for_lab, replaced, store_outputs

SHELL_LIMIT = 60
"""Seconds for one block of shell."""


class Documents:
    def store_examples(self, directory: str, places: Mapping[str, str]) -> list[str]:
        """Writes the examples that run in a lab, as suites with these places, and all files that they take; returns the suites."""
        _store_files(Path(directory), places)
        suites = []
        for number, example in enumerate(_in_lab()):
            # Each has a directory of its own, as baselines are kept there.
            own = Path(directory) / f"{number:02}"
            _store_files(own, places)
            path = own / f"{re.sub(r'[^0-9A-Za-z]+', '_', example.place)}.robot"
            path.write_text(replaced(for_lab(example), places), "utf-8")
            suites.append(str(path))
        return suites

    def examples_should_have_run(self, *outputs: str) -> None:
        """Each passed, or failed as it says."""
        suites = {int(suite.source.parent.name): suite for output in outputs for suite in _leaves(output)}
        expected = dict(enumerate(_in_lab()))
        if suites.keys() != expected.keys() or not expected:
            raise AssertionError(f"{len(suites)} examples were run, and there are {len(expected)}.")
        wrong = [text for number, example in expected.items() for text in _wrong(suites[number], example)]
        if wrong:
            raise AssertionError("\n".join(wrong))
        logger.info(f"{len(expected)} examples: " + ", ".join(example.place for example in expected.values()))

    def run_shell_examples(self, directory: str, places: Mapping[str, str]) -> int:
        """Runs each block of shell where the files are; returns how many there were."""
        shells = [one for one in examples() if one.language == SHELL and one.run == "shell"]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        for example in shells:
            text = replaced(example.text, places)
            ran = subprocess.run(
                ["sh", "-e", "-c", text],
                cwd=directory,
                env={**os.environ, "PATH": path},
                capture_output=True,
                text=True,
                timeout=SHELL_LIMIT,
                check=False,
            )
            logger.info(f"{example.place}\n{text}\n{ran.stdout}{ran.stderr}")
            if ran.returncode:
                raise AssertionError(f"{example.place} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
        return len(shells)


def _store_files(directory: Path, places: Mapping[str, str]) -> None:
    directory.mkdir(parents=True)
    store_outputs(directory)
    for example in examples():
        if example.file:
            (directory / example.file).write_text(replaced(example.text, places) + "\n", "utf-8")


def _in_lab() -> list[Example]:
    return [one for one in examples() if one.run.startswith("lab")]


def _leaves(output: str) -> list[Any]:
    """The suites of files."""
    top = ExecutionResult(output).suite
    return list(top.suites) or [top]


def _wrong(suite: Any, example: Example) -> list[str]:
    tests = list(suite.tests)
    if not example.fails:
        return [f"{example.place}: {test.name}: {test.message}" for test in tests if not test.passed]
    said = " ".join(test.message for test in tests if not test.passed)
    return [] if example.fails in said else [f"{example.place} should have failed with '{example.fails}', not: {said}"]
