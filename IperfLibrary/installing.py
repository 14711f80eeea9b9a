"""A device's own iperf is missing or too old: one is brought along, tried there, used, and removed in the end.

Robot Framework is not known here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .connections.base import Completed
from .devices import Device
from .errors import ConfigurationError, DeviceError, nearest
from .probing import probe
from .tools import TOOLS
from .tools.base import Tool

MARK = "iperflibrary"

_ROOM = 'df -Pk "$1" 2>/dev/null | while read -r a b c free rest; do echo "$free"; done'
_SUM = (
    'for t in sha256sum "shasum -a 256" md5sum cksum; do'
    ' command -v ${t%% *} >/dev/null 2>&1 && echo "${t%% *} $($t <"$1")" && exit; done; :'
)
_RUNNABLE = 'chmod 700 "$1"'
# A program that cannot be executed, in a directory where a script can be, is itself the reason.
_NO_EXEC = 'set -C; printf "#!/bin/sh\\nexit 7\\n" >"$1" && chmod 700 "$1" && { "$1"; c=$?; rm -f "$1"; [ $c = 126 ]; }'

_MACHINES = {
    3: "x86",
    8: "MIPS",
    20: "PowerPC",
    40: "ARM",
    62: "x86-64",
    183: "ARM 64",
    243: "RISC-V",
    258: "LoongArch",
}


@dataclass(frozen=True)
class Installed:
    """A program that was brought along: ``path`` on the device, its ``version``, and how it was ``checked`` there."""

    device: Device
    tool: Tool
    path: str
    version: str
    checked: str
    before: str
    """The program that was used until then."""

    def remove(self) -> None:
        """Removes it from the device, which uses again what it used before; harmless when it was done. Raises DeviceError."""
        self.forget()
        _remove(self.device, self.path)

    def forget(self) -> None:
        """The device uses again what it used before; the file stays, as on a device that no longer answers."""
        if self.device.programs.get(self.tool.name) == self.path:
            _use(self.device, self.tool, self.before)

    def __str__(self) -> str:
        return f"{self.tool.name} {self.version} on {self.device}: {self.path} ({self.checked})"


def install(device: Device, path: Path, tool: str | None = None, directory: str | None = None) -> Installed:
    """Brings the program of that file to the device, which uses it from now on until :meth:`Installed.remove`.

    ``tool`` is ``iperf3`` or ``iperf2``; without it the name of the file tells. Raises ConfigurationError and DeviceError;
    nothing of it is on the device then, and the device uses what it used before.

    Example: ``install(dut, Path("builds/iperf3-mips"), directory="/var/tmp")``
    """
    the_tool, data = _tool(path, tool), _read(path)
    there = _new_name(directory or device.connection.scratch, the_tool)
    _check_room(device, there.rpartition("/")[0] or "/", len(data))
    device.connection.store(there, data)
    before = device.programs.get(the_tool.name, the_tool.program)
    try:
        checked = _check(device, there, data)
        _make_runnable(device, there)
        _use(device, the_tool, there)
        version = _try(device, the_tool, there, data)
    except BaseException:
        _use(device, the_tool, before)
        _remove(device, there)
        raise
    return Installed(device, the_tool, there, version, checked, before)


def _tool(path: Path, wanted: str | None) -> Tool:
    name = wanted or ("iperf3" if "iperf3" in path.name else "iperf2")
    if name not in TOOLS:
        raise ConfigurationError(f"A tool is one of {', '.join(TOOLS)}, not '{name}'.{nearest(name, TOOLS)}")
    return TOOLS[name]


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise ConfigurationError(f"The program {path} cannot be read: {problem.strerror}.") from None
    if not data:
        raise ConfigurationError(f"The program {path} is empty.")
    return data


def _new_name(directory: str, tool: Tool) -> str:
    if not directory.startswith("/"):
        raise ConfigurationError(f"A directory of the device begins with '/', as '{directory}' does not.")
    return f"{directory.rstrip('/')}/{MARK}_{tool.name}_{secrets.token_hex(6)}"


def _sh(device: Device, script: str, *words: str) -> Completed:
    return device.connection.run(("sh", "-c", script, "sh", *words))


def _check_room(device: Device, directory: str, size: int) -> None:
    """A DeviceError when the device says that there is too little; without df, writing tells."""
    free = _sh(device, _ROOM, directory).stdout.split()[-1:]
    if free and free[0].isdigit() and int(free[0]) * 1024 < size:
        raise DeviceError(
            f"There is no room for the program in {directory} of {device}: "
            f"it has {size:,} bytes, {int(free[0]) * 1024:,} are free.",
            kind="file",
            device=device.name,
            remedy="make room, give another directory with 'directory=', or strip the program: strip iperf3",
        )


def _check(device: Device, there: str, data: bytes) -> str:
    """Compares size, which was done when it was stored, and what the device can; returns how."""
    name, _, rest = _sh(device, _SUM, there).stdout.partition(" ")
    if name not in _SUMS:
        return "size compared"
    if (rest.split() or [""])[0] != _SUMS[name](data):
        raise DeviceError(
            f"The program arrived damaged on {device}: {name} of {there} is another than here.",
            kind="file",
            device=device.name,
            cause="the connection, the memory or the disk of the device is not reliable",
            remedy="try again",
        )
    return f"{name} compared"


def _make_runnable(device: Device, there: str) -> None:
    done = _sh(device, _RUNNABLE, there)
    if done.exit_code != 0:
        raise DeviceError(
            f"{there} cannot be made executable on {device}.",
            kind="file",
            device=device.name,
            said=done.stderr.strip()[-1000:],
            cause="the device has no program 'chmod', or the directory is of a file system without permissions",
            remedy="give another directory with 'directory='",
        )


def _try(device: Device, tool: Tool, there: str, data: bytes) -> str:
    """The version that it tells. A DeviceError when it does not run there."""
    try:
        return probe(device, tool)
    except DeviceError as problem:
        if problem.kind != "program":
            raise
        cause, remedy = _why_not(device, there, data, problem.exit_code)
        raise DeviceError(
            f"The {tool.name} that was brought along does not run on {device}; it was removed again.",
            kind="program",
            device=device.name,
            said=problem.said,
            exit_code=problem.exit_code,
            cause=cause,
            remedy=remedy,
        ) from None


def _why_not(device: Device, there: str, data: bytes, exit_code: int | None) -> tuple[str, str]:
    """Probable cause and what to do."""
    directory = there.rpartition("/")[0]
    if exit_code == 126 and _sh(device, _NO_EXEC, there + "_try").exit_code == 0:
        return f"nothing in {directory} may be executed there (noexec)", "give another directory with 'directory='"
    if exit_code == 0:
        return "it is another program", "give the file of a program that answers to --version as iperf does"
    machine = _sh(device, "uname -m").stdout.strip() or "unknown"
    built = f"it was built for {_built_for(data)}, and the processor of the device is {machine}"
    library = "; or it was built for another C library, and its loader or a library is missing there"
    return built + library, "build it statically for that processor: ./configure --enable-static-bin"


def _built_for(data: bytes) -> str:
    """The processor that the head of an ELF file names."""
    if data[:4] != b"\x7fELF":
        return "something else (it is no ELF program)"
    order = "big" if data[5:6] == b"\x02" else "little"
    number = int.from_bytes(data[18:20], "big" if order == "big" else "little")
    return f"{_MACHINES.get(number, f'processor {number}')} ({8 * 4 * max(1, data[4])} bits, {order} endian)"


def _use(device: Device, tool: Tool, program: str) -> None:
    device.programs[tool.name] = program
    device.versions.pop(tool.name, None)


def _remove(device: Device, there: str) -> None:
    done = device.connection.run(("rm", "-f", there))
    if done.exit_code != 0:
        raise DeviceError(
            f"{there} could not be removed from {device}.",
            kind="file",
            device=device.name,
            said=done.stderr.strip()[-1000:],
            remedy="remove it by hand",
        )


def posix_cksum(data: bytes) -> str:
    """The check sum of the program ``cksum``, as POSIX has it.

    Example: ``posix_cksum(b"123456789")`` is ``"930766865"``.
    """
    crc, length = 0, len(data)
    for byte in data + length.to_bytes((length.bit_length() + 7) // 8, "little"):
        crc = (crc << 8 & 0xFFFFFFFF) ^ _CRC[crc >> 24 ^ byte]
    return str(crc ^ 0xFFFFFFFF)


def _crc_of(byte: int) -> int:
    crc = byte << 24
    for _ in range(8):
        crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


_CRC = [_crc_of(byte) for byte in range(256)]
_SUMS: dict[str, Callable[[bytes], str]] = {
    "sha256sum": lambda data: hashlib.sha256(data).hexdigest(),
    "shasum": lambda data: hashlib.sha256(data).hexdigest(),
    "md5sum": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "cksum": posix_cksum,
}
