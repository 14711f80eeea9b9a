"""What is told of a result: a block in Robot Framework's log, a record for CI, the headline of its test."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import log
from .block import as_html
from .client_failures import Peer
from .devices import Device, direction, fake
from .errors import IperfLibraryError, printable
from .options import Options
from .parallel import RESULTS, link, top_of
from .recovery import Recovery
from .report.recording import Recorder, common_run, now
from .report.records import FlowRecord, Verdict, record_of, record_of_recovery
from .result import Result
from .tools.base import Tool

HEADLINE = "Iperf"
"""The name of the headline among the metadata of a test, which Robot Framework has from 7.5 on."""


class Teller:
    """Tells of results when they are known, and writes their records when their test is over.

    ``variable`` gives the value of a Robot Framework variable, or None. The records of all processes of pabot go into one
    file, unless ``chosen`` says where they are to go.
    """

    def __init__(
        self,
        directory: Callable[[], Path],
        variable: Callable[[str], str | None],
        chosen: Path | None = None,
    ) -> None:
        self._recorder = Recorder(lambda: chosen or self._top() or directory())
        self._directory = directory
        self._variable = variable
        self._run: str | None = None
        self._headlines: list[str] = []

    def result(self, result: Result) -> None:
        self.show(result, [])
        self._headlines.append(printable(str(result)))
        # That a client was interrupted is no failure where a keyword stopped it.
        self._recorder.note(record_of(replace(result, error=None), said=result.error, **self._where()))

    def recovery(self, recovery: Recovery, client: Device, server: Device) -> None:
        """How long traffic took to fail and to flow again. ``client`` is the one that received."""
        self._headlines.append(printable(f"{server} to {client}: {recovery}"))
        known: dict[str, Any] = {"client": client.name, "server": server.name, "fake": fake(client, server)}
        self._recorder.note(record_of_recovery(recovery, **known, **self._where()))

    def failure(self, client: Device, server: Peer, tool: Tool, options: Options, error: IperfLibraryError) -> None:
        """A run that failed, or could not be started, with what was measured until then."""
        if isinstance(error.result, Result):
            self.show(error.result, [(error.what, False)])
        known: dict[str, Any] = {
            "client": client.name,
            "server": str(server),
            "tool": tool.name,
            "options": options,
            "flows": tuple(_flow(client, server.device, way) for way in options.directions),
            "fake": fake(client, server.device),
        }
        self._recorder.note(record_of(None, error=error, protocol=options.protocol, **known, **self._where()))

    def verdict(self, result: Result, text: str, passed: bool) -> None:
        """What was asked of a result, and whether it holds."""
        self._recorder.judge(result.raw_file, Verdict(text, passed))

    def end_of_test(self, test: Any) -> None:
        """Writes the records of this test and gives it their headline, where Robot Framework has a place for that."""
        headlines, self._headlines = self._headlines, []
        if headlines and hasattr(test, "metadata"):
            before = [test.metadata[HEADLINE]] if HEADLINE in test.metadata else []  # of another import of the library
            test.metadata[HEADLINE] = "\n\n".join([*before, *headlines])
        self._recorder.write(bool(test.passed), test.message, test.name)

    def end(self) -> None:
        """Writes the records that belong to no test, as of a suite setup."""
        self._headlines.clear()
        self._recorder.write()

    def _where(self) -> dict[str, Any]:
        names: dict[str, Any] = {
            "suite": self._variable("${SUITE NAME}") or "",
            "test": self._variable("${TEST NAME}") or "",
        }
        return {**names, "moment": now(), "run": self._common_run()}

    def _top(self) -> Path | None:
        """The output directory of all processes, where pabot runs several."""
        return top_of(self._directory_of_robot(), self._variable)

    def _directory_of_robot(self) -> Path:
        return Path(self._variable("${OUTPUT_DIR}") or self._directory()).absolute()

    def _common_run(self) -> str:
        """What tells this run from others: the same in all processes of pabot."""
        if self._run is None:
            top, own = self._top(), self._recorder.run
            self._run = common_run(top / RESULTS, own) if top else own
        return self._run

    def show(self, result: Result, verdict: list[tuple[str, bool]]) -> None:
        """The block in the log."""
        files = {"raw output": result.raw_file, "figures (CSV)": result.parsed_file}
        links = {name: self._from_log(path) for name, path in files.items() if path}
        log.markup(as_html(result, links, verdict))

    def _from_log(self, path: str) -> str:
        """The path as the log links to it."""
        written, top = self._variable("${LOG FILE}"), self._top()
        place = Path(written).parent if written and written != "NONE" else self._directory_of_robot()
        try:
            if top:
                return link(path, top)
            return Path(os.path.relpath(path, place)).as_posix()
        except ValueError:  # another drive of Windows
            return Path(path).as_posix()


def _flow(client: Device, server: Device | None, way: str) -> FlowRecord:
    """What was asked of one direction, before anything is known of it."""
    ends = (server, client) if way == "reverse" else (client, server)
    return FlowRecord(direction(*ends) or way, way == "reverse")
