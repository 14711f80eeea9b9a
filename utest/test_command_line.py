"""The one line in which words reach a device over SSH: they arrive as they are, in every shell that is there."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from IperfLibrary.connections.channels import command_line
from IperfLibrary.connections.leash import leashed, split_pid

SHELLS = [shell for shell in ("sh", "bash", "tcsh", "zsh", "busybox") if shutil.which(shell)]
HOSTILE = [
    "$(touch canary)", "`touch canary`", ";touch canary", "|touch canary", "&& touch canary", "> canary", "\ntouch canary\n",
    "'", '"', "'; touch canary; '", '"; touch canary; "', "\\", "\\!", "a!b", "!!", "^a^b", "*", "?", "[a-z]", "{a,b}", "~",
    "$HOME", "-rf", "--", "#", "%s", "", " ", "\t", "\r", "\x1b[2J", "\x9b", "é日𝒳",
]  # fmt: skip
WORD = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
PRINT = ("printf", "%s\\0")


def through(shell: str, words: tuple[str, ...]) -> list[bytes]:
    """The arguments as a program gets them."""
    call = [shell, *(["sh"] if shell == "busybox" else []), "-c", command_line((*PRINT, *words))]
    done = subprocess.run(call, capture_output=True, check=False, timeout=30)
    assert done.stderr == b""
    return done.stdout.split(b"\0")[:-1]


def encoded(words: tuple[str, ...]) -> list[bytes]:
    return [word.encode() for word in words]


@pytest.mark.parametrize("shell", SHELLS)
def test_hostile_words_arrive_as_they_are(shell: str) -> None:
    assert through(shell, tuple(HOSTILE)) == encoded(tuple(HOSTILE))
    for word in HOSTILE:
        assert through(shell, (word,)) == [word.encode()]


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=50)
@given(words=st.lists(WORD | st.sampled_from(HOSTILE), min_size=1, max_size=4).map(tuple))
def test_any_words_arrive_as_they_are(shell: str, words: tuple[str, ...]) -> None:
    assert through(shell, words) == encoded(words)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("beat", [None, 60])
def test_the_leash_hands_them_on(shell: str, beat: int | None) -> None:
    call = [shell, *(["sh"] if shell == "busybox" else []), "-c", command_line(leashed((*PRINT, *HOSTILE), beat))]
    # An end of its input would tell the leash to end the command.
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        found = split_pid(process.stdout.read())
    assert found
    assert found[2].split(b"\0")[:-1] == encoded(tuple(HOSTILE))
