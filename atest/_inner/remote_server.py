"""Serves the library over Robot's Remote interface on a free port of loopback, until its standard input ends."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from IperfLibrary import IperfLibrary


def main() -> None:
    try:
        from robotremoteserver import RobotRemoteServer  # noqa: PLC0415 - older than this project, and not always there
    except ImportError:
        print("no robotremoteserver", flush=True)
        return
    iperf = IperfLibrary(directory=Path(sys.argv[1]))
    server = RobotRemoteServer(iperf, host="127.0.0.1", port=0, serve=False)
    thread = threading.Thread(target=server.serve, kwargs={"log": False}, daemon=True)
    thread.start()
    while not server.server_port:
        thread.join(0.01)
    print(server.server_port, flush=True)
    sys.stdin.read()
    iperf._close()


if __name__ == "__main__":
    main()
