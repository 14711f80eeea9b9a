"""Keywords on devices: naming them, forgetting them, closing the way to them."""

from __future__ import annotations

import shlex
from pathlib import Path

from robot.api.deco import keyword

from .. import log as logger
from ..connections import connect
from ..devices import Device
from ..errors import ConfigurationError
from ..option_table import Words
from ..secret import Password
from ..signature import named, typed
from ..tools.iperf2 import Iperf2
from ..tools.iperf3 import Iperf3
from ..units import Seconds
from .arguments import check_named, seconds
from .reserved import WAIT
from .state import State
from .variables import libraries


class DeviceKeywords:
    """Add, get and remove devices."""

    _state: State

    @keyword(tags=["Devices"])
    @typed
    def add_iperf_device(
        self,
        name: str,
        connection: str = "local",
        address: str | None = None,
        *,
        role: str | None = None,
        password: Password | None = None,
        key_file: str | None = None,
        host_key: str | None = None,
        through: Device | str | None = None,
        prefix: Words = Words(),  # noqa: B008 - a tuple
        iperf3: str = Iperf3.program,
        iperf2: str = Iperf2.program,
        exclusive: bool = False,
        wait: Seconds = WAIT,
    ) -> Device:
        """Names a machine that can run iperf; nothing is connected yet, unless it is ``exclusive``.

        A device that is known by this name, and was added with the same arguments, is kept: each suite of a run may add what it needs.

        | =Argument= | =Meaning= |
        | ``name`` | how all other keywords call it |
        | ``connection`` | how it is reached: a URL, see `Devices` |
        | ``address`` | where traffic to it goes; without it, the host of the connection |
        | ``role`` | ``node`` (device under test) or ``tpc`` (traffic PC) |
        | ``password`` | for the log-in, or the passphrase of ``key_file``; see `Security` |
        | ``key_file`` | private key for the log-in; without it and a password: the agent, ``~/.ssh/config`` and the keys in ``~/.ssh`` |
        | ``host_key`` | ``check`` (default) refuses a key that is not in known_hosts, ``accept-new`` keeps a new one there, ``ignore`` takes any |
        | ``through`` | the device whose ``ssh`` or ``adb`` program reaches this one, where this machine cannot |
        | ``prefix`` | words in front of every command there: ``sudo -n``, ``ip netns exec blue``, ``taskset -c 2``, ``docker exec -i box``; see `Prefixes` |
        | ``iperf3``, ``iperf2`` | the programs on that device, with their path where it is not in the PATH of the log-in; empty where there is none |
        | ``exclusive`` | keeps the device for this run alone until it is removed or the run ends; see `Reservations` |
        | ``wait`` | how long to wait where somebody else has reserved it |

        Example:
        | Add Iperf Device    pc     local    role=tpc
        | Add Iperf Device    dut    ssh://root@192.168.1.1    address=10.0.0.1    role=node    key_file=~/.ssh/lab
        | Add Iperf Device    inner    ssh://root@10.9.0.2    through=dut
        """
        check_named(
            (connection, address), ["connection", "address", *(one.name for one in named(type(self).add_iperf_device))]
        )
        device = self._made(
            name,
            connection,
            address=address,
            role=role,
            through=self._state.device(through) if through else None,
            prefix=prefix,
            iperf3=iperf3,
            iperf2=iperf2,
            exclusive=exclusive,
            password=password,
            key_file=key_file,
            host_key=host_key,
            wait=wait,
        )
        link = device.connection
        if known := self._state.devices.alike(device):
            return known
        self._state.devices.add(device)
        if exclusive:
            self._keep(device, wait)
        before = f" behind '{shlex.join(link.prefix)}'" if link.prefix else ""
        logger.info(f"Device {name}: {connection}{before}, traffic at {address or link.host}, role {role or 'none'}")
        if not link.real:
            logger.warn(
                f"{name} is a FAKE device ({connection}): nothing is measured, recorded figures are told once more."
            )
        return device

    def _made(
        self,
        name: str,
        connection: str = "local",
        *,
        address: str | None = None,
        role: str | None = None,
        through: Device | None = None,
        prefix: Words = Words(),  # noqa: B008 - a tuple
        iperf3: str = Iperf3.program,
        iperf2: str = Iperf2.program,
        exclusive: bool = False,
        wait: Seconds = WAIT,
        password: Password | None = None,
        key_file: str | None = None,
        host_key: str | None = None,
    ) -> Device:
        """The device, which nobody knows yet. Raises ConfigurationError for an argument that cannot be."""
        seconds(wait)
        way = through.connection if through else None
        log_in = {"password": password, "key_file": key_file, "host_key": host_key}
        link = connect(name, connection, through=way, libraries=libraries, **log_in)
        link.prefix = tuple(Words.parse(prefix))
        words = (link.prefix, iperf3, iperf2, exclusive)
        given = (connection, way, hash(password and password.reveal()), key_file, host_key, *words)
        return Device(name, link, address, role, {"iperf3": iperf3, "iperf2": iperf2}, given=given)

    def _keep(self, device: Device, wait: Seconds) -> None:
        """Reserves it for as long as it is known; else it is not known."""
        try:
            self._state.reservations.reserve([device], seconds(wait), None)
        except BaseException:
            self._state.devices.remove(device.name)
            device.connection.close()
            raise

    @keyword(tags=["Devices"])
    @typed
    def get_iperf_device(self, name: Device | str) -> Device:
        """Returns a device: its ``name``, ``role``, ``address`` and ``versions``.

        ``address`` is the argument of `Add Iperf Device`, and ``None`` where it was not given. ``versions`` has the versions of its tools that are known until now, like ``${dut.versions}[iperf3]``.

        Example:
        | ${dut} =    Get Iperf Device    dut
        | Should Be Equal    ${dut.role}    node
        """
        return self._state.device(name)

    @keyword(tags=["Devices"])
    @typed
    def install_iperf_on_device(
        self, device: Device | str, path: Path, *, tool: str | None = None, directory: str | None = None
    ) -> str:
        """Installs an iperf program on a device that has none, or an old one, and returns its path there.

        ``path`` is one file of this machine that runs there by itself: built for the processor of the device, and best statically.
        ``tool`` is ``iperf3`` or ``iperf2``; without it the name of the file tells. ``directory`` is where it goes: ``/tmp`` unless given,
        by adb ``/data/local/tmp``. Give another one where nothing may be executed there.

        Sizes and a checksum are compared, and the program is asked for its version; if it does not run there, the error tells why. Nothing that is there is
        written over. The device uses it from now on, and it is removed with the device, at the end of the run at the latest.

        Example:
        | Install Iperf On Device    dut    builds/mips/iperf3
        | Install Iperf On Device    dut    builds/iperf-arm    tool=iperf2    directory=/var/tmp
        """
        target = self._state.device(device)
        from ..installing import install  # noqa: PLC0415 - few bring a program along

        installed = install(target, path, tool, directory)
        self._state.installed.append(installed)
        logger.info(f"Installed {installed}")
        return installed.path

    @keyword(tags=["Devices"])
    @typed
    def remove_iperf_device(self, name: Device | str) -> None:
        """Forgets a device: ends what this library runs on it and closes its connection.

        Example:
        | Remove Iperf Device    dut
        """
        device = self._state.device(name)
        inner = [one.name for one in self._state.devices if one.connection.through is device.connection]
        if inner:
            raise ConfigurationError(
                f"{device} is the way to {' and '.join(inner)}.", remedy=f"remove first: {', '.join(inner)}"
            )
        self._state.end(
            [h for h in self._state.owned if h.device is device and not h.keep],
            "its device was removed (Remove Iperf Device)",
        )
        self._forget(device)

    @keyword(tags=["Devices"])
    @typed
    def remove_all_iperf_devices(self) -> None:
        """Forgets all devices, as `Remove Iperf Device` does.

        Example:
        | [Teardown]    Remove All Iperf Devices
        """
        self._state.end(
            [handle for handle in self._state.owned if not handle.keep],
            "all devices were removed (Remove All Iperf Devices)",
        )
        for device in self._state.devices:
            self._forget(device)

    def _forget(self, device: Device) -> None:
        self._state.uninstall(device)
        self._state.reservations.release([device])
        device.connection.close()
        self._state.devices.remove(device.name)

    @keyword(tags=["Devices"])
    @typed
    def close_iperf_connection(self, device: Device | str) -> None:
        """Closes the connection to a device; the next keyword that needs it opens it again.

        What runs there on this connection ends, and a reservation of the device. Servers in `Daemon mode` go on.

        Example:
        | Start Iperf Server    dut    daemon=True
        | Close Iperf Connection    dut
        """
        target = self._state.device(device)
        self._state.end(
            [h for h in self._state.owned if h.device is target and not h.detached],
            "its connection was closed (Close Iperf Connection)",
        )
        self._state.reservations.release([target])
        target.connection.close()
