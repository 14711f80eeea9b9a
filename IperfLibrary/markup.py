"""HTML and SVG as a tree of elements, so that no text can become markup. Pure."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, tostring

LONGEST = 2000
"""Characters of one text that are shown: what iperf says may be of any length."""

# Compiled with the first text, which takes a while, and kept by re itself.
_ILLEGAL = r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def element(tag: str, *content: str | Element | None, **attributes: object) -> Element:
    """An element with this content in its order and these attributes; what is None is left out.

    ``_`` in the name of an attribute is ``-``, at its end it is nothing.

    Example: ``element("p", "<b> is ", element("b", "bold"), class_="x")`` is ``<p class="x">&lt;b&gt; is <b>bold</b></p>``.
    """
    known = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value is not None}
    made = Element(tag, {name: _legal(str(value)) for name, value in known.items()})
    for part in content:
        _append(made, part)
    return made


def _append(parent: Element, part: str | Element | None) -> None:
    if isinstance(part, Element):
        parent.append(part)
    elif part is not None and len(parent):
        parent[-1].tail = (parent[-1].tail or "") + _shown(part)
    elif part is not None:
        parent.text = (parent.text or "") + _shown(part)


def _shown(text: str) -> str:
    return _legal(text if len(text) <= LONGEST else text[:LONGEST] + " …")


def _legal(text: str) -> str:
    """The text without what XML cannot hold, and other control characters."""
    return re.sub(_ILLEGAL, "\N{REPLACEMENT CHARACTER}", text)


def as_markup(made: Element) -> str:
    """The element as text that is both HTML and XML: it must have none that HTML leaves open, such as ``br``."""
    return tostring(made, encoding="unicode", short_empty_elements=False)
