"""The leash: a few words of POSIX sh around a command, which end it when its controller is gone.

The shell keeps its standard input on descriptor 3 and starts the command beside a loop that reads that input. A line is
the name of a signal, sent at once to the command, which nobody but this shell can have reaped: its pid cannot have become
another process. End of file means that the controller is gone, however it went: TERM, and KILL after a grace. A link that
is cut without a word brings no end of file; so where ``beat`` is asked, a timer ends the command unless lines keep coming.

Tried with dash, bash and busybox ash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

BEAT = "beat"
"""The line that only says that the controller is still there."""

GRACE = 3
"""Seconds between TERM and KILL when the controller is gone."""

_PID = re.compile(rb"^iperflibrary-leash (\d+)\r?\n", re.MULTILINE)

# The inner sh prints its own pid and becomes the command, so the pid is on its way before the command's first byte.
# Only the outer shell keeps stderr open: its end tells that the command was reaped.
# `until`, not `while !`: a csh as log-in shell would take the exclamation mark for its history.
_SCRIPT = (
    "exec 3<&0 </dev/null; SECRETS"
    """ sh -c 'echo "iperflibrary-leash $$"; exec "$@"' sh "$@" 3<&- & p=$! b=$!;"""
    " exec >/dev/null;"
    # Who is told to go takes the sleep that it waits for along; $! is $b as long as there was none. With KILL, as a
    # sleep that is just being started would still take TERM for its parent's.
    " nap() { [ $! = $b ] || kill -s KILL $!; };"
    " end() { b=$!; trap 'nap; exit' TERM; kill -s TERM $p; n=0;"
    " while [ $n -lt GRACE ] && kill -s 0 $p; do sleep 1 3<&- & wait $!; n=$((n+1)); done; kill -s KILL $p; };"
    " TIMER"
    " ( exec 2>/dev/null;"
    ' while read -r s <&3; do case $s in beat) BEATEN;; *) kill -s "$s" $p;; esac; done; end ) & w=$!;'
    " exec 3<&-;"
    " wait $p 2>/dev/null; c=$?; kill $w $t 2>/dev/null; exit $c"
)
_TIMER = (
    "( exec 2>/dev/null 3<&-; trap 'nap; exit' TERM; trap nap USR1;"
    " until sleep SECONDS & wait $!; do :; done; end ) & t=$!;"
)


def leashed(words: tuple[str, ...], beat: int | None = None, secrets: Iterable[str] = ()) -> tuple[str, ...]:
    """The words that run ``words`` on the leash; with ``beat``, a controller silent for so many seconds is gone.

    ``secrets`` are names of environment variables. Their values come as the first lines of the input, one each, since
    everybody on the device can read a command line.
    """
    reads = "".join(f" IFS= read -r {name} <&3; export {name};" for name in secrets)
    timer = _TIMER.replace("SECONDS", str(beat)) if beat else "t=;"
    beaten = "kill -s USR1 $t" if beat else ":"
    script = _SCRIPT.replace("GRACE", str(GRACE)).replace("TIMER", timer).replace("BEATEN", beaten)
    script = script.replace(" SECRETS", reads)
    return ("sh", "-c", script, "sh", *words)


def split_pid(head: bytes) -> tuple[bytes, int, bytes] | None:
    """What came before the leash's own line (a banner of the device), the pid, what came after; None if not there yet."""
    found = _PID.search(head)
    return (head[: found.start()], int(found[1]), head[found.end() :]) if found else None
