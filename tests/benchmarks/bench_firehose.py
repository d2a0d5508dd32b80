"""Kinesis to Firehose to S3: records a second from the first put until the last record lies in the bucket.

Both sides take the same batches from one process of writers; the embedded AWS delivers under a role, with permissions
checked and records kept over a crash, stock MiniStack without.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config

from lab import target
from lab.local import server
from tests.benchmarks.stock import stock

RECORD: Final = json.dumps(
    {"device_id": "wio-terminal-001", "timestamp": 1640995200, "temperature": 25.5, "humidity": 60.2}
).encode()
BATCH: Final = 500
RECORDS: Final = 100_000
STOCK_RECORDS: Final = 5_000
"""Stock MiniStack writes an object a record, in the put itself: fewer are enough to see its rate."""
WRITERS: Final = 2
WAIT_SECONDS: Final = 300.0
READ: Final = ("kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords")


def rows() -> list[dict[str, Any]]:
    """Return one row for each side: records, records a second, objects; ratio of the rates."""
    with tempfile.TemporaryDirectory() as folder:
        root, saved = Path(folder) / "lab", dict(os.environ)
        os.environ.update({"LAB_STATE": str(root), "LAB_TARGET": "local"})
        server.start(root, target.DEFAULT_REGION)
        try:
            os.environ.update(target.environment())
            ours = measure("embedded AWS", RECORDS)
        finally:
            server.stop(root)
            os.environ.clear()
            os.environ.update(saved)
        with stock(Path(folder) / "stock", target.DEFAULT_REGION) as running:
            os.environ.update({"AWS_ENDPOINT_URL": running.endpoint, "AWS_DEFAULT_REGION": target.DEFAULT_REGION})
            os.environ.update({"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
            theirs = measure("stock MiniStack", STOCK_RECORDS)
        os.environ.clear()
        os.environ.update(saved)
    ours["ratio"] = ours["per_second"] / theirs["per_second"]
    return [ours, theirs]


def client(service: str) -> Any:
    """Return a client of the side that the environment points to."""
    return boto3.Session().client(service, config=Config(read_timeout=120))


def measure(what: str, count: int) -> dict[str, Any]:
    """Make stream, bucket and delivery stream, put the records and wait for them."""
    prepare()
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", "tests.benchmarks.bench_firehose", str(count)]) as writers:
        while (delivered := stored())[0] < count:
            if time.perf_counter() - began > WAIT_SECONDS:
                writers.kill()
                raise TimeoutError(f"{what}: {delivered[0]} of {count} records were delivered")
            time.sleep(0.05)
        seconds = time.perf_counter() - began
    return {"what": what, "records": count, "per_second": count / seconds, "objects": stored()[1]}


def prepare() -> None:
    """Make what is needed."""
    region = target.DEFAULT_REGION
    client("s3").create_bucket(Bucket="bench", CreateBucketConfiguration={"LocationConstraint": region})
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName="bench", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="bench", WaiterConfig={"Delay": 1})
    trust = {"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allow = {"Effect": "Allow", "Action": [*READ, "s3:PutObject"], "Resource": "*"}
    made = client("iam").create_role(RoleName="bench", AssumeRolePolicyDocument=policy(trust))
    role = made["Role"]["Arn"]
    client("iam").put_role_policy(RoleName="bench", PolicyName="p", PolicyDocument=policy(allow))
    client("firehose").create_delivery_stream(
        DeliveryStreamName="bench",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": f"arn:aws:kinesis:{region}:000000000000:stream/bench",
            "RoleARN": role,
        },
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": "arn:aws:s3:::bench",
            "BufferingHints": {"IntervalInSeconds": 1, "SizeInMBs": 5},
        },
    )


def policy(statement: dict[str, Any]) -> str:
    """Return a policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def stored() -> tuple[int, int]:
    """Return how many records and objects lie in the bucket."""
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket="bench")
    sizes = [entry["Size"] for page in pages for entry in page.get("Contents", [])]
    return sum(sizes) // len(RECORD), len(sizes)


def put(count: int) -> None:
    """Put the records by several writers at once."""
    kinesis = client("kinesis")
    records = [{"Data": RECORD, "PartitionKey": str(number)} for number in range(BATCH)]
    with ThreadPoolExecutor(WRITERS) as writers:
        jobs = [writers.submit(kinesis.put_records, StreamName="bench", Records=records) for _ in range(count // BATCH)]
        if any(job.result()["FailedRecordCount"] for job in jobs):
            raise RuntimeError("records were not taken")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        put(int(sys.argv[1]))
    else:
        for row in rows():
            print(row)
