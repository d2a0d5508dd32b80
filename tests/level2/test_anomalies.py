"""Batch rows of ``device_anomalies``: written over S3, read by Athena, each day and model replaced as a whole."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lab import anomalies, athena, batch, raw, release
from lab.anomalies import Table
from lab.errors import LabError
from tests.conftest import EmbeddedAws

SNAPSHOT = Path(__file__).parents[1] / "infra" / "snapshots" / "level2-prod.json"
VERSION = "0123456789ab"
START = pd.Timestamp("2023-11-14 12:00", tz="UTC")


@pytest.fixture(scope="module")
def where(aws: EmbeddedAws) -> Iterator[Table]:
    """The table as the stack describes it, in a bucket, a database and a workgroup of its own."""
    name = f"batch-{uuid.uuid4().hex[:10]}"
    database = name.replace("-", "_")
    s3, glue, client = aws.client("s3"), aws.client("glue"), aws.client("athena")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    (table,) = (
        resource["Properties"]["TableInput"]
        for resource in json.loads(SNAPSHOT.read_text())["Resources"].values()
        if resource["Type"] == "AWS::Glue::Table"
    )
    table["StorageDescriptor"]["Location"] = f"s3://{name}/anomalies/"
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_table(DatabaseName=database, TableInput=table)
    results = {"ResultConfiguration": {"OutputLocation": f"s3://{name}/results/"}}
    client.create_work_group(Name=name, Configuration=results)
    yield Table(name, "anomalies/", database, table["Name"], name)
    client.delete_work_group(WorkGroup=name, RecursiveDeleteOption=True)
    glue.delete_table(DatabaseName=database, Name=table["Name"])
    glue.delete_database(Name=database)
    release.empty_bucket(name)
    s3.delete_bucket(Bucket=name)


@pytest.fixture(autouse=True)
def empty(where: Table) -> None:
    release.empty_bucket(where.bucket, where.prefix)


def read(spikes: tuple[int, ...] = (150, 250), rows: int = 288) -> pd.DataFrame:
    """Readings as Athena gives them: two days of Tokyo and the first hours of a third."""
    times = START + pd.to_timedelta(np.arange(rows) * 10, unit="min")
    values = 20 + np.sin(np.arange(rows) / 20).round(2)
    values[list(spikes)] += 8.0
    local = times.tz_convert("Asia/Tokyo")
    days = {"year": local.strftime("%Y"), "month": local.strftime("%m"), "day": local.strftime("%d")}
    stamps = times.strftime("%Y-%m-%d %H:%M:%S.000")
    return pd.DataFrame({"device_id": "node-1", "event_time": stamps, "temperature": values, **days})


def publish(where: Table, frame: pd.DataFrame, version: str = VERSION) -> anomalies.Published:
    return anomalies.publish(where, anomalies.placed(batch.score(frame), frame), version)


def stored(where: Table) -> list[tuple]:
    columns = "device_id, cast(event_time AS varchar), detector, model_version, kind, run_id, year, month, day"
    return athena.query(f"SELECT {columns} FROM {where.name} ORDER BY 2, 4", where.workgroup, where.database).rows


def test_anomalies_stand_in_athena_under_the_day_of_their_reading(where: Table) -> None:
    made = publish(where, read())
    run = f"{VERSION}-20231114-20231116"
    assert made == anomalies.Published(run, rows=2, days=3, written=2, removed=0)
    assert stored(where) == [
        ("node-1", "2023-11-15 13:00:00.000", "batch", VERSION, "spike", run, "2023", "11", "15"),
        ("node-1", "2023-11-16 05:40:00.000", "batch", VERSION, "spike", run, "2023", "11", "16"),
    ]


def test_a_second_run_changes_no_row(where: Table) -> None:
    first = publish(where, read())
    before = stored(where)
    assert publish(where, read()) == first
    assert stored(where) == before


def test_a_run_replaces_what_its_model_said_of_its_days_and_nothing_else(where: Table) -> None:
    publish(where, read())
    publish(where, read(), version="ba9876543210")
    later = read(spikes=(250,))
    changed = publish(where, later[later.day != "14"])
    assert (changed.rows, changed.removed) == (1, 1)
    mine = [row for row in stored(where) if row[3] == VERSION]
    assert [(row[1], row[5]) for row in mine] == [("2023-11-16 05:40:00.000", f"{VERSION}-20231115-20231116")]
    assert len([row for row in stored(where) if row[3] == "ba9876543210"]) == 2


def test_what_the_scheduled_scoring_wrote_stays(where: Table, aws: EmbeddedAws) -> None:
    key = f"{where.prefix}year=2023/month=11/day=15/{VERSION}-00000000.parquet"
    aws.client("s3").put_object(Bucket=where.bucket, Key=key, Body=b"")
    publish(where, read(spikes=()))
    assert raw.keys(where.bucket, where.prefix) == [key]


def test_a_run_that_was_killed_is_completed_by_the_next(where: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(anomalies, "_register", killed)
    with pytest.raises(KeyboardInterrupt):
        publish(where, read())
    monkeypatch.undo()
    publish(where, read())
    assert len(stored(where)) == 2


def test_nothing_scored_a_score_that_is_no_number_and_foreign_readings_are_refused(where: Table) -> None:
    frame = read()
    scored = anomalies.placed(batch.score(frame), frame)
    with pytest.raises(LabError, match="Nothing was scored"):
        anomalies.publish(where, scored.head(0), VERSION)
    with pytest.raises(LabError, match="score is no number"):
        anomalies.publish(where, scored.assign(score=np.nan), VERSION)
    with pytest.raises(LabError, match="288 scored readings have no day"):
        anomalies.placed(batch.score(frame), frame.assign(device_id="node-2"))
    assert raw.keys(where.bucket, where.prefix) == []
