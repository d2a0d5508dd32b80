"""Renew the pictures of the docs from what stands: ``make lab``, then ``python -m tests.browser.pictures``.

Report index and dashboard, each light and dark, on a desk and on a phone.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image

from lab.errors import LabError
from lab.run import folders
from tests.browser import chrome, served

FOLDER = folders.ROOT / "docs" / "pictures"
WINDOWS = {"desktop": (1280, 900), "phone": (390, 844)}
THEMES = ("light", "dark")


def names() -> list[str]:
    """Return the pictures' file names."""
    return [
        f"{page}-{window}-{theme}.webp" for page in ("report", "dashboard") for window in WINDOWS for theme in THEMES
    ]


def taken(tab: chrome.Page, address: str) -> Iterator[tuple[str, bytes]]:
    """Yield (file name, PNG) of the report's index and of the dashboard at an address."""
    report = folders.reports() / "index.html"
    if not report.exists():
        raise LabError("There is no report to take pictures of.", "Run `make lab`.")
    for window, (width, height) in WINDOWS.items():
        for theme in THEMES:
            tab.open(report.as_uri(), width, height)
            tab.value(f"document.documentElement.dataset.theme = '{theme}'")
            yield f"report-{window}-{theme}.webp", tab.picture()
            tab.open(f"{address}?theme={theme}", width, height)
            tab.wait(served.READY)
            yield f"dashboard-{window}-{theme}.webp", tab.picture()


def main() -> None:
    """Take all pictures."""
    with served.dashboard() as address, chrome.page() as tab:
        for name, picture in taken(tab, address):
            Image.open(io.BytesIO(picture)).convert("RGB").save(FOLDER / name, format="WEBP", quality=82, method=6)
            print(name)


if __name__ == "__main__":
    main()
