"""The keyword that measures how long traffic takes to fail, and to flow again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from robot.api.deco import keyword
from robot.libraries.BuiltIn import BuiltIn

from .. import log as logger
from ..clients import ClientHandle
from ..deadline import Deadline
from ..devices import Device
from ..errors import CommandError, ConfigurationError, DeviceError, IperfCommandError, IperfLibraryError
from ..recovering import Receiver, latency
from ..recovery import Clock, Outage, Recovery, Seen, flowed_until, joined, longer, outages
from ..signature import takes_options
from ..units import Bitrate, Seconds, Size
from .clients import ClientKeywords
from .tests import Plan, TestKeywords, given_of

DAY = Seconds(86_400)
"""The longest time that iperf3 takes. With 0, for ever, iperf2 sends nothing backwards."""

START_LIMIT = 10.0
"""Seconds within which traffic has to flow before the event."""

PATIENCE = 3.0
"""Seconds without traffic after which another client is tried beside the one that waits: it may wait for what never comes again."""

TRY_LIMIT = 4.0
"""Seconds that such a client gets to receive something."""

PAUSE = 0.2
"""Seconds between two tries."""

LOOK = 0.05
"""Seconds between two looks."""


class Limits(NamedTuple):
    """Seconds after which it has not failed (from the end of the event) or not recovered; and those that traffic has to flow to count."""

    failure: float
    recovery: float
    settled: float


class RecoveryKeywords(TestKeywords):
    """Time to failure and recovery."""

    def _recovery(
        self,
        first: Device | str,
        second: Device | str,
        *event: Any,
        direction: str | None = None,
        reverse: bool = False,
        failure_limit: Seconds = Seconds(10),  # noqa: B008 - a number
        recovery_limit: Seconds = Seconds(60),  # noqa: B008 - a number
        settle_time: Seconds = Seconds(1),  # noqa: B008 - a number
        interval: Seconds = Seconds(0.1),  # noqa: B008 - a number
        udp: bool = True,
        bitrate: Bitrate = Bitrate(1_000_000),  # noqa: B008 - a number
        length: Size = Size(125),  # noqa: B008 - a number
        name: str = "recovery",
        **arguments: Any,
    ) -> Recovery:
        if not event:
            raise ConfigurationError(
                "There is no event.", remedy="name the keyword that makes it, after the two devices"
            )
        if given := given_of(("time", "bytes", "blockcount", "parallel", "omit", "live"), arguments):
            raise ConfigurationError(f"Traffic flows for as long as it is watched, so '{given[0]}' cannot be given.")
        traffic: dict[str, Any] = {"udp": udp, "bitrate": bitrate, "length": length, "interval": interval, "name": name}
        plan = self._receiving(self._plan(first, second, direction, reverse=reverse, **traffic, **arguments), reverse)
        clock = Clock(interval, 8 * length / bitrate if bitrate else 0.0)
        watch = _Watch(self, plan, Limits(failure_limit, recovery_limit, settle_time))
        with watch.traffic():
            recovery = watch.through(event, clock)
        recovery = replace(recovery, result=watch.result())
        self._tell(plan, recovery)
        return recovery

    @keyword(tags=["Tests"])
    @takes_options("client", _recovery, ClientKeywords._prepared)
    def measure_iperf_recovery_time(
        self, first: Device | str, second: Device | str, *event: Any, **arguments: Any
    ) -> Recovery:
        """Runs a keyword while traffic flows, and returns how long traffic took to fail after its start, and to flow again.

        ``event`` is the keyword with its arguments: it reboots, cuts, hands over. It should return as soon as that is begun: while it runs nothing else is tried. The first device sends and the
        second one receives, unless ``direction`` says otherwise, as in `Run Iperf Test`; what counts is what the receiver gets, in intervals of ``interval``.
        The traffic is UDP with 1000 small packets a second, as TCP would wait longer and longer to try again; ``udp=False`` measures just that. A new client is tried again and again where the
        first one gets nothing any more, or was ended by the event. Traffic flows for as long as it is watched, so ``time``, ``bytes``, ``blockcount``, ``parallel``, ``omit`` and ``live`` cannot be given.

        | =Argument= | =Meaning= |
        | ``failure_limit`` | how long after the end of the keyword traffic may fail; then it never did |
        | ``recovery_limit`` | how long after it failed it may take to recover; then it never did |
        | ``settle_time`` | how long it has to flow without a break to count as recovered |
        | ``interval`` | what is seen: shorter ones tell more exactly when it failed |
        | ``bitrate``, ``length`` | of the traffic |

        | =Attribute= | =Meaning= |
        | ``failure`` | seconds from the start of the keyword to the last traffic; ``None`` where it never failed |
        | ``recovery`` | seconds from the start of the keyword until traffic flowed again; ``None`` where it never failed or never recovered |
        | ``outage`` | seconds without traffic in between; 0 where it never failed, ``None`` where it never recovered |
        | ``recovered`` | whether traffic flowed at the end |
        | ``uncertainty`` | seconds by which each of these may be off: mostly the ``interval``; with new clients, the time between two tries |
        | ``outage_at_most`` | ``outage`` and ``uncertainty``: the longest outage that fits what was seen. Where it never failed, two intervals, as a shorter break does not show, or more where a busy receiver made them longer; ``None`` where it never recovered |
        | ``outages`` | each time without traffic, with ``start`` and ``end`` |
        | ``event_seconds``, ``clients``, ``result`` | how long the keyword took, how many clients were tried, and the intervals of all of them |

        Compare ``outage_at_most`` with a limit: ``outage`` is the middle of what is possible, and passes where the true outage was longer. A warning tells where
        ``uncertainty`` is more than half of the outage.

        Examples:
        | ${recovery} =    Measure Iperf Recovery Time    dut    pc    Reboot Access Point    ap1    recovery_limit=2 min
        | Should Be True    ${recovery.recovered} and ${recovery.outage} > 0 and ${recovery.outage_at_most} < 30
        | ${roaming} =    Measure Iperf Recovery Time    pc    phone    Hand Over    failure_limit=5s
        | Should Be True    ${roaming.recovered} and ${roaming.outage_at_most} < 0.3

        The options of iperf:

        %OPTIONS%
        """
        return self._recovery(first, second, *event, **arguments)

    @staticmethod
    def _receiving(plan: Plan, keep_client: bool) -> Plan:
        """The same traffic with the receiver as client, as it is the one that tells what came."""
        if plan.arguments.get("bidir"):
            raise IperfCommandError("One direction is watched at a time, so it cannot be both.")
        if plan.arguments.get("reverse"):
            return plan
        if keep_client:
            raise IperfCommandError(
                f"What {plan.ends[1]} receives is not seen while {plan.ends[0]} is the client.",
                cause="the server tells what it got when the test is over",
                remedy="leave 'reverse' out where the second device can reach the first one, or watch the other direction",
            )
        return replace(plan, ends=plan.ends[::-1], arguments={**plan.arguments, "reverse": True})

    def _tell(self, plan: Plan, recovery: Recovery) -> None:
        sender = f"{plan.ends[1]} to {plan.ends[0]}"
        as_hoped = recovery.recovered and recovery.outages
        (logger.info if as_hoped else logger.warn)(f"{sender}: {recovery}")
        if recovery.rough:
            logger.warn(_roughly(sender, recovery))
        from ..recovery_block import as_html  # noqa: PLC0415 - not before there is something to show

        logger.markup(as_html(recovery, sender))
        self._state.teller.recovery(recovery, *plan.ends)


def _roughly(sender: str, recovery: Recovery) -> str:
    assert recovery.outage is not None
    least = max(0.0, recovery.outage - recovery.uncertainty)
    why = (
        "another client had to be tried, and traffic may have flowed since the try before it"
        if recovery.clients > 1
        else "it was hardly longer than the intervals"
    )
    return (
        f"{sender}: how long no traffic flowed is known roughly alone, between {least:.3g} s and {recovery.outage_at_most:.3g} s: {why}.\n"
        "  what to do:      compare outage_at_most with your limit, not outage; a shorter 'interval' tells more where one client saw it all"
    )


class _Watch:
    """Traffic that is watched through an event, with new clients where one is not enough."""

    def __init__(self, keywords: RecoveryKeywords, plan: Plan, limits: Limits) -> None:
        self._keywords = keywords
        self._plan = plan
        self._limits = limits
        self._receivers: list[Receiver] = []
        self._try: tuple[Receiver, Deadline] | None = None
        self._next_try = Deadline(0)

    @contextmanager
    def traffic(self) -> Iterator[None]:
        """While it lasts, traffic flows, unless something happens to it. Raises IperfLibraryError where it does not even begin to."""
        try:
            self._wait_steady(self._started())
            yield
        finally:
            for receiver in self._receivers:
                receiver.end()

    def _wait_steady(self, receiver: Receiver) -> None:
        for seconds in Deadline(START_LIMIT).slices(LOOK):
            receiver.look(seconds)
            if receiver.steady(self._limits.settled):
                return
            if receiver.client and not receiver.running:
                receiver.client.outcome()
        if not receiver.flowed:
            raise self._no_traffic()
        logger.warn(
            f"Traffic has breaks also without the event: it did not flow for {self._limits.settled:g} s at a time."
        )

    def through(self, event: tuple[Any, ...], clock: Clock) -> Recovery:
        clock = replace(clock, error=latency(self._plan.ends[0].connection))
        began = time.monotonic()
        BuiltIn().run_keyword(*event)
        took = time.monotonic() - began
        while True:
            self._look()
            now = time.monotonic() - began
            seen = self._seen(began)
            found = outages(seen, clock, now, self._waiting)
            if self._over(found, now, took, flowed_until(seen)):
                exact = replace(clock, longer=longer(seen, clock))
                return Recovery(found, exact, took, now, len(seen), -seen[0].second_zero)
            self._go_on(found, now)

    def result(self) -> Any:
        results = [result for receiver in self._receivers if (result := receiver.result())]
        return joined(self._seen(0.0), results[0]) if results else None

    @property
    def _waiting(self) -> bool:
        """Whether any receiver runs."""
        return any(receiver.running for receiver in self._receivers)

    def _seen(self, began: float) -> list[Seen]:
        return [receiver.seen(began) for receiver in self._receivers]

    def _look(self) -> None:
        running = [receiver for receiver in self._receivers if receiver.running]
        for receiver in running:
            receiver.look(LOOK / len(running))
        if not running:
            threading.Event().wait(LOOK)

    def _over(self, found: tuple[Outage, ...], now: float, took: float, flowed: float) -> bool:
        """Whether all is known that was asked."""
        failure, recovery, settled = self._limits
        if not found:
            return flowed >= took + failure
        last = found[-1]
        if last.end is None:
            return now >= last.start + recovery
        return flowed >= last.end + settled or now >= took + failure + recovery

    def _go_on(self, found: tuple[Outage, ...], now: float) -> None:
        """Tries another client where none gets anything."""
        waiting = found[-1].start if found and found[-1].end is None else None
        if (
            self._try
            and not self._try[0].flowed
            and (waiting is None or self._try[1].expired or not self._try[0].running)
        ):
            self._try[0].end()
            self._try, self._next_try = None, Deadline(PAUSE)
        if waiting is None or (self._try and not self._try[0].flowed) or not self._next_try.expired:
            return
        if now - waiting > PATIENCE or not self._waiting:
            self._try_another()

    def _try_another(self) -> None:
        begun = time.monotonic()
        try:
            self._try = self._started(), Deadline(TRY_LIMIT)
        except IperfLibraryError as problem:
            logger.info(f"Another client could not be started yet: {problem}")
            self._receivers.append(Receiver(begun))
            self._next_try = Deadline(PAUSE)
            if isinstance(problem, DeviceError) and not self._waiting:
                for device in self._plan.ends:
                    device.connection.close()

    def _started(self) -> Receiver:
        begun = time.monotonic()
        with ExitStack() as stack:
            server = stack.enter_context(self._keywords._server(self._plan))
            arguments = {**self._plan.arguments, "time": DAY, "live": True}
            client = self._keywords._start(self._plan.ends[0], server, **arguments)
            stack.callback(self._let_go, client)
            receiver = Receiver(begun, client)
            receiver.end = stack.pop_all().close
        self._receivers.append(receiver)
        return receiver

    def _let_go(self, client: ClientHandle) -> None:
        self._keywords._state.stop([client])
        self._keywords._state.owned.pop(client, None)

    def _no_traffic(self) -> CommandError:
        return CommandError(
            f"The event was not begun, as {self._plan.ends[0]} received nothing from {self._plan.ends[1]} within {START_LIMIT:g} s.",
            cause="the data path is blocked, although the control connection works",
            remedy="see whether Run Iperf Test works between them with 'udp=True'",
        )
