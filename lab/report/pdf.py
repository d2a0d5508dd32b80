"""Reports as PDF, printed by a headless browser when the computer has one."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from lab.errors import LabError

BROWSERS: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)  # fmt: skip
SECONDS: Final = 120


def print_page(page: Path) -> Path:
    """Print an HTML page beside itself as PDF and return that file.

    Raises: LabError when there is no browser, or when it writes nothing.
    """
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as profile:
        # A container has no sandbox to give; the page is our own, one file that loads nothing.
        command = [browser(), "--headless", "--disable-gpu", "--no-sandbox", f"--user-data-dir={profile}"]
        command += ["--no-pdf-header-footer", f"--print-to-pdf={target}", page.resolve().as_uri()]
        result = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if not target.exists():
        raise LabError(f"The browser printed nothing: {result.stderr.strip()[-200:]}", "Open the HTML report instead.")
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
