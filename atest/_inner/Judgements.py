"""Blocks of figures beside their baselines, written into the log of the inner Robot: figures are made up, by a fixed seed."""

from __future__ import annotations

import random
from typing import Any

from robot.api import logger

from IperfLibrary.baselines import Baseline
from IperfLibrary.comparison import Tolerance, compare
from IperfLibrary.conditions import differences
from IperfLibrary.judgement import Judgement, Measured
from IperfLibrary.judgement_block import as_html
from IperfLibrary.metrics import Asked
from IperfLibrary.samples import Sample

HOSTILE = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">" + "x" * 300
ABOUT: dict[str, Any] = {
    "tool": "iperf3",
    "protocol": "tcp",
    "direction": "downstream",
    "client": "pc",
    "server": "dut",
    "client_version": "3.16",
    "server_version": "3.12",
    "options": {"time": 10.0, "parallel": 4},
}


class Judgements:
    def log_judgement(
        self, rate: float, spread: float = 1.0, before: int = 8, key: str = "downlink", **about: Any
    ) -> None:
        """So many Mbit/s, with so many per cent of scatter, against baselines around 94 Mbit/s."""
        chance = random.Random(before)

        def runs(mean: float, cv: float) -> Sample:
            return Sample.of(chance.gauss(mean, mean * cv / 100) for _ in range(5))

        now = Measured(key, "bitrate", Asked(), runs(rate * 1e6, spread), {**ABOUT, **about})
        past = [
            Baseline(
                now.series,
                f"{2025 + month // 12}-{month % 12 + 1:02}-03T14:05:00Z",
                runs(93e6 + month * 1e5, 1).values,
                about=ABOUT,
            )
            for month in range(1, before + 1)
        ]
        other, five = differences(ABOUT, now.about), Tolerance(5, relative=True)
        found = None if other.test else compare(now.sample, past[-1].sample, five)
        command = "robot --variable IPERF_BASELINE:update --test Downlink /lab/suites/lan.robot (and the other arguments of this run)"
        logger.info(as_html(Judgement(now, past, five, other, found, command)), html=True)

    def log_judgements(self) -> None:
        self.log_judgement(94)
        self.log_judgement(82, before=20)
        self.log_judgement(85, spread=6)
        self.log_judgement(93, before=1, server_version="3.17")
        self.log_judgement(93, options={"time": 20.0})
        self.log_judgement(82, key=HOSTILE, client=HOSTILE, server=HOSTILE)
