"""``python -m IperfLibrary``: what it prints, what it exits with, and that it needs no Robot Framework."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import IperfLibrary
from IperfLibrary import __version__, cli, from_csv, from_json, parse, parse_all
from IperfLibrary.option_table import OPTIONS
from IperfLibrary.result import Result

from .recorded import DATA, facts

GOOD = str(DATA / "facts" / "133-gen-iperf3-3.0.12-J-tcpP2.json")
BOTH = str(DATA / "facts" / "142-gen-iperf3-3.9-J-udpbidir.json")
ROOT = Path(IperfLibrary.__file__).parent.parent
ONE = '{"start":{"version":"iperf 3.12","test_start":{"protocol":"TCP"}},"intervals":[],"end":{},"error":"%s"}'

Said = pytest.CaptureFixture[str]


# As a user has it: output is buffered, and a write may fail late.
ENVIRONMENT = {**{k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}, "PYTHONPATH": str(ROOT)}


def run(*words: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "IperfLibrary", *words]
    env = {**ENVIRONMENT, **environment}
    return subprocess.run(command, input=stdin, capture_output=True, env=env, timeout=60, check=False)


def shell(script: str) -> subprocess.CompletedProcess[str]:
    env = {**ENVIRONMENT, "IPERF": f"{sys.executable} -m IperfLibrary", "GOOD": GOOD}
    return subprocess.run(["/bin/sh", "-c", script], capture_output=True, env=env, text=True, timeout=60, check=False)


@pytest.fixture
def two_tests(tmp_path: Path) -> Path:
    """A server's file with two tests and its farewell."""
    name = next(
        f["file"] for f in facts() if f["file"].endswith(".txt") and f["tool"] == "iperf3" and f["role"] == "server"
    )
    text = (DATA / "facts" / name).read_text()
    path = tmp_path / "server.txt"
    path.write_text(text + text + "iperf3: interrupt - the server has terminated\n")
    assert len(parse_all((text + text).splitlines())) == 2
    return path


# -- parse


def test_the_text_has_the_headline_both_ends_and_the_streams(capsys: Said) -> None:
    assert cli.main(["parse", GOOD]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "iperf3 TCP: forward 190.8 Mbit/s received (sent 190.8 Mbit/s, 2 streams, 0 retransmits)"
    assert (
        lines[1]
        == "client unknown (version 3.0.12, CPU 3.1 %), server 127.0.0.1 (CPU 0.7 %); this is what the client printed"
    )
    assert lines[3].split() == ["bytes", "rate", "seconds", "retransmits"]
    assert lines[4].split() == ["forward", "sender", "47,710,208", "190.8", "Mbit/s", "2.000", "0"]
    assert lines[5].split() == ["forward", "receiver", "47,710,208", "190.8", "Mbit/s", "2.000", "-"]
    assert [line.split()[:3] for line in lines[6:]] == [
        ["stream", "4", "sender"],
        ["stream", "4", "receiver"],
        ["stream", "6", "sender"],
        ["stream", "6", "receiver"],
    ]


def test_json_and_csv_can_be_read_again(capsys: Said) -> None:
    assert cli.main(["parse", "--json", BOTH]) == 0
    result = from_json(capsys.readouterr().out)
    assert cli.main(["parse", "--csv", BOTH]) == 0
    assert from_csv(capsys.readouterr().out) == result
    assert (result.raw_file, len(result.flows)) == (BOTH, 2)


def test_standard_input(capsys: Said) -> None:
    done = run("parse", "--json", "-", stdin=b"\xff no UTF-8\n" + Path(GOOD).read_bytes())
    result = from_json(done.stdout)
    assert (done.returncode, done.stderr, result.raw_file) == (0, b"", None)
    assert cli.main(["parse", "--json", GOOD]) == 0
    assert result.flows == from_json(capsys.readouterr().out).flows


def test_several_files(capsys: Said) -> None:
    assert cli.main(["parse", GOOD, BOTH]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{GOOD}:\niperf3 TCP")
    assert f"\n\n{BOTH}:\niperf3 UDP" in out
    assert cli.main(["parse", "--json", GOOD, BOTH]) == 0
    assert [one["protocol"] for one in json.loads(capsys.readouterr().out)] == ["tcp", "udp"]
    assert cli.main(["parse", "--csv", GOOD, BOTH]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("row,") for line in lines) == 1
    assert sum(line.startswith("fact,schema,") for line in lines) == 2


def test_the_last_test_of_a_server_or_all(two_tests: Path, capsys: Said) -> None:
    cli.main(["parse", "--json", str(two_tests)])
    last = json.loads(capsys.readouterr().out)
    assert cli.main(["parse", "--json", "--all", str(two_tests)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 2
    assert found[1]["flows"] == last["flows"] != []


def test_stderr_of_a_run(tmp_path: Path, capsys: Said) -> None:
    path, errors = tmp_path / "out.txt", tmp_path / "err"
    path.write_text("")
    errors.write_text("iperf3: error - unable to connect to server: Connection refused\n")
    assert cli.main(["parse", "--stderr", str(errors), str(path)]) == 1
    assert "error: unable to connect to server: Connection refused" in capsys.readouterr().out
    assert cli.main(["parse", str(path)]) == 1
    assert "Connection refused" not in capsys.readouterr().out
    errors.rename(tmp_path / "out.txt.stderr")
    assert cli.main(["parse", str(path)]) == 1
    assert "Connection refused" in capsys.readouterr().out


def test_an_error_and_a_partial_output_are_1(tmp_path: Path, capsys: Said) -> None:
    text = Path(GOOD).read_text()
    path = tmp_path / "cut.json"
    path.write_text(text[: len(text) * 2 // 3])
    assert cli.main(["parse", str(path)]) == 1
    assert "\npartial: the output does not reach its end\n" in capsys.readouterr().out


@pytest.mark.parametrize("more", [{"error": "x"}, {"partial": True}, {"flows": ()}, {}])
def test_each_of_them_alone_is_1(more: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    good = parse(Path(GOOD).read_text().splitlines())
    monkeypatch.setattr(cli, "parse", lambda lines, errors: replace(good, **more))
    assert cli.main(["parse", GOOD]) == (1 if more else 0)


def test_how_a_server_takes_its_leave_is_no_test(tmp_path: Path, capsys: Said) -> None:
    """Here that of another server, which wrote into the same file and served nobody."""
    path = tmp_path / "server.txt"
    served = (DATA / "facts" / "350-gen-iperf2-2.1.0-udpP2-server.txt").read_text()
    path.write_text(served + "\nServer listening on 5201\niperf3: interrupt - the server has terminated\n")
    assert [len(result.flows) for result in parse_all(path.read_text().splitlines())] == [1, 0]
    assert cli.main(["parse", "--all", "--json", str(path)]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_no_test_is_1(tmp_path: Path, capsys: Said) -> None:
    path = tmp_path / "no.txt"
    path.write_text("hello\n")
    for words in (["parse"], ["parse", "--all"], ["parse", "--json"]):
        assert cli.main([*words, str(path)]) == 1
        said = capsys.readouterr()
        assert (said.out, said.err.startswith(f"{path}: ")) == ("" if "--all" not in words else said.out, True)
    assert cli.main(["parse", "--json", "--all", str(path)]) == 1
    assert json.loads(capsys.readouterr().out) == []


def test_a_file_that_cannot_be_read_is_2(tmp_path: Path, capsys: Said) -> None:
    for path in (tmp_path, tmp_path / "none"):
        assert cli.main(["parse", str(path)]) == 2
        said = capsys.readouterr()
        assert (said.out, str(path) in said.err, "cannot be read" in said.err) == ("", True, True)
    assert cli.main(["parse", "--stderr", str(tmp_path / "none"), GOOD]) == 2


def test_one_bad_file_does_not_keep_back_the_others(tmp_path: Path, capsys: Said) -> None:
    assert cli.main(["parse", str(tmp_path / "none"), GOOD, str(tmp_path / "no")]) == 2
    said = capsys.readouterr()
    assert "190.8 Mbit/s" in said.out
    assert said.err.count("cannot be read") == 2


WRONG = [
    [],
    ["parse"],
    ["frobnicate"],
    ["parse", "--json", "--csv", GOOD],
    ["parse", "--stderr", "a", GOOD, GOOD],
    ["options", "--version", "3.1"],
    ["options", "--tool", "netcat"],
    ["options", "--tool", "iperf3", "--version", "new"],
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_a_wrong_command_line_is_2(words: list[str], capsys: Said) -> None:
    assert cli.main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err


@pytest.mark.parametrize("words", [["--help"], ["parse", "--help"], ["options", "--help"]])
def test_help(words: list[str], capsys: Said) -> None:
    assert cli.main(words) == 0
    assert "usage: python -m IperfLibrary" in capsys.readouterr().out


@pytest.mark.parametrize("subcommand", ["parse", "options"])
def test_the_help_has_examples_that_run(subcommand: str, capsys: Said) -> None:
    cli.main([subcommand, "--help"])
    lines = capsys.readouterr().out.splitlines()
    examples = [line.split("IperfLibrary ")[1].split() for line in lines if line.startswith("  python -m")]
    assert len(examples) > 1
    for example in examples:
        words = example[: next((at for at, word in enumerate(example) if word in "|>"), None)]
        names = [GOOD if word.startswith(("client.", "server.")) else word for word in words]
        assert cli.main(names) == 0


def test_version(capsys: Said) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"IperfLibrary {__version__}\n"


@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"], ["--all"]])
def test_what_a_file_says_does_not_steer_the_terminal(form: list[str], tmp_path: Path, capsys: Said) -> None:
    path = tmp_path / "odd\x1b[31m.json"
    odd = "x\\u001b]0;owned\\u0007\\u009b31m\\u007f\\u0008y"
    for text in (ONE % odd, "iperf3: error - \x1b[31m\x9b\x07\x7f no\n", "\x07\x1bc no output \x9b\n"):
        path.write_text(text, encoding="latin-1")
        assert cli.main(["parse", *form, str(path)]) == 1
        said = capsys.readouterr()
        assert (said.out + said.err).replace("\n", "").isprintable()


def test_an_error_of_several_lines_stays_below_its_word(tmp_path: Path, capsys: Said) -> None:
    path = tmp_path / "a.json"
    path.write_text(ONE % "one\\npartial: no")
    cli.main(["parse", str(path)])
    assert "\nerror: one\n       partial: no\n" in capsys.readouterr().out


# -- options


def test_options_have_since_unit_and_meaning(capsys: Said) -> None:
    assert cli.main(["options"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["option", "value", "role", "iperf3", "since", "iperf2", "since", "meaning"]
    rows = {line.split()[0]: " ".join(line.split()) for line in lines[1:]}
    assert (
        rows["bidir"]
        == "bidir yes or no client 3.7 --bidir 2.1.0 --full-duplex both send at the same time; also called full_duplex"
    )
    assert (
        rows["blockcount"]
        == "blockcount number client 3.0 --blockcount - how many blocks of length to send in place of a time"
    )
    assert rows["pacing_timer"].startswith("pacing_timer number client 3.2 --pacing-timer - microseconds")
    assert "; TCP only" in rows["mss"]
    assert rows["udp_counters_64bit"].endswith("; UDP only with iperf3")
    assert set(rows) == {option.name for option in OPTIONS if not option.ours}


def names(capsys: Said, *words: str) -> set[str]:
    assert cli.main(["options", *words]) == 0
    return {line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]}


def test_options_of_a_version_a_tool_and_a_role(capsys: Said) -> None:
    old, new = (names(capsys, "--tool", "iperf3", "--version", version) for version in ("3.1.3", "3.7"))
    assert "bidir" in new - old
    assert old < new
    assert "blockcount" in old - names(capsys, "--tool", "iperf2")
    server = names(capsys, "--tool", "iperf3", "--role", "server")
    assert "one_off" in server - names(capsys, "--tool", "iperf3", "--role", "client")
    assert "time" in old - server
    assert "time" in names(capsys, "--role", "client") - server


# -- as a process


def test_it_needs_neither_robot_nor_paramiko() -> None:
    code = (
        "import sys; from IperfLibrary import cli, parse; "
        f"assert cli.main(['parse', {GOOD!r}]) == 0; assert cli.main(['options']) == 0; "
        "sys.exit(str([name for name in sys.modules if name.split('.')[0] in ('robot', 'paramiko', 'IperfLibrary')]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert "IperfLibrary.cli" in done.stderr
    assert "robot" not in done.stderr.replace("Robot", "")
    assert "paramiko" not in done.stderr
    assert "IperfLibrary.library" not in done.stderr


@pytest.mark.parametrize("words", [["parse", "--csv", GOOD], ["options"], ["parse", "--help"], ["parse", GOOD]])
def test_nobody_reads_the_output_to_its_end(words: list[str]) -> None:
    """The reader is gone before the first byte."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = [sys.executable, "-m", "IperfLibrary", *words]
        done = subprocess.run(command, env=ENVIRONMENT, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
    finally:
        os.close(writer)
    assert (done.stderr, done.returncode) == (b"", 141)


def test_a_full_disk_is_told() -> None:
    done = shell("$IPERF parse $GOOD > /dev/full; echo $?")
    assert done.stdout == "2\n"
    assert done.stderr == "The output cannot be written: No space left on device.\n"


def test_closed_files() -> None:
    assert shell("$IPERF parse $GOOD >&-; echo $?").stdout == "0\n"
    done = shell("$IPERF parse - <&-; echo $?")
    assert (done.stdout, "Traceback" in done.stderr, "standard input" in done.stderr) == ("2\n", False, True)


def test_a_terminal_without_unicode(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(ONE % "gerät €")
    done = run("parse", str(path), PYTHONIOENCODING="ascii")
    assert (done.returncode, rb"error: ger\xe4t \u20ac" in done.stdout, done.stderr) == (1, True, b"")


def test_what_should_not_happen_is_told_as_a_bug(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    def broken(result: Result) -> str:
        raise KeyError("x")

    monkeypatch.setattr(cli, "as_text", broken)
    assert cli.main(["parse", GOOD]) == 70
    assert capsys.readouterr().err == "KeyError: 'x'\nThis is a bug of IperfLibrary; please report it, with the file.\n"


def test_control_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    def stopped(result: Result) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "as_text", stopped)
    assert cli.main(["parse", GOOD]) == 130
    assert capsys.readouterr().err == ""


def test_every_recorded_output_is_read(capsys: Said) -> None:
    for fact in facts():
        path = str(DATA / "facts" / fact["file"])
        assert cli.main(["parse", path]) in (0, 1), path
        assert cli.main(["parse", "--all", path]) in (0, 1), path
    assert "bug" not in capsys.readouterr().err


# -- the package


def test_the_library_is_there_when_it_is_asked_for() -> None:
    code = "import IperfLibrary; import sys; before = 'robot' in sys.modules; print(before, IperfLibrary.IperfLibrary.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "False IperfLibrary\n", done.stderr
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        IperfLibrary.Nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_all_that_the_package_offers_is_there() -> None:
    assert all(getattr(IperfLibrary, name) for name in IperfLibrary.__all__)
