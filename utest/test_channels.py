"""How the output of commands over SSH gets from paramiko's buffers to where it goes; the channel is real, and nothing is behind it."""

from __future__ import annotations

import queue
import threading
from types import SimpleNamespace
from typing import Any

import paramiko

from IperfLibrary.connections.channels import SshProcess, _Pump, _Wake
from IperfLibrary.deadline import Deadline


def test_news_wake_the_pump_once_until_it_looks() -> None:
    news: queue.SimpleQueue[Any] = queue.SimpleQueue()
    process: Any = SimpleNamespace(has_news=False)
    wake = _Wake(news, process)
    for _ in range(3):
        wake.set()
    assert news.qsize() == 1
    process.has_news = False
    wake.set()
    assert news.qsize() == 2


def test_no_byte_is_lost_between_two_looks() -> None:
    got = bytearray()
    channel, pump = paramiko.Channel(1), _Pump("dut")
    process = SshProcess(("cat",), got.extend, got.extend, channel, pump)
    parts = [b"%d\n" % number for number in range(5000)]

    def arrive() -> None:
        channel.in_buffer.feed(b"iperflibrary-leash 7\n")
        for part in parts:
            channel.in_buffer.feed(part)
        channel.eof_received = True
        channel.in_buffer.close()
        channel.exit_status = 3
        channel.status_event.set()
        channel.closed = True
        channel.in_buffer.close()

    threading.Thread(target=arrive).start()
    assert process.wait(Deadline(20))
    pump.close()
    assert (process.pid, process.exit_code) == (7, 3)
    assert bytes(got) == b"".join(parts)
