"""Blocks of HTML of recorded outputs, written into the log of the inner Robot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from robot.api import logger
from robot.libraries.BuiltIn import BuiltIn

from IperfLibrary import parse
from IperfLibrary.block import as_html
from IperfLibrary.companions import Companion, Sampled
from IperfLibrary.latency import Latency, Probe
from IperfLibrary.result import Flow, Interval, Result
from utest.recorded import runs

HOSTILE = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">" + "x" * 300
RAW = "raw_iperf/a b#1.json"


class RecordedBlocks:
    def log_recorded_run(self, name: str, end: str = "client") -> None:
        """The run by its version and case."""
        output = runs()[name][end]
        result = parse(output.stdout, output.stderr)
        self._log(replace(result, client="traffic-pc", server="dut"), [("at least 1 Mbit/s received", True)])

    def log_hostile_run(self) -> None:
        texts: dict[str, Any] = dict.fromkeys(("tool", "version", "protocol", "client", "server", "error"), HOSTILE)
        flow = Flow(HOSTILE, False, intervals=(Interval(0, 1, 1, 8.0), Interval(1, 2, 1, 8.0)))
        self._log(Result(**texts, role="client", flows=(flow, flow), options={HOSTILE: HOSTILE}), [(HOSTILE, False)])

    def log_long_run(self) -> None:
        """A day in both directions, with an hour that is not known and a minute in which nothing moved, a companion and the latency beside it."""
        day = tuple(
            Interval(at, at + 1, 1, 0.0 if 50_000 < at < 50_060 else 9e8, retransmits=at % 7) for at in range(86400)
        )
        flows = (
            Flow("upstream", False, intervals=day),
            Flow("downstream", True, intervals=day[:20_000] + day[23_600:]),
        )
        signal = tuple(Sampled(at, None if at % 9999 == 0 else -60.0 - at % 7) for at in range(86400))
        companions = (
            Companion("signal", "dBm", "Get RSSI", None, signal),
            Companion(HOSTILE, HOSTILE, "x", HOSTILE, signal),
        )
        probes = tuple(Probe(at, None if at % 5000 == 0 else 5.0 + at % 3, "loaded") for at in range(-60, 86400))
        latency = Latency("192.0.2.1", "pc", 1.0, 1.0, probes)
        self._log(Result("iperf3", "3.12", "tcp", "client", flows, companions=companions, latency=latency), [])

    def _log(self, result: Result, verdict: list[tuple[str, bool]]) -> None:
        raw = Path(BuiltIn().get_variable_value("${OUTPUT_DIR}"), RAW)
        raw.parent.mkdir(exist_ok=True)
        raw.touch()
        logger.info(as_html(result, {"raw output": RAW}, verdict), html=True)
