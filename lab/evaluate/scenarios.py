"""What may happen to a fleet later: another part of the year, two sensors exchanged, a loose contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd

DAY_SECONDS: Final = 86_400
LOOSE_SHARE: Final = 0.05
LOOSE_C: Final = (3.0, 15.0)


def between(frame: pd.DataFrame, first_day: int, last_day: int) -> pd.DataFrame:
    """Return the readings from the begin of one day to the begin of another, counted from the first reading.

    Raises: LabError when there is none.
    """
    start = frame["timestamp"].min()
    days = (frame["timestamp"] - start) // DAY_SECONDS
    chosen = frame[(days >= first_day) & (days < last_day)]
    if chosen.empty:
        raise LabError(f"There is no reading from day {first_day} to {last_day}.", "Take days within the data.")
    return chosen


def swapped(frame: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """Return the readings with two devices' names exchanged, as when each hangs where the other did.

    Raises: LabError when one of them is not among the readings.
    """
    _known(frame, one, other)
    return frame.assign(device_id=frame["device_id"].replace({one: other, other: one}))


def loosened(frame: pd.DataFrame, device: str, seed: int) -> pd.DataFrame:
    """Return the readings with one in twenty of a device 3 to 15 °C off, as a loose contact makes them.

    Raises: LabError when the device is not among the readings.
    """
    _known(frame, device)
    random = np.random.default_rng(seed)
    hit = (frame["device_id"] == device).to_numpy() & (random.random(len(frame)) < LOOSE_SHARE)
    off = random.choice([-1.0, 1.0], len(frame)) * random.uniform(*LOOSE_C, len(frame))
    return frame.assign(temperature=frame["temperature"] + np.where(hit, off, 0.0).round(2))


def _known(frame: pd.DataFrame, *devices: str) -> None:
    missing = sorted(set(devices) - set(frame["device_id"]))
    if missing:
        raise LabError(f"There is no reading of {', '.join(missing)}.", "Name devices that are among the readings.")
