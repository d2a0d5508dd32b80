"""The seconds a notebook, from the last run of all: ``python -m lab.run.seconds`` writes them.

``docs/seconds.md`` is the page for readers; ``lab/data/seconds.json`` is what a first ``lab run`` elsewhere expects.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from lab.errors import LabError
from lab.run import catalogue, expected, folders
from lab.run.catalogue import Notebook
from lab.run.metrics import summary
from lab.run.state import Entry, State

PAGE: Final = folders.ROOT / "docs" / "seconds.md"
HEAD: Final = """# Seconds a notebook

Written by `python -m lab.run.seconds` after a `lab run` of everything; do not edit. Your own figures stand in
`build/reports/index.html` and, while notebooks run, beside each line.
"""


def page(books: Sequence[Notebook], state: State) -> str:
    """Return the table of a complete run as Markdown.

    Raises: LabError when a notebook did not complete in it.
    """
    entries = [(book, _completed(book, state)) for book in books]
    began = min(entry.started for _, entry in entries)
    ended = max(entry.started + entry.seconds for _, entry in entries)
    work = sum(entry.seconds for _, entry in entries)
    commits = ", ".join(sorted({entry.commit for _, entry in entries}))
    day = datetime.fromtimestamp(began, UTC).strftime("%Y-%m-%d")
    rows = [
        f"| {book.number} {book.title} | {entry.started - began:.0f} | {entry.seconds:.1f} | {summary(book.number)} |"
        for book, entry in entries
    ]
    return (
        f"{HEAD}\n{day}, commit {commits}, {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}.\n\n"
        "| notebook | began at | seconds | result |\n| --- | ---: | ---: | --- |\n" + "\n".join(rows) + "\n"
        f"| **all** | | **{ended - began:.0f}** | {work:.0f} s of work, independent notebooks side by side |\n"
    )


def table(books: Sequence[Notebook], state: State) -> str:
    """Return the seconds by name as JSON. Raises: LabError as ``page`` does."""
    return json.dumps({book.name: round(_completed(book, state).seconds, 1) for book in books}, indent=1) + "\n"


def _completed(book: Notebook, state: State) -> Entry:
    entry = state.entry(book)
    if entry is None or entry.state != "COMPLETED":
        raise LabError(f"{book.name} did not complete in the last run.", "Run `lab run`, then this again.")
    return entry


def write() -> None:
    """Write both from the runs folder."""
    books, state = catalogue.load(), State(folders.runs())
    PAGE.write_text(page(books, state), encoding="utf-8")
    expected.TABLE.write_text(table(books, state), encoding="utf-8")


if __name__ == "__main__":
    write()
