#!/usr/bin/env python3
"""Answers like iperf3 when it is asked for its version, and misbehaves when it is to run: ``--behave WAY`` says how.

As a server it listens at its port first. What a real run prints comes from the real iperf3.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

HEAD = (
    "Connecting to host 192.0.2.1, port 5201\n"
    "[  5] local 192.0.2.2 port 40000 connected to 192.0.2.1 port 5201\n"
    "[ ID] Interval           Transfer     Bitrate         Retr  Cwnd\n"
)
SERVED = (
    "Server listening on 5201\n"
    "Accepted connection from 192.0.2.2, port 40000\n"
    "[  5] local 192.0.2.1 port 5201 connected to 192.0.2.2 port 40002\n"
)
ROW = "[  5] {0}.00-{1}.00 sec   114 MBytes   956 Mbits/sec    0    300 KBytes       \n"
ESCAPES = b"\x1b[2J\x1b]0;title\x07\x9b31m\xc2\x9b31m\x08\x7f\r\x00 steered\n"
HTML = b"*HTML*<script>alert(1)</script><img src=x onerror=alert(1)>\n"
BLOCK = 10_000
ENOUGH = 60
"""Seconds after which it ends by itself, should nobody end it."""


def rows(count: int) -> Iterator[bytes]:
    for start in range(0, count, BLOCK):
        numbers = range(start, min(start + BLOCK, count))
        yield "".join(ROW.format(number, number + 1) for number in numbers).encode()


def garbage(count: int) -> Iterator[bytes]:
    for start in range(0, count, BLOCK):
        yield b"the quick brown fox\n" * min(BLOCK, count - start)


def noise() -> Iterator[bytes]:
    while True:
        yield os.urandom(65536) + b"\n\0\xff\xc3\x28\n"


def drip() -> Iterator[bytes]:
    for byte in itertools.cycle(HEAD.encode()):
        time.sleep(0.05)
        yield bytes([byte])


def real() -> bytes:
    """What the real iperf3 prints when it is called so."""
    words = [*sys.argv[1:]]
    at = words.index("--behave")
    del words[at : at + 2]
    return subprocess.run(["iperf3", *words], stdout=subprocess.PIPE, check=False).stdout


def half_a_document() -> bytes:
    text = real()
    return text[: text.index(b'\n\t"end"')]


def start_of_a_document() -> bytes:
    text = real()
    return text[: text.index(b'"intervals"')]


def half_a_summary() -> bytes:
    text = real()
    return text[: text.index(b" sender")]


def other_rates(text: bytes) -> bytes:
    """As of another test: with another cookie."""
    return re.sub(rb'("cookie":\s*")....', rb"\1zzzz", text)


def after() -> bytes:
    return real() + b"goodbye\n" * 1000


def error_after() -> bytes:
    return real() + b"iperf3: error - unable to receive results: Bad file descriptor\n"


def twice() -> bytes:
    """The server may be busy with the end of the first test still."""
    first = other_rates(real())
    for _ in range(20):
        second = real()
        if b'"sum_received"' in second:
            break
    return first + second


def staying(*parts: bytes) -> Iterator[bytes]:
    yield from parts
    time.sleep(ENOUGH)


WAYS: dict[str, Callable[[int], Iterable[bytes]]] = {
    "rows": lambda n: itertools.chain([HEAD.encode()], rows(n)),
    "rows-and-stay": lambda n: staying(HEAD.encode(), *rows(n)),
    "served": lambda n: staying(SERVED.encode(), *rows(n)),
    "garbage": garbage,
    "garbage-and-stay": lambda n: staying(*garbage(n)),
    "banner-and-garbage": lambda n: staying(HEAD.encode(), *garbage(n)),
    "line": lambda n: itertools.repeat(b"x" * 65536),
    "long-line-and-stay": lambda n: staying(b"x" * n),
    "noise": lambda n: noise(),
    "noise-and-stay": lambda n: staying(*itertools.islice(noise(), n)),
    "empty": lambda n: staying(b"\n" * n),
    "stderr": garbage,
    "endless-stderr": lambda n: itertools.repeat(b"warning: look out\n" * 1000),
    "open-document": lambda n: itertools.chain([b'{\n"start": {\n'], itertools.repeat(b'"a": [[[[{"b": 1,\n' * 1000)),
    "deep-document": lambda n: [b'{\n"start": ' + b'{"a":[' * n + b"\n}\n"],
    "drip": lambda n: drip(),
    "half-a-document": lambda n: [half_a_document()],
    "start-of-a-document": lambda n: [start_of_a_document()],
    "half-a-summary": lambda n: [half_a_summary()],
    "after": lambda n: [after()],
    "error-after": lambda n: [error_after()],
    "twice": lambda n: [twice()],
    "escapes": lambda n: [ESCAPES],
    "stderr-escapes": lambda n: [ESCAPES],
    "error-escapes": lambda n: [b"iperf3: error - " + ESCAPES],
    "html": lambda n: [HTML],
    "stderr-html": lambda n: [HTML],
    "error-html": lambda n: [b"iperf3: error - " + HTML],
    "warn": lambda n: [real()],
    "stay": lambda n: staying(),
}


def write(way: str, number: int) -> None:
    to = 2 if way.startswith(("stderr", "endless-stderr", "error-escapes", "error-html")) else 1
    if way == "warn":
        os.write(2, b"warning: " + ESCAPES + HTML)
    for part in WAYS[way](number):
        left = part
        while left:
            left = left[os.write(to, left) :]


def listen(port: int) -> socket.socket:
    server = socket.create_server(("", port))
    server.listen()
    return server


def main(words: list[str]) -> int:
    Path("/proc/self/comm").write_text("iperf3-hostile", encoding="ascii")
    if words[:1] in (["-v"], ["--version"]):
        print("iperf 3.12 (cJSON 1.7.15)\nLinux")
        return 0
    signal.alarm(ENOUGH)
    kept = listen(int(words[words.index("--port") + 1])) if "--server" in words else None
    way, _, value = words[words.index("--behave") + 1].partition("=")
    try:
        write(way, int(value or "0"))
    except BrokenPipeError:
        return 1
    finally:
        if kept:
            kept.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
