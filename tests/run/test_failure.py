import io

from rich.console import Console

from lab.run import catalogue, failure
from lab.run.execution import Failure, Outcome


def shown(make_notebook, cause: Failure | None) -> str:
    path = make_notebook("13-publish")
    console = Console(file=io.StringIO(), width=100)
    failure.show(console, catalogue.read(path), Outcome(path, 1.0, cause))
    return console.file.getvalue()


def test_the_cell_and_the_cause_are_on_one_screen(make_notebook) -> None:
    text = shown(make_notebook, Failure("ValueError", "the table is empty", 4, "\n".join(["x = 1"] * 40)))
    assert "13 Publish: cell 5 failed" in text
    assert "ValueError: the table is empty" in text
    assert len(text.splitlines()) <= 24


def test_an_error_of_the_lab_speaks_for_itself() -> None:
    assert failure.cause(Failure("LabError", "The stack is not deployed. Run `lab deploy`.", 1, "")) == (
        "The stack is not deployed. Run `lab deploy`."
    )


def test_a_good_outcome_shows_nothing(make_notebook) -> None:
    assert shown(make_notebook, None) == ""
