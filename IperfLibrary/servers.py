"""A server from its start, when it listens, to its end, with what it saw of each test that it served.

Robot Framework is not known here, and nothing is logged. What both ends saw is put together in :mod:`IperfLibrary.ends`.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

from . import run as runs
from .deadline import Deadline
from .devices import Device, fake
from .ends import both_ends, same_test, streams_lack
from .errors import DeviceError, IperfError
from .files import RawFile
from .filing import Files
from .handles import Handle
from .options import Options
from .probing import probe
from .result import Result, Role
from .sockets import connected, is_free, listens, shows_owner
from .tools.base import Tool
from .tools.faults import Fault, main_error, said

READY_LIMIT = 10.0
"""Seconds within which a server must listen."""

PORTS = {"tcp": range(20_000, 32_000, 2), "udp": range(20_001, 32_000, 2)}
"""Where free ports are looked for: below the ports that Linux gives to clients by itself.

What listens by TCP and by UDP does not meet: an iperf3 server opens its port by UDP, too, when a test begins, and nobody
would know who gets what comes there.
"""

PORT_TRIES = 20
"""Ports that are tried: another controller may choose the same one at the same moment."""

FREE_LIMIT = 1.0
"""Seconds that a server gets to notice that its client has ended, before it counts as stuck."""

_OF_A_CLIENT = re.compile(r"the client has |interrupt - ")


class ServerHandle(Handle):
    """A server that listens: ``device``, ``port``, ``pid``, ``filename``."""

    role: Role = "server"

    def __init__(self, device: Device, tool: Tool, options: Options, port: int | None, files: Files, name: str) -> None:
        probe(device, tool)
        self._set_up(device, tool, options, port or 0, files, name)
        for attempt in range(PORT_TRIES):
            self.port = port or secrets.choice(PORTS[tool.listens_on(options)])
            try:
                self._begin()
                return
            except IperfError as error:
                if port or error.kind != "address_in_use" or attempt == PORT_TRIES - 1:
                    raise

    def _set_up(self, device: Device, tool: Tool, options: Options, port: int, files: Files, name: str) -> None:
        Handle.__init__(self, device, tool, options, port)
        self.name = name
        self.listened = False
        self.clients: list[Handle] = []
        """Those of this run that came since its start."""
        self.served: list[Result] | None = None
        """What it saw until its end; None while that is to come."""
        self._files = files
        self._earlier: list[Result] = []
        self._tested: list[Result] = []
        """What clients of this run measured against it, where that completes its own view."""

    def _raw(self) -> RawFile:
        return self._files.raw(None, None, self.options, self.device, self.name, self.tool.extension)

    def _begin(self) -> None:
        """Starts it on its port and returns once it listens."""
        tool, device = self.tool, self.device
        program, version = device.programs[tool.name], probe(device, tool)
        words = tool.server_words(program, self.port, self.options, version, device.name)
        seen = shows_owner(device.connection, program)
        self._port_was_free = None if seen else is_free(device.connection, self.port, tool.listens_on(self.options))
        self._start(words, self._raw(), None)
        try:
            self._wait_ready()
            self.listened = True
        except BaseException:
            runs.stop([self.run])
            raise

    def _wait_ready(self) -> None:
        for seconds in Deadline(READY_LIMIT).slices(0.005):
            if self.run.wait(Deadline(seconds)):
                raise self._died(f"The {self.tool.name} server on {self.device} could not start on port {self.port}.")
            if self._looks_ready():
                return
        raise self._error(
            Fault(
                "timeout",
                "",
                f"process {self.pid} runs but has opened no socket there: the device is overloaded, or the program waits for something",
                "run the command below by hand on the device",
            ),
            f"The {self.tool.name} server on {self.device} did not listen on port {self.port} in {READY_LIMIT:g} s.",
        )

    def _looks_ready(self) -> bool:
        protocol = self.tool.listens_on(self.options)
        connection, program = self.device.connection, self.device.programs[self.tool.name]
        found = listens(connection, self.pid, self.port, protocol, self._port_was_free, program)
        # iperf2 up to 2.0.8 goes on after its bind has failed; a second UDP server on a port starts without a word.
        problem = main_error(self.run.error_lines())
        if found is None:
            problem = "bind failed: Address already in use"
        if problem:
            fault = self.tool.judge(None, [problem], None, Options("client"))
            assert fault
            raise self._error(
                fault, f"The {self.tool.name} server on {self.device} could not start on port {self.port}."
            )
        return bool(found)

    def view(self, client: Result, since: int, deadline: Deadline) -> Result | None:
        """What this server saw of a client's test, among those that it served after ``since`` others."""
        grown, found = self.run.raw.grown, None
        # Of TCP it would be kept for nothing, with all its intervals, as long as the server runs.
        if client.protocol == "udp" and all(one is not client for one in self._tested):
            self._tested.append(client)
        for seconds in deadline.slices():
            grown.wait(seconds)
            grown.clear()
            over = not self.running  # before the look: what it prints as it ends is not in one that came earlier
            found = same_test(client, [*self._earlier, *self._results()][since:])
            if over or (found and not found.partial and not self._may_go_on(found, client)):
                return found
        return None if found and found.partial else found

    def _may_go_on(self, seen: Result, client: Result) -> bool:
        """Whether a stream lacks, or there is one row alone, as long as an interval: it may be the whole test, or the first of many."""
        if streams_lack(client, seen):
            return True
        each = float(self.options.get("interval", 1))
        alone = [
            flow for flow in seen.flows if not flow.intervals and not any(stream.intervals for stream in flow.streams)
        ]
        rows = [end for flow in alone for end in (flow.sender, flow.receiver)]
        return each > 0 and any((row.seconds or 0) >= 0.999 * each for row in rows)

    @property
    def tells_tests(self) -> bool:
        """Whether what it saw of a test can be had as soon as that is over."""
        return self.tool.tells_at_once(probe(self.device, self.tool))

    @property
    def count(self) -> int:
        """Tests seen since it was started; one that failed before its first figure is forgotten by the next one's."""
        return len(self._earlier) + sum(bool(result.flows) for result in self._parsed())

    def _died(self, what: str) -> IperfError:
        self.run.check_written()
        if self.run.ended_by == runs.LOST:
            return self._lost()
        return self._error(self._reason(), what)

    def _reason(self) -> Fault:
        if self.run.ended_by == runs.LOST:
            why = self.device.connection.loss()
            cause = f"the connection to {self.device} was lost{f': {why}' if why else ''}"
            return Fault("lost", "", cause, "look whether the device answers, and start the server again")
        if self.run.ended_by == runs.STOPPED:
            why = (
                f"it was ended because {self.ended_why}"
                if self.ended_why
                else "it was stopped by this run (Stop Iperf Server)"
            )
            return Fault("stopped", "", why, "start it again")
        if self.run.exit_code == 0 and "one_off" in self.options:
            return Fault("stopped", "", "it has served its one client, as 'one_off' asks", "start another one")
        results = self._parsed()
        errors = [*self.run.raw.error_lines(), *self.reading.last_words]
        if self.listened and self.run.exit_code == 0 and not results and not errors:
            cause = "it was told to end, by INT or TERM: it exits with 0 then, without a word"
            return Fault("died", "", cause, "find out what ended it, and start it again")
        fault = self.tool.judge(results[-1] if results else None, errors, self.run.exit_code, Options("client"))
        return fault or Fault("died", "", "it ended by itself", "look at its raw file")

    @property
    def written(self) -> int:
        """Bytes that it has printed."""
        return self.run.raw.written

    @property
    def known_to_listen(self) -> bool:
        return self.listened and self.running

    def words(self, since: int) -> str:
        """What it said went wrong in a test that it printed behind so many bytes; nothing of how its client ended."""
        if self.written <= since:
            return ""
        self._parsed()
        return "\n".join(said(line) for line in self.reading.last_words if not _OF_A_CLIENT.search(line))

    def latest(self, client: Result | None, since: int, deadline: Deadline) -> Result | None:
        """The last test that it printed behind so many bytes, also one without figures, unless that was another client's."""
        grown = self.run.raw.grown
        for seconds in deadline.slices():
            if self.written > since:
                break
            grown.wait(seconds)
            grown.clear()
        results = self._results() if self.written > since else []
        found = results[-1] if results else None
        cookies = {one.cookie for one in (client, found) if one and one.cookie}
        return found if len(cookies) < 2 else None

    @property
    def went_well(self) -> bool:
        """Whether it runs, or ended as it was asked to."""
        return self.running or self._reason().kind == "stopped"

    def death(self, limit: float) -> str | None:
        """Why it ended before it was asked to, if it does within so many seconds."""
        gone = self.run.wait(Deadline(limit)) and not self.went_well
        return f"the server on {self.device} has ended: {self._reason().cause}" if gone else None

    def require_alive(self) -> None:
        """An IperfError with the server's own words when it has ended."""
        if not self.running:
            self.run.wait(Deadline(0))
            raise self._died(
                f"The {self.tool.name} server on {self.device} (port {self.port}) is not running any more."
            )

    def start_anew_if_stuck(self) -> bool:
        """Starts it anew when it still waits for a client of this run that is gone: for ever, or for minutes."""
        if not self.tool.one_at_a_time or any(client.running for client in self.clients):
            return False
        # How a client ended is known once it was looked at; and the suspicion stays where the looking is interrupted.
        suspect = any(not client.left_in_order for client in self.clients)
        if not suspect or not self._stays_held():
            self.clients.clear()
            return False
        self._earlier = self.stop()
        self.clients.clear()
        self.settle()
        self._begin()
        self.served = None
        return True

    def _stays_held(self) -> bool:
        """Whether somebody is still connected to it after a moment."""
        try:
            return not Deadline(FREE_LIMIT).wait(lambda seconds: not connected(self.device.connection, self.port))
        except DeviceError:  # it cannot be asked now; its next client will tell
            return False

    def stop(self) -> list[Result]:
        """Ends the server and returns its view of the tests that it served, oldest first."""
        runs.stop([self.run])
        return self.collect()

    def collect(self) -> list[Result]:
        """The tests that an ended server served, from its raw file."""
        if self.served is None:
            self.run.check_written()
            # The document that ends a server tells of no test, unless it was stopped in the middle of one.
            found = [self._files.parsed(self._with_sent(r), self.run.raw) for r in self._results() if r.flows]
            self.served = [*self._earlier, *found]
        return self.served

    def _with_sent(self, result: Result) -> Result:
        """Its view with what the client had sent: a receiver of UDP does not see what is lost at the end, and would tell 0 %."""
        client = next((one for one in self._tested if result.protocol == "udp" and same_test(one, [result])), None)
        return result if client is None or streams_lack(client, result) else both_ends(result, client)

    def _complete(self, result: Result) -> Result:
        version = result.version or self.device.versions[self.tool.name]
        return replace(
            result,
            version=version,
            server=self.device.name,
            server_version=version,
            raw_file=self.filename,
            fake=fake(self.device),
        )


class UnreadServer(ServerHandle):
    """A server whose output nobody reads while it runs: that is fetched later, or never."""

    @property
    def tells_tests(self) -> bool:
        return False

    @property
    def count(self) -> int:
        return 0

    def view(self, client: Result, since: int, deadline: Deadline) -> Result | None:
        return None

    def words(self, since: int) -> str:
        return ""

    def latest(self, client: Result | None, since: int, deadline: Deadline) -> Result | None:
        return None
