"""A search whose trials give no report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from IperfLibrary.errors import IperfError
from IperfLibrary.keywords.searches import SearchKeywords, _Servers
from IperfLibrary.throughput import Trial


class Search(SearchKeywords):
    """Its trials come out as told: True is a report, False none, None that the server crashed as well."""

    def __init__(self, *told: bool | None) -> None:
        self.told = list(told)
        self.started = self.ended = 0

    @contextmanager
    def server(self) -> Iterator[Any]:
        self.started += 1
        try:
            yield SimpleNamespace(running=True)
        finally:
            self.ended += 1

    def _trial(self, plan: Any, server: Any, rate: float, seconds: float) -> Trial:
        told = self.told.pop(0)
        if told:
            return Trial(rate, seconds, 100, 0)
        server.running = told is not None
        raise IperfError("the server's report did not come", kind="no_ack")

    def run(self) -> tuple[Trial, int]:
        unreported: list[IperfError] = []
        with ExitStack() as stack:
            servers = _Servers(self.server, stack)
            trial = self._reported(None, servers, 1e6, 1.0, unreported)  # type: ignore[arg-type]
        assert self.started == self.ended
        return trial, len(unreported)


def test_a_trial_without_a_report_carried_nothing_and_the_next_has_another_server() -> None:
    search = Search(False)
    assert search.run() == (Trial(1e6, 1.0, 0, 0), 1)
    assert search.started == 2


def test_a_trial_whose_server_crashed_is_tried_again() -> None:
    search = Search(None, True)
    assert search.run() == (Trial(1e6, 1.0, 100, 0), 0)
    assert search.started == 2


def test_a_server_that_crashes_again_is_told() -> None:
    with pytest.raises(IperfError, match="report did not come"):
        Search(None, None).run()


def test_a_trial_that_goes_well_keeps_its_server() -> None:
    search = Search(True)
    assert search.run() == (Trial(1e6, 1.0, 100, 0), 0)
    assert search.started == 1
