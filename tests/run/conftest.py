"""Small notebooks to run, and a build folder of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.notebook import form

Cell = tuple[str, str] | tuple[str, str, str]
MakeNotebook = Callable[..., Path]


@pytest.fixture(autouse=True)
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs, metrics and reports of a test go to its own folder."""
    folder = tmp_path / "build"
    monkeypatch.setenv("LAB_BUILD", str(folder))
    return folder


@pytest.fixture
def make_notebook(tmp_path: Path) -> MakeNotebook:
    """Write notebooks: name, then cells (id, source[, tag]); a first cell with a heading is added."""

    def make(name: str, *cells: Cell, **about: Any) -> Path:
        folder = tmp_path / "notebooks"
        folder.mkdir(exist_ok=True)
        number, _, words = name.partition("-")
        heading = {
            "cell_type": "markdown",
            "id": "title",
            "metadata": {},
            "source": f"# {number} · {words.capitalize()}",
        }
        code = [
            {
                "cell_type": "code",
                "id": identifier,
                "metadata": {"tags": list(tags)} if tags else {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for identifier, source, *tags in cells
        ]
        document = form.stripped({"cells": [heading, *code], "metadata": {"lab": about}})
        path = folder / f"{name}.ipynb"
        path.write_text(form.text(document), encoding="utf-8")
        assert json.loads(path.read_text())["nbformat"] == 4
        return path

    return make
