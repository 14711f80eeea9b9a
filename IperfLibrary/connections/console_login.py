"""From a line to a shell: log-in prompts, a half-typed line, another program's output; and what is said when it fails.

No prompt of a shell is ever recognised, as it may be anything. What looks like a question for a user or a password is
answered; at whatever else the device waits, the loader is typed, which says by itself that a shell has read it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from ..deadline import Deadline
from ..errors import DeviceError
from ..secret import Password
from .arguments import takes
from .console_agent import Agent, Line, greeting, loader

LOGIN_LIMIT = 25.0
"""Seconds from the open line to a shell."""

QUIET = 0.4
"""Seconds of silence after which the device is taken to wait for an answer."""

PATIENCE = 4.0
"""Seconds of silence after which a device that should have something to say is asked again."""

_CTRL_C, _CTRL_BACKSLASH = b"\x03", b"\x1c"
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_=>])")
_USER = re.compile(r"(?<!last )\b(?:login|user ?name|user|account)(?: as)? ?: *$", re.IGNORECASE)
_PASSWORD = re.compile(r"\b(?:password|passphrase|passcode)\b[^:\n]*: *$", re.IGNORECASE)
_REFUSED = re.compile(r"incorrect|denied|fail|invalid|not allowed|too many", re.IGNORECASE)


@dataclass(frozen=True)
class Login:
    """Who logs in; None is nobody: the console has a shell already."""

    user: str | None = None
    password: Password | None = None


takes_password = takes(
    "password",
    refusal="A console (for {where}) takes no {name}=.",
    remedy="give the user in the address, and 'password='",
)
"""What a console takes of a log-in."""


def log_in(where: str, place: str, line: Line, login: Login, fresh: bool) -> Agent:
    """The loop in a shell of the device; ``fresh`` is a line that begins with this connection. Raises DeviceError."""
    return _Door(where, place, line, login, fresh).enter()


class _Door:
    """One log-in: what the device has said until now, and what it was given."""

    def __init__(self, where: str, place: str, line: Line, login: Login, fresh: bool) -> None:
        self._where, self._place, self._line, self._login, self._fresh = where, place, line, login, fresh
        self._text = ""
        self._answered = 0
        """Where in the text that begins which nobody has answered yet."""
        self._garbled = 0
        self._user_given = self._password_given = self._passed = False
        self._tries = 0
        self._token = secrets.token_hex(6)

    def enter(self) -> Agent:
        deadline = Deadline(LOGIN_LIMIT)
        try:
            self._knock()
            while not (deadline.expired or self._hopeless()):
                self._listen(deadline)
                tools = greeting(self._text, self._token)
                if tools is not None:
                    agent = Agent(self._where, self._line, tools, self._token)
                    agent.install()
                    return agent
                self._answer()
        except (OSError, EOFError) as problem:
            raise self._closed(problem) from None
        raise self._no_shell()

    def _knock(self) -> None:
        """Ends what somebody has left on the line: a line half typed, a program, the loop of a controller that is gone."""
        if not self._fresh:
            self._line.write(_CTRL_C)
            self._listen(Deadline(1.0))
            if not _USER.search(self._said()):
                self._line.enter()

    def _listen(self, deadline: Deadline) -> None:
        """Until the device has said something and is silent then, or is silent for long."""
        waited = Deadline(min(PATIENCE, deadline.left))
        while not waited.expired:
            data = self._line.read(min(QUIET, waited.left))
            self._garbled += sum(byte > 126 or byte < 7 for byte in data)
            self._text += data.decode("utf-8", "replace").replace("\r", "")
            if (not data and self._said().strip()) or greeting(self._text, self._token) is not None:
                return

    def _said(self) -> str:
        """What it has said since it was given an answer, as a person sees it."""
        return _ESCAPES.sub("", self._text[self._answered :])

    def _answer(self) -> None:
        said = self._said()
        if _USER.search(said):
            self._give_user()
        elif _PASSWORD.search(said):
            self._give_password()
        elif self._password_given and _REFUSED.search(said) and not self._tries:
            self._tries += 1  # the next question tells whether that was a refusal or the message of the day
        else:
            self._try_shell()

    def _give_user(self) -> None:
        if self._password_given:
            raise self._refused()
        if self._login.user is None:
            raise self._asks("a user", "give it in the address")
        self._type(self._login.user)
        self._user_given = True

    def _give_password(self) -> None:
        if self._password_given:
            raise self._refused()
        if self._login.user and not (self._user_given or self._passed or (self._fresh and not self._tries)):
            self._passed = True  # it took something else that was typed for a user, and asks for one after this
            self._type("")
            return
        if self._login.password is None:
            raise self._asks("a password", "give it as 'password='")
        self._type(self._login.password.reveal())
        self._password_given = True

    def _try_shell(self) -> None:
        """Types the loader; between two tries, what may stand in its way is ended harder."""
        if self._tries and not self._fresh:
            self._line.write(_CTRL_C if self._tries % 2 else _CTRL_BACKSLASH)
            self._line.enter()
            self._line.read(QUIET)
        self._tries += 1
        own = self._fresh or self._password_given or self._user_given
        # A shell that was there before keeps no memory of it, if a space in front is enough for it.
        self._type(("exec " if own else " ") + loader(self._token))

    def _type(self, text: str) -> None:
        self._line.write(text.encode())
        self._answered = len(self._text)
        self._line.enter()

    # -- what is said when it fails

    def _shown(self) -> str:
        """The end of what the device has said, without what it was given."""
        text = _ESCAPES.sub("", self._text).replace(loader(self._token), "...")
        password = self._login.password.reveal() if self._login.password else ""
        return (text.replace(password, "***") if password else text).strip()[-600:]

    def _by_hand(self) -> str:
        return f"try it by hand at the console: {self._place}"

    def _refused(self) -> DeviceError:
        user = f"the user '{self._login.user}'" if self._login.user else "the user of the console"
        return DeviceError(
            f"Cannot log in to {self._where} ({self._place}): the log-in was refused.",
            kind="log_in",
            said=self._shown(),
            cause=f"the password is wrong for {user}, or that user may not log in at a console",
            remedy=f"give the user in the address, and 'password='; {self._by_hand()}",
        )

    def _asks(self, what: str, remedy: str) -> DeviceError:
        return DeviceError(
            f"Cannot log in to {self._where} ({self._place}): it asks for {what}, and there is none.",
            kind="log_in",
            said=self._shown(),
            cause="its console is not open to everybody",
            remedy=remedy,
        )

    def _closed(self, problem: Exception) -> DeviceError:
        if self._password_given and _REFUSED.search(self._said()):
            return self._refused()
        cause = "it shuts down or starts, takes no more log-ins at a time, or the line was unplugged"
        if self._password_given:
            cause = "the password is wrong, or the shell of this user cannot be started"
        return DeviceError(
            f"Cannot log in to {self._where} ({self._place}): it closed the connection.",
            kind="closed",
            said=self._shown() or str(problem),
            cause=cause,
            remedy=self._by_hand(),
        )

    def _no_shell(self) -> DeviceError:
        what, cause = self._silence()
        return DeviceError(
            f"Cannot log in to {self._where} ({self._place}): {what}.",
            kind="timeout",
            said=self._shown(),
            cause=cause,
            remedy=self._by_hand(),
        )

    def _hopeless(self) -> bool:
        """Whether nothing was heard until now, or nothing that could be read, though it was asked twice."""
        heard = self._text.strip()
        return self._tries > 1 and (not heard or self._unreadable())

    def _unreadable(self) -> bool:
        return self._garbled * 4 > len(self._text.strip())

    def _silence(self) -> tuple[str, str]:
        """What failed, and why, by what was heard."""
        if not self._text.strip():
            return (
                "nothing answers",
                "the device is off, a cable is out, the baudrate is wrong, or nothing offers a log-in there",
            )
        if self._unreadable():
            return "what it says cannot be read", "the baudrate is not that of the device"
        return (
            "no POSIX shell answers",
            "another program has the console, or its shell takes other commands (a router's own)",
        )
