"""The controller may run Windows: nothing that it imports to test devices over SSH needs POSIX.

That is simulated as far as it can be on another system: modules that Windows has not got cannot be imported, and names
that it has not got are taken out of those that it has.
"""

from __future__ import annotations

import os
import subprocess
import sys

WITHOUT = """
import os, select, signal, socket, sys

for name in ("fcntl", "pwd", "grp", "termios", "tty", "pty", "resource", "syslog", "curses", "readline", "crypt", "nis"):
    sys.modules[name] = None
GONE = {
    os: "O_NOFOLLOW O_CLOEXEC O_NONBLOCK O_DIRECTORY O_SYNC fork forkpty setsid killpg getpgid getpgrp getuid geteuid getgid"
        " getegid mkfifo mknod chown lchown fchown nice uname wait3 wait4 sysconf openpty ttyname setpgid WNOHANG"
        " pread pwrite writev readv posix_spawn sched_getaffinity statvfs chroot sync",
    signal: "SIGKILL SIGHUP SIGALRM SIGUSR1 SIGUSR2 SIGPIPE SIGCHLD SIGQUIT SIGSTOP SIGCONT SIGWINCH alarm setitimer pause"
            " pthread_kill sigwait",
    select: "poll epoll",
    socket: "AF_UNIX TCP_USER_TIMEOUT SO_REUSEPORT MSG_DONTWAIT",
}
"""
IMPORT = """
import paramiko, robot.api  # other people's
for module, names in GONE.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
import IperfLibrary
from IperfLibrary.library import IperfLibrary as Library
from IperfLibrary.connections import connect
import importlib, pkgutil
for module in pkgutil.walk_packages(IperfLibrary.__path__, "IperfLibrary."):
    if module.name != "IperfLibrary.__main__":
        importlib.import_module(module.name)
"""
USE = """
import tempfile
from pathlib import Path
from IperfLibrary.files import RawFile

with tempfile.TemporaryDirectory() as folder:
    raw = RawFile(Path(folder), "server", "json")
    raw.write(b"text")
    raw.write_error(b"more")
    raw.close()
    assert raw.path.read_bytes() == b"text"
connection = connect("dut", "ssh://root@192.0.2.1:22", host_key="ignore")
assert connection.host == "192.0.2.1"
connection.close()
print("works")
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "USERNAME": "tester"}  # as Windows has it
    words = [sys.executable, "-W", "ignore", "-c", WITHOUT + IMPORT + code]
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=60, env=environment)


def test_all_is_imported_and_an_ssh_device_made_without_posix() -> None:
    done = run(USE)
    assert (done.stdout.strip(), done.stderr) == ("works", "")


def test_what_needs_posix_is_seen() -> None:
    assert "O_NOFOLLOW" in run("os.O_NOFOLLOW").stderr
    assert "fcntl halted" in run("import fcntl").stderr
