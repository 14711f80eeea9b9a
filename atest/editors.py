"""What editors show of the library: completion and documentation, as two language servers give them, over the protocol that editors speak.

``python -m atest.editors NAME COMMAND...`` starts the language server and asks it; ``scripts/editors`` does that for RobotCode and
robotframework-lsp. Not part of ``scripts/test``: what is asked is other people's program.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

LIMIT = 180.0
"""Seconds for all: a server reads Robot's own libraries, too, the first time."""
POLL = 0.5
WANTED = {"Run Iperf Client", "Run Iperf Sweep", "Run Iperf Test", "Run Iperf Tests In Parallel"}
SUITE = """\
*** Settings ***
Library    IperfLibrary

*** Test Cases ***
One
    Run Iperf
    Run Iperf Client    pc    dut    time=10s
"""
COMPLETED, SHOWN = {"line": 5, "character": 13}, {"line": 6, "character": 10}


class LanguageServer:
    """A process that speaks LSP over its standard streams."""

    def __init__(self, words: Sequence[str], folder: Path) -> None:
        env = {**os.environ, "ROBOTFRAMEWORK_LS_USER_HOME": str(folder / "home")}
        self._process = subprocess.Popen(
            words, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._until = time.monotonic() + LIMIT
        self._asked = 0
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    def ask(self, method: str, params: Any) -> Any:
        self._asked += 1
        self._send(id=self._asked, method=method, params=params)
        while True:
            message = self._next()
            if message.get("id") == self._asked and "method" not in message:
                return message.get("result")
            self._heard(message)

    def tell(self, method: str, params: Any) -> None:
        self._send(method=method, params=params)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _heard(self, message: dict[str, Any]) -> None:
        """Answers what the server asks; the rest is news that nobody needs here."""
        if "id" in message and "method" in message:  # it asks for settings, say: there are none
            items = (message.get("params") or {}).get("items") if "configuration" in message["method"] else None
            self._send(id=message["id"], result=None if items is None else [None] * len(items))

    def _next(self) -> dict[str, Any]:
        try:
            message = self._messages.get(timeout=max(0.0, self._until - time.monotonic()))
        except queue.Empty:
            raise SystemExit(f"no answer within {LIMIT:g} s") from None
        if message is None:
            raise SystemExit("the language server ended")
        return message

    def _send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self, stream: IO[bytes]) -> None:
        while head := stream.readline():
            length = 0
            while head.strip():
                name, _, value = head.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                head = stream.readline()
            self._messages.put(json.loads(stream.read(length)))
        self._messages.put(None)


def open_suite(server: LanguageServer, path: Path) -> dict[str, str]:
    """The suite, opened as an editor does; returns what requests call it."""
    path.write_text(SUITE)
    folder = {"uri": path.parent.as_uri(), "name": "suites"}
    text = {"completion": {"completionItem": {}}, "hover": {"contentFormat": ["markdown"]}}
    able = {"workspace": {"configuration": True, "workspaceFolders": True}, "textDocument": text}
    server.ask("initialize", {"processId": os.getpid(), "rootUri": folder["uri"], "workspaceFolders": [folder], "capabilities": able})  # fmt: skip
    server.tell("initialized", {})
    document = {"uri": path.as_uri()}
    server.tell("textDocument/didOpen", {"textDocument": {**document, "languageId": "robotframework", "version": 1, "text": SUITE}})  # fmt: skip
    return document


def completions(server: LanguageServer, document: dict[str, str]) -> set[str]:
    """The keywords of the library that are offered for ``Run Iperf``; asked again while the server still reads libraries."""
    while True:
        found = server.ask("textDocument/completion", {"textDocument": document, "position": COMPLETED})
        items = found["items"] if isinstance(found, dict) else found or []
        labels = {item["label"].removesuffix(" (IperfLibrary)") for item in items}
        if labels & WANTED:
            return {label for label in labels if label.startswith("Run Iperf")}
        time.sleep(POLL)


def hover(server: LanguageServer, document: dict[str, str]) -> str:
    """The documentation of ``Run Iperf Client`` as it is shown beside the pointer."""
    while not (found := server.ask("textDocument/hover", {"textDocument": document, "position": SHOWN})):
        time.sleep(POLL)
    contents = found["contents"]
    return str(contents["value"] if isinstance(contents, dict) else contents)


def main(name: str, words: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        server = LanguageServer(words, Path(folder))
        try:
            document = open_suite(server, Path(folder) / "one.robot")
            offered, shown = completions(server, document), hover(server, document)
        finally:
            server.end()
    plain = shown.replace("\\", "").replace("`", "")
    facts = {
        "completion of 'Run Iperf'": offered == WANTED,
        "what the keyword does": "Runs an iperf client on the device against a server to its end" in plain,
        "its arguments with types": "Bitrate" in plain and "fail_on_zero_interval" in plain,
        "its options in a table": "how long to send" in plain,
        "its example": "server=dut" in plain and "time=10s" in plain,
    }
    for fact, good in facts.items():
        print(f"{name}: {fact}: {'yes' if good else 'NO'}")
    return 0 if all(facts.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
