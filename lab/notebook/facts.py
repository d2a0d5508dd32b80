"""An executed notebook reduced to its facts: what its cells printed, without pictures, HTML, times and counters.

Two runs with the same parameters have the same facts; that is what goldens compare.
"""

from __future__ import annotations

from typing import Any, Final

from lab.notebook import form

INJECTED: Final = "injected-parameters"
#: A widget's text names its model, which is new in each run.
VOLATILE: Final = "application/vnd.jupyter.widget-view+json"


def reduced(document: dict[str, Any]) -> dict[str, Any]:
    """Return an executed notebook's document with text outputs only."""
    clean = form.stripped(document)
    outputs = {cell.get("id"): _texts(cell) for cell in document["cells"] if cell["cell_type"] == "code"}
    cells = [{**cell, "outputs": outputs[cell["id"]]} if cell["id"] in outputs else cell for cell in clean["cells"]]
    return {**clean, "cells": [{**cell, "id": INJECTED} if _injected(cell) else cell for cell in cells]}


def sources(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (id, type, source) of each cell but the injected one: what golden and source notebook have in common."""
    return [(cell["id"], cell["cell_type"], cell["source"]) for cell in document["cells"] if not _injected(cell)]


def _injected(cell: dict[str, Any]) -> bool:
    """Say whether papermill put the cell in, under an id that is new in each run."""
    return INJECTED in cell["metadata"].get("tags", ())


def _texts(cell: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a cell's outputs as streams of text, neighbours joined: how they were cut is chance."""
    text = ""
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            text += "".join(output["text"])
        elif VOLATILE not in output.get("data", {}):
            text += "".join(output.get("data", {}).get("text/plain", "")).rstrip("\n") + "\n"
    if not text.strip():
        return []
    return [{"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}]
