"""Show on the terminal how notebooks run: one line each, as in a class of numbered lessons.

On a terminal the running lines move (elapsed, cell, share of the expected time, time left); elsewhere, as in CI, a line
is written when a notebook ends.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lab.run.catalogue import Notebook
from lab.run.execution import Outcome
from lab.run.metrics import summary

BAR_WIDTH: Final = 12
MOST: Final = 0.99  # a run that takes longer than the last one is not done yet
REFRESHES_A_SECOND: Final = 4


@dataclass
class _Line:
    book: Notebook
    began: float
    index: int = 0
    count: int = 1


class Progress:
    """Listener of a run. Use as a context manager around it.

    Parameters: expected, seconds of each notebook's last run by name (0: unknown).
    """

    def __init__(self, console: Console, books: Sequence[Notebook], expected: Mapping[str, float]) -> None:
        self._console = console
        self._expected = expected
        self._width = max((len(book.title) for book in books), default=0)
        self._lines: dict[str, _Line] = {}
        self._live = Live(
            get_renderable=self._moving, console=console, refresh_per_second=REFRESHES_A_SECOND, transient=True
        )

    def __enter__(self) -> Progress:
        """Begin to show."""
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the moving lines."""
        self._live.stop()

    def started(self, book: Notebook) -> None:
        """Begin a notebook's line."""
        self._lines = {**self._lines, book.name: _Line(book, time.monotonic())}

    def cell(self, book: Notebook, index: int, count: int) -> None:
        """Move a notebook's line."""
        line = self._lines.get(book.name)
        if line:
            line.index, line.count = index, count

    def finished(self, book: Notebook, outcome: Outcome) -> None:
        """Write a notebook's final line above the moving ones."""
        self._lines = {name: line for name, line in self._lines.items() if name != book.name}
        mark = ("✗", "red") if outcome.failure else ("✓", "green")
        note = outcome.failure.name if outcome.failure else summary(book.number)
        self._write(book, mark, f"{outcome.seconds:3.0f} s", note)

    def skipped(self, book: Notebook, reason: str) -> None:
        """Write the line of a notebook that is not run."""
        self._write(book, ("·", "dim"), "     ", reason)

    def _write(self, book: Notebook, mark: tuple[str, str], seconds: str, note: str) -> None:
        self._console.print(self._label(book).append(*mark).append(f" {seconds}   {note}"), soft_wrap=True)

    def _label(self, book: Notebook) -> Text:
        return Text(f" {book.number} {book.title.ljust(self._width)}  ")

    def _moving(self) -> RenderableType:
        return Group(*(self._row(line) for line in self._lines.values()))

    def _row(self, line: _Line) -> RenderableType:
        elapsed = time.monotonic() - line.began
        expected = self._expected.get(line.book.name, 0.0)
        share = min(elapsed / expected, MOST) if expected else line.index / line.count
        left = max(expected - elapsed, 0.0)
        row = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=1.0, completed=share, width=BAR_WIDTH)
        words = f"cell {line.index + 1} of {line.count}" + (f"   about {left:.0f} s left" if expected else "")
        row.add_row(self._label(line.book).append("▶", "cyan"), f"{elapsed:3.0f} s", bar, words)
        return row
