"""What happens to a run of :mod:`atest.chaos`: a plan from a seed, and what brings its faults about."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from signal import Signals
from typing import Any

from .lab import procfs
from .lab.host import Host, Process
from .lab.lab import Lab
from .lab.shell import LabError, until

LEASH, WATCH = "iperflibrary-leash", "born $(born $p)"
"""What is in the words of the shells beside an iperf and beside a daemon."""

WAYS: tuple[dict[str, Any], ...] = ({}, {"reverse": True}, {"parallel": 3}, {"bidir": True})
SHELLS = ("leash", "watch", "session")


@dataclass(frozen=True)
class Fault:
    """A signal to processes of a host, or a link that is ``cut``; from ``delay`` seconds after the phase began, for ``seconds``."""

    host: str
    target: str
    what: str
    phase: str
    delay: float
    seconds: float | None

    def __str__(self) -> str:
        until_then = f" for {self.seconds:.1f} s" if self.what in ("STOP", "cut") and self.seconds else ""
        return f"{self.what} {self.target}@{self.host}{until_then} {self.delay:.2f} s into {self.phase}"

    @property
    def silences(self) -> bool:
        """Whether commands may not reach the host any more."""
        return self.target in ("mgmt", *SHELLS)


@dataclass(frozen=True)
class Plan:
    """What is run, and what happens to it. ``end`` is what follows the start of a client."""

    tool: str
    options: dict[str, Any]
    daemon: bool
    end: str
    patience: float
    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        options = " ".join(name if value is True else f"{name}={value}" for name, value in self.options.items())
        return f"{self.tool} {options} {'daemon ' if self.daemon else ''}{self.end}: {'; '.join(map(str, self.faults))}"

    @property
    def silences(self) -> bool:
        return any(fault.silences for fault in self.faults)


def plan(seed: int, number: int) -> Plan:
    """Always the same for the same numbers."""
    rng = random.Random(f"{seed}/{number}")
    way, udp, daemon = rng.choice(WAYS), rng.random() < 0.4, rng.random() < 0.4
    options = {"time": 1, "bitrate": "10M", **way, **({"udp": True} if udp else {})}
    faults = [_fault(rng, daemon) for _ in range(rng.choice((1, 1, 2)))]
    return Plan(rng.choice(("iperf3", "iperf3", "iperf2")), options, daemon, rng.choice(("run", "run", "wait", "stop")),
                rng.uniform(0, 1.2), tuple(faults))  # fmt: skip


def _fault(rng: random.Random, daemon: bool) -> Fault:
    targets = ["iperf", "iperf", "leash", "session", "mgmt", "plain", *(["watch"] if daemon else [])]
    target = rng.choice(targets)
    what = "cut" if target in ("mgmt", "plain") else rng.choice(("TERM", "KILL", "STOP"))
    phase, longest = rng.choice((("start", 0.2), ("client", 1.2), ("client", 1.2), ("stop", 0.06)))
    host = "alpha" if target == "watch" or phase in ("start", "stop") else rng.choice(("alpha", "beta"))
    return Fault(host, target, what, phase, rng.uniform(0, longest), rng.choice((None, rng.uniform(0.2, 4.0))))


class Injector:
    """Brings the faults about while the keywords run, and takes them back in the end."""

    def __init__(self, lab: Lab, faults: Sequence[Fault], rng: random.Random) -> None:
        self._lab, self._rng = lab, rng
        self._phases = {phase: threading.Event() for phase in ("start", "client", "stop")}
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._bring_about, args=(fault,)) for fault in faults]
        self.missed = 0
        for thread in self._threads:
            thread.start()

    def enter(self, phase: str) -> None:
        self._phases[phase].set()

    def end(self) -> None:
        self._over.set()
        for event in self._phases.values():
            event.set()
        for thread in self._threads:
            thread.join()

    def _bring_about(self, fault: Fault) -> None:
        self._phases[fault.phase].wait()
        if self._over.wait(fault.delay):
            self.missed += 1
        elif fault.what == "cut":
            self._cut(fault)
        else:
            self._signal(fault)

    def _cut(self, fault: Fault) -> None:
        self._lab.cut(fault.host, fault.target)
        self._over.wait(fault.seconds)
        self._lab.restore(fault.host, fault.target)

    def _signal(self, fault: Fault) -> None:
        found = _awaited(self._lab.host(fault.host), fault.target)
        self.missed += not found
        hit = [self._rng.choice(found)] if found and fault.target == "leash" else found
        send(hit, fault.what)
        if fault.what == "STOP":
            self._over.wait(fault.seconds)
            send(hit, "CONT")


def _awaited(host: Host, target: str) -> list[Process]:
    """The processes that are the target; they may be just about to be started."""
    try:
        return until(lambda: victims(host, target), 1.0, target)
    except LabError:
        return []


def victims(host: Host, target: str) -> list[Process]:
    """The processes of that kind on the host now."""
    listener = host.listeners(host.ssh_port) if target == "session" else []
    kinds: dict[str, Callable[[Process], bool]] = {
        "iperf": Process.is_iperf,
        "leash": lambda process: LEASH in " ".join(process.argv),
        "watch": lambda process: WATCH in " ".join(process.argv) and LEASH not in " ".join(process.argv),
        "session": lambda process: procfs.comm(process.pid).startswith("sshd") and process.pid not in listener,
    }
    return [process for process in host.processes() if kinds[target](process)]


def send(processes: Sequence[Process], signal: str) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process.pid, Signals[f"SIG{signal}"])
