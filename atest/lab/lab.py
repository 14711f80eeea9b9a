"""The lab as a whole: chooses the kind of hosts that this machine can have, brings them up, down.

    with Lab() as lab:
        alpha = lab.host("alpha")
        subprocess.run([*lab.ssh(alpha), "iperf3 -v"])

Hosts are network namespaces if the user is root, else each is an sshd on loopback. The environment
variable ``IPERF_LAB`` insists on one kind: ``netns`` or ``loopback``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

from . import leftovers, loopback, netns
from .accounts import Tester
from .host import Host
from .keys import Keys, make_keys
from .shell import LabError

MODES = ("netns", "loopback")
FEATURES = ("netns", "shaped", "password", "cut", "lossy", "ipv6")
FORCE = "IPERF_LAB"
T = TypeVar("T")


class Site(Protocol):
    """The hosts of one kind; ``missing`` says why a feature is not there."""

    missing: dict[str, str]

    @property
    def hosts(self) -> Sequence[Host]: ...

    def up(self) -> None: ...

    def down(self) -> None: ...


class Lab:
    """A lab, up while its ``with`` block lasts or between ``up`` and ``down``."""

    def __init__(self, mode: str | None = None) -> None:
        self.mode, self.reason = _choose(mode or os.environ.get(FORCE, ""))
        self.tester = Tester()
        self._folder: Path | None = None
        self._site: Site | None = None
        self._keys: Keys | None = None

    def __enter__(self) -> Lab:
        return self.up()

    def __exit__(self, *_: object) -> None:
        self.down()

    def __repr__(self) -> str:
        return f"<{self.mode} lab {'up' if self.is_up else 'down'}>"

    @property
    def is_up(self) -> bool:
        return self._folder is not None

    @property
    def folder(self) -> Path:
        return _present(self._folder)

    @property
    def keys(self) -> Keys:
        return _present(self._keys)

    @property
    def hosts(self) -> Mapping[str, Host]:
        """Those that the controller reaches; `host` knows those behind them as well."""
        return {host.name: host for host in _present(self._site).hosts if host.within_reach}

    @property
    def missing(self) -> Mapping[str, str]:
        """The features that this lab has not got, and why."""
        return _present(self._site).missing

    @property
    def features(self) -> set[str]:
        return set(FEATURES) - set(self.missing)

    def up(self) -> Lab:
        """Does nothing to a lab that is up already."""
        if not self.is_up:
            leftovers.sweep()
            self._folder = leftovers.new_folder()
            try:
                self._build(self._folder)
            except BaseException:
                self.down()
                raise
        return self

    def down(self) -> None:
        """Leaves nothing; does nothing to a lab that is down already."""
        site, folder = self._site, self._folder
        self._site = self._folder = self._keys = None
        try:
            if site:
                site.down()
        finally:
            if folder:
                leftovers.remove(folder)

    def host(self, name: str) -> Host:
        hosts = {host.name: host for host in _present(self._site).hosts}
        if name not in hosts:
            raise LabError(f"the lab has no host {name!r}, only {', '.join(hosts)}")
        return hosts[name]

    def require(self, feature: str) -> None:
        """Raise an error that names the feature and the reason, if it is missing."""
        if feature not in FEATURES:
            raise LabError(f"no such feature of a lab: {feature!r}, only {', '.join(FEATURES)}")
        if feature in self.missing:
            raise LabError(f"this lab has no {feature!r}: {self.missing[feature]}")

    def cut(self, host: str, link: str) -> None:
        """From now on the host's end of the link loses everything, in both directions, silently."""
        self.require("cut")
        self.host(host).cut(link)

    def restore(self, host: str, link: str) -> None:
        self.require("cut")
        self.host(host).restore(link)

    def ssh(self, host: Host, user: str | None = None) -> list[str]:
        """The words that log in with the client's key; those of a remote command may follow."""
        known = f"UserKnownHostsFile={self.keys.known_hosts}"
        options = [known, "GlobalKnownHostsFile=/dev/null", "IdentitiesOnly=yes", "BatchMode=yes"]
        words = ["ssh", "-F", "/dev/null", "-i", str(self.keys.client), "-p", str(host.ssh_port)]
        flags = [word for option in options for word in ("-o", option)]
        return [*words, *flags, f"{user or host.user}@{host.ssh_host}"]

    def _build(self, folder: Path) -> None:
        self._site = site = _site(self.mode, self.reason, folder, self.tester)
        with ThreadPoolExecutor() as pool:
            making = pool.submit(make_keys, folder / "keys", site.hosts)
            site.up()
            self._keys = keys = making.result()
            list(pool.map(lambda host: host.start_sshd(keys.authorized()), site.hosts))
        keys.write_known_hosts(site.hosts)


def _present(part: T | None) -> T:
    if part is None:
        raise LabError("the lab is not up")
    return part


def _choose(wanted: str) -> tuple[str, str]:
    """The kind of hosts, and why no better one."""
    if wanted and wanted not in MODES:
        raise LabError(f"no such kind of lab: {wanted!r}, only {', '.join(MODES)}")
    hindrance = "loopback was asked for" if wanted == "loopback" else netns.obstacle()
    if not hindrance:
        return "netns", ""
    if wanted == "netns":
        raise LabError(f"hosts cannot be namespaces here: {hindrance}")
    if no := loopback.obstacle():
        raise LabError(f"no lab can be had here: {no}")
    return "loopback", hindrance


def _site(mode: str, reason: str, folder: Path, tester: Tester) -> Site:
    if mode == "netns":
        return netns.NetnsSite(folder, tester)
    return loopback.LoopbackSite(folder, reason)
