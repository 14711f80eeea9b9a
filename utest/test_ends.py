"""What only one end of a test knows is filled in from the other's view, and nothing else is mixed."""

from __future__ import annotations

from IperfLibrary.ends import both_ends
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
