"""What a run costs, in counts that no machine changes: commands, bytes to the device, threads, files, looks at what was printed.

Whoever needs more raises a count here, and says why; whoever needs less lowers it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary import IperfLibrary, client_failures, clients
from IperfLibrary.connections.leash import leashed
from IperfLibrary.keywords import devices as device_keywords
from IperfLibrary.result import Interval
from IperfLibrary.tools.parsing import Parser

from .fake import Iperf3Machine, Script, document

LEASH = len(" ".join(leashed((), 60)))
"""Bytes around each command over SSH."""


class Bench:
    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.machines: dict[str, Iperf3Machine] = {}
        monkeypatch.setattr(device_keywords, "connect", self._connect)
        monkeypatch.setattr(clients, "VIEW_LIMIT", 0.0)  # a fake server says at once what it has to say, or never
        monkeypatch.setattr(client_failures, "DEATH_LIMIT", 0.0)
        self.iperf = IperfLibrary(directory=directory, progress=False)
        for name in ("dut", "pc"):
            self.iperf.add_iperf_device(name, f"ssh://{name}")

    def _connect(self, where: str, url: str, **login: Any) -> Iperf3Machine:
        self.machines[where] = Iperf3Machine(where, f"192.0.2.{len(self.machines) + 1}", "3.6")
        return self.machines[where]

    def test(self) -> None:
        """A server, a client and the end of the server."""
        self.iperf.start_iperf_server("dut", port=5201)
        self.iperf.run_iperf_client("pc", "dut", time=1)
        self.iperf.stop_iperf_server("dut")

    def commands(self, name: str) -> list[tuple[str, ...]]:
        return [process.words for process in self.machines[name].processes]

    def sent(self, name: str) -> int:
        """Bytes of commands and of lines to their leashes, without the leash itself."""
        processes = self.machines[name].processes
        return sum(len(" ".join(one.words)) + sum(len(line) + 1 for line in one.signals) for one in processes)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def test_commands_of_a_first_run(bench: Bench) -> None:
    """The server: which version, is the port free, the start, does it listen. The client: which version, the start."""
    bench.test()
    assert (len(bench.commands("dut")), len(bench.commands("pc"))) == (4, 2)


def test_commands_of_every_further_run(bench: Bench) -> None:
    """Neither the versions nor, once the device has shown who listens, whether the port is free."""
    bench.test()
    bench.test()
    assert (len(bench.commands("dut")), len(bench.commands("pc"))) == (4 + 2, 2 + 1)


def test_bytes_to_the_devices(bench: Bench) -> None:
    bench.test()
    bench.test()
    before = bench.sent("dut"), bench.sent("pc")
    bench.test()
    assert bench.sent("dut") - before[0] <= 1000
    assert bench.sent("pc") - before[1] <= 100
    assert LEASH <= 2000


def test_the_library_starts_no_thread_of_its_own(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(threading.Thread, "start", lambda thread: started.append(thread.name))
    bench.test()
    bench.iperf.run_iperf_test("pc", "dut", time=1)
    assert started == []


def test_tests_at_a_time_take_a_thread_for_each_device_while_they_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        bench.iperf.add_iperf_device(f"d{n}", f"ssh://d{n}")
    started: list[str] = []
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        started.append(thread.name)
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    bench.iperf.run_iperf_tests_in_parallel("d0 -> d1", "d2 -> d3", time=1)
    # What the four have is asked, two servers are started, then two clients.
    assert started == ["iperf-together"] * (4 + 2 + 2)


def test_each_line_is_parsed_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    real = Parser.read

    def read(parser: Parser, lines: Iterable[str]) -> list[Interval]:
        lines = list(lines)
        parsed.extend(lines)
        return real(parser, lines)

    monkeypatch.setattr(Parser, "read", read)
    text = json.dumps(json.loads(document()), indent=1).encode() + b"\n"
    bench.machines["pc"].clients = [Script((text[:100], text[100:]))]
    bench.test()
    assert sum(map(len, parsed)) <= len(text)
    assert sum(len(piece.splitlines()) for piece in parsed) == text.count(b"\n")  # they come in pieces of many


def test_files_of_a_run(bench: Bench, tmp_path: Path) -> None:
    """The raw files of both, and the figures; nothing beside them."""
    bench.test()
    files = [path.relative_to(tmp_path) for path in tmp_path.rglob("*.*") if path.suffix != ".stderr"]  # the fake's own
    assert sorted(path.parts[0] for path in files) == ["parsed", "raw_iperf", "raw_iperf"]


def test_a_stop_is_one_line_to_the_leash(bench: Bench) -> None:
    bench.iperf.start_iperf_server("dut", port=5201)
    before = len(bench.commands("dut"))
    bench.iperf.stop_iperf_server("dut")
    assert [process.signals for process in bench.machines["dut"].processes if process.signals] == [["INT"]]
    assert len(bench.commands("dut")) == before
