"""What goes on beside a run, on a machine that runs nothing: samplers, ping, and how they begin and end."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary.companions import AT, DONE, Wanted
from IperfLibrary.company import Company, complaints
from IperfLibrary.devices import Device
from IperfLibrary.errors import DeviceError
from IperfLibrary.filing import Files
from IperfLibrary.keywords.companions import _timeout_kept
from IperfLibrary.pinging import Pinger
from IperfLibrary.result import Flow, Interval, Result
from IperfLibrary.sampling import CallSampler, CommandSampler, Unreadable

from .fake import RUNNING, FakeConnection, Script, ends

BARE = Result("iperf3", "3.12", "tcp", "client")
DONE_0 = f"\n{DONE} 0\n".encode()


def files(tmp_path: Path) -> Files:
    return Files(lambda: tmp_path, lambda device, path: None)


def machine(*scripts: Script) -> tuple[FakeConnection, Device]:
    left = list(scripts)
    connection = FakeConnection(behaves=lambda words: left.pop(0))
    return connection, Device("dut", connection)


def running(*said: str) -> Script:
    return Script(tuple(text.encode() for text in said), exit_code=RUNNING, on={"INT": ends(0)})


def sample(value: str, code: int = 0) -> str:
    return f"\n{AT} \n{value}\n{DONE} {code}\n"


def whole(company: Company) -> Result:
    return company.added(BARE, time.monotonic() - 100)


# -- commands


def test_a_command_is_one_process_and_ends_by_its_leash(tmp_path: Path) -> None:
    connection, device = machine(running(sample("1"), sample("2")))
    company = Company([CommandSampler(Wanted("it", "cat x", device="dut"), device, files(tmp_path))])
    company.begin()
    company.look()
    company.end()
    (companion,) = whole(company).companions
    assert [point.value for point in companion.points] == [1.0, 2.0]
    assert (companion.device, companion.source) == ("dut", "cat x")
    assert connection.processes[0].released
    assert connection.processes[0].signals == []
    assert companion.raw_file
    assert Path(companion.raw_file).read_text() == sample("1") + sample("2")


def test_the_command_is_a_word_of_its_own(tmp_path: Path) -> None:
    connection, device = machine(running())
    Company([CommandSampler(Wanted("it", "cat '$x'; rm y"), device, files(tmp_path))]).begin()
    assert connection.processes[0].words[-2:] == ("cat '$x'; rm y", "1")


def test_two_runs_share_it_and_the_last_one_ends_it(tmp_path: Path) -> None:
    connection, device = machine(running(sample("1")), running(sample("2")))
    sampler = CommandSampler(Wanted("it", "cat x"), device, files(tmp_path))
    first, second = Company([sampler]), Company([sampler])
    first.begin()
    second.begin()
    first.end()
    first.release()
    assert not connection.processes[0].released
    second.end()
    assert connection.processes[0].released
    first.begin()
    first.end()
    assert [point.value for point in whole(first).companions[0].points] == [2.0]


def test_one_that_cannot_be_started_keeps_no_run_from_beginning(tmp_path: Path) -> None:
    _, device = machine(Script(starts=False, exit_code=1))
    company = Company([CommandSampler(Wanted("it", "x", device="dut"), device, files(tmp_path))])
    company.begin()
    company.end()
    (said,) = complaints(whole(company))
    assert "The companion 'it' of dut told no value" in said
    assert "The last time:" in said


def test_one_that_ended_by_itself_says_why(tmp_path: Path) -> None:
    _, device = machine(Script((b"5\n",), (b"no such device\n",), exit_code=3))
    company = Company([CommandSampler(Wanted("it", "x", every=0.0), device, files(tmp_path))])
    company.begin()
    company.look()
    company.end()
    (companion,) = whole(company).companions
    assert [point.value for point in companion.points] == [5.0, None]
    assert companion.said == "it ended by itself with exit code 3: no such device"


# -- calls


def test_a_call_is_made_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    calls: list[float] = []

    def call() -> str:
        calls.append(now[0])
        now[0] += 0.375 if len(calls) == 2 else 0.0
        return f"it is {len(calls)}"

    sampler = CallSampler(Wanted("it", "Call", every=0.5), call)
    sampler.look()
    assert not calls  # nobody has joined
    sampler.join(sampler)
    while len(calls) < 4:
        sampler.look()
        now[0] += 0.125
    assert calls == [100.0, 100.5, 101.25, 101.75]
    assert sampler.samples()[1].moment == 100.6875  # in the middle of what it took
    sampler.leave(sampler)
    now[0] += 10
    sampler.look()
    assert len(calls) == 4


def test_a_call_that_fails_is_a_value_that_is_unknown() -> None:
    def call() -> Any:
        raise Unreadable("no radio")

    company = Company([CallSampler(Wanted("rssi", "Get RSSI"), call)])
    company.begin()
    company.look()
    company.end()
    result = whole(company)
    assert [point.value for point in result.companions[0].points] == [None]
    assert complaints(result) == ["The companion 'rssi' told no value while the traffic ran. The last time: no radio."]


def test_what_else_a_call_raises_gets_through() -> None:
    def call() -> Any:
        raise KeyboardInterrupt

    sampler = CallSampler(Wanted("it", "Call"), call)
    sampler.join(sampler)
    with pytest.raises(KeyboardInterrupt):
        sampler.look()
    sampler.look()  # and it is not called again


def test_part_of_the_values_unknown() -> None:
    answers = iter(["1", None, "3"])
    sampler = CallSampler(Wanted("it", "Call", every=0.0), lambda: next(answers))
    company = Company([sampler])
    company.begin()
    for _ in range(3):
        time.sleep(0.001)
        company.look()
    company.end()
    said = complaints(whole(company))
    assert said == ["1 of 3 values of the companion 'it' are unknown. The last time: nothing was printed."]


# -- ping

HEAD = "PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.\n"


def reply(number: int) -> str:
    return f"64 bytes from 10.0.0.1: icmp_seq={number} ttl=64 time=0.{number} ms\n"


def test_ping_before_and_during(tmp_path: Path) -> None:
    connection, device = machine(running(HEAD, reply(1), reply(2)))
    pinger = Pinger(device, "10.0.0.1", 0.05, files(tmp_path))
    company = Company(pinger=pinger)
    company.begin()
    zero = time.monotonic()
    time.sleep(0.01)
    connection.processes[0].say(reply(3).encode())
    time.sleep(0.01)
    company.end()
    flow = Flow("forward", False, intervals=(Interval(0, 1000, 1, 8.0),))
    latency = company.added(Result("iperf3", "3.12", "tcp", "client", (flow,)), zero).latency
    assert latency
    assert [(probe.phase, probe.rtt_ms) for probe in latency.probes] == [("other", 0.1), ("idle", 0.2), ("loaded", 0.3)]
    assert connection.processes[0].signals == ["INT"]


def test_the_warm_up_and_what_comes_after_count_as_neither(tmp_path: Path) -> None:
    connection, device = machine(running(HEAD, reply(1), reply(2)))
    company = Company(pinger=Pinger(device, "10.0.0.1", 0.02, files(tmp_path)))
    company.begin()
    time.sleep(0.01)
    connection.processes[0].say(reply(3).encode())
    zero = time.monotonic()
    time.sleep(0.01)
    connection.processes[0].say(reply(4).encode())
    flow = Flow("forward", False, intervals=(Interval(0, time.monotonic() - zero, 1, 8.0),))
    time.sleep(0.01)
    connection.processes[0].say(reply(5).encode())
    company.end()
    latency = company.added(Result("iperf3", "3.12", "tcp", "client", (flow,)), zero).latency
    assert latency
    assert [probe.phase for probe in latency.probes] == ["other", "idle", "other", "loaded", "other"]


def test_the_next_form_is_tried_where_one_is_not_understood(tmp_path: Path) -> None:
    usage = Script(stderr=(b"ping: invalid option -- 'n'\n",), exit_code=1)
    connection, device = machine(usage, running(HEAD, reply(1)))
    company = Company(pinger=Pinger(device, "10.0.0.1", 0.01, files(tmp_path)))
    company.begin()
    company.release()
    assert [process.words[:2] for process in connection.processes] == [("ping", "-n"), ("ping", "-c")]
    assert connection.processes[1].released


@pytest.mark.parametrize(
    ("said", "code", "text", "tries"),
    [
        (b"sh: ping: not found", 127, "There is no ping", 1),
        (b"ping: permission denied (are you root?)", 1, "It may not ping there", 1),
        (b"ping: invalid option", 2, "This ping takes none of the known command lines", 3),
        (b"ping: sendto: Network is unreachable", 1, "There is no way there", 3),
    ],
)
def test_what_cannot_be_measured_is_said_before_anything_begins(
    tmp_path: Path, said: bytes, code: int, text: str, tries: int
) -> None:
    connection, device = machine(*[Script(stderr=(said,), exit_code=code)] * 3)
    sampler = CallSampler(Wanted("it", "Call"), lambda: 1)
    company = Company([sampler], Pinger(device, "10.0.0.1", 0.01, files(tmp_path)))
    with pytest.raises(DeviceError) as failure:
        company.begin()
    assert text in str(failure.value)
    assert said.decode() in str(failure.value)
    assert "so nothing was begun" in str(failure.value)
    assert len(connection.processes) == tries
    sampler.look()
    assert sampler.samples() == []  # it was let go


def test_a_ping_that_ends_in_between_is_told(tmp_path: Path) -> None:
    connection, device = machine(running(HEAD, reply(1), reply(2)))
    company = Company(pinger=Pinger(device, "10.0.0.1", 0.01, files(tmp_path)))
    company.begin()
    connection.processes[0].end(1)
    company.end()
    assert complaints(whole(company)) == ["The latency is not known until the end: ping ended before the traffic did."]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no alarms here")
def test_an_alarm_that_was_switched_off_meanwhile_goes_off_all_the_same() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with _timeout_kept():
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            time.sleep(0.03)
        deadline = time.monotonic() + 5
        while not rung and time.monotonic() < deadline:
            time.sleep(0.005)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rung
