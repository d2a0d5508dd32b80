"""Readings as every analysis of Level 2 takes them: one form, checked once, whatever they were read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd

MEASURES: Final = ("temperature", "humidity")


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Return readings by device and time, each (device, time) once, the first of equal ones.

    Parameters: frame with device_id, temperature (°C), optionally humidity (%), and event_time (time stamps;
    without a zone they are UTC, as Athena gives them) or else timestamp (Unix seconds).
    Returns: device_id, event_time (UTC, microseconds), temperature and humidity as float64; what is no number, or
    infinite, is NaN.
    Raises: LabError when there is no reading, a column is missing, or a reading has no device or no time.
    """
    import numpy as np
    import pandas as pd

    missing = [name for name in ("device_id", "temperature") if name not in frame]
    if missing or not ({"event_time", "timestamp"} & set(frame.columns)):
        wanted = ", ".join(missing) or "event_time"
        raise LabError(f"The readings have no column {wanted}.", f"They have: {', '.join(map(str, frame.columns))}.")
    if frame.empty:
        raise LabError("There is no reading to look at.", "Take a longer window, or look whether the ETL has run.")
    if "event_time" in frame:
        time = pd.to_datetime(frame["event_time"], utc=True, errors="coerce")
    else:
        time = pd.to_datetime(frame["timestamp"], unit="s", utc=True, errors="coerce")
    if frame["device_id"].isna().any() or time.isna().any():
        raise LabError("A reading has no device or no time.", "Drop it, or look for it among the rejected records.")
    columns = {"device_id": frame["device_id"].astype(str), "event_time": time.dt.as_unit("us")}
    for name in MEASURES:
        if name in frame:
            values = pd.to_numeric(frame[name], errors="coerce").astype("float64")
            columns[name] = values.replace([np.inf, -np.inf], np.nan)
    made = pd.DataFrame(columns).sort_values(["device_id", "event_time"], kind="stable")
    return made.drop_duplicates(["device_id", "event_time"]).reset_index(drop=True)


def by_device(tidied: pd.DataFrame, measure: str = "temperature", slot: str = "10min") -> pd.DataFrame:
    """Return one column a device and one row a slot of time, the mean of what fell into it: (slots, devices)."""
    slots = tidied["event_time"].dt.floor(slot)
    return tidied.groupby([slots, "device_id"])[measure].mean().unstack("device_id")
