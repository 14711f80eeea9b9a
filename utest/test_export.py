"""A result as plain data and JSON, and back: nothing is lost, and nothing is guessed."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary.errors import IperfError
from IperfLibrary.export import as_json, from_json
from IperfLibrary.option_table import Words
from IperfLibrary.plain import plain
from IperfLibrary.result import HEADLINE, SCHEMA, End, Flow, Interval, Result, Stream
from IperfLibrary.secret import Password
from IperfLibrary.table import as_csv, from_csv
from IperfLibrary.tools.parsing import parse_all
from IperfLibrary.units import Bitrate, Percent, Seconds, Size

from .recorded import facts, lines, outputs

WHOLE = Result(
    "iperf3",
    "3.12",
    "tcp",
    "client",
    (
        Flow(
            "upstream",
            False,
            End(bytes=0, bits_per_second=0.5),
            End(bytes=9, bits_per_second=1.5),
            (Stream(5, End(bytes=1), End(), (Interval(0, 1.5, bytes=3, omitted=True),), 5201),),
            (Interval(0, 1),),
            "receiver",
        ),
    ),
    started=12.5,
    options={"time": 10.0, "extra": ("-x", "1")},
)


def without(data: dict[str, Any], *path: Any) -> dict[str, Any]:
    return put(data, None, *path, remove=True)


def put(data: dict[str, Any], value: Any, *path: Any, remove: bool = False) -> dict[str, Any]:
    """A copy of the data in which this stands there, or nothing."""
    data = json.loads(json.dumps(data))
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    if remove:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return data


# -- recorded outputs


def recorded() -> list[tuple[str, list[Result]]]:
    found = [(str(o), parse_all(o.stdout, o.stderr, role=o.role)) for o in outputs()]
    return found + [(f["file"], parse_all(lines(f["file"]), lines(f.get("stderr_file")))) for f in facts()]


def test_every_recorded_output_survives_json_and_csv() -> None:
    count = 0
    for name, results in recorded():
        for result in results:
            count += 1
            assert from_json(as_json(result)) == result, name
            assert from_csv(as_csv(result)) == result, name
    assert count > 1000


# -- plain


def test_options_become_plain_values() -> None:
    options = {
        "time": Seconds(10),
        "length": Size(1470),
        "bitrate": Bitrate(1e6),
        "loss": Percent(0.5),
        "extra": Words(("-x", "a b")),
        "udp": True,
        "parallel": 4,
        "title": "t",
        "file": Path("/a"),
    }
    told = replace(WHOLE, options=options).as_dict()["options"]
    assert told == {**options, "extra": ["-x", "a b"], "file": "/a"}
    assert [type(value) for value in told.values()] == [float, int, float, float, list, bool, int, str, str]


def test_typed_options_come_back_equal() -> None:
    one = replace(WHOLE, options={"time": Seconds(10), "length": Size(5), "extra": Words(("-x", "1"))})
    assert from_json(as_json(one)) == one
    assert from_csv(as_csv(one)) == one


def test_a_password_is_nowhere() -> None:
    one = replace(WHOLE, options={"password": Password("canary")})
    assert one.as_dict()["options"] == {"password": "***"}
    for text in (as_json(one), as_csv(one), str(one.as_dict())):
        assert "canary" not in text
        assert "***" in text


def test_the_data_is_of_json_types_alone() -> None:
    def kinds(value: Any) -> set[type]:
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return {type(value)}.union(*map(kinds, parts))

    assert kinds(replace(WHOLE, options={"time": Seconds(1)}).as_dict()) <= {
        dict,
        list,
        str,
        int,
        float,
        bool,
        type(None),
    }


def test_every_field_is_there() -> None:
    data = WHOLE.as_dict()
    assert list(data) == ["schema", "headline", *[field.name for field in fields(Result)]]
    assert list(data["flows"][0]) == [field.name for field in fields(Flow)]
    assert list(data["flows"][0]["streams"][0]) == [field.name for field in fields(Stream)]
    assert list(data["flows"][0]["receiver"]) == [field.name for field in fields(End)]
    assert list(data["flows"][0]["intervals"][0]) == list(Interval._fields)


def test_the_headline_is_told() -> None:
    headline = WHOLE.as_dict()["headline"]
    assert headline == {name: getattr(WHOLE, name) for name in HEADLINE}
    assert (headline["bits_per_second"], headline["retransmits"]) == (1.5, None)


def test_unknown_is_null_and_0_is_0() -> None:
    text = as_json(WHOLE)
    assert '"sender": {"bytes": 0, "bits_per_second": 0.5, "seconds": null' in text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_unknown(number: float) -> None:
    assert plain({"a": [number]}) == {"a": [None]}
    assert '"started": null' in as_json(replace(WHOLE, started=number))


# -- JSON


def test_json_may_be_indented() -> None:
    assert "\n" not in as_json(WHOLE)
    assert as_json(WHOLE, indent=2).startswith('{\n  "schema": 1,\n')
    assert from_json(as_json(WHOLE, indent=2)) == WHOLE
    assert from_json(as_json(WHOLE).encode()) == WHOLE


def test_json_has_no_control_characters() -> None:
    odd = "".join(map(chr, [*range(32), *range(127, 160), 0x2028, 0xD800]))
    one = replace(WHOLE, error=odd)
    assert as_json(one).isprintable()
    assert as_json(one).isascii()
    assert from_json(as_json(one)) == one


CUT = as_json(WHOLE)


def test_json_that_is_cut_off_is_no_result() -> None:
    for end in range(len(CUT)):
        with pytest.raises(IperfError, match="no stored result"):
            from_json(CUT[:end])


@pytest.mark.parametrize("text", ["[]", "5", "null", '"a"', "[" * 100_000, b"\xff\xfe\xff", '{"schema": NaN}', "{}"])
def test_another_text_is_no_result(text: str | bytes) -> None:
    with pytest.raises(IperfError, match="no stored result"):
        from_json(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_no_result(number: str) -> None:
    with pytest.raises(IperfError, match="no stored result"):
        from_json(as_json(WHOLE).replace("12.5", number))


# -- files of other versions


def test_a_field_of_a_newer_version_is_passed_over() -> None:
    data = put(WHOLE.as_dict(), {"x": [1]}, "goodput")
    data = put(data, 5, "flows", 0, "receiver", "goodput")
    data = put(data, "a", "flows", 0, "streams", 0, "intervals", 0, "goodput")
    assert Result.from_dict(data) == WHOLE


PLACES: list[tuple[type[Any], tuple[Any, ...]]] = [
    (Result, ()),
    (Flow, ("flows", 0)),
    (End, ("flows", 0, "receiver")),
    (Stream, ("flows", 0, "streams", 0)),
    (Interval, ("flows", 0, "streams", 0, "intervals", 0)),
]


def defaults(kind: type[Any]) -> dict[str, Any]:
    if kind is Interval:
        return Interval._field_defaults
    made = {f.name: f.default if f.default_factory is MISSING else f.default_factory() for f in fields(kind)}
    return {name: value for name, value in made.items() if value is not MISSING}


@pytest.mark.parametrize(("kind", "place"), PLACES)
def test_a_field_that_an_older_version_had_not_keeps_its_default(kind: type[Any], place: tuple[Any, ...]) -> None:
    data = WHOLE.as_dict()
    for name, default in defaults(kind).items():
        again = Result.from_dict(without(data, *place, name)).as_dict()
        expected = put(data, plain(default), *place, name)
        assert {**again, "headline": None} == {**expected, "headline": None}


def test_the_headline_is_not_read() -> None:
    """It follows from the rest, and must not contradict it."""
    assert Result.from_dict(put(WHOLE.as_dict(), 5e9, "headline", "bits_per_second")).bits_per_second == 1.5
    assert Result.from_dict(without(WHOLE.as_dict(), "headline")) == WHOLE


NEEDED = [
    *[(name,) for name in ("schema", "tool", "version", "protocol", "role")],
    ("flows", 0, "direction"),
    ("flows", 0, "reverse"),
    ("flows", 0, "streams", 0, "id"),
    ("flows", 0, "intervals", 0, "start"),
    ("flows", 0, "intervals", 0, "end"),
]


@pytest.mark.parametrize("path", NEEDED, ids=str)
def test_what_a_result_must_have(path: tuple[Any, ...]) -> None:
    with pytest.raises(IperfError, match=str(path[-1])):
        Result.from_dict(without(WHOLE.as_dict(), *path))


@pytest.mark.parametrize("schema", [0, SCHEMA + 1, "1", None, True, 1.0, [1]])
def test_a_schema_that_is_not_known_is_refused(schema: Any) -> None:
    with pytest.raises(IperfError, match="schema"):
        Result.from_dict(put(WHOLE.as_dict(), schema, "schema"))


@pytest.mark.parametrize(
    ("value", "path", "said"),
    [
        (
            "5",
            ("flows", 0, "receiver", "bytes"),
            r"the result\.flows\[0\]\.receiver\.bytes is not a whole number but '5'",
        ),
        (1.5, ("flows", 0, "receiver", "bytes"), "not a whole number"),
        (True, ("flows", 0, "receiver", "bytes"), "not a whole number"),
        ("x", ("flows", 0, "receiver", "bits_per_second"), "not a number but 'x'"),
        (True, ("started",), "started is not a number"),
        (5, ("tool",), "tool is not a text"),
        (None, ("tool",), "tool is not a text"),
        (1, ("partial",), "partial is not true or false"),
        (None, ("flows",), "flows is not a list"),
        ({}, ("flows",), "flows is not a list"),
        (5, ("flows", 0), r"flows\[0\] is not an object"),
        (None, ("flows", 0, "receiver"), "receiver is not an object"),
        ([], ("options",), "options is not an object"),
        ("middle", ("flows", 0, "measured_at"), "measured_at is not 'sender' or 'receiver'"),
        (None, ("flows", 0, "intervals", 0, "start"), "start is not a number"),
        (float("inf"), ("flows", 0, "intervals", 0, "start"), "start is not a number"),
    ],
)
def test_a_value_of_another_type_is_refused(value: Any, path: tuple[Any, ...], said: str) -> None:
    with pytest.raises(IperfError, match=said) as problem:
        Result.from_dict(put(WHOLE.as_dict(), value, *path))
    assert problem.value.kind == "unreadable"


def test_a_whole_number_is_a_number() -> None:
    assert Result.from_dict(put(WHOLE.as_dict(), 5, "started")).started == 5


def test_broken_data_is_an_error_that_says_so_and_nothing_else() -> None:
    chance = random.Random(1)
    text = as_json(WHOLE)
    for _ in range(2000):
        at = chance.randrange(len(text))
        with suppress(IperfError):
            from_json(text[:at] + chance.choice(['"', "0", "-", "null", "[", "}", ",", "x"]) + text[at + 1 :])
