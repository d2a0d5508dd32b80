"""Copies of the lab's notebooks that fail on purpose, and what a person and a machine must then be told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lab.notebook import form
from lab.run import folders
from lab.run.catalogue import Notebook

#: `lab` with notebooks of another folder.
ELSEWHERE = """
import pathlib, sys
from lab.run import folders
folders.NOTEBOOKS = pathlib.Path(sys.argv.pop(1))
from lab import cli
cli.main()
"""
SCREEN_LINES = 24


@dataclass(frozen=True)
class Lab:
    """A folder of notebooks, and a build folder, for `lab run` in a process of its own."""

    notebooks: Path
    build: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `lab run` with these arguments, on a screen that is wide enough for a path."""
        command = [sys.executable, "-c", ELSEWHERE, str(self.notebooks), "run", *arguments]
        variables = os.environ | {"LAB_BUILD": str(self.build), "COLUMNS": "200"}
        return subprocess.run(command, cwd=folders.ROOT, env=variables, text=True, check=False, capture_output=True)

    def state(self, book: Notebook) -> dict[str, Any]:
        """Return what the runs' state says of a notebook."""
        document: dict[str, Any] = json.loads((self.build / "runs" / "state.json").read_text(encoding="utf-8"))
        return dict(document[book.name])

    def executed(self, book: Notebook) -> list[dict[str, Any]]:
        """Return the code cells of a notebook's saved output that ran."""
        cells = form.read(self.build / "runs" / f"{book.name}.ipynb")["cells"]
        return [cell for cell in cells if cell.get("execution_count")]

    def strays(self, but: Sequence[int] = ()) -> list[str]:
        """Return the command lines of processes that belong to this build folder, but for these trees and this one."""
        kept = {os.getpid(), *but}
        kept |= {child.pid for pid in but for child in psutil.Process(pid).children(recursive=True)}
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("LAB_BUILD") == str(self.build) and process.pid not in kept:
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return found


def message(book: Notebook) -> str:
    """Return what the injected cell of a notebook says."""
    return f"injected into {book.number}"


def break_at(book: Notebook, before: str, folder: Path, **about: Any) -> None:
    """Write a notebook that raises in a cell of its own before the cell with that id. about: changed metadata."""
    document = form.read(book.path)
    place = next(index for index, cell in enumerate(document["cells"]) if cell["id"] == before)
    raising = {
        "cell_type": "code",
        "id": "injected",
        "metadata": {},
        "source": f'raise RuntimeError("{message(book)}")',
    }
    document["cells"].insert(place, raising)
    document["metadata"]["lab"] |= about
    (folder / book.path.name).write_text(form.text(form.stripped(document)), encoding="utf-8")


def code_cells(book: Notebook) -> list[str]:
    """Return the ids of a notebook's code cells after the one that opens it."""
    ids = [cell["id"] for cell in form.read(book.path)["cells"] if cell["cell_type"] == "code"]
    return ids[ids.index("open") + 1 :]


def told(book: Notebook, output: str) -> str:
    """Return the failure's part of a run's output; it names notebook and cause and fits a screen.

    Raises: AssertionError when it does not.
    """
    start = re.search(rf"^{book.number} {re.escape(book.title)}: cell \d+ failed$", output, re.MULTILINE)
    assert start is not None, f"the failure of {book.number} is not named:\n{output}"
    part, _, rest = output[start.start() :].partition("The notebook as far as it came: ")
    assert f"RuntimeError: {message(book)}" in part
    assert rest.split("\n", 1)[0].endswith(f"{book.name}.ipynb")
    assert len(part.splitlines()) < SCREEN_LINES, part
    return part
