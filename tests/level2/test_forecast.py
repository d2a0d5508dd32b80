from __future__ import annotations

import numpy as np
import pytest

from lab import forecast, telemetry
from lab.errors import LabError

DAYS = np.tile(20 + 3 * np.sin(np.arange(24) / 24 * 2 * np.pi), 60)


@pytest.fixture(scope="module")
def nodes():
    return forecast.hourly(telemetry.frame())


def test_hours_are_means_and_small_gaps_are_bridged(nodes):
    assert nodes.shape == (3290, 9)
    frame = telemetry.frame()
    first = frame[(frame.device_id == "node-1") & (frame.timestamp < 1_452_528_000 + 3600)]
    assert nodes["node-1"].iloc[0] == pytest.approx(first.temperature.mean())
    start = frame.timestamp.min()
    holes = frame[~frame.timestamp.between(start + 36_000, start + 50_000) & (frame.timestamp < start + 90_000)]
    assert forecast.hourly(holes).notna().all().all()
    wide = frame[~frame.timestamp.between(start + 36_000, start + 70_000) & (frame.timestamp < start + 90_000)]
    assert forecast.hourly(wide).isna().any().any()


@pytest.mark.parametrize("name", ["profile", "seasonal naive"])
def test_a_repeating_day_is_forecast_exactly(name):
    assert forecast.MODELS[name](DAYS, 24) == pytest.approx(DAYS[:24], abs=1e-9)


def test_theta_beats_yesterday_and_the_profile_on_the_nodes(nodes):
    three = [nodes[name].to_numpy() for name in ("node-1", "node-4", "node-9")]
    mase = {
        name: np.mean([forecast.roll(series, model, 7).mase for series in three])
        for name, model in forecast.MODELS.items()
    }
    assert mase["theta"] < 0.9
    assert mase["theta"] < mase["profile"] < mase["seasonal naive"]


def test_no_forecast_sees_what_it_forecasts(nodes):
    series = nodes["node-2"].to_numpy()
    spoiled = series.copy()
    spoiled[-24:] = 99.0
    for model in (forecast.profile, forecast.seasonal_naive):
        assert (forecast.roll(series, model, 3).made == forecast.roll(spoiled, model, 3).made).all()


def test_intervals_keep_their_promise_on_later_origins(nodes):
    rolled = [forecast.roll(nodes[name].to_numpy(), forecast.profile, 34) for name in nodes]
    assert 0.85 <= np.mean([forecast.coverage(one, 20) for one in rolled]) <= 0.95


def test_the_intervals_of_theta_keep_it_too(nodes):
    rolled = [forecast.roll(nodes[name].to_numpy(), forecast.theta, 34) for name in ("node-1", "node-4")]
    covered = [forecast.coverage(one, 20) for one in rolled]
    assert covered == pytest.approx([0.890, 0.902], abs=0.01)  # of docs/level2.md's 88.6 % over nine nodes


def test_half_widths_are_the_quantile_of_the_neighbouring_hours():
    errors = np.tile(np.arange(1.0, 25.0), (10, 1))
    widths = forecast.half_widths(errors, 0.9)
    assert widths[0] == 3
    assert widths[12] == 15
    assert (widths <= forecast.half_widths(errors, 0.99)).all()


def test_a_day_ahead_comes_with_its_interval_in_words(nodes):
    made = forecast.predict(nodes["node-3"].to_numpy(), forecast.profile)
    assert made.mean.shape == made.low.shape == (24,)
    assert (made.low < made.mean).all()
    assert (made.mean < made.high).all()
    assert made.explanation == "90% of the last 20 forecasts' errors lie within"


@pytest.mark.parametrize("name", list(forecast.MODELS))
def test_a_constant_series_gives_the_constant_and_no_nan(name):
    constant = np.full(2500, 21.0)
    made = forecast.predict(constant, forecast.MODELS[name])
    assert made.mean == pytest.approx(np.full(24, 21.0))
    assert np.isfinite(forecast.roll(constant, forecast.MODELS[name], 10).mase)


def test_too_short_series_gaps_and_too_few_origins_are_refused(nodes):
    series = nodes["node-1"].to_numpy().copy()
    with pytest.raises(LabError, match="100 hours are too few"):
        forecast.predict(series[:100])
    series[-100] = np.nan
    with pytest.raises(LabError, match="gaps of more than six hours"):
        forecast.predict(series)
    with pytest.raises(LabError, match="9 earlier forecasts"):
        forecast.half_widths(np.zeros((9, 24)))
    with pytest.raises(LabError, match="leave none to judge"):
        forecast.coverage(forecast.Rolled(np.zeros((5, 24)), np.zeros((5, 24)), np.ones(5)), 20)
    with pytest.raises(LabError, match="There is no reading"):
        forecast.hourly(telemetry.frame().head(0))


def test_a_clock_that_jumps_leaves_a_gap_that_is_refused():
    frame = telemetry.frame()
    one = frame[frame.device_id == "node-1"].copy()
    one.loc[one.timestamp > one.timestamp.max() - 20 * 86_400, "timestamp"] += 86_400 * 100
    hours = forecast.hourly(one)
    assert hours.columns.tolist() == ["node-1"]
    with pytest.raises(LabError, match="gaps of more than six hours"):
        forecast.predict(hours["node-1"].to_numpy(), forecast.profile)


def test_missing_values_of_one_device_leave_another_one_alone():
    frame = telemetry.frame()
    two = frame[frame.device_id.isin(["node-1", "node-2"])].copy()
    two.loc[(two.device_id == "node-1") & (two.index % 5 == 0), "temperature"] = np.nan
    two.loc[(two.device_id == "node-2"), "temperature"] = np.inf
    hours = forecast.hourly(two)
    made = forecast.predict(hours["node-1"].to_numpy(), forecast.profile)
    assert np.isfinite([made.mean, made.low, made.high]).all()
    with pytest.raises(LabError, match="gaps of more than six hours"):
        forecast.predict(hours["node-2"].to_numpy(), forecast.profile)
