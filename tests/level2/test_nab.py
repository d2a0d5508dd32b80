"""The benchmark's scorer and its table, on a small corpus in the benchmark's layout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from lab.evaluate import contest, nab
from lab.evaluate.__main__ import main

ROWS = 1000


def corpus(folder: Path, names: tuple[str, ...] = ("realKnownCause/one.csv", "realTweets/two.csv")) -> Path:
    stamps = pd.date_range("2016-01-11", periods=ROWS, freq="10min")
    labels = {}
    for seed, name in enumerate(names):
        values = 20 + np.random.default_rng(seed).normal(0, 0.2, ROWS)
        values[500:520] += 8
        file = folder / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame({"timestamp": stamps.astype(str), "value": values}).to_csv(file, index=False)
        labels[name] = [[f"{stamps[490]}.000000", f"{stamps[540]}.000000"]]
    (folder / "labels").mkdir(exist_ok=True)
    (folder / "labels" / "combined_windows.json").write_text(json.dumps(labels))
    return folder


def test_reading_gives_windows_as_rows_and_the_benchmarks_probation(tmp_path):
    series = nab.read(corpus(tmp_path))
    assert [one.name for one in series] == ["realKnownCause/one.csv", "realTweets/two.csv"]
    assert series[0].windows == ((490, 540),)
    assert series[0].probation == 150
    assert nab.probation_rows(20_000) == 750


def test_perfect_alarms_score_a_hundred_none_zero_and_false_ones_less(tmp_path):
    series = nab.read(corpus(tmp_path))
    perfect, none, noisy = (np.zeros(ROWS) for _ in range(3))
    perfect[490] = noisy[490] = noisy[800] = 1.0
    assert nab.score(series, [perfect] * 2, 0.5) == pytest.approx(100)
    assert nab.score(series, [none] * 2, 0.5) == 0
    assert nab.score(series, [noisy] * 2, 0.5) == pytest.approx(100 * (1 - 0.11 / 2), abs=0.1)


def test_alarms_in_the_probation_do_not_count_and_late_ones_count_less(tmp_path):
    series = nab.read(corpus(tmp_path))
    early, late, soon = (np.zeros(ROWS) for _ in range(3))
    early[:150] = 1.0
    soon[500], late[535] = 1.0, 1.0
    assert nab.score(series, [early] * 2, 0.5) == 0
    assert 50 < nab.score(series, [late] * 2, 0.5) < nab.score(series, [soon] * 2, 0.5) < 100


def test_the_best_threshold_of_many_is_found_near_the_top(tmp_path):
    series = nab.read(corpus(tmp_path))
    scores = [np.random.default_rng(seed).random(ROWS) * 0.99 for seed in range(2)]
    for one in scores:
        one[492] = 0.995
    best, threshold = nab.best(series, scores)
    assert best > 99
    assert 0.99 < threshold <= 0.995


def test_chance_stays_below_the_shipped_detector(tmp_path):
    series = nab.read(corpus(tmp_path))
    shipped = contest.benchmark(series, "shipped", contest.streaming, 0.32)
    assert shipped.shipped_all > 80
    assert shipped.best_known >= shipped.shipped_known
    assert contest.floor(series, 3)[0] <= contest.floor(series, 3)[-1] < shipped.best_all


def test_the_command_prints_one_row_a_detector_and_the_same_again(tmp_path):
    arguments = [str(corpus(tmp_path)), "--seeds", "2"]
    first, second = (CliRunner().invoke(main, arguments) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.output == second.output
    assert first.output.startswith("2 series, 2,000 rows, 2 windows")
    for name in ("streaming, shipped", "rolling z-score, hold-off", "chance, hold-off, luckiest seed"):
        assert f"\n{name} " in first.output


def test_a_folder_of_another_layout_is_refused_with_the_cure(tmp_path):
    result = CliRunner().invoke(main, [str(tmp_path)])
    assert result.exit_code == 2
    assert "Give a checkout of numenta/NAB." in result.output


def test_a_window_that_ends_at_no_row_is_refused(tmp_path):
    folder = corpus(tmp_path)
    file = folder / "labels" / "combined_windows.json"
    file.write_text(file.read_text().replace("0.000000", "1.000000"))
    with pytest.raises(ValueError, match="is no row of the series"):
        nab.read(folder)
