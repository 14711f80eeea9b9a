"""The table of all options of iperf3 and iperf2: the one home of each. Pure.

A row says how our option is called, what type it has, who may give it, and how each tool spells it since when. The
arguments of the keywords, their documentation, the checks before anything runs and the command lines come from it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .secret import Password
from .units import Bitrate, Seconds, Size

_DSCP = re.compile(r"[0-9]{1,2}|0x[0-9a-f]{1,2}|ef|va|lowdelay|throughput|reliability|af[1-4][1-3]|cs[0-7]")

BOTH = ("client", "server")
CLIENT = ("client",)
SERVER = ("server",)


class Words(tuple[str, ...]):
    """Words of a command line: a list, or a text that is split as a POSIX shell splits words (nothing is expanded).

    Example: ``--title 'my run'`` is two words.
    """

    @classmethod
    def parse(cls, value: str | Sequence[str]) -> Words:
        return cls(shlex.split(value) if isinstance(value, str) else [str(word) for word in value])


def version_key(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparing.

    Example: ``version_key("3.1.10") > version_key("3.1.3")``
    """
    return tuple(int(number) for number in re.findall(r"\d+", version.split("-")[0])[:4])


def _text(value: Any) -> str:
    text = str(value)
    if not text or text.startswith("-"):
        raise ValueError(f"cannot be '{text}'")
    return text


def _number(value: Any) -> str:
    return str(int(value)) if value == int(value) else f"{float(value):f}".rstrip("0")


def _whole(value: Any) -> str:
    if value != int(value):
        raise ValueError(f"takes whole numbers only, not {value}")
    return str(int(value))


def _milliseconds(value: Any) -> str:
    return str(max(1, round(value * 1000)))


def _interval(value: Any) -> str:
    if 0 < value < 0.1:
        raise ValueError(f"is 0 s for none, or 0.1 s to 60 s, not {value}")
    return _number(value)


def _dscp(value: Any) -> str:
    text = str(value).lower()
    if not _DSCP.fullmatch(text) or (text.isdigit() and int(text) > 63):
        raise ValueError(f"is a number from 0 to 63 or a name like ef, af41, cs3, not '{value}'")
    return text


def _tos(value: Any) -> str:
    try:
        number = int(str(value), 0)
    except ValueError:
        number = -1
    if not 0 <= number <= 255:
        raise ValueError(f"is a number from 0 to 255, also written like 0x20, not '{value}'")
    return str(number)


@dataclass(frozen=True)
class Flag:
    """How one tool takes an option: its long word, its short one, the first version that has it, who may give it.

    ``low`` and ``high`` are the limits of the value, ``udp`` those of a UDP test where they differ, ``highs``
    the upper one of versions before the one named. ``peer`` is the version that the other end needs. ``glued`` writes ``--word=value``, as getopt wants where the
    value may be left out. ``encode`` makes the text of a value, and raises ValueError for one that is none. ``also`` are other long words for
    the same, refused in ``extra``. ``roles`` and ``protocol`` are the option's own unless given.
    """

    word: str
    short: str = ""
    since: str = "0"
    encode: Callable[[Any], str] = _text
    low: float | None = None
    high: float | None = None
    highs: tuple[tuple[str, int], ...] = ()
    udp: tuple[int, int] | None = None
    peer: str = "0"
    roles: tuple[str, ...] = ()
    protocol: str | None = None
    glued: bool = False
    also: tuple[str, ...] = ()

    def limits(self, protocol: str, version: str) -> tuple[float | None, float | None]:
        if self.udp and protocol == "udp":
            return self.udp
        old = [high for until, high in self.highs if version_key(version) < version_key(until)]
        return self.low, (old[0] if old else self.high)

    def words(self, value: Any, protocol: str, version: str) -> tuple[str, ...]:
        if value is True:
            return (self.word,)
        low, high = self.limits(protocol, version)
        if low is not None and value < low:
            raise ValueError(f"must be at least {low:,}, not {float(value):,.12g}")
        if high is not None and value > high:
            raise ValueError(f"must be at most {high:,}, not {float(value):,.12g}")
        text = self.encode(value)
        return (f"{self.word}={text}",) if self.glued else (self.word, text)


@dataclass(frozen=True)
class Option:
    """One row of the table. Where ``ours`` tells why, the library sets or refuses the option and users do not.

    ``roles`` is who takes it; ``excludes`` are options that it cannot be given with (one of the two names the other), ``needs`` those that
    have to be given, too; ``aliases`` are other names of our argument.
    The word of a secret is the environment variable in which the tool looks for it.
    """

    name: str
    type: type
    doc: str
    roles: tuple[str, ...] = CLIENT
    protocol: str | None = None
    excludes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    iperf3: Flag | None = None
    iperf2: Flag | None = None
    ours: str = ""

    def flag(self, tool: str) -> Flag | None:
        found: Flag | None = getattr(self, tool, None)
        return found

    def roles_for(self, tool: str) -> tuple[str, ...]:
        flag = self.flag(tool)
        return (flag.roles if flag else ()) or self.roles

    def only(self, *tools: str) -> str:
        """For which protocol, where it is not for all: ``; TCP only``."""
        flags = [(tool, flag) for tool in tools if (flag := self.flag(tool)) and flag.protocol]
        own = [f"; {self.protocol.upper()} only"] if self.protocol else []
        return "".join([*own, *(f"; {str(flag.protocol).upper()} only with {tool}" for tool, flag in flags)])


def _i3(word: str, short: str = "", since: str = "3.0", *encode: Any, **more: Any) -> Flag:
    return Flag(word, short, since, *encode, **more)


def _i2(word: str, short: str = "", since: str = "2.0.2", *encode: Any, **more: Any) -> Flag:
    return Flag(word, short, since, *encode, **more)


_SET = "the library sets it"
_PROCESS = "the library keeps the process and its output"
_FORM = "the library reads the output, which this changes"
_NO_TEST = "it runs no test"

OPTIONS: tuple[Option, ...] = (
    # -- how much
    Option("time", Seconds, "how long to send; iperf's own default is 10 s; 0 s is endless", aliases=("duration",),
           excludes=("bytes", "blockcount"),
           iperf3=_i3("--time", "-t", "3.0", _whole, 0, 86400), iperf2=_i2("--time", "-t", "2.0.2", _number, 0, 2**31)),
    Option("bytes", Size, "how much to send in place of a time", excludes=("blockcount",), aliases=("num",),
           iperf3=_i3("--bytes", "-n", "3.0", _whole, 1, 2**63), iperf2=_i2("--num", "-n", "2.0.2", _whole, 1, 2**63)),
    Option("blockcount", int, "how many blocks of ``length`` to send in place of a time",
           iperf3=_i3("--blockcount", "-k", "3.0", _whole, 1, 2**63)),
    Option("omit", Seconds, "seconds at the start that are left out of the result (warm-up); they come on top of ``time``",
           iperf3=_i3("--omit", "-O", "3.0", _whole, 0, 600, highs=(("3.18", 60),)), iperf2=_i2("--omit", "", "2.2.2", _number, 0, 600)),
    Option("interval", Seconds, "time between periodic reports; 0 s is none", BOTH,
           iperf3=_i3("--interval", "-i", "3.0", _interval, 0, 60), iperf2=_i2("--interval", "-i", "2.0.2", _number, 0.005, 3600)),
    # -- which way
    Option("reverse", bool, "the server sends and the client receives", excludes=("bidir", "dualtest", "tradeoff"),
           iperf3=_i3("--reverse", "-R"), iperf2=_i2("--reverse", "-R", "2.1.0", peer="2.1.0")),
    Option("bidir", bool, "both send at the same time", aliases=("full_duplex",), excludes=("dualtest", "tradeoff"),
           iperf3=_i3("--bidir", "", "3.7", peer="3.7"), iperf2=_i2("--full-duplex", "", "2.1.0", peer="2.1.0")),
    Option("dualtest", bool, "both send at the same time, over a connection back to the client that must not be blocked",
           excludes=("tradeoff",), iperf2=_i2("--dualtest", "-d")),
    Option("tradeoff", bool, "both send one after the other, over a connection back to the client that must not be blocked",
           iperf2=_i2("--tradeoff", "-r")),
    Option("listenport", int, "port at the client for ``dualtest`` and ``tradeoff``",
           iperf2=_i2("--listenport", "-L", "2.0.2", _whole, 1, 65535)),
    Option("parallel", int, "number of parallel streams",
           iperf3=_i3("--parallel", "-P", "3.0", _whole, 1, 128), iperf2=_i2("--parallel", "-P", "2.0.2", _whole, 1, 1024)),
    # -- what is sent
    Option("udp", bool, "UDP in place of TCP; without ``bitrate`` iperf sends 1 Mbit/s. An iperf2 server needs it too", BOTH,
           iperf3=_i3("--udp", "-u", roles=CLIENT), iperf2=_i2("--udp", "-u")),
    Option("sctp", bool, "SCTP in place of TCP", excludes=("udp",), iperf3=_i3("--sctp", "", "3.1")),
    Option("bitrate", Bitrate, "target rate of each stream; 0 is unlimited", aliases=("bandwidth",),
           iperf3=_i3("--bandwidth", "-b", "3.0", _whole, 0, 10**15, also=("--bitrate",)),
           iperf2=_i2("--bandwidth", "-b", "2.0.2", _whole, 1, 10**15)),
    Option("length", Size, "bytes of one write, with UDP of one datagram", BOTH, aliases=("len",),
           iperf3=_i3("--length", "-l", "3.0", _whole, 1, 2**20, roles=CLIENT, udp=(16, 65507)),
           iperf2=_i2("--len", "-l", "2.0.2", _whole, 1, 2**27)),
    Option("window", Size, "socket buffer, with iperf3 of both ends", BOTH,
           iperf3=_i3("--window", "-w", "3.0", _whole, 1, 2**29, roles=CLIENT), iperf2=_i2("--window", "-w", "2.0.2", _whole, 1, 2**31)),
    Option("mss", int, "maximum segment size in bytes", BOTH, protocol="tcp", aliases=("set_mss",),
           iperf3=_i3("--set-mss", "-M", "3.0", _whole, 1, 32767, roles=CLIENT), iperf2=_i2("--mss", "-M", "2.0.2", _whole, 1, 65535)),
    Option("print_mss", bool, "print the maximum segment size", BOTH, protocol="tcp", iperf2=_i2("--print_mss", "-m")),
    Option("no_delay", bool, "switch Nagle's algorithm off", BOTH, protocol="tcp", aliases=("nodelay",),
           iperf3=_i3("--no-delay", "-N", roles=CLIENT), iperf2=_i2("--nodelay", "-N")),
    Option("congestion", str, "congestion control algorithm, like ``cubic``", protocol="tcp", aliases=("linux_congestion",),
           iperf3=_i3("--congestion", "-C", "3.1", also=("--linux-congestion",)), iperf2=_i2("--linux-congestion", "-Z", "2.0.5", also=("--tcp-congestion", "--tcp-cca"))),
    Option("dscp", str, "DSCP as a name (``ef``, ``af41``) or a number 0 to 63", excludes=("tos",),
           iperf3=_i3("--dscp", "", "3.2", _dscp), iperf2=_i2("--dscp", "", "2.2.0", _dscp)),
    Option("tos", str, "type-of-service byte, 0 to 255, also ``0x..``", iperf3=_i3("--tos", "-S", "3.0", _tos), iperf2=_i2("--tos", "-S", "2.0.2", _tos)),
    Option("flowlabel", int, "IPv6 flow label", iperf3=_i3("--flowlabel", "-L", "3.0", _whole, 1, 0xFFFFF)),
    Option("ttl", int, "time-to-live of multicast", iperf2=_i2("--ttl", "-T", "2.0.2", _whole, 1, 255)),
    Option("zerocopy", bool, "send with sendfile, which costs less CPU", protocol="tcp", iperf3=_i3("--zerocopy", "-Z")),
    Option("skip_rx_copy", bool, "discard received data in the kernel", protocol="tcp",
           iperf3=_i3("--skip-rx-copy", "", "3.19"), iperf2=_i2("--skip-rx-copy", "", "2.2.1")),
    Option("dont_fragment", bool, "set the DF bit", protocol="udp", iperf3=_i3("--dont-fragment", "", "3.10")),
    Option("gsro", bool, "segmentation and receive offload of UDP", protocol="udp", iperf3=_i3("--gsro", "", "3.21")),
    Option("repeating_payload", bool, "a repeated pattern in place of random data", iperf3=_i3("--repeating-payload", "", "3.6")),
    Option("udp_counters_64bit", bool, "counters of 64 bits in the datagrams; both ends need it", BOTH,
           iperf3=_i3("--udp-counters-64bit", "", "3.1", roles=CLIENT, protocol="udp"),
           iperf2=_i2("--udp-counters-64bit", "", "2.0.10")),
    Option("file", str, "send the content of this file of the device", BOTH, aliases=("fileinput",),
           iperf3=_i3("--file", "-F"), iperf2=_i2("--fileinput", "-F", roles=CLIENT)),
    Option("mptcp", bool, "Multipath TCP; both ends need it", BOTH, protocol="tcp", iperf3=_i3("--mptcp", "-m", "3.19")),
    # -- pacing
    Option("fq_rate", Bitrate, "fair-queue pacing by the kernel", iperf3=_i3("--fq-rate", "", "3.1.5", _whole, 0, 10**15),
           iperf2=_i2("--fq-rate", "", "2.0.13", _whole, 0, 10**15)),
    Option("fq_rate_step", Bitrate, "step of a rising ``fq_rate``", iperf2=_i2("--fq-rate-step", "", "2.2.0", _whole)),
    Option("fq_rate_step_interval", Seconds, "time between the steps of ``fq_rate``",
           iperf2=_i2("--fq-rate-step-interval", "", "2.2.0", _number)),
    Option("no_fq_socket_pacing", bool, "no fair-queue pacing", iperf3=_i3("--no-fq-socket-pacing", "", "3.1.3")),
    Option("pacing_timer", int, "microseconds between the turns of the pacing timer", iperf3=_i3("--pacing-timer", "", "3.2", _whole)),
    Option("ipg", Seconds, "gap between datagrams", protocol="udp", excludes=("bitrate",), iperf2=_i2("--ipg", "", "2.0.12", _number)),
    Option("isochronous", str, "frames like video: ``60:18m,1m``", excludes=("bitrate", "burst_period"),
           iperf2=_i2("--isochronous", "", "2.0.12", glued=True)),
    Option("burst_size", Size, "bytes of a burst", iperf2=_i2("--burst-size", "", "2.1.1", _whole)),
    Option("burst_period", Seconds, "time between bursts", excludes=("near_congestion",), iperf2=_i2("--burst-period", "", "2.1.1", _number)),
    Option("near_congestion", str, "weight for sending near the congestion point", protocol="tcp",
           iperf2=_i2("--near-congestion", "", "2.1.0", glued=True)),
    # -- addresses
    Option("ipv4", bool, "IPv4 only", BOTH, excludes=("ipv6",), iperf3=_i3("--version4", "-4"), iperf2=_i2("--ipv4_domain", "-4", "2.1.7")),
    Option("ipv6", bool, "IPv6 only", BOTH, iperf3=_i3("--version6", "-6"), iperf2=_i2("--ipv6_domain", "-V")),
    Option("bind", str, "local address to use", BOTH, iperf3=_i3("--bind", "-B"), iperf2=_i2("--bind", "-B")),
    Option("bind_dev", str, "network interface to use", BOTH, iperf3=_i3("--bind-dev", "", "3.10")),
    Option("cport", int, "the client's port for the data of its first stream", iperf3=_i3("--cport", "", "3.1", _whole, 1, 65535)),
    Option("xbind", str, "SCTP association link", BOTH, iperf3=_i3("--xbind", "-X", "3.1")),
    Option("ssm_host", str, "source of source-specific multicast", SERVER, iperf2=_i2("--ssm-host", "-H", "2.0.12")),
    Option("incr_dstip", bool, "next destination address for each stream", iperf2=_i2("--incr-dstip", "", "2.0.12")),
    Option("incr_srcip", bool, "next source address for each stream", iperf2=_i2("--incr-srcip", "", "2.1.1")),
    Option("incr_dstport", bool, "next destination port for each stream", iperf2=_i2("--incr-dstport", "", "2.1.7")),
    Option("incr_srcport", bool, "next source port for each stream", iperf2=_i2("--incr-srcport", "", "2.1.7")),
    Option("tap_dev", str, "TAP device to receive from", BOTH, iperf2=_i2("--tap-dev", "", "2.1.4")),
    Option("tun_dev", str, "TUN device", BOTH, iperf2=_i2("--tun-dev", "", "2.2.2")),
    Option("local_only", bool, "do not route", BOTH, iperf2=_i2("--local-only", "", "2.1.0")),
    # -- time limits
    Option("connect_timeout", Seconds, "how long to try to connect; with iperf3, 10 s unless given",
           iperf3=_i3("--connect-timeout", "", "3.2", _milliseconds, 0.001, 86400)),
    Option("connect_retries", int, "how often to try again to connect", iperf2=_i2("--connect-retries", "", "2.1.0", _whole)),
    Option("connect_retry_time", Seconds, "how long to try again to connect", iperf2=_i2("--connect-retry-time", "", "2.2.0", _number)),
    Option("connect_retry_timer", Seconds, "time between tries to connect", iperf2=_i2("--connect-retry-timer", "", "2.2.0", _number)),
    Option("rcv_timeout", Seconds, "end a test that receives nothing for so long; a client only when it receives", BOTH,
           iperf3=_i3("--rcv-timeout", "", "3.10", _milliseconds, 0.1, 86400)),
    Option("snd_timeout", Seconds, "end a TCP connection whose data nobody acknowledges for so long", BOTH,
           iperf3=_i3("--snd-timeout", "", "3.12", _milliseconds, 0.001, 86400)),
    Option("idle_timeout", Seconds, "start anew when nobody came for so long", SERVER,
           iperf3=_i3("--idle-timeout", "", "3.10", _whole, 1, 86400)),
    Option("cntl_ka", str, "keepalive of the control connection: ``idle/interval/count``", BOTH,
           iperf3=_i3("--cntl-ka", "", "3.19", glued=True)),
    Option("test_exchange_timeout", Seconds, "how long the ends may take to agree on the test", BOTH,
           iperf2=_i2("--test-exchange-timeout", "", "2.2.0", _number)),
    Option("txstart_time", str, "Unix time at which to start sending", iperf2=_i2("--txstart-time", "", "2.0.13")),
    Option("txdelay_time", Seconds, "pause between connecting and sending", excludes=("txstart_time",),
           iperf2=_i2("--txdelay-time", "", "2.1.0", _number)),
    # -- limits of a server
    Option("one_off", bool, "serve one client, then end", SERVER, iperf3=_i3("--one-off", "-1", "3.0.11")),
    Option("server_bitrate_limit", Bitrate, "refuse or end tests above this rate", SERVER,
           iperf3=_i3("--server-bitrate-limit", "", "3.9", _whole, 0, 10**15)),
    Option("server_max_duration", Seconds, "refuse tests that take longer", SERVER,
           iperf3=_i3("--server-max-duration", "", "3.20", _whole, 0, 86400)),
    Option("single_udp", bool, "UDP with a single thread", SERVER, protocol="udp", iperf2=_i2("--single_udp", "-U")),
    # -- who may
    Option("username", str, "user name for a server that asks", needs=("password", "rsa_public_key_path"),
           iperf3=_i3("--username", "", "3.2")),
    # Not a word of the command line, which everybody on the device can read, but a variable of the environment.
    Option("password", Password, "password of that user; see `Security`", needs=("username",), iperf3=_i3("IPERF3_PASSWORD", "", "3.7")),
    Option("rsa_public_key_path", str, "public key of the server, a file of the device", needs=("username",),
           iperf3=_i3("--rsa-public-key-path", "", "3.2")),
    Option("rsa_private_key_path", str, "private key, a file of the device", SERVER, needs=("authorized_users_path",),
           iperf3=_i3("--rsa-private-key-path", "", "3.2")),
    Option("authorized_users_path", str, "users and their passwords, a file of the device", SERVER, needs=("rsa_private_key_path",),
           iperf3=_i3("--authorized-users-path", "", "3.2")),
    Option("time_skew_threshold", Seconds, "how far the clocks may differ", SERVER,
           iperf3=_i3("--time-skew-threshold", "", "3.10", _whole, 1, 86400)),
    Option("use_pkcs1_padding", bool, "authentication as versions up to 3.16 do it", SERVER,
           iperf3=_i3("--use-pkcs1-padding", "", "3.17")),
    Option("permit_key", str, "a key that both ends must have", BOTH, protocol="tcp", iperf2=_i2("--permit-key", "", "2.1.0", glued=True)),
    Option("permit_key_timeout", Seconds, "how long the key is good", SERVER, iperf2=_i2("--permit-key-timeout", "", "2.1.0", _number)),
    # -- what is measured and told
    Option("get_server_output", bool, "bring the server's own report along in the raw file", iperf3=_i3("--get-server-output", "", "3.0.5")),
    Option("title", str, "a name for the run, in its document", iperf3=_i3("--title", "-T")),
    Option("extra_data", str, "a text for the document of the run", iperf3=_i3("--extra-data", "", "3.6")),
    Option("affinity", str, "CPU to run on; ``2,3`` for both ends", BOTH, iperf3=_i3("--affinity", "-A")),
    Option("trip_times", bool, "one-way delays; the clocks must agree", iperf2=_i2("--trip-times", "", "2.1.0", peer="2.1.0", also=("--trip-time",))),
    Option("peer_detect", bool, "ask the server for its version", excludes=("bidir",), iperf2=_i2("--peerdetect", "-X", "2.0.10", roles=CLIENT)),
    Option("bounceback", str, "request and reply, for response times; the value is the bytes of both", protocol="tcp",
           excludes=("bidir", "dualtest", "tradeoff", "reverse"), iperf2=_i2("--bounceback", "", "2.1.7", glued=True)),
    Option("bounceback_request", Size, "bytes of the request", protocol="tcp", iperf2=_i2("--bounceback-request", "", "2.2.0", _whole)),
    Option("bounceback_reply", Size, "bytes of the reply", protocol="tcp", iperf2=_i2("--bounceback-reply", "", "2.2.0", _whole)),
    Option("bounceback_period", Seconds, "time between requests", protocol="tcp", iperf2=_i2("--bounceback-period", "", "2.1.7", _number)),
    Option("bounceback_hold", Seconds, "pause of the server before its reply", protocol="tcp",
           iperf2=_i2("--bounceback-hold", "", "2.1.7", _milliseconds)),
    Option("bounceback_txdelay", Seconds, "pause before the first request", protocol="tcp",
           iperf2=_i2("--bounceback-txdelay", "", "2.1.9", _number)),
    Option("bounceback_no_quickack", bool, "leave the acknowledgements to the kernel", protocol="tcp",
           iperf2=_i2("--bounceback-no-quickack", "", "2.1.7")),
    Option("histograms", str, "histograms of delays: ``1m,100`` ...", BOTH, iperf2=_i2("--histograms", "", "2.1.0", glued=True)),
    Option("jitter_histograms", str, "histograms of jitter", SERVER, protocol="udp", iperf2=_i2("--jitter-histograms", "", "2.1.9", glued=True)),
    Option("udp_histogram", str, "histograms of UDP delays", SERVER, protocol="udp", iperf2=_i2("--udp-histogram", "", "2.0.12", glued=True)),
    Option("connect_only", str, "connect and send nothing; the value is how often", protocol="tcp",
           iperf2=_i2("--connect-only", "", "2.1.0", glued=True)),
    Option("no_connect_sync", bool, "do not wait for all connections before sending", iperf2=_i2("--no-connect-sync", "", "2.1.0")),
    Option("no_udp_fin", bool, "no end marker and no server report", protocol="udp", iperf2=_i2("--no-udp-fin", "", "2.1.0")),
    Option("sum_dstip", bool, "sums by destination", SERVER, iperf2=_i2("--sum-dstip", "", "2.1.1")),
    Option("hide_ips", bool, "no addresses in the output", BOTH, iperf2=_i2("--hide-ips", "", "2.1.4")),
    Option("tcp_rx_window_clamp", Size, "limit of the receive window", BOTH, protocol="tcp",
           iperf2=_i2("--tcp-rx-window-clamp", "", "2.1.4", _whole)),
    Option("tcp_write_prefetch", Size, "unsent data that the kernel may hold", protocol="tcp",
           iperf2=_i2("--tcp-write-prefetch", "", "2.1.4", _whole)),
    Option("tcp_write_times", bool, "times of the writes", protocol="tcp", iperf2=_i2("--tcp-write-times", "", "2.1.7")),
    Option("tcp_quickack", bool, "acknowledge at once", BOTH, protocol="tcp", iperf2=_i2("--tcp-quickack", "", "2.1.7")),
    Option("tcp_tx_delay", Seconds, "delay of what is sent, made by the kernel", protocol="tcp",
           iperf2=_i2("--tcp-tx-delay", "", "2.2.0", _milliseconds)),
    Option("tos_override", str, "type-of-service byte of the reverse direction", SERVER, iperf2=_i2("--tos-override", "", "2.1.7")),
    Option("working_load", str, "load beside the bounceback", iperf2=_i2("--working-load", "", "2.1.9", glued=True)),
    Option("working_load_cca", str, "congestion control algorithm of the load", iperf2=_i2("--working-load-cca", "", "2.2.0")),
    Option("utc", bool, "times in UTC", BOTH, iperf2=_i2("--utc", "", "2.1.9")),
    Option("ignore_shutdown", bool, "do not wait for the end of the connection", protocol="tcp", iperf2=_i2("--ignore-shutdown", "", "2.2.0")),
    Option("sync_transfer_id", bool, "the same stream numbers on both ends", iperf2=_i2("--sync-transfer-id", "", "2.2.0")),
    Option("udp_l4s", bool, "L4S marking of UDP", protocol="udp", iperf2=_i2("--udp-l4s", "", "2.2.1")),
    Option("udp_l4s_video", bool, "L4S video traffic", protocol="udp", iperf2=_i2("--udp-l4s-video", "", "2.2.2")),
    Option("l2checks", bool, "check lengths in the layer below", SERVER, protocol="udp", iperf2=_i2("--l2checks", "", "2.0.12")),
    Option("set_rand_seed", int, "seed of the random numbers", iperf2=_i2("--set-rand-seed", "", "2.2.2", _whole)),
    Option("send_delay", Seconds, "pause before sending", iperf2=_i2("--send-delay", "", "2.2.2", _number)),
    Option("num_report_structs", int, "size of the queue between traffic and reporter", BOTH,
           iperf2=_i2("--NUM_REPORT_STRUCTS", "", "2.1.0", _whole)),
    Option("suggest_win_size", bool, "find a window size", SERVER, protocol="tcp", iperf2=_i2("--suggest_win_size", "-W")),
    Option("realtime", bool, "real-time scheduling", BOTH, iperf2=_i2("--realtime", "-z", "2.0.8")),
    Option("compatibility", bool, "send nothing that older versions do not know", iperf2=_i2("--compatibility", "-C")),
    Option("extra", Words, "more words for the command line, for options that have no argument here", BOTH),
    # -- what the library itself sets, or what cannot be had
    Option("client", bool, "", ours=_SET, iperf3=_i3("--client", "-c"), iperf2=_i2("--client", "-c")),
    Option("server", bool, "", ours=_SET, iperf3=_i3("--server", "-s"), iperf2=_i2("--server", "-s")),
    Option("port", int, "", ours=_SET, iperf3=_i3("--port", "-p"), iperf2=_i2("--port", "-p")),
    Option("json", bool, "", ours=_SET, iperf3=_i3("--json", "-J")),
    Option("json_stream", bool, "", ours=_FORM, iperf3=_i3("--json-stream", "", "3.17")),
    Option("json_stream_full_output", bool, "", ours=_FORM, iperf3=_i3("--json-stream-full-output", "", "3.20")),
    Option("forceflush", bool, "", ours=_FORM, iperf3=_i3("--forceflush", "", "3.1.5")),
    Option("verbose", bool, "", ours=_FORM, iperf3=_i3("--verbose", "-V")),
    Option("debug", bool, "", ours=_FORM, iperf3=_i3("--debug", "-d", "3.0.2")),
    Option("timestamps", bool, "", ours=_FORM, iperf3=_i3("--timestamps", "", "3.9")),
    Option("format", str, "", ours=_FORM, iperf3=_i3("--format", "-f"), iperf2=_i2("--format", "-f")),
    Option("enhanced", bool, "", ours=_FORM, iperf2=_i2("--enhanced", "-e", "2.0.8")),
    Option("reportexclude", str, "", ours=_FORM, iperf2=_i2("--reportexclude", "-x")),
    Option("reportstyle", str, "", ours=_FORM, iperf2=_i2("--reportstyle", "-y")),
    Option("sum_only", bool, "", ours=_FORM, iperf2=_i2("--sum-only", "", "2.1.0")),
    Option("output", str, "", ours=_PROCESS, iperf2=_i2("--output", "-o")),
    Option("stdin", bool, "", ours=_PROCESS, iperf2=_i2("--stdin", "-I")),
    Option("logfile", str, "", ours=_PROCESS, iperf3=_i3("--logfile", "", "3.1")),
    Option("pidfile", str, "", ours=_PROCESS, iperf3=_i3("--pidfile", "-I", "3.1")),
    Option("daemon", bool, "", ours=_PROCESS, iperf3=_i3("--daemon", "-D"), iperf2=_i2("--daemon", "-D")),
    Option("remove", bool, "", ours="it removes the Windows service", iperf2=_i2("--remove", "")),
    Option("nstreams", int, "", ours="it sets the target rate, in every version that has it (a bug of iperf3)",
           iperf3=_i3("--nstreams", "", "3.1")),
    Option("version", bool, "", ours=_NO_TEST, iperf3=_i3("--version", "-v"), iperf2=_i2("--version", "-v")),
    Option("help", bool, "", ours=_NO_TEST, iperf3=_i3("--help", "-h"), iperf2=_i2("--help", "-h")),
)  # fmt: skip

NEUTRAL = frozenset({
    "interval", "reverse", "connect_timeout", "connect_retries", "connect_retry_time", "connect_retry_timer", "rcv_timeout",
    "snd_timeout", "cntl_ka", "test_exchange_timeout", "username", "password", "rsa_public_key_path", "permit_key", "get_server_output",
    "title", "extra_data", "print_mss", "peer_detect", "histograms", "utc", "hide_ips", "sync_transfer_id",
})  # fmt: skip
"""Options that change nothing of what is measured: it is the direction of the traffic that does, not who is the client."""
