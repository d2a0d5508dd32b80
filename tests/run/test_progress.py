import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from rich.console import Console

from lab.run import catalogue, metrics
from lab.run.execution import Failure, Outcome
from lab.run.progress import Progress, spoken


def lines(make_notebook, act, terminal: bool = False) -> str:
    path = make_notebook("13-publish")
    console = Console(file=io.StringIO(), width=100, force_terminal=terminal, highlight=False)
    book = catalogue.read(path)
    with Progress(console, [book], {book.name: 10.0}, jobs=1) as progress:
        act(progress, book)
    return console.file.getvalue()


def test_a_finished_notebook_is_a_line_with_seconds_and_summary(make_notebook, build) -> None:
    metrics.write("13", {"summary": "1,000 published"})

    def act(progress, book):
        progress.started(book)
        progress.cell(book, 1, 2)
        progress.finished(book, Outcome(build / "x.ipynb", 6.2, None))

    assert lines(make_notebook, act) == " 13 Publish  ✓   6 s  1,000 published\n"


def test_a_failed_notebook_names_the_error(make_notebook, build) -> None:
    def act(progress, book):
        progress.finished(book, Outcome(build / "x.ipynb", 3.0, Failure("LabError", "gone", 1, "")))

    assert lines(make_notebook, act) == " 13 Publish  ✗   3 s  LabError\n"


def test_a_skipped_notebook_says_why(make_notebook) -> None:
    assert "needs 10" in lines(make_notebook, lambda progress, book: progress.skipped(book, "needs 10"))


def picture(progress: Progress, width: int = 100) -> list[str]:
    """Return the moving lines as a person sees them."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(progress.moving())
    return console.file.getvalue().splitlines()


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("lab.run.progress.time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def books(make_notebook, build):
    make_notebook("10-first")
    return catalogue.load(make_notebook("11-second", needs=["10"]).parent)


def test_a_running_line_shows_cell_time_left_and_what_the_cell_says(books, clock) -> None:
    progress = Progress(Console(file=io.StringIO(), width=100), books, {"10-first": 20.0, "11-second": 7.0}, jobs=2)
    progress.started(books[0])
    assert "starting" in picture(progress)[0]
    progress.cell(books[0], 3, 8)
    progress.step(books[0], "2 of 9 resources")
    clock[0] += 5
    running, total = (line.rstrip() for line in picture(progress))
    assert running.startswith(" 10 First   ▶   5 s ━━━")
    assert running.endswith("cell 4/8 · about 15 s left · 2 of 9 resources")
    assert total == " 0 of 2 · 5 s · about 22 s left"


def test_the_next_cell_has_not_said_anything_yet(books, clock) -> None:
    progress = Progress(Console(file=io.StringIO(), width=100), books, {}, jobs=2)
    progress.started(books[0])
    progress.step(books[0], "2 of 9 resources")
    progress.cell(books[0], 4, 8)
    assert picture(progress)[0].rstrip().endswith("cell 5/8")


def test_without_known_seconds_the_share_is_that_of_the_cells_and_nothing_is_foretold(books, clock) -> None:
    progress = Progress(Console(file=io.StringIO(), width=100), books, {"11-second": 7.0}, jobs=2)
    progress.started(books[0])
    progress.cell(books[0], 4, 8)
    assert [line.rstrip() for line in picture(progress)] == [
        " 10 First   ▶   0 s ━━━━━━       cell 5/8",
        " 0 of 2 · 0 s",
    ]


def test_what_is_left_follows_the_pace_of_what_has_ended(books, clock, build) -> None:
    progress = Progress(Console(file=io.StringIO(), width=100), books, {"10-first": 20.0, "11-second": 40.0}, jobs=2)
    progress.started(books[0])
    clock[0] += 40
    progress.finished(books[0], Outcome(build / "x.ipynb", 40.0, None))
    assert picture(progress) == [" 1 of 2 · 40 s · about 1 min 20 s left"]


def test_who_takes_longer_is_said_to(books, clock) -> None:
    progress = Progress(Console(file=io.StringIO(), width=100), books, {"10-first": 20.0, "11-second": 7.0}, jobs=2)
    progress.started(books[0])
    clock[0] += 21
    running, total = picture(progress)
    assert running.rstrip().endswith("starting · longer than expected")
    assert total.endswith("about 7 s left")


def test_a_narrow_terminal_has_no_bar_and_cuts_the_line_instead_of_breaking_it(books, clock) -> None:
    progress = Progress(Console(file=io.StringIO(), width=60), books, {}, jobs=2)
    progress.started(books[0])
    progress.cell(books[0], 4, 8)
    progress.step(books[0], "word " * 30)
    lines = picture(progress, width=60)
    assert lines[0].startswith(" 10 First   ▶   0 s cell 5/8 · word word")
    assert lines[0].endswith("…")
    assert len(lines[0]) == 60
    assert len(lines) == 2


def test_on_a_terminal_the_lines_move(make_notebook) -> None:
    shown = lines(make_notebook, lambda progress, book: progress.started(book), terminal=True)
    assert "▶" in shown
    assert "about 10 s left" in shown


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (130.0, "2 min 10 s")]
)
def test_durations_are_told_in_minutes_and_seconds(seconds, words) -> None:
    assert spoken(seconds) == words


def test_notebooks_that_start_at_one_moment_each_have_their_line(books, monkeypatch) -> None:
    progress = Progress(Console(file=io.StringIO(), width=100), books, {}, jobs=2)
    together = threading.Barrier(2, timeout=60)
    monkeypatch.setattr("lab.run.progress.time.monotonic", lambda: together.wait() * 0.0)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(progress.started, books))
    monkeypatch.undo()
    assert [line.split()[1] for line in picture(progress)[:-1]] in (["First", "Second"], ["Second", "First"])
