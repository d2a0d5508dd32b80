"""A headless Chromium driven over its DevTools protocol: open a page, run JavaScript in it, wait for a condition.

Source: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from websocket import create_connection

FOLDER = Path(__file__).resolve().parent
MODULES = FOLDER / "node_modules"
SECONDS = 180.0  # a busy machine may take long; nothing here measures time


def browser() -> str:
    """Return the path of the Chromium that the npm package of this folder holds; `make test` has unpacked it.

    Source: https://github.com/Sparticuz/chromium#usage-with-playwright
    """
    place = MODULES / ".unpacked"
    place.mkdir(exist_ok=True)
    command = ["node", str(FOLDER / "chromium.mjs")]
    return subprocess.run(
        command, env=os.environ | {"TMPDIR": str(place)}, capture_output=True, text=True, check=True
    ).stdout.strip()


def axe() -> str:
    """Return the source text of axe-core, the rules of accessibility."""
    return (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


class Page:
    """One tab."""

    def __init__(self, address: str) -> None:
        self._socket = create_connection(address, timeout=SECONDS)
        self._ids = itertools.count(1)
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.blocked: set[str] = set()
        self._addresses: dict[str, str] = {}
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events on the way are noted."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                return dict(message.get("result", {}))
            self._note(message)

    def open(self, address: str, width: int, height: int = 900) -> None:
        """Open an address in a window of that size and wait until it is loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait(self, expression: str, seconds: float = SECONDS) -> float:
        """Return the seconds until a JavaScript expression became true."""
        began = time.monotonic()
        while not self.value(expression):
            if time.monotonic() - began > seconds:
                raise AssertionError(f"not true after {seconds:.0f} s: {expression}")
            time.sleep(0.1)
        return time.monotonic() - began

    def picture(self) -> bytes:
        """Return what the window shows, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot")["data"])

    def violations(self, axe: str) -> list[str]:
        """Return the serious findings of axe-core on the page. axe: its source text."""
        self.value(axe)
        self.value("window.found = null; axe.run().then(result => { window.found = result.violations; })")
        self.wait("window.found !== null")
        serious = "window.found.filter(item => ['serious', 'critical'].includes(item.impact))"
        return list(self.value(f"{serious}.map(item => item.id + ': ' + item.nodes[0].html.slice(0, 120))"))

    def loaded_from_elsewhere(self, address: str) -> list[str]:
        """Return what was asked of another server and not blocked by the page's own policy."""
        own = (address, "data:", "blob:", "about:", address.replace("http", "ws", 1))
        return [asked for asked in self.requests if not asked.startswith(own) and asked not in self.blocked]

    def _note(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Runtime.exceptionThrown":
            self.errors.append(message["params"]["exceptionDetails"]["text"])
        if message.get("method") == "Network.requestWillBeSent":
            address = message["params"]["request"]["url"]
            self.requests.append(address)
            self._addresses[message["params"]["requestId"]] = address
        if message.get("method") == "Network.loadingFailed" and message["params"].get("blockedReason"):
            self.blocked.add(self._addresses[message["params"]["requestId"]])


@contextmanager
def page() -> Iterator[Page]:
    """Start a browser with one tab, and end it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser(), "--headless=shell", "--no-sandbox", "--no-zygote", "--disable-gpu"]
        command += [
            "--disable-dev-shm-usage",
            "--remote-debugging-port=0",
            "--remote-allow-origins=*",
            f"--user-data-dir={profile}",
            "about:blank",
        ]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
            try:
                yield Page(_tab(process))
            finally:
                process.kill()


def _tab(process: subprocess.Popen[str]) -> str:
    for line in process.stderr or ():
        found = re.search(r"ws://([^/]+)/", line)
        if found:
            with urlopen(f"http://{found[1]}/json/list") as answer:
                tabs = json.load(answer)
            return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
    raise AssertionError("the browser did not start")
