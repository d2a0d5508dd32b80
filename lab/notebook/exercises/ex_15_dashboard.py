"""Exercise of notebook 15: warn when a reading is old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

HINT: Final = (
    "Compare the newest timestamp with now; 'stale' begins beyond the limit, and there may be no reading at all."
)
CASES: Final[tuple[tuple[tuple[list[float], float, float], str], ...]] = (
    (([100.0, 160.0], 200.0, 60.0), "fresh"),
    (([160.0, 100.0], 221.0, 60.0), "stale"),
    (([140.0], 200.0, 60.0), "fresh"),
    (([], 200.0, 60.0), "stale"),
)


def solution(timestamps: list[float], now: float, limit: float) -> str:
    """Return ``fresh`` when the newest reading is at most ``limit`` seconds old, else ``stale``."""
    return "fresh" if timestamps and now - max(timestamps) <= limit else "stale"


def problem(answer: Callable[[list[float], float, float], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    for arguments, expected in CASES:
        found = answer(*arguments)
        if found != expected:
            return f"readings at {arguments[0]}, now {arguments[1]}, limit {arguments[2]}: {found!r}, not {expected!r}"
    return ""
