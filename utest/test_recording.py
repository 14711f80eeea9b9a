"""The files of records: whole lines, whoever writes at the same time and however it ends."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from IperfLibrary import writing
from IperfLibrary.errors import CommandError, ConfigurationError
from IperfLibrary.report import recording
from IperfLibrary.report.lines import COLUMNS, as_line
from IperfLibrary.report.recording import LINES, TABLE, Recorder, append, collect, common_run, now
from IperfLibrary.report.records import Record, RunRecords, Verdict

MOMENT = "2026-01-02T03:04:05+01:00"
ROOT = Path(__file__).parent.parent


def record(test: str = "T", **facts: object) -> Record:
    return Record(MOMENT, test=test, **facts)  # type: ignore[arg-type]


def lines(directory: Path) -> list[str]:
    return (directory / LINES).read_text().splitlines()


def table(directory: Path, name: str = TABLE) -> list[list[str]]:
    with (directory / name).open(newline="") as file:
        return list(csv.reader(file))


def only(runs: list[RunRecords]) -> RunRecords:
    assert len(runs) == 1
    return runs[0]


def run_python(code: str, *args: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, args)], cwd=ROOT, stderr=subprocess.PIPE, text=True)


# -- appending


def test_a_record_is_a_line_in_both_files(tmp_path: Path) -> None:
    path = append(tmp_path / "new" / "one", record("A"))
    append(path.parent, record("B"))
    assert path.name == LINES
    assert [json.loads(line)["test"] for line in lines(path.parent)] == ["A", "B"]
    assert [row[2] for row in table(path.parent)] == ["test", "A", "B"]


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    raw = tmp_path / "raw_iperf" / "a b.json"
    append(tmp_path, record(raw_file=str(raw), parsed_file=str(tmp_path.parent / "x.csv")))
    found = json.loads(lines(tmp_path)[0])
    assert (found["raw_file"], found["parsed_file"]) == ("raw_iperf/a b.json", "../x.csv")


def test_what_a_killed_process_left_is_closed_and_told(tmp_path: Path) -> None:
    append(tmp_path, record("A"))
    with (tmp_path / LINES).open("a") as file:
        file.write('{"schema":1,"mom')
    append(tmp_path, record("B"))
    run = only(collect([tmp_path], tmp_path))
    assert [one.test for one in run.records] == ["A", "B"]
    assert [problem.split(" of ")[0] for problem in run.problems] == ["Line 2"]


def test_a_line_without_an_end_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / LINES).write_text(as_line(record("A")) + "\n" + as_line(record("B")))
    run = only(collect([tmp_path], tmp_path))
    assert [one.test for one in run.records] == ["A"]
    assert "its end is missing" in run.problems[0]


WRITER = """
import sys
from pathlib import Path
from IperfLibrary.report.records import Record
from IperfLibrary.report.recording import append
for number in range(int(sys.argv[3])):
    append(Path(sys.argv[1]), Record("2026-01-02T03:04:05+01:00", run=sys.argv[2], test=str(number), suite="x" * 3000))
"""


def test_eight_processes_write_at_once(tmp_path: Path) -> None:
    writers = [run_python(WRITER, tmp_path, writer, 200) for writer in range(8)]
    assert [writer.wait() for writer in writers] == [0] * 8
    runs = collect([tmp_path], tmp_path)
    assert {run.records[0].run: [one.test for one in run.records] for run in runs} == {
        str(writer): [str(number) for number in range(200)] for writer in range(8)
    }
    assert not any(run.problems for run in runs)
    rows = table(tmp_path)
    assert len(rows) == 1601
    assert rows[0] == list(COLUMNS)
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert rows.count(rows[0]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_writer_leaves_whole_lines_or_is_told(tmp_path: Path) -> None:
    writer = run_python(WRITER, tmp_path, "killed", 10**6)
    until = time.monotonic() + 60
    while time.monotonic() < until and not (tmp_path / TABLE).exists():
        time.sleep(0.01)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    before = lines(tmp_path)
    append(tmp_path, record("after", run="after"))
    runs = collect([tmp_path], tmp_path)
    assert [run.records[-1].test for run in runs if run.records[0].run == "after"] == ["after"]
    assert len(before) - sum(len(run.problems) for run in runs) == len(runs[0].records)


FULL = """
import resource, sys
from pathlib import Path
from IperfLibrary.errors import CommandError
from IperfLibrary.report.records import Record
from IperfLibrary.report.recording import LINES, append
append(Path(sys.argv[1]), Record("2026-01-02T03:04:05+01:00", test="A"))
size = (Path(sys.argv[1]) / LINES).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))
try:
    append(Path(sys.argv[1]), Record("2026-01-02T03:04:05+01:00", test="B"))
except CommandError as problem:
    sys.exit("full" if problem.cause == "the disk is full" else str(problem))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of a file's size")
def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    writer = run_python(FULL, tmp_path)
    assert writer.communicate()[1] == "full\n"
    assert [json.loads(line)["test"] for line in lines(tmp_path)] == ["A"]
    assert (tmp_path / LINES).read_bytes().endswith(b"\n")


def test_a_full_disk_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(CommandError, match="No space left on device") as told:
        append(tmp_path, record())
    assert told.value.cause == "the disk is full"


@pytest.mark.parametrize("name", [LINES, TABLE])
@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="a link can be told from a file only where O_NOFOLLOW is")
def test_nothing_is_written_through_a_link(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    out = tmp_path / "out"
    out.mkdir()
    (out / name).symlink_to(victim)
    with pytest.raises(CommandError) as told:
        append(out, record())
    assert "link" in told.value.cause
    assert victim.read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LINES)
    with pytest.raises(CommandError, match="no plain file"):
        append(tmp_path, record())
    assert collect([tmp_path], tmp_path) == []


def test_a_directory_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        append(tmp_path / "file", record())


def test_a_process_that_holds_the_file_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="there are no locks")
    append(tmp_path, record("A"))
    monkeypatch.setattr(writing, "LOCK_LIMIT", 0.05)
    with (tmp_path / LINES).open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CommandError) as told:
            append(tmp_path, record("B"))
    assert "another process" in told.value.cause
    append(tmp_path, record("C"))
    assert [json.loads(line)["test"] for line in lines(tmp_path)] == ["A", "C"]


def test_rows_do_not_go_below_another_head(tmp_path: Path) -> None:
    (tmp_path / TABLE).write_text("moment,suite\n1,2\n")
    append(tmp_path, record("A"))
    append(tmp_path, record("B"))
    assert table(tmp_path) == [["moment", "suite"], ["1", "2"]]
    assert [row[2] for row in table(tmp_path, "iperf-results-2.csv")] == ["test", "A", "B"]


def test_an_empty_table_gets_its_head(tmp_path: Path) -> None:
    (tmp_path / TABLE).touch()
    append(tmp_path, record("A"))
    assert [row[2] for row in table(tmp_path)] == ["test", "A"]


WINDOWS = """
import os, sys
from pathlib import Path
sys.modules["fcntl"] = None
for name in ("O_NOFOLLOW", "O_NONBLOCK"):
    delattr(os, name)
from IperfLibrary.report.records import Record
from IperfLibrary.report.recording import append, collect
append(Path(sys.argv[1]), Record("2026-01-02T03:04:05+01:00"))
sys.exit(len(collect([Path(sys.argv[1])], Path(sys.argv[1]))[0].records) - 1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="this is as on Windows")
def test_it_works_without_locks(tmp_path: Path) -> None:
    assert run_python(WINDOWS, tmp_path).communicate()[1] == ""
    assert len(lines(tmp_path)) == 1


def test_now_has_a_zone() -> None:
    assert abs(Record(now()).time.timestamp() - time.time()) < 60
    assert datetime.fromisoformat(now()).tzinfo


# -- the records of a test, until it ends


def test_records_are_written_when_the_test_has_ended(tmp_path: Path) -> None:
    recorder = Recorder(lambda: tmp_path)
    recorder.note(record("A", raw_file="a"))
    recorder.note(record("A", raw_file="b"))
    assert not (tmp_path / LINES).exists()
    recorder.write(False, "Too slow\nmore")
    recorder.write(True)
    found = only(collect([tmp_path], tmp_path)).records
    assert [(one.test_passed, one.test_message) for one in found] == [(False, "Too slow")] * 2


def test_a_verdict_comes_to_its_result(tmp_path: Path) -> None:
    recorder = Recorder(lambda: tmp_path)
    for raw_file in ("a", "b", "a"):
        recorder.note(record(raw_file=str(tmp_path / raw_file)))
    assert recorder.judge(str(tmp_path / "a"), Verdict("at least\x1b 5", False))
    assert recorder.judge(str(tmp_path / "a"), Verdict("at most 9", True))
    assert not recorder.judge(str(tmp_path / "c"), Verdict("x", True))
    assert not recorder.judge(None, Verdict("x", True))
    recorder.write()
    found = only(collect([tmp_path], tmp_path)).records
    assert [one.verdicts for one in found] == [(), (), (Verdict("at least\ufffd 5", False), Verdict("at most 9", True))]
    assert not recorder.judge(str(tmp_path / "a"), Verdict("x", True))


def test_no_verdict_goes_to_a_result_without_a_file(tmp_path: Path) -> None:
    recorder = Recorder(lambda: tmp_path)
    recorder.note(record())
    assert not recorder.judge(None, Verdict("x", True))


def test_what_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    recorder = Recorder(lambda: tmp_path / "file")
    recorder.note(record())
    with pytest.raises(CommandError):
        recorder.write()
    recorder.write()


def test_each_run_has_a_name_of_its_own() -> None:
    assert Record(Recorder(Path).run).time.tzinfo


# -- collecting


def test_runs_are_found_below_and_come_oldest_first(tmp_path: Path) -> None:
    append(tmp_path / "b" / "c", Record("2026-01-03T00:00:00+00:00"))
    append(tmp_path / "a", Record("2026-01-04T00:00:00+00:00"))
    append(tmp_path, Record("2026-01-03T00:30:00+01:00"))
    found = collect([tmp_path], tmp_path / "reports")
    assert [run.place for run in found] == ["..", "../b/c", "../a"]
    assert [run.name for run in found] == [str(tmp_path), str(tmp_path / "b" / "c"), str(tmp_path / "a")]


def test_the_place_is_empty_beside_the_report(tmp_path: Path) -> None:
    append(tmp_path, record())
    assert only(collect([tmp_path], tmp_path)).place == ""


def test_runs_in_one_file_are_told_apart(tmp_path: Path) -> None:
    for run in "abab":
        append(tmp_path, record(run=run))
    assert [[one.run for one in run.records] for run in collect([tmp_path], tmp_path)] == [["a", "a"], ["b", "b"]]


def test_nothing_is_counted_twice(tmp_path: Path) -> None:
    append(tmp_path / "a", record())
    assert len(collect([tmp_path, tmp_path / "a", tmp_path / "a" / LINES], tmp_path)) == 1


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        collect([tmp_path / "nowhere"], tmp_path)


def test_lines_that_are_no_records_are_told(tmp_path: Path) -> None:
    good = as_line(record("A")).encode()
    bad = [b"\xff\xfe", b'{"schema":2}', b"x" * (recording.LONGEST + 5), b"y" * recording.LONGEST, b"[" * 90_000]
    (tmp_path / LINES).write_bytes(b"\n".join([good, b"", *bad, good, b""]))
    run = only(collect([tmp_path], tmp_path))
    assert len(run.records) == 2
    assert [problem.split(" of ")[0] for problem in run.problems] == [f"Line {number}" for number in (3, 4, 5, 6, 7)]
    assert "newer version" in run.problems[1]


def test_a_file_without_a_record_is_told(tmp_path: Path) -> None:
    (tmp_path / LINES).write_text("nonsense\n")
    run = only(collect([tmp_path], tmp_path))
    assert (run.records, len(run.problems)) == ((), 1)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    append(tmp_path, record())
    (tmp_path / LINES).chmod(0)
    assert "cannot be read" in only(collect([tmp_path], tmp_path)).problems[0]


def test_processes_agree_on_the_name_of_their_run(tmp_path: Path) -> None:
    assert [common_run(tmp_path, name) for name in ("first", "second", "third")] == ["first"] * 3
    assert common_run(tmp_path / "missing" / "too", "own") == "own"
