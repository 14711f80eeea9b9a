"""A device that one controller has for itself, seen by every other one: a small process on the device, and a file that tells whose it is. Nothing of iperf is known here.

Whoever wants the device first shows a file of its own, and only then looks for others: of two who come at the same moment
at least one sees the other. Nobody removes the file of another one whose process is there, and a file that is left by a process
that ended (known by its birth, as with detached processes) counts for nothing. So there is nothing to be taken over, and
nothing that ``mkdir``, ``flock`` or a clock would have to decide.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from .connections.base import START_LIMIT, Connection
from .deadline import Deadline
from .detached import BORN
from .errors import ConfigurationError, DeviceError, printable

CONTROLLER = os.urandom(16).hex()
"""This process: what it has reserved under several names of one device does not stand in its own way."""

MARK = "iperflibrary-reserved"
RELEASE_LIMIT = 5.0
"""Seconds within which a device lets go of a reservation."""

LONGEST = 1 << 16
"""Bytes that the process on the device may say."""

_HELD, _BUSY = "iperflibrary-held", "iperflibrary-busy"
_NO_ROOM = 73

# Where the device has network namespaces, each is a device of its own: what is measured in one is not what is in another.
# $f is the file of another one. A process that is not seen has ended, unless this log-in sees only its own ones.
_SCRIPT = (
    BORN + " LC_ALL=C; umask 022; d=$1 me=$2 note=$3;"
    r" n=$(ls -l /proc/self/ns/net 2>/dev/null); n=${n##*\[}; n=${n%]}; case $n in ''|*[!0-9]*) n=0;; esac;"
    f' p="$d/{MARK}.$n."; e="$p$me.$$"; last= o=$!; gone() {{ rm -f "$e.held" "$e"; }};'
    # With KILL, as a sleep that is just being started would still take TERM for its parent's; $! is $o where none runs. What
    # is not waited for may stay for a while, and counts as a child that has outlived its parent: see the leash.
    ' trap \'[ "$!" = "$o" ] || kill -s KILL $!; wait; gone; exit 0\' TERM INT HUP;'
    ' rest() { sleep "$1" >/dev/null 2>&1 & wait $!; r=$?; o=$!; return $r; }; nap() { rest "$1" || rest 1; };'
    ' alive() { b= t= k=; { read -r b; read -r t; IFS= read -r k; } 2>/dev/null <"$f";'
    ' [ "$t" ] && [ "$t" != "$(boot)" ] && return 1; q=${f##*.}; c=$(born "$q");'
    ' [ "$c" ] && { [ -z "$b" ] || [ "$b" = "$c" ]; return; }; [ -O "$f" ] && [ "$(born $$)" ] && return 1;'
    " if [ -r /proc/self/stat ]; then ! [ -r /proc/1/stat ]; else kill -s 0 $q 2>/dev/null; fi; };"
    r""" show() { ( set -C; printf "%s\n%s\n%s\n" "$(born $$)" "$(boot)" "$note" >"$e" ) || no_room; };"""
    f" no_room() {{ gone; exit {_NO_ROOM}; }};"
    ' look() { busy= back= again= met=; for f in "$p"*; do'
    ' case $f in "$e") met=1; continue;; *.held|"$p$me."*) continue;; esac;'
    ' [ -f "$f" ] && ! [ -h "$f" ] || continue; alive || { rm -f "$f.held" "$f" 2>/dev/null; continue; };'
    ' if [ -e "$f.held" ]; then busy=$f; return; elif [ "$met" ]; then again=1; else back=1; fi; done; };'
    ' while :; do show; look; while [ -z "$busy$back" ] && [ "$again" ]; do nap 0.05; look; done;'
    r""" if [ "$busy" ]; then gone; [ "$last" = "$busy" ] || printf "%s\n" """
    f'"{_BUSY} $busy" "$k"; last=$busy; nap 0.5;'
    ' elif [ "$back" ]; then gone; nap 0.2; else break; fi; done;'
    f' : >"$e.held" || no_room; echo {_HELD};'
    ' while [ -e "$e" ] && [ -e "$e.held" ]; do nap 30; done; gone; exit 75'
)


@dataclass(frozen=True)
class Claim:
    """Who wants a device for itself, or has it; its text is one line, which others can read on the device.

    Example: ``Claim.parse(str(claim)) == claim``
    """

    user: str
    controller: str
    pid: int
    since: str
    purpose: str = ""
    """The test or suite, by its full name."""

    def __str__(self) -> str:
        return json.dumps({**self.__dict__, "purpose": self.purpose[:300]})

    @classmethod
    def parse(cls, text: str) -> Claim | None:
        """None where the text is none, or one that this version does not understand."""
        try:
            facts = json.loads(text)
            texts = {name: str(facts[name])[:300] for name in ("user", "controller", "since", "purpose")}
            return cls(pid=int(facts["pid"]), **texts)
        except (ValueError, KeyError, TypeError):
            return None

    @property
    def words(self) -> str:
        """Who it is, for people.

        Example: ``lab@ci-7 (pid 4711) since 2026-01-02 03:04:05 for 'Suite.Downlink'``
        """
        purpose = f" for '{self.purpose}'" if self.purpose else ""
        return printable(f"{self.user}@{self.controller} (pid {self.pid}) since {self.since}{purpose}")


def claim(since: str, purpose: str) -> Claim:
    """The claim of this process."""
    import getpass  # noqa: PLC0415

    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without a name, as in a container
        user = str(getattr(os, "getuid", lambda: "unknown")())
    import platform  # noqa: PLC0415 - few reserve

    return Claim(user, platform.node(), os.getpid(), since, purpose)


class Reservation:
    """A device that is reserved, by a process there; it ends with its connection, and with this process however that ends.

    Raises DeviceError of the kind ``reserved`` where somebody else has the device at the end of ``limit`` seconds, and of others
    where it cannot be asked. ``waiting`` is told who has it.

    Example: ``Reservation(connection, claim(now, "Suite.Test"), 60, print).release()``
    """

    def __init__(
        self, connection: Connection, mine: Claim, limit: float, waiting: Callable[[str], object] = lambda who: None
    ) -> None:
        if not connection.runs_commands:
            raise ConfigurationError(
                f"{connection.where} cannot be reserved: this library runs nothing there that could tell others."
            )
        self.where = connection.where
        self._said, self._errors, self._news = bytearray(), bytearray(), threading.Event()
        words = ("sh", "-c", _SCRIPT, "sh", connection.scratch, CONTROLLER, str(mine))
        self._process = connection.start(words, self._hear, self._hear_error)
        self._process.when_over(self._news.set)
        try:
            self._take(limit, waiting)
        except BaseException:
            self.release()
            raise

    def _hear(self, data: bytes) -> None:
        if len(self._said) > LONGEST:
            raise OverflowError(f"more than {LONGEST} bytes")
        self._said += data
        self._news.set()

    def _hear_error(self, data: bytes) -> None:
        self._errors += data[: LONGEST - len(self._errors)]

    def _take(self, limit: float, waiting: Callable[[str], object]) -> None:
        first, until, told = Deadline(START_LIMIT), Deadline(limit), ""
        while True:
            Deadline(0.1).wait(self._news.wait)
            self._news.clear()
            lines = self._lines()
            if _HELD in lines:
                return
            if not self._process.running:
                raise self._failed()
            who = self._who(lines)
            if who and who != told:
                waiting(who)
                told = who
            if until.expired and (who or first.expired):
                raise self._taken(who, limit)

    def _lines(self) -> list[str]:
        text = self._said.decode(errors="replace")
        return text[: text.rfind("\n") + 1].split("\n")[:-1]

    @staticmethod
    def _who(lines: list[str]) -> str:
        """Who has the device, as it was said last; empty where nobody was named."""
        for place in reversed(range(len(lines) - 1)):
            if lines[place].startswith(_BUSY + " "):
                found = Claim.parse(lines[place + 1])
                file = printable(lines[place].partition(" ")[2])
                return f"{found.words if found else 'somebody who is not named'} [{file}]"
        return ""

    @property
    def stands(self) -> bool:
        """Whether the device is still reserved, as far as this end knows."""
        return self._process.running

    def release(self) -> bool:
        """Lets go of the device, and returns whether it was reserved until now."""
        stood = self.stands
        self._process.signal("TERM")
        with suppress(DeviceError):
            self._process.wait(Deadline(RELEASE_LIMIT))
        self._process.given_up = True
        self._process.release()
        return stood

    def _taken(self, who: str, limit: float) -> DeviceError:
        return DeviceError(
            f"{self.where} is reserved by somebody else.",
            kind="reserved",
            device=self.where,
            said=who or "others wanted it at the same time, again and again",
            cause="another test or another CI job works with it"
            + (f", and has not let go of it within {limit:g} s" if limit else ""),
            remedy="wait longer: 'wait=20 min'. A reservation ends with the job that made it, within about a minute if that was killed",
        )

    def _failed(self) -> DeviceError:
        no_room = self._process.exit_code == _NO_ROOM
        return DeviceError(
            f"{self.where} could not be reserved.",
            kind="file" if no_room else None,
            device=self.where,
            said=self._errors.decode(errors="replace").strip()[-1000:],
            cause="no file can be made in its directory for temporary files" if no_room else "the connection was lost",
            remedy="make room there" if no_room else "look whether the device answers",
        )
