"""Hosts that are namespaces of this machine: network, mounts, processes and host name of their own.

Process 1 of a host waits for the end of its standard input, which the controller holds open. When
the controller is gone, however it went, so is process 1, and the kernel ends all other processes
of the host; its mounts, network and links have no name outside and vanish with them.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from . import links, procfs, sshd
from .accounts import Tester, accounts, hash_password
from .host import CLEAN, Host
from .leftovers import MARK
from .links import CONTROLLER, Link, Subnet
from .shell import ENVIRONMENT, LabError, execute, find, until

NEEDED = "unshare nsenter setpriv mount ip tc nft sshd ssh-keygen openssl"
UNSHARE = ("unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child")
FILES = Path("/run/lab")
PROJECT = Path(__file__).resolve().parents[2]
PROJECT = (PROJECT / ".iperfs").resolve().parent  # in a copy of the tests, this is a link to those of the project

# All is new or read-only, so that nothing of the machine is changed. This project can be read at
# its own path also where that is hidden by what is new.
# The old /proc still numbers processes as the controller does. To ignore the end of children lets
# the kernel reap what daemons leave behind; the shell itself would not hand that on.
BRING_UP = """
folder=$1 name=$2 home=$3 uid=$4 project=$5
read -r pid _ </proc/self/stat
mount -o remount,bind,ro /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lab /run/sshd /run/project
mount --bind "$folder" /run/lab
mount --bind "$project" /run/project
mount -o remount,bind,ro /run/project
for file in passwd group shadow; do mount --bind "/run/lab/$file" "/etc/$file"; done
mount -t tmpfs -o mode=700 tmpfs /root
mount -t tmpfs -o mode=755 tmpfs /var/log
for shared in /tmp /var/tmp /dev/shm; do
    [ ! -d "$shared" ] || mount -t tmpfs -o mode=1777 tmpfs "$shared"
done
[ -d "$project" ] || { mkdir -p "$project" && mount --bind /run/project "$project"; }
touch /var/log/lastlog /var/log/wtmp /var/log/btmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
echo "$name" >/proc/sys/kernel/hostname
echo 0 >/proc/sys/net/ipv4/ip_forward
mkdir -p "$home"
chown "$uid:$uid" "$home"
echo "$pid"
exec env --ignore-signal=CHLD cat >/dev/null
"""


def obstacle() -> str:
    """Why this machine or user cannot have such hosts; empty if it can."""
    if os.geteuid():
        return "the user is not root"
    absent = [tool for tool in NEEDED.split() if not find(tool)]
    if absent:
        return f"not installed: {', '.join(absent)}"
    try:
        execute([*UNSHARE, "true"])
    except LabError as error:
        return str(error)
    return ""


class NetnsHost(Host):
    """One such host. Its own files are in memory, those of the machine it can only read."""

    def __init__(self, name: str, folder: Path, tester: Tester) -> None:
        super().__init__(name, folder, user="root")
        self.tester = tester
        self.links: list[Link] = []
        self.subnet: Subnet | None = None
        self.pid = 0
        self._uid = 0
        self._passwd = ""
        self._authorized_keys = ""
        self._namespace = ""
        self._init: subprocess.Popen[str] | None = None

    @property
    def viewpoint(self) -> int | str:
        return self.pid

    @property
    def known_as(self) -> str:
        names = [link.name for link in self.links]
        return ",".join(self.address(name, family) for name in names for family in (4, 6))

    @property
    def within_reach(self) -> bool:
        return any(CONTROLLER in link.ends for link in self.links)

    def address(self, link: str = "plain", family: int = 4) -> str:
        if self.subnet is None:
            raise LabError(f"{self.name} is not up and has no addresses")
        return self.subnet.address(self._link(link), self.name, family)

    def home(self, user: str) -> str:
        return {self.tester.name: self.tester.home, "root": "/root"}.get(user, "/")

    def prepare(self, hashed: str) -> None:
        """Write the account files, with the hash of the tester's password."""
        made = accounts(self.tester, hashed)
        made.write(self.folder)
        self._passwd = made.passwd
        self._uid = made.uid

    def start(self) -> None:
        """Make the namespaces; they are empty then, but for process 1."""
        script = ["sh", "-euc", BRING_UP, "sh", str(self.folder), self.name]
        with self.log_file.open("ab") as log:
            self._init = subprocess.Popen(
                [*UNSHARE, *script, self.tester.home, str(self._uid), str(PROJECT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**ENVIRONMENT, MARK: self.mark},
                start_new_session=True,
            )
        self.pid = self._first_pid(self._init)
        self._namespace = procfs.pid_namespace(self.pid)

    def stop(self) -> None:
        if self._init is None:
            return
        self._end(self._init)
        if self._sshd:
            self._sshd.wait(5.0)
        self._init, self._sshd, self.pid, self._namespace = None, None, 0, ""

    def plug_in(self, subnet: Subnet, ipv6: bool) -> None:
        """Bring up the host's ends of its links."""
        self.subnet = subnet
        lines = ["link set lo up", *links.addresses(self.links, self.name, subnet, ipv6)]
        links.batch(lines, self._inside_network())

    def wait_for_links(self) -> None:
        """Until then a device that is up on both ends may still lose all that it is given."""
        until(self._links_are_up, 5.0, f"the links of {self.name} to come up")

    def _links_are_up(self) -> bool:
        devices = Path(f"/proc/{self.pid}/root/sys/class/net")
        names = [link.name for link in self.links]
        return all((devices / name / "operstate").read_text() == "up\n" for name in names)

    def shape(self) -> None:
        for link in self.links:
            if link.rate:
                self.send_at(link.name)

    def send_at(self, link: str, rate: str = "") -> None:
        execute([*self._inside_network(), *links.shape(self._link(link), rate)])

    def lose(self, link: str, per_mille: int) -> None:
        commands = links.LOSE if per_mille else links.LOSE_NO_MORE
        some = f"numgen random mod 1000 < {per_mille}" if per_mille < 1000 else ""
        self._nft(commands.format(link=self._link(link).name, some=some))

    def lost(self, link: str) -> int:
        words = [*self._inside_network(), "nft", "-j", "list", "table", "netdev", f"lossy_{self._link(link).name}"]
        rules = [entry["rule"]["expr"] for entry in json.loads(execute(words))["nftables"] if "rule" in entry]
        counted: int = next(part["counter"]["packets"] for rule in rules for part in rule if "counter" in part)
        return counted

    def cut(self, link: str) -> None:
        self._nft(links.CUT.format(link=self._link(link).name))

    def restore(self, link: str) -> None:
        self._nft(links.RESTORE.format(link=self._link(link).name))

    def log_in_with(self, shell: str = "", command: str = "") -> None:
        # Written in place: another file under this name would not be the one that is mounted.
        passwd = self._passwd.splitlines(keepends=True)
        changed = [_with_shell(line, shell) if line.startswith(f"{self.user}:") else line for line in passwd]
        (self.folder / "passwd").write_text("".join(changed))
        option = f'command="{command}" ' if command else ""
        keys = self._authorized_keys.splitlines(keepends=True)
        (self.folder / "authorized_keys").write_text("".join(option + key for key in keys))

    def pids(self) -> list[int]:
        mine = self._namespace
        if not mine:
            return []
        found = (pid for pid in procfs.pids() if procfs.pid_namespace(pid) == mine)
        return [pid for pid in found if procfs.is_alive(pid)]

    def configure_sshd(self, authorized_keys: str) -> Path:
        text = sshd.config(FILES, self.mark, self.ssh_port, passwords=True)
        self._authorized_keys = authorized_keys
        (self.folder / "authorized_keys").write_text(authorized_keys)
        (self.folder / "sshd_config").write_text(text)
        return FILES

    def enter(self, words: Sequence[str], user: str | None = None) -> list[str]:
        # nsenter stays outside as the command's parent and hands no signals on: hence the last.
        namespaces = ["--mount", "--uts", "--net", "--pid"]
        identity = _identity(user) if user and user != "root" else []
        become = ["setpriv", *identity, "--pdeathsig=KILL", "--"]
        return ["nsenter", f"--target={self.pid}", *namespaces, *CLEAN, *become, *words]

    def launch(self, words: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.enter(words),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=self._environment(),
            start_new_session=True,
        )

    def _link(self, name: str) -> Link:
        for link in self.links:
            if link.name == name:
                return link
        names = ", ".join(link.name for link in self.links)
        raise LabError(f"{self.name} has no link {name!r}, only {names}")

    def _first_pid(self, init: subprocess.Popen[str]) -> int:
        assert init.stdout
        ready, _, _ = select.select([init.stdout], [], [], 5.0)
        line = init.stdout.readline() if ready else ""
        if not line:
            raise LabError(f"{self.name} did not come up: {self._last_words()}")
        return int(line)

    def _end(self, init: subprocess.Popen[str]) -> None:
        assert init.stdin
        assert init.stdout
        init.stdin.close()
        try:
            init.wait(2.0)
        except subprocess.TimeoutExpired:
            init.kill()
            init.wait(5.0)
        init.stdout.close()

    def _inside_network(self) -> list[str]:
        return ["nsenter", f"--target={self.pid}", "--net"]

    def _nft(self, commands: str) -> None:
        execute([*self._inside_network(), "nft", "-f", "-"], commands)


class NetnsSite:
    """The hosts and how they are joined."""

    def __init__(self, folder: Path, tester: Tester) -> None:
        self.missing: dict[str, str] = {}
        self.tester = tester
        self._hosts = [NetnsHost(name, folder / name, tester) for name in ("alpha", "beta", "delta")]
        self.links = _plan([host.name for host in self._hosts])
        self._subnet: Subnet | None = None
        self._ipv6 = _has_ipv6()
        for host in self._hosts:
            host.links = [link for link in self.links if host.name in link.ends]

    @property
    def hosts(self) -> Sequence[Host]:
        return self._hosts

    def up(self) -> None:
        hashed = hash_password(self.tester.password)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda host: self._start(host, hashed), self._hosts))
            pids = {host.name: host.pid for host in self._hosts}
            self._subnet = subnet = links.wire(self.links, pids, self._ipv6)
            list(pool.map(lambda host: host.plug_in(subnet, self._ipv6), self._hosts))
        for host in self._hosts:
            host.wait_for_links()
        self._find_out()

    def down(self) -> None:
        # No threads: there are none to be had at the end of the interpreter.
        with ExitStack() as stack:
            for host in self._hosts:
                stack.callback(host.stop)
            if self._subnet:
                stack.callback(links.unwire, self.links, self._subnet)

    def _start(self, host: NetnsHost, hashed: str) -> None:
        host.prepare(hashed)
        host.start()

    def _find_out(self) -> None:
        """What this machine's kernel has not got is missing in the lab, and no more than that."""
        if not self._ipv6:
            self.missing["ipv6"] = "this machine has no IPv6"
        self._try("shaped", self._shape)
        self._try("cut", self._cut_and_restore)
        self._try("lossy", self._lose_and_restore)

    def _shape(self) -> None:
        for host in self._hosts:
            host.shape()

    def _cut_and_restore(self) -> None:
        self._hosts[0].cut("mgmt")
        self._hosts[0].restore("mgmt")

    def _lose_and_restore(self) -> None:
        self._hosts[0].lose("mgmt", 1)
        self._hosts[0].lose("mgmt", 0)

    def _try(self, feature: str, action: Callable[[], object]) -> None:
        try:
            action()
        except LabError as error:
            self.missing[feature] = f"this machine's kernel or tools cannot do it: {error}"


def _plan(hosts: list[str]) -> list[Link]:
    """The third host has no way to the controller: it is for jumps through the other two, and behind the second."""
    first, second, third = hosts
    management = [Link("mgmt", index, (CONTROLLER, host)) for index, host in enumerate((first, second))]
    plain = Link("plain", len(management), (first, second))
    shaped = Link("shaped", plain.index + 1, (first, second), rate="100mbit")
    return [*management, plain, shaped, Link("inner", shaped.index + 1, (second, third))]


def _with_shell(entry: str, shell: str) -> str:
    """The line of a passwd file with another shell, unless that is empty."""
    return f"{entry.rstrip().rpartition(':')[0]}:{shell}\n" if shell else entry


def _identity(user: str) -> list[str]:
    return [f"--reuid={user}", f"--regid={user}", "--init-groups"]


def _has_ipv6() -> bool:
    addresses = Path("/proc/net/if_inet6")
    return addresses.exists() and bool(addresses.read_text())
