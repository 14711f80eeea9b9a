"""Which module may import which: two columns that never see each other, and one place that knows Robot Framework."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import IperfLibrary

PACKAGE = "IperfLibrary"
ROOT = Path(IperfLibrary.__file__).parent

BELOW = {"errors", "secret", "version"}
PURE = {
    "units",
    "plain",
    "metrics",
    "samples",
    "counters",
    "crosscheck",
    "recovery",
    "recovery_block",
    "ways",
    "repeats",
    "timeline",
    "baselines",
    "comparison",
    "conditions",
    "judgement",
    "judgement_block",
    "beside",
    "option_table",
    "options",
    "companions",
    "latency",
    "ping",
    "panels",
    "result",
    "intervals",
    "datagrams",
    "rates",
    "export",
    "table",
    "summary",
    "listing",
    "capabilities",
    "markup",
    "curve",
    "axes",
    "chart",
    "plot",
    "overlay",
    "parts",
    "block",
    "overview",
    "throughput",
    "sweeps",
    "report",
    "report.series",
    "report.records",
    "report.lines",
    "report.text",
    "report.assets",
    "report.detail",
    "report.trends",
    "report.page",
    "ends",
    "replay",
    "signature",
    "tools.*",
}
EFFECT = {
    "deadline",
    "together",
    "events",
    "console",
    "files",
    "writing",
    "holders",
    "sockets",
    "run",
    "detached",
    "reservations",
    "devices",
    "connections.*",
    "inventory",
    "inventory_check",
    "inventory_formats",
    "testing.*",
}
JOIN = {
    "searching",
    "checking",
    "recovering",
    "probing",
    "survey",
    "installing",
    "filing",
    "reading",
    "sampling",
    "pinging",
    "company",
    "handles",
    "servers",
    "daemons",
    "expected",
    "far_end",
    "client_failures",
    "fitting",
    "clients",
    "report.recording",
    "report.file",
    "baseline_file",
}
TOP = {"log", "parallel", "telling", "keywords.*", "library", "cli", "__main__", ""}

MAY_IMPORT: dict[str, set[str]] = {
    # below both columns
    "errors": set(),
    "secret": set(),
    "version": set(),
    # pure column: text in, values out
    "units": {"errors"},
    "option_table": {"secret", "units"},
    "options": {"errors", "secret", "option_table"},
    "plain": {"errors"},
    "companions": {"units"},
    "latency": set(),
    "ping": set(),
    "result": {"companions", "latency", "plain", "units"},
    "intervals": {"result"},
    "datagrams": {"result"},
    "rates": {"result", "units"},
    "export": {"plain", "result"},
    "table": {"errors", "plain", "result", "units"},
    "summary": {"errors", "result", "units"},
    "listing": {"secret", "option_table", "units"},
    "capabilities": {"markup", "option_table"},
    "markup": set(),
    "curve": {"result", "intervals"},
    "axes": {"markup"},
    "panels": {"axes", "companions", "latency", "markup", "result", "units"},
    "chart": {"axes", "curve", "markup", "panels", "result", "units"},
    "plot": {"axes", "markup", "units"},
    "parts": {"markup"},
    "block": {"chart", "companions", "crosscheck", "latency", "markup", "parts", "result", "units"},
    "throughput": {"errors", "result", "units"},
    "sweeps": {"errors", "repeats", "result", "samples", "units"},
    "overlay": {"axes", "beside", "chart", "curve", "markup", "result", "timeline", "units"},
    "overview": {
        "beside",
        "markup",
        "metrics",
        "overlay",
        "parts",
        "plot",
        "repeats",
        "result",
        "samples",
        "sweeps",
        "throughput",
        "units",
    },
    "ends": {"datagrams", "result", "tools.*"},
    "replay": {"options", "result", "tools.*", "units"},
    "samples": set(),
    "counters": set(),
    "recovery": {"result"},
    "recovery_block": {"chart", "markup", "parts", "recovery"},
    "crosscheck": {"counters", "errors", "result", "units"},
    "ways": {"errors"},
    "beside": {"result", "samples", "timeline", "units"},
    "baselines": {"errors", "samples"},
    "comparison": {"errors", "samples"},
    "conditions": {"option_table", "report.records", "report.text", "result"},
    "judgement": {"baselines", "comparison", "conditions", "errors", "metrics", "repeats", "samples", "units"},
    "judgement_block": {"baselines", "comparison", "conditions", "judgement", "markup", "parts", "plot", "samples"},
    "timeline": {"result"},
    "repeats": {"metrics", "result", "samples"},
    "metrics": {"errors", "units", "result", "intervals", "latency", "ways"},
    "signature": {"errors", "option_table", "options", "secret", "sweeps"},
    "report": set(),
    "report.series": {"result", "intervals"},
    "report.records": {"recovery", "errors", "secret", "companions", "latency", "result", "report.series"},
    "report.lines": {"report.records"},
    "report.text": {"errors", "units", "option_table", "report.records"},
    "report.assets": set(),
    "report.detail": {"companions", "units", "report.records", "report.series", "report.text"},
    "report.trends": {"report.records", "report.text"},
    "report.page": {
        "report.records",
        "report.series",
        "report.text",
        "report.assets",
        "report.detail",
        "report.trends",
    },
    "tools.*": {"datagrams", "errors", "units", "option_table", "options", "result", "tools.*"},
    # effect column: bytes, lines, pids, deadlines
    "deadline": set(),
    "together": {"deadline"},
    "console": set(),
    "events": {"errors", "deadline"},
    "files": {"errors"},
    "writing": {"deadline"},
    "connections.*": {"errors", "secret", "deadline", "inventory_formats", "connections.*"},
    "devices": {"errors", "connections.*"},
    "inventory_formats": {"errors"},
    "inventory": {"errors", "secret", "inventory_formats"},
    "inventory_check": {"errors", "connections.*", "devices", "inventory", "inventory_formats"},
    "testing.*": {"errors", "secret", "deadline", "connections.*", "testing.*"},
    "holders": {"connections.*"},
    "sockets": {"errors", "connections.*", "holders"},
    "run": {"errors", "secret", "deadline", "files", "connections.*"},
    "detached": {"errors", "deadline", "files", "run", "connections.*"},
    "reservations": {"errors", "deadline", "detached", "connections.*"},
    # where they meet
    "probing": BELOW | PURE | EFFECT,
    "checking": BELOW | PURE | EFFECT,
    "survey": BELOW | PURE | EFFECT | {"probing"},
    "filing": BELOW | PURE | EFFECT,
    "installing": BELOW | PURE | EFFECT | {"probing"},
    "reading": BELOW | PURE | EFFECT,
    "handles": BELOW | PURE | EFFECT | {"probing", "filing", "reading"},
    "servers": BELOW | PURE | EFFECT | {"probing", "filing", "reading", "handles"},
    "daemons": BELOW | PURE | EFFECT | {"probing", "filing", "reading", "handles", "servers"},
    "far_end": BELOW | PURE | EFFECT | {"servers"},
    "expected": BELOW | PURE | EFFECT | {"servers"},
    "client_failures": BELOW | PURE | EFFECT | {"far_end", "handles", "servers"},
    "sampling": BELOW | PURE | EFFECT | {"filing"},
    "pinging": BELOW | PURE | EFFECT | {"filing"},
    "company": BELOW | PURE | {"pinging", "sampling"},
    "clients": BELOW
    | PURE
    | EFFECT
    | {"checking", "probing", "filing", "reading", "handles", "servers", "client_failures", "company", "fitting"},
    "fitting": BELOW | PURE | EFFECT | {"probing", "client_failures"},
    "recovering": BELOW | PURE | EFFECT | {"probing", "clients"},
    "searching": {"errors", "throughput", "units"},
    "report.recording": {"errors", "files", "writing", "report.records", "report.lines"},
    "report.file": {"errors", "files", "writing", "report.recording", "report.page"},
    "baseline_file": {"baselines", "errors", "files", "writing"},
    "log": {"errors"},
    "keywords.*": BELOW | PURE | EFFECT | JOIN | {"log", "telling", "keywords.*"},
    "parallel": set(),
    "telling": BELOW | PURE | EFFECT | JOIN | {"log", "parallel"},
    "library": {"keywords.*", "version"},
    "cli": BELOW | PURE | {"files", "report.file"},
    "__main__": {"cli"},
    "": {"events", "library", "result", "export", "table", "tools.*", "version"},
}
"""Module (``""`` is the package itself, ``x.*`` all of a package) to the modules of this library that it may import."""

EFFECTS = {
    "asyncio", "concurrent", "ctypes", "fcntl", "glob", "io.open", "logging", "multiprocessing", "os", "pathlib",
    "pty", "queue", "random", "secrets", "select", "selectors", "shutil", "signal", "socket", "subprocess", "tempfile",
    "threading", "time",
}  # fmt: skip
"""What the pure column has nothing to do with."""

ONLY_IN: dict[str, set[str]] = {
    "robot": {"library", "log", "keywords.*"},
    "logging": set(),
    "MLRsearch": {"searching"},
    "paramiko": {
        "connections.channels",
        "connections.ssh",
        "connections.ssh_address",
        "connections.ssh_failures",
        "connections.ssh_login",
        "connections.sshlibrary",
    },
    "serial": {"connections.serial_line"},
    "SSHLibrary": set(),  # an instance is found among the suite's libraries, so nobody has to have it
    "subprocess": {"connections.local", "connections.proxy_command"},
    "importlib": {"connections", "connections.plugins"},  # modules by name, which this test cannot follow
}
"""Modules from outside that have their one place."""


@cache
def modules() -> dict[str, str]:
    """The text of each module of the package, by its name without the package's."""
    return {_name(path): path.read_text(encoding="utf-8") for path in sorted(ROOT.rglob("*.py"))}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_package(module: str) -> bool:
    return (ROOT / module.replace(".", "/") / "__init__.py").is_file()


def imports(text: str, module: str) -> set[str]:
    """Absolute names of all that a module imports, wherever in it; ``from x import y`` is x.y."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{_base(node, module)}.{alias.name}" for alias in node.names}
    return found


def _base(node: ast.ImportFrom, module: str) -> str:
    if not node.level:
        return str(node.module)
    parts = [PACKAGE, *filter(None, module.split("."))]
    keep = len(parts) - node.level + is_package(module)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])


def own_imports(text: str, module: str) -> set[str]:
    """The modules of this library that the module imports."""
    known = set(modules())
    return {_module_of(name, known) for name in imports(text, module) if _is(name, PACKAGE)}


def _module_of(name: str, known: set[str]) -> str:
    """The module that this is, or that this is in."""
    inner = name.removeprefix(PACKAGE).lstrip(".")
    while inner not in known:
        inner = inner.rpartition(".")[0]
    return inner


def outside_imports(text: str, module: str) -> set[str]:
    return {name for name in imports(text, module) if not _is(name, PACKAGE)}


def _is(name: str, top: str) -> bool:
    return name == top or name.startswith(top + ".")


def row(module: str) -> str:
    """The row of the table that this module has."""
    package = module.split(".")[0] + ".*"
    return package if package in MAY_IMPORT else module


def violations(text: str, module: str) -> list[str]:
    """What the module imports and may not."""
    may = MAY_IMPORT[row(module)]
    bad = [name for name in own_imports(text, module) if row(name) not in may]
    outside = outside_imports(text, module)
    if row(module) in PURE:
        bad += [name for name in outside if any(_is(name, effect) for effect in EFFECTS)]
    bad += [
        name
        for name in outside
        for top, places in ONLY_IN.items()
        if _is(name, top) and not {module, row(module)} & places
    ]
    return sorted(set(bad))


def test_every_module_has_a_row() -> None:
    new = {module for module in modules() if row(module) not in MAY_IMPORT}
    assert not new, f"{new}: a row in MAY_IMPORT, and a place in PURE, EFFECT, JOIN, TOP or BELOW"


def test_every_row_has_a_module() -> None:
    assert set(MAY_IMPORT) - {row(module) for module in modules()} == set()


def test_every_row_is_in_one_column() -> None:
    columns = [BELOW, PURE, EFFECT, JOIN, TOP]
    assert set().union(*columns) == set(MAY_IMPORT)
    assert sum(map(len, columns)) == len(MAY_IMPORT)


def test_the_table_keeps_the_columns_apart() -> None:
    for module in BELOW:
        assert MAY_IMPORT[module] <= BELOW
    for module in PURE:
        assert MAY_IMPORT[module] <= PURE | BELOW
    for module in EFFECT:
        assert MAY_IMPORT[module] <= EFFECT | BELOW


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_what_it_may(module: str) -> None:
    assert violations(modules()[module], module) == []


def cycle_in(texts: dict[str, str]) -> list[str]:
    graph = {module: own_imports(text, module) for module, text in texts.items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as cycle:
        return list(cycle.args[1])
    return []


def test_there_is_no_import_cycle() -> None:
    assert cycle_in(modules()) == []


def test_a_cycle_is_seen() -> None:
    texts = {**modules(), "units": "def f():\n    from .result import Result"}
    assert {"units", "result"} <= set(cycle_in(texts))


@pytest.mark.parametrize(
    ("module", "text", "found"),
    [
        ("options", "import subprocess", ["subprocess"]),
        ("options", "from pathlib import Path", ["pathlib.Path"]),
        ("options", "def f():\n    import time", ["time"]),
        ("options", "import os.path as p", ["os.path"]),
        ("options", "from .run import Run", ["run"]),
        ("options", "from . import run as r", ["run"]),
        ("options", "from IperfLibrary.run import Run", ["run"]),
        ("options", "import IperfLibrary.run", ["run"]),
        ("options", "import json", []),
        ("options", "import timeit, ossaudiodev", []),
        ("option_table", "from .units import Size", []),
        ("tools.base", "from ..run import Run", ["run"]),
        ("tools.base", "from .. import deadline", ["deadline"]),
        ("tools.base", "class A:\n    def f(self):\n        from ..connections.base import Sink", ["connections.base"]),
        ("tools.base", "from .faults import Fault", []),
        ("tools", "from ..table import as_csv", ["table"]),
        ("tools", "from .base import Tool", []),
        ("connections.local", "from ..options import Options", ["options"]),
        ("connections.local", "from ..tools.faults import Fault", ["tools.faults"]),
        ("connections.local", "import robot.api", ["robot.api"]),
        ("connections.local", "import logging", ["logging"]),
        ("connections.local", "from . import leash", []),
        ("connections", "from .ssh import SshConnection", []),
        ("options", "from . import __version__", [""]),
        ("errors", "from .units import Size", ["units"]),
        ("handles", "from robot.api import logger", ["robot.api.logger"]),
        ("handles", "from .library import IperfLibrary", ["library"]),
        ("keywords.state", "from robot.api import logger\nfrom ..handles import Handle", []),
        ("library", "from .handles import Handle", ["handles"]),
        ("run", "import paramiko", ["paramiko"]),
        ("report.page", "from .recording import append", ["report.recording"]),
        ("report.page", "from . import file", ["report.file"]),
        ("report.page", "import os", ["os"]),
        ("report.page", "from . import text", []),
        ("report.recording", "import os\nfrom ..writing import locked", []),
    ],
)
def test_a_violation_is_seen(module: str, text: str, found: list[str]) -> None:
    assert violations(text, module) == found
