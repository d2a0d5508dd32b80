import pytest

from lab.errors import LabError
from lab.run import catalogue


@pytest.fixture
def books(make_notebook):
    make_notebook("10-deploy", goal="stand")
    make_notebook("22-etl", needs=["10"])
    path = make_notebook("90-clean-up")
    return catalogue.load(path.parent)


def test_notebooks_come_in_the_order_of_their_numbers(books) -> None:
    assert [(book.number, book.title, book.level) for book in books] == [
        ("10", "Deploy", "1"),
        ("22", "Etl", "2"),
        ("90", "Clean-up", "0"),
    ]


@pytest.mark.parametrize("wanted", ["22", "22-etl", "22-etl.ipynb", "notebooks/22-etl.ipynb"])
def test_a_notebook_is_found_by_number_name_and_path(books, wanted: str) -> None:
    assert catalogue.find(books, wanted).name == "22-etl"


def test_an_unknown_notebook_is_answered_with_the_nearest(books) -> None:
    with pytest.raises(LabError, match=r"no notebook '22-elt'. Did you mean 22-etl\?"):
        catalogue.find(books, "22-elt")


def test_selection_keeps_the_order_and_takes_each_once(books) -> None:
    assert [book.number for book in catalogue.select(books, ["90", "10", "90"])] == ["10", "90"]


def test_level_and_last_notebook_narrow_the_selection(books) -> None:
    assert [book.number for book in catalogue.select(books, [], level="2")] == ["22"]
    assert [book.number for book in catalogue.select(books, [], until="22")] == ["10", "22"]


def test_a_need_that_is_left_out_brings_its_own_needs_along(make_notebook) -> None:
    make_notebook("10-deploy")
    make_notebook("11-device", needs=["10"])
    path = make_notebook("13-publish", needs=["11"])
    everything = catalogue.load(path.parent)
    assert [book.needs for book in catalogue.select(everything, ["10", "13"])] == [(), ("11", "10")]
    assert [book.needs for book in catalogue.select(everything, [])] == [(), ("10",), ("11",)]


def test_an_empty_selection_is_an_error(books) -> None:
    with pytest.raises(LabError, match="No notebook is left"):
        catalogue.select(books, ["10"], level="2")


def test_two_notebooks_with_one_number_are_refused(make_notebook) -> None:
    make_notebook("10-one")
    path = make_notebook("10-two")
    with pytest.raises(LabError, match="share a number"):
        catalogue.load(path.parent)


def test_a_need_that_comes_later_is_refused(make_notebook) -> None:
    path = make_notebook("10-one", needs=["20"])
    with pytest.raises(LabError, match="needs a later notebook"):
        catalogue.load(path.parent)
