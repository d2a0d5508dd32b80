"""Exercise of notebook 21: when does Firehose write an object, by size or by time?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

HINT: Final = (
    "Divide the buffer's size (1 MB = 1,048,576 bytes) by the bytes that arrive each second; the earlier limit writes. "
    "With no records at all only the seconds count."
)
CASES: Final = (((100.0, 200, 5, 60), 60.0), ((1000.0, 1000, 5, 60), 5.24288), ((0.0, 200, 5, 60), 60.0))
TOLERANCE: Final = 0.01


def solution(rate: float, record_bytes: int, megabytes: int, seconds: int) -> float:
    """Return after how many seconds an object is written (1 MB = 1,048,576 bytes)."""
    arriving = rate * record_bytes
    return min(megabytes * 2**20 / arriving, seconds) if arriving else float(seconds)


def problem(answer: Callable[[float, int, int, int], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    for arguments, expected in CASES:
        found = answer(*arguments)
        if abs(found - expected) > TOLERANCE:
            rate, size, megabytes, seconds = arguments
            return (
                f"{rate:g} records/s of {size} bytes, {megabytes} MB or {seconds} s: {found:.2f} s, not {expected:.2f}"
            )
    return ""
