"""Exercise of notebook 23: read one day's partition and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

HINT: Final = "The partition columns are strings with leading zeros: month='01', not month=1."
WANTED: Final = {"year": "2016", "month": "01", "day": "05"}


def solution(year: int, month: int, day: int) -> str:
    """Return the condition of a WHERE clause."""
    return f"year='{year:04d}' AND month='{month:02d}' AND day='{day:02d}'"


def problem(answer: Callable[[int, int, int], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    text = answer(2016, 1, 5)
    found = dict(re.findall(r"(year|month|day)\s*=\s*'(\d+)'", text, re.IGNORECASE))
    if not found:
        return "it compares no partition column with a string"
    return "" if found == WANTED else f"it reads the partition {found}, not {WANTED}"
