"""What the two ends of one test printed, as one result. Pure: results in, results out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .result import End, Flow, Result, Stream


def same_test(client: Result, served: Sequence[Result]) -> Result | None:
    """The server's view of the client's test among those that it served meanwhile; None when it is not there.

    iperf3 gives each test a cookie. With iperf2 it is the port of a stream; behind a NAT that is another one, so the
    only test that there is will do.
    """
    if client.cookie:
        return next((result for result in served if result.cookie == client.cookie), None)
    ports = _ports(client)
    fitting = [result for result in served if ports & _ports(result)]
    if fitting:
        return fitting[-1]
    return served[0] if len(served) == 1 and _could_be(client, served[0]) else None


def both_ends(client: Result, server: Result) -> Result:
    """The client's result, with what only the server knows filled in."""
    theirs = {flow.reverse: flow for flow in server.flows}
    return replace(
        client,
        flows=tuple(_joined(flow, theirs[flow.reverse]) if flow.reverse in theirs else flow for flow in client.flows),
        client_version=client.client_version or server.client_version,
        server_version=client.server_version or server.server_version,
        fake=client.fake or server.fake,
        server_cpu_percent=server.server_cpu_percent
        if client.server_cpu_percent is None
        else client.server_cpu_percent,
    )


def _joined(ours: Flow, theirs: Flow) -> Flow:
    by_port = {stream.port: stream for stream in theirs.streams if stream.port}
    streams = tuple(_joined_stream(s, by_port[s.port]) if s.port in by_port else s for s in ours.streams)
    return replace(
        ours,
        sender=_known(ours.sender, theirs.sender),
        receiver=_known(ours.receiver, theirs.receiver),
        streams=streams,
    )


def _joined_stream(ours: Stream, theirs: Stream) -> Stream:
    return replace(ours, sender=_known(ours.sender, theirs.sender), receiver=_known(ours.receiver, theirs.receiver))


# What a TCP sender alone can see. It does not depend on when each end began to count, so it goes well with the other's bytes.
_OF_A_SENDER = ("retransmits", "max_congestion_window_bytes", "min_rtt_ms", "mean_rtt_ms", "max_rtt_ms")


def _known(ours: End, theirs: End) -> End:
    if ours.bytes is None and ours.packets is None and ours.jitter_ms is None:
        return theirs
    return replace(ours, **{name: getattr(theirs, name) for name in _OF_A_SENDER if getattr(ours, name) is None})


def _ports(result: Result) -> set[int]:
    return {stream.port for flow in result.flows for stream in flow.streams if stream.port}


def _could_be(client: Result, server: Result) -> bool:
    """Whether the figures of both ends do not contradict that it is one test."""
    theirs = {flow.reverse: flow for flow in server.flows}
    for flow in client.flows:
        other = theirs.get(flow.reverse)
        sent, got = flow.sender.bytes, other.receiver.bytes if other else None
        if other is None or (sent is not None and got is not None and got > sent * 1.01 + 1_000_000):
            return False
    return client.protocol == server.protocol
