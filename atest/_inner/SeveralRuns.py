"""Blocks of what consists of several runs, written into the log of the inner Robot: figures are made up, by a fixed seed."""

from __future__ import annotations

import random
from typing import Any

from robot.api import logger

from IperfLibrary.beside import Beside
from IperfLibrary.overview import of_parallel, of_repeats, of_search, of_sweep
from IperfLibrary.repeats import Repeats
from IperfLibrary.result import End, Flow, Interval, Result
from IperfLibrary.sweeps import Combination, Sweep, combinations
from IperfLibrary.throughput import Asked, Throughput, Trial
from IperfLibrary.units import Bitrate, Percent, Seconds, Size

HOSTILE = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">" + "x" * 300


def result(rate: float, seconds: int = 10, udp: bool = False, chance: random.Random | None = None) -> Result:
    chance = chance or random.Random(1)
    rates = [max(0.0, chance.gauss(rate, rate / 20)) for _ in range(seconds)]
    intervals = tuple(Interval(float(n), n + 1.0, int(each / 8), each) for n, each in enumerate(rates))
    mean = sum(rates) / seconds
    figures: dict[str, Any] = {"bytes": int(mean * seconds / 8), "bits_per_second": mean, "seconds": float(seconds)}
    sent = End(**figures) if udp else End(**figures, retransmits=chance.randrange(20), mean_rtt_ms=chance.uniform(1, 3))
    got = End(**figures, packets=1000, lost_packets=3, jitter_ms=0.05) if udp else End(**figures)
    flow = Flow("upstream", False, sent, got, intervals=intervals, measured_at="receiver")
    return Result("iperf3", "3.16", "udp" if udp else "tcp", "client", (flow,), client="dut", server="pc")


class SeveralRuns:
    def log_repeats(self, count: int) -> None:
        """One of many stands out."""
        chance = random.Random(count)
        runs = [result(94e6, chance=chance) for _ in range(count)]
        if count > 4:
            runs[3] = result(60e6)
        self._log(of_repeats(Repeats(tuple(runs)), "dut to pc"))

    def log_parallel(self, count: int) -> None:
        """Of many, the second one fails and two are UDP."""
        chance = random.Random(count)
        results = [result(90e6 / count * (1 + n / 5), 8 + n % 3, udp=n in (3, 4), chance=chance) for n in range(count)]
        failed = {1: "iperf3 client on dut failed.\n  it said:         refused"} if count > 2 else {}
        kept = tuple(None if n in failed else one for n, one in enumerate(results))
        beside = Beside(kept, tuple(0.05 * n for n in range(count)), failed)
        self._log(of_parallel(beside, [f"station{n} to access-point" for n in range(1, count + 1)]))

    def log_search(self, found: bool) -> None:
        limits: dict[str, Any] = {"max_loss": Percent(0.1), "precision": Percent(1), "duration": Seconds(2)}
        asked = Asked(Bitrate(1e6), Bitrate(400e6), 1448, **limits)
        trials = tuple(
            _trial(rate) for rate in [400e6, 97e6, 97e6, 98e6, 200e6, 97.4e6, 97.2e6, 97.2e6, 97e6, 97.8e6, 1e6]
        )
        answer = Throughput(asked, 97.2e6, 97.4e6, trials) if found else None
        self._log(of_search(asked, trials if found else trials[:1], answer, "dut to pc"))

    def log_sweep(self, repeated: int = 1, **swept: Any) -> None:
        """The third of many combinations fails."""
        chance = random.Random(7)
        matrix = combinations(swept, 100)
        outcomes = [[result(30e6 + n * 3e6, chance=chance) for _ in range(repeated)] for n in range(len(matrix))]
        tests = [
            Combination(options, None, "iperf3 client on dut failed.\n  it said: refused")
            if n == 2
            else Combination(options, Repeats(tuple(runs)) if repeated > 1 else runs[0])
            for n, (options, runs) in enumerate(zip(matrix, outcomes, strict=True))
        ]
        self._log(of_sweep(Sweep(swept, tuple(tests)), "dut and pc"))

    def log_sweeps(self) -> None:
        lengths = [Size(n) for n in (64, 128, 256, 512, 1024, 1448)]
        self.log_sweep(length=lengths)
        self.log_sweep(repeated=5, length=lengths[:4], parallel=[1, 4])
        self.log_sweep(direction=["upstream", "downstream", "both"], length=lengths, parallel=[1, 4, 16])

    def log_hostile_runs(self) -> None:
        one = result(1e6)
        self._log(of_repeats(Repeats((one, one)), HOSTILE))
        self._log(of_parallel(Beside((one, None), (0.0, 0.0), {1: HOSTILE}), [HOSTILE, HOSTILE]))
        tests = (Combination({HOSTILE: HOSTILE}, one), Combination({HOSTILE: "b"}, None, HOSTILE))
        self._log(of_sweep(Sweep({HOSTILE: (HOSTILE, "b")}, tests), HOSTILE))

    def _log(self, html: str) -> None:
        logger.info(html, html=True)


def _trial(rate: float) -> Trial:
    packets = round(rate * 2 / 8 / 1448)
    return Trial(rate, 2.0, packets, max(0, packets - round(97.3e6 * 2 / 8 / 1448)))
