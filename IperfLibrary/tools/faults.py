"""What the error texts of iperf3 and iperf2, of all versions, mean: one table, and a look-up in it. Pure.

The first row that fits counts, so the order is part of the table. What is said of each kind is in :mod:`IperfLibrary.client_failures`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple


@dataclass(frozen=True)
class Fault:
    """One error of iperf: what kind it is, what iperf said, the probable cause, and what to do."""

    kind: str
    said: str
    cause: str
    remedy: str
    server_said: str = ""
    """What the other end said of it, where that is known, too."""


class Row(NamedTuple):
    kind: str
    pattern: str
    cause: str
    remedy: str


_CONNECT = r"(?:unable to connect (?:to server|stream)|connect failed|connect to \S+ port \d+ failed)[^\n]*"
_LISTEN = r"(?:unable to start listener|unable to start stream listener|bind failed)[^\n]*"
ASK = "Ask the other end for what it printed: the reason is there."
"""What to do where nothing is known of the other end."""

# The order is the precedence: when several rows match, the first one names the reason, the later ones its consequences.
_TABLE = (
    # --- wrong command line; first, since iperf2 ignores what it does not know and runs on to some other end
    (
        "usage",
        r"parameter error - (?!no error)|unrecognized option|invalid option|option requires an argument|"
        r"ignoring extra argument|Invalid value of '|option is ambiguous|ambiguous option|"
        r"is currently not supported|option -\S+ is not valid for|options? .{0,80} are incompatible|cannot be combined",
        "this version of iperf does not take an option or its value as given",
        "Correct the option named in the message, or use a version of iperf that has it.",
    ),
    (
        "usage",
        r"cannot be both server and client|must either be a client|is (?:server|client) only|"
        r"test duration (?:valid values|too long)|(?:invalid )?number of parallel streams|"
        r"block size (?:too large|invalid)|(?:UDP )?block size.{0,40}(?:invalid|large)|socket buffer size too large|"
        r"(?:invalid )?report interval|TCP MSS too large|bogus value for|bad (?:TOS|DSCP) value|bad format specifier|"
        r"port number must be between|invalid burst count|only one test end condition|both reverse and bidirectional|"
        r"timeout value is incorrect|receive timeout is valid only|idle timeout parameter|skew threshold must|"
        r"invalid unit value|Keepalive period|cannot transfer file using UDP|--bind must be specified|"
        r"invalid time interval for",
        "an option has a value that this version of iperf does not take, or two options exclude each other",
        "Correct the option named in the message.",
    ),
    # --- refused by the other end, with a reason
    (
        "busy",
        r"server is busy|device or resource busy",
        "another client is running a test there, or an earlier one was cut off and the server still waits for it",
        "Wait until that test has ended, use a server of your own on another port, or restart the server.",
    ),
    (
        "auth",
        r"authorization failed|authorized users file|permit.key (?:fail|timeout|error)|"
        r"unable to read (?:the )?(?:RSA|public|private) key",
        "the server does not accept the user name, password or key; 3.17 and later pad them differently from 3.16",
        "Check user, password, key and the clocks of both ends; with versions of both kinds give the server "
        "--use-pkcs1-padding.",
    ),
    (
        "limit",
        r"larger than server limit|requested duration exceeds|server test duration expired|bandwidth limit|"
        r"server's maximum permitted",
        "the server was started with a limit that this test exceeds",
        "Ask for less rate or time, or start the server without the limit.",
    ),
    (
        "auth",
        r"parameter error - no error",
        "this version of iperf3 needs a terminal to ask for the password",
        "Use iperf3 3.7 or later, which reads the password from IPERF3_PASSWORD.",
    ),
    (
        "auth",
        r"must specify a path to a valid RSA|must specify a username, password, and path|"
        r"cannot access authorized users file|unable to (?:load|open) (?:the )?(?:private|public) key",
        "a file for the log-in is not there, cannot be read by that user, or is no key in PEM form",
        "Check the paths of the key and of the users on the device that runs this iperf.",
    ),
    # --- config: the machine cannot do what was asked
    (
        "config",
        r"unable to open (?:-F file|log ?file|file)|unable to write PID|no SCTP support|this OS does not support|"
        r"not implemented yet|TCP_CONGESTION|congestion control algorithm not|become a daemon|"
        r"Another instance of iperf3|unable to (?:initiali[sz]e|open) (?:the )?(?:input|output) file",
        "the device cannot do what an option asks of it",
        "Check files, folders and kernel features that the options name on that device.",
    ),
    # --- addresses
    (
        "address_in_use",
        _LISTEN + r"(?:Address already in use|Only one usage of each socket address)|(?:^|\W)Address already in use",
        "another program on that device listens on this port already",
        "Choose another port, or end the other server.",
    ),
    (
        "blocked",
        r"(?:unable to write to stream socket|(?:write|send)\S* failed): Operation not permitted",
        "a firewall on the device that runs this iperf drops what it sends",
        "Look at its rules for what goes out: nft list ruleset, or iptables -S OUTPUT.",
    ),
    (
        "permission",
        _LISTEN + r"Permission denied|bind-to-device|unable to set CPU affinity|Operation not permitted|"
        r"Permission denied|SO_BINDTODEVICE",
        "the user that runs iperf on that device may not do this",
        "Use a port of 1024 or more, or run iperf with the rights that the option needs.",
    ),
    (
        "bind",
        r"Cannot assign requested address|Can't assign requested address|requested address is not valid",
        "the address to bind to is none of this device's own",
        "Give an address that is configured on the device which runs iperf.",
    ),
    # --- the way to the server
    (
        "resolve",
        r"Name or service not known|name resolution|nodename nor servname|Host name lookup failure|"
        r"No address associated|No such host is known|Unknown host|"
        + _CONNECT
        + r"(?:Resource temporarily unavailable|No such device or address|Bad address|"
        r"Invalid argument|No such file or directory|Success|: *$)",
        "the name of the server is not known on the client",
        "Check the name, or give the server's IP address.",
    ),
    (
        "resolve",
        r"Address family for hostname not supported",
        "the server's name or address is not of the family that 'ipv4' or 'ipv6' asks for",
        "Leave that option out, or give an address of that family.",
    ),
    (
        "no_ack",
        r"did not receive ack|no ack of last datagram",
        "the server's final report never came: nothing listens there, the server was busy with another client, "
        "or the way back is cut",
        "Check that an iperf2 server for UDP runs on that port and that its answers come back; restart it if it has "
        "served a client before.",
    ),
    (
        "refused",
        _CONNECT + r"(?:Connection refused|actively refused)|read failed: Connection refused|"
        r"recvack failed: Connection refused|(?:^|\W)Connection refused",
        "nothing listens on that port at the server, or a firewall rejects it",
        "Check that the server is running, its port and address, and firewalls on the way.",
    ),
    (
        "unreachable",
        r"No route to host|Network is (?:unreachable|down)|Host is (?:unreachable|down)|"
        r"unreachable (?:network|host)|Protocol not available|Host unreachable",
        "there is no way to the server's address: no route, a link that is down, or a firewall that rejects",
        "Check addresses, routes and links of both devices, for example with ping.",
    ),
    (
        "timeout",
        r"(?:Connection|Operation) timed out|Operation now in progress|connection attempt failed because|"
        r"timed out waiting|connect timeout|expected reverse connect did not occur",
        "nothing answers at the server's address: the device is off, the address is wrong, or a firewall drops packets",
        "Check that the server device answers to ping and that the port is open on the way.",
    ),
    (
        "unreachable",
        r"unable to send control message(?: - [^\n]*)?: Bad file descriptor",
        "there was no connection to the server; iperf3 3.9 does not say whether it was refused, had no route, or "
        "the name is not known",
        "Check that the server is running, its name, address and port; another version of iperf3 names the reason.",
    ),
    # --- the middle of a test
    (
        "interrupted",
        r"interrupt - |Interrupt again to force quit",
        "iperf was stopped by a signal or Ctrl-C",
        "Find out who stopped it, if that was not intended; what was measured until then is in the raw file.",
    ),
    (
        "server_terminated",
        r"the server has terminated",
        "somebody stopped the server in the middle of the test",
        "Find out what stopped the server, start it and run the test again.",
    ),
    (
        "closed",
        r"the client has terminated|client has unexpectedly closed",
        "the client was stopped or died in the middle of its test",
        "See the client's own output for the reason.",
    ),
    (
        # A UDP stream begins with a datagram that the server is to answer; the client waits for that for 30 s.
        "no_udp",
        r"unable to read from stream socket: *(?:Resource temporarily unavailable|Try again|\n|$)",
        "the control connection (TCP) works, and no UDP came through: a firewall drops it, or the first datagram was lost",
        "Allow UDP to the server's port, on the server and on the way; where packets get lost, run it again.",
    ),
    (
        "stalled",
        r"idle timeout for receiving|select failed|no traffic",
        "no data arrived for too long: the way between the devices is cut or drops everything",
        "Check the link under load; raise the receive timeout only if such pauses are expected.",
    ),
    # --- the two ends do not understand each other
    (
        "protocol",
        r"unknown control message|protocol does not exist|Transport endpoint is not connected(?<!shutdown failed: "
        r"Transport endpoint is not connected)|int_errno=|JSON data length overflow|"
        r"unable to create a new stream: Protocol|unable to (?:receive|send) parameters|unable to receive cookie|"
        r"read tcp test info|version mismatch|unable to initialize stream",
        "the other end is not the same tool, or a version that does not know what was asked",
        "Use iperf3 with iperf3 and iperf2 with iperf2, and a version on both ends that has every option of the test.",
    ),
    (
        "resource",
        r"unable to create (?:thread|a new (?:test|stream))|unable to set socket buffer|socket buffer size not set|"
        r"Cannot allocate memory|No buffer space|Too many open files|out of memory|double free|No space left",
        "the device ran out of memory, sockets or threads, or its limits are too small for the options",
        "Use fewer streams or smaller buffers, or raise the limits of the device.",
    ),
    (
        "config",
        r"Message too long",
        "a datagram is longer than the MTU of the way, and 'dont_fragment' does not let it be split",
        "Give a smaller 'length': the MTU less 28 bytes with IPv4, less 48 with IPv6.",
    ),
    (
        "reset",
        r"Connection reset by peer|forcibly closed|Connection reset|(?:stream socket|stream): Broken pipe",
        "the other end, or a firewall between, cut the connection; a server limit that is hit looks the same",
        ASK,
    ),
    (
        "closed",
        r"control socket has closed|stream socket has closed|unable to (?:send|receive) (?:control message|results)|"
        r"unable to (?:read from|write to) stream|write\w* failed|read\w* failed|recv failed|Broken pipe|"
        r"connection (?:was )?aborted",
        "the other end ended or died in the middle, or it refused without saying why (a limit; a wrong password)",
        ASK,
    ),
    (
        "closed",
        r"shutdown failed|peer close",
        "the other end was gone when the test ended",
        ASK,
    ),
    (
        "usage",
        r"(?m:^usage: \S*iperf|^Usage: \S*iperf)",
        "this version of iperf did not understand its command line",
        "Compare the options with the help text of that version.",
    ),
)

TABLE = tuple(Row(*row) for row in _TABLE)

_PREFIX = (
    r"^.{0,80}?\biperf3?(?:\.exe)?: (?:(?:SERVER )?ERROR - |error - |parameter error - (?!no error))?(?=\S)"
    r"|^error - |^ERROR: |^error: "
)
_ERROR_LINE = (
    r"\biperf3?(?:\.exe)?: (?:error - |interrupt - |parameter error - |the (?:client|server) has |SERVER ERROR - |"
    r"unrecognized option|invalid option|option requires|ignoring extra|option `)"
    r"|^\s*(?:error - |error: |ERROR: |interrupt - )"
    r"|(?:^|\] |(?:tcp|udp|listener) )(?:connect|write\d?|read|recv|bind|recvack|shutdown|accept|socket|sendto)"
    # An iperf2 to which nothing came for an interval says so, and goes on.
    r"(?<!recv(?= failed: Resource temporarily unavailable))(?: failed: | to \S+ port \d+ failed )"
    r"|^(?:tcp|udp) \w+ failed: |^\S+: Host name lookup failure|WARNING: did not receive ack"
    r"|Interrupt again to force quit|The --?\w+ option is currently not supported|^Invalid value of '"
)


@cache
def _error_line() -> re.Pattern[str]:
    """Compiled with the first line, which takes longer than all else in this module."""
    return re.compile(_ERROR_LINE)


def classify(text: str) -> Fault | None:
    """What went wrong, from the error text of either tool (one line or many); None when no known text is in it.

    Example: ``classify("iperf3: error - the server is busy running a test. try again later").kind == "busy"``
    """
    text = _short(text)
    for row in TABLE:
        # Compiled when the first error is there, and kept by re itself.
        found = re.search(row.pattern, text, re.IGNORECASE | re.MULTILINE)
        if found:
            return Fault(row.kind, said(_line_around(text, found.start())), row.cause, row.remedy)
    return None


def said(line: str) -> str:
    """The error text without the program's name and the word "error"; "interrupt" stays: it tells who stopped."""
    return re.sub(_PREFIX, "", line.strip()[:1000], count=1)


def is_error(line: str) -> bool:
    """Whether the line is one of iperf's own error messages, also of one that the table does not know."""
    return _error_line().search(line, 0, 400) is not None


def main_error(lines: Iterable[str]) -> str | None:
    """The error among these lines that names the reason, else the last one; None if there is no error line."""
    errors = [line for line in lines if is_error(line)]
    if not errors:
        return None
    fault = classify("\n".join(errors))
    return fault.said if fault else said(errors[-1])


def _short(text: str) -> str:
    """As much as anybody would read, so that no text takes long: a device may repeat a message for hours."""
    lines = text.splitlines()
    return "\n".join(line[:400] for line in (lines if len(lines) <= 400 else lines[:200] + lines[-200:]))


def _line_around(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", max(at, start))
    return text[start : end if end >= 0 else len(text)]
