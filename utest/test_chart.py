"""The chart: what is in it, where, and that it is small, well-formed and without scripts."""

from __future__ import annotations

import math
import re
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from IperfLibrary.axes import ticks
from IperfLibrary.chart import Scale, picture
from IperfLibrary.markup import as_markup
from IperfLibrary.result import Flow, Interval, Result
from IperfLibrary.tools.parsing import parse_all
from utest.recorded import Output, outputs

BLUE, OCHRE = "#2f80d0", "#b7791f"
SAFE = {"div", "span", "svg", "title", "line", "text", "rect", "path"}


def result(*flows: Flow, protocol: str = "tcp") -> Result:
    return Result("iperf3", "3.12", protocol, "client", flows)


def flow(*rates: float | None, direction: str = "upstream", **figures: int) -> Flow:
    intervals = [Interval(at, at + 1, bits_per_second=rate, **figures) for at, rate in enumerate(rates)]  # type: ignore[arg-type]
    return Flow(direction, False, intervals=tuple(intervals))


def drawn(*flows: Flow) -> Element:
    made = picture(result(*flows))
    assert made is not None
    return fromstring(as_markup(made))


def texts(chart: Element) -> list[str]:
    return ["".join(text.itertext()) for text in chart.iter("text")]


def legend(chart: Element) -> list[str]:
    return ["".join(entry.itertext()) for entry in chart[0]]


def paths(chart: Element, colour: str) -> list[str]:
    return [path.get("d", "") for path in chart.iter("path") if colour in (path.get("fill"), path.get("stroke"))]


def description(chart: Element) -> str:
    return chart[1].get("aria-label", "")


@pytest.mark.parametrize("flows", [(), (flow(),), (flow(1e6),), (flow(None, None, 1e6),), (flow(1e6), flow(1e6))])
def test_one_interval_or_none_is_no_chart(flows: tuple[Flow, ...]) -> None:
    assert picture(result(*flows)) is None


def test_an_interval_is_a_step() -> None:
    assert paths(drawn(flow(1e6, 2e6, 0.0, 2e6)), BLUE) == ["M0 1000V500H250V0H500V1000H750V0H1000V1000"]


def test_an_unknown_rate_is_a_gap_and_is_told() -> None:
    chart = drawn(flow(2e6, None, 2e6, 2e6))
    assert paths(chart, BLUE) == ["M0 1000V0H250V1000M500 1000V0H750V0H1000V1000"]
    assert [p.get("d") for p in chart.iter("path") if "--warn-color" in p.get("style", "")] == ["M250 0V1000H500V0Z"]
    assert legend(chart) == ["upstream, as sent", "not reported"]


def test_a_standstill_is_marked_and_told() -> None:
    chart = drawn(flow(2e6, 0.0, 2e6, 2e6))
    assert [p.get("d") for p in chart.iter("path") if "--fail-color" in p.get("style", "")] == ["M250 1000H500"]
    assert legend(chart) == ["upstream, as sent", "nothing moved"]


def test_nothing_moved_at_all() -> None:
    assert paths(drawn(flow(0.0, 0.0)), BLUE) == ["M0 1000V1000H500V1000H1000V1000"]


def test_the_warm_up_is_shaded_before_0() -> None:
    warm = [Interval(at, at + 1, bits_per_second=1e6, omitted=True) for at in range(2)]
    counted = [Interval(at, at + 1, bits_per_second=2e6) for at in range(2)]
    chart = drawn(Flow("upstream", False, intervals=(*warm, *counted)))
    assert paths(chart, BLUE) == ["M0 1000V500H250V500H500V0H750V0H1000V1000"]
    assert [rect.get("width") for rect in chart.iter("rect")] == ["500"]
    assert legend(chart) == ["upstream, as sent", "warm-up, not counted"]
    assert [text for text in texts(chart) if text.endswith(" s")] == ["−2 s", "−1 s", "0 s", "1 s", "2 s"]
    assert "2 Mbit/s to 2 Mbit/s" in description(chart)


def test_both_directions_share_the_axes() -> None:
    chart = drawn(
        flow(4e6, 4e6, 4e6, 4e6), Flow("downstream", True, intervals=flow(2e6, 2e6).intervals, measured_at="receiver")
    )
    assert paths(chart, BLUE) == ["M0 1000V0H250V0H500V0H750V0H1000V1000"]
    assert paths(chart, OCHRE) == ["M0 1000V500H250V500H500V1000"]
    assert legend(chart) == ["upstream, as sent", "downstream, as received"]


def test_the_second_line_lets_the_first_be_seen() -> None:
    lines = [p for p in drawn(flow(1e6, 1e6), flow(1e6, 1e6)).iter("path") if p.get("stroke")]
    assert [p.get("stroke-dasharray") for p in lines] == [None, "5 3"]


def test_axes_have_units() -> None:
    assert texts(drawn(flow(*[941e6] * 10))) == [
        *("0 s", "2 s", "4 s", "6 s", "8 s", "10 s"),
        *("0", "250 Mbit/s", "500 Mbit/s", "750 Mbit/s", "1 Gbit/s"),
    ]


def test_time_starts_at_0_and_ends_with_a_round_figure() -> None:
    chart = drawn(Flow("upstream", False, intervals=(Interval(0.1, 5, 1, 8.0), Interval(5, 9.9995, 1, 8.0))))
    assert paths(chart, BLUE)[0].startswith("M10 ")
    assert [text for text in texts(chart) if text.endswith(" s")] == ["0 s", "2 s", "4 s", "6 s", "8 s", "10 s"]


@pytest.mark.parametrize(
    ("seconds", "last"),
    [(2, "2 s"), (45, "40 s"), (100, "100 s"), (600, "10 min"), (7200, "120 min"), (86400, "24 h"), (864000, "240 h")],
)
def test_times_are_in_what_suits_them(seconds: int, last: str) -> None:
    half = seconds / 2
    chart = drawn(Flow("upstream", False, intervals=(Interval(0, half, 1, 1e6), Interval(half, seconds, 1, 1e6))))
    times = [text for text in texts(chart) if text.endswith((" s", " min", " h"))]
    assert times[-1] == last
    assert 2 <= len(times) <= 6


@pytest.mark.parametrize("highest", [1, 3, 9.99, 10, 941e6, 1e9, 1.0000001e9, 4.99e14])
def test_ticks_are_few_and_reach_the_highest(highest: float) -> None:
    found = ticks(highest, 4)
    assert 3 <= len(found) <= 5
    assert found[0] == 0
    assert found[-2] < highest <= found[-1] * (1 + 1e-6)


def test_retransmits_are_beneath() -> None:
    chart = drawn(flow(2e6, 2e6, retransmits=3))
    assert "retransmits in each interval" in texts(chart)
    assert texts(chart)[-2:] == ["0", "3"]
    assert paths(chart, BLUE)[1] == "M0 1000V0H500V0H1000V1000"


def test_intervals_without_retransmits_have_no_bar() -> None:
    intervals = [Interval(at, at + 1, 1, 8.0, retransmits=count) for at, count in enumerate((0, 2, None, 1))]
    chart = drawn(Flow("upstream", False, intervals=tuple(intervals)))
    assert paths(chart, BLUE)[1] == "M250 1000V0H500V1000M750 1000V500H1000V1000"


def test_known_retransmits_of_0_are_told_and_unknown_ones_are_not() -> None:
    assert texts(drawn(flow(2e6, 2e6, retransmits=0)))[-2:] == ["retransmits in each interval", "0"]
    assert not any("retransmits" in text for text in texts(drawn(flow(2e6, 2e6))))


def test_loss_is_beneath_in_per_cent() -> None:
    chart = drawn(flow(2e6, 2e6, lost_packets=1, packets=200))
    assert texts(chart)[-3:] == ["lost packets", "0", "0.5 %"]


def test_loss_is_loss_where_some_of_it_is_unknown() -> None:
    intervals = (Interval(0, 1, 1, 8.0), Interval(1, 2, 1, 8.0, lost_packets=1, packets=4))
    assert texts(drawn(Flow("upstream", False, intervals=intervals)))[-3:] == ["lost packets", "0", "25 %"]


def test_what_a_udp_sender_does_not_know_is_not_there() -> None:
    assert not any("lost" in text for text in texts(drawn(flow(2e6, 2e6, packets=200))))


def test_it_can_be_read_out() -> None:
    chart = drawn(flow(1e6, 2e6), flow(None, None, direction="downstream"))
    assert chart[1].get("role") == "img"
    assert description(chart) == chart[1][0].text
    assert (
        description(chart)
        == "Bit rate over time. upstream, as sent: 1 Mbit/s to 2 Mbit/s. downstream, as sent: not reported."
    )


def test_a_day_stays_small_and_says_what_a_point_is() -> None:
    rates = [9e8 + 1e7 * math.sin(at / 50) for at in range(86400)]
    made = picture(result(flow(*rates, retransmits=1), flow(*rates, direction="downstream")))
    assert made is not None
    assert len(as_markup(made)) < 30_000
    assert "Each point stands for up to 288 intervals" in made[1].get("aria-label", "")
    band, line, *_ = paths(made, BLUE)
    assert band.count("Z") == 300
    assert line.count("H") == 300


def test_the_band_goes_from_the_lowest_to_the_highest() -> None:
    band = paths(drawn(flow(*[1e6, 4e6] * 300)), BLUE)[0]
    assert band.startswith("M0 750V0H3V750Z")


def test_a_scale_keeps_what_it_is_given_on_the_plane() -> None:
    scale = Scale(-1, 3, 10)
    assert (scale.x(-1), scale.x(0), scale.x(3)) == (0, 250, 1000)
    assert (scale.y(0), scale.y(10)) == (1000, 0)


figures = st.none() | st.floats() | st.integers(-3, 10**20)
intervals = st.builds(
    Interval,
    st.floats(),
    st.floats(),
    st.none(),
    figures,
    st.booleans(),
    retransmits=st.none() | st.integers(),
    lost_packets=st.none() | st.integers(0, 100),
    packets=st.none() | st.integers(0, 100),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.builds(Flow, st.text(), st.booleans(), intervals=st.lists(intervals, max_size=8).map(tuple)), max_size=3
    )
)
def test_any_figures_are_a_chart_or_none(flows: list[Flow]) -> None:
    made = picture(result(*flows))
    if made is not None:
        check(fromstring(as_markup(made)))


def check(chart: Element) -> None:
    """Nothing runs, nothing comes from outside, nothing is drawn beside the plane."""
    assert {part.tag for part in chart.iter()} <= SAFE
    assert not [name for part in chart.iter() for name in part.attrib if name.startswith("on") or "href" in name]
    assert not re.search(
        r"url\(|nan|inf", " ".join(value for p in chart.iter() for k, value in p.attrib.items() if k != "aria-label")
    )
    for path in chart.iter("path"):
        assert all(0 <= int(number) <= 1000 for number in re.findall(r"-?\d+", path.get("d", "")))


@pytest.mark.parametrize("output", list(outputs()), ids=str)
def test_every_recorded_output_is_a_chart_or_none(output: Output) -> None:
    for found in parse_all(output.stdout, output.stderr, role=output.role):
        made = picture(found)
        known = [sum(i.bits_per_second is not None and i.seconds > 0 for i in flow.intervals) for flow in found.flows]
        assert (made is not None) == any(count > 1 for count in known)
        if made is not None:
            check(fromstring(as_markup(made)))


def test_recorded_outputs_have_charts() -> None:
    found = [result for output in outputs() for result in parse_all(output.stdout, role=output.role)]
    assert sum(picture(result) is not None for result in found) > 100
