"""Many devices, and flows between them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn

# Robot Framework imports a library that is given by its path as a module of no package.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks import samples
from benchmarks.field import Field
from benchmarks.figures import in_turns
from benchmarks.home import settle
from benchmarks.samples import Sample, Taken, timed

RATE = 1_000_000
"""Bits per second of each flow."""

SLOW = "/tmp/slow-iperf3"  # of a host, which nobody else sees
SLOW_TEXT = """#!/bin/sh
iperf3 "$@"
code=$?
sleep 0.5
exit $code
"""


@library(scope="GLOBAL", listener="SELF")
class Crowd:
    """A field of devices, named d0, d1 ..., and the samples that were taken there."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._field = Field(count)
        self._taken: dict[str, Taken] = {}
        self._up = False

    def close(self) -> None:
        """Called as a listener at the end of the run."""
        if self._up:
            self._field.__exit__()

    @keyword
    def connect_all_devices(self) -> None:
        """Logs in to all of them; what one more device costs is what all but the first cost."""
        field = self._field.__enter__()
        self._up = True
        settle(field.folder / "home", field.keys.client, field.keys.known_hosts)
        for number, host in enumerate(field.hosts):
            _run("Add Iperf Device", f"d{number}", f"ssh://root@{host.address()}")
        self._flows(1, "1s")
        with _watched() as seen:
            for number in range(self._count):
                _run("Get Iperf Capabilities", f"d{number}")
            self._flows(self._count // 2, "2s")
        devices = self._count - 2
        used = [Sample(0.0, 0.0, seen.memory / devices)], [Sample(0.0, 0.0, seen.threads / devices)]
        self._keep("device", {"memory": used[0], "threads": used[1]})

    @keyword
    def one_flow_and_many(self, turns: int, many: int, time: str) -> None:
        sides = {"one": timed(lambda: self._flows(1, time)), "many": timed(lambda: self._flows(many, time))}
        self._keep("beside", in_turns(sides, turns))

    @keyword
    def cost_of_flows(self, turns: int, count: int) -> None:
        """What so many flows of a second cost; the value is how many there were."""
        self._keep(f"flows {count}", in_turns({"library": timed(lambda: self._flows(count, "1s"))}, turns))

    @keyword
    def stop_one_and_many(self, turns: int, many: int) -> None:
        """Servers as they are, beside as many that somebody signals by hand; and such as take their time to end."""
        sides = {"one": lambda: self._stop(1), "many": lambda: self._stop(many), "by hand": lambda: self._by_hand(many)}
        self._keep("stop", in_turns(sides, turns))
        for number in range(many):
            self._field.hosts[number].run(
                ["sh", "-c", f"printf '%s' \"$1\" >{SLOW} && chmod 755 {SLOW}", "sh", SLOW_TEXT]
            )
            _run("Get Iperf Device", f"d{number}").programs["iperf3"] = SLOW
        self._stop(many)  # once more, each device is asked whether a port is free
        self._keep("slow stop", in_turns({"one": lambda: self._stop(1), "many": lambda: self._stop(many)}, turns))

    def _stop(self, count: int) -> Sample:
        for number in range(count):
            _run("Start Iperf Server", f"d{number}")

        def stop() -> None:
            assert _run("Stop All Iperf Processes") == count

        return timed(stop)()

    def _by_hand(self, count: int) -> Sample:
        """Ends so many servers, each on a host of its own, as fast as this machine can."""
        hosts = self._field.hosts[:count]
        started = [host.spawn(["iperf3", "-s", "-p", "5201", "--logfile", "/dev/null"]) for host in hosts]
        for host in hosts:
            host.wait_for_listener(5201, 30.0)
        pids = [process.pid for host in hosts for process in host.iperf_processes()]

        def stop() -> None:
            for pid in pids:
                os.kill(pid, signal.SIGINT)
            for process in started:
                process.wait(30.0)

        return timed(stop)()

    def _flows(self, count: int, time: str) -> float:
        """So many flows at once, each between two devices of its own as long as there are enough; all results have to be right."""
        ends = _pairs(count, self._count)
        flows = [f"d{first} -> d{second}" for first, second in ends]
        together = _run("Run Iperf Tests In Parallel", *flows, f"time={time}", f"bitrate={RATE}", "length=8K")
        for (first, second), result in zip(ends, together.results, strict=True):
            _check(result, f"d{first}", f"d{second}")
        return float(count)

    def _keep(self, name: str, taken: Taken) -> None:
        self._taken[name] = taken
        samples.write(Path(BuiltIn().get_variable_value("${OUTPUT_DIR}")), self._taken)


def _run(*words: str) -> Any:
    return BuiltIn().run_keyword(*words)


def _pairs(count: int, devices: int) -> list[tuple[int, int]]:
    """Neighbours; when these are used up, the same ones the other way, and so on."""
    pairs = [(n, n + 1) for n in range(0, devices - 1, 2)]
    return list(islice(cycle(pairs + [(second, first) for first, second in pairs]), count))


def _check(result: Any, client: str, server: str) -> None:
    """Whether it is the result of that test, with the rate that was asked for."""
    assert (result.client, result.server) == (client, server), result
    assert not result.partial, result
    assert 0.8 * RATE <= result.bits_per_second <= 1.3 * RATE, result
    assert result.received.bytes > 0, result


class Seen:
    """What this process needed at most, beyond what it had at the start."""

    memory = 0.0
    """In MiB."""
    threads = 0


@contextmanager
def _watched() -> Iterator[Seen]:
    seen, begin = Seen(), (_peak(reset=True), threading.active_count())
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            seen.threads = max(seen.threads, threading.active_count() - begin[1] - 1)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()
        seen.memory = (_peak() - begin[0]) / 1024


def _peak(reset: bool = False) -> int:
    """The most memory, in KiB, that this process had since the last reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
