"""The scoring job over objects in memory: the detector's parity, each reading once, and whatever may kill a run."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import io
import json
import random
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lab import detector as reference

SCRIPT = Path(__file__).parents[2] / "glue" / "anomaly_scoring.py"
START = 1_700_006_400  # a full hour and a day's begin in UTC
NOW_US = (START + 90 * 86_400) * 1_000_000
PLACES = ("SOURCE_S3", "TARGET_S3", "MODEL_S3", "CHECKPOINT_S3", "METRICS_S3")


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("anomaly_scoring", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


job = load()


class Memory:
    """S3 in memory. dies_at: the write (counted from 1) before which the process is killed."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.writes = 0
        self.dies_at = 0

    def list(self, prefix: str) -> list[tuple[str, str]]:
        found = sorted(url for url in self.objects if url.startswith(prefix))
        return [(url[len(prefix) :], str(hash(self.objects[url]))) for url in found]

    def read(self, url: str) -> bytes | None:
        return self.objects.get(url)

    def write(self, url: str, content: bytes) -> None:
        self.writes += 1
        if self.writes == self.dies_at:
            raise KeyboardInterrupt
        self.objects[url] = content

    def delete(self, url: str) -> None:
        self.objects.pop(url, None)


def run(store: Memory, now_us: int = NOW_US, **more: str) -> dict[str, Any]:
    words = [word for name in PLACES for word in (f"--{name}", f"s3://lake/{name.lower()}")]
    words += [word for name, value in more.items() for word in (f"--{name}", value)]
    metrics: dict[str, Any] = job.Run(job.arguments(words), store, now_us).execute()
    return metrics


def table(store: Memory) -> list[dict[str, Any]]:
    """Return the rows of device_anomalies, by device and time, with the folder in which each lies."""
    rows = []
    for path, _ in store.list("s3://lake/target_s3/"):
        content = store.read("s3://lake/target_s3/" + path) or b""
        for row in pq.read_table(io.BytesIO(content)).to_pylist():
            rows.append({**row, "folder": path.rpartition("/")[0]})
    return sorted(rows, key=lambda row: (row["device_id"], row["event_time"]))


def add(store: Memory, name: str, rows: list[tuple[str, int, float | None]], day: str = "01") -> None:
    """Put curated readings (device, Unix seconds, temperature) as one object of a day."""
    columns = {
        "device_id": pa.array([row[0] for row in rows], pa.string()),
        "event_time": pa.array([row[1] * 1_000_000 for row in rows], pa.timestamp("us", tz="UTC")),
        "temperature": pa.array([row[2] for row in rows], pa.float64()),
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    store.objects[f"s3://lake/source_s3/year=2023/month=11/day={day}/{name}.parquet"] = sink.getvalue()


def series(device: str, first: int, count: int, spikes: tuple[int, ...] = ()) -> list[tuple[str, int, float | None]]:
    """Return readings every ten minutes: a daily wave with noise, and spikes at some positions."""
    noise = random.Random(device)
    return [
        (
            device,
            START + 600 * i,
            20 + 3 * np.sin(i / 144 * 2 * np.pi) + noise.gauss(0, 0.1) + 15 * (i in spikes),
        )
        for i in range(first, first + count)
    ]


def test_the_job_gives_the_scores_of_the_reference_bit_for_bit_across_restarts() -> None:
    noise = np.random.default_rng(5)
    values = 20 + noise.normal(0, 2, 6000).cumsum() * 0.05
    values[noise.integers(0, 6000, 40)] += noise.normal(0, 20, 40)
    values[[700, 2000, 3000, 3001]] = [np.nan, np.inf, 1e13, -3e38]
    seconds = (START + np.cumsum(noise.integers(1, 3000, 6000))).tolist()
    expected = reference.Detector()
    actual = job.Detector(job.Settings())
    for i, (value, second) in enumerate(zip(values.tolist(), seconds, strict=True)):
        if i % 500 == 0:
            actual = job.Detector.of(job.Settings(), json.loads(json.dumps(actual.kept())))
        words = actual.describe(value, second)[1]
        assert words == expected.explain(value, second)
        assert actual.step(value, second) == expected.step(value, second)
    assert actual.count == 5996


def test_the_job_ships_with_the_settings_of_the_reference() -> None:
    assert dataclasses.asdict(job.Settings()) == dataclasses.asdict(reference.Settings())


def test_the_script_is_python_3_9_and_imports_nothing_of_the_repository() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 9))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - sys.stdlib_module_names == {"boto3", "botocore", "numpy", "pyarrow"}
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    assert not keywords & {"strict", "slots", "kw_only"}  # of Python 3.10


def test_a_spike_becomes_a_row_in_the_partition_of_its_reading() -> None:
    store = Memory()
    add(store, "a", series("node-1", 0, 700, spikes=(650,)), day="01")
    add(store, "b", series("node-2", 0, 700), day="02")
    metrics = run(store)
    (row,) = table(store)
    assert (row["device_id"], row["event_time"].timestamp()) == ("node-1", START + 650 * 600)
    assert (row["kind"], row["detector"], row["threshold"]) == ("above_range", "streaming", 0.32)
    assert row["score"] >= 0.32
    assert "above everything seen" in row["explanation"]
    assert row["folder"] == "year=2023/month=11/day=01"
    assert row["run_id"] == metrics["run"] == f"{row['model_version']}-00000000"
    counted = {name: metrics[name] for name in ("read", "scored", "learning", "anomalies", "late", "devices")}
    assert counted == {"read": 1400, "scored": 1400, "learning": 576, "anomalies": 1, "late": 0, "devices": 2}


def test_many_small_runs_find_what_one_run_finds() -> None:
    at_once, bit_by_bit = Memory(), Memory()
    readings = series("node-1", 0, 900, spikes=(400, 700, 880))
    add(at_once, "a", readings)
    run(at_once)
    for number, first in enumerate(range(0, 900, 90)):
        add(bit_by_bit, f"part-{number}", readings[first : first + 90])
        run(bit_by_bit)
    expected = [{**row, "run_id": ""} for row in table(at_once)]
    assert len(expected) == 3
    assert [{**row, "run_id": ""} for row in table(bit_by_bit)] == expected


def test_a_second_run_finds_nothing_to_do_and_changes_no_row() -> None:
    store = Memory()
    add(store, "a", series("node-1", 0, 700, spikes=(650,)))
    run(store)
    before = dict(store.objects)
    metrics = run(store)
    assert (metrics["read"], metrics["scored"], metrics["anomalies"]) == (0, 0, 0)
    changed = {url for url in store.objects if store.objects[url] != before.get(url)}
    assert all("metrics_s3" in url for url in changed)


def test_a_compacted_day_is_not_scored_again() -> None:
    store = Memory()
    readings = series("node-1", 0, 700, spikes=(650,))
    add(store, "a", readings[:400])
    add(store, "b", readings[400:])
    run(store)
    rows = table(store)
    for name in ("a", "b"):
        store.delete(f"s3://lake/source_s3/year=2023/month=11/day=01/{name}.parquet")
    add(store, "merged", readings)
    metrics = run(store)
    assert (metrics["read"], metrics["scored"], metrics["late"]) == (700, 0, 0)
    assert table(store) == rows


@pytest.mark.parametrize("dies_at", [1, 2, 3, 4, 5])  # pending, two days, metrics, state
def test_a_run_that_was_killed_at_any_write_is_made_good_by_the_next(dies_at: int) -> None:
    calm, hit = Memory(), Memory()
    for store in (calm, hit):
        add(store, "a", series("node-1", 0, 600, spikes=(500,)), day="01")
        add(store, "b", series("node-2", 0, 600, spikes=(550,)), day="02")
    run(calm)
    hit.dies_at = dies_at
    with pytest.raises(KeyboardInterrupt):
        run(hit)
    run(hit)
    assert table(hit) == table(calm)
    assert len(table(hit)) == 2


def test_what_a_killed_run_wrote_and_the_next_does_not_find_is_removed() -> None:
    store = Memory()
    readings = series("node-1", 0, 700)
    add(store, "a", [*readings[:650], (*readings[650][:2], 60.0), *readings[651:]])
    store.dies_at = 3  # the row is written, the state is not
    with pytest.raises(KeyboardInterrupt):
        run(store)
    assert len(table(store)) == 1
    add(store, "a", readings)
    run(store)
    assert table(store) == []


def test_a_late_reading_is_counted_and_not_scored_and_a_rescoring_takes_it_in() -> None:
    store = Memory()
    readings = series("node-1", 0, 700, spikes=(650,))
    add(store, "a", [row for i, row in enumerate(readings) if i != 600])
    run(store)
    add(store, "late", [readings[600]])
    metrics = run(store)
    assert (metrics["late"], metrics["scored"]) == (1, 0)
    assert run(store)["late"] == 0
    again = run(store, RESCORE="true")
    assert (again["scored"], again["late"]) == (700, 0)
    (row,) = table(store)
    assert row["run_id"] == again["run"] == f"{row['model_version']}-00000002"


@pytest.mark.parametrize("dies_at", [1, 2, 3, 4, 5])
def test_a_rescoring_that_was_killed_is_made_good_by_an_ordinary_run(dies_at: int) -> None:
    store = Memory()
    add(store, "a", series("node-1", 0, 700, spikes=(650,)))
    run(store)
    expected = [{**row, "run_id": ""} for row in table(store)]
    store.dies_at = store.writes + dies_at
    with pytest.raises(KeyboardInterrupt):
        run(store, RESCORE="true")
    run(store)
    assert [{**row, "run_id": ""} for row in table(store)] == expected


def test_a_clock_that_jumps_ahead_does_not_shut_out_the_readings_that_follow() -> None:
    store = Memory()
    now = START + 600 * 700
    add(store, "a", [*series("node-1", 0, 700), ("node-1", now + 80_000, 21.0)])
    first = run(store, now_us=now * 1_000_000)
    assert (first["scored"], first["waiting"]) == (700, 1)
    add(store, "b", series("node-1", 700, 10))
    second = run(store, now_us=(now + 6600) * 1_000_000)
    assert (second["scored"], second["waiting"], second["late"]) == (10, 1, 0)
    third = run(store, now_us=(now + 90_000) * 1_000_000)
    assert (third["scored"], third["waiting"], third["late"]) == (1, 0, 0)


def test_missing_temperatures_one_device_and_a_constant_series_raise_no_alarm() -> None:
    store = Memory()
    constant: list[tuple[str, int, float | None]] = [("node-1", START + 60 * i, 21.5) for i in range(1000)]
    constant[500:520] = [(device, second, None) for device, second, _ in constant[500:520]]
    add(store, "a", constant)
    metrics = run(store)
    assert (metrics["scored"], metrics["anomalies"], table(store)) == (1000, 0, [])
    assert "NaN" not in json.dumps(metrics)


def test_an_empty_table_gives_empty_metrics_and_no_anomaly() -> None:
    store = Memory()
    metrics = run(store)
    assert [metrics[name] for name in job.COUNTS] == [0] * len(job.COUNTS)
    assert json.loads(store.objects[f"s3://lake/metrics_s3/{metrics['run']}.json"]) == metrics
    assert table(store) == []


def register(store: Memory, promote: bool = True, **changed: float) -> str:
    settings = dataclasses.asdict(job.Settings()) | changed
    version: str = job.version_of(settings)
    body = {"detector": "streaming", "settings": settings}
    store.objects[f"s3://lake/model_s3/{version}/model.json"] = json.dumps(body).encode()
    if promote:
        store.objects["s3://lake/model_s3/current.json"] = json.dumps({"version": version}).encode()
    return version


def test_a_promoted_model_scores_the_whole_history_under_its_own_version() -> None:
    store = Memory()
    add(store, "a", series("node-1", 0, 700, spikes=(650,)))
    shipped = run(store)["model_version"]
    version = register(store, threshold=0.9999)
    metrics = run(store)
    assert (metrics["model_version"], metrics["scored"], metrics["anomalies"]) == (version, 700, 0)
    assert {row["model_version"] for row in table(store)} == {shipped}


def test_a_model_that_is_missing_foreign_or_changed_is_refused() -> None:
    store = Memory()
    version = register(store)
    url = f"s3://lake/model_s3/{version}/model.json"
    good = store.objects[url]
    store.objects[url] = good.replace(b"0.32", b"0.33")
    with pytest.raises(ValueError, match="was changed after it was registered"):
        run(store)
    store.objects[url] = good.replace(b"streaming", b"batch")
    with pytest.raises(ValueError, match="not one of the streaming detector"):
        run(store)
    del store.objects[url]
    with pytest.raises(ValueError, match="which is not there"):
        run(store)


def test_objects_that_vanish_while_they_are_read_end_the_run_before_anything_is_written() -> None:
    class Vanishing(Memory):
        def read(self, url: str) -> bytes | None:
            return None

    store = Vanishing()
    add(store, "a", series("node-1", 0, 5))
    with pytest.raises(RuntimeError, match="the next run begins here"):
        run(store)
    assert store.writes == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--SOURCE_S3", "lake"], "'lake' is no place such as s3://bucket/prefix/"),
        ([], "required: --SOURCE_S3"),
    ],
)
def test_wrong_arguments_are_refused(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        job.arguments(words)
    assert told in capsys.readouterr().err
