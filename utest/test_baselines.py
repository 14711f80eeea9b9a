"""The text of baselines: what is in it, what is none, and that branches of a repository merge."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from IperfLibrary.baselines import KEPT, Baseline, Series, added, as_text, history, parse
from IperfLibrary.errors import ConfigurationError

WIFI, WIFI_LOSS, LAN = Series("wifi down", "bitrate"), Series("wifi down", "loss"), Series("lan", "bitrate", "upstream")


def one(series: Series, day: int, *values: float, **more: object) -> Baseline:
    return Baseline(series, f"2026-01-{day:02}T00:00:00Z", values or (90e6,), **more)  # type: ignore[arg-type]


ALL = [
    one(WIFI, 2, 90e6, 91.5e6, mean="90.8 Mbit/s", about={"client": "pc", "options": {"time": 10.0}}),
    one(WIFI, 3, 95e6),
    one(WIFI_LOSS, 3, 0.0833333333333),
    one(LAN, 1, 940e6),
]


def test_the_text_has_a_sorted_line_for_each_and_a_gap_between_series() -> None:
    text = as_text(ALL)
    assert [line[:30] for line in text.splitlines()] == [
        '{"key": "lan", "figure": "bitr',
        "",
        '{"key": "wifi down", "figure":',
        '{"key": "wifi down", "figure":',
        "",
        '{"key": "wifi down", "figure":',
    ]
    assert text.endswith("}\n")
    assert as_text(reversed(ALL)) == text


def test_a_line_tells_people_what_it_is() -> None:
    assert as_text(ALL[:1]) == (
        '{"key": "wifi down", "figure": "bitrate", "of": "", "moment": "2026-01-02T00:00:00Z", "mean": "90.8 Mbit/s", '
        '"values": [90000000, 91500000], "about": {"client": "pc", "options": {"time": 10.0}}}\n'
    )


def test_what_was_written_is_read() -> None:
    read = parse(as_text(ALL), "file")
    assert set(read) == set(ALL)
    assert history(read, WIFI)[0].about == {"client": "pc", "options": {"time": 10.0}}
    assert history(read, WIFI_LOSS)[0].values == (0.0833333333333,)


def test_lines_that_nothing_was_changed_in_stay_as_they_are() -> None:
    mine = '{"of":"","key":"a",  "figure":"rtt","moment":"2026-01-01T00:00:00Z","values":[2.50],"note":"of a newer version"}'
    text = as_text([*parse(mine, "file"), one(LAN, 1)])
    assert mine in text.splitlines()


def test_a_key_may_have_any_letters() -> None:
    odd = one(Series("Größe\u2028\x85 \U0001f600", "rtt"), 1)
    assert history(parse(as_text([odd, *ALL]), "file"), odd.series) == [odd]


def test_the_latest_one_of_a_series_counts() -> None:
    found = history(ALL, WIFI)
    assert [baseline.values[0] for baseline in found] == [90e6, 95e6]
    assert history(ALL, Series("wifi down", "rtt")) == []


def test_the_time_decides_and_not_how_it_is_written() -> None:
    early, late = one(WIFI, 2), replace(one(WIFI, 2), moment="2026-01-02T00:00:00.500Z", values=(1.0,))
    assert history([late, early], WIFI)[-1] is late
    assert parse(as_text([late, early]), "file")[-1] == late


def test_a_history_is_bounded() -> None:
    kept = [one(LAN, 1)]
    for day in range(1, KEPT + 6):
        kept = added(kept, one(WIFI, day, float(day)))
    assert [baseline.values[0] for baseline in history(kept, WIFI)] == list(range(6, KEPT + 6))
    assert len(history(kept, LAN)) == 1


def test_a_new_one_that_would_not_count_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="a clock is wrong"):
        added(ALL, one(WIFI, 2))
    assert added(ALL, one(LAN, 2))


def test_what_a_merge_left_twice_is_written_once() -> None:
    assert as_text([*ALL, *ALL]) == as_text(ALL)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{}", "no text 'key'"),
        ("{", "Expecting"),
        ("[1]", "no JSON object"),
        ("[" * 90_000, "RecursionError|recursion"),
        ('{"key": 1, "figure": "rtt", "moment": "2026-01-01T00:00:00Z", "values": [1]}', "no text 'key'"),
        ('{"key": "a", "figure": "rtt", "moment": "2026-01-01T00:00:00", "values": [1]}', "no time in UTC"),
        ('{"key": "a", "figure": "rtt", "moment": "soonZ", "values": [1]}', "soon"),
        ('{"key": "a", "figure": "rtt", "moment": "2026-01-01T00:00:00Z", "values": []}', "no list of numbers"),
        ('{"key": "a", "figure": "rtt", "moment": "2026-01-01T00:00:00Z", "values": "123"}', "no list of numbers"),
        ('{"key": "a", "figure": "rtt", "moment": "2026-01-01T00:00:00Z", "values": [true]}', "no list of numbers"),
        ('{"key": "a", "figure": "rtt", "moment": "2026-01-01T00:00:00Z", "values": [NaN]}', "what is no number"),
        ('{"key": "a", "figure": "rtt", "moment": "2026-01-01T00:00:00Z", "values": [1], "about": 1}', "'about'"),
        ('{"key": "a", "figure": "rtt", "moment": "2026-01-01T00:00:00Z", "values": [1], "of": 1}', "'of'"),
    ],
)
def test_a_line_that_is_none_is_told(line: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        parse(as_text(ALL[-1:]) + line, "kept.jsonl")
    assert "Line 2 of kept.jsonl is no baseline" in str(caught.value)


# -- branches of a repository


class Repository:
    """A git repository with the file, and two branches from there."""

    def __init__(self, directory: Path, kept: list[Baseline]) -> None:
        self.path = directory / "iperf-baselines.jsonl"
        self.directory = directory
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit(kept)
        self.git("branch", "other")

    def git(self, *words: str) -> int:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.invalid", "-c", "commit.gpgsign=false"]
        return subprocess.run(
            ["git", *identity, *words], cwd=self.directory, capture_output=True, check=False
        ).returncode

    def commit(self, kept: list[Baseline]) -> None:
        self.path.write_text(as_text(kept))
        self.git("add", ".")
        assert self.git("commit", "--quiet", "-m", "Record baselines") == 0

    def read(self) -> list[Baseline]:
        return parse(self.path.read_text(), self.path.name)

    def merge(self, mine: Baseline, theirs: Baseline) -> int:
        self.commit(added(self.read(), mine))
        self.git("checkout", "--quiet", "other")
        self.commit(added(self.read(), theirs))
        return self.git("merge", "--quiet", "--no-edit", "main")


FULL = [one(series, day) for series in (LAN, WIFI, WIFI_LOSS) for day in range(1, KEPT + 1)]


@pytest.mark.parametrize("kept", [FULL, [one(LAN, 1), one(WIFI, 1), one(WIFI_LOSS, 1)]], ids=["full", "short"])
def test_branches_that_record_neighbours_merge(tmp_path: Path, kept: list[Baseline]) -> None:
    repository = Repository(tmp_path, kept)
    assert repository.merge(one(LAN, 28, 1.0), one(WIFI, 29, 2.0)) == 0
    assert history(repository.read(), LAN)[-1].values == (1.0,)
    assert history(repository.read(), WIFI)[-1].values == (2.0,)


def test_branches_that_record_the_same_series_are_told_apart(tmp_path: Path) -> None:
    repository = Repository(tmp_path, FULL)
    assert repository.merge(one(WIFI, 28, 1.0), one(WIFI, 29, 2.0)) != 0
    with pytest.raises(ConfigurationError, match="marks of a merge that is not resolved, in line"):
        repository.read()
    # As the message says: without the marks, the latest counts.
    lines = [line for line in repository.path.read_text().splitlines() if line[:1] not in "<=>" or not line]
    assert history(parse("\n".join(lines), "file"), WIFI)[-1].values == (2.0,)


def test_with_a_union_the_same_series_merges_too(tmp_path: Path) -> None:
    (tmp_path / ".gitattributes").write_text("iperf-baselines.jsonl merge=union\n")
    repository = Repository(tmp_path, FULL)
    assert repository.merge(one(WIFI, 28, 1.0), one(WIFI, 29, 2.0)) == 0
    assert history(repository.read(), WIFI)[-1].values == (2.0,)
