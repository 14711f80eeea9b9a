"""A client from its start to its judged result: what it printed, and what its server saw of it. What is said
when it failed is in :mod:`IperfLibrary.client_failures`.

Robot Framework is not known here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from . import run as runs
from .checking import CrossCheck
from .client_failures import (
    ENDLESS,
    STALLED,
    ZERO,
    FailingClient,
    Limits,
    Peer,
    empty_interval,
    first_empty,
    interval_of,
    other_server,
    silent,
)
from .company import Company
from .deadline import Deadline
from .devices import Device, direction, fake
from .ends import both_ends
from .errors import ConfigurationError, IperfCommandError, IperfError, printable
from .filing import Files
from .fitting import check_zero, require_fit
from .handles import Handle
from .intervals import Tally
from .options import Options
from .probing import probe
from .result import Flow, Interval, Result, Role
from .secret import Password
from .servers import ServerHandle
from .tools.base import Tool, warnings
from .tools.faults import Fault, classify
from .units import Bitrate

VIEW_LIMIT = 2.0
"""Seconds within which a server prints what it saw of a test that is over."""

LATE_LIMIT = 8.0
"""The same where its device answers: it is busy, or could not be heard for a while. Anew for as long as more comes."""

TELL_LIMIT = 30.0
"""Seconds after which no more of that is waited for."""

LOOK_LIMIT = 1.0
"""Seconds between two looks at a client that somebody waits for; longer where this program was stopped or got no CPU."""

BASE_LIMIT = 120.0
"""Seconds that a client gets at least; a longer one gets half as much again as its traffic takes."""

PAUSE, LONGEST_PAUSE = 0.25, 5.0
"""Seconds between the tries to reach a busy server: each pause is twice the one before."""

OF_A_STOP = ("interrupted", "closed", "reset", "no_ack", "protocol")
"""Kinds of faults that a client reports because it is stopped."""


class ClientHandle(FailingClient):
    """A client that runs or has run."""

    role: Role = "client"

    def __init__(
        self,
        device: Device,
        peer: Peer,
        tool: Tool,
        options: Options,
        files: Files,
        name: str,
        limits: Limits,
        live: bool = False,
        cross_check: bool = False,
        company: Company | None = None,
    ) -> None:
        super().__init__(device, tool, options, peer.port)
        if peer.handle:
            peer.handle.require_alive()
        self.peer = peer
        self.name = name
        self._files = files
        self._limits = limits
        self.meanwhile: Callable[[], None] = lambda: None
        """Called now and then while somebody waits for it."""
        self._retry = Deadline(None)
        self._pauses = 0
        self._company = company or Company()
        """It has begun already: this may be another thread than the one which samples."""
        self._live = require_fit(device, peer.device, tool, options, limits, live)
        if peer.handle:
            tool.check_server(peer.handle.options, options)
        tells = peer.handle is not None and peer.handle.tells_tests
        check_zero(options, limits, interval_of(peer.handle.options) if peer.handle and tells else None)
        bound = options.get("bind_dev") or options.get("bind")
        self._cross_check = CrossCheck(device, peer.device, peer.host, bound) if cross_check else None
        self._begin()

    def _begin(self) -> None:
        tool, device, peer = self.tool, self.device, self.peer
        self._outcome: Result | IperfError | None = None
        self._served_before = peer.handle.count if peer.handle else 0
        self._printed_before = peer.handle.written if peer.handle else 0
        self._looked_at = 0
        self._tally = Tally()
        self._seen_from: str | None = self.device.address
        """The address from which the server sees it come."""
        self._since = time.monotonic()
        self._quiet = Deadline(None)
        self._looked_last = Deadline(LOOK_LIMIT)
        program, version = device.programs[tool.name], probe(device, tool)
        words = tool.client_words(program, peer.host, peer.port, self.options, version, device.name, self._live)
        if self._cross_check:
            self._cross_check.begin()
        raw = self._files.raw(self._way(), self._sends(), self.options, device, self.name, tool.extension)
        self._start(words, raw, _limit(self.options, self._limits.timeout))
        self._zero: float | None = None
        self._started = time.monotonic()
        if peer.handle:
            peer.handle.clients.append(self)

    @property
    def left_in_order(self) -> bool:
        return super().left_in_order and not isinstance(self._outcome, IperfError)

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals seen until now, while it runs, where the tool tells them at once.

        iperf2 does, and iperf3 from 3.18 on; 3.1.5 to 3.17 do with ``live``; older ones tell all at the end. Raises IperfCommandError where nothing is to be seen
        before the end: whoever watches would take that for silence.
        """
        if self.running:
            self._require_intervals()
        self.reading.catch_up()
        return tuple(self.reading.intervals)

    def _require_intervals(self) -> None:
        version = probe(self.device, self.tool)
        if self.tool.shows_intervals(self.options, version, self._live):
            return
        can = self.tool.shows_intervals(self.options, version, True)
        raise IperfCommandError(
            f"The {self} tells no intervals while it runs.",
            cause="'interval' is 0" if self.options.get("interval") == 0 else f"its version is {version}",
            remedy="start it with 'live=True'"
            if can
            else "use iperf3 3.18 or newer, or iperf2; or look at the result when it has ended",
        )

    @property
    def progress(self) -> str:
        """One line on how far it is: seconds gone and asked for; the last interval's rate and the mean, where they are known.

        Example: ``pc to dut  12/30 s  now 94.1 Mbit/s  mean 93.8 Mbit/s``
        """
        whole = f"/{self.options.duration:g}" if self.options.duration else ""
        self.reading.catch_up()
        for interval in self.reading.intervals[self._tally.seen :]:
            self._tally.add(interval)
        now, mean = self._tally.now, self._tally.mean
        rates = "" if now is None or mean is None else f"  now {Bitrate(now)}  mean {Bitrate(mean)}"
        return printable(f"{self.device} to {self.peer}  {time.monotonic() - self._since:.0f}{whole} s{rates}")

    @property
    def begun(self) -> float:
        """When it was started, on the clock of ``time.monotonic``."""
        return self._since

    def wait(self, limit: float | None = None) -> Result:
        """What it measured, once it has ended. Raises IperfError when it did not do what was asked."""
        until = Deadline(limit)
        if limit is not None:
            self.run.deadline = until
        if self.run.deadline.seconds is None and self.running:
            raise ConfigurationError(
                f"The {self} sends without end, so waiting for it would never end.",
                remedy=ENDLESS,
            )
        try:
            result = self._finished(until)
        except IperfError as error:
            if self.run.ended_by != runs.STOPPED:
                raise
            raise self._stopped(error.result, error.said) from None  # what iperf said follows from that
        if self.run.ended_by != runs.ITSELF:
            raise self._stopped(result, result.error)
        return result

    def _finished(self, until: Deadline) -> Result:
        """Its result; while a server is busy it is started again, for as long as ``retry`` says and not after ``until``."""
        while True:
            self.run.finish(self._look)
            try:
                return self.outcome()
            except IperfError as error:
                if error.kind != "busy" or not self._may_retry(until):
                    raise
            self._company.begin()
            self._begin()
            if until.seconds is not None:
                self.run.deadline = until

    def _may_retry(self, until: Deadline) -> bool:
        """Waits for the next try; false when there is none."""
        if not self._pauses:
            self._retry = Deadline(self._limits.retry)
        pause = min(PAUSE * 2**self._pauses, LONGEST_PAUSE)
        if min(self._retry.left, until.left) < pause:
            return False
        self._pauses += 1
        Deadline(pause).wait(threading.Event().wait)
        return True

    def _look(self) -> str | None:
        """Why it should be stopped now, from the intervals that have come since the last look."""
        self.meanwhile()
        self._company.look()
        late = self._looked_last.expired
        self._looked_last = Deadline(LOOK_LIMIT)
        self.reading.go_on()
        fresh = self.reading.intervals[self._looked_at :]
        self._looked_at += len(fresh)
        if fresh:
            self._quiet = Deadline(self._stall_limit)
            self._note_beginning(fresh[-1])
        if self._limits.fail_on_zero_interval and first_empty(fresh, self._interval):
            return ZERO
        # Whoever could not look for a while could not read either: what has come meanwhile is there at the next look.
        return STALLED if self._quiet.expired and not late else None

    def _note_beginning(self, last: Interval) -> None:
        """An interval is told when it ends, or later. Without the warm-up, from whose end on seconds are counted."""
        began = self.run.raw.written_at - last.end + (self._warm_up if last.omitted else 0.0)
        self._zero = began if self._zero is None else min(began, self._zero)

    @property
    def _warm_up(self) -> float:
        return float(self.options.get("omit") or 0)

    @property
    def zero(self) -> float:
        """When the traffic began, without its warm-up, on the clock of ``time.monotonic``: as its first interval tells, else when it was started."""
        earliest = self._started + self._warm_up
        return earliest if self._zero is None else max(self._zero, earliest)

    def settle(self, remove: bool = True) -> None:
        """Nobody asks for its result any more: what goes on beside it ends."""
        self._company.release()

    def stop(self) -> Result:
        """Ends it and returns what it measured until then, marked partial. Raises IperfError when it cannot be reached."""
        if runs.stop([self.run]):
            self._company.release()
            raise self._lost(self._partial())
        return self.outcome()

    def outcome(self) -> Result:
        if self._outcome is None:
            try:
                self._outcome = self._judged()
            except IperfError as error:
                self._outcome = error
        if isinstance(self._outcome, IperfError):
            raise self._outcome
        return self._outcome

    def _judged(self) -> Result:
        ended_by = self.run.ended_by
        if ended_by == runs.ITSELF:
            self._company.end()
        else:
            self._company.release()
        self.run.check_written()
        results = self._results()
        result = results[-1] if results else None
        if ended_by != runs.ITSELF:
            return self._unfinished(self._partial())
        fault = self._judge(result)
        if result and not fault:
            result, fault = self._with_server(result)
        if result and not fault and self._limits.fail_on_zero_interval:
            fault = empty_interval(result)
        if result and not fault and self._cross_check:
            result = replace(result, checks=self._cross_check.checks(result, self._seen_from))
        filed = self._filed(result)
        if fault or filed is None:
            raise self._failed(fault or Fault("unreadable", "", "", ""), filed)
        return filed

    def _partial(self) -> Result | None:
        """What was measured until it was ended."""
        results = self._results()
        return self._filed(replace(results[-1], partial=True)) if results else None

    def _with_server(self, result: Result) -> tuple[Result, Fault | None]:
        """The result with what the server saw, where it is ours; a fault when it saw nothing of this test."""
        server = self.peer.handle
        if not server:
            return result, None
        seen = server.view(result, self._served_before, Deadline(VIEW_LIMIT))
        if not seen and not server.tells_tests:
            return result, None
        if not seen and not server.device.connection.answers(VIEW_LIMIT):
            return result, silent(server.device)
        # What was held up on its way has come in front of that answer.
        seen = seen or self._late_view(server, result)
        if not seen:
            return result, other_server(server.device, self.peer.host)
        self._seen_from = seen.client or self._seen_from
        both = both_ends(result, seen)
        return both, self._judge(both)

    def _late_view(self, server: ServerHandle, result: Result) -> Result | None:
        """What the server saw, from one that has little time, or much to tell over a slow link."""
        until = Deadline(TELL_LIMIT)
        while True:
            before = server.run.raw.written
            seen = server.view(result, self._served_before, Deadline(min(LATE_LIMIT, until.left)))
            if seen or server.run.raw.written == before or until.expired:
                return seen

    def _filed(self, result: Result | None) -> Result | None:
        return self._files.parsed(result, self.run.raw) if result else None

    def _unfinished(self, result: Result | None) -> Result:
        tell = {
            runs.LOST: self._lost,
            runs.DEADLINE: self._too_long,
            STALLED: self._stalled,
            ZERO: self._empty,
        }.get(self.run.ended_by or "")
        if tell:
            raise tell(result)
        fault = classify("\n".join(self._complaints(result)))
        if fault and fault.kind not in OF_A_STOP:
            raise self._failed(fault, result)
        return result or self._nothing()

    def _nothing(self) -> Result:
        """A client that was stopped before it printed anything measured nothing; that is no error."""
        return self._complete(
            Result(
                self.tool.name, None, self.options.protocol, "client", partial=True, error="stopped before any output"
            )
        )

    def _complete(self, result: Result) -> Result:
        version = result.version or self.device.versions[self.tool.name]
        other = self.peer.device.versions.get(self.tool.name) if self.peer.device else None
        complete = replace(
            result,
            protocol=result.protocol if result.flows else self.options.protocol,  # an early end tells none
            version=version,
            client_version=version,
            client=self.device.name,
            server=str(self.peer),
            server_version=result.server_version or other,
            flows=tuple(self._named(flow) for flow in result.flows),
            options={
                name: str(value) if isinstance(value, Password) else value for name, value in self.options.items()
            },
            raw_file=self.filename,
            fake=fake(self.device, self.peer.device),
        )
        return self._company.added(complete, self.zero)

    def _named(self, flow: Flow) -> Flow:
        ends = (self.peer.device, self.device) if flow.reverse else (self.device, self.peer.device)
        return replace(flow, direction=direction(*ends) or flow.direction)

    def _way(self) -> str | None:
        ends = (self.device, self.peer.device)
        forward = direction(*ends)
        if len(self.options.directions) > 1:
            return "both" if forward else None
        return direction(*reversed(ends)) if self.options.get("reverse") else forward

    def _sends(self) -> str:
        ways = {"forward": "tx", "reverse": "rx"}
        return "".join(ways[way] for way in self.options.directions)


def _limit(options: Options, limit: float | None) -> float | None:
    if limit is not None or options.endless:
        return limit
    return max(BASE_LIMIT, 1.5 * (options.duration or 0))


def told(handles: Sequence[Handle]) -> list[str]:
    """Warnings that iperf printed beside its result."""
    return [line for handle in handles for line in warnings(handle.run.raw.error_lines())]
