"""Crawlers in the embedded AWS: what they write into the catalogue, their policies, states, schedules and refusals."""

from __future__ import annotations

import gzip
import io
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from lab.local.context import Context, Credentials
from lab.local.crawler import Crawlers
from lab.local.crawler.starts import Starts
from lab.local.edge import Call
from lab.local.errors import AwsError

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


@pytest.fixture(scope="module")
def kept_room(aws: Any) -> Iterator[Room]:
    made = Room(aws)
    yield made
    made.close()


@pytest.fixture
def room(kept_room: Room) -> Iterator[Room]:
    yield kept_room
    kept_room.clear()


def parquet(**columns: list[Any]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def refused(code: str, call: Callable[..., Any], **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def test_when_parquet_lies_in_days_it_is_one_table_with_partitions(room: Room) -> None:
    for day in ("01", "02"):
        room.put(f"lake/readings/year=2024/month=01/day={day}/a.parquet", parquet(device=["d"], t=[1.5]))
    room.put("lake/readings/_SUCCESS", b"x")
    room.put("lake/readings/empty", b"")
    crawler = room.create("lake/readings/", TablePrefix="p_")
    found = room.crawl(crawler)
    table = room.table("p_readings")
    assert room.columns("p_readings") == [("device", "string"), ("t", "double")]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["year", "month", "day"]
    assert table["StorageDescriptor"]["Location"] == f"s3://{room.name}/lake/readings/"
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert {
        "UPDATED_BY_CRAWLER": crawler,
        "classification": "parquet",
        "compressionType": "none",
        "objectCount": "2",
        "typeOfData": "file",
    }.items() <= table["Parameters"].items()
    partitions = room.partitions("p_readings")
    assert sorted(partitions) == [("2024", "01", "01"), ("2024", "01", "02")]
    place = partitions["2024", "01", "02"]["StorageDescriptor"]["Location"]
    assert place == f"s3://{room.name}/lake/readings/year=2024/month=01/day=02/"
    assert room.counts(crawler) == (1, 0, 0)
    last = found["LastCrawl"]
    assert (last["LogGroup"], last["LogStream"]) == ("/aws-glue/crawlers", crawler)
    events = room.logs.get_log_events(logGroupName=last["LogGroup"], logStreamName=crawler, startFromHead=True)
    lines = [event["message"] for event in events["events"]]
    assert all(line.startswith(f"[{last['MessagePrefix']}] ") for line in lines)
    assert f"[{last['MessagePrefix']}] INFO : Created table p_readings in database {room.name}" in lines


def test_when_a_crawl_finds_nothing_new_it_changes_nothing(room: Room) -> None:
    room.put("a/k=1/x.json", b'{"n": 1}')
    crawler = room.create("a/")
    room.crawl(crawler)
    before = room.table("a"), room.partitions("a")
    room.crawl(crawler)
    assert (room.table("a"), room.partitions("a")) == before
    assert room.counts(crawler) == (0, 0, 0)


def test_when_objects_are_gzipped_json_or_csv_their_tables_say_how_to_read_them(room: Room) -> None:
    room.put("in/lines/a.gz", gzip.compress(b'{"Id": "a", "n": 1}\n{"Id": "b", "n": 2.5}\n'))
    room.put("in/cells/a.csv", b"name;n\nx;1\ny;2\n")
    crawler = room.create("in/")
    room.crawl(crawler)
    assert room.tables() == ["cells", "lines"]
    assert room.columns("lines") == [("id", "string"), ("n", "double")]
    lines, cells = room.table("lines"), room.table("cells")
    assert (lines["Parameters"]["classification"], lines["Parameters"]["compressionType"]) == ("json", "gzip")
    assert lines["StorageDescriptor"]["Compressed"] is True
    assert lines["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"paths": "Id,n"}
    assert room.columns("cells") == [("name", "string"), ("n", "bigint")]
    assert cells["Parameters"]["skip.header.line.count"] == "1"
    assert cells["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"field.delim": ";"}


def test_when_columns_come_and_go_the_table_follows_or_keeps_what_it_had(room: Room) -> None:
    room.put("a/x.json", b'{"one": 1, "two": 2, "three": 3, "four": 4}')
    plain, merging = room.create("a/"), room.create("a/", MERGE, TablePrefix="m_")
    for crawler in (plain, merging):
        room.crawl(crawler)
    room.put("a/x.json", b'{"five": 1, "two": 2.5, "three": 3, "four": 4}')
    for crawler in (plain, merging):
        room.crawl(crawler)
        assert room.counts(crawler) == (0, 1, 0)
    assert room.columns("a") == [("five", "int"), ("two", "double"), ("three", "int"), ("four", "int")]
    kept = [("one", "int"), ("two", "int"), ("three", "int"), ("four", "int"), ("five", "int")]
    assert room.columns("m_a") == kept


def test_when_partitions_inherit_they_get_the_columns_of_the_table_and_else_keep_their_own(room: Room) -> None:
    room.put("a/k=1/x.json", b'{"a": 1, "b": 1, "c": 1, "d": 1}')
    own, inheriting = room.create("a/"), room.create("a/", MERGE, TablePrefix="m_")
    for crawler in (own, inheriting):
        room.crawl(crawler)
    room.put("a/k=2/x.json", b'{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}')
    for crawler in (own, inheriting):
        room.crawl(crawler)
    widths = {
        table: {key[0]: len(item["StorageDescriptor"]["Columns"]) for key, item in room.partitions(table).items()}
        for table in ("a", "m_a")
    }
    assert widths == {"a": {"1": 4, "2": 5}, "m_a": {"1": 5, "2": 5}}


def test_when_updates_are_only_logged_the_table_stays_and_new_partitions_come(room: Room) -> None:
    room.put("a/k=1/x.json", b'{"a": 1, "b": 1, "c": 1, "d": 1}')
    crawler = room.create("a/", SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"})
    room.crawl(crawler)
    room.put("a/k=2/x.json", b'{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1}')
    room.remove("a/k=1/x.json")
    room.crawl(crawler)
    assert len(room.columns("a")) == 4
    assert sorted(room.partitions("a")) == [("1",), ("2",)]
    assert room.counts(crawler) == (0, 0, 0)


def test_when_objects_are_gone_tables_and_partitions_are_deprecated_deleted_or_left(room: Room) -> None:
    names = {}
    for behavior, prefix in (("DEPRECATE_IN_DATABASE", "dep_"), ("DELETE_FROM_DATABASE", "del_"), ("LOG", "log_")):
        policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behavior}
        names[prefix] = room.create("in/", TablePrefix=prefix, SchemaChangePolicy=policy)
    first = b'{"a": 1, "b": 1, "c": 1}'
    for key in ("in/one/k=1/x", "in/one/k=2/x"):
        room.put(key, first)
    room.put("in/two/x", b'{"x": 1, "y": 1}')
    for crawler in names.values():
        room.crawl(crawler)
    assert len(room.tables()) == 6
    room.remove("in/one/k=2/x", "in/two/x")
    room.put("in/three/x", b'{"u": 1, "v": 1}')
    for crawler in names.values():
        room.crawl(crawler)
    assert "del_two" not in room.tables()
    assert room.table("dep_two")["Parameters"]["DEPRECATED_BY_CRAWLER"].isdigit()
    assert "DEPRECATED_BY_CRAWLER" not in room.table("log_two")["Parameters"]
    assert sorted(room.partitions("del_one")) == [("1",)]
    assert "DEPRECATED_BY_CRAWLER" in room.partitions("dep_one")["2",]["Parameters"]
    assert room.counts(names["del_"]) == (1, 0, 1)
    assert room.counts(names["dep_"]) == (1, 1, 0)

    room.put("in/two/x", b'{"x": 1, "y": 1}')
    room.put("in/one/k=2/x", first)
    room.crawl(names["dep_"])
    assert "DEPRECATED_BY_CRAWLER" not in room.table("dep_two")["Parameters"]
    assert "DEPRECATED_BY_CRAWLER" not in room.partitions("dep_one")["2",]["Parameters"]


def test_when_only_new_folders_are_crawled_old_ones_are_not_looked_at_again(room: Room) -> None:
    policy = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    recrawl = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}
    room.put("a/k=1/x.json", b'{"a": 1, "b": 1, "c": 1}')
    crawler = room.create("a/", SchemaChangePolicy=policy, RecrawlPolicy=recrawl)
    room.crawl(crawler)
    room.put("a/k=1/y.json", b"not to be read")
    room.put("a/k=2/x.json", b'{"a": 1, "b": 1, "c": 1}')
    room.crawl(crawler)
    assert sorted(room.partitions("a")) == [("1",), ("2",)]
    assert room.tables() == ["a"]
    refused("InvalidInputException", room.glue.update_crawler, Name=crawler, SchemaChangePolicy={"DeleteBehavior": "DELETE_FROM_DATABASE"})  # fmt: skip  # noqa: E501


def test_when_exclusions_and_samples_are_given_only_what_is_left_counts(room: Room) -> None:
    room.put("a/x.json", b'{"old": 1}')
    room.put("a/skip/x.json", b'{"no": 1}')
    room.put("a/y.json", b'{"new": 1}')
    crawler = room.create("a/", target={"Exclusions": ["skip/**"], "SampleSize": 1})
    room.crawl(crawler)
    assert room.columns("a") in ([("old", "int")], [("new", "int")])
    assert room.tables() == ["a"]


def test_when_tables_are_told_by_level_each_folder_of_it_is_one(room: Room) -> None:
    room.put("in/one/k=1/x", b'{"a": 1}')
    room.put("in/one/k=2/x", b'{"b": 1}')
    room.put("in/two/k=1/x", b'{"a": 1}')
    grouping = {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": 3}
    room.crawl(room.create("in/", {"Version": 1.0, "Grouping": grouping}))
    assert room.tables() == ["one", "two"]
    assert room.columns("one") == [("a", "int"), ("b", "int")]
    assert sorted(room.partitions("one")) == [("1",), ("2",)]


def test_when_a_name_is_taken_by_another_place_a_hash_tells_them_apart(room: Room) -> None:
    room.put("in/t/x", b'{"a": 1}')
    room.put("other/t/x", b'{"b": 1}')
    room.crawl(room.create("in/t/"))
    room.crawl(room.create("other/t/"))
    first, second = room.tables()
    assert (first, len(second)) == ("t", len("t_") + 32)
    assert room.columns(second) == [("b", "int")]


def test_when_a_crawled_table_is_asked_by_athena_the_rows_are_there(room: Room, aws: Any) -> None:
    room.put("in/cells/a.csv", b"name,n\nx,1\ny,2\n")
    room.crawl(room.create("in/cells/"))
    athena = aws.client("athena")
    key = athena.start_query_execution(
        QueryString=f"SELECT name, n + 1 FROM {room.name}.cells ORDER BY n",
        ResultConfiguration={"OutputLocation": f"s3://{room.name}/results/"},
    )["QueryExecutionId"]
    end = time.monotonic() + SECONDS
    while athena.get_query_execution(QueryExecutionId=key)["QueryExecution"]["Status"]["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        assert time.monotonic() < end
    rows = athena.get_query_results(QueryExecutionId=key)["ResultSet"]["Rows"][1:]
    assert [[cell["VarCharValue"] for cell in row["Data"]] for row in rows] == [["x", "2"], ["y", "3"]]


def test_when_a_table_of_dynamodb_is_crawled_its_attributes_are_columns(room: Room) -> None:
    room.dynamodb.create_table(
        TableName=room.name,
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "Id", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {
        "Id": {"S": "a"},
        "at": {"N": "1"},
        "t": {"N": "20"},
        "on": {"BOOL": True},
        "tags": {"SS": ["x"]},
        "in": {"M": {"v": {"N": "1.5"}, "w": {"S": "x"}}},
        "list": {"L": [{"N": "1"}, {"N": "2.5"}]},
        "nil": {"NULL": True},
    }
    room.dynamodb.put_item(TableName=room.name, Item=item)
    room.dynamodb.put_item(TableName=room.name, Item={"Id": {"S": "b"}, "at": {"N": "2"}, "t": {"N": "20.5"}})
    name = f"{room.name}-table"
    target = {"DynamoDBTargets": [{"Path": room.name}]}
    room.glue.create_crawler(Name=name, Role=room.name, DatabaseName=room.name, Targets=target)
    room.crawl(name)
    room.dynamodb.delete_table(TableName=room.name)
    assert room.columns(room.name) == [
        ("at", "bigint"),
        ("id", "string"),
        ("in", "struct<v:double,w:string>"),
        ("list", "array<double>"),
        ("nil", "string"),
        ("on", "boolean"),
        ("t", "double"),
        ("tags", "array<string>"),
    ]
    facts = room.table(room.name)["Parameters"]
    assert (facts["classification"], facts["hashKey"], facts["rangeKey"]) == ("dynamodb", "Id", "at")


def test_when_a_crawl_may_not_read_it_fails_with_the_refusal_and_is_listed(room: Room) -> None:
    room.put("a/x.json", b'{"a": 1}')
    crawler = room.create("a/")
    room.crawl(crawler)
    room.grant("glue:*", "logs:*")
    found = room.crawl(crawler, "FAILED")
    room.grant("s3:*", "glue:*", "logs:*", "dynamodb:*")
    assert "AccessDenied" in found["LastCrawl"]["ErrorMessage"]
    crawls = room.glue.list_crawls(CrawlerName=crawler)["Crawls"]
    assert [crawl["State"] for crawl in crawls] == ["FAILED", "COMPLETED"]
    assert json.loads(crawls[1]["Summary"])["TABLE"]["ADD"]["Count"] == 1
    only = [{"FieldName": "STATE", "FilterOperator": "EQ", "FieldValue": "FAILED"}]
    assert len(room.glue.list_crawls(CrawlerName=crawler, Filters=only)["Crawls"]) == 1
    page = room.glue.list_crawls(CrawlerName=crawler, MaxResults=1)
    rest = room.glue.list_crawls(CrawlerName=crawler, MaxResults=1, NextToken=page["NextToken"])
    assert [crawl["State"] for crawl in rest["Crawls"]] == ["COMPLETED"]


def test_when_a_schedule_is_changed_stopped_or_started_its_state_says_so(room: Room) -> None:
    crawler = room.create("a/", Schedule="cron(0 2 * * ? *)")
    shown = room.glue.get_crawler(Name=crawler)["Crawler"]["Schedule"]
    assert shown == {"ScheduleExpression": "cron(0 2 * * ? *)", "State": "SCHEDULED"}
    refused("SchedulerRunningException", room.glue.start_crawler_schedule, CrawlerName=crawler)
    room.glue.stop_crawler_schedule(CrawlerName=crawler)
    assert room.glue.get_crawler(Name=crawler)["Crawler"]["Schedule"]["State"] == "NOT_SCHEDULED"
    refused("SchedulerNotRunningException", room.glue.stop_crawler_schedule, CrawlerName=crawler)
    room.glue.start_crawler_schedule(CrawlerName=crawler)
    room.glue.update_crawler_schedule(CrawlerName=crawler, Schedule="cron(0 3 * * ? *)")
    assert room.glue.get_crawler(Name=crawler)["Crawler"]["Schedule"]["ScheduleExpression"] == "cron(0 3 * * ? *)"
    room.glue.update_crawler_schedule(CrawlerName=crawler, Schedule="")
    assert "Schedule" not in room.glue.get_crawler(Name=crawler)["Crawler"]
    refused("NoScheduleException", room.glue.start_crawler_schedule, CrawlerName=crawler)
    refused("InvalidInputException", room.glue.update_crawler_schedule, CrawlerName=crawler, Schedule="rate(1 hour)")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"Role": "nobody"}, "Service is unable to assume provided role. Please verify role's TrustPolicy"),
        ({"Targets": {}}, "at least one target"),
        ({"Targets": {"JdbcTargets": [{"Path": "x"}]}}, "JdbcTargets: not served"),
        ({"Targets": {"S3Targets": [{"Path": "s3://b", "EventQueueArn": "q"}]}}, "EventQueueArn"),
        ({"Classifiers": ["mine"]}, "Custom classifiers are not served"),
        ({"Schedule": "cron(99 99 * * ? *)"}, "Invalid schedule expression cron(99 99 * * ? *)"),
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}}, "CRAWL_EVENT_MODE is not served"),
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}}, 'The SchemaChangePolicy for "Crawl new'),
        ({"Configuration": "{"}, "Configuration is not JSON"),
        ({"Configuration": '{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 0}}'}, "whole number from 1"),
        (
            {"Configuration": '{"Version": 1.0, "CreatePartitionIndex": true}'},
            "CreatePartitionIndex True is not served",
        ),
        ({"LineageConfiguration": {"CrawlerLineageSettings": "ENABLE"}}, "Lineage is not served"),
        ({"CrawlerSecurityConfiguration": "s"}, "CrawlerSecurityConfiguration is not served"),
    ],
)
def test_when_a_crawler_asks_for_what_is_not_served_it_is_refused_and_not_made(
    room: Room, more: dict[str, Any], told: str
) -> None:
    wanted = {"Role": room.role, "Targets": {"S3Targets": [{"Path": f"s3://{room.name}/"}]}, **more}
    message = refused(
        "InvalidInputException", room.glue.create_crawler, Name=f"{room.name}-bad", DatabaseName=room.name, **wanted
    )
    assert told in message
    refused("EntityNotFoundException", room.glue.get_crawler, Name=f"{room.name}-bad")


def test_when_a_crawler_is_known_it_can_be_listed_changed_and_deleted(room: Room) -> None:
    names = sorted(room.create("a/") for _ in range(3))
    found = room.glue.batch_get_crawlers(CrawlerNames=[*names, "none"])
    assert ([item["Name"] for item in found["Crawlers"]], found["CrawlersNotFound"]) == (names, ["none"])
    listed: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = room.glue.list_crawlers(MaxResults=2, **token)
        listed += page["CrawlerNames"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [name for name in listed if name in names] == names
    room.glue.update_crawler(Name=names[0], Description="changed")
    shown = room.glue.get_crawler(Name=names[0])["Crawler"]
    assert (shown["Description"], shown["Version"], shown["State"]) == ("changed", 2, "READY")
    assert shown["SchemaChangePolicy"]["DeleteBehavior"] == "DEPRECATE_IN_DATABASE"
    refused(
        "AlreadyExistsException",
        room.glue.create_crawler,
        Name=names[0],
        Role=room.role,
        DatabaseName=room.name,
        Targets={"S3Targets": [{"Path": "s3://b/"}]},
    )
    refused("CrawlerNotRunningException", room.glue.stop_crawler, Name=names[0])
    room.glue.delete_crawler(Name=names[0])
    refused("EntityNotFoundException", room.glue.start_crawler, Name=names[0])


def test_when_a_crawler_is_tagged_it_is_found_by_its_tags_until_it_is_deleted(room: Room) -> None:
    crawler = room.create("a/", Tags={"room": room.name, "kind": "test"})
    arn = f"arn:aws:glue:{REGION}:000000000000:crawler/{crawler}"
    assert room.glue.get_tags(ResourceArn=arn)["Tags"] == {"room": room.name, "kind": "test"}
    assert room.glue.list_crawlers(Tags={"room": room.name})["CrawlerNames"] == [crawler]
    assert room.glue.list_crawlers(Tags={"room": room.name, "kind": "other"})["CrawlerNames"] == []
    room.glue.delete_crawler(Name=crawler)
    assert room.glue.get_tags(ResourceArn=arn)["Tags"] == {}


class Slow:
    """An S3 whose listing waits until it is let go."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def get_paginator(self, _name: str) -> Any:
        return self

    def paginate(self, **_request: Any) -> list[dict[str, Any]]:
        self.asked.set()
        assert self.go.wait(SECONDS)
        return [{"Contents": []}]


def slow_crawlers(folder: Path, slow: Slow, bus: list[Mapping[str, Any]] | None = None) -> Crawlers:
    def client(_role: str, _principal: str, service: str) -> Any:
        if service == "s3":
            return slow
        made = MagicMock()
        made.exceptions.ClientError = made.exceptions.ResourceAlreadyExistsException = KeyError
        made.get_paginator.return_value.paginate.return_value = []
        return made

    context = Context(
        endpoint="http://127.0.0.1:1",
        region=REGION,
        account="000000000000",
        state=folder,
        objects=folder,
        service_client=lambda _service: None,
        assume=lambda _role, _principal: Credentials("a", "b"),
        role_client=client,
        now=time.time,
    )

    def tell(kind: str, detail: Mapping[str, Any]) -> None:
        assert kind == "Glue Crawler State Change"
        if bus is not None:
            bus.append(detail)

    return Crawlers(context, tell)


def ask(crawlers: Crawlers, operation: str, **payload: Any) -> dict[str, Any]:
    return crawlers.operations[operation](Call("glue", operation, payload, "000000000000", REGION, {}))


def test_when_a_crawl_is_under_way_it_can_be_stopped_and_nothing_else(tmp_path: Path) -> None:
    slow = Slow()
    crawlers = slow_crawlers(tmp_path, slow)
    target = {"S3Targets": [{"Path": "s3://b/"}]}
    ask(crawlers, "CreateCrawler", Name="c", Role="r", DatabaseName="d", Targets=target)
    ask(crawlers, "StartCrawler", Name="c")
    assert slow.asked.wait(SECONDS)
    for operation in ("StartCrawler", "UpdateCrawler", "DeleteCrawler"):
        with pytest.raises(AwsError, match="CrawlerRunningException: Crawler with name c has already started"):
            ask(crawlers, operation, Name="c")
    assert ask(crawlers, "GetCrawler", Name="c")["Crawler"]["State"] == "RUNNING"
    assert ask(crawlers, "ListCrawls", CrawlerName="c")["Crawls"][0]["State"] == "RUNNING"
    ask(crawlers, "StopCrawler", Name="c")
    assert ask(crawlers, "GetCrawler", Name="c")["Crawler"]["State"] == "STOPPING"
    with pytest.raises(AwsError, match="CrawlerStoppingException"):
        ask(crawlers, "StopCrawler", Name="c")

    again = slow_crawlers(tmp_path, slow)  # what a start after a crash at this moment finds
    last = ask(again, "GetCrawler", Name="c")["Crawler"]
    assert (last["State"], last["LastCrawl"]["Status"]) == ("READY", "FAILED")
    assert last["LastCrawl"]["ErrorMessage"] == "The service restarted while the crawler was running."

    slow.go.set()
    for thread in crawlers._threads:
        thread.join(SECONDS)
    last = ask(crawlers, "GetCrawler", Name="c")["Crawler"]
    assert (last["State"], last["LastCrawl"]["Status"]) == ("READY", "CANCELLED")


def test_when_a_scheduled_time_comes_the_crawler_is_started_once_and_never_for_times_that_passed() -> None:
    now = [1_772_193_600.0]  # 2026-02-27T12:00:00Z
    expressions = {"hourly": "cron(0 * * * ? *)", "nightly": "cron(30 12 * * ? *)"}
    started: list[tuple[str, float]] = []
    starts = Starts(lambda: expressions, lambda name: started.append((name, now[0])), lambda: now[0])
    began = now[0]
    for _ in range(2 * 120):
        assert starts.turn() <= 30
        now[0] += 30
    assert [(name, when - began) for name, when in started] == [("hourly", 0), ("nightly", 1800), ("hourly", 3600)]
    started.clear()
    now[0] += 5 * 3600  # the computer slept
    starts.turn()
    assert [name for name, _ in started] == ["hourly"]
    del expressions["hourly"]
    started.clear()
    now[0] += 3600
    starts.turn()
    assert started == []


def test_when_a_schedule_fires_the_crawler_runs(tmp_path: Path) -> None:
    slow = Slow()
    slow.go.set()
    bus: list[Mapping[str, Any]] = []
    crawlers = slow_crawlers(tmp_path, slow, bus)
    every = "cron(0 0 1 1 ? 2199)"
    target = {"S3Targets": [{"Path": "s3://b/"}]}
    ask(crawlers, "CreateCrawler", Name="c", Role="r", DatabaseName="d", Targets=target, Schedule=every)
    crawlers._starts._next = {"c": (every, time.time())}  # as if the time had come: tests do not wait for a full minute
    crawlers.start()
    assert slow.asked.wait(SECONDS)
    crawlers.stop(SECONDS)
    assert ask(crawlers, "GetCrawler", Name="c")["Crawler"]["LastCrawl"]["Status"] == "SUCCEEDED"
    assert [(event["crawlerName"], event["state"]) for event in bus] == [("c", "Started"), ("c", "Succeeded")]
    assert bus[1]["tablesCreated"] == "0"
