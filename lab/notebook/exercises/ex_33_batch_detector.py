"""Exercise of notebook 33: which objects does a run have to delete?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

HINT: Final = (
    "Three conditions: the day is one of the run's, the rest of the key is batch-<model>, and it was not written now."
)
KEYS: Final = (
    "15/batch-a1",
    "14/batch-a1",
    "14/batch-a10",
    "14/streaming-a1",
    "15/batch-b2",
    "16/batch-a1",
    "17/batch-a1",
)
DAYS: Final = ("14", "15", "17")
EXPECTED: Final = ["14/batch-a1", "17/batch-a1"]


def solution(keys: Sequence[str], days: Sequence[str], model: str, written: Sequence[str]) -> list[str]:
    """Return the keys of the run's model and days that it did not write now."""
    own = {f"{day}/batch-{model}" for day in days}
    return sorted(own.intersection(keys) - set(written))


def problem(answer: Callable[[Sequence[str], Sequence[str], str, Sequence[str]], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    found = list(answer(KEYS, DAYS, "a1", ["15/batch-a1"]))
    if sorted(found) != EXPECTED:
        given = f"of {list(KEYS)}, days {list(DAYS)}, model 'a1', written ['15/batch-a1'],"
        return f"{given} it deletes {sorted(found)}, not {EXPECTED}"
    if found != EXPECTED:
        return "the choice is right, the order is not: sorted"
    return "" if list(answer((), DAYS, "a1", [])) == [] else "of no keys there is nothing to delete"
