"""A matrix of options as a value."""

from __future__ import annotations

import pytest

from IperfLibrary.errors import ConfigurationError
from IperfLibrary.repeats import Repeats
from IperfLibrary.sweeps import Combination, Sweep, combinations
from IperfLibrary.units import Size

from .test_repeats import run

LENGTHS = (Size(128), Size(1024))


def swept() -> Sweep:
    tests = (
        Combination({"length": LENGTHS[0], "parallel": 1}, run(1e6)),
        Combination({"length": LENGTHS[0], "parallel": 4}, Repeats((run(2e6), run(4e6)))),
        Combination({"length": LENGTHS[1], "parallel": 1}, None, "refused.\n  it said: no"),
        Combination({"length": LENGTHS[1], "parallel": 4}, run(None)),
    )
    return Sweep({"length": LENGTHS, "parallel": (1, 4)}, tests)


def test_combinations() -> None:
    assert combinations({"a": (1, 2), "b": ("x", "y")}, 4) == [
        {"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"},
    ]  # fmt: skip
    with pytest.raises(ConfigurationError, match="4 combinations, more than 3") as caught:
        combinations({"a": (1, 2), "b": ("x", "y")}, 3)
    assert "2 of 'a' times 2 of 'b'" in str(caught.value)
    with pytest.raises(ConfigurationError, match="nothing to sweep"):
        combinations({}, 3)


def test_each_is_found_by_its_values() -> None:
    sweep = swept()
    assert sweep.at(length="128", parallel="1") is sweep.tests[0].outcome
    assert sweep.at(length=Size(1024), parallel=4) is sweep.at(length="1K", parallel=4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 128}, "2 combinations of the sweep have length=128"),
        ({"length": 1, "parallel": 1}, "No combinations of the sweep have length=1, parallel=1"),
        ({}, "4 combinations of the sweep have no value"),
        ({"lenght": 128}, "'lenght' was not swept. Did you mean 'length'?"),
        ({"length": "1K", "parallel": 1}, "it failed"),
    ],
)
def test_what_is_not_there(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        swept().at(**options)


def test_best_and_worst_are_of_those_that_are_known() -> None:
    sweep = swept()
    assert sweep.best is sweep.tests[1]
    assert sweep.worst is sweep.tests[0]
    assert [one.name for one in sweep.failed] == ["length=1 KByte, parallel=1"]
    assert sweep.failed[0].reason == "refused."
    assert sweep.failed[0].sample("bitrate") is None
    assert sweep.tests[3].sample("bitrate") is None


def test_one_line() -> None:
    assert str(swept()) == (
        "4 combinations of length and parallel: 1 Mbit/s (length=128 Byte, parallel=1) to "
        "3 Mbit/s (length=128 Byte, parallel=4), 1 failed"
    )
    assert str(Sweep({"length": LENGTHS}, (Combination({"length": LENGTHS[0]}, None, "x"),))) == (
        "1 combinations of length: bit rate unknown, 1 failed"
    )
