"""Rates, sizes, shares and times: what people write, and what they read."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from IperfLibrary.units import Bitrate, Count, Milliseconds, Percent, Seconds, Size


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("0", 0),
        ("1", 1),
        ("900 Mbit/s", 900e6),
        ("900Mbit/s", 900e6),
        ("900 MBit/s", 900e6),
        ("900 mbits/sec", 900e6),
        ("900 Mbps", 900e6),
        ("900 Mb/s", 900e6),
        ("900 Mbit per second", 900e6),
        ("10M", 10e6),
        ("10m", 10e6),
        ("10k", 10e3),
        ("10K", 10e3),
        ("1.5 Gbit/s", 1.5e9),
        (".5 Gbps", 0.5e9),
        ("1.5G", 1.5e9),
        ("2T", 2e12),
        ("1e6", 1e6),
        ("1_000_000", 1e6),
        ("1,000 kbit/s", 1e6),
        ("  1 M  ", 1e6),
        ("1 Mi", 2**20),
        ("1 Mibit/s", 2**20),
        ("8 bit/s", 8),
        # bytes: 1024
        ("1 B/s", 8),
        ("100 MByte/s", 100 * 2**20 * 8),
        ("100 MB/s", 100 * 2**20 * 8),
        ("1 KBytes/sec", 8192),
        (900e6, 900e6),
        (5, 5),
    ],
)
def test_a_bitrate(text: str | float, bits: float) -> None:
    assert Bitrate.parse(text) == bits
    assert type(Bitrate.parse(text)) is Bitrate


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("1470", 1470),
        ("128K", 131072),
        ("128k", 131072),
        ("1.5 GByte", 3 * 2**29),
        ("10 MByte", 10 * 2**20),
        ("1 MB", 2**20),
        ("1 MiB", 2**20),
        ("5 bytes", 5),
        ("1T", 2**40),
        (7, 7),
        (7.0, 7),
    ],
)
def test_a_size(text: str | float, count: int) -> None:
    assert Size.parse(text) == count
    assert type(Size.parse(text)) is Size


@pytest.mark.parametrize(("count", "text"), [(0, "0 Byte"), (1470, "1.436 KByte"), (1_176_502_272, "1.096 GByte")])
def test_a_rounded_size(count: int, text: str) -> None:
    assert Size(count).rounded() == text


@pytest.mark.parametrize(("text", "share"), [("0.1%", 0.1), ("0.1 %", 0.1), ("5", 5), (2.5, 2.5), ("0", 0)])
def test_a_percent(text: str | float, share: float) -> None:
    assert Percent.parse(text) == share


@pytest.mark.parametrize("kind", [Bitrate, Size, Percent])
@pytest.mark.parametrize(
    "text", ["", " ", "fast", "M", "-5", "- 5", "1 5", "5 Xbit/s", "1..5", "5 kk", "1e", "5 s", "½", "٣"]
)
def test_nonsense_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"is no "):
        kind.parse(text)


@pytest.mark.parametrize("kind", [Bitrate, Size, Percent])
@pytest.mark.parametrize("value", [-1, -0.5, float("inf"), float("nan"), "1e999"])
def test_what_is_no_amount_is_refused(kind: Any, value: str | float) -> None:
    with pytest.raises(ValueError, match="is not a number of 0 or more"):
        kind.parse(value)


@pytest.mark.parametrize("kind", [Bitrate, Size, Percent])
@pytest.mark.parametrize("text", ["1,5", "1,50", "12,34", "1,0000", "1000,000"])
def test_a_comma_that_may_mean_a_point_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValueError, match="ambiguous; use a point"):
        kind.parse(text)


def test_bits_are_no_size() -> None:
    for text in ("10 Mb", "10 Mbit", "10 b", "10 bit"):
        with pytest.raises(ValueError, match="no size in bytes"):
            Size.parse(text)


def test_half_a_byte_is_no_size() -> None:
    with pytest.raises(ValueError, match=r"'0\.3K' is not a whole number of bytes"):
        Size.parse("0.3K")


@pytest.mark.parametrize("kind", [Bitrate, Size])
def test_a_product_that_is_too_large_is_refused(kind: Any) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        kind.parse("1e300T")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Bitrate(0), "0 bit/s"),
        (Bitrate(999), "999 bit/s"),
        (Bitrate(1000), "1 kbit/s"),
        (Bitrate(941_300_000), "941.3 Mbit/s"),
        (Bitrate(999_940), "999.9 kbit/s"),
        (Bitrate(999_960), "1 Mbit/s"),
        (Bitrate(1.5e9), "1.5 Gbit/s"),
        (Bitrate(2e12), "2 Tbit/s"),
        (Size(0), "0 Byte"),
        (Size(1000), "1000 Byte"),
        (Size(1023), "1023 Byte"),
        (Size(1024), "1 KByte"),
        (Size(131072), "128 KByte"),
        (Size(3 * 2**29), "1.5 GByte"),
        (Percent(0.1), "0.1 %"),
        (Percent(0), "0 %"),
        (Percent(100), "100 %"),
        (Seconds(90), "90 s"),
        (Seconds(0.5), "0.5 s"),
    ],
)
def test_the_text(value: float, text: str) -> None:
    assert str(value) == repr(value) == f"{value}" == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Size(1023), "1023 Byte"),
        (Size(1_048_575), "1 MByte"),
        (Size(1_176_502_272), "1.096 GByte"),
        (Percent(0.1234), "0.123 %"),
        (Percent(99.96), "100 %"),
        (Percent(1234.5), "1234 %"),
        (Milliseconds(0.0124), "0.012 ms"),
        (Milliseconds(99.5), "99.500 ms"),
        (Milliseconds(1234.5678), "1235 ms"),
    ],
)
def test_the_rounded_text(value: Any, text: str) -> None:
    assert value.rounded() == text


def test_the_text_of_a_size_is_a_size() -> None:
    assert Size.parse(str(Size(1470))) == 1470


@given(st.floats(min_value=1, max_value=1e15))
def test_the_text_of_a_bitrate_is_a_bitrate(value: float) -> None:
    assert Bitrate.parse(str(Bitrate(value))) == pytest.approx(value, rel=1e-3)


@given(st.floats(min_value=0, max_value=100))
def test_the_text_of_a_percent_is_a_percent(value: float) -> None:
    assert Percent.parse(str(Percent(value))) == pytest.approx(value, rel=1e-3)


@given(st.text(alphabet="0123456789.,_ eEkKmMgGiIbBtTsSypers/%-+\n"))
def test_any_text_is_a_value_or_a_value_error(text: str) -> None:
    for kind in (Bitrate, Size, Percent):
        try:
            value = kind.parse(text)
        except ValueError:
            continue
        assert value >= 0


@pytest.mark.parametrize("value", [Bitrate(5e6), Size(1024), Percent(5), Seconds(10)])
def test_values_are_plain_numbers(value: float) -> None:
    assert json.loads(json.dumps(value)) == value
    for copied in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert (copied, type(copied)) == (value, type(value))
    assert value > value - 1
    assert {value: 1}[type(value)(value)] == 1


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), (7, 7), (7.0, 7), (" 12 ", 12), ("0.0", 0), ("1,000", 1000), ("1e3", 1000)]
)
def test_counts(text: Any, value: int) -> None:
    assert Count.parse(text) == value
    assert str(Count(7)) == "7"


@pytest.mark.parametrize("text", ["7.5", "-1", "a", "", 7.5, "1k"])
def test_what_is_no_count(text: Any) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Count.parse(text)


@pytest.mark.parametrize("prefix", ["k", "M", "G", "T"])
def test_a_rate_with_a_point_is_a_whole_number_of_bits(prefix: str) -> None:
    """8.2 times a million is no whole number in floats, and iperf takes none but whole ones."""
    tenths = range(1, 1000)
    step = 10 ** (2 + 3 * "kMGT".index(prefix))
    assert [Bitrate.parse(f"{n / 10}{prefix}") for n in tenths] == [float(n * step) for n in tenths]


@pytest.mark.parametrize(
    "given",
    [2, 2.0, "2", "2 ms", "2000 us", "2000 µs", "0.002 s", "2 msec", "2 milliseconds", "0.002 seconds", "2000 usec"],
)
def test_times_in_milliseconds(given: Any) -> None:
    assert Milliseconds.parse(given) == pytest.approx(2)


@pytest.mark.parametrize("text", ["2 mm", "", "ms", "two"])
def test_what_is_no_time_in_milliseconds(text: str) -> None:
    with pytest.raises(ValueError, match="write it like '2 ms'"):
        Milliseconds.parse(text)
