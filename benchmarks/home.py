"""A home directory for the controller, so that nothing of the machine's own is used or changed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def settle(home: Path, key: Path, known_hosts: Path) -> None:
    """From now on this process, and what it starts, logs in with this key to these hosts."""
    folder = home / ".ssh"
    folder.mkdir(mode=0o700, parents=True)
    shutil.copy(known_hosts, folder / "known_hosts")
    (folder / "config").write_text(f"Host *\n\tIdentityFile {key}\n")
    os.environ["HOME"] = str(home)
    os.environ.pop("SSH_AUTH_SOCK", None)
