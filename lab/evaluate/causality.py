"""Does a detector look into the future? Cut the rest of the series off: what was scored before may not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
SHARES: Final = (0.35, 0.7)
TOLERANCE: Final = 1e-9

Scorer = Callable[[FloatArray, npt.NDArray[np.int64]], npt.NDArray[np.floating]]


def first_change(scorer: Scorer, values: FloatArray, seconds: npt.NDArray[np.int64]) -> int | None:
    """Return the first row whose score depends on later rows, None when no row does.

    Parameters: scorer, a function of values (n,) and Unix seconds (n,) that returns scores (n,) and begins afresh with
    each call; its length of learning must be given to it, for one that derives it from n looks ahead too.
    Raises: ValueError when it returns scores of another shape, or scores that are no numbers.
    """
    whole = _checked(scorer(values, seconds), len(values))
    for share in SHARES:
        rows = int(len(values) * share)
        cut = _checked(scorer(values[:rows], seconds[:rows]), rows)
        changed = np.flatnonzero(np.abs(whole[:rows] - cut) > TOLERANCE)
        if len(changed):
            return int(changed[0])
    return None


def _checked(scores: npt.NDArray[np.floating], rows: int) -> FloatArray:
    if scores.shape != (rows,):
        raise ValueError(f"{rows} readings have scores of shape {scores.shape}")
    if not np.isfinite(scores).all():
        raise ValueError("a score is no number")
    return scores.astype(np.float64)
