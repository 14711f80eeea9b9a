"""A lab, and what takes turns in it: the library, and what a tester would use instead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from robot.api import logger
from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn

# Robot Framework imports a library that is given by its path as a module of no package.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from atest.lab.host import Host
from atest.lab.lab import Lab
from benchmarks import samples
from benchmarks.figures import in_turns
from benchmarks.home import settle
from benchmarks.moler_run import MolerRun
from benchmarks.reading import Readers
from benchmarks.samples import Sample, Taken, timed

HERE = Path(__file__).parent
SCRIPTS = HERE.parent / "scripts"
WAITING, THEIRS = 5201, 5301
"""Ports of the server that is always there, and of those that the peers start."""


@library(scope="GLOBAL", listener="SELF")
class Desk:
    """One lab for a suite, and the samples that were taken in it."""

    def __init__(self) -> None:
        self._lab = Lab("netns")
        self._taken: dict[str, Taken] = {}
        self._masters: list[list[str]] = []
        self._moler: MolerRun | None = None
        self._readers: Readers | None = None

    def close(self) -> None:
        """Called as a listener at the end of the run."""
        for words in self._masters:
            subprocess.run(words, check=False, capture_output=True)
        if self._moler:
            self._moler.close()
        if self._readers:
            self._readers.close()
        self._lab.down()

    @keyword
    def set_up_lab(self) -> Lab:
        """A lab, a home for the controller that trusts its hosts, and a server that waits on each host."""
        lab = self._lab.up()
        settle(lab.folder / "home", lab.keys.client, lab.keys.known_hosts)
        for host in lab.hosts.values():
            host.spawn(["iperf3", "-s", "-p", str(WAITING), "--logfile", "/dev/null"])
            host.wait_for_listener(WAITING)
        return lab

    @keyword
    def lab_host(self, name: str) -> Host:
        return self._lab.host(name)

    @keyword
    def take_turns(self, benchmark: str, turns: int, *sides: str) -> None:
        """Runs each of these keywords so many times, one after the other, and keeps how long they took.

        A side may have arguments behind its name, and bars between them.
        """
        run: dict[str, Callable[[], Sample]] = {}
        for side in sides:
            name, *words = (part.strip() for part in side.split("|"))
            run[name] = timed(partial(BuiltIn().run_keyword, *(words or [name])))
        for one in run.values():  # what is done once is no part of it
            one()
        self._taken[benchmark] = in_turns(run, turns)
        samples.write(Path(BuiltIn().get_variable_value("${OUTPUT_DIR}")), self._taken)
        logger.info(json.dumps(self._taken[benchmark]))

    # -- what is used instead

    @keyword
    def client_by_hand(self, client: str, server: str, seconds: str) -> float:
        """The bit rate at the receiver of a client that nothing stands in front of."""
        address = self._lab.host(server).address()
        words = ["iperf3", "-c", address, "-p", str(WAITING), "-t", seconds, "-J"]
        said = json.loads(self._lab.host(client).run(words).stdout)
        return float(said["end"]["sum_received"]["bits_per_second"])

    @keyword
    def run_script(self, *words: str) -> float:
        """A shell script over OpenSSH; what it prints is the bit rate."""
        env = {**os.environ, **self._facts()}
        line = ["sh", str(SCRIPTS / words[0]), *words[1:]]
        return float(subprocess.run(line, check=True, capture_output=True, text=True, env=env, timeout=60).stdout)

    @keyword
    def open_masters(self) -> None:
        """The connections that ControlMaster keeps for the scripts."""
        facts = self._facts()
        for end in ("CLIENT", "SERVER"):
            words = [*facts["SSH"].split(), "-S", facts[f"{end}_SOCKET"]]
            subprocess.run([*words, "-M", "-N", "-f", facts[end]], check=True, stderr=subprocess.DEVNULL)
            self._masters.append([*words, "-O", "exit", facts[end]])

    def _facts(self) -> dict[str, str]:
        alpha, beta = self._lab.host("alpha"), self._lab.host("beta")
        return {
            "SSH": " ".join(self._lab.ssh(alpha)[:-1]),
            "CLIENT": self._lab.ssh(alpha)[-1],
            "SERVER": self._lab.ssh(beta)[-1],
            "CLIENT_SOCKET": str(self._lab.folder / "client.master"),
            "SERVER_SOCKET": str(self._lab.folder / "server.master"),
            "ADDRESS": beta.address(),
            "PORT": str(THEIRS),
        }

    @keyword
    def open_moler(self) -> None:
        self._moler = MolerRun(self._lab, self._lab.host("alpha"), self._lab.host("beta"), THEIRS)

    @keyword
    def run_moler(self, seconds: str) -> float:
        assert self._moler
        return self._moler.run(seconds)

    @keyword
    def run_robot(self, suite: str) -> float:
        """A Robot Framework of its own; returns the seconds that the keywords of the suite took."""
        folder = self._lab.folder / "inner"
        facts = [f"--variable={name}:{value}" for name, value in self._facts().items() if name in ("ADDRESS", "PORT")]
        urls = [f"--variable={name.upper()}:{self._lab.host(name).url}" for name in ("alpha", "beta")]
        key = f"--variable=KEY:{self._lab.keys.client}"
        words = [sys.executable, "-m", "robot", "--outputdir", str(folder), *facts, *urls, key, str(HERE / suite)]
        done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return float((folder / "seconds").read_text())

    # -- reading

    @keyword
    def open_readers(self, size: int) -> None:
        """Both ways to read so many bytes over SSH, each over a connection that stands."""
        alpha = self._lab.host("alpha")
        self._readers = Readers(alpha.url, alpha.ssh_host, alpha.user, self._lab.keys.client, self._lab.folder, size)

    @keyword
    def read_with_library(self) -> float:
        assert self._readers
        return self._readers.with_library()

    @keyword
    def read_with_paramiko(self) -> float:
        assert self._readers
        return self._readers.with_paramiko()
