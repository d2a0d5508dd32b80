"""``lab progress``: how far each participant is, from the checkpoints that their notebooks wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from lab.errors import LabError
from lab.run import catalogue, folders


@dataclass(frozen=True)
class Participant:
    """One person's checkpoints: number of the notebook → passed, failed statements."""

    name: str
    checkpoints: dict[str, tuple[bool, tuple[str, ...]]]


def read(folder: Path, name: str) -> Participant:
    """Return the checkpoints of a metrics folder (``build/metrics``).

    Raises: LabError when there is no such folder.
    """
    if not folder.is_dir():
        raise LabError(f"{folder} holds no checkpoints.", "Name a build/metrics folder, or a folder of such folders.")
    found = {}
    for path in sorted(folder.glob("[0-9][0-9].json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        failed = tuple(check["statement"] for check in document["checks"] if not check["holds"])
        found[document["number"]] = (document["passed"], failed)
    return Participant(name, found)


def collect(folders_given: Sequence[Path]) -> list[Participant]:
    """Return the participants of folders: each a metrics folder, or a checkout with ``build/metrics`` in it."""
    return [read(_metrics(folder), folder.resolve().name) for folder in folders_given]


def _metrics(folder: Path) -> Path:
    inside = folder / "build" / "metrics"
    return inside if inside.is_dir() else folder


@click.command("progress")
@click.argument("checkouts", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
def progress_command(checkouts: tuple[Path, ...]) -> None:
    """Show the checkpoints of this checkout, or of each participant's FOLDER (a checkout or its metrics)."""
    people = collect(checkouts) if checkouts else [read(folders.metrics(), "you")]
    numbers = [book.number for book in catalogue.load()]
    table = Table("", *numbers, box=None, pad_edge=False, padding=(0, 1, 0, 0))  # all fit beside a name
    for person in people:
        table.add_row(person.name, *(_mark(person, number) for number in numbers))
    console = Console(highlight=False)
    console.print(table)
    for person in people:
        for number, (_, failed) in person.checkpoints.items():
            for statement in failed:
                console.print(f"{person.name} {number}: ✗ {statement}")


def _mark(person: Participant, number: str) -> str:
    if number not in person.checkpoints:
        return "·"
    return "✓" if person.checkpoints[number][0] else "✗"
