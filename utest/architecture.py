"""Draws ``docs/architecture.svg`` and writes the lists in ``docs/architecture.md``, from the modules themselves and the table of
:mod:`utest.test_layers`: ``python -m utest.architecture``. A unit test says when they are not up to date."""

from __future__ import annotations

import ast
import re
from collections import Counter
from html import escape
from pathlib import Path

from .test_layers import BELOW, EFFECT, JOIN, PURE, TOP, is_package, modules, own_imports, row

DOCS = Path(__file__).parent.parent / "docs"
PICTURE, PAGE = DOCS / "architecture.svg", DOCS / "architecture.md"

GROUPS: dict[str, tuple[str, set[str]]] = {
    "top": ("Knows Robot Framework, or the command line", TOP),
    "join": ("Where the columns meet", JOIN),
    "pure": ("Pure column: text in, values out", PURE),
    "effect": ("Effect column: bytes, pids, deadlines", EFFECT),
    "below": ("Below both", BELOW),
}
PLACES = {
    "top": (30, 20, 850, 60),
    "join": (110, 130, 690, 100),
    "pure": (30, 280, 410, 260),
    "effect": (470, 280, 410, 260),
    "below": (30, 590, 850, 60),
}
"""Of each box: left, top, width, height."""

LINE, LETTER = 18, 6.8
"""Pixels of a line, and of a letter at the most."""


def group_of(module: str) -> str:
    found = next((name for name, (_, rows) in GROUPS.items() if row(module) in rows), None)
    assert found, f"{module} is in none of PURE, EFFECT, JOIN, TOP, BELOW of utest/test_layers.py"
    return found


def files(group: str) -> list[str]:
    """The files of a box, from the root of the project."""
    return [f"*/IperfLibrary/{_file(module)}" for module in modules() if group_of(module) == group]


def _file(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py".lstrip("/") if is_package(module) else f"{path}.py"


def arrows() -> Counter[tuple[str, str]]:
    """How many imports lead from one box to another."""
    pairs = ((module, other) for module, text in modules().items() for other in own_imports(text, module))
    found = Counter((group_of(one), group_of(other)) for one, other in pairs)
    return Counter({pair: count for pair, count in found.items() if pair[0] != pair[1]})


def names(group: str) -> list[str]:
    """The rows of the table in a box, as they are called in the code; a package with how many modules it has."""
    counts = Counter(row(module) for module in modules() if group_of(module) == group)
    return [_called(name, count) for name, count in sorted(counts.items())]


def _called(name: str, count: int) -> str:
    if name.endswith(".*"):
        return f"{name.removesuffix('.*')}/ ({count})"
    return name or "__init__"


# -- the picture


def picture() -> str:
    """The whole SVG."""
    boxes = "".join(_box(name) for name in GROUPS)
    lines = "".join(_arrow(*pair, count) for pair, count in sorted(arrows().items()))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 670" width="900" height="670" role="img" '
        'aria-label="The modules of IperfLibrary and which group imports which">\n'
        "<style>text{font:13px sans-serif;fill:#1b1f24}.head{font-weight:bold;font-size:14px}.count{font-size:11px;fill:#57606a}</style>\n"
        '<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>\n'
        f'<rect width="900" height="670" fill="#fff"/>\n{boxes}{lines}</svg>\n'
    )


def _box(name: str) -> str:
    left, top, width, height = PLACES[name]
    rows = [*_wrapped(", ".join(names(name)), int((width - 24) / LETTER))]
    texts = "".join(
        f'<text x="{left + 12}" y="{top + 44 + at * LINE}">{escape(line)}</text>\n' for at, line in enumerate(rows)
    )
    return (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="6" fill="#f6f8fa" stroke="#57606a"/>\n'
        f'<text class="head" x="{left + 12}" y="{top + 22}">{escape(GROUPS[name][0])}</text>\n{texts}'
    )


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split(", "):
        if len(lines[-1]) + len(word) + 2 > width:
            lines.append("")
        lines[-1] += f"{word}, "
    return [line.rstrip() for line in lines[:-1]] + [lines[-1].rstrip(", ")]


_BETWEEN = {
    ("top", "join"): (455, 80, 455, 130),
    ("top", "pure"): (70, 80, 70, 280),
    ("top", "effect"): (840, 80, 840, 280),
    ("top", "below"): (10, 50, 10, 620),
    ("join", "pure"): (235, 230, 235, 280),
    ("join", "effect"): (675, 230, 675, 280),
    ("join", "below"): (455, 230, 455, 590),
    ("pure", "below"): (235, 540, 235, 590),
    ("effect", "below"): (675, 540, 675, 590),
}
"""Where the arrow of each pair runs. A pair that is not here has no place in the picture, and no right to be."""


def _arrow(source: str, target: str, count: int) -> str:
    x1, y1, x2, y2 = _BETWEEN[source, target]
    shape = f"M30 {y1}H{x1}V{y2}H30" if x1 == x2 == 10 else f"M{x1} {y1}L{x2} {y2}"
    label = f'<text class="count" x="{x1 + 6}" y="{y2 - 8}">{count}</text>\n' if x1 != 10 else ""
    return f'<path d="{shape}" fill="none" stroke="#57606a" stroke-width="1.5" marker-end="url(#end)"/>\n{label}'


# -- the lists


def page(text: str) -> str:
    """The page with its lists as they have to be."""
    for name in GROUPS:
        head, begin, rest = text.partition(f"<!-- {name} -->\n")
        text = head + begin + _table(name) + rest[rest.index("<!-- end -->") :]
    return text


def _table(group: str) -> str:
    found = sorted(module for module in modules() if group_of(module) == group)
    rows = "".join(f"| `{module or '__init__'}` | {summary(module)} |\n" for module in found)
    return f"| module | what it is for |\n|---|---|\n{rows}"


def summary(module: str) -> str:
    """The first paragraph of the module's docstring."""
    paragraph = (ast.get_docstring(ast.parse(modules()[module])) or "").split("\n\n")[0]
    return re.sub(r":\w+:`([^`]*)`", r"`\1`", " ".join(paragraph.split())).replace("``", "`").replace("|", "\\|")


def main() -> None:
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
