"""Reports as PDF, printed by a headless browser when the computer has one.

The browser is spoken to over its DevTools protocol: its command line can print too, but not in every build, and says
nothing when it fails.
Source: https://chromedevtools.github.io/devtools-protocol/tot/Page/#method-printToPDF
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from websocket import WebSocket, WebSocketException, create_connection

from lab.errors import LabError

BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
#: A container has no sandbox and little shared memory to give; the page is our own, one file that loads nothing.
OPTIONS: Final = (
    "--headless",
    "--no-sandbox",
    "--no-zygote",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)
SECONDS: Final = 120.0
INSTEAD: Final = "Open the HTML report and print it from your own browser."


def print_page(page: Path) -> Path:
    """Print an HTML page beside itself as PDF and return that file.

    Raises: LabError when there is no browser, or when it does not print.
    """
    target = page.with_suffix(".pdf")
    try:
        with _tab() as tab:
            _ask(tab, "Page.enable")
            _ask(tab, "Page.navigate", "Page.loadEventFired", url=page.resolve().as_uri())
            printed = _ask(tab, "Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        target.write_bytes(base64.b64decode(printed["data"]))
    except (OSError, WebSocketException, KeyError, StopIteration) as error:
        raise LabError(f"The browser did not print: {type(error).__name__} {error}.", INSTEAD) from error
    return target


def browser() -> str:
    """Return the path of a browser of Chromium's family. Raises: LabError when there is none."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    raise LabError(
        "A PDF needs Chromium, and there is none.", "Install it (`apt install chromium`), or leave --pdf out."
    )


@contextmanager
def _tab() -> Iterator[WebSocket]:
    """Start a browser, yield a connection to its one tab, and end it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser(), *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield create_connection(_address(process), timeout=SECONDS)
            finally:
                process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    """Return the address of a browser's tab, from the line in which it says where it listens."""
    said = ""
    for line in process.stderr or ():
        found = re.search(r"ws://([^/]+)/", line)
        if found:
            with urlopen(f"http://{found[1]}/json/list", timeout=SECONDS) as answer:
                tabs: list[dict[str, str]] = json.load(answer)
            return next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        said = line.strip()
    raise LabError(f"The browser did not start: {said[-200:]}", INSTEAD)


def _ask(tab: WebSocket, method: str, until: str = "", **parameters: Any) -> dict[str, Any]:
    """Send a command and return its result, with ``until`` only after that event."""
    tab.send(json.dumps({"id": 1, "method": method, "params": parameters}))
    result: dict[str, Any] | None = None
    happened = not until
    while result is None or not happened:
        message = json.loads(tab.recv())
        happened = happened or message.get("method") == until
        if message.get("id") == 1:
            result = message["result"]
    return result
