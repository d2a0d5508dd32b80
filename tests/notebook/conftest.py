"""Notebooks in a folder of the test, to break the form on purpose."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.notebook import form

LAB = {"goal": "g", "minutes": 1, "hops": ["device"], "cost": "nothing", "needs": []}
GOOD = (
    ("title", "markdown", "# 01 · Good\n\n**What you need**: time.\n\n**Steps**: one.", ()),
    ("p", "code", "count: int = 1  # how many", ("parameters",)),
    ("open", "code", 'from lab.notebook import Book\n\nbook = Book("01")', ()),
    ("draw", "code", "book.figure(fig, caption)", ("picture",)),
    ("next", "markdown", "**What just happened**: nothing.", ()),
    ("end", "code", 'book.checkpoint.show("done")', ()),
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write 01-good.ipynb with further cells (id, kind, source, tags)."""

    def write(*further, lab=LAB, cells=GOOD) -> Path:
        listed = [
            {"id": name, "cell_type": kind, "source": source, "metadata": {"tags": list(tags)}}
            for name, kind, source, tags in (*cells, *further)
        ]
        path = tmp_path / "01-good.ipynb"
        path.write_text(form.text(form.stripped({"cells": listed, "metadata": {"lab": lab}})), encoding="utf-8")
        return path

    return write
