"""The index page: the map, a card for each notebook with its state, seconds and best picture, and a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from lab.notebook import map
from lab.report import page
from lab.report.picture import Picture
from lab.run.catalogue import Notebook
from lab.run.state import Entry

SEARCH: Final = """
const field = document.getElementById("search"), cards = [...document.querySelectorAll(".cards li")];
const count = document.getElementById("count");
field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\\s+/);
  for (const card of cards) card.hidden = !words.every(word => card.dataset.text.includes(word));
  count.textContent = `${cards.filter(card => !card.hidden).length} of ${cards.length}`;
});
"""
MARKS: Final = {"COMPLETED": "✓", "FAILED": "✗", "RUNNING": "▶", "PENDING": "·"}


@dataclass(frozen=True)
class Card:
    """What a notebook's card shows. words: the text of its report, for the search; summary: its result."""

    book: Notebook
    entry: Entry
    picture: Picture | None
    summary: str
    words: str


def html(cards: Sequence[Card]) -> str:
    """Return the index page over the cards, in their order."""
    done = sum(card.entry.state == "COMPLETED" for card in cards)
    seconds = sum(card.entry.seconds for card in cards)
    commits = sorted({card.entry.commit for card in cards})
    head = (
        f'<header class="bar"><h1>Temperature lab: report</h1>{page.theme_button()}</header><main>'
        f"{map.svg(())}<p>{done} of {len(cards)} notebooks completed, {seconds:.0f} s of work, "
        f"commit {escape(', '.join(commits))}.</p>"
        '<div class="bar"><label>Search <input id="search" type="search"></label>'
        f'<span id="count" role="status">{len(cards)} of {len(cards)}</span></div>'
    )
    items = "".join(_card(card) for card in cards)
    return page.html("Temperature lab: report", f'{head}<ul class="cards">{items}</ul></main>', SEARCH)


def _card(card: Card) -> str:
    book, entry = card.book, card.entry
    image = _image(card.picture) if card.picture else ""
    text = escape(" ".join((book.number, book.title, card.summary, card.words)).lower(), quote=True)
    state = entry.state.lower()
    return (
        f'<li data-text="{text}">{image}<h2><a href="{book.name}.html">{book.number} · {escape(book.title)}</a></h2>'
        f'<p><b class="{state}">{MARKS[entry.state]} {state}</b> · {entry.seconds:.1f} s</p>'
        f"<p>{escape(card.summary)}</p></li>"
    )


def _image(picture: Picture) -> str:
    colours = ' class="own"' if picture.own else ""
    return f'<img src="{picture.address}"{colours} alt="{escape(picture.alternative)}">'
