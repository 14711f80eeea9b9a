"""README, user guide and keyword documentation say what is so: their examples run dry, their messages exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from robot.api import ExecutionResult
from robot.run import RobotFramework

from IperfLibrary.client_failures import KINDS
from IperfLibrary.option_table import OPTIONS

from . import documents
from .documents import ROBOT, ROOT, SHELL, Example, as_suite, examples, of_keywords

GUIDE = ROOT / "docs" / "guide"
TROUBLE = GUIDE / "troubleshooting.md"

OWN = "*** Keywords ***\nReboot Access Point\n    No Operation\n"
"""Keywords that a reader of the keyword documentation would have."""

KEYWORD_LIBRARIES = ("Library    OperatingSystem", "Resource    own.resource")


def _failures(suite: Any) -> list[str]:
    found = [f"{suite.name}, {test.name}: {test.message}" for test in suite.tests if not test.passed]
    return found + [text for inner in suite.suites for text in _failures(inner)]


def test_every_example_of_robot_runs_dry(tmp_path: Path) -> None:
    tried = [one for one in [*examples(), *of_keywords()] if one.language == ROBOT and not one.left]
    (tmp_path / "own.resource").write_text(OWN, "utf-8")
    for number, example in enumerate(tried):
        name = re.sub(r"\W+", "_", example.place)
        others = KEYWORD_LIBRARIES if example.place.startswith("Keyword ") else ()
        (tmp_path / f"{number:03}__{name}.robot").write_text(as_suite(example, others), "utf-8")
    output = tmp_path / "output.xml"
    words = ["--dryrun", "--output", str(output), "--log", "NONE", "--report", "NONE", "--runemptysuite", str(tmp_path)]
    ran = subprocess.run([sys.executable, "-m", "robot", *words], check=False, capture_output=True, text=True, cwd=ROOT)
    suite = ExecutionResult(output).suite
    assert not _failures(suite), "\n".join(_failures(suite))
    assert "[ ERROR ]" not in ran.stderr, ran.stderr
    assert suite.test_count >= len(tried) > 60


def test_every_keyword_has_an_example() -> None:
    assert not documents.without_example()


def test_every_example_says_its_language() -> None:
    assert not [one.place for one in examples() if not one.language]


def test_the_index_has_every_chapter() -> None:
    index = (GUIDE / "README.md").read_text("utf-8")
    chapters = {path.name for path in GUIDE.glob("*.md")} - {"README.md"}
    assert set(re.findall(r"\]\((\w[\w-]*\.md)\)", index)) >= chapters


def _told() -> list[str]:
    """The messages in the chapter on troubleshooting: headings and cells that are code."""
    return re.findall(r"^(?:#+|\|) `([^`]+)`", TROUBLE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("message", _told())
def test_every_message_of_the_guide_is_made_by_the_code(message: str) -> None:
    assert documents.in_code(message)


def test_a_message_that_nothing_makes_is_found() -> None:
    assert not documents.in_code("Cannot log in to dut (ssh://root@192.168.1.1): the moon is full.")
    assert not documents.in_code("There is no gadget 'x'.")
    assert documents.in_code("Cannot log in to dut (root@192.168.1.1): the log-in was refused.")


def test_the_guide_has_every_way_in_which_a_client_fails() -> None:
    text = "\n".join(_told())
    assert not [kind for kind, words in KINDS.items() if f" failed: {words}." not in text and kind not in _OTHERWISE]


_OTHERWISE = {"timeout", "stalled", "zero_interval", "stopped", "silent", "other_server"}
"""What mostly has sentences of its own; those are in the guide, see above."""


def _commands(program: str) -> list[tuple[str, list[str]]]:
    """Each call of this program in any block of code, with its words."""
    found = []
    for one in examples():
        if one.language not in (ROBOT, "text", "python"):
            text = one.text.replace("\\\n", " ")
            for line in re.findall(rf"(?:^|[\s'|]){re.escape(program)} ([^|\n'>&]*)", text):
                found.append((one.place, shlex.split(line, comments=True)))
    return found


def test_every_command_line_of_robot_is_one() -> None:
    commands = _commands("robot")
    for place, words in commands:
        _, sources = RobotFramework().parse_arguments(words)
        assert sources, place
    assert len(commands) >= 5


def test_recipes_keep_what_the_run_has_written() -> None:
    recipes = [one for one in examples() if one.language == "yaml" and "robot" in one.text]
    assert len(recipes) >= 2
    for recipe in recipes:
        assert isinstance(yaml.safe_load(recipe.text), dict), recipe.place
        assert "--outputdir results" in recipe.text, recipe.place
        assert "--xunit" not in recipe.text or "xunit.xml" in recipe.text, recipe.place


@pytest.mark.parametrize(("heading", "schema"), [("GitHub Actions", "github-workflows"), ("GitLab", "gitlab-ci")])
def test_recipes_are_what_the_ci_system_takes(heading: str, schema: str, tmp_path: Path) -> None:
    """By the schemas that these systems publish, as check-jsonschema brings them along."""
    text = (GUIDE / "ci.md").read_text("utf-8").split(f"## {heading}\n")[1]
    recipe = tmp_path / "recipe.yml"
    recipe.write_text(text.split("```yaml\n")[1].split("```")[0], "utf-8")
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(recipe)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_maps_lead_to_options_that_there_are() -> None:
    text = (GUIDE / "moving.md").read_text("utf-8")
    known = {name for option in OPTIONS for name in (option.name, *option.aliases)} | {"port", "daemon"}
    words, apetools = (
        text.split("## From options on a command line")[1],
        text.split("`[IPERF] time`")[1].splitlines()[0],
    )
    rows = [line for line in words.split("The names of older versions")[0].splitlines() if line.startswith("|")]
    names = [name for row in rows for name in re.findall(r"`(\w+)=", row.split("|")[2])]
    names += re.findall(r"`(\w+)`", apetools.partition("|")[0])
    assert not set(names) - known
    assert len(names) > 30


def test_examples_in_python_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents.store_outputs(tmp_path)
    monkeypatch.chdir(tmp_path)
    tried = [one for one in examples() if one.language == "python" and not one.left]
    for example in tried:
        exec(compile(example.text, example.place, "exec"), {})
    assert tried


def test_every_shell_example_is_run_or_says_why_not() -> None:
    shells = [one for one in examples() if one.language == SHELL]
    assert not [one.place for one in shells if not (one.run or one.left)]


def test_every_mark_is_known() -> None:
    assert not [one.place for one in examples() if not re.fullmatch(r"|shell|lab|lab fails: .+", one.run)]


def _unmarked(text: str) -> Example:
    return Example("x.md:1", ROBOT, text)


def test_a_part_becomes_a_suite() -> None:
    suite = as_suite(_unmarked("Library    IperfLibrary\n\nAdd Iperf Device    dut    local"))
    assert suite.startswith("*** Settings ***\nLibrary    IperfLibrary\n*** Test Cases ***\nX Md 1\n")
    assert "\n    Add Iperf Device    dut    local\n" in suite
    assert as_suite(_unmarked("Log    1")).startswith("*** Settings ***\nLibrary    IperfLibrary\n***")
    whole = "*** Test Cases ***\nOne\n    Log    1"
    assert as_suite(_unmarked(whole)) == f"*** Settings ***\nLibrary    IperfLibrary\n{whole}\n"


def test_places_and_limits_are_replaced() -> None:
    text = "Add Iperf Device    dut    ssh://root@192.168.1.1    address=192.168.1.10\nGet Iperf Bitrate    ${r}    >=    900 Mbit/s"
    assert documents.replaced(
        text, {"ssh://root@192.168.1.1": "ssh://a:2", "192.168.1.10": "b", "192.168.1.1": "c"}
    ) == ("Add Iperf Device    dut    ssh://a:2    address=b\nGet Iperf Bitrate    ${r}    >=    100 kbit/s")
