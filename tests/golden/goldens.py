"""Run the notebooks with small parameters, each once, and reduce them to their facts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab import target
from lab.local import server
from lab.notebook import facts, form
from lab.run import catalogue, metrics
from lab.run.catalogue import Notebook
from lab.run.execution import execute

FOLDER = Path(__file__).resolve().parent
PARAMETERS: dict[str, dict[str, Any]] = json.loads((FOLDER / "parameters.json").read_text(encoding="utf-8"))
EXPECTED = FOLDER / "metrics.json"
#: Notebook → count → how far it may be from the expected value; without an entry it has to be equal.
TOLERANCES = FOLDER / "tolerances.json"


class Goldens:
    """Runs notebooks against one AWS, each once, with what it needs before it."""

    def __init__(self) -> None:
        self._books = {book.number: book for book in catalogue.load()}
        self._facts: dict[str, dict[str, Any]] = {}

    def facts(self, number: str) -> dict[str, Any]:
        """Return a notebook's facts, running it when it did not run yet.

        Raises: AssertionError with the cell and the cause when it fails.
        """
        if number not in self._facts:
            book = self._books[number]
            before = [number for number in self._books if number < book.number] if book.cleans_up else book.needs
            for need in before:
                self.facts(need)
            self._facts[number] = self._run(book)
        return self._facts[number]

    def counts(self, number: str) -> dict[str, Any]:
        """Return the counts that a notebook left behind."""
        self.facts(number)
        document = metrics.read(number)
        assert document is not None, f"{number} wrote no metrics"
        return dict(document["counts"])

    def _run(self, book: Notebook) -> dict[str, Any]:
        output = Path(os.environ["LAB_BUILD"]) / "runs" / f"{book.name}.ipynb"
        outcome = execute(book, PARAMETERS.get(book.number, {}), output)
        if outcome.failure is not None:
            failure = outcome.failure
            raise AssertionError(
                f"{book.name}, cell {failure.cell}: {failure.name}: {failure.message}\n{failure.source}"
            )
        return facts.reduced(form.read(output))


def path(book: Notebook) -> Path:
    """Return the place of a notebook's golden."""
    return FOLDER / f"{book.name}.ipynb"


@contextmanager
def own_aws(root: Path) -> Iterator[None]:
    """Start an AWS for the goldens alone and point the environment to it: other tests deploy the same stacks."""
    saved = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("AWS_", "LAB_"))]:
        del os.environ[name]
    os.environ.update(
        {"LAB_STATE": str(root / "lab"), "LAB_BUILD": str(root / "build"), "LAB_TARGET": "local", "TZ": "UTC"}
    )
    server.start(root / "lab", target.DEFAULT_REGION)
    try:
        yield
    finally:
        server.stop(root / "lab")
        os.environ.clear()
        os.environ.update(saved)
