"""Hosts for those who are not root: each is no more than an sshd of one's own on loopback."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from . import procfs, sshd
from .host import CLEAN, Host
from .leftovers import marked
from .shell import LabError, find

ADDRESS = "127.0.0.1"
KEEPER = Path(__file__).with_name("keeper.py")
# Compiled into the sshd; made at boot where sshd is a service, and left as it is found or made.
PRIVILEGE_SEPARATION = Path("/run/sshd")
ATTEMPTS = 5


def obstacle() -> str:
    """Why this machine cannot have such hosts; empty if it can."""
    absent = [tool for tool in ("sshd", "ssh-keygen") if not find(tool)]
    return f"not installed: {', '.join(absent)}" if absent else ""


class LoopbackHost(Host):
    """One such host; network, files and user are those of whoever runs the lab."""

    def __init__(self, name: str, folder: Path, plain_address: str) -> None:
        super().__init__(name, folder, user=pwd.getpwuid(os.geteuid()).pw_name)
        self._plain_address = plain_address
        self._keepers: list[subprocess.Popen[bytes]] = []
        self.ssh_port = 0

    @property
    def known_as(self) -> str:
        return f"[{ADDRESS}]:{self.ssh_port}"

    def address(self, link: str = "plain", family: int = 4) -> str:
        known = {("mgmt", 4): ADDRESS, ("plain", 4): self._plain_address}
        if (link, family) not in known:
            raise LabError(f"on loopback {self.name} has no IPv{family} address on {link!r}")
        return known[link, family]

    def home(self, user: str) -> str:
        return pwd.getpwnam(user).pw_dir

    def start(self) -> None:
        if not os.geteuid():
            PRIVILEGE_SEPARATION.mkdir(mode=0o755, parents=True, exist_ok=True)

    def stop(self) -> None:
        for keeper in self._keepers:
            _close(keeper)
        self._keepers.clear()
        self._sshd = None
        procfs.end(self.pids())

    def pids(self) -> list[int]:
        own = procfs.descendants(keeper.pid for keeper in self._keepers)
        return sorted(pid for pid in own.union(marked(self.mark)) if procfs.is_alive(pid))

    def start_sshd(self, authorized_keys: str | None = None, within: float = 5.0) -> None:
        if self.ssh_port:
            super().start_sshd(authorized_keys, within)
        else:
            self._find_port(authorized_keys, within)

    def configure_sshd(self, authorized_keys: str) -> Path:
        text = sshd.config(self.folder, self.mark, self.ssh_port, ADDRESS)
        (self.folder / "authorized_keys").write_text(authorized_keys)
        (self.folder / "sshd_config").write_text(text)
        return self.folder

    def enter(self, words: Sequence[str], user: str | None = None) -> list[str]:
        if user not in (None, self.user):
            raise LabError(f"on loopback {self.name} has no other user than {self.user}")
        return [*CLEAN, *words]

    def launch(self, words: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        keeper = subprocess.Popen(
            self.enter([sys.executable, str(KEEPER), *words]),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=self._environment(),
            start_new_session=True,
        )
        self._keepers.append(keeper)
        return keeper

    def _find_port(self, authorized_keys: str | None, within: float) -> None:
        """Another process may take the port between the choice and its use."""
        for left in reversed(range(ATTEMPTS)):
            self.ssh_port = free_port()
            try:
                super().start_sshd(authorized_keys, within)
                break
            except LabError:
                if not left:
                    raise


class LoopbackSite:
    """Two hosts that can tell each other apart by their addresses."""

    def __init__(self, folder: Path, reason: str) -> None:
        features = ("netns", "shaped", "password", "cut", "lossy", "ipv6")
        self.missing = dict.fromkeys(features, f"the lab is on loopback, since {reason}")
        self._hosts = [
            LoopbackHost("alpha", folder / "alpha", "127.0.0.1"),
            LoopbackHost("beta", folder / "beta", "127.0.0.2"),
        ]

    @property
    def hosts(self) -> Sequence[Host]:
        return self._hosts

    def up(self) -> None:
        for host in self._hosts:
            host.start()

    def down(self) -> None:
        with ExitStack() as stack:
            for host in self._hosts:
                stack.callback(host.stop)


def _close(keeper: subprocess.Popen[bytes]) -> None:
    assert keeper.stdin
    keeper.stdin.close()
    try:
        keeper.wait(5.0)
    except subprocess.TimeoutExpired:
        keeper.kill()
        keeper.wait(5.0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port
