"""A ping beside a run: begun before the traffic, for a time without it, and ended after it.

Robot Framework is not known here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from .deadline import Deadline
from .devices import Device
from .errors import DeviceError
from .filing import Files
from .latency import Latency, Phase, Probe
from .ping import WHY, Form, Sent, forms, kind_of, patience, pending, probes, replies
from .run import Run, stop

FIRST_LIMIT = 3.0
"""Seconds within which the first probe comes back."""

LAST_LIMIT = 5.0
"""Seconds that replies which are still on their way get at the end, at most."""


class Pinger:
    """Probes from one device to an address, for as long as a run takes."""

    def __init__(
        self, device: Device, host: str, idle: float, files: Files, family: int | None = None, source: str | None = None
    ) -> None:
        self._device = device
        self._host = host
        self._idle = idle
        self._files = files
        self._forms = forms(host, family, source)
        self._form = self._forms[0]
        self._run: Run | None = None
        self._loaded_from = float("inf")
        self._until = 0.0
        self._said: str | None = None

    def begin(self, meanwhile: Callable[[], None]) -> None:
        """Returns when it was measured for long enough without traffic. Raises DeviceError when no probe comes back."""
        self._loaded_from, self._until, self._said = float("inf"), 0.0, None
        failures: list[tuple[str, Run]] = []
        for form in self._forms:
            kind = self._tried(form)
            if kind is None:
                self._wait_idle(meanwhile)
                return
            assert self._run
            failures.append((kind, self._run))
            if kind in ("permission", "silent") or (kind == "program" and form.words[0] == "ping"):
                break
        raise self._failed(failures)

    def _tried(self, form: Form) -> str | None:
        """Starts it, and returns why it does not answer; None when it does."""
        self._form = form
        self._raw = self._files.beside(self._device, "ping")
        self._run = run = Run(self._device.connection, form.words, self._raw, None)
        Deadline(FIRST_LIMIT).wait(lambda seconds: run.wait(Deadline(seconds)) or bool(replies(self._raw.lines)))
        if run.running and replies(self._raw.lines):
            return None
        said = "\n".join([*(line for _, line in self._raw.lines), *run.error_lines()])
        stop([run])
        return kind_of(said, run.exit_code)

    def _wait_idle(self, meanwhile: Callable[[], None]) -> None:
        run = self._run
        assert run

        def look(seconds: float) -> bool:
            meanwhile()
            return run.wait(Deadline(seconds))

        if Deadline(self._idle).wait(look):
            raise self._failed([("silent", run)])
        self._loaded_from = time.monotonic()

    def _failed(self, failures: Sequence[tuple[str, Run]]) -> DeviceError:
        """What is told is not that the last form, which is for old pings, was not understood."""
        kind, run = next((one for one in failures if one[0] not in ("usage", "program")), failures[0])
        what, cause, remedy = WHY[kind]
        return DeviceError(
            f"The latency from {self._device} to {self._host} cannot be measured, so nothing was begun. {what}.",
            kind=kind if kind in ("permission", "program") else "latency",
            device=self._device.name,
            said="\n".join(run.error_lines()[-5:]) or "\n".join(line for _, line in self._raw.lines[-3:]),
            cause=cause,
            remedy=remedy,
            command=" ".join(run.words),
            exit_code=run.exit_code,
        )

    def end(self) -> None:
        """Waits for the replies that are on their way, and ends it."""
        run = self._run
        if not run or self._until:
            return
        end = time.monotonic()
        limit = min(patience(replies(self._raw.lines)), LAST_LIMIT)
        Deadline(limit).wait(
            lambda seconds: (
                run.wait(Deadline(seconds)) or not pending(replies(self._raw.lines[-200:]), self._form.every, end)
            )
        )
        if run.running:
            self._until = time.monotonic()
        else:
            self._until, self._said = self._raw.written_at, "ping ended before the traffic did"
        stop([run])

    def release(self) -> None:
        """Lets go of it without waiting: the leash on the device ends it."""
        if self._run and not self._until:
            self._until = time.monotonic()
            if self._run.running:
                self._run.release()
            self._raw.close()

    def latency(self, zero: float, until: float) -> Latency:
        """What was measured, in seconds since the traffic began at ``zero``, until the moment at which it ended."""
        found = replies(self._raw.lines) if self._run else []
        sent = probes(found, self._form.every, self._until or time.monotonic())
        whole = bool(found) and all(reply.whole for reply in found)
        return Latency(
            self._host,
            self._device.name,
            self._form.every,
            1.0 if whole else None,
            tuple(self._probe(at, one, zero, until) for at, one in enumerate(sent)),
            self._said,
            str(self._raw.path) if self._run else None,
        )

    def _probe(self, at: int, sent: Sent, zero: float, until: float) -> Probe:
        phase: Phase = "other"
        if at and sent.moment < self._loaded_from:
            phase = "idle"
        elif at and zero <= sent.moment <= until:
            phase = "loaded"
        return Probe(round(sent.moment - zero, 3), sent.rtt_ms, phase)
