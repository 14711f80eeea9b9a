"""Whether the devices of an inventory can be what it says, tried before any is added: all that is wrong is told, each fault where its argument stands.

How a device is made is not written here: whoever adds devices says it. Nothing is connected. Nothing of iperf is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .connections.arguments import LOG_IN
from .devices import Device
from .errors import ConfigurationError
from .inventory import THROUGH, Entry, Faults
from .inventory_formats import Place

CONNECTION, PASSWORD, KEY_FILE = "connection", "password", "key_file"
BY_CONNECTION = (*LOG_IN, THROUGH)
"""Arguments that are right or wrong by the connection."""

Make = Callable[..., Device]
"""Makes a device of its name and arguments, ``through`` being a device or the name of one. Raises ConfigurationError."""


@dataclass
class Check:
    """Tries devices one after the other, each behind the one that it is reached through.

    ``alike`` gives the device that is there already and was added with the same arguments; a ConfigurationError where another one has that name.
    """

    make: Make
    alike: Callable[[Device], Device | None]
    faults: Faults
    _made: dict[str, Device] = field(default_factory=dict)
    _told: set[Place] = field(default_factory=set)

    def all(self, entries: list[Entry]) -> None:
        names = {entry.name for entry in entries}
        for entry in entries:
            self._try(entry, self._known(entry, names))

    def _known(self, entry: Entry, names: set[str]) -> dict[str, Any]:
        """Its arguments, without those that can only be judged by one that is not known."""
        known = dict(entry.arguments)
        way = entry.through
        if way in self._made:
            known[THROUGH] = self._made[way]
        elif way in names:  # what is wrong there is told there
            known.pop(THROUGH, None)
        if entry.doubts(CONNECTION):
            known = _without_connection(known)
        if entry.doubts(PASSWORD):  # it may be the key's
            known.pop(KEY_FILE, None)
        return known

    def _try(self, entry: Entry, arguments: dict[str, Any]) -> None:
        """Leaves out one wrong argument after the other, until a device can be made of the rest."""
        right = not entry.unsure and not entry.misspelt
        while problem := self._problem(entry.name, arguments):
            right = False
            wrong = self._culprit(entry.name, arguments, problem)
            self._tell(entry, wrong, problem)
            if wrong is None:
                return
            arguments = {key: value for key, value in arguments.items() if key != wrong}
            if wrong == CONNECTION:
                arguments = _without_connection(arguments)
        if right:
            self._take(entry, self.make(entry.name, **arguments))

    def _take(self, entry: Entry, device: Device) -> None:
        try:
            self._made[entry.name] = self.alike(device) or device
        except ConfigurationError as problem:
            self._tell(entry, None, problem)

    def _problem(self, name: str, arguments: Mapping[str, Any]) -> ConfigurationError | None:
        try:
            self.make(name, **arguments)
        except ConfigurationError as problem:
            return problem
        return None

    def _culprit(self, name: str, arguments: Mapping[str, Any], problem: ConfigurationError) -> str | None:
        """The argument without which another thing is wrong, or nothing; last those on which others hang."""
        last = (PASSWORD, CONNECTION)
        for wrong in sorted(arguments, key=lambda key: last.index(key) if key in last else -1):
            rest = {key: value for key, value in arguments.items() if key != wrong}
            if str(self._problem(name, rest)) != str(problem):
                return wrong
        return None

    def _tell(self, entry: Entry, wrong: str | None, problem: ConfigurationError) -> None:
        """What is wrong under ``defaults`` is so for many devices, and told for the first."""
        place = entry.places.get(wrong, entry.place) if wrong else entry.place
        if place not in self._told:
            self._told.add(place)
            self.faults.add(place, sentence(problem))


def _without_connection(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The name of a device on the way can still be wrong; one that is there is a way for some connections."""
    ruled = {key for key in BY_CONNECTION if key != THROUGH or isinstance(arguments.get(key), Device)}
    return {key: value for key, value in arguments.items() if key not in {*ruled, CONNECTION}}


def sentence(problem: ConfigurationError) -> str:
    return " ".join(filter(None, [problem.what, problem.remedy and f"What to do: {problem.remedy}"]))
