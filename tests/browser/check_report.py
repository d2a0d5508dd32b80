"""Look at the report with a real browser: ``python -m tests.browser.check_report`` after ``lab report``.

It needs Chromium, which ``make test`` does not ask for; the other tests of reports read the pages as text. Two
arguments may follow: a folder for screenshots, and the file ``axe.min.js`` of the npm package axe-core, which looks
at accessibility.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lab.run import folders
from tests.browser.chrome import Page, page

PHONE, DESK = 390, 1280


def main(pictures: Path, axe: str) -> None:
    """Check the index and each report; screenshots go to a folder. axe: source text of axe-core, or nothing."""
    pictures.mkdir(parents=True, exist_ok=True)
    with page() as tab:
        index = folders.reports() / "index.html"
        _check_index(tab, index, pictures)
        _check_access(tab, axe)
        for report in sorted(folders.reports().glob("[0-9][0-9]-*.html")):
            _check_page(tab, report)
            _check_access(tab, axe)
            print(f"✓ {report.name}")
        assert not tab.errors, tab.errors
        outside = [address for address in tab.requests if not address.startswith(("file:", "data:", "about:"))]
        assert not outside, outside
    print("✓ nothing asked of the network, no script error")


def _check_index(tab: Page, index: Path, pictures: Path) -> None:
    for width, name in ((DESK, "desktop"), (PHONE, "phone")):
        tab.open(index.as_uri(), width)
        _fits(tab)
        tab.value("document.documentElement.dataset.theme = 'light'")
        tab.picture(pictures / f"report-{name}-light.png")
        tab.value("document.getElementById('theme').click()")
        assert tab.value("document.documentElement.dataset.theme") == "dark"
        tab.picture(pictures / f"report-{name}-dark.png")
    cards = "[...document.querySelectorAll('.cards li')]"
    whole = tab.value(f"{cards}.length")
    tab.value("const f = document.getElementById('search'); f.value = 'zzzz'; f.dispatchEvent(new Event('input'))")
    assert tab.value(f"{cards}.filter(card => !card.hidden).length") == 0
    assert tab.value("document.getElementById('count').textContent") == f"0 of {whole}"
    tab.value("f.value = 'start here'; f.dispatchEvent(new Event('input'))")
    assert tab.value(f"{cards}.filter(card => !card.hidden).length") >= 1
    print(f"✓ index: {whole} cards, search, light and dark, phone and desk")


def _check_page(tab: Page, report: Path) -> None:
    tab.open(report.as_uri(), PHONE)
    _fits(tab)
    assert tab.value("[...document.images].every(image => image.alt)"), "a picture without words"
    assert tab.value("document.querySelector('.provenance') !== null")


def _check_access(tab: Page, axe: str) -> None:
    for theme in ("light", "dark") if axe else ():
        tab.value(f"document.documentElement.dataset.theme = '{theme}'")
        found = tab.violations(axe)
        assert not found, found


def _fits(tab: Page) -> None:
    """A page must not scroll sideways."""
    excess = tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert excess <= 0, f"{excess} px wider than the window"


if __name__ == "__main__":
    main(
        Path(sys.argv[1]) if len(sys.argv) > 1 else folders.build() / "pictures",
        Path(sys.argv[2]).read_text(encoding="utf-8") if len(sys.argv) > 2 else "",
    )
