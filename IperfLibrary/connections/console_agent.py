"""What a console's shell is made into: a loop that answers to short requests, each with a number and a checksum.

A console is one terminal: it echoes, wraps, turns ``\\n`` into ``\\r\\n``, and the kernel prints into the middle of anything. So
the log-in shell runs a loop of POSIX ``sh`` that reads one request a line and prints one answer between marks. A request
that arrives damaged is refused; an answer that arrives damaged is asked for again, which does nothing a second time.
Every process has its input, output and exit code in files there; they and all else go when the loop ends, however it ends.

Tried with dash, bash and busybox ash.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from typing import Protocol

from ..deadline import Deadline
from ..errors import DeviceError

SUMS = ("md5sum", "sha1sum", "sha256sum", "cksum")
ENCODERS = {
    "base64": "base64",
    "uuencode": "uuencode -m -",
    "xxd": "xxd -p",
    "hexdump": "hexdump -v -e '1/1 \"%02x\"'",
    "od": "od -An -v -tx1",
}
"""Programs that turn bytes into letters, the shortest output first, and how each is called."""

PIECE = 700
"""Characters of a request: a terminal takes 4095 in a line, a small one 1024."""

TOLD = PIECE // 5
"""Bytes for the input of a process in a request, where each may be written with five characters."""

PATIENCE = 3.0
"""Seconds of silence after which a request is sent again."""

STALLED = 0.7
"""Seconds of silence after something came, but no whole answer, after which it is asked for again."""

ANSWER_LIMIT = 10.0
"""Seconds within which a console answers, however often it was asked."""

GONE_AFTER = 180
"""Seconds without a request after which the loop ends by itself, in a shell that can wait with a limit (dash cannot)."""

_MARK = "iplib"
_DONE = f"{_MARK}-bye"

# One line each way; what is printed has no echo in it, as the mark is put together there. Descriptor 8 holds `life` open
# for writing, and nobody else does: when the loop is gone, all that read from it see an end. A process' input is held open
# by such a reader, so it sees an end, too, and its leash acts. `<>` never waits for another end.
# A hang-up and Ctrl-C are for the loop alone: a leash that dies of them would leave its command behind. A leash that has a
# terminal makes itself the one that may read from it, for a moment, by `set -m`: so it gets a session without one. Where
# nothing can do that, the loop reads again after such a moment.
_LOOP = (
    "exec 2>/dev/null; umask 077; N= L= D=; set +m;"
    ' k() { set -- $(printf %s "$1" | SUM); K=${1%CUT}; };'
    ' for d in /tmp /var/tmp /dev/shm /run "$HOME"; do d=$d/iperflibrary-console-TOKEN; mkdir "$d" && D=$d && break; done;'
    ' bye() { trap "" 0 1 2 15; if [ "$D" ]; then rm -f "$D/life"; rm -rf "$D"; fi; stty "$IPS";'
    ' printf "\\n%s-bye\\n" MARK; };'
    ' trap bye 0; trap exit 1 2 15; trap "" QUIT TSTP TTIN TTOU; G=; type setsid >/dev/null && G=setsid;'
    ' pipe() { mkfifo "$1" || mknod "$1" p; [ -p "$1" ]; };'
    ' if [ "$D" ] && pipe "$D/life"; then exec 8<>"$D/life" 5<"$D/life"; fi;'
    ' s() { i=$1; shift; if pipe "$D/$i.in" && printf "" >"$D/$i.out" && printf "" >"$D/$i.err"; then R=ok; else return; fi;'
    ' exec 7<>"$D/$i.in" 6<"$D/$i.in";'
    ' ( trap "" HUP INT QUIT TSTP; $G "$@" <&6 >"$D/$i.out" 2>"$D/$i.err" 6<&-; printf "" >"$D/$i.x$?";'
    ' [ -p "$D/life" ] || rm -rf "$D" ) </dev/null >/dev/null 5<&- 7>&- 8>&- &'
    ' ( read -r x <&5 ) </dev/null >/dev/null 6<&- 8>&- & eval "H$i=$!"; exec 6<&- 7>&-; };'
    # Nobody takes what is told to a process that has ended.
    ' p() { set -- "$D/$1.in" "$2" "$D/$1".x*; [ -p "$1" ] && ! [ -e "$3" ] && printf %b "$2" 1<>"$1"; };'
    ' l() { eval "h=\\$H$1 H$1="; [ -z "$h" ] || kill $h; };'
    ' f() { l $1; rm -f "$D/$1".*; };'
    ' w() { i=0; while V=$(cd "$D" && wc -c *.out *.err *.x*); [ "$V" = "$L" ] && [ $i -lt $2 ]; do'
    ' i=$((i+1)); sleep $1 || sleep 1; done; [ "$V" = "$L" ] || { L=$V; R=$V; }; };'
    ' b() { R=$(tail -c +$(($2+1)) "$1" | head -c $3 | ENCODE); };'
    ' T= e=0; [ "$G" ] && (read -t 1 x) </dev/null; [ $? -gt 1 ] || T=${G:+-t GONE};'
    ' again() { [ -z "$G" ] && [ -t 0 ] && [ $e -lt 30 ] && e=$((e+1)) && l= && { sleep 0.1 || sleep 1; }; };'
    ' while IFS= read -r $T l || again; do n=${l%% *} l=${l#* }; c=${l%% *} l=${l#* }; k "$n $l";'
    ' if [ "$c" = "$K" ]; then [ "$n" = "$N" ] || { N=$n R= e=0; eval "$l"; }; k "$N:$R";'
    ' printf "\\n%s<%s:%s:%s:%s>\\n" MARK "$N" "$K" "$R" MARK; else printf "\\n%s?\\n" MARK; fi; done; exit'
)


class Line(Protocol):
    """A terminal line to a device: bytes both ways. Both methods raise OSError or EOFError when it is gone."""

    @property
    def pace(self) -> int:
        """Bytes per second that it carries, roughly."""

    def read(self, seconds: float) -> bytes:
        """What has come, after waiting for the first byte no longer than that; empty when nothing has."""

    def write(self, data: bytes) -> None: ...

    def enter(self) -> None:
        """Sends the Enter key."""

    def close(self) -> None: ...


def loader(token: str) -> str:
    """The words to type at a prompt, after which :func:`greeting` finds what the device has, and no prompt comes any more.

    It saves how the terminal is set, and puts that back at its end. Nothing in it upsets a csh.
    """
    tools = " ".join((*SUMS, *ENCODERS))
    return (
        """sh -c 'IPS=${IPS-$(stty -g 2>/dev/null)};export IPS;trap "stty \\$IPS" 0;trap exit 1 2 15;"""
        f'stty sane -echo 2>/dev/null;u=;for t in {tools};do type $t >/dev/null 2>&1&&u="$u $t";done;'
        f"""echo {_MARK}""{token}:"$u":;while IFS= read -r l;do eval "$l";done'"""
    )


def greeting(text: str, token: str) -> list[str] | None:
    """The programs that the device has for the loop; None while the loader has not said anything."""
    found = re.search(rf"{_MARK}{token}:((?: [a-z0-9]+)*):\s", text)
    return found[1].split() if found else None


def checksum(tool: str, data: bytes) -> str:
    """What the agent makes of these bytes with this program, its first eight characters."""
    if tool == "cksum":
        return str(_posix_sum(data))
    return hashlib.new(tool.removesuffix("sum"), data, usedforsecurity=False).hexdigest()[:8]


def _posix_sum(data: bytes) -> int:
    """The sum of POSIX' cksum: a CRC of the bytes and of their count."""
    crc, size = 0, len(data)
    length = bytes(size >> shift & 255 for shift in range(0, size.bit_length(), 8))
    for byte in data + length:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return ~crc & 0xFFFFFFFF


def decoded(encoder: str, text: str) -> bytes:
    """The bytes that a device has encoded with this program."""
    if encoder == "uuencode":
        text = "".join(line for line in text.splitlines() if line != "====" and not line.startswith("begin-base64"))
    return base64.b64decode(text) if encoder in ("base64", "uuencode") else bytes.fromhex(text)


def is_plain(text: str) -> bool:
    """Whether there is nothing in it that a terminal takes for an order."""
    return text.isascii() and text.isprintable()


def escaped(data: bytes) -> str:
    """The bytes as ``printf %b`` takes them, within single quotes and on any terminal."""
    plain = set(range(32, 127)) - set(b"'\\")
    return "".join(chr(byte) if byte in plain else f"\\0{byte:03o}" for byte in data)


def set_to(name: str, text: str) -> str:
    """The words that put the text behind what the shell's variable has. What `$(...)` does to line ends, the dot prevents."""
    if is_plain(text):
        return f'{name}="${name}"{shlex.quote(text)}'
    digits = escaped(text.encode("utf-8", "surrogateescape"))
    return f"""x=$(printf %b. '{digits}');{name}="${name}${{x%.}}\""""


class Agent:
    """The loop on the device, for the one thread that talks to it."""

    def __init__(self, where: str, line: Line, tools: list[str], token: str) -> None:
        self._where, self._line, self._token = where, line, token
        self._sum = self._one_of(SUMS, tools)
        self._encoder = self._one_of(tuple(ENCODERS), tools)
        self._number = 0
        self._kept: set[str] = set()
        self._damaged = 0

    def _one_of(self, wanted: tuple[str, ...], present: list[str]) -> str:
        for tool in wanted:
            if tool in present:
                return tool
        raise DeviceError(
            f"The console of {self._where} cannot be used: the device has none of {', '.join(wanted)}.",
            kind="program",
            cause="its busybox was built without them, so nothing tells a kernel message from the output of a command",
            remedy=f"install one of them, or reach {self._where} another way: ssh://, adb:",
        )

    # -- in the beginning and at the end

    def install(self) -> None:
        """Turns the loader into the loop. Raises DeviceError."""
        cut = "?" * (len(hashlib.new(self._sum[:-3]).hexdigest()) - 8) if self._sum != "cksum" else ""
        text = _LOOP.replace("SUM", self._sum).replace("CUT", cut).replace("ENCODE", ENCODERS[self._encoder])
        text = text.replace("TOKEN", self._token).replace("MARK", _MARK).replace("GONE", str(GONE_AFTER))
        for _ in range(3):
            self._send_loop(text)
            if self._said(f"{_MARK}-whole-{self._token}", f"{_MARK}-torn-{self._token}"):
                self._type('eval "$P"')
                break
        self._check_room()

    def _send_loop(self, text: str) -> None:
        self._type("P=")
        for piece in _pieces(text):
            self._type(f'P="$P"{shlex.quote(piece)}')
        wanted = checksum(self._sum, text.encode())
        self._type(f'case $(printf %s "$P"|{self._sum}) in {wanted}*) r=whole;; *) r=torn;; esac')
        self._type(f'echo "{_MARK}"-$r-{self._token}')

    def _type(self, text: str) -> None:
        self._line.write(text.encode())
        self._line.enter()

    def _said(self, yes: str, no: str) -> bool:
        seen = ""
        for _ in Deadline(ANSWER_LIMIT).slices():
            seen += self._line.read(0.1).decode("ascii", "replace")
            if yes in seen or no in seen:
                return yes in seen
        return False

    def _check_room(self) -> None:
        if self.ask('[ -p "$D/life" ] && R=ok') != "ok":
            raise self._no_room()

    def _no_room(self) -> DeviceError:
        return DeviceError(
            f"{self._where} has no room for the files that a command on its console needs.",
            kind="remote_file",
            cause="/tmp, /var/tmp, /dev/shm, /run and the home directory are full or may not be written, "  # noqa: S108
            "or there is neither mkfifo nor mknod",
            remedy="make room in one of them; a memory disk will do: mount -t tmpfs tmpfs /tmp",
        )

    def leave(self, limit: float = 2.0) -> None:
        """Ends the loop, with all that is left of it; returns when that is done, or cannot be known."""
        self._number += 1
        damaged = f"{_MARK}?"
        seen, deadline = damaged, Deadline(limit)
        while _DONE not in seen and not deadline.expired:
            if damaged in seen:
                self._line.write(self._request("exit"))
                self._line.enter()
                seen = ""
            seen += self._line.read(0.1).decode("ascii", "replace")

    # -- requests

    def ask(self, text: str, wait: float = 0.0, expected: int = 0) -> str:
        """The answer to a request, which may take ``wait`` seconds there and have ``expected`` characters.

        Raises DeviceError, OSError or EOFError when there is none.
        """
        self._number += 1
        request = self._request(text)
        deadline = Deadline(ANSWER_LIMIT + wait + 4 * (len(request) + expected) / self._line.pace)
        self._damaged = 0
        while not deadline.expired:
            self._line.write(request)
            self._line.enter()
            answer = self._answer(wait + 2 * len(request) / self._line.pace, deadline)
            if answer is not None:
                return answer
        raise self._silent()

    def _request(self, text: str) -> bytes:
        numbered = f"{self._number} {text}".encode()
        return b"%d %s %s" % (self._number, checksum(self._sum, numbered).encode(), text.encode())

    def _answer(self, wait: float, deadline: Deadline) -> str | None:
        """The body of the answer, which takes so many seconds; None when it has to be asked for again."""
        seen, start = "", f"{_MARK}<{self._number}:"
        while not deadline.expired:
            patience = STALLED if start in seen else wait + (STALLED if seen else PATIENCE)
            more = self._line.read(min(patience, deadline.left))
            seen += more.decode("ascii", "replace").replace("\r", "")
            found = re.search(rf"{re.escape(start)}([0-9a-f]+):(.*?):{_MARK}>", seen, re.DOTALL)
            if found and found[1] == checksum(self._sum, f"{self._number}:{found[2]}".encode("ascii", "replace")):
                return found[2]
            if found or not more or f"{_MARK}?" in seen:
                self._damaged += bool(seen)
                return None
        return None

    def _silent(self) -> DeviceError:
        noise = self._damaged > 2
        return DeviceError(
            f"The console of {self._where} {'is too disturbed to be used' if noise else 'does not answer any more'}.",
            kind="lost",
            cause="the kernel or another program prints on it all the time"
            if noise
            else "the device hangs or reboots, its cable is out, or somebody else uses this console",
            remedy="keep it quiet: dmesg -n 1" if noise else f"look at the console of {self._where} by hand",
        )

    # -- processes

    def start(self, number: int, words: tuple[str, ...]) -> None:
        """Starts the words as that process, with its output in files. Raises DeviceError."""
        self._keep("C", " ".join(self.named(word) for word in words))
        if self.ask(f'eval "s {number} $C"') != "ok":
            raise self._no_room()

    def named(self, word: str) -> str:
        """How a request has the word: a long one is sent once, and called by its name from then on."""
        if is_plain(word) and len(word) <= 100:
            return shlex.quote(word)
        name = "W" + hashlib.sha256(word.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        if name not in self._kept:
            self._keep(name, word)
            self._kept.add(name)
        return f'"${name}"'

    def _keep(self, name: str, text: str) -> None:
        """Puts the text into a variable of the loop."""
        first, *rest = _pieces(text)
        self.ask(f"{name}=;{set_to(name, first)}")
        for piece in rest:
            self.ask(set_to(name, piece))

    def tell(self, number: int, data: bytes) -> None:
        """These bytes to the input of a process; nothing happens when it has ended. They may be a secret."""
        for start in range(0, len(data), TOLD):
            self.ask(f"p {number} '{escaped(data[start : start + TOLD])}'")

    def release(self, number: int) -> None:
        """Ends the input of a process."""
        self.ask(f"l {number}")

    def forget(self, number: int) -> None:
        """Removes the files of a process that has ended."""
        self.ask(f"f {number}")

    def alive(self) -> None:
        """Says that the controller is still there."""
        self.ask(":")

    def look(self, step: float, count: int) -> list[tuple[int, str, int]]:
        """The files of all processes, (number, suffix, size), once something is new or after ``count`` steps; else none."""
        seen = self.ask(f"w {step:g} {count}", wait=float(count), expected=2000)  # not every sleep knows fractions
        return [(int(n), suffix, int(size)) for size, n, suffix in re.findall(r"(\d+) (\d+)\.(\w+)", seen)]

    def read(self, path: str, offset: int, size: int) -> bytes:
        """Up to so many bytes of a file, whose path is written as :meth:`named` does."""
        return decoded(self._encoder, self.ask(f"b {path} {offset} {size}", expected=3 * size))

    @property
    def block(self) -> int:
        """Bytes of a file to ask for at a time: a quarter of a second of a slow line."""
        return min(16384, max(256, self._line.pace // 6))


def _pieces(text: str) -> list[str]:
    """The text in parts that fit into a request, however they are written there; at least one."""
    size = PIECE // 2 if is_plain(text) else PIECE // 16
    return [text[at : at + size] for at in range(0, max(1, len(text)), size)]
