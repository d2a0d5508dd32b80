"""The ledger of a stage: what lies raw in S3, what the job says it did with it, what Athena counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields

from lab import athena, raw, stacks, target


@dataclass(frozen=True)
class Ledger:
    """All of a stage's records since its beginning.

    records: lines in the raw objects; read, curated, duplicates, out_of_range, rejected: sums over the job's runs;
    athena: rows that Athena counts.
    """

    records: int
    read: int
    curated: int
    duplicates: int
    out_of_range: int
    rejected: int
    athena: int

    @property
    def unexplained(self) -> int:
        """Records that are neither a row nor a duplicate nor out of range nor rejected; 0 when the books balance."""
        return self.records - self.curated - self.duplicates - self.out_of_range - self.rejected

    def lines(self) -> Iterator[tuple[str, int]]:
        """Yield the entries by name."""
        for entry in fields(self):
            yield entry.name, getattr(self, entry.name)


def of_stage(stage: str) -> Ledger:
    """Return a stage's ledger. It reads every raw object: meant for lessons, not for months of data."""
    outputs = stacks.outputs("datastreamer", stage)
    bucket = outputs["DataBucketName"]
    objects = raw.look(bucket, raw.keys(bucket, outputs["RawPrefix"]))
    runs = list(_runs(outputs["AnalyticsBucketName"], outputs["MetricsPrefix"]))
    names = ("read", "written", "duplicate", "out_of_range", "rejected")
    read, written, duplicate, out_of_range, rejected = (sum(run[name] for run in runs) for name in names)
    statement = f"SELECT COUNT(*) FROM {outputs['TableName']}"  # noqa: S608 - the name comes from the stack
    counted = athena.query(statement, outputs["WorkGroupName"], outputs["DatabaseName"])
    return Ledger(
        sum(item.records for item in objects), read, written, duplicate, out_of_range, rejected, counted.value
    )


def _runs(bucket: str, prefix: str) -> Iterator[dict[str, int]]:
    """Yield the metrics of each run of the job."""
    client = target.client("s3")
    for key in raw.keys(bucket, prefix):
        yield json.loads(client.get_object(Bucket=bucket, Key=key)["Body"].read())
