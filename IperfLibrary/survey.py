"""Asks a device what it can do. A tool that is missing is an answer; a device that cannot be asked is an error.

Robot Framework is not known here.
"""

from __future__ import annotations

from .capabilities import Ability, Capabilities, ToolCapabilities, missing, tool_capabilities
from .connections.base import Connection
from .devices import Device
from .errors import DeviceError
from .probing import probe
from .tools import TOOLS
from .tools.base import Tool
from .tools.iperf2 import Iperf2
from .tools.iperf3 import Iperf3

# Of what is not there, nothing is said.
_LOOK = (
    'echo "system $(uname -srm 2>/dev/null)"; echo "user $(id -un 2>/dev/null)";'
    " [ -r /proc/self/net/tcp ] && [ -d /proc/self/fd ] && echo 'proc yes';"
    " for p in lsof sockstat fstat ss netstat; do"
    ' command -v $p >/dev/null 2>&1 && { echo "asked $p"; break; }; done;'
    ' [ -d "$1" ] && [ -w "$1" ] && [ -x "$1" ] && echo "scratch yes"; :'
)
_RECORDED = "those that were recorded"
_NO_SHELL = "no scripts can be run there: it is a fake device"
_NO_COMMANDS = "commands cannot be run there: something else starts iperf"


def survey(device: Device) -> Capabilities:
    """What the device can do. Raises DeviceError when it cannot be reached.

    Example: ``survey(device).iperf3.version``
    """
    if not device.connection.runs_commands:
        return _nothing(device)
    if not device.connection.has_shell:
        return _told_by_tools(device)
    scratch = device.connection.scratch
    facts = _facts(device.connection, scratch)
    tools = {name: _ask(device, tool) for name, tool in TOOLS.items()}
    servers = _servers(facts)
    return Capabilities(
        device.name,
        tools[Iperf3.name],
        tools[Iperf2.name],
        servers=servers,
        daemon=_daemon(servers, facts, scratch),
        files=Ability(True, device.connection.transfer()),
        system=facts.get("system") or None,
        user=facts.get("user") or None,
    )


def _told_by_tools(device: Device) -> Capabilities:
    tools = {name: _ask(device, tool) for name, tool in TOOLS.items()}
    no = Ability(False, _NO_SHELL)
    return Capabilities(
        device.name, tools[Iperf3.name], tools[Iperf2.name], servers=Ability(True, _RECORDED), daemon=no, files=no
    )


def _nothing(device: Device) -> Capabilities:
    tools = {name: missing(name, device.programs.get(name, ""), _NO_COMMANDS) for name in TOOLS}
    no = Ability(False, _NO_COMMANDS)
    return Capabilities(device.name, tools[Iperf3.name], tools[Iperf2.name], servers=no, daemon=no, files=no)


def _facts(connection: Connection, scratch: str) -> dict[str, str]:
    said = connection.run(("sh", "-c", _LOOK, "sh", scratch)).stdout
    return {name: text.strip() for name, _, text in (line.partition(" ") for line in said.splitlines())}


def _ask(device: Device, tool: Tool) -> ToolCapabilities:
    program = device.programs[tool.name]
    try:
        version = probe(device, tool)
    except DeviceError as problem:
        if problem.kind != "program":
            raise
        return missing(tool.name, program, " ".join(filter(None, [problem.what, _cause(problem)])))
    completed = device.connection.run(tool.version_words(program))
    said = completed.stdout + completed.stderr
    return tool_capabilities(tool.name, program, tool.version_of(said) or version, said)


def _cause(problem: DeviceError) -> str | None:
    return f"Probably {problem.cause}." if problem.cause else None


def _servers(facts: dict[str, str]) -> Ability:
    if "proc" in facts:
        return Ability(True, "/proc tells who listens")
    if "asked" in facts:
        return Ability(
            None, f"there is no /proc; whether {facts['asked']} tells who listens shows when a server is started"
        )
    return Ability(False, "there is no /proc, nor a program that tells who listens: let it be the client")


def _daemon(servers: Ability, facts: dict[str, str], scratch: str) -> Ability:
    if "scratch" not in facts:
        return Ability(False, f"{scratch} may not be written: give another directory as 'remote_directory='")
    return Ability(True, f"its files go to {scratch}") if servers else servers
