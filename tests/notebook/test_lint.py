import json

import pytest

from lab.notebook import lint
from lab.run import catalogue
from tests.notebook.conftest import GOOD, LAB


def problems(path) -> list[str]:
    books = catalogue.load(path.parent)
    lint.fix(books[0], books)
    return lint.problems(books[0], books)


def test_a_notebook_in_form_has_no_problem(write) -> None:
    assert problems(write()) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("\n".join(["x = 1"] * 16), "more than 15 lines"),
        ("!ls", "a shell command"),
        ("%matplotlib inline", "magic"),
        ("client = session.client('s3', region_name='eu-west-1')", "a region literal"),
        ("open('/home/someone/data.csv')", "an absolute path"),
        ("from lab.local import server", "imports lab.local"),
        ("from lab import local", "imports lab.local"),
        ("import lab.local.server", "imports lab.local"),
        ("name = input('name?')", "waits for a person"),
    ],
)
def test_a_cell_that_breaks_the_form_is_named(write, source, expected) -> None:
    (found,) = problems(write(("wrong", "code", source, ())))
    assert found.startswith("cell wrong: ")
    assert expected in found


def test_a_second_parameters_cell_is_refused(write) -> None:
    (found,) = problems(write(("again", "code", "other: int = 2  # more", ("parameters",))))
    assert "2 cells carry the tag" in found


def test_a_ninth_parameter_and_a_missing_comment_are_refused(write) -> None:
    lines = "\n".join(f"p{number}: int = 1" for number in range(9))
    found = problems(write(cells=(GOOD[0], ("p", "code", lines, ("parameters",)), *GOOD[2:])))
    assert "9 parameters, at most 8" in found
    assert "parameter p0 has no comment" in found


def test_a_derived_parameter_is_refused(write) -> None:
    found = problems(write(cells=(GOOD[0], ("p", "code", "a: int = 1 + x  # sum", ("parameters",)), *GOOD[2:])))
    assert any("only literals" in words for words in found)


def test_missing_heading_checkpoint_and_metadata_are_named(write) -> None:
    cells = (("title", "markdown", "# Good", ()), GOOD[1], GOOD[2])
    found = problems(write(cells=cells, lab={key: LAB[key] for key in ("goal", "minutes", "hops", "needs")}))
    assert "the prose never says **What just happened**" in found
    assert "no cell carries the tag `picture`" in found
    assert "no heading `# 01 · Title`" in found
    assert "book.checkpoint.show( is missing" in found
    assert "metadata lab.cost is missing" in found


def test_a_hop_that_is_not_on_the_map_is_named(write) -> None:
    (found,) = problems(write(lab={**LAB, "hops": ["moon"]}))
    assert "'moon' is not on the map" in found


def test_outputs_and_counts_are_found_and_stripped_by_fix(write) -> None:
    path = write()
    books = catalogue.load(path.parent)
    lint.fix(books[0], books)
    document = json.loads(path.read_text())
    document["cells"][-1] |= {
        "execution_count": 3,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}],
    }
    path.write_text(json.dumps(document))
    assert any("not in stored form" in words for words in lint.problems(books[0], books))
    assert problems(path) == []


def test_an_old_navigation_bar_is_found(write) -> None:
    path = write()
    problems(path)
    path.write_text(path.read_text().replace("all notebooks", "every notebook"))
    books = catalogue.load(path.parent)
    assert lint.problems(books[0], books) == ["navigation is out of date: run `python -m lab.notebook.lint --fix`"]


def test_two_cells_with_one_id_are_named(write) -> None:
    (found,) = problems(write(("end", "markdown", "again", ())))
    assert "'end' is missing or used twice" in found
