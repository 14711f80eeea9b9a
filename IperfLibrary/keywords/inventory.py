"""The keyword that adds all devices of an inventory."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from robot.api.deco import keyword
from robot.errors import DataError
from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError
from robot.variables import search_variable

from .. import log as logger
from ..connections import unused
from ..devices import Device
from ..errors import ConfigurationError
from ..signature import typed

if typing.TYPE_CHECKING:
    from ..inventory import Entry, Faults
    from .state import State


class _Library(Protocol):
    """What the keyword needs of the library: to add a device, as a suite does, and to take it back."""

    _state: State

    def add_iperf_device(self, name: str, **arguments: Any) -> Any: ...

    def remove_iperf_device(self, name: Any) -> None: ...

    def _made(self, name: str, **arguments: Any) -> Device: ...


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

        Under ``devices`` each device has the arguments of `Add Iperf Device`, and what stands under ``defaults`` where it has none of its own. What its connection
        does not take, like ``host_key`` of a ``local`` one, is left out of the defaults; what no device takes is told by a warning.
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
        from ..inventory_check import Check  # noqa: PLC0415

        library: _Library = typing.cast(Any, self)
        path = Path(path).expanduser()
        directory = path.absolute().parent
        entries, faults = read(path, _arguments(library), lambda text: _expanded(text, directory), _unused)
        Check(partial(_made, library), library._state.devices.alike, faults).all(entries)
        faults.check()
        added = _add(library, entries, faults)
        for one in faults.idle:
            logger.warn(f"No device of {path.name} takes {one} of its 'defaults'.")
        logger.info(f"Devices of {path.absolute()}: {', '.join(added) or 'none'}")
        return added


def _arguments(library: _Library) -> Mapping[str, Any]:
    """What a device takes beside its name, and the types."""
    parameters = inspect.signature(library.add_iperf_device).parameters
    return {name: parameter.annotation for name, parameter in parameters.items() if name != "name"}


def _unused(arguments: Mapping[str, Any]) -> set[str]:
    return unused("", str(arguments.get("connection") or "local"), set(arguments))


def _made(library: _Library, name: str, through: Any = None, **arguments: Any) -> Device:
    """What a device would be, as *Add Iperf Device* makes it; it is not added."""
    way = library._state.devices.get(through) if isinstance(through, str) else through
    return library._made(name, through=way, **arguments)


def _add(library: _Library, entries: list[Entry], faults: Faults) -> list[str]:
    """Adds all devices, or none; returns their names in the order of the file."""
    new: list[str] = []
    try:
        for entry in entries:
            known = library._state.devices.find(entry.name)
            _add_one(library, entry, faults)
            new += [] if known else [entry.name]
    except BaseException:
        for name in reversed(new):
            library.remove_iperf_device(name)
        raise
    return [entry.name for entry in sorted(entries, key=lambda one: one.place.key)]


def _add_one(library: _Library, entry: Entry, faults: Faults) -> None:
    """What only adding it shows, as that it cannot be reserved, is told with its line."""
    from ..inventory_check import sentence  # noqa: PLC0415

    try:
        library.add_iperf_device(entry.name, **entry.arguments)
    except ConfigurationError as problem:
        faults.add(entry.place, sentence(problem))
        faults.check()


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
