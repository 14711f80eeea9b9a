"""Faults at random moments: ``python -m atest.chaos --runs 200 --seed 1``. Run N of a seed has the same plan each time; ``--only N`` repeats it.

Each run is a server and a client on two hosts of the lab, and one or two faults: a signal to a process, a link that is cut.
Whatever happens, each keyword returns or fails with an error of the library in time, a pass has true figures, nothing is left, and
the next plain run passes.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from IperfLibrary import IperfLibrary
from IperfLibrary.errors import IperfLibraryError
from IperfLibrary.result import Flow, Result

from .faults import Injector, Plan, plan, send, victims
from .lab.host import Host, Process
from .lab.lab import Lab
from .lab.shell import LabError, until

LIMIT = 4.0
"""Seconds that a client gets."""

STARTED, STOPPED = 15.0, 4.0
"""Seconds in which a device starts a command and a server listens, and in which what hangs is ended."""

SLACK, LOG_IN = 5.0, 15.0
"""Seconds on top of each limit, and those that it takes to find out that a device does not answer."""

GONE = 5.0
"""Seconds in which nothing is left."""

SILENT = 30.0
"""The same where the link for log-ins was cut: TCP tries again after ever longer pauses."""

HEARTLESS = 75.0
"""The same where no signal and no end of file can arrive any more, so that only the leash's timer is left."""

DATAGRAM = 1448
"""Bytes in a datagram of UDP, unless it is told otherwise; iperf2 has some more."""


class Chaos:
    """The library on two hosts of a lab, run after run."""

    def __init__(self, lab: Lab, directory: Path, seed: int) -> None:
        self.lab, self.seed = lab, seed
        self.hosts = {"alpha": lab.host("alpha"), "beta": lab.host("beta")}
        self.library = IperfLibrary(directory=directory)
        self.bugs: list[str] = []
        self.errors: list[IperfLibraryError] = []
        threading.excepthook = lambda what: self.bugs.append(f"a thread died: {what.exc_value!r}")
        for name, host in self.hosts.items():
            key = str(lab.keys.client)
            self.library.add_iperf_device(name, host.url, address=host.address(), key_file=key, host_key="ignore")
        self._plain_run()

    def run(self, number: int) -> str:
        """How it came out, in a few words; what must not be is in ``bugs``, what was told in ``errors``."""
        self.bugs, self.errors = [], []
        chosen = plan(self.seed, number)
        injector = Injector(self.lab, chosen.faults, random.Random(number))
        try:
            outcome = self._test(chosen, injector)
        finally:
            injector.end()
        self._clean_up(chosen)
        missed = f", {injector.missed} faults missed" if injector.missed else ""
        return f"{outcome}{missed}"

    def _test(self, chosen: Plan, injector: Injector) -> str:
        before = self._received()
        injector.enter("start")
        udp = {"udp": True} if chosen.tool == "iperf2" and "udp" in chosen.options else {}
        more = LOG_IN if chosen.silences else 0.0
        server = self._call(
            STARTED + more, self.library.start_iperf_server, "alpha", tool=chosen.tool, daemon=chosen.daemon, **udp
        )
        injector.enter("client")
        result = self._client(chosen, server, more) if server else None
        if result and not result.partial:
            self._check(result, before, chosen)
        injector.enter("stop")
        served = self._call(STOPPED + more, self.library.stop_iperf_server, server) if server else None
        ways = "start" if not server else "client" if not result else "stop" if served is None else ""
        return f"{ways} failed" if ways else "pass"

    def _client(self, chosen: Plan, server: Any, more: float) -> Any:
        options = {**chosen.options, "timeout": LIMIT}
        if chosen.end == "run":
            return self._call(LIMIT + more, self.library.run_iperf_client, "beta", server, **options)
        client = self._call(more, self.library.start_iperf_client, "beta", server, **options)
        if not client:
            return None
        self._must(Path(client.filename).exists(), f"{client.filename} does not exist")
        if chosen.end == "stop":
            time.sleep(chosen.patience)
            return self._call(STOPPED + more, self.library.stop_iperf_client, client)
        return self._call(LIMIT + more, self.library.wait_for_iperf_client, client)

    def _call(self, limit: float, keyword: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """What the keyword returns; None when it fails, as it may."""
        begin, name = time.monotonic(), keyword.__name__
        try:
            return keyword(*arguments, **named)
        except IperfLibraryError as error:
            self._look_at(error)
        except Exception:
            self.bugs.append(f"{name}: {traceback.format_exc()}")
        finally:
            took = time.monotonic() - begin
            self._must(took <= limit + SLACK, f"{name} took {took:.1f} s in place of {limit:g} s + {SLACK:g} s")
        return None

    def _look_at(self, error: IperfLibraryError) -> None:
        self.errors.append(error)
        file = str(error.raw_file or "")
        here = file and "/iperflibrary_" not in file
        self._must(not here or Path(file).exists(), f"{file} does not exist")

    def _check(self, result: Result, before: dict[str, int], chosen: Plan) -> None:
        """The figures of a pass against what the receivers' network devices have got meanwhile."""
        self._must(bool(result.flows), "a pass without flows")
        for flow in result.flows:
            host = "beta" if flow.reverse else "alpha"
            self._check_flow(flow, self._received()[host] - before[host], chosen)

    def _check_flow(self, flow: Flow, arrived: int, chosen: Plan) -> None:
        got = flow.receiver.bytes
        if got is None:
            self._must(chosen.daemon and chosen.tool == "iperf2", f"a pass whose receiver is unknown: {flow}")
            return
        # What a cut link loses has been counted by the device, and is lost or sent again.
        cut = any(fault.target == "plain" for fault in chosen.faults)
        least = 0 if cut else arrived / 2 - (flow.receiver.lost_packets or 0) * DATAGRAM
        self._must(0 < got <= arrived, f"{got:,} bytes counted, {arrived:,} arrived: {flow}")
        self._must(got >= least, f"only {got:,} bytes counted, {arrived:,} arrived: {flow}")

    def _received(self) -> dict[str, int]:
        return {name: _received(host, "plain") for name, host in self.hosts.items()}

    def _clean_up(self, chosen: Plan) -> None:
        """All faults are taken back: what was left goes now, and the next run passes."""
        self._call(STOPPED + LOG_IN, self.library.stop_all_iperf_processes)
        targets = {fault.target for fault in chosen.faults}
        within = HEARTLESS if "leash" in targets else SILENT if "mgmt" in targets else GONE
        for name, host in self.hosts.items():
            self._check_clean(name, host, within)
        try:
            self._plain_run()
        except Exception:
            self.bugs.append(f"the next run failed: {traceback.format_exc()}")
            self._start_over()

    def _check_clean(self, name: str, host: Host, within: float) -> None:
        with suppress(LabError):
            until(lambda: not _left(host), within, "nothing to be left", 0.02)
        left = _left(host)
        self._must(not left, f"left on {name}: {'; '.join(left)}")
        if left:  # told once, not by each run from now on
            send(_own(host), "KILL")
            host.run(["sh", "-c", "rm -f /tmp/iperflibrary_*"])

    def _start_over(self) -> None:
        for name in self.hosts:
            with suppress(IperfLibraryError):
                self.library.close_iperf_connection(name)

    def _plain_run(self) -> None:
        server = self.library.start_iperf_server("alpha", tool="iperf3")
        result = self.library.run_iperf_client("beta", server, bytes="500K", bitrate="20M", timeout=10.0)
        assert result.received.bytes, result
        self.library.stop_iperf_server(server)

    def _must(self, fine: bool, problem: str) -> None:
        if not fine:
            self.bugs.append(problem)


def _own(host: Host) -> list[Process]:
    found = {process.pid: process for kind in ("iperf", "leash", "watch") for process in victims(host, kind)}
    return list(found.values())


def _left(host: Host) -> list[str]:
    """Processes and files that should not be there."""
    files = Path(f"/proc/{host.viewpoint}/root/tmp").glob("iperflibrary_*")
    return [*(f"{p.pid}: {' '.join(p.argv)[:60]!r}" for p in _own(host)), *(file.name for file in files)]


def _received(host: Host, link: str) -> int:
    rows = Path(f"/proc/{host.viewpoint}/net/dev").read_text().splitlines()[2:]
    return sum(int(row.partition(":")[2].split()[0]) for row in rows if row.split(":")[0].strip() == link)


def main() -> int:
    arguments = _parser().parse_args()
    numbers = [arguments.only] if arguments.only else range(arguments.first, arguments.first + arguments.runs)
    with Lab("netns") as lab:
        chaos = Chaos(lab, arguments.directory, arguments.seed)
        bad = [number for number in numbers if not _told(chaos, number, arguments.verbose)]
    print(
        f"{len(numbers)} runs, {len(bad)} with bugs" + "".join(f"\n  --seed {arguments.seed} --only {n}" for n in bad)
    )
    return 1 if bad else 0


def _told(chaos: Chaos, number: int, verbose: bool) -> bool:
    """Runs it and prints a line; whether all was as it should be."""
    begin = time.monotonic()
    outcome = chaos.run(number)
    print(f"{number:4} {time.monotonic() - begin:5.1f} s  {outcome:12}  {plan(chaos.seed, number)}", flush=True)
    for text in (*(map(str, chaos.errors) if verbose else ()), *(f"BUG: {bug}" for bug in chaos.bugs)):
        print(textwrap.indent(text, "        "), flush=True)
    return not chaos.bugs


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m atest.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="number of the first run")
    parser.add_argument("--only", type=int, help="number of the one run to repeat")
    parser.add_argument("--directory", type=Path, default=Path("results/chaos"), help="where raw files go")
    parser.add_argument("--verbose", action="store_true", help="print the errors that the library told")
    return parser


if __name__ == "__main__":
    logging.getLogger().addHandler(logging.NullHandler())
    sys.exit(main())
