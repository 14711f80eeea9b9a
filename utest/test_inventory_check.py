"""Inventories as the library itself takes them: what of the defaults a device takes, all faults at once, and each inventory that is shipped."""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
from robot.libraries.BuiltIn import BuiltIn

from IperfLibrary import IperfLibrary
from IperfLibrary.connections import _SCHEMES, THROUGH, _make, connect, unused
from IperfLibrary.connections.arguments import LOG_IN, taken_by
from IperfLibrary.errors import ConfigurationError
from IperfLibrary.secret import Password

from .documents import ROOT, examples
from .test_plugins import install, site

__all__ = ["site"]


@pytest.fixture
def library(tmp_path: Path) -> IperfLibrary:
    return IperfLibrary(directory=tmp_path)


def add(library: IperfLibrary, directory: Path, text: str) -> list[str]:
    path = directory / "lab.yaml"
    path.write_text(text, encoding="utf-8")
    names: list[str] = library.add_iperf_devices_from_file(path)
    return names


def faults(library: IperfLibrary, directory: Path, text: str) -> list[str]:
    """What is told of the file, without its path."""
    with pytest.raises(ConfigurationError) as raised:
        add(library, directory, text)
    assert list(library._state.devices) == []
    _, *rows = raised.value.what.split("\n")
    return [row.removeprefix(f"  {directory}/lab.yaml:") for row in rows]


# -- what is shipped


def _shipped() -> Iterator[Any]:
    for path in sorted((ROOT / "examples").rglob("*.yaml")):
        if re.search(r"^devices:", path.read_text("utf-8"), re.MULTILINE):
            yield pytest.param(path.read_text("utf-8"), id=path.name)
    for one in examples():
        if one.language == "yaml" and re.search(r"^devices:", one.text, re.MULTILINE):
            yield pytest.param(one.text, id=one.place)
    doc = inspect.getdoc(IperfLibrary.add_iperf_devices_from_file) or ""
    rows = re.findall(r"^\| ((?:defaults|devices):|  .*)$", doc.partition("Example:")[0], re.MULTILINE)
    yield pytest.param("\n".join(rows), id="keyword documentation")


SHIPPED = list(_shipped())


def test_there_are_inventories_in_all_places() -> None:
    names = [str(param.id) for param in SHIPPED]
    for place in ("lab.yaml", "wifi.yaml", "README.md", "docs/guide/lab.md", "keyword documentation"):
        assert any(name.startswith(place) for name in names), place


@pytest.mark.parametrize("text", SHIPPED)
def test_every_shipped_inventory_is_one(
    library: IperfLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(BuiltIn, "replace_variables", lambda self, name: "s3cr3t")
    names = add(library, tmp_path, text)
    assert names
    assert {name: library.get_iperf_device(name).name for name in names} == {name: name for name in names}
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


# -- defaults


def test_what_a_device_does_not_take_is_left_out_of_the_defaults(library: IperfLibrary, tmp_path: Path) -> None:
    text = (
        "defaults: {host_key: ignore, password: x, role: node, through: gate}\n"
        "devices:\n"
        "  inner: {connection: 'ssh://inner'}\n"
        "  gate: {connection: 'ssh://gate'}\n"
        "  pc: {role: tpc}\n"
        "  box: {connection: 'telnet://box'}\n"
        "  phone: {connection: 'adb:'}\n"
        "  app: {connection: 'dummy:192.0.2.9'}\n"
    )
    assert add(library, tmp_path, text) == ["inner", "gate", "pc", "box", "phone", "app"]
    ways = {device.name: device.connection.through for device in library._state.devices}
    gate = library.get_iperf_device("gate").connection
    assert ways["inner"] is gate
    assert ways["phone"] is gate
    assert (ways["gate"], ways["box"], ways["app"]) == (None, None, None)
    assert {name: "ignore" in library.get_iperf_device(name).given for name in ("inner", "gate", "pc", "box")} == {
        "inner": True,
        "gate": True,
        "pc": False,
        "box": False,
    }


def test_an_argument_of_its_own_is_a_fault(library: IperfLibrary, tmp_path: Path) -> None:
    text = "defaults: {host_key: ignore}\ndevices:\n  pc: {host_key: check}\n  dut: {connection: 'ssh://dut'}\n"
    assert faults(library, tmp_path, text) == ["3:8: The local connection (for pc) takes no host_key=."]


def test_a_default_that_no_device_takes_is_told(
    library: IperfLibrary, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add(library, tmp_path, "defaults:\n  role: node\n  host_key: ignore\ndevices:\n  a: {}\n  b: {role: tpc}\n")
    assert "No device of lab.yaml takes 'host_key' (line 3) of its 'defaults'." in caplog.text
    assert "'role'" not in caplog.text


@pytest.mark.parametrize("scheme", _SCHEMES)
def test_what_a_connection_says_that_it_takes_is_so(scheme: str) -> None:
    """It refuses the rest, in words of its own, and nothing of what it says."""
    url = _SCHEMES[scheme].example
    left = unused("dut", url, LOG_IN)
    for name in left:
        with pytest.raises(ConfigurationError, match=f"takes no {name}="):
            connect("dut", url, **{name: "check"})  # type: ignore[arg-type]
    assert left == set(LOG_IN) - set(taken_by(_make(_SCHEMES[scheme].module)))
    assert unused("dut", url, [THROUGH]) == (set() if _SCHEMES[scheme].through else {THROUGH})


def test_a_plug_in_says_what_it_takes(site: Path, library: IperfLibrary, tmp_path: Path) -> None:
    code = (
        "from IperfLibrary.connections.arguments import takes\n"
        "from IperfLibrary.connections.local import LocalConnection\n"
        "@takes('password', refusal='{where} takes no {name}=: it is acme.')\n"
        "def from_url(where, url, **login):\n"
        "    made = LocalConnection(where)\n"
        "    made.login = login\n"
        "    return made\n"
    )
    install(site, "acme_takes", code)
    add(library, tmp_path, "defaults: {host_key: ignore, password: x}\ndevices:\n  a: {connection: 'acme:'}\n")
    login = library.get_iperf_device("a").connection.login
    assert (login["host_key"], login["password"].reveal()) == (None, "x")
    with pytest.raises(ConfigurationError, match=r"^dut takes no key_file=: it is acme\.$"):
        connect("dut", "acme:", password=Password("x"), key_file="k")


def test_a_plug_in_that_says_nothing_is_given_all(site: Path, library: IperfLibrary, tmp_path: Path) -> None:
    code = (
        "from IperfLibrary.errors import ConfigurationError\n"
        "from IperfLibrary.connections.local import LocalConnection\n"
        "def from_url(where, url, **login):\n"
        "    if login['host_key']: raise ConfigurationError('no host_key')\n"
        "    return LocalConnection(where)\n"
    )
    install(site, "acme_silent", code)
    text = "defaults: {host_key: ignore}\ndevices: {a: {connection: 'acme:'}}\n"
    assert faults(library, tmp_path, text) == ["1:12: no host_key"]


# -- all faults at once


def test_a_password_that_does_not_open_its_key_is_one_fault(library: IperfLibrary, tmp_path: Path) -> None:
    key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(tmp_path / "key"), password="right")
    text = (
        f"devices:\n  a:\n    connection: ssh://a\n    password: wrong\n    key_file: {tmp_path}/key\n    role: nod\n"
    )
    first, second = faults(library, tmp_path, text)
    assert first.startswith("5:5: The key file ")
    assert second.startswith("6:5: The role of a ")


def test_independent_faults_are_told_together(library: IperfLibrary, tmp_path: Path) -> None:
    text = (
        "defaults: {wait: soon}\n"
        "devices:\n"
        "  a: {conection: 'ssh://a', role: nod, host_key: ignore}\n"
        "  b: {connection: 'ssh://b', password: 1, through: nowhere, key_file: /no/such}\n"
        "  c: {connection: 'shh://c', role: boss, password: x, address: -x}\n"
        "  d: {connection: 'ssh://d', host_key: sure, through: c, role: peer}\n"
        "  e: {connection: 'ssh://e', key_file: /no/such}\n"
    )
    told = faults(library, tmp_path, text)
    assert [row.split("What to do")[0].strip().split(": ", 1) for row in told] == [
        ["1:12", "'soon' is no duration: Invalid time string 'soon'."],
        ["3:7", "'conection' is nothing that a device takes. Did you mean 'connection'?"],
        ["3:29", "The role of a is 'node', 'tpc' or none, not 'nod'."],
        ["4:30", "'password' is a text, not a number: write it in quotes"],
        ["4:43", "There is no device 'nowhere'."],
        ["5:7", "There is no connection 'shh' (for c). Did you mean 'ssh'?"],
        ["5:30", "The role of c is 'node', 'tpc' or none, not 'boss'."],
        ["5:55", "'-x' is no address for c."],
        ["6:30", "host_key is one of check, accept-new, ignore, not 'sure'."],
        ["6:58", "The role of d is 'node', 'tpc' or none, not 'peer'."],
        ["7:30", "The key file /no/such cannot be read: No such file or directory."],
    ]


def test_a_fault_of_the_defaults_is_told_once_for_all_devices(library: IperfLibrary, tmp_path: Path) -> None:
    text = "defaults: {role: boss}\ndevices: {a: {}, b: {}, c: {role: nod}}\n"
    told = faults(library, tmp_path, text)
    assert [row.partition(":")[0] + row.partition("not")[2] for row in told] == ["1 'boss'.", "2 'nod'."]


def test_a_device_that_is_there_already_is_told_with_the_rest(library: IperfLibrary, tmp_path: Path) -> None:
    library.add_iperf_device("a", "ssh://other")
    path = tmp_path / "lab.yaml"
    path.write_text("devices:\n  a: {connection: 'ssh://a'}\n  b: {role: nod}\n")
    with pytest.raises(ConfigurationError) as raised:
        library.add_iperf_devices_from_file(path)
    assert "2:3: There is a device 'a' already" in raised.value.what
    assert "3:7: The role of b" in raised.value.what


def test_devices_in_a_circle_may_have_other_faults(library: IperfLibrary, tmp_path: Path) -> None:
    text = "devices:\n  a: {connection: 'ssh://a', through: b, role: nod}\n  b: {connection: 'ssh://b', through: a}\n"
    assert [row.split(" ")[0] for row in faults(library, tmp_path, text)] == ["2:3:", "2:42:", "3:3:"]


def test_a_file_with_ways_may_be_added_again(library: IperfLibrary, tmp_path: Path) -> None:
    text = "devices:\n  a: {connection: 'ssh://a', through: b}\n  b: {connection: 'ssh://b'}\n"
    assert add(library, tmp_path, text) == add(library, tmp_path, text) == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("%{DUT_PASSWORD}", "found character '%' that cannot start any token: write the value in quotes"),
        ("@x", "found character '@' that cannot start any token: write the value in quotes"),
        ("\n\t\tx: 1", "there is a tab: indent with spaces"),
    ],
)
def test_what_yaml_has_for_itself_is_told_with_the_cure(
    library: IperfLibrary, tmp_path: Path, value: str, told: str
) -> None:
    (row,) = faults(library, tmp_path, f"devices:\n  dut:\n    password: {value}\n")
    assert row.endswith(f"it is no YAML: {told}")
