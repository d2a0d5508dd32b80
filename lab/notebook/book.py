"""One notebook at work: its strip, its figures, its facts, its checkpoint."""

from __future__ import annotations

import platform
import time
from html import escape
from typing import TYPE_CHECKING

from IPython.display import display

from lab import athena, target
from lab.notebook import figures, map
from lab.notebook.checkpoint import Checkpoint
from lab.run import catalogue

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Book:
    """The notebook with a number, such as ``Book("13")``: made in the cell after the parameters.

    Making it shows the strip (map, goal, minutes, cost) and checks that the target answers.
    Raises: LabError when the target cannot be reached, or when there is no such notebook.
    """

    def __init__(self, number: str) -> None:
        self.about = catalogue.find(catalogue.load(), number)
        self.number = self.about.number
        self._began = time.monotonic()
        self._checkpoint = Checkpoint(self.number, str(self.about.about.get("data", "")))
        goal = self.about.about.get("goal", "")
        display({"text/html": strip(self.about), "text/plain": f"Goal: {goal}"}, raw=True)
        print(self._guard())

    def _guard(self) -> str:
        """Return the line that says where this runs; it fails when there is nowhere."""
        where = {"local": "the embedded AWS on this computer", "aws": "an AWS account"}[target.name()]
        version = platform.python_version().rpartition(".")[0]
        return f"Python {version} · {where} · account {target.account()} · region {target.region()}"

    def figure(self, figure: Figure, caption: str) -> None:
        """Show a figure with a caption that states the finding; the caption is also its text alternative."""
        figures.show(figure, caption)

    def fact(self, name: str, value: float | str | bool, text: str = "") -> None:
        """Print one fact and keep it among the notebook's counts.

        Facts are compared exactly from run to run: no times of day, durations, random ids or paths.
        """
        self._checkpoint.counts[name] = value
        print(text or f"{name}: {value:,}" if not isinstance(value, str | bool) else text or f"{name}: {value}")

    def query(self, sql: str, workgroup: str, database: str | None = None, catalog: str | None = None) -> athena.Result:
        """Ask Athena and keep the query's id, rows and bytes for the report's provenance."""
        result = athena.query(sql, workgroup, database, catalog)
        record = {"query_id": result.query_id, "rows": len(result.rows), "bytes_scanned": result.bytes_scanned}
        self._checkpoint.queries.append(record)
        return result

    @property
    def checkpoint(self) -> Checkpoint:
        """The checks of this notebook; ``book.checkpoint.show(...)`` ends it."""
        return self._checkpoint


def strip(book: catalogue.Notebook) -> str:
    """Return the strip at the top of a notebook as HTML: map with its hops lit, goal, minutes, cost."""
    about = book.about
    items = {
        "Goal": about.get("goal", ""),
        "Time": f"{about.get('minutes', '?')} minutes to read and run",
        "Data": about.get("data", "none"),
        "Needs": ", ".join(book.needs) or "nothing before it",
        "Cost on AWS": about.get("cost", "nothing"),
    }
    rows = "".join(f"<div><b>{escape(name)}</b> {escape(str(text))}</div>" for name, text in items.items())
    return (
        '<div style="border:1px solid #8888;border-radius:8px;padding:10px 14px">'
        f'{map.svg(about.get("hops", ()))}<div style="margin-top:8px;line-height:1.5">{rows}</div></div>'
    )
