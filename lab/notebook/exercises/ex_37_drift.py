"""Exercise of notebook 37: the population stability index of two lists of shares."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

HINT: Final = "Raise each share to at least `least` first, then sum over the pairs; math.log is the natural logarithm."
LEAST: Final = 0.001
CASES: Final = (
    ((0.5, 0.5), (0.5, 0.5), 0.0),
    ((0.5, 0.5), (0.75, 0.25), 0.2746531),
    ((0.25, 0.75), (0.5, 0.5), 0.2746531),
    ((1.0, 0.0), (0.0, 1.0), 13.8016954),
)
"""Shares before, shares after, the index worked out by hand: 0.25 ln 1.5 - 0.25 ln 0.5, and 2 × 0.999 ln 1000."""


def solution(before: Sequence[float], after: Sequence[float], least: float) -> float:
    """Return the index."""
    pairs = [(max(was, least), max(now, least)) for was, now in zip(before, after, strict=True)]
    return sum((now - was) * math.log(now / was) for was, now in pairs)


def problem(answer: Callable[[Sequence[float], Sequence[float], float], Any]) -> str:
    """Return what is wrong with the answer, or an empty text."""
    for before, after, expected in CASES:
        found = answer(before, after, LEAST)
        if not math.isclose(found, expected, abs_tol=1e-6):
            return f"from {list(before)} to {list(after)} it is {found:.4f}, not {expected:.4f}"
    return ""
