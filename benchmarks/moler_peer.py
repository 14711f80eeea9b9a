"""What a tester would write with moler: terminals that log in by ssh, its commands for iperf3, its regular expressions.

Each line on standard input starts a run of so many seconds; the answer is the bit rate.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from moler.config import load_config
from moler.device.device import DeviceFactory

READY = 1.0
"""Seconds that the server gets: moler does not tell when one listens."""
LIMIT = 20.0


def serve(facts: dict[str, Any]) -> None:
    terminal = {"CONNECTION_DESC": {"io_type": "terminal", "variant": "threaded"}}
    load_config({"DEVICES": {"DEFAULT_CONNECTION": terminal, **facts["devices"]}}, config_type="dict")
    client, server = (DeviceFactory.get_device(name=name) for name in ("CLIENT", "SERVER"))
    for device in (client, server):
        device.goto_state("UNIX_REMOTE")
    for line in sys.stdin:
        print(once(client, server, facts, line.strip()), flush=True)


def once(client: Any, server: Any, facts: dict[str, Any], seconds: str) -> float:
    """Bits per second, of the last row that the client printed."""
    listening = server.get_cmd("iperf3", cmd_params={"options": f"-s -p {facts['port']}"})
    listening.start()
    time.sleep(READY)
    options = f"-c {facts['address']} -p {facts['port']} -t {seconds}"
    found = client.get_cmd("iperf3", cmd_params={"options": options})(timeout=LIMIT)
    listening.await_done(timeout=LIMIT)
    report = next(rows["report"] for ends, rows in found["CONNECTIONS"].items() if ends[0] == facts["source"])
    return 8.0 * float(report["Bitrate"])


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
