"""Exercise of notebook 32: a score is given again within some rows only if it is higher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

HINT: Final = "Remember the score that you passed on last and how many rows ago; a row counts from the one after it."
EXAMPLE: Final = (0.2, 0.5, 0.4, 0.6, 0.1, 0.3, 0.3, 0.9)
EXPECTED: Final = [0.2, 0.5, 0.0, 0.6, 0.0, 0.0, 0.3, 0.9]


def solution(scores: Sequence[float], rows: int) -> list[float]:
    """Return the scores after hold-off."""
    given, held, age = [], 0.0, rows
    for score in scores:
        if age < rows and score <= held:
            given.append(0.0)
            age += 1
        else:
            given.append(score)
            held, age = score, 0
    return given


def problem(answer: Callable[[Sequence[float], int], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    found = [float(score) for score in answer(EXAMPLE, 2)]
    if found != EXPECTED:
        return f"with a hold-off of 2 rows {list(EXAMPLE)} become {found}, not {EXPECTED}"
    return "" if list(answer([0.1, 0.1], 0)) == [0.1, 0.1] else "a hold-off of no rows changes nothing"
