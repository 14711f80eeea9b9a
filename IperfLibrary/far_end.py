"""Why a client failed, probably, where more is known than iperf says: of its server, of the devices, and whose port it was.

Robot Framework is not known here.
"""

from __future__ import annotations

from dataclasses import replace

from .devices import Device
from .errors import IperfError
from .servers import ServerHandle
from .tools.faults import ASK, Fault, classify


def with_words(fault: Fault, server: ServerHandle, words: str) -> Fault:
    """The fault with what a server of this run said of it: that names a reason of which its client only sees the end."""
    theirs = classify(words) if words else None
    if theirs:
        return replace(fault, cause=f"on {server.device}: {theirs.cause}", remedy=theirs.remedy, server_said=words)
    remedy = f"Look at what the server on {server.device} printed: {server.filename}" if fault.remedy == ASK else None
    return replace(fault, remedy=remedy or fault.remedy, server_said=words)


def refused(fault: Fault, server: ServerHandle, host: str) -> Fault:
    """Nobody listens there, and yet the server does."""
    device, bound = server.device, server.options.get("bind")
    only = f"it listens at {bound} alone ('bind'); or " if bound and bound != host else ""
    cause = f"{only}the server on {device} does listen on port {server.port}, so {host} is perhaps not {device}; or a firewall rejects it"
    remedy = f"Correct the address: Add Iperf Device    {device}    ...    address=; then look at the firewalls of {device} and on the way."
    return replace(fault, cause=cause, remedy=remedy)


def held_by(problem: IperfError, holder: ServerHandle) -> IperfError:
    """The error of a server whose port another one of this run has."""
    cause = f"this run itself has a server at that port: {holder}"
    remedy = f"use that one, or end it first: Stop Iperf Server    {holder.device}; or leave 'port=' out, then a free one is taken"
    return IperfError(problem.what, **{**problem.facts, "cause": cause, "remedy": remedy})


def held_by_daemon(problem: IperfError, device: Device, path: str, place: str) -> IperfError:
    """The error of a server whose port a daemon of another run has."""
    cause = f"a daemon of another run has that port: {path} on {device}"
    where = "" if place == device.connection.scratch else f"    remote_directory={place}"
    remedy = f"take it over where that run is over: Adopt Iperf Servers    {device}{where}; or leave 'port=' out, then a free one is taken"
    return IperfError(problem.what, **{**problem.facts, "cause": cause, "remedy": remedy})


def blocked(fault: Fault, device: Device) -> Fault:
    return replace(fault, cause=f"a firewall on {device} itself drops what it sends")


def without_udp(fault: Fault, client: Device, server: str, port: int, came: bool | None) -> Fault:
    """Of a test by UDP there is a control connection, and no more. ``came`` tells whether a datagram reached the server, None where nobody knows."""
    cause = {
        None: f"but no UDP came through to port {port} of {server}, or none came back: a firewall drops it, or the first datagram was lost",
        False: f"but no UDP from {client} reached the server on {server}: a firewall there or on the way drops UDP to port {port}, or the first datagram was lost",
        True: f"and UDP from {client} reached the server on {server}, but no answer came back: a firewall or NAT drops UDP from port {port}",
    }[came]
    return replace(fault, cause=f"the control connection (TCP) works, {cause}", remedy=_allow_udp(client, server, port))


def without_report(fault: Fault, client: Device, server: ServerHandle, came: bool) -> Fault:
    """An iperf2 client had no report of its server: that has seen traffic or has not."""
    at = server.device
    if came:
        cause = f"the server on {at} got the traffic, and its report did not come back: a firewall or NAT drops UDP from port {server.port}"
    else:
        cause = f"nothing from {client} reached the server on {at}: a firewall there or on the way drops UDP to port {server.port}"
    return replace(fault, cause=cause, remedy=_allow_udp(client, str(at), server.port))


def _allow_udp(client: Device, server: str, port: int) -> str:
    rules = f"Allow UDP port {port} on {server}, on the way and back to {client}; see 'nft list ruleset' or 'iptables -S' there"
    return f"{rules}, and what arrives: tcpdump -n udp port {port}"
