import json
import re

import pytest

from lab.errors import LabError
from lab.run import catalogue, expected, metrics, seconds
from lab.run.state import Entry, State


@pytest.fixture
def books(make_notebook):
    make_notebook("10-a")
    return catalogue.load(make_notebook("11-b").parent)


def test_each_notebook_has_a_row_and_the_total_is_the_time_that_passed(books, build) -> None:
    state = State(build)
    state.record(books[0], Entry("COMPLETED", "f", started=1_700_000_000.0, seconds=8.0, commit="abc123"))
    state.record(books[1], Entry("COMPLETED", "f", started=1_700_000_005.0, seconds=6.04, commit="abc123"))
    metrics.write("11", {"summary": "3 counted"})
    text = seconds.page(books, state)
    assert "2023-11-14, commit abc123" in text
    assert text.splitlines()[-3:] == [
        "| 10 A | 0 | 8.0 |  |",
        "| 11 B | 5 | 6.0 | 3 counted |",
        "| **all** | | **11** | 14 s of work, independent notebooks side by side |",
    ]


def test_the_table_for_runs_elsewhere_has_the_seconds_by_name(books, build) -> None:
    state = State(build)
    state.record(books[0], Entry("COMPLETED", "f", seconds=8.04))
    state.record(books[1], Entry("COMPLETED", "f", seconds=6.0))
    assert json.loads(seconds.table(books, state)) == {"10-a": 8.0, "11-b": 6.0}


def test_page_and_table_in_the_repository_are_of_one_run_and_of_every_notebook() -> None:
    told = dict(re.findall(r"^\| (\d\d) [^|]*\| \d+ \| ([\d.]+) \|", seconds.PAGE.read_text(), re.MULTILINE))
    table = json.loads(expected.TABLE.read_text())
    assert {name[:2]: f"{value:.1f}" for name, value in table.items()} == told
    assert set(table) == {book.name for book in catalogue.load()}


def test_a_run_that_is_not_complete_makes_no_table(books, build) -> None:
    State(build).record(books[0], Entry("COMPLETED", "f", seconds=1.0))
    with pytest.raises(LabError, match="11-b did not complete"):
        seconds.page(books, State(build))
