"""The picture of single figures: what is in it, where, and that its texts find room."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from IperfLibrary.axes import ticks_between
from IperfLibrary.markup import as_markup
from IperfLibrary.plot import LONGEST, MOST, Line, Mark, plot
from IperfLibrary.units import Percent

SAFE = {"div", "span", "svg", "title", "line", "text", "path"}


def drawn(marks: list[Mark], *lines: Line, **more: object) -> Element:
    made = plot(marks, "Bit rate of each run", lines, **more)  # type: ignore[arg-type]
    assert made is not None
    return fromstring(as_markup(made))


def places(picture: Element) -> list[str]:
    return [one.get("x", "") for one in picture.iter("svg") if one.get("overflow")]


def tooltips(picture: Element) -> list[str]:
    return [one.findtext("title", "") for one in picture.iter("svg") if one.get("overflow")]


def labels(picture: Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter("text") if text.get("x") != "-8"]


def levels(picture: Element) -> list[str]:
    return ["".join(text.itertext()) for text in picture.iter("text") if text.get("x") == "-8"]


def legend(picture: Element) -> list[str]:
    return ["".join(entry.itertext()) for entry in picture[1]]


def test_a_mark_for_each_figure() -> None:
    picture = drawn([Mark("1", 50e6), Mark("2", 100e6, kind="bad")])
    assert places(picture) == ["25.00%", "75.00%"]
    assert tooltips(picture) == ["1: 50 Mbit/s", "2: 100 Mbit/s"]
    assert labels(picture) == ["1", "2"]
    assert legend(picture) == ["measured", "failed"]


def test_nothing_known_is_no_picture() -> None:
    assert plot([], "Nothing") is None
    assert plot([Mark("1", None)], "Nothing", [Line("limit", 1e6)]) is None


def test_an_unknown_figure_has_no_height_and_is_told() -> None:
    picture = drawn([Mark("1", 1e6), Mark("2", None, kind="bad", told="refused")])
    assert tooltips(picture)[1] == "2: unknown, refused"
    assert [p.get("d") for p in picture.iter("path") if p.get("stroke-dasharray") == "1 4"] == ["M0 8v130"]
    assert "1 of 2 known" in picture[2].get("aria-label", "")


def test_an_interval_is_a_whisker() -> None:
    with_one, without = (
        [p for p in drawn([mark]).iter("path") if "fill" in p.attrib]
        for mark in (Mark("1", 94e6, 93e6, 95e6), Mark("1", 94e6))
    )
    assert (len(with_one), len(without)) == (1, 0)


def test_a_measure_across() -> None:
    assert places(drawn([Mark("a", 1e6, at=0.0), Mark("b", 1e6, at=1.0), Mark("c", 1e6, at=4.0)])) == [
        "2.00%",
        "26.00%",
        "98.00%",
    ]


def test_lines_are_told_with_their_bands() -> None:
    picture = drawn([Mark("1", 94e6)], Line("mean", 94e6, 93e6, 95e6), Line("baseline", 90e6))
    assert legend(picture)[1:] == ["mean 94 Mbit/s (93 Mbit/s to 95 Mbit/s)", "baseline 90 Mbit/s"]
    assert "baseline 90 Mbit/s" in picture[2].get("aria-label", "")


def test_what_is_close_together_is_drawn_larger() -> None:
    assert levels(drawn([Mark("1", 93.2e6), Mark("2", 94.6e6)])) == [
        "93 Mbit/s",
        "93.5 Mbit/s",
        "94 Mbit/s",
        "94.5 Mbit/s",
        "95 Mbit/s",
    ]
    assert levels(drawn([Mark("1", 10e6), Mark("2", 100e6)]))[0] == "0"


def test_other_units() -> None:
    picture = drawn([Mark("1", 0.0), Mark("2", 2.5)], text=lambda share: str(Percent(share)))
    assert levels(picture) == ["0", "1 %", "2 %", "3 %"]


def test_a_thin_line_has_gaps() -> None:
    picture = drawn([Mark("1", 1e6), Mark("2", None), Mark("3", 2e6), Mark("4", 1e6)], joined=True)
    (joint,) = [p.get("d", "") for p in picture.iter("path") if p.get("stroke-opacity")]
    assert (joint.count("M"), joint.count("L")) == (2, 1)


def test_labels_that_find_no_room_are_left_out() -> None:
    picture = drawn([Mark(f"length {n}, parallel 4", 1e6) for n in range(100, 130)])
    assert 1 <= len(labels(picture)) <= 3
    assert len(tooltips(picture)) == 30
    assert len(labels(drawn([Mark(str(n), 1e6) for n in range(1, 31)]))) >= 10
    in_two_rows = drawn([Mark(f"{n} Byte", 1e6) for n in (64, 128, 256, 512, 1024, 1448)])
    assert len(labels(in_two_rows)) == 6
    assert len({text.get("y") for text in in_two_rows.iter("text") if text.get("x") != "-8"}) == 2
    assert all(len(label) <= LONGEST for label in labels(drawn([Mark("x" * 100, 1e6)])))


def test_no_more_than_anybody_sees() -> None:
    assert len(places(drawn([Mark(str(n), 1e6) for n in range(MOST + 50)]))) == MOST


def test_foreign_texts_become_no_markup() -> None:
    picture = drawn([Mark("<script>x</script>", 1e6, told="<b>")], Line("<i>", 1e6))
    assert {one.tag for one in picture.iter()} <= SAFE


figure = st.floats(0, 1e13)


@given(st.lists(st.builds(Mark, st.text(), st.none() | figure, st.none() | figure, st.none() | figure), min_size=1))
def test_any_figures(marks: list[Mark]) -> None:
    made = plot(marks, "Any")
    if made is None:
        assert all(mark.value is None for mark in marks)
    else:
        assert {one.tag for one in fromstring(as_markup(made)).iter()} <= SAFE


@given(figure, figure)
def test_levels_hold_what_is_between(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    found = ticks_between(low, high, 4)
    assert found[0] <= low * (1 + 1e-9)
    assert found[-1] >= high * (1 - 1e-9)
    assert 2 <= len(found) <= 7
    assert found == sorted(set(found))


@pytest.mark.parametrize("value", [0.0, 5e-324, 1e-300])
def test_hardly_anything(value: float) -> None:
    assert plot([Mark("1", value)], "Nothing moved") is not None


def test_series_stand_above_each_other() -> None:
    marks = [Mark(x, 1e6, series=s) for x in ("128", "512") for s in ("1", "4")]
    picture = drawn(marks, joined=True)
    assert places(picture) == ["25.00%", "25.00%", "75.00%", "75.00%"]
    assert labels(picture) == ["128", "512"]
    assert legend(picture) == ["1", "4"]
    shapes = {one.findall("path")[-1].get("d") for one in picture.iter("svg") if one.get("overflow")}
    assert len(shapes) == 2
    assert len([p for p in picture.iter("path") if p.get("stroke-opacity")]) == 2
