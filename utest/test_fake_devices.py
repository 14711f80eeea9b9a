"""Devices of ``fake:``: recorded outputs are told once more by the ordinary way, and nobody can take that for a measurement."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from IperfLibrary import IperfLibrary, as_json, from_csv, from_json, log
from IperfLibrary.beside import Beside
from IperfLibrary.block import as_html
from IperfLibrary.connections import connect, fake_script, leash
from IperfLibrary.connections.base import Connection
from IperfLibrary.connections.fake import FakeConnection, from_url
from IperfLibrary.connections.fake_script import STOPPED, Answer, Output, Script, read
from IperfLibrary.deadline import Deadline
from IperfLibrary.errors import ConfigurationError, DeviceError, IperfError
from IperfLibrary.keywords import devices as device_keywords
from IperfLibrary.repeats import Repeats
from IperfLibrary.report.lines import from_line
from IperfLibrary.report.page import report_of
from IperfLibrary.report.records import Record, RunRecords
from IperfLibrary.report.trends import Row, trends_of
from IperfLibrary.result import Result
from IperfLibrary.secret import Password
from IperfLibrary.summary import as_text
from IperfLibrary.sweeps import Combination, Sweep
from IperfLibrary.testing import ConnectionTests, checks
from IperfLibrary.throughput import Asked, Throughput, Trial
from IperfLibrary.units import Bitrate, Percent, Seconds

from .fake import Iperf3Machine
from .test_conformance import here

EXAMPLES = Path(__file__).parent.parent / "examples" / "fake"
VERSION = '  - words: iperf3 -v\n    stdout: "iperf 3.12 (cJSON)"\n'
OPTIONS: dict[str, Any] = {"time": Seconds(2), "bitrate": Bitrate(94e6)}


@pytest.fixture
def iperf(tmp_path: Path) -> Iterator[IperfLibrary]:
    library = IperfLibrary(directory=tmp_path)
    library.add_iperf_device("dut", f"fake:{EXAMPLES / 'dut.yaml'}", role="node")
    library.add_iperf_device("pc", f"fake:{EXAMPLES / 'pc.yaml'}", role="tpc")
    yield library
    library._close()


@pytest.fixture
def script(tmp_path: Path) -> Any:
    """Writes the commands of a fake device; gives its URL."""

    def write(commands: str, head: str = "address: 192.0.2.2\n") -> str:
        (tmp_path / "device.yaml").write_text(f"{head}commands:\n{commands}")
        shutil.copytree(EXAMPLES / "runs", tmp_path / "runs", dirs_exist_ok=True)
        return f"fake:{tmp_path / 'device.yaml'}"

    return write


# -- it goes the ordinary way, and shows


def test_a_test_on_fake_devices(iperf: IperfLibrary, tmp_path: Path) -> None:
    server = iperf.start_iperf_server("dut")
    result = iperf.run_iperf_client("pc", "dut", **OPTIONS)
    assert result.bits_per_second == pytest.approx(94e6, rel=0.05)
    assert result.flows[0].direction == "downstream"
    assert Path(result.raw_file or "").read_bytes() == (EXAMPLES / "runs" / "tcp_client.json").read_bytes()
    (seen,) = iperf.stop_iperf_server(server)
    assert seen.cookie == result.cookie
    assert Path(seen.raw_file or "").read_bytes() == (EXAMPLES / "runs" / "tcp_server.json").read_bytes()


def test_all_that_is_told_says_that_it_is_fake(
    iperf: IperfLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks: list[str] = []
    monkeypatch.setattr(log, "markup", blocks.append)
    iperf.start_iperf_server("dut")
    result = iperf.run_iperf_client("pc", "dut", **OPTIONS)
    (seen,) = iperf.stop_iperf_server("dut")
    assert result.fake
    assert seen.fake
    assert str(result).startswith("FAKE iperf3 TCP")
    assert "nothing was measured" in as_text(result)
    assert ">FAKE<" in blocks[0]
    assert "Nothing was measured" in blocks[0]
    assert Path(result.raw_file or "").name.startswith("fake_downstream_tx_tcp_pc")
    assert Path(result.parsed_file or "").name.startswith("fake_")
    assert from_csv(Path(result.parsed_file or "").read_text()).fake
    assert from_json(as_json(result)).fake
    test = SimpleNamespace(name="Downlink", passed=True, message="", metadata={}, full_name="Lab.Downlink")
    iperf._end_test(None, test)
    iperf._end_suite(None, SimpleNamespace(full_name="Lab"))
    assert test.metadata["Iperf"].startswith("FAKE")
    assert '"fake":true' in (tmp_path / "iperf-results.jsonl").read_text()
    head, row = (line.split(",") for line in (tmp_path / "iperf-results.csv").read_text().splitlines())
    assert row[head.index("fake")] == "True"


def test_what_is_real_is_not_told_to_be_fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_keywords, "connect", lambda where, url, **more: Iperf3Machine(where, version="3.6"))
    library = IperfLibrary(directory=tmp_path)
    library.add_iperf_device("pc", "local")
    result = library.run_iperf_client("pc", "192.0.2.9", time=Seconds(1))
    assert not result.fake
    assert "FAKE" not in str(result) + as_html(result) + as_text(result)
    assert "fake" not in Path(result.raw_file or "").name


def test_one_warning_for_each_device(iperf: IperfLibrary, caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    iperf.add_iperf_device("third", f"fake:{EXAMPLES / 'pc.yaml'}")
    iperf.run_iperf_client("third", "192.0.2.9", **OPTIONS)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert warnings[0].startswith("third is a FAKE device")


def test_failures_are_recorded_as_fake(iperf: IperfLibrary, tmp_path: Path) -> None:
    with pytest.raises(IperfError):
        iperf.run_iperf_client("pc", "192.0.2.9", port=5999)
    iperf._end_suite(None, SimpleNamespace(full_name="Lab"))
    assert '"fake":true' in (tmp_path / "iperf-results.jsonl").read_text()


def test_the_report_shows_it_and_keeps_it_apart(iperf: IperfLibrary, tmp_path: Path) -> None:
    iperf.run_iperf_client("pc", "192.0.2.9", **OPTIONS)
    iperf._end_suite(None, SimpleNamespace(full_name="Lab"))
    record = from_line((tmp_path / "iperf-results.jsonl").read_text())
    page = report_of([RunRecords("one", records=(record,))])
    assert "(fake)" in page
    assert "FAKE TCP" in page
    assert "Nothing was measured" in page
    again, true = (replace(record, run="2"), replace(record, run="2", fake=False))
    assert len(trends_of(rows(record, again))) == 1
    assert trends_of(rows(record, true)) == []


def rows(*records: Record) -> list[Row]:
    return [Row(number, number, record) for number, record in enumerate(records)]


def test_a_baseline_of_fake_figures_is_that_of_another_test(
    iperf: IperfLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    fake = iperf.run_iperf_client("pc", "192.0.2.9", **OPTIONS)
    true = replace(fake, fake=False)
    file = tmp_path / "baselines.jsonl"
    iperf.compare_with_iperf_baseline(fake, "lan", file=file)
    iperf.compare_with_iperf_baseline(fake, "lan", file=file)
    for first, second in ((fake, true), (true, fake)):
        file.unlink()
        iperf.compare_with_iperf_baseline(first, "lan", file=file)
        with pytest.raises(AssertionError, match=r"Not comparable .* recorded figures of a fake device"):
            iperf.compare_with_iperf_baseline(second, "lan", file=file)


ASKED = Asked(Bitrate(1e6), Bitrate(2e6), 1200, Percent(0), Percent(5), Seconds(1))
MADE_OF_SEVERAL: list[Callable[[Result, Result], Any]] = [
    lambda one, true: Repeats((one, true)),
    lambda one, true: Beside((true, one), (0.0, 0.0)),
    lambda one, true: Sweep({"length": [1, 2]}, (Combination({"length": 1}, true), Combination({"length": 2}, one))),
    lambda one, true: Throughput(ASKED, 1e6, None, (Trial(1e6, 1, 10, 0, true), Trial(1e6, 1, 10, 0, one))),
]


@pytest.mark.parametrize("make", MADE_OF_SEVERAL)
def test_what_is_made_of_several_says_it(iperf: IperfLibrary, make: Callable[[Result, Result], Any]) -> None:
    fake = iperf.run_iperf_client("pc", "192.0.2.9", **OPTIONS)
    true = replace(fake, fake=False)
    assert str(make(fake, true)).startswith("FAKE ")
    assert make(fake, true).fake
    assert "FAKE" not in str(make(true, true))
    assert not make(true, true).fake


def test_a_reservation_is_had_at_once(iperf: IperfLibrary) -> None:
    iperf.reserve_iperf_devices("dut", "pc")


def test_a_fake_client_of_a_true_server_is_not_believed(iperf: IperfLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_keywords, "connect", lambda where, url, **more: Iperf3Machine(where, "192.0.2.7"))
    monkeypatch.setattr("IperfLibrary.clients.VIEW_LIMIT", 0.0)
    monkeypatch.setattr("IperfLibrary.clients.LATE_LIMIT", 0.0)
    iperf.add_iperf_device("ap", "ssh://ap")
    iperf.start_iperf_server("ap")
    with pytest.raises(IperfError) as raised:
        iperf.run_iperf_client("pc", "ap", **OPTIONS)
    assert raised.value.kind == "other_server"
    assert str(raised.value).startswith("FAKE: iperf3 client on pc to ap")
    assert "only one of both is fake" in raised.value.cause


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"parallel": 4}, "1 of 4 streams have a summary"),
        ({"time": Seconds(10)}, "it ran 2 s in place of 10 s"),
        ({"reverse": True}, "reverse: no figures at all"),
        ({"bitrate": Bitrate(1e6)}, "it sent 94.37 Mbit/s in place of 1 Mbit/s at most"),
    ],
)
def test_other_options_than_those_of_the_recording_are_not_believed(
    iperf: IperfLibrary, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(IperfError) as raised:
        iperf.run_iperf_client("pc", "192.0.2.9", **{**OPTIONS, **options})
    error = raised.value
    assert str(error).startswith("FAKE: iperf3 client on pc to 192.0.2.9")
    assert said in error.said
    assert error.cause.startswith("the recording differs from what is asked: it is of TCP, forward, 1 stream, 2 s, ")
    assert "link" not in str(error)
    assert "firewall" not in str(error)


def test_another_protocol_than_that_of_the_recording(iperf: IperfLibrary, script: Any) -> None:
    iperf.add_iperf_device("ap", script(VERSION + "  - words: iperf3 --client\n    raw: runs/tcp_client.json\n"))
    with pytest.raises(IperfError, match="it is of TCP, forward, 1 stream") as raised:
        iperf.run_iperf_client("ap", "192.0.2.9", udp=True, **OPTIONS)
    assert raised.value.said == "it ran TCP in place of UDP"


# -- failures


def test_a_refused_client(iperf: IperfLibrary) -> None:
    with pytest.raises(IperfError) as raised:
        iperf.run_iperf_client("pc", "192.0.2.9", port=5999)
    assert raised.value.kind == "refused"
    assert str(raised.value).startswith(
        "FAKE: iperf3 client on pc to 192.0.2.9 (192.0.2.9 port 5999) failed: the connection"
    )
    assert "nothing listens on that port" in raised.value.cause  # what was recorded is to be tried as it was


def test_answers_in_their_order(iperf: IperfLibrary) -> None:
    iperf.start_iperf_server("dut", port=5202)
    with pytest.raises(IperfError) as raised:
        iperf.run_iperf_client("pc", "dut", **OPTIONS)
    assert raised.value.kind == "busy"
    assert iperf.run_iperf_client("pc", "dut", **OPTIONS).bits_per_second


def test_a_client_that_hangs(iperf: IperfLibrary) -> None:
    with pytest.raises(IperfError) as raised:
        iperf.run_iperf_client("pc", "192.0.2.9", title="hangs", timeout=Seconds(0.1))
    assert raised.value.kind == "timeout"


def test_a_connection_that_breaks(iperf: IperfLibrary, script: Any) -> None:
    server = iperf.start_iperf_server("dut")
    other = iperf.start_iperf_client("pc", "192.0.2.9", title="hangs")
    with pytest.raises(IperfError) as raised:
        iperf.run_iperf_client("pc", "192.0.2.9", title="lost")
    assert raised.value.kind == "lost"
    assert "pc.yaml says so" in str(raised.value)
    with pytest.raises(IperfError) as raised:  # with it, all that ran there; nothing elsewhere
        iperf.wait_for_iperf_client(other, Seconds(5))
    assert raised.value.kind == "lost"
    assert server.running
    assert iperf.run_iperf_client("pc", server, **OPTIONS).bits_per_second


def test_a_server_that_cannot_start(iperf: IperfLibrary, script: Any) -> None:
    url = script(
        VERSION + "  - words: iperf3 --server\n    stderr: 'iperf3: error - Address in use'\n    exit_code: 1\n"
    )
    iperf.add_iperf_device("ap", url)
    with pytest.raises(IperfError, match="could not start on port 5201"):
        iperf.start_iperf_server("ap", port=5201)


def test_what_a_server_prints_when_it_is_stopped(iperf: IperfLibrary, script: Any) -> None:
    url = script(
        VERSION
        + "  - words: [iperf3, --server]\n    listens: true\n    on_stop: {raw: runs/tcp_server.json, stderr: bye}\n"
    )
    iperf.add_iperf_device("ap", url)
    server = iperf.start_iperf_server("ap")
    (seen,) = iperf.stop_iperf_server(server)
    assert seen.bits_per_second
    assert Path(server.filename + ".stderr").read_text() == "bye"


def test_a_client_without_what_its_server_saw(iperf: IperfLibrary, script: Any) -> None:
    iperf.add_iperf_device("ap", script(VERSION + "  - words: iperf3 --client\n    raw: runs/tcp_client.json\n"))
    iperf.start_iperf_server("dut")
    with pytest.raises(DeviceError, match="has no 'server_raw'") as raised:
        iperf.run_iperf_client("ap", "dut", **OPTIONS)
    assert "device.yaml" in str(raised.value)


def test_of_two_servers_on_one_port_the_address_tells(iperf: IperfLibrary, script: Any) -> None:
    iperf.add_iperf_device(
        "ap", script(VERSION + "  - words: iperf3 --server\n    listens: true\n", "address: 192.0.2.8\n")
    )
    meant, other = iperf.start_iperf_server("dut", port=5300), iperf.start_iperf_server("ap", port=5300)
    iperf.run_iperf_client("pc", meant, **OPTIONS)
    assert [len(iperf.stop_iperf_server(one)) for one in (meant, other)] == [1, 0]


def test_a_command_without_an_answer(iperf: IperfLibrary, script: Any) -> None:
    iperf.add_iperf_device("ap", script(VERSION + "  - words: iperf3 --client --udp\n    times: 1\n"))
    connection = iperf.get_iperf_device("ap").connection
    with pytest.raises(DeviceError, match="no answer to a command") as raised:
        connection.run(("iperf3", "--client", "x", "--time", "1"))
    assert "no 'words' in that file fit" in str(raised.value)
    connection.run(("iperf3", "--client", "x", "--udp"))
    with pytest.raises(DeviceError, match="have had their 'times'"):
        connection.run(("iperf3", "--client", "x", "--udp"))


def test_what_needs_a_shell(iperf: IperfLibrary) -> None:
    with pytest.raises(DeviceError, match="no fake device has a shell"):
        iperf.start_iperf_server("dut", daemon=True)


def test_a_program_that_the_file_does_not_name_is_not_there(iperf: IperfLibrary) -> None:
    assert iperf.get_iperf_device("dut").connection.run(("iperf", "-v")).exit_code == 127
    found = iperf.get_iperf_capabilities("dut")
    assert found.iperf3.version == "3.12"
    assert found.iperf2.version is None
    assert not found.daemon


# -- time


def test_it_comes_at_once_or_takes_its_time(script: Any) -> None:
    url = script('  - words: show\n    stdout: "a\\nb\\nc\\n"\n    seconds: 1\n')
    begin = time.monotonic()
    assert connect("dut", url).run(("show",)).stdout == "a\nb\nc\n"
    assert time.monotonic() - begin < 1
    begin = time.monotonic()
    assert connect("dut", f"{url}?pace=0.3").run(("show",)).stdout == "a\nb\nc\n"
    assert time.monotonic() - begin >= 0.3


def test_a_slow_recording_is_stopped_in_its_middle(script: Any) -> None:
    url = script(
        '  - words: show\n    stdout: "a\\nb\\n"\n    seconds: 1000\n    on_stop: {stdout: end, exit_code: 3}\n'
    )
    out = bytearray()
    process = connect("dut", f"{url}?pace=1").start(("show",), out.extend, out.extend)
    process.signal("INT")
    assert process.wait(Deadline(5))
    assert (bytes(out), process.exit_code) == (b"end", 3)


# -- the URL


def test_a_log_in_is_taken_so_that_suites_need_no_change(script: Any) -> None:
    way = connect("ap", script("  - words: show\n"))
    inner = connect(
        "dut", script("  - words: show\n"), through=way, password=Password("x"), key_file="k", host_key="ignore"
    )
    inner.prefix = ("sudo", "-n")
    assert inner.through is way
    assert inner.run(("show",)).exit_code == 0
    out = bytearray()
    process = inner.start(("show",), out.extend, out.extend, {"IPERF3_PASSWORD": Password("x")})
    assert process.pid


@pytest.mark.parametrize("url", ["fake:", "fake:{}?speed=1", "fake:{}?pace=fast", "fake:{}?pace=-1", "fake:{}?pace="])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"write fake:device\.yaml"):
        from_url("dut", url.format(EXAMPLES / "dut.yaml"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="CURDIR") as raised:
        from_url("dut", "fake:no.yaml")
    assert "relative to the directory in which robot was started" in str(raised.value)
    with pytest.raises(ConfigurationError, match="suffix that tells no format"):
        from_url("dut", f"fake:{tmp_path}/device.txt")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "the file holds names"),
        ("address: x", "'commands' is a list"),
        ("commands: {a: b}", "'commands' is a list"),
        ("comands: []", "'comands' is nothing that can stand here. Did you mean 'commands'?"),
        ("address: 5\ncommands: []", "1:1: 'address' is a text"),
        ("commands:\n- stdout: x", "2:3: a command has 'words'"),
        ("commands:\n- words: []", "a command has 'words'"),
        ("commands:\n- words: [a, 5]", "a command has 'words'"),
        ("commands:\n- word: x", "'word' is nothing that can stand here"),
        ("commands:\n- words: x\n  words: y", "3:3: 'words' is there twice"),
        ("commands:\n- words: x\n  stdout: a\n  raw: b", "4:3: 'stdout' and 'raw' are the same"),
        ("commands:\n- words: x\n  raw: gone.json", "gone.json cannot be read"),
        ("commands:\n- words: x\n  server_raw: gone.json", "gone.json cannot be read"),
        ("commands:\n- words: x\n  ends: soon", "'ends' is one of itself, stopped, lost"),
        ("commands:\n- words: x\n  exit_code: true", "'exit_code' is a number"),
        ("commands:\n- words: x\n  seconds: 2s", "'seconds' is a number of seconds"),
        ("commands:\n- words: x\n  listens: 5201", "'listens' is true or false"),
        ("commands:\n- words: x\n  on_stop: {words: y}", "'words' is nothing that can stand here"),
        ("commands:\n- words: x\n  on_stop: bye", "on_stop holds names"),
        ("commands: [", "1:12: it is no YAML"),
    ],
)
def test_files_that_are_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "device.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        read(path)
    assert said in str(raised.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "device.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="it is not UTF-8"):
        read(path)


def test_other_formats(tmp_path: Path) -> None:
    wanted = (Answer(("iperf3", "-v"), Output(b"iperf 3.12")),)
    (tmp_path / "a.json").write_text('{"commands": [{"words": "iperf3 -v", "stdout": "iperf 3.12"}]}')
    assert read(tmp_path / "a.json").answers == wanted


def test_the_stderr_beside_a_raw_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("out")
    (tmp_path / "a.json.stderr").write_text("err")
    (tmp_path / "d.yaml").write_text("commands:\n- {words: x, raw: a.json}\n- {words: y, raw: a.json, stderr: other}\n")
    first, second = read(tmp_path / "d.yaml").answers
    assert first.output == Output(b"out", b"err")
    assert second.output.stderr == b"other"


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("iperf3", True),
        ("iperf", False),
        ("iperf3 --client", True),
        ("iperf3 --parallel 4 --client", True),
        ("iperf3 --parallel 2", False),
        ("iperf3 --udp", False),
        ("iperf3 --client h --time 10", True),
        ("iperf3 h --time 10", True),
        ("/opt/bin/iperf3 --client", True),
        ("/usr/bin/iperf3", False),
    ],
)
def test_which_commands_an_answer_is_for(words: str, fits: bool) -> None:
    answer = Answer(tuple(words.split()), Output())
    assert answer.fits(("/opt/bin/iperf3", "--client", "h", "--parallel", "4", "--time", "10")) is fits


def test_the_leash_is_taken_off() -> None:
    assert leash.unleashed(leash.leashed(("iperf3", "-v"), 60, ["SECRET"])) == ("iperf3", "-v")
    assert leash.unleashed(("sh", "-c", "echo", "sh", "x")) is None
    assert leash.split_pid(b"banner\n" + leash.marked(7) + b"rest") == (b"banner\n", 7, b"rest")


# -- the contract of connections


class Recording(FakeConnection):
    """Answers with what the words really print here: of those that do not end by themselves, what comes before their sleep."""

    def __init__(self) -> None:
        super().__init__("fake", Script(Path("none.yaml"), None, ()))

    def _answer_to(self, words: tuple[str, ...]) -> Answer:
        text = " ".join(words)
        if 'trap "echo got' in text:
            return Answer(words, Output(b"ready\n"), ends=STOPPED, on_stop=Output(b"got TERM\n", exit_code=21))
        if "signal.SIGINT" in text:
            return Answer(words, Output(b"ready\n"), ends=STOPPED, on_stop=Output(b"got INT\n", exit_code=21))
        if "sleep" not in text:
            return Answer(words, self._real(words))
        script = words[2].partition("sleep")[0] if words[0] == "sh" else ":"
        return Answer(words, self._real(("sh", "-c", script, *words[3:])), ends=STOPPED)

    def _real(self, words: tuple[str, ...]) -> Output:
        try:
            done = subprocess.run(words, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        except FileNotFoundError:
            return Output(b"", b"not found", 127)
        return Output(done.stdout, done.stderr, done.returncode)


class Contract(ConnectionTests):
    def elsewhere(self, connection: Connection, words: tuple[str, ...]) -> str:
        return here(words)


NOT_ASKED = {
    # There is no process, so nobody sees it from outside, and no shell that could tell its number or a variable.
    "test_the_pid_is_that_of_the_command",
    "test_release_ends_the_command",
    "test_release_ends_what_ignores_term",
    "test_a_wrapper_ends_with_its_children",
    "test_close_ends_all_and_it_may_be_used_again",
    "test_secrets_are_variables_and_on_no_command_line",
    # There are no files.
    *(name for name in checks(Contract()) if "fetched" in name or "stored" in name or "missing_file" in name),
}


@pytest.mark.parametrize("name", sorted(set(checks(Contract())) - NOT_ASKED))
def test_it_keeps_the_contract_of_connections(name: str) -> None:
    checks(Contract())[name](Recording())


def test_most_of_the_contract_is_asked() -> None:
    assert set(checks(Contract())) > NOT_ASKED
    assert len(NOT_ASKED) < len(checks(Contract())) / 2


# -- its documentation

DOC = (EXAMPLES.parent.parent / "docs" / "fake.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL))
def test_examples_of_the_documentation_are_read(tmp_path: Path, block: str) -> None:
    shutil.copytree(EXAMPLES / "runs", tmp_path / "runs")
    (tmp_path / "device.yaml").write_text(block)
    assert read(tmp_path / "device.yaml").answers


def test_each_key_is_in_the_documentation() -> None:
    table = re.findall(r"^\| (`.*?) \|", DOC, re.MULTILINE)
    assert {key for cell in table for key in re.findall(r"`(\w+)`", cell)} == set(fake_script._COMMAND)
