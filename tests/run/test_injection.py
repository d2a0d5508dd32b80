"""Every notebook of the lab, made to fail: it is named with cell and cause, saved as far as it came, nothing is left.

``python -m tests.run.injection`` does the same in the middle and at the end of each, on an AWS, and goes on from there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.run import catalogue
from tests.conftest import EmbeddedAws
from tests.run import injected
from tests.run.injected import Lab

pytestmark = pytest.mark.slow
BOOKS = catalogue.load()
each = pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.number)


@pytest.fixture(scope="module")
def broken(aws: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, str, int]:
    """Run all notebooks, each failing before its first own cell: none comes as far as to ask the AWS."""
    folder = tmp_path_factory.mktemp("injected")
    lab = Lab(folder / "notebooks", folder / "build")
    lab.notebooks.mkdir()
    for book in BOOKS:
        injected.break_at(book, "open", lab.notebooks, needs=[])
    done = lab.run()
    return lab, done.stdout, done.returncode


@each
def test_a_failing_notebook_is_named_with_cell_and_cause_on_one_screen(
    broken: tuple[Lab, str, int], book: catalogue.Notebook
) -> None:
    lab, output, _ = broken
    injected.told(book, output)
    assert lab.state(book)["failure"] == f"RuntimeError: {injected.message(book)}"


@each
def test_it_is_saved_as_far_as_it_came(broken: tuple[Lab, str, int], book: catalogue.Notebook) -> None:
    ran = broken[0].executed(book)
    assert [cell["metadata"].get("tags") for cell in ran[:-1]] == [["parameters"]]
    assert ran[-1]["id"] == "injected"
    assert ran[-1]["outputs"][-1]["evalue"] == injected.message(book)


def test_the_status_says_so_the_way_on_is_named_and_no_process_is_left(broken: tuple[Lab, str, int]) -> None:
    lab, output, status = broken
    assert status == 1
    assert output.rstrip().endswith("lab run --resume")
    assert lab.strays() == []
    assert Path(lab.build / "runs").is_dir()
