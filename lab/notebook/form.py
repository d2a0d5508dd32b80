"""The form in which notebooks are kept: stripped, a line a source line, sorted keys, so that differences read well."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

KERNEL: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE: Final = {"name": "python"}


def read(path: Path) -> dict[str, Any]:
    """Return a notebook's document with every source as one text."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for cell in document["cells"]:
        cell["source"] = "".join(cell["source"])
    return document


def stripped(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document without outputs, counts and what editors leave behind; ids and tags stay."""
    cells = [_cell(cell) for cell in document["cells"]]
    metadata = {"kernelspec": KERNEL, "language_info": LANGUAGE}
    if "lab" in document["metadata"]:
        metadata["lab"] = document["metadata"]["lab"]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def text(document: dict[str, Any]) -> str:
    """Return a document as the text of its file."""
    cells = [{**cell, "source": cell["source"].splitlines(keepends=True)} for cell in document["cells"]]
    return json.dumps({**document, "cells": cells}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    source = cell["source"].rstrip()
    kept: dict[str, Any] = {
        "cell_type": cell["cell_type"],
        "id": cell.get("id") or hashlib.sha256(source.encode()).hexdigest()[:8],
        "metadata": {"tags": cell["metadata"]["tags"]} if cell.get("metadata", {}).get("tags") else {},
        "source": source,
    }
    if cell["cell_type"] == "code":
        kept |= {"execution_count": None, "outputs": []}
    return kept
