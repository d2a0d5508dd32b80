"""Goldens: the facts of every notebook, compared exactly from run to run."""

from __future__ import annotations

import json
from collections.abc import Iterator

import nbformat
import pytest
from pytest_notebook.diffing import diff_notebooks, diff_to_string

from lab.notebook import facts, form
from lab.run import catalogue
from lab.run.catalogue import Notebook
from tests.golden import prose
from tests.golden.goldens import EXPECTED, FOLDER, TOLERANCES, Goldens, own_aws, path

BOOKS = catalogue.load()
each = pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.number)


@pytest.fixture(scope="module")
def goldens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Goldens]:
    """The notebooks, run as they are asked for, against an AWS of their own."""
    with own_aws(tmp_path_factory.mktemp("golden")):
        yield Goldens()


def test_every_notebook_has_a_golden_and_no_golden_is_left_over() -> None:
    assert sorted(item.name for item in FOLDER.glob("*.ipynb")) == [f"{book.name}.ipynb" for book in BOOKS]


@each
def test_a_golden_has_the_cells_of_its_source(book: Notebook) -> None:
    assert facts.sources(form.read(path(book))) == facts.sources(form.read(book.path))


def test_prose_comes_over_without_a_run_and_facts_stay() -> None:
    golden = form.read(path(BOOKS[0]))
    source = form.read(BOOKS[0].path)
    text = next(cell for cell in source["cells"] if cell["cell_type"] == "markdown")
    text["source"] = "another sentence"
    found = prose.merged(source, golden)
    assert facts.sources(found) == facts.sources(source)
    assert [cell.get("outputs") for cell in found["cells"]] == [cell.get("outputs") for cell in golden["cells"]]
    next(cell for cell in source["cells"] if cell["cell_type"] == "code")["source"] += "\nprint(1)"
    with pytest.raises(ValueError, match="code differs"):
        prose.merged(source, golden)


@pytest.mark.slow
@each
def test_a_notebook_repeats_the_facts_of_its_golden(goldens: Goldens, book: Notebook) -> None:
    found = nbformat.reads(form.text(goldens.facts(book.number)), as_version=4)
    expected = nbformat.read(path(book), as_version=4)
    difference = diff_notebooks(expected, found)
    assert not difference, diff_to_string(expected, difference, use_color=False)


@pytest.mark.slow
@each
def test_a_notebook_leaves_the_expected_counts(goldens: Goldens, book: Notebook) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))[book.number]
    tolerances = json.loads(TOLERANCES.read_text(encoding="utf-8")).get(book.number, {})
    found = goldens.counts(book.number)
    assert found == {
        name: pytest.approx(value, rel=0, abs=tolerances[name]) if name in tolerances else value
        for name, value in expected.items()
    }
