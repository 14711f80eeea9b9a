"""What is said of a client that failed where more is known than iperf says: of its server, of a firewall, of an address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary import IperfLibrary, client_failures, clients
from IperfLibrary.client_failures import Limits, Peer
from IperfLibrary.clients import ClientHandle
from IperfLibrary.errors import ConfigurationError, IperfError
from IperfLibrary.expected import ExpectedServer
from IperfLibrary.keywords import devices as device_keywords
from IperfLibrary.options import Options
from IperfLibrary.servers import ServerHandle
from IperfLibrary.tools import TOOLS
from IperfLibrary.units import Bitrate, Seconds

from .fake import RUNNING, Iperf3Machine, Script, document, ends, error_document
from .test_handles import IN_USE, INTERRUPTED, IPERF3, Bench, client_of

HANDSHAKE = "unable to read from stream socket: Resource temporarily unavailable"
REFUSED = "unable to connect to server: Connection refused"
CLOSED = "control socket has closed unexpectedly"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(clients, "VIEW_LIMIT", 0.0)
    monkeypatch.setattr(client_failures, "DEATH_LIMIT", 0.0)
    return Bench(tmp_path)


def begun(cookie: str, error: str | None = None, **start: Any) -> bytes:
    """What either end prints of a test that got as far as its control connection."""
    head = {"connected": [], "version": "iperf 3.12", "cookie": cookie, **start}
    document: dict[str, Any] = {"start": head, "intervals": [], "end": {}}
    return json.dumps({**document, "error": error} if error else document).encode() + b"\n"


def accepted(cookie: str, udp_came: bool, error: str | None = None) -> bytes:
    """The same of the server; with ``udp_came`` its stream was made, and nothing more came on that."""
    head: dict[str, Any] = {"accepted_connection": {"host": "192.0.2.2", "port": 40000}}
    if not udp_came:
        return begun(cookie, error, **head)
    row = {"socket": 5, "start": 0, "end": 1, "seconds": 1, "bytes": 0, "bits_per_second": 0, "packets": 0}
    test = json.loads(begun(cookie, error, **head))
    test["start"]["test_start"] = {"protocol": "UDP", "num_streams": 1, "duration": 1, "reverse": 0}
    test["intervals"] = [{"streams": [{**row, "sender": False}], "sum": {**row, "sender": False}}]
    return json.dumps(test).encode() + b"\n"


def failure(bench: Bench, output: bytes, served: bytes = b"", code: int = 1, **options: Any) -> IperfError:
    """What is said of a client that prints this and ends, and whose server printed that of it."""
    server = bench.server(5201)
    bench.near.clients = [Script(exit_code=RUNNING)]
    client = bench.client(server, **options)
    bench.far.started("--server")[0].say(served)
    client_of(bench).say(output)
    client_of(bench).end(code)
    with pytest.raises(IperfError) as raised:
        client.wait()
    return raised.value


def too_long(bench: Bench, output: bytes, served: bytes = b"", **options: Any) -> IperfError:
    """The same of one that is stopped at its limit, and prints this then."""
    server = bench.server(5201)
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1, output)})]
    client = bench.client(server, limit=0, **options)
    bench.far.started("--server")[0].say(served)
    with pytest.raises(IperfError) as raised:
        client.wait()
    return raised.value


# -- UDP does not come through


@pytest.mark.parametrize(
    ("served", "cause"),
    [
        (b"", "but no UDP came through to port 5201 of dut, or none came back: a firewall drops it"),
        (accepted("c", udp_came=False), "but no UDP from pc reached the server on dut: a firewall"),
        (accepted("c", udp_came=True), "and UDP from pc reached the server on dut, but no answer came back"),
        (accepted("other", udp_came=True), "but no UDP came through to port 5201 of dut"),
    ],
)
def test_no_udp_comes_through(bench: Bench, served: bytes, cause: str) -> None:
    error = failure(bench, begun("c", HANDSHAKE), served, udp=True)
    assert error.kind == "no_udp"
    assert str(error).startswith(
        "iperf3 client on pc to dut (192.0.2.1 port 5201) failed: no UDP came through.\n"
        f"  it said:         {HANDSHAKE}\n  probably:        the control connection (TCP) works, {cause}"
    )
    assert "Allow UDP port 5201 on dut, on the way and back to pc" in error.remedy
    assert "Ask the other end" not in str(error)


def test_an_earlier_test_does_not_tell_whether_udp_came(bench: Bench) -> None:
    server = bench.server(5201)
    bench.far.started("--server")[0].say(accepted("", udp_came=True))
    bench.near.clients = [Script((error_document(HANDSHAKE),), exit_code=1)]
    with pytest.raises(IperfError, match="no UDP came through to port 5201 of dut, or none came back"):
        bench.client(server, udp=True).wait()


def test_no_udp_to_a_server_of_somebody_else(bench: Bench) -> None:
    bench.near.clients = [Script((error_document(HANDSHAKE),), exit_code=1)]
    with pytest.raises(IperfError, match="no UDP came through to port 5201 of dut") as raised:
        bench.client(udp=True).wait()
    assert raised.value.kind == "no_udp"


@pytest.mark.parametrize(
    ("output", "served"),
    [
        (begun("c", INTERRUPTED), accepted("c", udp_came=False, error="the client has terminated")),
        (b'{"event":"error","data":"interrupt - x"}\n{"event":"end","data":{}}\n', accepted("c", udp_came=False)),
    ],
)
def test_no_udp_within_a_shorter_limit(bench: Bench, output: bytes, served: bytes) -> None:
    error = too_long(bench, output, served, udp=True)
    assert error.kind == "timeout"
    assert error.cause.startswith("the control connection (TCP) works, but no UDP from pc reached the server on dut")


def test_a_test_by_tcp_that_is_too_long_says_nothing_of_udp(bench: Bench) -> None:
    error = too_long(bench, begun("c", INTERRUPTED), accepted("c", udp_came=False), bytes=1000)
    assert "nothing answers there" in error.cause
    assert "UDP" not in str(error)


def test_a_server_whose_own_firewall_drops_its_answer(bench: Bench) -> None:
    said = "unable to write to stream socket: Operation not permitted"
    error = failure(bench, begun("c", HANDSHAKE), accepted("c", udp_came=False, error=f"error - {said}"), udp=True)
    assert error.server_said == said
    assert error.cause == "on dut: a firewall on the device that runs this iperf drops what it sends"


@pytest.mark.parametrize(
    ("served", "cause"),
    [
        (b"", "nothing from pc reached the server on dut: a firewall there or on the way drops UDP to port 5001"),
        (
            b"[  1] local 192.0.2.1 port 5001 connected with 192.0.2.2 port 5\n",
            "the server on dut got the traffic, and",
        ),
    ],
)
def test_a_report_of_iperf2_that_does_not_come(bench: Bench, served: bytes, cause: str) -> None:
    for device in (bench.dut, bench.pc):
        device.programs["iperf2"], device.versions["iperf2"] = "iperf", "2.1.8"
    server = ServerHandle(bench.dut, IPERF3, Options("server"), 5001, bench.files, "server")
    server.tool = TOOLS["iperf2"]
    bench.near.clients = [Script(exit_code=RUNNING)]
    peer = Peer("192.0.2.1", 5001, bench.dut, server)
    client = ClientHandle(bench.pc, peer, TOOLS["iperf2"], Options("client"), bench.files, "client", Limits())
    bench.far.started("--server")[0].say(served)
    client_of(bench).complain(b"[  3] WARNING: did not receive ack of last datagram after 10 tries.\n")
    client_of(bench).end(0)
    with pytest.raises(IperfError) as raised:
        client.wait()
    assert raised.value.kind == "no_ack"
    assert raised.value.cause.startswith(cause)


# -- what is sent is dropped at once


def test_a_firewall_of_the_client_itself(bench: Bench) -> None:
    error = failure(bench, begun("c", "unable to write to stream socket: Operation not permitted"), udp=True)
    assert str(error).splitlines()[:4] == [
        "iperf3 client on pc to dut (192.0.2.1 port 5201) failed: it may not send.",
        "  it said:         unable to write to stream socket: Operation not permitted",
        "  probably:        a firewall on pc itself drops what it sends",
        "  what to do:      Look at its rules for what goes out: nft list ruleset, or iptables -S OUTPUT.",
    ]


# -- what the server said


def test_the_servers_own_words(bench: Bench) -> None:
    said = "total required bandwidth is larger than server limit"
    error = failure(bench, begun("c", CLOSED), accepted("c", udp_came=False, error=f"error - {said}"))
    assert (error.said, error.server_said) == (CLOSED, said)
    assert error.cause == "on dut: the server was started with a limit that this test exceeds"
    assert f"  the server said: {said}\n" in str(error)


@pytest.mark.parametrize("served", [b"", accepted("c", udp_came=False, error="the client has terminated")])
def test_a_server_without_a_word_of_its_own(bench: Bench, served: bytes) -> None:
    error = failure(bench, begun("c", CLOSED), served)
    (file,) = (path for path in bench.raw_files() if "server" in path.name)
    assert error.remedy == f"Look at what the server on dut printed: {file}"
    assert "the server said" not in str(error)


def test_the_words_of_an_earlier_test_are_not_told(bench: Bench) -> None:
    server = bench.server(5201)
    bench.far.started("--server")[0].say(accepted("a", udp_came=False, error="total ... larger than server limit"))
    bench.near.clients = [Script((begun("c", CLOSED),), exit_code=1)]
    with pytest.raises(IperfError) as raised:
        bench.client(server).wait()
    assert not raised.value.server_said


# -- it listens, and refuses


def test_a_refusal_where_the_server_does_listen(bench: Bench) -> None:
    error = failure(bench, error_document(REFUSED))
    assert error.cause == (
        "the server on dut does listen on port 5201, so 192.0.2.1 is perhaps not dut; or a firewall rejects it"
    )
    assert error.remedy.startswith("Correct the address: Add Iperf Device    dut    ...    address=")


def test_a_refusal_where_the_server_is_bound_elsewhere(bench: Bench) -> None:
    server = bench.server(5201, bind="192.0.2.77")
    bench.near.clients = [Script((error_document(REFUSED),), exit_code=1)]
    with pytest.raises(IperfError, match=r"it listens at 192\.0\.2\.77 alone \('bind'\)"):
        bench.client(server).wait()


def test_a_server_that_is_expected_is_not_known_to_listen(bench: Bench) -> None:
    server = ExpectedServer(bench.dut, IPERF3, Options("server"), 5201, "server")
    bench.near.clients = [Script((error_document(REFUSED),), exit_code=1)]
    with pytest.raises(IperfError, match="nothing listens on that port at the server"):
        bench.client(server).wait()


# -- whose port it is


@pytest.mark.parametrize(
    ("ours", "cause"), [(True, "this run itself has a server"), (False, "another program on that")]
)
def test_who_has_the_port_of_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ours: bool, cause: str) -> None:
    machine = Iperf3Machine("dut", version="3.6")
    monkeypatch.setattr(device_keywords, "connect", lambda where, url, **more: machine)
    iperf = IperfLibrary(directory=tmp_path)
    iperf.add_iperf_device("dut", "local")
    first = iperf.start_iperf_server("dut", port=5998)
    if not ours:
        iperf.stop_iperf_server(first)
    machine.servers = [Script((IN_USE,), exit_code=1)]
    with pytest.raises(IperfError, match="could not start on port 5998") as raised:
        iperf.start_iperf_server("dut", port=5998)
    iperf._close()
    assert raised.value.kind == "address_in_use"
    assert cause in raised.value.cause
    assert ("Stop Iperf Server    dut" in raised.value.remedy) == ours
    assert (str(first) in raised.value.cause) == ours


# -- it was to send without end


def test_a_client_without_end_at_its_limit(bench: Bench) -> None:
    error = too_long(bench, document(error=INTERRUPTED), time=Seconds(0))
    assert error.cause == "it was asked to send without end ('time' is 0), so only its limit could end it"
    assert "Start Iperf Client, and Stop Iperf Client" in error.remedy


def test_a_client_without_end_and_limit(bench: Bench) -> None:
    bench.near.clients = [Script(exit_code=RUNNING)]
    with pytest.raises(ConfigurationError, match="Start Iperf Client, and Stop Iperf Client"):
        bench.client(time=Seconds(0)).wait()


def test_a_client_without_end_is_not_begun_to_be_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machines = {name: Iperf3Machine(name, version="3.6") for name in ("dut", "pc")}
    monkeypatch.setattr(device_keywords, "connect", lambda where, url, **more: machines[where])
    iperf = IperfLibrary(directory=tmp_path)
    for name in machines:
        iperf.add_iperf_device(name, "local", address=f"{name}.example")
    for run in (iperf.run_iperf_client, iperf.run_iperf_test):
        with pytest.raises(ConfigurationError, match="has no end to wait for, so it was not started"):
            run("pc", "dut", time=Seconds(0))
    assert machines["pc"].started("--client") == []
    assert not any(server.running for server in machines["dut"].started("--server"))
    iperf._close()


# -- far faster than asked


def test_a_client_that_passes_over_its_target_rate(bench: Bench) -> None:
    error = failure(bench, document(sent=15e9, received=15e9), code=0, time=Seconds(1), bitrate=Bitrate(10e6))
    assert (error.kind, error.said) == ("incomplete", "it sent 15 Gbit/s in place of 10 Mbit/s at most")
    assert not str(error).startswith("FAKE")
