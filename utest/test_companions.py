"""Values in what devices say, the loop that asks them, rates, and companions as figures."""

from __future__ import annotations

import shutil
import subprocess
import time
from itertools import pairwise
from typing import Any

import pytest

from IperfLibrary.companions import (
    AT,
    DONE,
    Companion,
    InUnit,
    Sampled,
    Taken,
    Wanted,
    loop_of,
    rates,
    taken,
    with_unit,
)
from IperfLibrary.keywords.arguments import in_unit


def wanted(**more: Any) -> Wanted:
    return Wanted("it", "some command", **more)


@pytest.mark.parametrize(
    ("pattern", "text", "value"),
    [
        (None, "12345\n", 12345.0),
        (None, "signal: -61 dBm", -61.0),
        (None, "0.52 0.31 0.20 1/234 5678", 0.52),
        (None, ".5", 0.5),
        (None, "1e3", 1000.0),
        (None, "nothing", None),
        (None, "", None),
        (r"idle (\S+)", "user 3\nidle 97.5", 97.5),
        (r"^rx \d+", "tx 1\nrx 2", None),
        (r"^(\d+)$", "a\n7\nb", 7.0),
        (r"is (\w+)", "it is up", None),
        (r"is (\w+)", "it is inf", None),
        (r"(x)?y", "y", None),
    ],
)
def test_value_in(pattern: str | None, text: str, value: float | None) -> None:
    assert wanted(pattern=pattern).value_in(text) == value


def turn(moment: float, clock: str, *said: str, code: int = 0) -> list[tuple[float, str]]:
    texts = ["", f"{AT} {clock}".rstrip(), *said, "", f"{DONE} {code}"]
    return [(moment, text) for text in texts]


def test_moments_are_those_of_the_devices_clock_where_it_has_one() -> None:
    # The second came half a second late, and the third as fast as the first.
    lines = [*turn(100.0, "7.00", "1"), *turn(101.5, "8.00", "2"), *turn(102.0, "9.00", "3")]
    assert [(one.moment, one.value) for one in taken(wanted(), lines)] == [(100.0, 1.0), (101.0, 2.0), (102.0, 3.0)]


def test_moments_are_those_of_the_arrival_where_the_device_has_no_such_clock() -> None:
    lines = [*turn(100.0, "", "1"), *turn(101.5, "", "2")]
    assert [one.moment for one in taken(wanted(), lines)] == [100.0, 101.5]


def test_what_failed_or_told_nothing_is_unknown_with_its_reason() -> None:
    lines = [*turn(1, "", "5", code=2), *turn(2, "", "a word"), *turn(3, ""), *turn(4, "", "6")]
    found = taken(wanted(), lines)
    assert [one.value for one in found] == [None, None, None, 6.0]
    assert [one.said for one in found] == [
        "its exit code was 2",
        "no value was found in 'a word'",
        "nothing was printed",
        "",
    ]


def test_a_turn_that_is_not_over_is_none() -> None:
    assert taken(wanted(), turn(1, "", "5")[:-1]) == []


def test_each_line_of_a_command_that_prints_by_itself_is_a_value() -> None:
    lines = [(1.0, "procs"), (2.0, "r 5"), (3.0, "r 6")]
    assert taken(wanted(every=0.0, pattern=r"r (\d+)"), lines) == [Taken(2.0, 5.0), Taken(3.0, 6.0)]


def test_rates_go_from_one_known_value_to_the_next() -> None:
    found = rates([Taken(0, 100), Taken(2, 300), Taken(3, None, "gone"), Taken(4, 500), Taken(5, 40), Taken(6, 50)])
    assert [(one.moment, one.value) for one in found] == [(2, 100.0), (3, None), (4, 100.0), (5, None), (6, 10.0)]
    assert "became less" in found[3].said


@pytest.mark.parametrize("shell", [["sh"], ["bash"], ["busybox", "ash"], ["mksh"]])
def test_the_loop_in_real_shells(shell: list[str]) -> None:
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed")
    words = loop_of("""printf '%s' "it's 5"; exit 3""", 0.05)
    process = subprocess.Popen([*shell, *words[1:]], stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    assert process.stdout
    lines = [(time.monotonic(), process.stdout.readline().rstrip("\n")) for _ in range(14)]
    process.kill()
    process.wait()
    found = taken(wanted(), lines)
    assert len(found) >= 2
    assert {one.said for one in found} == {"its exit code was 3"}
    assert all(after.moment > before.moment for before, after in pairwise(found))


def test_a_sleep_that_takes_no_fractions_is_no_loop_without_a_pause(tmp_path: Any) -> None:
    sleep = tmp_path / "sleep"
    sleep.write_text(
        '#!/bin/sh\ncase $1 in *.*) echo "invalid number" >&2; exit 1;; esac; echo slept; exec /bin/sleep 60\n'
    )
    sleep.chmod(0o755)
    words = loop_of("echo 1", 0.5)
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env={"PATH": f"{tmp_path}:/bin:/usr/bin"}, start_new_session=True
    )
    assert process.stdout
    lines = [process.stdout.readline().strip() for _ in range(6)]
    process.kill()
    assert lines[-2:] == [f"{DONE} 0", "slept"]


def test_figures_are_of_the_time_of_the_traffic() -> None:
    points = (Sampled(-1, 900.0), Sampled(-0.5), Sampled(0.5, 1.0), Sampled(1.5), Sampled(2.5, 4.0))
    companion = Companion("cpu", "%", points=points)
    assert (companion.min, companion.mean, companion.max, companion.unknown) == (1.0, 2.5, 4.0, 1)
    assert str(companion) == "cpu: min 1 %, mean 2.5 %, max 4 %, 1 unknown"


def test_without_values_figures_are_unknown() -> None:
    companion = Companion("cpu", "%", points=(Sampled(1),))
    assert (companion.min, companion.mean, companion.max) == (None, None, None)
    assert "mean unknown" in str(companion)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12_500_000.4, "byte/s", "12,500,000 byte/s"),
        (94.1e6, "bit/s", "94.1 Mbit/s"),
        (-61.0, "dBm", "-61 dBm"),
        (0.5, "", "0.5"),
        (12.3456, "%", "12.35 %"),
    ],
)
def test_with_unit(value: float, unit: str, text: str) -> None:
    assert with_unit(value, unit) == text


@pytest.mark.parametrize(
    ("unit", "text", "number"),
    [
        ("%", "80%", 80.0),
        ("%", "80 %", 80.0),
        ("%", "80", 80.0),
        ("dBm", "-60 dBm", -60.0),
        ("dBm", -60, -60.0),
        ("bit/s", "5 Mbit/s", 5e6),
        ("", "1e3", 1000.0),
    ],
)
def test_a_figure_is_compared_in_its_own_unit(unit: str, text: str | float, number: float) -> None:
    assert in_unit(text, InUnit(unit)) == number


@pytest.mark.parametrize(
    ("unit", "text", "told"),
    [
        ("dBm", "80%", "the figure is in dBm"),
        ("%", "0.1 dBm", "the figure is in %"),
        ("", "80 %", "has no unit; 'unit=' of Add Iperf Companion gives it one"),
        ("%", "much", "does not begin with a number"),
        ("bit/s", "5 dBm", "dBm"),
    ],
)
def test_a_figure_is_not_compared_with_another_unit(unit: str, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        InUnit(unit).parse(text)
