"""Whom a client talks to, and what is said where nobody is there, or nobody else."""

from __future__ import annotations

import logging

import pytest

from IperfLibrary.errors import IperfError

from .fake import RUNNING, Script, document, ends, error_document
from .test_library import Bench, bench, endless, told

__all__ = ["bench"]

REFUSED = "unable to connect to server: Connection refused"


def refused(bench: Bench, **arguments: object) -> str:
    bench.machines["pc"].clients = [Script((error_document(REFUSED),), exit_code=1)]
    with pytest.raises(IperfError) as raised:
        bench.iperf.run_iperf_client("pc", **arguments)
    return str(raised.value.remedy)


def test_a_server_of_this_run_at_another_port_is_named(bench: Bench) -> None:
    server = bench.iperf.start_iperf_server("dut", port=5210)
    said = refused(bench, server="dut", port=5999)
    assert f"This run has a server on dut at port {server.port}, and none at 5999: leave 'port=' out." in said
    assert "has started no such server" not in said


def test_of_several_servers_all_ports_are_named(bench: Bench) -> None:
    for port in (5210, 5212):
        bench.iperf.start_iperf_server("dut", port=port)
    assert "at port 5210 and 5212, and none at 5999: give one of these" in refused(bench, server="dut", port=5999)


def test_a_server_that_has_died_is_not_meant_where_another_one_runs(bench: Bench) -> None:
    """After a reboot, say: the one that was started again is."""
    bench.iperf.start_iperf_server("dut", port=5210)
    bench.machines["dut"].started("--server")[0].end(137)
    second = bench.iperf.start_iperf_server("dut", port=5210)
    bench.iperf.run_iperf_client("pc", "dut", time=1)
    assert bench.machines["pc"].started("--client")[0].words[4] == str(second.port)


def test_a_device_whose_servers_have_all_died(bench: Bench) -> None:
    for at in range(2):
        bench.iperf.start_iperf_server("dut", port=5210)
        bench.machines["dut"].started("--server")[at].end(137)
    with pytest.raises(IperfError, match="is not running any more"):
        bench.iperf.run_iperf_client("pc", "dut", time=1)


def test_a_client_whose_server_this_run_has_stopped(bench: Bench) -> None:
    said = error_document("control socket has closed unexpectedly")
    bench.machines["pc"].clients = [Script(exit_code=RUNNING)]
    server = bench.iperf.start_iperf_server("dut")
    client = bench.iperf.start_iperf_client("pc", server)
    bench.iperf.stop_iperf_server(server)
    process = bench.machines["pc"].started("--client")[0]
    process.say(said)
    process.end(1)
    with pytest.raises(IperfError) as raised:
        bench.iperf.wait_for_iperf_client(client)
    assert raised.value.cause == "this run has stopped the server on dut meanwhile: Stop Iperf Server"
    assert "Wait For Iperf Client" in str(raised.value.remedy)


def test_a_device_without_a_server(bench: Bench) -> None:
    assert "This run has started no such server on dut: Start Iperf Server    dut" in refused(bench, server="dut")


def test_the_address_of_a_device_with_a_server(bench: Bench) -> None:
    bench.iperf.start_iperf_server("dut", port=5210)
    said = refused(bench, server="192.0.2.1")
    assert "192.0.2.1 is the address of dut, where this run has a server at port 5210: give server=dut" in said


def test_the_address_of_a_device_with_a_server_at_that_port(bench: Bench) -> None:
    """A firewall refuses it, perhaps: the port is right."""
    bench.iperf.start_iperf_server("dut", port=5210)
    assert "is the address of" not in refused(bench, server="192.0.2.1", port=5210)


def test_the_address_of_a_device_without_a_server(bench: Bench) -> None:
    said = refused(bench, server="192.0.2.1")
    assert "192.0.2.1 is the address of dut, where this run has started no server: Start Iperf Server    dut" in said


# -- one device


ALONE = "Client and server are both on pc, so no traffic leaves that device"


@pytest.mark.parametrize("server", ["handle", "pc", "192.0.2.2"])
def test_client_and_server_on_one_device_are_warned_of(
    bench: Bench, caplog: pytest.LogCaptureFixture, server: str
) -> None:
    handle = bench.iperf.start_iperf_server("pc", port=5210)
    for _ in range(2):
        bench.iperf.run_iperf_client("pc", handle if server == "handle" else server, port=5210)
    assert told(caplog, logging.WARNING).count(ALONE) == 1


def test_two_devices_with_the_same_address_are_two(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """As in README, where both are ``local``: who writes that knows it."""
    for name in ("one", "two"):
        bench.iperf.add_iperf_device(name, "local", address="127.0.0.1")
    bench.iperf.start_iperf_server("one", port=5210)
    bench.iperf.run_iperf_client("two", "one")
    bench.iperf.run_iperf_client("two", "127.0.0.1", port=5210)
    assert "no traffic leaves" not in told(caplog, logging.WARNING)


# -- what ended it


def test_a_client_that_failed_and_that_nobody_asked_is_told_with_its_failure(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.machines["pc"].clients = [Script((error_document(REFUSED),), exit_code=1)]
    bench.iperf.start_iperf_client("pc", "dut")
    bench.iperf.stop_all_iperf_processes()
    warned = told(caplog, logging.WARNING)
    assert f"failed, and nobody asked for its result: the connection was refused ({REFUSED})." in warned


def test_a_client_whose_connection_was_lost_and_that_nobody_asked(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.machines["pc"].clients = [Script(exit_code=None)]
    bench.iperf.start_iperf_client("pc", "dut")
    bench.iperf.stop_all_iperf_processes()
    warned = told(caplog, logging.WARNING)
    assert "failed, and nobody asked for its result: The connection to pc was lost" in warned


def test_what_a_client_said_is_read_when_all_have_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which a test timeout may interrupt."""
    server = bench.iperf.start_iperf_server("dut")
    client = bench.iperf.start_iperf_client("pc", "dut")

    class Interrupted(BaseException):
        pass

    def interrupted() -> str:
        raise Interrupted

    with monkeypatch.context() as patched:
        patched.setattr(client, "failure", interrupted)
        with pytest.raises(Interrupted):
            bench.iperf.stop_all_iperf_processes()
    assert not server.running


def test_a_client_that_was_ended_with_its_test_is_told_so_whatever_iperf_said(bench: Bench) -> None:
    said = document(received=0, error="unable to receive parameters from client: Bad file descriptor")
    bench.machines["pc"].clients = [Script(exit_code=RUNNING, on={"INT": ends(1, said)})]
    client = bench.iperf.start_iperf_client("pc", "dut")
    bench.iperf._state.end([client], "'Suite.First' is over")
    with pytest.raises(IperfError, match="was stopped before it was done") as raised:
        bench.iperf.wait_for_iperf_client(client)
    assert raised.value.cause == "it was ended because 'Suite.First' is over"
    assert "unable to receive parameters" in raised.value.said


@pytest.mark.parametrize("text", ["error - not even this is known", "unable to connect: No route to host"])
def test_whatever_it_says_of_its_stop(bench: Bench, text: str) -> None:
    bench.machines["pc"].clients = [Script(exit_code=RUNNING, on={"INT": ends(1, error_document(text))})]
    client = bench.iperf.start_iperf_client("pc", "dut")
    bench.iperf.stop_all_iperf_processes()
    with pytest.raises(IperfError, match="was stopped before it was done") as raised:
        bench.iperf.wait_for_iperf_client(client)
    assert raised.value.cause == "it was ended because of Stop All Iperf Processes"


def test_a_client_that_is_stopped_before_its_parameters_are_exchanged_is_partial(bench: Bench) -> None:
    said = error_document("unable to receive parameters from client: Bad file descriptor")
    bench.machines["pc"].clients = [Script(exit_code=RUNNING, on={"INT": ends(1, said)})]
    assert bench.iperf.stop_iperf_client(bench.iperf.start_iperf_client("pc", "dut")).partial


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("close_iperf_connection", "its connection was closed (Close Iperf Connection)"),
        ("remove_iperf_device", "its device was removed (Remove Iperf Device)"),
        ("remove_all_iperf_devices", "all devices were removed (Remove All Iperf Devices)"),
    ],
)
def test_what_ended_a_server_is_named(bench: Bench, end: str, why: str) -> None:
    server = bench.iperf.start_iperf_server("dut")
    getattr(bench.iperf, end)(*([] if "all" in end else ["dut"]))
    with pytest.raises(IperfError, match="is not running any more") as raised:
        server.require_alive()
    assert raised.value.cause == f"it was ended because {why}"


def test_handles_in_a_list_say_what_they_are(bench: Bench) -> None:
    server, client = bench.iperf.start_iperf_server("dut"), None
    bench.machines["pc"].clients = [endless()]
    client = bench.iperf.start_iperf_client("pc", "dut")
    assert str([server, client]) == f"[{server}, {client}]"
