from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lab import trial
from lab.detector import Settings
from lab.trial import Series


@pytest.fixture(scope="module")
def fleet() -> list[Series]:
    return trial.faulty_fleet()


def test_the_same_seed_gives_the_same_fleet_and_another_one_another(fleet: list[Series]) -> None:
    assert trial.fingerprint(trial.faulty_fleet()) == trial.fingerprint(fleet)
    assert trial.fingerprint(trial.faulty_fleet(seed=8)) != trial.fingerprint(fleet)
    assert [one.device_id for one in fleet] == [f"node-{number}" for number in range(1, 10)]


def test_faults_stand_where_they_are_said_to_be_and_nowhere_else(fleet: list[Series]) -> None:
    clean = trial.telemetry.frame()
    for one in fleet:
        rows = clean[clean.device_id == one.device_id]["temperature"].to_numpy()[: len(one.values)]
        changed = np.flatnonzero(one.values != rows)
        allowed = {i for first, last in one.events for i in range(first, last + 1)}
        assert set(changed.tolist()) <= allowed
        assert all(np.any((changed >= first) & (changed <= last)) for first, last in one.events)
        assert min(first for first, _ in one.events) >= trial.FIRST_SAMPLE


def test_the_shipped_settings_find_more_than_half_with_one_false_alarm_in_five_device_days(
    fleet: list[Series],
) -> None:
    found = trial.judge(Settings(), fleet)
    assert found.events == 56
    assert found.event_recall == pytest.approx(0.554, abs=0.001)
    assert found.false_alarms_per_device_day == pytest.approx(0.181, abs=0.001)


def test_a_detector_that_always_or_never_alarms_is_seen_as_such() -> None:
    quiet = Series("d", np.full(1440, 20.0), np.arange(1440) * 600, ((500, 505),))
    assert trial.judge(Settings(), [quiet]) == trial.Result(1, 0.0, 0.0)
    always = dataclasses.replace(Settings(), threshold=0.0)
    found = trial.judge(always, [quiet])
    assert found.event_recall == 1.0
    assert found.false_alarms_per_device_day == pytest.approx((1440 - 288 - 6) / 8)
