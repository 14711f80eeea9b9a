"""The keyword that searches for the highest rate without loss."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from robot.api.deco import keyword

from .. import log as logger
from ..devices import Device
from ..errors import CommandError, ConfigurationError, IperfError
from ..result import Result
from ..searching import search
from ..servers import ServerHandle
from ..signature import takes_options
from ..throughput import Asked, Throughput, Trial, late_packets
from ..units import Bitrate, Percent, Seconds, Size
from .clients import ClientKeywords
from .tests import Plan, TestKeywords, given_of

LENGTH = Size(1448)
"""Bytes of payload in a packet unless it is given: with IPv4, UDP and a time stamp of TCP's size it fills an Ethernet frame."""


INTERVAL = Seconds(0.1)
"""Seconds of an interval unless it is given: the receiver's tell what came late."""


class SearchKeywords(TestKeywords):
    """Searches that run many tests."""

    def _search(
        self,
        first: Device | str,
        second: Device | str,
        direction: str | None = None,
        *,
        max_rate: Bitrate | None = None,
        min_rate: Bitrate = Bitrate(100_000),  # noqa: B008 - a number
        max_loss: Percent = Percent(0.1),  # noqa: B008 - a number
        precision: Percent = Percent(1),  # noqa: B008 - a number
        duration: Seconds = Seconds(2),  # noqa: B008 - a number
        trials: int = 3,
        limit: Seconds = Seconds(1200),  # noqa: B008 - a number
        length: Size = LENGTH,
        reverse: bool = False,
        name: str = "search",
        **arguments: Any,
    ) -> Throughput:
        if max_rate is None:
            raise ConfigurationError(
                "The search needs a rate that is surely too high.",
                remedy="give it: 'max_rate=1G', what the fastest part of the path could carry at best",
            )
        if given := given_of(("udp", "bitrate", "time", "bytes", "blockcount", "parallel"), arguments):
            raise ConfigurationError(f"The search sets '{given[0]}' by itself, so it cannot be given.")
        asked = Asked(min_rate, max_rate, int(length), max_loss, precision, duration, trials, limit)
        arguments = {"interval": INTERVAL, **arguments, "name": name, "udp": True, "length": length}
        plan = self._plan(first, second, direction, reverse=reverse, **arguments)
        with ExitStack() as stack:
            found = self._searched(asked, plan, _Servers(lambda: self._server(plan), stack))
        logger.info(f"{plan}: {found}")
        if found.reached_highest:
            logger.warn(f"Even {asked.highest} lost no more than {asked.max_loss}: the path may carry more than that.")
        return found

    @keyword(tags=["Tests"])
    @takes_options("client", _search, ClientKeywords._prepared)
    def find_iperf_throughput(
        self, first: Device | str, second: Device | str, direction: str | None = None, **arguments: Any
    ) -> Throughput:
        """Searches for the highest UDP rate that loses no more than ``max_loss``, and returns it with the trials that it took.

        The search is MLRsearch ([https://www.rfc-editor.org/rfc/rfc9971|RFC 9971]), which the extra ``search`` installs. A rate counts when more than half of its trials kept the loss.
        What the client cannot send counts as lost, where it is more than ``precision``, and so does what comes when the trial is over, out of a queue; a queue that is empty again
        within 0.2 s does not show. ``first``, ``second``, ``direction`` and ``reverse`` are those of `Run Iperf Test`,
        ``timeout``, ``stall``, ``retry`` and the like those of `Run Iperf Client`. The search itself sets ``udp``, ``bitrate``, ``time``, ``bytes``, ``blockcount`` and ``parallel``, so they cannot be given.

        | =Argument= | =Meaning= |
        | ``max_rate``, ``min_rate`` | the rates to search between, in bits/s of UDP payload; ``max_rate`` has to be given |
        | ``max_loss`` | loss that is allowed, in per cent of the packets |
        | ``precision`` | how far the answer and the next higher rate may lie apart |
        | ``duration``, ``trials`` | how long one trial takes, and how many make sure of a rate |
        | ``length`` | bytes of payload in a packet |
        | ``limit`` | how long the search may take |

        The log has the path of the search as charts and a table: each rate that was tried, its loss, and whether that was kept.

        | =Attribute= | =Meaning= |
        | ``bits_per_second`` | the highest rate that kept the loss, of UDP payload: headers of UDP, IP and Ethernet come on top |
        | ``above`` | the lowest rate that did not keep it; ``None`` where ``max_rate`` did |
        | ``trials`` | each with ``bits_per_second``, ``seconds``, ``packets``, ``lost_packets``, ``lost_percent``, ``late_packets``, ``result`` |

        Example:
        | ${found} =    Find Iperf Throughput    dut    pc    downlink    max_rate=1G    max_loss=0.01%    length=1200
        | Should Be True    ${found.bits_per_second} > 900e6

        The options of iperf:

        %OPTIONS%
        """
        return self._search(first, second, direction, **arguments)

    def _searched(self, asked: Asked, plan: Plan, servers: _Servers) -> Throughput:
        """What was found; the log has the trials also where that is nothing."""
        trials: list[Trial] = []
        unreported: list[IperfError] = []

        def run(rate: float, seconds: float) -> Trial:
            trials.append(self._reported(plan, servers, rate, seconds, unreported))
            return trials[-1]

        found = None
        try:
            found = search(asked, run, logger.info)
            return found
        except CommandError:
            if unreported and not any(trial.packets for trial in trials):
                raise unreported[0] from None
            raise
        finally:
            if trials:
                from ..overview import of_search  # noqa: PLC0415 - not before there is something to show

                logger.markup(of_search(asked, trials, found, str(plan)))

    def _reported(
        self, plan: Plan, servers: _Servers, rate: float, seconds: float, unreported: list[IperfError]
    ) -> Trial:
        """A trial whose report of iperf2 did not come carried nothing, unless its server crashed, as 2.1.8 does now and then: that is tried again."""
        for again in (True, False):
            try:
                return self._trial(plan, servers.server, rate, seconds)
            except IperfError as error:
                crashed = not servers.server.running
                if error.kind != "no_ack" or (crashed and not again):
                    raise
                logger.info(f"{'Once more, with another server' if crashed else 'Counted as not carried'}:\n{error}")
                servers.renew()
                if not crashed:
                    unreported.append(error)
                    break
        return Trial(rate, seconds, 0, 0)

    def _trial(self, plan: Plan, server: ServerHandle, rate: float, seconds: float) -> Trial:
        arguments = {**plan.arguments, "bitrate": Bitrate(round(rate)), "time": Seconds(seconds)}
        try:
            client = self._start(plan.ends[0], server, **arguments)
            return _counted(rate, seconds, self._finished(client, client.wait))
        except IperfError as error:
            if error.kind != "nothing_moved":
                raise
            return Trial(rate, seconds, 0, 0)


class _Servers:
    """The server of a search. One of iperf2 whose report found no way back may be good for nothing any more, so there is a new one then."""

    def __init__(self, start: Callable[[], AbstractContextManager[ServerHandle]], stack: ExitStack) -> None:
        self._start = start
        self._stack = stack
        self.server = stack.enter_context(start())

    def renew(self) -> None:
        self._stack.close()
        self.server = self._stack.enter_context(self._start())


def _counted(rate: float, seconds: float, result: Result) -> Trial:
    if result.packets is None or result.lost_packets is None:
        raise ConfigurationError(
            "The search needs to know how many packets were lost, which this iperf does not tell.",
            remedy="use a newer version on both devices",
        )
    return Trial(rate, seconds, result.packets, result.lost_packets, result, late_packets(result))
