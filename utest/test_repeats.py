"""Several results of one test as one value."""

from __future__ import annotations

import pytest

from IperfLibrary.metrics import Asked
from IperfLibrary.repeats import Repeats
from IperfLibrary.result import End, Flow, Result


def run(rate: float | None, retransmits: int | None = 0) -> Result:
    end = End(bytes=1000, bits_per_second=rate, seconds=1.0, retransmits=retransmits)
    return Result("iperf3", "3.12", "tcp", "client", flows=(Flow("forward", False, sender=end, receiver=end),))


def test_each_figure_of_all_runs() -> None:
    repeats = Repeats((run(90e6, 1), run(92e6, 4)))
    assert repeats.bitrate.values == (90e6, 92e6)
    assert repeats.figures["retransmits"].mean == 2.5
    assert "jitter" not in repeats.figures


def test_a_figure_that_one_run_lacks_has_no_mean() -> None:
    repeats = Repeats((run(90e6), run(None)))
    assert repeats.sample("bitrate") is None
    assert repeats.bitrate.mean is None
    assert str(repeats) == "2 runs: bit rate unknown"


def test_the_other_end() -> None:
    assert (
        Repeats((run(90e6), run(92e6))).sample("bitrate", Asked(end="sender"))
        == Repeats((run(90e6), run(92e6))).bitrate
    )


@pytest.mark.parametrize(
    ("rates", "line"),
    [
        ([90e6], "1 run: 90 Mbit/s"),
        ([90e6, 91e6, 89e6], "3 runs: 90 Mbit/s ± 2.8 % (95 %), 89 Mbit/s to 91 Mbit/s"),
        ([1e6, 90e6], "2 runs: 45.5 Mbit/s ± 1243 % (95 %), 1 Mbit/s to 90 Mbit/s"),
        (
            [90e6, 91e6, 90e6, 90.5e6, 50e6],
            "5 runs: 82.3 Mbit/s ± 27 % (95 %), 50 Mbit/s to 91 Mbit/s; run 5 stands out",
        ),
        (
            [90e6, 90e6, 91e6, 90e6, 50e6],
            "5 runs: 82.2 Mbit/s ± 27 % (95 %), 50 Mbit/s to 91 Mbit/s; runs 3, 5 stand out",
        ),
    ],
)
def test_one_line(rates: list[float], line: str) -> None:
    assert str(Repeats(tuple(run(rate) for rate in rates))) == line
