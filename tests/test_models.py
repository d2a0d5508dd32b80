from __future__ import annotations

import dataclasses
import importlib.util
import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import models, release, target
from lab.detector import Settings
from lab.errors import LabError
from lab.models import Registry
from tests.conftest import EmbeddedAws

SHIPPED = dataclasses.asdict(Settings())
GOOD = {"event_recall": 0.6, "false_alarms_per_device_day": 0.2}


@pytest.fixture
def registry(aws: EmbeddedAws) -> Iterator[Registry]:
    bucket = f"models-{uuid.uuid4().hex[:12]}"
    place = {"LocationConstraint": target.region()}
    aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    yield Registry(bucket, "models/")
    release.empty_bucket(bucket)
    aws.client("s3").delete_bucket(Bucket=bucket)


def test_a_model_is_kept_with_its_metrics_and_the_fingerprint_of_its_data(registry: Registry) -> None:
    kept = registry.register(SHIPPED, GOOD, "data-1")
    assert registry.artefact(kept.version) == kept
    assert (kept.settings, kept.metrics, kept.data) == (SHIPPED, GOOD, "data-1")
    assert registry.versions() == [kept.version]
    assert registry.current() is None


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ({"event_recall": 0.59, "false_alarms_per_device_day": 0.1}, "event_recall 0.59 is worse than 0.6"),
        ({"event_recall": 0.9, "false_alarms_per_device_day": 0.21}, "false_alarms_per_device_day 0.21 is worse"),
    ],
)
def test_a_model_that_is_worse_in_any_figure_is_not_promoted(
    registry: Registry, metrics: dict[str, float], told: str
) -> None:
    registry.register(SHIPPED, GOOD, "data-1")
    worse = registry.register({**SHIPPED, "threshold": 0.4}, metrics, "data-1")
    with pytest.raises(LabError, match=told):
        registry.promote(worse.version, SHIPPED)
    assert registry.current() is None


def test_a_better_model_is_promoted_and_is_the_measure_from_then_on(registry: Registry) -> None:
    first = registry.register(SHIPPED, GOOD, "data-1")
    better = registry.register({**SHIPPED, "warm_up": 60}, {**GOOD, "event_recall": 0.7}, "data-1")
    assert registry.promote(better.version, SHIPPED) == better
    assert registry.current() == better
    with pytest.raises(LabError, match=r"event_recall 0.6 is worse than 0.7.*stays"):
        registry.promote(first.version, SHIPPED)
    assert registry.current() == better
    registry.promote(better.version, SHIPPED)


def test_models_measured_on_different_data_are_not_compared(registry: Registry) -> None:
    registry.register(SHIPPED, GOOD, "data-1")
    other = registry.register({**SHIPPED, "warm_up": 60}, {**GOOD, "event_recall": 1.0}, "data-2")
    with pytest.raises(LabError, match="measured on the data data-2"):
        registry.promote(other.version, SHIPPED)


@pytest.mark.parametrize("promoted_before", [False, True])
def test_a_model_of_another_detector_is_not_given_to_the_scoring(registry: Registry, promoted_before: bool) -> None:
    first = registry.register(SHIPPED, GOOD, "data-1")
    if promoted_before:
        registry.promote(first.version, SHIPPED)
    batch = registry.register(SHIPPED, {**GOOD, "event_recall": 0.9}, "data-1", "batch")
    with pytest.raises(LabError, match="is a batch detector, the scheduled scoring runs a streaming one"):
        registry.promote(batch.version, SHIPPED)
    assert registry.current() == (first if promoted_before else None)


def test_without_the_shipped_models_figures_nothing_is_promoted(registry: Registry) -> None:
    only = registry.register({**SHIPPED, "warm_up": 60}, GOOD, "data-1")
    with pytest.raises(LabError, match="There is no model") as refused:
        registry.promote(only.version, SHIPPED)
    assert only.version in refused.value.remedy


def test_a_model_that_was_changed_is_refused(registry: Registry, aws: EmbeddedAws) -> None:
    kept = registry.register(SHIPPED, GOOD, "data-1")
    body = json.dumps({"detector": "streaming", "settings": {**SHIPPED, "threshold": 0.1}}).encode()
    aws.client("s3").put_object(Bucket=registry.bucket, Key=f"models/{kept.version}/model.json", Body=body)
    with pytest.raises(LabError, match="was changed after it was registered"):
        registry.artefact(kept.version)


@pytest.mark.parametrize("missing", [{}, {"event_recall": float("nan"), "false_alarms_per_device_day": 0.0}])
def test_a_model_without_figures_is_not_registered(registry: Registry, missing: dict[str, float]) -> None:
    with pytest.raises(LabError, match="event_recall is"):
        registry.register(SHIPPED, missing, "data-1")
    assert registry.versions() == []


def test_the_scoring_job_reckons_the_same_version() -> None:
    path = Path(__file__).parents[1] / "glue" / "anomaly_scoring.py"
    spec = importlib.util.spec_from_file_location("scoring_of_models", path)
    assert spec is not None
    assert spec.loader is not None
    job = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = job
    spec.loader.exec_module(job)
    assert job.version_of(SHIPPED) == models.version_of("streaming", SHIPPED)
    assert job.DETECTOR == models.SCORING
