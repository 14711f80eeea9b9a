"""The keywords as a Python object, without Robot Framework running."""

from __future__ import annotations

import json
import logging
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import IperfLibrary as package
from IperfLibrary import IperfLibrary, client_failures, clients
from IperfLibrary.errors import ConfigurationError, DeviceError, IperfCommandError, IperfError
from IperfLibrary.keywords import devices as device_keywords
from IperfLibrary.keywords import state
from IperfLibrary.keywords.arguments import CONVERTERS, masked
from IperfLibrary.keywords.variables import libraries
from IperfLibrary.result import Result
from IperfLibrary.secret import Password
from IperfLibrary.servers import ServerHandle
from IperfLibrary.units import Bitrate, Seconds, Size

from .fake import RUNNING, FakeConnection, Iperf3Machine, Script, document, ends


class Bench:
    """The library with machines that run nothing, by the name of their device."""

    def __init__(self, directory: Path) -> None:
        self.iperf = IperfLibrary(directory=directory)
        self.directory = directory
        self.machines: dict[str, Iperf3Machine] = {}
        self.logins: dict[str, dict[str, Any]] = {}

    def connect(self, where: str, url: str, **login: Any) -> FakeConnection:
        self.logins[where] = login
        self.machines[where] = Iperf3Machine(where, f"192.0.2.{len(self.machines) + 1}", "3.6")
        return self.machines[where]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    monkeypatch.setattr(device_keywords, "connect", bench.connect)
    monkeypatch.setattr(clients, "VIEW_LIMIT", 0.0)  # a fake server says at once what it has to say, or never
    monkeypatch.setattr(client_failures, "DEATH_LIMIT", 0.0)
    bench.iperf.add_iperf_device("dut", "ssh://root@dut", role="node")
    bench.iperf.add_iperf_device("pc", "local", role="tpc")
    yield bench
    bench.iperf._close()


@pytest.fixture
def iperf(bench: Bench) -> IperfLibrary:
    return bench.iperf


def endless() -> Script:
    farewell = document(received=0, error="interrupt - the client has terminated")
    return Script(exit_code=RUNNING, on={"INT": ends(1, farewell)})


def told(caplog: pytest.LogCaptureFixture, level: int) -> str:
    """What was logged at this level: without a run, Robot's logger gives it to Python's."""
    return "\n".join(record.getMessage() for record in caplog.records if record.levelno == level)


# -- importing


def test_the_package_has_a_version() -> None:
    assert package.__version__


@pytest.mark.parametrize("scope", ["TEST", "SUITE", "RUN", "test", "Suite"])
def test_auto_stop(scope: str) -> None:
    assert IperfLibrary(auto_stop=scope)._state._auto_stop == scope.upper()


@pytest.mark.parametrize("scope", ["", "GLOBAL", "TESTS", "none"])
def test_an_auto_stop_that_is_none(scope: str) -> None:
    with pytest.raises(ConfigurationError, match=f"auto_stop is one of TEST, SUITE, RUN, not '{scope}'"):
        IperfLibrary(auto_stop=scope)


def test_the_four_keywords_of_the_mission_are_there() -> None:
    for name in ("start_iperf_server", "run_iperf_client", "stop_iperf_server", "get_last_filename"):
        assert hasattr(getattr(IperfLibrary, name), "robot_name")


def test_every_keyword_speaks_of_iperf() -> None:
    keywords = {name for name in dir(IperfLibrary) if hasattr(getattr(IperfLibrary, name), "robot_name")}
    assert {name for name in keywords if "iperf" not in name} == {"get_last_filename"}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Seconds, "1 min 30 s", 90),
        (Seconds, "500ms", 0.5),
        (Seconds, "10", 10),
        (Bitrate, "50M", 50e6),
        (Size, "128K", 131072),
    ],
)
def test_what_a_suite_says_becomes_a_value(kind: type, text: str, value: float) -> None:
    converted = CONVERTERS[kind](text)
    assert (converted, type(converted)) == (value, kind)


# -- devices


def test_a_device(bench: Bench) -> None:
    dut = bench.iperf.get_iperf_device("dut")
    assert (dut.name, dut.role, dut.address, dut.versions) == ("dut", "node", None, {})
    assert dut.programs == {"iperf3": "iperf3", "iperf2": "iperf"}
    assert bench.machines["dut"].processes == []  # nothing runs on it yet


def test_the_log_in_is_handed_on(bench: Bench) -> None:
    password = Password("x")
    bench.iperf.add_iperf_device("ap", "ssh://ap", password=password, key_file="k", host_key="ignore", iperf3="/opt/i3")
    said = {"password": password, "key_file": "k", "host_key": "ignore"}
    assert bench.logins["ap"] == {"libraries": libraries, "through": None, **said}
    assert libraries() == {}  # no suite runs
    assert bench.iperf.get_iperf_device("ap").programs["iperf3"] == "/opt/i3"


@pytest.mark.parametrize(
    "other",
    [
        {"address": "192.0.2.7"},
        {"role": "tpc"},
        {"password": Password("y")},
        {"prefix": "env A=b"},
        {"iperf3": "/opt/i3"},
    ],
)
def test_a_device_twice(bench: Bench, other: dict[str, Any]) -> None:
    """Each suite of a run may add what it needs; another device of the same name is another one."""
    given: dict[str, Any] = {"address": "192.0.2.1", "role": "node", "password": Password("x")}
    ap = bench.iperf.add_iperf_device("ap", "ssh://ap", **given)
    assert bench.iperf.add_iperf_device("ap", "ssh://ap", **{**given, "password": Password("x")}) is ap
    with pytest.raises(ConfigurationError, match="There is a device 'ap' already"):
        bench.iperf.add_iperf_device("ap", "ssh://ap", **{**given, **other})
    with pytest.raises(ConfigurationError, match="There is a device 'ap' already"):
        bench.iperf.add_iperf_device("ap", "ssh://another", **given)
    assert bench.iperf.get_iperf_device("ap") is ap
    bench.iperf.remove_iperf_device("ap")
    assert bench.iperf.add_iperf_device("ap", "ssh://ap", **given) is not ap


def test_the_password_of_a_device_is_not_seen_in_it(bench: Bench) -> None:
    assert "tell-nobody" not in repr(
        vars(bench.iperf.add_iperf_device("ap", "ssh://ap", password=Password("tell-nobody")))
    )


@pytest.mark.parametrize("call", ["get_iperf_device", "remove_iperf_device", "get_last_filename", "stop_iperf_server",
                                  "wait_for_iperf_client", "stop_iperf_client", "start_iperf_server"])  # fmt: skip
def test_a_device_that_is_not_known(iperf: IperfLibrary, call: str) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no device 'dutt'\. Did you mean 'dut'\?"):
        getattr(iperf, call)("dutt")


@pytest.mark.parametrize("call", ["run_iperf_client", "start_iperf_client"])
def test_a_client_device_that_is_not_known(iperf: IperfLibrary, call: str) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no device 'pcc'\. Did you mean 'pc'\?"):
        getattr(iperf, call)("pcc", "dut")


def test_a_role_that_is_none(iperf: IperfLibrary) -> None:
    with pytest.raises(ConfigurationError, match="The role of ap is 'node', 'tpc' or none"):
        iperf.add_iperf_device("ap", role="server")
    with pytest.raises(ConfigurationError, match="There is no device 'ap'"):
        iperf.get_iperf_device("ap")


def test_a_connection_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'ssh'"):
        IperfLibrary().add_iperf_device("dut", "shh://host")


def test_a_removed_device_is_left_clean(bench: Bench) -> None:
    bench.iperf.start_iperf_server("dut")
    bench.iperf.remove_iperf_device("dut")
    (server,) = bench.machines["dut"].started("--server")
    assert server.signals == ["INT"]
    assert bench.machines["dut"].closed == 1
    assert bench.machines["pc"].closed == 0
    with pytest.raises(ConfigurationError):
        bench.iperf.get_iperf_device("dut")
    bench.iperf.add_iperf_device("dut")


def test_all_devices_are_removed(bench: Bench) -> None:
    bench.iperf.start_iperf_server("dut")
    bench.iperf.remove_all_iperf_devices()
    assert [machine.closed for machine in bench.machines.values()] == [1, 1]
    assert not bench.machines["dut"].started("--server")[0].running
    assert list(bench.iperf._state.devices) == []
    bench.iperf.remove_all_iperf_devices()


# -- traffic


def test_the_main_job(iperf: IperfLibrary) -> None:
    server = iperf.start_iperf_server("dut")
    result = iperf.run_iperf_client("pc", "dut", time=Seconds(1))
    assert (result.client, result.server, result.flows[0].direction) == ("pc", "dut", "downstream")
    assert iperf.get_last_filename("pc") == result.raw_file
    assert iperf.stop_iperf_server("dut") == []
    assert not server.running


def test_a_client_goes_to_the_server_that_runs_there(bench: Bench) -> None:
    server = bench.iperf.start_iperf_server("dut")
    for peer in ("dut", server):
        bench.iperf.run_iperf_client("pc", peer)
        words = bench.machines["pc"].started("--client")[-1].words
        assert words[1:5] == ("--client", "192.0.2.1", "--port", str(server.port))


def test_a_client_to_a_device_without_a_server(bench: Bench) -> None:
    bench.iperf.run_iperf_client("pc", "dut", port=5300)
    bench.iperf.run_iperf_client("pc", "dut")
    found = [process.words[1:5] for process in bench.machines["pc"].started("--client")]
    assert found == [("--client", "192.0.2.1", "--port", port) for port in ("5300", "5201")]


def test_a_client_to_a_host_name(bench: Bench) -> None:
    result = bench.iperf.run_iperf_client("pc", "iperf.example.net", port=5202)
    (process,) = bench.machines["pc"].started("--client")
    assert process.words[1:5] == ("--client", "iperf.example.net", "--port", "5202")
    assert result.server == "iperf.example.net"


def test_one_of_two_servers_must_be_named(bench: Bench) -> None:
    one, other = (bench.iperf.start_iperf_server("dut", port=port) for port in (5201, 5202))
    with pytest.raises(ConfigurationError, match=r"dut has 2 servers \(ports 5201, 5202\)"):
        bench.iperf.run_iperf_client("pc", "dut")
    bench.iperf.run_iperf_client("pc", "dut", port=other.port)
    bench.iperf.run_iperf_client("pc", one)
    assert [p.words[4] for p in bench.machines["pc"].started("--client")] == ["5202", "5201"]


def test_a_server_and_another_port(iperf: IperfLibrary) -> None:
    server = iperf.start_iperf_server("dut", port=5201)
    with pytest.raises(ConfigurationError, match="does not listen on port 5202"):
        iperf.run_iperf_client("pc", server, port=5202)


def test_a_server_is_stopped_by_its_handle(iperf: IperfLibrary) -> None:
    one, other = iperf.start_iperf_server("dut"), iperf.start_iperf_server("dut")
    iperf.stop_iperf_server(one)
    assert (one.running, other.running) == (False, True)


def test_all_servers_of_a_device_are_stopped_by_its_name(bench: Bench) -> None:
    servers = [bench.iperf.start_iperf_server("dut") for _ in range(2)]
    elsewhere = bench.iperf.start_iperf_server("pc")
    for process in bench.machines["dut"].started("--server"):
        process.say(document(server=True))
    assert len(bench.iperf.stop_iperf_server("dut")) == 2
    assert not any(server.running for server in servers)
    assert elsewhere.running


def test_a_stop_of_nothing_is_a_warning(iperf: IperfLibrary, caplog: pytest.LogCaptureFixture) -> None:
    assert iperf.stop_iperf_server("dut") == []
    assert "No iperf server of this run is on dut" in told(caplog, logging.WARNING)


def test_a_second_stop_is_a_warning(iperf: IperfLibrary, caplog: pytest.LogCaptureFixture) -> None:
    server = iperf.start_iperf_server("dut")
    assert iperf.stop_iperf_server(server) == iperf.stop_iperf_server(server) == []
    assert "was stopped before" in told(caplog, logging.WARNING)


def test_a_server_that_had_died_is_a_warning(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    server = bench.iperf.start_iperf_server("dut")
    bench.machines["dut"].started("--server")[0].end(137)
    assert bench.iperf.stop_iperf_server(server) == []
    assert "is not running any more" in told(caplog, logging.WARNING)


def test_a_started_client_is_waited_for(iperf: IperfLibrary) -> None:
    client = iperf.start_iperf_client("pc", "dut")
    result = iperf.wait_for_iperf_client("pc")
    assert iperf.wait_for_iperf_client(client) is result
    with pytest.raises(ConfigurationError, match="pc has no running clients"):
        iperf.wait_for_iperf_client("pc")


def test_one_of_two_clients_must_be_named(bench: Bench) -> None:
    bench.machines["pc"].clients = [endless(), endless()]
    clients = [bench.iperf.start_iperf_client("pc", "dut", time=Seconds(0)) for _ in range(2)]
    with pytest.raises(ConfigurationError, match="pc has 2 running clients"):
        bench.iperf.stop_iperf_client("pc")
    assert bench.iperf.stop_iperf_client(clients[0]).partial
    assert bench.iperf.stop_iperf_client("pc").partial
    assert not clients[1].running


def test_a_client_that_failed_is_gone(bench: Bench) -> None:
    bench.machines["pc"].clients = [Script(exit_code=1)]
    with pytest.raises(IperfError):
        bench.iperf.run_iperf_client("pc", "dut")
    assert bench.iperf.stop_all_iperf_processes() == 0


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_timeout_that_is_none(bench: Bench, timeout: float) -> None:
    with pytest.raises(ConfigurationError, match="A timeout is more than 0 s"):
        bench.iperf.run_iperf_client("pc", "dut", timeout=Seconds(timeout))
    assert bench.machines["pc"].processes == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tiem": 5}, "There is no option 'tiem'. Did you mean 'time'?"),
        ({"one_off": True}, "belongs to the server"),
        ({"udp": True, "mss": 1400}, "for TCP only"),
        ({"duration": "5s", "bytes": Size(1)}, "exclude each other"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(bench: Bench, options: dict[str, Any], message: str) -> None:
    with pytest.raises(IperfCommandError) as raised:
        bench.iperf.run_iperf_client("pc", "dut", **options)
    assert message in str(raised.value)
    assert bench.machines["pc"].processes == []


def test_an_option_under_its_other_name_is_converted_too(bench: Bench) -> None:
    bench.iperf.run_iperf_client("pc", "dut", duration="1 s", bandwidth="5M")
    words = bench.machines["pc"].started("--client")[0].words
    assert words[words.index("--time") + 1] == "1"
    assert words[words.index("--bandwidth") + 1] == "5000000"


def test_a_value_under_another_name_that_is_none(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match=r"The option 'bandwidth' cannot be 'fast'.*no bit rate"):
        bench.iperf.run_iperf_client("pc", "dut", bandwidth="fast")
    assert bench.machines["pc"].processes == []


def test_a_wrong_unit_is_an_error_of_the_command(iperf: IperfLibrary) -> None:
    with pytest.raises(IperfCommandError):
        iperf.run_iperf_client("pc", "dut", bandwidth="fast")


def test_an_option_under_two_names(iperf: IperfLibrary) -> None:
    with pytest.raises(ConfigurationError):
        iperf.run_iperf_client("pc", "dut", bitrate=Bitrate(5e6), bandwidth="9M")


def test_stop_all(bench: Bench) -> None:
    bench.machines["pc"].clients = [endless()]
    server = bench.iperf.start_iperf_server("dut")
    client = bench.iperf.start_iperf_client("pc", server, time=Seconds(0))
    assert bench.iperf.stop_all_iperf_processes() == 2
    assert not server.running
    assert not client.running
    assert bench.iperf.stop_all_iperf_processes() == 0


# -- scopes


def scoped(bench: Bench, monkeypatch: pytest.MonkeyPatch, suite: str, test: str | None) -> ServerHandle:
    """A server that is started while this suite and test run."""
    names = {"${SUITE NAME}": suite, "${TEST NAME}": test}
    monkeypatch.setattr(state, "variable", names.get)
    server: ServerHandle = bench.iperf.start_iperf_server("dut")
    return server


def over(name: str) -> SimpleNamespace:
    return SimpleNamespace(name=name.rpartition(".")[2], full_name=name, passed=True, message="")


def test_the_end_of_a_test_ends_what_it_started(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    of_suite = scoped(bench, monkeypatch, "S", None)
    of_test = scoped(bench, monkeypatch, "S", "T")
    bench.iperf._end_test(None, over("S.Other"))
    assert of_test.running
    bench.iperf._end_test(None, over("S.T"))
    assert (of_test.running, of_suite.running) == (False, True)
    bench.iperf._end_suite(None, over("S"))
    assert not of_suite.running


@pytest.mark.parametrize("scope", ["SUITE", "RUN"])
def test_a_wider_scope(bench: Bench, monkeypatch: pytest.MonkeyPatch, scope: str) -> None:
    bench.iperf._state._auto_stop = scope
    server = scoped(bench, monkeypatch, "S", "T")
    bench.iperf._end_test(None, over("S.T"))
    assert server.running
    bench.iperf._end_suite(None, over("S"))
    assert server.running == (scope == "RUN")
    bench.iperf._close()
    assert not server.running
    assert bench.machines["dut"].closed == 1


def test_a_client_that_nobody_asked_for_is_a_warning(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.iperf.start_iperf_client("pc", "dut")
    bench.iperf.stop_all_iperf_processes()
    assert "nobody asked for its result" in told(caplog, logging.WARNING)


# -- passwords


@pytest.mark.parametrize(
    ("argument", "seen"),
    [
        ("password=s3cr3t", "password=***"),
        ("password=", "password=***"),
        ("password=a=b", "password=***"),
        ("password= s3cr3t", "password=***"),
        ("password=$s3cr3t", "password=***"),
        ("password=${DUT_PASSWORD}", "password=${DUT_PASSWORD}"),
        ("password=%{DUT_PASSWORD}", "password=%{DUT_PASSWORD}"),
        ("key_file=password", "key_file=password"),
        ("dut", "dut"),
        ("passwords=x", "passwords=x"),
    ],
)
def test_a_password_ismasked(argument: str, seen: str) -> None:
    assert masked(argument) == seen


@pytest.mark.parametrize(
    "argument", ["password=${PREFIX}s3cr3t", "password=%{DUT_PASSWORD=s3cr3t}", "password=${{'s3cr3t'}}"]
)
def test_plain_text_beside_a_variable_ismasked(argument: str) -> None:
    assert "s3cr3t" not in masked(argument)


def test_other_arguments_stay_what_they_are() -> None:
    for argument in (5, None, ["password=x"], ("name", "value")):
        assert masked(argument) is argument


def test_the_arguments_in_the_log_are_masked(iperf: IperfLibrary) -> None:
    result = SimpleNamespace(args=("dut", "password=x", 5))
    iperf._start_keyword(None, result)
    assert result.args == ("dut", "password=***", 5)


@pytest.mark.parametrize(
    ("argument", "seen"),
    [
        ("ssh://root:s3cr3t@host:22", "ssh://root:***@host:22"),
        ("ssh://root@host:22", "ssh://root@host:22"),
        ("ssh://[fe80::1]:22", "ssh://[fe80::1]:22"),
        ("http://host:80/x@y", "http://host:80/x@y"),
    ],
)
def test_a_password_in_a_url_ismasked(argument: str, seen: str) -> None:
    assert masked(argument) == seen


def test_no_log_has_the_password(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench.iperf.add_iperf_device("ap", "ssh://ap", password=Password("s3cr3t"))
    bench.iperf.run_iperf_client("ap", "dut")
    assert caplog.records
    assert "s3cr3t" not in caplog.text


# -- the last file


def test_the_last_file(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^Nothing has run yet, so there is no file\.$"):
        bench.iperf.get_last_filename()
    with pytest.raises(ConfigurationError, match=r"^Nothing has run on dut yet"):
        bench.iperf.get_last_filename("dut")
    server = bench.iperf.start_iperf_server("dut")
    assert bench.iperf.get_last_filename() == bench.iperf.get_last_filename("dut") == server.filename
    files: list[Any] = [bench.iperf.run_iperf_client("pc", "dut").raw_file for _ in range(2)]
    assert files[0] != files[1]
    assert bench.iperf.get_last_filename() == bench.iperf.get_last_filename("pc") == files[1]
    assert bench.iperf.get_last_filename("dut") == server.filename
    assert Path(files[1]).parent == tmp_path / "raw_iperf"
    assert Path(files[1]).is_absolute()


def test_a_client_that_could_not_be_started_has_a_record(bench: Bench) -> None:
    bench.iperf.start_iperf_server("dut")
    bench.machines["pc"].clients = [Script(starts=False)]
    with pytest.raises(DeviceError):
        bench.iperf.run_iperf_client("pc", "dut", time=Seconds(1))
    bench.iperf._state.teller.end()
    (line,) = (bench.directory / "iperf-results.jsonl").read_text().splitlines()
    assert json.loads(line)["error"]["message"].startswith("pc did not start a command")


def test_a_run_that_failed_has_a_file_too(bench: Bench) -> None:
    bench.machines["pc"].clients = [Script((b"half",), exit_code=1)]
    with pytest.raises(IperfError) as raised:
        bench.iperf.run_iperf_client("pc", "dut")
    assert bench.iperf.get_last_filename("pc") == raised.value.raw_file
    assert Path(raised.value.raw_file).read_bytes() == b"half"


class Timeout(BaseException):
    """As the test timeout of Robot Framework is one."""


def test_nothing_that_nobody_owns_runs_when_a_timeout_strikes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up a variable of the suite takes its time."""

    def interrupted(name: str) -> str | None:
        if name == "${TEST NAME}":
            raise Timeout
        return None

    bench.machines["pc"].clients = [endless()]
    with monkeypatch.context() as patched:
        patched.setattr(state, "variable", interrupted)
        with pytest.raises(Timeout):
            bench.iperf.start_iperf_server("dut")
        with pytest.raises(Timeout):
            bench.iperf.start_iperf_client("pc", "192.0.2.1", time=Seconds(0))
    assert not [process for machine in bench.machines.values() for process in machine.processes if process.running]


def test_the_result_is_in_the_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench.machines["pc"].clients = [Script((document(),), stderr=(b"warning: odd\n",))]
    result: Result = bench.iperf.run_iperf_client("pc", "dut")
    assert str(result) in told(caplog, logging.INFO)
    assert "warns: warning: odd" in told(caplog, logging.INFO)
    assert str(result.raw_file) in told(caplog, logging.INFO)


def test_a_large_file_is_not_held_as_a_whole(iperf: IperfLibrary, tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_text("Connecting to host a, port 5201\n")
    iperf.parse_iperf_output(path)  # what is imported then is no part of the file
    path.write_text("Connecting to host a, port 5201\n" + ("noise" * 40 + "\n") * 50_000)
    tracemalloc.start()
    try:
        assert iperf.parse_iperf_output(path).partial
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size / 4


@pytest.mark.parametrize("text", ["hello\n", "Server listening on 5201\n", ""])
def test_a_file_that_cannot_be_parsed_is_named(iperf: IperfLibrary, tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.txt"
    path.write_text(text)
    with pytest.raises(IperfError) as raised:
        iperf.parse_iperf_output(path)
    assert str(path) in str(raised.value)
    assert raised.value.kind == "unreadable"
