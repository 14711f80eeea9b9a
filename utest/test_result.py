"""What a result says: the slower direction, the receiver's view, and nothing that is not known."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from IperfLibrary.result import End, Flow, Interval, Result, Stream


def flow(rate: float | None = None, *, sent: End | None = None, direction: str = "forward", **receiver: Any) -> Flow:
    got = End(bits_per_second=rate, **receiver)
    return Flow(direction, direction in ("reverse", "downstream"), sent or End(), got)


def result(*flows: Flow, **more: Any) -> Result:
    return Result("iperf3", "3.12", more.pop("protocol", "tcp"), "client", flows, **more)


# -- the headline


def test_the_headline_is_what_the_receiver_got() -> None:
    one = result(flow(5e6, sent=End(bits_per_second=9e6, bytes=9), bytes=5))
    assert one.bits_per_second == 5e6
    assert (one.received.bytes, one.sent.bytes) == (5, 9)
    assert one.sent.bits_per_second == 9e6
    assert one.flows[0].bits_per_second == 5e6


@pytest.mark.parametrize("order", [1, -1])
def test_the_headline_of_both_directions_is_the_slower(order: int) -> None:
    slow = flow(1e6, sent=End(bytes=11), direction="upstream", bytes=1)
    fast = flow(9e6, sent=End(bytes=99), direction="downstream", bytes=9)
    both = result(*[slow, fast][::order])
    assert both.slowest is slow
    assert both.bits_per_second == 1e6
    assert (both.received.bytes, both.sent.bytes) == (1, 11)
    assert (both.upstream, both.downstream) == (slow, fast)


def test_the_intervals_are_those_of_the_slower() -> None:
    ticks = (Interval(0, 1, bytes=5),)
    slow, fast = replace(flow(1e6), intervals=ticks), flow(2e6)
    assert result(fast, slow).intervals == ticks


def test_a_rate_that_is_not_known_is_the_headline() -> None:
    """An assertion on it must fail, not pass on the other direction."""
    assert result(flow(1e6), flow(None)).bits_per_second is None
    assert result(flow(None), flow(1e6)).bits_per_second is None


def test_a_rate_of_0_is_known() -> None:
    assert result(flow(0.0), flow(1e6)).bits_per_second == 0.0


FIGURES = ["bits_per_second", "retransmits", "jitter_ms", "lost_packets", "packets", "lost_percent", "out_of_order"]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("flows", [(), (flow(),), (flow(), flow())])
def test_nothing_measured_is_unknown(name: str, flows: tuple[Flow, ...]) -> None:
    assert getattr(result(*flows), name) is None


def test_the_ends_of_nothing() -> None:
    empty = result()
    assert (empty.received, empty.sent, empty.slowest, empty.intervals) == (End(), End(), None, ())
    assert (empty.upstream, empty.downstream) == (None, None)


def udp(lost: int | None, packets: int | None, jitter: float | None = 1.0, order: int | None = 0) -> Flow:
    return flow(1e6, lost_packets=lost, packets=packets, jitter_ms=jitter, out_of_order=order)


def test_figures_of_both_directions() -> None:
    both = result(udp(1, 100, 0.5, 3), udp(5, 1000, 2.0, 4))
    assert (both.lost_packets, both.packets, both.out_of_order) == (6, 1100, 7)
    assert both.jitter_ms == 2.0
    assert both.lost_percent == 1.0  # of the worse direction


def test_retransmits_are_the_senders() -> None:
    flows = [flow(1e6, sent=End(retransmits=n), retransmits=100) for n in (3, 4)]
    assert result(*flows).retransmits == 7


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("lost_packets", udp(1, 10), udp(None, 10)),
        ("packets", udp(1, 10), udp(None, None)),
        ("lost_percent", udp(1, 10), udp(None, 10)),
        ("jitter_ms", udp(1, 10), udp(1, 10, None)),
        ("out_of_order", udp(1, 10), udp(1, 10, order=None)),
        ("retransmits", flow(1, sent=End(retransmits=1)), flow(1)),
    ],
)
def test_one_unknown_makes_all_unknown(name: str, one: Flow, other: Flow) -> None:
    assert getattr(result(one, other), name) is None
    assert getattr(result(other, one), name) is None
    assert getattr(result(one), name) is not None


@pytest.mark.parametrize(
    ("lost", "packets", "share"),
    [(1, 4, 25.0), (0, 4, 0.0), (4, 4, 100.0), (0, 0, None), (None, 4, None), (1, None, None), (None, None, None)],
)
@pytest.mark.parametrize("kind", [End, lambda **values: Interval(0, 1, **values)])
def test_the_share_that_was_lost(kind: Any, lost: int | None, packets: int | None, share: float | None) -> None:
    assert kind(lost_packets=lost, packets=packets).lost_percent == share


def test_an_interval_has_seconds() -> None:
    assert Interval(1.5, 4).seconds == 2.5


# -- text


def test_the_text_of_tcp() -> None:
    one = flow(5e6, sent=End(bits_per_second=9e6, retransmits=3), direction="upstream")
    two = replace(one, direction="downstream", streams=(Stream(5), Stream(7)))
    assert str(result(one)) == "iperf3 TCP: upstream 5 Mbit/s received (sent 9 Mbit/s, 3 retransmits)"
    assert str(result(one, two)) == (
        "iperf3 TCP: upstream 5 Mbit/s received (sent 9 Mbit/s, 3 retransmits); "
        "downstream 5 Mbit/s received (sent 9 Mbit/s, 2 streams, 3 retransmits)"
    )
    assert repr(result(one)) == str(result(one))


def test_the_text_of_udp() -> None:
    one = flow(5e6, sent=End(bits_per_second=9e6), lost_packets=1, packets=8, jitter_ms=0.25)
    text = "forward 5 Mbit/s received (sent 9 Mbit/s, 1/8 packets lost (12.5 %), jitter 0.250 ms)"
    assert str(result(one, protocol="udp")) == f"iperf3 UDP: {text}"


def test_the_text_of_what_is_not_known() -> None:
    assert str(result(flow())) == "iperf3 TCP: forward unknown received (sent unknown)"
    assert str(result(partial=True)) == "iperf3 TCP (partial): nothing measured"


def test_the_text_is_one_line() -> None:
    assert "\n" not in str(result(flow(1e6), flow(2e6), partial=True, error="one\ntwo"))


# -- values


def test_a_result_does_not_change() -> None:
    one: Any = result(flow(1e6))
    for value, name in ((one, "partial"), (one.flows[0], "receiver"), (one.received, "bytes")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, None)


def test_as_dict_is_ready_for_json() -> None:
    one = result(replace(flow(1e6), streams=(Stream(5),), intervals=(Interval(0, 1),)), options={"time": 10})
    again = json.loads(json.dumps(one.as_dict()))
    assert again["flows"][0]["receiver"]["bits_per_second"] == 1e6
    assert again["flows"][0]["sender"]["bytes"] is None
    assert again["flows"][0]["streams"][0]["id"] == 5
    assert again["flows"][0]["intervals"][0]["end"] == 1
    assert again["options"] == {"time": 10}


def test_a_stream_as_text() -> None:
    stream = Stream(3, End(bits_per_second=2e6), End(bits_per_second=1e6))
    assert str(stream) == repr(stream) == "stream 3: 1 Mbit/s received (sent 2 Mbit/s)"
