"""What Robot makes of the arguments of keywords, and what a suite is told where they are wrong; on fake devices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .documents import ROOT
from .test_companion_keywords import run

REFUSED = {
    "Misspelt Bool": (
        "Run Iperf Test    dut    pc    time=1s    reverse=Flase",
        "The argument 'reverse' is True or False, not 'Flase'.",
    ),
    "Bool In Another Place": (
        "Stop Iperf Server    dut    keep",
        "The argument 'remove' is True or False, not 'keep'.",
    ),
    "Number For A Bool": (
        "Stop Iperf Server    dut    ${5201}",
        "The argument 'remove' is True or False, not '5201'.",
    ),
    "Wrong Operator": (
        "Get Iperf Bitrate    ${1}    =>    900 Mbit/s",
        "is no operator of a figure, which are ==, !=, <, >, <=, >=, validate, then. Did you mean '>='?",
    ),
    "Comma In A Time": (
        "Run Iperf Client    pc    dut    time=1,5",
        "'1,5' is ambiguous; use a point for decimals, like '1.5 s'",
    ),
    "Comma In A Sweep": (
        "Run Iperf Sweep    dut    pc    parallel=1,4",
        "'1,4' is no whole number; several are a list, like [1, 4]",
    ),
    "Forgotten Unit": (
        "Run Iperf Client    pc    dut    udp=True    bitrate=50",
        "The option 'bitrate' cannot be 50 bit/s, which is no packet a second.\n  what to do:      write its unit: 50M",
    ),
    "Misspelt Argument Of A Device": (
        "Add Iperf Device    new    local    adress=10.0.0.1",
        "There is no argument 'adress' here. Did you mean 'address'?",
    ),
    "Misspelt Password": (
        "Add Iperf Device    new    pasword=secret",
        "There is no argument 'pasword' here. Did you mean 'password'?",
    ),
}
TAKEN = {
    "Address By Its Place": "Add Iperf Device    other    local    10.0.0.1",
    "Words For True": "Stop Iperf Server    dut    remove=Yes",
    "A Number For True": "Stop Iperf Server    dut    remove=${1}",
    "None For False": "Stop Iperf Server    dut    remove=None",
}


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    directory = tmp_path_factory.mktemp("robot")
    (directory / "suite").mkdir()
    steps = {**{name: step for name, (step, _) in REFUSED.items()}, **TAKEN}
    cases = "".join(f"{name}\n    {step}\n" for name, step in steps.items())
    devices = "".join(
        f"    Add Iperf Device    {name}    fake:{ROOT}/examples/fake/{name}.yaml    role={role}\n"
        for name, role in (("dut", "node"), ("pc", "tpc"))
    )
    suite = f"*** Settings ***\nLibrary    IperfLibrary\nSuite Setup    Devices\n*** Test Cases ***\n{cases}*** Keywords ***\nDevices\n{devices}"
    Path(directory / "suite" / "a.robot").write_text(suite)
    return run(directory)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(tests: dict[str, Any], name: str) -> None:
    assert not tests[name].passed
    assert REFUSED[name][1] in tests[name].message


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken(tests: dict[str, Any], name: str) -> None:
    assert tests[name].passed, tests[name].message
