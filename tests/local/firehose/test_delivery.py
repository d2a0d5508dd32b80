"""Delivery streams through the API: from Kinesis and directly into S3."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.local import account
from tests.local.account import Statement, wait_for

READ = ("kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards")
NEWLINES = {
    "Enabled": True,
    "Processors": [
        {
            "Type": "AppendDelimiterToRecord",
            "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}],
        }
    ],
}


@pytest.fixture(scope="module")
def role(aws: Any) -> Iterator[str]:
    actions = ("s3:PutObject", "logs:PutLogEvents", *READ)
    arn = account.role("firehose.amazonaws.com", [Statement(action) for action in actions])
    yield arn
    account.drop_role(arn)


@pytest.fixture
def bucket(aws: Any) -> Iterator[str]:
    with account.bucket() as name:
        yield name


@pytest.fixture
def firehose(aws: Any) -> Iterator[Any]:
    """A client whose delivery streams are removed after the test."""
    client = aws.client("firehose")
    before = set(client.list_delivery_streams(Limit=1000)["DeliveryStreamNames"])
    yield client
    for name in set(client.list_delivery_streams(Limit=1000)["DeliveryStreamNames"]) - before:
        client.delete_delivery_stream(DeliveryStreamName=name)


@pytest.fixture
def stream(aws: Any) -> Iterator[str]:
    kinesis, name = aws.client("kinesis"), account.unique("source")
    kinesis.create_stream(StreamName=name, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    yield name
    kinesis.delete_stream(StreamName=name)


def create(firehose: Any, role: str, bucket: str, stream: str = "", **destination: Any) -> str:
    """Make a delivery stream that writes at once, unless told otherwise."""
    name = account.unique("delivery")
    configuration = {
        "RoleARN": role,
        "BucketARN": f"arn:aws:s3:::{bucket}",
        "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
        **destination,
    }
    source: dict[str, Any] = {}
    if stream:
        arn = f"arn:aws:kinesis:{firehose.meta.region_name}:000000000000:stream/{stream}"
        source = {
            "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {"KinesisStreamARN": arn, "RoleARN": role},
        }
    firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=configuration, **source)
    return name


def put(aws: Any, stream: str, texts: list[str]) -> None:
    records = [{"Data": text.encode(), "PartitionKey": text} for text in texts]
    answer = aws.client("kinesis").put_records(StreamName=stream, Records=records)
    assert answer["FailedRecordCount"] == 0


def test_records_of_a_stream_arrive_packed_one_a_line_under_the_hour_of_their_arrival(
    aws: Any, firehose: Any, role: str, bucket: str, stream: str
) -> None:
    began = datetime.now(UTC)
    put(aws, stream, [f"r{n}" for n in range(50)])
    name = create(
        firehose, role, bucket, stream, Prefix="raw/", CompressionFormat="GZIP", ProcessingConfiguration=NEWLINES
    )
    wait_for(lambda: len(account.lines(bucket)) >= 50, "the records")
    assert sorted(account.lines(bucket)) == sorted(f"r{n}" for n in range(50))
    hours = {f"{began:%Y/%m/%d/%H}", f"{datetime.now(UTC):%Y/%m/%d/%H}"}
    pattern = re.compile(rf"raw/(\d{{4}}/\d\d/\d\d/\d\d)/{name}-1-\d{{4}}(-\d\d){{5}}-[0-9a-f-]{{36}}\.gz")
    for key in account.keys(bucket):
        match = pattern.fullmatch(key)
        assert match, key
        assert match[1] in hours
    assert len(account.keys(bucket)) < 10, "several records an object"


def test_records_put_directly_are_joined_as_they_are(firehose: Any, role: str, bucket: str) -> None:
    name = create(firehose, role, bucket, BufferingHints={"IntervalInSeconds": 1, "SizeInMBs": 1}, Prefix="p/")
    answer = firehose.put_record_batch(
        DeliveryStreamName=name, Records=[{"Data": b"one"}, {"Data": b""}, {"Data": b"\x00\xff"}]
    )
    assert answer["FailedPutCount"] == 0
    assert len({entry["RecordId"] for entry in answer["RequestResponses"]}) == 3
    (key,) = wait_for(lambda: account.keys(bucket), "the object")
    assert account.content(bucket, key) == b"one\x00\xff"


def test_an_object_is_written_when_it_is_full_though_the_interval_is_long(
    firehose: Any, role: str, bucket: str
) -> None:
    name = create(firehose, role, bucket, BufferingHints={"IntervalInSeconds": 900, "SizeInMBs": 1})
    half = b"x" * (512 * 1024)
    firehose.put_record(DeliveryStreamName=name, Record={"Data": half})
    firehose.put_record(DeliveryStreamName=name, Record={"Data": half})
    firehose.put_record(DeliveryStreamName=name, Record={"Data": b"the next object's"})
    (key,) = wait_for(lambda: account.keys(bucket), "the full object")
    assert account.content(bucket, key) == half + half


def test_prefixes_file_extension_and_zone_name_the_object(firehose: Any, role: str, bucket: str) -> None:
    name = create(
        firehose,
        role,
        bucket,
        Prefix="y=!{timestamp:yyyy}/!{firehose:random-string}/",
        ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
        FileExtension=".jsonl",
        CustomTimeZone="Asia/Tokyo",
    )
    firehose.put_record(DeliveryStreamName=name, Record={"Data": b"1"})
    (key,) = wait_for(lambda: account.keys(bucket), "the object")
    assert re.fullmatch(rf"y=\d{{4}}/[^/]{{11}}/{name}-1-[0-9-]+-[0-9a-f-]{{36}}\.jsonl", key)


def test_an_update_takes_effect_for_what_comes_after_and_raises_the_version(
    firehose: Any, role: str, bucket: str
) -> None:
    name = create(firehose, role, bucket, Prefix="old/", BufferingHints={"IntervalInSeconds": 900, "SizeInMBs": 1})
    firehose.put_record(DeliveryStreamName=name, Record={"Data": b"before"})
    update = {
        "DeliveryStreamName": name,
        "DestinationId": "destinationId-000000000001",
        "ExtendedS3DestinationUpdate": {
            "Prefix": "new/",
            "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
        },
    }
    firehose.update_destination(CurrentDeliveryStreamVersionId="1", **update)
    firehose.put_record(DeliveryStreamName=name, Record={"Data": b"after"})
    found = wait_for(lambda: account.keys(bucket) if len(account.keys(bucket)) == 2 else None, "both objects")
    assert [(key.partition("/")[0], account.content(bucket, key)) for key in found] == [
        ("new", b"after"),
        ("old", b"before"),
    ]
    assert f"/{name}-2-" in found[0]
    with pytest.raises(firehose.exceptions.ConcurrentModificationException):
        firehose.update_destination(CurrentDeliveryStreamVersionId="1", **update)
    described = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    assert described["VersionId"] == "2"
    assert described["Destinations"][0]["ExtendedS3DestinationDescription"]["Prefix"] == "new/"


def test_what_s3_refuses_is_logged_kept_and_delivered_when_it_may_be(
    aws: Any, firehose: Any, role: str, bucket: str
) -> None:
    logs, group = aws.client("logs"), account.unique("/firehose")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="S3Delivery")
    options = {"Enabled": True, "LogGroupName": group, "LogStreamName": "S3Delivery"}
    limited = account.role("firehose.amazonaws.com", [Statement("logs:PutLogEvents")])
    name = create(firehose, limited, bucket, CloudWatchLoggingOptions=options)
    firehose.put_record(DeliveryStreamName=name, Record={"Data": b"kept"})
    (event,) = wait_for(
        lambda: logs.get_log_events(logGroupName=group, logStreamName="S3Delivery")["events"], "the log event"
    )
    told = json.loads(event["message"])
    assert told["errorCode"] == "S3.AccessDenied"
    assert told["deliveryStreamARN"].endswith(f"deliverystream/{name}")
    account.grant(limited, [Statement("s3:PutObject")])
    (key,) = wait_for(lambda: account.keys(bucket), "the object")
    assert account.content(bucket, key) == b"kept"
    logs.delete_log_group(logGroupName=group)
    account.drop_role(limited)


@pytest.mark.parametrize(
    ("destination", "reason"),
    [
        ({"CompressionFormat": "Snappy"}, "Snappy is not served"),
        ({"BufferingHints": {"IntervalInSeconds": 901, "SizeInMBs": 1}}, "between 0 and 900"),
        ({"BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 129}}, "between 1 and 128"),
        ({"Prefix": "a/!{timestamp:yyyy}/"}, "ErrorOutputPrefix cannot be null"),
        ({"CustomTimeZone": "Mars/Olympus"}, "time zone"),
        ({"FileExtension": "gz"}, "FileExtension must begin"),
        ({"DynamicPartitioningConfiguration": {"Enabled": True}}, "DynamicPartitioning"),
        ({"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Lambda"}]}}, "Lambda is not served"),
        ({"RoleARN": "arn:aws:iam::000000000000:role/nobody"}, "unable to assume role"),
    ],
)
def test_what_is_wrong_or_not_served_is_refused_by_name_when_it_is_made(
    firehose: Any, role: str, bucket: str, destination: dict[str, Any], reason: str
) -> None:
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match=reason):
        create(firehose, role, bucket, **destination)


def test_other_destinations_and_unknown_streams_are_refused(firehose: Any, role: str, bucket: str) -> None:
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match="Redshift"):
        firehose.create_delivery_stream(
            DeliveryStreamName="x",
            RedshiftDestinationConfiguration={
                "RoleARN": role,
                "ClusterJDBCURL": "jdbc:redshift://h:5439/d",
                "CopyCommand": {"DataTableName": "t"},
                "S3Configuration": {"RoleARN": role, "BucketARN": f"arn:aws:s3:::{bucket}"},
            },
        )
    with pytest.raises(firehose.exceptions.ResourceNotFoundException):
        firehose.put_record(DeliveryStreamName="nobody", Record={"Data": b"1"})


def test_a_stream_that_is_missing_or_may_not_be_described_is_refused_as_source(
    firehose: Any, role: str, bucket: str, stream: str
) -> None:
    with pytest.raises(firehose.exceptions.ResourceNotFoundException):
        create(firehose, role, bucket, "no-such-stream")
    blind = account.role("firehose.amazonaws.com", [Statement("s3:PutObject")])
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match="kinesis:DescribeStream"):
        create(firehose, blind, bucket, stream)
    account.drop_role(blind)


def test_limits_of_a_put_are_those_of_firehose(firehose: Any, role: str, bucket: str) -> None:
    name = create(firehose, role, bucket)
    largest = b"x" * 1_024_000
    firehose.put_record(DeliveryStreamName=name, Record={"Data": largest})
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match="1,000 KiB"):
        firehose.put_record(DeliveryStreamName=name, Record={"Data": largest + b"x"})
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match="4 MiB"):
        firehose.put_record_batch(DeliveryStreamName=name, Records=[{"Data": largest}] * 5)
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match="1 to 500"):
        firehose.put_record_batch(DeliveryStreamName=name, Records=[{"Data": b"x"}] * 501)


def test_a_stream_with_a_source_takes_nothing_directly(firehose: Any, role: str, bucket: str, stream: str) -> None:
    name = create(firehose, role, bucket, stream)
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match="not permitted"):
        firehose.put_record(DeliveryStreamName=name, Record={"Data": b"1"})


def test_tags_and_lists_show_what_was_made(firehose: Any, role: str, bucket: str) -> None:
    name = create(firehose, role, bucket)
    firehose.tag_delivery_stream(DeliveryStreamName=name, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    firehose.untag_delivery_stream(DeliveryStreamName=name, TagKeys=["a"])
    assert firehose.list_tags_for_delivery_stream(DeliveryStreamName=name)["Tags"] == [{"Key": "b", "Value": ""}]
    assert name in firehose.list_delivery_streams(Limit=1000)["DeliveryStreamNames"]
    described = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    assert (described["DeliveryStreamStatus"], described["DeliveryStreamType"]) == ("ACTIVE", "DirectPut")
