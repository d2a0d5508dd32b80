"""The dashboard in a real browser: it loads, filters, shows a new reading, and loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import target
from lab.device import Twin, provision
from lab.notebook import source
from tests import account
from tests.browser import served
from tests.browser.chrome import Page
from tests.browser.served import READY, SHOWN

pytestmark = pytest.mark.slow
DEVICE = "wio-terminal-001"


@pytest.fixture(scope="module")
def address(level1: Path) -> Iterator[str]:
    """The address of the page, served as `lab dashboard` does."""
    with served.dashboard() as address:
        yield address


def test_it_loads_filters_and_shows_a_new_reading(address: str, tab: Page) -> None:
    follows(address, tab)


def test_it_does_the_same_for_an_account(level1: Path, tab: Page, tmp_path: Path) -> None:
    with served.dashboard(account.signed_in(tmp_path)) as address:
        follows(address, tab)


def follows(address: str, tab: Page) -> None:
    """Check that a page loads, filters, and shows a reading that a device sends meanwhile."""
    tab.open(address, 1280)
    tab.wait(READY)
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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_has_no_serious_barrier_and_fits_its_window(
    address: str, tab: Page, axe: str, width: int, theme: str
) -> None:
    tab.open(f"{address}?theme={theme}", width)
    tab.wait(READY)
    assert tab.value("document.body.dataset.jpThemeLight") == str(theme == "light").lower()
    assert tab.value("document.querySelector('h1').textContent").startswith("Temperature lab: dashboard")
    charts = "[...document.querySelectorAll('svg[aria-label*=over]')].filter(item => item.clientWidth > 0)"
    (ink,) = tab.value(f"{charts}.map(item => getComputedStyle(item.querySelector('text')).fill)")
    assert ink == tab.value("getComputedStyle(document.querySelector('[role=status]')).color")
    letters = f"{charts}[0].querySelector('text').getBoundingClientRect().height"
    assert tab.value(letters) >= 10, "labels can be read"
    assert tab.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert tab.violations(axe) == []


def choose(tab: Page, text: str) -> None:
    """Choose an entry of whichever list offers it."""
    tab.value(
        f"""for (const list of document.querySelectorAll('select')) {{
          const option = [...list.options].find(item => item.value === {text!r});
          if (option) {{ list.value = option.value; list.dispatchEvent(new Event('change', {{bubbles: true}})); }}
        }}"""
    )
