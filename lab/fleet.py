"""A device beside its neighbours: what all of them see is the house, what one sees alone is the device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab import readings
from lab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd

LEAST_DEVICES: Final = 3
"""Of two devices that differ nobody can say which is wrong."""
APART_SPREADS: Final = 6.0
LEAST_SHARED: Final = 6
"""So many slots, an hour, a device and the others must have in common, or nothing can be said of it."""


def residuals(frame: pd.DataFrame, measure: str = "temperature") -> pd.DataFrame:
    """Return how far each device is from the median of the others: (slots of ten minutes, devices), in their unit.

    Slots in which fewer than three devices have a number are left out.
    Raises: LabError with fewer than three devices.
    """
    grid = _shared(frame, measure)
    return grid.apply(lambda column: column - grid.drop(columns=column.name).median(axis=1))


def _shared(frame: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Return the readings of those slots in which at least three devices have a number."""
    grid = readings.by_device(readings.tidy(frame), measure)
    if grid.shape[1] < LEAST_DEVICES:
        raise LabError(
            f"{grid.shape[1]} devices have no fleet to be compared with.",
            f"Take at least {LEAST_DEVICES}; of a single one the streaming detector tells more.",
        )
    return grid[grid.count(axis=1) >= LEAST_DEVICES]


def compare(frame: pd.DataFrame, measure: str = "temperature") -> pd.DataFrame:
    """Return one row a device: how it stands to the others.

    Returns: device_id (index), bias (median distance), spread (standard deviation of the distance), correlation (with
    the median of the others; 0 for a constant series), drift (distance in the last fifth of the time against the first
    fifth), apart and explanation: whether and how it differs from the fleet. A device without an hour in common with
    the others scores 0 and says so.
    Raises: LabError with fewer than three devices.
    """
    import pandas as pd

    grid = _shared(frame, measure)
    apart = residuals(frame, measure)
    fifth = max(1, len(apart) // 5)
    others = {name: grid.drop(columns=name).median(axis=1) for name in grid}
    constant = grid.std().fillna(0.0) == 0
    table = pd.DataFrame(
        {
            "bias": apart.median(),
            "spread": apart.std(),
            "correlation": pd.Series({n: 0.0 if constant[n] else grid[n].corr(others[n]) for n in grid}),
            "drift": apart.tail(fifth).median() - apart.head(fifth).median(),
        }
    ).fillna(0.0)
    for name in ("bias", "spread", "drift"):
        centre = table[name].median()
        usual = (table[name] - centre).abs().median() + 0.05
        table[f"{name}_times"] = (table[name] - centre).abs() / usual
    times = table[["bias_times", "spread_times", "drift_times"]]
    table["score"] = times.max(axis=1)
    table["threshold"] = APART_SPREADS
    table["apart"] = table["score"] >= APART_SPREADS
    table["explanation"] = [_words(table.loc[name], times.loc[name]) for name in table.index]
    strangers = apart.count() < LEAST_SHARED
    table.loc[strangers, "score"] = 0.0
    table.loc[strangers, "apart"] = False
    table.loc[strangers, "explanation"] = "not compared: it has no hour in common with the others; look at its clock"
    return table.drop(columns=list(times.columns))


def _words(row: pd.Series, times: pd.Series) -> str:
    """Return what sets a device apart, or that nothing does."""
    said = {
        "bias_times": f"stands {row['bias']:+.1f} off the others",
        "spread_times": f"moves about them by {row['spread']:.1f}",
        "drift_times": f"has moved by {row['drift']:+.1f} against them from the first fifth to the last",
    }
    parts = [text for name, text in said.items() if times[name] >= APART_SPREADS]
    return "; ".join(parts) or "like the others"
