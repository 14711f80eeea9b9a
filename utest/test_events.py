"""Events: files that one process makes and another waits for."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import IperfLibrary as package
from IperfLibrary import events
from IperfLibrary.errors import CommandError, ConfigurationError
from IperfLibrary.events import VARIABLE, Events

from .fake import Script, document
from .test_library import Bench, bench
from .test_run_test import ONE

__all__ = ["bench"]


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_an_event_is_a_file_until_it_is_cleared(tmp_path: Path) -> None:
    here = Events(tmp_path)
    assert not here.is_set("ap-up")
    path = here.set("ap-up")
    assert path == tmp_path / "iperf-events" / "ap-up"
    here.wait("ap-up", 0)
    here.clear("ap-up")
    assert (here.is_set("ap-up"), path.exists()) == (False, False)
    here.clear("ap-up")


def test_one_of_this_process_is_seen_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LOOK", 30.0)
    here = Events(tmp_path)
    setter = threading.Timer(0.05, here.set, ["ap-up"])
    setter.start()
    began = time.monotonic()
    here.wait("ap-up", 60)
    assert time.monotonic() - began < 20
    setter.join()


@pytest.mark.parametrize("how", ["python", "touch"])
def test_one_of_another_process(tmp_path: Path, how: str) -> None:
    here = Events(tmp_path)
    code = f"import IperfLibrary; IperfLibrary.set_event('ap-up', {str(tmp_path)!r})"
    touch = ["sh", "-c", 'mkdir -p "${1%/*}" && touch "$1"', "sh", str(here.directory / "ap-up")]
    with subprocess.Popen([sys.executable, "-c", code] if how == "python" else touch):
        here.wait("ap-up", 30)


def test_one_of_an_earlier_run_does_not_count_and_is_told(tmp_path: Path) -> None:
    here = Events(tmp_path)
    old = here.set("ap-up")
    os.utime(old, (events.BEGUN - 60, events.BEGUN - 60))
    with pytest.raises(CommandError) as caught:
        here.wait("ap-up", 0)
    assert "it was set 60 s before this run began, which does not count" in str(caught.value)
    here.set("ap-up")
    here.wait("ap-up", 0)


def test_in_a_directory_of_its_own_an_event_counts_whenever_it_was_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "shared"))
    path = package.set_event("ap-up", tmp_path)
    assert path == tmp_path / "shared" / "ap-up"
    os.utime(path, (1, 1))
    Events(tmp_path / "elsewhere").wait("ap-up", 0)
    package.clear_event("ap-up")
    assert not path.exists()


def test_who_waited_in_vain_is_told_who_could_have_set_it(tmp_path: Path) -> None:
    here = Events(tmp_path)
    with pytest.raises(CommandError) as caught:
        here.wait("ap-up", 0.01)
    message = str(caught.value)
    assert message.startswith("The event 'ap-up' did not happen within 0.01 s.")
    for text in (
        "nor any other event",
        "Set Iperf Event    ap-up",
        "IperfLibrary.set_event",
        str(here.directory / "ap-up"),
        VARIABLE,
    ):
        assert text in message
    here.set("ap-upp")
    with pytest.raises(CommandError, match=r"set are ap-upp\. Did you mean 'ap-upp'\?"):
        here.wait("ap-up", 0)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "a\n", "-x", "é", "x" * 101])
def test_a_name_that_is_none(tmp_path: Path, name: str) -> None:
    for action in (Events(tmp_path).set, Events(tmp_path).clear, lambda one: Events(tmp_path).wait(one, 0)):
        with pytest.raises(ConfigurationError, match="letters, digits"):
            action(name)


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "iperf-events").write_text("in the way")
    with pytest.raises(CommandError, match="The event 'ap-up' could not be set"):
        Events(tmp_path).set("ap-up")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "iperf-events").mkdir()
    (tmp_path / "iperf-events" / "ap-up").symlink_to(target)
    with pytest.raises(CommandError):
        Events(tmp_path).set("ap-up")
    assert not target.exists()


def test_a_test_waits_for_it(bench: Bench) -> None:
    setter = threading.Timer(0.05, package.set_event, ["ap-up", bench.directory])
    setter.start()
    bench.iperf.run_iperf_test("dut", "pc", wait_for_event="ap-up", **ONE)
    setter.join()
    bench.iperf.clear_iperf_event("ap-up")
    with pytest.raises(CommandError, match="'ap-up' did not happen within 0 s"):
        bench.iperf.run_iperf_test("dut", "pc", wait_for_event="ap-up", wait_timeout=0, **ONE)
    assert len(bench.machines["dut"].started("--client")) == 1


def test_a_wrong_name_fails_before_anything_is_waited_for(bench: Bench) -> None:
    bench.machines["dut"].clients = [Script((document(),))]
    with pytest.raises(ConfigurationError, match="letters, digits"):
        bench.iperf.run_iperf_test("dut", "pc", wait_for="Keyword That Is Not Run", wait_for_event="../x", **ONE)


def test_the_keywords(bench: Bench) -> None:
    bench.iperf.set_iperf_event("ap-up")
    bench.iperf.wait_for_iperf_event("ap-up", 0)
