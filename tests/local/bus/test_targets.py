"""Events over the endpoint: they reach targets that admit them; others end in the dead-letter queue.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html (attributes, codes) and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html (policies of queues and topics)
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import target
from tests.local import account
from tests.local.account import Statement

ROLE = "arn:aws:iam::000000000000:role/r"
QUEUE = "arn:aws:sqs:ap-northeast-1:000000000000:q"
TOPIC = "arn:aws:sns:ap-northeast-1:000000000000:t"


class Room:
    """A rule of one source, and queues that admit it or do not."""

    def __init__(self, aws: Any) -> None:
        self.events, self.sqs = aws.client("events"), aws.client("sqs")
        self.source = account.unique("source")
        pattern = json.dumps({"source": [self.source]})
        self.rule = self.events.put_rule(Name=self.source, EventPattern=pattern)["RuleArn"]
        self.dead = self.queue()

    def queue(self, admitted: bool = True, fifo: bool = False) -> tuple[str, str]:
        """Make a queue and return its URL and ARN. Parameters: admitted, whether its policy lets the rule send."""
        ordered = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo else {}
        name = account.unique("bus") + (".fifo" if fifo else "")
        url = self.sqs.create_queue(QueueName=name, Attributes=ordered)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        own = {"Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": self.rule}}}
        if admitted:
            policy = account.document({**allow, **own})
            self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url, arn

    def send(self, **to: Any) -> None:
        """Send an event to one target."""
        self.events.put_targets(Rule=self.source, Targets=[{"Id": "t", **to}])
        entry = {"Source": self.source, "DetailType": "d", "Detail": '{"k": {"n": 1}}'}
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    def message(self, url: str) -> dict[str, Any]:
        (found,) = self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"])["Messages"]
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
        return dict(found)

    def dead_letter(self) -> dict[str, str]:
        """Return the attributes of the dead-letter event, whose body is the event itself."""
        found = self.message(self.dead[0])
        assert json.loads(found["Body"])["detail"] == {"k": {"n": 1}}
        return {name: value["StringValue"] for name, value in found["MessageAttributes"].items()}


@pytest.fixture(scope="module")
def room(aws: Any) -> Room:
    return Room(aws)


def test_a_queue_that_admits_the_rule_is_given_what_the_target_asks_for(room: Room) -> None:
    url, arn = room.queue()
    room.send(Arn=arn)
    event = json.loads(room.message(url)["Body"])
    assert (event["source"], event["detail-type"], event["detail"]) == (room.source, "d", {"k": {"n": 1}})
    room.send(Arn=arn, InputPath="$.detail.k")
    assert json.loads(room.message(url)["Body"]) == {"n": 1}
    room.send(Arn=arn, InputTransformer={"InputPathsMap": {"n": "$.detail.k.n"}, "InputTemplate": '{"m": <n>}'})
    assert json.loads(room.message(url)["Body"]) == {"m": 1}
    url, arn = room.queue(fifo=True)
    room.send(Arn=arn, SqsParameters={"MessageGroupId": "g"}, Input='"constant"')
    assert room.message(url)["Body"] == '"constant"'


def test_an_event_that_its_queue_does_not_admit_ends_in_the_dead_letter_queue(room: Room) -> None:
    _, arn = room.queue(admitted=False)
    room.send(Arn=arn, DeadLetterConfig={"Arn": room.dead[1]}, Input='"not this"')
    found = room.dead_letter()
    assert arn in found.pop("ERROR_MESSAGE")
    assert found == {
        "RULE_ARN": room.rule,
        "TARGET_ARN": arn,
        "ERROR_CODE": "NO_PERMISSIONS",
        "RETRY_ATTEMPTS": "0",
    }


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sqs:{region}:{account}:gone",
        "arn:aws:sns:{region}:{account}:gone",
        "arn:aws:events:{region}:{account}:event-bus/gone",
        "arn:aws:sqs:eu-north-1:{account}:elsewhere",
    ],
)
def test_an_event_whose_target_is_not_there_ends_in_the_dead_letter_queue(aws: Any, room: Room, arn: str) -> None:
    arn = arn.format(region=aws.running.region, account=aws.running.account)
    room.send(Arn=arn, DeadLetterConfig={"Arn": room.dead[1]})
    found = room.dead_letter()
    assert (found["TARGET_ARN"], found["ERROR_CODE"]) == (arn, "NO_RESOURCE")


def test_a_stream_is_written_to_under_the_role_of_the_target(aws: Any, room: Room) -> None:
    kinesis, name = aws.client("kinesis"), account.unique("bus")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    arn = kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]
    role = account.role("events.amazonaws.com", [Statement("sqs:SendMessage")])
    more = {"RoleArn": role, "KinesisParameters": {"PartitionKeyPath": "$.source"}}
    room.send(Arn=arn, **more, DeadLetterConfig={"Arn": room.dead[1]})
    found = room.dead_letter()
    assert found["ERROR_CODE"] == "NO_PERMISSIONS"
    assert "is not authorized to perform: kinesis:PutRecord" in found["ERROR_MESSAGE"]
    account.grant(role, [Statement("kinesis:PutRecord", (arn,))])
    room.send(Arn=arn, **more)

    def records() -> list[Any]:
        place = {"StreamName": name, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
        return list(kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**place)["ShardIterator"])["Records"])

    (record,) = account.wait_for(records, "the record")
    assert record["PartitionKey"] == room.source


def test_an_event_without_a_queue_that_admits_it_is_counted_as_failed(aws: Any, room: Room) -> None:
    _, closed = room.queue(admitted=False)
    room.send(Arn=closed, DeadLetterConfig={"Arn": closed})

    def counted() -> bool:
        found = aws.client("cloudwatch").list_metrics(
            Namespace="AWS/Events",
            MetricName="InvocationsFailedToBeSentToDlq",
            Dimensions=[{"Name": "RuleName", "Value": room.source}],
        )
        return bool(found["Metrics"])

    account.wait_for(counted, "the metric")


REFUSED = [
    ({"Arn": "arn:aws:lambda:ap-northeast-1:000000000000:function:f"}, "not a supported target"),
    ({"Arn": "arn:aws:events:ap-northeast-1:000000000000:api-destination/d"}, "not a supported target"),
    ({"Arn": QUEUE, "EcsParameters": {"TaskDefinitionArn": ROLE}}, "EcsParameters"),
    ({"Arn": QUEUE, "Input": "1", "InputPath": "$.detail"}, "Only one of Input"),
    ({"Arn": "arn:aws:kinesis:ap-northeast-1:000000000000:stream/s"}, "RoleArn is required"),
    ({"Arn": f"{QUEUE}.fifo"}, "SqsParameters must be specified"),
    ({"Arn": QUEUE, "DeadLetterConfig": {"Arn": TOPIC}}, "must be a standard queue"),
    ({"Arn": QUEUE, "DeadLetterConfig": {"Arn": f"{QUEUE}.fifo"}}, "must be a standard queue"),
    ({"Arn": QUEUE, "RetryPolicy": {"MaximumEventAgeInSeconds": 86401}}, "from 60 to 86400"),
    ({"Arn": QUEUE, "RetryPolicy": {"MaximumRetryAttempts": 186}}, "from 0 to 185"),
]


@pytest.mark.parametrize(("wanted", "reason"), REFUSED)
def test_a_target_that_would_get_nothing_is_refused(room: Room, wanted: dict[str, Any], reason: str) -> None:
    with pytest.raises(ClientError) as refused:
        room.events.put_targets(Rule=room.source, Targets=[{"Id": "bad", **wanted}])
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert reason in refused.value.response["Error"]["Message"]
    assert "bad" not in [one["Id"] for one in room.events.list_targets_by_rule(Rule=room.source)["Targets"]]


@pytest.mark.parametrize(
    "trigger",
    [{}, {"ScheduleExpression": "rate(1 minutes)"}, {"ScheduleExpression": "rate(5 minute)"}, {"EventPattern": ""}],
)
def test_a_rule_that_nothing_would_trigger_is_refused(room: Room, trigger: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        room.events.put_rule(Name=account.unique("rule"), **trigger)


def test_an_entry_that_is_no_event_is_refused_and_the_others_are_taken(room: Room) -> None:
    good = {"Source": "s", "DetailType": "d", "Detail": "{}"}
    bad = [{**good, "Detail": text} for text in ("no json", "[1]")] + [{"Source": "s", "DetailType": "d"}]
    answer = room.events.put_events(Entries=[bad[0], good, *bad[1:], {**good, "Source": "aws.glue"}])
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    assert codes == ["MalformedDetail", None, "MalformedDetail", "InvalidArgument", "NotAuthorizedForSourceException"]
    assert answer["FailedEntryCount"] == 4


def test_a_rule_takes_five_targets(room: Room) -> None:
    name = account.unique("rule")
    room.events.put_rule(Name=name, EventPattern='{"source": ["none"]}')
    room.events.put_targets(Rule=name, Targets=[{"Id": str(number), "Arn": QUEUE} for number in range(5)])
    room.events.put_targets(Rule=name, Targets=[{"Id": "0", "Arn": TOPIC}])
    with pytest.raises(room.events.exceptions.LimitExceededException):
        room.events.put_targets(Rule=name, Targets=[{"Id": "5", "Arn": QUEUE}])


def test_a_stack_with_a_target_that_would_get_nothing_is_rolled_back(aws: Any) -> None:
    stack, cloudformation = account.unique("stack"), target.client("cloudformation")
    one = {"Id": "t", "Arn": "arn:aws:lambda:ap-northeast-1:000000000000:function:f"}
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["s"]}, "Targets": [one]}}
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": {"Rule": rule}}))

    def ended() -> str:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        return "" if found["StackStatus"].endswith("_IN_PROGRESS") else str(found["StackStatus"])

    assert account.wait_for(ended, "the end of the stack") == "ROLLBACK_COMPLETE"
    reasons = [event.get("ResourceStatusReason", "") for event in aws_events(cloudformation, stack)]
    assert any("not a supported target" in reason for reason in reasons)
    cloudformation.delete_stack(StackName=stack)


def aws_events(cloudformation: Any, stack: str) -> list[dict[str, Any]]:
    return list(cloudformation.describe_stack_events(StackName=stack)["StackEvents"])
