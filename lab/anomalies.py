"""Rows of ``device_anomalies`` from a batch detector: of each day and model one object, which the next run replaces.

A run may be repeated, killed and repeated, or look at other days: a reading has at most one row of a model. What other
models and the scheduled scoring wrote stays.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lab import athena, raw, stacks, target
from lab.errors import LabError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

DETECTOR: Final = "batch"
DAY: Final = ("year", "month", "day")
KEY: Final = ("device_id", "event_time")
AT_ONCE: Final = 100
"""So many partitions are added by one statement: it stays far below Athena's 262,144 bytes."""


@dataclass(frozen=True)
class Table:
    """Where the rows go. bucket, prefix: of the objects; database, name, workgroup: for Athena."""

    bucket: str
    prefix: str
    database: str
    name: str
    workgroup: str


@dataclass(frozen=True)
class Published:
    """What a run wrote. rows: anomalies; days: looked at; written, removed: objects; run_id: model and days."""

    run_id: str
    rows: int
    days: int
    written: int
    removed: int


def table(stage: str = stacks.DEFAULT_STAGE) -> Table:
    """Return the table of a deployed Level 2.

    Raises: LabError when it, or the datastreamer, is not deployed.
    """
    level2, lake = stacks.outputs("level2", stage), stacks.outputs("datastreamer", stage)
    return Table(
        level2["AnalyticsBucketName"],
        level2["AnomaliesPrefix"],
        level2["DatabaseName"],
        level2["TableName"],
        lake["WorkGroupName"],
    )


def placed(scored: pd.DataFrame, read: pd.DataFrame) -> pd.DataFrame:
    """Return scored readings with the day under which the lake keeps each of them.

    Parameters: scored, as ``lab.batch.score`` returns it; read, what was scored, with year, month and day.
    Raises: LabError when a scored reading is not among those read.
    """
    import pandas as pd

    days = read[[*KEY, *DAY]].assign(event_time=pd.to_datetime(read["event_time"], utc=True).dt.as_unit("us"))
    found = scored.merge(days.drop_duplicates(list(KEY)), on=list(KEY), how="left", validate="one_to_one")
    lost = int(found[list(DAY)].isna().any(axis=1).sum())
    if lost:
        raise LabError(f"{lost} scored readings have no day.", "Score the very readings that were read.")
    return found


def publish(where: Table, scored: pd.DataFrame, version: str) -> Published:
    """Write the anomalies of the scored days, and remove what this model said of them before.

    Parameters: scored, as ``placed`` returns it; version of the model, which names the objects.
    Raises: LabError when nothing was scored, a score is no number, or Athena refuses a partition.
    Source: https://docs.aws.amazon.com/athena/latest/ug/alter-table-add-partition.html
    """
    if scored.empty:
        raise LabError("Nothing was scored, so nothing can be written.", "Read a longer window.")
    if scored["score"].isna().any():
        raise LabError("A score is no number.", "Do not write it; look at the detector.")
    by_day = {tuple(map(str, day)): rows for day, rows in scored.groupby(list(DAY))}
    run_id = f"{version}-{''.join(min(by_day))}-{''.join(max(by_day))}"
    known = set(raw.keys(where.bucket, where.prefix))
    client, written, removed, total = target.client("s3"), [], 0, 0
    for day, rows in sorted(by_day.items()):
        place = {"Bucket": where.bucket, "Key": _key(where, day, version)}
        found = rows[rows["is_anomaly"]]
        if len(found):
            client.put_object(**place, Body=_parquet(found, version, run_id))
            written.append(day)
            total += len(found)
        elif place["Key"] in known:
            client.delete_object(**place)
            removed += 1
    _register(where, written)
    return Published(run_id, total, len(by_day), len(written), removed)


def _key(where: Table, day: tuple[str, ...], version: str) -> str:
    folder = "/".join(f"{name}={value}" for name, value in zip(DAY, day, strict=True))
    return f"{where.prefix}{folder}/{DETECTOR}-{version}.parquet"


def _register(where: Table, days: list[tuple[str, ...]]) -> None:
    """Tell the catalogue of the days; those it knows stay as they are."""
    for start in range(0, len(days), AT_ONCE):
        parts = [
            "PARTITION (" + ", ".join(f"{name} = '{value}'" for name, value in zip(DAY, day, strict=True)) + ")"
            for day in days[start : start + AT_ONCE]
        ]
        statement = f"ALTER TABLE {where.name} ADD IF NOT EXISTS {' '.join(parts)}"
        athena.query(statement, where.workgroup, where.database)


def _parquet(rows: pd.DataFrame, version: str, run_id: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = rows.assign(detector=DETECTOR, model_version=version, run_id=run_id)
    made = pa.Table.from_pandas(whole[schema().names], schema=schema(), preserve_index=False)
    sink = io.BytesIO()
    pq.write_table(made, sink, compression="snappy")
    return sink.getvalue()


def schema() -> pa.Schema:
    """Return the columns of the table, as the stack and the scheduled scoring have them."""
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    return pa.schema(
        [
            ("device_id", text),
            ("event_time", pa.timestamp("us", tz="UTC")),
            ("detector", text),
            ("model_version", text),
            ("temperature", number),
            ("score", number),
            ("threshold", number),
            ("kind", text),
            ("explanation", text),
            ("run_id", text),
        ]
    )
