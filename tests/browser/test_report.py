"""The reports in a real browser: phone and desk, light and dark, search, accessibility, no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chrome import Page

pytestmark = pytest.mark.slow
PHONE, DESK = 390, 1280
CHARTS = "[...document.images]"
READABLE = 600
"""Pixels: the letters of a chart, made for eight inches, are then as high as those of a small text."""
CARDS = "[...document.querySelectorAll('.cards li')]"


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_the_index_fits_its_window_changes_its_theme_and_finds_what_is_searched(
    level1: Path, tab: Page, width: int
) -> None:
    tab.open((level1 / "index.html").as_uri(), width)
    assert excess(tab) <= 0
    tab.value("document.documentElement.dataset.theme = 'light'")
    tab.value("document.getElementById('theme').click()")
    assert tab.value("document.documentElement.dataset.theme") == "dark"

    whole = tab.value(f"{CARDS}.length")
    assert whole >= len(list(level1.glob("[0-9][0-9]-*.html")))
    search(tab, "zzzz")
    assert tab.value(f"{CARDS}.filter(card => !card.hidden).length") == 0
    assert tab.value("document.getElementById('count').textContent") == f"0 of {whole}"
    search(tab, "start here")
    assert tab.value(f"{CARDS}.filter(card => !card.hidden).length") >= 1
    assert tab.errors == []


def test_every_report_fits_a_phone_describes_its_pictures_and_asks_nothing_of_the_network(
    level1: Path, tab: Page
) -> None:
    reports = sorted(level1.glob("[0-9][0-9]-*.html"))
    assert len(reports) >= 6
    for report in reports:
        tab.open(report.as_uri(), PHONE)
        assert excess(tab) <= 0, report.name
        assert tab.value("[...document.images].every(image => image.alt)"), report.name
        assert tab.value("document.querySelector('.provenance') !== null"), report.name
        assert tab.value(f"{CHARTS}.every(image => image.clientWidth >= {READABLE})"), report.name
    assert tab.errors == []
    assert [address for address in tab.requests if not address.startswith(("file:", "data:", "about:"))] == []


def test_a_theme_that_was_chosen_holds_for_the_other_reports(level1: Path, tab: Page) -> None:
    tab.open((level1 / "index.html").as_uri(), DESK)
    tab.value("document.documentElement.dataset.theme = 'light'")
    tab.value("document.getElementById('theme').click()")
    tab.open(min(level1.glob("[0-9][0-9]-*.html")).as_uri(), DESK)
    assert tab.value("document.documentElement.dataset.theme") == "dark"
    tab.value("localStorage.clear()")


def test_paper_is_light_also_when_the_screen_is_dark(level1: Path, tab: Page) -> None:
    tab.open((level1 / "index.html").as_uri(), DESK)
    tab.value("document.documentElement.dataset.theme = 'dark'")
    ink = "getComputedStyle(document.body).color"
    assert tab.value(ink) == "rgb(230, 234, 239)"
    tab.call("Emulation.setEmulatedMedia", media="print")
    assert tab.value(ink) == "rgb(29, 37, 48)"
    tab.call("Emulation.setEmulatedMedia", media="")


def test_charts_are_dark_on_a_dark_page_but_a_picture_of_a_screen_stays_as_it_is(level1: Path, tab: Page) -> None:
    tab.open((level1 / "12-flash-and-verify.html").as_uri(), DESK)
    for theme, filters in (("light", ["none", "none"]), ("dark", ["invert(1) hue-rotate(180deg)", "none"])):
        tab.value(f"document.documentElement.dataset.theme = '{theme}'")
        found = "[...document.images].map(image => [image.className, getComputedStyle(image).filter])"
        assert sorted(set(map(tuple, tab.value(found)))) == [("", filters[0]), ("own", filters[1])]


def test_a_word_in_a_table_is_not_broken_to_fit_a_phone(level1: Path, tab: Page) -> None:
    tab.open((level1 / "14-catalogue-and-query.html").as_uri(), PHONE)
    heads = "[...document.querySelectorAll('table.dataframe thead th')]"
    assert tab.value(f"{heads}.every(item => item.clientHeight < 60)")
    assert tab.value(f"{heads}.length") > 3


@pytest.mark.parametrize(("theme", "width"), [("light", DESK), ("dark", DESK), ("light", PHONE)])
def test_index_and_reports_have_no_serious_barrier(level1: Path, tab: Page, axe: str, theme: str, width: int) -> None:
    for page in sorted(level1.glob("*.html")):
        tab.open(page.as_uri(), width)
        tab.value(f"document.documentElement.dataset.theme = '{theme}'")
        assert tab.violations(axe) == [], page.name


def search(tab: Page, text: str) -> None:
    tab.value(
        f"""(() => {{ const field = document.getElementById('search');
        field.value = '{text}'; field.dispatchEvent(new Event('input')); }})()"""
    )


def excess(tab: Page) -> int:
    """Pixels by which a page is wider than its window."""
    return int(tab.value("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
