"""Detectors side by side: on seeded faults in the fleet's readings, and on the Numenta Anomaly Benchmark.

Each comes with one threshold. Chance gets as many alarms as the streaming detector gives, so that the floor is fair.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lab import batch
from lab.detector import Detector, Settings
from lab.evaluate import baselines, nab
from lab.evaluate.judge import Labelled, Verdict, judge

FloatArray = npt.NDArray[np.float64]
HOLD_OFF_SHARE: Final = 0.4
"""Of the probation of a benchmark series; 0.4 × 720 rows are two days of ten minutes."""
Z_THRESHOLD: Final = 0.5
"""Three standard deviations, see ``baselines.rolling_z``."""
KNOWN: Final = "realKnownCause/"
SEEDS: Final = 30

Scorer = Callable[[nab.Series], FloatArray]


@dataclass(frozen=True)
class Line:
    """One row of the benchmark's table: NAB scores at the best threshold of all series, and at the shipped one."""

    detector: str
    best_all: float
    best_known: float
    threshold: float
    shipped_all: float
    shipped_known: float


def streaming(series: nab.Series) -> FloatArray:
    """Return the shipped detector's scores; it learns during the probation and holds off for two fifths of it."""
    settings = dataclasses.replace(
        Settings(), warm_up=series.probation, hold_off=max(1, round(HOLD_OFF_SHARE * series.probation))
    )
    return Detector(settings).scores(series.values.tolist(), series.seconds.tolist()).astype(np.float64)


def rolling_z(series: nab.Series) -> FloatArray:
    """Return the rolling z-score over 288 rows."""
    return baselines.rolling_z(series.values)


def held_off(scorer: Scorer) -> Scorer:
    """Return a scorer with the same hold-off as the streaming detector's."""

    def scored(series: nab.Series) -> FloatArray:
        return baselines.hold_off(scorer(series), max(1, round(HOLD_OFF_SHARE * series.probation)))

    return scored


def benchmark(series: Sequence[nab.Series], name: str, scorer: Scorer, threshold: float) -> Line:
    """Return a detector's row; ``known`` are the series of realKnownCause, NaN when the folder has none."""
    scores = [scorer(one) for one in series]
    known = [index for index, one in enumerate(series) if one.name.startswith(KNOWN)]
    part = [series[index] for index in known], [scores[index] for index in known]
    nothing = float("nan")
    return Line(
        name,
        nab.best(series, scores)[0],
        nab.best(*part)[0] if known else nothing,
        threshold,
        nab.score(series, scores, threshold),
        nab.score(*part, threshold) if known else nothing,
    )


def floor(series: Sequence[nab.Series], seeds: int = SEEDS, hold: bool = True) -> list[float]:
    """Return what chance reaches at its best threshold, one score a seed, in order."""
    found = []
    for seed in range(seeds):
        scores = [baselines.chance(len(one.values), seed * len(series) + row) for row, one in enumerate(series)]
        if hold:
            spans = [max(1, round(HOLD_OFF_SHARE * one.probation)) for one in series]
            scores = [baselines.hold_off(*pair) for pair in zip(scores, spans, strict=True)]
        found.append(nab.best(series, scores)[0])
    return sorted(found)


def on_faults(fleet: Sequence[Labelled], settings: Settings | None = None) -> Verdict:
    """Return the streaming detector's verdict at its shipped threshold."""
    shipped = settings or Settings()
    scores = [Detector(shipped).scores(one.values.tolist(), one.seconds.tolist()) for one in fleet]
    return judge(fleet, [one >= np.float32(shipped.threshold) for one in scores])


def batch_on_faults(fleet: Sequence[Labelled], seed: int = 0) -> Verdict:
    """Return the batch detector's verdict at its shipped threshold; it sees the whole of each series."""
    import pandas as pd

    parts = [pd.DataFrame({"device_id": f.device_id, "timestamp": f.seconds, "temperature": f.values}) for f in fleet]
    by_device = dict(list(batch.score(pd.concat(parts), seed).groupby("device_id")))
    return judge(fleet, [by_device[one.device_id]["is_anomaly"].to_numpy() for one in fleet])


def rolling_z_on_faults(fleet: Sequence[Labelled], threshold: float = Z_THRESHOLD) -> Verdict:
    """Return the verdict on a rolling z-score of two days with the streaming detector's hold-off."""
    hold = Settings().hold_off
    return judge(fleet, [baselines.hold_off(baselines.rolling_z(one.values), hold) >= threshold for one in fleet])


def chance_on_faults(fleet: Sequence[Labelled], alarms: int, seeds: int = SEEDS) -> list[Verdict]:
    """Return the verdicts on chance that gives about so many alarms, one a seed."""
    judged = sum(len(one.values) - one.judged_from for one in fleet)
    verdicts = []
    for seed in range(seeds):
        drawn = [baselines.chance(len(one.values), seed * len(fleet) + row) for row, one in enumerate(fleet)]
        verdicts.append(judge(fleet, [one < alarms / judged for one in drawn]))
    return verdicts
