"""The notebooks of the lab in their order: number, title, what they need first."""

from __future__ import annotations

import difflib
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from lab.errors import LabError
from lab.run import folders

LEVELS: Final = {
    "0": "start and clean-up",
    "1": "level 1: device to table",
    "2": "datastreamer: stream to lake",
    "3": "level 2: analysis",
}


@dataclass(frozen=True)
class Notebook:
    """One source notebook.

    number: two digits; name: file name without suffix; title: heading without the number; needs: numbers of the
    notebooks whose results it uses; about: the notebook's own ``lab`` metadata (goal, minutes, cost, hops).
    """

    number: str
    name: str
    title: str
    path: Path
    needs: tuple[str, ...]
    about: dict[str, Any]

    @property
    def level(self) -> str:
        """First digit of the number; clean-up (90-99) belongs to the start."""
        return "0" if self.cleans_up else self.number[0]

    @property
    def cleans_up(self) -> bool:
        """Whether it removes what the others made (90-99): it runs after all of them, whatever became of them."""
        return self.number[0] == "9"


def load(folder: Path | None = None) -> list[Notebook]:
    """Return every numbered notebook of a folder, in order of number.

    Raises: LabError when two notebooks share a number, or one needs a later one.
    """
    books = [read(path) for path in sorted((folder or folders.NOTEBOOKS).glob("[0-9][0-9]-*.ipynb"))]
    for book, following in itertools.pairwise(books):
        if book.number == following.number:
            raise LabError(f"{book.path.name} and {following.path.name} share a number.", "Renumber one of them.")
    for book in books:
        if any(number >= book.number for number in book.needs):
            raise LabError(f"{book.path.name} needs a later notebook.", "A need has a lower number: mend its metadata.")
    return books


def read(path: Path) -> Notebook:
    """Return one notebook's description, read from its file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    about = document.get("metadata", {}).get("lab", {})
    number, _, words = path.stem.partition("-")
    heading = _heading(document) or words.replace("-", " ").capitalize()
    return Notebook(number, path.stem, heading, path, tuple(about.get("needs", ())), about)


def find(books: Sequence[Notebook], wanted: str) -> Notebook:
    """Return the notebook that a person names by number (``22``), name (``22-etl``) or path.

    Raises: LabError with the nearest name when there is none.
    """
    key = Path(wanted).name.removesuffix(".ipynb")
    for book in books:
        if key in (book.number, book.name):
            return book
    names = [book.name for book in books]
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(book.number for book in books) or 'none'}."
    raise LabError(f"There is no notebook {wanted!r}.", hint)


def select(
    books: Sequence[Notebook], wanted: Sequence[str], level: str | None = None, until: str | None = None
) -> list[Notebook]:
    """Return the notebooks to run, in order, each once.

    Parameters: wanted, numbers or names (empty: all); level, first digit; until, the last notebook to run.
    A need that is left out brings its own along: 13 needs 11, which needs 10, so without 11 it waits for 10.
    Raises: LabError when a name fits nothing, or when nothing is left.
    """
    chosen = [find(books, name) for name in wanted] if wanted else list(books)
    if level is not None:
        chosen = [book for book in chosen if book.level == level]
    if until is not None:
        last = find(books, until).number
        chosen = [book for book in chosen if book.number <= last]
    if not chosen:
        raise LabError("No notebook is left to run.", f"Levels: {', '.join(LEVELS)}.")
    left_out = {book.number: book for book in books if book not in chosen}
    return [replace(book, needs=_reaching(book, left_out)) for book in books if book in chosen]


def _reaching(book: Notebook, left_out: Mapping[str, Notebook]) -> tuple[str, ...]:
    """Return a notebook's needs, and in their order those that it has through notebooks that are left out."""
    found: list[str] = []
    for number in book.needs:
        found.append(number)
        if number in left_out:
            found += _reaching(left_out[number], left_out)
    return tuple(dict.fromkeys(found))


def _heading(document: dict[str, Any]) -> str | None:
    for cell in document.get("cells", []):
        source = cell.get("source", "")
        text = "".join(source) if isinstance(source, list) else source
        match = re.search(r"^# (?:\d\d\s*·\s*)?(.+)$", text, re.MULTILINE)
        if cell.get("cell_type") == "markdown" and match:
            return match.group(1).strip()
    return None
