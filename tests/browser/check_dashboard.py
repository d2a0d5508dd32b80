"""Look at the dashboard with a real browser: ``python -m tests.browser.check_dashboard`` after ``lab run --until 15``.

It starts the page as ``lab dashboard`` does, changes the filters, publishes a reading and waits until it is shown.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab import target
from lab.notebook import source
from lab.run import folders
from tests.browser.chrome import Page, page

DEVICE = "wio-terminal-001"
SHOWN = "[...document.querySelectorAll('[role=status]')].map(item => item.textContent).join(' ')"


def main(pictures: Path) -> None:
    """Check the page; screenshots go to a folder."""
    pictures.mkdir(parents=True, exist_ok=True)
    with _served() as address, page() as tab:
        for width, name in ((390, "phone"), (1280, "desktop")):
            tab.open(address, width)
            seconds = tab.wait(f"{SHOWN}.includes('readings')")
            tab.picture(pictures / f"dashboard-{name}.png")
            print(f"✓ {name}: loaded in {seconds:.1f} s, {tab.value(SHOWN)}")
        _check_filter(tab)
        _check_arrival(tab)
        assert not tab.errors, tab.errors
        assert not tab.loaded_from_elsewhere(address), tab.loaded_from_elsewhere(address)
    print("✓ nothing came from elsewhere, no script error")


def _check_filter(tab: Page) -> None:
    whole = tab.value(SHOWN)
    _choose(tab, "last day")
    tab.wait(f"{SHOWN} !== {whole!r}")
    print(f"✓ the time filter: {whole} become {tab.value(SHOWN)}")
    _choose(tab, "everything")
    tab.wait(f"{SHOWN} === {whole!r}")


def _check_arrival(tab: Page) -> None:
    from lab.device import Twin, provision

    before = tab.value(SHOWN)
    newest = source.of_level1().readings(DEVICE, hours=None)[-1].timestamp
    reading = {"device_id": DEVICE, "timestamp": newest + 60, "temperature": 24.5, "humidity": 50.0}
    Twin(provision(DEVICE), target.mqtt()).publish_readings([reading])
    seconds = tab.wait(f"{SHOWN} !== {before!r}", seconds=60)
    print(f"✓ a new reading is shown after {seconds:.1f} s: {tab.value(SHOWN)}")


def _choose(tab: Page, text: str) -> None:
    """Choose an entry of whichever list offers it."""
    tab.value(
        f"""for (const list of document.querySelectorAll('select')) {{
          const option = [...list.options].find(item => item.value === {text!r});
          if (option) {{ list.value = option.value; list.dispatchEvent(new Event('change', {{bubbles: true}})); }}
        }}"""
    )


@contextmanager
def _served() -> Iterator[str]:
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


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else folders.build() / "pictures")
