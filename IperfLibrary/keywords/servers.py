"""Keywords on servers: start, stop, take over. How a server lives is in :mod:`IperfLibrary.servers` and :mod:`IperfLibrary.daemons`."""

from __future__ import annotations

from functools import partial
from typing import Any

from robot.api.deco import keyword

from .. import log as logger
from ..daemons import DaemonHandle, Note
from ..detached import RUNNING, SUFFIX, found
from ..devices import Device
from ..errors import CommandError, ConfigurationError, DeviceError, IperfError
from ..expected import ExpectedServer
from ..far_end import held_by, held_by_daemon
from ..options import Options
from ..probing import choose
from ..result import Result
from ..servers import ServerHandle
from ..signature import takes_options, typed
from ..tools import TOOLS
from ..tools.base import Tool
from .arguments import check_port, options_from, remote
from .state import State, on_each
from .variables import variable


class ServerKeywords:
    """Servers, on the leash and in daemon mode."""

    _state: State

    @keyword(tags=["Traffic"])
    @takes_options("server")
    def start_iperf_server(
        self,
        device: Device | str,
        *,
        port: int | None = None,
        tool: str = "auto",
        name: str = "server",
        daemon: bool = False,
        keep: bool = False,
        remote_directory: str | None = None,
        **options: Any,
    ) -> ServerHandle:
        """Starts an iperf server on the device and returns a handle once it listens.

        ``tool`` is ``iperf3``, ``iperf2`` or ``auto``, see `Tools`. An iperf2 server for UDP needs ``udp=True``.

        The handle has ``device``, ``port``, ``pid`` (on the device), ``running``, ``command`` and ``filename`` (the raw file). Other keywords take the handle,
        or the name of the device. The keyword fails at once, with the server's own words, when the server cannot start.

        ``port`` is a free one unless given. ``name`` becomes part of the file names.

        With ``daemon=True`` the server is detached from the connection, which may be closed or lost while traffic runs; see `Daemon mode`.
        Its output goes to a file in ``remote_directory`` of the device: ``/tmp`` unless given, by adb ``/data/local/tmp``. ``keep=True`` lets it go on after its test and after this run of Robot Framework.

        On a device of ``dummy:`` something else has to run the server: a warning says what is expected there, and ``command`` of the handle has it as well. The port is
        iperf's own unless given. A CI job that has started it says so by ``--variable IPERF_EXPECTED:ipad:5201`` (several behind commas); then what is not announced fails.

        Examples:
        | Start Iperf Server    dut
        | ${server} =    Start Iperf Server    dut    port=5201    bind=10.0.0.1
        | Log    ${server.port}
        | Start Iperf Server    dut    daemon=True    remote_directory=/var/tmp

        The options of iperf:

        %OPTIONS%
        """
        chosen = options_from("server", options)
        check_port(port)
        target = self._state.device(device)
        if not target.connection.runs_commands:
            return self._expected(target, tool, chosen, port, name, daemon or keep)
        program = self._server_tool(target, tool)
        if not daemon and (keep or remote_directory is not None):
            raise ConfigurationError("'keep' and 'remote_directory' are for a server with 'daemon=True'.")
        facts = (target, program, chosen, port, self._state.files, name)
        place, left = remote(remote_directory, target), self._state.left.append

        def start() -> ServerHandle:
            return DaemonHandle(*facts, place, keep, left) if daemon else ServerHandle(*facts)

        try:
            server = self._state.own(target, start)
        except IperfError as problem:
            raise self._own_port(problem, target, port, place) from None
        logger.info(f"Started {server}: {server.command}\nRaw file: {server.filename}")
        return server

    def _own_port(self, problem: IperfError, target: Device, port: int | None, place: str) -> IperfError:
        """The error, with the server of this run, or the daemon of another one, that has the port where that is why."""
        if problem.kind != "address_in_use" or port is None:
            return problem
        mine: list[ServerHandle] = self._state.running(ServerHandle, target)
        holder = next((one for one in mine if one.port == port and one.running), None)
        if holder:
            return held_by(problem, holder)
        daemon = _daemon_at(target, port, place)
        return held_by_daemon(problem, target, daemon, place) if daemon else problem

    def _expected(
        self, target: Device, tool: str, options: Options, port: int | None, name: str, detached: bool
    ) -> ServerHandle:
        """Tells what is expected on a device where this library runs nothing."""
        if detached:
            raise ConfigurationError(
                f"'daemon' and 'keep' are for servers that are started, and nothing is on {target}."
            )
        program = TOOLS["iperf3"] if tool == "auto" else choose(tool, [target])
        server = ExpectedServer(target, program, options, port, name)
        announced = variable("${IPERF_EXPECTED}")
        if announced is None:
            where = target.address or target.connection.host or "its address is not known"
            logger.warn(f"Something else has to run this on {target} ({where}) now: {server.command}")
        else:
            server.check_announced(announced)
            logger.info(f"Announced by IPERF_EXPECTED: {server}: {server.command}")
        return self._state.own(target, lambda: server)

    @keyword(tags=["Traffic"])
    @typed
    def stop_iperf_server(self, server: ServerHandle | Device | str, remove: bool = True) -> list[Result]:
        """Stops a server and returns its view of the tests that it served, a list of results, oldest first.

        ``server`` is a handle, or the name of a device: then all servers that this library runs there. A server that has
        ended already, or none at all, is told as a warning.

        A daemon is found again, also when the connection was closed meanwhile. Its file is fetched into ``raw_iperf`` and removed from the device,
        unless ``remove=False``.

        Example:
        | ${served} =    Stop Iperf Server    dut
        | Log    ${served[0].received.bytes}
        """
        servers: list[ServerHandle]
        servers = [server] if isinstance(server, ServerHandle) else self._state.running(ServerHandle, server)
        if not servers:
            logger.warn(f"No iperf server of this run is on {server}; nothing was stopped.")
        for one in servers:
            self._tell_ended(one)
        self._state.stop(servers)
        problems = on_each(servers, partial(_brought_in, remove))
        ended = zip(servers, problems, strict=True)
        return [result for one, problem in ended for result in self._collected(one, problem)]

    def _tell_ended(self, server: ServerHandle) -> None:
        if server.served is not None:
            logger.warn(f"The {server} was stopped before.")
        elif not server.went_well:
            self._state.warn_of(server.require_alive)

    def _collected(self, server: ServerHandle, problem: Exception | None) -> list[Result]:
        if problem:
            raise problem
        results = server.collect()
        self._state.owned.pop(server, None)
        logger.info(f"Stopped {server}. It served {len(results)} tests. Raw file: {server.filename}")
        for result in results:
            logger.debug(f"Server's view: {result}")
        return results

    @keyword(tags=["Traffic"])
    @typed
    def adopt_iperf_servers(
        self, device: Device | str, name: str | None = None, remote_directory: str | None = None
    ) -> list[ServerHandle]:
        """Takes over the daemons that an earlier run left on the device and returns their handles.

        They are found by the files that `Start Iperf Server` with ``daemon=True`` keeps in ``remote_directory`` of the device; only those of the user who
        logs in count. With ``name``, only those that were started with this ``name=``. A daemon that has died meanwhile is there as well: `Stop Iperf Server` tells why and fetches what it wrote.
        From now on they belong to this run as if it had started them, and end with the test.

        Example:
        | Adopt Iperf Servers    dut
        | ${served} =    Stop Iperf Server    dut
        """
        target = self._state.device(device)
        mine = {server.filename for server in self._state.running(ServerHandle, target)}
        adopted: list[ServerHandle] = []
        for path, sighting in found(target.connection, remote(remote_directory, target)).items():
            note = Note.parse(sighting.note)
            if not note:
                logger.warn(
                    f"{path}{SUFFIX} on {target} tells of no daemon that this version knows; it was left alone."
                )
            elif path not in mine and name in (None, note.name):
                server = self._state.own(
                    target, partial(DaemonHandle.found, target, path, sighting, note, self._state.files)
                )
                self._state.left[:] = [handle for handle in self._state.left if handle.filename != path]
                adopted.append(server)
                logger.info(f"Adopted {server} ({sighting.state}): {server.command}\nFile on {target}: {path}")
        return adopted

    def _server_tool(self, target: Device, tool: str) -> Tool:
        """With ``auto``: where there are two devices, the tool that both have; else the one that this device has."""
        alone = choose(tool, [target])
        others = [device for device in self._state.devices if device is not target]
        if tool == "auto" and len(others) == 1:
            try:
                return choose(tool, [target, *others])
            except DeviceError:  # the other one cannot be asked, or has nothing that fits: it may not be the client
                pass
        return alone


def _daemon_at(target: Device, port: int, place: str) -> str | None:
    """The path of a daemon of another run that has this port, as far as its files tell."""
    try:
        seen = found(target.connection, place)
    except CommandError:  # it cannot be asked now
        return None
    running = {path: Note.parse(one.note) for path, one in seen.items() if one.state == RUNNING}
    return next((path for path, note in running.items() if note and note.port == port), None)


def _brought_in(remove: bool, server: ServerHandle) -> None:
    """What it has seen is here then, and its device is left clean."""
    server.collect()
    server.settle(remove)
