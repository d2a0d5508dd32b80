from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import drift
from lab.errors import LabError

NORMAL = np.random.default_rng(4).normal(20, 2, 5000)


def test_the_index_is_the_sum_of_its_definition():
    reference = np.repeat([1.0, 2.0], [100, 100])
    recent = np.repeat([1.0, 2.0], [150, 50])
    expected = (0.75 - 0.5) * np.log(0.75 / 0.5) + (0.25 - 0.5) * np.log(0.25 / 0.5)
    assert drift.population_stability(reference, recent) == pytest.approx(expected, rel=0.02)


def test_the_same_distribution_stays_below_a_shifted_one_above_the_threshold():
    other = np.random.default_rng(5).normal(20, 2, 2000)
    assert not drift.of_values(NORMAL, other).drifted
    shifted = drift.of_values(NORMAL, other + 3)
    assert shifted.drifted
    assert "median 22.9" in shifted.explanation or "median 23.0" in shifted.explanation


def test_a_constant_series_is_stable_until_it_moves():
    constant = np.full(200, 21.0)
    assert drift.population_stability(constant, constant) == 0
    assert drift.of_values(constant, constant + 0.1).drifted


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-50, 90), min_size=100, max_size=300), st.lists(st.floats(-50, 90), min_size=100))
def test_the_index_is_never_negative_nor_nan(before, after):
    assert drift.population_stability(np.array(before), np.array(after)) >= 0


def test_alarms_within_chance_are_quiet_and_a_tenfold_is_told():
    assert not drift.of_alarms(20, 100, 9, 50).drifted
    found = drift.of_alarms(20, 100, 100, 50)
    assert found.drifted
    assert found.explanation == "2.00 alarms a device and day after 0.20"
    assert drift.of_alarms(100, 50, 2, 50).drifted


def test_chance_alone_seldom_crosses_the_limit():
    random = np.random.default_rng(6)
    pairs = random.poisson(12, (2000, 2))
    assert np.mean([drift.of_alarms(int(a), 60, int(b), 60).drifted for a, b in pairs]) < 0.01


def test_too_few_numbers_no_time_and_no_common_device_are_refused():
    with pytest.raises(LabError, match="99 numbers are too few"):
        drift.of_values(NORMAL, np.append(np.zeros(99), [np.nan, np.inf]))
    with pytest.raises(LabError, match="No time was watched"):
        drift.of_alarms(1, 0, 1, 1)
    one, two = (pd.DataFrame({"device_id": name, "temperature": NORMAL}) for name in ("a", "b"))
    with pytest.raises(LabError, match="no device in common"):
        drift.by_device(one, two)
    assert list(drift.by_device(one, one)) == ["a"]
