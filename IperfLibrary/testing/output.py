"""Checks of what arrives: bytes, words, exit codes, secrets."""

from __future__ import annotations

from ..connections.base import Connection
from ..errors import ConfigurationError
from ..secret import Password
from .bench import Bench, expect

ALL_BYTES = bytes(range(256)) + b"\r\n\n\r\x00\xff\x1b[0m\x03\x04\x11\x13 end"
"""Among them what terminals and consoles take for orders; and no newline at the end."""

WORDS = (
    "", " ", "two words", " x ", "a'b", 'a"b', "'", '"', "''", "a\nb", "\n", "a\r\nb", "\t", "$HOME", "${x}", "$(id)", "`id`",
    "$$", ";", "; exit 9", "&", "|", "<x", ">x", "*", "?", "[a]", "{a,b}", "~", "\\", "\\n", "a\\", "!", "!!", "a!b", "#x", "-n", "--",
    "%s", "%%", "=", "^", "ä", "日本語", "\U0001f600", "\x01\x7f\x1b", "\x03", "\x04",
)  # fmt: skip

_LINES = 'i=0; while [ $i -lt "$1" ]; do echo "$i $2"OTHER; i=$((i+1)); done'
_PAD = "x" * 90


def lines(size: int, pad: str = _PAD) -> tuple[str, bytes]:
    """How many numbered lines make up about this many bytes, and those."""
    count = max(1, size // (len(pad) + 8))
    return str(count), b"".join(b"%d %s\n" % (number, pad.encode()) for number in range(count))


def octal(data: bytes) -> str:
    """The bytes as ``printf`` takes them."""
    return "".join(f"\\{byte:03o}" for byte in data)


def difference(found: bytes | bytearray, wanted: bytes) -> str:
    """Where the bytes differ first."""
    at = next((n for n, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), min(len(found), len(wanted)))
    return (
        f"{len(found):,} bytes arrived of {len(wanted):,}; from byte {at:,} on they are"
        f" {bytes(found[at : at + 40])!r} and not {wanted[at : at + 40]!r}."
    )


class OutputChecks:
    """Every byte, on its own stream, in its order, and no other."""

    large = 5_000_000
    """Bytes of a large output."""

    word = 100_000
    """Bytes of a long word."""

    def bench(self, connection: Connection) -> Bench:
        raise NotImplementedError

    def test_run_tells_output_and_exit_code(self, connection: Connection) -> None:
        with self.bench(connection):
            done = connection.run(("sh", "-c", "echo out; echo err >&2; exit 4"))
            found = (done.stdout, done.stderr, done.exit_code)
            expect(found == ("out\n", "err\n", 4), f"run() gave {found}.")

    def test_every_byte_arrives_as_it_is(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            for stream in (1, 2):
                started = bench.sh(f'printf "$1" >&{stream}', octal(ALL_BYTES)).end()
                found, other = (started.out, started.err) if stream == 1 else (started.err, started.out)
                expect(found == ALL_BYTES, difference(found, ALL_BYTES))
                expect(not other, f"What was printed on stream {stream} came on the other: {bytes(other)!r}.")

    def test_no_output_is_none(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = bench.start("true").end()
            expect(not started.out and not started.err, f"'true' printed {started.out!r}, {started.err!r}.")

    def test_the_last_bytes_arrive(self, connection: Connection) -> None:
        """A command that prints and is gone at once, again and again."""
        with self.bench(connection) as bench:
            wanted = b"y" * 3000 + b"last"
            for _ in range(10):
                started = bench.start("printf", "%s", wanted.decode()).end()
                expect(started.out == wanted, difference(started.out, wanted))

    def test_a_large_output_arrives_whole(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            count, wanted = lines(self.large)
            started = bench.sh(_LINES.replace("OTHER", ""), count, _PAD).end()
            expect(started.out == wanted, difference(started.out, wanted))

    def test_two_large_streams_at_once(self, connection: Connection) -> None:
        """Whoever reads one of them to its end before the other never comes to an end."""
        with self.bench(connection) as bench:
            count, wanted = lines(self.large // 2)
            started = bench.sh(_LINES.replace("OTHER", '; echo "$i $2" >&2'), count, _PAD).end()
            expect(started.out == wanted, "stdout: " + difference(started.out, wanted))
            expect(started.err == wanted, "stderr: " + difference(started.err, wanted))

    def test_output_comes_while_the_command_runs(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            started = bench.sh("echo first; echo second >&2; sleep MARK")
            started.says(b"first\n")
            bench.comes(lambda: b"second\n" in started.err, "Nothing came on stderr while the command ran.")
            expect(started.process.running, "The command ended by itself.")

    def test_exit_codes(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            for code in (0, 1, 2, 7, 42, 126, 127, 128, 255):
                found = bench.sh(f"exit {code}").end().process.exit_code
                expect(found == code, f"The exit code is {found}, not {code}.")

    def test_a_program_that_is_missing(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            done = connection.run((f"no-such-program-{bench.mark}",))
            expect(done.exit_code == 127, f"The exit code of a missing program is {done.exit_code}, not 127.")
            expect(done.stderr and not done.stdout, f"A missing program printed {done.stdout!r}, {done.stderr!r}.")

    def test_the_input_is_empty(self, connection: Connection) -> None:
        """The command must not read what is meant for its leash."""
        with self.bench(connection) as bench:
            started = bench.sh("cat; echo end").end()
            expect(started.out == b"end\n", f"The command read {bytes(started.out)!r} from its input.")

    def test_words_arrive_as_they_are(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            found = bench.sh('printf "%s\\000" "$@"', *WORDS).end().out.decode(errors="replace").split("\0")[:-1]
            wrong = [f"{word!r} became {got!r}" for word, got in zip(WORDS, found, strict=False) if word != got]
            expect(found == list(WORDS), f"{len(found)} of {len(WORDS)} words arrived; {'; '.join(wrong[:5])}.")

    def test_a_long_word_arrives(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            word = "".join(f"{number} '" for number in range(self.word))[: self.word]
            # Quoted, it is longer; and no word may be longer than 128 KB.
            word = word.replace("'", "_")
            started = bench.sh('printf %s "$1"', word).end()
            expect(started.out == word.encode(), difference(started.out, word.encode()))

    def test_a_word_with_nul_is_refused(self, connection: Connection) -> None:
        with self.bench(connection):
            try:
                connection.run(("echo", "a\0b"))
            except ConfigurationError:
                return
            raise AssertionError("A word with a NUL, which no command line can have, was taken.")

    def test_secrets_are_variables_and_on_no_command_line(self, connection: Connection) -> None:
        with self.bench(connection) as bench:
            # One word for whoever looks for it, with what a shell or a console would take for orders.
            plain = f"p$'\"\\`!{bench.mark}"
            started = bench.sh('printf "%s\\n" "$SECRET"; echo "$OTHER"; sleep MARK', secrets=_secrets(plain))
            started.says(b"\nother\n")
            expect(started.out == f"{plain}\nother\n".encode(), "The variable holds another text than the secret.")
            everything = bench.elsewhere(("sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null; :"))
            expect(bench.mark in everything, "The command lines of the device cannot be seen.")
            expect(plain not in everything, "The secret is on a command line, which everybody on the device can read.")
            shown = started.process.preamble + bytes(started.err)
            expect(plain.encode() not in shown, "The secret is in what the device printed.")


def _secrets(plain: str) -> dict[str, Password]:
    return {"SECRET": Password(plain), "OTHER": Password("other")}
