"""What keywords refuse before anything runs, called from Python: what is told, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary import IperfLibrary
from IperfLibrary.errors import ConfigurationError
from IperfLibrary.units import Bitrate, Seconds

Call = Callable[[Any], object]


@pytest.fixture
def library() -> Any:
    library = IperfLibrary()
    library.add_iperf_device("pc", "local")
    library.add_iperf_device("app", "dummy:192.0.2.1")
    return library


REFUSED: dict[str, Call] = {
    "A companion needs a name.": lambda it: it.add_iperf_companion(" ", device="pc", command="cat x"),
    "give one of them": lambda it: it.add_iperf_companion("one", device="pc"),
    "app runs no commands for this library, so it has no companions.": lambda it: it.add_iperf_companion(
        "one", device="app", command="x"
    ),
    "The command of a companion is empty.": lambda it: it.add_iperf_companion("one", device="pc", command=" "),
    "'[]' is no keyword.": lambda it: it.add_iperf_companion("one", keyword=[]),
    "'[5]' is no keyword.": lambda it: it.add_iperf_companion("one", keyword=[5]),
    "The search needs a rate that is surely too high.": lambda it: it.find_iperf_throughput("pc", "app"),
    "The search sets 'time' by itself": lambda it: it.find_iperf_throughput(
        "pc", "app", max_rate=Bitrate(1e9), time=Seconds(1)
    ),
    "The search sets 'udp' by itself": lambda it: it.find_iperf_throughput(
        "pc", "app", max_rate=Bitrate(1e9), udp=False
    ),
    "The search sets 'parallel' by itself": lambda it: it.find_iperf_throughput(
        "pc", "app", max_rate=Bitrate(1e9), parallel=0
    ),
    "The search sets 'bandwidth' by itself": lambda it: it.find_iperf_throughput(
        "pc", "app", max_rate=Bitrate(1e9), bandwidth=Bitrate(1)
    ),
    "so 'live' cannot be given": lambda it: it.measure_iperf_recovery_time("pc", "app", "No Operation", live=False),
    "so 'omit' cannot be given": lambda it: it.measure_iperf_recovery_time(
        "pc", "app", "No Operation", omit=Seconds(0)
    ),
    "A flow is written 'first -> second', not 'pc => app'.": lambda it: it.run_iperf_tests_in_parallel(
        **{"pc ": "> app"}
    ),
    "write it so: pc -> app": lambda it: it.run_iperf_tests_in_parallel("app -> pc", **{"pc": ">app"}),
    "The name of the inventory is empty.": lambda it: it.add_iperf_devices_from_file(Path()),
    "The name of the file with iperf's output is empty.": lambda it: it.parse_iperf_output(Path()),
    "'[]' is no keyword, so nothing can be waited for.": lambda it: it.run_iperf_test("pc", "app", wait_for=[]),
}


@pytest.mark.parametrize("told", REFUSED)
def test_a_keyword_refuses(library: Any, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        REFUSED[told](library)
    assert told in str(caught.value)
