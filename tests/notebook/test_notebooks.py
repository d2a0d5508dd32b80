"""Every source notebook keeps the form; every exercise can be failed and solved."""

from html import escape
from pathlib import Path

import pytest

from lab.notebook import lint
from lab.notebook.book import strip
from lab.notebook.check import _exercise, verdict
from lab.run import catalogue

BOOKS = catalogue.load()
EXERCISES = sorted(path.stem for path in Path(lint.__file__).parent.joinpath("exercises").glob("ex_*.py"))


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_a_notebook_keeps_the_form(book: catalogue.Notebook) -> None:
    assert lint.problems(book, BOOKS) == []


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_the_strip_says_goal_time_data_and_cost(book: catalogue.Notebook) -> None:
    shown = strip(book)
    for name, text in (("Goal", "goal"), ("Time", "minutes"), ("Data", "data"), ("Cost on AWS", "cost")):
        assert f"<b>{name}</b> {escape(str(book.about[text]))}" in shown


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_a_notebook_calls_the_check_of_its_own_exercise(book: catalogue.Notebook) -> None:
    text = book.path.read_text(encoding="utf-8")
    assert f'check(\\"{book.name}\\"' in text
    assert f"ex_{book.name.replace('-', '_')}" in EXERCISES
    assert "raise NotImplementedError" in text


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_is_open_with_the_stub_and_right_with_the_solution(name: str) -> None:
    exercise = name.removeprefix("ex_").replace("_", "-")

    def stub(*_arguments):
        raise NotImplementedError

    def crash(*_arguments):
        raise KeyError("column")

    module = _exercise(exercise)
    assert verdict(exercise, stub) == f"○ {exercise}: still open. {module.HINT}"
    assert verdict(exercise, module.solution) == f"✓ {exercise}: right"
    assert verdict(exercise, crash) == f"✗ {exercise}: your function raised KeyError: 'column'"


def test_every_number_between_start_and_clean_up_is_unique_and_each_level_is_there() -> None:
    assert {"0", "1", "2"} <= {book.level for book in BOOKS}
    assert len({book.number for book in BOOKS}) == len(BOOKS)
