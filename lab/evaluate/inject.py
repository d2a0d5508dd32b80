"""Put seeded faults into real readings, so that it is known where something is wrong.

Kinds and sizes (°C, rows) are those of broken sensors and of rooms out of order: a spike of one reading, a jump that
stays a while, a slow drift, noise, and a sensor stuck at one value. Each series gets its faults at random distances;
the time before ``learn`` stays clean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from lab.evaluate.judge import Event, Labelled

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
LEARN_ROWS: Final = 288
"""Two days of ten-minute readings, which is what the shipped detector learns from before it alarms."""
EVERY_ROWS: Final = 216
LENGTH: Final = {"spike": 1, "jump": 12, "drift": 24, "noise": 24, "stuck": 36}


def spike(part: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return one reading that is 1.5 to 15 °C off."""
    return part + _signed(random, 1.5, 15)


def jump(part: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return readings that are all 2 to 15 °C off."""
    return part + _signed(random, 2, 15)


def drift(part: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return readings that leave the truth by 0.15 to 0.6 °C a reading."""
    return part + _signed(random, 0.15, 0.6) * np.arange(1, len(part) + 1)


def noise(part: FloatArray, random: np.random.Generator) -> FloatArray:
    """Return readings with noise of 0.4 to 2 °C standard deviation."""
    return part + random.normal(0, random.uniform(0.4, 2), len(part))


def stuck(part: FloatArray, random: np.random.Generator) -> FloatArray:  # noqa: ARG001 - as the others
    """Return the first reading again and again. Where the truth does not move either, nobody can see it."""
    return np.full(len(part), part[0])


KINDS: Final[dict[str, Callable[[FloatArray, np.random.Generator], FloatArray]]] = {
    "spike": spike,
    "jump": jump,
    "drift": drift,
    "noise": noise,
    "stuck": stuck,
}


def inject(
    readings: pd.DataFrame,
    seed: int,
    kinds: Sequence[str] = tuple(KINDS),
    every: int = EVERY_ROWS,
    learn: int = LEARN_ROWS,
) -> list[Labelled]:
    """Return each device's series with faults in it, the kinds in turn.

    Parameters: readings with device_id, timestamp (Unix seconds) and temperature; seed of places and sizes; every,
    the mean distance of two faults in rows; learn, rows at the start that stay clean.
    Raises: ValueError for an unknown kind, or when ``every`` leaves no room for a fault and some quiet after it.
    """
    unknown = set(kinds) - set(KINDS)
    if unknown or not kinds:
        raise ValueError(f"unknown kinds {sorted(unknown)}; there are {', '.join(KINDS)}")
    if every < 2 * max(LENGTH[kind] for kind in kinds):
        raise ValueError(f"a fault every {every} rows leaves no quiet between faults")
    random = np.random.default_rng(seed)
    order = sorted(readings.groupby("device_id"), key=lambda group: str(group[0]))
    fleet = []
    for number, (device_id, rows) in enumerate(order):
        values = rows["temperature"].to_numpy(dtype=np.float64).copy()
        events: list[Event] = []
        start = learn + int(random.integers(every // 2, every))
        while start + every // 2 <= len(values):
            kind = kinds[(number + len(events)) % len(kinds)]
            end = start + LENGTH[kind]
            values[start:end] = KINDS[kind](values[start:end], random).round(2)
            events.append(Event(kind, start, end - 1))
            start += int(random.integers(every * 3 // 4, every * 5 // 4))
        seconds = rows["timestamp"].to_numpy(dtype=np.int64)
        fleet.append(Labelled(str(device_id), values, seconds, tuple(events), learn))
    return fleet


def _signed(random: np.random.Generator, least: float, most: float) -> float:
    return float(random.choice([-1.0, 1.0]) * random.uniform(least, most))
