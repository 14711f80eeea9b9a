"""Keywords on results as a whole, and on files; those on single figures are in :mod:`IperfLibrary.keywords.assertions`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from robot.api.deco import keyword

from ..devices import Device
from ..errors import ConfigurationError, IperfError
from ..files import error_path, stored
from ..result import Result
from ..signature import typed
from .arguments import described
from .state import State


class ResultKeywords:
    """Files, stored output, the log."""

    _state: State

    @keyword(tags=["Results"])
    @typed
    def get_last_filename(self, device: Device | str | None = None) -> str:
        """Returns the absolute path of the raw file of the last run, of that device or of all.

        Example:
        | ${path} =    Get Last Filename    dut
        | File Should Not Be Empty    ${path}
        """
        name = None if device is None else self._state.device(device).name
        if name not in self._state.last_files:
            raise ConfigurationError(f"Nothing has run{f' on {name}' if name else ''} yet, so there is no file.")
        return self._state.last_files[name]

    @keyword(tags=["Results"])
    @typed
    def parse_iperf_output(self, path: Path, stderr: Path | None = None) -> Result:
        """Reads a file with the output of iperf, of either tool, any version and form, and returns the result in it.

        The output may be a client's or a server's, text, JSON or CSV; of several tests it is the last one, also when that one failed.
        ``stderr`` is a file with what iperf printed there; without it, the file beside ``path`` that this library writes is
        taken. An error that iperf reported is in ``error``, and ``partial`` tells an output that does not reach its end.

        Example:
        | ${result} =    Parse Iperf Output    ${CURDIR}/iperf3-client.json
        | Get Iperf Bitrate    ${result}    >    900 Mbit/s
        """
        from ..tools.parsing import parse  # noqa: PLC0415 - most suites never parse what is stored

        if path == Path():  # of an empty text
            raise ConfigurationError(
                "The name of the file with iperf's output is empty.",
                cause="the variable that has it is empty, or was not set",
                remedy="give its path; Get Last Filename has that of the last run",
            )
        beside = error_path(path)
        errors = stderr or (beside if beside.exists() else None)
        with stored(path) as output, stored(errors) if errors else nullcontext(()) as said:
            try:
                result = parse(output, said)
            except IperfError as problem:
                raise IperfError(problem.what, **{**problem.facts, "raw_file": path.absolute()}) from None
        return replace(result, raw_file=str(path.absolute()))

    @keyword(tags=["Results"])
    @typed
    def log_iperf_result(self, result: Result) -> None:
        """Shows a result in the log, as every client keyword does of its own: figures of both ends, a chart, links to the files.

        It is for results that come from elsewhere: `Parse Iperf Output`, `Stop Iperf Server`.

        Example:
        | ${result} =    Parse Iperf Output    ${CURDIR}/iperf3-client.json
        | Log Iperf Result    ${result}
        """
        if not isinstance(result, Result):
            raise ConfigurationError(f"This takes the result of a run, not {described(result)}.")
        self._state.teller.show(result, [])

    def _note_verdict(self, result: Result, text: str, passed: bool) -> None:
        self._state.teller.verdict(result, text, passed)
