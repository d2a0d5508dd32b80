from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lab import quality, telemetry
from lab.errors import LabError


def good(rows: int = 300) -> pd.DataFrame:
    seconds = 1_452_528_000 + np.arange(rows) * 600
    values = 20 + np.sin(np.arange(rows) / 9).round(3)
    return pd.DataFrame({"device_id": "d", "timestamp": seconds, "temperature": values, "humidity": 50.0})


def test_the_nodes_break_only_the_rules_that_healthy_sensors_break():
    counts = quality.check(telemetry.frame()).counts()
    assert counts.pop("rate") == 1  # 3.05 °C within ten minutes, node-5's bathroom
    assert counts.pop("stuck") > 2_000  # values of hundredths that rest for six hours
    assert set(counts.values()) == {0}


@pytest.mark.parametrize(
    ("rule", "column", "row", "value"),
    [
        ("number", "temperature", 40, np.nan),
        ("number", "temperature", 40, np.inf),
        ("range", "temperature", 40, 850.0),
        ("humidity", "humidity", 40, 101.0),
    ],
)
def test_a_broken_value_breaks_its_rule_at_its_row(rule, column, row, value):
    frame = good()
    frame.loc[row, column] = value
    assert quality.check(frame).of(rule) == [row]


def test_doubles_gaps_late_and_quick_and_resting_readings_are_found():
    frame = good()
    assert quality.check(frame).counts() == dict.fromkeys(quality.RULES, 0)
    doubled = pd.concat([frame, frame.tail(1)])
    assert quality.check(doubled).of("unique") == [300]
    assert quality.check(frame.drop(index=[100, 101])).of("gap") == [100]
    late = frame.iloc[[*range(50), 51, 50, *range(52, 300)]]
    assert quality.check(late).of("order") == [51]
    assert quality.check(late).of("gap") == []
    quick = frame.assign(temperature=frame.temperature + 5 * (frame.index >= 150))
    assert quality.check(quick).of("rate") == [150]
    resting = frame.assign(temperature=frame.temperature.where(frame.index < 200, 20.0))
    assert set(quality.check(resting).of("stuck")) >= set(range(240, 300))


def test_cleaning_keeps_true_events_and_drops_what_cannot_be_worked_with():
    frame = good()
    frame.loc[10, "temperature"] = np.nan
    frame.loc[11, "temperature"] = -127.0
    frame.loc[12, "temperature"] += 9
    cleaned = quality.clean(pd.concat([frame, frame.head(5)]))
    assert len(cleaned) == 298
    assert 12 in quality.check(cleaned).of("rate") or 10 in quality.check(cleaned).of("rate")
    assert cleaned.timestamp.is_monotonic_increasing


def test_completeness_counts_each_day_by_what_could_be_there():
    whole = telemetry.frame()
    few = whole[whole.timestamp < whole.timestamp.min() + 3 * 86_400]
    assert (quality.completeness(few) == 1).all().all()
    holes = few[~((few.device_id == "node-2") & (few.timestamp % 1200 == 0))]
    shares = quality.completeness(holes)
    assert shares.loc["node-2"].round(2).tolist() == [0.5] * 4
    assert (shares.drop(index="node-2") == 1).all().all()


def test_one_device_a_constant_series_and_an_empty_window():
    constant = good(100).assign(temperature=20.0)
    assert quality.check(constant).counts()["stuck"] > 0
    assert quality.check(good(1)).counts() == dict.fromkeys(quality.RULES, 0)
    with pytest.raises(LabError, match="There is no reading"):
        quality.check(good(0))
    with pytest.raises(LabError, match="no column temperature"):
        quality.check(good(3).drop(columns="temperature"))
