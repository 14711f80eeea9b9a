"""The inventory: devices from a file in three formats, and all that may be wrong in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from robot.errors import VariableError
from robot.libraries.BuiltIn import BuiltIn

from IperfLibrary.connections import connect
from IperfLibrary.devices import Device, Devices
from IperfLibrary.errors import ConfigurationError
from IperfLibrary.keywords.inventory import InventoryKeywords
from IperfLibrary.option_table import Words
from IperfLibrary.secret import Password
from IperfLibrary.signature import typed

PLAIN = "s3cr3t-W0rd"

YAML = """\
defaults:
  host_key: accept-new
devices:
  dut:
    connection: ssh://root@192.0.2.1
    role: node
  pc: {address: 192.0.2.2, role: tpc, host_key: ""}
"""
TOML = """\
[defaults]
host_key = "accept-new"

[devices.dut]
connection = "ssh://root@192.0.2.1"
role = "node"
[devices]
pc = { address = "192.0.2.2", role = "tpc", host_key = "" }
"""
JSON = json.dumps(yaml.safe_load(YAML), indent=2)
FILES = {"yaml": YAML, "yml": YAML, "YAML": YAML, "toml": TOML, "json": JSON}


class Secret:
    """As Robot's own is, from 7.4 on."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __str__(self) -> str:
        return "<secret>"


class FakeLibrary(InventoryKeywords):
    """Adds devices as the library does, and remembers with which arguments."""

    def __init__(self) -> None:
        self.devices = Devices()
        self._state: Any = SimpleNamespace(devices=self.devices)
        self.calls: dict[str, dict[str, Any]] = {}
        self.interrupt = ""

    @typed
    def add_iperf_device(
        self,
        name: str,
        connection: str = "local",
        *,
        address: str | None = None,
        role: str | None = None,
        password: Password | None = None,
        host_key: str | None = None,
        prefix: Words | None = None,
        through: Device | str | None = None,
        iperf2: str = "iperf",
        retry: int = 0,
        quick: bool = False,
    ) -> None:
        if name == self.interrupt:
            raise KeyboardInterrupt
        given = {key: value for key, value in locals().items() if key not in ("self", "name")}
        way = self.devices.get(str(through)) if through else None
        device = self._made(name, **{**given, "through": way})
        if not self.devices.alike(device):
            self.devices.add(device)
        self.calls[name] = given

    def _made(self, name: str, through: Device | None = None, **arguments: Any) -> Device:
        url = arguments.get("connection", "local")
        made = connect(name, url, host_key=arguments.get("host_key"))
        return Device(name, made, arguments.get("address"), arguments.get("role"), given=(url,))

    def remove_iperf_device(self, name: str) -> None:
        self.devices.remove(name)

    @property
    def names(self) -> list[str]:
        return [device.name for device in self.devices]


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary()


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Robot's variables, as a suite has them that runs."""
    known: dict[str, Any] = {}

    def replace(self: object, name: str) -> Any:
        if name not in known:
            raise VariableError(f"Variable '{name}' not found.")
        return known[name]

    monkeypatch.setattr(BuiltIn, "replace_variables", replace)
    return known


def add(library: FakeLibrary, directory: Path, text: str, suffix: str = "yaml") -> list[str]:
    path = directory / f"lab.{suffix}"
    path.write_text(text, encoding="utf-8")
    names: list[str] = library.add_iperf_devices_from_file(path)
    return names


def faults(library: FakeLibrary, directory: Path, text: str, suffix: str = "yaml") -> list[str]:
    """What is told of the file, without its path."""
    with pytest.raises(ConfigurationError) as raised:
        add(library, directory, text, suffix)
    assert library.names == []
    head, *rows = raised.value.what.split("\n")
    assert head.startswith(f"The inventory lab.{suffix} has ")
    return [row.removeprefix(f"  {directory}/lab.{suffix}:") for row in rows]


# -- what is taken


@pytest.mark.parametrize("suffix", FILES)
def test_the_devices_of_a_file(library: FakeLibrary, tmp_path: Path, suffix: str) -> None:
    assert sorted(add(library, tmp_path, FILES[suffix], suffix)) == ["dut", "pc"]
    dut, pc = library.devices.get("dut"), library.devices.get("pc")
    assert (dut.role, dut.connection.host) == ("node", "192.0.2.1")
    assert (pc.role, pc.address, pc.connection.host) == ("tpc", "192.0.2.2", "127.0.0.1")
    assert library.calls["dut"]["host_key"] == "accept-new"
    assert library.calls["pc"]["host_key"] == ""


def test_the_names_come_in_the_order_of_the_file(library: FakeLibrary, tmp_path: Path) -> None:
    assert add(library, tmp_path, "devices:\n  z: {through: a}\n  m: {}\n  a: {}\n") == ["z", "m", "a"]
    assert library.names == ["m", "a", "z"]


def test_a_device_is_reached_through_one_that_is_there_already(library: FakeLibrary, tmp_path: Path) -> None:
    library.add_iperf_device("gate")
    assert add(library, tmp_path, "devices:\n  dut: {through: gate}\n") == ["dut"]


def test_values_have_the_types_of_the_arguments(library: FakeLibrary, tmp_path: Path) -> None:
    text = "devices:\n  a: {prefix: [sudo, -n], quick: true, retry: 3, password: x}\n  b: {prefix: ip netns exec lab}\n"
    add(library, tmp_path, text)
    given = library.calls["a"]
    assert (given["prefix"], given["quick"], given["retry"]) == (("sudo", "-n"), True, 3)
    assert given["password"].reveal() == "x"
    assert library.calls["b"]["prefix"] == ("ip", "netns", "exec", "lab")


def test_anchors_and_merges_of_yaml(library: FakeLibrary, tmp_path: Path) -> None:
    text = "defaults: &all {role: node}\ndevices:\n  a: &a {<<: *all, address: 192.0.2.1}\n  b: {<<: *a, role: tpc}\n"
    add(library, tmp_path, text)
    assert [(d.role, d.address) for d in library.devices] == [("node", "192.0.2.1"), ("tpc", "192.0.2.1")]


def test_a_name_that_is_no_text(library: FakeLibrary, tmp_path: Path) -> None:
    text = "devices:\n  a: &a {role: node}\n  b: {<<: *a, ? [x, y] : 1}\n"
    assert faults(library, tmp_path, text) == ["3:17: a name is a text, not a list: write it in quotes"]


def test_lines_of_windows(library: FakeLibrary, tmp_path: Path) -> None:
    text = WRONG_TOML.replace("[devices]\ninline", "[extra]\ninline")
    assert faults(library, tmp_path, text.replace("\n", "\r\n"), "toml") == faults(library, tmp_path, text, "toml")
    assert faults(library, tmp_path, WRONG_JSON.replace("\n", "\r\n"), "json") == faults(
        library, tmp_path, WRONG_JSON, "json"
    )


def test_what_looks_like_a_table_inside_a_list(library: FakeLibrary, tmp_path: Path) -> None:
    text = '[devices.a]\nprefix = [\n["x", "y"],\n["z"],\n]\nrol = 1\n'
    assert faults(library, tmp_path, text, "toml") == [
        "2:1: 'prefix' is a text or a list of texts, not a list of other things",
        "6:1: 'rol' is nothing that a device takes. Did you mean 'role'?",
    ]


def test_a_byte_order_mark_is_none_of_the_text(library: FakeLibrary, tmp_path: Path) -> None:
    assert add(library, tmp_path, "\ufeff" + JSON, "json") == ["dut", "pc"]


# -- variables


def test_variables(library: FakeLibrary, tmp_path: Path, variables: dict[str, Any]) -> None:
    variables.update({"${HOST}": "192.0.2.7", "${PORT}": 2222, "%{ADDRESS}": "192.0.2.8", "${WORDS}": ["sudo", "-n"]})
    text = "devices:\n  dut: {connection: 'ssh://${HOST}:${PORT}', address: '%{ADDRESS}', prefix: '${WORDS}'}\n"
    add(library, tmp_path, text)
    given = library.calls["dut"]
    assert given["connection"] == "ssh://192.0.2.7:2222"
    assert given["address"] == "192.0.2.8"
    assert given["prefix"] == ("sudo", "-n")


def test_the_directory_of_the_file_is_a_variable(library: FakeLibrary, tmp_path: Path) -> None:
    add(library, tmp_path, "devices:\n  dut: {prefix: ['${CURDIR}/wrap']}\n")
    assert library.calls["dut"]["prefix"] == (f"{tmp_path}/wrap",)


@pytest.mark.parametrize("text", ["a\\b", "#1", "\\\\x", "100%", "$x", "*", "a{b}"])
def test_other_text_stays_as_it_is(library: FakeLibrary, tmp_path: Path, text: str) -> None:
    add(library, tmp_path, json.dumps({"devices": {"dut": {"password": text}}}), "json")
    assert library.calls["dut"]["password"].reveal() == text


def test_an_escaped_variable_is_none(library: FakeLibrary, tmp_path: Path) -> None:
    add(library, tmp_path, "devices:\n  dut: {password: '\\${a} \\%{b} \\c'}\n")
    assert library.calls["dut"]["password"].reveal() == "${a} %{b} \\c"


def test_a_secret_of_robot(library: FakeLibrary, tmp_path: Path, variables: dict[str, Any]) -> None:
    variables["${SECRET}"] = Secret(PLAIN)
    add(library, tmp_path, "devices:\n  dut: {password: '${SECRET}'}\n")
    assert isinstance(library.calls["dut"]["password"], Password)
    assert library.calls["dut"]["password"].reveal() == PLAIN


def test_a_secret_where_it_would_be_seen(library: FakeLibrary, tmp_path: Path, variables: dict[str, Any]) -> None:
    variables["${SECRET}"] = Secret(PLAIN)
    text = "devices:\n  a: {password: 'x${SECRET}'}\n  b: {address: '${SECRET}'}\n"
    assert faults(library, tmp_path, text) == [
        "2:7: 'password' has a secret inside a longer text: put all of it into the secret",
        "3:7: 'address' is a text, not a Secret",
    ]


def test_a_variable_that_is_not_there(library: FakeLibrary, tmp_path: Path, variables: dict[str, Any]) -> None:
    text = "devices:\n  a: {password: '${PW}', address: 'x${Y}'}\n  b: {role: '${open'}\n"
    assert faults(library, tmp_path, text) == [
        "2:7: 'password' cannot be known: Variable '${PW}' not found.",
        "2:26: 'address' cannot be known: Variable '${Y}' not found.",
        "3:7: 'role' has a variable that is not closed: put a \\ in front of what is none",
    ]


@pytest.mark.parametrize("text", [f"{PLAIN}${{x}}", f"%{{x}}${{{PLAIN}}}", f"${{ {PLAIN}!}}"])
def test_a_password_that_looks_like_a_variable_is_not_told(
    library: FakeLibrary, tmp_path: Path, variables: dict[str, Any], text: str
) -> None:
    (told,) = faults(library, tmp_path, json.dumps({"devices": {"dut": {"password": text}}}), "json")
    assert told.endswith("'password' has what looks like a variable and is none: put a \\ in front of it")


def test_nor_is_one_that_looks_like_an_open_variable(library: FakeLibrary, tmp_path: Path) -> None:
    (told,) = faults(library, tmp_path, json.dumps({"devices": {"dut": {"password": f"${{{PLAIN}"}}}), "json")
    assert told.endswith("'password' has a variable that is not closed: put a \\ in front of what is none")


def test_variables_without_robot(library: FakeLibrary, tmp_path: Path) -> None:
    (told,) = faults(library, tmp_path, "devices:\n  dut: {role: '${ROLE}'}\n")
    assert told.endswith("${ROLE} is a variable of Robot Framework, which does not run")


# -- what is wrong in it

WRONG_YAML = """\
device: {}
defaults:
  host_kye: ignore
devices:
  dut:
    rol: node
    role: 1
    address: 192.0.2.1
    address: 192.0.2.2
    iperf2:
  on: {}
  pc: text
  pc: {}
"""
WRONG_TOML = """\
device = 0
text = '''
devices = 1
'''
[defaults]
host_kye = "ignore"
[devices]
pc = "text"
[devices.dut]
rol = "node"
"role" = 1
  prefix = [
    1,
  ]
[devices.x]
"ro.le" = ""
[devices.y]
a . b = 1
[devices]
inline = { rol = "node" }
"""
WRONG_JSON = """\
{"device": "de\\"vices: {",
 "defaults": {"host_kye": "ignore"}, "devices": {
  "dut": {"rol": "node", "role": 1, "prefix": [{"a": 1}],
    "address": "192.0.2.1", "address": "192.0.2.2", "iperf2": null},
  "pc": "text", "pc": {}}}
"""


def test_all_faults_of_a_yaml_file_are_told_with_their_places(library: FakeLibrary, tmp_path: Path) -> None:
    assert faults(library, tmp_path, WRONG_YAML) == [
        "1:1: 'device' is nothing that the file takes. Did you mean 'devices'?",
        "3:3: 'host_kye' is nothing that a device takes. Did you mean 'host_key'?",
        "6:5: 'rol' is nothing that a device takes. Did you mean 'role'?",
        "7:5: 'role' is a text, not a number: write it in quotes",
        "9:5: 'address' is there twice, first in line 8",
        "10:5: 'iperf2' has no value: leave it out, or write \"\" for an empty text",
        "11:3: a name is a text, not true or false: write it in quotes",
        "12:3: 'pc' holds names with their values, not a text",
        "13:3: 'pc' is there twice, first in line 12",
    ]


def test_all_faults_of_a_toml_file_are_told_with_their_lines(library: FakeLibrary, tmp_path: Path) -> None:
    assert faults(library, tmp_path, WRONG_TOML.replace("[devices]\ninline", "[extra]\ninline"), "toml") == [
        "1:1: 'device' is nothing that the file takes. Did you mean 'devices'?",
        "2:1: 'text' is nothing that the file takes.",
        "6:1: 'host_kye' is nothing that a device takes. Did you mean 'host_key'?",
        "8:1: 'pc' holds names with their values, not a text",
        "10:1: 'rol' is nothing that a device takes. Did you mean 'role'?",
        "11:1: 'role' is a text, not a number: write it in quotes",
        "12:3: 'prefix' is a text or a list of texts, not a list of other things",
        "16:1: 'ro.le' is nothing that a device takes. Did you mean 'role'?",
        "18:1: 'a' is nothing that a device takes.",
        "19:2: 'extra' is nothing that the file takes.",
    ]


def test_a_fault_inside_a_table_of_one_line(library: FakeLibrary, tmp_path: Path) -> None:
    assert faults(library, tmp_path, '[devices]\npc = {}\ndut = { rol = "node" }\n', "toml") == [
        "3: 'rol' is nothing that a device takes. Did you mean 'role'?"
    ]


def test_all_faults_of_a_json_file_are_told_with_their_places(library: FakeLibrary, tmp_path: Path) -> None:
    assert faults(library, tmp_path, WRONG_JSON, "json") == [
        "1:2: 'device' is nothing that the file takes. Did you mean 'devices'?",
        "2:15: 'host_kye' is nothing that a device takes. Did you mean 'host_key'?",
        "3:11: 'rol' is nothing that a device takes. Did you mean 'role'?",
        "3:26: 'role' is a text, not a number: write it in quotes",
        "3:37: 'prefix' is a text or a list of texts, not a list of other things",
        "4:29: 'address' is there twice, first in line 4",
        "4:53: 'iperf2' has no value: leave it out, or write \"\" for an empty text",
        "5:3: 'pc' holds names with their values, not a text",
        "5:17: 'pc' is there twice, first in line 5",
    ]


def test_what_is_taken_is_told(library: FakeLibrary, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        add(library, tmp_path, WRONG_YAML)
    takes = "connection, address, role, password, host_key, prefix, through, iperf2, retry, quick"
    assert raised.value.remedy == f"the file takes: defaults, devices; a device takes: {takes}"


def test_a_fault_of_the_defaults_is_told_once(library: FakeLibrary, tmp_path: Path) -> None:
    text = "defaults: {role: 1}\ndevices: {a: {}, b: {}}\n"
    assert faults(library, tmp_path, text) == ["1:12: 'role' is a text, not a number: write it in quotes"]


def test_devices_that_the_library_refuses_are_told_together(library: FakeLibrary, tmp_path: Path) -> None:
    text = "devices:\n  a: {role: boss}\n  b: {}\n  c: {connection: shh://x}\n  d: {through: e}\n  f: {through: a}\n"
    told = faults(library, tmp_path, text)
    assert [row.split(".")[0] for row in told] == [
        "2:7: The role of a is 'node', 'tpc' or none, not 'boss'",
        "4:7: There is no connection 'shh' (for c)",
        "5:7: There is no device 'e'",
    ]


def test_a_file_that_was_added_before(library: FakeLibrary, tmp_path: Path) -> None:
    """Each suite of a run may do so; and what is wrong with one file takes away nothing that was there before."""
    assert add(library, tmp_path, YAML) == add(library, tmp_path, YAML) == library.names
    with pytest.raises(ConfigurationError):
        add(library, tmp_path, YAML + "  wrong: {role: boss}\n")
    assert len(library.names) > 1


def test_a_name_that_is_taken(library: FakeLibrary, tmp_path: Path) -> None:
    library.add_iperf_device("pc", "ssh://pc")
    with pytest.raises(ConfigurationError, match=r"lab\.yaml:7:3: There is a device 'pc' already"):
        add(library, tmp_path, YAML)
    assert library.names == ["pc"]


def test_a_circle(library: FakeLibrary, tmp_path: Path) -> None:
    text = "devices:\n  a: {through: b}\n  b: {through: a}\n  c: {}\n  d: {through: d}\n"
    assert [row.split(" is ")[0] for row in faults(library, tmp_path, text)] == ["2:3: 'a'", "3:3: 'b'", "5:3: 'd'"]


def test_an_interruption_leaves_no_device(library: FakeLibrary, tmp_path: Path) -> None:
    library.interrupt = "pc"
    with pytest.raises(KeyboardInterrupt):
        add(library, tmp_path, YAML)
    assert library.names == []


@pytest.mark.parametrize(
    ("suffix", "text", "told"),
    [
        ("yaml", "", "1: the file holds names with their values, not nothing"),
        ("yaml", "- a\n- b\n", "1: the file holds names with their values, not a list"),
        ("yaml", "defaults: {}\n", "1: it has no 'devices'"),
        ("yaml", "devices:\n  a: [\n", "3:1: it is no YAML: expected the node content, but found '<stream end>'"),
        ("yaml", "a: 1\n\tb: 2\n", "2:1: it is no YAML: there is a tab: indent with spaces"),
        ("yaml", "a: \x07\n", "1: it is no YAML: special characters are not allowed"),
        ("yaml", "devices: &a\n  x: *a\n", "1:10: it holds itself"),
        ("yaml", "devices: {}\n---\ndevices: {}\n", "2:1: it is no YAML: but found another document"),
        ("yaml", "d: 2020-99-99\n", "1:4: a value is not what it looks like: write it in quotes"),
        ("yaml", "d: !!python/name:os.system ''\n", "1:4: it is no YAML: could not determine"),
        ("yaml", "[" * 5000, "1: it is nested too deeply"),
        ("json", "{\n  'a': 1}", "2:3: it is no JSON: expecting property name"),
        ("json", '{"devices": {}} x', "1:17: it is no JSON: extra data"),
        ("json", "[" * 100_000, "1: it is nested too deeply"),
        ("json", '{"a": ' + "1" * 5000 + "}", "1: it is no JSON: a number has too many digits"),
        ("toml", "[devices]\na = \n", "2:5: it is no TOML: invalid value"),
        ("toml", "[devices]\n[devices]\n", "2:9: it is no TOML: cannot declare ('...',) twice"),
        ("toml", "devices = {", "1: it is no TOML: "),
    ],
)
def test_a_file_that_is_no_inventory(library: FakeLibrary, tmp_path: Path, suffix: str, text: str, told: str) -> None:
    (row,) = faults(library, tmp_path, text, suffix)
    assert row.startswith(told)


@pytest.mark.parametrize(
    "value", [f"*{PLAIN}", f"!{PLAIN} x", f"&x *{PLAIN}", f'"{PLAIN}', f"%{PLAIN}", f"@{PLAIN}", f"{{{PLAIN}"]
)
def test_a_password_that_is_no_yaml_is_not_told(library: FakeLibrary, tmp_path: Path, value: str) -> None:
    (row,) = faults(library, tmp_path, f"devices:\n  dut:\n    password: {value}\n    role: node\n")
    assert "it is no YAML" in row or "holds" in row or "not a table" in row
    assert PLAIN not in row


def test_a_text_that_is_no_utf_8(library: FakeLibrary, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_bytes(b"devices:\n  dut: {}\n  b\xfc: {}\n")
    with pytest.raises(ConfigurationError, match=r"lab\.yaml:3: it is not UTF-8"):
        library.add_iperf_devices_from_file(tmp_path / "lab.yaml")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lab.ini", "The inventory lab.ini has a suffix that tells no format.\n.*name it .yaml, .yml, .toml, .json"),
        ("no.yaml", "no.yaml cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read(library: FakeLibrary, tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        library.add_iperf_devices_from_file(tmp_path / name)


def test_a_file_that_is_far_too_large(library: FakeLibrary, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is larger than 1,048,576 bytes"):
        add(library, tmp_path, "#" * 2_000_000)


@pytest.mark.parametrize(
    ("suffix", "module", "extra"), [("yaml", "yaml", "yaml"), ("toml", "tomllib", "toml"), ("toml", "tomli", "toml")]
)
def test_what_is_not_installed_is_told_with_its_extra(
    library: FakeLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, module: str, extra: str
) -> None:
    if module == ("tomli" if sys.version_info >= (3, 11) else "tomllib"):
        pytest.skip("another Python takes this one")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError, match=rf"pip install 'robotframework-iperflibrary\[{extra}\]'"):
        add(library, tmp_path, FILES[suffix], suffix)


def test_aliases_without_end_cost_nothing(library: FakeLibrary, tmp_path: Path) -> None:
    rows = ["a0: &a0 [x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 60))]
    assert len(faults(library, tmp_path, "\n".join(rows) + "\ndevices: {}\n")) == 60
