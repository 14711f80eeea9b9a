"""A result as text for a terminal."""

from __future__ import annotations

from IperfLibrary.result import End, Flow, Result, Stream
from IperfLibrary.summary import as_text, columns


def test_nothing_measured_has_no_table() -> None:
    one = Result("iperf3", None, "tcp", "server", error="no\nway", partial=True)
    assert as_text(one).splitlines() == [
        "iperf3 TCP (partial): nothing measured",
        "client unknown, server unknown; this is what the server printed",
        "error: no",
        "       way",
        "partial: the output does not reach its end",
    ]


def test_a_single_stream_is_not_told_twice() -> None:
    flow = Flow("forward", False, End(bytes=5), End(), (Stream(5, End(bytes=5)),))
    one = Result(
        "iperf2", None, "tcp", "client", (flow,), client="a", server="b", server_version="2.2", server_cpu_percent=0.0
    )
    assert as_text(one).splitlines() == [
        "iperf2 TCP: forward unknown received (sent unknown)",
        "client a, server b (version 2.2, CPU 0.0 %); this is what the client printed",
        "",
        "                  bytes",
        "forward sender        5",
        "forward receiver      -",
    ]


def test_unknown_is_a_dash_and_0_is_0() -> None:
    flow = Flow(
        "forward", False, End(bytes=0), End(bytes=1234, lost_packets=0, packets=4, jitter_ms=0.0, bits_per_second=0.0)
    )
    head, sender, receiver = as_text(Result("iperf3", "3.12", "udp", "client", (flow,))).splitlines()[-3:]
    assert head.split() == ["bytes", "rate", "jitter", "ms", "lost", "packets", "packets", "lost", "percent"]
    assert sender.split()[2:] == ["0", "-", "-", "-", "-", "-"]
    assert receiver.split()[2:] == ["1,234", "0", "bit/s", "0.000", "0", "4", "0.000"]


def test_no_text_steers_the_terminal() -> None:
    one = Result(
        "iperf3", "\x1b[31m", "tcp", "client", (Flow("\x9b1m", False, End(bytes=1)),), error="\x07", server="\x7f"
    )
    assert as_text(one).replace("\n", "").isprintable()


def test_columns_are_aligned() -> None:
    assert columns([("a", "1", "x"), ("bc", "10", "")], left=[0, 2]) == ["a    1  x", "bc  10"]
