"""Run several notebooks, each after those that it needs, independent ones side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from lab.run.catalogue import Notebook
from lab.run.execution import Failure, Outcome, end_descendants, execute
from lab.run.inspection import Value
from lab.run.state import Entry, State

#: What became of a notebook whose run a person ended: its process was killed, which says nothing of the notebook.
STOPPED: Final = Failure("stopped", "The run was ended before the notebook was.", None, "")


class Listener(Protocol):
    """What is told while notebooks run."""

    def started(self, book: Notebook) -> None:
        """Hear that a notebook starts."""

    def cell(self, book: Notebook, index: int, count: int) -> None:
        """Hear that cell ``index`` of ``count`` starts."""

    def step(self, book: Notebook, message: str) -> None:
        """Hear what a long cell says of its work."""

    def finished(self, book: Notebook, outcome: Outcome) -> None:
        """Hear that a notebook ended, well or not."""

    def skipped(self, book: Notebook, reason: str) -> None:
        """Hear that a notebook is not run, and why."""


@dataclass(frozen=True)
class Plan:
    """What to run: notebooks in order, parameters and fingerprints by name, where outputs go, of which commit."""

    books: Sequence[Notebook]
    values: Mapping[str, Mapping[str, Value]]
    prints: Mapping[str, str]
    folder: Path
    jobs: int
    commit: str


def run(plan: Plan, state: State, listener: Listener) -> dict[str, Outcome]:
    """Run a plan and return the outcomes by notebook name.

    A notebook whose need failed is not started. Independent ones go on.
    Raises: KeyboardInterrupt after Ctrl-C, when every process has ended; what ran is kept as ``STOPPED``.
    """
    waiting = list(plan.books)
    for book in waiting:
        state.record(book, Entry("PENDING", plan.prints[book.name], expected=_expected(state, book)))
    outcomes: dict[str, Outcome] = {}
    ended = threading.Event()
    with ThreadPoolExecutor(max_workers=plan.jobs) as pool:
        try:
            _drain(
                waiting, outcomes, plan, lambda book: pool.submit(_one, book, plan, state, listener, ended), listener
            )
        except BaseException:  # Ctrl-C: the threads wait for their processes, so these have to end first
            ended.set()
            end_descendants()
            raise
    return outcomes


def _drain(
    waiting: list[Notebook],
    outcomes: dict[str, Outcome],
    plan: Plan,
    submit: Callable[[Notebook], Future[Outcome]],
    listener: Listener,
) -> None:
    running: dict[Future[Outcome], Notebook] = {}
    while waiting or running:
        _drop_blocked(waiting, outcomes, listener)
        for book in ready(waiting, list(running.values()))[: plan.jobs - len(running)]:
            waiting.remove(book)
            running[submit(book)] = book
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            outcomes[running.pop(future).name] = future.result()


def _one(book: Notebook, plan: Plan, state: State, listener: Listener, ended: threading.Event) -> Outcome:
    values = dict(plan.values[book.name])
    entry = Entry(
        "RUNNING",
        plan.prints[book.name],
        values,
        started=time.time(),
        expected=_expected(state, book),
        commit=plan.commit,
    )
    state.record(book, entry)
    listener.started(book)
    output = plan.folder / f"{book.name}.ipynb"
    outcome = execute(book, values, output, partial(listener.cell, book), partial(listener.step, book))
    if outcome.failure and ended.is_set():
        outcome = replace(outcome, failure=STOPPED)
    failure = outcome.failure
    if failure is None:
        entry = replace(entry, state="COMPLETED", seconds=outcome.seconds, expected=outcome.seconds)
    else:
        entry = replace(entry, state="FAILED", seconds=outcome.seconds, failure=f"{failure.name}: {failure.message}")
    state.record(book, entry)
    listener.finished(book, outcome)
    return outcome


def ready(waiting: Sequence[Notebook], running: Sequence[Notebook]) -> list[Notebook]:
    """Return those waiting notebooks, in order, that nothing waiting or running has to end before."""
    pending = {book.number for book in (*waiting, *running)}
    return [book for book in waiting if not pending.intersection(_before(book, pending))]


def _before(book: Notebook, pending: set[str]) -> set[str]:
    """Return the pending notebooks that have to end before this one."""
    return {number for number in pending if number < book.number} if book.cleans_up else set(book.needs)


def _drop_blocked(waiting: list[Notebook], outcomes: Mapping[str, Outcome], listener: Listener) -> None:
    failed = {name[:2] for name, outcome in outcomes.items() if outcome.failure}
    for book in list(waiting):
        cause = next((number for number in book.needs if number in failed), None)
        if cause is not None:
            waiting.remove(book)
            failed.add(book.number)
            listener.skipped(book, f"needs {cause}")


def _expected(state: State, book: Notebook) -> float:
    entry = state.entry(book)
    return entry.expected if entry else 0.0
