"""What services tell CloudWatch of themselves, read back over the endpoint, and what metric filters count.

Sources: https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html,
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html,
https://docs.aws.amazon.com/iot/latest/developerguide/metrics_dimensions.html
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import account
from tests.local.account import Statement, wait_for

STATISTICS = ["Sum", "Maximum", "Minimum", "SampleCount"]


def told(aws: Any, namespace: str, metric: str, **dimensions: str) -> dict[str, float]:
    """Return the statistics of a metric over the last hour; nothing when there were no data."""
    points = aws.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=datetime.now(UTC) - timedelta(hours=1),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=STATISTICS,
    )["Datapoints"]
    if not points:
        return {}
    return {
        "Sum": sum(point["Sum"] for point in points),
        "Maximum": max(point["Maximum"] for point in points),
        "Minimum": min(point["Minimum"] for point in points),
        "SampleCount": sum(point["SampleCount"] for point in points),
    }


@pytest.fixture
def stream(aws: Any) -> Iterator[str]:
    kinesis, name = aws.client("kinesis"), account.unique("told")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    yield name
    kinesis.delete_stream(StreamName=name)


def test_a_stream_tells_what_came_in_what_was_read_and_how_old_it_was(aws: Any, stream: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.put_record(StreamName=stream, PartitionKey="k", Data=b"12345")
    records = [{"PartitionKey": '"SequenceNumber": "', "Data": data} for data in (b"1", b"12", b"123")]
    kinesis.put_records(StreamName=stream, Records=records)
    found = {
        name: told(aws, "AWS/Kinesis", name, StreamName=stream)
        for name in ("IncomingRecords", "IncomingBytes", "PutRecord.Success", "PutRecords.SuccessfulRecords")
    }
    assert {name: statistics["Sum"] for name, statistics in found.items()} == {
        "IncomingRecords": 4,
        "IncomingBytes": 11,
        "PutRecord.Success": 1,
        "PutRecords.SuccessfulRecords": 3,
    }
    place = {"StreamName": stream, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(**place)["ShardIterator"]
    answer = kinesis.get_records(ShardIterator=iterator, Limit=3)
    kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert told(aws, "AWS/Kinesis", "GetRecords.Records", StreamName=stream)["Sum"] == 4
    assert told(aws, "AWS/Kinesis", "GetRecords.Bytes", StreamName=stream)["Sum"] == 11
    age = told(aws, "AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", StreamName=stream)
    assert (age["SampleCount"], age["Minimum"], age["Maximum"]) == (2, 0, answer["MillisBehindLatest"])


def firehose(aws: Any, role: str, bucket: str, **more: Any) -> str:
    name = account.unique("told")
    aws.client("firehose").create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{bucket}",
            "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
        },
        **more,
    )
    return name


def test_a_delivery_stream_tells_what_came_in_what_it_delivered_and_how_old_it_was(aws: Any, stream: str) -> None:
    role = account.role("firehose.amazonaws.com", [Statement("s3:PutObject"), Statement("kinesis:*")])
    client, kinesis = aws.client("firehose"), aws.client("kinesis")
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    source = {"KinesisStreamARN": arn, "RoleARN": role}
    kinesis.put_record(StreamName=stream, PartitionKey="k", Data=b"four")
    with account.bucket() as bucket:
        direct = firehose(aws, role, bucket)
        reading = firehose(
            aws,
            role,
            bucket,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration=source,
        )
        client.put_record(DeliveryStreamName=direct, Record={"Data": b"12345"})
        client.put_record_batch(DeliveryStreamName=direct, Records=[{"Data": b"123"}, {"Data": b"1"}])

        def sums(name: str, *metrics: str) -> list[float]:
            found = [told(aws, "AWS/Firehose", metric, DeliveryStreamName=name) for metric in metrics]
            return [statistics.get("Sum", 0.0) for statistics in found]

        delivered = ("DeliveryToS3.Records", "DeliveryToS3.Bytes")
        wait_for(lambda: sums(direct, *delivered) == [3, 9], "the direct delivery")
        wait_for(lambda: sums(reading, *delivered) == [1, 4], "the delivery from Kinesis")
        incoming = ("IncomingRecords", "IncomingBytes", "IncomingPutRequests", "PutRecordBatch.Records")
        assert sums(direct, *incoming) == [3, 9, 2, 2]
        read = ("DataReadFromKinesisStream.Records", "DataReadFromKinesisStream.Bytes", "IncomingRecords")
        assert sums(reading, *read) == [1, 4, 0]
        for name in (direct, reading):
            assert told(aws, "AWS/Firehose", "DeliveryToS3.Success", DeliveryStreamName=name)["Minimum"] == 1
            age = told(aws, "AWS/Firehose", "DeliveryToS3.DataFreshness", DeliveryStreamName=name)
            assert 0 <= age["Maximum"] < 60
            client.delete_delivery_stream(DeliveryStreamName=name)
    account.drop_role(role)


def test_a_delivery_stream_that_cannot_write_tells_failures_and_the_growing_age(aws: Any) -> None:
    role = account.role("firehose.amazonaws.com", [Statement("s3:GetObject")])
    with account.bucket() as bucket:
        name, began = firehose(aws, role, bucket), time.time()
        aws.client("firehose").put_record(DeliveryStreamName=name, Record={"Data": b"kept"})
        of = {"DeliveryStreamName": name}
        failed = wait_for(lambda: told(aws, "AWS/Firehose", "DeliveryToS3.Success", **of), "the failure")
        assert failed["Maximum"] == 0
        age = wait_for(
            lambda: (
                (found := told(aws, "AWS/Firehose", "DeliveryToS3.DataFreshness", **of)).get("SampleCount", 0) > 1
                and found
            ),
            "the age, twice",
        )
        assert 9 < age["Maximum"] <= time.time() - began
        account.grant(role, [Statement("s3:PutObject")])
        wait_for(lambda: account.lines(bucket) == ["kept"], "the record")
        aws.client("firehose").delete_delivery_stream(DeliveryStreamName=name)
    account.drop_role(role)


def test_a_rule_tells_its_messages_and_how_its_actions_ended(aws: Any) -> None:
    iot, sqs, name = aws.client("iot"), aws.client("sqs"), account.unique("r").replace("-", "_")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    role = account.role("iot.amazonaws.com", [Statement("sqs:SendMessage")])
    send = {"sqs": {"queueUrl": queue, "useBase64": False, "roleArn": role}}
    put = {"s3": {"bucketName": "no-such-bucket-here", "key": "k", "roleArn": role}}
    iot.create_topic_rule(
        ruleName=name,
        topicRulePayload={
            "sql": f"SELECT * FROM '{name}' WHERE a > 1",
            "awsIotSqlVersion": "2016-03-23",
            "actions": [send, put],
            "errorAction": send,
        },
    )
    for payload in ('{"a": 1}', '{"a": 2}', "no JSON"):
        aws.client("iot-data").publish(topic=name, qos=1, payload=payload)

    def number(metric: str, **more: str) -> float:
        return told(aws, "AWS/IoT", metric, RuleName=name, **more).get("Sum", 0.0)

    assert (number("TopicMatch"), number("ParseError")) == (3, 1)
    assert (number("Success", ActionType="Sqs"), number("Failure", ActionType="Sqs")) == (1, 0)
    assert (number("Success", ActionType="S3"), number("Failure", ActionType="S3")) == (0, 1)
    assert number("ErrorActionSuccess", ActionType="Sqs") == 1
    iot.delete_topic_rule(ruleName=name)
    sqs.delete_queue(QueueUrl=queue)
    account.drop_role(role)


@pytest.fixture
def group(aws: Any) -> Iterator[str]:
    logs, name = aws.client("logs"), account.unique("/told")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    yield name
    logs.delete_log_group(logGroupName=name)


def metric_filter(aws: Any, group: str, pattern: str, **more: Any) -> str:
    """Make a filter and return the metric's namespace."""
    namespace = account.unique("Counted")
    aws.client("logs").put_metric_filter(
        logGroupName=group,
        filterName=namespace,
        filterPattern=pattern,
        metricTransformations=[{"metricName": "Lines", "metricNamespace": namespace, "metricValue": "2", **more}],
    )
    return namespace


def write(aws: Any, group: str, when: float, *messages: str) -> None:
    events = [{"timestamp": int(when * 1000), "message": message} for message in messages]
    aws.client("logs").put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def test_a_metric_filter_counts_what_matches_and_raises_its_alarm(aws: Any, group: str) -> None:
    cloudwatch, name = aws.client("cloudwatch"), account.unique("alarm")
    all_of, errors = metric_filter(aws, group, ""), metric_filter(aws, group, "ERROR", defaultValue=0)
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=errors,
        MetricName="Lines",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=3,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    write(aws, group, time.time() - 120, "all is well")
    assert told(aws, errors, "Lines") == {"Sum": 0, "Maximum": 0, "Minimum": 0, "SampleCount": 1}
    write(aws, group, time.time() - 120, "ERROR one", "error two", "ERROR three")
    assert told(aws, all_of, "Lines")["Sum"] == 8
    assert told(aws, errors, "Lines")["Sum"] == 4

    def state() -> str:
        return str(cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])

    wait_for(lambda: state() == "ALARM", "the alarm")
    cloudwatch.delete_alarms(AlarmNames=[name])


@pytest.mark.parametrize(
    ("pattern", "more"),
    [('{ $.level = "ERROR" }', {}), ("", {"metricValue": "$.size"}), ("", {"dimensions": {"Level": "$.level"}})],
)
def test_a_metric_filter_that_would_not_count_is_refused(
    aws: Any, group: str, pattern: str, more: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="not served"):
        metric_filter(aws, group, pattern, **more)
    assert aws.client("logs").describe_metric_filters(logGroupName=group)["metricFilters"] == []


def test_statistics_without_dimensions_are_those_of_the_metric_without_any(aws: Any) -> None:
    cloudwatch, namespace = aws.client("cloudwatch"), account.unique("exact")
    datum = {"MetricName": "M", "Value": 1.0}
    of = [{"Name": "Job", "Value": "j"}]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{**datum, "Dimensions": of}])
    assert told(aws, namespace, "M") == {}
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{**datum, "Value": 5.0}])
    assert (told(aws, namespace, "M")["Sum"], told(aws, namespace, "M", Job="j")["Sum"]) == (5, 1)
    metric = {"Namespace": namespace, "MetricName": "M"}
    queries = [
        {"Id": "all", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}},
        {"Id": "one", "MetricStat": {"Metric": {**metric, "Dimensions": of}, "Period": 300, "Stat": "Sum"}},
    ]
    now = datetime.now(UTC)
    answers = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=now - timedelta(hours=1), EndTime=now + timedelta(minutes=5)
    )["MetricDataResults"]
    assert {answer["Id"]: answer["Values"] for answer in answers} == {"all": [5], "one": [1]}


def test_events_are_found_by_terms_and_no_other_pattern(aws: Any, group: str) -> None:
    logs = aws.client("logs")
    write(aws, group, time.time(), "ERROR a", "error b", "WARN c")
    found = logs.filter_log_events(logGroupName=group, filterPattern="?ERROR ?WARN")["events"]
    assert [event["message"] for event in found] == ["ERROR a", "WARN c"]
    with pytest.raises(ClientError, match="is not served"):
        logs.filter_log_events(logGroupName=group, filterPattern="{ $.a = 1 }")
    with pytest.raises(ClientError, match="PutSubscriptionFilter is not served"):
        logs.put_subscription_filter(
            logGroupName=group, filterName="f", filterPattern="", destinationArn="arn:aws:kinesis:r:1:stream/s"
        )
