"""The benchmarks of ``suites/field.robot``: many devices and many flows at once."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from .figures import ITSELF, Row, Target, as_bars
from .robots import run
from .samples import Sample, Taken, seconds, values


def rows(quick: bool) -> tuple[list[Row], str]:
    """The rows, and the cost of a flow as a chart."""
    devices, flows, steps = (12, 6, (1, 6, 12)) if quick else (100, 50, (1, 10, 50, 100))
    time, turns = ("3s", 1) if quick else ("10s", 2)
    facts = {"DEVICES": devices, "FLOWS": flows, "TIME": time, "TURNS": turns, "STEPS": " ".join(map(str, steps))}
    taken = run("field.robot", facts)
    beside, device, stop, slow = taken["beside"], taken["device"], taken["stop"], taken["slow stop"]
    name = f"{flows} flows of {time} at once, among {devices} devices, all results right"
    costs = _costs(taken, steps)
    most, least = f"{max(steps)} flows, CPU of the controller for each", f"each of {min(steps[1:])}"
    found = [
        Row(name, "one flow", "s", seconds(beside["many"]), seconds(beside["one"]), target=Target(1.5)),
        Row("memory for each device", "", "MiB", values(device["memory"]), how=ITSELF, target=Target(1)),
        Row("threads for each device", "", "", values(device["threads"]), how=ITSELF, target=Target(3)),
        Row(
            f"stop of {flows} servers that take 0.5 s to end",
            "of one",
            "ms",
            _ms(slow["many"]),
            _ms(slow["one"]),
            target=Target(2),
        ),
        Row(f"stop of {flows} servers", f"{flows} signalled by hand", "ms", _ms(stop["many"]), _ms(stop["by hand"])),
        Row(f"stop of {flows} servers", "of one", "ms", _ms(stop["many"]), _ms(stop["one"])),
        Row(most, least, "ms", costs[max(steps)], costs[min(steps[1:])], target=Target(1.2)),
    ]
    return found, _chart(costs)


def _ms(samples: Sequence[Sample]) -> tuple[float, ...]:
    return tuple(1000 * value for value in seconds(samples))


def _costs(taken: Mapping[str, Taken], steps: tuple[int, ...]) -> dict[int, tuple[float, ...]]:
    """Milliseconds of CPU for each of so many flows."""
    return {n: tuple(1000 * s.cpu / n for s in taken[f"flows {n}"]["library"]) for n in steps}


def _chart(costs: Mapping[int, tuple[float, ...]]) -> str:
    bars = {f"{n} flow{'s' * (n > 1)}": statistics.median(values) for n, values in costs.items()}
    return as_bars("CPU time of the controller for each flow of a test with so many", bars, "ms")
