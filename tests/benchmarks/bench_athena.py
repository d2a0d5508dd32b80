"""A grouping query of Athena over a Parquet table of thirty days, whole and one day, against DuckDB on the same files.

Athena's time runs from StartQueryExecution until GetQueryExecution tells SUCCEEDED, result object included. DuckDB's is
that of the same query in a new database in this process, with the days in the files' paths as its partitions.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lab import target
from lab.local import server

BUCKET: Final = "bench"
OUTPUT: Final = f"s3://{BUCKET}/results/"
SIZES: Final = (1_000_000, 10_000_000)
DAYS: Final = [f"2024-01-{day:02}" for day in range(1, 31)]
DEVICES: Final = 500
REPEATS: Final = 7
QUERY: Final = (
    "SELECT device_id, day, count(*) AS n, avg(temperature) AS mean, max(humidity) AS most FROM {table} {where} "
    "GROUP BY device_id, day"
)
ONE_DAY: Final = "WHERE day = '2024-01-15'"


def rows() -> list[dict[str, Any]]:
    """Return one row for the first query of all and one for each number of rows and each query.

    Columns: athena_ms, duckdb_ms: the best of several; text_days_ms: DuckDB's when days are text, as the catalog has
    them, and not dates, for which it takes them by itself; ratio: of (athena_ms - 30) to duckdb_ms.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = Path(folder) / "lab"
        os.environ.update({"LAB_STATE": str(root), "LAB_TARGET": "local"})
        server.start(root, target.DEFAULT_REGION)
        try:
            os.environ.update(target.environment())
            target.client("s3").create_bucket(
                Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": target.DEFAULT_REGION}
            )
            athena = target.client("athena")
            found = [first(athena)]
            for size in SIZES:
                files = make(athena, size, root / "aws" / "objects")
                found += [compare(athena, size, where, files) for where in ("", ONE_DAY)]
            return found
        finally:
            server.stop(root)


def first(athena: Any) -> dict[str, Any]:
    """The first query after the start, which finds nothing warm."""
    return {"query": "first after the start", "rows": 1, "athena_ms": 1000 * timed(lambda: ask(athena, "SELECT 1"))}


def make(athena: Any, size: int, objects: Path) -> list[Path]:
    """Make a table of so many rows, one object a day, and return the files in which the objects lie."""
    table = f"readings_{size}"
    keys = []
    for number, day in enumerate(DAYS):
        keys.append(f"{table}/day={day}/part.parquet")
        target.client("s3").put_object(Bucket=BUCKET, Key=keys[-1], Body=parquet(size // len(DAYS), number))
    if size == SIZES[0]:
        ask(athena, "CREATE DATABASE bench")
    ask(
        athena,
        f"CREATE EXTERNAL TABLE {table} (device_id string, ts bigint, temperature double, humidity double) "
        f"PARTITIONED BY (day string) STORED AS PARQUET LOCATION 's3://{BUCKET}/{table}/'",
    )
    ask(athena, f"MSCK REPAIR TABLE {table}")
    (folder,) = objects.glob(f"*/{BUCKET}")
    return [folder / key for key in keys]


def parquet(count: int, seed: int) -> bytes:
    """Readings as a Parquet file."""
    random = np.random.default_rng(seed)
    columns = {
        "device_id": pa.array([f"device-{n:03}" for n in range(DEVICES)]).take(
            pa.array(random.integers(0, DEVICES, count))
        ),
        "ts": pa.array(np.arange(count, dtype=np.int64) + seed * 86_400),
        "temperature": pa.array(random.normal(20, 5, count).round(2)),
        "humidity": pa.array(random.uniform(30, 70, count).round(2)),
    }
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def ask(athena: Any, sql: str) -> dict[str, Any]:
    """Run a statement and return its execution."""
    key = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": "bench"},
        ResultConfiguration={"OutputLocation": OUTPUT},
    )["QueryExecutionId"]
    while True:
        execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=key)["QueryExecution"]
        state = execution["Status"]["State"]
        if state == "SUCCEEDED":
            return execution
        if state in ("FAILED", "CANCELLED"):
            raise RuntimeError(json.dumps(execution["Status"], default=str))


def compare(athena: Any, size: int, where: str, files: list[Path]) -> dict[str, Any]:
    """Run the query on both sides by turns."""
    sql = QUERY.format(table=f"readings_{size}", where=where)
    listed = ", ".join(f"'{file}'" for file in files)
    plain = QUERY.format(table=f"read_parquet([{listed}], hive_partitioning = true)", where=where)
    text_days = plain.replace("hive_partitioning = true", "hive_partitioning = true, hive_types_autocast = false")
    works = (lambda: ask(athena, sql), lambda: straight(plain), lambda: straight(text_days))
    rounds = [[timed(work) for work in works] for _ in range(REPEATS)]
    ours, theirs, typed = (1000 * min(side) for side in zip(*rounds, strict=True))
    return {
        "query": "one day" if where else "whole",
        "rows": size,
        "athena_ms": ours,
        "duckdb_ms": theirs,
        "text_days_ms": typed,
        "ratio": (ours - 30) / theirs,
        "scanned_MB": ask(athena, sql)["Statistics"]["DataScannedInBytes"] / 1e6,
    }


def straight(sql: str) -> None:
    """Run a query of DuckDB alone and fetch its rows."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(sql).fetchall()


def timed(work: Callable[[], Any]) -> float:
    """The seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    for row in rows():
        print(row)
