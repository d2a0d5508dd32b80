"""Exercise of notebook 30: how far is each device from the median of the others?"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import Any, Final

HINT: Final = "Leave the device itself out before you take the median."
EXAMPLE: Final = {"a": 20.0, "b": 21.0, "c": 22.0, "d": 7.0}
EXPECTED: Final = {"a": -1.0, "b": 1.0, "c": 2.0, "d": -14.0}


def solution(values: Mapping[str, float]) -> dict[str, float]:
    """Return each device's distance from the median of the others."""
    return {
        name: value - statistics.median(other for key, other in values.items() if key != name)
        for name, value in values.items()
    }


def problem(answer: Callable[[Mapping[str, float]], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    found = {name: float(value) for name, value in answer(EXAMPLE).items()}
    return "" if found == EXPECTED else f"of {EXAMPLE} the distances are {found}, not {EXPECTED}"
