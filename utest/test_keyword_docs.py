"""The keyword documentation as Libdoc makes it: links that lead somewhere, examples that Robot takes, types and tags that are explained."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from robot.libdoc import LibraryDocumentation
from robot.run import run

HEADS = ("Introduction", "Importing", "Keywords", "Data types")
"""Sections that every page has."""
NOT_OURS = {"AssertionOperator"}
"""Types whose documentation other people write."""
IN_EXAMPLES = ("Reboot Access Point", "Hand Over", "Get RSSI")
"""Keywords of users in our examples."""

_REFERENCE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\[(http[^|\]]*)\|[^\]]*\]|(?<![\[\w`/])(https?://[^\s|`)\]]+)")


@pytest.fixture(scope="module")
def library() -> Any:
    return LibraryDocumentation("IperfLibrary")


def texts(library: Any) -> Iterator[tuple[str, str, list[str]]]:
    """Each text with its name, and with what else it may refer to: its own arguments."""
    yield "Introduction", library.doc, []
    for keyword in [*library.inits, *library.keywords]:
        yield keyword.name, keyword.doc, [argument.name for argument in keyword.args]
    for kind in ours(library):
        yield kind.name, kind.doc, []


def ours(library: Any) -> list[Any]:
    return [kind for kind in library.type_docs if kind.type == "Custom" and kind.name not in NOT_OURS]


def sections(library: Any) -> set[str]:
    return set(re.findall(r"^= (.+) =$", library.doc, re.MULTILINE))


def wrong_references(text: str, known: set[str]) -> list[str]:
    folded = {name.lower() for name in known}
    return [name for name in _REFERENCE.findall(text) if name.lower() not in folded]


def wrong_links(text: str) -> list[str]:
    links = [one or other for one, other in _LINK.findall(text)]
    return [
        link for link in links if not re.fullmatch(r"[\w.-]+\.[a-z]+", urlsplit(link).netloc) or re.search(r"\s", link)
    ]


def test_what_stands_in_backticks_is_there(library: Any) -> None:
    known = {*HEADS, *sections(library), *(keyword.name for keyword in library.keywords)}
    found = {name: wrong_references(text, {*known, *arguments}) for name, text, arguments in texts(library)}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert sum(len(_REFERENCE.findall(text)) for _, text, _ in texts(library)) > 50


def test_links_are_written_well(library: Any) -> None:
    found = {name: wrong_links(text) for name, text, _ in texts(library)}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert len(_LINK.findall(library.doc)) > 4


def test_what_leads_nowhere_would_be_seen() -> None:
    assert wrong_references("see `Resluts` and ``code`` and `results`", {"Results"}) == ["Resluts"]
    assert wrong_links("[https://robotframework|x] and [https://pabot.org|pabot]") == ["https://robotframework"]


def test_libdoc_finds_each_section_and_makes_the_contents() -> None:
    page = LibraryDocumentation("IperfLibrary")
    page.convert_docs_to_html()
    assert '<span class="name">' not in page.doc  # what Libdoc makes of a reference that it does not know
    assert "%TOC%" not in page.doc
    assert page.doc.index("Quick start</a></li>") < page.doc.index("Limits</a></li>") < page.doc.index("<h2")


def test_each_keyword_begins_with_a_sentence_and_has_an_example(library: Any) -> None:
    for keyword in library.keywords:
        first = keyword.doc.split("\n\n")[0]
        assert re.match(r"[A-Z][^\n]*", first), keyword.name
        assert first.rstrip().endswith((".", ":")), keyword.name
        assert re.search(r"^Examples?:\n\|", keyword.doc, re.MULTILINE), keyword.name


def test_each_type_of_an_argument_is_explained(library: Any) -> None:
    kinds = {kind.name: kind.doc for kind in ours(library)}
    assert {"Bitrate", "Size", "Percent", "Seconds", "Words", "Password"} <= set(kinds)
    for name, doc in kinds.items():
        assert "``" in doc, name
        assert "parse(" not in doc, f"{name}: a tester does not call Python"


def test_keywords_have_one_of_the_tags_that_are_explained(library: Any) -> None:
    explained = re.search(r"= Groups of keywords =\n(.*?)\n= ", library.doc, re.DOTALL)
    assert explained
    assert set(re.findall(r"^\| ``(\w+)`` \|", explained[1], re.MULTILINE)) == set(library.all_tags)
    assert {keyword.name: list(keyword.tags) for keyword in library.keywords if len(list(keyword.tags)) != 1} == {}


@pytest.mark.parametrize("section", ["Quick start", "Devices", "Options", "Results", "Units", "Errors", "Files", "Timeouts", "Security", "Limits"])  # fmt: skip
def test_the_introduction_has_what_testers_look_up(library: Any, section: str) -> None:
    assert section in sections(library)


# -- examples


def blocks(doc: str) -> Iterator[list[str]]:
    """What is preformatted, without the bars; no tables."""
    for block in re.findall(r"(?:^\|(?: .*)?$\n?)+", doc, re.MULTILINE):
        lines = [line[2:] for line in block.splitlines()]
        if not any(line.rstrip().endswith(" |") for line in lines):
            yield lines


def is_suite(lines: list[str]) -> bool:
    return lines[0].startswith("*****")


def suite(names: list[str], library: Any) -> str:
    """All examples as tests of one suite; those that are suites themselves are not in it."""
    own = {keyword.name: keyword.doc for keyword in library.keywords}
    tests = []
    for name in names:
        text = library.doc if name == "Introduction" else own[name]
        # An inventory is no example of a keyword.
        lines = [
            line for block in blocks(text) if not is_suite(block) and not re.match(r"\w+:$", block[0]) for line in block
        ]
        tests.append(
            "\n".join(f"    {line}" for line in ["", "No Operation", *lines]).replace("    ", f"{name} Example", 1)
        )
    keywords = "\n".join(f"{name}\n    [Arguments]    @{{any}}\n    No Operation" for name in IN_EXAMPLES)
    settings = "*** Settings ***\nLibrary    IperfLibrary\nLibrary    OperatingSystem\nLibrary    Collections\n"
    return settings + "\n*** Test Cases ***\n" + "\n".join(tests) + "\n\n*** Keywords ***\n" + keywords + "\n"


def dry_run(path: Path) -> tuple[int, str]:
    said = path.with_suffix(".txt")
    with said.open("w") as stream:
        code = run(str(path), dryrun=True, output=None, log=None, report=None, stdout=stream, stderr=stream)
    return code, said.read_text()


def test_robot_takes_each_example(library: Any, tmp_path: Path) -> None:
    names = ["Introduction", *(keyword.name for keyword in library.keywords)]
    (tmp_path / "examples.robot").write_text(suite(names, library))
    for name, text in [("introduction", library.doc), *((k.name, k.doc) for k in library.keywords)]:
        for number, lines in enumerate(filter(is_suite, blocks(inspect.cleandoc(text)))):
            (tmp_path / f"{name}_{number}.robot").write_text("\n".join(lines).replace("*****", "***"))
    suites = sorted(tmp_path.glob("*.robot"))
    assert len(suites) == 3  # the quick start, and an inventory's
    for path in suites:
        code, said = dry_run(path)
        assert code == 0, said


def test_an_example_that_robot_does_not_take_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "wrong.robot"
    path.write_text("*** Settings ***\nLibrary    IperfLibrary\n*** Test Cases ***\nOne\n    Run Iperf Client    pc\n")
    assert dry_run(path)[0] == 1
