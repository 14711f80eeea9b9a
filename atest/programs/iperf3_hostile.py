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


def forever(data: bytes) -> Iterator[bytes]:
    return itertools.repeat(data)


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
    return other_rates(real()) + real()


def stay() -> None:
    time.sleep(ENOUGH)


def write(parts: Iterable[bytes], to: int = 1) -> None:
    for part in parts:
        while part:
            part = part[os.write(to, part) :]


WAYS: dict[str, Callable[[str], object]] = {
    "rows": lambda n: (write([HEAD.encode()]), write(rows(int(n)))),
    "rows-and-stay": lambda n: (write([HEAD.encode()]), write(rows(int(n))), stay()),
    "served": lambda n: (write([SERVED.encode()]), write(rows(int(n))), stay()),
    "garbage": lambda n: write(garbage(int(n))),
    "garbage-and-stay": lambda n: (write(garbage(int(n))), stay()),
    "banner-and-garbage": lambda n: (write([HEAD.encode()]), write(garbage(int(n))), stay()),
    "line": lambda n: write(forever(b"x" * 65536)),
    "long-line-and-stay": lambda n: (write([b"x" * int(n)]), stay()),
    "noise": lambda n: write(noise()),
    "noise-and-stay": lambda n: (write(itertools.islice(noise(), int(n))), stay()),
    "empty": lambda n: (write([b"\n" * int(n)]), stay()),
    "stderr": lambda n: write(garbage(int(n)), 2),
    "endless-stderr": lambda n: write(forever(b"warning: look out\n" * 1000), 2),
    "open-document": lambda n: write(itertools.chain([b'{\n"start": {\n'], forever(b'"a": [[[[[[[[{"b": 1,\n' * 1000))),
    "deep-document": lambda n: write([b'{\n"start": ' + b'{"a":[' * int(n) + b"\n}\n"]),
    "drip": lambda n: write(drip()),
    "half-a-document": lambda n: write([half_a_document()]),
    "start-of-a-document": lambda n: write([start_of_a_document()]),
    "half-a-summary": lambda n: write([half_a_summary()]),
    "after": lambda n: write([after()]),
    "error-after": lambda n: write([error_after()]),
    "twice": lambda n: write([twice()]),
    "say": lambda text: write([text.encode().decode("unicode_escape").encode("latin-1")], 2),
    "stay": lambda n: stay(),
}


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
        WAYS[way](value or "0")
    except BrokenPipeError:
        return 1
    finally:
        if kept:
            kept.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
