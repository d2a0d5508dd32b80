from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lab import batch, readings, telemetry
from lab.errors import LabError
from lab.evaluate import contest, inject

COLUMNS = ["device_id", "event_time", "temperature", "score", "threshold", "is_anomaly", "kind", "explanation"]


def frame(values: list[float], device_id: str = "d") -> pd.DataFrame:
    seconds = 1_452_528_000 + np.arange(len(values)) * 600
    return pd.DataFrame({"device_id": device_id, "timestamp": seconds, "temperature": values})


def days(count: int, first: int = 0) -> pd.DataFrame:
    whole = telemetry.frame()
    start = whole.timestamp.min() + first * 86_400
    return whole[(whole.timestamp >= start) & (whole.timestamp < start + count * 86_400)]


def test_faults_of_later_weeks_are_found_at_the_shipped_threshold():
    fleet = inject.inject(days(14, first=60), seed=5)
    verdict = contest.batch_on_faults(fleet)
    assert verdict.event_recall >= 0.75
    assert verdict.false_alarms_per_device_day <= 0.1
    found, events = verdict.by_kind["spike"]
    assert found / events >= 0.9


def test_each_reading_comes_back_once_with_score_threshold_and_words():
    given = days(3)
    scored = batch.score(pd.concat([given, given.head(100)]).sample(frac=1, random_state=1))
    assert list(scored.columns) == COLUMNS
    assert len(scored) == len(given)
    assert (scored.threshold == batch.THRESHOLD).all()
    assert (scored.is_anomaly == (scored.score >= scored.threshold)).all()
    assert scored.score.between(0, 1).all()
    assert scored.explanation.str.len().gt(0).all()


def test_equal_readings_have_equal_scores():
    given = days(3)
    pd.testing.assert_frame_equal(batch.score(given), batch.score(given.sample(frac=1, random_state=2)))


def test_a_spike_is_explained_by_its_neighbours_and_by_how_much():
    values = [20.0 + round(np.sin(i / 20), 2) for i in range(600)]
    values[300] += 6.0
    told = batch.score(frame(values))
    assert told.event_time[told.is_anomaly].tolist() == [pd.Timestamp(1_452_528_000 + 180_000, unit="s", tz="UTC")]
    assert "stands 5.9" in told.explanation[300] or "stands 6.0" in told.explanation[300]
    assert told.kind[300] == "spike"
    assert set(told.kind.drop(300)) == {"usual"}
    assert "more than 50 times what is usual" in told.explanation[300]


def test_a_device_alone_a_constant_one_and_a_short_one_are_no_alarm():
    assert not batch.score(frame([21.0] * 500)).is_anomaly.any()
    short = batch.score(frame([21.0, 80.0, 21.0]))
    assert not short.is_anomaly.any()
    assert set(short.explanation) == {"too few readings to judge: 3 of 144"}
    assert batch.score(days(3).query("device_id == 'node-1'")).score.notna().all()


def test_missing_and_infinite_values_are_told_and_never_an_alarm():
    values = [20.0 + (i % 7) / 10 for i in range(400)]
    values[100:103] = [np.nan, np.inf, -np.inf]
    scored = batch.score(frame(values))
    assert scored.explanation[100:103].tolist() == ["no number: not judged"] * 3
    assert not scored.is_anomaly[100:103].any()
    assert scored.score.notna().all()
    assert not batch.score(frame([np.nan] * 200)).is_anomaly.any()


def test_the_first_and_the_last_reading_are_no_spike():
    ramp = pd.Series([26.0, 23.0, 23.1, 23.0, 23.1, 20.0])
    assert batch.features(ramp, ramp * np.nan).spike.round(6).tolist() == [0, 0.1, 0.1, 0.1, 0.1, 0]


def test_what_no_sensor_measures_is_an_anomaly_however_short_the_history():
    scored = batch.score(frame([21.0, 850.0, -127.0]))
    assert scored.is_anomaly.tolist() == [False, True, True]
    assert scored.kind.tolist() == ["usual", "impossible", "impossible"]
    assert "outside -60 to 125 °C" in scored.explanation[1]


def test_a_clock_that_jumps_is_put_in_order():
    whole = days(4).query("device_id in ('node-1', 'node-2')").copy()
    late = whole.timestamp > whole.timestamp.median()
    whole.loc[late & (whole.device_id == "node-2"), "timestamp"] += 86_400 * 300
    scored = batch.score(whole)
    assert len(scored) == len(whole)
    assert scored.score.notna().all()


def test_a_gap_of_months_is_no_step_and_the_same_step_without_a_gap_is_one():
    noise = np.random.default_rng(5).normal(0, 0.1, 400).round(2)
    together = frame((20 + noise + 6 * (np.arange(400) >= 200)).tolist())
    assert batch.score(together).is_anomaly[198:203].any()
    apart = together.assign(timestamp=together.timestamp + 86_400 * 120 * (together.index >= 200))
    scored = batch.score(apart)
    assert not scored.is_anomaly[180:220].any()
    assert scored.score.notna().all()


def test_an_empty_window_and_missing_columns_are_refused_with_the_cure():
    with pytest.raises(LabError, match="There is no reading"):
        batch.score(frame([]))
    with pytest.raises(LabError, match="no column temperature"):
        batch.score(frame([1.0]).drop(columns="temperature"))
    with pytest.raises(LabError, match="no column event_time"):
        batch.score(frame([1.0]).drop(columns="timestamp"))
    with pytest.raises(LabError, match="no device or no time"):
        batch.score(frame([1.0]).assign(device_id=None))


def test_event_time_and_timestamp_are_the_same_readings():
    by_seconds = frame([20.0, 21.0])
    by_time = by_seconds.drop(columns="timestamp").assign(event_time=pd.to_datetime(by_seconds.timestamp, unit="s"))
    pd.testing.assert_frame_equal(readings.tidy(by_seconds), readings.tidy(by_time))


def test_every_constant_that_decides_over_a_score_names_the_version():
    constants = [
        value
        for name, value in vars(batch).items()
        if name.isupper() and name not in ("WORDS", "USUAL", "TYPE_CHECKING")
    ]
    numbers = [number for value in constants for number in (value if isinstance(value, tuple) else [value])]
    assert sorted(batch.settings(seed=77).values()) == sorted([*map(float, numbers), 77])
