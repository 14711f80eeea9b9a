"""The keys of a lab's users, and what its clients know of the hosts' keys."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .host import Host
from .shell import ENVIRONMENT, LabError, require

PASSPHRASE = "open sesame 42"


@dataclass(frozen=True)
class Keys:
    """Files of one lab; for each private key the public one lies beside it, ending in ``.pub``."""

    folder: Path
    passphrase: str = PASSPHRASE

    @property
    def client(self) -> Path:
        """May log in; has no passphrase."""
        return self.folder / "client"

    @property
    def encrypted(self) -> Path:
        """May log in; has the passphrase."""
        return self.folder / "encrypted"

    @property
    def stranger(self) -> Path:
        """May not log in anywhere."""
        return self.folder / "stranger"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def wrong_known_hosts(self) -> Path:
        """The same hosts, with keys that they do not have."""
        return self.folder / "wrong_known_hosts"

    def authorized(self) -> str:
        return _public(self.client) + _public(self.encrypted)

    def write_known_hosts(self, hosts: Iterable[Host]) -> None:
        right = {host.known_as: _public(host.host_key) for host in hosts}
        wrong = dict.fromkeys(right, _public(self.stranger))
        self.known_hosts.write_text(_known(right))
        self.wrong_known_hosts.write_text(_known(wrong))


def make_keys(folder: Path, hosts: Iterable[Host]) -> Keys:
    """All keys of a lab at once, those of the hosts too."""
    folder.mkdir()
    keys = Keys(folder)
    plain = [keys.client, keys.stranger, *(host.host_key for host in hosts)]
    made = [_generate(key) for key in plain] + [_generate(keys.encrypted, keys.passphrase)]
    for process in made:
        _finish(process)
    return keys


def _generate(key: Path, passphrase: str = "") -> subprocess.Popen[str]:
    # One round of key derivation: the passphrase guards nothing, and the default takes its time.
    words = [require("ssh-keygen"), "-q", "-t", "ed25519", "-a", "1", "-C", key.name]
    return subprocess.Popen(
        [*words, "-N", passphrase, "-f", str(key)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
    )


def _finish(process: subprocess.Popen[str]) -> None:
    output, _ = process.communicate(timeout=10.0)
    if process.returncode:
        raise LabError(f"ssh-keygen failed: {output.strip()}")


def _public(key: Path) -> str:
    return key.with_name(f"{key.name}.pub").read_text()


def _known(keys: dict[str, str]) -> str:
    return "".join(f"{names} {key}" for names, key in keys.items())
