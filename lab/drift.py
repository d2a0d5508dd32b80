"""Is the world still the one that the model was made for? Monitors of distributions and of counts, and what they mean.

A distribution is that of a device's values, or of their distance from its neighbours, which a season moves far less. A
count is that of alarms, or of readings that break a rule.

Source of the index: Siddiqi, Credit Risk Scorecards, 2006, chapter 6: below 0.1 nothing, above 0.25 a shift.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
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
LEAST_WEEKS: Final = 3
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


Findings = Mapping[str, Finding]


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


def usual(weeks: Sequence[FloatArray]) -> float:
    """Return the highest index that one quiet week has against all the others together: what is no drift yet.

    Weather alone moves a room's temperatures further than the textbook's limit, so the limit is learnt from quiet time.
    Raises: LabError with fewer than three weeks, or fewer than a hundred numbers in one.
    """
    _enough(weeks)
    others = [np.concatenate([*weeks[:row], *weeks[row + 1 :]]) for row in range(len(weeks))]
    return max(population_stability(rest, week) for rest, week in zip(others, weeks, strict=True))


def of_values(reference: FloatArray, recent: FloatArray, threshold: float = SHIFT) -> Finding:
    """Return whether recent values are distributed as the reference's are."""
    index = population_stability(reference, recent)
    before, after = float(np.median(_finite(reference))), float(np.median(_finite(recent)))
    level = "another distribution" if index >= threshold else "the same distribution"
    return Finding(index, threshold, f"{level}: median {after:.2f} after {before:.2f}, stability index {index:.2f}")


def of_counts(before: int, before_days: float, after: int, after_days: float, limit: float = 3.0) -> Finding:
    """Return whether alarms, or broken rules, became more or fewer than chance explains.

    Parameters: counts and device-days of the reference and of the recent time; limit, standard deviations.
    The score is the difference of the square roots, which has nearly the same deviation at every Poisson rate.
    Raises: LabError when no time was watched.
    """
    if before_days <= 0 or after_days <= 0:
        raise LabError("No time was watched.", "Give both periods at least a part of a day.")
    first, second = np.sqrt(before + 0.375), np.sqrt(after + 0.375)
    ratio = after_days / before_days
    score = float(abs(second - first * np.sqrt(ratio)) / (0.5 * np.sqrt(1 + ratio)))
    words = f"{after / after_days:.2f} a device and day after {before / before_days:.2f}"
    return Finding(score, limit, words)


def by_device(weeks: Sequence[pd.DataFrame], recent: pd.DataFrame) -> dict[str, Finding]:
    """Return the finding on each device, sorted, against the weeks together and at the threshold that they teach.

    Parameters: weeks, quiet ones, and recent: one column a device, as ``lab.readings.by_device`` gives values and
    ``lab.fleet.residuals`` distances from the neighbours.
    A device with too few numbers in the weeks or in the recent time scores 0 and says so.
    Raises: LabError when they have no device in common, or with fewer than three weeks.
    """
    before = sorted({str(name) for week in weeks for name in week})
    if not set(before) & set(recent):
        raise LabError("The two periods have no device in common.", "Compare periods of the same fleet.")
    _enough(weeks)
    return {device: _of_device(device, weeks, recent) for device in sorted({*before, *map(str, recent)})}


def exchanged(weeks: Sequence[pd.DataFrame], recent: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of drifted devices of which each now measures what the other did: their names were exchanged.

    Parameters: as of ``by_device``.
    """
    drifted = _drifted(by_device(weeks, recent))
    return [
        pair
        for pair in itertools.combinations(drifted, 2)
        if all(_explains(weeks, recent, was, now) for was, now in (pair, pair[::-1]))
    ]


def cause(values: Findings, apart: Findings, broken: Findings) -> str:
    """Return what the monitors of a fleet say together: ``sensor``, ``season``, ``place`` or ``nothing``.

    Parameters: findings on values, on distances from the neighbours, and on counts of broken rules, by device.
    Rules break where a sensor fails; a season moves more than half of the fleet; a device that was moved, or took
    another one's name, moves against its neighbours.
    """
    if _drifted(broken):
        return "sensor"
    if 2 * len(_drifted(values)) > len(values):
        return "season"
    return "place" if _drifted(apart) else "nothing"


def _drifted(findings: Findings) -> list[str]:
    return [name for name, finding in findings.items() if finding.drifted]


def _explains(weeks: Sequence[pd.DataFrame], recent: pd.DataFrame, was: str, now: str) -> bool:
    """Say whether what a device measures now is usual for what another one was."""
    columns = [week[was].to_numpy() for week in weeks]
    index = population_stability(np.concatenate(columns), recent[now].to_numpy())
    return index < max(SHIFT, usual(columns))


def _of_device(device: str, weeks: Sequence[pd.DataFrame], recent: pd.DataFrame) -> Finding:
    parts = [week[device].to_numpy() if device in week else np.array([]) for week in (*weeks, recent)]
    fewest = min(int(np.isfinite(part).sum()) for part in parts)
    if fewest < LEAST_ROWS:
        return Finding(0.0, SHIFT, f"not judged: a week has {fewest} numbers, at least {LEAST_ROWS} are needed")
    *quiet, last = parts
    return of_values(np.concatenate(quiet), last, max(SHIFT, usual(quiet)))


def _enough(weeks: Sequence[object]) -> None:
    if len(weeks) < LEAST_WEEKS:
        raise LabError(f"{len(weeks)} weeks do not say what is usual.", f"Take at least {LEAST_WEEKS}.")


def _finite(values: FloatArray) -> FloatArray:
    found = np.asarray(values, dtype=np.float64)
    found = found[np.isfinite(found)]
    if len(found) < LEAST_ROWS:
        raise LabError(f"{len(found)} numbers are too few to compare.", f"Take at least {LEAST_ROWS}.")
    return found
