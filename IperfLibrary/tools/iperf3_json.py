"""Reads one JSON document of iperf3, of every version: what was decoded in, a result out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ..datagrams import with_own_tail, with_tail
from ..result import End, Flow, Interval, Result, Stream, Where
from .faults import main_error, said
from .iperf3_document import numbers_are_texts
from .iperf3_figures import (
    Json,
    as_count,
    as_dict,
    as_list,
    as_number,
    as_text,
    as_whole,
    end_of,
    ident_of,
    part_of,
    with_numbers,
)
from .iperf3_intervals import BIDIR, Intervals
from .rows import added, added_intervals, counted, so_far


def result_of(document: Json, stderr: Iterable[str] = ()) -> Result:
    """The result that one document of iperf3 holds; whatever it does not say is None."""
    texts = numbers_are_texts(document["start"])
    return _Reader(with_numbers(document) if texts else document, stderr).result()


class _Reader:
    """One document, and what has to be known of it before its figures mean something."""

    def __init__(self, document: Json, stderr: Iterable[str]) -> None:
        self.start = as_dict(document.get("start"))
        self.end = as_dict(document.get("end"))
        self.test = as_dict(self.start.get("test_start"))
        self.intervals: Intervals = document["intervals"]
        self.first = [as_dict(row) for row in as_list(self.intervals.first.get("streams"))]
        error = document.get("error")
        # 3.1 writes each datagram out of order as an error.
        known = error is not None and not str(error).startswith("OUT OF ORDER")
        self.error = said(str(error)) if known else main_error(stderr)
        self.server = "accepted_connection" in self.start
        self.udp = str(self.test.get("protocol", "")).upper() == "UDP"
        self.raw_streams = [as_dict(s) for s in as_list(self.end.get("streams"))]
        self.cpu = as_dict(self.end.get("cpu_utilization_percent"))
        self.bidir = bool(self.test.get("bidir")) or any(BIDIR in key for key in self.end) or self._both_ways()
        self.reverse = bool(self.test["reverse"]) if "reverse" in self.test else self._guess_reverse()
        self.ports = self._client_ports()

    def _client_ports(self) -> dict[int, int | None]:
        connected = [as_dict(c) for c in as_list(self.start.get("connected"))]
        key = "remote_port" if self.server else "local_port"
        return {ident_of(raw, 0): as_count(raw.get(key)) for raw in connected}

    def _both_ways(self) -> bool:
        """3.7 to 3.12 do not say --bidir; the streams of the first interval do."""
        return len({row["sender"] is True for row in self.first if "sender" in row}) > 1

    def _guess_reverse(self) -> bool:
        """Up to 3.0.4 nothing says -R; only a sender counts retransmits, only a receiver has jitter."""
        if not self.first:
            return False
        row = self.first[0]
        told = "jitter_ms" in row if self.udp else "retransmits" not in row and self._counts_retransmits()
        return told != self.server

    def _counts_retransmits(self) -> bool:
        return any("retransmits" in as_dict(raw.get("sender")) for raw in self.raw_streams)

    def result(self) -> Result:
        version = re.sub(r"^iperf3?\s+", "", str(self.start.get("version", ""))).split(" ")[0][:40] or None
        own, other = self._cpu("host_total"), self._cpu("remote_total")
        flows = tuple(self._flow(reverse) for reverse in self._directions())
        partial = self.error is not None or not self.raw_streams or not flows
        if partial:
            flows = tuple(_with_totals_so_far(flow) for flow in flows)
        peer = as_dict(self.start.get("accepted_connection" if self.server else "connecting_to"))
        return Result(
            tool="iperf3",
            version=version,
            protocol="udp" if self.udp else str(self.test.get("protocol", "tcp")).lower()[:10],
            role="server" if self.server else "client",
            flows=flows,
            partial=partial,
            error=self.error,
            client=as_text(peer.get("host")) if self.server else None,
            server=None if self.server else as_text(peer.get("host")),
            client_version=None if self.server else version,
            server_version=version if self.server else None,
            client_cpu_percent=other if self.server else own,
            server_cpu_percent=own if self.server else other,
            cookie=as_text(self.start.get("cookie")),
            congestion=as_text(self.end.get("sender_tcp_congestion")),
            started=as_number(as_dict(self.start.get("timestamp")).get("timesecs")),
        )

    def _cpu(self, key: str) -> float | None:
        share = as_number(self.cpu.get(key))
        # The far end's share is 0 in a document that ended before the ends exchanged their results.
        return share if share or key == "host_total" else None

    def _directions(self) -> tuple[bool, ...]:
        if not self.test and not self.raw_streams:
            return ()
        if not self.raw_streams and not self.intervals:
            return ()
        return (False, True) if self.bidir else (self.reverse,)

    def _flow(self, reverse: bool) -> Flow:
        suffix = BIDIR if self.bidir and reverse else ""
        sends = reverse == self.server
        streams = self._streams(sends)
        sender = self._sum(("sum_sent" + suffix, "sum" + suffix), "sender", sends, streams)
        receiver = self._sum(("sum_received" + suffix, "sum" + suffix), "receiver", not sends, streams)
        intervals = self._intervals(suffix, streams)
        receiver = self._plausible(receiver, sender)
        return Flow(
            direction="reverse" if reverse else "forward",
            reverse=reverse,
            sender=sender,
            receiver=receiver if sends else with_own_tail(receiver, sender, intervals),
            streams=streams,
            intervals=intervals,
            measured_at="sender" if sends else "receiver",
        )

    def _plausible(self, receiver: End, sender: End) -> End:
        sent, block = sender.packets, as_whole(self.test.get("blksize"))
        if sent is None and sender.bytes and block:
            sent = sender.bytes // block
        lost, packets = counted(receiver.lost_packets, receiver.packets, sent)
        if packets == receiver.packets and lost == receiver.lost_packets:
            return receiver
        return replace(receiver, lost_packets=None, packets=None)

    def _sum(self, keys: tuple[str, str], where: Where, local: bool, streams: tuple[Stream, ...]) -> End:
        parts = [stream.sender if where == "sender" else stream.receiver for stream in streams]
        if self.bidir and not any(BIDIR in key for key in self.end):
            # 3.7 to 3.10, through a tool that kept one of two equal names: nobody knows whose sums are left.
            return added(parts) if parts else End()
        raw = as_dict(self.end.get(keys[0]))
        if not raw and keys[1] in self.end:
            # UDP up to 3.10 has one sum for both ends: bytes and rate of the sender, loss and jitter of the receiver.
            raw = part_of(as_dict(self.end[keys[1]]), where)
        elif where == "receiver":
            raw = self._of_all_sent(raw, keys[1])
        if not raw:
            # 3.0.1 and 3.0.2 have no sums at all.
            return added(parts) if parts else End()
        return _with_stream_figures(end_of(raw, where, self._peer_unknown(local)), parts)

    def _of_all_sent(self, raw: Json, mixed: str) -> Json:
        """Loss is a share of all that were sent: `sum` has those, `sum_received` only what came in time."""
        sent, seen = as_count(as_dict(self.end.get(mixed)).get("packets")), as_count(raw.get("packets"))
        if not sent or seen is None:
            return raw
        lost, seconds = as_count(raw.get("lost_packets")), as_number(as_dict(self.end.get(mixed)).get("seconds"))
        jitter = {} if seen else {"jitter_ms": None}
        return {**raw, **jitter, "packets": sent, "lost_packets": with_tail(lost, seen, sent, seconds)}

    def _peer_unknown(self, local: bool) -> bool:
        """Whether a 0 stands for "unknown": a server never learns the client's figures; who was cut off, nor.

        3.9 does not write why it was cut off; but then the other end's CPU share is 0 as well.
        """
        return not local and (self.server or self.error is not None or not as_number(self.cpu.get("remote_total")))

    def _streams(self, sends: bool) -> tuple[Stream, ...]:
        found = []
        for number, raw in enumerate(self.raw_streams):
            ident, sender, receiver, local_sends = self._stream_ends(raw, number)
            if local_sends == sends:
                receiver = self._plausible(receiver, sender)
                intervals = tuple(self.intervals.streams.get(ident, ()))
                receiver = receiver if sends else with_own_tail(receiver, sender, intervals)
                found.append(Stream(ident, sender, receiver, intervals, self.ports.get(ident)))
        return tuple(found) or self._unfinished_streams(sends)

    def _stream_ends(self, raw: Json, number: int) -> tuple[int, End, End, bool]:
        here = self.reverse == self.server
        if "udp" in raw:
            udp = as_dict(raw["udp"])
            ident = ident_of(udp, number)
            local = self._local_sends(udp, ident, here)
            sender = end_of(part_of(udp, "sender"), "sender", self._peer_unknown(local))
            return ident, sender, end_of(part_of(udp, "receiver"), "receiver", self._peer_unknown(not local)), local
        sent, got = as_dict(raw.get("sender")), as_dict(raw.get("receiver"))
        ident = ident_of(sent or got, number)
        local = self._local_sends(sent, ident, here)
        sender = end_of(sent, "sender", self._peer_unknown(local))
        return ident, sender, end_of(got, "receiver", self._peer_unknown(not local)), local

    def _local_sends(self, raw: Json, ident: int, otherwise: bool) -> bool:
        """Of one stream of --bidir: its own intervals tell, since `sender` in the sums of UDP means something else."""
        if not self.bidir:
            return otherwise
        for row in self.first:
            if ident_of(row, 0) == ident and "sender" in row:
                return bool(row["sender"])
        return bool(raw.get("sender", otherwise))

    def _unfinished_streams(self, sends: bool) -> tuple[Stream, ...]:
        """The streams of a run that never came to its summary, from the first interval in which they stand."""
        here = [ident_of(row, 0) for row in self.first if not self.bidir or bool(row.get("sender")) == sends]
        return tuple(
            Stream(ident, intervals=tuple(self.intervals.streams.get(ident, ())), port=self.ports.get(ident))
            for ident in here
        )

    def _intervals(self, suffix: str, streams: tuple[Stream, ...]) -> tuple[Interval, ...]:
        if len(streams) == 1:
            return streams[0].intervals
        rows = self.intervals
        sums = rows.reverse if suffix else rows.forward if self.bidir else rows.sums
        return tuple(sums) or _together(streams)


def _together(streams: tuple[Stream, ...]) -> tuple[Interval, ...]:
    return tuple(added_intervals(rows) for rows in zip(*(stream.intervals for stream in streams), strict=False))


def _with_totals_so_far(flow: Flow) -> Flow:
    """A flow without its summary gets what the intervals of this end add up to."""
    here = flow.sender if flow.measured_at == "sender" else flow.receiver
    if here != End():
        return flow
    end = so_far(flow.intervals)
    return replace(flow, sender=end) if flow.measured_at == "sender" else replace(flow, receiver=end)


def _with_stream_figures(total: End, streams: list[End]) -> End:
    """The sum with what only the streams tell: the window and round-trip time, datagrams out of order."""
    if not streams or total == End():
        return total
    parts = added(streams)
    only_there = ("max_congestion_window_bytes", "min_rtt_ms", "mean_rtt_ms", "max_rtt_ms", "out_of_order")
    return replace(total, **{n: getattr(parts, n) for n in only_there if getattr(total, n) is None})
