import io

from rich.console import Console

from lab.run import catalogue, metrics
from lab.run.execution import Failure, Outcome
from lab.run.progress import Progress


def lines(make_notebook, act, terminal: bool = False) -> str:
    path = make_notebook("13-publish")
    console = Console(file=io.StringIO(), width=100, force_terminal=terminal, highlight=False)
    book = catalogue.read(path)
    with Progress(console, [book], {book.name: 10.0}) as progress:
        act(progress, book)
    return console.file.getvalue()


def test_a_finished_notebook_is_a_line_with_seconds_and_summary(make_notebook, build) -> None:
    metrics.write("13", {"summary": "1,000 published"})

    def act(progress, book):
        progress.started(book)
        progress.cell(book, 1, 2)
        progress.finished(book, Outcome(build / "x.ipynb", 6.2, None))

    assert lines(make_notebook, act) == " 13 Publish  ✓   6 s   1,000 published\n"


def test_a_failed_notebook_names_the_error(make_notebook, build) -> None:
    def act(progress, book):
        progress.finished(book, Outcome(build / "x.ipynb", 3.0, Failure("LabError", "gone", 1, "")))

    assert lines(make_notebook, act) == " 13 Publish  ✗   3 s   LabError\n"


def test_a_skipped_notebook_says_why(make_notebook) -> None:
    assert "needs 10" in lines(make_notebook, lambda progress, book: progress.skipped(book, "needs 10"))


def test_on_a_terminal_the_running_line_shows_share_and_time_left(make_notebook) -> None:
    shown = lines(make_notebook, lambda progress, book: progress.started(book), terminal=True)
    assert "▶" in shown
    assert "about 10 s left" in shown
