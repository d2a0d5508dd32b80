"""A bucket, a database and a role, which tests of crawlers share."""

from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

SECONDS = 60


REGION = "ap-northeast-1"


MERGE: dict[str, Any] = {
    "Version": 1.0,
    "CrawlerOutput": {
        "Tables": {"AddOrUpdateBehavior": "MergeNewColumns"},
        "Partitions": {"AddOrUpdateBehavior": "InheritFromTable"},
    },
}


class Room:
    """A bucket, a database and a role for crawlers."""

    def __init__(self, aws: Any) -> None:
        self.name = f"crawl{uuid.uuid4().hex[:8]}"
        self.glue, self.s3, self.iam, self.logs = (aws.client(service) for service in ("glue", "s3", "iam", "logs"))
        self.dynamodb = aws.client("dynamodb")
        trust = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
        made = self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
        self.role = made["Role"]["Arn"]
        self.grant("s3:*", "glue:*", "logs:*", "dynamodb:*")
        self.s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.glue.create_database(DatabaseInput={"Name": self.name})

    def grant(self, *actions: str) -> None:
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        self.iam.put_role_policy(
            RoleName=self.name, PolicyName="p", PolicyDocument=json.dumps({"Statement": [statement]})
        )

    def put(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.name, Key=key, Body=content)

    def remove(self, *keys: str) -> None:
        for key in keys:
            self.s3.delete_object(Bucket=self.name, Key=key)

    def create(self, path: str, configuration: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Make a crawler of a folder and return its name."""
        name = f"{self.name}-{uuid.uuid4().hex[:6]}"
        target = {"Path": f"s3://{self.name}/{path}"} | more.pop("target", {})
        settings = {"Configuration": json.dumps(configuration)} if configuration else {}
        wanted = {"Targets": {"S3Targets": [target]}, **settings, **more}
        self.glue.create_crawler(Name=name, Role=self.role, DatabaseName=self.name, **wanted)
        return name

    def crawl(self, name: str, status: str = "SUCCEEDED") -> dict[str, Any]:
        """Run a crawler to its end and return it."""
        self.glue.start_crawler(Name=name)
        return self.finished(name, status)

    def finished(self, name: str, status: str = "SUCCEEDED") -> dict[str, Any]:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            found = self.glue.get_crawler(Name=name)["Crawler"]
            if found["State"] == "READY":
                assert found["LastCrawl"]["Status"] == status, found["LastCrawl"]
                return dict(found)
        raise TimeoutError(name)

    def table(self, name: str) -> dict[str, Any]:
        return dict(self.glue.get_table(DatabaseName=self.name, Name=name)["Table"])

    def tables(self) -> list[str]:
        return sorted(table["Name"] for table in self.glue.get_tables(DatabaseName=self.name)["TableList"])

    def columns(self, name: str) -> list[tuple[str, str]]:
        return [(column["Name"], column["Type"]) for column in self.table(name)["StorageDescriptor"]["Columns"]]

    def partitions(self, name: str) -> dict[tuple[str, ...], dict[str, Any]]:
        found = self.glue.get_partitions(DatabaseName=self.name, TableName=name)["Partitions"]
        return {tuple(partition["Values"]): partition for partition in found}

    def counts(self, name: str) -> tuple[int, int, int]:
        (row,) = self.glue.get_crawler_metrics(CrawlerNameList=[name])["CrawlerMetricsList"]
        return row["TablesCreated"], row["TablesUpdated"], row["TablesDeleted"]

    def clear(self) -> None:
        """Leave no object, table or crawler behind."""
        for entry in self.s3.list_objects_v2(Bucket=self.name).get("Contents", []):
            self.remove(entry["Key"])
        for table in self.tables():
            self.glue.delete_table(DatabaseName=self.name, Name=table)
        for name in self.glue.list_crawlers(MaxResults=1000)["CrawlerNames"]:
            if name.startswith(self.name):
                self.glue.delete_crawler(Name=name)

    def close(self) -> None:
        self.glue.delete_database(Name=self.name)
        self.s3.delete_bucket(Bucket=self.name)
        self.iam.delete_role_policy(RoleName=self.name, PolicyName="p")
        self.iam.delete_role(RoleName=self.name)


def parquet(**columns: list[Any]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def refused(code: str, call: Callable[..., Any], **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])
