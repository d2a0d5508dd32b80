"""The score of the Numenta Anomaly Benchmark, for any folder in its layout.

The layout is ``data/`` and ``labels/combined_windows.json``. An early alarm inside a labelled window counts most, a
missed window counts -1, a false alarm a little. A detector that never alarms scores 0, a perfect one 100.

Source: Lavin, Ahmad: Evaluating Real-Time Anomaly Detection Algorithms, ICMLA 2015, section III.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FALSE_POSITIVE_WEIGHT: Final = 0.11
PROBATION_SHARE: Final = 0.15
PROBATION_ROWS: Final = 5000
"""Beyond this length the probation stays at 15 % of 5,000 rows = 750."""


@dataclass(frozen=True)
class Series:
    """One labelled series.

    name: such as ``realKnownCause/machine_temperature_system_failure.csv``; seconds (n,): Unix seconds; values (n,);
    windows: (first row, last row) of each labelled anomaly; probation: rows at the start that are not judged.
    """

    name: str
    seconds: IntArray
    values: FloatArray
    windows: tuple[tuple[int, int], ...]
    probation: int


def probation_rows(rows: int) -> int:
    """Return how many first rows of a series are not judged."""
    return int(PROBATION_SHARE * min(rows, PROBATION_ROWS))


def read(folder: Path) -> list[Series]:
    """Return every labelled series of a folder in NAB's layout.

    Raises: FileNotFoundError when labels or a data file are missing; ValueError when a window's ends are no rows.
    """
    text = (folder / "labels" / "combined_windows.json").read_text()
    labels: Mapping[str, Sequence[Sequence[str]]] = json.loads(text)
    return [_series(folder, name, windows) for name, windows in sorted(labels.items())]


def row_scores(series: Series) -> FloatArray:
    """Return what an alarm at each row is worth: (n,), weighted, by position in or after a window; 0 in probation."""
    rows = np.arange(len(series.values))
    worth = np.full(len(rows), -FALSE_POSITIVE_WEIGHT)
    best = _sigmoid(np.array([-1.0]))[0]
    for number, (first, last) in enumerate(series.windows):
        width = last - first + 1
        inside = slice(first, last + 1)
        worth[inside] = _sigmoid(-(last - rows[inside] + 1) / width) / best
        until = series.windows[number + 1][0] if number + 1 < len(series.windows) else len(rows)
        after = slice(last + 1, until)
        worth[after] = _sigmoid((rows[after] - last) / (width - 1)) * FALSE_POSITIVE_WEIGHT
    worth[: series.probation] = 0.0
    return worth


def score(series: Sequence[Series], scores: Sequence[FloatArray], threshold: float) -> float:
    """Return the standard profile's score at one threshold: alarms are rows whose score reaches it."""
    return _score(series, scores, [row_scores(one) for one in series], threshold)


def best(series: Sequence[Series], scores: Sequence[FloatArray]) -> tuple[float, float]:
    """Return (score, threshold) at the threshold that is best on these series: NAB's habit, optimistic."""
    judged = [alarm[one.probation :] for one, alarm in zip(series, scores, strict=True)]
    thresholds = np.unique(np.concatenate(judged))
    worths = [row_scores(one) for one in series]
    ranked = [(_score(series, scores, worths, value), float(value)) for value in _thinned(thresholds)]
    return max([*ranked, (0.0, float("inf"))])


def _thinned(thresholds: FloatArray, at_most: int = 600) -> FloatArray:
    """Return at most so many thresholds: evenly by rank, evenly by value, and ever denser towards the largest.

    Chance is best where it hardly alarms, far up among hundreds of thousands of thresholds.
    """
    if len(thresholds) <= at_most:
        return thresholds
    third, last = at_most // 3, len(thresholds) - 1
    by_rank = thresholds[np.linspace(0, last, third).astype(int)]
    by_value = np.linspace(thresholds[0], thresholds[-1], third)
    near_top = thresholds[last - (np.geomspace(1, len(thresholds), third) - 1).astype(int)]
    return np.unique(np.concatenate([by_rank, by_value, near_top]))


def _score(
    series: Sequence[Series], scores: Sequence[FloatArray], worths: Sequence[FloatArray], threshold: float
) -> float:
    parts = zip(series, scores, worths, strict=True)
    return _normalised(series, [_points(one, alarm >= threshold, worth) for one, alarm, worth in parts])


def _points(series: Series, alarms: npt.NDArray[np.bool_], worth: FloatArray) -> float:
    """Return a series' raw points: the best alarm of each window, -1 for a missed one, and every false alarm."""
    alarms = alarms.copy()
    alarms[: series.probation] = False
    points = 0.0
    outside = alarms.copy()
    for first, last in series.windows:
        inside = slice(first, last + 1)
        outside[inside] = False
        if last < series.probation:
            continue
        points += float(worth[inside][alarms[inside]].max()) if alarms[inside].any() else -1.0
    return points + float(worth[outside].sum())


def _normalised(series: Sequence[Series], points: Sequence[float]) -> float:
    """Return points on the scale from 0 (never alarms) to 100 (perfect)."""
    windows = sum(last >= one.probation for one in series for _, last in one.windows)
    return 100.0 * (sum(points) + windows) / (2.0 * windows)


def _sigmoid(position: FloatArray) -> FloatArray:
    """Return NAB's scaled sigmoid: 1 far before a window's end, 0 at it, -1 well after."""
    return np.where(position > 3.0, -1.0, 2.0 / (1.0 + np.exp(5.0 * np.minimum(position, 3.0))) - 1.0)


def _series(folder: Path, name: str, windows: Sequence[Sequence[str]]) -> Series:
    table = pd.read_csv(folder / "data" / name)
    stamps = pd.to_datetime(table["timestamp"])
    rows = {stamp: row for row, stamp in reversed(list(enumerate(stamps)))}
    try:
        spans = tuple((rows[pd.Timestamp(first)], rows[pd.Timestamp(last)]) for first, last in windows)
    except KeyError as missing:
        raise ValueError(f"{name}: a window ends at {missing}, which is no row of the series") from missing
    return Series(
        name,
        stamps.astype("datetime64[s]").astype("int64").to_numpy(),
        table["value"].to_numpy(dtype=float),
        spans,
        probation_rows(len(table)),
    )
