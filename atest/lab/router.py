"""A small router on a host of the lab: a root of its own with busybox and dropbear in it, and nothing else.

Its root is read-only but for /tmp. There is no SFTP, no bash, and of busybox only the applets that are linked.
What it needs beside that it has from the host: network, processes and addresses.
"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .netns import FILES, NetnsHost
from .shell import execute, require

APPLETS = (
    "ash cat chmod cksum df echo grep head kill ls md5sum mkdir mount printf ps readlink rm rmdir sed setsid sha256sum"
    " sleep stat test touch tr true uname wc"
)
"""What a small router has; OpenWrt has more."""

# Real programs see a real /proc in the host's own root, where that of the router is empty.
BRING_UP = """
root=$1 proc=$2 port=$3 noexec=$4
mount --bind "$root" "$root"
case $proc in
    none) mount -t tmpfs -o ro tmpfs "$root/proc"; mount --rbind / "$root/.linux" ;;
    hidden) mount -t proc -o hidepid=2 proc "$root/proc" ;;
    *) mount -t proc proc "$root/proc" ;;
esac
mount -t tmpfs -o "mode=1777,size=20m$noexec" tmpfs "$root/tmp"
mount --bind /dev "$root/dev"
mount -o remount,bind,ro "$root"
exec chroot "$root" /bin/dropbear -F -E -s -p "$port" -r /etc/host_key
"""
PORTS = itertools.count(2201)


class Router:
    """One such device; it ends with its host, or when it is stopped."""

    def __init__(self, host: NetnsHost, authorized_keys: str) -> None:
        self.host = host
        self.port = next(PORTS)
        self.name = f"router-{self.port}"
        self.root = host.folder / self.name
        self._keys = authorized_keys
        self._dropbear: subprocess.Popen[bytes] | None = None

    def address(self) -> str:
        return self.host.address()

    @property
    def url(self) -> str:
        return self.url_of("root")

    def url_of(self, user: str) -> str:
        return f"ssh://{user}@{self.host.ssh_host}:{self.port}"

    def start(
        self,
        applets: Sequence[str],
        programs: dict[str, str],
        proc: str = "",
        noexec: bool = False,
        iperf3: bool = True,
    ) -> Router:
        """``programs`` are scripts by name; ``proc`` is hidden (other users' processes are) or none."""
        for folder in ("bin", "etc", "proc", "dev", "tmp", "root/.ssh", "home/admin/.ssh", "lib64", ".linux"):
            (self.root / folder).mkdir(parents=True)
        self._install([*applets, *(["chroot"] if proc == "none" else [])], iperf3)
        for name, text in programs.items():
            (self.root / "bin" / name).unlink(missing_ok=True)
            (self.root / "bin" / name).write_text(text)
            (self.root / "bin" / name).chmod(0o755)
        self._accounts()
        execute([require("dropbearkey"), "-t", "ed25519", "-f", str(self.root / "etc/host_key")])
        options = [str(FILES / self.name), proc or "-", str(self.port), ",noexec" if noexec else ""]
        with self.host.log_file.open("ab") as log:
            words = ["unshare", "--mount", "sh", "-euc", BRING_UP, "sh", *options]
            self._dropbear = self.host.launch(words, log)
        self.host.wait_for_listener(self.port)
        return self

    def stop(self) -> None:
        """With all that runs in it: what holds its root is ended with it."""
        if self._dropbear:
            self._dropbear.kill()
            self._dropbear.wait(5.0)
        self._dropbear = None

    def _install(self, applets: Sequence[str], iperf3: bool) -> None:
        programs = [require("busybox"), require("dropbear"), require("iperf3")]
        for library in {path for program in programs for path in _libraries(program)}:
            target = self.root / library.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)
        for program in programs if iperf3 else programs[:2]:
            shutil.copy(program, self.root / "bin")
        for applet in {*applets, "sh"}:
            (self.root / "bin" / applet).symlink_to("busybox")

    def _accounts(self) -> None:
        etc = self.root / "etc"
        (etc / "passwd").write_text("root:x:0:0::/root:/bin/sh\nadmin:x:1000:1000::/home/admin:/bin/sh\n")
        (etc / "group").write_text("root:x:0:\nadmin:x:1000:\n")
        for home, owner in (("root", 0), ("home/admin", 1000)):
            keys = self.root / home / ".ssh" / "authorized_keys"
            keys.write_text(self._keys)
            keys.chmod(0o600)
            for path in (keys, keys.parent, keys.parent.parent):
                shutil.chown(path, owner, owner)


def _libraries(program: str) -> list[str]:
    """Those that the program is linked with, and its loader."""
    return re.findall(r"(/\S+) \(0x", execute(["ldd", str(Path(program))]))
