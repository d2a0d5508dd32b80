"""Tell on one screen what failed in a notebook: the cell, the cause, the cure and how to go on."""

from __future__ import annotations

from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax
from rich.text import Text

from lab.run.catalogue import Notebook
from lab.run.execution import Failure, Outcome
from lab.run.folders import ROOT

MOST_LINES = 15


def show(console: Console, book: Notebook, outcome: Outcome) -> None:
    """Print a failed notebook's cell and cause. Does nothing for one that did not fail."""
    failure = outcome.failure
    if failure is None:
        return
    where = "outside a cell" if failure.cell is None else f"cell {failure.cell + 1}"
    console.print()
    console.print(Text(f"{book.number} {book.title}: {where} failed", style="bold red"))
    if failure.source:
        code = "\n".join(failure.source.splitlines()[:MOST_LINES])
        console.print(Panel(Syntax(code, "python", theme="ansi_dark", word_wrap=True), border_style="red"))
    console.print(Text(cause(failure)))
    output = outcome.output.relative_to(ROOT) if outcome.output.is_relative_to(ROOT) else outcome.output
    console.print(Text(f"The notebook as far as it came: {output}", style="dim"))


def cause(failure: Failure) -> str:
    """Return the cause as people should read it: an error of the lab speaks for itself, others carry their class."""
    lines = failure.message.strip().splitlines() or ["no message"]
    text = "\n".join(lines[-MOST_LINES:])
    return text if failure.name in ("LabError", "CheckpointError") else f"{failure.name}: {text}"
