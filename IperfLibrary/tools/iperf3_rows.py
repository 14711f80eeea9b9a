"""Reads one row of iperf3's text: its figures, and what stands behind the rate. Pure."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from .rows import count_of, size

# The row is searched, not matched at the start: --title, --timestamps, a prompt or ^C may stand before it.
ROW = re.compile(
    r"\[ *(\d{1,9}|SUM)\](?:\[([TR]X-[CS])\])? +(\d{1,9}\.\d\d- *\d{1,9}\.\d\d) +sec +"
    r"(\S+ [KMGTPE]?Bytes?) +(\S+ [KMGTPE]?(?:bits|Bytes)/sec)(.{0,300})"
)
_TCP_TAIL = re.compile(r" +(?:(\d+) +(?:(-?[\d.]+ [KMGT]?Bytes)\b)?)? *(sender|receiver|\(omitted\))?\s*$")
_WINDOW = re.compile(r"-?[\d.]+ [KMGT]?Bytes")
# Of a UDP sender; without the blanks behind it the number may be cut off.
_COUNT_TAIL = re.compile(r" +(\d+)  ?(?: *(\(omitted\)) *)?\s*$")


class Tail(NamedTuple):
    """What stands behind the rate of a row."""

    retransmits: int | None = None
    window: int | None = None
    jitter: float | None = None
    lost: int | None = None
    packets: int | None = None
    tag: str | None = None
    kind: str = ""


def arrived(words: list[str]) -> Tail:
    """Of a UDP receiver, and of the sums: jitter, lost/total, the share in brackets, which proves that it is whole."""
    if len(words) < 4 or words[1] != "ms" or not words[3].endswith("%)") or len(words[2]) > 36:
        return Tail(kind="cut")
    lost, _, total = words[2].partition("/")
    tag = words[4] if len(words) > 4 else None
    try:
        jitter, few, sent = float(words[0]), int(lost), int(total)
    except ValueError:
        return Tail(tag=tag, kind="udp")
    if math.isnan(jitter):
        return Tail(tag=tag, kind="udp")
    if not 0 <= few <= sent:
        return Tail(jitter=jitter, tag=tag, kind="udp")
    return Tail(None, None, jitter, few, sent, tag, "udp")


def whole(text: str | None) -> int | None:
    # A count of -1, unsigned, is a kernel that has none.
    return int(text) if text and len(text) < 18 else None


def window_of(text: str) -> tuple[int | None] | None:
    """The window that a row of a TCP sender ends with, which may be no number; None for anything else.

    Example: ``window_of("1.06 MBytes") == (1111490,)``
    """
    found = _WINDOW.fullmatch(text)
    return (count_of(size(text)),) if found else None


def tail_of(text: str) -> Tail:
    found = _TCP_TAIL.match(text)
    # A lone number is a UDP sender's count of datagrams; retransmits stand before a window or a tag.
    if found and (found[1] is None or found[2] or found[3] == "sender"):
        window = count_of(size(found[2])) if found[2] else None
        return Tail(whole(found[1]), window, tag=found[3], kind="tcp" if found[1] else "")
    found = _COUNT_TAIL.match(text)
    if found:
        return Tail(packets=whole(found[1]), tag=found[2], kind="sent")
    # Cut off, or the SUM of TCP senders, which has retransmits and no window.
    return Tail(tag=None, kind="cut" if text.strip() else "")
