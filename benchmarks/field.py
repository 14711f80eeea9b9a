"""Many devices at once: network namespaces with an sshd each, all on one switch.

They are hosts of the lab, with one link that reaches the controller and each other. Everything goes when the controller does.
"""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from atest.lab import leftovers
from atest.lab.accounts import Tester, hash_password
from atest.lab.keys import Keys, make_keys
from atest.lab.links import POOL, TAKEN, free_networks
from atest.lab.netns import NetnsHost
from atest.lab.shell import LabError, execute

AT_ONCE = 16
"""Hosts that are brought up beside each other."""


class FieldHost(NetnsHost):
    """A host whose one link goes to the switch."""

    here: ipaddress.IPv4Address

    @property
    def known_as(self) -> str:
        return str(self.here)

    def address(self, link: str = "plain", family: int = 4) -> str:
        return str(self.here)

    @property
    def inside(self) -> list[str]:
        return self._inside_network()


class Field:
    """So many hosts; up while the ``with`` block lasts."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.hosts: list[FieldHost] = []
        self._switch: subprocess.Popen[str] | None = None
        self._device = ""

    def __enter__(self) -> Field:
        leftovers.sweep()
        self.folder = leftovers.new_folder()
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._device:
                execute(["ip", "link", "del", self._device])
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(FieldHost.stop, self.hosts))
            if self._switch:
                self._switch.communicate("")
        finally:
            leftovers.remove(self.folder)

    def _build(self) -> None:
        tester = Tester()
        hashed = hash_password(tester.password)
        self.hosts = [FieldHost(f"d{n}", self.folder / f"d{n}", tester) for n in range(self._count)]
        self._switch = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo $$; exec cat"],
            stdin=-1,
            stdout=-1,
            text=True,
            start_new_session=True,
        )
        self.keys = self._make_keys()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda host: _start(host, hashed), self.hosts))
            self._wire(self.hosts)
            list(pool.map(lambda host: host.start_sshd(self.keys.authorized(), 30.0), self.hosts))

    def _make_keys(self) -> Keys:
        """All hosts have the key of the first."""
        keys = make_keys(self.folder / "keys", self.hosts[:1])
        for host in self.hosts[1:]:
            for ending in ("", ".pub"):
                shutil.copy(f"{self.hosts[0].host_key}{ending}", f"{host.host_key}{ending}")
        return keys

    def _wire(self, hosts: Sequence[FieldHost]) -> None:
        assert self._switch
        assert self._switch.stdout
        switch = int(self._switch.stdout.readline())
        network = self._plug_in_controller(switch)
        ports = []
        for number, host in enumerate(hosts):
            host.here = network[number + 2]
            ports += [f"link add name p{number} netns {switch} type veth peer name lan netns {host.pid}"]
        _batch(ports)
        ports = ["link add name br0 type bridge", "link set br0 up", "link set controller master br0 up"]
        ports += [f"link set p{number} master br0 up" for number in range(len(hosts))]
        _batch(ports, ["nsenter", f"--target={switch}", "--net"])
        for host in hosts:
            _batch(["link set lo up", f"addr add {host.here}/24 dev lan", "link set lan up"], host.inside)
        self.keys.write_known_hosts(hosts)

    def _plug_in_controller(self, switch: int) -> ipaddress.IPv4Network:
        """The network of this field: whoever makes the device of that name has it."""
        for network in free_networks():
            name = f"field-{int(network.network_address) >> 8 & 0x1FF}"
            try:
                _batch([f"link add name {name} type veth peer name controller netns {switch}"])
            except LabError as error:
                if TAKEN not in str(error):
                    raise
                continue
            self._device = name
            _batch([f"addr add {network[1]}/24 dev {name}", f"link set {name} up"])
            return network
        raise LabError(f"no free /24 network left in {POOL}")


def _start(host: FieldHost, hashed: str) -> None:
    host.prepare(hashed)
    host.start()


def _batch(lines: Sequence[str], inside: Sequence[str] = ()) -> None:
    execute([*inside, "ip", "-batch", "-"], "\n".join(lines) + "\n", within=60.0)
