"""The relay: a few words of POSIX sh around a program that is the way to another device, like ``ssh`` or ``adb``.

The leash of such a program's far end reads the program's standard input, so here that cannot go to a loop of sh: it is
carried to the program byte for byte, by ``cat``. When it ends, the program is told by the end of its own input, and gets
a grace in which the far end is taken down; a program that hangs is killed after that. When the program ends, so does
all of the relay. It tells a pid as the leash does: its own, as the program has no command of anybody's.
"""

from __future__ import annotations

GRACE = 15
"""Seconds that a program may take once nothing holds it: the leash at its far end needs up to 7 to end what ran there."""

# Two stages of a pipeline, since only that gives a pipe in every sh. The first tells its pid to the second through it,
# so that the second can end it; it reaches the second through their parent, whose pid it is given.
# A signal that comes while a shell waits ends the wait alone: hence it waits again.
_SCRIPT = (
    'echo; echo "iperflibrary-leash $$"; f=$1; shift; exec 3<&0 </dev/null; trap \'kill $k\' TERM; sh -c "$f" sh $$ <&3 |'
    " { exec 3<&- 4<&0 </dev/null; read -r f <&4; p=; trap 'kill -KILL $p' TERM; \"$@\" <&4 4<&- & p=$!; exec 4<&-;"
    " wait $p; c=$?; while kill -0 $p 2>/dev/null; do wait $p; c=$?; done; kill $f 2>/dev/null; exit $c; } & k=$!;"
    " exec 3<&-; wait $k; c=$?; while kill -0 $k 2>/dev/null; do wait $k; c=$?; done; exit $c"
)
# A shell of its own, as mksh keeps a second descriptor of the pipe otherwise. KILL, as a program that is just being started
# would still take TERM for its parent's.
_FEED = (
    "exec 2>/dev/null 3<&0; trap 'kill -KILL $!; exit' TERM; echo $$; cat <&3 & exec 3<&- >/dev/null; wait $!;"
    " sleep GRACE & wait $!; kill $1"
)


def relayed(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that run ``words`` with the standard input passed on."""
    return ("sh", "-c", _SCRIPT, "sh", _FEED.replace("GRACE", str(GRACE)), *words)
