"""The keyword documentation as Libdoc makes it: links that lead somewhere, types and tags that are explained. Its examples are tried by
:mod:`utest.test_documentation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from robot.libdoc import LibraryDocumentation

from IperfLibrary.metrics import METRICS

HEADS = ("Introduction", "Importing", "Keywords", "Data types")
"""Sections that every page has."""
NOT_OURS = {"AssertionOperator"}
"""Types whose documentation other people write."""

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
        # A hundred options are no place to look for the example behind.
        example = re.search(r"^Examples?:\n\|", keyword.doc, re.MULTILINE)
        assert example, keyword.name
        assert "=Option=" not in keyword.doc[: example.start()], keyword.name


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


def test_each_option_of_a_keyword_is_one_that_some_iperf_takes(library: Any) -> None:
    offered = [
        row for keyword in library.keywords for row in re.findall(r"^\| ``\w+`` \|.*$", keyword.doc, re.MULTILINE)
    ]
    assert len(offered) > 200
    assert not [row for row in offered if row.endswith("| - | - |")]


def test_options_say_their_protocol(library: Any) -> None:
    doc = next(keyword.doc for keyword in library.keywords if keyword.name == "Run Iperf Client")
    assert re.search(r"^\| ``mss`` \|.*; TCP only", doc, re.MULTILINE)
    assert re.search(r"^\| ``dont_fragment`` \|.*; UDP only", doc, re.MULTILINE)


def test_the_figures_that_have_baselines_are_told(library: Any) -> None:
    doc = next(keyword.doc for keyword in library.keywords if keyword.name == "Compare With Iperf Baseline")
    row = re.search(r"^\| ``figure`` \| (.*) \|$", doc, re.MULTILINE)
    assert row
    assert METRICS.keys() <= set(re.findall(r"``(\w+)``", row[1]))


@pytest.mark.parametrize("section", ["Quick start", "Devices", "Options", "Results", "Units", "Errors", "Files", "Timeouts", "Security", "Limits"])  # fmt: skip
def test_the_introduction_has_what_testers_look_up(library: Any, section: str) -> None:
    assert section in sections(library)
