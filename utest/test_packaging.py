"""What the package says of itself: one version, what it needs, and which extra brings what is not there."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from robot.libdoc import LibraryDocumentation

import IperfLibrary as package
from IperfLibrary import inventory_formats, searching
from IperfLibrary.connections import serial_line, sshlibrary
from IperfLibrary.errors import ConfigurationError

from .test_layers import modules, outside_imports

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = inventory_formats._toml().loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
FOR_DEVELOPERS = {"test", "dev", "bench"}

# Where the name of what is imported is not that of what is installed.
DISTRIBUTIONS = {
    "robot": "robotframework",
    "assertionengine": "robotframework-assertion-engine",
    "serial": "pyserial",
    "yaml": "PyYAML",
    "cryptography": "paramiko",  # paramiko cannot be without it
}


def name_of(requirement: str) -> str:
    found = re.match(r"[\w-]+", requirement)
    assert found
    return found[0].lower()


def test_one_version() -> None:
    texts = {name for name, text in modules().items() if package.__version__ in text}
    assert texts == {"version"}
    assert package.__version__ not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_keyword_documentation_has_it() -> None:
    assert LibraryDocumentation("IperfLibrary").version == package.__version__


def test_what_is_imported_is_declared() -> None:
    tops = {name.split(".")[0] for module, text in modules().items() for name in outside_imports(text, module)}
    foreign = tops - set(sys.stdlib_module_names) - {"tomllib"}
    declared = {name_of(one) for one in PROJECT["dependencies"]}
    declared |= {
        name_of(one)
        for extra, ones in PROJECT["optional-dependencies"].items()
        if extra not in FOR_DEVELOPERS
        for one in ones
    }
    assert {DISTRIBUTIONS.get(name, name).lower() for name in foreign} <= declared


def test_no_pins() -> None:
    ranges = [*PROJECT["dependencies"], *(one for ones in PROJECT["optional-dependencies"].values() for one in ones)]
    assert not [one for one in ranges if "==" in one]
    assert all("<" in one for one in PROJECT["dependencies"])


def _sshlibrary() -> Any:
    return sshlibrary.from_url("dut", "sshlibrary:", libraries=dict).run(("true",))


LACKING: dict[str, tuple[str, Callable[[], Any]]] = {
    "yaml": ("yaml", lambda: inventory_formats.read_yaml("a: b")),
    "toml": ("tomli" if sys.version_info < (3, 11) else "tomllib", lambda: inventory_formats.read_toml("a = 1")),
    "console": ("serial", serial_line._pyserial),
    "search": ("MLRsearch", searching._mlrsearch),
    "sshlibrary": ("SSHLibrary", _sshlibrary),
}
"""By extra: the module that is not there, and what needs it."""


@pytest.mark.parametrize("extra", LACKING)
def test_what_is_not_there_is_told_with_its_extra(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, use = LACKING[extra]
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError) as raised:
        use()
    assert f"pip install 'robotframework-iperflibrary[{extra}]'" in str(raised.value)


def test_every_extra_is_told_of() -> None:
    assert set(LACKING) == set(PROJECT["optional-dependencies"]) - FOR_DEVELOPERS
    named = {
        extra for text in modules().values() for extra in re.findall(r"robotframework-iperflibrary\[(\w+)\]", text)
    }
    assert named <= set(LACKING)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{extra}`" in readme for extra in LACKING)


def test_python_versions_are_those_that_are_tried() -> None:
    told = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    lowest = PROJECT["requires-python"].removeprefix(">=")
    assert told[0] == lowest
    tried = (ROOT / "scripts" / "crosscheck").read_text(encoding="utf-8")
    assert all(f" {version}" in tried or version == "3.11" for version in told)  # 3.11 is that of the lanes
