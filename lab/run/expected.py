"""How long notebooks take: as in their last runs here, else as in the table that the lab brings along.

A machine that is slower or faster than the one of the table shows it with the first notebook: what is left is reckoned
with the pace so far.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from lab.run import folders
from lab.run.catalogue import Notebook
from lab.run.schedule import ready
from lab.run.state import State

TABLE: Final = folders.ROOT / "lab" / "data" / "seconds.json"


def seconds(books: Sequence[Notebook], state: State) -> dict[str, float]:
    """Return the seconds that each notebook is expected to take, by name. One that nobody ever ran is left out.

    All are of one machine, so that a pace can be told from those that have ended: of this one when every notebook
    has completed here, else of the table's.
    """
    table: dict[str, float] = json.loads(TABLE.read_text(encoding="utf-8"))
    here = {book.name: entry.expected for book in books if (entry := state.entry(book)) and entry.expected}
    if len(here) == len(books):
        return here
    return {**here, **{book.name: table[book.name] for book in books if book.name in table}}


def pace(taken: Mapping[str, float], expected: Mapping[str, float]) -> float:
    """Return how many times longer than expected the ended notebooks took (1: as expected, or none has ended).

    Parameters: taken, expected, seconds by name.
    """
    known = [name for name in taken if name in expected]
    planned = sum(expected[name] for name in known)
    return sum(taken[name] for name in known) / planned if planned else 1.0


def left(
    waiting: Sequence[Notebook], running: Sequence[tuple[Notebook, float]], expected: Mapping[str, float], jobs: int
) -> float:
    """Return the seconds until the last notebook ends, when each starts as soon as its needs and ``jobs`` allow.

    Parameters: waiting, notebooks not started yet, in order; running, with the seconds that each has left; expected,
    seconds by name of all that wait; jobs, how many run side by side.
    """
    pending, under_way, clock = list(waiting), list(running), 0.0
    while pending or under_way:
        for book in ready(pending, [book for book, _ in under_way])[: jobs - len(under_way)]:
            pending.remove(book)
            under_way.append((book, clock + expected[book.name]))
        first = min(under_way, key=lambda item: item[1])
        under_way.remove(first)
        clock = max(clock, first[1])
    return clock
