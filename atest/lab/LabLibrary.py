"""The lab's keywords, for the acceptance tests of this project alone."""

from __future__ import annotations

import atexit
import os
import shlex
import socket
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from signal import Signals
from subprocess import DEVNULL, Popen
from typing import TYPE_CHECKING, ClassVar

from robot.api import SkipExecution, logger
from robot.api.deco import keyword, library

if TYPE_CHECKING:
    from robot.result import Message

if TYPE_CHECKING or __package__:
    from . import procfs
    from .consoles import Door, SerialCable, Telnetd, wait_for_nothing
    from .host import Host, Process
    from .lab import Lab
    from .leftovers import MARK
    from .netns import NetnsHost
    from .router import APPLETS, Router
    from .shell import LabError, until
else:
    # Robot Framework imports a library that is given by its path as a module of no package.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from atest.lab import procfs
    from atest.lab.consoles import Door, SerialCable, Telnetd, wait_for_nothing
    from atest.lab.host import Host, Process
    from atest.lab.lab import Lab
    from atest.lab.leftovers import MARK
    from atest.lab.netns import NetnsHost
    from atest.lab.router import APPLETS, Router
    from atest.lab.shell import LabError, until

POLL = 0.02


@library(scope="GLOBAL", listener="SELF")
class LabLibrary:
    """One lab for all suites of a run, taken down at the end of the run at the latest."""

    _lab: ClassVar[Lab | None] = None

    def __init__(self) -> None:
        atexit.register(self.close)
        self._warnings: list[str] = []

    def _start_test(self, data: object, result: object) -> None:
        self._warnings.clear()

    def _log_message(self, message: Message) -> None:
        if message.level == "WARN":
            self._warnings.append(message.message)

    @keyword
    def log_should_warn(self, *texts: str) -> None:
        """Fails unless some warning since the start of the test has all of the texts."""
        if not any(all(text in warning for text in texts) for warning in self._warnings):
            raise AssertionError("\n".join(["Nothing warns of that, but of:", *self._warnings]))

    @keyword
    def log_should_not_warn(self) -> None:
        """Fails where anything has warned since the start of the test."""
        if self._warnings:
            raise AssertionError("\n".join(["There are warnings:", *self._warnings]))

    def close(self) -> None:
        """Called as a listener at the end of the run."""
        self.take_down_lab()

    @keyword
    def bring_up_lab(self) -> Lab:
        """Returns the lab; does nothing if it is up already."""
        cls = type(self)
        if cls._lab is None:
            cls._lab = Lab().up()
            logger.info(_summary(cls._lab))
        return cls._lab

    @keyword
    def take_down_lab(self) -> None:
        """Does nothing if it is down already."""
        cls = type(self)
        lab, cls._lab = cls._lab, None
        if lab:
            lab.down()

    @keyword
    def get_lab_host(self, name: str) -> Host:
        """A host with its ``url``, ``address`` and so on as attributes."""
        return self._present().host(name)

    @keyword
    def require_lab_feature(self, feature: str) -> None:
        """Skips the test if the lab has not got the feature, and says why it has not."""
        lab = self._present()
        if feature in lab.missing:
            raise SkipExecution(f"This lab has no {feature!r}: {lab.missing[feature]}")
        lab.require(feature)

    @keyword
    def lab_iperf_processes(self, host: Host | str) -> list[Process]:
        """Pid and words of each iperf on the host, of any version, as seen from outside."""
        return self._host(host).iperf_processes()

    @keyword
    def host_should_have_no_iperf(self, host: Host | str, within: timedelta = timedelta(seconds=2)) -> None:
        """Fails with a listing if there is still one at the end of the time."""
        the_host = self._host(host)
        try:
            until(lambda: not the_host.iperf_processes(), within.total_seconds(), "no iperf", POLL)
        except LabError:
            _fail_if_any(the_host, the_host.iperf_processes(), within)

    @keyword
    def cut_lab_link(self, host: Host | str, link: str) -> None:
        """From now on the host's end of the link loses everything, in both directions, silently."""
        self._present().cut(self._host(host).name, link)

    @keyword
    def restore_lab_link(self, host: Host | str, link: str) -> None:
        """Harmless to a link that is whole, and in a lab that cannot cut links."""
        lab = self._present()
        if "cut" in lab.features:
            lab.restore(self._host(host).name, link)

    @keyword
    def change_lab_rate(self, host: Host | str, link: str, rate: str = "") -> None:
        """From now on the host sends no faster into the link: ``20mbit``, or without a rate as at the start."""
        self._present().require("shaped")
        self._netns(host).send_at(link, rate)

    @keyword
    def lose_lab_packets(self, host: Host | str, link: str, per_mille: int) -> None:
        """From now on the host loses so many of a thousand large UDP packets that come in by the link, at random."""
        self._present().require("lossy")
        self._netns(host).lose(link, per_mille)

    @keyword
    def lose_no_more_lab_packets(self, host: Host | str, link: str) -> None:
        """Harmless to a link that loses nothing, and in a lab that has no lossy links."""
        if "lossy" in self._present().features:
            self._netns(host).lose(link, 0)

    @keyword
    def get_lost_lab_packets(self, host: Host | str, link: str) -> int:
        """How many were lost since `Lose Lab Packets`."""
        return self._netns(host).lost(link)

    @keyword
    def signal_lab_iperf(self, host: Host | str, signal: str) -> None:
        """Sends ``TERM``, ``KILL``, ``STOP`` ... to the host's one iperf, behind the back of whoever started it."""
        the_host = self._host(host)
        found = until(the_host.iperf_processes, 5.0, f"iperf on {the_host.name}", POLL)
        if len(found) > 1:
            raise LabError(f"{the_host.name} has more than one iperf: {', '.join(map(str, found))}")
        os.kill(found[0].pid, Signals[f"SIG{signal}"])

    @keyword
    def kill_lab_sshd(self, host: Host | str) -> None:
        """Ends the host's sshd with all its sessions; their connections are closed, new ones refused."""
        self._host(host).kill_sshd()

    @keyword
    def start_lab_sshd(self, host: Host | str) -> None:
        """Starts it again after `Kill Lab Sshd`; harmless where it runs."""
        the_host = self._host(host)
        if not the_host.listeners(the_host.ssh_port):
            the_host.start_sshd()

    @keyword
    def get_lab_control_port(self, host: Host | str, port: int) -> int:
        """The client's port of the control connection to the iperf3 server on the host: of those taken, the first."""
        the_host = self._host(host)
        return until(lambda: the_host.remote_ports(port), 5.0, f"a client at {the_host.name}:{port}", POLL)[0]

    @keyword
    def get_lab_received_bytes(self, host: Host | str) -> int:
        """What all network devices of the host have got until now."""
        return self._host(host).received_bytes()

    @keyword
    def wait_for_lab_traffic(
        self, host: Host | str, size: int = 300_000, within: timedelta = timedelta(seconds=10)
    ) -> None:
        """Returns when the host has got so many bytes from now on: far more than SSH and a control connection bring."""
        the_host = self._host(host)
        wanted = the_host.received_bytes() + size
        until(lambda: the_host.received_bytes() >= wanted, within.total_seconds(), "traffic", POLL)

    @keyword
    def run_on_lab_host(self, host: Host | str, *words: str) -> str:
        """Standard output of a command that has to succeed; it does not go through SSH."""
        return self._host(host).run(words).stdout.rstrip("\n")

    @keyword
    def create_lab_program(self, host: Host | str, path: str, text: str | bytes, mode: str = "755") -> str:
        """A file on the host, with its folder; returns its path there."""
        write = 'mkdir -p "${1%/*}" && printf "$2" >"$1" && chmod "$3" "$1"'
        content = text.encode() if isinstance(text, str) else text
        octal = "".join(f"\\{byte:03o}" for byte in content)
        self._host(host).run(["sh", "-c", write, "sh", path, octal, mode])
        return path

    @keyword
    def change_lab_log_in(self, host: Host | str, shell: str = "", command: str = "") -> None:
        """From now on a log-in gets this shell and runs this command, whatever it asks for."""
        self._host(host).log_in_with(shell, command)

    @keyword
    def restore_lab_log_in(self, host: Host | str) -> None:
        """Harmless in a lab that cannot change it."""
        if "netns" in self._present().features:
            self._host(host).log_in_with()

    @keyword
    def start_lab_adbd(self, host: Host | str, port: int, *options: str) -> Popen[str]:
        """The host answers as an Android device at this port until what is returned is terminated, or the lab is down."""
        the_host = self._host(host)
        program = Path(__file__).with_name("adbd.py")
        started = the_host.spawn(["python3", str(program), str(port), f"/tmp/android-{port}", *options])
        the_host.wait_for_listener(port)
        return started

    @keyword
    def start_lab_adb_server(self, host: Host | str | None = None, port: int = 5037) -> Popen[str] | Popen[bytes]:
        """An adb server on the host, or on the controller; it ends with the lab at the latest."""
        words = ["adb", "-P", str(port), "nodaemon", "server"]
        if host is not None:
            started = self._host(host).spawn(words)
            self._host(host).wait_for_listener(port)
            return started
        env = {**os.environ, MARK: f"{self._present().folder.name}/controller"}
        here = Popen(words, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, env=env)
        until(lambda: procfs.listening_sockets("self", port), 5.0, "the adb server to listen", POLL)
        return here

    @keyword
    def end_lab_program(self, program: Popen[str] | Popen[bytes] | None) -> None:
        """Harmless to one that has ended."""
        if program and program.poll() is None:
            program.terminate()
            program.wait(5.0)

    @keyword
    def lab_processes(self, host: Host | str, program: str) -> list[Process]:
        """Those on the host whose first word is the program, as seen from outside."""
        return [process for process in self._host(host).processes() if process.argv[:1] == [program]]

    @keyword
    def start_lab_telnetd(self, host: Host | str, **door: str) -> Telnetd:
        """A telnetd with a ``url``; ``user``, ``password``, ``shell`` and ``prompt`` are of who meets it."""
        with socket.socket() as free:
            free.bind(("", 0))
            port: int = free.getsockname()[1]
        return Telnetd(self._host(host), _door(door), port)

    @keyword
    def start_lab_serial_console(self, host: Host | str, **door: str) -> SerialCable:
        """A serial line with a ``path``; the rest as of `Start Lab Telnetd`."""
        return SerialCable(self._host(host), _door(door))

    @keyword
    def install_lab_busybox(self, host: Host | str, folder: str) -> str:
        """A folder of the host with the programs of busybox and iperf3, and none else; returns its path."""
        link = 'mkdir -p "$1" && busybox --install -s "$1" && ln -s "$(command -v iperf3)" "$1"'
        self._host(host).run(["sh", "-c", link, "sh", folder])
        return folder

    @keyword
    def lab_files_should_be_gone(self, host: Host | str, pattern: str) -> None:
        """Fails with a listing if the host still has any after some seconds."""
        wait_for_nothing(self._host(host), pattern)

    @keyword
    def start_lab_router(
        self,
        host: Host | str,
        without: str = "",
        programs: Mapping[str, str] | None = None,
        proc: str = "",
        noexec: bool = False,
        iperf3: bool = True,
    ) -> Router:
        """A small router on the host: busybox, dropbear, iperf3. ``without`` names applets that it has not."""
        the_host, lab = self._netns(host), self._present()
        applets = [name for name in APPLETS.split() if name not in without.split()]
        return Router(the_host, lab.keys.authorized()).start(applets, dict(programs or {}), proc, noexec, iperf3)

    @keyword
    def controller_processes(self, besides: Sequence[int] = ()) -> dict[int, str]:
        """Words of each process that this one or a child of it has started, by pid; one that ended unnoticed has none."""
        own = procfs.descendants([os.getpid()]) - {os.getpid(), *besides}
        return {pid: " ".join(procfs.argv(pid)) for pid in own}

    def _present(self) -> Lab:
        if self._lab is None:
            raise LabError("The lab is not up: `Bring Up Lab` first.")
        return self._lab

    def _netns(self, host: Host | str) -> NetnsHost:
        the_host = self._host(host)
        if not isinstance(the_host, NetnsHost):
            raise LabError(f"{the_host.name} has no network of its own")
        return the_host

    def _host(self, host: Host | str) -> Host:
        return self._present().host(host) if isinstance(host, str) else host


def _door(given: dict[str, str]) -> Door:
    shell, getty = given.pop("shell", "busybox ash"), given.pop("getty", "")
    return Door(shell=tuple(shlex.split(shell)), getty=bool(getty), **given)


def _summary(lab: Lab) -> str:
    without = [f"without {feature}: {reason}" for feature, reason in lab.missing.items()]
    return "\n".join([repr(lab), *(host.url for host in lab.hosts.values()), *without])


def _fail_if_any(host: Host, left: list[Process], within: timedelta) -> None:
    if left:
        listing = "\n".join(f"  {process}" for process in left)
        raise AssertionError(f"Host {host.name} still has iperf after {within.total_seconds():g} s:\n{listing}")
