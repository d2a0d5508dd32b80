"""Take the prose of the notebooks over into their goldens: ``python -m tests.golden.prose``.

Text prints no facts, so nothing has to run. A golden whose code differs from its notebook is left for ``renew``.
"""

from __future__ import annotations

from typing import Any

from lab.notebook import facts, form
from lab.run import catalogue, inspection
from tests.golden.goldens import path


def merged(source: dict[str, Any], golden: dict[str, Any]) -> dict[str, Any]:
    """Return a golden with the source's Markdown and its own code cells.

    Raises: ValueError when their code differs.
    """
    if _code(source) != _code(golden):
        raise ValueError("its code differs")
    code = {cell["id"]: cell for cell in golden["cells"] if cell["cell_type"] == "code"}
    cells = []
    for cell in source["cells"]:
        cells.append(code.get(cell["id"], cell))
        if inspection.TAG in cell["metadata"].get("tags", ()) and facts.INJECTED in code:
            cells.append(code[facts.INJECTED])
    return {**source, "cells": cells}


def _code(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [row for row in facts.sources(document) if row[1] == "code"]


def main() -> None:
    """Renew the prose of every golden and say which ones have to run."""
    for book in catalogue.load():
        try:
            document = merged(form.read(book.path), form.read(path(book)))
        except (ValueError, FileNotFoundError) as error:
            print(f"{book.name}: {error}; run `python -m tests.golden.renew {book.number}`")
        else:
            path(book).write_text(form.text(document), encoding="utf-8")


if __name__ == "__main__":
    main()
