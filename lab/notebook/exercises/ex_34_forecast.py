"""Exercise of notebook 34: how far does a split-conformal interval reach?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

HINT: Final = "Sort the errors; the rank counts from 1, and may not exceed their number."
ERRORS: Final = (0.5, 0.1, 0.4, 0.2, 0.3, 0.9, 0.8, 0.6, 0.7)


def solution(errors: Sequence[float], cover: float) -> float:
    """Return the error of the conformal rank."""
    return sorted(errors)[min(len(errors), math.ceil(cover * (len(errors) + 1))) - 1]


def problem(answer: Callable[[Sequence[float], float], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    for cover, expected in ((0.5, 0.5), (0.85, 0.9), (0.99, 0.9)):
        found = answer(ERRORS, cover)
        if found != expected:
            return f"of the errors {sorted(ERRORS)}, at {cover:.0%}, it reaches {found}, not {expected}"
    return ""
