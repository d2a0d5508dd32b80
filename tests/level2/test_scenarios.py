from __future__ import annotations

import pandas as pd
import pytest

from lab import drift, fleet, telemetry
from lab.errors import LabError
from lab.evaluate import scenarios


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return telemetry.frame()


@pytest.fixture(scope="module")
def weeks(frame) -> list[pd.DataFrame]:
    return [fleet.residuals(scenarios.between(frame, day, day + 7)) for day in range(0, 70, 7)]


def test_days_are_counted_from_the_first_reading(frame):
    start = frame.timestamp.min()
    chosen = scenarios.between(frame, 1, 3)
    assert len(chosen) == 2 * 144 * 9
    assert chosen.timestamp.min() == start + 86_400
    with pytest.raises(LabError, match="no reading from day 200 to 201"):
        scenarios.between(frame, 200, 201)


def test_swapping_twice_changes_nothing_and_once_two_devices(frame):
    few = scenarios.between(frame, 0, 1)
    once = scenarios.swapped(few, "node-3", "node-5")
    pd.testing.assert_frame_equal(scenarios.swapped(once, "node-3", "node-5"), few)
    changed = few[(once.device_id != few.device_id)]
    assert set(changed.device_id) == {"node-3", "node-5"}
    assert once[once.device_id == "node-3"].temperature.tolist() == few[few.device_id == "node-5"].temperature.tolist()
    with pytest.raises(LabError, match="no reading of node-77"):
        scenarios.swapped(few, "node-3", "node-77")


def test_a_loose_contact_spoils_one_reading_in_twenty_of_one_device(frame):
    few = scenarios.between(frame, 0, 7)
    spoiled = scenarios.loosened(few, "node-4", seed=1)
    off = (spoiled.temperature - few.temperature).abs()
    assert set(few.device_id[off > 0]) == {"node-4"}
    assert 0.03 < (off > 0).sum() / 1008 < 0.07
    assert off[off > 0].between(3, 15).all()
    pd.testing.assert_frame_equal(scenarios.loosened(few, "node-4", seed=1), spoiled)
    with pytest.raises(LabError, match="no reading of x"):
        scenarios.loosened(few, "x", seed=1)


@pytest.mark.parametrize("pair", [("node-3", "node-5"), ("node-8", "node-9"), ("node-1", "node-2")])
def test_an_exchange_is_named_from_the_distances_to_the_neighbours(frame, weeks, pair):
    week = scenarios.swapped(scenarios.between(frame, 70, 77), *pair)
    assert drift.exchanged(weeks, fleet.residuals(week)) == [pair]


def test_a_quiet_week_drifts_in_values_and_not_against_the_neighbours(frame, weeks):
    found = drift.by_device(weeks, fleet.residuals(scenarios.between(frame, 70, 77)))
    assert [name for name, finding in found.items() if finding.drifted] == []
