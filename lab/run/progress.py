"""Show on the terminal how notebooks run: one line each, as in a class of numbered lessons.

On a terminal the running lines move (elapsed, share, cell, time left, what a long cell says of its work), with what is
left of all below them; elsewhere, as in CI, a line is written when a notebook ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lab.run import expected as expectation
from lab.run.catalogue import Notebook
from lab.run.execution import Outcome
from lab.run.metrics import summary

BAR_WIDTH: Final = 12
WIDE: Final = 100
"""Columns of a terminal that has room for bars beside the words."""
MOST: Final = 0.99  # a run that takes longer than the last one is not done yet
REFRESHES_A_SECOND: Final = 4


@dataclass
class _Line:
    book: Notebook
    began: float
    cell: str = "starting"
    share: float = 0.0
    step: str = ""


class Progress:
    """Listener of a run. Use as a context manager around it.

    Parameters: books, in order; expected, seconds of each by name, as far as known; jobs, how many run side by side.
    """

    def __init__(self, console: Console, books: Sequence[Notebook], expected: Mapping[str, float], jobs: int) -> None:
        self._console = console
        self._expected = expected
        self._jobs = jobs
        self._width = max((len(book.title) for book in books), default=0)
        self._began = time.monotonic()
        self._lock = threading.Lock()  # each notebook tells from a thread of its own
        self._waiting = {book.name: book for book in books}
        self._lines: dict[str, _Line] = {}
        self._taken: dict[str, float] = {}
        self._live = Live(
            get_renderable=self.moving, console=console, refresh_per_second=REFRESHES_A_SECOND, transient=True
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
        line = _Line(book, time.monotonic())
        with self._lock:
            self._lines[book.name] = line
            self._waiting.pop(book.name, None)

    def cell(self, book: Notebook, index: int, count: int) -> None:
        """Move a notebook's line to a cell."""
        line = self._lines[book.name]
        line.cell, line.share, line.step = f"cell {index + 1}/{count}", index / count, ""

    def step(self, book: Notebook, message: str) -> None:
        """Let a notebook's line say what its cell is doing."""
        self._lines[book.name].step = message

    def finished(self, book: Notebook, outcome: Outcome) -> None:
        """Write a notebook's final line above the moving ones."""
        with self._lock:
            self._lines.pop(book.name, None)
            self._taken[book.name] = outcome.seconds
        mark = ("✗", "red") if outcome.failure else ("✓", "green")
        note = outcome.failure.name if outcome.failure else summary(book.number)
        self._write(book, mark, f"{outcome.seconds:3.0f} s", note)

    def skipped(self, book: Notebook, reason: str) -> None:
        """Write the line of a notebook that is not run."""
        with self._lock:
            self._waiting.pop(book.name, None)
        self._write(book, ("·", "dim"), "     ", reason)

    def _write(self, book: Notebook, mark: tuple[str, str], seconds: str, note: str) -> None:
        self._console.print(self._label(book).append(*mark).append(f" {seconds}  {note}"), soft_wrap=True)

    def _label(self, book: Notebook) -> Text:
        return Text(f" {book.number} {book.title.ljust(self._width)}  ")

    def moving(self) -> RenderableType:
        """Return the lines as they are at this moment."""
        with self._lock:
            lines, waiting, taken = list(self._lines.values()), list(self._waiting.values()), dict(self._taken)
        now = time.monotonic()
        pace = expectation.pace(taken, self._expected)
        seconds = {name: value * pace for name, value in self._expected.items()}
        rows = [self._row(line, now - line.began, seconds.get(line.book.name, 0.0)) for line in lines]
        return Group(*rows, Text(" · ".join(self._total(lines, waiting, seconds, now))))

    def _row(self, line: _Line, elapsed: float, expected: float) -> RenderableType:
        share = min(elapsed / expected, MOST) if expected else line.share
        row = Table.grid(padding=(0, 1), expand=True)
        words = [line.cell, *(_left(expected - elapsed) if expected else ()), line.step]
        cells: list[RenderableType] = [self._label(line.book).append("▶", "cyan"), f"{elapsed:3.0f} s"]
        if self._console.width >= WIDE:
            cells.append(ProgressBar(total=1.0, completed=share, width=BAR_WIDTH))
        for _ in cells:
            row.add_column(no_wrap=True)
        row.add_column(no_wrap=True, ratio=1, overflow="ellipsis")  # takes what is left of the line, and is cut there
        row.add_row(*cells, Text(" · ".join(word for word in words if word)))
        return row

    def _total(
        self, running: Sequence[_Line], waiting: Sequence[Notebook], seconds: Mapping[str, float], now: float
    ) -> Iterator[str]:
        """Give the parts of the line below: how many have ended, the time that passed, what is left if all is known."""
        count = len(self._taken) + len(running) + len(waiting)
        yield f" {len(self._taken)} of {count}"
        yield spoken(now - self._began)
        if all(book.name in seconds for book in (*waiting, *(line.book for line in running))):
            under_way = [(line.book, max(seconds[line.book.name] - (now - line.began), 0.0)) for line in running]
            yield from _left(expectation.left(waiting, under_way, seconds, self._jobs))


def spoken(seconds: float) -> str:
    """Return a duration as people say it: ``5 s``, ``1 min 10 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _left(seconds: float) -> list[str]:
    return [f"about {spoken(seconds)} left"] if seconds >= 1 else ["longer than expected"]
