"""What a device can do, and why it cannot do the rest."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from IperfLibrary import log
from IperfLibrary.capabilities import Ability, Capabilities, as_html, features_of, missing, tool_capabilities
from IperfLibrary.connections.local import LocalConnection
from IperfLibrary.devices import Device
from IperfLibrary.errors import DeviceError
from IperfLibrary.keywords.capabilities import CapabilityKeywords
from IperfLibrary.option_table import OPTIONS
from IperfLibrary.survey import survey

from .fake import FakeConnection, Script

ALL = "CPU affinity setting, IPv6 flow label, SCTP, TCP congestion algorithm setting, sendfile / zerocopy, socket pacing, authentication"
V3_12 = f"iperf 3.12 (cJSON 1.7.15)\nLinux x\nOptional features available: {ALL}, bind to device, support IPv4 don't fragment\n"
V2 = "iperf version 2.1.8 (12 August 2022) pthreads\n"
LOOK = "system Linux 6.1 mips\nuser root\nproc yes\nscratch yes\n"


class Machine(FakeConnection):
    """Says these things when it is asked."""

    def __init__(self, iperf3: str = V3_12, iperf2: str = V2, look: str = LOOK) -> None:
        super().__init__(behaves=self._says)
        self._said = {"iperf3": iperf3, "iperf": iperf2, "sh": look}

    def _says(self, words: tuple[str, ...]) -> Script:
        text = self._said[words[0]]
        if text:
            return Script((text.encode(),))
        return Script(stderr=(f"sh: {words[0]}: not found\n".encode(),), exit_code=127)


def device(connection: Any = None, **programs: str) -> Device:
    return Device("dut", connection or Machine(), programs={"iperf3": "iperf3", "iperf2": "iperf", **programs})


# -- a tool


def test_features_are_those_that_the_program_lists() -> None:
    assert features_of(V3_12)[-1] == "support IPv4 don't fragment"  # type: ignore[index]
    assert features_of("Optional features available: SCTP\r\n") == ("SCTP",)
    assert features_of("iperf 3.1\nOptional features available: None\n") == ()


@pytest.mark.parametrize("said", ["iperf 3.0.7\nLinux\n", V2, ""])
def test_features_of_a_program_that_does_not_tell_are_unknown(said: str) -> None:
    assert features_of(said) is None


def test_options_are_those_of_the_version_and_the_role() -> None:
    found = tool_capabilities("iperf3", "iperf3", "3.12", V3_12)
    assert {"time", "bidir", "snd_timeout", "sctp", "extra"} <= set(found.client_options)
    assert {"one_off", "idle_timeout", "extra"} <= set(found.server_options)
    assert "time" not in found.server_options
    assert "one_off" not in found.client_options
    assert found.lacking["mptcp"] == "it needs iperf3 3.19, and this is 3.12"
    assert found.lacking["dualtest"] == "iperf3 has no such option"


def test_each_option_is_there_or_has_a_reason() -> None:
    for name, version in (("iperf3", "3.0"), ("iperf3", "3.12"), ("iperf3", "3.22"), ("iperf2", "2.0.5")):
        found = tool_capabilities(name, name, version, "")
        offered = {option.name for option in OPTIONS if not option.ours}
        assert set(found.options) | set(found.lacking) == offered
        assert not set(found.options) & set(found.lacking)


def test_what_was_left_out_of_the_build() -> None:
    said = V3_12.replace("SCTP, ", "").replace(", authentication", "").replace("bind to device, ", "")
    found = tool_capabilities("iperf3", "iperf3", "3.12", said)
    assert found.lacking["sctp"] == "this iperf3 was built without: SCTP"
    assert found.lacking["username"] == found.lacking["authorized_users_path"]
    assert found.lacking["bind_dev"] == "this iperf3 was built without: bind to device"
    assert "flowlabel" in found.client_options


@pytest.mark.parametrize(
    ("version", "said", "there"),
    [
        ("3.5", "Optional features available: SCTP", True),  # nobody knows whether it would list authentication
        ("3.6", "Optional features available: SCTP", False),
        ("3.6", "no list at all", True),
    ],
)
def test_what_is_not_listed_is_no_evidence_where_it_need_not_be(version: str, said: str, there: bool) -> None:
    assert ("username" in tool_capabilities("iperf3", "iperf3", version, said).client_options) == there


def test_the_options_of_the_build_are_in_the_table() -> None:
    from IperfLibrary.capabilities import _BUILT_IN

    names = {option.name for option in OPTIONS if option.iperf3}
    assert {name for _, _, options in _BUILT_IN for name in options} <= names


# -- a device


def test_a_device_with_both_tools() -> None:
    found = survey(device())
    assert (found.iperf3.version, found.iperf2.version) == ("3.12", "2.1.8")
    assert found.iperf3.features
    assert "authentication" in found.iperf3.features
    assert found.iperf2.features is None
    assert (found.system, found.user) == ("Linux 6.1 mips", "root")
    assert (str(found.servers), str(found.daemon)) == ("yes: /proc tells who listens", "yes: its files go to /tmp")
    assert found.files.reason == "shell"
    assert str(found) == "dut: iperf3 3.12, iperf2 2.1.8"


def test_a_tool_that_is_missing_is_no_failure() -> None:
    found = survey(device(Machine(iperf3="", iperf2="")))
    assert not found.iperf3.available
    assert found.iperf3.version is None
    assert found.iperf3.reason
    assert found.iperf3.reason.startswith("The program 'iperf3' was not found on dut. Probably it is not installed")
    assert found.iperf3.options == ()
    assert found.iperf3.lacking["time"] == found.iperf3.reason
    assert str(found.iperf2).startswith("no iperf2 (The program 'iperf' was not found")


def test_a_tool_that_the_user_says_is_not_there() -> None:
    assert survey(device(iperf2="")).iperf2.reason == "dut has no iperf2, as Add Iperf Device says."


def test_a_program_that_is_another_one() -> None:
    found = survey(device(Machine(iperf3="hello\n"))).iperf3
    assert found.reason
    assert found.reason.startswith("The program 'iperf3' does not answer like iperf3 on dut.")


def test_a_device_without_proc() -> None:
    found = survey(device(Machine(look="system Linux\nuser \nscratch yes\n")))
    assert not found.servers
    assert "there is no /proc" in found.servers.reason
    assert found.daemon == Ability(False, found.servers.reason)
    assert found.user is None


def test_a_device_without_proc_where_a_program_may_tell() -> None:
    found = survey(device(Machine(look="system FreeBSD\nscratch yes\nasked sockstat\n")))
    assert found.servers.possible is None
    assert "whether sockstat tells who listens" in found.servers.reason
    assert found.daemon == found.servers


def test_a_device_where_nothing_may_be_written() -> None:
    found = survey(device(Machine(look="system Linux\nproc yes\n")))
    assert str(found.daemon) == "no: /tmp may not be written: give another directory as 'remote_directory='"
    assert found.servers


def test_a_device_that_runs_no_commands() -> None:
    connection = Machine()
    connection.runs_commands = False
    found = survey(device(connection))
    assert connection.processes == []
    assert not any([found.iperf3.available, found.servers, found.daemon, found.files])
    assert found.iperf2.reason == "commands cannot be run there: something else starts iperf"


def test_a_device_that_cannot_be_reached_is_an_error() -> None:
    with pytest.raises(DeviceError):
        survey(device(FakeConnection(behaves=lambda words: Script(exit_code=None, starts=False))))


def test_this_very_machine() -> None:
    found = survey(device(LocalConnection("here"), iperf3="no-such-iperf3", iperf2=""))
    assert found.servers.possible
    assert found.system
    assert found.system.startswith("Linux ")
    assert found.user


# -- what is told


def test_an_ability_is_true_where_it_is_possible() -> None:
    assert [bool(Ability(possible, "x")) for possible in (True, False, None)] == [True, False, False]
    assert str(Ability(None, "x")) == "not known: x"


EVIL = "<script>alert(1)</script>\x1b[0m]]>&"


def test_what_a_device_says_is_no_markup() -> None:
    tool = tool_capabilities("iperf3", EVIL, EVIL, f"Optional features available: {EVIL}, SCTP")
    ability = Ability(False, EVIL)
    html = as_html(Capabilities(EVIL, tool, missing("iperf2", EVIL, EVIL), ability, ability, ability, EVIL, EVIL))
    tree = ElementTree.fromstring(html)
    assert not [one for one in tree.iter() if one.tag == "script"]
    assert "\x1b" not in html
    assert "<script>alert(1)</script>" in "".join(tree.itertext())


class FakeLibrary(CapabilityKeywords):
    def get_iperf_device(self, name: Any) -> Device:
        assert name == "dut"
        return device(Machine(iperf2=""))


def test_the_keyword_shows_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(log, "markup", shown.append)
    monkeypatch.setattr(log, "info", shown.append)
    found = FakeLibrary().get_iperf_capabilities("dut")
    line, html = shown
    assert found.iperf3.version == "3.12"
    assert line.startswith("dut: iperf3 3.12, no iperf2 (The program 'iperf' was not found")
    text = " ".join(ElementTree.fromstring(html).itertext())
    for part in (
        "What dut can do",
        "Linux 6.1 mips",
        "sendfile / zerocopy",
        "it needs iperf3 3.19, and this is 3.12",
        "cannot be used: The program",
    ):
        assert part in text
    assert "no such option" not in text
