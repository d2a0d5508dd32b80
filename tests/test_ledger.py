import gzip
import io
import json

import pytest

from lab import ledger
from lab.athena import Result
from lab.ledger import Ledger

OUTPUTS = {
    "DataBucketName": "data",
    "RawPrefix": "raw/",
    "AnalyticsBucketName": "analytics",
    "MetricsPrefix": "metrics/",
    "TableName": "t",
    "WorkGroupName": "g",
    "DatabaseName": "d",
}
RUN = {
    "job": "etl",
    "read": 6,
    "written": 3,
    "duplicate": 1,
    "out_of_range": 1,
    "rejected": 1,
    "compaction": {"days": 0},
}


class S3:
    def __init__(self, objects) -> None:
        self.objects = objects

    def get_paginator(self, name):
        return self

    def paginate(self, Bucket, Prefix):  # noqa: N803 - the API's names
        yield {
            "Contents": [{"Key": key} for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix)]
        }

    def get_object(self, Bucket, Key):  # noqa: N803
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}


@pytest.fixture
def books(monkeypatch):
    lines = gzip.compress(b"{}\n" * 4)
    objects = {("data", "raw/a.gz"): lines, ("data", "raw/b.gz"): lines, ("data", "other.gz"): lines}
    objects |= {("analytics", f"metrics/{n}.json"): json.dumps(RUN).encode() for n in range(2)}
    monkeypatch.setattr(ledger.target, "client", lambda service: S3(objects))
    monkeypatch.setattr(ledger.stacks, "outputs", lambda stack, stage: OUTPUTS)
    monkeypatch.setattr(ledger.athena, "query", lambda *a: Result("q", ("n",), ("bigint",), [(6,)], 0, 0))
    return ledger.of_stage("staging")


def test_raw_records_runs_and_athena_are_counted_apart(books) -> None:
    assert books == Ledger(8, read=12, curated=6, duplicates=2, out_of_range=2, rejected=2, athena=6)


def test_what_is_not_explained_is_what_is_missing(books) -> None:
    assert books.unexplained == -4
    assert Ledger(12, 12, 6, 2, 2, 2, 6).unexplained == 0
    assert Ledger(15, 12, 6, 2, 2, 2, 6).unexplained == 3


def test_the_entries_come_by_name(books) -> None:
    assert dict(books.lines())["curated"] == 6
