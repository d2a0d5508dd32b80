"""``lab progress``: how far each participant is, from the checkpoints that their notebooks wrote."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from lab.errors import LabError
from lab.run import catalogue, folders

CHECKPOINTS: Final = "[0-9][0-9].json"
UNREADABLE: Final = "its file cannot be read: copy it again"


@dataclass(frozen=True)
class Participant:
    """One person's checkpoints: number of the notebook → passed, failed statements."""

    name: str
    checkpoints: dict[str, tuple[bool, tuple[str, ...]]]


def read(folder: Path, name: str) -> Participant:
    """Return the checkpoints of a metrics folder (``build/metrics``).

    A file that is no checkpoint, such as one copied by half, counts as failed: it hides nobody else's.
    Raises: LabError when there is no such folder.
    """
    if not folder.is_dir():
        raise LabError(
            f"{folder} holds no checkpoints.", "Run a notebook (`lab run 00`), or name a folder that holds some."
        )
    return Participant(name, {path.stem: _checkpoint(path) for path in sorted(folder.glob(CHECKPOINTS))})


def collect(folders_given: Sequence[Path]) -> list[Participant]:
    """Return the participants of folders.

    Each is a metrics folder, a checkout with ``build/metrics`` in it, or a folder of such folders, one a participant.
    """
    return [read(_metrics(folder), folder.resolve().name) for given in folders_given for folder in _participants(given)]


def _participants(given: Path) -> list[Path]:
    if not given.is_dir() or _begun(given):
        return [given]
    return sorted(child for child in given.iterdir() if child.is_dir() and _begun(child)) or [given]


def _begun(folder: Path) -> bool:
    return any(_metrics(folder).glob(CHECKPOINTS))


def _metrics(folder: Path) -> Path:
    inside = folder / "build" / "metrics"
    return inside if inside.is_dir() else folder


def _checkpoint(path: Path) -> tuple[bool, tuple[str, ...]]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        failed = tuple(check["statement"] for check in document["checks"] if not check["holds"])
        return bool(document["passed"]), failed
    except (ValueError, KeyError, TypeError):
        return False, (UNREADABLE,)


@click.command("progress")
@click.argument("checkouts", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
def progress_command(checkouts: tuple[Path, ...]) -> None:
    """Show the checkpoints of this checkout, or of each participant's FOLDER.

    A FOLDER is a checkout, its metrics, or a folder of such folders.
    """
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
