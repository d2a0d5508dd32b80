"""The dashboard in a real browser: it loads, filters, shows a new reading, and loads nothing from elsewhere."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import target
from lab.device import Twin, provision
from lab.notebook import source
from lab.run import folders
from tests.browser.chrome import Page

pytestmark = pytest.mark.slow
DEVICE = "wio-terminal-001"
SHOWN = "[...document.querySelectorAll('[role=status]')].map(item => item.textContent).join(' ')"


@pytest.fixture(scope="module")
def address(level1: Path) -> Iterator[str]:
    """Serve the page as `lab dashboard` does and return its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "lab.cli", "dashboard", "--no-browser", f"--port={port}"]
    with subprocess.Popen(command, cwd=folders.ROOT, env=dict(os.environ), stderr=subprocess.PIPE, text=True) as server:
        for line in server.stderr or ():
            if f":{port}" in line:
                break
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def test_it_loads_filters_and_shows_a_new_reading(address: str, tab: Page) -> None:
    tab.open(address, 1280)
    tab.wait(f"{SHOWN}.includes('readings')")
    whole = tab.value(SHOWN)
    choose(tab, "last day")
    tab.wait(f"{SHOWN} !== {whole!r}")
    choose(tab, "everything")
    tab.wait(f"{SHOWN} === {whole!r}")

    newest = source.of_level1().readings(DEVICE, hours=None)[-1].timestamp
    reading = {"device_id": DEVICE, "timestamp": newest + 60, "temperature": 24.5, "humidity": 50.0}
    Twin(provision(DEVICE), target.mqtt()).publish_readings([reading])
    tab.wait(f"{SHOWN} !== {whole!r}")
    assert tab.errors == []
    assert tab.loaded_from_elsewhere(address) == []


def test_it_has_no_serious_barrier_on_a_phone(address: str, tab: Page, axe: str) -> None:
    tab.open(address, 390)
    tab.wait(f"{SHOWN}.includes('readings')")
    assert tab.violations(axe) == []


def choose(tab: Page, text: str) -> None:
    """Choose an entry of whichever list offers it."""
    tab.value(
        f"""for (const list of document.querySelectorAll('select')) {{
          const option = [...list.options].find(item => item.value === {text!r});
          if (option) {{ list.value = option.value; list.dispatchEvent(new Event('change', {{bubbles: true}})); }}
        }}"""
    )
