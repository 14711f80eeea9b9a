"""Keywords on clients: run, start, wait, stop. ``_prepared`` has the arguments of a client, for all keywords that run one.

What is checked before anything runs is in :mod:`IperfLibrary.fitting`, how a client lives and ends in :mod:`IperfLibrary.clients`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from robot.api.deco import keyword

from .. import log as logger
from ..client_failures import Limits, Peer
from ..clients import ClientHandle, told
from ..company import Company, complaints
from ..crosscheck import said_of
from ..devices import Device
from ..errors import CommandError, ConfigurationError, DeviceError, IperfLibraryError
from ..filing import Files
from ..fitting import require_end, require_fit
from ..options import Options
from ..pinging import Pinger
from ..probing import choose, has
from ..rates import missed
from ..result import Result
from ..servers import ServerHandle
from ..signature import takes_options, typed
from ..tools.base import Tool
from ..units import Seconds
from .arguments import check_port, limits_from, options_from
from .peers import Peers
from .state import State


@dataclass(frozen=True)
class Prepared:
    """A client before its start, which may be in another thread."""

    device: Device
    peer: Peer
    tool: Tool
    options: Options
    files: Files
    name: str
    limits: Limits
    live: bool
    cross_check: bool
    company: Company
    """What goes on beside it; the main thread begins it."""

    def begin(self) -> ClientHandle:
        """Starts what goes on beside it, and then itself. For the main thread."""
        require_fit(self.device, self.peer.device, self.tool, self.options, self.limits, self.live)
        self.company.begin()
        try:
            return self.start()
        except BaseException:
            self.company.release()
            raise

    def start(self) -> ClientHandle:
        return ClientHandle(*(getattr(self, field.name) for field in fields(self)))


class ClientKeywords:
    """Clients, to their end or in the background."""

    _state: State

    def _prepared(
        self,
        device: Device | str,
        server: ServerHandle | Device | str,
        *,
        port: int | None = None,
        timeout: Seconds | None = None,
        stall: Seconds | None = None,
        fail_on_zero_interval: bool = False,
        retry: Seconds = Seconds(0),  # noqa: B008 - a number
        tool: str = "auto",
        live: bool = False,
        cross_check: bool = False,
        name: str = "client",
        latency: bool = False,
        latency_idle: Seconds = Seconds(2),  # noqa: B008 - a number
        **options: Any,
    ) -> Prepared:
        """A client that can be started, as far as is known before. Raises ConfigurationError, DeviceError."""
        chosen = options_from("client", options)
        source = self._state.device(device)
        check_port(port)
        limits = limits_from(timeout, stall=stall, retry=retry, fail_on_zero_interval=fail_on_zero_interval)
        peers = Peers(self._state)
        handle = peers.handle_of(server, port)
        program = self._client_tool(source, server, handle, tool)
        peer = peers.peer(source, server, handle, port or program.default_port)
        peers.warn_of_one_device(source, peer)
        if handle and handle.start_anew_if_stuck():
            logger.warn(f"The server waited for a client that is gone, so it was started anew: {handle}")
        self._state.warn_once(program.advice(chosen))
        pinger = self._pinger(source, peer, chosen, latency_idle) if latency else None
        company = Company(self._state.companions.samplers, pinger)
        return Prepared(source, peer, program, chosen, self._state.files, name, limits, live, cross_check, company)

    def _start(self, device: Device | str, server: ServerHandle | Device | str, **arguments: Any) -> ClientHandle:
        return self._started(self._prepared(device, server, **arguments))

    def _run(self, device: Device | str, server: ServerHandle | Device | str, **arguments: Any) -> Result:
        """A client from its start to its end."""
        prepared = self._prepared(device, server, **arguments)
        require_end(prepared.options, prepared.limits)
        client = self._started(prepared)
        return self._finished(client, client.wait)

    def _started(self, prepared: Prepared) -> ClientHandle:
        try:
            client = self._state.own(prepared.device, prepared.begin)
        except CommandError as error:
            self._not_started(prepared, error)
            raise
        return self._told_start(client)

    def _not_started(self, prepared: Prepared, error: CommandError) -> None:
        """Nothing ran, and a CI job wants to know of that, too."""
        self._state.teller.failure(prepared.device, prepared.peer, prepared.tool, prepared.options, error)

    @staticmethod
    def _told_start(client: ClientHandle) -> ClientHandle:
        logger.info(f"Started {client}: {client.command}\nRaw file: {client.filename}")
        return client

    @keyword(tags=["Traffic"])
    @takes_options("client", _prepared)
    def run_iperf_client(
        self,
        device: Device | str,
        server: ServerHandle | Device | str,
        **arguments: Any,
    ) -> Result:
        """Runs an iperf client on the device against a server to its end and returns what was measured.

        ``server`` is the handle of a server, the name of the device where one was started, or any host name or address; then
        ``port`` is 5201 (iperf2: 5001) unless given. ``tool`` is explained in `Tools`, ``timeout``, ``stall``, ``retry`` and ``fail_on_zero_interval`` in `Timeouts`, the result in `Results`.
        ``name`` becomes part of the file names. ``cross_check=True`` compares the figures with what the kernels counted: `Cross-check`.
        With ``latency=True`` the round trip to the server is measured, too: ``latency_idle`` long before the traffic,
        and while it runs; see `Latency under load`. What is sampled beside the run is in `Companions`.

        Examples:
        | ${result} =    Run Iperf Client    pc    server=dut    time=10s    parallel=4
        | Get Iperf Bitrate    ${result}    >=    900 Mbit/s
        | ${result} =    Run Iperf Client    pc    dut    udp=True    bitrate=50M    length=1200    reverse=True
        | Get Iperf Loss    ${result}    <    0.1%
        | Run Iperf Client    pc    iperf.example.net    port=5202    repeating_payload=True

        The options of iperf:

        %OPTIONS%
        """
        return self._run(device, server, **arguments)

    @keyword(tags=["Traffic"])
    @takes_options("client", _prepared)
    def start_iperf_client(
        self,
        device: Device | str,
        server: ServerHandle | Device | str,
        **arguments: Any,
    ) -> ClientHandle:
        """Starts a client and returns its handle at once; `Wait For Iperf Client` or `Stop Iperf Client` brings the result.

        The arguments are those of `Run Iperf Client`. With ``time=0s`` it sends until it is stopped.

        | =Attribute of the handle= | =Meaning= |
        | ``running`` | whether it still runs |
        | ``intervals`` | the periodic reports until now, from iperf2 and from iperf3 3.18 on. ``live=True`` brings them from 3.1.5 on, but then the figures have only the digits that iperf prints in its text. Where there are none before the end, to ask for them while it runs fails |
        | ``progress`` | one line: the time and, where intervals are known, the current rate and the mean |
        | ``device``, ``pid``, ``command``, ``filename`` | where it runs, its process there, its command line, its raw file |

        Example:
        | ${client} =    Start Iperf Client    pc    dut    time=30s
        | Reboot Access Point
        | ${result} =    Wait For Iperf Client    ${client}

        The options of iperf:

        %OPTIONS%
        """
        return self._start(device, server, **arguments)

    @keyword(tags=["Traffic"])
    @typed
    def wait_for_iperf_client(self, client: ClientHandle | Device | str, timeout: Seconds | None = None) -> Result:
        """Waits until a started client is done and returns what was measured, or fails as `Run Iperf Client` does.

        ``client`` is a handle, or the name of a device on which one client was started. ``timeout`` counts from now and takes the
        place of the client's own time limit.

        Example:
        | ${result} =    Wait For Iperf Client    pc
        """
        one = self._one_client(client)
        return self._finished(one, lambda: one.wait(timeout))

    @keyword(tags=["Traffic"])
    @typed
    def stop_iperf_client(self, client: ClientHandle | Device | str) -> Result:
        """Stops a started client and returns what was measured until then, marked ``partial``.

        What the far end counted is unknown then: iperf3 does not ask for it when it is interrupted. The server has it.

        Example:
        | ${client} =    Start Iperf Client    pc    dut    time=0s
        | ${result} =    Stop Iperf Client    ${client}
        | Log    ${result.sent.bytes}
        """
        one = self._one_client(client)
        return self._finished(one, one.stop)

    @keyword(tags=["Traffic"])
    @typed
    def stop_all_iperf_processes(self) -> int:
        """Stops every client and server that this library runs, on all devices, and returns how many there were.

        Programs that somebody else started are not touched.

        Example:
        | [Teardown]    Stop All Iperf Processes
        """
        running = [handle for handle in self._state.owned if handle.running]
        self._state.end([*self._state.owned, *self._state.left], "of Stop All Iperf Processes")
        return len(running)

    def _pinger(self, source: Device, peer: Peer, options: Options, idle: Seconds) -> Pinger:
        if idle <= 0:
            raise ConfigurationError(f"'latency_idle' is more than 0 s, not {idle:g} s.")
        if peer.host.startswith("-"):
            raise ConfigurationError(f"'{peer.host}' is no address.")
        family = 6 if options.get("ipv6") else 4 if options.get("ipv4") else None
        bound = options.get("bind_dev") or str(options.get("bind") or "").partition("%")[0]
        return Pinger(source, peer.host, idle, self._state.files, family, bound or None)

    def _client_tool(self, source: Device, server: Any, handle: ServerHandle | None, tool: str) -> Tool:
        if not handle:
            target = self._state.devices.find(str(server))
            return choose(tool, [source, *([target] if target else [])])
        if tool not in ("auto", handle.tool.name):
            raise ConfigurationError(f"The {handle} is no server for {tool}.")
        if not has(source, handle.tool):
            raise DeviceError(
                f"{source} has no {handle.tool.name}, which the server on {handle.device} is.",
                kind="program",
                cause=f"'{source.programs[handle.tool.name]}' is not there",
                remedy="start the server with another 'tool=', or say where the program is: Add Iperf Device",
            )
        return handle.tool

    def _finished(self, client: ClientHandle, outcome: Any) -> Result:
        client.meanwhile = self._state.show_progress
        try:
            result: Result = outcome()
        except IperfLibraryError as error:
            self._state.teller.failure(client.device, client.peer, client.tool, client.options, error)
            for line in complaints(error.result):
                logger.warn(line)
            self._state.tell_left_behind(client)
            raise
        finally:
            self._state.hide_progress()
            if not client.running:
                self._state.owned.pop(client, None)
                client.settle()
        logger.info(str(result))
        self._state.teller.result(result)
        for check in result.checks:
            if not check.agrees:
                (logger.info if check.agrees is None else logger.warn)(said_of(check))
        for line in told([client]):
            logger.info(f"{client} warns: {line}")
        for line in filter(None, (*complaints(result), missed(result))):
            logger.warn(line)
        # Not the intervals: there may be a million, and they are in the parsed file.
        ends = "".join(f"\n{flow}\n  {flow.sender}\n  {flow.receiver}" for flow in result.flows)
        logger.debug(f"Parsed file: {result.parsed_file}\n{result.options}{ends}")
        return result

    def _one_client(self, client: ClientHandle | Device | str) -> ClientHandle:
        if isinstance(client, ClientHandle):
            return client
        found: list[ClientHandle] = self._state.running(ClientHandle, client)
        if len(found) != 1:
            raise ConfigurationError(f"{client} has {len(found) or 'no'} running clients; give the handle of one.")
        return found[0]
