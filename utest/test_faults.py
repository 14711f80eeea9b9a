"""Each error text of iperf has a kind; texts of many versions, prefixes and systems."""

from __future__ import annotations

import pytest

from IperfLibrary.tools.faults import TABLE, classify, is_error, main_error, said

KINDS = {
    "refused": [
        "iperf3: error - unable to connect to server: Connection refused",
        "iperf3: error - unable to connect to server - server may have stopped running or use a different port, "
        "firewall issue, etc.: Connection refused",
        "connect failed: Connection refused",
        "tcp connect failed: Connection refused",
        "[  1] tcp connect to 10.0.0.1 port 5001 failed (Connection refused) on 2026-11-23 12:00:00",
        "read failed: Connection refused",
    ],
    "unreachable": [
        "iperf3: error - unable to connect to server: No route to host",
        "connect failed: Network is unreachable",
        "iperf3: error - unable to send control message: Bad file descriptor",
    ],
    "timeout": [
        "iperf3: error - unable to connect to server: Connection timed out",
        "iperf3: error - unable to connect to server: Operation timed out",
        "connect failed: Operation now in progress",
    ],
    "resolve": [
        "iperf3: error - unable to connect to server: Address family for hostname not supported",
        "iperf3: error - unable to connect to server: Name or service not known",
        "iperf3: error - unable to connect to server: Resource temporarily unavailable",
        "iperf3: error - unable to connect to server: ",
        "error: Temporary failure in name resolution",
        "no-such-host.invalid: Host name lookup failure",
    ],
    "bind": [
        "bind failed: Cannot assign requested address",
        "iperf3: error - unable to connect to server: Cannot assign requested address",
    ],
    "address_in_use": [
        "iperf3: error - unable to start listener for connections: Address already in use\niperf3: exiting",
        "listener bind failed: Address already in use",
    ],
    "permission": [
        "iperf3: error - unable to start listener for connections: Permission denied",
        "iperf3: error - Unable to bind-to-device (check perror, maybe permissions?)",
        "bind failed: Operation not permitted",
    ],
    "busy": ["iperf3: error - the server is busy running a test. try again later"],
    "auth": ["iperf3: error - test authorization failed", "iperf3: parameter error - no error"],
    "limit": [
        "iperf3: error - total required bandwidth is larger than server limit",
        "iperf3: error - client's requested duration exceeds the server's maximum permitted limit",
        "iperf3: error - server test duration expired",
    ],
    "usage": [
        "iperf3: parameter error - some option you are trying to set is server only",
        "iperf3: parameter error - only one test end condition (-t, -n, -k) may be specified",
        "iperf3: parameter error - invalid unit value or suffix: '10X'",
        "iperf: unrecognized option `--nosuch'\nconnect failed: Connection refused",
        "The --reverse option is currently not supported",
    ],
    "closed": [
        "iperf3: error - control socket has closed unexpectedly",
        "iperf3: the client has unexpectedly closed the connection",
        "iperf3: error - unable to receive results: ",
        "write failed: Broken pipe\nshutdown failed: Transport endpoint is not connected",
    ],
    "reset": [
        "iperf3: error - unable to write to stream socket: Connection reset by peer",
        "tcp write failed: Connection reset by peer",
    ],
    "server_terminated": ["iperf3: error - the server has terminated"],
    "interrupted": [
        "iperf3: interrupt - the client has terminated by signal Terminated(15)",
        "Waiting for server threads to complete. Interrupt again to force quit.",
    ],
    "protocol": [
        "iperf3: error - received an unknown control message (ensure other side is iperf3 and not iperf)",
        "iperf3: error - unable to initialize stream: Transport endpoint is not connected",
        "iperf3: error - int_errno=37: ",
    ],
    "no_udp": [
        "iperf3: error - unable to read from stream socket: Resource temporarily unavailable",
        "iperf3: error - unable to read from stream socket: ",
    ],
    "blocked": [
        "iperf3: error - unable to write to stream socket: Operation not permitted",
        "write failed: Operation not permitted",
        "send_hdr failed: Operation not permitted\nwrite failed: Operation not permitted",
    ],
    "stalled": ["iperf3: error - idle timeout for receiving data"],
    "resource": ["iperf3: error - unable to create thread: Resource temporarily unavailable"],
    "no_ack": ["[  3] WARNING: did not receive ack of last datagram after 10 tries.\nread failed: Connection refused"],
    "config": [
        "iperf3: error - unable to write to stream socket: Message too long",
        "iperf3: error - unable to set TCP_CONGESTION: Supplied congestion control algorithm not supported",
        "iperf3: error - unable to open log file: No such file or directory",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in KINDS.items() for text in texts])
def test_kind_of_a_text(kind: str, text: str) -> None:
    fault = classify(text)
    assert fault is not None
    assert fault.kind == kind
    assert fault.said in text
    assert fault.cause
    assert fault.remedy


def test_every_kind_of_the_table_is_tried() -> None:
    assert {row.kind for row in TABLE} == set(KINDS)


def test_what_is_no_error() -> None:
    for line in (
        "[  5]   0.00-1.00   sec   112 MBytes   941 Mbits/sec",
        "iperf Done.",
        "iperf3: OUT OF ORDER - incoming packet = 22 and received packet = 23 AND SP = 4",
        "iperf_errexit: pthread_mutex_unlock: Invalid argument",
        "[  1] WARNING: ack of last datagram failed.",
        "recv failed: Resource temporarily unavailable",  # nothing came to an iperf2 for an interval
    ):
        assert not is_error(line)
    assert classify("Server listening on 5201") is None
    assert main_error(["hello", ""]) is None


def test_the_text_without_its_prefix() -> None:
    assert said("iperf3: error - x: y") == "x: y"
    assert said("/usr/bin/iperf3: parameter error - x") == "x"
    assert said("Mon Nov 23 12:00:00 2026 iperf3: interrupt - the client has terminated").startswith("interrupt - ")
    assert said("error - x") == "x"
    assert main_error(["iperf3: error - something new in 3.99"]) == "something new in 3.99"
