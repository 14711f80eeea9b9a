"""The command line, ``python -m IperfLibrary``: stored output and the options of iperf, without Robot Framework.

Each subcommand is one function that adds itself to the parser, in ``SUBCOMMANDS``, and one that runs it and returns the
exit code.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from .errors import ConfigurationError, IperfError, IperfLibraryError, printable
from .export import as_json
from .files import error_path, stored
from .listing import listing
from .report.file import REPORT
from .report.file import main as reported
from .result import Result
from .summary import as_text, columns
from .table import as_csv
from .tools import TOOLS
from .tools.parsing import parse, parse_all, tests_among
from .version import __version__

WELL, BAD, USAGE = 0, 1, 2
"""Exit codes: all is well; an output holds an error, is partial or has no test; wrong arguments, or a file that cannot be read."""

BUG, INTERRUPTED, NO_READER = 70, 130, 141
"""Exit codes for what should not happen; as a shell has them for Ctrl-C, and for output that nobody reads any more."""

STDIN = "-"

_Adder = Callable[["argparse._SubParsersAction[argparse.ArgumentParser]"], None]

_PARSE_HELP = f"""\
Prints what was measured, from the stored output of iperf3 or iperf2: any version; text, JSON, JSON stream or CSV; of a
client or a server. What iperf printed on stderr is looked for in FILE.stderr.

examples:
  python -m IperfLibrary parse client.json
  python -m IperfLibrary parse --csv client.txt > client.csv
  python -m IperfLibrary parse --all --json server.json | jq '.[].headline.bits_per_second'
  iperf3 -c 192.0.2.1 | python -m IperfLibrary parse {STDIN}

exit codes: {WELL} all is well; {BAD} an output holds an error, is partial or has no test; {USAGE} wrong arguments, or a file that
cannot be read.
"""

_REPORT_HELP = """\
Makes one page of all results under these directories: totals, trends over several runs, and a table to filter, order and open.
The keywords keep their results in iperf-results.jsonl, in the output directory of each run.

examples:
  python -m IperfLibrary report results
  python -m IperfLibrary report nightly/* -o nightly.html
"""

_OPTIONS_HELP = """\
Lists the options of iperf as the keywords take them, with unit, meaning, and the version and word that iperf has for each.

examples:
  python -m IperfLibrary options
  python -m IperfLibrary options --tool iperf3 --version 3.1.3 --role client
"""


def main(words: Sequence[str] | None = None) -> int:
    """Runs the subcommand in these words, or in those of this process, and returns the exit code.

    Example: ``main(["parse", "--json", "client.txt"])``
    """
    try:
        _prepare_output()
        code = _run(words)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as problem:
        return _not_written(problem)
    except Exception as bug:
        _complain(f"{type(bug).__name__}: {bug}\nThis is a bug of IperfLibrary; please report it, with the file.")
        return BUG


def _not_written(problem: OSError) -> int:
    _drop_output()
    if isinstance(problem, BrokenPipeError):
        return NO_READER
    _complain(f"The output cannot be written: {problem.strerror}.")
    return USAGE


def _run(words: Sequence[str] | None) -> int:
    try:
        arguments = _parser().parse_args(words)
        code: int = arguments.run(arguments)
        return code
    except SystemExit as done:  # argparse has said what is wrong, or printed its help
        return int(done.code or 0)
    except IperfLibraryError as problem:
        _complain(str(problem))
        return USAGE


def _parser() -> argparse.ArgumentParser:
    about = "Stored output of iperf and its options, without Robot Framework."
    parser = argparse.ArgumentParser("python -m IperfLibrary", description=about)
    parser.add_argument("--version", action="version", version=f"IperfLibrary {__version__}")
    subcommands = parser.add_subparsers(title="subcommands", metavar="SUBCOMMAND", required=True)
    for add in SUBCOMMANDS:
        add(subcommands)
    return parser


# -- parse


def _add_parse(subcommands: Any) -> None:
    parser = _subparser(subcommands, "parse", "print the result in stored output", _PARSE_HELP)
    parser.add_argument("files", nargs="+", metavar="FILE", help=f"output of iperf; {STDIN} is standard input")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON: an object, or with --all or several FILEs a list")
    form.add_argument("--csv", action="store_true", help="as CSV: a row for each fact, interval and total")
    parser.add_argument("--all", action="store_true", help="all tests in a FILE, not the last one alone")
    parser.add_argument("--stderr", metavar="FILE", help="what iperf printed on stderr")
    parser.set_defaults(run=_parse)


def _parse(arguments: argparse.Namespace) -> int:
    if arguments.stderr and len(arguments.files) > 1:
        raise ConfigurationError("--stderr is for a single FILE.")
    many = arguments.all or len(arguments.files) > 1
    outcome = _Outcome()
    results = (result for file in arguments.files for result in outcome.of(file, arguments))
    if arguments.json:
        _write_json(results, many)
    elif arguments.csv:
        _write_tables(results)
    else:
        _write_texts(results, many)
    return outcome.code


class _Outcome:
    """Reads files, tells what is wrong with one and goes on with the next; ``code`` is the worst until now."""

    def __init__(self) -> None:
        self.code = WELL

    def of(self, file: str, arguments: argparse.Namespace) -> list[Result]:
        try:
            found = _results(file, arguments)
        except IperfError as problem:
            return self._failed(BAD, file, problem)
        except ConfigurationError as problem:
            return self._failed(USAGE, file, problem)
        bad = any(result.error or result.partial or not result.flows for result in found)
        self.code = max(self.code, BAD if bad else WELL)
        return found

    def _failed(self, code: int, file: str, problem: IperfLibraryError) -> list[Result]:
        _complain(f"{file}: {problem}")
        self.code = max(self.code, code)
        return []


def _results(file: str, arguments: argparse.Namespace) -> list[Result]:
    with _output(file) as lines, _stderr_of(file, arguments.stderr) as errors:
        found = tests_among(parse_all(lines, errors)) if arguments.all else [parse(lines, errors)]
    if not found:
        raise IperfError("There is no test in this output.", kind="unreadable")
    return found if file == STDIN else [replace(one, raw_file=str(Path(file).absolute())) for one in found]


def _output(file: str) -> AbstractContextManager[Iterable[str]]:
    if file != STDIN:
        return stored(Path(file))
    if sys.stdin is None:
        raise ConfigurationError("There is no standard input.")
    return nullcontext(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace"))


def _stderr_of(file: str, given: str | None) -> AbstractContextManager[Iterable[str]]:
    if given:
        return stored(Path(given))
    beside = error_path(Path(file))
    return stored(beside) if file != STDIN and beside.exists() else nullcontext(())


def _write_json(results: Iterable[Result], many: bool) -> None:
    texts = [as_json(result, indent=2) for result in results]
    if many:
        _write("[" + ",\n".join(texts) + "]\n")
    elif texts:
        _write(texts[0] + "\n")


def _write_tables(results: Iterable[Result]) -> None:
    """One below the other, with a single head."""
    for at, result in enumerate(results):
        table = as_csv(result)
        _write(table.partition("\n")[2] if at else table)


def _write_texts(results: Iterable[Result], many: bool) -> None:
    for at, result in enumerate(results):
        name = f"{result.raw_file or 'standard input'}:\n" if many else ""
        _write(("\n" if at else "") + name + as_text(result) + "\n")


# -- report


def _add_report(subcommands: Any) -> None:
    parser = _subparser(subcommands, "report", "make one page of the results of any number of runs", _REPORT_HELP)
    parser.add_argument(
        "directories", nargs="+", metavar="DIR", help="output directory of Robot Framework, or one above several"
    )
    parser.add_argument("-o", "--output", metavar="FILE", default=REPORT, help=f"the page; {REPORT} unless given")
    parser.set_defaults(run=_report)


def _report(arguments: argparse.Namespace) -> int:
    return reported(arguments.directories, arguments.output)


# -- options


def _add_options(subcommands: Any) -> None:
    parser = _subparser(subcommands, "options", "list the options of iperf", _OPTIONS_HELP)
    parser.add_argument("--tool", choices=TOOLS, help="those of this tool alone")
    parser.add_argument("--version", type=_version, help="those that this version of the tool has")
    parser.add_argument("--role", choices=("client", "server"), help="those that this end takes")
    parser.set_defaults(run=_options)


def _options(arguments: argparse.Namespace) -> int:
    if arguments.version and not arguments.tool:
        raise ConfigurationError("--version is that of a --tool.")
    rows = listing([arguments.tool] if arguments.tool else list(TOOLS), arguments.version, arguments.role)
    _write("\n".join(columns(rows, left=range(len(rows[0])))) + "\n")
    return WELL


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)+[0-9a-zA-Z.+-]*", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no version; write it like 3.1.3")
    return text


# -- what the subcommands share


def _subparser(subcommands: Any, name: str, summary: str, text: str) -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser: argparse.ArgumentParser = subcommands.add_parser(name, help=summary, description=text, formatter_class=form)
    return parser


def _write(text: str) -> None:
    """What a foreign file says must not steer the terminal."""
    sys.stdout.write(printable(text))


def _complain(text: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(printable(text) + "\n")


def _prepare_output() -> None:
    """Output that is closed goes nowhere; a character that the terminal's encoding has not is written as its number."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the end
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """What is still in the buffer would fail once more at the end of the program, and be told there as a traceback."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


SUBCOMMANDS: tuple[_Adder, ...] = (_add_parse, _add_options, _add_report)
