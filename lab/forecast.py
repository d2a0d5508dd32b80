"""The next day of each device, with an interval that keeps its promise, and two simple forecasts to be beaten.

The model is the dynamic optimised theta method of statsforecast; the interval is split-conformal: how wrong the
forecasts of the last origins were is how wrong the next may be. Judged by rolling origins and MASE, the mean absolute
error in units of what "as yesterday" errs within the history (Hyndman, Koehler: Another look at measures of forecast
accuracy, International Journal of Forecasting 22, 2006, equation 5).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from lab import readings
from lab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd

FloatArray = npt.NDArray[np.float64]
Model = Callable[[FloatArray, int], FloatArray]
SEASON: Final = 24
HORIZON: Final = 24
HISTORY: Final = 42 * 24
BETWEEN: Final = 48
POOLED: Final = 2
COVER: Final = 0.9
LARGEST_GAP: Final = 6
LEAST_ORIGINS: Final = 10


def hourly(frame: pd.DataFrame) -> pd.DataFrame:
    """Return hourly means: one row an hour (UTC), one column a device; gaps of up to six hours are bridged.

    Raises: LabError when there is no reading.
    """
    grid = readings.by_device(readings.tidy(frame), slot="h")
    return grid.asfreq("h").interpolate(limit=LARGEST_GAP, limit_area="inside")


def seasonal_naive(history: FloatArray, horizon: int) -> FloatArray:
    """Return yesterday again: (horizon,)."""
    return np.resize(history[-SEASON:], horizon)


def profile(history: FloatArray, horizon: int) -> FloatArray:
    """Return the hours' usual offsets of a week plus a distance that fades: (horizon,). Ten lines, hard to beat."""
    week = history[-7 * SEASON :]
    offsets = np.array([week[hour::SEASON].mean() for hour in range(SEASON)])
    expected = np.resize(offsets, len(week))
    residual = week - expected
    power = float(residual[:-1] @ residual[:-1])
    kept = min(max(float(residual[1:] @ residual[:-1]) / power, 0.0), 0.999) if power > 0 else 0.0
    ahead = np.resize(np.roll(offsets, -(len(week) % SEASON)), horizon)
    return ahead + residual[-1] * kept ** np.arange(1, horizon + 1)


def theta(history: FloatArray, horizon: int) -> FloatArray:
    """Return the dynamic optimised theta forecast: (horizon,).

    Source: https://nixtlaverse.nixtla.io/statsforecast/docs/models/dynamicoptimizedtheta.html
    """
    if np.ptp(history) == 0:  # its optimiser has nothing to hold on to
        return np.full(horizon, history[-1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a first import without Ray, and of a missing progress bar
        from statsforecast.models import DynamicOptimizedTheta

        made = DynamicOptimizedTheta(season_length=SEASON).forecast(y=history, h=horizon)["mean"]
    return np.asarray(made, dtype=np.float64)


MODELS: Final[dict[str, Model]] = {"theta": theta, "profile": profile, "seasonal naive": seasonal_naive}


@dataclass(frozen=True)
class Rolled:
    """Forecasts from rolling origins of one device.

    truth, made: (origins, horizon); scales: (origins,), what "as yesterday" errs in each history; oldest first.
    """

    truth: FloatArray
    made: FloatArray
    scales: FloatArray

    @property
    def mase(self) -> float:
        """Mean absolute scaled error; below 1 it is better than "as yesterday" was within the history."""
        return float(np.mean(np.abs(self.truth - self.made).mean(axis=1) / self.scales))


@dataclass(frozen=True)
class Forecast:
    """The next hours of one device. mean, low, high: (horizon,) °C; explanation: where the interval is from."""

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    explanation: str


def roll(series: FloatArray, model: Model, origins: int, history: int = HISTORY, between: int = BETWEEN) -> Rolled:
    """Return forecasts of a model from the last origins, each seeing only what is before it.

    Parameters: series (n,), hourly and without gaps; origins, how many, ``between`` hours apart; history, hours.
    Raises: LabError when the series is too short or has gaps.
    """
    needed = history + (origins - 1) * between + HORIZON
    if len(series) < needed:
        raise LabError(f"{len(series)} hours are too few: {needed} are needed.", "Take fewer origins or less history.")
    if not np.isfinite(series[-needed:]).all():
        raise LabError("The series has gaps of more than six hours.", "Forecast a time without them.")
    starts = [len(series) - HORIZON - between * back for back in range(origins - 1, -1, -1)]
    truth, made, scales = [], [], []
    for start in starts:
        past = series[start - history : start]
        truth.append(series[start : start + HORIZON])
        made.append(model(past, HORIZON))
        scales.append(max(float(np.abs(past[SEASON:] - past[:-SEASON]).mean()), 1e-6))
    return Rolled(np.array(truth), np.array(made), np.array(scales))


def half_widths(errors: FloatArray, cover: float = COVER) -> FloatArray:
    """Return how far from the forecast the interval reaches at each hour ahead: (horizon,).

    Parameters: errors (origins, horizon) of earlier forecasts; each hour learns from its neighbours within two hours.
    Raises: LabError with fewer than ten origins.
    Source: Lei et al., Distribution-Free Predictive Inference for Regression, JASA 113, 2018, section 2.2.
    """
    origins, horizon = errors.shape
    if origins < LEAST_ORIGINS:
        raise LabError(f"{origins} earlier forecasts do not make an interval.", f"Take at least {LEAST_ORIGINS}.")
    widths = []
    for hour in range(horizon):
        pool = np.abs(errors[:, max(0, hour - POOLED) : hour + POOLED + 1]).ravel()
        rank = min(1.0, np.ceil(cover * (len(pool) + 1)) / len(pool))
        widths.append(float(np.quantile(pool, rank)))
    return np.array(widths)


def coverage(rolled: Rolled, learn: int, cover: float = COVER) -> float:
    """Return the share of truths inside the interval, each origin's learnt from the ``learn`` origins before it."""
    errors = np.abs(rolled.truth - rolled.made)
    inside = [errors[row] <= half_widths(errors[row - learn : row], cover) for row in range(learn, len(errors))]
    if not inside:
        raise LabError(f"{len(errors)} origins leave none to judge after {learn}.", "Roll more origins.")
    return float(np.mean(inside))


def predict(series: FloatArray, model: Model = theta, origins: int = 20, cover: float = COVER) -> Forecast:
    """Return the next day with its interval; a reading outside of it is worth a look.

    Raises: LabError when the series is too short for so many earlier origins, or has gaps.
    """
    rolled = roll(series, model, origins)
    mean = model(series[-HISTORY:], HORIZON)
    reach = half_widths(rolled.truth - rolled.made, cover)
    words = f"{cover:.0%} of the last {origins} forecasts' errors lie within"
    return Forecast(mean, mean - reach, mean + reach, words)
