"""What is told of a result: the block with links that lead from the log, the record with its verdicts, the headline."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from IperfLibrary import IperfLibrary, log
from IperfLibrary.client_failures import Peer
from IperfLibrary.devices import Device
from IperfLibrary.errors import ConfigurationError, IperfError
from IperfLibrary.options import Options
from IperfLibrary.result import End, Flow, Result
from IperfLibrary.secret import Password
from IperfLibrary.telling import HEADLINE, Teller
from IperfLibrary.tools import TOOLS
from IperfLibrary.units import Seconds

from .fake import FakeConnection


def result(directory: Path, name: str = "run", **more: Any) -> Result:
    flow = Flow(
        "upstream", False, End(bytes=100, bits_per_second=800.0, seconds=1.0), End(bytes=100, bits_per_second=800.0)
    )
    return Result(
        "iperf3", "3.12", "tcp", "client", (flow,), raw_file=str(directory / "raw_iperf" / f"{name}.json"), **more
    )


class Told:
    def __init__(self, directory: Path, **variables: str) -> None:
        self.directory = directory
        names = {"${SUITE NAME}": "Lab", "${TEST NAME}": "Downlink", **{f"${{{k}}}": v for k, v in variables.items()}}
        self.teller = Teller(lambda: directory, names.get)

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.directory / "iperf-results.jsonl").read_text().splitlines()]


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(log, "markup", found.append)
    return found


def test_a_result_with_what_was_asked_of_it(tmp_path: Path, blocks: list[str]) -> None:
    told = Told(tmp_path)
    one = result(tmp_path)
    told.teller.result(one)
    told.teller.verdict(one, "at least 900 Mbit/s", False)
    assert not (tmp_path / "iperf-results.jsonl").exists()
    told.teller.end_of_test(SimpleNamespace(name="Downlink", passed=False, message="too slow", metadata={}))
    (record,) = told.records()
    assert (record["suite"], record["test"], record["test_passed"]) == ("Lab", "Downlink", False)
    assert record["verdicts"] == [{"text": "at least 900 Mbit/s", "passed": False}]
    assert record["raw_file"] == "raw_iperf/run.json"
    assert 'href="raw_iperf/run.json"' in blocks[0]


def test_links_lead_from_where_the_log_is(tmp_path: Path, blocks: list[str]) -> None:
    Told(tmp_path, **{"LOG FILE": str(tmp_path / "logs" / "log.html")}).teller.result(result(tmp_path))
    Told(tmp_path, **{"LOG FILE": "NONE"}).teller.result(result(tmp_path))
    assert 'href="../raw_iperf/run.json"' in blocks[0]
    assert 'href="raw_iperf/run.json"' in blocks[1]


def test_the_headlines_of_a_test(tmp_path: Path, blocks: list[str]) -> None:
    told = Told(tmp_path)
    told.teller.result(result(tmp_path, "one"))
    told.teller.result(result(tmp_path, "two"))
    test = SimpleNamespace(name="Downlink", passed=True, message="", metadata={})
    told.teller.end_of_test(test)
    assert test.metadata[HEADLINE].count("upstream 800 bit/s received") == 2
    told.teller.end_of_test(SimpleNamespace(name="Downlink", passed=True, message=""))  # Robot Framework before 7.5
    again = SimpleNamespace(name="Downlink", passed=True, message="", metadata={})
    told.teller.end_of_test(again)
    assert again.metadata == {}


def test_a_client_that_a_keyword_stopped_is_no_failure(tmp_path: Path, blocks: list[str]) -> None:
    told = Told(tmp_path)
    told.teller.result(result(tmp_path, partial=True, error="interrupt - the client has terminated"))
    told.teller.end()
    (record,) = told.records()
    assert (record["partial"], record["error"]) == (True, None)
    assert record["said"] == "interrupt - the client has terminated"


def test_a_run_that_failed(tmp_path: Path, blocks: list[str]) -> None:
    told = Told(tmp_path)
    log_in = {"username": "u", "password": Password("s3cr3t"), "rsa_public_key_path": "key"}
    run = (
        Device("pc", FakeConnection()),
        Peer("dut", 5201),
        TOOLS["iperf3"],
        Options("client", udp=True, time=Seconds(1), **log_in),
    )
    told.teller.failure(*run, IperfError("It failed.", kind="refused"))
    told.teller.failure(*run, IperfError("It was cut.", kind="timeout", result=result(tmp_path, partial=True)))
    told.teller.end()
    first, second = told.records()
    assert (first["client"], first["server"], first["protocol"], first["error"]["kind"]) == (
        "pc",
        "dut",
        "udp",
        "refused",
    )
    assert first["options"] == {"udp": True, "time": 1.0, **log_in, "password": "***"}
    assert second["error"]["message"] == "It was cut."
    assert len(blocks) == 1
    assert "It was cut." in blocks[0]


def test_any_result_can_be_shown(tmp_path: Path, blocks: list[str]) -> None:
    library = IperfLibrary(directory=tmp_path)
    library.log_iperf_result(result(tmp_path))
    assert len(blocks) == 1
    with pytest.raises(ConfigurationError, match="takes the result of a run, not 'dut'"):
        library.log_iperf_result("dut")


def test_a_result_of_the_suite_setup_waits_for_the_end_of_the_suite(tmp_path: Path, blocks: list[str]) -> None:
    names = {"${SUITE NAME}": "Lab"}
    teller = Teller(lambda: tmp_path, names.get)
    one = result(tmp_path)
    teller.result(one)
    teller.end_of_test(SimpleNamespace(name="First", passed=True, message=""))
    assert not (tmp_path / "iperf-results.jsonl").exists()
    teller.verdict(one, "asked by the second test", True)
    teller.end_of_test(SimpleNamespace(name="Second", passed=True, message=""))
    teller.end()
    (line,) = (tmp_path / "iperf-results.jsonl").read_text().splitlines()
    record = json.loads(line)
    assert (record["test"], record["test_passed"]) == ("", None)
    assert record["verdicts"] == [{"text": "asked by the second test", "passed": True}]


def test_processes_of_pabot_write_one_file_of_one_run(tmp_path: Path, blocks: list[str]) -> None:
    for process in ("0", "1"):
        own = tmp_path / "pabot_results" / process
        own.mkdir(parents=True)
        told = Told(own, PABOTQUEUEINDEX=process, **{"OUTPUT_DIR": str(own), "LOG FILE": "NONE"})
        told.teller.result(result(own))
        told.teller.end_of_test(SimpleNamespace(name="Downlink", passed=True, message="", metadata={}))
        assert not (own / "iperf-results.jsonl").exists()
    records = [json.loads(line) for line in (tmp_path / "iperf-results.jsonl").read_text().splitlines()]
    assert [record["raw_file"] for record in records] == [f"pabot_results/{n}/raw_iperf/run.json" for n in (0, 1)]
    assert records[0]["run"] == records[1]["run"]
    assert 'href="../../pabot_results/1/raw_iperf/run.json"' in blocks[1]


def test_the_directory_that_was_chosen_has_the_records_of_pabot_too(tmp_path: Path, blocks: list[str]) -> None:
    variables = {"${OUTPUT_DIR}": str(tmp_path / "pabot_results" / "0"), "${PABOTQUEUEINDEX}": "0"}
    teller = Teller(lambda: tmp_path / "chosen", variables.get, tmp_path / "chosen")
    teller.result(result(tmp_path / "chosen"))
    teller.end()
    assert (tmp_path / "chosen" / "iperf-results.jsonl").is_file()


@pytest.mark.parametrize(
    ("options", "directions"),
    [({}, ["upstream"]), ({"reverse": True}, ["downstream"]), ({"bidir": True}, ["upstream", "downstream"])],
)
def test_a_run_that_failed_early_has_the_directions_that_were_asked(
    tmp_path: Path, blocks: list[str], options: dict[str, Any], directions: list[str]
) -> None:
    """What iperf said of an error tells neither protocol nor direction."""
    told = Told(tmp_path)
    client, server = Device("dut", FakeConnection(), role="node"), Device("pc", FakeConnection(), role="tpc")
    nothing = Result("iperf3", "3.12", "udp", "client", error="unable to connect", raw_file=str(tmp_path / "raw.json"))
    run = (client, Peer("192.0.2.2", 5201, server), TOOLS["iperf3"], Options("client", udp=True, **options))
    told.teller.failure(*run, IperfError("It was refused.", kind="refused", result=nothing))
    told.teller.end()
    (record,) = told.records()
    assert record["protocol"] == "udp"
    assert [flow["direction"] for flow in record["flows"]] == directions
    assert record["figures"].get("bits_per_second") is None
