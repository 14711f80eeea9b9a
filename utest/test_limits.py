"""What ends a client before its time, and how a busy server is tried again; a server that is stuck is started anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary import client_failures, clients, servers
from IperfLibrary.client_failures import Limits, Peer
from IperfLibrary.clients import ClientHandle
from IperfLibrary.deadline import Deadline
from IperfLibrary.errors import DeviceError, IperfCommandError, IperfError
from IperfLibrary.fitting import check_zero
from IperfLibrary.options import Options
from IperfLibrary.result import Interval
from IperfLibrary.secret import Password
from IperfLibrary.servers import ServerHandle
from IperfLibrary.tools import TOOLS
from IperfLibrary.units import Bitrate, Seconds, Size

from .fake import RUNNING, FakeProcess, Script, document, ends, error_document
from .test_handles import INTERRUPTED, Bench

IPERF3 = TOOLS["iperf3"]
BUSY = error_document("the server is busy running a test. try again later")
REFUSED = error_document("unable to connect to server: Connection refused")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(clients, "VIEW_LIMIT", 0.0)
    monkeypatch.setattr(client_failures, "DEATH_LIMIT", 0.0)
    monkeypatch.setattr(clients, "PAUSE", 0.001)
    monkeypatch.setattr(servers, "FREE_LIMIT", 0.0)
    bench = Bench(tmp_path)
    bench.far.version = bench.near.version = "3.18"
    return bench


def limited(bench: Bench, limits: Limits, server: ServerHandle | None = None, **options: Any) -> ClientHandle:
    peer = Peer("192.0.2.1", server.port if server else 5201, bench.dut, server)
    return ClientHandle(bench.pc, peer, IPERF3, Options("client", **options), bench.files, "client", limits)


def event(name: str, data: Any) -> bytes:
    return json.dumps({"event": name, "data": data}).encode() + b"\n"


START = event("start", {"version": "iperf 3.18", "test_start": {"protocol": "TCP", "num_streams": 1, "duration": 10}})


def interval(start: float, end: float, count: int = 1000, omitted: bool = False) -> bytes:
    seconds = end - start
    figures = {"start": start, "end": end, "seconds": seconds, "bytes": count, "bits_per_second": 8 * count / seconds}
    row = {**figures, "omitted": omitted, "sender": True}
    return event("interval", {"streams": [{"socket": 5, **row}], "sum": row})


def endless(*said: bytes, farewell: bytes = b"") -> Script:
    return Script(said, exit_code=RUNNING, on={"INT": ends(1, farewell)})


def failed(client: ClientHandle, limit: float | None = None) -> IperfError:
    with pytest.raises(IperfError) as raised:
        client.wait(limit)
    return raised.value


# -- stall


def test_a_client_that_prints_no_more_is_stopped(bench: Bench) -> None:
    bench.near.clients = [endless(START, interval(0, 1))]
    error = failed(limited(bench, Limits(stall=0.11, timeout=30), interval=Seconds(0.1)))
    assert error.kind == "stalled"
    assert error.what.endswith("printed nothing for 0.11 s, so it was stopped.")
    assert error.result.partial
    assert [i.bytes for i in error.result.intervals] == [1000]


class Clock:
    """Deadlines pass when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("IperfLibrary.deadline.time.monotonic", lambda: self.now)


def looked(bench: Bench, monkeypatch: pytest.MonkeyPatch, limits: Limits, **options: Any) -> Callable[..., str | None]:
    """What a look at a running client says, after so many seconds and these words of it."""
    clock = Clock(monkeypatch)
    bench.near.clients = [endless(START)]
    client = limited(bench, limits, **options)
    process = bench.near.started("--client")[-1]

    def look(seconds: float, said: bytes = b"") -> str | None:
        clock.now += seconds
        process.say(said)
        return client._look()

    return look


def test_it_stalls_a_while_after_its_last_interval_if_there_was_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = looked(bench, monkeypatch, Limits(stall=5))
    assert look(1000) is None
    for second in range(3):
        assert look(4.9, interval(second, second + 1)) is None
        assert look(4.9) is None
    assert look(0.2) == "stalled"


def test_a_look_that_comes_late_finds_no_stall(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controller was stopped for a while: what the client printed meanwhile is still on its way to the raw file."""
    look = looked(bench, monkeypatch, Limits(stall=5))
    assert look(0, interval(0, 1)) is None
    assert look(60) is None
    assert look(0.1, interval(1, 2)) is None
    assert look(60) is None
    assert look(0.1) == "stalled"


def test_an_interval_without_data_is_an_interval(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    look = looked(bench, monkeypatch, Limits(stall=5))
    assert look(0, interval(0, 1)) is None
    assert look(4.9, interval(1, 2, 0)) is None
    assert look(4.9) is None


@pytest.mark.parametrize(
    ("options", "limits", "seconds"),
    [
        ({}, Limits(), 60),
        ({"interval": Seconds(10)}, Limits(), 60),
        ({"interval": Seconds(30)}, Limits(), 90),
        ({"interval": Seconds(30)}, Limits(stall=31), 31),
        ({}, Limits(stall=2), 2),
    ],
)
def test_the_limit_of_a_stall(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], limits: Limits, seconds: float
) -> None:
    look = looked(bench, monkeypatch, limits, **options)
    assert look(0, interval(0, 1)) is None
    assert look(seconds - 0.1) is None
    assert look(0.2) == "stalled"


def test_0_is_never(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    look = looked(bench, monkeypatch, Limits(stall=0))
    assert look(0, interval(0, 1)) is None
    assert look(1e9) is None


@pytest.mark.parametrize(("stall", "every"), [(5.0, Seconds(10)), (10.0, Seconds(10)), (1.0, None)])
def test_a_stall_that_every_client_would_have(bench: Bench, stall: float, every: Seconds | None) -> None:
    with pytest.raises(IperfCommandError, match=f"'stall' of {stall:g} s is not longer than 'interval'"):
        limited(bench, Limits(stall=stall), interval=every)
    assert bench.near.started("--client") == []


# -- intervals without data


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (interval(0, 1, 0), "zero_interval"),
        (interval(0, 1) + interval(1, 2, 0) + interval(2, 3), "zero_interval"),
        (interval(0, 1, 0, omitted=True), None),
        (interval(0, 1) + interval(1, 1.01, 0), None),
        (interval(0, 1), None),
    ],
)
def test_an_interval_without_data_ends_it_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, said: bytes, reason: str | None
) -> None:
    assert looked(bench, monkeypatch, Limits(fail_on_zero_interval=True))(0, said) == reason


def test_it_does_so_only_if_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert looked(bench, monkeypatch, Limits())(0, interval(0, 1, 0)) is None


def test_a_stop_for_an_interval_without_data_is_told(bench: Bench) -> None:
    bench.near.clients = [endless(START, interval(0, 1), interval(1, 2, 0), interval(2, 3))]
    error = failed(limited(bench, Limits(fail_on_zero_interval=True)))
    assert (error.kind, error.said) == ("zero_interval", "0 bytes from 1 s to 2 s")
    assert error.what.endswith("was stopped: no data in an interval.")
    assert error.result.partial


def with_intervals(*rows: Interval) -> bytes:
    whole = json.loads(document())
    whole["intervals"] = []
    for row in rows:
        figures = {"socket": 5, "start": row.start, "end": row.end, "seconds": row.seconds, "bytes": row.bytes}
        row_said = {**figures, "bits_per_second": 8.0 * (row.bytes or 0), "omitted": row.omitted, "sender": True}
        whole["intervals"].append({"streams": [row_said], "sum": row_said})
    return json.dumps(whole).encode()


FULL = Interval(0, 1, 125_000)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([FULL, Interval(1, 2, 0)], "0 bytes from 1 s to 2 s"),
        ([Interval(0, 1, 0), FULL], "0 bytes from 0 s to 1 s"),
        ([FULL, Interval(1, 1.02, 0)], None),
        ([Interval(0, 1, 0, omitted=True), FULL], None),
        ([FULL], None),
    ],
)
def test_an_interval_without_data_in_a_result(bench: Bench, rows: list[Interval], told: str | None) -> None:
    bench.near.version = "3.12"  # tells all at its end
    bench.near.clients = [Script((with_intervals(*rows),))] * 2
    assert limited(bench, Limits()).wait()
    client = limited(bench, Limits(fail_on_zero_interval=True))
    if told:
        error = failed(client)
        assert (error.kind, error.said, error.exit_code) == ("zero_interval", told, 0)
        assert error.what.endswith("failed: no data in an interval.")
        assert not error.result.partial
    else:
        client.wait()


def test_nobody_would_tell_that_nothing_arrived(bench: Bench) -> None:
    """Over UDP from the client, to a server of somebody else."""
    zero = Limits(fail_on_zero_interval=True)
    both: list[dict[str, Any]] = [{}, {"bidir": True}]
    for options in both:
        with pytest.raises(IperfCommandError, match="sees nothing here"):
            limited(bench, zero, udp=True, **options)
    with pytest.raises(IperfCommandError, match="sees nothing here"):
        limited(bench, zero, bitrate=Bitrate(50e6))  # its buffer takes that for a while
    assert limited(bench, zero, udp=True, reverse=True)
    assert limited(bench, Limits(), udp=True)
    assert limited(bench, zero)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"bitrate": Bitrate(300e3)}, "it writes every 3.5 s"),
        ({"bitrate": Bitrate(300e3), "length": Size(1250), "reverse": True}, None),
        (
            {"bitrate": Bitrate(100e3), "length": Size(1250), "interval": Seconds(0.1), "udp": True},
            "it writes every 0.1 s",
        ),
        ({"bitrate": Bitrate(300e3), "reverse": True}, "it writes every 3.5 s"),
    ],
)
def test_the_pauses_of_a_slow_sender_are_no_failure(bench: Bench, options: dict[str, Any], told: str | None) -> None:
    if told:
        with pytest.raises(IperfCommandError, match=told):
            limited(bench, Limits(fail_on_zero_interval=True), **options)
    else:
        assert limited(bench, Limits(fail_on_zero_interval=True), **options)


@pytest.mark.parametrize(
    ("every", "client", "told"),
    [(None, 1, None), (0.5, 1, None), (10, 1, "every 10 s"), (None, 0.1, "every 1 s"), (0, 1, "at the end only")],
)
def test_a_server_that_tells_too_seldom(bench: Bench, every: float | None, client: float, told: str | None) -> None:
    zero, options = Limits(fail_on_zero_interval=True), Options("client", udp=True, interval=Seconds(client))
    where = 1.0 if every is None else every
    if told:
        with pytest.raises(IperfCommandError, match=f"sees too little here: the server tells what it got {told}"):
            check_zero(options, zero, where)
    else:
        check_zero(options, zero, where)


# -- retry


def test_a_busy_server_is_tried_again(bench: Bench) -> None:
    bench.near.clients = [Script((BUSY,), exit_code=1)] * 3 + [Script((document(),))]
    client = limited(bench, Limits(retry=30))
    names = [client.filename]
    result = client.wait()
    assert result.raw_file == client.filename != names[0]
    files = bench.raw_files()
    assert len(files) == 4
    assert [file.read_bytes() for file in files].count(BUSY) == 3
    assert bench.noted[-1] == ("pc", client.filename)
    assert client.wait() is result


def test_the_pauses_grow(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "PAUSE", 0.25)
    pauses: list[float] = []

    class Counted(Deadline):
        def wait(self, happened: Callable[[float], bool]) -> bool:
            pauses.append(self.seconds or 0)
            return False

    monkeypatch.setattr(clients, "Deadline", Counted)
    bench.near.clients = [Script((BUSY,), exit_code=1)] * 7 + [Script((document(),))]
    limited(bench, Limits(retry=1000)).wait()
    assert pauses == [0.25, 0.5, 1, 2, 4, 5, 5]


def test_the_number_of_tries_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "PAUSE", 0.01)
    bench.near.clients = [Script((BUSY,), exit_code=1)] * 100
    error = failed(limited(bench, Limits(retry=0.05)))
    tries = len(bench.near.started("--client"))
    assert 2 <= tries <= 3
    assert error.what.endswith(f"failed after {tries} tries in 0.05 s: the server is busy.")


def test_without_retry_it_is_tried_once(bench: Bench) -> None:
    bench.near.clients = [Script((BUSY,), exit_code=1)] * 2
    error = failed(limited(bench, Limits()))
    assert error.what.endswith("failed: the server is busy.")
    assert len(bench.near.started("--client")) == 1


def test_another_error_is_told_at_once(bench: Bench) -> None:
    bench.near.clients = [Script((BUSY,), exit_code=1), Script((REFUSED,), exit_code=1), Script((document(),))]
    error = failed(limited(bench, Limits(retry=30)))
    assert error.kind == "refused"
    assert "failed after 2 tries in 30 s: the connection was refused" in error.what
    assert len(bench.near.started("--client")) == 2


def test_the_limit_of_a_wait_is_for_all_tries(bench: Bench) -> None:
    bench.near.clients = [Script((BUSY,), exit_code=1), endless()]
    client = limited(bench, Limits(retry=30, timeout=1000))
    error = failed(client, 0.5)
    assert error.kind == "timeout"
    assert "was not done after 0.5 s" in error.what


def test_no_try_begins_after_the_limit_of_a_wait(bench: Bench) -> None:
    bench.near.clients = [Script((BUSY,), exit_code=1)] * 2
    assert failed(limited(bench, Limits(retry=30)), 0).kind == "busy"
    assert len(bench.near.started("--client")) == 1


# -- who holds a busy server

ELF = b"\x7fELF\x02\x01\n"


def holder(address: str, port: int = 5201, state: str = "01") -> bytes:
    return f"   0: 00000000:{port:04X} {address}:9C40 {state} 00000000:00000000 00:00000000 0 0 0 77 1\n".encode()


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (holder("090200C0"), "192.0.2.9 is connected to it. another client"),
        (holder("090200C0") + holder("0A0200C0"), "192.0.2.9 and 192.0.2.10 are connected to it. another client"),
        (b"", "another client is running a test there"),
    ],
)
def test_who_is_connected_to_a_busy_server(bench: Bench, seen: bytes, told: str) -> None:
    bench.far.connected = ELF + seen
    bench.near.clients = [Script((BUSY,), exit_code=1)]
    assert failed(limited(bench, Limits())).cause.startswith(told)


def test_a_busy_server_that_cannot_be_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*asked: Any) -> Any:
        raise DeviceError("dut is silent.")

    bench.near.clients = [Script((BUSY,), exit_code=1)]
    client = limited(bench, Limits())
    monkeypatch.setattr(bench.far, "run", silent)
    assert failed(client).cause.startswith("another client is running a test there")


def test_a_busy_server_on_no_device(bench: Bench) -> None:
    bench.near.clients = [Script((BUSY,), exit_code=1)]
    peer = Peer("iperf.example.net", 5201)
    client = ClientHandle(bench.pc, peer, IPERF3, Options("client"), bench.files, "client", Limits())
    assert failed(client).cause.startswith("another client is running a test there")


# -- stopped


def test_what_went_wrong_before_a_stop_is_told(bench: Bench) -> None:
    bench.near.clients = [
        Script((), (b"iperf3: error - unable to connect to server: No route to host\n",), RUNNING, {"INT": ends(1)})
    ]
    with pytest.raises(IperfError, match="there is no route to the server") as raised:
        limited(bench, Limits()).stop()
    assert raised.value.kind == "unreachable"


@pytest.mark.parametrize(
    "text",
    [INTERRUPTED, "control socket has closed unexpectedly", "unable to write to stream socket: Connection reset"],
)
def test_what_comes_of_a_stop_is_no_error(bench: Bench, text: str) -> None:
    bench.near.version = "3.12"
    farewell = ends(1, document(error=text), f"iperf3: error - {text}\n".encode())
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": farewell})]
    result = limited(bench, Limits()).stop()
    assert result.partial
    assert result.error == text


# -- secrets


def test_a_password_is_in_no_result(bench: Bench) -> None:
    bench.near.clients = [Script((document(),))]
    secret: dict[str, Any] = {"username": "me", "password": Password("s3cret"), "rsa_public_key_path": "/k"}
    result = limited(bench, Limits(), **secret).wait()
    assert "s3cret" not in json.dumps(result.as_dict())
    assert result.options == {"username": "me", "password": "***", "rsa_public_key_path": "/k"}
    process = bench.near.started("--client")[-1]
    assert "s3cret" not in " ".join(process.words)
    assert process.signals == ["s3cret"]  # the first line to the leash


# -- a server that is stuck


class Stuck:
    """A server of which one client has not ended in order, and somebody is still connected."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.server = bench.server(5201)
        self.serve(1e6)
        bench.near.clients = [Script((error_document("control socket has closed unexpectedly"),), exit_code=1)]
        self.client = limited(bench, Limits(), self.server)
        failed(self.client)
        bench.far.connected = ELF + holder("090200C0")

    def serve(self, rate: float) -> None:
        self.processes[-1].say(document(received=rate, server=True))

    @property
    def processes(self) -> list[FakeProcess]:
        return self.bench.far.started("--server")


@pytest.fixture
def stuck(bench: Bench) -> Stuck:
    return Stuck(bench)


def rates(server: ServerHandle) -> list[float | None]:
    return [result.bits_per_second for result in server.stop()]


def test_a_stuck_server_is_started_anew(stuck: Stuck) -> None:
    before, file = stuck.server.pid, stuck.server.filename
    assert stuck.server.start_anew_if_stuck()
    old, new = stuck.processes
    assert (old.running, new.running) == (False, True)
    assert old.words == new.words
    assert (stuck.server.port, stuck.server.pid != before, stuck.server.filename != file) == (5201, True, True)
    stuck.server.require_alive()
    assert stuck.server.count == 1


def test_what_it_served_before_is_kept_and_comes_once(stuck: Stuck) -> None:
    assert stuck.server.start_anew_if_stuck()
    stuck.serve(2e6)
    stuck.bench.near.clients = [Script((BUSY,), exit_code=1)]
    failed(limited(stuck.bench, Limits(), stuck.server))
    assert stuck.server.start_anew_if_stuck()
    stuck.serve(3e6)
    assert rates(stuck.server) == [1e6, 2e6, 3e6]
    assert rates(stuck.server) == [1e6, 2e6, 3e6]
    assert len(list((stuck.bench.directory / "parsed").glob("dut_*"))) == 3


def test_it_is_asked_once_for_a_client_that_failed(stuck: Stuck) -> None:
    assert stuck.server.start_anew_if_stuck()
    assert not stuck.server.start_anew_if_stuck()
    assert len(stuck.processes) == 2


@pytest.mark.parametrize(
    "connected",
    [b"", holder("090200C0", port=5202), holder("090200C0", state="06"), holder("00000000", state="0A"), b"garbage\n"],
)
def test_a_server_with_nobody_connected_is_not_stuck(stuck: Stuck, connected: bytes) -> None:
    stuck.bench.far.connected = ELF + connected
    assert not stuck.server.start_anew_if_stuck()
    assert len(stuck.processes) == 1


def test_a_server_that_gets_rid_of_its_client_is_not_stuck(stuck: Stuck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "FREE_LIMIT", 30.0)
    answers = [["192.0.2.9"], ["192.0.2.9"], []]
    monkeypatch.setattr(servers, "connected", lambda connection, port: answers.pop(0))
    assert not stuck.server.start_anew_if_stuck()
    assert answers == []


def test_a_server_whose_clients_went_well_is_not_asked(bench: Bench) -> None:
    server = bench.server(5201)
    bench.far.started("--server")[0].say(document(server=True))
    bench.near.clients = [Script(exit_code=RUNNING)]
    client = limited(bench, Limits(), server)
    bench.far.connected = ELF + holder("090200C0")
    looks = len(bench.far.processes)
    assert client.running
    assert not server.start_anew_if_stuck()
    bench.near.started("--client")[-1].end(0)
    client.run.wait(Deadline(0))
    assert not server.start_anew_if_stuck()
    assert len(bench.far.processes) == looks


def test_a_client_that_nobody_looked_at_since_it_ended_well_is_no_suspect(bench: Bench) -> None:
    server = bench.server(5201)
    bench.near.clients = [Script((document(),), exit_code=RUNNING)]
    limited(bench, Limits(), server)
    bench.far.connected = ELF + holder("090200C0")
    bench.near.started("--client")[-1].end(0)
    assert not server.start_anew_if_stuck()
    assert len(bench.far.started("--server")) == 1


class Timeout(BaseException):
    """As the test timeout of Robot Framework is one."""


def test_it_is_still_suspected_when_the_look_was_interrupted(stuck: Stuck, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*asked: Any) -> Any:
        raise Timeout

    with monkeypatch.context() as patched:
        patched.setattr(servers, "connected", interrupted)
        with pytest.raises(Timeout):
            stuck.server.start_anew_if_stuck()
    assert stuck.server.start_anew_if_stuck()


def test_what_it_served_comes_once_when_its_new_start_was_interrupted(
    stuck: Stuck, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> Any:
        raise Timeout

    monkeypatch.setattr(stuck.server, "_raw", interrupted)
    with pytest.raises(Timeout):
        stuck.server.start_anew_if_stuck()
    assert rates(stuck.server) == [1e6]


def test_what_it_saw_before_is_known_to_a_client_that_is_asked_later(stuck: Stuck) -> None:
    bench = stuck.bench
    bench.far.version = bench.dut.versions["iperf3"] = "3.12"
    bench.near.clients = [Script((document(sent=5e6, received=5e6),))]
    asked_later = limited(bench, Limits(), stuck.server)
    stuck.serve(5e6)
    bench.near.clients = [Script((BUSY,), exit_code=1)]
    failed(limited(bench, Limits(), stuck.server))
    assert stuck.server.start_anew_if_stuck()
    assert asked_later.wait().bits_per_second == 5e6


def test_a_server_that_another_client_uses_is_not_stuck(stuck: Stuck) -> None:
    stuck.bench.near.clients = [Script(exit_code=RUNNING)]
    limited(stuck.bench, Limits(), stuck.server)
    assert not stuck.server.start_anew_if_stuck()
    assert len(stuck.processes) == 1


def test_a_server_that_cannot_be_asked_is_left_alone(stuck: Stuck, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*asked: Any) -> Any:
        raise DeviceError("dut is silent.")

    monkeypatch.setattr(servers, "connected", silent)
    assert not stuck.server.start_anew_if_stuck()
    assert stuck.server.running


def test_a_server_that_serves_many_at_a_time_is_not_stuck(stuck: Stuck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(IPERF3), "one_at_a_time", False)
    assert not stuck.server.start_anew_if_stuck()
