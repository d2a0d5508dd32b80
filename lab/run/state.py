"""What ran, with which inputs and how it ended: one JSON file beside the executed notebooks.

A notebook is up to date when it completed with the same inputs: its own cells, its parameters, the notebooks that it
needs, and the same AWS. ``lab run --resume`` skips those and runs the rest.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from lab.run.catalogue import Notebook
from lab.run.inspection import Value

Word = Literal["PENDING", "RUNNING", "COMPLETED", "FAILED"]


@dataclass(frozen=True)
class Entry:
    """One notebook's last run.

    started: Unix seconds; seconds: duration; expected: duration of the last run that completed (0: none yet);
    failure: name and message, or None; commit: of the sources that ran.
    """

    state: Word
    fingerprint: str
    parameters: dict[str, Value] = field(default_factory=dict)
    started: float = 0.0
    seconds: float = 0.0
    expected: float = 0.0
    failure: str | None = None
    commit: str = "unknown"


class State:
    """The entries of a runs folder, written to disk at each change."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "state.json"
        self._lock = threading.Lock()
        self._entries = _read(self._path)

    def entry(self, book: Notebook) -> Entry | None:
        """Return a notebook's last run, or None when it never ran."""
        return self._entries.get(book.name)

    def record(self, book: Notebook, entry: Entry) -> None:
        """Keep a run's state."""
        with self._lock:
            self._entries[book.name] = entry
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(".part")
            document = {name: asdict(item) for name, item in sorted(self._entries.items())}
            part.write_text(json.dumps(document, indent=1), encoding="utf-8")
            part.replace(self._path)


def fingerprints(books: Sequence[Notebook], values: Mapping[str, Mapping[str, Value]], identity: str) -> dict[str, str]:
    """Return each notebook's fingerprint of its inputs, by name.

    Parameters: books in order, what each needs before it; values by name; identity of the AWS that they run against.
    A need outside ``books`` counts with its number alone.
    """
    prints: dict[str, str] = {}
    by_number: dict[str, str] = {}
    for book in books:
        upstream = [by_number.get(number, number) for number in book.needs]
        inputs = [_sources(book.path), dict(sorted(values[book.name].items())), upstream, identity]
        digest = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()
        prints[book.name] = by_number[book.number] = digest
    return prints


def stale(books: Sequence[Notebook], state: State, prints: Mapping[str, str]) -> list[Notebook]:
    """Return the notebooks that have to run again, in order: those not completed with these inputs, and all after."""
    again: list[Notebook] = []
    for book in books:
        entry = state.entry(book)
        done = entry is not None and entry.state == "COMPLETED" and entry.fingerprint == prints[book.name]
        if not done or any(number in {item.number for item in again} for number in book.needs):
            again.append(book)
    return again


def _sources(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]


def _read(path: Path) -> dict[str, Entry]:
    try:
        document: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    known = {item.name for item in fields(Entry)}  # a newer lab, which the checkout was before, may have kept more
    return {name: Entry(**{key: item[key] for key in item if key in known}) for name, item in document.items()}
