"""The users of a host: those of the machine, none with its password, and one more with a known."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from .shell import execute

ETC = Path("/etc")
NAMES = ("passwd", "group", "shadow")


@dataclass(frozen=True)
class Tester:
    """Logs in with the password, where the lab offers that."""

    name: str = "tester"
    password: str = field(default_factory=lambda: f"pw-{secrets.token_hex(6)}", repr=False)
    home: str = "/run/home/tester"


@dataclass(frozen=True)
class Accounts:
    """The account files of a host; ``uid`` is the tester's."""

    passwd: str
    group: str
    shadow: str
    uid: int

    def write(self, folder: Path) -> None:
        for name in NAMES:
            (folder / name).write_text(getattr(self, name))
        (folder / "shadow").chmod(0o600)


def accounts(tester: Tester, hashed: str) -> Accounts:
    passwd, group = ((ETC / name).read_text().rstrip("\n") + "\n" for name in ("passwd", "group"))
    uid = _free_id(passwd + group)
    passwd += f"{tester.name}:x:{uid}:{uid}::{tester.home}:/bin/sh\n"
    group += f"{tester.name}:x:{uid}:\n"
    return Accounts(passwd, group, _shadow(passwd, {tester.name: hashed}), uid)


def hash_password(password: str) -> str:
    return execute(["openssl", "passwd", "-6", "-stdin"], password + "\n").strip()


def _shadow(passwd: str, hashes: dict[str, str]) -> str:
    # "*" and not "!": sshd takes an account with the latter for locked, for keys too.
    names = [line.split(":")[0] for line in passwd.splitlines()]
    return "".join(f"{name}:{hashes.get(name, '*')}:19000:0:99999:7:::\n" for name in names)


def _free_id(entries: str) -> int:
    fields = (line.split(":") for line in entries.splitlines())
    used = {entry[2] for entry in fields if len(entry) > 2}
    return next(number for number in itertools.count(2000) if str(number) not in used)
