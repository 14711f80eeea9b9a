"""The examples of README, user guide and keyword documentation, as suites that Robot can run.

A comment above a block of code says what is done with it beside the dry run:
``<!-- run: lab -->`` runs it on two devices, ``<!-- run: lab fails: TEXT -->`` expects it to fail with this text,
``<!-- run: shell -->`` runs it in a shell, ``<!-- file: NAME -->`` is the content of a file that others use,
``<!-- not: WHY -->`` is a part that cannot stand by itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from robot.libdoc import LibraryDocumentation

from .recorded import runs

ROOT = Path(__file__).resolve().parents[1]
ROBOT, SHELL = "robotframework", "sh"

LEAST = 9
"""Letters that a text of the code has to have, so that not every message is made by it."""

ENOUGH = 25
"""Letters of a text with which what stands behind a colon does not matter."""

_MARK = re.compile(r"<!-- (run|file|not): (.*?) -->\s*$")
_SECTION = re.compile(r"^\*+ *[A-Z]", re.MULTILINE)
_SETTING = re.compile(r"^(Library|Resource|Variables|Suite \w+|Test \w+|Metadata|Documentation) {2,}")


@dataclass(frozen=True)
class Example:
    """A block of code: where it stands, its language, its text, and what its comment says."""

    place: str
    language: str
    text: str
    run: str = ""
    file: str = ""
    left: str = ""

    @property
    def name(self) -> str:
        return re.sub(r"\W+", " ", self.place).strip().title()

    @property
    def fails(self) -> str:
        """What the failure has to say; empty where it passes."""
        return self.run.partition("fails:")[2].strip()


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]


def examples() -> list[Example]:
    """Those of README and guide."""
    return [example for path in documents() for example in of_markdown(path)]


def of_markdown(path: Path) -> Iterator[Example]:
    marks: dict[str, str] = {}
    lines = iter(enumerate(path.read_text("utf-8").splitlines(), 1))
    for number, line in lines:
        if mark := _MARK.match(line):
            marks[mark[1]] = mark[2]
        elif line.startswith("```"):
            text = "\n".join(_until_fence(lines))
            place = f"{path.relative_to(ROOT)}:{number}"
            yield Example(
                place, line[3:].strip(), text, marks.get("run", ""), marks.get("file", ""), marks.get("not", "")
            )
            marks = {}


def _until_fence(lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    for _, line in lines:
        if line.startswith("```"):
            return
        yield line


def of_keywords() -> list[Example]:
    """Those of the keyword documentation, and of its introduction."""
    spec = _documentation()
    found = [Example("Introduction", ROBOT, text) for text in _tables(spec.doc)]
    for keyword in [*spec.inits, *spec.keywords]:
        found += [Example(f"Keyword {keyword.name}", ROBOT, text) for text in _tables(_shown(keyword.doc))]
    return found


def without_example() -> list[str]:
    return [keyword.name for keyword in _documentation().keywords if not _shown(keyword.doc)]


@cache
def _documentation() -> Any:
    return LibraryDocumentation("IperfLibrary")


def _shown(doc: str) -> str:
    """What stands behind 'Example:'."""
    return "".join(re.split(r"^ *Examples?:$", doc, maxsplit=1, flags=re.MULTILINE)[1:])


def _tables(doc: str) -> Iterator[str]:
    """Code of Robot's documentation format: lines behind a bar, with no bar at their end."""
    rows: list[str] = []
    for line in [*map(str.strip, doc.splitlines()), ""]:
        if line == "|" or (line.startswith("| ") and not line.endswith(" |")):
            rows.append(line[2:])
        elif rows:
            yield "\n".join(rows)
            rows = []


def store_outputs(directory: Path) -> None:
    """The files that examples on stored output take."""
    kept = {"client.txt": "i3misc-uP2", "client.json": "json-tcp"}
    for name, case in kept.items():
        (directory / name).write_text("\n".join(runs()[f"iperf3-3.12/{case}"]["client"].stdout), "utf-8")
    (directory / "server.json").write_text((directory / "client.json").read_text("utf-8") * 2, "utf-8")


def as_suite(example: Example, settings: Sequence[str] = ()) -> str:
    """A whole suite: what has no sections gets them. ``settings`` come on top of its own."""
    head = ["*** Settings ***", *settings]
    if not re.search(r"^Library {2,}IperfLibrary", example.text, re.MULTILINE):
        head.insert(1, "Library    IperfLibrary")
    if _SECTION.search(example.text):
        return "\n".join([*head, example.text, ""])
    lines = example.text.splitlines()
    own = [line for line in lines if _SETTING.match(line)]
    steps = [f"    {line}".rstrip() for line in lines if line not in own] + ["    No Operation"]
    return "\n".join([*head, *own, "*** Test Cases ***", example.name, *steps, ""])


def for_lab(example: Example) -> str:
    """A suite that leaves nothing, and has the devices that the example does not add by itself."""
    settings = ["Suite Teardown    Remove All Iperf Devices"]
    if not re.search(r"Add Iperf Device", example.text):
        settings.append(f"Suite Setup    Run Keywords    {DEVICES}")
    return as_suite(example, settings)


DEVICES = "    AND    ".join(
    [
        "Add Iperf Device    dut    ssh://root@192.168.1.1    address=10.0.0.1    role=node",
        "Add Iperf Device    pc    ssh://lab@192.168.1.2    address=10.0.0.2    role=tpc",
    ]
)


def replaced(text: str, places: Mapping[str, str]) -> str:
    """The text with other places in it, short times, and limits that hold on any machine."""
    for place in sorted(places, key=len, reverse=True):
        text = re.sub(rf"(?<![\w./@]){re.escape(place)}(?![\w.])", places[place], text)
    text = re.sub(r"\b(time|duration)=\d+ ?(?:s|min)\b", r"\1=1s", text)
    for limit, loose in _LIMITS:
        text = re.sub(limit, rf"\g<1>{loose}", text)
    return text


_LIMITS = (
    (r"(    >=?    )[\d.]+ ?[MG]bit/s", "100 kbit/s"),
    (r"(Get Iperf (?:Loss|Cpu) .*?    <=?    )[\d.]+ ?%", "1000%"),
    (r"(Get Iperf (?:Jitter|Rtt|Duration) .*?    <=?    )[\d.]+ ?m?s", "600 s"),
    (r"(fairness\} > )[\d.]+", "0"),
    (r"(longer_than=)\d+s", "1.4s"),
)
"""What is asked of a network, and what can be asked of a busy machine."""


@cache
def messages() -> list[re.Pattern[str]]:
    """Each text in the code, as a pattern: what is filled in may be anything."""
    found: set[str] = set()
    for path in (ROOT / "IperfLibrary").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found.update(_patterns(node))
    return [re.compile(pattern, re.DOTALL) for pattern in sorted(found)]


def _patterns(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.JoinedStr, ast.BinOp, ast.Constant)):
        pattern = _pattern(node)
        if len(_letters(pattern)) >= LEAST:
            yield pattern


def _pattern(part: ast.expr) -> str:
    if isinstance(part, ast.Constant) and isinstance(part.value, str):
        return re.escape(part.value)
    if isinstance(part, ast.JoinedStr):
        return "".join(map(_pattern, part.values))
    if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
        return _pattern(part.left) + _pattern(part.right)
    return "(.*)"


def in_code(message: str) -> bool:
    """Whether some text of the code makes this message; what stands behind a colon at its end has to be in the code, too."""
    return any(_makes(pattern, message) for pattern in messages())


def _makes(pattern: re.Pattern[str], message: str) -> bool:
    found = pattern.fullmatch(message)
    if not found:
        return False
    # 'Cannot log in to {} ({}): {}.': of that alone anything would be made.
    last = re.search(r":\\ \(\.\*\)(?:\\\.)?$", pattern.pattern)
    return not last or len(_letters(pattern.pattern)) > ENOUGH or in_code(found[pattern.groups])


def _letters(pattern: str) -> str:
    return re.sub(r"\(\.\*\)|\\", "", pattern)
