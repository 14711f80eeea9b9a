"""The keywords: the only place that knows Robot Framework."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from robot.api.deco import keyword, library
from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError
from robot.utils import timestr_to_secs

from . import log as logger
from . import run as runs
from .clients import ClientHandle, Limits, Peer, told
from .connections import connect
from .console import LiveLines
from .daemons import DaemonHandle, Note
from .detached import DIRECTORY, SUFFIX, found
from .devices import Device, Devices
from .errors import ConfigurationError, DeviceError, IperfCommandError, IperfLibraryError, nearest
from .files import error_path, stored_lines
from .filing import Files
from .handles import Handle
from .keywords.assertions import Assertions
from .option_table import Words
from .options import Options, option_named
from .probing import choose, has
from .result import Result
from .run import Started
from .secret import Password
from .servers import ServerHandle
from .signature import takes_options, typed
from .telling import Teller
from .tools.base import Tool
from .tools.iperf2 import Iperf2
from .tools.iperf3 import Iperf3
from .tools.parsing import parse
from .units import Bitrate, Percent, Seconds, Size

TRUE = ("true", "yes", "on", "1")
FALSE = ("false", "no", "off", "0", "none", "")
"""As Robot's own conversion has them."""

SCOPES = ("TEST", "SUITE", "RUN")


def _seconds(value: str | int | float | timedelta) -> Seconds:
    return Seconds(timestr_to_secs(value))


def _numeric(parse: Callable[[str | float], Any]) -> Callable[[str | int | float], Any]:
    """The parser as Robot wants it, for which an int is no float."""

    def convert(value: str | int | float) -> Any:
        return parse(value)

    return convert


CONVERTERS: dict[type, Any] = {
    Bitrate: _numeric(Bitrate.parse),
    Size: _numeric(Size.parse),
    Percent: _numeric(Percent.parse),
    Seconds: _seconds,
    Words: Words.parse,
    Password: Password.parse,
}
"""How Robot turns what a suite says into values. ``_seconds`` takes all of Robot's time formats."""


@library(scope="GLOBAL", listener="SELF", converters=CONVERTERS, doc_format="ROBOT")
class IperfLibrary(Assertions):
    """Keywords for network throughput tests with iperf: figures that can be trusted, failures that explain themselves.

    %TOC%

    = A first test =

    Two devices are named, an iperf3 server is started on one, a client runs on the other:

    | ***** Settings *****
    | Library    IperfLibrary
    |
    | ***** Test Cases *****
    | Downlink Reaches The Target
    |     Add Iperf Device    dut    ssh://root@192.168.1.1    role=node
    |     Add Iperf Device    pc     local    address=192.168.1.2    role=tpc
    |     Start Iperf Server    dut
    |     ${result} =    Run Iperf Client    pc    server=dut    time=10s    parallel=4
    |     Get Iperf Bitrate    ${result}    >=    900 Mbit/s
    |     [Teardown]    Stop Iperf Server    dut

    = Devices =

    A device is a name for a machine that can run iperf. `Add Iperf Device` says how it is reached, by a URL:

    | ``local`` | this machine |
    | ``ssh://user@host:port`` | a machine with an SSH server; ``~/.ssh/config`` is read (HostName, User, Port, IdentityFile, UserKnownHostsFile, ProxyJump, ProxyCommand) |

    The ``role`` is ``node`` for the device under test or ``tpc`` for the traffic PC. With roles, results and files have a
    direction: ``upstream`` when the node sends, ``downstream`` when the traffic PC does.

    = Tools =

    Both tools are used, in all versions: iperf3 from 3.0 and iperf2 from 2.0.4 on. The version on each device is asked once. With ``tool=auto`` a client takes
    the tool of the server that it is run against; a server is iperf3 where that is there and, with two devices, where both have it, else iperf2.

    - iperf3 tells what both ends counted. With UDP, versions up to 3.10 tell the rate of the sender and the loss, but not the receiver's rate, which is ``None``.
    - An iperf2 client knows only its own end of a TCP connection. What the receiver got comes from the server's output, where this library has started it;
      else it is ``None``.
    - iperf2 has no common language with iperf3. A client of one against a server of the other fails, or knows no receiver's figure.

    = Options =

    The options of iperf are named arguments with iperf's own long names: ``time=10s``, ``bitrate=50M``, ``udp=True``.
    Wrong names, values, units and clashes fail before anything runs. What has no argument here goes through ``extra``.

    = Units =

    - Rates are bits per second: ``900 Mbit/s``, ``10M``, ``1.5 Gbps``, ``100 MByte/s``. Prefixes of bits are decimal: M is 1,000,000.
    - Sizes are bytes: ``128K``, ``10 MByte``, ``1470``. Prefixes of bytes are binary, as in iperf: K is 1024.
    - Times are [https://robotframework.org/robotframework/latest/RobotFrameworkUserGuide.html#time-format|Robot's]: ``10``, ``10s``, ``1 min 30 s``, ``500ms``.

    = Results =

    `Run Iperf Client` returns a result. The headline is what the *receiver* got. What iperf did not say is ``None``, never 0.

    | =Attribute= | =Meaning= |
    | ``bits_per_second`` | rate at the receiver, in bits/s |
    | ``received``, ``sent`` | what the receiver and the sender counted: ``bytes``, ``bits_per_second``, ``seconds`` |
    | ``retransmits`` | segments that the sender sent again (TCP) |
    | ``jitter_ms``, ``lost_packets``, ``packets``, ``lost_percent``, ``out_of_order`` | what the receiver found (UDP) |
    | ``flows`` | one for each direction: ``direction``, ``reverse``, ``sender``, ``receiver``, ``streams``, ``intervals``, ``measured_at`` |
    | ``upstream``, ``downstream`` | the flow of that direction, where roles are known |
    | ``intervals`` | the periodic reports: ``start``, ``end``, ``bytes``, ``bits_per_second``, ``omitted`` ..., measured at the client |
    | ``protocol``, ``options``, ``client``, ``server`` | what was run and where |
    | ``client_version``, ``server_version`` | of iperf on both ends |
    | ``client_cpu_percent``, ``server_cpu_percent`` | CPU time that iperf used |
    | ``raw_file``, ``parsed_file`` | the tool's output byte for byte, and its figures as CSV |
    | ``partial`` | true when the run was stopped before its end |

    After a run in both directions (``bidir``) the attributes of the result itself are those of the *worse* direction, so that an assertion
    on them holds for both: the lower rate, the higher loss and jitter. Retransmits and packets are summed. Look at ``flows`` for each.

    = Assertions =

    `Get Iperf Bitrate` and its sisters return one figure of a result, and check it when they are given an operator and what it should be, with a unit:

    | Get Iperf Bitrate    ${result}    >=    900 Mbit/s
    | Get Iperf Loss    ${result}    <    0.1%    The Wi-Fi loses too much
    | Get Iperf Jitter    ${result}    <=    2 ms    direction=downstream
    | Get Iperf Bitrate    ${result}    validate    4e8 < value < 6e8

    The operators are those of [https://github.com/MarketSquare/AssertionEngine|Robot Framework's assertion engine] for numbers: ``==``, ``!=``, ``<``, ``>``, ``<=``, ``>=``, ``validate``, ``then``.
    After them come the expected value and a message for the failure, which may have ``{value}`` and ``{expected}``.

    | =Argument= | =Meaning= |
    | ``end`` | ``receiver`` or ``sender``, where both know the figure |
    | ``direction`` | ``upstream``, ``downstream``, ``forward`` or ``reverse``; with two directions and none named, it is the worse figure, or the sum of what is counted |
    | ``stream`` | one of the parallel streams; the first is 1 |
    | ``aggregate`` | of the intervals: ``mean``, ``min``, ``max``, ``median``, ``p1`` to ``p99`` (percentiles), ``stdev`` (of a sample), ``cv`` (``stdev`` in per cent of the mean). The warm-up and a last moment that is shorter than half an interval are left out |

    A figure that iperf did not report fails, whatever it is compared with. Without an operator it is ``None``.

    = Failures =

    A client run is a success only when there is a summary for each direction and stream that was asked for, data arrived
    at the receiver, and iperf reported no error, whatever its exit code says. Anything else fails the keyword, with a
    message that says what failed and where, what iperf said, the probable cause, and what to do.

    = Files =

    The output of each run is kept in ``${OUTPUT_DIR}/raw_iperf``, named
    ``direction_tx|rx|txrx_tcp|udp_device_name_time.json``: *tx* when the device of the file sends, *rx* when it receives. The direction
    is left out where the roles are not known; a server's file has neither, since it cannot know who will come. What iperf printed on
    stderr stands beside it in ``....stderr``. ``${OUTPUT_DIR}/parsed`` has the figures as CSV under the same name.

    = What is told of results =

    The log has a block for each result: figures of both ends and directions, streams, a chart of the bit rate over time with loss or retransmits beneath,
    options, versions, and links to the files. It works offline, in Robot's light and dark theme. With Robot Framework 7.5 or newer a test has its results among its metadata.

    ``${OUTPUT_DIR}/iperf-results.jsonl`` gets one line of JSON for each result and each run that failed, when its test ends, with suite, test, devices, versions, options, figures and
    what was asked of them; ``iperf-results.csv`` beside it has the same as a table. Several processes may write into one directory.
    ``python -m IperfLibrary report DIR...`` makes one page of any number of output directories, with trends.

    = Life of processes =

    Every iperf that this library starts is ended when it is stopped, when its keyword fails or times out, when the scope that
    owns it ends (see `Importing`), when the connection to its device drops, and also when Robot Framework itself is killed:
    a few words of shell beside iperf on the device notice that. Only processes that this library started are ever ended.

    = Timeouts =

    A client must be done within ``max(120 s, 1.5 × duration)``, or within ``timeout`` where that is given. Then it is stopped,
    and the keyword fails. What was measured until then is in the raw file.

    - ``stall``: a client that has printed intervals and then none for so long (60 s unless given; 0 s is never) is stopped, and the keyword fails.
      iperf2 prints them while it runs, and iperf3 from 3.18 on; 3.1.5 to 3.17 are told to when ``stall`` is given, and then print as text, with fewer digits.
      An interval without data is no stall. ``stall`` must be longer than ``interval``.
    - ``fail_on_zero_interval=True``: an interval without any data fails the keyword, at once where intervals are seen while the client runs.
    - ``retry``: how long a busy server is tried again, with growing pauses. An iperf3 server serves one client at a time.

    A server of this run that still waits for a client that is gone is started anew for the next one, and a warning tells so.

    = Daemon mode =

    `Start Iperf Server` with ``daemon=True`` detaches the server from its connection, so that the device may go out of reach while traffic runs. Its output
    goes to a file on the device, whose path `Get Last Filename` returns. `Stop Iperf Server` connects again if need be, ends exactly that process,
    fetches the file into ``raw_iperf`` and returns the results in it.

    A daemon is the one exception from the rule that nothing outlives its controller. It ends with its test like any other server where the device can be
    reached then; where it cannot, `Stop All Iperf Processes` and the end of the run try again. With ``keep=True``, or when Robot Framework was killed, it goes on until another run takes it over: `Adopt Iperf Servers`. A small file beside
    its output tells which process it is; a process that has got the same number meanwhile is left alone.

    While it runs, the library does not look at its output. What the server saw is not in a client's result, but in those of `Stop Iperf Server`.

    = Passwords =

    Give a password as Robot's ``Secret`` variable (Robot Framework 7.4 or newer), or as a variable that comes from outside, like
    ``password=%{DUT_PASSWORD}``. Then no log
    has it at any level. A plain ``password=secret`` in a suite is masked in Robot's log, too, but not in a ``--debugfile``, nor in other keywords that
    take the text by itself, like *Set Variable*.
    """

    ROBOT_LISTENER_API_VERSION = 3

    def __init__(self, auto_stop: str = "TEST", directory: Path | None = None, progress: bool = True) -> None:
        """``auto_stop`` says what ends the iperf processes that nobody stopped.

        - ``TEST`` (default): the end of the test that started them; what a suite setup started, the end of that suite.
        - ``SUITE``: the end of the suite.
        - ``RUN``: the end of the whole run.

        ``directory`` is where files go in place of ``${OUTPUT_DIR}``.

        On a terminal, each running client has a line on the console while a keyword waits for one: the time, the current rate and the mean. It is gone when
        the client is done. ``progress=False`` turns it off, and so do ``--console quiet`` and ``none``.

        Example:
        | Library    IperfLibrary    auto_stop=SUITE
        """
        if auto_stop.upper() not in SCOPES:
            raise ConfigurationError(f"auto_stop is one of {', '.join(SCOPES)}, not '{auto_stop}'.")
        self._auto_stop = auto_stop.upper()
        self._directory = directory
        self._devices = Devices()
        self._owned: dict[Handle, str] = {}
        self._left: list[Handle] = []
        self._last_files: dict[str | None, str] = {}
        self._files = Files(self._output_directory, self._note_file)
        self._progress = progress
        self._lines = LiveLines()
        self._teller = Teller(self._output_directory, _variable)

    # -- devices

    @keyword(tags=["Devices"])
    @typed
    def add_iperf_device(
        self,
        name: str,
        connection: str = "local",
        *,
        address: str | None = None,
        role: str | None = None,
        password: Password | None = None,
        key_file: str | None = None,
        host_key: str | None = None,
        iperf3: str = Iperf3.program,
        iperf2: str = Iperf2.program,
    ) -> Device:
        """Names a machine that can run iperf; nothing is connected yet.

        | =Argument= | =Meaning= |
        | ``name`` | how all other keywords call it |
        | ``connection`` | how it is reached: ``local`` or ``ssh://[user@]host[:port]`` |
        | ``address`` | where traffic to it goes; without it, the host of the connection |
        | ``role`` | ``node`` (device under test) or ``tpc`` (traffic PC) |
        | ``password`` | for the log-in, or the passphrase of ``key_file``; see `Passwords` |
        | ``key_file`` | private key for the log-in; without it and a password: the agent, ``~/.ssh/config`` and the keys in ``~/.ssh`` |
        | ``host_key`` | ``check`` (default) refuses a key that is not in known_hosts, ``accept-new`` keeps a new one there, ``ignore`` takes any |
        | ``iperf3``, ``iperf2`` | the programs on that device, with their path where it is not in the PATH of the log-in; empty where there is none |

        Example:
        | Add Iperf Device    pc     local    role=tpc
        | Add Iperf Device    dut    ssh://root@192.168.1.1    address=10.0.0.1    role=node    key_file=~/.ssh/lab
        """
        link = connect(name, connection, password=password, key_file=key_file, host_key=host_key)
        device = Device(name, link, address, role, {"iperf3": iperf3, "iperf2": iperf2})
        self._devices.add(device)
        logger.info(f"Device {name}: {connection}, traffic at {address or link.host}, role {role or 'none'}")
        return device

    @keyword(tags=["Devices"])
    @typed
    def get_iperf_device(self, name: Device | str) -> Device:
        """Returns a device: its ``name``, ``address``, ``role``, ``versions`` (those found until now).

        Example:
        | ${dut} =    Get Iperf Device    dut
        | Should Be Equal    ${dut.role}    node
        """
        return self._device(name)

    @keyword(tags=["Devices"])
    @typed
    def remove_iperf_device(self, name: Device | str) -> None:
        """Forgets a device: ends what this library runs on it and closes its connection.

        Example:
        | Remove Iperf Device    dut
        """
        device = self._device(name)
        self._end([h for h in self._owned if h.device is device and not h.keep], "its device is removed")
        device.connection.close()
        self._devices.remove(device.name)

    @keyword(tags=["Devices"])
    @typed
    def remove_all_iperf_devices(self) -> None:
        """Forgets all devices, as `Remove Iperf Device` does.

        Example:
        | [Teardown]    Remove All Iperf Devices
        """
        self._end([handle for handle in self._owned if not handle.keep], "all devices are removed")
        for device in self._devices:
            device.connection.close()
            self._devices.remove(device.name)

    # -- server

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
        chosen = self._options("server", options)
        _check_port(port)
        target = self._device(device)
        program = self._server_tool(target, tool)
        if daemon:
            place = _remote(remote_directory)
            left = self._left.append
            server: ServerHandle = DaemonHandle(target, program, chosen, port, self._files, name, place, keep, left)
        elif keep or remote_directory != DIRECTORY:
            raise ConfigurationError("'keep' and 'remote_directory' are for a server with 'daemon=True'.")
        else:
            server = ServerHandle(target, program, chosen, port, self._files, name)
        self._own(server)
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
        servers = [server] if isinstance(server, ServerHandle) else self._running(ServerHandle, server)
        if not servers:
            logger.warn(f"No iperf server of this run is on {server}; nothing was stopped.")
        for one in servers:
            self._tell_ended(one)
        self._stop([one.run for one in servers])
        return [result for one in servers for result in self._collected(one, remove)]

    def _tell_ended(self, server: ServerHandle) -> None:
        if server.served is not None:
            logger.warn(f"The {server} was stopped before.")
        elif not server.went_well:
            self._warn_of(server.require_alive)

    def _collected(self, server: ServerHandle, remove: bool) -> list[Result]:
        results = server.collect()
        server.settle(remove)
        self._owned.pop(server, None)
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
        target = self._device(device)
        mine = {server.filename for server in self._running(ServerHandle, target)}
        adopted: list[ServerHandle] = []
        for path, sighting in found(target.connection, _remote(remote_directory)).items():
            note = Note.parse(sighting.note)
            if not note:
                logger.warn(
                    f"{path}{SUFFIX} on {target} tells of no daemon that this version knows; it was left alone."
                )
            elif path not in mine and name in (None, note.name):
                self._left[:] = [handle for handle in self._left if handle.filename != path]
                server = DaemonHandle.found(target, path, sighting, note, self._files)
                adopted.append(server)
                self._own(server)
                logger.info(f"Adopted {server} ({sighting.state}): {server.command}\nFile on {target}: {path}")
        return adopted

    @keyword(tags=["Devices"])
    @typed
    def close_iperf_connection(self, device: Device | str) -> None:
        """Closes the connection to a device; the next keyword that needs it opens it again.

        What runs there on this connection ends. Servers in `Daemon mode` go on.

        Example:
        | Start Iperf Server    dut    daemon=True
        | Close Iperf Connection    dut
        """
        target = self._device(device)
        self._end([h for h in self._owned if h.device is target and not h.detached], "its connection is closed")
        target.connection.close()

    # -- client

    @keyword(tags=["Traffic"])
    @takes_options("client")
    def run_iperf_client(
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
        name: str = "client",
        **options: Any,
    ) -> Result:
        """Runs an iperf client on the device against a server to its end and returns what was measured.

        ``server`` is the handle of a server, the name of the device where one was started, or any host name or address; then
        ``port`` is 5201 (iperf2: 5001) unless given. ``tool`` is explained in `Tools`, ``timeout``, ``stall``, ``retry`` and ``fail_on_zero_interval`` in `Timeouts`, the result in `Results`.
        ``name`` becomes part of the file names.

        %OPTIONS%

        Examples:
        | ${result} =    Run Iperf Client    pc    server=dut    time=10s    parallel=4
        | Get Iperf Bitrate    ${result}    >=    900 Mbit/s
        | ${result} =    Run Iperf Client    pc    dut    udp=True    bitrate=50M    length=1200    reverse=True
        | Get Iperf Loss    ${result}    <    0.1%
        | Run Iperf Client    pc    iperf.example.net    port=5202    repeating_payload=True
        """
        limits = Limits(timeout, stall, retry, fail_on_zero_interval)
        client = self._client(device, server, port, limits, tool, live, name, options)
        return self._finished(client, client.wait)

    @keyword(tags=["Traffic"])
    @takes_options("client")
    def start_iperf_client(
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
        name: str = "client",
        **options: Any,
    ) -> ClientHandle:
        """Starts a client and returns its handle at once; `Wait For Iperf Client` or `Stop Iperf Client` brings the result.

        The arguments are those of `Run Iperf Client`. With ``time=0s`` it sends until it is stopped. While it runs, ``intervals`` of the handle
        has the periodic reports until now, from iperf2 and from iperf3 3.18 on; ``live=True`` brings them from 3.1.5 on, but then the figures have
        only the digits that iperf prints in its text.

        %OPTIONS%

        Example:
        | ${client} =    Start Iperf Client    pc    dut    time=30s
        | Reboot Access Point
        | ${result} =    Wait For Iperf Client    ${client}
        """
        limits = Limits(timeout, stall, retry, fail_on_zero_interval)
        return self._client(device, server, port, limits, tool, live, name, options)

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
        running = [handle for handle in self._owned if handle.running]
        self._end([*self._owned, *self._left_again()], "Stop All Iperf Processes")
        return len(running)

    @keyword(tags=["Results"])
    @typed
    def get_last_filename(self, device: Device | str | None = None) -> str:
        """Returns the absolute path of the raw file of the last run, of that device or of all.

        Example:
        | ${path} =    Get Last Filename    dut
        | File Should Not Be Empty    ${path}
        """
        name = None if device is None else self._device(device).name
        if name not in self._last_files:
            raise ConfigurationError(f"Nothing has run{f' on {name}' if name else ''} yet, so there is no file.")
        return self._last_files[name]

    @keyword(tags=["Results"])
    @typed
    def parse_iperf_output(self, path: Path, stderr: Path | None = None) -> Result:
        """Reads a file with the output of iperf, of either tool, any version and form, and returns the result in it.

        The output may be a client's or a server's, text, JSON or CSV; of several tests it is the last one, also when that one failed.
        ``stderr`` is a file with what iperf printed there; without it, the file beside ``path`` that this library writes is
        taken. An error that iperf reported is in ``error``, and ``partial`` tells an output that does not reach its end.

        Example:
        | ${result} =    Parse Iperf Output    ${CURDIR}/iperf3-client.json
        | Get Iperf Bitrate    ${result}    >    900 Mbit/s
        """
        beside = error_path(path)
        errors = stderr or (beside if beside.exists() else None)
        result = parse(stored_lines(path), stored_lines(errors) if errors else ())
        return replace(result, raw_file=str(path.absolute()))

    @keyword(tags=["Results"])
    @typed
    def log_iperf_result(self, result: Result) -> None:
        """Shows a result in the log, as every client keyword does of its own: figures of both ends, a chart, links to the files.

        It is for results that come from elsewhere: `Parse Iperf Output`, `Stop Iperf Server`.

        Example:
        | ${result} =    Parse Iperf Output    ${CURDIR}/iperf3-client.json
        | Log Iperf Result    ${result}
        """
        if not isinstance(result, Result):
            raise ConfigurationError(f"This takes the result of a run, not {_described(result)}.")
        self._teller.show(result, [])

    # -- what the keywords share

    def _client(
        self,
        device: Device | str,
        server: ServerHandle | Device | str,
        port: int | None,
        limits: Limits,
        tool: str,
        live: bool,
        name: str,
        options: dict[str, Any],
    ) -> ClientHandle:
        chosen = self._options("client", options)
        source = self._device(device)
        _check_port(port)
        if limits.timeout is not None and limits.timeout <= 0:
            raise ConfigurationError(f"A timeout is more than 0 s, not {limits.timeout:g} s.")
        handle = self._handle_of(server, port)
        program = self._client_tool(source, server, handle, tool)
        peer = self._peer(source, server, handle, port or program.default_port)
        if handle and handle.start_anew_if_stuck():
            logger.warn(f"The server waited for a client that is gone, so it was started anew: {handle}")
        client = ClientHandle(source, peer, program, chosen, self._files, name, limits, live)
        self._own(client)
        logger.info(f"Started {client}: {client.command}\nRaw file: {client.filename}")
        return client

    def _handle_of(self, server: Any, port: int | None) -> ServerHandle | None:
        """The running server that is meant, where this library started it."""
        if isinstance(server, ServerHandle):
            if port not in (None, server.port):
                raise ConfigurationError(f"The {server} does not listen on port {port}.")
            return server
        if not isinstance(server, (str, Device)) or not str(server).strip():
            raise ConfigurationError(f"The server is a device, a server handle or a host, not {_described(server)}.")
        if not self._devices.find(str(server)):
            return None
        started = [s for s in self._running(ServerHandle, server) if port in (None, s.port)]
        if len(started) > 1:
            ports = ", ".join(str(s.port) for s in started)
            raise ConfigurationError(f"{server} has {len(started)} servers (ports {ports}); give a handle, or 'port='.")
        return started[0] if started else None

    def _client_tool(self, source: Device, server: Any, handle: ServerHandle | None, tool: str) -> Tool:
        if not handle:
            target = self._devices.find(str(server))
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

    def _server_tool(self, target: Device, tool: str) -> Tool:
        """With ``auto``: where there are two devices, the tool that both have; else the one that this device has."""
        alone = choose(tool, [target])
        others = [device for device in self._devices if device is not target]
        if tool == "auto" and len(others) == 1:
            try:
                return choose(tool, [target, *others])
            except DeviceError:  # the other one cannot be asked, or has nothing that fits: it may not be the client
                pass
        return alone

    def _peer(self, source: Device, server: Any, handle: ServerHandle | None, port: int) -> Peer:
        if handle:
            return Peer(handle.device.traffic_address(source), handle.port, handle.device, handle)
        target = self._devices.find(str(server))
        if target:
            hint = f"This run has started no such server on {server}: Start Iperf Server    {server}"
            return Peer(target.traffic_address(source), port, target, hint=hint)
        return self._somewhere(str(server), port)

    def _somewhere(self, host: str, port: int) -> Peer:
        """A server that is on none of the devices."""
        host = host.strip().removeprefix("[").removesuffix("]")
        if re.fullmatch(r"[^:]+:\d+", host):
            raise ConfigurationError(f"'{host}' holds a port; give it as 'port='.")
        hint = nearest(host, (device.name for device in self._devices)).strip()
        return Peer(host, port, hint=hint)

    def _finished(self, client: ClientHandle, outcome: Any) -> Result:
        client.meanwhile = self._show_progress
        try:
            result: Result = outcome()
        except IperfLibraryError as error:
            self._teller.failure(client, error)
            raise
        finally:
            self._lines.clear()
            if not client.running:
                self._owned.pop(client, None)
        logger.info(str(result))
        self._teller.result(result)
        for line in told([client]):
            logger.info(f"{client} warns: {line}")
        # Not the intervals: there may be a million, and they are in the parsed file.
        ends = "".join(f"\n{flow}\n  {flow.sender}\n  {flow.receiver}" for flow in result.flows)
        logger.debug(f"Parsed file: {result.parsed_file}\n{result.options}{ends}")
        return result

    def _show_progress(self) -> None:
        if self._progress and self._lines.due:
            self._lines.show([h.progress for h in self._owned if isinstance(h, ClientHandle) and h.running])

    def _options(self, role: str, options: dict[str, Any]) -> Options:
        """The options, with texts as values also where Robot did not convert them: another name, a call from Python."""
        given = {}
        for name, value in options.items():
            option = option_named(name, role)
            convert = _truth if option.type is bool else CONVERTERS.get(option.type, option.type)
            try:
                # Robot's own bool takes any text that it does not know for true.
                given[name] = convert(value) if isinstance(value, str) or option.type is bool else value
            except (ValueError, TypeError) as problem:
                raise IperfCommandError(f"The option '{name}' cannot be '{value}': {problem}") from None
        return Options(role, **given)

    def _device(self, device: Any, wanted: str = "a device") -> Device:
        """The device, given by name or itself; anything else is told apart from a typing error."""
        if isinstance(device, Device):
            return self._devices.get(device.name)
        if not isinstance(device, str) or not device.strip():
            raise ConfigurationError(f"This takes the name of {wanted}, not {_described(device)}.")
        return self._devices.get(device)

    def _running(self, kind: type[Any], device: Any) -> list[Any]:
        target = self._device(device, f"a device, or a {'server' if kind is ServerHandle else 'client'} handle")
        return [handle for handle in self._owned if isinstance(handle, kind) and handle.device is target]

    def _one_client(self, client: ClientHandle | Device | str) -> ClientHandle:
        if isinstance(client, ClientHandle):
            return client
        found: list[ClientHandle] = self._running(ClientHandle, client)
        if len(found) != 1:
            raise ConfigurationError(f"{client} has {len(found) or 'no'} running clients; give the handle of one.")
        return found[0]

    def _own(self, handle: Handle) -> None:
        self._owned[handle] = self._scope()

    def _note_verdict(self, result: Result, text: str, passed: bool) -> None:
        self._teller.verdict(result, text, passed)

    def _note_file(self, device: Device, path: str) -> None:
        self._last_files[device.name] = self._last_files[None] = path

    def _output_directory(self) -> Path:
        return self._directory or Path(_variable("${OUTPUT_DIR}") or ".").absolute()

    # -- scopes: Robot calls the methods of a listener

    def _scope(self) -> str:
        """The full name of the test or suite whose end ends what is started now; empty for the end of the run."""
        if self._auto_stop == "RUN":
            return ""
        suite, test = _variable("${SUITE NAME}") or "", _variable("${TEST NAME}")
        return f"{suite}.{test}" if test and self._auto_stop == "TEST" else suite

    def _start_keyword(self, data: Any, result: Any) -> None:
        """Masks a password that a suite has as plain text, before Robot writes it into its log."""
        result.args = tuple(_masked(argument) for argument in result.args)

    def _end_test(self, data: Any, result: Any) -> None:
        self._end_scope(result.full_name)
        self._warn_of(lambda: self._teller.end_of_test(result))

    def _end_suite(self, data: Any, result: Any) -> None:
        self._end_scope(result.full_name)
        self._warn_of(self._teller.end)

    def _close(self) -> None:
        self._end([*(handle for handle in self._owned if not handle.keep), *self._left_again()], "the run is over")
        for device in self._devices:
            device.connection.close()

    def _end_scope(self, name: str) -> None:
        self._end(
            [handle for handle, scope in self._owned.items() if scope == name and not handle.keep], f"'{name}' is over"
        )

    def _end(self, handles: list[Handle], why: str) -> None:
        for handle in handles:
            if not handle.running and isinstance(handle, ClientHandle):
                logger.warn(f"The {handle} ended, and nobody asked for its result.")
        self._stop([handle.run for handle in handles])
        for handle in handles:
            self._owned.pop(handle, None)
            if not self._warn_of(handle.settle) and handle.detached:
                self._left.append(handle)
            logger.info(f"Stopped {handle}, because {why}.")

    @staticmethod
    def _stop(started: list[Started]) -> None:
        for stuck in runs.stop(started):
            logger.warn(f"{stuck.where} does not answer, so its process {stuck.pid} could not be stopped. {stuck.fate}")

    def _left_again(self) -> list[Handle]:
        """Daemons that were to end when their device could not be asked."""
        left = list(self._left)
        self._left.clear()
        return left

    @staticmethod
    def _warn_of(action: Any) -> bool:
        """Whether it went well."""
        try:
            action()
        except IperfLibraryError as problem:
            logger.warn(str(problem))
            return False
        return True


def _masked(argument: Any) -> Any:
    """The argument without what stands behind ``password=`` and in front of the host of a URL."""
    if not isinstance(argument, str):
        return argument
    if argument.startswith("password=") and not re.fullmatch(r"password=[$%]\{[^{}=]*\}", argument):
        return "password=***"
    return re.sub(r"(://[^/@:\s]*):[^/@\s]+@", r"\1:***@", argument)


def _truth(value: Any) -> bool:
    """True or False as Robot's users write them; anything else is a ValueError."""
    text = str(value).strip().lower()
    if text not in (*TRUE, *FALSE):
        raise ValueError("it is True or False")
    return text in TRUE


def _remote(directory: str) -> str:
    if not directory.startswith("/"):
        raise ConfigurationError(f"'remote_directory' is an absolute path on the device, not '{directory}'.")
    return directory


def _check_port(port: int | None) -> None:
    if port is not None and not 1 <= port <= 65535:
        raise ConfigurationError(f"A port lies between 1 and 65535, not {port}.")


def _described(value: Any) -> str:
    kind = {
        ServerHandle: "the handle of a server",
        DaemonHandle: "the handle of a server",
        ClientHandle: "the handle of a client",
        Result: "a result",
    }
    return kind.get(type(value), f"'{value}'" if isinstance(value, str) else f"{value!r} ({type(value).__name__})")


def _variable(name: str) -> str | None:
    try:
        value = BuiltIn().get_variable_value(name)
    except RobotNotRunningError:
        return None
    return str(value) if value else None
