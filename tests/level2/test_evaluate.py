"""Judging, injecting, the baselines and the test of causality."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lab import telemetry
from lab.detector import Detector, Settings
from lab.evaluate import baselines, causality, inject
from lab.evaluate.judge import Event, Labelled, judge


def series(rows: int = 1000, events: tuple[Event, ...] = (), judged_from: int = 100) -> Labelled:
    return Labelled("d", np.zeros(rows), np.arange(rows) * 600, events, judged_from)


@pytest.fixture(scope="module")
def fortnight() -> pd.DataFrame:
    frame = telemetry.frame()
    return frame[frame.timestamp < frame.timestamp.min() + 14 * 86_400]


def test_events_delay_and_false_alarms_are_counted_as_by_hand():
    fleet = [series(events=(Event("spike", 200, 200), Event("drift", 300, 309), Event("drift", 500, 509)))]
    alarms = np.zeros(1000, dtype=bool)
    alarms[[50, 200, 304, 306, 700]] = True
    verdict = judge(fleet, [alarms])
    assert (verdict.events, verdict.found, verdict.alarms, verdict.false_alarms) == (3, 2, 4, 1)
    assert verdict.by_kind == {"drift": (1, 2), "spike": (1, 1)}
    assert verdict.delays == (0, 4)
    assert verdict.median_delay == 2.0
    assert verdict.false_alarms_per_device_day == pytest.approx(1 / 6.25)
    assert verdict.metrics() == {"event_recall": 0.666667, "false_alarms_per_device_day": 0.16}


def test_many_alarms_in_one_event_find_it_once():
    alarms = np.zeros(1000, dtype=bool)
    alarms[300:310] = True
    verdict = judge([series(events=(Event("jump", 300, 309),))], [alarms])
    assert (verdict.event_recall, verdict.false_alarms) == (1.0, 0)


def test_a_clock_that_jumps_back_or_a_gap_adds_no_watched_time():
    seconds = np.arange(1000) * 600
    seconds[600:] += 86_400 * 365
    seconds[800:] -= 3_600
    jumped = Labelled("d", np.zeros(1000), seconds, (), 100)
    assert judge([jumped], [np.zeros(1000, dtype=bool)]).device_days == pytest.approx(6.25)


def test_nothing_judged_gives_zeros_and_alarms_of_another_length_are_refused():
    empty = judge([series(rows=50)], [np.ones(50, dtype=bool)])
    assert (empty.event_recall, empty.false_alarms_per_device_day) == (0.0, 0.0)
    with pytest.raises(ValueError, match="3 alarms for 1000 readings"):
        judge([series()], [np.zeros(3, dtype=bool)])


def test_faults_change_the_readings_inside_their_events_only(fortnight):
    fleet = inject.inject(fortnight, seed=3)
    assert {event.kind for one in fleet for event in one.events} == set(inject.KINDS)
    for one in fleet:
        clean = fortnight[fortnight.device_id == one.device_id]["temperature"].to_numpy()
        inside = np.zeros(len(clean), dtype=bool)
        for event in one.events:
            inside[event.first : event.last + 1] = True
            assert event.last - event.first + 1 == inject.LENGTH[event.kind]
            if event.kind != "stuck":
                assert np.abs(one.values - clean)[event.first : event.last + 1].max() > 0.1
        assert (one.values[~inside] == clean[~inside]).all()
        assert min(event.first for event in one.events) >= inject.LEARN_ROWS


def test_the_seed_alone_decides_over_the_faults(fortnight):
    first, again, other = (inject.inject(fortnight, seed) for seed in (3, 3, 4))
    assert [one.events for one in first] == [one.events for one in again]
    assert all((a.values == b.values).all() for a, b in zip(first, again, strict=True))
    assert [one.events for one in first] != [one.events for one in other]


def test_unknown_kinds_and_faults_without_quiet_are_refused(fortnight):
    with pytest.raises(ValueError, match=r"unknown kinds \['flood'\]"):
        inject.inject(fortnight, 1, kinds=("flood",))
    with pytest.raises(ValueError, match="no quiet"):
        inject.inject(fortnight, 1, every=40)


def test_rolling_z_sees_a_spike_and_never_answers_with_nan():
    values = np.random.default_rng(1).normal(20, 1, 600)
    values[400] += 9
    scores = baselines.rolling_z(values, 288)
    assert scores.argmax() == 400
    for strange in (np.full(500, 7.0), np.full(500, np.nan), np.array([]), np.array([np.inf] * 300)):
        assert (baselines.rolling_z(strange) == 0).all()


def test_hold_off_is_the_detectors_own():
    settings = Settings(warm_up=50, hold_off=40)
    values = telemetry.of_device("node-6", 2000)
    read = [reading["temperature"] for reading in values], [reading["timestamp"] for reading in values]
    held = Detector(settings).scores(*read)
    free = Detector(Settings(warm_up=50, hold_off=0)).scores(*read)
    assert (baselines.hold_off(free[51:], 40) == held[51:]).all()
    assert (held != free).any()


def test_the_clock_alarms_by_the_clock_and_chance_by_its_seed():
    assert np.flatnonzero(baselines.clock(10, 4)).tolist() == [3, 7]
    assert (baselines.chance(5, 1) == baselines.chance(5, 1)).all()
    assert baselines.chance(10_000, 1).mean() == pytest.approx(0.5, abs=0.02)


def test_the_shipped_detector_is_causal_and_whole_series_standardisation_is_not():
    values = np.array([reading["temperature"] for reading in telemetry.of_device("node-3", 3000)])
    seconds = np.arange(3000) * 600

    def streaming(part, times):
        return Detector().scores(part.tolist(), times.tolist())

    assert causality.first_change(streaming, values, seconds) is None
    assert causality.first_change(lambda part, _: baselines.rolling_z(part), values, seconds) is None
    assert causality.first_change(lambda part, _: np.abs(part - part.mean()), values, seconds) == 0


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="no number"):
        causality.first_change(lambda part, _: part * np.nan, np.zeros(100), np.arange(100))
