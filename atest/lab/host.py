"""A host of the lab: something with an sshd, addresses and processes of its own."""

from __future__ import annotations

import os
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

from . import procfs, sshd
from .leftovers import MARK
from .shell import PATH, LabError, until

IPERF = "iperf"
LOADER = "ld-"

# A controller started in the background of a script would hand on that it ignores SIGINT.
CLEAN = ("env", "--default-signal")


class Process(NamedTuple):
    """The pid is the one that the controller sees."""

    pid: int
    argv: list[str]

    def is_iperf(self) -> bool:
        """Also one that runs through a loader of its own: ``ld-linux.so --option … iperf3``."""
        names = [Path(word).name for word in self.argv]
        comm = procfs.comm(self.pid)
        if comm.startswith(LOADER):
            return any(name.startswith(IPERF) for name in names)
        return any(name.startswith(IPERF) for name in (comm, *names[:1]))

    def __str__(self) -> str:
        return f"{self.pid}: {' '.join(self.argv) or procfs.comm(self.pid)}"


class Host(ABC):
    """What both kinds of hosts have in common. Its folder holds its keys, settings and log."""

    ssh_port: int = 22

    def __init__(self, name: str, folder: Path, user: str) -> None:
        self.name = name
        self.folder = folder
        self.user = user
        self._sshd: subprocess.Popen[bytes] | None = None
        self._files = folder
        folder.mkdir(mode=0o755)

    def __repr__(self) -> str:
        return f"<lab host {self.name}>"

    @property
    def mark(self) -> str:
        """What each process of the host has in its environment."""
        return f"{self.folder.parent.name}/{self.name}"

    @property
    def within_reach(self) -> bool:
        """Whether the controller can log in without going through another host."""
        return True

    @property
    def ssh_host(self) -> str:
        """The address to log in at from the controller."""
        return self.address("mgmt")

    @property
    def url(self) -> str:
        port = "" if self.ssh_port == 22 else f":{self.ssh_port}"
        return f"ssh://{self.user}@{self.ssh_host}{port}"

    @property
    def host_key(self) -> Path:
        return self.folder / "host_key"

    @property
    def log_file(self) -> Path:
        """What the host's sshd and its bring-up have said."""
        return self.folder / "host.log"

    @property
    @abstractmethod
    def known_as(self) -> str:
        """The host's names as a known_hosts file has them."""

    @abstractmethod
    def address(self, link: str = "plain", family: int = 4) -> str:
        """The host's own address on a link."""

    @abstractmethod
    def start(self) -> None:
        """Bring it into being, without its sshd."""

    @abstractmethod
    def stop(self) -> None:
        """End it with all that runs in it; harmless when it is not there."""

    @abstractmethod
    def pids(self) -> list[int]:
        """All living processes of the host."""

    @abstractmethod
    def configure_sshd(self, authorized_keys: str) -> Path:
        """Write the sshd's files; where they are for the host itself."""

    @abstractmethod
    def enter(self, words: Sequence[str], user: str | None = None) -> list[str]:
        """The words of a command that runs the words inside the host."""

    @abstractmethod
    def launch(self, words: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a service of the host."""

    @abstractmethod
    def home(self, user: str) -> str: ...

    @property
    def viewpoint(self) -> int | str:
        """A process that sees the host's network."""
        return "self"

    def cut(self, link: str) -> None:
        """Let a link swallow, without a word, what the host sends and gets."""
        raise LabError(f"{self.name} has no link {link!r} that could be cut")

    def restore(self, link: str) -> None:
        raise LabError(f"{self.name} has no link {link!r} that could be restored")

    def log_in_with(self, shell: str = "", command: str = "") -> None:
        """From now on a log-in gets this shell and runs this command, whatever it asks for; none means the usual."""
        raise LabError(f"{self.name} has no log-in of its own that could be changed")

    def processes(self) -> list[Process]:
        """All living processes of the host (so no zombies), its infrastructure among them."""
        return [Process(pid, procfs.argv(pid)) for pid in self.pids()]

    def iperf_processes(self) -> list[Process]:
        return [process for process in self.processes() if process.is_iperf()]

    def listeners(self, port: int) -> list[int]:
        """The host's processes that listen on a TCP port."""
        inodes = procfs.listening_sockets(self.viewpoint, port)
        return [pid for pid in self.pids() if inodes.intersection(procfs.sockets(pid))] if inodes else []

    def remote_ports(self, port: int) -> list[int]:
        """Of the established TCP connections that a process has at the port, oldest first."""
        # By descriptors: inodes are given out in blocks, one for each CPU, so theirs is no order in time.
        ports = procfs.remote_ports(self.viewpoint, port)
        return [ports[inode] for pid in self.pids() for inode in procfs.sockets(pid) if inode in ports]

    def received_bytes(self) -> int:
        """What all its network devices have got until now."""
        return procfs.received_bytes(self.viewpoint)

    def wait_for_listener(self, port: int, within: float = 5.0) -> None:
        until(lambda: self.listeners(port), within, f"a listener on {self.name}:{port}")

    def run(
        self,
        words: Sequence[str],
        check: bool = True,
        user: str | None = None,
        timeout: float = 60.0,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside the host, not through its sshd, and wait for its end."""
        done = subprocess.run(
            self.enter(words, user),
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self._environment(user),
        )
        if check and done.returncode:
            said = (done.stderr + done.stdout).strip()
            raise LabError(f"{self.name}: {' '.join(words)}: exit code {done.returncode}: {said}")
        return done

    def spawn(self, words: Sequence[str], user: str | None = None) -> subprocess.Popen[str]:
        """Start a command inside the host; its stderr joins its stdout. It ends with the host.

        To terminate what is returned ends the command hard. A signal that the command shall see
        has to go to its own pid, which is among the host's processes.
        """
        return subprocess.Popen(
            self.enter(words, user),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment(user),
            start_new_session=True,
        )

    def start_sshd(self, authorized_keys: str | None = None, within: float = 5.0) -> None:
        """Returns when it listens."""
        if authorized_keys is not None:
            self._files = self.configure_sshd(authorized_keys)
        with self.log_file.open("ab") as log:
            self._sshd = self.launch(sshd.words(self._files), log)
        until(self._sshd_listens, within, f"the sshd of {self.name} to listen")

    def kill_sshd(self, within: float = 5.0) -> None:
        """The listener and all its sessions: each connection drops, new ones are refused."""
        until(self._no_sshd, within, f"the sshd of {self.name} to end")

    def _sshd_listens(self) -> bool:
        if self._sshd and self._sshd.poll() is not None:
            raise LabError(f"the sshd of {self.name} has ended: {self._last_words()}")
        return bool(self.listeners(self.ssh_port))

    def _no_sshd(self) -> bool:
        return procfs.end(pid for pid in self.pids() if procfs.comm(pid).startswith("sshd"))

    def _last_words(self) -> str:
        return " | ".join(self.log_file.read_text(errors="replace").splitlines()[-5:])

    def _environment(self, user: str | None = None) -> dict[str, str]:
        name = user or self.user
        names = {"HOME": self.home(name), "USER": name, "LOGNAME": name, MARK: self.mark}
        return {"PATH": PATH, "LANG": os.environ.get("LANG", "C.UTF-8"), **names}
