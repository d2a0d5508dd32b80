"""A small account for tests of Athena: a bucket, two databases with one table of six readings, and a way to ask."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

BUCKET = "athena-room"
OUTPUT = f"s3://{BUCKET}/results/"
READINGS = [
    ("d1", 20.5, 1, "2024", "01", "01"),
    ("d2", 21.5, 2, "2024", "01", "01"),
    ("d1", 22.5, 3, "2024", "01", "02"),
    ("d2", None, 4, "2024", "01", "02"),
    ("d1", 30.0, 5, "2024", "02", "01"),
    ("d3", -1.0, 6, "2024", "02", "01"),
]


@dataclass(frozen=True)
class Answer:
    """What came of a statement. rows: the cells of GetQueryResults, without the row of names."""

    execution: dict[str, Any]
    rows: list[tuple[str | None, ...]] = field(default_factory=list)
    columns: list[tuple[str, str]] = field(default_factory=list)
    updated: int | None = None

    @property
    def id(self) -> str:
        """The execution's id."""
        return str(self.execution["QueryExecutionId"])

    @property
    def state(self) -> str:
        """The final state."""
        return str(self.execution["Status"]["State"])

    @property
    def reason(self) -> str:
        """Why it failed."""
        return str(self.execution["Status"].get("StateChangeReason", ""))

    @property
    def location(self) -> str:
        """The result object."""
        return str(self.execution["ResultConfiguration"]["OutputLocation"])

    @property
    def manifest(self) -> str:
        """The object that lists the written files."""
        return str(self.execution["Statistics"]["DataManifestLocation"])


class Account:
    """The embedded AWS with the tests' data in it. Parameters: aws, the fixture of all rooms."""

    def __init__(self, aws: Any) -> None:
        self.athena, self.glue, self.s3 = (aws.client(name) for name in ("athena", "glue", "s3"))
        self.client = aws.client
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})

    def ask(self, sql: str, database: str = "room_db", **request: Any) -> Answer:
        """Run a statement to its end and return its results."""
        context = {"Database": database, **request.pop("context", {})}
        key = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext=context,
            **{"ResultConfiguration": {"OutputLocation": OUTPUT}, **request},
        )["QueryExecutionId"]
        execution = self.finished(key)
        if execution["Status"]["State"] != "SUCCEEDED":
            return Answer(execution)
        pages = list(self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=key))
        rows = [tuple(c.get("VarCharValue") for c in r["Data"]) for page in pages for r in page["ResultSet"]["Rows"]]
        info = pages[0]["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        columns = [(column["Name"], column["Type"]) for column in info]
        if rows and execution["StatementType"] == "DML":
            assert rows.pop(0) == tuple(name for name, _ in columns)
        return Answer(execution, rows, columns, pages[0].get("UpdateCount"))

    def done(self, sql: str, **request: Any) -> Answer:
        """Run a statement that must succeed."""
        answer = self.ask(sql, **request)
        assert answer.state == "SUCCEEDED", f"{sql}: {answer.reason}"
        return answer

    def failure(self, sql: str, **request: Any) -> str:
        """Run a statement that must fail and return the reason."""
        answer = self.ask(sql, **request)
        assert answer.state == "FAILED", f"{sql}: {answer.state} {answer.rows}"
        return answer.reason

    def finished(self, key: str) -> dict[str, Any]:
        """The execution once it has ended."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            execution = self.athena.get_query_execution(QueryExecutionId=key)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return dict(execution)
        raise TimeoutError(key)

    def body(self, uri: str) -> bytes:
        """The content of an object."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def put(self, key: str, body: bytes) -> str:
        """Write an object of the bucket."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"

    def keys(self, prefix: str) -> list[str]:
        """The keys below a prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def make_sensor(self, database: str) -> None:
        """A Parquet table ``sensor``, partitioned by year, month and day, one object a partition."""
        self.done(f"CREATE DATABASE `{database}`")
        self.done(
            f"CREATE EXTERNAL TABLE `{database}`.sensor (device_id string, temperature double, reading bigint) "
            "PARTITIONED BY (year string, month string, day string) STORED AS PARQUET "
            f"LOCATION 's3://{BUCKET}/{database}/sensor/'"
        )
        for part in sorted({row[3:] for row in READINGS}):
            folder = "/".join(f"{key}={value}" for key, value in zip(("year", "month", "day"), part, strict=True))
            rows = [row[:3] for row in READINGS if row[3:] == part]
            self.put(f"{database}/sensor/{folder}/data.parquet", parquet(rows))
        self.done(f"MSCK REPAIR TABLE `{database}`.sensor")


def parquet(rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Readings as a Parquet file."""
    names = ["device_id", "temperature", "reading"]
    kinds = [pa.string(), pa.float64(), pa.int64()]
    columns = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
    stream = io.BytesIO()
    pq.write_table(pa.table(columns, names=names), stream)
    return stream.getvalue()


def account(aws: Any) -> Iterator[Account]:
    """The account with its tables; everything is removed at the end."""
    made = Account(aws)
    for database in ("room_db", "room-db"):
        made.make_sensor(database)
    yield made
    for database in ("room_db", "room-db"):
        made.done(f"DROP DATABASE `{database}` CASCADE")
    keys = made.keys("")
    for start in range(0, len(keys), 1000):
        entries = [{"Key": key} for key in keys[start : start + 1000]]
        made.s3.delete_objects(Bucket=BUCKET, Delete={"Objects": entries})
    made.s3.delete_bucket(Bucket=BUCKET)
