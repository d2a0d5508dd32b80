"""Stacks of the types that we add or complete: made, changed in place, replaced, rolled back, refused.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import account
from tests.local.account import Statement, wait_for


class Stack:
    """A stack of some resources. Parameters: aws, the embedded AWS; prefix, of its name."""

    def __init__(self, aws: Any) -> None:
        self._cloudformation = aws.client("cloudformation")
        self.name = account.unique("stack")

    def apply(self, resources: dict[str, Any]) -> str:
        """Create or update the stack and return the status that it comes to."""
        template = json.dumps({"Resources": resources})
        known = self.status()
        act = self._cloudformation.update_stack if known else self._cloudformation.create_stack
        act(StackName=self.name, TemplateBody=template)
        return str(
            wait_for(lambda: (found := self.status()) and not found.endswith("_IN_PROGRESS") and found, "its end")
        )

    def status(self) -> str:
        try:
            (found,) = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError:
            return ""
        return str(found["StackStatus"])

    def physical(self, logical: str) -> str:
        """Return the name of a resource."""
        found = self._cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def reasons(self) -> str:
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)

    def remove(self) -> None:
        self._cloudformation.delete_stack(StackName=self.name)
        wait_for(lambda: self.status() in ("", "DELETE_COMPLETE"), "the removal")


@pytest.fixture
def stack(aws: Any) -> Iterator[Stack]:
    made = Stack(aws)
    yield made
    made.remove()


def shards(**properties: Any) -> dict[str, Any]:
    return {"Stream": {"Type": "AWS::Kinesis::Stream", "Properties": properties}}


def test_a_stream_that_gets_more_shards_keeps_its_records(aws: Any, stack: Stack) -> None:
    kinesis = aws.client("kinesis")
    assert stack.apply(shards(ShardCount=1)) == "CREATE_COMPLETE"
    name = stack.physical("Stream")
    kinesis.put_record(StreamName=name, PartitionKey="k", Data=b"kept")
    assert stack.apply(shards(ShardCount=2)) == "UPDATE_COMPLETE"
    assert stack.physical("Stream") == name
    assert kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["OpenShardCount"] == 2
    place = {"StreamName": name, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    records = kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**place)["ShardIterator"])["Records"]
    assert [record["Data"] for record in records] == [b"kept"]


def test_an_update_that_a_service_refuses_is_rolled_back_and_says_why(aws: Any, stack: Stack) -> None:
    assert stack.apply(shards(ShardCount=1)) == "CREATE_COMPLETE"
    assert stack.apply(shards(ShardCount=5)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot scale from 1 to 5" in stack.reasons()
    summary = aws.client("kinesis").describe_stream_summary(StreamName=stack.physical("Stream"))
    assert summary["StreamDescriptionSummary"]["OpenShardCount"] == 1


def delivery(role: str, bucket: str, **more: Any) -> dict[str, Any]:
    destination = {"RoleARN": role, "BucketARN": f"arn:aws:s3:::{bucket}", "Prefix": "a/"}
    properties = {"DeliveryStreamType": "DirectPut", "ExtendedS3DestinationConfiguration": destination, **more}
    return {"Delivery": {"Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": properties}}


def test_a_change_that_cannot_be_made_in_place_replaces_the_resource_unless_it_has_a_name_of_its_own(
    aws: Any, stack: Stack
) -> None:
    kinesis, firehose = aws.client("kinesis"), aws.client("firehose")
    stream, own = account.unique("source"), account.unique("own")
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    role = account.role("firehose.amazonaws.com", [Statement("kinesis:*"), Statement("s3:PutObject")])
    read = {
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": {"KinesisStreamARN": arn, "RoleARN": role},
    }
    with account.bucket() as bucket:
        assert stack.apply(delivery(role, bucket)) == "CREATE_COMPLETE"
        first = stack.physical("Delivery")
        assert stack.apply(delivery(role, bucket, **read)) == "UPDATE_COMPLETE", stack.reasons()
        second = stack.physical("Delivery")
        described = firehose.describe_delivery_stream(DeliveryStreamName=second)["DeliveryStreamDescription"]
        assert (described["DeliveryStreamType"], second != first) == ("KinesisStreamAsSource", True)
        with pytest.raises(ClientError, match="not found"):
            firehose.describe_delivery_stream(DeliveryStreamName=first)

        assert stack.apply(delivery(role, bucket, DeliveryStreamName=own)) == "UPDATE_COMPLETE", stack.reasons()
        assert stack.apply(delivery(role, bucket, DeliveryStreamName=own, **read)) == "UPDATE_ROLLBACK_COMPLETE"
        assert "custom-named resource requires replacing" in stack.reasons()
        described = firehose.describe_delivery_stream(DeliveryStreamName=own)["DeliveryStreamDescription"]
        assert described["DeliveryStreamType"] == "DirectPut"
        stack.remove()
    kinesis.delete_stream(StreamName=stream)
    account.drop_role(role)


@pytest.mark.parametrize(
    "kind",
    [
        *("AWS::EC2::NoSuchThing", "Custom::Thing", "AWS::Glue::Trigger", "AWS::Logs::SubscriptionFilter"),
        *("AWS::Lambda::Function", "AWS::EC2::VPC", "AWS::Logs::ResourcePolicy", "AWS::Glue::Connection"),
    ],
)
def test_a_type_that_is_not_served_is_refused_by_name_before_anything_is_made(
    aws: Any, stack: Stack, kind: str
) -> None:
    topic = account.unique("topic")
    resources = {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": topic}},
        "Other": {"Type": kind, "Properties": {"ServiceToken": "arn:aws:lambda:r:1:function:f"}},
    }
    with pytest.raises(ClientError, match=rf"Unrecognized resource types: \[{kind}\]"):
        stack.apply(resources)
    assert stack.status() == ""
    assert topic not in str(aws.client("sns").list_topics()["Topics"])


def test_an_alarm_that_would_not_be_evaluated_fails_its_stack(stack: Stack) -> None:
    properties = {
        "Namespace": "N",
        "MetricName": "M",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "AlarmActions": ["arn:aws:automate:ap-northeast-1:ec2:stop"],
    }
    status = stack.apply({"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}})
    assert status in ("ROLLBACK_COMPLETE", "CREATE_FAILED")
    assert "alarms tell SNS topics" in stack.reasons()
