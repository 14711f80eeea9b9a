"""What the texts for people name is there: files, directories, scripts, modules, sections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from IperfLibrary.errors import printable

ROOT = Path(__file__).parent.parent
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
MADE = ("results/", "pabot_results/", "dist/", "docs/IperfLibrary.html")
"""How that begins which scripts and runs make, and is not there before."""
PLACES = (ROOT, ROOT / "IperfLibrary", ROOT / "docs")
SUFFIXES = ("py", "md", "resource", "robot", "svg", "toml", "yaml")

# In a path of ours there is a directory; without one, only a module is meant.
_PATH = re.compile(rf"`([\w.-]+(?:/[\w.-]+)*/(?:[\w.-]+)?|[\w/.-]+/[\w.-]+\.(?:{'|'.join(SUFFIXES)})|\w+\.(?:py|md))`")
_SCRIPT = re.compile(r"(?<![\w/])(scripts/[a-z]+)")
_MODULE = re.compile(
    r"`(?:python -m )?((?:utest|atest|IperfLibrary)(?:\.[a-z_0-9]+)+)`|python -m ((?:utest|atest)\.[a-z_0-9.]+)"
)
_LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """The text without its examples, which name files of users."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def paths_in(text: str) -> Iterator[str]:
    yield from _PATH.findall(text)
    yield from _SCRIPT.findall(text)


def is_there(name: str) -> bool:
    return name.startswith(MADE) or any((place / name).exists() for place in PLACES)


def missing(text: str) -> list[str]:
    """The files, directories and modules in the text that are not there."""
    modules = [one or other for one, other in _MODULE.findall(text)]
    return [name for name in paths_in(text) if not is_there(name)] + [name for name in modules if not _is_module(name)]


def _is_module(name: str) -> bool:
    """Of a name like ``IperfLibrary.errors.IperfError``, all but what is inside a module."""
    parts = name.split(".")
    path = ROOT.joinpath(*parts)
    inside = ROOT.joinpath(*parts[:-1]).with_suffix(".py")
    return path.is_dir() or path.with_suffix(".py").is_file() or _names(inside, parts[-1])


def _names(module: Path, name: str) -> bool:
    package = module.with_suffix("") / "__init__.py"
    return any(path.is_file() and re.search(rf"\b{name}\b", path.read_text()) for path in (module, package))


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_named_is_there(path: Path) -> None:
    assert missing(prose(path)) == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for link in _LINK.findall(prose(path)):
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_of_a_terminal_is_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see `keywords/nothing.py`", ["keywords/nothing.py"]),
        ("see `keywords/state.py`, `connections/` and `errors.py`", []),
        ("see `gone/`", ["gone/"]),
        ("run scripts/nothing", ["scripts/nothing"]),
        ("run `python -m utest.nothing`", ["utest.nothing"]),
        ("run `python -m utest.record`, see `IperfLibrary.errors.IperfError`", []),
        ("see `IperfLibrary.errors.NothingError` or `IperfLibrary.nothing`", ["IperfLibrary.nothing"]),
    ],
)
def test_what_is_not_there_would_be_seen(text: str, found: list[str]) -> None:
    assert missing(text) == found


def test_all_texts_are_looked_at() -> None:
    assert {"README.md", "CONTRIBUTING.md", "SECURITY.md", "architecture.md", "wrong_figure.md"} <= {
        p.name for p in TEXTS
    }
    assert len(list(paths_in(prose(ROOT / "CONTRIBUTING.md")))) > 40
