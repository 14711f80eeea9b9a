"""The configuration of a host's sshd."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

from .leftovers import MARK
from .shell import ENVIRONMENT, require

COMMON = """\
UsePAM no
StrictModes no
PidFile none
UseDNS no
PermitRootLogin prohibit-password
KbdInteractiveAuthentication no
MaxStartups 100
LogLevel VERBOSE
Subsystem sftp internal-sftp
"""


def config(files: Path, mark: str, port: int, address: str = "", passwords: bool = False) -> str:
    """The files are where the host sees them, the address is the only one to listen on."""
    lines = [
        f"Port {port}",
        f"HostKey {files}/host_key",
        f"AuthorizedKeysFile {files}/authorized_keys",
        f"PasswordAuthentication {'yes' if passwords else 'no'}",
        f"SetEnv {MARK}={mark}",
    ]
    if address:
        lines.append(f"ListenAddress {address}")
    if _version() >= (9, 8):
        # Tests fail to log in on purpose, all from one address.
        lines.append("PerSourcePenalties no")
    return COMMON + "\n".join(lines) + "\n"


def words(files: Path) -> list[str]:
    return [require("sshd"), "-D", "-e", "-f", f"{files}/sshd_config"]


@cache
def _version() -> tuple[int, int]:
    # Before 9.2 there is no -V, and the complaint about it names the version just as well.
    words = [require("sshd"), "-V"]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=10.0, env=ENVIRONMENT)
    match = re.search(r"OpenSSH_(\d+)\.(\d+)", done.stderr + done.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)
