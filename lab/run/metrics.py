"""The counts that each notebook leaves in ``build/metrics/NN.json``, and their one-line summary."""

from __future__ import annotations

import json
from typing import Any

from lab.run import folders

Count = int | float | str | bool


def write(number: str, document: dict[str, Any]) -> None:
    """Write a notebook's metrics: ``counts`` (name → value), ``summary``, ``checks`` and what else it wants to keep."""
    folder = folders.metrics()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{number}.json.part"
    part.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False), encoding="utf-8")
    part.replace(folder / f"{number}.json")


def read(number: str) -> dict[str, Any] | None:
    """Return a notebook's metrics, or None when it has not reached its checkpoint yet."""
    try:
        document: dict[str, Any] = json.loads((folders.metrics() / f"{number}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return document


def summary(number: str) -> str:
    """Return the line that a notebook says of itself, empty when it has none."""
    document = read(number)
    return str(document.get("summary", "")) if document else ""
