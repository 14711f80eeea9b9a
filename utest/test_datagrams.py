"""What a receiver of UDP did not see: where a link was dead at the start of a run, in the middle, or at its end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from IperfLibrary.datagrams import begun_late, never_seen, own_packets, with_own_bytes, without_waiting
from IperfLibrary.ends import both_ends, same_test
from IperfLibrary.intervals import outages
from IperfLibrary.result import End, Flow, Interval, Result, Stream
from IperfLibrary.servers import ServerHandle
from IperfLibrary.tools.parsing import parse, parse_all
from utest.recorded import Output, runs

SENT = End(bytes=500_000, seconds=5.0, packets=500)


def result(output: Output) -> Result:
    return parse(output.stdout, output.stderr, role=output.role)


def of_both(name: str) -> Result:
    """The client's result with what its server saw, which may have served more than it."""
    ends = runs()[name]
    client, server = result(ends["client"]), ends["server"]
    seen = same_test(client, parse_all(server.stdout, server.stderr, role="server"))
    assert seen
    return both_ends(client, seen)


def row(lost: int | None, packets: int | None, received: int | None = 100, seconds: float = 0.5) -> Interval:
    return Interval(0.0, seconds, received, lost_packets=lost, packets=packets)


# -- the rate


def test_what_a_queue_gives_behind_the_last_interval_takes_its_time() -> None:
    """Of 12 Mbit/s over a link of 10: the last interval of 0.23 s is a moment that is not listed, and all came in one second by that."""
    sender, rows = End(bytes=1_504_472, seconds=1.0, packets=1039), [Interval(0.0, 1.0, 1_229_352)]
    receiver = End(bytes=1_504_472, seconds=1.2254, bits_per_second=9_822_165.0)
    assert without_waiting(receiver, sender, rows) == receiver


def test_a_moment_of_waiting_alone_is_no_time_of_the_rate() -> None:
    sender, rows = End(bytes=1_229_352, seconds=1.0, packets=849), [Interval(0.0, 1.0, 1_229_352)]
    receiver = End(bytes=1_229_352, seconds=1.2254, bits_per_second=8_025_800.0)
    assert without_waiting(receiver, sender, rows).seconds == 1.0


def test_a_rate_is_over_all_the_time_in_which_was_sent() -> None:
    """Of an iperf2 receiver that heard the last three of five seconds: else the whole rate would have arrived."""
    got = never_seen(End(300_000, 800_000.0, 3.0, lost_packets=200, packets=500), SENT)
    assert (got.seconds, got.bits_per_second) == (5.0, 480_000.0)
    assert (got.lost_packets, got.packets) == (200, 500)


@pytest.mark.parametrize("seconds", [4.9, 5.0, 7.5, None])
def test_a_receiver_that_counted_as_long_is_believed(seconds: float | None) -> None:
    """Or longer: what lay in a queue took its time."""
    got = End(300_000, 1.0, seconds)
    assert never_seen(got, SENT) == got


def test_a_receiver_that_saw_nothing_has_lost_all() -> None:
    got = never_seen(End(0, 0.0, 5.0, lost_packets=0, packets=0, jitter_ms=0.0), SENT)
    assert (got.lost_packets, got.packets, got.lost_percent, got.jitter_ms) == (500, 500, 100, None)


def test_iperf3_of_which_nothing_came_has_lost_all() -> None:
    """Recorded over a link whose MTU was too small: "lost_packets": 0, "packets": 0."""
    found = result(runs()["iperf3-3.12/mtu-udp"]["client"])
    assert (found.lost_packets, found.packets, found.jitter_ms) == (1339, 1339, None)


def test_nothing_follows_from_what_is_unknown() -> None:
    assert never_seen(End(seconds=3.0), SENT) == End(seconds=3.0)
    assert never_seen(End(300_000, 1.0, 3.0), End()) == End(300_000, 1.0, 3.0)


@pytest.mark.parametrize("version", ["2.0.14a", "2.1.8", "2.2.1"])
def test_a_link_that_is_dead_at_the_start(version: str) -> None:
    """Two of five seconds at 4.2 Mbit/s, recorded: the server's own summary has three seconds of 4.2 Mbit/s."""
    ends = runs()[f"iperf2-{version}/blackout-start"]
    client, server = result(ends["client"]), result(ends["server"])
    assert not client.partial
    flow = both_ends(client, server).flows[0]
    assert flow.receiver.bits_per_second == pytest.approx(2.5e6, rel=0.01)
    assert flow.receiver.lost_percent == pytest.approx(40, abs=0.3)
    ((begin, end),) = outages(flow)
    assert begin == 0
    assert end == pytest.approx(2.0, abs=0.02)
    assert flow.intervals[-1].end == pytest.approx(5.0, abs=0.02)
    assert {row.bytes for row in flow.intervals[:4]} == {0}


def test_streams_of_a_link_that_is_dead_at_the_start() -> None:
    ends = runs()["iperf2-2.1.8/blackout-startP2"]
    flow = both_ends(result(ends["client"]), result(ends["server"])).flows[0]
    assert flow.receiver.bits_per_second == pytest.approx(5.03e6, rel=0.01)
    for stream in flow.streams:
        assert stream.receiver.bits_per_second == pytest.approx(2.5e6, rel=0.01)
        assert [bool(one.bytes) for one in stream.intervals[:5]] == [False] * 4 + [True]


def test_a_report_of_what_came_until_the_server_was_killed_is_none_of_the_run() -> None:
    """There it has not seen the numbers of all that were sent."""
    output = runs()["iperf2-2.1.8/blackout-start"]["client"]
    early = [line.replace("718/1787 (40%)", "0/1069 (0%)") for line in output.stdout]
    assert result(replace(output, stdout=early)).partial


def test_a_link_that_is_dead_at_the_end_the_other_way() -> None:
    """The client of a reverse run has 0 of 714 lost; what was sent is known to the server alone."""
    ends = runs()["iperf2-2.1.8/blackout-endR"]
    client = result(ends["client"])
    assert client.flows[0].receiver.lost_percent == 0
    receiver = both_ends(client, result(ends["server"])).flows[0].receiver
    assert (receiver.lost_packets, receiver.packets) == (716, 1430)


@pytest.mark.parametrize("case", ["blackout-end", "blackout-endR"])
def test_a_link_that_is_dead_at_the_end_of_an_iperf3_that_mixes_both_ends(case: str) -> None:
    """Up to 3.10 there is one sum of a UDP run: packets and bytes of the sender, losses of the receiver. By that, nothing was lost."""
    flow = of_both(f"iperf3-3.9/{case}").flows[0]
    parts: list[Flow | Stream] = [flow, *flow.streams]
    for part in parts:
        assert part.receiver.lost_percent == pytest.approx(37.7, abs=0.5)
        assert part.receiver.bytes == pytest.approx(
            500 * ((part.sender.packets or 0) - (part.receiver.lost_packets or 0))
        )
        assert part.receiver.bits_per_second == pytest.approx(1.25e6, rel=0.01)


def test_what_an_iperf3_that_mixes_both_ends_tells_a_receiving_client() -> None:
    """Its own intervals have how far it saw the datagrams' numbers."""
    receiver = result(runs()["iperf3-3.9/blackout-endR"]["client"]).flows[0].receiver
    assert (receiver.lost_packets, receiver.packets) == (945, 2523)


@pytest.mark.parametrize(
    ("name", "lost"),
    [("iperf3-3.18/blackout-endP4", [0, 0, 716, 716]), ("iperf3-3.12/blackout-endRP4", [705, 0, 0, 0])],
)
def test_streams_of_a_link_that_is_dead_at_the_end(name: str, lost: list[int]) -> None:
    """iperf3 tells what was sent beside the losses of each stream: of those that died, nothing was lost."""
    flow = of_both(name).flows[0]
    assert [stream.receiver.lost_packets for stream in flow.streams] == lost
    assert flow.receiver.lost_packets == sum(lost)


def test_bytes_of_intervals_are_not_those_of_a_run_that_they_do_not_cover() -> None:
    mixed = End(lost_packets=0, packets=500)
    whole = tuple(Interval(at, at + 1.0, 100_000, packets=100, lost_packets=0) for at in map(float, range(5)))
    sent = replace(SENT, bits_per_second=800_000.0)
    assert with_own_bytes(mixed, sent, whole) == replace(mixed, bytes=500_000, seconds=5.0, bits_per_second=800_000.0)
    for rows in (whole[1:], whole[:-1], ()):
        assert with_own_bytes(mixed, sent, rows) == mixed
    assert with_own_bytes(mixed, End(packets=500), whole) == mixed


@pytest.mark.parametrize("name", ["2.0.4/run-udpP2", "2.0.10/kill-c-2-udp", "2.0.13/kill-c-15-udp"])
def test_an_interval_that_was_not_printed_is_no_loss(name: str) -> None:
    """A server of iperf2 up to 2.0.13 prints none for the last part of a second, and its report has all."""
    flow = of_both(f"iperf2-{name}").flows[0]
    parts: list[Flow | Stream] = [flow, *flow.streams]
    for part in parts:
        assert part.receiver.lost_packets == 0
        assert part.receiver.packets == part.sender.packets


# -- the other side of a run that is over


def test_a_receiver_that_waits_for_an_end_that_does_not_come() -> None:
    """iperf2 in full duplex, recorded: its server goes on for 2.5 s, which are neither an outage nor time of the traffic."""
    flow = of_both("iperf2-2.1.8/blackout-endfd").flows[0]
    assert not flow.reverse
    assert flow.receiver.bits_per_second == pytest.approx(1.27e6, rel=0.03)
    assert outages(flow) == [(2.7, 3.9)]


def test_a_client_that_waits_for_an_end_that_does_not_come() -> None:
    """The other way, behind a queue of 1.4 s: data came until 5.5 s, and its last empty interval is none of the traffic."""
    flow = of_both("iperf2-2.1.8/queue-R").flows[0]
    assert flow.receiver.bits_per_second == pytest.approx(3.6e6, rel=0.03)
    assert flow.intervals[-1].bytes
    assert outages(flow) == []


def test_a_moment_of_waiting_changes_no_rate() -> None:
    """What iperf tells has as many digits as it is exact."""
    rows = (row(0, 100), row(0, 100)._replace(start=0.5, end=1.0))
    sender = End(200, 1600.0, 1.0, packets=200)
    for seconds, believed in ((1.05, 1.05), (1.4, 1.0)):
        got = without_waiting(End(200, 1600.0 / seconds, seconds), sender, rows)
        assert got.seconds == believed
        assert got.bits_per_second == pytest.approx(1600.0 / believed)


@pytest.mark.parametrize("name", ["iperf3-3.9/blackout-end", "iperf2-2.1.8/blackout-start"])
def test_the_view_of_a_server_has_what_its_client_had_sent(name: str) -> None:
    """What Stop Iperf Server returns: by its own output alone nothing of a dead end is lost."""
    ends = runs()[name]
    client, own = result(ends["client"]), result(ends["server"])
    server = ServerHandle.__new__(ServerHandle)
    server._tested = [client]
    told = server._with_sent(own).flows[0].receiver
    expected = both_ends(client, own).flows[0].receiver
    assert (told.lost_packets, told.packets) == (expected.lost_packets, expected.packets)
    assert told.bits_per_second == pytest.approx(expected.bits_per_second, rel=0.01)
    server._tested = []
    assert server._with_sent(own) == own


def test_the_view_of_a_part_of_the_streams_is_left_as_it_is() -> None:
    ends = runs()["iperf2-2.1.8/blackout-startOf2"]
    part = result(ends["server"])
    server = ServerHandle.__new__(ServerHandle)
    server._tested = [result(ends["client"])]
    assert server._with_sent(part) == part


# -- when it began


@pytest.mark.parametrize("version", ["2.0.14a", "2.1.8"])
def test_streams_that_began_at_different_times_do_not_add_up(version: str) -> None:
    """Two of four were dead for 1.5 of 4 s. Each one's seconds begin with its first datagram, and a server of 2.1 has two tests of it."""
    flow = of_both(f"iperf2-{version}/blackout-startOf2").flows[0]
    assert flow.receiver.bits_per_second == pytest.approx(6.47e6, rel=0.01)
    assert flow.measured_at == "sender"
    assert outages(flow) == []


def test_a_clock_that_began_with_the_first_datagram_that_came() -> None:
    assert begun_late(row(200, 250), SENT) == 2.0


@pytest.mark.parametrize(
    ("first", "sender"),
    [
        (row(0, 50), SENT),
        (row(10, 50), SENT),
        (row(9, 60), SENT),  # within what lies between datagrams, and a tenth of a second
        (row(None, 250), SENT),
        (row(200, None), SENT),
        (row(200, 250), End(packets=500)),
        (row(200, 250), End(seconds=5.0)),
    ],
)
def test_a_first_interval_that_tells_no_delay(first: Interval, sender: End) -> None:
    assert begun_late(first, sender) == 0.0


@pytest.mark.parametrize("name", ["iperf2-2.1.8", "iperf2-2.0.14a", "iperf3-3.12"])
def test_a_link_that_is_dead_at_the_start_and_has_a_deep_queue(name: str) -> None:
    """1.3 of 4 s, and a queue of a second, recorded: an iperf2 server counts from 1.3 to 5.4 s, which would be 3.7 Mbit/s, and takes a late last
    datagram for a test of its own. A clock of iperf3 is no second ahead.
    """
    flow = of_both(f"{name}/blackout-startQueue").flows[0]
    assert flow.receiver.bits_per_second == pytest.approx(2.85e6, rel=0.02)
    assert flow.receiver.lost_percent == pytest.approx(36.2, abs=0.3)
    ((begin, end),) = outages(flow)
    assert begin == 0.0
    assert end == pytest.approx(1.2, abs=0.05)


def test_a_sender_that_began_faster_than_it_went_on_is_not_late() -> None:
    """Of 500 datagrams 200 in the first second, of which half were lost: they were sent in that time."""
    sent = [Interval(float(at), at + 1.0, count) for at, count in enumerate((200_000, 75_000, 75_000, 75_000, 75_000))]
    first = row(100, 200, seconds=1.0)
    assert begun_late(first, SENT) == 1.0
    assert begun_late(first, SENT, sent) == 0.0
    assert begun_late(row(200, 250, seconds=0.5), SENT, sent) == pytest.approx(1.167, abs=0.001)


# -- datagrams that are counted again


def test_what_was_lost_before_is_not_counted_again() -> None:
    """iperf 2.0.14a, recorded: 87 of 178 lost in the third interval, and "0/ 266" in the next; 340 of 1787 in all."""
    rows = result(runs()["iperf2-2.0.14a/blackout-middle"]["server"]).flows[0].intervals
    assert [one.packets for one in rows[:7]] == [180, 178, 178, 179, 147, 0, 388]
    assert sum(one.packets or 0 for one in rows) == 1787
    assert rows[6].lost_percent == pytest.approx(65.2, abs=0.1)


def test_packets_that_were_counted_once_stay() -> None:
    right = (row(0, 10), row(5, 10, 50), row(0, 10))
    assert own_packets(right) == right
    assert own_packets(()) == ()


@pytest.mark.parametrize(
    "rows",
    [
        (row(0, 100), row(50, 100, 50), row(None, 150)),
        (row(0, 100), row(50, 100, 50), row(0, None)),
        (row(0, 100, None), row(50, 100, None), row(0, 150, None)),  # nothing tells how long a datagram is
        (row(0, 100), row(50, 100, 50), row(0, 20, 1), row(0, 190)),  # less than was lost before
    ],
)
def test_packets_stay_where_it_is_not_known_what_they_are(rows: tuple[Interval, ...]) -> None:
    assert own_packets(rows) == rows
