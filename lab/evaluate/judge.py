"""Judge alarms against known events: how many events were met, how soon, and how often a healthy device cried wolf.

No point-adjusted F1: it counts a whole event as found by one lucky alarm in it and so lets a random detector shine
(Kim et al., Towards a Rigorous Evaluation of Time-Series Anomaly Detection, AAAI 2022, https://arxiv.org/abs/2109.05257).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

DAY_SECONDS: Final = 86_400
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Event:
    """One fault. kind: such as ``spike``; first, last: its first and last row."""

    kind: str
    first: int
    last: int


@dataclass(frozen=True)
class Labelled:
    """One device's readings with what is wrong in them.

    values: (n,) °C; seconds: (n,) Unix seconds; events: in order; judged_from: rows before it are for learning.
    """

    device_id: str
    values: npt.NDArray[np.float64]
    seconds: npt.NDArray[np.int64]
    events: tuple[Event, ...]
    judged_from: int


@dataclass(frozen=True)
class Verdict:
    """What a detector made of a fleet.

    events, found: counts; alarms: all of them; false_alarms: those outside of events; device_days: time judged;
    delays: readings from an event's begin to its first alarm, of the found ones; by_kind: kind → (found, events).
    """

    events: int
    found: int
    alarms: int
    false_alarms: int
    device_days: float
    delays: tuple[int, ...]
    by_kind: dict[str, tuple[int, int]]

    @property
    def event_recall(self) -> float:
        """The share of events with an alarm inside; 0 without events."""
        return self.found / self.events if self.events else 0.0

    @property
    def false_alarms_per_device_day(self) -> float:
        """False alarms of one device in one day; 0 when nothing was judged."""
        return self.false_alarms / self.device_days if self.device_days else 0.0

    def metrics(self) -> dict[str, float]:
        """Return the figures that a model is registered with, rounded so that equal runs give equal artefacts."""
        found = {"event_recall": self.event_recall, "false_alarms_per_device_day": self.false_alarms_per_device_day}
        return {name: round(value, 6) for name, value in found.items()}

    @property
    def median_delay(self) -> float:
        """The median delay in readings; NaN when nothing was found."""
        return float(np.median(self.delays)) if self.delays else float("nan")


def judge(fleet: Sequence[Labelled], alarms: Sequence[BoolArray]) -> Verdict:
    """Return the verdict on alarms, one array (n,) for each series; those before ``judged_from`` do not count.

    Raises: ValueError when an array does not fit its series.
    """
    found, false_alarms, total, days = 0, 0, 0, 0.0
    delays: list[int] = []
    by_kind: dict[str, tuple[int, int]] = {}
    for series, given in zip(fleet, alarms, strict=True):
        if given.shape != series.values.shape:
            raise ValueError(f"{series.device_id}: {len(given)} alarms for {len(series.values)} readings")
        rows = np.flatnonzero(given)
        rows = rows[rows >= series.judged_from]
        outside = np.ones(len(rows), dtype=bool)
        for event in series.events:
            inside = (rows >= event.first) & (rows <= event.last)
            outside &= ~inside
            met = bool(inside.any())
            if met:
                delays.append(int(rows[inside][0]) - event.first)
            hits, all_ = by_kind.get(event.kind, (0, 0))
            by_kind[event.kind] = (hits + met, all_ + 1)
            found += met
        false_alarms += int(outside.sum())
        total += len(rows)
        days += _days(series)
    events = sum(len(series.events) for series in fleet)
    return Verdict(events, found, total, false_alarms, days, tuple(delays), dict(sorted(by_kind.items())))


def _days(series: Labelled) -> float:
    """Return the days judged, from the median step: gaps and clock jumps do not count as time watched."""
    judged = series.seconds[series.judged_from :]
    if len(judged) < 2:
        return 0.0
    return float(np.median(np.abs(np.diff(judged)))) * len(judged) / DAY_SECONDS
