"""Exercise of notebook 22: one row for each reading, whatever the order in which they come."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final

HINT: Final = "Collect by (device_id, event_time), keep the largest temperature, and sort what you return."
ROWS: Final = (("a", 1, 20.0), ("a", 1, 21.5), ("b", 1, -3.0), ("a", 2, 19.0))
EXPECTED: Final = [("a", 1, 21.5), ("a", 2, 19.0), ("b", 1, -3.0)]


def solution(rows: list[tuple[str, int, float]]) -> list[tuple[str, int, float]]:
    """Return one row (device_id, event_time, temperature) a key, sorted."""
    best: dict[tuple[str, int], float] = {}
    for device, time, temperature in rows:
        best[device, time] = max(temperature, best.get((device, time), temperature))
    return [(device, time, temperature) for (device, time), temperature in sorted(best.items())]


def problem(answer: Callable[[list[tuple[str, int, float]]], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    for order in itertools.permutations(ROWS):
        found = sorted(answer(list(order)))
        if found != EXPECTED:
            return f"the rows {list(order)} become {found}, not {EXPECTED}"
    return ""
