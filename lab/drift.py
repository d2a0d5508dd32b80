"""Is the world still the one that the model was made for? Two monitors: the values' distribution, and the alarms' rate.

Source of the index: Siddiqi, Credit Risk Scorecards, 2006, chapter 6: below 0.1 nothing, above 0.25 a shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from lab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
BINS: Final = 10
SHIFT: Final = 0.25
LEAST_ROWS: Final = 100
EMPTY: Final = 1e-3
"""The share that an empty bin counts as: the logarithm of nothing says nothing."""


@dataclass(frozen=True)
class Finding:
    """What a monitor says. score: the index; threshold: what it ships with; explanation: why, in words."""

    score: float
    threshold: float
    explanation: str

    @property
    def drifted(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.score >= self.threshold


def population_stability(reference: FloatArray, recent: FloatArray) -> float:
    """Return the population stability index over tenths of the reference; 0 for equal distributions.

    A reference with few different values has fewer bins; a constant one has three: below, at and above it.
    Raises: LabError with fewer than a hundred numbers in either.
    """
    before, after = _finite(reference), _finite(recent)
    edges = np.unique(np.quantile(before, np.linspace(0, 1, BINS + 1)[1:-1]))
    if len(edges) == 1:
        edges = np.array([edges[0], np.nextafter(edges[0], np.inf)])
    was, is_ = (
        np.maximum(np.bincount(np.searchsorted(edges, part, side="right"), minlength=len(edges) + 1) / len(part), EMPTY)
        for part in (before, after)
    )
    return float(np.sum((is_ - was) * np.log(is_ / was)))


def of_values(reference: FloatArray, recent: FloatArray) -> Finding:
    """Return whether recent values are distributed as the reference's are."""
    index = population_stability(reference, recent)
    before, after = float(np.median(_finite(reference))), float(np.median(_finite(recent)))
    level = "another distribution" if index >= SHIFT else "the same distribution"
    return Finding(index, SHIFT, f"{level}: median {after:.2f} after {before:.2f}, stability index {index:.2f}")


def of_alarms(before: int, before_days: float, after: int, after_days: float, limit: float = 3.0) -> Finding:
    """Return whether alarms became more or fewer than chance explains.

    Parameters: alarms and device-days of the reference and of the recent time; limit, standard deviations.
    The score is the difference of the square roots, which has nearly the same deviation at every Poisson rate.
    Raises: LabError when no time was watched.
    """
    if before_days <= 0 or after_days <= 0:
        raise LabError("No time was watched.", "Give both periods at least a part of a day.")
    first, second = np.sqrt(before + 0.375), np.sqrt(after + 0.375)
    ratio = after_days / before_days
    score = float(abs(second - first * np.sqrt(ratio)) / (0.5 * np.sqrt(1 + ratio)))
    words = f"{after / after_days:.2f} alarms a device and day after {before / before_days:.2f}"
    return Finding(score, limit, words)


def by_device(reference: pd.DataFrame, recent: pd.DataFrame, column: str = "temperature") -> dict[str, Finding]:
    """Return the finding on the values of each device that both have; sorted by device.

    Raises: LabError when they have no device in common.
    """
    devices = sorted(set(reference["device_id"]) & set(recent["device_id"]))
    if not devices:
        raise LabError("The two periods have no device in common.", "Compare periods of the same fleet.")
    return {
        str(device): of_values(
            *(part.loc[part["device_id"] == device, column].to_numpy() for part in (reference, recent))
        )
        for device in devices
    }


def _finite(values: FloatArray) -> FloatArray:
    found = np.asarray(values, dtype=np.float64)
    found = found[np.isfinite(found)]
    if len(found) < LEAST_ROWS:
        raise LabError(f"{len(found)} numbers are too few to compare.", f"Take at least {LEAST_ROWS}.")
    return found
