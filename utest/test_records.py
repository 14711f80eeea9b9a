"""The record of a result: what is in it, what is not, and its way through a line of JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from IperfLibrary.errors import IperfError
from IperfLibrary.option_table import Words
from IperfLibrary.recovery import Outage, Recovery
from IperfLibrary.report.lines import COLUMNS, as_csv_line, as_line, as_row, from_line
from IperfLibrary.report.records import Failure, Figures, Record, Verdict, record_of, record_of_recovery
from IperfLibrary.result import End, Flow, Interval, Result, Stream
from IperfLibrary.secret import Password
from IperfLibrary.tools.parsing import parse_all
from IperfLibrary.units import Bitrate, Seconds
from utest.recorded import outputs

MOMENT = "2026-01-02T03:04:05.678+01:00"
UP = Flow(
    "upstream",
    False,
    End(bytes=110, bits_per_second=88.0, retransmits=3, mean_rtt_ms=1.5),
    End(bytes=100, bits_per_second=80.0, seconds=10.0),
    (Stream(5),),
    (Interval(0, 1, 100, 80.0, retransmits=3),),
)
DOWN = Flow("downstream", True, End(retransmits=1), End(bits_per_second=20.0))
RESULT = Result(
    "iperf3", "3.12", "tcp", "client", (UP, DOWN), client="pc", server="dut", server_version="3.18", client_cpu_percent=4.5,
    options={"time": Seconds(10), "bidir": True}, raw_file="/out/raw_iperf/a.json", parsed_file="/out/parsed/a.csv",
)  # fmt: skip


def record(**facts: Any) -> Record:
    return Record(MOMENT, **facts)


# -- what is in it


def test_it_has_what_was_measured() -> None:
    found = record_of(RESULT, moment=MOMENT, suite="Lab", test="Both", run="7")
    assert (found.moment, found.suite, found.test, found.run) == (MOMENT, "Lab", "Both", "7")
    assert (found.client, found.server, found.tool, found.protocol, found.role) == (
        "pc",
        "dut",
        "iperf3",
        "tcp",
        "client",
    )
    assert (found.client_version, found.server_version) == ("3.12", "3.18")
    assert (found.client_cpu_percent, found.server_cpu_percent) == (4.5, None)
    assert found.options == {"time": 10.0, "bidir": True}
    assert (found.raw_file, found.parsed_file, found.partial, found.error) == (
        RESULT.raw_file,
        RESULT.parsed_file,
        False,
        None,
    )


def test_the_headline_is_the_worse_direction_and_each_has_its_own() -> None:
    found = record_of(RESULT, moment=MOMENT)
    assert (found.figures.bits_per_second, found.figures.retransmits, found.figures.bytes) == (20.0, 4, None)
    assert [flow.direction for flow in found.flows] == ["upstream", "downstream"]
    up = found.flows[0].figures
    assert up == Figures(80.0, 88.0, 100, 110, 10.0, 3, mean_rtt_ms=1.5)
    assert (found.flows[0].streams, found.flows[0].series.bits_per_second) == (1, (80.0,))


def test_a_server_knows_its_own_version() -> None:
    found = record_of(Result("iperf3", "3.9", "tcp", "server"), moment=MOMENT)
    assert (found.client_version, found.server_version) == (None, "3.9")


def test_an_error_has_its_first_line_its_kind_and_what_was_measured() -> None:
    error = IperfError("The client failed.", said="error - x", kind="refused", result=RESULT)
    found = record_of(None, error=error, moment=MOMENT)
    assert found.error == Failure("The client failed.", "refused")
    assert found.said == "error - x"
    assert found.figures.bits_per_second == 20.0


def test_an_error_without_a_result_has_what_else_is_known() -> None:
    error = IperfError("The client failed.", raw_file="/out/raw_iperf/a.json")
    found = record_of(None, error=error, moment=MOMENT, client="pc", tool="iperf2", options={"udp": True})
    assert (found.client, found.tool, found.options, found.raw_file) == (
        "pc",
        "iperf2",
        {"udp": True},
        "/out/raw_iperf/a.json",
    )
    assert (found.figures, found.flows, found.error) == (Figures(), (), Failure("The client failed."))


def test_what_the_result_says_goes_first() -> None:
    assert record_of(RESULT, moment=MOMENT, client="another", server_version="1").client == "pc"


def test_an_error_that_iperf_reported_is_one() -> None:
    result = Result("iperf3", None, "tcp", "client", error="\nerror - refused\nmore")
    assert record_of(result, moment=MOMENT).error == Failure("error - refused")
    assert record_of(result, moment=MOMENT).said == "error - refused more"


def test_what_iperf_said_is_kept_where_it_was_no_failure() -> None:
    found = record_of(RESULT, moment=MOMENT, said="interrupt - the client has terminated")
    assert (found.error, found.said, found.status) == (None, "interrupt - the client has terminated", "unjudged")


def test_a_recovery_has_its_times_and_no_totals_of_a_single_client() -> None:
    found = record_of_recovery(
        Recovery((Outage(0.5, 2.0, 0.1, 0.1),), result=replace(RESULT, partial=True)), moment=MOMENT
    )
    figures = found.figures
    assert (figures.failure_seconds, figures.recovery_seconds, figures.outage_seconds) == (0.5, 2.0, 1.5)
    assert figures.uncertainty_seconds == pytest.approx(0.2)
    assert figures.bits_per_second is None
    assert not found.partial
    assert (found.client, found.flows[0].series.bits_per_second) == ("pc", (80.0,))
    assert from_line(as_line(found)) == found


def test_a_recovery_that_never_was_and_traffic_that_never_failed() -> None:
    lost = record_of_recovery(Recovery((Outage(0.5, None, 0.1, 0.1),)), moment=MOMENT, client="pc").figures
    assert (lost.failure_seconds, lost.recovery_seconds, lost.outage_seconds) == (0.5, None, None)
    kept = record_of_recovery(Recovery(), moment=MOMENT, client="pc").figures
    assert (kept.failure_seconds, kept.recovery_seconds, kept.outage_seconds) == (None, None, 0.0)


@pytest.mark.parametrize("moment", ["2026-01-02T03:04:05", "yesterday", ""])
def test_a_moment_has_a_zone(moment: str) -> None:
    with pytest.raises(ValueError, match=r"zone|isoformat"):
        record_of(RESULT, moment=moment)


def test_a_moment_may_be_utc() -> None:
    assert Record("2026-01-02T03:04:05Z").time == Record("2026-01-02T04:04:05+01:00").time


@pytest.mark.parametrize(
    ("error", "verdicts", "test_passed", "status"),
    [
        (None, (), None, "unjudged"),
        (None, (), True, "passed"),
        (None, (), False, "failed"),
        (None, (True, True), None, "passed"),
        (None, (True,), False, "passed"),
        (None, (True, False), None, "failed"),
        (None, (False,), False, "failed"),
        (None, (False,), True, "tolerated"),
        (Failure("x"), (), None, "failed"),
        (Failure("x"), (True,), False, "failed"),
        (Failure("x"), (), True, "tolerated"),
    ],
)
def test_status(error: Failure | None, verdicts: Sequence[bool], test_passed: bool | None, status: str) -> None:
    found = record(error=error, verdicts=tuple(Verdict("v", passed) for passed in verdicts), test_passed=test_passed)
    assert found.status == status


def test_the_end_of_the_test_is_added() -> None:
    ended = record().ended(False, "\nToo slow\nmore")
    assert (ended.test_passed, ended.test_message) == (False, "Too slow")
    assert record().ended(True, "").test_message is None


# -- secrets and hostile texts

CANARY = "hunter2"


@pytest.mark.parametrize(
    "options",
    [
        {"password": Password(CANARY)},
        {"key": Password(CANARY)},
        {"password": CANARY},
        {"my_secret": CANARY},
        {"Token": CANARY},
        {"key_passphrase": CANARY},
        {"extra": Words(("--url", f"ftp://me:{CANARY}@host/"))},
        {"title": f"ssh://me:{CANARY}@host"},
    ],
)
def test_no_secret_is_in_it(options: dict[str, Any]) -> None:
    assert CANARY not in as_line(record_of(None, moment=MOMENT, options=options))


def test_no_password_of_a_url_is_in_a_message() -> None:
    url = f"ssh://me:{CANARY}@host"
    found = record_of(
        None, moment=MOMENT, error=IperfError(f"No way to {url}."), suite=url, verdicts=[Verdict(url, True)], client=url
    )
    assert CANARY not in as_line(found.ended(False, url))


@pytest.mark.parametrize("name", ["suite", "test", "run", "client", "server", "tool", "client_version"])
def test_no_text_steers_a_terminal_or_is_endless(name: str) -> None:
    given: dict[str, Any] = {name: "\x1b[2J" + "x" * 10_000}
    found = getattr(record_of(None, moment=MOMENT, **given), name)
    assert "\x1b" not in found
    assert len(found) == 2000


# -- lines of JSON


def test_a_line_is_one_line_and_comes_back() -> None:
    found = record_of(
        RESULT, moment=MOMENT, suite="L\nb\u2028", test="ä \ud800 </script>", verdicts=[Verdict("fast", True)]
    )
    found = found.ended(True)
    line = as_line(found)
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert from_line(line) == found


@pytest.mark.parametrize("output", list(outputs())[::9], ids=str)
def test_recorded_results_come_back(output: Any) -> None:
    for result in parse_all(output.stdout, output.stderr, role=output.role):
        found = record_of(result, moment=MOMENT)
        assert from_line(as_line(found)) == found
        assert len(as_line(found)) < 60_000


def test_unknown_is_null_and_0_is_0() -> None:
    figures = json.loads(as_line(record(figures=Figures(bits_per_second=0.0))))["figures"]
    assert figures["bits_per_second"] == 0.0
    assert figures["retransmits"] is None
    assert set(figures) == {field for field in Figures.__dataclass_fields__}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_unknown(value: float) -> None:
    found = from_line(as_line(record(figures=Figures(bits_per_second=value), options={"x": value})))
    assert found.figures.bits_per_second is None
    assert found.options == {"x": None}


def test_unknown_fields_are_ignored() -> None:
    text = json.loads(as_line(record(test="T")))
    text |= {"new": [1], "figures": {**text["figures"], "better": 5}}
    assert from_line(json.dumps(text)) == record(test="T")


def test_fields_that_are_not_there_are_unknown() -> None:
    assert from_line(f'{{"schema":1,"moment":"{MOMENT}"}}') == record()


def test_a_whole_number_is_a_rate() -> None:
    found = from_line(
        f'{{"schema":1,"moment":"{MOMENT}","figures":{{"bits_per_second":5}},"options":{{"a":1,"b":true,"c":1.5}}}}'
    )
    assert found.figures.bits_per_second == 5.0
    assert [type(value) for value in found.options.values()] == [int, bool, float]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "no whole line"),
        ("{", "no whole line"),
        ("[" * 100_000, "no whole line"),
        ("[]", "no record"),
        ("{}", "schema"),
        ('{"schema":2,"moment":"x"}', "newer version"),
        ('{"schema":1}', "lacks moment"),
        ('{"schema":1,"moment":5}', "'moment'"),
        ('{"schema":1,"moment":"2026-01-02"}', "zone"),
        (f'{{"schema":true,"moment":"{MOMENT}"}}', "'schema'"),
        (f'{{"schema":1,"moment":"{MOMENT}","figures":{{"bits_per_second":"<b>"}}}}', "'bits_per_second'"),
        (f'{{"schema":1,"moment":"{MOMENT}","figures":{{"bits_per_second":NaN}}}}', "'bits_per_second'"),
        (f'{{"schema":1,"moment":"{MOMENT}","figures":{{"bits_per_second":1e999}}}}', "'bits_per_second'"),
        (f'{{"schema":1,"moment":"{MOMENT}","figures":{{"bits_per_second":{"9" * 400}}}}}', "'bits_per_second'"),
        (f'{{"schema":1,"moment":"{MOMENT}","figures":{{"bits_per_second":true}}}}', "'bits_per_second'"),
        (f'{{"schema":1,"moment":"{MOMENT}","figures":{{"retransmits":1.5}}}}', "'retransmits'"),
        (f'{{"schema":1,"moment":"{MOMENT}","figures":[]}}', "'figures'"),
        (f'{{"schema":1,"moment":"{MOMENT}","options":{{"a":[]}}}}', "'options 'a''"),
        (f'{{"schema":1,"moment":"{MOMENT}","flows":{{}}}}', "'flows'"),
        (f'{{"schema":1,"moment":"{MOMENT}","flows":[{{"direction":"up"}}]}}', "lacks reverse"),
        (f'{{"schema":1,"moment":"{MOMENT}","error":"x"}}', "'error'"),
        (f'{{"schema":1,"moment":"{MOMENT}","flows":[{{"direction":"u","reverse":false,"series":{{"start":[1],"packets":[1,2]}}}}]}}', "lengths"),
    ],
)  # fmt: skip
def test_what_is_no_record_is_a_value_error(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        from_line(line)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["start", "direction", "reverse", "message", "series"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(list(Record.__dataclass_fields__)), JSON))
def test_any_json_is_a_record_or_a_value_error(fields: dict[str, Any]) -> None:
    try:
        found = from_line(json.dumps({"schema": 1, "moment": MOMENT, **fields}))
    except ValueError:
        return
    assert from_line(as_line(found)) == found


# -- lines of CSV


def row_of(found: Record) -> dict[str, str]:
    text = as_csv_line(COLUMNS) + as_csv_line(as_row(found))
    assert text.count("\n") == 2
    return next(csv.DictReader(io.StringIO(text, newline="")))


def test_what_is_no_number_is_an_empty_cell() -> None:
    assert as_csv_line((1.5, math.nan, -math.inf, None, "=1+1", "a\nb")) == "1.5,,,,'=1+1,a b\n"


def test_a_row_has_the_headline() -> None:
    row = row_of(record_of(RESULT, moment=MOMENT, suite="Lab", test="Both").ended(True))
    assert (row["moment"], row["suite"], row["test"], row["client"], row["server"]) == (
        MOMENT,
        "Lab",
        "Both",
        "pc",
        "dut",
    )
    assert (row["directions"], row["bits_per_second"], row["retransmits"]) == ("upstream downstream", "20.0", "4")
    assert (row["bytes"], row["jitter_ms"], row["server_cpu_percent"], row["error"]) == ("", "", "", "")
    assert (row["status"], row["partial"], row["raw_file"]) == ("passed", "False", RESULT.raw_file)


def test_a_row_has_the_error() -> None:
    row = row_of(record(error=Failure("failed.", "refused")))
    assert (row["error"], row["error_kind"], row["status"]) == ("failed.", "refused", "failed")


def test_every_figure_has_a_column() -> None:
    assert set(Figures.__dataclass_fields__) < set(COLUMNS)
    assert len(set(COLUMNS)) == len(COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert row_of(record(test=text))["test"] == "'" + text.strip()


def test_no_cell_has_a_line_end() -> None:
    assert row_of(record(test='a\nb\r\u2028c,"d"'))["test"] == 'a b c,"d"'


def test_a_rate_in_the_options_is_a_number() -> None:
    assert record_of(None, moment=MOMENT, options={"bitrate": Bitrate(5e6), "o": object}).options["bitrate"] == 5e6
