"""Whole recorded runs: one end against the other, and the figures of each against each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from IperfLibrary.ends import both_ends
from IperfLibrary.result import End, Flow, Result
from IperfLibrary.tools.faults import classify
from IperfLibrary.tools.parsing import Parser, parse_all
from utest.recorded import Output, outputs, runs

# Where the two ends of a run really say different things, and why.
ENDS_DIFFER = (
    "iperf3-3.1.3/",  # up to 3.1 the server counts the time until its last byte, the client its own
    "loss-udpO",  # up to 3.20 the client's summary has the losses of the warm-up, the server's has not
    "iperf3-3.16/json-udp",  # the client counts what was sent, the server what had come in time
    "blackout-start",  # the server's clock begins with the first datagram that comes; only the client knows when it sent the first
    "blackout-end",  # the server knows nothing of what was sent when nothing came any more
    "iperf3-3.16/loss-udpbidir-J",  # the server counts until its tail interval, 0.2 s longer
)
# Up to 3.9 the receiver counts the bytes of the warm-up's last moment; up to 3.1 of all of it.
COUNTS_WARM_UP = "omit"
# Killed in the middle: their intervals stop before the totals, which count what had been in the buffers.
INTERRUPTED = ("kill-", "rst")


def results(output: Output) -> list[Result]:
    return parse_all(output.stdout, output.stderr, role=output.role)


def close(one: float | None, other: float | None, share: float = 0.03, slack: float = 3.0) -> bool:
    if one is None or other is None:
        return True
    return abs(one - other) <= max(share * max(abs(one), abs(other)), slack)


def ends(flow: Flow) -> Iterator[tuple[str, End, list[End]]]:
    yield "sender", flow.sender, [stream.sender for stream in flow.streams]
    yield "receiver", flow.receiver, [stream.receiver for stream in flow.streams]


@pytest.mark.parametrize("output", list(outputs()), ids=str)
def test_figures_agree_with_each_other(output: Output) -> None:
    for result in results(output):
        for flow in result.flows:
            for _, end, parts in ends(flow):
                check_rate(end)
                check_sum(end, parts)
            if COUNTS_WARM_UP not in output.name:
                check_no_more_than_sent(flow)
            if not any(word in output.name for word in INTERRUPTED):
                check_intervals(flow)


def check_rate(end: End) -> None:
    if end.bytes is not None and end.bits_per_second is not None and end.seconds and end.seconds > 0.2:
        assert close(end.bytes * 8 / end.seconds, end.bits_per_second)


def check_sum(end: End, parts: list[End]) -> None:
    counts = [part.bytes for part in parts]
    if end.bytes is not None and counts and None not in counts:
        assert close(sum(count or 0 for count in counts), end.bytes, 0.01, 3000)


def check_no_more_than_sent(flow: Flow) -> None:
    if flow.sender.bytes is not None and flow.receiver.bytes is not None:
        assert flow.receiver.bytes <= flow.sender.bytes * 1.02 + 3000
    if flow.receiver.lost_packets is not None:
        assert 0 <= flow.receiver.lost_packets <= (flow.receiver.packets or 0)


def check_intervals(flow: Flow) -> None:
    """The intervals of a stream add up to no more than its total; to as much, where none is missing."""
    for stream in flow.streams:
        total = stream.sender if flow.measured_at == "sender" else stream.receiver
        counts = [row.bytes for row in stream.intervals if not row.omitted]
        if total.bytes is not None and counts and None not in counts:
            assert sum(count or 0 for count in counts) <= total.bytes * 1.03 + 10_000


@pytest.mark.parametrize("name", [name for name, run in runs().items() if len(run) == 2])
def test_the_two_ends_agree(name: str) -> None:
    mine, theirs = results(runs()[name]["client"]), results(runs()[name]["server"])
    if not (mine and theirs) or any(word in name for word in ENDS_DIFFER):
        return
    for flow in mine[-1].flows:
        for other in theirs[0].flows:
            if flow.reverse == other.reverse:
                check_ends_agree(flow, other)


def check_ends_agree(flow: Flow, other: Flow) -> None:
    for (_, mine, _), (_, theirs, _) in zip(ends(flow), ends(other), strict=True):
        for figure in ("bytes", "bits_per_second", "lost_packets", "packets"):
            assert close(getattr(mine, figure), getattr(theirs, figure))


@pytest.mark.parametrize("output", [o for o in outputs() if o.role == "client"], ids=str)
def test_what_went_wrong_is_said(output: Output) -> None:
    for result in results(output):
        if result.error:
            assert classify(result.error), result.error
            assert result.partial
        if output.rc and "iperf3" in str(output.args[:1]):
            assert result.partial


@pytest.mark.parametrize("output", [o for o in outputs() if "kill-s-9" in o.name or "kill-sKILL" in o.name], ids=str)
def test_a_run_whose_server_died_is_partial(output: Output) -> None:
    if output.role == "client" and "udp" not in output.name:
        assert all(result.partial for result in results(output))


@pytest.mark.parametrize("name", [name for name in runs() if "/json-" in name])
def test_json_runs_are_complete(name: str) -> None:
    output = runs()[name]["client"]
    if output.rc == 0:
        (result,) = results(output)
        assert not result.partial
        assert all(flow.sender.bytes for flow in result.flows)


def test_how_many_outputs_there_are() -> None:
    assert len(list(outputs())) > 1000


@pytest.mark.parametrize("output", [o for o in outputs() if o.role == "client"], ids=str)
def test_many_lines_at_once_show_the_same_intervals(output: Output) -> None:
    one_by_one, at_once = Parser(output.role), Parser(output.role)
    found = [interval for interval in map(one_by_one.feed, output.stdout) if interval]
    assert at_once.read(output.stdout) == found


@pytest.mark.parametrize("case", ["tcpP2", "udpP2"])
@pytest.mark.parametrize("version", ["3.9", "3.18", "3.22"])
def test_each_stream_of_text_has_what_its_receiver_counted(version: str, case: str) -> None:
    """The streams of both ends are told apart by the client's port."""
    ends = runs()[f"iperf3-{version}/text-{case}"]
    (client,), (server,) = results(ends["client"]), results(ends["server"])
    ports = [stream.port for stream in client.flows[0].streams]
    assert ports == [stream.port for stream in server.flows[0].streams]
    assert len(set(ports)) == 2
    for ours, theirs in zip(both_ends(client, server).flows[0].streams, server.flows[0].streams, strict=True):
        assert [row.bytes for row in ours.intervals] == [row.bytes for row in theirs.intervals][: len(ours.intervals)]
        assert ours.intervals


def test_a_stream_of_text_whose_beginning_is_cut_off_has_no_port_where_it_may_be_the_servers() -> None:
    lines = runs()["iperf3-3.18/text-tcpP2"]["server"].stdout
    begun = next(at for at, line in enumerate(lines) if "Accepted" in line)
    assert {stream.port for stream in parse_all(lines[begun + 1 :])[0].flows[0].streams} == {None}


@pytest.mark.parametrize("output", list(outputs()), ids=str)
def test_who_looks_meanwhile_changes_nothing(output: Output) -> None:
    """A server's view is asked for while its lines come, in pieces of any length."""
    at_once, watched = Parser(output.role), Parser(output.role)
    at_once.read(output.stdout)
    step = max(1, len(output.stdout) // 60)
    for at in range(0, len(output.stdout), step):
        watched.read(output.stdout[at : at + step])
        watched.results()
    assert watched.results(output.stderr) == at_once.results(output.stderr)
