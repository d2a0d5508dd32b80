"""What a job does, once and small, so that Java sees the classes that jobs load: rows of Python, windows, joins,
partitioned Parquet and text over ``s3://``.

A program: the endpoint and the credentials are those of its environment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import boto3
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812  the name that Spark's own documentation uses

BUCKET = "rehearsal"
ROWS = "device_id string, second long, celsius double"


def readings(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Make a reading of each number."""
    for batch in batches:
        numbers = batch.column("id").to_pylist()
        columns = {"device_id": [f"d-{n % 3}" for n in numbers], "second": numbers, "celsius": [n / 7 for n in numbers]}
        yield pa.RecordBatch.from_pydict(columns)


def write(rows: DataFrame, place: str) -> None:
    """Write rows as a table of days."""
    rows.write.mode("overwrite").partitionBy("year", "day").option("compression", "snappy").parquet(place)


def rehearse(spark: SparkSession, bucket: str) -> None:
    """Write a table, look for what is new in it, merge its files, write its rows as text.

    Parameters: bucket, its URL.
    """
    seen = spark.sparkContext.accumulator(0)
    spark.sparkContext.parallelize(range(4), 2).foreach(seen.add)
    order = Window.partitionBy("device_id", "second").orderBy("celsius")
    first = spark.range(0, 40, numPartitions=2).mapInArrow(readings, ROWS)
    first = first.withColumn("rank", F.row_number().over(order)).where("rank = 1").drop("rank")
    moment = F.timestamp_micros(F.col("second") * 1_000_000_000)
    days = [F.date_format(moment, part).alias(name) for part, name in (("yyyy", "year"), ("dd", "day"))]
    table = first.select("*", moment.alias("moment"), F.lit(None).cast("map<string,string>").alias("more"), *days)
    write(table, f"{bucket}/table/")
    stored = spark.read.parquet(f"{bucket}/table/")
    fresh = stored.join(stored.where("celsius < 1"), ["second"], "left_anti")
    write(fresh.select(stored.columns), f"{bucket}/fresh/")
    stored.agg(F.count("*"), F.count(F.when(F.unix_micros("moment") < 0, 1))).collect()
    merged = spark.read.option("mergeSchema", "true").parquet(f"{bucket}/table/").coalesce(1)
    merged.sortWithinPartitions("device_id", "moment").write.mode("overwrite").parquet(f"{bucket}/merged/")
    text = stored.select(F.to_json(F.struct("*")).alias("value"))
    text.coalesce(1).write.mode("overwrite").text(f"{bucket}/text/")


if __name__ == "__main__":
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
    session = SparkSession.builder.appName("rehearsal").getOrCreate()
    rehearse(session, f"s3://{BUCKET}")
    session.stop()
