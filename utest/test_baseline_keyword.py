"""The keyword on baselines: what passes, fails, is recorded, and what is said of it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from IperfLibrary import IperfLibrary, log, writing
from IperfLibrary.baselines import KEPT
from IperfLibrary.comparison import Comparison
from IperfLibrary.errors import CommandError, ConfigurationError, IperfError
from IperfLibrary.judgement import Measured
from IperfLibrary.keywords import baselines
from IperfLibrary.metrics import Asked
from IperfLibrary.repeats import Repeats
from IperfLibrary.result import End, Flow, Interval, Result
from IperfLibrary.samples import Sample
from IperfLibrary.secret import Password
from IperfLibrary.units import Bitrate, Seconds

ROOT = Path(__file__).parent.parent
GOOD = (94e6, 94.5e6, 93.8e6, 94.2e6, 94.1e6)
ASKED: Mapping[str, Any] = {"time": Seconds(10), "parallel": 4}


def run(rate: float | None = 94e6, *, options: Mapping[str, Any] = ASKED, retransmits: int = 0, **facts: Any) -> Result:
    end = End(bytes=1000, bits_per_second=rate, seconds=8.0, retransmits=retransmits)
    intervals = tuple(Interval(at, at + 1, 1000, rate) for at in range(3))
    flow = Flow("downstream", False, sender=end, receiver=end, intervals=intervals)
    known = {"client": "pc", "server": "dut", "client_version": "3.16", "server_version": "3.12", **facts}
    return Result("iperf3", "3.16", "tcp", "client", (flow,), options=dict(options), raw_file="run.json", **known)


def runs(*rates: float, **facts: Any) -> Repeats:
    return Repeats(tuple(run(rate, **facts) for rate in rates))


class Kept:
    """The keyword, with a file of its own, and what it told."""

    def __init__(self, directory: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
        self.iperf = IperfLibrary(directory=directory)
        self.file = directory / "kept.jsonl"
        self.blocks: list[str] = []
        self.verdicts: list[tuple[str, bool]] = []
        self._caplog = caplog
        monkeypatch.setattr(log, "markup", self.blocks.append)
        teller = self.iperf._state.teller
        monkeypatch.setattr(teller, "verdict", lambda result, text, passed: self.verdicts.append((text, passed)))

    def __call__(self, result: Any, key: str = "down", tolerance: str = "5%", **more: Any) -> Comparison | None:
        self.verdicts.clear()
        self._caplog.clear()
        found: Comparison | None = self.iperf.compare_with_iperf_baseline(
            result, key, tolerance, **{"file": self.file, **more}
        )
        return found

    def fails(self, result: Any, **more: Any) -> str:
        with pytest.raises(AssertionError) as caught:
            self(result, **more)
        return str(caught.value)

    @property
    def warned(self) -> str:
        return "\n".join(one.getMessage() for one in self._caplog.records if one.levelno == logging.WARNING)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text().splitlines() if line]


@pytest.fixture
def kept(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Kept:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("IPERF_BASELINE", raising=False)
    return Kept(tmp_path, caplog, monkeypatch)


# -- a baseline that is not there


def test_it_is_recorded_and_told(kept: Kept) -> None:
    assert kept(runs(*GOOD)) is None
    assert (
        "had no baseline, so nothing was compared. It is 94.12 Mbit/s ± 0.34 % (95 %), 5 runs from now on."
        in kept.warned
    )
    assert str(kept.file) in kept.warned
    assert kept.verdicts[0] == (
        "Bit rate (receiver) of 'down': no baseline, recorded 94.12 Mbit/s ± 0.34 % (95 %), 5 runs",
        True,
    )
    (line,) = kept.lines()
    assert (line["key"], line["figure"], tuple(line["values"])) == ("down", "bitrate", GOOD)
    assert line["about"]["options"] == {"time": 10.0, "parallel": 4}
    assert (line["about"]["client_version"], line["about"]["server_version"]) == ("3.16", "3.12")


@pytest.mark.parametrize("environment", [{"CI": "true"}, {"CI": "1"}, {"IPERF_BASELINE": "STRICT"}])
def test_with_ci_it_fails_and_is_not_recorded(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    kept(run(), key="upp")
    before = kept.file.read_bytes()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    message = kept.fails(runs(*GOOD), key="up")
    assert "Bit rate (receiver) of 'up' has no baseline, so nothing was compared. Did you mean 'upp'?" in message
    assert ("CI is set" if "CI" in environment else "IPERF_BASELINE is strict") in message
    assert "IPERF_BASELINE=update" in message
    assert kept.verdicts == [("Bit rate (receiver) has a baseline of 'up'", False)] * 5
    assert kept.file.read_bytes() == before


@pytest.mark.parametrize("environment", [{"CI": "false"}, {"CI": ""}, {"CI": "true", "IPERF_BASELINE": "record"}])
def test_where_ci_is_off_it_is_recorded(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert kept(run()) is None
    assert kept.lines()


def test_a_mode_that_is_none(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPERF_BASELINE", "updat")
    with pytest.raises(ConfigurationError, match=r"one of record, update, strict, not 'updat'\. Did you mean 'update'"):
        kept(run())


def test_the_variable_comes_before_the_environment(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPERF_BASELINE", "update")
    monkeypatch.setattr(baselines, "variable", {"${IPERF_BASELINE}": "strict"}.get)
    assert "IPERF_BASELINE is strict" in kept.fails(run())


def test_the_command_line_of_an_update(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"${SUITE SOURCE}": "/lab/a suite.robot", "${TEST NAME}": "Down [fast]; rm"}
    monkeypatch.setattr(baselines, "variable", names.get)
    monkeypatch.setenv("CI", "true")
    command = "robot --variable IPERF_BASELINE:update --test 'Down [[]fast]; rm' '/lab/a suite.robot'"
    assert command in kept.fails(run())


def test_the_file_is_beside_the_suite(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = tmp_path / "suites" / "lan.robot"
    suite.parent.mkdir()
    suite.touch()
    for source in (suite, suite.parent):
        monkeypatch.setattr(baselines, "variable", {"${SUITE SOURCE}": str(source)}.get)
        kept(run(), file=None)
        kept(run(), file=Path("more/lab.jsonl"))
        assert (suite.parent / "iperf-baselines.jsonl").read_text().count("\n") == 1
        assert (suite.parent / "more" / "lab.jsonl").read_text().count("\n") == 1


# -- comparing


def test_as_good(kept: Kept) -> None:
    kept(runs(*GOOD))
    before = kept.file.read_bytes()
    found = kept(runs(*GOOD))
    assert found is not None
    assert (found.verdict, found.change) == ("as good", 0.0)
    assert (
        kept.verdicts
        == [
            (
                "Within 5 % of the baseline of 'down': bit rate (receiver) 94.12 Mbit/s, baseline 94.12 Mbit/s (+0 %), as good",
                True,
            )
        ]
        * 5
    )
    assert kept.warned == ""
    assert kept.file.read_bytes() == before


def test_worse(kept: Kept) -> None:
    kept(runs(*GOOD))
    message = kept.fails(runs(*(rate * 0.9 for rate in GOOD)))
    assert message.splitlines()[0] == (
        "Worse than the baseline of 'down': bit rate (receiver) 84.71 Mbit/s, baseline 94.12 Mbit/s (-10 %)."
    )
    for text in (
        "5 % worse: at least 89.41 Mbit/s",
        "one-sided Welch's t test, 95 %: 5 runs against 5 runs",
        "iperf3 TCP downstream, pc (3.16) to dut (3.12), time=10 s, parallel=4",
        "recorded 20",
        "IPERF_BASELINE=update",
    ):
        assert text in message
    assert {passed for _, passed in kept.verdicts} == {False}


def test_a_figure_that_is_not_known_says_why(kept: Kept) -> None:
    with pytest.raises(IperfError, match="it is a figure of UDP, and this run was TCP"):
        kept.iperf.compare_with_iperf_baseline(run(), "lan", figure="loss")
    with pytest.raises(ConfigurationError, match="The latency was not measured in this run"):
        kept.iperf.compare_with_iperf_baseline(run(), "lan", figure="latency")


def test_loss_at_a_rate_that_was_not_sent_is_neither_recorded_nor_as_good(kept: Kept) -> None:
    """A sender that is too slow loses nothing."""
    lossless = End(10**6, 96e6, 8.0, lost_packets=0, packets=1000)
    flow = Flow("upstream", False, replace(lossless, lost_packets=None), lossless)
    short = Result("iperf3", "3.16", "udp", "client", (flow,), options={"udp": True, "bitrate": Bitrate(1e9)})
    with pytest.raises(IperfError, match="and not that of the rate that was asked for"):
        kept.iperf.compare_with_iperf_baseline(short, "lan", figure="loss", tolerance="0.1 points", file=kept.file)
    assert not kept.file.exists()
    assert kept.verdicts == []


def test_not_shown(kept: Kept) -> None:
    kept(runs(*GOOD))
    message = kept.fails(runs(94e6, 104.5e6, 83.8e6, 84.2e6, 94.1e6))
    assert message.startswith("Not shown to be as good as the baseline of 'down': bit rate (receiver) 92.12 Mbit/s")
    assert "about 30 runs in place of 5" in message
    assert "repeat=30" in message
    assert "NOT SHOWN" in kept.blocks[-1]


def test_a_message_of_the_suite(kept: Kept) -> None:
    kept(run())
    assert kept.fails(run(1e6), message="Too slow.") == "Too slow."


@pytest.mark.parametrize(
    ("figure", "before", "now", "tolerance", "limit"),
    [
        ("retransmits", 0, 3, "5%", "5 % worse: at most 0; per cent of nothing are nothing"),
        ("retransmits", 0, 3, "2", "2 worse: at most 2"),
        ("transfer", 0, 0, "2000", None),
    ],
)
def test_figures_of_which_less_is_better(
    kept: Kept, figure: str, before: int, now: int, tolerance: str, limit: str | None
) -> None:
    kept(run(retransmits=before), figure=figure, tolerance="5%")
    if limit is None:
        with pytest.raises(ConfigurationError, match="not clear of what"):
            kept(run(retransmits=now), figure=figure, tolerance=tolerance)
    else:
        assert limit in kept.fails(run(retransmits=now), figure=figure, tolerance=tolerance)


def test_each_figure_has_a_baseline_of_its_own(kept: Kept) -> None:
    for more in ({}, {"end": "sender"}, {"direction": "downstream"}, {"aggregate": "p5"}, {"figure": "retransmits"}):
        assert kept(run(), **more) is None
        assert kept(run(), **more) is not None
    assert kept(run(), end="receiver") is not None  # as without: it is the receiver's anyway
    assert [(line["figure"], line["of"]) for line in kept.lines()] == [
        ("bitrate", ""),
        ("bitrate", "downstream"),
        ("bitrate", "p5"),
        ("bitrate", "sender"),
        ("retransmits", ""),
    ]


@pytest.mark.parametrize(
    ("figure", "tolerance", "value"),
    [
        ("bitrate", " 5 % ", (5, True)),
        ("bitrate", "0.5 Mbit/s", (5e5, False)),
        ("transfer", "1 MByte", (1048576, False)),
        ("duration", "500 ms", (0.5, False)),
        ("rtt", "2 ms", (2, False)),
        ("loss", "5%", (5, True)),
        ("loss", "0.1 points", (0.1, False)),
        ("cpu", "1 pp", (1, False)),
        ("retransmits", "10", (10, False)),
    ],
)
def test_tolerances(figure: str, tolerance: str, value: tuple[float, bool]) -> None:
    measured = Measured("a", figure, Asked(), Sample((1,)), {})
    found = baselines._tolerance(tolerance, measured)
    assert (found.value, found.relative) == value


@pytest.mark.parametrize(
    ("figure", "tolerance"),
    [
        ("bitrate", "5"),
        ("bitrate", "-5%"),
        ("bitrate", "nan%"),
        ("bitrate", "0.1 points"),
        ("bitrate", ""),
        ("loss", "0.1"),
        ("duration", "-1 s"),
        ("retransmits", "-1"),
        ("retransmits", "inf"),
        ("retransmits", "1 ms"),
    ],
)
def test_tolerances_that_are_none(figure: str, tolerance: str) -> None:
    measured = Measured("a", figure, Asked(), Sample((1,)), {})
    with pytest.raises(ConfigurationError, match=r"The tolerance of 'a' .* cannot be"):
        baselines._tolerance(tolerance, measured)


# -- apples and oranges


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"options": {"time": Seconds(20), "parallel": 4}}, "time=10 s, now time=20 s"),
        ({"options": {"time": Seconds(10)}}, "parallel=4, now no parallel"),
    ],
)
def test_other_options_are_another_test(kept: Kept, now: dict[str, Any], told: str) -> None:
    kept(run())
    assert kept.fails(run(**now)).startswith(
        f"Not comparable with the baseline of 'down', which is of another test: {told}."
    )
    assert "svg" not in kept.blocks[-1]
    assert kept(run(**now), same_options=False) is not None
    assert told in kept.warned


@pytest.mark.parametrize(
    ("field", "value"),
    [("tool", "iperf2"), ("protocol", "udp"), ("flows", (replace(run().flows[0], direction="upstream"),))],
)
def test_another_tool_protocol_or_direction_is_another_test(kept: Kept, field: str, value: Any) -> None:
    kept(run())
    assert "which is of another test" in kept.fails(replace(run(), **{field: value}))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"client": "laptop"}, "client: pc, now laptop"),
        ({"server_version": "3.16"}, "version at the server: 3.12, now 3.16"),
        ({"partial": True}, "a run that was stopped before its end: the one now"),
    ],
)
def test_other_devices_and_versions_are_told(kept: Kept, now: dict[str, Any], told: str) -> None:
    kept(run())
    assert kept(run(**now)) is not None
    assert told in kept.warned
    assert told in kept.blocks[-1]


def test_options_that_change_no_traffic_do_not_matter(kept: Kept) -> None:
    kept(run())
    more = {"interval": Seconds(0.5), "username": "u", "password": Password("s3cr3t"), "udp": False, "reverse": True}
    assert kept(run(options={**ASKED, **more})) is not None
    assert kept.warned == ""
    kept(run(options={**ASKED, **more}), key="log-in")
    assert "s3cr3t" not in kept.file.read_text()


def test_stored_output_tells_no_options(kept: Kept) -> None:
    kept(run())
    stored = replace(run(), client=None, server=None, options={}, client_version=None, server_version=None)
    assert kept(stored) is not None
    assert "options not known" in kept.blocks[-1]


# -- recording anew


def test_update(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(run())
    monkeypatch.setenv("IPERF_BASELINE", "update")
    monkeypatch.setenv("CI", "true")
    assert kept(run(80e6, options={})) is None
    assert "was not compared: its baseline is 80 Mbit/s, one run from now on" in kept.warned
    assert "94 Mbit/s, one run, so the change is -15 %; recorded 20" in kept.warned
    monkeypatch.delenv("IPERF_BASELINE")
    assert kept(run(80e6, options={})) is not None
    assert [line["values"] for line in kept.lines()] == [[94000000], [80000000]]


def test_the_history_is_shown_and_bounded(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPERF_BASELINE", "update")
    moments = iter(f"2026-01-{day:02}T00:00:00.000Z" for day in range(1, 32))
    monkeypatch.setattr("IperfLibrary.baseline_file.now", lambda: next(moments))
    for step in range(KEPT + 3):
        kept(run(90e6 + step * 1e5))
    assert len(kept.lines()) == KEPT
    monkeypatch.delenv("IPERF_BASELINE")
    kept(run(92.2e6))
    block = fromstring(kept.blocks[-1])
    assert len([mark for mark in block.iter("svg") if mark.get("overflow")]) == KEPT + 1
    assert f"{KEPT} baselines" in [summary.text for summary in block.iter("summary")]


def test_a_clock_that_is_wrong_is_told(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("IperfLibrary.baseline_file.now", lambda: "2099-01-01T00:00:00Z")
    kept(run())
    monkeypatch.undo()
    monkeypatch.setenv("IPERF_BASELINE", "update")
    with pytest.raises(ConfigurationError, match="a clock is wrong"):
        kept(run())


# -- the file


def test_what_others_recorded_meanwhile_is_compared_with(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(run())
    monkeypatch.setattr(baselines, "read", lambda path: [])  # as it was before the other one wrote
    assert "Worse than the baseline" in kept.fails(run(80e6))
    assert len(kept.lines()) == 1


MANY = """
import sys
from pathlib import Path
from IperfLibrary.baseline_file import record
from IperfLibrary.baselines import Baseline, Series
for step in range(20):
    series = Series(f"{sys.argv[2]} {step}", "bitrate")
    record(Path(sys.argv[1]), series, lambda moment: Baseline(series, moment, (1.0,)), anew=True)
"""


def test_several_processes_at_once_lose_nothing(kept: Kept) -> None:
    words = [sys.executable, "-c", MANY, str(kept.file)]
    several = [subprocess.Popen([*words, str(who)], cwd=ROOT) for who in range(4)]
    assert [one.wait() for one in several] == [0] * 4
    assert len(kept.lines()) == 80
    assert os.listdir(kept.file.parent) == [kept.file.name]


def test_a_process_that_holds_the_file_is_not_waited_for_without_end(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="there are no locks")
    monkeypatch.setattr(writing, "LOCK_LIMIT", 0.05)
    kept.file.touch()
    with kept.file.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="another process holds the file"):
            kept(run())


def test_a_link_leads_to_the_file(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    kept.file.symlink_to(tmp_path / "real" / "lab.jsonl")
    kept(run())
    assert kept.file.is_symlink()
    assert (tmp_path / "real" / "lab.jsonl").read_text()


def test_who_may_read_the_file_stays(kept: Kept) -> None:
    kept(run())
    kept.file.chmod(0o664)
    kept(run(), key="other")
    assert kept.file.stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize("content", [b"\xff\xfe", b"<<<<<<< HEAD\n", b"{}\n"])
def test_a_file_that_is_none_is_told_and_left_alone(kept: Kept, content: bytes) -> None:
    kept.file.write_bytes(content)
    with pytest.raises(ConfigurationError):
        kept(run())
    assert kept.file.read_bytes() == content


def test_a_file_of_windows_is_read(kept: Kept) -> None:
    kept(run())
    kept.file.write_bytes(b"\xef\xbb\xbf" + kept.file.read_bytes().replace(b"\n", b"\r\n"))
    assert kept(run()) is not None


def test_a_place_that_cannot_be_written_is_told(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises((CommandError, ConfigurationError), match=r"cannot be (read|written)"):
        kept(run(), file=tmp_path / "taken" / "kept.jsonl")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        kept(run(), file=tmp_path)


# -- what cannot be


@pytest.mark.parametrize(
    ("result", "more", "error", "message"),
    [
        ("dut", {}, ConfigurationError, "result of a run, or repeats, not 'dut'"),
        (run(), {"figure": "bitrat"}, ConfigurationError, r"no figure 'bitrat'\. Did you mean 'bitrate'"),
        (run(), {"key": " "}, ConfigurationError, "key of letters"),
        (run(), {"key": "a\nb"}, ConfigurationError, "key of letters"),
        (run(), {"figure": "jitter"}, IperfError, r"Jitter \(receiver\) is not known of this run"),
        (Repeats((run(), run(None))), {}, IperfError, r"Bit rate \(receiver\) was not reported"),
        (run(), {"direction": "upstream"}, ConfigurationError, "no direction 'upstream'"),
    ],
)
def test_what_cannot_be_compared(kept: Kept, result: Any, more: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kept(result, **more)
    assert not kept.file.exists()


def test_what_a_device_prints_is_no_markup(kept: Kept) -> None:
    hostile = run(client="<script>alert(1)</script>", server_version="\x1b[2J")
    kept(hostile)
    message = kept.fails(run(1e6, client="<b>", server_version="\x1b[2J"))
    assert "\x1b" not in message
    assert "<script>" not in kept.blocks[-1]
    fromstring(kept.blocks[-1])
