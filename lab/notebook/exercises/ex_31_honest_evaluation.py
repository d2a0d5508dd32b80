"""Exercise of notebook 31: event recall and false alarms a device and day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

HINT: Final = "An event counts once, however many alarms are inside; an alarm outside of all events is a false one."
ALARMS: Final = (5, 11, 12, 40, 70)
EVENTS: Final = ((10, 20), (30, 35), (60, 70), (90, 95))
DAYS: Final = 4.0
EXPECTED: Final = (0.5, 0.5)


def solution(alarms: Sequence[int], events: Sequence[tuple[int, int]], days: float) -> tuple[float, float]:
    """Return event recall and false alarms a device and day."""
    found = sum(any(first <= row <= last for row in alarms) for first, last in events)
    false = sum(not any(first <= row <= last for first, last in events) for row in alarms)
    return found / len(events), false / days


def problem(answer: Callable[[Sequence[int], Sequence[tuple[int, int]], float], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    given = f"alarms at {list(ALARMS)}, events {list(EVENTS)}"
    recall, false = answer(ALARMS, EVENTS, DAYS)
    if recall != EXPECTED[0]:
        return f"{given}: two of four events have an alarm inside, so the recall is {EXPECTED[0]}, not {recall}"
    wrong = f"{given}: two alarms are outside, in {DAYS:g} days, so {EXPECTED[1]} a day, not {false}"
    return "" if false == EXPECTED[1] else wrong
