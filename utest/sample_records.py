"""Records as a project has them after some nights: recorded outputs of iperf, varied, in several runs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from IperfLibrary.errors import IperfError
from IperfLibrary.report.records import Record, RunRecords, Verdict, record_of
from IperfLibrary.result import End, Flow, Interval, Result, Stream
from IperfLibrary.tools.parsing import parse_all
from IperfLibrary.units import Bitrate, Seconds
from utest.recorded import outputs

START = datetime(2026, 11, 2, 22, 15, tzinfo=timezone(timedelta(hours=1)))
SUITES = ("Lab.Wi-Fi.Throughput", "Lab.Wi-Fi.Latency Under Load", "Lab.Ethernet", "Lab.VPN.Roaming")
TESTS = (
    "Downlink Reaches The Target",
    "Uplink Reaches The Target",
    "Both Directions",
    "Voice Stays Clear",
    "After A Reboot",
)
DEVICES = (("pc", "dut"), ("dut", "pc"), ("tablet", "ap-2.4GHz"), ("pc", "vpn-gateway"))


@cache
def measured() -> tuple[Result, ...]:
    """Results of clients in the recorded outputs that have figures and intervals."""
    found = (result for output in outputs() for result in parse_all(output.stdout, output.stderr, role=output.role))
    return tuple(r for r in found if r.role == "client" and r.bits_per_second and len(r.intervals) > 1 and not r.error)


def stretched(result: Result, chance: random.Random, seconds: int, factor: float) -> Result:
    """The result as if it had gone on for so long and that much faster, with ups and downs."""
    return replace(result, flows=tuple(_stretched(flow, chance, seconds, factor) for flow in result.flows))


def _stretched(flow: Flow, chance: random.Random, seconds: int, factor: float) -> Flow:
    rate = (flow.receiver.bits_per_second or flow.sender.bits_per_second or 1e6) * factor
    udp = flow.receiver.packets is not None
    intervals = [_interval(at, rate, udp, chance) for at in range(seconds)]
    total = sum(interval.bytes or 0 for interval in intervals)
    lost, packets = (sum(getattr(i, name) or 0 for i in intervals) for name in ("lost_packets", "packets"))
    receiver = End(
        bytes=total,
        bits_per_second=total * 8 / seconds,
        seconds=float(seconds),
        jitter_ms=chance.uniform(0.01, 2) if udp else None,
        lost_packets=lost if udp else None,
        packets=packets if udp else None,
        out_of_order=0 if udp else None,
    )
    sender = replace(
        flow.sender,
        bytes=total + 131072,
        bits_per_second=(total + 131072) * 8 / seconds,
        retransmits=None if udp else sum(i.retransmits or 0 for i in intervals),
        mean_rtt_ms=None if udp else chance.uniform(1, 9),
    )
    return replace(
        flow, sender=sender, receiver=receiver, intervals=tuple(intervals), streams=flow.streams or (Stream(1),)
    )


def _interval(at: int, rate: float, udp: bool, chance: random.Random) -> Interval:
    dip = 0.15 if chance.random() < 0.04 else 1.0
    moved = int(rate / 8 * dip * chance.uniform(0.93, 1.04))
    packets = moved // 1200 + 1
    lost = chance.choice((0, 0, 0, packets // 500, packets // 40)) if udp else None
    again = None if udp else chance.choice((0, 0, 0, 0, 1, 3, 17)) + (40 if dip < 1 else 0)
    return Interval(
        at, at + 1, moved, moved * 8.0, retransmits=again, lost_packets=lost, packets=packets if udp else None
    )


def nights(runs: int, each: int, seed: int = 7) -> list[RunRecords]:
    """So many runs with so many results each, one run a night."""
    chance = random.Random(seed)
    plans = list(_plans(each, chance))
    return [_night(number, plans, random.Random(seed * 1000 + number), runs) for number in range(runs)]


def _plans(count: int, chance: random.Random) -> Iterator[tuple[Result, str, str, tuple[str, str], int, float]]:
    for number in range(count):
        test = TESTS[number % len(TESTS)]
        name = test if number < len(TESTS) else f"{test} {number // len(TESTS) + 1}"
        result = chance.choice(measured())
        factor = chance.uniform(2e8, 9e8) / max(result.bits_per_second or 1, 1)
        yield (
            result,
            SUITES[number // 5 % len(SUITES)],
            name,
            DEVICES[number % 4],
            chance.choice((10, 10, 30, 120)),
            factor,
        )


def _night(
    number: int, plans: list[tuple[Result, str, str, tuple[str, str], int, float]], chance: random.Random, runs: int
) -> RunRecords:
    begin = START + timedelta(days=number)
    records = []
    for at, plan in enumerate(plans):
        worse = 0.8 if at % 7 == 3 and number == runs - 1 else 1.0
        records.append(_record(begin + timedelta(seconds=97 * at), plan, chance, worse))
    return RunRecords(f"nightly/{begin:%Y-%m-%d}", tuple(records), f"nightly/{begin:%Y-%m-%d}")


def _record(
    moment: datetime, plan: tuple[Result, str, str, tuple[str, str], int, float], chance: random.Random, worse: float
) -> Record:
    result, suite, test, (client, server), seconds, factor = plan
    told: dict[str, Any] = {
        "moment": moment.isoformat(),
        "suite": suite,
        "test": test,
        "run": moment.date().isoformat(),
    }
    options: dict[str, Any] = {"time": Seconds(seconds), "parallel": 4} | (
        {"udp": True, "bitrate": Bitrate(3e8)} if result.protocol == "udp" else {}
    )
    if chance.random() < 0.04:
        error = IperfError(
            f"iperf3 client on {client} failed: no server listens there.", kind="refused", raw_file="raw_iperf/x.json"
        )
        known: dict[str, Any] = {
            "client": client,
            "server": server,
            "tool": result.tool,
            "protocol": result.protocol,
            "options": options,
        }
        return record_of(None, error=error, **known, **told).ended(False, str(error))
    made = stretched(result, chance, seconds, factor * worse * chance.uniform(0.97, 1.03))
    made = replace(made, client=client, server=server, client_version=made.version, server_version="3.18", options=options, client_cpu_percent=chance.uniform(3, 60),
                   server_cpu_percent=chance.uniform(3, 60), raw_file=f"raw_iperf/downstream_tx_tcp_{client}_client.json", parsed_file="parsed/x.csv")  # fmt: skip
    target = Bitrate(2.1e8)
    reached = (made.bits_per_second or 0) >= target
    verdicts = (
        [Verdict(f"at least {target}, was {Bitrate(made.bits_per_second or 0)}", reached)]
        if chance.random() < 0.7
        else []
    )
    return record_of(made, verdicts=verdicts, **told).ended(reached, None if reached else "The rate is too low.")
