"""Checks for whoever writes a connection: whether it keeps the contract on which the rest of the library leans.

They run on a live device, with a POSIX shell and ``/proc``, and change nothing there beyond files in ``directory`` that they remove. Nothing of iperf is known here.
Each check is strict: what a test of iperf would only see once a month (a lost last byte, a process that stays) fails here at once.

With pytest::

    import pytest
    from IperfLibrary.connections import connect
    from IperfLibrary.testing import ConnectionTests

    class TestAcme(ConnectionTests):
        @pytest.fixture
        def connection(self):
            connection = connect("dut", "acme://192.168.1.1")
            yield connection
            connection.close()

Without pytest: ``failures(ConnectionTests(), lambda: connect("dut", "acme://192.168.1.1"))``.
"""

from __future__ import annotations

from .conformance import ConnectionTests, checks, failures

__all__ = ["ConnectionTests", "checks", "failures"]
