"""What is said when a log-in over SSH fails, the device's own or one on the way to it."""

from __future__ import annotations

import base64
import hashlib
import socket

import paramiko

from ..errors import DeviceError
from .proxy_command import ProxyCommand
from .ssh_address import Hop, Target

NOT_FOUND = 127
"""The exit code of a shell that does not find the program."""


def fingerprint(key: paramiko.PKey) -> str:
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def explain(hop: Hop, problem: Exception) -> DeviceError:
    """The failure of the log-in at this hop."""
    return _failed(hop, _said(problem), _reason(hop, problem))


def explain_jump(hop: Hop, before: Hop, problem: Exception) -> DeviceError:
    """The jump host ``before`` did not open a way to this hop."""
    if not isinstance(problem, paramiko.ChannelException):
        return _failed(hop, _said(problem), _jump_reason(hop, before, problem))
    code, said = problem.code, problem.text
    if code == paramiko.common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED:
        what, cause = "passes no connections on", "AllowTcpForwarding or PermitOpen in its sshd_config forbids it"
        return _failed(hop, said, ("jump", f"{before} {what}", cause, "allow it there, or go another way"))
    cause = "it is off, nothing listens at its SSH port, or its address is another one from there"
    remedy = f"try it on the jump host: ssh -p {hop.target.port} {hop.target.hostname}"
    return _failed(hop, said, ("unreachable", f"{before} cannot connect to it", cause, remedy))


def _jump_reason(hop: Hop, before: Hop, problem: Exception) -> tuple[str, str, str, str]:
    kind, _, cause, remedy = _network_reason(problem, _by_hand(hop))
    if kind == "timeout":
        return (kind, f"{before} got no answer from it", "it is off, or a firewall drops the packets", remedy)
    return (kind, f"{before} closed the connection", f"it shuts down, or ends such connections; {cause}", remedy)


def explain_proxy(hop: Hop, proxy: ProxyCommand, problem: Exception) -> DeviceError:
    """The log-in behind a ProxyCommand failed; it is closed by now."""
    if isinstance(problem, paramiko.BadHostKeyException) or _is_refusal(problem):
        return explain(hop, problem)
    # The command itself is not told: people write passwords of proxies there.
    name = f"its ProxyCommand ('Host {hop.target.alias}' in ~/.ssh/config)"
    said = proxy.said or _said(problem)
    if proxy.end is None:
        cause = "the host in between or the one behind it is off, or a firewall drops the packets"
        return _failed(hop, said, ("timeout", f"no answer through {name}", cause, _by_hand(hop)))
    cause = "its program is not there" if proxy.exit_code == NOT_FOUND else "it did not reach the host, or was refused"
    return _failed(hop, said, ("proxy_command", f"{name} {proxy.end}", cause, _by_hand(hop)))


def _failed(hop: Hop, said: str, reason: tuple[str, str, str, str]) -> DeviceError:
    kind, what, cause, remedy = reason
    return DeviceError(f"Cannot log in to {hop.title}: {what}.", kind=kind, said=said, cause=cause, remedy=remedy)


def _said(problem: Exception) -> str:
    if isinstance(problem, paramiko.ssh_exception.NoValidConnectionsError):
        return "; ".join(str(p) for p in problem.errors.values())
    return str(problem) or type(problem).__name__


def _reason(hop: Hop, problem: Exception) -> tuple[str, str, str, str]:
    """Kind, what failed, probable cause, what to do."""
    if isinstance(problem, paramiko.BadHostKeyException):
        return _changed_key(hop.target, problem)
    if _is_refusal(problem):
        remedy = f"{_HOW_TO_GET_IN[hop.jumps]}; {_by_hand(hop)}"
        return ("log_in", "the log-in was refused", _refused_means(hop), remedy)
    return _network_reason(problem, _by_hand(hop))


_HOW_TO_GET_IN = {
    False: "give the user in the address, and 'password=' or 'key_file='",
    True: "give the user before the jump host's name, and its key in the agent or as IdentityFile in ~/.ssh/config",
}


def _is_refusal(problem: Exception) -> bool:
    # With no key at all paramiko raises its plain SSHException.
    return isinstance(problem, paramiko.AuthenticationException) or "No authentication methods" in str(problem)


def _by_hand(hop: Hop) -> str:
    target = hop.target
    key = f"-i {hop.options.key_file} " if hop.options.key_file else ""
    jump = f"-J {','.join(target.jump)} " if target.own_jump else ""
    return f"try it by hand: ssh {key}{jump}-p {target.port} {target.user + '@' if target.user else ''}{target.alias}"


def _changed_key(target: Target, problem: paramiko.BadHostKeyException) -> tuple[str, str, str, str]:
    name = target.hostname if target.port == 22 else f"[{target.hostname}]:{target.port}"
    return (
        "host_key",
        "its host key has changed",
        "it was installed anew, or another machine answers at its address; "
        f"it shows {fingerprint(problem.key)}, known is {fingerprint(problem.expected_key)}",
        f"if that is right, forget the old key: ssh-keygen -R '{name}'; "
        "for devices that make a new key at each boot: host_key=ignore",
    )


def _refused_means(hop: Hop) -> str:
    target, options = hop.target, hop.options
    user = f"the user '{target.user}'" if target.user else "the user who runs the test (the address names none)"
    if options.key_file and not hop.jumps:
        return f"the key file is not authorised for {user}"
    if options.password and not hop.jumps:
        return f"the password is wrong for {user}, or the device takes keys only"
    return f"no key of the agent, of ~/.ssh or of ssh_config is authorised for {user}"


def _network_reason(problem: Exception, by_hand: str) -> tuple[str, str, str, str]:
    text = _said(problem).lower()
    if isinstance(problem, socket.gaierror):
        return ("resolve", "its name is not known", "a typing error, or no name server", "give its IP address")
    if "refused" in text:
        return ("refused", "nothing listens at its SSH port", "sshd is not running, or uses another port", by_hand)
    if isinstance(problem, TimeoutError) or "timed out" in text or "timeout" in text:
        return ("timeout", "no answer", "the device is off, or a firewall drops the packets", by_hand)
    if "unreachable" in text or "no route" in text:
        return ("unreachable", "there is no route to it", "a wrong address, a cable, the device is off", by_hand)
    return _ssh_reason(problem, by_hand)


def _ssh_reason(problem: Exception, by_hand: str) -> tuple[str, str, str, str]:
    """It was reached, and no log-in came of it."""
    if isinstance(problem, EOFError):
        cause = "it shuts down or starts, it takes no more log-ins at a time (MaxStartups), or it is no SSH server"
        return ("closed", "it closed the connection", cause, by_hand)
    if "No existing session" in str(problem):  # paramiko's word for a greeting that took too long
        cause = "it hangs or is just starting, or it is no SSH server"
        return ("timeout", "the SSH connection failed: it says nothing", cause, by_hand)
    cause = "what answers there is no SSH server, or wants other algorithms"
    return ("ssh", "the SSH connection failed", cause, by_hand)
