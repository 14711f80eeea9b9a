"""A page as a browser has it after its scripts have run."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

needed = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium to open the page with")


def dump(page: Path, state: str = "") -> str:
    """The document after its scripts have run, with this behind the ``#`` of its address; errors of scripts fail."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run(
            [PROGRAM or "", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=30000", "--dump-dom",
             "--enable-logging=stderr", f"--user-data-dir={profile}", f"{page.as_uri()}#{state}"],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
    told = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert told == []
    return done.stdout


def played(page: Path, steps: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What is seen after each of these scripts, one after the other on the same page: what a user would do.

    ``shown`` are the names of the rows, ``opened`` the text of all that is open, ``tags`` what that is made of.
    The policy of the page is set aside for the script that does it.
    """
    copy = page.with_name("played.html")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", page.read_text("utf-8"))
    copy.write_text(text.replace("</body>", f"<script>{_player(steps)}</script></body>"), "utf-8")
    found = re.search(r'<pre id="played">(.*?)</pre>', dump(copy), re.DOTALL)
    assert found, "the script did not come to its end"
    seen: dict[str, dict[str, Any]] = json.loads(html.unescape(found[1]))
    return seen


def _player(steps: dict[str, str]) -> str:
    return _PLAYER.replace(
        "STEPS", ",".join(f"[{json.dumps(name)}, () => {{ {script} }}]" for name, script in steps.items())
    )


_PLAYER = """(async () => {
  const seen = {}, all = (query) => [...document.querySelectorAll(query)];
  for (const [name, step] of [STEPS]) {
    step();
    await new Promise((done) => setTimeout(done, 200));
    seen[name] = {
      shown: all("tr.row").filter((row) => !row.hidden).map((row) => row.querySelector("button").textContent),
      drawn: all("tr.row").filter((row) => row.getClientRects().length).length,
      opened: all("tr.detail").map((row) => row.textContent).join("\\n"),
      expanded: all("[aria-expanded=true]").length,
      tags: all("tr.detail *").map((one) => one.localName + (one.getAttribute("class") ? "." + one.getAttribute("class") : "")),
      links: all("tr.detail a").map((one) => one.getAttribute("href")),
      sorted: all("[aria-sort]").map((one) => one.getAttribute("aria-sort")),
      pressed: all("[aria-pressed=true]").map((one) => one.dataset.verdict),
      count: document.getElementById("shown").textContent,
      focus: document.activeElement.textContent,
    };
  }
  const pre = document.createElement("pre");
  pre.id = "played";
  pre.textContent = JSON.stringify(seen);
  document.body.append(pre);
})();"""
