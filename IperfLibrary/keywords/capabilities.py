"""The keyword that tells what a device can do."""

from __future__ import annotations

import typing
from typing import Any, Protocol

from robot.api.deco import keyword

from .. import log as logger
from ..capabilities import Capabilities, as_html
from ..devices import Device
from ..signature import typed
from ..survey import survey


class _Library(Protocol):
    def get_iperf_device(self, name: Any) -> Device: ...


class CapabilityKeywords:
    """What can be asked of a device before a test relies on it."""

    @keyword(tags=["Devices"])
    @typed
    def get_iperf_capabilities(self, device: Device | str) -> Capabilities:
        """Returns what a device can do with iperf, and why it cannot do the rest; a table of it goes into the log.

        A tool that is missing is no failure. A device that cannot be reached is.

        | =Attribute= | =Meaning= |
        | ``iperf3``, ``iperf2`` | the tools, each with the attributes below |
        | ``.available`` | whether it can be used there; if not, ``.reason`` tells why |
        | ``.program``, ``.version`` | what is run, and its version; ``None`` where it cannot be used |
        | ``.client_options``, ``.server_options``, ``.options`` | names of the options that this version and build take, as the keywords have them |
        | ``.lacking`` | all other options, each with the reason |
        | ``.features`` | what the program was built with, as ``iperf3 --version`` lists it (``SCTP``, ``authentication`` ...); ``None`` where it does not tell |
        | ``servers`` | whether servers can be watched there; true or false, and ``.reason`` |
        | ``daemon`` | whether there is `Daemon mode`; likewise |
        | ``files`` | how files come from there, as ``.reason`` |
        | ``system``, ``user`` | the system of the device, and who is logged in |

        Examples:
        | ${caps} =    Get Iperf Capabilities    dut
        | Should Contain    ${caps.iperf3.features}    authentication
        | Skip If    'bidir' not in $caps.iperf3.options    ${caps.iperf3.lacking}[bidir]
        | Should Be True    ${caps.servers}    ${caps.servers.reason}
        """
        library: _Library = typing.cast(Any, self)
        found = survey(library.get_iperf_device(device))
        logger.info(str(found))
        logger.markup(as_html(found))
        return found
