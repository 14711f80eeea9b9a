"""Rates, sizes and shares that parse what people write and print what people read. Pure.

Bits count in thousands and bytes in 1024s, as in everything that iperf prints: ``1 Mbit/s`` is 1,000,000
bits a second, ``1 MByte`` is 1,048,576 bytes. Each value is a plain number (bits/s, bytes, per cent, seconds)
with a text of its own.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

_PREFIX = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_NUMBER = r"(?P<number>[0-9][0-9_,]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+)"
_RATE = re.compile(
    _NUMBER + r"\s*(?P<prefix>[kmgt]?)(?P<binary>i?)"
    r"(?P<unit>(?-i:b|B)|bits?|bytes?)?(?P<per>/s|/sec|/second|ps| per second)?",
    re.IGNORECASE,
)
_SIZE = re.compile(_NUMBER + r"\s*(?P<prefix>[kmgt]?)i?(?P<unit>B|Bytes?)?", re.IGNORECASE)
_MILLISECONDS = re.compile(
    _NUMBER
    + r"\s*(?:(?P<ms>ms|msecs?|millis|milliseconds?|)|(?P<us>us|µs|μs|usecs?|microseconds?)|(?P<s>s|secs?|seconds?))"
)
_MS = {"us": Decimal("0.001"), "ms": Decimal(1), "s": Decimal(1000)}
_PERCENT = re.compile(_NUMBER + r"\s*%?")


class Bitrate(float):
    """A rate in bits per second.

    Written as a number of bits/s or with a unit: ``900 Mbit/s``, ``10M``, ``1.5 Gbps``, ``100 MByte/s``. Prefixes of bits
    are decimal (M is 1,000,000; ``Mi`` is 1,048,576), those of bytes binary. ``b`` is bit, ``B`` is byte.

    Example: ``bitrate=900 Mbit/s`` is 900,000,000 bits per second.
    """

    kind, usual = "bit rate", "Mbit/s"
    """What it is called, and the unit that people mean who write none."""

    @classmethod
    def parse(cls, value: str | float) -> Bitrate:
        if isinstance(value, (int, float)):
            return cls(_finite(value))
        found = _RATE.fullmatch(value.strip())
        if not found:
            raise ValueError(f"'{value}' is no bit rate; write it like '900 Mbit/s', '10M' or '1.5 Gbit/s'")
        unit = found["unit"] or "bit"
        is_bytes = unit == "B" or unit.lower().startswith("byte")
        base = 1024 if is_bytes or found["binary"] else 1000
        return cls(_scaled(found, base) * (8 if is_bytes else 1))

    def __str__(self) -> str:
        return _text(float(self), 1000, ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"))

    __repr__ = __str__


class Size(int):
    """A number of bytes.

    Written as a number or with a unit: ``128K``, ``1.5 GByte``, ``1470``. K, M, G and T are powers of 1024, as in iperf.

    Example: ``length=128K`` is 131,072 bytes.
    """

    kind, usual = "size", "MByte"

    @classmethod
    def parse(cls, value: str | float) -> Size:
        if isinstance(value, (int, float)):
            return cls(_whole(_finite(value), str(value)))
        found = _SIZE.fullmatch(value.strip())
        if not found or found["unit"] == "b":
            raise ValueError(f"'{value}' is no size in bytes; write it like '128K', '10 MByte' or '1470'")
        return cls(_whole(_scaled(found, 1024), value))

    def __str__(self) -> str:
        text = self.rounded()
        return text if _means(text, int(self)) else f"{int(self)} Byte"

    def rounded(self) -> str:
        """The size in four digits.

        Example: ``Size(1_176_502_272).rounded() == "1.096 GByte"``
        """
        return _text(int(self), 1024, ("Byte", "KByte", "MByte", "GByte", "TByte"))

    __repr__ = __str__


class Percent(float):
    """A share in per cent: ``0.1%``, or ``0.1`` without the sign, which is the same.

    Example: ``max_loss=0.1%`` is one in a thousand.
    """

    @classmethod
    def parse(cls, value: str | float) -> Percent:
        if isinstance(value, (int, float)):
            return cls(_finite(value))
        found = _PERCENT.fullmatch(value.strip())
        if not found:
            raise ValueError(f"'{value}' is no share in per cent; write it like '0.1%'")
        return cls(_finite(float(_number(found))))

    def __str__(self) -> str:
        return f"{float(self):.4g} %"

    def rounded(self) -> str:
        """The share in three digits, and no more than those in front of the point.

        Example: ``Percent(0.1234).rounded() == "0.123 %"``
        """
        return f"{float(self):.3g} %" if self < 100 else f"{float(self):.0f} %"

    __repr__ = __str__


class Seconds(float):
    """A duration in any of Robot's time formats: ``10s``, ``1 min 30 s``, ``00:01:30``, ``500ms``, or a number of seconds.

    Example: ``time=1 min 30 s`` is 90 seconds.
    """

    def __str__(self) -> str:
        return f"{float(self):.10g} s"

    __repr__ = __str__


class Milliseconds(float):
    """A short time in milliseconds, parsed from a number of them or a text: ``2 ms``, ``500 us``, ``0.1 s``.

    Example: ``Milliseconds.parse("500 us") == 0.5``
    """

    @classmethod
    def parse(cls, value: str | float) -> Milliseconds:
        if isinstance(value, (int, float)):
            return cls(_finite(value))
        found = _MILLISECONDS.fullmatch(value.strip())
        if not found:
            raise ValueError(f"'{value}' is no time; write it like '2 ms', '500 us' or '0.1 s'")
        unit = next(name for name in _MS if found[name] is not None)
        return cls(_finite(float(_number(found) * _MS[unit])))

    def __str__(self) -> str:
        return f"{float(self):.4g} ms"

    def rounded(self) -> str:
        """The time to a microsecond, as iperf prints it; from 100 ms on to a millisecond.

        Example: ``Milliseconds(0.0124).rounded() == "0.012 ms"``
        """
        return f"{float(self):.3f} ms" if self < 100 else f"{float(self):.0f} ms"

    __repr__ = __str__


class Count(int):
    """A number of things, parsed from digits.

    Example: ``Count.parse("7") == 7``
    """

    @classmethod
    def parse(cls, value: str | float) -> Count:
        if isinstance(value, (int, float)) and value == int(value):
            return cls(value)
        found = re.fullmatch(_NUMBER, str(value).strip())
        number = _number(found) if found else None
        if number is None or number != int(number):
            raise ValueError(f"'{value}' is no whole number")
        return cls(number)

    def __str__(self) -> str:
        return str(int(self))

    __repr__ = __str__


def _number(found: re.Match[str]) -> Decimal:
    text = found["number"]
    if "," in text and not re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        raise ValueError(f"'{text}' is ambiguous; use a point for decimals, like '1.5'")
    return Decimal(text.replace(",", "").replace("_", ""))


def _scaled(found: re.Match[str], base: int) -> float:
    """As it is written: in floats 8.2 times a million is no whole number."""
    return _finite(float(_number(found) * base ** _PREFIX[found["prefix"].lower()]))


def _means(text: str, count: int) -> bool:
    try:
        return Size.parse(text) == count
    except ValueError:  # a rounded text may be no whole number of bytes
        return False


def _finite(value: float) -> float:
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{value} is not a number of 0 or more")
    return value


def _whole(value: float, text: str) -> int:
    if value != int(value):
        raise ValueError(f"'{text}' is not a whole number of bytes")
    return int(value)


def _text(value: float, base: int, units: tuple[str, ...]) -> str:
    step = 0
    # 999.95 would round up to "1000" of the smaller unit, so it moves on to the next one already.
    while abs(value) >= base * 0.99995 and step < len(units) - 1:
        value, step = value / base, step + 1
    return f"{value:.4g} {units[step]}"
