"""Judge settings of the streaming detector: the fleet's own readings with seeded faults, at one threshold."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lab import telemetry
from lab.detector import Detector, Settings

if TYPE_CHECKING:
    import numpy.typing as npt

    from lab.evaluate.judge import Labelled

SAMPLES_A_DAY: Final = 144
FIRST_SAMPLE: Final = 288
"""Faults begin, and alarms count, after the two days that the shipped detector learns from."""
EVERY: Final = 180
LENGTH: Final = 6
KINDS: Final = ("spike", "jump", "drift", "noise")


@dataclass(frozen=True)
class Series:
    """One device's readings with faults. values: (n,) °C; seconds: (n,) Unix; events: first and last sample of each."""

    device_id: str
    values: npt.NDArray[np.float64]
    seconds: npt.NDArray[np.int64]
    events: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Result:
    """What a detector made of the series. event_recall: share of events with an alarm inside."""

    events: int
    event_recall: float
    false_alarms_per_device_day: float

    def metrics(self) -> dict[str, float]:
        """Return the figures by name, rounded to six digits, so that equal runs give equal artefacts."""
        return {name: round(value, 6) for name, value in dataclasses.asdict(self).items()}


def faulty_fleet(samples: int = 1440, seed: int = 7) -> list[Series]:
    """Return the first samples of each node, with a fault about every thirty hours.

    Parameters: samples, of each node, ten minutes apart; seed, of kinds, sizes and places.
    """
    random = np.random.default_rng(seed)
    frame = telemetry.frame()
    series = []
    for device_id, rows in frame.groupby("device_id", sort=True):
        values = rows["temperature"].to_numpy(dtype=np.float64)[:samples].copy()
        starts = range(FIRST_SAMPLE + int(random.integers(0, EVERY)), len(values) - 2 * LENGTH, EVERY)
        for start in starts:
            values[start : start + LENGTH] += _fault(random)
        events = tuple((start, start + LENGTH - 1) for start in starts)
        series.append(Series(str(device_id), values, rows["timestamp"].to_numpy()[:samples], events))
    return series


def judge(settings: Settings, fleet: list[Series]) -> Result:
    """Return event recall and false alarms of a detector with these settings, one detector a device."""
    found, events, false_alarms, days = 0, 0, 0, 0.0
    for one in fleet:
        scores = Detector(settings).scores(one.values.tolist(), one.seconds.tolist())
        alarms = np.flatnonzero(scores >= np.float32(settings.threshold))
        alarms = alarms[alarms >= FIRST_SAMPLE]
        inside = [alarms[(alarms >= first) & (alarms <= last)] for first, last in one.events]
        found += sum(len(hits) > 0 for hits in inside)
        events += len(inside)
        false_alarms += len(alarms) - sum(len(hits) for hits in inside)
        days += (len(one.values) - FIRST_SAMPLE) / SAMPLES_A_DAY
    return Result(events, found / events, false_alarms / days)


def fingerprint(fleet: Sequence[Series | Labelled]) -> str:
    """Return sixteen hexadecimal digits of the SHA-256 over devices, times, values and events."""
    digest = hashlib.sha256()
    for one in fleet:
        digest.update(one.device_id.encode())
        digest.update(one.seconds.astype("<i8").tobytes())
        digest.update(one.values.astype("<f8").tobytes())
        digest.update(repr(one.events).encode())
    return digest.hexdigest()[:16]


def _fault(random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return what a fault adds to the temperatures of its samples, in °C."""
    kind = KINDS[int(random.integers(0, len(KINDS)))]
    sign = random.choice([-1.0, 1.0])
    if kind == "spike":
        return sign * random.uniform(3, 15) * (np.arange(LENGTH) == 0)
    if kind == "jump":
        return np.full(LENGTH, sign * random.uniform(3, 15))
    if kind == "drift":
        return sign * random.uniform(0.3, 1.0) * np.arange(1, LENGTH + 1)
    return random.normal(0, random.uniform(1, 3), LENGTH)
