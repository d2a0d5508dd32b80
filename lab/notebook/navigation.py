"""Navigation bars and the index of notebooks, generated from the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lab.run.catalogue import LEVELS, Notebook

BAR: Final = "navigation"
INDEX: Final = "index"
TROUBLE: Final = "../docs/troubleshooting.md"
GLOSSARY: Final = "../docs/glossary.md"


def bar(books: Sequence[Notebook], number: str) -> str:
    """Return the bar of one notebook: the one before, the start, the words, what to do about trouble, the one after."""
    position = next(place for place, book in enumerate(books) if book.number == number)
    before = [f"[← {_name(book)}]({book.path.name})" for book in books[:position][-1:]]
    after = [f"[{_name(book)} →]({book.path.name})" for book in books[position + 1 :][:1]]
    aids = (f"[all notebooks]({books[0].path.name})", f"[glossary]({GLOSSARY})", f"[trouble?]({TROUBLE})")
    return " | ".join([*before, *aids, *after])


def index(books: Sequence[Notebook]) -> str:
    """Return the table of all notebooks: number, title, goal, minutes."""
    rows = [f"## {len(books)} notebooks", "", "| no. | notebook | goal | minutes |", "| --- | --- | --- | ---: |"]
    level = ""
    for book in books:
        if LEVELS[book.level] != level:
            level = LEVELS[book.level]
            rows.append(f"| | **{level}** | | |")
        goal, minutes = book.about.get("goal", ""), book.about.get("minutes", "")
        rows.append(f"| {book.number} | [{book.title}]({book.path.name}) | {goal} | {minutes} |")
    return "\n".join(rows)


def generated(books: Sequence[Notebook], book: Notebook) -> dict[str, str]:
    """Return the generated cells of a notebook: cell id → text."""
    cells = {BAR: bar(books, book.number)}
    return cells | {INDEX: index(books)} if book.number == books[0].number else cells


def place(document: dict[str, Any], cells: dict[str, str]) -> dict[str, Any]:
    """Return the document with its generated cells renewed; a missing bar is put first."""
    present = {cell.get("id") for cell in document["cells"]}
    new = [
        {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}
        for name, source in cells.items()
        if name not in present
    ]
    old = [{**cell, "source": cells.get(cell.get("id"), cell["source"])} for cell in document["cells"]]
    return {**document, "cells": [*new, *old]}


def _name(book: Notebook) -> str:
    return f"{book.number} {book.title}"
