"""The files of a run."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from IperfLibrary import files
from IperfLibrary.errors import CommandError, ConfigurationError
from IperfLibrary.files import BASE, EACH_SECOND, TAIL, FloodError, RawFile, create, stem

MOMENT = r"\d{8}T\d{6}\.\d{6}"


def test_a_name_has_its_parts_and_the_time() -> None:
    assert re.fullmatch(f"upstream_tx_tcp_dut_client_{MOMENT}", stem("upstream", "tx", "tcp", "dut", "client"))


def test_parts_that_are_not_known_are_left_out() -> None:
    assert re.fullmatch(f"dut_server_{MOMENT}", stem(None, None, "", "dut", "server"))


@pytest.mark.parametrize(
    ("part", "safe"),
    [
        ("../../x", "x"),
        ("/etc/passwd", "etc-passwd"),
        ("a/b\n", "a-b"),
        ("a\\b", "a-b"),
        ("a_b", "a-b"),  # the underscore is what separates the parts
        ("a b\tc", "a-b-c"),
        ("..", ""),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("dut;rm -rf /", "dut-rm--rf"),
        ("dut$(id)`id`", "dut-id-id"),
        ("CON:", "CON"),
        ("a\x00b", "a-b"),
        ("dut.lab-1", "dut.lab-1"),
        ("Gerät", "Gerät"),
        ("x" * 500, "x" * 80),
    ],
)
def test_a_hostile_name_is_made_safe(part: str, safe: str) -> None:
    assert re.fullmatch(re.escape(f"tx_{safe}_" if safe else "tx_") + MOMENT, stem("tx", part))


@given(st.text())
def test_any_name_stays_in_its_directory(part: str) -> None:
    name = stem(part, part)
    assert re.fullmatch(r"[\w.-]+", name)
    assert name[0] not in ".-"


@pytest.mark.parametrize("letter", list("xä日𝒳"))
def test_a_name_fits_into_a_file_system(tmp_path: Path, letter: str) -> None:
    """Which counts bytes, and an extension comes on top."""
    name = stem("downstream", "txrx", "sctp", letter * 500, letter * 500)
    assert RawFile(tmp_path, name, "json").path.name == name + ".json"
    assert len(name.encode()) < 230


def test_the_time_is_that_of_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1700000000.25)
    monkeypatch.setattr(time, "localtime", time.gmtime)
    assert stem() == "20231114T221320.250000"


# -- never overwritten


def test_a_file_is_new(tmp_path: Path) -> None:
    made = [create(tmp_path / "new" / "er", "name", "csv") for _ in range(3)]
    assert [path.name for path in made] == ["name.csv", "name_1.csv", "name_2.csv"]
    assert all(path.is_absolute() and path.read_bytes() == b"" for path in made)


def test_a_file_that_is_there_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "name.csv").write_text("precious")
    assert create(tmp_path, "name", "csv").name == "name_1.csv"
    assert (tmp_path / "name.csv").read_text() == "precious"


def test_a_link_to_nowhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "name.csv").symlink_to(tmp_path / "elsewhere")
    assert create(tmp_path, "name", "csv").name == "name_1.csv"
    assert not (tmp_path / "elsewhere").exists()


def test_several_threads_get_files_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create(tmp_path, "name", "csv"), range(200)))
    assert len(set(made)) == 200


def test_several_processes_get_files_of_their_own(tmp_path: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        from IperfLibrary.files import create
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(100):
            print(create(Path(sys.argv[1]), "name", "csv"))
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    made = [line for process in processes for line in process.communicate()[0].split()]
    assert len(made) == len(set(made)) == 300
    assert len(list(tmp_path.iterdir())) == 300


# -- the raw file


@pytest.fixture
def raw(tmp_path: Path) -> RawFile:
    return RawFile(tmp_path / "raw_iperf", "name", "json")


def test_what_is_written_is_there_at_once(raw: RawFile) -> None:
    raw.write(b"\x00\xff")
    raw.write(b"\r\nend")
    assert raw.path.read_bytes() == b"\x00\xff\r\nend"
    raw.close()
    assert raw.path.read_bytes() == b"\x00\xff\r\nend"


def test_the_file_of_stderr_is_made_when_there_is_something_in_it(raw: RawFile) -> None:
    assert raw.error_lines() == []
    raw.write(b"out")
    assert [path.name for path in raw.path.parent.iterdir()] == ["name.json"]
    raw.write_error(b"one\ntw")
    raw.write_error(b"o\xff")
    assert raw.error_path == raw.path.with_name("name.json.stderr")
    assert raw.error_path.read_bytes() == b"one\ntwo\xff"
    assert raw.error_lines() == ["one", "two\N{REPLACEMENT CHARACTER}"]


def lines(raw: RawFile, offset: int = 0, ended: bool = False) -> list[str]:
    return [line for text, _ in raw.text_from(offset, ended) for line in text.split("\n")]


def test_lines_are_whole_until_the_run_has_ended(raw: RawFile) -> None:
    raw.write(b"one\r\ntwo\nthr\xff")
    assert list(raw.text_from(0)) == [("one\ntwo", 9)]
    assert list(raw.text_from(9)) == []
    assert list(raw.text_from(9, ended=True)) == [("thr\N{REPLACEMENT CHARACTER}", 13)]
    raw.write(b"ee\n")
    assert list(raw.text_from(9)) == [("thr\N{REPLACEMENT CHARACTER}ee", 16)]


@given(st.lists(st.binary(max_size=9).map(lambda line: line.translate(None, b"\r\n\v\f\x1c\x1d\x1e")), max_size=9))
def test_lines_do_not_depend_on_how_much_is_read_at_a_time(content: list[bytes]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        raw = RawFile(Path(folder), "name", "json")
        raw.write(b"\n".join(content))
        whole = lines(raw, ended=True)
        patch.setattr(files, "CHUNK", 10)
        assert lines(raw, ended=True) == whole
        raw.close()


def test_a_line_without_end_comes_in_pieces(raw: RawFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CHUNK", 4)
    raw.write(b"abcdefghij")
    assert lines(raw) == ["abcd", "efgh"]
    assert lines(raw, ended=True) == ["abcd", "efgh", "ij"]


def test_a_link_in_place_of_the_stderr_is_not_followed(raw: RawFile, tmp_path: Path) -> None:
    raw.error_path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        raw.write_error(b"x")
    assert not (tmp_path / "elsewhere").exists()


# -- no more than a run could have to say


@pytest.mark.parametrize("write", [RawFile.write, RawFile.write_error])
def test_a_flood_is_told(raw: RawFile, write: Callable[[RawFile, bytes], None]) -> None:
    write(raw, b"x" * BASE)
    with pytest.raises(FloodError):
        write(raw, b"x" * BASE)


def test_a_line_weighs_more_than_its_bytes(raw: RawFile) -> None:
    with pytest.raises(FloodError):
        raw.write(b"\n" * (BASE // 8))


def test_time_allows_more(raw: RawFile, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 600)
    raw.write(b"x" * 600 * EACH_SECOND)
    with pytest.raises(FloodError):
        raw.write(b"x" * 2 * BASE)


def test_no_time_allows_any_amount(raw: RawFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST", 1000)
    with pytest.raises(FloodError):
        raw.write(b"x" * 1001)


def test_the_tails_are_the_last_bytes(raw: RawFile) -> None:
    for n in range(100):
        raw.write(b"%099d\n" % n)
        raw.write_error(b"%049d\n" % n)
    assert len(raw.tail) == len(raw.error_tail) == TAIL
    assert raw.tail == raw.path.read_bytes()[-TAIL:]
    assert raw.error_tail == raw.error_path.read_bytes()[-TAIL:]
    raw.write(b"x" * (TAIL + 1))
    assert raw.tail == b"x" * TAIL


def test_two_raw_files_of_one_name(tmp_path: Path) -> None:
    one, other = (RawFile(tmp_path, "name", "json") for _ in range(2))
    one.write_error(b"1")
    other.write_error(b"2")
    assert one.path != other.path
    assert (one.error_path.read_bytes(), other.error_path.read_bytes()) == (b"1", b"2")


def test_a_write_is_whole_or_an_error(tmp_path: Path) -> None:
    script = """
        import resource, sys
        from pathlib import Path
        from IperfLibrary.files import RawFile
        raw = RawFile(Path(sys.argv[1]), "name", "json")
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            raw.write(b"x" * 1500)
        except OSError:
            print("error")
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "error\n"


def test_what_a_disk_takes_in_pieces_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = RawFile(tmp_path, "run", "json")
    write = raw._out.write
    monkeypatch.setattr(raw, "_out", SimpleNamespace(write=lambda data: write(data[:3]), close=raw._out.close))
    raw.write(b"0123456789")
    raw.close()
    assert raw.path.read_bytes() == b"0123456789"


def test_a_full_disk_is_told_once() -> None:
    """Closing the file does not try again what was refused."""
    raw = RawFile.__new__(RawFile)
    with Path("/dev/full").open("ab", buffering=0) as full:
        raw._out, raw.tail = full, b""
        with pytest.raises(OSError, match="No space left"):
            raw.write(b"data")
        raw.close()


def test_a_raw_file_that_is_gone(tmp_path: Path) -> None:
    raw = RawFile(tmp_path, "run", "json")
    raw.path.unlink()
    with pytest.raises(CommandError, match="cannot be read any more"):
        list(raw.text_from(0))
    raw.close()


def test_a_stored_file_is_text_whatever_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\xff\n\nthree\x0bmore")
    with files.stored(path) as file:
        assert list(file) == ["one\n", "two\ufffd\n", "\n", "three\x0bmore"]


def test_a_stored_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(ConfigurationError, match=f"The file {path} cannot be read: "), files.stored(path) as file:
            list(file)
