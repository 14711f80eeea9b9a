"""A device that runs nothing: what its processes print, and how they end, is written beforehand or said by the test.

The fake stands at the seam, in place of a connection, so all that is above it is the real thing. Nothing here waits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from IperfLibrary.connections.base import Connection, Process, Sink

RUNNING = object()
"""In place of an exit code: it does not end by itself."""


class FakeProcess(Process):
    """A process whose test says what it does: ``say``, ``complain``, ``end``."""

    def __init__(self, words: tuple[str, ...], stdout: Sink, stderr: Sink, pid: int, script: Script) -> None:
        super().__init__(words, stdout, stderr)
        self.script = script
        self.signals: list[str] = []
        self.released = False
        if script.starts:
            self.feed_stdout(b"iperflibrary-leash %d\n" % pid)

    def say(self, data: bytes) -> None:
        self.feed_stdout(data)

    def complain(self, data: bytes) -> None:
        self.feed_stderr(data)

    def end(self, exit_code: int | None) -> None:
        self.ended(exit_code)

    def play(self) -> None:
        """What the script has from the start."""
        for data in self.script.stdout:
            self.say(data)
        for data in self.script.stderr:
            self.complain(data)
        if self.script.exit_code is not RUNNING:
            self.ended(self.script.exit_code)

    def release(self) -> None:
        self.released = True

    def _write(self, line: bytes) -> None:
        name = line.decode().strip()
        self.signals.append(name)
        react = self.script.on.get(name)
        if react:
            react(self)


Reaction = Callable[[FakeProcess], None]


@dataclass
class Script:
    """What one process does: prints this, then ends with that code, or goes on until a signal that it reacts to."""

    stdout: tuple[bytes, ...] = ()
    stderr: tuple[bytes, ...] = ()
    exit_code: Any = 0
    on: Mapping[str, Reaction] = field(default_factory=dict)
    starts: bool = True


def ends(exit_code: int | None, stdout: bytes = b"", stderr: bytes = b"") -> Reaction:
    """The reaction to a signal: print this and end."""

    def react(process: FakeProcess) -> None:
        process.say(stdout)
        process.complain(stderr)
        process.end(exit_code)

    return react


class FakeConnection(Connection):
    """Runs scripts; ``behaves`` says which one for which words."""

    def __init__(
        self, where: str = "dut", host: str | None = "192.0.2.1", behaves: Callable[..., Script] | None = None
    ) -> None:
        super().__init__(where)
        self._host = host
        self._behaves = behaves or (lambda words: Script())
        self.processes: list[FakeProcess] = []
        self.closed = 0

    @property
    def host(self) -> str | None:
        return self._host

    def _spawn(self, words: tuple[str, ...], stdout: Sink, stderr: Sink) -> Process:
        own = words[4:]  # without the leash
        process = FakeProcess(own, stdout, stderr, 1000 + len(self.processes), self._behaves(own))
        self.processes.append(process)
        process.play()
        return process

    def close(self) -> None:
        self.closed += 1
        for process in self.processes:
            if process.running:
                process.end(None)


class Iperf3Machine(FakeConnection):
    """A machine with iperf3: it tells its version, and in /proc which of its servers listen."""

    def __init__(self, where: str = "dut", host: str | None = "192.0.2.1", version: str = "3.12") -> None:
        super().__init__(where, host, self._runs)
        self.version: str | None = version
        self.clients: list[Script] = []
        self.servers: list[Script] = []
        self.deaf = False
        self.looks = 0
        self.connected = b""
        self.counters: list[bytes] = []
        """What its kernel has counted at each look; nothing is told where there is none."""

    def _runs(self, words: tuple[str, ...]) -> Script:
        if words[1:] == ("-v",):
            text = f"iperf {self.version} (cJSON 1.7.15)\nLinux\n" if self.version else ""
            return Script((text.encode(),), exit_code=0 if self.version else 127)
        if "/proc/net/dev" in " ".join(words):
            return Script((self.counters.pop(0),)) if self.counters else Script(exit_code=1)
        if "/proc/self/exe" in " ".join(words):
            return Script((self.connected,))
        # Whether a port is free, or the device answers, or has daemons.
        if "self" in words or words == ("sh", "-c", ":") or ".daemon" in " ".join(words):
            return Script()
        if "/proc/" in " ".join(words):
            self.looks += 1
            return Script((self._proc(next(int(word) for word in words if word.isdigit())),))
        return self._next(words)

    def _next(self, words: tuple[str, ...]) -> Script:
        if "--server" in words:
            return self.servers.pop(0) if self.servers else Script(exit_code=RUNNING, on={"INT": ends(0)})
        return self.clients.pop(0) if self.clients else Script((document(),))

    def _proc(self, pid: int) -> bytes:
        """What a look into /proc shows of this process."""
        found = next(p for n, p in enumerate(self.processes) if 1000 + n == pid)
        if not found.running or self.deaf:
            return b""
        port = int(after(found.words, "--port"))
        row = f"   0: 00000000:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 {pid}7 1\n"
        return (row + f"lrwx------ 1 root root 64 Jan 1 00:00 3 -> socket:[{pid}7]\n").encode()

    def started(self, kind: str) -> list[FakeProcess]:
        """The processes with this word, ``--server`` or ``--client``, in the order of their start."""
        return [process for process in self.processes if kind in process.words]


def after(words: tuple[str, ...], flag: str) -> str:
    """The word after this one."""
    return words[words.index(flag) + 1]


# -- documents of iperf3


def document(
    streams: int = 1,
    sent: float = 1e6,
    received: float = 1e6,
    *,
    reverse: bool = False,
    bidir: bool = False,
    server: bool = False,
    error: str | None = None,
    version: str = "3.12",
) -> bytes:
    """A document of a TCP test of 1 s, with bits/s that each stream sent and received; backwards half of that."""
    test = {"protocol": "TCP", "num_streams": streams, "duration": 1, "reverse": int(reverse), "bidir": int(bidir)}
    start = {"version": f"iperf {version}", "test_start": test, "timestamp": {"timesecs": 1700000000}}
    if server:
        start["accepted_connection"] = {"host": "192.0.2.9", "port": 40000}
    ways = [("", 1.0), ("_bidir_reverse", 0.5)] if bidir else [("", 1.0)]
    end: dict[str, Any] = {"streams": []}
    for number, (suffix, share) in enumerate(ways):
        sends = (number == 0) != (reverse or server)
        rows = [_row(5 + 10 * number + i, sent * share, received * share, sends) for i in range(streams)]
        end["streams"] += rows
        end["sum_sent" + suffix] = _half(0, sent * share * streams, sends, retransmits=3)
        end["sum_received" + suffix] = _half(0, received * share * streams, sends)
    whole = {"start": start, "intervals": [_interval(streams, sent, not reverse)], "end": end}
    return json.dumps({**whole, "error": error} if error else whole).encode() + b"\n"


def _row(socket: int, sent: float, received: float, sends: bool) -> dict[str, Any]:
    return {"sender": _half(socket, sent, sends, retransmits=3), "receiver": _half(socket, received, sends)}


def _half(socket: int, rate: float, sends: bool, **more: Any) -> dict[str, Any]:
    head = {"socket": socket, "start": 0, "end": 1, "seconds": 1, "sender": sends}
    return {**head, "bytes": int(rate / 8), "bits_per_second": rate, **more}


def _interval(streams: int, rate: float, sends: bool) -> dict[str, Any]:
    rows = [_half(5 + i, rate, sends) for i in range(streams)]
    return {"streams": rows, "sum": _half(0, rate * streams, sends)}


def error_document(text: str) -> bytes:
    """A document of a client that got nowhere."""
    start = {"connected": [], "version": "iperf 3.12"}
    return json.dumps({"start": start, "intervals": [], "end": {}, "error": text}).encode() + b"\n"
