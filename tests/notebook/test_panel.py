"""The dashboard's panel over a source that answers from memory, or not at all."""

import asyncio

import pytest

from lab.errors import LabError
from lab.notebook import source
from lab.notebook.panel import Panel
from lab.notebook.source import Sample


class Kept:
    """A source in memory. broken: what it raises instead of answering."""

    def __init__(self, **temperatures: float) -> None:
        self.temperatures = temperatures
        self.broken: Exception | None = None

    def devices(self) -> list[str]:
        return sorted(self.temperatures)

    def readings(self, device_id: str, hours: float | None) -> list[Sample]:
        if self.broken:
            raise self.broken
        return [Sample(0.0, self.temperatures[device_id], 50.0)]


def parts(panel: Panel) -> tuple[str, str, str]:
    """The chosen device, the trouble told and the body."""
    filters, trouble, body = panel.view.children
    return filters.children[0].value, trouble.value, body.value


def test_the_chosen_device_stays_chosen_when_a_new_one_reports() -> None:
    kept = Kept(kitchen=21.0, porch=3.0)
    panel = Panel(kept, "porch", refresh_seconds=0)
    kept.temperatures["attic"] = 30.0
    asyncio.run(panel.renew())
    chosen, trouble, body = parts(panel)
    assert (chosen, trouble) == ("porch", "")
    assert "3.0 °C" in body
    assert list(panel.view.children[0].children[0].options) == ["attic", "kitchen", "porch"]
    panel.view.children[0].children[0].value = "attic"
    assert "30.0 °C" in parts(panel)[2]


def test_a_first_device_is_shown_when_it_comes() -> None:
    kept = Kept()
    panel = Panel(kept, "porch", refresh_seconds=0)
    assert "no reading" in parts(panel)[2]
    kept.temperatures["porch"] = 3.0
    asyncio.run(panel.renew())
    assert "3.0 °C" in parts(panel)[2]


def test_a_renewal_that_fails_is_told_and_the_next_one_takes_it_back() -> None:
    kept = Kept(porch=3.0)
    panel = Panel(kept, "porch", refresh_seconds=0)
    kept.broken = LabError("The embedded AWS is <not> running.", "Run `lab up`.")
    asyncio.run(panel.renew())
    _, trouble, body = parts(panel)
    assert "Not renewed since" in trouble
    assert "The embedded AWS is &lt;not&gt; running. Run `lab up`." in trouble
    assert "3.0 °C" in body
    kept.broken, kept.temperatures["porch"] = None, 4.0
    asyncio.run(panel.renew())
    assert parts(panel)[1] == ""
    assert "4.0 °C" in parts(panel)[2]


def test_a_filter_that_cannot_be_answered_is_told_too() -> None:
    kept = Kept(kitchen=21.0, porch=3.0)
    panel = Panel(kept, "porch", refresh_seconds=0)
    kept.broken = LabError("Athena: gone.", "Ask again.")
    panel.view.children[0].children[0].value = "kitchen"
    assert "Not renewed since" in parts(panel)[1]


def test_a_source_that_does_not_answer_at_first_fails_the_cell() -> None:
    kept = Kept(porch=3.0)
    kept.broken = LabError("Athena: gone.", "Ask again.")
    with pytest.raises(LabError, match="gone"):
        Panel(kept, "porch", refresh_seconds=0)


def test_a_table_that_was_not_crawled_yet_is_refused_with_the_notebook_that_crawls(monkeypatch) -> None:
    outputs = {"DatabaseName": "d", "CatalogName": "c", "WorkGroupName": "w"}
    monkeypatch.setattr(source.stacks, "outputs", lambda _stack: outputs)
    monkeypatch.setattr(source.crawl, "tables", lambda _database: [])
    with pytest.raises(LabError, match="lab run 14"):
        source.of_level1()
