"""Which iperf a device has: asked once for each, and which tool two devices have in common.

Robot Framework is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence

from .connections.base import Completed
from .devices import Device
from .errors import ConfigurationError, DeviceError
from .tools import TOOLS
from .tools.base import Tool


def probe(device: Device, tool: Tool) -> str:
    """The version of the tool on the device, asked once. Raises DeviceError when the program is not there."""
    if tool.name not in device.versions:
        program = device.programs[tool.name]
        if not program:
            raise DeviceError(f"{device} has no {tool.name}, as Add Iperf Device says.", kind="program")
        completed = device.connection.run(tool.version_words(program))
        version = tool.version_of(completed.stdout + completed.stderr)
        if version is None:
            raise _no_program(device, tool, program, completed)
        device.versions[tool.name] = version
    return device.versions[tool.name]


def has(device: Device, tool: Tool) -> bool:
    """Whether the device has the tool. Raises DeviceError when it cannot be asked, or has not the program that was named."""
    if not device.programs[tool.name]:
        return False
    try:
        return bool(probe(device, tool))
    except DeviceError as error:
        if error.kind != "program" or device.programs[tool.name] != tool.program:
            raise
        return False


def choose(wanted: str, devices: Sequence[Device]) -> Tool:
    """The tool that was asked for; with ``auto``, the first that all these devices have."""
    if wanted in TOOLS:
        return TOOLS[wanted]
    if wanted != "auto":
        raise ConfigurationError(f"A tool is one of auto, {', '.join(TOOLS)}, not '{wanted}'.")
    # A device that runs no commands cannot be asked; it has what the others use.
    devices = [device for device in devices if device.connection.runs_commands] or devices
    for tool in TOOLS.values():
        if all(has(device, tool) for device in devices):
            return tool
    if len(devices) == 1:
        probe(devices[0], next(iter(TOOLS.values())))
    found = "; ".join(f"{d.name} has {_versions(d)}" for d in devices)
    raise DeviceError(
        "There is no iperf that these devices have both.",
        kind="program",
        cause=found,
        remedy="install the same on both, or say where it is with 'iperf3=' or 'iperf2=' of Add Iperf Device",
    )


def _versions(device: Device) -> str:
    return " and ".join(f"{tool} {version}" for tool, version in device.versions.items()) or "none"


def _no_program(device: Device, tool: Tool, program: str, completed: Completed) -> DeviceError:
    what, cause = {
        127: (
            "was not found",
            "it is not installed, or not in the PATH of that log-in (which is short without a terminal)",
        ),
        126: ("cannot be executed", "it has no execute permission, or was built for another processor"),
    }.get(
        completed.exit_code,
        (
            f"does not answer like {tool.name}",
            f"it is another program, or a wrapper that fails before it gets to {tool.name}",
        ),
    )
    if completed.exit_code == 127 and "/" in program:
        cause = "there is no such file, or what loads it is missing: it was built for another C library, or its #! names nothing"
    return DeviceError(
        f"The program '{program}' {what} on {device}.",
        kind="program",
        device=device.name,
        said=(completed.stdout + completed.stderr).strip()[-500:],
        exit_code=completed.exit_code,
        cause=cause,
        remedy=f"install it, or say where it is: Add Iperf Device    {device}    ...    {tool.name}=/path/to/{tool.name}",
    )
