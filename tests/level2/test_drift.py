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


def test_counts_within_chance_are_quiet_and_a_tenfold_is_told():
    assert not drift.of_counts(20, 100, 9, 50).drifted
    found = drift.of_counts(20, 100, 100, 50)
    assert found.drifted
    assert found.explanation == "2.00 a device and day after 0.20"
    assert drift.of_counts(100, 50, 2, 50).drifted


def test_chance_alone_seldom_crosses_the_limit():
    random = np.random.default_rng(6)
    pairs = random.poisson(12, (2000, 2))
    assert np.mean([drift.of_counts(int(a), 60, int(b), 60).drifted for a, b in pairs]) < 0.01


def test_too_few_numbers_no_time_and_no_common_device_are_refused():
    with pytest.raises(LabError, match="99 numbers are too few"):
        drift.of_values(NORMAL, np.append(np.zeros(99), [np.nan, np.inf]))
    with pytest.raises(LabError, match="No time was watched"):
        drift.of_counts(1, 0, 1, 1)


def weeks_of(*columns: dict[str, np.ndarray]) -> list[pd.DataFrame]:
    return [pd.DataFrame(one) for one in columns]


def noise(seed: int, level: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(level, 1, 300)


def test_the_limit_is_what_quiet_weeks_differ_by():
    weeks = [noise(1), noise(2), noise(3, level=2.0)]
    expected = drift.population_stability(np.concatenate(weeks[:2]), weeks[2])
    assert drift.usual(weeks) == expected > drift.SHIFT
    calm = weeks_of({"a": noise(1)}, {"a": noise(2)}, {"a": noise(4)})
    restless = weeks_of(*({"a": week} for week in weeks))
    last = pd.DataFrame({"a": noise(5, level=1.0)})
    assert drift.by_device(calm, last)["a"].drifted
    assert not drift.by_device(restless, last)["a"].drifted
    assert drift.by_device(restless, last)["a"].threshold == expected


def test_a_device_that_fell_silent_is_new_or_constant_is_told_and_no_nan():
    constant = np.full(300, 21.0)
    weeks = weeks_of(*({"a": noise(seed), "b": noise(seed), "c": constant} for seed in range(3)))
    last = pd.DataFrame({"a": noise(9), "b": np.where(np.arange(300) < 99, 1.0, np.nan), "c": constant, "d": noise(9)})
    found = drift.by_device(weeks, last)
    assert list(found) == ["a", "b", "c", "d"]
    assert [finding.drifted for finding in found.values()] == [False] * 4
    assert all(np.isfinite(finding.score) for finding in found.values())
    assert found["b"].explanation == "not judged: a week has 99 numbers, at least 100 are needed"
    assert found["d"].explanation == "not judged: a week has 0 numbers, at least 100 are needed"
    assert found["c"].score == 0
    assert "not judged" in drift.by_device(weeks, last.drop(columns="a"))["a"].explanation


def test_exchanged_devices_are_named_and_one_that_only_moved_is_not():
    weeks = weeks_of(*({"a": noise(s), "b": noise(s + 9, level=5), "c": noise(s + 20, level=9)} for s in range(3)))
    last = pd.DataFrame({"a": noise(40, level=5), "b": noise(41), "c": noise(42, level=20)})
    assert drift.exchanged(weeks, last) == [("a", "b")]
    assert drift.exchanged(weeks, weeks[0]) == []


def finding(*drifted: str) -> dict[str, drift.Finding]:
    return {name: drift.Finding(float(name in drifted), 1.0, "") for name in "abcde"}


@pytest.mark.parametrize(
    ("values", "apart", "broken", "meaning"),
    [
        ("", "", "", "nothing"),
        ("ab", "", "", "nothing"),
        ("ab", "ab", "", "place"),
        ("abc", "ab", "", "season"),
        ("abcde", "a", "d", "sensor"),
    ],
)
def test_the_monitors_together_tell_the_cause(values, apart, broken, meaning):
    assert drift.cause(finding(*values), finding(*apart), finding(*broken)) == meaning


def test_no_common_device_and_too_few_weeks_are_refused():
    weeks = weeks_of(*({"a": noise(seed)} for seed in range(3)))
    with pytest.raises(LabError, match="no device in common"):
        drift.by_device(weeks, pd.DataFrame({"b": noise(1)}))
    with pytest.raises(LabError, match="2 weeks do not say what is usual"):
        drift.by_device(weeks[:2], weeks[2])
    with pytest.raises(LabError, match="no device in common"):
        drift.by_device([], pd.DataFrame({"b": noise(1)}))


def test_the_order_of_time_does_not_matter_and_an_empty_window_is_refused():
    assert drift.population_stability(NORMAL, NORMAL[::-1]) == 0
    with pytest.raises(LabError, match="0 numbers are too few"):
        drift.of_values(NORMAL, np.array([]))
    with pytest.raises(LabError, match="0 numbers are too few"):
        drift.usual([NORMAL, NORMAL, np.array([])])


def test_a_fleet_of_one_device_is_watched_too():
    weeks = weeks_of(*({"a": noise(seed)} for seed in range(3)))
    found = drift.by_device(weeks, pd.DataFrame({"a": noise(8, level=3)}))
    assert found["a"].drifted
    assert drift.exchanged(weeks, pd.DataFrame({"a": noise(8, level=3)})) == []
