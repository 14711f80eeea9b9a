"""What only one end of a test knows is filled in from the other's view, and nothing else is mixed."""

from __future__ import annotations

from dataclasses import replace

from IperfLibrary.ends import both_ends, same_test
from IperfLibrary.result import End, Flow, Result


def result(sender: End, receiver: End) -> Result:
    return Result("iperf3", "3.12", "tcp", "client", (Flow("reverse", True, sender, receiver),))


def test_what_the_sender_alone_sees_comes_from_the_server() -> None:
    ours = result(End(bytes=100, retransmits=None), End(bytes=90))
    theirs = result(End(bytes=101, retransmits=7, mean_rtt_ms=1.5, max_congestion_window_bytes=5), End())
    sender = both_ends(ours, theirs).flows[0].sender
    assert (sender.bytes, sender.retransmits, sender.mean_rtt_ms, sender.max_congestion_window_bytes) == (
        100,
        7,
        1.5,
        5,
    )


def test_what_we_know_stays() -> None:
    ours = result(End(bytes=100, retransmits=3, mean_rtt_ms=2.5), End(bytes=90))
    theirs = result(End(bytes=101, retransmits=7, mean_rtt_ms=1.5), End(bytes=80))
    assert both_ends(ours, theirs).flows[0] == ours.flows[0]


def test_an_end_that_knows_nothing_is_the_others() -> None:
    theirs = End(bytes=80, bits_per_second=640.0)
    assert both_ends(result(End(bytes=100), End()), result(End(), theirs)).flows[0].receiver == theirs


def test_the_only_test_of_a_server_is_not_that_of_a_client_with_another_protocol() -> None:
    """Where nothing names the test: neither a cookie nor a port that both know."""
    flow = Flow("forward", False, End(bytes=10), End(bytes=10))
    client = Result("iperf2", "2.1.8", "tcp", "client", (flow,))
    served = replace(client, role="server")
    assert same_test(client, [served]) is served
    assert same_test(client, [replace(served, protocol="udp")]) is None
    assert same_test(client, [replace(served, flows=())]) is None
    assert same_test(client, [served, served]) is None
