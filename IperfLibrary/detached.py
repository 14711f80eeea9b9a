"""A process that outlives its connection: started on a device with its output in files there, found again by a small file. Nothing of iperf is known here.

It is the one exception from the leash. It has what a :class:`~IperfLibrary.run.Run` has, and nothing of it is known
unless the device is asked. Three files have one name: the output, ``….stderr``, and ``….daemon`` with what finds it again:
a note of whoever started it, the pid, when that process was born (a pid alone may have become another program) and, once
it is over, its exit code.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from .connections.base import START_LIMIT, Connection
from .connections.failures import NO_PROGRAM, SMALL_DEVICE
from .connections.leash import GRACE
from .deadline import Deadline
from .errors import CommandError, DeviceError, IperfLibraryError
from .files import FloodError, RawFile
from .run import ITSELF, LOST

MARK = "iperflibrary"
SUFFIX = ".daemon"
LONGEST = 3600.0
"""Seconds for which the device is asked to look at a process at a time."""

RUNNING, EXITED, VANISHED, REUSED, REBOOTED = "running", "exited", "vanished", "reused", "rebooted"

# When a process was born, in a unit of the device's own; a zombie is none. `ps` is for devices without /proc.
BORN = (
    'born() { w=; if read -r w 2>/dev/null </proc/$1/stat; then set -- ${w##*) }; [ "$1" = Z ] || echo "${20}";'
    ' else ps -o lstart= -p "$1" 2>/dev/null; fi; };'
    " boot() { r=; read -r r 2>/dev/null </proc/sys/kernel/random/boot_id; echo $r; };"
)
_LACKING = 69
_START = (
    f"for p in cat rm; do command -v $p >/dev/null 2>&1 || {{ echo \"{NO_PROGRAM} '$p'.\" >&2; exit {_LACKING}; }}; done;"
    " umask 077; o=$1 note=$2 watch=$3; shift 3; set -C;"
    # What is there already, a link that leads nowhere too, is somebody's: it is neither written to nor removed.
    ' printf "" >"$o" || exit 73; printf "" >"$o.stderr" || { rm -f "$o"; exit 73; };'
    ' printf "" >"$o.daemon" || { rm -f "$o" "$o.stderr"; exit 73; };'
    ' set +C; printf "note %s\\n" "$note" >>"$o.daemon" || { rm -f "$o" "$o.stderr" "$o.daemon"; exit 73; };'
    # In a process group of its own, as the leash ends all of this one: see there. It is in it once it has told its pid.
    ' if command -v setsid >/dev/null 2>&1; then echo "$(setsid sh -c "$watch" sh "$o" "$@" 4>&1 >/dev/null 2>&1 &)";'
    ' else echo "$(set -m 2>/dev/null; sh -c "$watch" sh "$o" "$@" 4>&1 >/dev/null 2>&1 &)"; fi'
)
# What waits for it keeps no descriptor of the connection, and tells the exit code to whoever asks later. The process leads
# a group of its own where that can be had, and its children get a grace: as on the leash.
_WATCH = (
    BORN + ' o=$1; shift; trap "" HUP; exec </dev/null >>"$o" 2>>"$o.stderr" 3>>"$o.daemon";'
    " g=; set -m 2>/dev/null; case $- in *m*);; *) command -v setsid >/dev/null 2>&1 && g=setsid;; esac;"
    ' $g "$@" 3>&- 4>&- & p=$!; set +m;'
    ' t=$(printf "watch %s\\nsince %s\\npid %s\\nborn %s\\nboot %s" $$ "$(born $$)" $p "$(born $p)" "$(boot)"); echo "$t" >&3; echo "$t" >&4; exec 4>&-;'
    f" wait $p 2>/dev/null; c=$?; n=0; [ $c != 137 ] || n={GRACE};"
    f" while [ $n -lt {GRACE} ] && kill -0 -$p 2>/dev/null; do sleep 1; n=$((n+1)); done; kill -KILL -$p 2>/dev/null;"
    ' echo "exit $c" >&3'
)
# How things stand with the process $p that was born at $s: in $st. The file tells what is not known yet, and the exit code.
# It is not over while its watcher $w, born at $ws, has still to tell how it ended; once that is gone, the file says all.
_LOOK = (
    BORN + ' same() { n=$(born "$1"); [ "$1" ] && [ "$n" = "$2" ] && { [ "$n" ] || kill -s 0 "$1" 2>/dev/null; }; };'
    " f=$1 p=$2 s=$3 b=$4; glance() { st= x= w= ws=;"
    ' [ -f "$f" ] && [ -O "$f" ] && while read -r k v; do case $k in watch) w=$v;; since) ws=$v;;'
    ' pid) p=${p:-$v};; born) s=${s:-$v};; boot) b=${b:-$v};; exit) x=$v;; esac; done <"$f";'
    ' if [ "$x" ]; then st=exited; return; fi;'
    ' if [ "$b" ] && [ "$b" != "$(boot)" ]; then st=rebooted; return; fi;'
    ' if same "$p" "$s"; then st=running; elif [ "$n" ]; then st=reused; elif same "$w" "$ws"; then st=running; else st=vanished; fi; };'
    " look() { glance; [ $st != vanished ] || glance; };"
)
_SIGNAL = _LOOK + " look; [ $st = running ] && { kill -$5 -$p || kill -$5 $p; } 2>/dev/null; :"
_WAIT = (
    _LOOK + " t=$5; look; while [ $st = running ] && [ $t -gt 0 ]; do"
    " sleep 0.1 2>/dev/null && t=$((t-1)) || { sleep 1; t=$((t-10)); }; look; done;"
    ' [ -f "$f" ] && [ -O "$f" ] && while IFS= read -r k; do case $k in "note "*) printf "%s\\n" "$k";; esac; done <"$f";'
    ' echo "pid $p"; echo "born $s"; echo "boot $b"; echo "exit $x"; echo "state $st"'
)
_LIST = 'for f in "$1"/' + MARK + '_*.daemon; do [ -f "$f" ] && [ -O "$f" ] && ! [ -h "$f" ] && echo "$f"; done; :'
_REMOVE = 'rm -f "$@"'
_FREE = 'df -P "$1" | while read -r a b c free rest; do echo "$free"; done'


@dataclass(frozen=True)
class Sighting:
    """How a detached process stands: its pid, when it was born, the boot of the device; its exit code once that is known."""

    state: str
    pid: int
    born: str = ""
    boot: str = ""
    exit_code: int | None = None
    note: str = ""


UNKNOWN = Sighting(RUNNING, 0)
"""Of a process that may have been started: the files on the device know more."""


class Detached:
    """A detached process; ``path`` is where its output is on the device."""

    def __init__(
        self, connection: Connection, words: tuple[str, ...], raw: RawFile, path: str, seen: Sighting = UNKNOWN
    ) -> None:
        self.connection = connection
        self.words = words
        self.raw = raw
        self.path = path
        self.where = connection.where
        self.ended_by: str | None = None
        self.left_behind = False
        self.trouble: DeviceError | None = None
        """Why the device could not be asked the last time."""
        self._seen = seen
        self._reason: str | None = None

    @property
    def pid(self) -> int:
        return self._seen.pid

    @property
    def exit_code(self) -> int | None:
        return self._seen.exit_code

    @property
    def state(self) -> str:
        return self._seen.state

    @property
    def fate(self) -> str:
        """What becomes of it on a device that no longer answers."""
        return f"It goes on there until it is stopped; {self.path}{SUFFIX} tells which process it is."

    @property
    def running(self) -> bool:
        """As far as is known: the device is not asked."""
        return self.ended_by is None

    def wait(self, deadline: Deadline) -> bool:
        """Whether it has ended, asked of the device; False also when the device does not answer.

        After that only a look that waits for nothing asks again, so that a stop takes no longer than one answer may.
        """
        if deadline.seconds == 0:
            self.trouble = None
        if self.running and not self.trouble:
            tenths = int(min(deadline.left, LONGEST) * 10)
            try:
                self._note(_look(self.connection, self.path, self._seen, tenths))
            except DeviceError as problem:
                self.trouble = problem
        return not self.running

    def send(self, signal: str, reason: str) -> None:
        """Sends the signal when the pid is still that process; the reason is what it ends by then."""
        self._reason = reason
        if self.trouble:  # a device that does not answer is asked once, not once for each signal
            return
        try:
            _sh(self.connection, _SIGNAL, *_known(self.path, self._seen), signal)
        except DeviceError as problem:
            self.trouble = problem

    def _note(self, seen: Sighting) -> None:
        self._seen, self.trouble = seen, None
        if seen.state == EXITED:
            self.ended_by = self._reason or ITSELF
        elif seen.state != RUNNING:
            self.ended_by = self._reason or LOST

    def release(self) -> None:
        """Nothing holds it."""

    def check_written(self) -> None:
        """What could not be written on the device shows in what is missing."""

    def error_lines(self) -> list[str]:
        """What it has written on its standard error until now."""
        return _sh(
            self.connection, '{ head -c 65536 "$1" || cat "$1"; } 2>/dev/null; :', self.path + ".stderr"
        ).splitlines()

    def fetch(self) -> None:
        """Brings what it wrote into the raw file, from the start. Raises DeviceError, and CommandError where it cannot be kept."""
        try:
            self.raw.start_over()
            self.connection.fetch(self.path, self.raw.write)
            self.connection.fetch(self.path + ".stderr", self.raw.write_error)
        except (OSError, FloodError) as problem:
            raise CommandError(
                f"What a process has written on {self.where} could not be kept.",
                said=str(problem),
                cause="the disk of this machine is full, or far more was written than iperf could have to say",
                remedy=f"make room; what it wrote is still on the device: {self.path}",
                raw_file=self.raw.path,
            ) from problem
        self.raw.close()

    def remove(self, output: bool = True) -> None:
        """Removes its files from the device, those with its output only if asked."""
        outputs = (self.path, self.path + ".stderr") if output else ()
        _sh(self.connection, _REMOVE, self.path + SUFFIX, *outputs)

    def disk_is_full(self) -> bool:
        """Whether the device has no room where the output goes."""
        seen = _sh(self.connection, _FREE, self.path.rpartition("/")[0] or "/").split()
        return bool(seen) and seen[-1].isdigit() and int(seen[-1]) < 64

    def start(self, note: str) -> None:
        """Starts the words detached. ``note`` is one line for whoever finds the process later.

        Raises CommandError when nothing was started, and DeviceError when that is not known.
        """
        try:
            done = self.connection.run(("sh", "-c", _START, "sh", self.path, note, _WATCH, *self.words))
        except IperfLibraryError:
            raise
        except BaseException:  # a test timeout: nobody would know of what may have been started
            with suppress(DeviceError):
                _sh(self.connection, _SIGNAL, *_known(self.path, None), "KILL")
                self.remove()
                self.ended_by = LOST
            raise
        seen = _sighting("state running\n" + done.stdout)
        if done.exit_code == 0 and seen.pid:
            self._seen = seen
            return
        self.ended_by = LOST
        self.raw.close()
        cause, remedy = SMALL_DEVICE if done.exit_code == _LACKING else self._no_room()
        raise CommandError(
            f"Nothing could be started in the background on {self.where}.",
            kind="remote_file",
            said=done.stderr.strip()[-1000:],
            exit_code=done.exit_code,
            cause=cause,
            remedy=remedy,
            command=" ".join(self.words),
        )

    def _no_room(self) -> tuple[str, str]:
        """Cause and remedy of a file that could not be made."""
        directory = self.path.rpartition("/")[0]
        cause = f"{directory} is full, may not be written, or is not there"
        return cause, "make room, or give another directory of the device as 'remote_directory='"


def output_path(directory: str, raw: RawFile) -> str:
    """Where the output of a detached process goes, whose raw file this is."""
    return f"{directory.rstrip('/')}/{MARK}_{raw.path.name}"


def found(connection: Connection, directory: str) -> dict[str, Sighting]:
    """What detached processes of this user have left their files in the directory: paths of outputs, and how they stand."""
    paths = [line.removesuffix(SUFFIX) for line in _sh(connection, _LIST, directory.rstrip("/")).split("\n") if line]
    return {path: _look(connection, path) for path in paths}


def _look(connection: Connection, path: str, seen: Sighting | None = None, tenths: int = 0) -> Sighting:
    """How the process stands, once it has ended or after so many tenths of a second."""
    limit = START_LIMIT + tenths / 10
    return _sighting(_sh(connection, _WAIT, *_known(path, seen), str(tenths), limit=limit))


def _known(path: str, seen: Sighting | None) -> tuple[str, ...]:
    return (path + SUFFIX, *((str(seen.pid), seen.born, seen.boot) if seen and seen.pid else ("", "", "")))


def _sighting(said: str) -> Sighting:
    facts = dict(line.partition(" ")[::2] for line in said.split("\n"))
    code = facts.get("exit", "")
    return Sighting(
        facts.get("state", VANISHED),
        int(facts["pid"]) if facts.get("pid", "").isdigit() else 0,
        facts.get("born", ""),
        facts.get("boot", ""),
        int(code) if code.isdigit() else None,
        facts.get("note", ""),
    )


def _sh(connection: Connection, script: str, *words: str, limit: float = START_LIMIT) -> str:
    return connection.run(("sh", "-c", script, "sh", *words), limit).stdout
