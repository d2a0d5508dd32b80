"""Rules of good readings, and what breaks them: a pandera schema, a count for each rule, a day-by-day completeness.

A rule that fails says that somebody has to look, not that the sensor is broken: healthy nodes stand still for hours.
Source: https://pandera.readthedocs.io/en/stable/lazy_validation.html
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab import readings
from lab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd

RULES: Final = {
    "number": "the temperature is a number",
    "range": "the temperature is possible: -60 to 125 °C",
    "humidity": "the humidity is possible: 0 to 100 %",
    "unique": "a device has one reading at a time",
    "order": "the readings of a device arrive in the order of their time",
    "gap": "no reading of a device is missing before this one",
    "rate": "the temperature moves by at most 3 °C from one reading to the next",
    "stuck": "the temperature has moved in the last six hours",
}
"""Rule → what holds of a good reading."""
RANGE_C: Final = (-60.0, 125.0)
RATE_C: Final = 3.0
STUCK_ROWS: Final = 36
GAP_STEPS: Final = 1.5


@dataclass(frozen=True)
class Report:
    """What the rules found. rows: readings looked at; broken: one row a broken rule and reading.

    The columns of broken: rule, row (position in the given frame), device_id.
    """

    rows: int
    broken: pd.DataFrame

    def counts(self) -> dict[str, int]:
        """Return how many readings break each rule, every rule in the order of RULES."""
        found = self.broken["rule"].value_counts()
        return {rule: int(found.get(rule, 0)) for rule in RULES}

    def of(self, rule: str) -> list[int]:
        """Return the positions of the readings that break a rule."""
        return [int(row) for row in self.broken.loc[self.broken["rule"] == rule, "row"]]


def check(frame: pd.DataFrame) -> Report:
    """Return which readings break which rule.

    Parameters: frame, in the order of arrival, with device_id, timestamp (Unix seconds), temperature, and humidity
    where there is one.
    Raises: LabError when there is no reading or a column is missing.
    """
    import pandas as pd

    facts = measured(frame)
    errors = _errors()
    try:
        _schema().validate(facts, lazy=True)
    except errors as failed:
        cases = failed.failure_cases
        broken = pd.DataFrame({"rule": cases["column"], "row": cases["index"].astype(int)}).sort_values(["row", "rule"])
    else:
        broken = pd.DataFrame({"rule": pd.Series(dtype=str), "row": pd.Series(dtype=int)})
    broken = broken.drop_duplicates().reset_index(drop=True)
    broken["device_id"] = facts["device_id"].to_numpy()[broken["row"].to_numpy(dtype=int)]
    return Report(len(facts), broken)


def measured(frame: pd.DataFrame) -> pd.DataFrame:
    """Return of each reading the facts that the rules judge: (n, rules), by position; each cell true means good."""
    import numpy as np
    import pandas as pd

    missing = [name for name in ("device_id", "timestamp", "temperature") if name not in frame]
    if missing:
        raise LabError(f"The readings have no column {', '.join(missing)}.", "Rename or read it.")
    if frame.empty:
        raise LabError("There is no reading to look at.", "Take a longer window, or look whether the ETL has run.")
    given = frame.reset_index(drop=True)
    value = pd.to_numeric(given["temperature"], errors="coerce").replace([np.inf, -np.inf], np.nan)
    humidity = (
        pd.to_numeric(given["humidity"], errors="coerce") if "humidity" in given else pd.Series(50.0, given.index)
    )
    device = given["device_id"].astype(str)
    arrived = given["timestamp"].groupby(device).diff()
    order = given.assign(device=device, value=value).sort_values(["device", "timestamp"], kind="stable")
    step = order["timestamp"].groupby(order["device"]).diff()
    usual = step.where(step > 0).groupby(order["device"]).transform("median")
    move = order["value"].groupby(order["device"]).diff()
    still = move.eq(0)
    run = still.groupby([order["device"], (~still).cumsum()]).transform("sum")
    return pd.DataFrame(
        {
            "device_id": device,
            "number": value.notna(),
            "range": value.between(*RANGE_C) | value.isna(),
            "humidity": humidity.between(0, 100) | humidity.isna(),
            "unique": ~given.assign(device=device).duplicated(["device", "timestamp"]),
            "order": ~(arrived < 0),
            "gap": ~(step > GAP_STEPS * usual).reindex(given.index),
            "rate": ~(move.abs() > RATE_C).reindex(given.index),
            "stuck": ~(run >= STUCK_ROWS).reindex(given.index),
        }
    )


def completeness(frame: pd.DataFrame, step_seconds: int = 600) -> pd.DataFrame:
    """Return the share of expected readings that are there: one row a device, one column a UTC day, 0 to 1.

    The first and the last day count from the first to the last reading of all devices.
    """
    import pandas as pd

    tidied = readings.tidy(frame)
    slots = tidied["event_time"].dt.floor(f"{step_seconds}s")
    expected = pd.Series(1, pd.date_range(slots.min(), slots.max(), freq=f"{step_seconds}s"))
    a_day = expected.groupby(expected.index.date).sum()
    seen = tidied[tidied["temperature"].notna()].assign(slot=slots).drop_duplicates(["device_id", "slot"])
    counted = seen.groupby(["device_id", seen["slot"].dt.date]).size().unstack(fill_value=0)
    devices = sorted(tidied["device_id"].unique())
    return counted.reindex(index=devices, columns=a_day.index, fill_value=0).fillna(0).div(a_day, axis=1)


def clean(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the readings that can be worked with: numbers, possible, one for each device and time, in order.

    Gaps, quick moves and standing still are told, never removed: a true event looks the same.
    """
    facts = measured(frame)
    good = facts[["number", "range", "humidity", "unique"]].all(axis=1).to_numpy()
    return frame[good].sort_values(["timestamp", "device_id"], kind="stable").reset_index(drop=True)


def _schema() -> Any:
    """Return the schema: of each rule one column, which has to be true."""
    pandera = _pandera()
    columns = {rule: pandera.Column(bool, pandera.Check.eq(True, error=text)) for rule, text in RULES.items()}
    return pandera.DataFrameSchema(columns)


def _errors() -> type[Any]:
    return _pandera().errors.SchemaErrors


def _pandera() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of an older typeguard, which concerns no check of ours
        import pandera.pandas
    return pandera.pandas
