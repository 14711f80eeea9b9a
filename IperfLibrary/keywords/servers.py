"""Keywords on servers: start, stop, take over."""

from __future__ import annotations

from typing import Any

from robot.api.deco import keyword

from .. import log as logger
from ..daemons import DaemonHandle, Note
from ..detached import DIRECTORY, SUFFIX, found
from ..devices import Device
from ..errors import ConfigurationError, DeviceError
from ..probing import choose
from ..result import Result
from ..servers import ServerHandle
from ..signature import takes_options, typed
from ..tools.base import Tool
from .arguments import check_port, options_from, remote
from .state import State


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
        remote_directory: str = DIRECTORY,
        **options: Any,
    ) -> ServerHandle:
        """Starts an iperf server on the device and returns a handle once it listens.

        ``tool`` is ``iperf3``, ``iperf2`` or ``auto``, see `Tools`. An iperf2 server for UDP needs ``udp=True``.

        The handle has ``device``, ``port``, ``pid`` (on the device) and ``filename`` (the raw file). Other keywords take the handle,
        or the name of the device. The keyword fails at once, with the server's own words, when the server cannot start.

        ``port`` is a free one unless given. ``name`` becomes part of the file names.

        With ``daemon=True`` the server is detached from the connection, which may be closed or lost while traffic runs; see `Daemon mode`.
        Its output goes to a file in ``remote_directory`` of the device. ``keep=True`` lets it go on after its test and after this run of Robot Framework.

        %OPTIONS%

        Examples:
        | Start Iperf Server    dut
        | ${server} =    Start Iperf Server    dut    port=5201    bind=10.0.0.1
        | Log    ${server.port}
        | Start Iperf Server    dut    daemon=True    remote_directory=/var/tmp
        """
        chosen = options_from("server", options)
        check_port(port)
        target = self._state.device(device)
        program = self._server_tool(target, tool)
        if daemon:
            place = remote(remote_directory)
            left = self._state.left.append
            server: ServerHandle = DaemonHandle(
                target, program, chosen, port, self._state.files, name, place, keep, left
            )
        elif keep or remote_directory != DIRECTORY:
            raise ConfigurationError("'keep' and 'remote_directory' are for a server with 'daemon=True'.")
        else:
            server = ServerHandle(target, program, chosen, port, self._state.files, name)
        self._state.own(server)
        logger.info(f"Started {server}: {server.command}\nRaw file: {server.filename}")
        return server

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
        self._state.stop([one.run for one in servers])
        return [result for one in servers for result in self._collected(one, remove)]

    def _tell_ended(self, server: ServerHandle) -> None:
        if server.served is not None:
            logger.warn(f"The {server} was stopped before.")
        elif not server.went_well:
            self._state.warn_of(server.require_alive)

    def _collected(self, server: ServerHandle, remove: bool) -> list[Result]:
        results = server.collect()
        server.settle(remove)
        self._state.owned.pop(server, None)
        logger.info(f"Stopped {server}. It served {len(results)} tests. Raw file: {server.filename}")
        for result in results:
            logger.debug(f"Server's view: {result}")
        return results

    @keyword(tags=["Traffic"])
    @typed
    def adopt_iperf_servers(
        self, device: Device | str, name: str | None = None, remote_directory: str = DIRECTORY
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
        for path, sighting in found(target.connection, remote(remote_directory)).items():
            note = Note.parse(sighting.note)
            if not note:
                logger.warn(
                    f"{path}{SUFFIX} on {target} tells of no daemon that this version knows; it was left alone."
                )
            elif path not in mine and name in (None, note.name):
                self._state.left[:] = [handle for handle in self._state.left if handle.filename != path]
                server = DaemonHandle.found(target, path, sighting, note, self._state.files)
                adopted.append(server)
                self._state.own(server)
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
