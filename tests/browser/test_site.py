"""The documentation in a real browser: phone and desk, light and dark, search from a server and a file, no network."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lab.target import ROOT
from tests.browser.chrome import Page

pytestmark = pytest.mark.slow
PHONE, DESK = 390, 1280
MAIN = ("index", "quickstart", "howto", "commands", "architecture", "troubleshooting", "errors", "ja/quickstart")
RESULTS = "document.querySelectorAll('.md-search-result__item').length"


class Quiet(SimpleHTTPRequestHandler):
    """A server that writes no line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder


@pytest.fixture
def served(site: Path) -> Iterator[str]:
    """The address of the site on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_every_page_fits_a_phone_describes_its_pictures_and_asks_nothing_of_the_network(
    site: Path, served: str, tab: Page
) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        tab.open(served + str(page.relative_to(site)), PHONE)
        assert tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, page.name
        assert tab.value("[...document.images].every(image => image.alt)"), page.name
    assert tab.errors == []
    assert tab.loaded_from_elsewhere(served) == []


@pytest.mark.parametrize("words", ["certificate", "証明書"])
def test_the_search_finds_words_of_both_languages_from_a_server_and_from_a_file(
    site: Path, served: str, tab: Page, words: str
) -> None:
    found = []
    for start in (served, site.as_uri() + "/"):
        tab.open(f"{start}index.html", DESK)
        search(tab, words)
        tab.wait(f"{RESULTS} > 0")
        found.append(tab.value(RESULTS))
    assert found[0] == found[1]
    assert tab.errors == []


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_the_main_pages_have_no_serious_barrier(served: str, tab: Page, axe: str, scheme: str) -> None:
    theme = "light" if scheme == "default" else "dark"
    tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
    for page in MAIN:
        tab.open(f"{served}{page}.html", DESK)
        assert tab.value("document.body.dataset.mdColorScheme") == scheme
        assert tab.violations(axe) == [], page


def test_every_block_of_code_has_a_button_that_copies_it(served: str, tab: Page) -> None:
    tab.open(f"{served}quickstart.html", DESK)
    blocks = tab.value("document.querySelectorAll('article pre > code').length")
    assert blocks == 3
    tab.wait(f"document.querySelectorAll('[data-clipboard-target], button[data-md-type=copy]').length >= {blocks}")


def search(tab: Page, words: str) -> None:
    tab.value(
        f"""(() => {{ const field = document.querySelector('.md-search__input'); field.focus();
        field.value = '{words}'; field.dispatchEvent(new KeyboardEvent('keyup', {{bubbles: true}})); }})()"""
    )
