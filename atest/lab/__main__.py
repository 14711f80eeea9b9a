"""A lab to try things in by hand: ``python -m atest.lab``. Ctrl-C or end of input takes it down."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from collections.abc import Iterator

from .host import Host
from .lab import MODES, Lab
from .shell import LabError


def main() -> int:
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _hold(Lab(arguments.mode))
    except KeyboardInterrupt:
        pass
    except LabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m atest.lab", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["up"], default="up")
    parser.add_argument("--mode", choices=MODES, help="insist on one kind of hosts")
    return parser


def _hold(lab: Lab) -> None:
    with lab:
        print("\n".join(_description(lab)), flush=True)
        for _ in sys.stdin:
            pass


def _description(lab: Lab) -> Iterator[str]:
    yield f"The {lab.mode} lab is up, in {lab.folder}; Ctrl-C takes it down."
    for feature, reason in lab.missing.items():
        yield f"  without {feature}: {reason}"
    for host in lab.hosts.values():
        yield from _login(lab, host)
    if "password" in lab.features:
        yield f"\nUser {lab.tester.name} logs in with the password {lab.tester.password}"
    yield f"Other keys, passphrase {lab.keys.passphrase!r} where there is one: {lab.keys.folder}"


def _login(lab: Lab, host: Host) -> Iterator[str]:
    yield f"\n{host.name}: {host.url}, log in {host.log_file}"
    yield f"  {shlex.join(lab.ssh(host))}"
    links = ["plain", "shaped"] if "shaped" in lab.features else ["plain"]
    yield "  " + ", ".join(f"{link} link: {host.address(link)}" for link in links)


if __name__ == "__main__":
    sys.exit(main())
