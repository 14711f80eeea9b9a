"""A run with moler, in a process of its own: its threads look for news all the time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from atest.lab.host import Host
from atest.lab.lab import Lab


class MolerRun:
    """The process; what it logs goes into the lab's folder."""

    def __init__(self, lab: Lab, client: Host, server: Host, port: int) -> None:
        ends = {"CLIENT": _device(lab, client), "SERVER": _device(lab, server)}
        facts = {"devices": ends, "source": client.address(), "address": server.address(), "port": port}
        words = [sys.executable, str(Path(__file__).with_name("moler_peer.py")), json.dumps(facts)]
        pipe = subprocess.PIPE
        log = (lab.folder / "moler").open("wb")
        # In a group of its own: the kernel hangs up a group with a stopped process in it, when nobody is left who minds it.
        self._process = subprocess.Popen(
            words, stdin=pipe, stdout=pipe, stderr=log, text=True, cwd=lab.folder, start_new_session=True
        )
        self.run("1")

    def run(self, seconds: str) -> float:
        assert self._process.stdin
        assert self._process.stdout
        self._process.send_signal(signal.SIGCONT)
        print(seconds, file=self._process.stdin, flush=True)
        rate = float(self._process.stdout.readline())
        self._process.send_signal(signal.SIGSTOP)  # it looks for news also when it has nothing to do
        return rate

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def _device(lab: Lab, host: Host) -> dict[str, Any]:
    hop = {
        "execute_command": "ssh",
        "command_params": {
            "host": host.ssh_host,
            "login": host.user,
            "password": "",
            "options": " ".join(lab.ssh(host)[1:-1]),
            "expected_prompt": f"{host.user}@{host.name}.*#",
            "set_timeout": None,
        },
    }
    return {
        "DEVICE_CLASS": "moler.device.unixremote.UnixRemote",
        "CONNECTION_HOPS": {"UNIX_LOCAL": {"UNIX_REMOTE": hop}},
    }
