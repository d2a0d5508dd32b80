"""``lab progress``: how far each participant is, from the checkpoints and exercises that their notebooks wrote."""

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
EXERCISES: Final = "[0-9][0-9]-exercise.json"
MARKS: Final = (("✓", True), ("✗", False))
UNREADABLE: Final = "its file cannot be read: copy it again"


@dataclass(frozen=True)
class Participant:
    """One person's checkpoints: number of the notebook → passed, failed statements; and answered exercises → right."""

    name: str
    checkpoints: dict[str, tuple[bool, tuple[str, ...]]]
    exercises: dict[str, bool]


def read(folder: Path, name: str) -> Participant:
    """Return the checkpoints and exercises of a metrics folder (``build/metrics``).

    A file that is no checkpoint, such as one copied by half, counts as failed: it hides nobody else's.
    Raises: LabError when there is no such folder.
    """
    if not folder.is_dir():
        raise LabError(
            f"{folder} holds no checkpoints.", "Run a notebook (`lab run 00`), or name a folder that holds some."
        )
    checkpoints = {path.stem: _checkpoint(path) for path in sorted(folder.glob(CHECKPOINTS))}
    exercises = {path.name[:2]: _right(path) for path in sorted(folder.glob(EXERCISES))}
    return Participant(name, checkpoints, exercises)


def collect(folders_given: Sequence[Path]) -> list[Participant]:
    """Return the participants of folders.

    Each is a metrics folder, a checkout with ``build/metrics`` in it, or a folder of such folders, one a participant.
    """
    return [read(_metrics(folder), folder.resolve().name) for given in folders_given for folder in _participants(given)]


def _participants(given: Path) -> list[Path]:
    if not given.is_dir() or _is_participants(given):
        return [given]
    return sorted(child for child in given.iterdir() if child.is_dir() and _is_participants(child)) or [given]


def _is_participants(folder: Path) -> bool:
    """Say whether it holds checkpoints, or is a checkout in which none was reached yet."""
    return (folder / "notebooks").is_dir() or any(_metrics(folder).glob(CHECKPOINTS))


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


def _right(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text(encoding="utf-8"))["right"])
    except (ValueError, KeyError, TypeError):
        return False


@click.command("progress")
@click.argument("checkouts", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]...")
def progress_command(checkouts: tuple[Path, ...]) -> None:
    """Show checkpoints and exercises of this checkout, or of each FOLDER.

    A FOLDER is a participant's: a checkout, its metrics, or a folder of such folders.
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
    for person in people:
        if person.exercises:
            console.print(f"{person.name}, exercises: {_answered(person)}")


def _answered(person: Participant) -> str:
    """Return ``✓`` with the numbers of the exercises answered rightly, and ``✗`` with those not yet."""
    listed = {mark: [number for number, was in person.exercises.items() if was is right] for mark, right in MARKS}
    return " · ".join(f"{mark} {' '.join(numbers)}" for mark, numbers in listed.items() if numbers)


def _mark(person: Participant, number: str) -> str:
    if number not in person.checkpoints:
        return "·"
    return "✓" if person.checkpoints[number][0] else "✗"
