"""Exercise of notebook 36: which readings are to be scored, and in which order?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

HINT: Final = "A device without an entry was never scored; of the others what is newer counts. Sort by device and time."
EXAMPLE: Final = (("b", 30), ("a", 20), ("a", 10), ("b", 5), ("c", 1), ("a", 15))
THROUGH: Final = {"a": 10, "b": 30}
EXPECTED: Final = [("a", 15), ("a", 20), ("c", 1)]


def solution(readings: Sequence[tuple[str, int]], through: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the readings newer than their device's time, by device and time."""
    return sorted((device, time) for device, time in readings if device not in through or time > through[device])


def problem(answer: Callable[[Sequence[tuple[str, int]], Mapping[str, int]], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    found = list(answer(EXAMPLE, THROUGH))
    if sorted(found) != EXPECTED:
        return f"of {list(EXAMPLE)}, through {THROUGH}, it chooses {sorted(found)}, not {EXPECTED}"
    return "" if found == EXPECTED else "the choice is right, the order is not: each device by time"
