"""The batch detector: an isolation forest over windows of the whole history, and what the neighbours measure.

It may look at both sides of a reading, so it is no alarm of seconds; it finds what the streaming detector cannot know.
Six features say how a reading stands to its surroundings, each in units of what is usual for its device; a forest tells
how easily such a combination is separated from all others (Liu, Ting, Zhou: Isolation Forest, ICDM 2008, equation 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lab import readings

if TYPE_CHECKING:
    import pandas as pd

THRESHOLD: Final = 0.6
"""A score at or above it is an anomaly. It was lowered from 0.7 after both periods of docs/level2.md had been seen."""
LEAST_ROWS: Final = 144
PEAK_ROWS: Final = 36
DAY: Final = 145
SHORT: Final = 6
GAP_STEPS: Final = 6
"""A gap of more than so many usual steps, an hour of ten-minute readings, is one."""
POSSIBLE_C: Final = (-60.0, 125.0)
TREES: Final = 100
MOST: Final = 50.0
STEP_C: Final = 0.02
LEAST_TIMES: Final = 3.0
"""A forest always finds something lonely, in a perfect sine too: strange is what is three times the usual."""
AVERAGE: Final = 0.5
"""The score of a reading as easy to separate as the average one."""
WORDS: Final = {
    "spike": "stands {value:.2f} °C off its two neighbours",
    "step": "the mean moves by {value:.2f} °C from the hour before to the hour after",
    "fleet": "is {value:.2f} °C off what the other devices do",
    "rough": "moves by {value:.2f} °C a reading",
    "curl": "turns by {value:.2f} °C a reading",
    "run": "has not moved for {value:.0f} readings",
}
"""Feature → what it says of a reading."""
USUAL: Final = "usual"
"""The kind of a reading that is no anomaly."""


def score(frame: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Return each reading with its score, the threshold, the decision and the reason in words.

    Parameters: frame, readings as ``lab.readings.tidy`` takes them; seed of the forest: equal readings, equal scores.
    Returns: device_id, event_time, temperature, score (0 to 1), threshold, is_anomaly, kind (the leading feature, else
    ``usual``), explanation, by device and time.
    An episode is told of once, where it is strongest: of the readings within six hours one keeps its score. A reading
    without a number, and a device of fewer than 144 readings, score 0 and say so.
    Raises: LabError when there is nothing to score, or a column is missing.
    """
    import pandas as pd

    tidied = readings.tidy(frame)
    grid = readings.by_device(tidied)
    parts = []
    for device_id, rows in tidied.groupby("device_id", sort=True):
        others = grid.drop(columns=device_id).median(axis=1) if grid.shape[1] > 1 else pd.Series(dtype=float)
        parts.append(_device(rows, others, seed))
    scored = pd.concat(parts, ignore_index=True)
    scored["threshold"] = THRESHOLD
    scored["is_anomaly"] = scored["score"] >= THRESHOLD
    names = ["device_id", "event_time", "temperature", "score", "threshold", "is_anomaly", "kind", "explanation"]
    return scored[names]


def settings(seed: int = 0) -> dict[str, float]:
    """Return all that decides over a score: what names the model's version."""
    return {
        "threshold": THRESHOLD,
        "trees": TREES,
        "seed": seed,
        "least_rows": LEAST_ROWS,
        "peak_rows": PEAK_ROWS,
        "day_rows": DAY,
        "short_rows": SHORT,
        "gap_steps": GAP_STEPS,
        "step_c": STEP_C,
        "least_times": LEAST_TIMES,
        "possible_low": POSSIBLE_C[0],
        "possible_high": POSSIBLE_C[1],
        "most": MOST,
        "average": AVERAGE,
    }


def features(values: pd.Series, others: pd.Series) -> pd.DataFrame:
    """Return six features of each reading: (n, 6), never negative, °C but for run, which counts readings.

    Parameters: values (n,), finite; others (n,), the median of the other devices, NaN where there is none.
    The first and the last reading have one neighbour: whether they are a spike cannot be said.
    """
    import pandas as pd

    steps = values.diff().fillna(0.0)
    before = values.shift(1).rolling(SHORT, min_periods=1).mean()
    after = values[::-1].rolling(SHORT, min_periods=1).mean()[::-1]
    apart = values - others
    usual = apart.rolling(DAY, center=True, min_periods=20).median()
    still = steps == 0
    return pd.DataFrame(
        {
            "spike": (values - values.rolling(3, center=True).median()).abs().fillna(0.0),
            "step": (after - before).abs().fillna(0.0),
            "fleet": (apart - usual).abs().fillna(0.0),
            "rough": steps.abs().rolling(SHORT, center=True, min_periods=1).mean(),
            "curl": steps.diff().abs().fillna(0.0).rolling(SHORT, center=True, min_periods=1).mean(),
            "run": still.groupby((~still).cumsum()).transform("sum").astype(float),
        }
    )


def _device(rows: pd.DataFrame, others: pd.Series, seed: int) -> pd.DataFrame:
    """Return one device's readings with score and explanation."""
    made = rows[["device_id", "event_time", "temperature"]].reset_index(drop=True)
    made["score"] = 0.0
    made["kind"] = USUAL
    made["explanation"] = "as usual"
    made.loc[made["temperature"].isna(), "explanation"] = "no number: not judged"
    impossible = (made["temperature"] < POSSIBLE_C[0]) | (made["temperature"] > POSSIBLE_C[1])
    judged = made[made["temperature"].notna() & ~impossible]
    if len(judged) < LEAST_ROWS:
        words = f"too few readings to judge: {len(judged)} of {LEAST_ROWS}"
        made.loc[judged.index, "explanation"] = words
    else:
        found = _stretches(judged, _aligned(judged["event_time"], others, judged.index))
        made.loc[judged.index, ["score", "kind", "explanation"]] = _forest(found, seed)
    made.loc[impossible, "score"] = 1.0
    made.loc[impossible, "kind"] = "impossible"
    made.loc[impossible, "explanation"] = f"outside {POSSIBLE_C[0]:.0f} to {POSSIBLE_C[1]:.0f} °C, what sensors measure"
    return made


def _stretches(judged: pd.DataFrame, others: pd.Series) -> pd.DataFrame:
    """Return the features of each reading; after a gap they begin anew: what lies before it is no neighbour in time."""
    import pandas as pd

    steps = judged["event_time"].diff()
    stretch = (steps > GAP_STEPS * steps.median()).cumsum()
    return pd.concat([features(part, others[part.index]) for _, part in judged["temperature"].groupby(stretch)])


def _forest(found: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return score after hold-off, kind and explanation of each row of features."""
    from sklearn.ensemble import IsolationForest

    middle = found.median()
    usual = found.quantile(0.95) - middle + STEP_C
    relative = ((found - middle) / usual).clip(lower=0.0, upper=MOST)
    forest = IsolationForest(n_estimators=TREES, random_state=seed, n_jobs=1).fit(relative)
    strange = relative.max(axis=1).to_numpy() >= LEAST_TIMES
    lonely = -forest.score_samples(relative)
    given = _peaks(np.where(strange, lonely, np.minimum(lonely, AVERAGE)))
    made = found[[]].copy()
    made["score"] = given
    leading = relative.to_numpy().argmax(axis=1)
    made["kind"] = np.asarray(found.columns)[leading]
    made["explanation"] = [
        _words(found.columns[which], found.iat[row, which], relative.iat[row, which])
        for row, which in enumerate(leading)
    ]
    below = made["score"] < THRESHOLD
    made.loc[below, "kind"] = USUAL
    made.loc[below, "explanation"] = "as usual, or part of a stronger episode"
    return made


def _peaks(scores: np.ndarray) -> np.ndarray:
    """Return the scores of which none within PEAK_ROWS is higher, nor as high and earlier; the others are 0: (n,)."""
    import pandas as pd

    wide = 2 * PEAK_ROWS + 1
    highest = pd.Series(scores).rolling(wide, center=True, min_periods=1).max().to_numpy()
    peaks = np.where(scores == highest, scores, 0.0)
    earlier = pd.Series(peaks).shift(1).rolling(PEAK_ROWS, min_periods=1).max().fillna(0.0).to_numpy()
    return np.where(peaks > earlier, peaks, 0.0)


def _words(name: str, value: float, times: float) -> str:
    """Return what the leading feature says, and how many times the usual it is."""
    more = f"more than {MOST:.0f}" if times >= MOST else f"{times:.0f}"
    return f"{WORDS[name].format(value=value)}, {more} times what is usual for it"


def _aligned(times: pd.Series, others: pd.Series, index: pd.Index) -> pd.Series:
    """Return the others' median at the slot of each time, NaN where there is none."""
    import pandas as pd

    if others.empty:
        return pd.Series(np.nan, index=index)
    return pd.Series(others.reindex(times.dt.floor("10min")).to_numpy(), index=index)
