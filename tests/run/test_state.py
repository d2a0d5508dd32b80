import dataclasses
import json

import pytest

from lab.run import catalogue
from lab.run.state import Entry, State, fingerprints, stale


@pytest.fixture
def books(make_notebook):
    make_notebook("10-a", ("c", "x = 1"))
    make_notebook("11-b", ("c", "x = 2"), needs=["10"])
    path = make_notebook("20-c", ("c", "x = 3"))
    return catalogue.load(path.parent)


def values(books, **first):
    return {book.name: (first if book.number == "10" else {}) for book in books}


def completed(books, prints, build):
    state = State(build)
    for book in books:
        state.record(book, Entry("COMPLETED", prints[book.name], seconds=1.5))
    return state


def test_what_completed_with_the_same_inputs_is_not_stale(books, build) -> None:
    prints = fingerprints(books, values(books), "aws")
    completed(books, prints, build)
    assert stale(books, State(build), prints) == []


def test_a_changed_parameter_makes_the_notebook_and_all_that_need_it_stale(books, build) -> None:
    state = completed(books, fingerprints(books, values(books), "aws"), build)
    again = stale(books, state, fingerprints(books, values(books, count=2), "aws"))
    assert [book.number for book in again] == ["10", "11"]


def test_a_changed_cell_makes_a_notebook_stale(books, build, make_notebook) -> None:
    state = completed(books, fingerprints(books, values(books), "aws"), build)
    path = make_notebook("20-c", ("c", "x = 4"))
    fresh = catalogue.load(path.parent)
    assert [book.number for book in stale(fresh, state, fingerprints(fresh, values(fresh), "aws"))] == ["20"]


def test_another_aws_makes_everything_stale(books, build) -> None:
    state = completed(books, fingerprints(books, values(books), "aws"), build)
    assert stale(books, state, fingerprints(books, values(books), "after a reset")) == list(books)


@pytest.mark.parametrize("word", ["FAILED", "RUNNING", "PENDING"])
def test_what_did_not_complete_is_stale_with_all_that_need_it(books, build, word) -> None:
    prints = fingerprints(books, values(books), "aws")
    state = completed(books, prints, build)
    state.record(books[0], dataclasses.replace(state.entry(books[0]), state=word))
    assert [book.number for book in stale(books, state, prints)] == ["10", "11"]


def test_entries_survive_on_disk(books, build) -> None:
    entry = Entry("FAILED", "abc", {"count": 2}, 100.0, 3.5, "ValueError: no")
    State(build).record(books[0], entry)
    assert State(build).entry(books[0]) == entry
    assert State(build).entry(books[1]) is None


def test_what_a_newer_lab_kept_beside_is_left_aside(make_notebook, build) -> None:
    book = catalogue.read(make_notebook("10-a"))
    State(build).record(book, Entry("COMPLETED", "abc", seconds=3.5))
    kept = json.loads((build / "state.json").read_text())
    kept["10-a"]["weather"] = "fine"
    (build / "state.json").write_text(json.dumps(kept))
    assert State(build).entry(book) == Entry("COMPLETED", "abc", seconds=3.5)
