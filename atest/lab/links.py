"""Links between hosts: veth pairs, their addresses, and what can be done to them."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .shell import LabError, execute

CONTROLLER = ""
POOL = ipaddress.IPv4Network("198.18.0.0/15")
FIRST_INDEX = 1000
TAKEN = "File exists"

# Large enough for full speed, small enough to drop what is too much: a longer queue than the
# send buffer of a UDP socket would only make the sender wait.
BURST, LIMIT = "32kb", "64kb"

# What is sent gets an address that is nobody's instead of being dropped: the sender of a packet
# dropped on its way out hears of it, TCP then tries again in another rhythm and gives up sooner.
# Neighbours go on finding each other, or else a cut link would end in "no route to host".
CUT = """\
add table netdev cut_{link}
flush table netdev cut_{link}
table netdev cut_{link} {{
    chain inwards {{
        type filter hook ingress device "{link}" priority 0; policy drop;
        ether type arp accept
        icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} accept
    }}
    chain outwards {{
        type filter hook egress device "{link}" priority 0; policy accept;
        ether type arp accept
        icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert }} accept
        ether daddr set 02:00:00:00:de:ad
    }}
}}
"""
# Small packets get through: iperf3 makes its UDP connections with one packet each way, and hangs where that is lost.
LOSE = """\
add table netdev lossy_{link}
flush table netdev lossy_{link}
table netdev lossy_{link} {{
    chain inwards {{
        type filter hook ingress device "{link}" priority 1; policy accept;
        meta l4proto udp meta length > 200 {some} counter drop
    }}
}}
"""
LOSE_NO_MORE = """\
add table netdev lossy_{link}
delete table netdev lossy_{link}
"""
RESTORE = """\
add table netdev cut_{link}
delete table netdev cut_{link}
"""


@dataclass(frozen=True)
class Link:
    """A cable between two hosts, or between the controller and one; its ends bear its name."""

    name: str
    index: int
    ends: tuple[str, str]
    rate: str = ""


@dataclass(frozen=True)
class Subnet:
    """The part of the address pool that is one lab's own."""

    network: ipaddress.IPv4Network

    def device(self, link: Link, end: str) -> str:
        """The name of the link's device; on the controller one that no other lab can have."""
        if end != CONTROLLER:
            return link.name
        _, second, third, _ = str(self.network.network_address).split(".")
        return f"iperf-{second}-{third}-{link.index}"

    def address(self, link: Link, end: str, family: int) -> str:
        number = link.ends.index(end) + 1
        if family == 4:
            return str(self.network[4 * link.index + number])
        return str(self._network6(link)[number])

    def _network6(self, link: Link) -> ipaddress.IPv6Network:
        _, second, third, _ = str(self.network.network_address).split(".")
        return ipaddress.IPv6Network(f"fdc6:{second}:{third}:{link.index}::/64")


def wire(links: Sequence[Link], pids: Mapping[str, int], ipv6: bool) -> Subnet:
    """Lay the links between the hosts, and give the controller's ends their addresses.

    The first link has to be one of the controller's: whoever succeeds in making a device with its
    name has the subnet.
    """
    for subnet in map(Subnet, free_networks()):
        lines = [line for link in links for line in _lay(link, subnet, pids)]
        lines += addresses(links, CONTROLLER, subnet, ipv6)
        # Traffic for any address of the lab stays inside the machine, whatever its own routes are.
        lines.append(f"route add {subnet.network} dev {subnet.device(links[0], CONTROLLER)}")
        if _batch_unless_taken(lines):
            return subnet
    raise LabError(f"no free /24 network left in {POOL}")


def unwire(links: Sequence[Link], subnet: Subnet) -> None:
    """Remove what ends at the controller; the rest goes with the hosts."""
    devices = (subnet.device(link, CONTROLLER) for link in links if CONTROLLER in link.ends)
    present = _devices()
    batch([f"link del {device}" for device in devices if device in present])


def addresses(links: Sequence[Link], end: str, subnet: Subnet, ipv6: bool) -> Iterator[str]:
    """Lines for ``ip -batch`` that bring up the devices of one end."""
    for link in links:
        if end in link.ends:
            device = subnet.device(link, end)
            yield f"addr add {subnet.address(link, end, 4)}/30 dev {device}"
            if ipv6:
                yield f"addr add {subnet.address(link, end, 6)}/64 dev {device} nodad"
            yield f"link set {device} up"


def shape(link: Link, rate: str = "") -> list[str]:
    """The words that make the link slow in one direction, to be run at the end that sends; at its own rate where none is given."""
    queue = ["root", "tbf", "rate", rate or link.rate, "burst", BURST, "limit", LIMIT]
    return ["tc", "qdisc", "replace", "dev", link.name, *queue]


def batch(lines: Sequence[str], inside: Sequence[str] = ()) -> None:
    execute([*inside, "ip", "-batch", "-"], "\n".join(lines) + "\n")


def _batch_unless_taken(lines: Sequence[str]) -> bool:
    try:
        batch(lines)
    except LabError as error:
        if TAKEN in str(error) and "failed -:1\n" in f"{error}\n":
            return False
        raise
    return True


def _lay(link: Link, subnet: Subnet, pids: Mapping[str, int]) -> Iterator[str]:
    # The kernel heeds a peer's index only if the device has got one too.
    one, other = (_place(link, end, subnet, pids) for end in reversed(link.ends))
    yield f"link add {one} type veth peer {other}"


def _place(link: Link, end: str, subnet: Subnet, pids: Mapping[str, int]) -> str:
    device = f"name {subnet.device(link, end)}"
    # Two ends of one index in two namespaces look like one device to the kernel's link watch,
    # which then takes up to a second to notice that the link is up.
    index = FIRST_INDEX + 2 * link.index + link.ends.index(end)
    return device if end == CONTROLLER else f"{device} index {index} netns {pids[end]}"


def free_networks() -> Iterator[ipaddress.IPv4Network]:
    """Those of the pool that nobody had when this was asked."""
    taken = list(_taken_networks())
    for network in POOL.subnets(new_prefix=24):
        if not any(network.overlaps(other) for other in taken):
            yield network


def _taken_networks() -> Iterator[ipaddress.IPv4Network]:
    """What this machine knows a way to, other than by its default route."""
    routes = json.loads(execute(["ip", "-4", "-json", "route", "show", "table", "all"]) or "[]")
    known = (route["dst"] for route in routes if route["dst"] != "default")
    return (ipaddress.IPv4Network(text, strict=False) for text in known)


def _devices() -> set[str]:
    return {row["ifname"] for row in json.loads(execute(["ip", "-json", "link"]) or "[]")}
