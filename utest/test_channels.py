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


def test_a_signal_behind_the_release_goes_nowhere() -> None:
    """paramiko's ``sendall`` goes on without end there."""
    channel, pump = paramiko.Channel(1), _Pump("dut")
    process = SshProcess(("cat",), bytearray().extend, bytearray().extend, channel, pump)
    channel.eof_sent = True
    signalling = threading.Thread(target=process.signal, args=("INT",), daemon=True)
    signalling.start()
    signalling.join(20)
    pump.close()
    assert not signalling.is_alive()


def test_what_is_left_behind_by_a_command_that_has_ended_is_not_waited_for() -> None:
    channel, pump = paramiko.Channel(1), _Pump("dut")
    process = SshProcess(("wrapper",), bytearray().extend, bytearray().extend, channel, pump)
    assert not process.abandon()
    channel.exit_status = 143
    channel.status_event.set()
    assert process.abandon()
    assert (process.running, process.exit_code) == (False, 143)
    pump.close()
