"""Where pabot has what its processes write, and links that work in the log of all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from IperfLibrary.parallel import link, top_of

PABOT = {"${PABOTQUEUEINDEX}": "0"}


@pytest.mark.parametrize("below", ["0", "2/17", "0/sub"])
def test_the_directory_of_all(below: str) -> None:
    assert top_of(Path("/ci/out/pabot_results", below), PABOT.get) == Path("/ci/out")


def test_without_pabot_there_is_none() -> None:
    assert top_of(Path("/ci/out/pabot_results/0"), lambda name: None) is None
    assert top_of(Path("/ci/out"), PABOT.get) is None


@pytest.mark.parametrize(
    ("path", "merged"),
    [
        ("/ci/out/pabot_results/3/raw_iperf/a.json", "pabot_results/3/raw_iperf/a.json"),
        ("/ci/out/pabot_results/1/3/raw_iperf/a.json", "pabot_results/1/3/raw_iperf/a.json"),
        ("/ci/kept/a.json", "../kept/a.json"),
    ],
)
def test_a_link_after_pabot_has_merged_it(path: str, merged: str) -> None:
    """As pabot's ResultMerger does it."""
    message = f'<a href="{link(path, Path("/ci/out"))}">'.replace('href="../../', 'href="')
    found = re.search('href="([^"]*)"', message)
    assert found
    assert found[1] == merged


def test_pabot_does_so() -> None:
    merger = pytest.importorskip("pabot.result_merger")

    class Message:
        html = True
        message = f'<a href="{link("/ci/out/pabot_results/3/a.json", Path("/ci/out"))}">'

    one = object.__new__(merger.ResultMerger)
    one._patterns = []
    one.visit_message(Message)
    assert Message.message == '<a href="pabot_results/3/a.json">'
