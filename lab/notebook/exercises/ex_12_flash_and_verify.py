"""Exercise of notebook 12: how many readings does an outage cost?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

HINT: Final = "Count the readings that come in the time; those beyond 360 are lost, and never fewer than none."
CASES: Final = ((0, 0), (600, 0), (1800, 0), (1805, 1), (3600, 360), (36_000, 6840))


def solution(seconds: int) -> int:
    """Return how many readings are lost while the broker is gone for so many seconds."""
    return max(0, seconds // 5 - 360)


def problem(answer: Callable[[int], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    for seconds, expected in CASES:
        if answer(seconds) != expected:
            return f"{seconds} seconds cost {expected} readings, not {answer(seconds)}"
    return ""
