from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lab import fleet, telemetry
from lab.errors import LabError


@pytest.fixture(scope="module")
def readings() -> pd.DataFrame:
    return telemetry.frame()


def test_the_node_outdoors_and_its_failing_humidity_are_told(readings):
    warmth = fleet.compare(readings)
    assert warmth.index[warmth.apart].tolist() == ["node-6"]
    assert "stands -13.1 off the others" in warmth.explanation["node-6"]
    damp = fleet.compare(readings, "humidity")
    assert damp.score.idxmax() == "node-6"
    assert "has moved by -74.7 against them" in damp.explanation["node-6"]
    assert set(damp.index[damp.apart]) == {"node-5", "node-6"}


def test_the_biases_are_those_of_the_data_sheet(readings):
    bias = fleet.compare(readings).bias.round(1)
    assert bias[["node-1", "node-3", "node-8", "node-5", "node-9"]].tolist() == pytest.approx(
        [1.4, 2.0, 1.8, -1.1, -1.2], abs=0.1
    )


def test_what_the_whole_house_sees_is_no_device_of_its_own(readings):
    few = readings[readings.timestamp < readings.timestamp.min() + 7 * 86_400].copy()
    few = few[few.device_id != "node-6"]
    before = fleet.residuals(few)
    few.loc[few.timestamp > few.timestamp.median(), "temperature"] -= 8
    pd.testing.assert_frame_equal(fleet.residuals(few), before)


def test_missing_and_constant_devices_give_numbers(readings):
    few = readings[readings.timestamp < readings.timestamp.min() + 3 * 86_400].copy()
    few.loc[few.device_id == "node-2", "temperature"] = 20.0
    few.loc[(few.device_id == "node-3") & (few.timestamp % 1200 == 0), "temperature"] = np.nan
    table = fleet.compare(few)
    numbers = table[["bias", "spread", "correlation", "drift", "score"]]
    assert np.isfinite(numbers.to_numpy()).all()
    assert table.correlation["node-2"] == 0


def test_one_or_two_devices_are_no_fleet(readings):
    pair = readings[readings.device_id.isin(["node-1", "node-2"])].head(1000)
    with pytest.raises(LabError, match="2 devices have no fleet"):
        fleet.compare(pair)
    with pytest.raises(LabError, match="There is no reading"):
        fleet.compare(readings.head(0))


def test_a_device_whose_clock_jumped_away_is_not_compared_and_the_others_are(readings):
    few = readings[readings.timestamp < readings.timestamp.min() + 3 * 86_400].copy()
    before = fleet.compare(few[few.device_id != "node-2"])
    few.loc[few.device_id == "node-2", "timestamp"] += 86_400 * 300
    few.loc[few.device_id == "node-4", "temperature"] = np.nan
    table = fleet.compare(few)
    for silent in ("node-2", "node-4"):
        assert table.score[silent] == 0
        assert not table.apart[silent]
        assert table.explanation[silent].startswith("not compared")
    rest = ["node-1", "node-3", "node-6"]
    assert table.explanation[rest].str.startswith("not compared").sum() == 0
    assert (table.bias[rest] - before.bias[rest]).abs().max() < 1
    assert (table.drift[rest] - before.drift[rest]).abs().max() < 1
    assert np.isfinite(table.select_dtypes("number").to_numpy()).all()
