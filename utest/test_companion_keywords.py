"""Keywords as companions, in a Robot that runs: whether it knows them is told when they are added, where that is sure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from robot.api import ExecutionResult

from .documents import ROOT

LIBRARY = "*** Settings ***\nLibrary    IperfLibrary\n"
KEYWORDS = "*** Keywords ***\nGet RSSI\n    RETURN    ${-60}\nGet RSSI Of ${ap}\n    RETURN    ${-50}\n"
TESTS = """\
*** Test Cases ***
Misspelt
    Add Iperf Companion    rssi    keyword=Get RSI
Misspelt In A List
    Add Iperf Companion    rssi    keyword=${{['Gett RSSI', 'x']}}
Known
    Add Iperf Companion    one    keyword=Get RSSI
    Add Iperf Companion    two    keyword=get rssi of ap1
    Add Iperf Companion    three    keyword=${{['BuiltIn.Evaluate', '1']}}
    Add Iperf Companion    four    keyword=\\${name}
"""
FAKE = f"""\
*** Test Cases ***
Later
    Add Iperf Device    dut    fake:{ROOT}/examples/fake/dut.yaml    role=node
    Add Iperf Device    pc    fake:{ROOT}/examples/fake/pc.yaml    role=tpc
    ${{result}} =    Run Iperf Test    dut    pc    downlink    time=2s    bitrate=94M
    Should Be Equal    ${{result.companions[0].name}}    rssi
    Should Be Equal    ${{result.companions[1].name}}    typo
"""


def run(directory: Path, *options: str) -> dict[str, Any]:
    """The tests by name."""
    output = directory / "output.xml"
    words = [
        sys.executable,
        "-m",
        "robot",
        "--outputdir",
        str(directory),
        "--log",
        "NONE",
        "--report",
        "NONE",
        *options,
    ]
    subprocess.run([*words, str(directory / "suite")], check=False, capture_output=True, cwd=ROOT)
    tests: dict[str, Any] = {test.name: test for test in ExecutionResult(output).suite.all_tests}
    return tests


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "suite").mkdir()
    return tmp_path


def test_a_misspelt_keyword_is_told_when_it_is_added(suite: Path) -> None:
    (suite / "suite" / "a.robot").write_text(LIBRARY + TESTS + KEYWORDS)
    tests = run(suite)
    told = tests["Misspelt"].message
    assert told.startswith("The companion cannot call 'Get RSI'.\n")
    assert "No keyword with name 'Get RSI' found. Did you mean: Get RSSI" in told
    assert "The companion cannot call 'Gett RSSI'." in tests["Misspelt In A List"].message
    assert tests["Known"].passed, tests["Known"].message


def test_what_only_a_later_suite_knows_is_taken(suite: Path) -> None:
    added = (
        "Suite Setup    Run Keywords    Add Iperf Companion    rssi    keyword=Get RSSI    unit=dBm"
        "    AND    Add Iperf Companion    typo    keyword=Get RSI\n"
    )
    (suite / "suite" / "__init__.robot").write_text(LIBRARY + added)
    (suite / "suite" / "a.robot").write_text(LIBRARY + FAKE + KEYWORDS)
    later = run(suite)["Later"]
    assert later.passed, later.message


def test_in_a_suite_setup_the_suite_is_all_that_there_is(suite: Path) -> None:
    setup = LIBRARY + "Suite Setup    Add Iperf Companion    rssi    keyword=Get RSI\n"
    (suite / "suite" / "a.robot").write_text(setup + FAKE + KEYWORDS)
    assert "The companion cannot call 'Get RSI'." in run(suite)["Later"].message


def test_one_that_goes_on_until_the_end_of_the_run_may_be_for_others(suite: Path) -> None:
    library = LIBRARY.replace("IperfLibrary", "IperfLibrary    auto_stop=RUN")
    (suite / "suite" / "a.robot").write_text(library + TESTS + KEYWORDS)
    assert run(suite)["Misspelt"].passed


def test_a_misspelt_keyword_is_not_waited_for(suite: Path) -> None:
    """Else it is tried for a minute, and the reason stands in the middle of it."""
    tests = (
        "*** Test Cases ***\nMisspelt\n    Add Iperf Device    dut    local\n    Add Iperf Device    pc    local\n"
        "    Run Iperf Test    dut    pc    wait_for=Get RSI\n"
        "Swept\n    Run Iperf Sweep    dut    pc    parallel=[1, 2]    wait_for=Get RSI\n"
        "Arrow\n    Run Iperf Tests In Parallel    pc => dut\n"
        "Nameless\n    Add Iperf Devices From File    ${EMPTY}\n"
        "No File\n    Parse Iperf Output    ${EMPTY}\n"
    )
    (suite / "suite" / "a.robot").write_text(LIBRARY + tests + KEYWORDS)
    told = {name: test.message for name, test in run(suite).items()}
    assert told["Misspelt"].startswith("The test cannot wait for 'Get RSI'.\n")
    assert "Did you mean: Get RSSI" in told["Misspelt"]
    assert told["Swept"].startswith("The test cannot wait for 'Get RSI'.\n")
    assert told["Arrow"].startswith("A flow is written 'first -> second', not 'pc => dut'.\n")
    assert "write it so: pc -> dut" in told["Arrow"]
    assert told["Nameless"].startswith("The name of the inventory is empty.\n")
    assert told["No File"].startswith("The name of the file with iperf's output is empty.\n")
