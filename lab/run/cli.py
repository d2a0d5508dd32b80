"""``lab run``: execute notebooks from the command line."""

from __future__ import annotations

import json
import os
import shlex
import signal
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console

from lab import stacks, target
from lab.run import catalogue, expected, failure, folders, memory, metrics, revision, schedule
from lab.run.catalogue import Notebook
from lab.run.execution import Outcome
from lab.run.parameters import resolve
from lab.run.progress import Progress, spoken
from lab.run.state import State, fingerprints, stale

GIGABYTE = 1024**3


@click.command("run")
@click.argument("notebooks", nargs=-1, metavar="[NOTEBOOK]...")
@click.option("--level", type=click.Choice(sorted(catalogue.LEVELS)), help="Only notebooks of one level (first digit).")
@click.option(
    "-p",
    "--parameter",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="Set a parameter, as 13.NAME of one notebook; repeatable.",
)
@click.option("--until", metavar="NOTEBOOK", help="Stop after this notebook.")
@click.option("--resume", is_flag=True, help="Skip what completed with the same inputs.")
@click.option("--jobs", type=click.IntRange(1, 8), default=2, show_default=True, help="Notebooks side by side.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def run_command(
    *,
    notebooks: tuple[str, ...],
    level: str | None,
    parameter: tuple[tuple[str, str], ...],
    until: str | None,
    resume: bool,
    jobs: int,
    as_json: bool,
) -> None:
    """Run notebooks by number or name (all without one), in order, each in a process of its own.

    Executed notebooks lie in build/runs, also when a cell fails. Exit status: 1 when one failed, 2 for bad input.
    """
    books = catalogue.select(catalogue.load(), notebooks, level, until)
    values = resolve(books, dict(parameter))
    identity = f"{target.identity()} {stacks.prefix()}"
    state = State(folders.runs())
    prints = fingerprints(books, values, identity)
    chosen = stale(books, state, prints) if resume else list(books)
    console = Console(stderr=as_json, highlight=False)
    known = expected.seconds(books, state)
    again = _again(notebooks, level, parameter, until)
    began = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a cancelled CI job keeps what ran, as Ctrl-C does
    with (
        memory.Peak([os.getpid(), *memory.companions(target.state_folder())]) as peak,
        Progress(console, books, known, jobs) as progress,
    ):
        for book in books:
            if book not in chosen:
                progress.skipped(book, "up to date")
        plan = schedule.Plan(chosen, values, prints, folders.runs(), jobs, revision.commit())
        try:
            outcomes = schedule.run(plan, state, progress)
        except KeyboardInterrupt:
            console.print(f"Go on from there: {again}", style="bold", soft_wrap=True)
            raise
    for book in chosen:
        if book.name in outcomes:
            failure.show(console, book, outcomes[book.name])
    console.print(f"total {spoken(time.monotonic() - began)} · peak {peak.bytes / GIGABYTE:.1f} GB", highlight=False)
    if as_json:
        click.echo(json.dumps(_document(books, state, outcomes), indent=1))
    if any(book.name not in outcomes or outcomes[book.name].failure for book in chosen):
        console.print(f"Mend the cause, then go on from there: {again}", style="bold", soft_wrap=True)
        raise SystemExit(1)


def _again(
    notebooks: Sequence[str], level: str | None, parameters: Sequence[tuple[str, str]], until: str | None
) -> str:
    """Return the command that goes on with the same notebooks and parameters: without them it would be another run."""
    words = ["lab", "run", *notebooks]
    words += ["--level", level] if level else []
    for name, value in parameters:
        words += ["-p", name, value]
    words += ["--until", until] if until else []
    return shlex.join([*words, "--resume"])


def _document(books: Sequence[Notebook], state: State, outcomes: dict[str, Outcome]) -> list[dict[str, Any]]:
    rows = []
    for book in books:
        entry = state.entry(book)
        document = metrics.read(book.number) or {}
        rows.append(
            {"notebook": book.name, "run_now": book.name in outcomes, "counts": document.get("counts", {})}
            | (asdict(entry) if entry else {})
        )
    return rows
