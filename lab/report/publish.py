"""Write the reports of executed notebooks and the index page over them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Final

from lab.errors import LabError
from lab.report import body, index, page, picture, provenance
from lab.run import folders, metrics
from lab.run.catalogue import Notebook
from lab.run.state import Entry, State

MOST_SEARCHED: Final = 4000


def publish(books: Sequence[Notebook], chosen: Sequence[Notebook]) -> list[Path]:
    """Write a page for each chosen notebook that ran, renew the index over all that ran, and return the files.

    Raises: LabError when none of the chosen ones has run.
    """
    state = State(folders.runs())
    ran = [(book, entry) for book in books if (entry := _entry(state, book))]
    wanted = {book.name for book in chosen}
    if not any(book.name in wanted for book, _ in ran):
        raise LabError("None of these notebooks has run yet.", f"Run `lab run {' '.join(b.number for b in chosen)}`.")
    folder = folders.reports()
    folder.mkdir(parents=True, exist_ok=True)
    written, cards = [], []
    for book, entry in ran:
        notebook = body.read(_executed(book))
        content = body.html(notebook)
        cards.append(index.Card(book, entry, picture.best(notebook), metrics.summary(book.number), words(content)))
        if book.name in wanted:
            written.append(_write(folder / f"{book.name}.html", _page(book, entry, content)))
    return [*written, _write(folder / "index.html", index.html(cards))]


def words(content: str) -> str:
    """Return the text of an HTML fragment for the search: no tags, no embedded pictures, bounded."""
    text = re.sub(r"<(style|script|svg)\b.*?</\1>|<[^>]*>", " ", content, flags=re.DOTALL)
    return " ".join(unescape(text).split())[:MOST_SEARCHED]


def _page(book: Notebook, entry: Entry, content: str) -> str:
    bar = f'<nav class="bar"><a href="index.html">all reports</a>{page.theme_button()}</nav>'
    origin = provenance.html(provenance.of(book, entry))
    return page.html(f"{book.number} · {book.title}", f"{bar}<main>{content}{origin}</main>")


def _entry(state: State, book: Notebook) -> Entry | None:
    return state.entry(book) if _executed(book).exists() else None


def _executed(book: Notebook) -> Path:
    return folders.runs() / f"{book.name}.ipynb"


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
