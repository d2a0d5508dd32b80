"""Where a report comes from, so that a reader can repeat it: commit, parameters, duration, counts, queries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from lab.run import metrics
from lab.run.catalogue import Notebook
from lab.run.inspection import Value, parameters
from lab.run.state import Entry


@dataclass(frozen=True)
class Provenance:
    """What a report's last section says. commit: of the sources that ran; started: Unix seconds; seconds: duration."""

    commit: str
    state: str
    started: float
    seconds: float
    parameters: dict[str, Value]
    document: dict[str, Any]


def of(book: Notebook, entry: Entry) -> Provenance:
    """Return the provenance of a notebook's last run; parameters are those given over the defaults."""
    defaults = {item.name: item.default for item in parameters(book.path)}
    document = metrics.read(book.number) or {}
    return Provenance(entry.commit, entry.state, entry.started, entry.seconds, defaults | entry.parameters, document)


def html(origin: Provenance) -> str:
    """Return the provenance as an HTML section."""
    counts = origin.document.get("counts", {})
    rows = {
        "commit": origin.commit,
        "run": f"{_time(origin.started)}, {origin.state.lower()} in {origin.seconds:.1f} s",
        "parameters": _pairs(origin.parameters),
        "counts": _pairs(counts),
        "data": str(origin.document.get("data", "")),
        **{f"query {place}": _query(item) for place, item in enumerate(origin.document.get("queries", []), 1)},
    }
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows.items() if text)
    return f'<section class="provenance"><h2>Provenance</h2><table>{cells}</table></section>'


def _query(item: dict[str, Any]) -> str:
    return f"{item['query_id']}: {item['rows']:,} rows, {item['bytes_scanned']:,} bytes scanned"


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items())


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
