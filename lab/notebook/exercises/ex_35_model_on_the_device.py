"""Exercise of notebook 35: the question of a decision tree, asked in whole numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

HINT: Final = "A 233 has to pass 233.5, a 234 not; think of -3.5 and of 7.0 too."
THRESHOLDS: Final = (233.5, 0.5, 7.0, -0.5, -3.5, -7.0, 1.25)


def solution(threshold: float) -> int:
    """Return the smallest whole number above the threshold."""
    return math.floor(threshold) + 1


def problem(answer: Callable[[float], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    for threshold in THRESHOLDS:
        found = answer(threshold)
        if found != int(found):
            return f"for {threshold} it gives {found}, which is no whole number"
        around = math.floor(threshold)
        for x in range(around - 3, around + 4):
            if (x < found) != (x <= threshold):
                return f"{x} <= {threshold} is {x <= threshold}, but {x} < {found} is {x < found}"
    return ""
