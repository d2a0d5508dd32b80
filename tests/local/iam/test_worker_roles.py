"""One permission less in the role of a delivery stream, crawler, job or schedule: it fails where AWS tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.local.decisions import read
from lab.local.paths import Paths
from tests.local import account
from tests.local.account import Statement, wait_for

READS = ("kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords")
FIREHOSE = ("kinesis:DescribeStream", *READS, "s3:PutObject", "logs:PutLogEvents")
LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
SCRIPT = """
import boto3
s3 = boto3.client("s3")
s3.put_object(Bucket="{bucket}", Key="output/x", Body=s3.get_object(Bucket="{bucket}", Key="input/x")["Body"].read())
"""


@pytest.fixture
def bucket(aws: Any) -> Iterator[str]:
    with account.bucket() as name:
        yield name


@pytest.fixture(scope="module")
def stream(aws: Any) -> Iterator[str]:
    kinesis, name = aws.client("kinesis"), account.unique("source")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    kinesis.put_record(StreamName=name, PartitionKey="k", Data=b"reading")
    yield kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.delete_stream(StreamName=name)


@pytest.fixture(scope="module")
def log(aws: Any) -> Iterator[str]:
    logs, name = aws.client("logs"), account.unique("/firehose")
    logs.create_log_group(logGroupName=name)
    yield name
    logs.delete_log_group(logGroupName=name)


def deliver(aws: Any, role: str, stream: str, bucket: str, log: str) -> str:
    """Make a delivery stream and its log stream, which have one name."""
    name = account.unique("delivery")
    aws.client("logs").create_log_stream(logGroupName=log, logStreamName=name)
    aws.client("firehose").create_delivery_stream(
        DeliveryStreamName=name,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": stream, "RoleARN": role},
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{bucket}",
            "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
            "CloudWatchLoggingOptions": {"Enabled": True, "LogGroupName": log, "LogStreamName": name},
        },
    )
    return name


def told(aws: Any, log: str, name: str) -> list[dict[str, Any]]:
    events = aws.client("logs").get_log_events(logGroupName=log, logStreamName=name)["events"]
    return [json.loads(event["message"]) for event in events]


def granted_without(actions: tuple[str, ...], missing: str) -> list[Statement]:
    return [Statement(action) for action in actions if action != missing]


@pytest.mark.parametrize("missing", ["", *FIREHOSE])
def test_a_delivery_stream_without_one_permission_fails_there_and_says_so(
    aws: Any, stream: str, bucket: str, log: str, missing: str
) -> None:
    firehose = aws.client("firehose")
    role = account.role("firehose.amazonaws.com", granted_without(FIREHOSE, missing))
    if missing == "kinesis:DescribeStream":
        with pytest.raises(ClientError, match=f"InvalidArgument.*{missing}"):
            deliver(aws, role, stream, bucket, log)
        account.drop_role(role)
        return
    name = deliver(aws, role, stream, bucket, log)
    if missing in ("", "logs:PutLogEvents"):
        wait_for(lambda: account.lines(bucket) == ["reading"], "the record")
        assert told(aws, log, name) == []
    else:
        (failure,) = wait_for(lambda: told(aws, log, name), "the failure")
        assert failure["errorCode"] == ("S3" if missing == "s3:PutObject" else "Kinesis") + ".AccessDenied"
        assert missing in failure["message"] or missing == "s3:PutObject"
        assert account.keys(bucket) == []
    firehose.delete_delivery_stream(DeliveryStreamName=name)
    account.drop_role(role)


def crawl(aws: Any, role: str, bucket: str) -> dict[str, Any]:
    """Crawl a bucket into a new database and return LastCrawl."""
    glue, name = aws.client("glue"), account.unique("crawl")
    glue.create_database(DatabaseInput={"Name": name})
    glue.create_crawler(
        Name=name, Role=role, DatabaseName=name, Targets={"S3Targets": [{"Path": f"s3://{bucket}/data/"}]}
    )
    glue.start_crawler(Name=name)
    last: dict[str, Any] = wait_for(
        lambda: (found := glue.get_crawler(Name=name)["Crawler"])["State"] == "READY" and found.get("LastCrawl"),
        "the end of the crawl",
    )
    last["Tables"] = [table["Name"] for table in glue.get_tables(DatabaseName=name)["TableList"]]
    glue.delete_crawler(Name=name)
    glue.delete_database(Name=name)
    return last


def test_a_crawler_without_one_permission_that_it_uses_fails_and_says_so(aws: Any, bucket: str) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="data/day=1/a.json", Body=b'{"a": 1}\n')
    role = account.role("glue.amazonaws.com", [Statement("s3:*"), Statement("glue:*"), Statement("logs:*")])
    assert crawl(aws, role, bucket)["Status"] == "SUCCEEDED"
    name = role.rpartition("/")[2]
    used = {decision.action for decision in read(Paths(aws.root).decisions) if decision.role == name}
    assert {"s3:ListBucket", "s3:GetObject", "glue:CreateTable", "glue:BatchCreatePartition"} <= used
    for missing in sorted(action for action in used if not action.startswith("logs:")):
        account.grant(role, granted_without(tuple(used), missing))
        last = crawl(aws, role, bucket)
        assert last["Status"] == "FAILED", f"without {missing}"
        assert missing.partition(":")[2] in last["ErrorMessage"].replace("ListObjectsV2", "ListBucket")
    account.drop_role(role)


@pytest.mark.parametrize("missing", ["", "script", "input", "output", "logs"])
def test_a_job_without_one_permission_fails_and_says_so(aws: Any, bucket: str, missing: str) -> None:
    s3, glue, name = aws.client("s3"), aws.client("glue"), account.unique("job")
    s3.put_object(Bucket=bucket, Key="script/x.py", Body=SCRIPT.format(bucket=bucket).encode())
    s3.put_object(Bucket=bucket, Key="input/x", Body=b"data")
    hops = {
        "script": [Statement("s3:GetObject", (f"arn:aws:s3:::{bucket}/script/*",))],
        "input": [Statement("s3:GetObject", (f"arn:aws:s3:::{bucket}/input/*",))],
        "output": [Statement("s3:PutObject", (f"arn:aws:s3:::{bucket}/output/*",))],
        "logs": [Statement(action) for action in LOGS],
    }
    role = account.role("glue.amazonaws.com", [s for hop, some in hops.items() if hop != missing for s in some])
    command = {"Name": "pythonshell", "ScriptLocation": f"s3://{bucket}/script/x.py", "PythonVersion": "3.9"}
    glue.create_job(Name=name, Role=role, Command=command, MaxRetries=0)
    run = glue.start_job_run(JobName=name)["JobRunId"]
    ended = wait_for(
        lambda: (
            (found := glue.get_job_run(JobName=name, RunId=run)["JobRun"])["JobRunState"]
            in ("SUCCEEDED", "FAILED", "ERROR", "TIMEOUT")
            and found
        ),
        "the end of the run",
    )
    assert ended["JobRunState"] == ("SUCCEEDED" if missing in ("", "logs") else "FAILED")
    if ended["JobRunState"] == "FAILED":
        assert "Access" in ended["ErrorMessage"]
    assert ("output/x" in account.keys(bucket)) == (missing in ("", "logs"))
    glue.delete_job(JobName=name)
    account.drop_role(role)


@pytest.mark.parametrize("missing", ["", "target", "dead letters"])
def test_a_schedule_without_one_permission_fails_there_alone(aws: Any, missing: str) -> None:
    sqs, scheduler, name = aws.client("sqs"), aws.client("scheduler"), account.unique("schedule")
    urls = {
        part: sqs.create_queue(QueueName=account.unique("queue"))["QueueUrl"] for part in ("target", "dead letters")
    }
    arns = {
        part: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for part, url in urls.items()
    }
    granted = tuple(arn for part, arn in arns.items() if part != missing)
    role = account.role("scheduler.amazonaws.com", [Statement("sqs:SendMessage", granted)])
    scheduler.create_schedule(
        Name=name,
        ScheduleExpression=f"at({datetime.now(UTC) + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": arns["target"],
            "RoleArn": role,
            "Input": "called",
            "DeadLetterConfig": {"Arn": arns["dead letters"]},
            "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
        },
    )
    reached = "dead letters" if missing == "target" else "target"
    (message,) = wait_for(
        lambda: sqs.receive_message(QueueUrl=urls[reached], MessageAttributeNames=["All"]).get("Messages"), reached
    )
    if missing == "target":
        assert "AccessDenied" in str(message["MessageAttributes"])
    else:
        assert message["Body"] == "called"
        assert "Messages" not in sqs.receive_message(QueueUrl=urls["dead letters"])
    scheduler.delete_schedule(Name=name)
    for url in urls.values():
        sqs.delete_queue(QueueUrl=url)
    account.drop_role(role)
