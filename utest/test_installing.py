"""Programs that are brought along to a device: checked, tried, used, and removed again. The device is this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from IperfLibrary import installing
from IperfLibrary.connections.local import LocalConnection
from IperfLibrary.devices import Device
from IperfLibrary.errors import ConfigurationError, DeviceError
from IperfLibrary.installing import install, posix_cksum
from IperfLibrary.tools import TOOLS

IPERF3 = '#!/bin/sh\necho "iperf 3.99 (cJSON 1.7.15)"\n'
ELF_MIPS = b"\x7fELF\x01\x02\x01" + bytes(9) + b"\x00\x02\x00\x08" + bytes(100)


@pytest.fixture
def device() -> Device:
    return Device(
        "here", LocalConnection("here"), programs={"iperf3": "iperf3", "iperf2": "iperf"}, versions={"iperf3": "3.1"}
    )


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    (tmp_path / "remote").mkdir()
    return tmp_path / "remote"


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Leaves the device with these programs alone, beside what is always needed."""

    def leave(*programs: str) -> None:
        folder = tmp_path / "programs"
        folder.mkdir()
        for name in ("sh", "cat", "ls", "rm", "sleep", *programs):
            (folder / name).symlink_to(str(shutil.which(name)))
        monkeypatch.setenv("PATH", str(folder))

    return leave


def program(tmp_path: Path, text: str | bytes = IPERF3, name: str = "my-iperf3") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_it_is_used_until_it_is_removed(device: Device, tmp_path: Path, remote: Path) -> None:
    installed = install(device, program(tmp_path), directory=str(remote))
    (there,) = remote.iterdir()
    assert device.programs == {"iperf3": str(there), "iperf2": "iperf"}
    assert device.versions == {"iperf3": "3.99"}
    assert there.stat().st_mode & 0o777 == 0o700
    assert str(installed) == f"iperf3 3.99 on here: {there} (sha256sum compared)"
    installed.remove()
    assert (device.programs["iperf3"], device.versions) == ("iperf3", {})
    assert list(remote.iterdir()) == []
    installed.remove()


def test_what_the_user_has_named_since_is_kept(device: Device, tmp_path: Path, remote: Path) -> None:
    installed = install(device, program(tmp_path), directory=str(remote))
    device.programs["iperf3"] = "/opt/iperf3"
    installed.remove()
    assert device.programs["iperf3"] == "/opt/iperf3"


@pytest.mark.parametrize(
    ("name", "tool", "expected"),
    [
        ("iperf3", None, "iperf3"),
        ("iperf3-mips", None, "iperf3"),
        ("iperf", None, "iperf2"),
        ("iperf", "iperf3", "iperf3"),
    ],
)
def test_the_name_of_the_file_tells_the_tool(
    device: Device, tmp_path: Path, remote: Path, name: str, tool: str | None, expected: str
) -> None:
    text = IPERF3 if expected == "iperf3" else '#!/bin/sh\necho "iperf version 2.1.9 (14 March 2023) pthreads"\n'
    assert install(device, program(tmp_path, text, name), tool, str(remote)).tool is TOOLS[expected]


@pytest.mark.parametrize(
    ("programs", "how"),
    [
        (("sha256sum", "md5sum", "chmod"), "sha256sum compared"),
        (("md5sum", "cksum", "chmod"), "md5sum compared"),
        (("cksum", "chmod"), "cksum compared"),
        (("chmod",), "size compared"),
    ],
)
def test_it_is_checked_with_what_the_device_has(
    device: Device, tmp_path: Path, remote: Path, only: Callable[..., None], programs: tuple[str, ...], how: str
) -> None:
    only(*programs)
    assert install(device, program(tmp_path), directory=str(remote)).checked == how


@pytest.mark.parametrize("data", [b"", b"123456789", os.urandom(70_000)])
def test_the_sum_of_posix(tmp_path: Path, data: bytes) -> None:
    path = program(tmp_path, data)
    assert os.popen(f"cksum <{path}").read().split()[0] == posix_cksum(data)


def fails(device: Device, path: Path, remote: Path) -> DeviceError:
    """The error; nothing of it is on the device then, which uses what it used before."""
    with pytest.raises(DeviceError) as caught:
        install(device, path, "iperf3", str(remote))
    assert list(remote.iterdir()) == []
    assert device.programs["iperf3"] == "iperf3"
    return caught.value


@pytest.mark.parametrize("name", ["sha256sum", "md5sum", "cksum"])
def test_what_arrived_damaged(
    device: Device, tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(installing, "_SUM", f'echo "{name} 0123456789abcdef  -"')
    assert f"arrived damaged on here: {name} of" in str(fails(device, program(tmp_path), remote))


def test_another_processor(device: Device, tmp_path: Path, remote: Path) -> None:
    error = fails(device, program(tmp_path, ELF_MIPS), remote)
    assert f"built for MIPS (32 bits, big endian), and the processor of the device is {os.uname().machine}" in str(
        error
    )
    assert "statically" in error.remedy


def test_a_loader_that_is_missing(device: Device, tmp_path: Path, remote: Path) -> None:
    error = fails(device, program(tmp_path, "#!/lib/ld-musl-mips.so.1\n"), remote)
    assert "its loader or a library is missing there" in str(error)


def test_another_program(device: Device, tmp_path: Path, remote: Path) -> None:
    assert "it is another program" in str(fails(device, program(tmp_path, "#!/bin/sh\necho hello\n"), remote))


def test_no_room(device: Device, tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "_ROOM", "echo Available; echo 3")
    error = fails(device, program(tmp_path, bytes(5000)), remote)
    assert "it has 5,000 bytes, 3,072 are free" in str(error)


def test_an_unknown_room_is_no_obstacle(
    device: Device, tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "_ROOM", "echo Available")
    install(device, program(tmp_path), directory=str(remote))


def test_real_room(device: Device, remote: Path) -> None:
    installing._check_room(device, str(remote), 1)
    with pytest.raises(DeviceError, match="There is no room"):
        installing._check_room(device, str(remote), 1 << 60)


def test_no_chmod(device: Device, tmp_path: Path, remote: Path, only: Callable[..., None]) -> None:
    only()
    assert "no program 'chmod'" in str(fails(device, program(tmp_path), remote))


def test_interrupted(device: Device, tmp_path: Path, remote: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*anything: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(installing, "probe", interrupted)
    with pytest.raises(KeyboardInterrupt):
        install(device, program(tmp_path), directory=str(remote))
    assert list(remote.iterdir()) == []
    assert device.programs["iperf3"] == "iperf3"


@pytest.mark.parametrize(
    ("name", "text", "tool", "directory", "message"),
    [
        ("iperf3", "", None, "/tmp", "is empty"),
        ("iperf3", None, None, "/tmp", "cannot be read: No such file"),
        ("iperf3", "x", "iperf4", "/tmp", "not 'iperf4'"),
        ("iperf3", "x", None, "tmp", "begins with '/'"),
    ],
)
def test_what_cannot_be_right(
    device: Device, tmp_path: Path, name: str, text: str | None, tool: str | None, directory: str, message: str
) -> None:
    path = tmp_path / name if text is None else program(tmp_path, text, name)
    with pytest.raises(ConfigurationError, match=message):
        install(device, path, tool, directory)


def test_what_cannot_be_removed_is_told(device: Device, tmp_path: Path, remote: Path) -> None:
    installed = install(device, program(tmp_path), directory=str(remote))
    Path(installed.path).unlink()
    Path(installed.path).mkdir()
    with pytest.raises(DeviceError, match="could not be removed from here"):
        installed.remove()
    assert device.programs["iperf3"] == "iperf3"
