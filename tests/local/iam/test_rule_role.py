"""One permission less in a rule's role: that action alone fails, and the error action tells which.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.local import account
from tests.local.account import Statement, wait_for

ACTIONS = {
    "dynamoDBv2": "dynamodb:PutItem",
    "kinesis": "kinesis:PutRecord",
    "firehose": "firehose:PutRecord",
    "s3": "s3:PutObject",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
}
ERRORS = ("logs:DescribeLogStreams", "logs:CreateLogStream", "logs:PutLogEvents")


@dataclass
class Places:
    """Where a rule's actions put things, and what has arrived in each by the action's name."""

    fields: dict[str, dict[str, Any]]
    arrived: dict[str, Callable[[str], bool]]
    group: str
    logs: Any

    def told(self, payload: str) -> dict[str, str]:
        """Return the failures that the error action was given for a payload: message by action."""
        for stream in self.logs.describe_log_streams(logGroupName=self.group)["logStreams"]:
            events = self.logs.get_log_events(logGroupName=self.group, logStreamName=stream["logStreamName"])["events"]
            for event in events:
                document = json.loads(event["message"])
                if base64.b64decode(document["base64OriginalPayload"]).decode() == payload:
                    return {failure["failedAction"]: failure["errorMessage"] for failure in document["failures"]}
        return {}


@pytest.fixture(scope="module")
def places(aws: Any) -> Iterator[Places]:
    """A table, a stream, a delivery stream, a bucket, a queue, a topic and a log group."""
    word = account.unique("rule")
    dynamodb, kinesis, sqs = aws.client("dynamodb"), aws.client("kinesis"), aws.client("sqs")
    firehose, sns, logs = aws.client("firehose"), aws.client("sns"), aws.client("logs")
    delivering = account.role("firehose.amazonaws.com", [Statement("s3:PutObject")])
    with account.bucket() as bucket, account.bucket() as delivered:
        dynamodb.create_table(
            TableName=word,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        kinesis.create_stream(StreamName=word, ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName=word, WaiterConfig={"Delay": 1})
        firehose.create_delivery_stream(
            DeliveryStreamName=word,
            ExtendedS3DestinationConfiguration={
                "RoleARN": delivering,
                "BucketARN": f"arn:aws:s3:::{delivered}",
                "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 1},
            },
        )
        queue, heard = (sqs.create_queue(QueueName=f"{word}-{end}")["QueueUrl"] for end in ("q", "t"))
        topic = sns.create_topic(Name=word)["TopicArn"]
        heard_arn = sqs.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = account.document({**allow, "Resource": heard_arn})
        sqs.set_queue_attributes(QueueUrl=heard, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=heard_arn)
        logs.create_log_group(logGroupName=word)
        yield Places(
            {
                "dynamoDBv2": {"putItem": {"tableName": word}},
                "kinesis": {"streamName": word, "partitionKey": "k"},
                "firehose": {"deliveryStreamName": word},
                "s3": {"bucketName": bucket, "key": "${id}"},
                "sqs": {"queueUrl": queue, "useBase64": False},
                "sns": {"targetArn": topic, "messageFormat": "RAW"},
            },
            {
                "dynamoDBv2": lambda text: "Item" in dynamodb.get_item(TableName=word, Key={"id": {"S": text}}),
                "kinesis": lambda text: text in in_stream(kinesis, word),
                "firehose": lambda text: any(
                    text in account.content(delivered, key).decode() for key in account.keys(delivered)
                ),
                "s3": lambda text: text in account.keys(bucket),
                "sqs": lambda text: text in in_queue(sqs, queue),
                "sns": lambda text: text in in_queue(sqs, heard),
            },
            word,
            logs,
        )
        logs.delete_log_group(logGroupName=word)
        sns.delete_topic(TopicArn=topic)
        for url in (queue, heard):
            sqs.delete_queue(QueueUrl=url)
        firehose.delete_delivery_stream(DeliveryStreamName=word)
        kinesis.delete_stream(StreamName=word)
        dynamodb.delete_table(TableName=word)
    account.drop_role(delivering)


def in_stream(kinesis: Any, name: str) -> str:
    (shard,) = kinesis.list_shards(StreamName=name)["Shards"]
    iterator = kinesis.get_shard_iterator(StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    return " ".join(record["Data"].decode() for record in kinesis.get_records(ShardIterator=iterator)["Records"])


def in_queue(sqs: Any, url: str) -> str:
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    return " ".join(message["Body"] for message in messages)


@contextmanager
def rule(aws: Any, places: Places, actions: set[str], errors: set[str]) -> Iterator[Callable[[str], str]]:
    """Make a rule whose role allows these actions and whose error role allows those; yield what publishes to it."""
    iot, name = aws.client("iot"), account.unique("r").replace("-", "_")
    acting = account.role(
        "iot.amazonaws.com", [Statement(action) for action in sorted(actions)] or [Statement("sts:GetCallerIdentity")]
    )
    telling = account.role("iot.amazonaws.com", [Statement(action) for action in sorted(errors)])
    iot.create_topic_rule(
        ruleName=name,
        topicRulePayload={
            "sql": f"SELECT * FROM '{name}'",
            "awsIotSqlVersion": "2016-03-23",
            "actions": [{kind: {**fields, "roleArn": acting}} for kind, fields in places.fields.items()],
            "errorAction": {"cloudwatchLogs": {"logGroupName": places.group, "roleArn": telling}},
        },
    )

    def publish(text: str) -> str:
        payload = json.dumps({"id": text})
        aws.client("iot-data").publish(topic=name, qos=1, payload=payload)
        return payload

    try:
        yield publish
    finally:
        iot.delete_topic_rule(ruleName=name)
        account.drop_role(acting)
        account.drop_role(telling)


def test_with_all_permissions_every_action_arrives_and_no_error_is_told(aws: Any, places: Places) -> None:
    text = account.unique("all")
    with rule(aws, places, set(ACTIONS.values()), set(ERRORS)) as publish:
        payload = publish(text)
        for kind, arrived in places.arrived.items():
            wait_for(lambda arrived=arrived: arrived(text), kind)
        assert places.told(payload) == {}


@pytest.mark.parametrize("kind", ACTIONS)
def test_without_one_permission_that_action_alone_fails_and_the_error_action_names_it(
    aws: Any, places: Places, kind: str
) -> None:
    text = account.unique(kind.lower())
    with rule(aws, places, set(ACTIONS.values()) - {ACTIONS[kind]}, set(ERRORS)) as publish:
        payload = publish(text)
        for other, arrived in places.arrived.items():
            if other != kind:
                wait_for(lambda arrived=arrived: arrived(text), other)
        assert not places.arrived[kind](text)
        told = places.told(payload)
        assert set(told) == {f"{kind[0].upper()}{kind[1:]}Action"}
        assert f"is not authorized to perform: {ACTIONS[kind]}" in next(iter(told.values()))


@pytest.mark.parametrize("missing", ERRORS)
def test_without_one_permission_of_the_error_role_nothing_is_told_and_the_actions_still_arrive(
    aws: Any, places: Places, missing: str
) -> None:
    text = account.unique("quiet")
    with rule(aws, places, set(ACTIONS.values()) - {"s3:PutObject"}, set(ERRORS) - {missing}) as publish:
        payload = publish(text)
        wait_for(lambda: places.arrived["dynamoDBv2"](text), "the item")
        # A rule answers for its error action before it acknowledges, so what is not told now never is.
        assert places.told(payload) == {}
