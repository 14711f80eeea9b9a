"""The benchmarks of ``suites/lab.robot``: one client and one server over SSH."""

from __future__ import annotations

from .figures import ABOVE, ITSELF, Row, Target
from .robots import run
from .samples import Taken, seconds, values

SIZE = 100_000_000


def rows(quick: bool) -> tuple[list[Row], str]:
    facts = {"TURNS": 2, "LONG": 1, "SIZE": SIZE // 4} if quick else {"TURNS": 5, "LONG": 4, "SIZE": SIZE}
    taken = run("lab.robot", facts)
    return [
        *_open(taken["connections open"]),
        *_first(taken["first use"]),
        *_throughput(taken["throughput"]),
        *_reading(taken["reading"], facts["SIZE"]),
    ], ""


def _open(taken: Taken) -> list[Row]:
    name, ours = "start, client of 1 s, stop", seconds(taken["library"])
    against = {
        "script over OpenSSH": ("script", Target(0.75)),
        "script that never sleeps": ("script without sleep", None),
        "suite with SSHLibrary": ("SSHLibrary", Target(0.4)),
        "moler": ("moler", None),
    }
    alone = tuple(1000 * value for value in seconds(taken["client by hand"]))
    own = Row(name, "the client alone", "ms", tuple(1000 * value for value in ours), alone, ABOVE, Target(60))
    return [
        own,
        *(Row(name, peer, "s", ours, seconds(taken[side]), target=target) for peer, (side, target) in against.items()),
    ]


def _first(taken: Taken) -> list[Row]:
    name = "the same, log-ins included"
    ours = values(taken["library"])
    return [
        Row(name, "script over OpenSSH", "s", ours, seconds(taken["script"]), target=Target(1.1)),
        Row(name, "script that never sleeps", "s", ours, seconds(taken["script without sleep"])),
        Row(name, "suite with SSHLibrary", "s", ours, values(taken["SSHLibrary"])),
    ]


def _throughput(taken: Taken) -> list[Row]:
    gigabits = {side: tuple(value / 1e9 for value in values(samples)) for side, samples in taken.items()}
    ours = taken["library"]
    used = tuple(100 * sample.cpu / sample.seconds for sample in ours)
    return [
        Row(
            "throughput",
            "iperf3 by hand",
            "Gbit/s",
            gigabits["library"],
            gigabits["client by hand"],
            target=Target(0.99, least=True),
        ),
        Row("CPU of the controller meanwhile", "", "% of a core", used, how=ITSELF, target=Target(2)),
    ]


def _reading(taken: Taken, size: int) -> list[Row]:
    speeds = {side: tuple(size / 1e6 / s.seconds for s in samples) for side, samples in taken.items()}
    name = f"reading {size // 1_000_000} MB over SSH"
    return [Row(name, "paramiko", "MB/s", speeds["library"], speeds["paramiko"], target=Target(0.9, least=True))]
