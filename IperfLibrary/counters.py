"""What the kernel of a device counted on its network interfaces, and which of them leads where, in the text of ``/proc/net``. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

ROUTE = "-> "
"""What stands in front of each line on routes, so that no other line is taken for one."""

LOOPBACK = "lo"
WRAP = 1 << 32
"""Where the counters of 32-bit kernels begin anew."""

_UP = 0x1
_LOCAL = 0x80000000
"""Flags of a route: it is in use; the address is the device's own (IPv6)."""

_DEV = re.compile(r"\bdev (\S+)")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Order = Literal["little", "big"]


class Counted(NamedTuple):
    """What one interface has counted since it is there; ``number`` is another one when it was made anew."""

    rx_bytes: int
    rx_packets: int
    tx_bytes: int
    tx_packets: int
    number: int | None = None


class Moved(NamedTuple):
    """What an interface counted between two looks, in one direction."""

    bytes: int
    packets: int


@dataclass(frozen=True)
class Look:
    """One look at all interfaces of a device; ``leads`` is the one that leads to the address that was asked for."""

    counted: Mapping[str, Counted] = field(default_factory=dict)
    leads: str | None = None


def look_of(text: str, address: str | None = None) -> Look:
    """What the text of ``/proc/net/dev`` says, with lines ``NAME index NUMBER`` and ``-> ROUTE`` beside it.

    Example: ``look_of(completed.stdout, "192.0.2.1").counted["eth0"].rx_bytes``
    """
    lines = text.splitlines()
    indices = {words[0]: int(words[2]) for words in _words(lines) if _is_index(words)}
    counted = {name: Counted(*numbers, indices.get(name)) for name, numbers in _rows(lines)}
    return Look(counted, _leads([line.removeprefix(ROUTE) for line in lines if line.startswith(ROUTE)], address))


def moved(before: Counted | None, after: Counted | None, way: str, at_least: int) -> Moved | None:
    """What was counted in between in that way, ``rx`` or ``tx``; None where that cannot be known.

    It cannot where the interface was not there all the time, or its counters began anew: because it was made anew, or because they
    have 32 bits and ``at_least`` so many bytes more do not fit in.
    """
    if before is None or after is None or before.number != after.number:
        return None
    began, ended = (Moved(getattr(at, f"{way}_bytes"), getattr(at, f"{way}_packets")) for at in (before, after))
    narrow = max(began.bytes, ended.bytes) < WRAP <= began.bytes + at_least
    if ended.bytes < began.bytes or ended.packets < began.packets or narrow:
        return None
    return Moved(ended.bytes - began.bytes, ended.packets - began.packets)


def _words(lines: Iterable[str]) -> Iterator[list[str]]:
    return (line.split() for line in lines)


def _is_index(words: list[str]) -> bool:
    return len(words) == 3 and words[1] == "index" and words[2].isdigit()


def _rows(lines: Iterable[str]) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """Name, and bytes and packets received and sent. Old kernels put no space between the name and the first number."""
    for line in lines:
        name, _, rest = line.rpartition(":")
        numbers = rest.split()
        if name and len(numbers) >= 16 and all(number.isdigit() for number in numbers):
            yield name.strip(), (int(numbers[0]), int(numbers[1]), int(numbers[8]), int(numbers[9]))


def _leads(routes: list[str], address: str | None) -> str | None:
    """The interface that ``ip route get`` names, or else the one of the best of all routes."""
    for line in routes:
        if found := _DEV.search(line):
            return found[1]
    try:
        wanted = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if wanted.is_loopback or any("LOCAL" in line.split() for line in routes):
        return LOOPBACK
    return _best(_table(routes, wanted.version), wanted)


class _Route(NamedTuple):
    network: ipaddress.IPv4Network | ipaddress.IPv6Network
    metric: int
    device: str


def _best(table: Iterable[_Route], wanted: Address) -> str | None:
    """The longest prefix, then the lowest metric."""
    fitting = [route for route in table if wanted in route.network]
    best = min(fitting, key=lambda route: (-route.network.prefixlen, route.metric), default=None)
    return best.device if best else None


def _table(routes: list[str], version: int) -> Iterator[_Route]:
    rows = [line.split() for line in routes]
    little = not any(_tells_order(row, "big") for row in rows)
    for row in rows:
        try:
            found = _route4(row, "little" if little else "big") if version == 4 else _route6(row)
        except (ValueError, IndexError):  # a heading, or a line of the other table
            continue
        if found:
            yield found


def _route4(row: list[str], order: Order) -> _Route | None:
    """A line of ``/proc/net/route``, whose addresses are hexadecimal numbers as the device has them in its memory."""
    destination, flags, metric, mask = row[1], int(row[3], 16), int(row[6]), row[7]
    if len(destination) != 8 or len(mask) != 8 or not flags & _UP:
        return None
    number, ones = (int.from_bytes(bytes.fromhex(cell), order) for cell in (destination, mask))
    return _Route(ipaddress.IPv4Network((number, f"{ones:b}".count("1"))), metric, row[0])


def _tells_order(row: list[str], order: Order) -> bool:
    """Whether the line's mask is one in this order of bytes alone: its ones stand together."""
    if len(row) < 8 or not re.fullmatch(r"[0-9A-F]{8}", row[7]):
        return False
    return _is_mask(row[7], order) and not _is_mask(row[7], "little" if order == "big" else "big")


def _is_mask(cell: str, order: Order) -> bool:
    return "01" not in f"{int.from_bytes(bytes.fromhex(cell), order):032b}"


def _route6(row: list[str]) -> _Route | None:
    """A line of ``/proc/net/ipv6_route``."""
    length, metric, flags = (int(row[at], 16) for at in (1, 5, 8))
    if len(row[0]) != 32 or not flags & _UP:
        return None
    network = ipaddress.IPv6Network((bytes.fromhex(row[0]), length))
    return _Route(network, metric, LOOPBACK if flags & _LOCAL else row[9])
