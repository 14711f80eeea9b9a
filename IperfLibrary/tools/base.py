"""The protocol of a tool, and the judgement that all tools share: what counts as evidence of a run that went well. Pure.

A tool gives its name and program, the words of a client and of a server, its version from what it prints, and what it can do. The judgement
believes no exit code: each stream and direction needs a summary, data at the receiver, the time that was asked for, and no error.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from ..errors import IperfCommandError
from ..option_table import Words
from ..options import Options, encode, refuse_known_words
from ..result import End, Flow, Result
from ..units import Bitrate
from .faults import Fault, classify, is_error, main_error

SIGNALLED = 128
"""A shell's exit code for a command that a signal ended, less the signal."""

DRAIN = 60.0
"""Seconds that a receiver may go on after its sender: what lies in the buffers of a slow link has to arrive."""

FEW_PACKETS = 20
"""Of which one that is lost is 5 % already."""

SHORTEST = 0.1
"""Seconds below which a run may be over before its receiver has read anything."""

TOLD = 20
"""Warnings of a run that are told."""

ANY_VERSION = "99"
"""Takes every option: for a device that cannot be asked."""


class Tool(ABC):
    """One iperf program: its words, its output, its version. Pure: it runs nothing."""

    name: ClassVar[str]
    program: ClassVar[str]
    """What it is called where nobody says otherwise."""
    default_port: ClassVar[int]
    one_at_a_time: ClassVar[bool]
    """Whether a server that serves a client is busy for all others."""
    extension: ClassVar[str]
    """Of the raw file."""

    @abstractmethod
    def version_words(self, program: str) -> tuple[str, ...]:
        """The words that make the program tell its version."""

    @abstractmethod
    def version_of(self, text: str) -> str | None:
        """The version in what the program told; None when it is not this tool."""

    @abstractmethod
    def _fixed_client_words(self, options: Options, version: str, live: bool) -> tuple[str, ...]:
        """What every client gets beside its options; ``live`` asks for intervals while it runs, at the price of digits."""

    @abstractmethod
    def _fixed_server_words(self, options: Options, version: str) -> tuple[str, ...]:
        """What every server gets beside its options."""

    def listens_on(self, options: Options) -> str:
        """``tcp`` or ``udp``: the kind of socket at which a server with these options waits for clients."""
        return "tcp"

    def check_server(self, server: Options, client: Options) -> None:  # noqa: B027 - most tools serve any client
        """An IperfCommandError where a server that was started so cannot serve such a client."""

    def server_needs(self, client: Options) -> dict[str, Any]:
        """The options that a server has to be started with for such a client; its intervals are to be as long as the client's."""
        return {name: client[name] for name in ("interval",) if client.get(name)}

    def advice(self, client: Options) -> str | None:
        """What to tell somebody who asks for such a client: it measures something else than most expect."""
        rated = [name for name in ("isochronous", "ipg", "fq_rate", "burst_size", "extra") if client.get(name)]
        if client.protocol != "udp" or rated:
            return None
        if client.get("bitrate") is None:
            return "Without 'bitrate', iperf sends 1 Mbit/s over UDP: a test of that passes on nearly any path. Give the rate that it is to carry."
        packets = client["bitrate"] * client.get("time", 10) / (8 * client.get("length", 1460))
        if 0 < packets < FEW_PACKETS and "bytes" not in client and "blockcount" not in client:
            return f"At {client['bitrate']} a stream sends about {max(1, round(packets))} packets in that time: too few to tell anything of loss. Give a higher 'bitrate', or its unit."
        return None

    def tells_receiver(self, asked: Options) -> bool:
        """Whether a client learns what the receiver got, also where that is the server."""
        return True

    def detached(self, options: Options, version: str) -> Options:
        """The options of a server that nobody may ever come back to."""
        return options

    def shows_intervals(self, options: Options, version: str, live: bool) -> bool:
        """Whether a client prints its intervals while it runs."""
        return options.get("interval") != 0

    def tells_at_once(self, version: str) -> bool:
        """Whether a server of this version prints what it saw as soon as a test is over."""
        return True

    def client_words(
        self, program: str, host: str, port: int, options: Options, version: str, where: str, live: bool = False
    ) -> tuple[str, ...]:
        """The words that run a client. Raises IperfCommandError for an option that this version has not."""
        address = ("--client", _no_option(host, "server"), "--port", str(port))
        fixed = self._fixed_client_words(options, version, live)
        return (program, *address, *fixed, *self._option_words(options, version, where))

    def server_words(self, program: str, port: int, options: Options, version: str, where: str) -> tuple[str, ...]:
        """The words that run a server."""
        fixed = self._fixed_server_words(options, version)
        return (program, "--server", "--port", str(port), *fixed, *self._option_words(options, version, where))

    def server_by_hand(self, port: int, options: Options, where: str) -> tuple[str, ...]:
        """What somebody types to start such a server, of whichever version is there."""
        return (self.program, "--server", "--port", str(port), *self._option_words(options, ANY_VERSION, where))

    def _option_words(self, options: Options, version: str, where: str) -> tuple[str, ...]:
        extra: Words = options.get("extra", Words())
        refuse_known_words(extra, self.name)
        return (*encode(options, self.name, version, where), *extra)

    def judge(
        self, result: Result | None, errors: Sequence[str], exit_code: int | None, asked: Options
    ) -> Fault | None:
        """Why a client that ended by itself did not do what was asked; None when there is evidence that it did.

        An exit code of 0 is no evidence: 3.11 to 3.13 give it with errors, iperf2 nearly always. What counts is a
        summary for each direction and stream, data at the receiver, and no error anywhere.
        """
        said = (result.error if result else None) or main_error(errors)
        if said:
            return classify(said) or _unknown(said, self.name)
        if result is None or not result.flows:
            return self._no_output(errors, exit_code)
        if exit_code != 0:
            return _ended_by_signal(exit_code, "") or _unknown(
                f"exit code {'unknown' if exit_code is None else exit_code} and no reason", self.name
            )
        if result.partial:
            return Fault(
                "incomplete",
                "",
                "the output ends before its summary: iperf was ended, or what it prints is cut on its way",
                "look at the end of the raw file, and whether the disk of the device is full",
            )
        return _other_than_asked(result, asked) or _missing(result, asked, self.tells_receiver(asked))

    def _no_output(self, errors: Sequence[str], exit_code: int | None) -> Fault:
        text = "\n".join(errors).strip()
        said = "\n".join(line[:200] for line in text.splitlines()[-5:])
        if exit_code in (126, 127):
            return Fault("program", said, "the program is missing or cannot be run", "see the device")
        how = f"{self.name} died (exit code {exit_code}), or " if exit_code else ""
        cause = f"{how}something else runs under the name of {self.name}"
        remedy = "look at the raw file, and run the command by hand on the device"
        return _ended_by_signal(exit_code, said) or classify(text) or Fault("unreadable", said, cause, remedy)


def _no_option(word: str, what: str) -> str:
    if word.startswith("-") or not word:
        raise IperfCommandError(f"'{word}' is no {what}.")
    return word


def _ended_by_signal(exit_code: int | None, said: str) -> Fault | None:
    if exit_code is None or exit_code <= SIGNALLED:
        return None
    number = exit_code - SIGNALLED
    if number in (6, 11):
        return Fault("died", said, f"a bug of this iperf: it crashed (signal {number})", "use another version")
    remedy = "find out who ended it; the kernel does when memory runs out (see dmesg)"
    return Fault("died", said, f"it was ended there by signal {number}", remedy)


def _unknown(said: str, tool: str) -> Fault:
    return Fault(
        "failed", said, f"{tool} gives this reason and no other", "look at the server's output and at the raw file"
    )


AT_ONCE = 1_000_000
"""Bytes that a stream with a target rate may be ahead of it: what it writes at a time, and what lies in its buffers."""

IN_BUFFERS = 16_000_000
"""Bytes of one connection that are under way at most: Linux lets its buffers grow to 4 and 6 MB, administrators to more."""


def _other_than_asked(result: Result, asked: Options) -> Fault | None:
    """Whether the run was another one: a wrapper, or an iperf that passes over what it does not know."""
    problem = None
    if result.protocol != asked.protocol:
        problem = f"it ran {result.protocol.upper()} in place of {asked.protocol.upper()}"
    for flow in result.flows:
        problem = _other_amount(flow, asked) or _other_time(flow, asked) or problem
    if not problem:
        return None
    cut = (
        "the traffic link was cut or one end hung for a while, or "
        if problem.startswith(("it ran", "the receiver counted"))
        else ""
    )
    cause = f"{cut}a device's clock was set during the run, or the program is a wrapper or no true iperf"
    return Fault("incomplete", problem, cause, "run it again; if that fails, run the command by hand on the device")


def _other_amount(flow: Flow, asked: Options) -> str | None:
    sent, got = flow.sender.bytes, flow.receiver.bytes
    if asked.get("bytes") and sent is not None and sent < asked["bytes"]:
        return f"it sent {sent:,} bytes in place of {int(asked['bytes']):,}"
    if faster_than_asked(flow, asked):
        return f"it sent {Bitrate(_sent_rate(flow))} in place of {_rate_asked(asked)} at most"
    if sent is not None and got is not None and got > sent * 1.01 + 1_000_000 + _of_warm_up(flow, asked):
        return f"the receiver counts {got:,} bytes, but only {sent:,} were sent"
    return None


def _other_time(flow: Flow, asked: Options) -> str | None:
    sent, got, limit = flow.sender.seconds, flow.receiver.seconds, asked.get("time")
    ran = got if sent is None else sent
    if limit and ran is not None and ran > 1.5 * limit + 1 + _last_write(flow, asked):
        return f"it ran {ran:.3g} s in place of {limit}"
    if limit and got is not None and got > 1.5 * limit + DRAIN:
        return f"the receiver counted for {got:.4g} s in place of {limit}"
    if sent is not None and got is not None and got < 0.8 * sent - 0.5:
        return f"the receiver counted for {got:.3g} of the {sent:.3g} s in which was sent"
    return None


def _last_write(flow: Flow, asked: Options) -> float:
    """Seconds that iperf2 may be blocked in its last write over TCP, until a third of its buffer is free: at 1 Mbit/s and 10 s, 6 s were measured.

    Not for nearly all that was sent: then it hung.
    """
    rate, sent = _sent_rate(flow), flow.sender.bytes
    if not rate or not sent or asked.protocol != "tcp":
        return 0.0
    return min(DRAIN, 8 * min(AT_ONCE * asked.streams, 0.7 * sent) / rate)


def faster_than_asked(flow: Flow, asked: Options) -> bool:
    """Whether it sent far more than ``bitrate`` allows. What it sends at a time may be more than a moment's share of that."""
    rate, seconds = _sent_rate(flow), _of_sender(flow).seconds
    if not asked.get("bitrate") or "burst_period" in asked or not rate or not seconds:
        return False
    at_once = 8 * max(AT_ONCE, 2 * asked.get("length", 0)) * asked.streams / seconds
    return bool(rate > 1.5 * _rate_asked(asked) + at_once)


def _rate_asked(asked: Options) -> Bitrate:
    return Bitrate(asked["bitrate"] * asked.streams)


def _sent_rate(flow: Flow) -> float:
    """Of what was sent; of what arrived where that alone is known."""
    end = _of_sender(flow)
    return 8 * end.bytes / end.seconds if end.bytes and end.seconds else 0.0


def _of_sender(flow: Flow) -> End:
    return flow.receiver if flow.sender.bytes is None else flow.sender


def _of_warm_up(flow: Flow, asked: Options) -> float:
    """Bytes sent in the warm-up that the receiver may count behind it: what lay in the buffers of its streams, or came
    as its own count began a moment earlier. Not half the warm-up, nor half of what was
    sent behind it, however long the warm-up was: a receiver that counts all of that is wrong.
    """
    sent, seconds, omit = flow.sender.bytes, flow.sender.seconds, asked.get("omit")
    if not (omit and sent and seconds):
        return 0.0
    longer = (flow.receiver.seconds or seconds) - seconds
    under_way = IN_BUFFERS * max(1, len(flow.streams)) + max(0.0, longer) * sent / seconds
    return min(under_way, 0.5 * sent * min(1.0, float(omit) / seconds))


def _missing(result: Result, asked: Options, receiver_told: bool) -> Fault | None:
    """What was asked and is not there."""
    found = {"reverse" if flow.reverse else "forward": flow for flow in result.flows}
    for direction in asked.directions:
        fault = _fault_of(found.get(direction), asked, receiver_told)
        if fault and found and direction not in found:
            cause = "the traffic went the other way: the program is a wrapper that adds options of its own, or no true iperf"
            fault = replace(fault, cause=cause, remedy="run the command by hand on the device")
        if fault:
            return replace(fault, said=f"{direction}: {fault.said}")
    return None


def _fault_of(flow: Flow | None, asked: Options, receiver_told: bool) -> Fault | None:
    if not flow:
        return _nothing("no figures at all", flow)
    lacking, short = _lacks(flow, asked), _too_short(flow, asked)
    if short and not lacking:
        cause = "it was ended early: by a signal on its device, or because its other end was gone"
        if asked.protocol == "udp" and flow.sender.seconds is None:
            cause += "; or nothing came through at first, and it counts from the first datagram on"
        return Fault("incomplete", short, cause, "find out what ended it, or the other end")
    problem = lacking or _unknown_end(flow, receiver_told)
    return _nothing(problem, flow) if problem else None


def _nothing(problem: str, flow: Flow | None) -> Fault:
    if flow and flow.sender.seconds is not None and flow.sender.seconds < SHORTEST:
        cause = f"the run was over after {flow.sender.seconds * 1000:.3g} ms, before the receiver counted anything"
        return Fault("nothing_moved", problem, cause, "ask for more: a time of 1 s, or more bytes")
    return Fault(
        "nothing_moved" if flow and not flow.receiver.bytes else "incomplete",
        problem,
        "the data path is blocked (firewall, MTU, lost link) although the control connection works",
        "look at the intervals in the raw file; try less rate, fewer streams or a smaller length",
    )


def _lacks(flow: Flow, asked: Options) -> str | None:
    if len(flow.streams) < asked.streams:
        return f"{len(flow.streams)} of {asked.streams} streams have a summary"
    empty = [str(s.id) for s in flow.streams if s.sender.bytes == 0 or _got_nothing(s.receiver)]
    if _got_nothing(flow.receiver) or len(empty) == len(flow.streams):
        return "the receiver got nothing"
    if empty:
        return f"nothing moved on stream {', '.join(empty)}"
    return None


def _too_short(flow: Flow, asked: Options) -> str | None:
    """iperf2 with -R knows nothing of the sender, ends as usual when the server dies, and returns 0."""
    ran, slack = flow.sender.seconds, 0.0
    if ran is None:
        # From the first datagram to the last there is a gap less than there are datagrams.
        ran, slack = flow.receiver.seconds, 0.5 if asked.protocol == "udp" else 0.0
    if not asked.get("time") or ran is None or ran >= 0.9 * asked["time"] - slack:
        return None
    return f"it ran {ran:.3g} s in place of {asked['time']}"


def _unknown_end(flow: Flow, receiver_told: bool) -> str | None:
    if receiver_told and flow.receiver.bytes is None and not flow.receiver.packets:
        return "the receiver's figures are unknown"
    if not receiver_told and not flow.sender.bytes and not flow.receiver.bytes:
        return "no end's figures are known"
    return None


def _got_nothing(receiver: End) -> bool:
    """By its bytes, or where those are unknown by its packets."""
    if receiver.bytes is not None:
        return receiver.bytes <= 0
    return receiver.packets is not None and receiver.lost_packets == receiver.packets


def warnings(errors: Iterable[str]) -> list[str]:
    """The lines of stderr that are no error: to be told, not to be judged by. No more of them than anybody reads."""
    lines = [line for line in errors if line.strip() and not is_error(line)]
    more = [f"... and {len(lines) - TOLD} more lines"] if len(lines) > TOLD else []
    return [*(line[:1000] for line in lines[:TOLD]), *more]
