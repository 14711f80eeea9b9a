"""What all URLs with a host have in common: a port that is a number, and no password."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from ..errors import ConfigurationError


def parts_of(url: str, kind: str, example: str) -> SplitResult:
    """The parts of the URL. Raises ConfigurationError, which tells neither a password nor what stands behind a question mark.

    Example: ``parts_of("telnet://dut:2323", "telnet", "telnet://user@host:23").port``
    """
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port  # this is when they are looked at
    except ValueError as problem:
        shown = url.partition("?")[0].rpartition("@")[2]
        raise ConfigurationError(
            f"'{shown}' is no {kind} address: {problem}.", remedy=f"write it like {example}"
        ) from None
    if parts.password is not None:
        raise ConfigurationError("A password does not belong into the address; give it as 'password='.")
    return parts
