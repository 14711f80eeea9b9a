"""Clients and servers from start to result or error; only the connection is a fake."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary import client_failures, clients, servers
from IperfLibrary import run as runs
from IperfLibrary.client_failures import Limits, Peer
from IperfLibrary.clients import ClientHandle, told
from IperfLibrary.deadline import Deadline
from IperfLibrary.devices import Device
from IperfLibrary.errors import CommandError, ConfigurationError, DeviceError, IperfCommandError, IperfError
from IperfLibrary.files import RawFile
from IperfLibrary.filing import Files
from IperfLibrary.options import Options
from IperfLibrary.probing import probe
from IperfLibrary.result import Result
from IperfLibrary.servers import ServerHandle
from IperfLibrary.tools import TOOLS
from IperfLibrary.tools.parsing import parse, parse_all
from IperfLibrary.units import Seconds, Size
from utest import recorded

from .fake import RUNNING, FakeConnection, FakeProcess, Iperf3Machine, Script, after, document, ends, error_document

IPERF3 = TOOLS["iperf3"]
IN_USE = error_document("unable to start listener for connections: Address already in use")
INTERRUPTED = "interrupt - the client has terminated"


class Bench:
    """Two devices, a server machine ``dut`` and a client machine ``pc``, and where their files go."""

    def __init__(self, directory: Path) -> None:
        self.noted: list[tuple[str, str]] = []
        self.directory = directory
        self.files = Files(lambda: directory, lambda device, path: self.noted.append((device.name, path)))
        self.far, self.near = Iperf3Machine("dut", "192.0.2.1", "3.6"), Iperf3Machine("pc", "192.0.2.2", "3.12")
        self.dut = self.device("dut", self.far, "node")
        self.pc = self.device("pc", self.near, "tpc")

    @staticmethod
    def device(name: str, connection: FakeConnection, role: str | None) -> Device:
        return Device(name, connection, None, role, {"iperf3": "iperf3"})

    def server(self, port: int | None = None, **options: Any) -> ServerHandle:
        return ServerHandle(self.dut, IPERF3, Options("server", **options), port, self.files, "server")

    def client(
        self, server: ServerHandle | None = None, limit: float | None = None, name: str = "client", **options: Any
    ) -> ClientHandle:
        peer = Peer("192.0.2.1", server.port if server else 5201, self.dut, server)
        return ClientHandle(self.pc, peer, IPERF3, Options("client", **options), self.files, name, Limits(limit))

    def raw_files(self) -> list[Path]:
        return sorted((self.directory / "raw_iperf").glob("*.json"))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(clients, "VIEW_LIMIT", 0.0)  # a fake server says at once what it has to say, or never
    monkeypatch.setattr(client_failures, "DEATH_LIMIT", 0.0)
    return Bench(tmp_path)


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LADDER", tuple((name, 0.0) for name, _ in runs.LADDER))


def with_cookie(text: bytes) -> bytes:
    """The document over many lines, with what tells the test from others."""
    test = json.loads(text)
    test["start"]["cookie"] = "c00k1e"
    return json.dumps(test, indent=1).encode() + b"\n"


def client_of(bench: Bench) -> FakeProcess:
    return bench.near.started("--client")[-1]


# -- the version


def test_the_version_is_asked_once(bench: Bench) -> None:
    assert probe(bench.pc, IPERF3) == probe(bench.pc, IPERF3) == "3.12"
    assert len(bench.near.processes) == 1
    assert bench.pc.versions == {"iperf3": "3.12"}


@pytest.mark.parametrize(
    ("exit_code", "text", "message"),
    [
        (127, b"", "The program 'iperf3' was not found on pc."),
        (126, b"Permission denied\n", "The program 'iperf3' cannot be executed on pc."),
        (0, b"iperf version 2.1.8\n", "The program 'iperf3' does not answer like iperf3 on pc."),
    ],
)
def test_a_program_that_is_not_there(bench: Bench, exit_code: int, text: bytes, message: str) -> None:
    device = bench.device("pc", FakeConnection("pc", behaves=lambda w: Script((text,), exit_code=exit_code)), None)
    with pytest.raises(DeviceError) as raised:
        probe(device, IPERF3)
    assert str(raised.value).splitlines()[0] == message
    assert (raised.value.kind, raised.value.exit_code, raised.value.device) == ("program", exit_code, "pc")
    assert raised.value.said == text.decode().strip()
    assert device.versions == {}


# -- server: ready


def test_a_server_is_ready_when_it_listens(bench: Bench) -> None:
    server = bench.server(5201)
    assert (server.port, server.running, server.device) == (5201, True, bench.dut)
    assert server.pid == 1002
    assert server.command == "iperf3 --server --port 5201 --json"
    assert Path(server.filename).is_file()
    assert bench.noted == [("dut", server.filename)]
    assert str(server) == "iperf3 server on dut (port 5201, pid 1002)"


def test_a_device_that_shows_who_listens_is_not_asked_whether_a_port_is_free(bench: Bench) -> None:
    """Not again: it takes longer than to start the server."""

    def asked() -> int:
        return sum("self" in process.words for process in bench.far.processes)

    for _ in range(3):
        bench.server().stop()
        assert asked() == 1
    bench.dut.programs["iperf3"] = "/opt/as-root/iperf3"
    bench.server().stop()
    assert asked() == 2


def test_a_server_is_not_ready_before_it_listens(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def listens(connection: FakeConnection, pid: int, port: int, *more: Any) -> bool:
        looks.append((pid, port, *more))
        return len(looks) == 4

    monkeypatch.setattr(servers, "listens", listens)
    server = bench.server(5201)
    assert looks == [(server.pid, 5201, "tcp", True, "iperf3")] * 4


def test_a_free_port_is_chosen(bench: Bench) -> None:
    assert bench.server().port in servers.PORTS["tcp"]


def test_a_chosen_port_in_use_is_followed_by_another(bench: Bench) -> None:
    bench.far.servers = [Script((IN_USE,), exit_code=1)] * 2
    server = bench.server()
    started = bench.far.started("--server")
    assert len(started) == 3
    assert started[-1].running
    assert int(after(started[-1].words, "--port")) == server.port
    assert len({after(process.words, "--port") for process in started}) > 1
    assert bench.noted[-1] == ("dut", server.filename)


def test_an_explicit_port_in_use_is_an_error(bench: Bench) -> None:
    bench.far.servers = [Script((IN_USE,), exit_code=1)]
    with pytest.raises(IperfError, match="could not start on port 5201") as raised:
        bench.server(5201)
    assert raised.value.kind == "address_in_use"
    assert raised.value.said == "unable to start listener for connections: Address already in use"
    assert raised.value.exit_code == 1
    assert len(bench.far.started("--server")) == 1


def test_ports_are_not_tried_without_end(bench: Bench) -> None:
    bench.far.servers = [Script((IN_USE,), exit_code=1)] * 1000
    with pytest.raises(IperfError) as raised:
        bench.server()
    assert raised.value.kind == "address_in_use"
    assert len(bench.far.started("--server")) == servers.PORT_TRIES


def test_another_reason_is_not_tried_again(bench: Bench) -> None:
    text = b"iperf3: error - unable to start listener for connections: Cannot assign requested address\n"
    bench.far.servers = [Script(stderr=(text,), exit_code=1)]
    with pytest.raises(IperfError) as raised:
        bench.server(bind="192.0.2.77")
    assert raised.value.kind == "bind"
    assert raised.value.stderr_tail == [text.decode().strip()]
    assert len(bench.far.started("--server")) == 1


def test_a_server_that_died_without_a_word(bench: Bench) -> None:
    bench.far.servers = [Script(exit_code=0)]
    with pytest.raises(IperfError, match="could not start"):
        bench.server(5201)


def test_a_server_that_does_not_listen_is_stopped(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "READY_LIMIT", 0.01)
    bench.far.deaf = True
    with pytest.raises(IperfError, match=r"did not listen on port 5201 in 0\.01 s") as raised:
        bench.server(5201)
    assert raised.value.kind == "timeout"
    assert bench.far.started("--server")[0].signals == ["INT"]
    assert not bench.far.started("--server")[0].running


def test_a_server_is_stopped_when_the_look_fails(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    class Timeout(BaseException):
        pass

    def listens(*arguments: Any) -> bool:
        raise Timeout

    monkeypatch.setattr(servers, "listens", listens)
    with pytest.raises(Timeout):
        bench.server(5201)
    assert not bench.far.started("--server")[0].running


def test_a_server_whose_connection_is_lost(bench: Bench) -> None:
    bench.far.servers = [Script(exit_code=None)]
    with pytest.raises(IperfError, match="The connection to dut was lost while its iperf3 server ran") as raised:
        bench.server(5201)
    assert raised.value.kind == "lost"
    assert "the shell beside iperf was killed there" in raised.value.cause


def test_what_the_connection_knows_of_its_loss_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.far, "loss", lambda: "the gateway is gone")
    server = bench.server(5201)
    bench.far.started("--server")[0].end(None)
    with pytest.raises(IperfError, match="The connection to dut was lost") as raised:
        bench.client(server)
    assert raised.value.cause == "the gateway is gone"
    assert server._reason().cause == "the connection to dut was lost: the gateway is gone"


def test_a_server_option_that_its_version_has_not(bench: Bench) -> None:
    bench.far.version = "3.0.7"
    with pytest.raises(IperfCommandError, match=r"needs iperf3 3\.0\.11; dut has 3\.0\.7"):
        bench.server(one_off=True)
    assert bench.far.started("--server") == []
    assert bench.raw_files() == []


# -- server: end


def test_a_stopped_server_tells_what_it_served(bench: Bench) -> None:
    server = bench.server(5201)
    process = bench.far.started("--server")[0]
    for rate in (1e6, 2e6):
        process.say(document(received=rate, server=True, version="3.7"))
    served = server.stop()
    assert [result.bits_per_second for result in served] == [1e6, 2e6]
    assert {result.server for result in served} == {"dut"}
    assert {result.raw_file for result in served} == {server.filename}
    assert {result.server_version for result in served} == {"3.7"}
    parsed = [Path(str(result.parsed_file)) for result in served]
    assert len(set(parsed)) == 2
    assert all(path.parent.name == "parsed" and path.stem.startswith(Path(server.filename).stem) for path in parsed)
    assert process.signals == ["INT"]


def test_a_stopped_server_that_served_nobody(bench: Bench) -> None:
    farewell = error_document("interrupt - the server has terminated")
    bench.far.servers = [Script(exit_code=RUNNING, on={"INT": ends(1, farewell)})]
    assert bench.server(5201).stop() == []


def test_a_second_stop_tells_the_same(bench: Bench) -> None:
    server = bench.server(5201)
    bench.far.started("--server")[0].say(document(server=True))
    first = server.stop()
    assert server.stop() is first
    assert bench.far.started("--server")[0].signals == ["INT"]
    assert len(list((bench.directory / "parsed").iterdir())) == 1


def test_a_client_of_a_dead_server_is_told_so(bench: Bench) -> None:
    server = bench.server(5201)
    process = bench.far.started("--server")[0]
    process.complain(b"iperf3: error - unable to receive control message: Connection reset by peer\n")
    process.end(1)
    with pytest.raises(IperfError, match=r"server on dut \(port 5201\) is not running any more") as raised:
        bench.client(server)
    assert raised.value.kind == "reset"
    assert "Connection reset by peer" in raised.value.said
    assert raised.value.raw_file == server.filename
    assert bench.near.started("--client") == []


def test_a_client_whose_end_was_told_too_late(bench: Bench) -> None:
    """It came to its end, and the news of that came after the stop: traffic was well, the way to log in was not."""
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(0, document())})]
    with pytest.raises(IperfError, match="was done, but pc did not say so within 0 s") as raised:
        bench.client(limit=0).wait()
    assert "network for log-ins of pc" in raised.value.cause
    assert raised.value.kind == "timeout"
    assert raised.value.result.partial


def test_a_server_that_went_without_a_word_was_told_to(bench: Bench) -> None:
    server = bench.server(5201)
    bench.far.started("--server")[0].end(0)
    with pytest.raises(IperfError) as raised:
        bench.client(server)
    assert "told to end, by INT or TERM" in raised.value.cause


@pytest.mark.parametrize("served", [0, 1])
def test_a_server_that_was_stopped_between_tests_is_told_so(bench: Bench, served: int) -> None:
    server = bench.server(5201)
    process = bench.far.started("--server")[0]
    for _ in range(served):
        process.say(document(server=True))
    process.say(error_document("interrupt - the server has terminated"))
    process.end(1)
    with pytest.raises(IperfError) as raised:
        bench.client(server)
    assert (raised.value.kind, raised.value.said) == ("interrupted", "interrupt - the server has terminated")
    assert raised.value.cause == "iperf was stopped by a signal or Ctrl-C"


def test_a_server_that_served_its_one_client(bench: Bench) -> None:
    server = bench.server(5201, one_off=True)
    assert server.went_well
    bench.far.started("--server")[0].end(0)
    assert server.went_well
    with pytest.raises(IperfError) as raised:
        bench.client(server)
    assert (raised.value.kind, raised.value.cause) == ("stopped", "it has served its one client, as 'one_off' asks")


@pytest.mark.parametrize("code", [137, 0])
def test_a_server_that_ended_did_not_go_well(bench: Bench, code: int) -> None:
    server = bench.server(5201)
    bench.far.started("--server")[0].end(code)
    assert not server.went_well
    with pytest.raises(IperfError) as raised:
        server.require_alive()
    assert raised.value.kind == "died"


def test_a_stopped_server_is_stopped(bench: Bench) -> None:
    server = bench.server(5201)
    server.stop()
    assert server.went_well
    with pytest.raises(IperfError) as raised:
        bench.client(server)
    assert raised.value.kind == "stopped"


def test_a_living_server_is_alive(bench: Bench) -> None:
    bench.server(5201).require_alive()


# -- client: success


def test_a_client_that_went_well(bench: Bench) -> None:
    server = bench.server(5201)
    bench.near.clients = [Script((document(2, sent=1.5e6, received=1e6),))]
    client = bench.client(server, time=Seconds(1), parallel=2)
    result = client.wait()
    assert result.bits_per_second == 2e6
    assert result.sent.bits_per_second == 3e6
    assert (result.client, result.server) == ("pc", "dut")
    assert (result.client_version, result.server_version) == ("3.12", "3.6")
    assert result.options == {"time": 1.0, "parallel": 2}
    assert not result.partial
    assert result.raw_file == client.filename
    assert result.parsed_file == str(bench.directory / "parsed" / (Path(client.filename).stem + ".csv"))
    assert Path(result.parsed_file).read_text().count("\n") > 3
    assert client.run.words[:6] == ("iperf3", "--client", "192.0.2.1", "--port", "5201", "--json")
    assert ("dut", server.filename) in bench.noted
    assert bench.noted[-1] == ("pc", client.filename)


def test_a_result_stays_the_same(bench: Bench) -> None:
    client = bench.client()
    assert client.wait() is client.wait()
    assert client.stop() is client.wait()
    assert len(list((bench.directory / "parsed").iterdir())) == 1


def test_the_raw_file_is_what_came_byte_for_byte(bench: Bench) -> None:
    junk = b"\xff\x00 no text at all\r\n"
    parts = (junk, *(document()[i : i + 7] for i in range(0, len(document()), 7)))
    bench.near.clients = [Script(parts, stderr=(b"warning: ", b"\xfe something\n"))]
    client = bench.client()
    client.wait()
    assert Path(client.filename).read_bytes() == b"".join(parts)
    assert Path(client.filename + ".stderr").read_bytes() == b"warning: \xfe something\n"
    assert told([client]) == ["warning: \N{REPLACEMENT CHARACTER} something"]


def test_no_stderr_no_file(bench: Bench) -> None:
    client = bench.client()
    client.wait()
    assert not Path(client.filename + ".stderr").exists()
    assert told([client]) == []


@pytest.mark.parametrize(
    ("roles", "options", "directions"),
    [
        (("node", "tpc"), {}, ["upstream"]),
        (("tpc", "node"), {}, ["downstream"]),
        (("node", "tpc"), {"reverse": True}, ["downstream"]),
        (("tpc", "node"), {"reverse": True}, ["upstream"]),
        (("node", None), {}, ["upstream"]),
        ((None, "node"), {}, ["downstream"]),
        ((None, "tpc"), {"reverse": True}, ["downstream"]),
        ((None, None), {}, ["forward"]),
        (("node", "node"), {"reverse": True}, ["reverse"]),
        (("node", "tpc"), {"bidir": True}, ["upstream", "downstream"]),
        (("tpc", "node"), {"bidir": True}, ["downstream", "upstream"]),
        ((None, None), {"bidir": True}, ["forward", "reverse"]),
    ],
)
def test_the_roles_give_the_directions(
    bench: Bench, roles: tuple[str | None, str | None], options: dict[str, Any], directions: list[str]
) -> None:
    bench.pc.role, bench.dut.role = roles
    bench.near.clients = [Script((document(**options),))]
    result = bench.client(**options).wait()
    assert [flow.direction for flow in result.flows] == directions
    assert result.upstream is (result.flows[directions.index("upstream")] if "upstream" in directions else None)
    assert result.downstream is (result.flows[directions.index("downstream")] if "downstream" in directions else None)


@pytest.mark.parametrize(
    ("options", "stem"),
    [
        ({}, "downstream_tx_tcp_pc_my-name_"),
        ({"reverse": True}, "upstream_rx_tcp_pc_my-name_"),
        ({"bidir": True}, "both_txrx_tcp_pc_my-name_"),
        ({"udp": True}, "downstream_tx_udp_pc_my-name_"),
    ],
)
def test_the_name_of_the_raw_file(bench: Bench, options: dict[str, Any], stem: str) -> None:
    client = bench.client(name="my name", **options)
    assert Path(client.filename).name.startswith(stem)
    assert Path(client.filename).parent == bench.directory / "raw_iperf"


@pytest.mark.parametrize("options", [{}, {"bidir": True}])
def test_a_name_without_roles(bench: Bench, options: dict[str, Any]) -> None:
    bench.pc.role = bench.dut.role = None
    assert Path(bench.client(**options).filename).name.startswith("tx")


def test_the_name_of_a_servers_raw_file(bench: Bench) -> None:
    assert Path(bench.server(5201).filename).name.startswith("dut_server_")


def test_a_client_to_a_host_that_is_no_device(bench: Bench) -> None:
    peer = Peer("iperf.example.net", 5202)
    client = ClientHandle(bench.pc, peer, IPERF3, Options("client"), bench.files, "client", Limits())
    result = client.wait()
    assert (result.server, result.server_version) == ("iperf.example.net", None)
    assert result.flows[0].direction == "downstream"  # the traffic PC sends, whoever receives


def test_a_server_that_saw_the_same_test(bench: Bench) -> None:
    bench.far.version = "3.12"
    server = bench.server(5201)
    bench.near.clients = [Script(exit_code=RUNNING)]
    client = bench.client(server)
    bench.far.started("--server")[0].say(document(sent=0, received=7e5, server=True))
    client_of(bench).say(document(sent=1e6, received=7e5))
    client_of(bench).end(0)
    assert client.wait().bits_per_second == 7e5


def test_what_a_server_prints_as_it_ends_is_seen_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that ends between a look at its file and one at itself."""
    bench.far.version = "3.18"
    server = bench.server(5201, one_off=True)
    serving = bench.far.started("--server")[0]
    whole = with_cookie(document(sent=0, received=7e5, server=True))
    end = whole.index(b' "end": ')
    bench.near.clients = [Script((with_cookie(document(received=7e5)),))]
    (ours,) = bench.client(server).reading.results(ended=True)
    serving.say(whole[:end])
    look = ServerHandle._results

    def ends_behind_the_look(self: ServerHandle) -> list[Any]:
        seen = look(self)
        if serving.running:
            serving.say(whole[end:])
            serving.end(0)
        return seen

    monkeypatch.setattr(ServerHandle, "_results", ends_behind_the_look)
    view = server.view(ours, 0, Deadline(5))
    assert view is not None
    assert not view.partial


def test_the_first_row_of_a_server_is_not_its_whole_view(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """iperf2 with an interval of its own: the row alone looks like a test that took as long."""
    server = bench.server(5201, interval=Seconds(3))
    head = [
        "Server listening on TCP port 5001 with pid 9",
        "[  1] local 10.0.0.1 port 5001 connected with 10.0.0.2 port 40000",
        "[ ID] Interval            Transfer    Bandwidth",
        "[  1] 0.0000-3.0000 sec  3000000 Bytes  8000000 bits/sec",
    ]
    rest = [f"[  1] {start}.0000-5.0000 sec  {5 - start}000000 Bytes  8000000 bits/sec" for start in (3, 0)]
    looks = [[parse(head)], [parse(head)], [parse([*head, *rest])]]
    assert not looks[0][0].partial
    monkeypatch.setattr(server, "_results", lambda: looks.pop(0))
    ours = parse([line.replace("1 port 5001", "2 port 40000", 1) for line in head[:2]] + [*head[2:], *rest])
    view = server.view(replace(ours, cookie=None), 0, Deadline(5))
    assert view is not None
    assert view.received.bytes == 5e6


def test_a_part_of_the_streams_is_not_a_servers_whole_view(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """iperf2 takes a stream of several whose SYN was lost for a test of its own, and that may be over first."""
    ends = recorded.runs()["iperf2-2.1.8/syn-lost-tcpP4"]
    late, most = parse_all(ends["server"].stdout, role="server")
    server = bench.server(5201)
    looks = [[late], [late], [late, most]]
    monkeypatch.setattr(server, "_results", lambda: looks.pop(0))
    view = server.view(parse(ends["client"].stdout, role="client"), 0, Deadline(5))
    assert view is not None
    assert view.received.bytes == 4_658_456


def test_what_the_server_saw_comes_late(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to log in was cut for a while: what was held up comes in front of the answer."""
    bench.far.version = "3.12"
    server = bench.server(5201)
    serving = bench.far.started("--server")[0]

    def answers(limit: float) -> bool:
        serving.say(document(sent=0, received=7e5, server=True))
        return True

    monkeypatch.setattr(bench.far, "answers", answers)
    bench.near.clients = [Script((document(sent=1e6, received=7e5),))]
    assert bench.client(server).wait().bits_per_second == 7e5


@pytest.mark.parametrize("parts", [0, 1, 3])
def test_a_server_that_still_prints_has_time(bench: Bench, monkeypatch: pytest.MonkeyPatch, parts: int) -> None:
    """What it saw comes over a slow link, or from a busy device: it counts as silent only once nothing more comes."""
    bench.far.version = "3.12"
    server = bench.server(5201)
    serving = bench.far.started("--server")[0]
    left = [b"part of a document\n"] * parts
    limits: list[float | None] = []

    def view(client: Result, since: int, deadline: Deadline) -> Result | None:
        limits.append(deadline.seconds)
        if len(limits) > 1 and left:
            serving.say(left.pop())
        return None

    monkeypatch.setattr(server, "view", view)
    with pytest.raises(IperfError) as raised:
        bench.client(server).wait()
    assert raised.value.kind == "other_server"
    assert limits[0] == clients.VIEW_LIMIT
    assert limits[1:] == pytest.approx([clients.LATE_LIMIT] * (parts + 1))
    assert clients.LATE_LIMIT > 5


def test_the_death_of_the_server_is_the_cause(bench: Bench) -> None:
    server = bench.server(5201)
    bench.near.clients = [Script((error_document("control socket has closed unexpectedly"),), exit_code=1)]
    client = bench.client(server)
    bench.far.started("--server")[0].end(137)
    with pytest.raises(IperfError) as raised:
        client.wait()
    assert (raised.value.kind, raised.value.said) == ("closed", "control socket has closed unexpectedly")
    assert raised.value.cause == "the server on dut has ended: it was ended there by signal 9"
    assert raised.value.remedy == "find out what ended it, and start it again"


def test_a_server_whose_connection_was_lost_is_the_cause_of_a_timeout(bench: Bench) -> None:
    server = bench.server(5201)
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1)})]
    client = bench.client(server, limit=0)
    bench.far.started("--server")[0].end(None)
    with pytest.raises(IperfError) as raised:
        client.wait()
    assert (raised.value.kind, raised.value.cause) == (
        "timeout",
        "the server on dut has ended: the connection to dut was lost",
    )


def test_a_test_that_came_to_nothing_before_hides_no_later_one(bench: Bench) -> None:
    bench.far.version = "3.12"
    server = bench.server(5201)
    serving = bench.far.started("--server")[0]
    serving.say(error_document("the client has unexpectedly closed the connection"))
    bench.near.clients = [Script(exit_code=RUNNING)]
    client = bench.client(server)
    serving.say(document(sent=0, received=7e5, server=True))
    client_of(bench).say(document(sent=1e6, received=7e5))
    client_of(bench).end(0)
    assert client.wait().bits_per_second == 7e5


def test_a_server_that_saw_nothing_is_another_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the address leads to another machine that has a server, too."""
    bench.far.version = "3.12"
    server = bench.server(5201)
    monkeypatch.setattr(clients, "LATE_LIMIT", 0.0)
    bench.far.started("--server")[0].say(document(server=True))  # of somebody before
    with pytest.raises(IperfError) as raised:
        bench.client(server).wait()
    assert raised.value.kind == "other_server"
    assert raised.value.result.bits_per_second == 1e6


def test_a_server_that_cannot_serve_it(bench: Bench) -> None:
    server = bench.server(5201)  # 3.6
    with pytest.raises(IperfCommandError, match=r"'bidir' \(--bidir\) needs iperf3 3\.7; dut has 3\.6"):
        bench.client(server, bidir=True)
    assert bench.near.started("--client") == []


# -- client: failure


def test_a_client_that_was_refused(bench: Bench) -> None:
    text = "unable to connect to server: Connection refused"
    bench.near.clients = [Script((error_document(text),), exit_code=1)]
    client = bench.client()
    with pytest.raises(IperfError) as raised:
        client.wait()
    error = raised.value
    title = "iperf3 client on pc to dut (192.0.2.1 port 5201) failed: the connection was refused."
    assert str(error).splitlines()[0] == title
    assert (error.kind, error.said, error.device, error.exit_code) == ("refused", text, "pc", 1)
    assert error.pid == client.pid
    assert error.words == client.run.words
    assert error.command == client.command
    assert error.raw_file == client.filename
    assert error.stdout_tail == [error_document(text).decode().strip()]


def test_the_tails_are_the_last_ten_lines(bench: Bench) -> None:
    noise = b"".join(b"line %d\n" % n for n in range(50))
    bench.near.clients = [Script((noise,), stderr=(noise,), exit_code=1)]
    with pytest.raises(IperfError) as raised:
        bench.client().wait()
    assert raised.value.stdout_tail == raised.value.stderr_tail == [f"line {n}" for n in range(40, 50)]


def test_an_exit_code_of_0_is_no_evidence(bench: Bench) -> None:
    bench.near.clients = [Script((document(received=0),), exit_code=0)]
    with pytest.raises(IperfError, match="no data arrived") as raised:
        bench.client().wait()
    assert raised.value.kind == "nothing_moved"
    assert not raised.value.result.bits_per_second


def test_an_error_stays_the_same(bench: Bench) -> None:
    bench.near.clients = [Script(exit_code=1)]
    client = bench.client()
    with pytest.raises(IperfError) as first:
        client.wait()
    with pytest.raises(IperfError) as second:
        client.stop()
    assert first.value is second.value


def test_output_that_is_cut(bench: Bench) -> None:
    bench.near.clients = [Script((document()[:-30],))]
    with pytest.raises(IperfError) as raised:
        bench.client().wait()
    assert raised.value.kind in ("unreadable", "incomplete")


def test_a_client_over_its_deadline_is_stopped_and_its_result_kept(bench: Bench) -> None:
    farewell = document(sent=3e6, received=0, error=INTERRUPTED)
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1, farewell)})]
    client = bench.client(limit=0, bytes=Size(10**9))
    with pytest.raises(IperfError, match="was not done after 0 s, so it was stopped") as raised:
        client.wait()
    error = raised.value
    assert error.kind == "timeout"
    assert error.said == INTERRUPTED
    assert error.result.partial
    assert error.result.sent.bits_per_second == 3e6
    assert error.result.bits_per_second is None  # an interrupted client never learns what the server got
    assert "traffic link was cut" in error.cause
    assert Path(error.result.parsed_file).is_file()
    assert Path(client.filename).read_bytes() == farewell
    assert client_of(bench).signals == ["INT"]


@pytest.mark.parametrize(
    ("signal", "code", "cause"), [("INT", 1, "nothing answers there"), ("KILL", 137, "the client itself hung")]
)
def test_a_client_that_never_printed(bench: Bench, no_grace: None, signal: str, code: int, cause: str) -> None:
    bench.near.clients = [Script(exit_code=RUNNING, on={signal: ends(code)})]
    with pytest.raises(IperfError) as raised:
        bench.client(limit=0, bytes=Size(10**9)).wait()
    assert raised.value.kind == "timeout"
    assert raised.value.result is None
    assert cause in raised.value.cause
    assert client_of(bench).signals[-1] == signal


def test_a_limit_that_is_shorter_than_the_test(bench: Bench) -> None:
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1, document(error=INTERRUPTED))})]
    with pytest.raises(IperfError) as raised:
        bench.client(limit=0, time=Seconds(5)).wait()
    assert raised.value.cause == "the limit is shorter than what was asked, 5 s"


@pytest.mark.parametrize(
    ("options", "limit", "seconds"),
    [
        ({}, None, 120),
        ({"time": Seconds(60)}, None, 120),
        ({"time": Seconds(100)}, None, 150),
        ({"time": Seconds(100), "omit": Seconds(20)}, None, 180),
        ({"time": Seconds(100)}, 5, 5),
        ({"time": Seconds(0)}, None, None),
        ({"time": Seconds(0)}, 5, 5),
    ],
)
def test_the_time_limit(bench: Bench, options: dict[str, Any], limit: float | None, seconds: float | None) -> None:
    assert bench.client(limit=limit, **options).run.deadline.seconds == seconds


def test_an_endless_client_is_not_waited_for(bench: Bench) -> None:
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1, document(error=INTERRUPTED))})]
    client = bench.client(time=Seconds(0))
    with pytest.raises(ConfigurationError, match="sends without end"):
        client.wait()
    assert client.running
    assert client_of(bench).signals == []
    assert client.stop().partial


def test_intervals_that_are_not_told_before_the_end_are_no_silence(bench: Bench) -> None:
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1, document(error=INTERRUPTED))})]
    client = bench.client()
    with pytest.raises(IperfCommandError, match="tells no intervals while it runs") as raised:
        client.intervals  # noqa: B018 - it raises
    assert (raised.value.cause, raised.value.remedy) == ("its version is 3.12", "start it with 'live=True'")
    client.stop()
    assert isinstance(client.intervals, tuple)


def test_intervals_that_no_argument_brings(bench: Bench) -> None:
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1, document(error=INTERRUPTED))})]
    client = bench.client(interval=Seconds(0))
    with pytest.raises(IperfCommandError, match="tells no intervals while it runs") as raised:
        client.intervals  # noqa: B018 - it raises
    assert raised.value.cause == "'interval' is 0"
    assert "when it has ended" in raised.value.remedy


def test_an_endless_client_is_waited_for_with_a_limit(bench: Bench) -> None:
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1, document(error=INTERRUPTED))})]
    with pytest.raises(IperfError, match="was not done after 0 s"):
        bench.client(time=Seconds(0)).wait(0)


def test_a_connection_that_is_lost(bench: Bench) -> None:
    bench.near.clients = [Script((document(),), exit_code=None)]
    client = bench.client()
    with pytest.raises(IperfError, match="The connection to pc was lost while its iperf3 client ran") as raised:
        client.wait()
    assert raised.value.kind == "lost"
    assert raised.value.result.partial
    assert raised.value.raw_file == client.filename


def test_a_disk_that_is_full(bench: Bench) -> None:
    bench.near.clients = [Script(exit_code=RUNNING)]
    client = bench.client()
    process = client_of(bench)
    client.run.raw.close()  # so that the next write fails
    process.say(b"data")
    process.end(143)
    with pytest.raises(CommandError, match="could not be kept"):
        client.wait()


def test_an_option_that_the_version_has_not(bench: Bench) -> None:
    bench.near.version = "3.1.3"
    with pytest.raises(IperfCommandError) as raised:
        bench.client(bidir=True)
    assert str(raised.value) == "'bidir' (--bidir) needs iperf3 3.7; pc has 3.1.3."
    assert bench.near.started("--client") == []
    assert bench.raw_files() == []


def test_a_raw_file_that_nobody_writes_is_closed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    whole = RawFile.close

    def close(self: RawFile) -> None:
        closed.append(self.path)
        whole(self)

    def start(*arguments: Any) -> Any:
        raise DeviceError("pc is gone.")

    probe(bench.pc, IPERF3)
    monkeypatch.setattr(RawFile, "close", close)
    monkeypatch.setattr(bench.near, "start", start)
    with pytest.raises(DeviceError, match="pc is gone"):
        bench.client()
    assert closed == bench.raw_files()
    assert len(closed) == 1


# -- client: stop


def test_a_stopped_client_tells_what_it_measured(bench: Bench) -> None:
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1, document(received=0, error=INTERRUPTED))})]
    client = bench.client()
    assert client.running
    result = client.stop()
    assert not client.running
    assert result.partial
    assert result.sent.bits_per_second == 1e6
    assert client.stop() is result
    assert client_of(bench).signals == ["INT"]


def test_a_client_that_is_stopped_before_its_first_word(bench: Bench, no_grace: None) -> None:
    bench.near.clients = [Script(exit_code=RUNNING, on={"KILL": ends(137)})]
    result = bench.client().stop()
    assert result.partial
    assert result.flows == ()
    assert result.bits_per_second is None
    assert (result.client, result.server, result.server_version) == ("pc", "dut", None)
    assert result.error == "stopped before any output"


def test_waiting_for_a_client_that_was_stopped(bench: Bench) -> None:
    """Who waits wants the whole run."""
    bench.near.clients = [Script(exit_code=RUNNING, on={"INT": ends(1, document(error=INTERRUPTED))})]
    client = bench.client()
    client.stop()
    with pytest.raises(IperfError, match="was stopped before it was done") as raised:
        client.wait()
    assert raised.value.kind == "stopped"
    assert raised.value.result.partial


@pytest.mark.parametrize(
    ("text", "hinted"),
    [
        ("unable to connect to server: Connection refused", True),
        ("unable to connect to server: Connection timed out", True),
        ("the server is busy running a test. try again later", False),
    ],
)
def test_what_is_known_of_the_server_is_told(bench: Bench, text: str, hinted: bool) -> None:
    bench.near.clients = [Script((error_document(text),), exit_code=1)]
    peer = Peer("192.0.2.1", 5201, bench.dut, hint="Nobody started one.")
    with pytest.raises(IperfError) as raised:
        ClientHandle(bench.pc, peer, IPERF3, Options("client"), bench.files, "client", Limits()).wait()
    assert ("Nobody started one." in raised.value.remedy) == hinted


def test_a_client_that_was_done_before_its_stop_is_whole(bench: Bench) -> None:
    result = bench.client().stop()
    assert not result.partial
    assert client_of(bench).signals == []
