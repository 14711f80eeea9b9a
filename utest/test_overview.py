"""The blocks of what consists of several runs: every figure is there, unknown is not 0, no text of others becomes markup."""

from __future__ import annotations

from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest

from IperfLibrary.beside import Beside
from IperfLibrary.overlay import LISTED, overlay
from IperfLibrary.overview import of_parallel, of_repeats, of_search, of_sweep, text_of
from IperfLibrary.parts import UNKNOWN
from IperfLibrary.repeats import Repeats
from IperfLibrary.result import End, Flow, Result
from IperfLibrary.sweeps import Combination, Sweep
from IperfLibrary.throughput import Asked, Throughput, Trial
from IperfLibrary.units import Bitrate, Percent, Seconds, Size

from .test_beside import run as timed
from .test_block import EVIL
from .test_repeats import run

DASH = "\N{EN DASH}"


def of_class(block: Element, name: str) -> list[Element]:
    return [one for one in block.iter() if name in one.get("class", "").split()]


def text(one: Element) -> str:
    return "".join(one.itertext())


def rows(html: str, name: str) -> list[list[str]]:
    (table,) = of_class(fromstring(html), name)
    return [[text(cell) for cell in row] for row in table]


def headline(html: str) -> str:
    return text(of_class(fromstring(html), "iperf-headline")[0])


def pictures(html: str) -> list[str]:
    return [one.get("aria-label", "") for one in fromstring(html).iter("svg") if one.get("role")]


def tooltips(html: str) -> list[str]:
    return [one.findtext("title", "") for one in fromstring(html).iter("svg") if one.get("overflow")]


# -- repeats


def test_repeats_have_every_run_and_all_of_the_statistics() -> None:
    html = of_repeats(Repeats((run(90e6, 1), run(91e6, 2), run(90e6, 3), run(90.5e6, 6), run(50e6, 3))), "dut to pc")
    assert (
        headline(html)
        == f"5 runs: 82.3 Mbit/s ± 27 % (95 %), 50 Mbit/s to 91 Mbit/s; run 5 stands out {DASH} dut to pc"
    )
    found = rows(html, "iperf-figures")
    assert found[0] == ["", "Mean", "95 % interval", "Median", "Stdev", "cv", "Outliers"]
    assert found[1] == [
        "Bit rate",
        "82.3 Mbit/s",
        "59.88 Mbit/s to 104.7 Mbit/s",
        "90 Mbit/s",
        "18.06 Mbit/s",
        "21.9 %",
        "run 5",
    ]
    assert found[-1] == ["Retransmits", "3", "0.6774 to 5.323", "3", "1.871", "62.4 %", "run 4"]
    assert rows(html, "iperf-runs") == [
        ["Run", "Bit rate", "Retransmits", ""],
        ["1", "90 Mbit/s", "1", ""],
        ["2", "91 Mbit/s", "2", ""],
        ["3", "90 Mbit/s", "3", ""],
        ["4", "90.5 Mbit/s", "6", ""],
        ["5", "50 Mbit/s", "3", "stands out"],
    ]
    assert tooltips(html)[4] == "5: 50 Mbit/s, stands out"
    assert pictures(html) == [
        "Bit rate of each run: 5 of 5 known, 50 Mbit/s to 91 Mbit/s. "
        "mean, with its 95 % interval, 82.3 Mbit/s (59.88 Mbit/s to 104.7 Mbit/s)."
    ]


def test_one_run_has_no_spread() -> None:
    html = of_repeats(Repeats((run(90e6),)))
    assert rows(html, "iperf-figures")[1] == ["Bit rate", "90 Mbit/s", DASH, "90 Mbit/s", DASH, DASH, "none"]
    assert "mean" not in pictures(html)[0]


def test_a_figure_that_one_run_lacks_has_no_mean_and_is_listed() -> None:
    html = of_repeats(Repeats((run(90e6), run(None))))
    assert [row[0] for row in rows(html, "iperf-figures")] == ["", "Transfer", "Duration", "Retransmits"]
    assert [row[1] for row in rows(html, "iperf-runs")] == ["Bit rate", "90 Mbit/s", UNKNOWN]
    assert pictures(html) == []


def test_many_runs_are_folded_away() -> None:
    def folded(count: int) -> list[str]:
        html = of_repeats(Repeats(tuple(run(90e6) for _ in range(count))))
        return [text(one[0]) for one in of_class(fromstring(html), "iperf-details")]

    assert (folded(10), folded(11)) == ([], ["11 runs"])


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("bitrate", 94.1e6, "94.1 Mbit/s"),
        ("retransmits", 2.5, "2.5"),
        ("transfer", 1536.4, "1.5 KByte"),
        ("loss", 0.1, "0.1 %"),
        ("jitter", 0.05, "0.05 ms"),
        ("duration", 1.0021465, "1.002 s"),
    ],
)
def test_figures_have_their_units(name: str, value: float, written: str) -> None:
    assert text_of(name)(value) == written


# -- tests in parallel


def udp(rate: float) -> Result:
    result = timed(rate)
    (flow,) = result.flows
    got = replace(flow.receiver, packets=1000, lost_packets=5)
    return replace(result, protocol="udp", flows=(replace(flow, receiver=got, measured_at="receiver"),))


def test_each_flow_and_the_sum() -> None:
    html = of_parallel(Beside((timed(10e6), udp(20e6)), (0.0, 0.25)), ["dut to pc", "tv to pc"])
    assert headline(html) == "2 tests together: 30 Mbit/s, fairness 0.9, started within 0.25 s"
    assert rows(html, "iperf-flows") == [
        ["", "Received", "Sent", "Retransmits", "Loss", "Started after"],
        ["dut to pc", "10 Mbit/s", "10 Mbit/s", UNKNOWN, "", "0 s"],
        ["tv to pc", "20 Mbit/s", "20 Mbit/s", "", "0.5 %", "0.25 s"],
        ["Together", "30 Mbit/s", "", "", "", ""],
    ]
    assert len(pictures(html)) == 1


def test_a_flow_that_failed_is_told_and_makes_the_sum_unknown() -> None:
    html = of_parallel(
        Beside((timed(10e6), None), (0.0, 0.0), {1: "refused\n  it said: no"}), ["dut to pc", "tv to pc"]
    )
    assert [text(one) for one in of_class(fromstring(html), "iperf-trouble")] == ["tv to pc: refused\n  it said: no"]
    assert rows(html, "iperf-flows")[2:] == [
        ["tv to pc", "failed", "", "", "", ""],
        ["Together", UNKNOWN, "", "", "", ""],
    ]


def chart(beside: Beside, names: list[str]) -> tuple[list[str], list[str]]:
    """The legend, and the outlines."""
    made = overlay(beside, names)
    assert made is not None
    return [text(one) for one in made[0]], [one.get("d", "") for one in made.iter("path") if one.get("stroke")]


def test_flows_and_their_sum_over_time() -> None:
    legend, drawn = chart(Beside((timed(10e6), timed(10e6)), (0.0, 1.0)), ["a", "b"])
    assert legend == ["together", "a", "b", "all were running"]
    assert drawn[0] == "M0 1000V500H200V500H400V500H600V500H800V1000"
    assert drawn[1] == "M200 1000V500H400V500H600V500H800V500H1000V1000"
    assert drawn[2] == "M0 1000V500H200V0H400V0H600V0H800V500H1000V1000"


def test_both_directions_of_a_test_have_their_names() -> None:
    legend, _ = chart(Beside((timed(10e6, 5e6),), (0.0,)), ["a"])
    assert legend[1:3] == ["a, forward", "a, forward"]


def test_a_flow_of_which_only_the_sender_is_known() -> None:
    sent = replace(timed(10e6), flows=(replace(timed(10e6).flows[0], receiver=End()),))
    assert chart(Beside((sent,), (0.0,)), ["a"])[0][1] == "a, as sent"


def test_flows_without_intervals_have_no_chart() -> None:
    assert overlay(Beside((run(1e6), None), (0.0, 0.0), {1: "x"}), ["a", "b"]) is None


def test_no_more_names_than_anybody_reads() -> None:
    many = Beside(tuple(timed(1e6) for _ in range(LISTED + 3)), (0.0,) * (LISTED + 3))
    legend, drawn = chart(many, [str(n) for n in range(LISTED + 3)])
    assert "and 3 more" in legend
    assert len(drawn) == LISTED + 4


# -- searches

ASKED = Asked(Bitrate(1e6), Bitrate(400e6), 1000, Percent(1), Percent(1), Seconds(2))


def trial(rate: float, lost: int = 0, share: float = 1.0) -> Trial:
    return Trial(rate, 2.0, round(rate * 2 / 8000 * share), lost)


def test_the_path_of_a_search() -> None:
    late = Trial(100e6, 2.0, 25_000, 0, None, 5_000)
    trials = (trial(400e6, 50_000), trial(80e6, 100), trial(90e6, share=0.5), Trial(120e6, 2.0, 0, 0), late)
    html = of_search(ASKED, trials, Throughput(ASKED, 80e6, 90e6, trials), "dut to pc")
    assert headline(html) == f"80 Mbit/s with at most 1 % loss (90 Mbit/s loses more), 5 trials {DASH} dut to pc"
    assert rows(html, "iperf-trials") == [
        ["Trial", "Rate", "Time", "Packets", "Lost", "Loss", "Kept"],
        ["1", "400 Mbit/s", "2 s", "100000", "50000", "50 %", "no"],
        ["2", "80 Mbit/s", "2 s", "20000", "100", "0.5 %", "yes"],
        ["3", "90 Mbit/s", "2 s", "11250", "0", "0 %", "no, not all was sent"],
        ["4", "120 Mbit/s", "2 s", "0", "0", "100 %", "no, not all was sent"],
        ["5", "100 Mbit/s", "2 s", "25000", "0", "0 %", "no, it came late, out of a queue"],
    ]
    path, loss = pictures(html)
    assert path.endswith("answer 80 Mbit/s. loses more: 90 Mbit/s.")
    assert loss.endswith("allowed 1 %.")
    assert tooltips(html)[0] == "1: 400 Mbit/s, 50 % lost"


def test_a_search_that_found_nothing_has_its_path() -> None:
    html = of_search(ASKED, (trial(1e6, 200),), None, "dut to pc")
    assert headline(html) == f"NOTHING FOUNDNo rate was found {DASH} dut to pc"
    assert rows(html, "iperf-trials")[1][-1] == "no"


# -- sweeps

SIZES = (Size(128), Size(1024))


def swept(*outcomes: Result | Repeats | None) -> str:
    options = [{"length": length, "parallel": streams} for length in SIZES for streams in (1, 4)]
    tests = [
        Combination(each, outcome, "" if outcome else "refused.\n  it said: no")
        for each, outcome in zip(options, outcomes, strict=True)
    ]
    return of_sweep(Sweep({"length": SIZES, "parallel": (1, 4)}, tuple(tests)), "dut and pc")


def test_every_combination_is_listed_and_drawn() -> None:
    html = swept(run(10e6, 1), Repeats((run(20e6, 2), run(30e6, 3))), None, run(40e6, 4))
    assert rows(html, "iperf-sweep") == [
        ["length", "parallel", "Bit rate", "Retransmits"],
        ["128 Byte", "1", "10 Mbit/s", "1"],
        ["128 Byte", "4", "25 Mbit/s ± 254 %", "2.5 ± 254 %"],
        ["1 KByte", "1", "failed", ""],
        ["1 KByte", "4", "40 Mbit/s", "4"],
    ]
    assert [text(one) for one in of_class(fromstring(html), "iperf-trouble")] == [
        "length=1 KByte, parallel=1: refused."
    ]
    assert tooltips(html) == [
        "1: 10 Mbit/s",
        "4: 25 Mbit/s (0 bit/s to 88.53 Mbit/s)",
        "1: unknown, refused.",
        "4: 40 Mbit/s",
    ]


def test_a_sweep_in_which_all_failed() -> None:
    html = swept(None, None, None, None)
    assert [row[2] for row in rows(html, "iperf-sweep")[1:]] == ["failed"] * 4
    assert pictures(html) == []


def test_too_many_series_stand_beside_each_other() -> None:
    options = [{"length": Size(n), "parallel": p} for n in range(100, 108) for p in range(1, 9)]
    sweep = {"length": tuple(Size(n) for n in range(100, 108)), "parallel": tuple(range(1, 9))}
    html = of_sweep(Sweep(sweep, tuple(Combination(each, run(1e6)) for each in options)), "")
    assert pictures(html)[0].startswith("Bit rate by length / parallel: 64 of 64 known")
    assert len(set(tooltips(html))) == 64


def test_no_text_becomes_markup() -> None:
    one, evil = timed(1e6), Flow(EVIL, False)
    blocks = [
        of_repeats(Repeats((one,)), EVIL),
        of_parallel(Beside((replace(one, flows=(*one.flows, evil)), None), (0.0, 0.0), {1: EVIL}), [EVIL, EVIL]),
        of_search(ASKED, (trial(1e6),), None, EVIL),
        of_sweep(
            Sweep({EVIL: (EVIL, "b")}, (Combination({EVIL: EVIL}, one), Combination({EVIL: "b"}, None, EVIL))), EVIL
        ),
    ]
    safe = {
        "div",
        "span",
        "b",
        "i",
        "table",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "svg",
        "title",
        "line",
        "text",
        "path",
    }
    for html in blocks:
        assert {one.tag for one in fromstring(html).iter()} <= safe
        assert "<script" not in html
