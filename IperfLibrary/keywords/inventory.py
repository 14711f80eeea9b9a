"""The keyword that adds all devices of an inventory."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from robot.api.deco import keyword
from robot.errors import DataError
from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError
from robot.variables import search_variable

from .. import log as logger
from ..errors import ConfigurationError
from ..signature import typed

if typing.TYPE_CHECKING:
    from ..inventory import Entry, Faults


class _Library(Protocol):
    """What the keyword needs of the library: to add a device, as a suite does, and to take it back."""

    def add_iperf_device(self, name: str, **arguments: Any) -> Any: ...

    def remove_iperf_device(self, name: Any) -> None: ...

    def _knows(self, name: str) -> bool: ...


class InventoryKeywords:
    """A lab in a file."""

    @keyword(tags=["Devices"])
    @typed
    def add_iperf_devices_from_file(self, path: Path) -> list[str]:
        """Names all machines that a file lists, in YAML, TOML or JSON (by its suffix), and returns their names; nothing is connected yet.

        So one suite runs in each lab: ``robot --variable LAB:other.yaml suite.robot``. A file is like this:

        | defaults:
        |   host_key: accept-new
        | devices:
        |   dut:
        |     connection: ssh://root@192.168.1.1
        |     role: node
        |     password: ${DUT_PASSWORD}
        |   pc:
        |     address: 192.168.1.2
        |     role: tpc

        Under ``devices`` each device has the arguments of `Add Iperf Device`, and what stands under ``defaults`` where it has none of its own.
        The order of the devices does not matter. A device that was added before, with the same arguments, is kept: each suite of a run may add the file.
        Variables (``${NAME}``, ``%{NAME}``) in values are replaced, ``${CURDIR}`` by the directory of the file; ``\\${`` is no variable. A
        ``password`` may be one of Robot's ``Secret`` variables; keep passwords out of the file.

        When anything is wrong in the file, no device is added, and the failure tells all of it, with lines. YAML needs
        ``pip install 'robotframework-iperflibrary[yaml]'``, TOML on Python 3.10 the same with ``[toml]``.

        Example:
        | ***** Settings *****
        | Library    IperfLibrary
        |
        | ***** Variables *****
        | ${LAB}    ${CURDIR}/lab.yaml
        |
        | ***** Test Cases *****
        | Throughput
        |     Add Iperf Devices From File    ${LAB}
        |     Start Iperf Server    pc
        |     Run Iperf Client    dut    server=pc
        """
        from ..inventory import read  # noqa: PLC0415 - once, in some suites

        library: _Library = typing.cast(Any, self)
        path = Path(path).expanduser()
        entries, faults = read(path, _arguments(library), lambda text: _expanded(text, path.absolute().parent))
        faults.check()
        added = _add(library, entries, faults)
        logger.info(f"Devices of {path.absolute()}: {', '.join(added) or 'none'}")
        return added


def _arguments(library: _Library) -> Mapping[str, Any]:
    """What a device takes beside its name, and the types."""
    parameters = inspect.signature(library.add_iperf_device).parameters
    return {name: parameter.annotation for name, parameter in parameters.items() if name != "name"}


def _add(library: _Library, entries: list[Entry], faults: Faults) -> list[str]:
    """Adds all devices, or none; returns their names in the order of the file."""
    added: list[str] = []
    new: list[str] = []
    failed: set[str | None] = set()
    try:
        for entry in entries:
            if entry.through in failed - {None}:  # it would only say that this one is not there
                failed.add(entry.name)
                continue
            try:
                known = library._knows(entry.name)
                library.add_iperf_device(entry.name, **entry.arguments)
                added.append(entry.name)
                new += [] if known else [entry.name]
            except ConfigurationError as problem:
                failed.add(entry.name)
                faults.add(entry.place, _told(problem))
        faults.check()
    except BaseException:
        for name in reversed(new):
            library.remove_iperf_device(name)
        raise
    return sorted(added, key=[entry.name for entry in sorted(entries, key=lambda one: one.place.key)].index)


def _told(problem: ConfigurationError) -> str:
    return " ".join(filter(None, [problem.what, problem.remedy and f"What to do: {problem.remedy}"]))


def _expanded(text: str, directory: Path) -> Any:
    """The text with Robot's variables; a value by itself, as Robot's ``Secret``, where the text is one variable and no more."""
    parts: list[Any] = []
    rest = text
    while found := _found(rest):
        parts += [_literal(found.before), _variable(found.match, directory)]
        rest = found.after
    parts.append(_literal(rest))
    parts = [part for part in parts if part != ""] or [""]
    if len(parts) == 1:
        value = parts[0]
        return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    if any(hasattr(part, "value") for part in parts):
        raise ValueError("has a secret inside a longer text: put all of it into the secret")
    return "".join(map(str, parts))


def _found(text: str) -> Any:
    try:
        return search_variable(text, identifiers="$%")
    except DataError:
        raise ValueError("has a variable that is not closed: put a \\ in front of what is none") from None


def _literal(text: str) -> str:
    return text.replace("\\${", "${").replace("\\%{", "%{")


def _variable(name: str, directory: Path) -> Any:
    from ..inventory import UnknownVariableError  # noqa: PLC0415

    if name == "${CURDIR}":
        return str(directory)
    try:
        return BuiltIn().replace_variables(name)
    except DataError as problem:
        raise UnknownVariableError(f"cannot be known: {problem.message}") from None
    except RobotNotRunningError:
        raise UnknownVariableError(
            f"cannot be known: {name} is a variable of Robot Framework, which does not run"
        ) from None
