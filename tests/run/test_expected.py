import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.run import catalogue, expected
from lab.run.state import Entry, State


@pytest.fixture
def books(make_notebook):
    make_notebook("10-a")
    make_notebook("11-b", needs=["10"])
    make_notebook("20-c")
    return catalogue.load(make_notebook("90-d").parent)


@pytest.fixture
def table(tmp_path, monkeypatch):
    path = tmp_path / "seconds.json"
    path.write_text(json.dumps({"10-a": 4.0, "11-b": 5.0, "20-c": 6.0}))
    monkeypatch.setattr(expected, "TABLE", path)


def ran(state, *books_seconds) -> None:
    for book, seconds in books_seconds:
        state.record(book, Entry("COMPLETED", "f", seconds=seconds, expected=seconds))


def test_where_every_notebook_has_completed_their_last_runs_here_count(books, build, table) -> None:
    state = State(build)
    ran(state, (books[0], 8.0), (books[1], 9.0))
    state.record(books[0], Entry("FAILED", "f", seconds=1.0, expected=8.0))
    assert expected.seconds(books[:2], state) == {"10-a": 8.0, "11-b": 9.0}


def test_else_the_table_counts_so_that_all_are_of_one_machine(books, build, table) -> None:
    state = State(build)
    ran(state, (books[1], 9.0), (books[3], 7.0))
    assert expected.seconds(books, state) == {"10-a": 4.0, "11-b": 5.0, "20-c": 6.0, "90-d": 7.0}
    assert expected.seconds(books, State(build / "new")) == {"10-a": 4.0, "11-b": 5.0, "20-c": 6.0}


def test_the_table_knows_every_notebook() -> None:
    books = catalogue.load()
    assert set(expected.seconds(books, State(expected.TABLE.parent))) == {book.name for book in books}


def test_pace_is_time_taken_over_time_expected_of_what_was_known() -> None:
    assert expected.pace({"a": 6.0, "b": 3.0, "new": 99.0}, {"a": 2.0, "b": 4.0, "c": 1.0}) == 1.5
    assert expected.pace({}, {"a": 2.0}) == 1.0


SECONDS = {"10-a": 10.0, "11-b": 5.0, "20-c": 12.0, "90-d": 3.0}


@pytest.mark.parametrize(
    ("jobs", "seconds"),
    [
        (1, 30.0),  # one after the other
        (2, 18.0),  # 20 beside 10 and 11, the clean-up when all have ended
        (8, 18.0),
    ],
)
def test_what_is_left_is_reckoned_as_notebooks_are_scheduled(books, jobs, seconds) -> None:
    assert expected.left(books, [], SECONDS, jobs) == seconds


def test_what_runs_already_counts_with_its_rest(books) -> None:
    a, b, c, d = books
    assert expected.left([b, d], [(a, 1.0), (c, 2.0)], SECONDS, jobs=2) == 9.0
    assert expected.left([], [], SECONDS, jobs=2) == 0.0


@given(st.lists(st.floats(0.1, 1000.0), min_size=4, max_size=4), st.integers(1, 4))
def test_it_lies_between_the_longest_chain_and_all_in_a_row(values, jobs) -> None:
    books = [
        catalogue.Notebook(number, number, number, expected.TABLE, needs, {})
        for number, needs in (("10", ()), ("11", ("10",)), ("20", ()), ("21", ("10", "20")))
    ]
    first, second, third, fourth = values
    seconds = dict(zip(("10", "11", "20", "21"), values, strict=True))
    chain = max(first + second, first + fourth, third + fourth)
    left = expected.left(books, [], seconds, jobs)
    assert chain - 1e-6 <= left <= sum(values) + 1e-6
