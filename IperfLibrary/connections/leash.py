"""The leash: a few words of POSIX sh around a command, which end it when its controller is gone.

The shell keeps its standard input on descriptor 3 and starts the command beside a loop that reads that input. A line is
the name of a signal, sent at once to the command, which nobody but this shell can have reaped: its pid cannot have become
another process. End of file means that the controller is gone, however it went: TERM, and KILL after a grace. A link that
is cut without a word brings no end of file; so where ``beat`` is asked, a timer ends the command unless lines keep coming.

The command leads a process group where the shell or ``setsid`` can give it one, and signals go to all of the group: the
program may be a wrapper around iperf. What outlives the command gets a grace, and is killed then.

Tried with dash, bash, busybox ash, and mksh, the shell of Android.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .failures import NO_PROGRAM

BEAT = "beat"
"""The line that only says that the controller is still there."""

GRACE = 3
"""Seconds between TERM and KILL when the controller is gone; and those that the children of a command may outlive it."""

_PID = re.compile(rb"^iperflibrary-leash (\d+)\r?\n", re.MULTILINE)

# The inner sh prints its own pid and becomes the command, so the pid is on its way before the command's first byte.
# The empty line is for a banner that has no end of line.
# Only the outer shell keeps stderr open: its end tells that the command was reaped, and its children are gone.
# `set -m` is refused without a terminal by dash and busybox, and then `setsid` has to do; without either, signals go to
# the command alone. `kill -NAME -GROUP` is the one form that all of them take: with -s, dash insists on a -- that
# busybox does not know.
# `until`, not `while !`: a csh as log-in shell would take the exclamation mark for its history.
_SCRIPT = (
    "exec 3<&0 </dev/null;"
    # Without it there would be no grace, and the timer would run at full speed.
    f""" command -v sleep >/dev/null || {{ echo "{NO_PROGRAM} 'sleep'." >&2; exit 127; }};"""
    " SECRETS"
    " g=; set -m 2>/dev/null; case $- in *m*);; *) command -v setsid >/dev/null 2>&1 && g=setsid;; esac;"
    """ $g sh -c 'echo; echo "iperflibrary-leash $$"; exec "$@"' sh "$@" 3<&- & p=$! b=$!;"""
    " set +m; exec >/dev/null;"
    # There is no group yet when the controller is gone before setsid has run.
    " hit() { kill -$1 -$p || kill -$1 $p; };"
    # Who is told to go takes the sleep that it waits for along; $! is $b as long as there was none. With KILL, as a
    # sleep that is just being started would still take TERM for its parent's.
    " nap() { [ $! = $b ] || kill -s KILL $!; };"
    " end() { b=$!; trap 'nap; exit' TERM; hit TERM; n=0;"
    " while [ $n -lt GRACE ] && hit 0; do sleep 1 3<&- & wait $!; n=$((n+1)); done; hit KILL; };"
    " TIMER"
    " ( exec 2>/dev/null;"
    ' while read -r s <&3; do case $s in beat) BEATEN;; *) hit "$s";; esac; done; end ) & w=$!;'
    " exec 3<&-;"
    # mksh forgets a signal that comes while it forks or begins to wait. Its reader and its timer would keep the input of an
    # Android shell open then, which is its output, too: hence KILL, and TERM again and again for a moment.
    # Whoever killed the command without a grace wants none for its children.
    " wait $p 2>/dev/null; c=$?; n=0; [ $c != 137 ] || n=GRACE;"
    " while [ $n -lt GRACE ] && kill -0 -$p 2>/dev/null; do sleep 1; n=$((n+1)); done; kill -KILL -$p 2>/dev/null;"
    " exec 2>/dev/null; kill $w $t; kill -s KILL $w; wait $w;"
    " n=0; while [ $n -lt 4 ] && kill $t; do (:); n=$((n+1)); done; exit $c"
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


def unleashed(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """The words that these run on the leash; None where they are no work of ``leashed``."""
    beginning = _SCRIPT.partition(";")[0]
    return words[4:] if words[:2] == ("sh", "-c") and words[2].startswith(beginning) else None


def marked(pid: int) -> bytes:
    """The leash's own line, which tells the pid."""
    return b"iperflibrary-leash %d\n" % pid


def split_pid(head: bytes) -> tuple[bytes, int, bytes] | None:
    """What came before the leash's own line (a banner of the device), the pid, what came after; None if not there yet."""
    found = _PID.search(head)
    return (head[: found.start()], int(found[1]), head[found.end() :]) if found else None
