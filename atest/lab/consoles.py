"""Consoles of a host: a telnetd, and a serial line with a log-in at its far end."""

from __future__ import annotations

import os
import select
import subprocess
import termios
import threading
import time
import tty
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from robot.api import SkipExecution

from . import procfs
from .host import Host
from .shell import PATH, LabError, execute, find, until

BUSYBOX = Path(__file__).resolve().parents[2] / ".busybox" / "busybox"
LOGIN = Path(__file__).resolve().parents[1] / "programs" / "terminal_login"
SPEED = termios.B115200
BYTES_PER_SECOND = 11_520
WIDTH, HEIGHT = 80, 24


@dataclass(frozen=True)
class Door:
    """What somebody meets who opens the console: a log-in, unless ``user`` is empty, and then a shell."""

    user: str = ""
    password: str = ""
    shell: tuple[str, ...] = ("busybox", "ash")
    prompt: str = "# "
    getty: bool = False
    """The real thing, busybox' getty with the log-in of the machine, in place of all that."""

    def words(self, host: Host, folder: str) -> list[str]:
        """Those of the log-in. Its account is a file on the host."""
        account = f"{folder}/account"
        text = f"{self.user}\n{self.password}\n" if self.user else ""
        host.run(["sh", "-c", 'umask 077; mkdir -p "$1" && printf %s "$3" >"$2"', "sh", folder, account, text])
        environment = [f"PATH={PATH}", f"PS1={self.prompt}", "TERM=vt100", f"HOME={folder}"]
        return [str(LOGIN), account, "env", *environment, *self.shell]


class Telnetd:
    """busybox' telnetd on a host; each connection meets the door."""

    def __init__(self, host: Host, door: Door, port: int) -> None:
        self._host, self._port = host, port
        folder = f"/tmp/{host.folder.parent.name}-telnetd"
        words = door.words(host, folder)
        script = "#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in words) + "\n"
        program = f"{folder}/login"
        host.run(["sh", "-c", 'printf %s "$2" >"$1" && chmod 755 "$1"', "sh", program, script])
        self._folder, self._program = folder, program
        self.start()

    @property
    def url(self) -> str:
        return f"telnet://{self._host.ssh_host}:{self._port}"

    def start(self) -> None:
        words = [_busybox(), "telnetd", "-F", "-p", str(self._port), "-l", self._program]
        self._daemon = self._host.spawn(words)
        self._host.wait_for_listener(self._port)

    def kill(self) -> None:
        """The daemon, and so the terminals of all sessions."""
        for pid in self._host.listeners(self._port):
            procfs.end([pid])
        self._daemon.kill()
        self._daemon.wait(5.0)
        if self._daemon.stdout:
            self._daemon.stdout.close()

    def stop(self) -> None:
        self.kill()
        self._host.run(["rm", "-rf", self._folder])


def _busybox() -> str:
    """One that has a telnetd: that of most systems, and what ``scripts/busybox`` fetches where the system's has none."""
    found = [
        name for name in ("busybox", str(BUSYBOX)) if find(name) and "telnetd" in execute([name, "--list"]).split()
    ]
    if not found:
        raise SkipExecution("There is no telnetd: fetch one with scripts/busybox.")
    return found[0]


class SerialCable:
    """A serial line from the controller, at ``path``, to the door of a host.

    It carries what 115200 baud can, in a wire's own time; at another speed it carries rubbish.
    """

    def __init__(self, host: Host, door: Door) -> None:
        self.noise = ""
        self.every = 0
        self._since = 0
        self._heard = ""
        self._host, self._folder = host, f"/tmp/{host.folder.parent.name}-serial"
        self._near, near_end = os.openpty()
        self._far, far_end = os.openpty()
        self.path = os.ttyname(near_end)
        tty.setraw(near_end)
        termios.tcsetwinsize(far_end, (HEIGHT, WIDTH)) if hasattr(termios, "tcsetwinsize") else None
        self._near_end = near_end  # so that the line stands when nobody has it open
        self._login = subprocess.Popen(
            host.enter(self._words(door, os.ttyname(far_end))),
            stdin=far_end,
            stdout=far_end,
            stderr=far_end,
            env=host._environment(),
            start_new_session=True,
        )
        os.close(far_end)
        self._unplugged = False
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _words(self, door: Door, terminal: str) -> list[str]:
        if door.getty:
            again = 'while [ -e "$2" ]; do "$1" getty -L 115200 "$2" vt100; done'
            return ["setsid", "sh", "-c", again, "sh", _busybox(), terminal]
        own, *others = door.words(self._host, self._folder)
        return [own, "--again", *others]

    def disturb(self, noise: str, every: int) -> None:
        """From now on the kernel says this after each so many bytes, in the middle of whatever is there."""
        self.noise, self.every, self._since = noise, every, 0

    def wait_for_prompt(self) -> None:
        """Until the shell is there: what is typed is printed twice, once by the terminal and once by a command."""
        mark = f"{time.monotonic_ns()}"
        until(lambda: self._answers(mark), 5.0, "the shell on the serial line", 0.3)

    def _answers(self, mark: str) -> bool:
        self._heard = ""
        self.type(f"echo {mark[:3]}''{mark[3:]}\r")
        time.sleep(0.3)
        return mark in self._heard

    def type(self, text: str) -> None:
        """What somebody has typed at the console before."""
        os.write(self._far, text.encode())

    def settings(self) -> list[object]:
        """How the terminal on the device is set."""
        return list(termios.tcgetattr(self._far))[:4]

    def unplug(self) -> None:
        """The cable is out at both ends, and the device notices that."""
        self._unplugged = True
        self._thread.join(5.0)
        for handle in (self._near, self._near_end, self._far):
            with suppress(OSError):
                os.close(handle)

    def stop(self) -> None:
        if not self._unplugged:
            self.unplug()
        self._login.kill()
        self._login.wait(5.0)
        self._host.run(["rm", "-rf", self._folder])

    def _carry(self) -> None:
        try:
            while not self._unplugged:
                for handle in select.select([self._near, self._far], [], [], 0.05)[0]:
                    self._pass_on(handle, os.read(handle, 512))
        except OSError:
            return

    def _pass_on(self, source: int, data: bytes) -> None:
        time.sleep(len(data) / BYTES_PER_SECOND)
        if source == self._far:
            self._heard += data.decode(errors="replace")
        if termios.tcgetattr(self._near)[5] != SPEED:
            data = bytes(byte & 0x55 | 0x80 for byte in data)
        if source == self._near:
            os.write(self._far, data)
        else:
            os.write(self._near, self._disturbed(data))

    def _disturbed(self, data: bytes) -> bytes:
        self._since += len(data)
        if not self.every or self._since < self.every:
            return data
        at = len(data) - min(len(data), self._since - self.every)
        self._since = 0
        return data[:at] + self.noise.encode() + data[at:]


def wait_for_nothing(host: Host, pattern: str, within: float = 5.0) -> None:
    """Until the host has no file of this pattern any more."""

    def left() -> str:
        return host.run(["sh", "-c", f"ls -d {pattern} 2>/dev/null; :"]).stdout

    try:
        until(lambda: not left(), within, f"no {pattern}", 0.05)
    except LabError:
        raise AssertionError(f"Host {host.name} still has:\n{left()}") from None
