"""The streaming detector in Python: what it scores, what it says, and what strange input does to it.

That the board gives the same scores bit for bit is held in tests/firmware/test_anomaly.py, the job in tests/glue.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.detector import Detector, Settings

STEP_S = 600
WARM = Settings().warm_up


def wave(rows: int = 900) -> tuple[list[float], list[int]]:
    noise = np.random.default_rng(1).normal(0, 0.1, rows)
    values = 20 + 3 * np.sin(np.arange(rows) / 144 * 2 * np.pi) + noise
    return values.tolist(), [STEP_S * row for row in range(rows)]


def test_a_spike_alone_reaches_the_shipped_threshold_and_is_told_with_its_distance():
    values, seconds = wave()
    values[700] += 15
    detector = Detector()
    scores = detector.scores(values[:700], seconds[:700])
    said = detector.explain(values[700], seconds[700])
    assert not any(detector.is_anomaly(score) for score in scores)
    assert detector.is_anomaly(detector.step(values[700], seconds[700]))
    assert f"{values[700]:.2f} against" in said
    assert "above everything seen" in said


def test_a_score_at_the_threshold_is_an_anomaly_and_one_below_is_none():
    detector = Detector()
    assert detector.is_anomaly(detector.settings.threshold)
    assert not detector.is_anomaly(float(np.nextafter(np.float32(0.32), np.float32(0))))


def test_while_it_learns_it_says_so_and_scores_nothing():
    values, seconds = wave(WARM)
    values[200] += 40
    detector = Detector()
    assert detector.explain(20.0, 0) == "still learning: 0 of 288 readings"
    assert not detector.scores(values, seconds).any()


def test_missing_and_infinite_readings_score_nothing_and_teach_nothing():
    values, seconds = wave()
    values[600] += 15
    whole = Detector().scores(values, seconds)
    holes = [[value, float("nan"), float("inf"), -float("inf"), 1e13] for value in values]
    found = Detector().scores([one for five in holes for one in five], np.repeat(seconds, 5).tolist())
    assert found.reshape(-1, 5)[:, 0].tolist() == whole.tolist()
    assert not found.reshape(-1, 5)[:, 1:].any()


@pytest.mark.parametrize("value", [21.0, 0.0, -40.0])
def test_a_constant_series_gives_no_alarm(value):
    scores = Detector().scores([value] * 1000, [STEP_S * row for row in range(1000)])
    assert not (scores >= np.float32(Settings().threshold)).any()


@pytest.mark.parametrize("jump", [86_400 * 365, -86_400 * 3, 3_600 * 12])
def test_a_clock_that_jumps_gives_numbers_and_not_a_flood_of_alarms(jump):
    values, seconds = wave(1500)
    jumped = [second + jump * (row >= 800) for row, second in enumerate(seconds)]
    scores = Detector().scores(values, jumped)
    assert np.isfinite(scores).all()
    assert (scores >= np.float32(Settings().threshold)).sum() <= 2


def test_an_empty_series_has_no_scores():
    assert Detector().scores([], []).shape == (0,)
    with pytest.raises(ValueError, match="zip"):
        Detector().scores([1.0], [])


@given(st.lists(st.tuples(st.floats(), st.integers(-(2**40), 2**40)), max_size=40))
def test_whatever_comes_a_score_is_a_number_from_0_to_1(readings):
    values, seconds = wave(WARM + 20)
    detector = Detector()
    detector.scores(values, seconds)
    scores = [detector.step(value, second) for value, second in readings]
    assert all(0 <= score <= 1 for score in scores)
