"""What only one end of a test knows is filled in from the other's view, and nothing else is mixed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from IperfLibrary.ends import both_ends, same_test, streams_lack
from IperfLibrary.options import Options
from IperfLibrary.result import End, Flow, Interval, Result, Stream, Where
from IperfLibrary.tools import TOOLS
from IperfLibrary.tools.parsing import parse, parse_all
from IperfLibrary.units import Seconds
from utest.recorded import runs


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


# -- intervals


def rows(*counts: int, step: float = 1.0, **more: Any) -> tuple[Interval, ...]:
    return tuple(Interval(n * step, (n + 1) * step, count, count * 8 / step, **more) for n, count in enumerate(counts))


NOTHING = End()


def seen(
    intervals: tuple[Interval, ...], at: Where, protocol: str = "udp", receiver: End = NOTHING, port: int = 5
) -> Result:
    stream = Stream(5, End(100), receiver, intervals, port)
    flow = Flow("forward", False, End(100), receiver, (stream,), intervals, at)
    return Result("iperf3", "3.12", protocol, "client", (flow,))


def joined(ours: Result, theirs: Result) -> Flow:
    return both_ends(ours, theirs).flows[0]


def test_what_arrived_in_each_interval_is_what_the_receiver_counted() -> None:
    """A UDP sender goes on counting while nothing arrives."""
    flow = joined(seen(rows(10, 10, 10), "sender"), seen(rows(10, 0, 9), "receiver"))
    assert [row.bytes for row in flow.intervals] == [10, 0, 9]
    assert flow.streams[0].intervals == flow.intervals
    assert flow.measured_at == "receiver"


def test_intervals_of_another_length_have_what_the_sender_saw_in_them() -> None:
    """A sender with a rate goes on for as long as its buffer takes it, over TCP, too."""
    ours = rows(5, 5, 5, 5, step=0.5, retransmits=1, congestion_window_bytes=7, rtt_ms=2.0)
    flow = joined(seen(ours, "sender", "tcp"), seen(rows(10, 0), "receiver", "tcp"))
    assert [(row.bytes, row.retransmits, row.congestion_window_bytes, row.rtt_ms) for row in flow.intervals] == [
        (10, 2, 7, 2.0),
        (0, 2, 7, 2.0),
    ]
    assert flow.measured_at == "receiver"
    finer = joined(
        seen(rows(10, 10, retransmits=4), "sender", "tcp"), seen(rows(5, 0, 0, 5, step=0.5), "receiver", "tcp")
    )
    assert [(row.bytes, row.retransmits) for row in finer.intervals] == [(5, None), (0, None), (0, None), (5, None)]


def test_what_the_sender_alone_sees_stays_in_the_intervals() -> None:
    ours = rows(10, 10, retransmits=3, congestion_window_bytes=7, rtt_ms=1.5)
    flow = joined(seen(ours, "sender", "tcp"), seen((*rows(9, 0), Interval(2.0, 2.8, 1)), "receiver", "tcp"))
    assert [(row.bytes, row.retransmits, row.congestion_window_bytes, row.rtt_ms) for row in flow.intervals] == [
        (9, 3, 7, 1.5),
        (0, 3, 7, 1.5),
        (1, None, None, None),
    ]


@pytest.mark.parametrize(("counted", "found"), [(19, [10, 9, 0, 0]), (40, [10, 9]), (None, [10, 9])])
def test_a_receiver_that_hears_nothing_any_more(counted: int | None, found: list[int]) -> None:
    """iperf2 prints no intervals then; what is missing is known to be nothing where the others have all that was counted."""
    flow = joined(seen(rows(10, 10, 10, 10), "sender"), seen(rows(10, 9), "receiver", receiver=End(counted)))
    assert [row.bytes for row in flow.intervals] == found


def test_a_sender_that_told_no_intervals() -> None:
    flow = joined(seen((), "sender"), seen(rows(10, 0, 9), "receiver"))
    assert [row.bytes for row in flow.intervals] == [10, 0, 9]


def test_what_was_on_its_way_when_the_sender_ended_makes_no_interval() -> None:
    flow = joined(seen(rows(10, 10), "sender"), seen((*rows(9, 9), Interval(2.0, 2.01, 2)), "receiver"))
    assert [row.bytes for row in flow.intervals] == [9, 9]


def test_a_warm_up_that_one_end_does_not_tell() -> None:
    ours = (*rows(10, omitted=True), *rows(10, 10))
    assert joined(seen(ours, "sender"), seen(rows(1, 2, 3), "receiver")).intervals == ours
    assert joined(seen(ours, "sender"), seen((), "receiver")).measured_at == "sender"


def test_a_warm_up_of_which_one_end_printed_nothing() -> None:
    """iperf3 may not print the last interval of it; what comes behind it goes together."""
    ours = (*rows(10, omitted=True), *rows(10, 10, retransmits=1))
    flow = joined(seen(ours, "sender", "tcp"), seen(rows(9, 0), "receiver", "tcp"))
    assert [(row.bytes, row.retransmits) for row in flow.intervals] == [(9, 1), (0, 1)]
    longer = (*rows(1, 1, omitted=True), *rows(10, 10))
    shorter = (*rows(1, omitted=True), *rows(9, 8))
    assert [row.bytes for row in joined(seen(longer, "sender"), seen(shorter, "receiver")).intervals] == [1, 9, 8]


def test_a_long_path_brings_nothing_at_first() -> None:
    """The clock of the server begins when it is told, the data comes a round trip later."""
    ours, theirs = rows(5, 5, 5, 5, step=0.1, retransmits=3), rows(0, 0, 5, 5, 5, 5, step=0.1)
    flow = joined(seen(ours, "sender", "tcp"), seen(theirs, "receiver", "tcp"))
    assert [(row.bytes, row.retransmits) for row in flow.intervals] == [(5, 3)] * 4
    cut = joined(seen(rows(5, 5, 5, 5), "sender"), seen(rows(0, 0, 5, 5), "receiver"))
    assert [row.bytes for row in cut.intervals] == [0, 0, 5, 5]


def test_a_dead_start_of_a_short_path_is_none_of_a_long_one() -> None:
    """What the sender saw as the shortest round trip is the way; what came late came out of a queue."""
    ours, theirs = seen(rows(5, 5, 5, 5, step=0.1), "sender", "tcp"), rows(0, 0, 5, 5, 5, 5, step=0.1)
    for rtt, counts in ((10.0, [0, 0, 5, 5, 5, 5]), (200.0, [5, 5, 5, 5])):
        far = replace(ours.flows[0], sender=End(100, min_rtt_ms=rtt))
        flow = joined(replace(ours, flows=(far,)), seen(theirs, "receiver", "tcp"))
        assert [row.bytes for row in flow.intervals] == counts


def test_what_was_lost_at_the_start_was_sent_before_the_first_that_came() -> None:
    ours, theirs = seen(rows(5, 5, 5, 5, step=0.1), "sender"), rows(0, 0, 5, 5, 5, 5, step=0.1)
    lost = (*theirs[:2], theirs[2]._replace(lost_packets=2, packets=3), *theirs[3:])
    assert [row.bytes for row in joined(ours, seen(theirs, "receiver")).intervals] == [5, 5, 5, 5]
    assert [row.bytes for row in joined(ours, seen(lost, "receiver")).intervals][:3] == [0, 0, 5]


def test_a_dead_first_second_of_a_link_that_drains_slowly_stays_one() -> None:
    """No round trip takes as long: what came late came out of a queue."""
    flow = joined(seen(rows(5, 5, 5), "sender", "tcp"), seen(rows(0, 5, 5, 5), "receiver", "tcp"))
    assert [row.bytes for row in flow.intervals] == [0, 5, 5, 5]


def test_a_part_of_the_streams_is_none_of_the_figures_of_all() -> None:
    ours = seen(rows(10, 10), "sender")
    two = replace(ours.flows[0], streams=(*ours.flows[0].streams, Stream(7, port=6)))
    assert both_ends(replace(ours, flows=(two,)), seen(rows(9, 0), "receiver", receiver=End(9))).flows == (two,)


def test_no_silence_is_made_up_over_tcp() -> None:
    flow = joined(seen(rows(5, 5, 5, 5), "sender", "tcp"), seen(rows(10, 10), "receiver", "tcp", End(20)))
    assert [row.bytes for row in flow.intervals] == [10, 10]


def test_streams_that_the_other_end_calls_by_other_ports() -> None:
    """Behind a NAT: what each of them got is unknown then."""
    flow = joined(seen(rows(10, 10), "sender"), seen(rows(10, 0), "receiver", port=6))
    assert [row.bytes for row in flow.intervals] == [10, 0]
    assert flow.streams[0].intervals == ()


def test_intervals_of_a_receiver_stay() -> None:
    flow = joined(seen(rows(1), "receiver"), seen(rows(2), "sender"))
    assert (flow.intervals, flow.measured_at) == (rows(1), "receiver")


# -- parts of a test, and clocks


def test_a_stream_whose_syn_was_lost_is_of_the_same_test() -> None:
    """One of four, recorded: a server of iperf2 takes three of them for another test, and the rate would be theirs."""
    ends = runs()["iperf2-2.1.8/syn-lost-tcpP4"]
    client = parse(ends["client"].stdout, role="client")
    parts = parse_all(ends["server"].stdout, role="server")
    assert [len(part.flows[0].streams) for part in parts] == [1, 3]
    assert all(streams_lack(client, part) for part in parts)
    whole = same_test(client, parts)
    assert whole
    assert not streams_lack(client, whole)
    flow = both_ends(client, whole).flows[0]
    assert flow.receiver.bytes == flow.sender.bytes == 4_658_456
    assert flow.measured_at == "sender"


def test_a_clock_that_was_set_back_gives_no_rate() -> None:
    """The server's by 2 s, recorded: 36.3 Mbit/s over a link of 20."""
    ends = runs()["iperf2-2.1.8/clock-back-tcp"]
    both = both_ends(parse(ends["client"].stdout, role="client"), parse(ends["server"].stdout, role="server"))
    fault = TOOLS["iperf2"].judge(both, (), 0, Options("client", time=Seconds(4)))
    assert fault
    assert fault.said == "the receiver counted for 2.22 of the 4.23 s in which was sent"
    assert "clock was set" in fault.cause
