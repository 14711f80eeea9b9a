"""What may be asked of a run, and the words that it becomes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from IperfLibrary.errors import IperfCommandError
from IperfLibrary.option_table import OPTIONS, Option, Words, version_key
from IperfLibrary.options import (
    Options,
    check_peer,
    encode,
    environment,
    option_named,
    options_of,
    refuse_known_words,
)
from IperfLibrary.secret import Password
from IperfLibrary.tools import TOOLS
from IperfLibrary.units import Bitrate, Seconds, Size

IPERF3 = TOOLS["iperf3"]
HELP = Path(__file__).with_name("iperf3_help.txt").read_text(encoding="utf-8")
"""What ``iperf3 --help`` of version 3.12 prints."""

NOT_IN_HELP = {"--bandwidth": "--bitrate", "--no-fq-socket-pacing": "--fq-rate"}
"""Words that iperf3 takes and its help does not name, and what stands there beside or in place of them."""

WITH_WORDS = [o for o in OPTIONS if o.iperf3 and o.type is not Password]
OF_3_12 = [o for o in WITH_WORDS if o.iperf3 and version_key(o.iperf3.since) <= (3, 12)]
OFFERED = [o for o in WITH_WORDS if not o.ours]


def words_of(role: str = "client", version: str | None = "3.12", **values: Any) -> tuple[str, ...]:
    return encode(Options(role, **values), "iperf3", version, "dut")


def refusal(**values: Any) -> str:
    role = values.pop("role", "client")
    with pytest.raises(IperfCommandError) as raised:
        encode(Options(role, **values), "iperf3", values.get("version", "3.12"), "dut")
    return str(raised.value)


# -- the words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("time", Seconds(10), ("--time", "10")),
        ("time", Seconds(0), ("--time", "0")),
        ("bytes", Size(1024), ("--bytes", "1024")),
        ("blockcount", 5, ("--blockcount", "5")),
        ("interval", Seconds(0.5), ("--interval", "0.5")),
        ("interval", Seconds(1), ("--interval", "1")),
        ("interval", Seconds(0), ("--interval", "0")),
        ("parallel", 4, ("--parallel", "4")),
        ("omit", Seconds(2), ("--omit", "2")),
        ("udp", True, ("--udp",)),
        ("bitrate", Bitrate(50e6), ("--bandwidth", "50000000")),
        ("bitrate", Bitrate(0), ("--bandwidth", "0")),
        ("bitrate", Bitrate(1e12), ("--bandwidth", "1000000000000")),
        ("length", Size(1200), ("--length", "1200")),
        ("window", Size(65536), ("--window", "65536")),
        ("mss", 1400, ("--set-mss", "1400")),
        ("no_delay", True, ("--no-delay",)),
        ("congestion", "cubic", ("--congestion", "cubic")),
        ("reverse", True, ("--reverse",)),
        ("bidir", True, ("--bidir",)),
        ("ipv4", True, ("--version4",)),
        ("ipv6", True, ("--version6",)),
        ("bind", "10.0.0.1", ("--bind", "10.0.0.1")),
        ("cport", 40000, ("--cport", "40000")),
        ("dscp", "ef", ("--dscp", "ef")),
        ("tos", "0x10", ("--tos", "16")),
        ("zerocopy", True, ("--zerocopy",)),
        ("connect_timeout", Seconds(2), ("--connect-timeout", "2000")),
        ("connect_timeout", Seconds(0.5), ("--connect-timeout", "500")),
        ("get_server_output", True, ("--get-server-output",)),
        ("one_off", True, ("--one-off",)),
    ],
)
def test_the_words_of_an_option(name: str, value: Any, words: tuple[str, ...]) -> None:
    role = option_named(name, "server").roles[0] if name == "one_off" else "client"
    assert words_of(role, **{name: value}) == words


SAMPLES: dict[type, Any] = {
    bool: True,
    int: 1,
    str: "7",
    Seconds: Seconds(1),
    Size: Size(1024),
    Bitrate: Bitrate(1e6),
    Password: Password("x"),
}


@pytest.mark.parametrize("option", OFFERED, ids=lambda option: option.name)
def test_every_option_has_its_word(option: Option) -> None:
    assert option.iperf3
    protocol = {"udp": True} if "udp" in (option.protocol, option.iperf3.protocol) and option.name != "udp" else {}
    role = option.roles_for("iperf3")[0]
    needed = {name: SAMPLES[option_named(name, role).type] for name in needs_of(option, role)}
    words = words_of(role, "99", **{option.name: SAMPLES[option.type]}, **protocol, **needed)
    found = [word for word in words if word.split("=")[0] == option.iperf3.word]
    assert len(found) == 1
    if option.iperf3.glued:
        assert found == [f"{option.iperf3.word}={SAMPLES[option.type]}"]
    elif option.type is not bool:
        assert len(words) - len(protocol) == 2 + 2 * len(needed.keys() - {"password"})


def needs_of(option: Option, role: str) -> set[str]:
    """What has to be given with the option, and with that."""
    found: set[str] = set()
    todo = set(option.needs)
    while todo:
        found |= todo
        todo = {need for name in todo for need in option_named(name, role).needs} - found - {option.name}
    return found


def test_a_secret_is_no_word() -> None:
    options = Options("client", username="me", password=Password("pass$word"), rsa_public_key_path="/key")
    words = encode(options, "iperf3", "3.12", "dut")
    assert words == ("--username", "me", "--rsa-public-key-path", "/key")
    secrets = environment(options, "iperf3")
    assert {name: secret.reveal() for name, secret in secrets.items()} == {"IPERF3_PASSWORD": "pass$word"}
    assert "pass$word" not in repr(options)


@pytest.mark.parametrize("text", ["", "a b", "a\nb", " a"])
def test_a_secret_that_iperf3_cannot_read(text: str) -> None:
    assert "white space" in refusal(username="me", password=Password(text), rsa_public_key_path="/key")


def test_a_secret_needs_a_version_that_reads_it() -> None:
    options = Options("client", username="me", password=Password("x"), rsa_public_key_path="/key")
    with pytest.raises(IperfCommandError, match=r"'password' \(IPERF3_PASSWORD\) needs iperf3 3.7; dut has 3.6"):
        encode(options, "iperf3", "3.6", "dut")
    with pytest.raises(IperfCommandError, match="iperf2 has no option 'username'"):
        encode(options, "iperf2", "2.1.8", "dut")


@pytest.mark.parametrize(
    ("role", "values", "missing"),
    [
        ("client", {"username": "me", "rsa_public_key_path": "/key"}, "password"),
        ("client", {"username": "me", "password": Password("x")}, "rsa_public_key_path"),
        ("client", {"password": Password("x")}, "username"),
        ("client", {"rsa_public_key_path": "/key"}, "username"),
        ("server", {"rsa_private_key_path": "/key"}, "authorized_users_path"),
        ("server", {"authorized_users_path": "/users"}, "rsa_private_key_path"),
    ],
)
def test_what_an_option_needs(role: str, values: dict[str, Any], missing: str) -> None:
    assert f"needs the option '{missing}' as well" in refusal(role=role, **values)


def help_lines(word: str, text: str = HELP) -> list[str]:
    word = NOT_IN_HELP.get(word, word)
    return [line for line in text.splitlines() if re.search(rf"(?<!\S){re.escape(word)}\b(?!-)", line)]


@pytest.mark.parametrize("option", OF_3_12, ids=lambda option: option.name)
def test_iperf3_knows_the_words(option: Option) -> None:
    assert option.iperf3
    lines = help_lines(option.iperf3.word)
    assert lines
    if option.iperf3.short:
        word = NOT_IN_HELP.get(option.iperf3.word, option.iperf3.word)
        assert (
            lines[0].strip().startswith(f"{option.iperf3.short}, {word}")
            or f"[{option.iperf3.short}|{word}]" in lines[0]
        )


def test_the_table_has_all_that_iperf3_knows() -> None:
    words = {option.iperf3.word for option in OF_3_12 if option.iperf3}
    found = set(re.findall(r"^ {2}(?:-\w, )?(--[a-z][\w-]+)", HELP, re.MULTILINE))
    assert len(found) > 50
    assert found - {"--bitrate"} <= words


ALSO_SERVER = {"--version4", "--version6", "--xbind"}
"""Words that stand among the client's in the help, and that the server takes."""


@pytest.mark.parametrize("option", [o for o in OF_3_12 if not o.ours], ids=lambda option: option.name)
def test_the_roles_are_those_of_the_help(option: Option) -> None:
    assert option.iperf3
    both, _, rest = HELP.partition("Server specific:")
    server, _, client = rest.partition("Client specific:")
    found = next(text for text in (both, server, client) if help_lines(option.iperf3.word, text))
    where = both if option.iperf3.word in ALSO_SERVER else found
    roles = {both: ("client", "server"), server: ("server",), client: ("client",)}[where]
    assert option.roles_for("iperf3") == roles


def test_words_come_in_the_order_of_the_table() -> None:
    assert words_of(udp=True, parallel=2, time=Seconds(1)) == ("--time", "1", "--parallel", "2", "--udp")


def test_what_is_not_asked_has_no_words() -> None:
    assert words_of(time=None, udp=False, extra=Words()) == ()


def test_an_alias_is_the_same_option() -> None:
    assert dict(Options("client", duration=Seconds(5))) == {"time": 5}
    assert dict(Options("client", bandwidth=Bitrate(5000), len=Size(7), set_mss=9)) == {
        "bitrate": 5000,
        "length": 7,
        "mss": 9,
    }


def test_an_option_under_two_names_is_a_clash() -> None:
    with pytest.raises(IperfCommandError, match=r"'time' is given twice \(duration is the same\)"):
        Options("client", time=Seconds(5), duration=Seconds(6))


def test_names_are_there_once() -> None:
    names = [name for option in OPTIONS for name in (option.name, *option.aliases)]
    assert len(set(names)) == len(names)


def test_excluded_options_exist() -> None:
    names = {option.name for option in OPTIONS}
    assert {other for option in OPTIONS for other in option.excludes} <= names


# -- what cannot be


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"time": Seconds(1)}, {"bytes": Size(1)}),
        ({"time": Seconds(1)}, {"blockcount": 1}),
        ({"bytes": Size(1)}, {"blockcount": 1}),
        ({"reverse": True}, {"bidir": True}),
        ({"ipv4": True}, {"ipv6": True}),
        ({"dscp": "ef"}, {"tos": "8"}),
    ],
)
def test_a_clash(one: dict[str, Any], other: dict[str, Any]) -> None:
    for values in ({**one, **other}, {**other, **one}):
        text = refusal(**values)
        assert "exclude each other" in text
        assert all(f"'{name}'" in text for name in values)


def test_a_clash_through_an_alias() -> None:
    assert "exclude each other" in refusal(duration=Seconds(1), bytes=Size(1))


def test_endless_is_a_time_too() -> None:
    assert "exclude each other" in refusal(time=Seconds(0), bytes=Size(1))


@pytest.mark.parametrize("option", options_of("client"), ids=lambda option: option.name)
def test_an_option_of_the_client_alone(option: Option) -> None:
    if "server" in option.roles:
        option_named(option.name, "server")
    else:
        with pytest.raises(IperfCommandError, match=f"'{option.name}' belongs to the client, not to the server"):
            option_named(option.name, "server")


def test_an_option_of_the_server_alone() -> None:
    assert refusal(one_off=True) == "The option 'one_off' belongs to the server, not to the client."


@pytest.mark.parametrize(
    ("name", "value"), [("mss", 1400), ("no_delay", True), ("congestion", "cubic"), ("zerocopy", True)]
)
def test_an_option_of_tcp_alone(name: str, value: Any) -> None:
    assert refusal(udp=True, **{name: value}) == f"The option '{name}' is for TCP only."
    assert words_of(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("parallel", 0, "must be at least 1, not 0"),
        ("parallel", 129, "must be at most 128, not 129"),
        ("time", Seconds(86401), "must be at most 86,400, not 86,401"),
        ("interval", Seconds(61), "must be at most 60, not 61"),
        ("interval", Seconds(0.05), "is 0 s for none, or 0.1 s to 60 s, not 0.05 s"),
        ("omit", Seconds(61), "must be at most 60, not 61"),
        ("length", Size(0), "must be at least 1, not 0"),
        ("length", Size(2**20 + 1), "must be at most 1,048,576, not 1,048,577"),
        ("mss", 0, "must be at least 1, not 0"),
        ("cport", 0, "must be at least 1, not 0"),
        ("cport", 65536, "must be at most 65,535, not 65,536"),
        ("bytes", Size(0), "must be at least 1, not 0"),
        ("blockcount", 0, "must be at least 1, not 0"),
        ("connect_timeout", Seconds(0), "must be at least 0.001, not 0"),
        ("dscp", "64", "is a number from 0 to 63 or a name like ef, af41, cs3, not '64'"),
        ("dscp", "af44", "is a number from 0 to 63 or a name like ef, af41, cs3, not 'af44'"),
        ("tos", "256", "is a number from 0 to 255, also written like 0x20, not '256'"),
        ("tos", "low", "is a number from 0 to 255, also written like 0x20, not 'low'"),
        ("tos", "-1", "is a number from 0 to 255, also written like 0x20, not '-1'"),
        ("bind", "-x", "cannot be '-x'"),
        ("congestion", "", "cannot be ''"),
    ],
)
def test_a_value_out_of_range(name: str, value: Any, problem: str) -> None:
    assert refusal(**{name: value}) == f"The option '{name}' of iperf3 {problem}."


def test_a_datagram_has_its_own_range() -> None:
    for size, problem in ((15, "at least 16, not 15"), (65508, "at most 65,507, not 65,508")):
        assert refusal(udp=True, length=Size(size)) == f"The option 'length' of iperf3 must be {problem}."
    assert words_of(udp=True, length=Size(65507))[-2:] == ("--length", "65507")


def test_a_range_that_a_later_version_has() -> None:
    assert words_of(version="3.18", omit=Seconds(600)) == ("--omit", "600")
    assert words_of(version=None, omit=Seconds(600)) == ("--omit", "600")
    with pytest.raises(IperfCommandError, match="at most 60"):
        words_of(version="3.17.1", omit=Seconds(600))


@pytest.mark.parametrize(
    ("name", "value"), [("parallel", 128), ("time", Seconds(86400)), ("length", Size(2**20)), ("cport", 65535)]
)
def test_the_last_value_in_range(name: str, value: Any) -> None:
    assert words_of(**{name: value}) == (f"--{name}", str(int(value)))


@pytest.mark.parametrize("name", ["time", "omit"])
def test_iperf3_takes_whole_seconds_only(name: str) -> None:
    assert refusal(**{name: Seconds(1.5)}) == f"The option '{name}' of iperf3 takes whole numbers only, not 1.5 s."


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("bidir", True, "'bidir' (--bidir) needs iperf3 3.7; dut has 3.1.3."),
        ("dscp", "ef", "'dscp' (--dscp) needs iperf3 3.2; dut has 3.1.3."),
        ("connect_timeout", Seconds(1), "'connect_timeout' (--connect-timeout) needs iperf3 3.2; dut has 3.1.3."),
    ],
)
def test_an_option_that_a_version_has_not(name: str, value: Any, text: str) -> None:
    with pytest.raises(IperfCommandError) as raised:
        words_of(version="3.1.3", **{name: value})
    assert str(raised.value) == text
    words_of(version="3.17", **{name: value})
    words_of(version=None, **{name: value})


def test_the_first_version_that_has_it() -> None:
    assert words_of(version="3.7", bidir=True) == ("--bidir",)
    assert words_of(version="3.10.1", bidir=True) == ("--bidir",)
    assert words_of("server", version="3.0.11", one_off=True) == ("--one-off",)


def test_a_tool_without_the_option() -> None:
    with pytest.raises(IperfCommandError, match=r"^iperf9 has no option 'time'\.$"):
        encode(Options("client", time=Seconds(1)), "iperf9", None, "dut")


@pytest.mark.parametrize(
    ("wrong", "right"), [("tiem", "time"), ("paralel", "parallel"), ("bitrat", "bitrate"), ("bandwith", "bandwidth")]
)
def test_did_you_mean(wrong: str, right: str) -> None:
    assert refusal(**{wrong: 1}) == f"There is no option '{wrong}'. Did you mean '{right}'?"


@pytest.mark.parametrize(
    ("word", "name"),
    [("streams", "parallel"), ("rate", "bitrate"), ("seconds", "time"), ("protocol", "udp"), ("warmup", "omit")],
)
def test_did_you_mean_by_another_word(word: str, name: str) -> None:
    assert refusal(**{word: 1}) == f"There is no option '{word}'. Did you mean '{name}'?"


@pytest.mark.parametrize("rate", [50, 1, 999])
def test_a_rate_whose_unit_was_forgotten(rate: int) -> None:
    assert refusal(bitrate=Bitrate(rate)).startswith(f"The option 'bitrate' cannot be {rate} bit/s, which is no packet")
    for meant in (0, 1000):
        assert Options("client", bitrate=Bitrate(meant))["bitrate"] == meant


def test_a_name_that_is_like_none() -> None:
    assert "go through 'extra'" in refusal(xyzzy=1)


@pytest.mark.parametrize(
    ("one", "other"), [("3.1.10", "3.1.3"), ("3.10", "3.9"), ("3.1.3", "3.1"), ("3.7", "3.0.11"), ("3.21", "3.1.7")]
)
def test_the_later_version(one: str, other: str) -> None:
    assert version_key(one) > version_key(other)


def test_a_version_with_a_suffix() -> None:
    assert version_key("3.17.1+") == (3, 17, 1)
    assert version_key("3.9-rc1") == (3, 9)


@pytest.mark.parametrize("option", [o for o in OPTIONS if o.ours], ids=lambda option: option.name)
def test_what_the_library_sets_cannot_be_given(option: Option) -> None:
    for role in ("client", "server"):
        with pytest.raises(IperfCommandError, match=f"^The option '{option.name}' cannot be given: "):
            option_named(option.name, role)
        assert option not in options_of(role)
    for tool in ("iperf3", "iperf2"):
        flag = option.flag(tool)
        for word in filter(None, (flag.word, flag.short) if flag else ()):
            with pytest.raises(IperfCommandError) as raised:
                refuse_known_words(Words((word,)), tool)
            assert str(raised.value) == f"'{word}' cannot go through 'extra': {option.ours}."


@pytest.mark.parametrize(("letter", "name"), [("P", "parallel"), ("t", "time"), ("R", "reverse"), ("b", "bitrate")])
def test_did_you_mean_by_its_letter(letter: str, name: str) -> None:
    assert refusal(**{letter: 1}) == f"There is no option '{letter}'. Did you mean '{name}'?"


def test_what_the_library_sets_is_not_suggested() -> None:
    assert "'json'" not in refusal(jsn=True)


@pytest.mark.parametrize("value", ["yes", 1, "True"])
def test_what_is_neither_true_nor_false(value: Any) -> None:
    assert refusal(udp=value) == f"The option 'udp' is True or False, not '{value}'."


@pytest.mark.parametrize(("role", "values"), [("server", {"length": Size(1200)}), ("server", {"udp": True})])
def test_an_option_whose_role_is_another_for_iperf3(role: str, values: dict[str, Any]) -> None:
    (name,) = values
    assert refusal(role=role, **values) == f"The option '{name}' of iperf3 belongs to the client, not to the server."


@pytest.mark.parametrize("version", ["3.1.3", "3.6"])
def test_an_option_that_the_other_end_has_not(version: str) -> None:
    with pytest.raises(IperfCommandError) as raised:
        check_peer(Options("client", bidir=True), "iperf3", version, "dut")
    assert str(raised.value) == f"'bidir' (--bidir) needs iperf3 3.7; dut has {version}."
    check_peer(Options("client", bidir=True), "iperf3", "3.7", "dut")
    check_peer(Options("client", bidir=True), "iperf3", None, "dut")
    check_peer(Options("client", reverse=True), "iperf3", version, "dut")


# -- what was asked, in short


def test_a_mapping_of_what_was_asked() -> None:
    options = Options("client", time=Seconds(10), udp=True, parallel=None)
    assert dict(options) == {"time": 10, "udp": True}
    assert len(options) == 2
    assert repr(options) == "Options('client', time=10 s, udp=True)"


@pytest.mark.parametrize(
    ("values", "directions"),
    [({}, ("forward",)), ({"reverse": True}, ("reverse",)), ({"bidir": True}, ("forward", "reverse"))],
)
def test_directions(values: dict[str, Any], directions: tuple[str, ...]) -> None:
    assert Options("client", **values).directions == directions


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ({}, 10),
        ({"time": Seconds(60)}, 60),
        ({"time": Seconds(60), "omit": Seconds(5)}, 65),
        ({"time": Seconds(0)}, None),
        ({"bytes": Size(1000)}, None),
        ({"blockcount": 7}, None),
        ({"bytes": Size(100_000), "bitrate": Bitrate(8000)}, 100),
        ({"bytes": Size(100_000), "bitrate": Bitrate(8000), "parallel": 2}, 50),
        ({"bytes": Size(1000), "bitrate": Bitrate(0)}, None),
    ],
)
def test_duration(values: dict[str, Any], seconds: float | None) -> None:
    assert Options("client", **values).duration == seconds


def test_protocol_streams_endless() -> None:
    plain, asked = Options("client"), Options("client", udp=True, parallel=3, time=Seconds(0))
    assert (plain.protocol, plain.streams, plain.endless) == ("tcp", 1, False)
    assert (asked.protocol, asked.streams, asked.endless) == ("udp", 3, True)


# -- extra


def refuse(*extra: str) -> None:
    refuse_known_words(Words(extra), "iperf3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("--repeating-payload", ("--repeating-payload",)),
        ("--title 'my run' -F x", ("--title", "my run", "-F", "x")),
        (["--title", "my run"], ("--title", "my run")),
        (["--rcv-timeout", 500], ("--rcv-timeout", "500")),
        ("--title $HOME;`id`", ("--title", "$HOME;`id`")),
    ],
)
def test_extra_is_split_into_words(text: Any, words: tuple[str, ...]) -> None:
    assert Words.parse(text) == words


@pytest.mark.parametrize(
    "extra", ["--frobnicate", "--frobnicate 5", "--frobnicate -5", "-Y x", "--frob=-P4", "-9.5k", "x y", "-", "--"]
)
def test_what_has_no_argument_goes_through_extra(extra: str) -> None:
    refuse(*extra.split())


@pytest.mark.parametrize("option", OFFERED, ids=lambda option: option.name)
def test_what_has_an_argument_does_not_go_through_extra(option: Option) -> None:
    assert option.iperf3
    for word in filter(None, (option.iperf3.word, option.iperf3.short)):
        with pytest.raises(IperfCommandError, match=f"^'{word}' cannot go through 'extra': write '{option.name}=' in"):
            refuse("--frobnicate", "x", word, "1")
    with pytest.raises(IperfCommandError):
        refuse(option.iperf3.word + "=1")


@pytest.mark.parametrize(
    ("word", "name"),
    [("-P", "parallel"), ("-P4", "parallel"), ("-t10", "time"), ("-uR", "udp"), ("-b", "bitrate"), ("-M", "mss")],
)
def test_nor_do_short_words(word: str, name: str) -> None:
    with pytest.raises(IperfCommandError, match=rf"^'{word}' cannot go through 'extra': write '{name}=' in place"):
        refuse(word)


@pytest.mark.parametrize(("word", "name"), [("--paral", "parallel"), ("--rev", "reverse"), ("--bid", "bidir")])
def test_nor_do_abbreviations(word: str, name: str) -> None:
    for given in (word, word + "=4"):
        with pytest.raises(IperfCommandError, match=f"write '{name}=' in place of it"):
            refuse(given)


@pytest.mark.parametrize(
    "word",
    ["--json", "--js", "-J", "--client", "--cl=x", "-c", "--server", "-s", "--port", "-p", "-p5201", "--daemon", "-D",
     "--logfile", "--pidfile", "-I", "--verbose", "-V", "--version", "-v", "-h", "--json-stream", "-d"],
)  # fmt: skip
def test_what_the_library_sets_does_not_go_through_extra(word: str) -> None:
    with pytest.raises(IperfCommandError, match="cannot go through 'extra'"):
        refuse(word)


@pytest.mark.parametrize("word", ["--bitrate", "--bitr=5M", "--linux-congestion"])
def test_nor_do_other_names_of_iperf3(word: str) -> None:
    with pytest.raises(IperfCommandError, match="cannot go through 'extra'"):
        refuse(word)


@pytest.mark.parametrize("word", ["-4", "-6", "-1"])
def test_nor_do_short_words_that_are_digits(word: str) -> None:
    with pytest.raises(IperfCommandError, match="cannot go through 'extra'"):
        refuse(word)


# -- the whole command line


def test_a_client() -> None:
    options = Options("client", time=Seconds(5), extra=Words(("--frobnicate", "x y")))
    words = IPERF3.client_words("/opt/iperf3", "10.0.0.1", 5201, options, "3.12", "dut")
    assert words == (
        *("/opt/iperf3", "--client", "10.0.0.1", "--port", "5201", "--json", "--connect-timeout", "10000"),
        *("--time", "5", "--frobnicate", "x y"),
    )


@pytest.mark.parametrize(
    ("version", "options", "given"),
    [
        ("3.1.3", {}, None),
        ("3.2", {}, "10000"),
        ("3.12", {"connect_timeout": Seconds(3)}, "3000"),
    ],
)
def test_the_connect_timeout(version: str, options: dict[str, Any], given: str | None) -> None:
    words = IPERF3.client_words("iperf3", "h", 1, Options("client", **options), version, "dut")
    assert words.count("--connect-timeout") == (1 if given else 0)
    assert given is None or words[words.index("--connect-timeout") + 1] == given


def test_a_server() -> None:
    words = IPERF3.server_words("iperf3", 5201, Options("server", one_off=True), "3.12", "dut")
    assert words == ("iperf3", "--server", "--port", "5201", "--json", "--one-off")


@pytest.mark.parametrize("host", ["-R", "--json", ""])
def test_a_host_that_is_an_option(host: str) -> None:
    with pytest.raises(IperfCommandError, match="is no server"):
        IPERF3.client_words("iperf3", host, 5201, Options("client"), "3.12", "dut")


def test_extra_is_looked_at_in_a_command_line() -> None:
    with pytest.raises(IperfCommandError, match="cannot go through 'extra'"):
        IPERF3.server_words("iperf3", 5201, Options("server", extra=Words(("-D",))), "3.12", "dut")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("iperf 3.12 (cJSON 1.7.15)\nLinux vm\n", "3.12"),
        ("iperf 3.1.3\n", "3.1.3"),
        ("Welcome\niperf 3.7 (cJSON 1.5.2)\n", "3.7"),
        ("iperf version 2.1.8 (12 August 2022) pthreads\n", None),
        ("sh: iperf3: not found\n", None),
        ("", None),
    ],
)
def test_the_version_that_a_program_tells(text: str, version: str | None) -> None:
    assert IPERF3.version_of(text) == version


def test_what_a_server_of_iperf2_has_to_be_started_with() -> None:
    tool = TOOLS["iperf2"]
    assert tool.server_needs(Options("client", udp=True, ipv6=True, time=Seconds(1))) == {"udp": True, "ipv6": True}
    assert tool.server_needs(Options("client")) == TOOLS["iperf3"].server_needs(Options("client", udp=True)) == {}


def test_a_server_of_iperf2_for_another_protocol() -> None:
    tool = TOOLS["iperf2"]
    tcp, udp = (Options("server"), Options("client")), (Options("server", udp=True), Options("client", udp=True))
    for server, client in (tcp, udp):
        tool.check_server(server, client)
    for server, client, told in ((tcp[0], udp[1], "with 'udp=True'"), (udp[0], tcp[1], "without 'udp'")):
        with pytest.raises(IperfCommandError, match=f"start the server {told}"):
            tool.check_server(server, client)
        TOOLS["iperf3"].check_server(server, client)


@pytest.mark.parametrize(
    ("asked", "told"),
    [({}, False), ({"reverse": True}, True), ({"udp": True}, True), ({"udp": True, "bidir": True}, False)],
)
def test_whether_a_client_of_iperf2_learns_what_the_receiver_got(asked: dict[str, Any], told: bool) -> None:
    assert TOOLS["iperf2"].tells_receiver(Options("client", **asked)) is told
    assert TOOLS["iperf3"].tells_receiver(Options("client", **asked))


def test_words_of_iperf2() -> None:
    tool = TOOLS["iperf2"]
    words = tool.client_words("iperf", "h", 5001, Options("client"), "2.0.4", "dut")
    assert "--enhanced" not in words
    assert words[-2:] == ("--interval", "1")
    words = tool.server_words("iperf", 5001, Options("server", interval=Seconds(2)), "2.1.8", "dut")
    assert "--enhanced" in words
    assert words.count("--interval") == 1
    assert tool.listens_on(Options("server", udp=True)) == "udp"
