"""What counts as evidence of a run that went well, and each way in which a run can lie about that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from IperfLibrary.options import Options
from IperfLibrary.result import End, Flow, Result, Stream
from IperfLibrary.tools import TOOLS
from IperfLibrary.tools.base import warnings
from IperfLibrary.tools.faults import Fault
from IperfLibrary.tools.parsing import parse_all
from IperfLibrary.units import Bitrate, Seconds, Size

from .fake import document, error_document

IPERF3 = TOOLS["iperf3"]
SENT, GOT = End(bytes=1000, bits_per_second=8e3, seconds=1.0), End(bytes=900, bits_per_second=7.2e3, seconds=1.0)


def flow(count: int = 1, reverse: bool = False, sent: End = SENT, got: End = GOT, **more: Any) -> Flow:
    streams = tuple(Stream(5 + n, sent, got) for n in range(count))
    return Flow("reverse" if reverse else "forward", reverse, sent, got, more.pop("streams", streams), **more)


def good(*flows: Flow, **more: Any) -> Result:
    return Result("iperf3", "3.12", more.pop("protocol", "tcp"), "client", flows or (flow(),), **more)


def judge(result: Result | None, errors: Sequence[str] = (), exit_code: int | None = 0, **asked: Any) -> Fault | None:
    return IPERF3.judge(result, errors, exit_code, Options("client", **asked))


def fault(result: Result | None, errors: Sequence[str] = (), exit_code: int | None = 0, **asked: Any) -> Fault:
    found = judge(result, errors, exit_code, **asked)
    assert found
    assert found.cause
    assert found.remedy
    return found


def parsed(output: bytes) -> Result | None:
    results = parse_all(output.decode().splitlines())
    return results[-1] if results else None


# -- it went well


@pytest.mark.parametrize(
    ("flows", "asked"),
    [
        ((flow(),), {}),
        ((flow(4),), {"parallel": 4}),
        ((flow(reverse=True),), {"reverse": True}),
        ((flow(2), flow(2, reverse=True)), {"bidir": True, "parallel": 2}),
        ((flow(2, reverse=True), flow(2)), {"bidir": True, "parallel": 2}),
        ((flow(),), {"time": Seconds(1)}),
    ],
)
def test_all_that_was_asked_is_there(flows: tuple[Flow, ...], asked: dict[str, Any]) -> None:
    assert judge(good(*flows), **asked) is None


def test_a_warning_is_no_error() -> None:
    lines = ["warning: this system does not seem to support IPv6 - trying IPv4", ""]
    assert judge(good(), lines) is None
    assert warnings(lines) == lines[:1]


def test_udp_of_old_versions_tells_packets_and_no_bytes_of_the_receiver() -> None:
    got = End(packets=100, lost_packets=1)
    assert judge(good(flow(got=got), protocol="udp"), udp=True) is None


def test_a_document_that_is_good() -> None:
    assert judge(parsed(document(2)), parallel=2) is None
    assert judge(parsed(document(2, bidir=True)), parallel=2, bidir=True) is None


# -- it says so itself


def test_exit_code_0_with_an_error_in_the_result() -> None:
    found = fault(good(error="unable to connect to server: Connection refused"), exit_code=0)
    assert (found.kind, found.said) == ("refused", "unable to connect to server: Connection refused")


def test_exit_code_0_with_an_error_document() -> None:
    assert fault(parsed(error_document("the server is busy running a test. try again later"))).kind == "busy"


def test_exit_code_0_with_an_error_on_stderr_beside_a_good_result() -> None:
    line = "iperf3: error - control socket has closed unexpectedly"
    found = fault(good(), [line], 0)
    assert (found.kind, found.said) == ("closed", "control socket has closed unexpectedly")


def test_an_error_on_stderr_alone() -> None:
    """As 3.9 does: its JSON has no error."""
    assert fault(None, ["iperf3: error - unable to connect to server: Connection refused"], 1).kind == "refused"
    assert fault(good(), ["iperf3: error - unable to connect to server: Connection refused"], 1).kind == "refused"


def test_an_error_that_nobody_knows() -> None:
    found = fault(good(error="the flux capacitor is empty"))
    assert (found.kind, found.said) == ("failed", "the flux capacitor is empty")


def test_the_reason_comes_before_its_consequences() -> None:
    lines = ["iperf3: error - unable to receive results", "iperf3: error - the server is busy running a test"]
    assert fault(None, lines, 1).kind == "busy"


# -- it does not say so


@pytest.mark.parametrize("result", [None, Result("iperf3", "3.12", "tcp", "client")])
@pytest.mark.parametrize("exit_code", [0, 1])
def test_no_output(result: Result | None, exit_code: int) -> None:
    found = fault(result, [], exit_code)
    assert found.kind == "unreadable"
    assert ("exit code 1" in found.cause) == (exit_code == 1)


def test_output_of_something_else() -> None:
    assert parsed(b"Hello world\n{ not json\n") is None
    assert fault(parsed(b"Hello world\n")).kind == "unreadable"


@pytest.mark.parametrize("keep", [1, 10, 100, 300, -2, -20])
def test_output_that_is_cut(keep: int) -> None:
    assert fault(parsed(document()[:keep])).kind in ("unreadable", "incomplete")


@pytest.mark.parametrize(("exit_code", "kind"), [(126, "program"), (127, "program")])
def test_a_program_that_is_not_there(exit_code: int, kind: str) -> None:
    found = fault(None, ["sh: exec: iperf3: not found"], exit_code)
    assert (found.kind, found.said) == (kind, "sh: exec: iperf3: not found")


def test_a_signal_from_somebody_else() -> None:
    found = fault(None, [], 137)
    assert found.kind == "died"
    assert "signal 9" in found.cause


@pytest.mark.parametrize("exit_code", [1, 2, 139])
def test_an_exit_code_without_a_reason(exit_code: int) -> None:
    found = fault(good(), [], exit_code)
    assert str(exit_code) in found.said + found.cause or str(exit_code - 128) in found.said + found.cause


def test_a_usage_text_on_stderr() -> None:
    lines = ["iperf3: unrecognized option '--frobnicate'", "Usage: iperf3 [-s|-c host] [options]"]
    assert fault(None, lines, 1).kind == "usage"


def test_a_partial_result() -> None:
    assert fault(good(partial=True)).kind == "incomplete"


@pytest.mark.parametrize(
    ("flows", "asked"),
    [
        ((flow(),), {"reverse": True}),
        ((flow(reverse=True),), {}),
        ((flow(),), {"bidir": True}),
        ((flow(reverse=True),), {"bidir": True}),
    ],
)
def test_a_direction_is_missing(flows: tuple[Flow, ...], asked: dict[str, Any]) -> None:
    found = fault(good(*flows), **asked)
    assert found.kind == "incomplete"
    assert found.said in ("forward: no figures at all", "reverse: no figures at all")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_streams_are_missing(count: int) -> None:
    found = fault(good(flow(count)), parallel=4)
    assert found.kind == "incomplete"
    assert found.said == f"forward: {count} of 4 streams have a summary"


def test_streams_of_one_direction_are_missing() -> None:
    found = fault(good(flow(2), flow(1, reverse=True)), parallel=2, bidir=True)
    assert found.said == "reverse: 1 of 2 streams have a summary"


@pytest.mark.parametrize("where", ["sender", "receiver"])
def test_a_stream_that_moved_nothing(where: str) -> None:
    streams = (Stream(5, SENT, GOT), replace(Stream(7, SENT, GOT), **{where: End(bytes=0)}))  # type: ignore[arg-type]
    found = fault(good(flow(streams=streams)), parallel=2)
    assert found.said == "forward: nothing moved on stream 7"


def test_the_receiver_got_nothing() -> None:
    found = fault(good(flow(got=End(bytes=0, bits_per_second=0.0))))
    assert (found.kind, found.said) == ("nothing_moved", "forward: the receiver got nothing")


def test_the_receiver_of_one_direction_got_nothing() -> None:
    back = flow(reverse=True, got=End(bytes=0))
    assert fault(good(flow(), back), bidir=True).said == "reverse: the receiver got nothing"


def test_a_sum_of_nothing_beside_streams_that_moved() -> None:
    one = replace(flow(), receiver=End(bytes=0))
    assert fault(good(one)).kind == "nothing_moved"


def test_the_receiver_is_unknown() -> None:
    found = fault(good(flow(got=End())))
    assert found.said == "forward: the receiver's figures are unknown"


def test_full_duplex_of_iperf2_brings_no_report_of_the_server() -> None:
    """A UDP client without ``bidir`` gets one, and where it is missing nobody knows what arrived."""
    flows = (flow(got=End()), flow(reverse=True))
    both = replace(good(*flows), tool="iperf2", protocol="udp")
    assert TOOLS["iperf2"].judge(both, (), 0, Options("client", udp=True, bidir=True)) is None
    alone = replace(both, flows=flows[:1])
    assert "unknown" in str(TOOLS["iperf2"].judge(alone, (), 0, Options("client", udp=True)))


def test_a_run_that_was_shorter_than_asked() -> None:
    assert judge(good(), time=Seconds(1)) is None
    found = fault(good(flow(got=End(bytes=0))), time=Seconds(10))
    assert (found.kind, found.said) == ("nothing_moved", "forward: the receiver got nothing")
    found = fault(good(), time=Seconds(10))
    assert (found.kind, found.said) == ("incomplete", "forward: it ran 1 s in place of 10 s")
    assert "ended early" in found.cause
    assert "nothing came through" not in found.cause


def test_a_receiver_over_udp_that_alone_tells_how_long_it_ran() -> None:
    """That of iperf2 counts from the first datagram that came: the link may have been dead at the start."""
    got = flow(reverse=True, sent=End(), got=End(bytes=800, packets=8, lost_packets=0, seconds=3.9))
    short = fault(good(got, protocol="udp"), udp=True, reverse=True, time=Seconds(5))
    assert (short.kind, short.said) == ("incomplete", "reverse: it ran 3.9 s in place of 5 s")
    assert "nothing came through at first" in short.cause


def test_a_run_too_short_to_arrive_has_its_own_cause() -> None:
    sent = End(bytes=10, seconds=0.001)
    assert "over after 1 ms" in fault(good(flow(sent=sent, got=End(bytes=0)))).cause


def test_another_protocol_than_asked() -> None:
    assert fault(good(), udp=True).said == "it ran TCP in place of UDP"
    assert fault(good(protocol="udp")).said == "it ran UDP in place of TCP"


def test_a_receiver_that_got_more_than_was_sent() -> None:
    assert judge(good(flow(got=End(bytes=1_000_000)))) is None
    assert "only 1,000 were sent" in fault(good(flow(got=End(bytes=9_000_000)))).said


def test_after_a_warm_up_a_receiver_may_have_counted_for_longer() -> None:
    """As on a busy machine, where its seconds began earlier than the sender's. More than its seconds explain is too much all the same."""
    sent = End(bytes=571_473_920, seconds=1.004988)
    longer = good(flow(sent=sent, got=End(bytes=591_003_648, seconds=1.048356)))
    assert judge(longer, time=Seconds(1), omit=Seconds(2)) is None
    assert "receiver counts 591,003,648" in fault(longer, time=Seconds(1)).said
    warm_up_too = good(flow(sent=sent, got=End(bytes=1_155_662_208, seconds=1.048356)))
    assert "were sent" in fault(warm_up_too, time=Seconds(1), omit=Seconds(2)).said


def test_after_a_warm_up_a_receiver_may_count_what_was_under_way() -> None:
    """Measured with four streams on a fast path: six million bytes of each lay in buffers when both counts began."""
    sent, got = End(bytes=743_178_240, seconds=0.997996), End(bytes=767_105_272, seconds=1.002512)
    assert judge(good(flow(4, sent=sent, got=got)), parallel=4, time=Seconds(1), omit=Seconds(2)) is None
    slow, whole = End(bytes=2_500_000, seconds=1.0), End(bytes=5_000_000, seconds=1.0)
    assert "were sent" in fault(good(flow(sent=slow, got=whole)), time=Seconds(1), omit=Seconds(1)).said
    part = End(bytes=6_000_000, seconds=1.0)
    assert "were sent" in fault(good(flow(sent=slow, got=part)), time=Seconds(1), omit=Seconds(10)).said


def test_a_run_that_was_longer_than_asked() -> None:
    long = flow(sent=End(bytes=1000, seconds=10.0))
    assert fault(good(long), time=Seconds(1)).said == "it ran 10 s in place of 1 s"
    assert fault(good(long), time=Seconds(1)).cause.startswith(
        "the traffic link was cut or one end hung for a while, or a device"
    )


@pytest.mark.parametrize(
    ("kbytes", "seconds", "time"), [(120, 3.0585, 1), (723, 20.1261, 10), (1140, 20.6328, 10), (1744, 16.1034, 10)]
)
def test_a_last_write_on_a_slow_link_takes_its_time(kbytes: int, seconds: float, time: int) -> None:
    """Measured with iperf 2.1.8 over links of 100 kbit/s to 1 Mbit/s."""
    sent = End(bytes=kbytes * 1024, bits_per_second=kbytes * 8192 / seconds, seconds=seconds)
    slow = flow(sent=sent, got=sent)
    assert judge(good(slow), time=Seconds(time)) is None
    assert "it ran " in fault(good(slow, protocol="udp"), udp=True, time=Seconds(time)).said
    hung = flow(sent=replace(sent, seconds=seconds + 70), got=sent)
    assert "it ran " in fault(good(hung), time=Seconds(time)).said


def test_traffic_that_went_the_other_way() -> None:
    found = fault(good(flow(reverse=True)))
    assert found.said == "forward: no figures at all"
    assert "the program is a wrapper that adds options of its own" in found.cause


def test_a_clock_that_was_set_on_the_receiver() -> None:
    """What lies in the buffers of a slow link takes its time to arrive, but not an hour."""
    slow, jumped = (flow(got=End(bytes=900, bits_per_second=2.0, seconds=seconds)) for seconds in (30.0, 3601.0))
    assert judge(good(slow), time=Seconds(1)) is None
    assert fault(good(jumped), time=Seconds(1)).said == "the receiver counted for 3601 s in place of 1 s"
    assert "clock was set" in fault(good(jumped), time=Seconds(1)).cause


def test_less_was_sent_than_asked() -> None:
    assert judge(good(), bytes=Size(1000)) is None
    assert "it sent 1,000 bytes in place of 1,001" in fault(good(), bytes=Size(1001)).said


def test_all_packets_of_udp_were_lost() -> None:
    got = End(packets=100, lost_packets=100)
    assert fault(good(flow(got=got), protocol="udp"), udp=True).kind == "nothing_moved"


def test_all_packets_of_a_udp_stream_were_lost() -> None:
    lost, got = End(packets=100, lost_packets=100), End(packets=100, lost_packets=0)
    streams = (Stream(5, SENT, got), Stream(7, SENT, lost))
    one = flow(got=End(packets=200, lost_packets=100), streams=streams)
    assert fault(good(one, protocol="udp"), udp=True, parallel=2).said == "forward: nothing moved on stream 7"


def test_an_exit_code_that_is_not_known() -> None:
    assert fault(good(), [], None)


def test_a_sender_over_iperf2_that_tells_nothing_is_no_run() -> None:
    """Its client never learns what the receiver got, but what it sent it knows."""
    iperf2 = TOOLS["iperf2"]
    for sent, said in (
        (SENT, None),
        (End(), "forward: no end's figures are known"),
        (End(bytes=0), "forward: the receiver got nothing"),
    ):
        found = iperf2.judge(good(flow(sent=sent, got=End())), (), 0, Options("client"))
        assert (found and found.said) == said


# -- the target rate


@pytest.mark.parametrize(
    ("sent", "asked", "believed"),
    [
        (10e6, {"bitrate": Bitrate(10e6)}, True),
        (20e6, {"bitrate": Bitrate(10e6)}, True),  # what it writes at a time is much in so short a time
        (100e6, {"bitrate": Bitrate(10e6)}, False),
        (100e6, {"bitrate": Bitrate(10e6), "udp": True}, False),
        (1e6, {"bitrate": Bitrate(1e4)}, True),
        (30e6, {"bitrate": Bitrate(1e6), "length": Size(4_000_000)}, True),
        (40e6, {"bitrate": Bitrate(10e6), "parallel": 4}, True),
        (400e6, {"bitrate": Bitrate(10e6), "parallel": 4}, False),
        (15e9, {"bitrate": Bitrate(0)}, True),
        (15e9, {}, True),
    ],
)
def test_far_more_than_the_target_rate_is_not_believed(sent: float, asked: dict[str, Any], believed: bool) -> None:
    end = End(bytes=int(sent / 8), bits_per_second=sent, seconds=1.0)
    protocol = "udp" if asked.get("udp") else "tcp"
    found = judge(good(flow(asked.get("parallel", 1), sent=end, got=end), protocol=protocol), **asked)
    assert (found is None) == believed
    if found:
        assert found.said.startswith(f"it sent {Bitrate(sent)} in place of ")


def test_the_receiver_tells_the_rate_where_the_sender_does_not() -> None:
    got = End(bytes=10**9, bits_per_second=8e9, seconds=1.0)
    told = good(flow(reverse=True, sent=End(), got=got))
    assert "it sent 8 Gbit/s in place of 1 Gbit/s" in fault(told, reverse=True, bitrate=Bitrate(1e9)).said
