"""The table of ``scripts/bench``: medians, ratios of what took turns, their spread, and whether a target is kept."""

from __future__ import annotations

import json

import pytest

from benchmarks.figures import ABOVE, ITSELF, Row, Target, as_bars, as_data, as_table, in_turns, spread


def row(**more: object) -> Row:
    facts = {"benchmark": "start", "peer": "script", "unit": "s", "ours": (1.0, 2.0, 9.0), "theirs": (2.0, 4.0, 9.0)}
    return Row(**{**facts, **more})  # type: ignore[arg-type]


def test_a_ratio_is_that_of_each_turn() -> None:
    """Not of two medians: a slow moment of the machine is in both sides of its turn."""
    assert row().figures == (0.5, 0.5, 1.0)
    assert row().figure == 0.5


def test_sides_that_did_not_take_turns_are_not_compared() -> None:
    with pytest.raises(ValueError, match="shorter"):
        _ = row(theirs=(2.0, 4.0)).figures


def test_what_is_above_another_and_what_stands_for_itself() -> None:
    assert row(how=ABOVE).figures == (-1.0, -2.0, 0.0)
    assert row(how=ITSELF, theirs=()).figures == (1.0, 2.0, 9.0)


@pytest.mark.parametrize(
    ("limit", "least", "met"), [(0.5, False, True), (0.49, False, False), (0.5, True, True), (0.51, True, False)]
)
def test_a_target_is_kept_or_not(limit: float, least: bool, met: bool) -> None:
    assert row(target=Target(limit, least)).met is met


def test_without_a_target_nothing_is_met() -> None:
    assert row().met is None


def test_the_spread_is_the_quartiles_and_of_few_values_all() -> None:
    assert spread([3.0, 1.0, 2.0]) == (1.0, 3.0)
    assert spread([1.0, 2.0, 3.0, 4.0, 100.0]) == (2.0, 4.0)


def test_sides_take_turns_and_the_one_that_begins_changes() -> None:
    order: list[str] = []

    def side(name: str) -> int:
        order.append(name)
        return len(order)

    found = in_turns({"a": lambda: side("a"), "b": lambda: side("b")}, 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": (1, 4, 5), "b": (2, 3, 6)}


def test_the_table() -> None:
    above = row(benchmark="above", how=ABOVE, unit="ms", ours=(1200.0,), theirs=(1000.0,), target=Target(60))
    alone = row(benchmark="alone", peer="", how=ITSELF, unit="MiB", ours=(0.1234,), theirs=())
    lines = as_table([row(target=Target(0.75)), above, alone]).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len({len(line) for line in lines}) == 1
    assert cells[2] == ["start", "2 s (1 … 9)", "script", "4 s (2 … 9)", "0.5 × (0.5 … 1)", "≤ 0.75 ×", "met"]
    assert cells[3] == ["above", "1,200 ms", "script", "1,000 ms", "+200 ms", "≤ 60 ms", "missed"]
    assert cells[4] == ["alone", "", "", "", "0.123 MiB", "", ""]


def test_a_row_for_machines_has_all_that_was_measured() -> None:
    data = json.loads(json.dumps(as_data(row(target=Target(0.75)))))
    assert data["ours"] == [1.0, 2.0, 9.0]
    assert data["target"] == {"limit": 0.75, "least": False}
    assert (data["figure"], data["spread"], data["met"]) == (0.5, [0.5, 1.0], True)


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    title, short, long = as_bars("cost", {"1 flow": 5.0, "50 flows": 10.0}, "ms", width=10).splitlines()
    assert title == "cost"
    assert short == "  1 flow █████ 5 ms"
    assert long == "50 flows ██████████ 10 ms"
