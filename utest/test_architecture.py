"""The architecture page shows what the imports are, and every module says what it is for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from . import architecture
from .test_layers import modules

ROOT = Path(__file__).parent.parent
OUT_OF_DATE = "It is out of date: python -m utest.architecture"


def test_the_picture_shows_the_imports() -> None:
    assert architecture.PICTURE.read_text(encoding="utf-8") == architecture.picture(), OUT_OF_DATE


def test_the_lists_have_every_module() -> None:
    text = architecture.PAGE.read_text(encoding="utf-8")
    assert text == architecture.page(text), OUT_OF_DATE
    assert all(f"| `{module or '__init__'}` |" in text for module in modules())


def test_no_arrow_leads_between_the_columns_nor_upwards() -> None:
    order = list(architecture.GROUPS)
    for source, target in architecture.arrows():
        assert {source, target} != {"pure", "effect"}
        # The package itself stands on top: what it offers without Robot Framework comes from below.
        assert order.index(source) < order.index(target)


def test_the_text_of_each_box_fits_into_it() -> None:
    for name, (_, _, width, height) in architecture.PLACES.items():
        lines = architecture._wrapped(", ".join(architecture.names(name)), int((width - 24) / architecture.LETTER))
        assert 44 + len(lines) * architecture.LINE <= height + 12, f"{name} needs a higher box: PLACES"


FILES = [
    path
    for folder in ("IperfLibrary", "atest", "utest")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.read_text(encoding="utf-8").strip()
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert told
    assert len(told.split()) >= 3


LIMITS = {
    "pure": r"[Pp]ure\b",
    "effect": r"nothing of iperf|Nothing of iperf|knows no iperf|nothing but the names of programs",
    "join": r"Robot Framework",
}
"""How the docstring of a module says what it must not know, by its group."""


@pytest.mark.parametrize("module", [name for name in modules() if architecture.group_of(name) in LIMITS])
def test_a_docstring_says_what_its_module_must_not_know(module: str) -> None:
    """That of its package may say it for all modules."""
    package = next((name for name in ("connections", "testing") if module.startswith(name)), "")
    said = ast.get_docstring(ast.parse(modules()[package or module])) or ""
    assert re.search(LIMITS[architecture.group_of(module)], said), LIMITS
