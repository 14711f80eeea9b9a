"""The recorded outputs under data/: whole runs, and single outputs with what is known of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

ROLES: tuple[Literal["client"], Literal["server"]] = ("client", "server")
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Output:
    """What one end of a run printed."""

    name: str
    role: Literal["client", "server"]
    args: list[str]
    rc: int | None
    stdout: list[str]
    stderr: list[str]

    def __str__(self) -> str:
        return f"{self.name}-{self.role}"


@cache
def facts() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / "facts" / "facts.json").read_text())
    return found


def lines(name: str | None) -> list[str]:
    if not name:
        return []
    return (DATA / "facts" / name).read_bytes().decode(errors="replace").split("\n")


@cache
def runs() -> dict[str, dict[str, Output]]:
    """Client and server of each recorded run, by version and case."""
    found: dict[str, dict[str, Output]] = {}
    for path in sorted((DATA / "runs").glob("*/*.json")):
        name = f"{path.parent.name}/{path.stem}"
        run = json.loads(path.read_text())
        found[name] = {role: _output(name, role, run[role]) for role in ROLES if run.get(role)}
    return found


def outputs() -> Iterator[Output]:
    for ends in runs().values():
        yield from ends.values()


def _output(name: str, role: Literal["client", "server"], end: dict[str, Any]) -> Output:
    stdout, stderr = end.get("stdout", end.get("out")) or "", end.get("stderr", end.get("err")) or ""
    args = end.get("args", end.get("cmd")) or []
    return Output(name, role, list(args), end.get("rc"), stdout.split("\n"), stderr.split("\n"))
