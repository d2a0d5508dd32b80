"""What every detector has to beat: chance, a clock, and a rolling z-score; and the hold-off that each may have."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]


def rolling_z(values: FloatArray, window: int = 288) -> FloatArray:
    """Return how unusual each value is against the ``window`` values before it: (n,), 0 to 1.

    The score is z / (z + 3), so that three standard deviations give one half. Too little history, or values that are
    not finite, give 0: no alarm without knowledge.
    """
    series = pd.Series(values, dtype=float)
    before = series.shift(1).rolling(window, min_periods=max(8, window // 8))
    spread = before.std() + 1e-6 + 0.001 * (before.max() - before.min())
    distance = ((series - before.mean()).abs() / spread).to_numpy()
    distance = np.nan_to_num(distance, nan=0.0, posinf=0.0, neginf=0.0)
    return distance / (distance + 3.0)


def chance(rows: int, seed: int) -> FloatArray:
    """Return scores that know nothing: (rows,), uniform from 0 to 1."""
    return np.random.default_rng(seed).random(rows)


def clock(rows: int, every: int) -> FloatArray:
    """Return a score of 1 at every so many rows, 0 between: (rows,). It never looks at the data."""
    scores = np.zeros(rows)
    scores[every - 1 :: every] = 1.0
    return scores


def hold_off(scores: FloatArray, rows: int) -> FloatArray:
    """Return scores of which one is given again within so many rows only if it is higher: (n,).

    The same rule as the detector's own, so that every detector can be given it.
    """
    given = np.zeros(len(scores))
    held, age = 0.0, rows
    for row, score in enumerate(scores):
        if age < rows:
            age += 1
            if score <= held:
                continue
        held, age = score, 0
        given[row] = score
    return given
