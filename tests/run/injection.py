"""Fail each stage of the lab and go on: ``python -m tests.run.injection [NN…]`` writes ``docs/injection.md``.

On an AWS of its own, notebook by notebook: once it fails in its middle, once after all its work, before its checkpoint.
Each time the run must name it, save it, end with status 1 and leave no process. Then the notebook is mended and
``lab run --resume`` must run it alone, to its own checkpoint, on what the broken attempts left in the AWS.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import target
from lab.run import catalogue, folders, memory, revision
from lab.run.catalogue import Notebook
from tests.golden.goldens import own_aws
from tests.run import injected
from tests.run.injected import Lab

PAGE = folders.ROOT / "docs" / "injection.md"
HEAD = """# Failure injected in each stage

Written by `python -m tests.run.injection` at commit {commit}; do not edit.

Each notebook was failed twice on an AWS of its own, in its middle and before its checkpoint. Each time: exit status 1,
the notebook, the cell and the cause on one screen, the output saved up to the cell that failed, no kernel, no JVM and
no other process left. Then it was mended, and `lab run --resume` ran this notebook alone and reached its checkpoint,
whatever the broken attempts had left in the AWS.

| notebook | failed before the cells | ran and saved before | resumed: run / up to date | seconds |
| --- | --- | --- | --- | ---: |
"""


@dataclass(frozen=True)
class Row:
    """One notebook: the cells before which it failed, cells that ran before, what was resumed and skipped, seconds."""

    book: Notebook
    places: tuple[str, ...]
    ran: tuple[int, ...]
    skipped: int
    seconds: float

    def __str__(self) -> str:
        """Return the row of the table."""
        places = ", ".join(f"`{place}`" for place in self.places)
        ran = " and ".join(f"{count} code cells" for count in self.ran)
        return f"| {self.book.number} {self.book.title} | {places} | {ran} | 1 / {self.skipped} | {self.seconds:.0f} |"


def prove(lab: Lab, book: Notebook, aws: Sequence[int]) -> Row:
    """Fail a notebook in its middle and at its end, mend it, resume, and return what was seen.

    Parameters: aws, the process of the embedded AWS, which stays.
    Raises: AssertionError when something of what the page promises does not hold.
    """
    began = time.monotonic()
    options = ("-p", "remove", "true") if book.cleans_up else ()
    cells = injected.code_cells(book)
    places = (cells[len(cells) // 2], "checkpoint")
    ran = []
    for place in places:
        injected.break_at(book, place, lab.notebooks)
        done = lab.run(book.number, *options)
        assert done.returncode == 1, done.stdout
        injected.told(book, done.stdout)
        saved = lab.executed(book)
        assert saved[-1]["id"] == "injected"
        assert lab.state(book)["state"] == "FAILED"
        assert lab.strays(aws) == []
        ran.append(len(saved) - 1)
    shutil.copy(book.path, lab.notebooks)
    mended = lab.run("--until", book.number, "--resume", "--json", *options)
    assert mended.returncode == 0, mended.stderr
    rows = json.loads(mended.stdout)
    assert [row["notebook"] for row in rows if row["run_now"]] == [book.name], mended.stderr
    assert lab.state(book)["state"] == "COMPLETED"
    assert lab.strays(aws) == []
    return Row(book, places, tuple(ran), len(rows) - 1, time.monotonic() - began)


def main(numbers: Sequence[str]) -> None:
    """Prove it for these notebooks and what comes before them (all without any), and write the page when for all."""
    books = catalogue.load()
    last = max(numbers, default=books[-1].number)
    rows = []
    with tempfile.TemporaryDirectory() as folder, own_aws(Path(folder)):
        lab = Lab(Path(folder) / "notebooks", Path(folder) / "build")
        shutil.copytree(folders.NOTEBOOKS, lab.notebooks, ignore=shutil.ignore_patterns(".*"))
        aws = memory.companions(target.state_folder())
        for book in (book for book in books if book.number <= last):
            if numbers and book.number not in numbers:
                done = lab.run(book.number)
                assert done.returncode == 0, done.stdout
                continue
            rows.append(prove(lab, book, aws))
            print(rows[-1], flush=True)
    if not numbers:
        text = HEAD.format(commit=revision.commit()) + "\n".join(map(str, rows)) + "\n"
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
