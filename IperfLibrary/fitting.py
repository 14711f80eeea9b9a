"""Whether a client can be run as it is asked for, which is found out before anything runs.

Robot Framework is not known here.
"""

from __future__ import annotations

from .client_failures import ENDLESS, Limits, interval_of
from .devices import Device
from .errors import ConfigurationError, IperfCommandError
from .metrics import write_gap
from .options import Options, check_peer
from .probing import probe
from .tools.base import Tool


def require_fit(
    source: Device, target: Device | None, tool: Tool, options: Options, limits: Limits, live: bool
) -> bool:
    """Whether the client has to print its intervals while it runs. Raises IperfCommandError where it cannot be run so.

    That is: a version that is too old at either end, a value that the tool does not take, a clash with the limits.
    """
    version = probe(source, tool)
    live = live or _must_be_live(source, tool, options, limits, version)
    _check_stall(options, limits)
    if target:
        check_peer(options, tool.name, target.versions.get(tool.name), target.name)
    tool.client_words(tool.program, "host", tool.default_port, options, version, source.name, live)
    return live


def require_end(options: Options, limits: Limits) -> None:
    """A ConfigurationError where a client that somebody waits for would never end."""
    if options.endless and limits.timeout is None:
        raise ConfigurationError(
            "A client that is asked to send without end ('time' is 0) has no end to wait for, so it was not started.",
            remedy=ENDLESS,
        )


def check_zero(options: Options, limits: Limits, every: float | None) -> None:
    """An IperfCommandError where ``fail_on_zero_interval`` would not see that nothing arrives, or see it where all is well.

    ``every`` is how long the intervals of a server are that tells what it got: 0 for none, None where nobody tells.
    """
    if not limits.fail_on_zero_interval:
        return
    gap = write_gap(options, options.protocol)
    if interval_of(options) < 2 * gap:
        raise IperfCommandError(
            f"'fail_on_zero_interval' would take the pauses of this client for a failure: at its rate it writes every {gap:.3g} s.",
            remedy="give a smaller 'length', a higher 'bitrate' or a longer 'interval'",
        )
    if "forward" not in options.directions or (options.protocol != "udp" and not options.get("bitrate")):
        return
    if every is None:
        raise IperfCommandError(
            "'fail_on_zero_interval' sees nothing here: the client goes on counting while nothing arrives.",
            cause="what its server got in each interval is not known, as this run has not started it, or as a daemon",
            remedy="start the server with Start Iperf Server, not as a daemon, or run with reverse=True, so that the client receives",
        )
    if not 0 < every <= 1.5 * interval_of(options):
        raise IperfCommandError(
            f"'fail_on_zero_interval' sees too little here: the server tells what it got {f'every {every:g} s' if every else 'at the end only'}.",
            remedy=f"Start Iperf Server    ...    interval={interval_of(options):g}s",
        )


def _must_be_live(source: Device, tool: Tool, options: Options, limits: Limits, version: str) -> bool:
    """Whether a stall can only be seen when the client is told to print its intervals while it runs."""
    if not limits.stall or tool.shows_intervals(options, version, False):
        return False
    if not tool.shows_intervals(options, version, True):
        raise IperfCommandError(
            f"This {tool.name} client on {source} prints no intervals while it runs, so 'stall' cannot be watched.",
            cause="'interval' is 0" if options.get("interval") == 0 else f"its version is {version}",
            remedy="leave 'stall' out; 'timeout' ends a client that hangs",
        )
    return True


def _check_stall(options: Options, limits: Limits) -> None:
    """An IperfCommandError where every client would count as stalled."""
    every = interval_of(options)
    if limits.stall and limits.stall <= every:
        raise IperfCommandError(
            f"A 'stall' of {limits.stall:g} s is not longer than 'interval', {every:g} s: every client would stall.",
            remedy="give more than that, or ask for intervals more often",
        )
