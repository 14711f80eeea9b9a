"""Connections that others have written, found by their entry points; the example of the documentation is one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from IperfLibrary import connections
from IperfLibrary.connections import connect
from IperfLibrary.connections.local import LocalConnection
from IperfLibrary.errors import ConfigurationError, DeviceError
from IperfLibrary.secret import Password

DOCS = Path(__file__).parents[1] / "docs" / "connections.md"
PLAIN = "s3cr3t-W0rd"
GOOD = """
from IperfLibrary.connections.local import LocalConnection
class Acme(LocalConnection):
    pass
def from_url(where, url, **login):
    made = Acme(where)
    made.given = (url, login)
    return made
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place where distributions are installed; what is imported from it is forgotten."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)
    yield site
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(site)):
            del sys.modules[name]


def install(site: Path, module: str, code: str, name: str = "robot-acme", scheme: str = "acme", more: str = "") -> None:
    (site / f"{module}.py").write_text(code)
    info = site / f"{name.replace('-', '_')}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[iperflibrary.connections]\n{scheme} = {module}:from_url\n{more}")


def refused(url: str = "acme://x") -> ConfigurationError:
    with pytest.raises(ConfigurationError) as raised:
        connect("dut", url)
    return raised.value


def test_a_scheme_of_somebody_else(site: Path) -> None:
    install(site, "acme_one", GOOD)
    secret = Password("x")
    connection = connect("dut", "ACME://rack/7", password=secret, key_file=None)
    assert type(connection).__name__ == "Acme"
    assert connection.given == ("ACME://rack/7", {"password": secret, "key_file": None})  # type: ignore[attr-defined]
    assert connection.run(("echo", "works")).stdout == "works\n"


def test_the_name_of_a_scheme_has_no_case(site: Path) -> None:
    install(site, "acme_two", GOOD, scheme="Acme")
    assert connect("dut", "acme:").where == "dut"


def test_own_schemes_cannot_be_taken_over(site: Path) -> None:
    install(site, "acme_three", GOOD, scheme="local", more="ssh = acme_three:from_url\n")
    assert type(connect("dut", "local")) is LocalConnection
    assert type(connect("dut", "ssh://192.0.2.1")).__name__ == "SshConnection"


def test_own_schemes_ask_no_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections.plugins, "_points", None)
    connect("dut", "local")


def test_an_unknown_scheme_tells_all_that_there_are(site: Path) -> None:
    install(site, "acme_four", GOOD, more="LOCAL = acme_four:from_url\n")
    problem = refused("acne:")
    assert problem.what == "There is no connection 'acne' (for dut). Did you mean 'acme'?"
    assert problem.remedy.startswith("give one of: local, ssh://user@host:22")
    assert problem.remedy.endswith(", acme:...")


def test_each_own_scheme_is_told_as_it_is_written() -> None:
    for scheme, row in connections._SCHEMES.items():
        assert row.example.split(":")[0] == scheme
        assert row.example in refused("acne:").remedy


@pytest.mark.parametrize(
    ("module", "code", "told", "said"),
    [
        ("broken_a", "import no_such_module", "cannot be loaded", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("broken_b", "x = 1", "cannot be loaded", "AttributeError: module 'broken_b' has no attribute 'from_url'"),
        ("broken_c", "def from_url(where): pass", "failed", "TypeError: from_url() takes 1 positional argument"),
        ("broken_d", "def from_url(where, url, **login): return url", "gave str, which is no Connection", None),
        ("broken_e", "def from_url(where, url, **login): return 1 / 0", "failed", "ZeroDivisionError: division by zero"),
        ("broken_f", "from_url = 3", "failed", "TypeError: 'int' object is not callable"),
    ],
)  # fmt: skip
def test_a_broken_plug_in_says_where_it_comes_from(
    site: Path, module: str, code: str, told: str, said: str | None
) -> None:
    install(site, module, code)
    problem = refused()
    assert problem.what == f"The connection 'acme' of robot-acme 1.2 {told} (for dut)."
    assert f"({module}:from_url)" in problem.cause
    assert said is None or problem.said.startswith(said)


def test_the_frames_of_a_broken_plug_in_do_not_hang_on_its_error(site: Path) -> None:
    code = "def from_url(where, url, password, **login):\n    plain = password.reveal()\n    return 1 / 0"
    install(site, "acme_eight", code)
    with pytest.raises(ConfigurationError) as raised:
        connect("dut", "acme:", password=Password(PLAIN))
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    assert PLAIN not in "".join(shown.format())


def test_what_a_plug_in_refuses_is_told_in_its_own_words(site: Path) -> None:
    code = "from IperfLibrary.errors import DeviceError\ndef from_url(*args, **login): raise DeviceError('No rack.')"
    install(site, "acme_five", code)
    with pytest.raises(DeviceError, match=r"^No rack\.$"):
        connect("dut", "acme:")


def test_two_plug_ins_for_one_scheme(site: Path) -> None:
    install(site, "acme_six", GOOD)
    install(site, "acme_seven", GOOD, name="robot-acme-too")
    assert refused().what == (
        "The connection 'acme' is offered by more than one plug-in: robot-acme 1.2, robot-acme-too 1.2."
    )


# -- the example of the documentation

DOCKER = """#!/bin/sh
[ "$1" = exec ] && shift
[ "$1" = -i ] && { shift 2; exec "$@"; }
shift; exec "$@" </dev/null
"""
"""Containers that are this very machine."""


@pytest.fixture
def example(site: Path) -> Path:
    """The documentation's files in a directory, installed, with a program docker."""
    directory = site.parent
    files = re.findall(r"<!-- example: (\S+) -->\n```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert [name for name, _ in files] == ["iperf_docker.py", "test_iperf_docker.py"]
    install(site, "iperf_docker", files[0][1], name="iperf-docker", scheme="docker")
    (directory / "test_iperf_docker.py").write_text(files[1][1])
    (directory / "bin").mkdir()
    (directory / "bin" / "docker").write_text(DOCKER)
    (directory / "bin" / "docker").chmod(0o755)
    return directory


def test_the_example_of_the_documentation_keeps_the_contract(example: Path) -> None:
    paths = os.pathsep.join([str(example / "site"), str(Path(connections.__file__).parents[2])])
    environment = {**os.environ, "PATH": f"{example / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(example / "test_iperf_docker.py")],
        cwd=example,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"3\d passed", done.stdout), done.stdout


def test_the_example_refuses_what_it_cannot_honour(example: Path) -> None:
    with pytest.raises(ConfigurationError, match="takes no password="):
        connect("dut", "docker:x", password=Password("x"))
    assert refused("docker:").what == "The docker connection (for dut) is written 'docker:NAME'."


def test_the_documentation_has_the_entry_point_group_of_the_code() -> None:
    assert f'[project.entry-points."{connections.plugins.GROUP}"]' in DOCS.read_text()


@pytest.mark.parametrize("url", ["ssh:root@192.0.2.1", "SSH:dut", "telnet:root:x@dut", "ssh", "ssh:/dut"])
def test_an_address_without_its_slashes(url: str) -> None:
    problem = refused(url)
    name = url.split(":")[0].lower()
    assert problem.what == f"The address of dut lacks the // behind '{name}:'."
    assert problem.remedy.startswith(f"write it like {name}://user@host")
