"""What the library takes of the controller: threads, memory, log-ins."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import paramiko
from robot.api.deco import keyword, library


@library(scope="GLOBAL")
class Costs:
    """Notes how things are, and tells how much more it is later."""

    def __init__(self) -> None:
        self._before = (0, 0)
        self._log_ins = 0
        self._opened = paramiko.Transport.start_client

    @keyword
    def note_costs(self) -> None:
        def start_client(transport: paramiko.Transport, *arguments: object, **named: object) -> None:
            self._log_ins += 1
            self._opened(transport, *arguments, **named)  # type: ignore[arg-type]

        self._log_ins = 0
        paramiko.Transport.start_client = start_client  # type: ignore[method-assign,assignment]
        self._before = _taken()

    @keyword
    def costs_since(self) -> dict[str, float]:
        """``threads``, ``mebibytes`` and ``log_ins`` since `Note Costs`; what was counted is no longer."""
        paramiko.Transport.start_client = self._opened  # type: ignore[method-assign]
        threads, kibibytes = _taken()
        more = (threads - self._before[0], (kibibytes - self._before[1]) / 1024)
        return {"threads": more[0], "mebibytes": more[1], "log_ins": self._log_ins}


def _taken() -> tuple[int, int]:
    """Threads, and KiB of memory."""
    gc.collect()
    rows = Path("/proc/self/status").read_text().splitlines()
    return threading.active_count(), int(next(row for row in rows if row.startswith("VmRSS")).split()[1])
