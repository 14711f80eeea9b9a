"""Elements of HTML: no text becomes markup, whatever is in it."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from IperfLibrary.markup import LONGEST, as_markup, element

EVIL = "</p><script>alert(1)</script>&amp;\"'<!-- ]]> *HTML*"


def test_content_stands_in_its_order() -> None:
    made = element(
        "p", "a", "b", element("b", "c"), "d", None, "e", element("i"), class_="x", aria_label="y", href=None
    )
    assert as_markup(made) == '<p class="x" aria-label="y">ab<b>c</b>de<i></i></p>'


def test_a_text_stays_a_text() -> None:
    text = as_markup(element("p", EVIL, element("b", EVIL), EVIL, title=EVIL))
    assert "<script" not in text
    read = fromstring(text)
    assert [read.text, read[0].text, read[0].tail, read.get("title")] == [EVIL] * 4


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\x7f", "\x9b", "\ud800", "\ufffe", "\uffff", "\r"])
def test_what_xml_cannot_hold_is_replaced(bad: str) -> None:
    text = as_markup(element("p", bad, title=bad))
    assert bad not in text
    assert fromstring(text).text == fromstring(text).get("title") == "\N{REPLACEMENT CHARACTER}"


def test_lines_tabs_and_other_scripts_stay() -> None:
    good = "a\tb\nc äß漢\U0001f600"
    assert fromstring(as_markup(element("p", good))).text == good


def test_a_long_text_is_cut_and_an_attribute_is_not() -> None:
    made = element("p", "x" * LONGEST, element("b", "x" * (LONGEST + 1)), d="x" * (LONGEST + 1))
    assert made.text == "x" * LONGEST
    assert made[0].text == "x" * LONGEST + " …"
    assert len(made.get("d", "")) == LONGEST + 1


@given(st.text(st.characters()), st.text(st.characters()))
def test_any_text_is_well_formed(one: str, other: str) -> None:
    text = as_markup(element("p", one, element("b", other), other, title=one))
    text.encode()
    fromstring(text)
