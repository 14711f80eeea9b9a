"""Records what an iperf prints, as test data: ``python -m utest.record PROGRAM...``, on loopback.

Each program runs with itself, in each of the cases below, and its output goes to ``data/runs/TOOL-VERSION/CASE.json``.
The tests then hold the two ends of each run against each other.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from .recorded import DATA

IPERF3 = {
    f"{form}-{name}": (words, flags)
    for form, words in (("json", ["-J"]), ("text", []), ("stream", ["--json-stream"]))
    for name, flags in {
        "tcp": "",
        "tcpP2": "-P 2",
        "tcpR": "-R",
        "bidir": "--bidir",
        "udp": "-u",
        "udpP2": "-u -P 2",
        "udpR": "-u -R",
        "udpbidir": "-u --bidir",
        "omit": "-O 1",
    }.items()
}
IPERF2 = {
    f"{form}-{name}": (words, flags)
    for form, words in (("run", []), ("enhanced", ["-e"]), ("bits", ["-e", "-f", "b"]), ("csv", ["-y", "C"]))
    for name, flags in {"tcp": "", "tcpP2": "-P 2", "R": "-R", "udp": "-u", "udpP2": "-u -P 2"}.items()
}


def main(programs: list[str]) -> None:
    for program in programs:
        tool, version = _identify(program)
        folder = DATA / "runs" / f"{tool}-{version}"
        folder.mkdir(parents=True, exist_ok=True)
        for case, (form, flags) in (IPERF3 if tool == "iperf3" else IPERF2).items():
            path = folder / f"{case}.json"
            if path.exists():
                print(f"{path} is there already, and kept.")
                continue
            run = _record(program, tool, form, flags.split())
            if run:
                path.write_text(json.dumps({"tool": tool, "version": version, "case": case, **run}))
                print(path)


def _identify(program: str) -> tuple[str, str]:
    told = subprocess.run([program, "-v"], capture_output=True, text=True, check=False)
    found = re.search(r"^iperf (version )?(\S+)", told.stdout + told.stderr, re.MULTILINE)
    assert found, f"{program} is no iperf"
    return "iperf2" if found[1] else "iperf3", found[2]


def _record(program: str, tool: str, form: list[str], flags: list[str]) -> dict[str, Any] | None:
    port = str(_free_port())
    udp = ["-u"] if "-u" in flags and tool == "iperf2" else []
    served = [*form, *udp] if tool == "iperf2" else ["--forceflush"]
    server = ["-s", "-p", port, *served, "-i", "1"]
    client = ["-c", "127.0.0.1", "-p", port, *form, *flags, "-t", "2", "-i", "1", "-b", "20M"]
    with subprocess.Popen([program, *server], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        _wait_for(port, "-u" in flags and tool == "iperf2")
        done = subprocess.run([program, *client], capture_output=True, text=True, check=False, timeout=60)
        serving.send_signal(signal.SIGINT)
        try:
            out, err = serving.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            serving.kill()
            out, err = serving.communicate()
    if "unrecognized option" in done.stderr or "not supported" in done.stderr:
        return None
    return {
        "client": _end(tool, client, done.returncode, done.stdout, done.stderr),
        "server": _end(tool, server, serving.returncode, out, err),
    }


def _end(tool: str, words: list[str], rc: int, out: str, err: str) -> dict[str, Any]:
    host = re.escape(socket.gethostname())
    out = re.sub(rf'("system_info":\s*"\w+ ){host} \S+ ', r"\1lab 6.1.0 ", out)
    return {"args": [tool, *words], "rc": rc, "stdout": out, "stderr": err}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: str, udp: bool) -> None:
    table = Path("/proc/net/udp" if udp else "/proc/net/tcp")
    both = (table, table.with_name(table.name + "6"))
    while not any(f":{int(port):04X} " in line.split("  ")[0] + " " for path in both for line in _rows(path)):
        pass


def _rows(path: Path) -> list[str]:
    rows = (line.split() for line in path.read_text().splitlines()[1:])
    return [row[1] + " " for row in rows if row[3] in ("0A", "07")]


if __name__ == "__main__":
    main(sys.argv[1:])
