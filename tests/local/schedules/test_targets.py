"""What is called, and with which input."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.schedules.world import World, refusal


def test_when_the_input_holds_keywords_they_are_replaced_for_every_attempt(world: World) -> None:
    words = ["schedule-arn", "scheduled-time", "execution-id", "attempt-number"]
    text = json.dumps({"JobName": "etl", "Arguments": {f"--{word}": f"<aws.scheduler.{word}>" for word in words}})
    world.answers = [refusal("ThrottlingException")]
    world.make("at(2026-02-27T12:00:05)", {"Input": text})
    world.pass_time(30)
    first, second = (parameters["Arguments"] for _, _, _, parameters in world.calls)
    assert first["--schedule-arn"] == "arn:aws:scheduler:ap-northeast-1:000000000000:schedule/default/s"
    assert first["--scheduled-time"] == second["--scheduled-time"] == "2026-02-27T12:00:05Z"
    assert first["--execution-id"] == second["--execution-id"]
    assert (first["--attempt-number"], second["--attempt-number"]) == ("1", "2")


@pytest.mark.parametrize(
    ("target", "called"),
    [
        (
            {"Arn": "arn:aws:sqs:ap-northeast-1:000000000000:q", "Input": "hello"},
            ("sqs", "send_message", {"QueueUrl": "http://127.0.0.1:1/000000000000/q", "MessageBody": "hello"}),
        ),
        (
            {"Arn": "arn:aws:sns:ap-northeast-1:000000000000:t", "Input": "hello"},
            ("sns", "publish", {"TopicArn": "arn:aws:sns:ap-northeast-1:000000000000:t", "Message": "hello"}),
        ),
        (
            {
                "Arn": "arn:aws:kinesis:ap-northeast-1:000000000000:stream/k",
                "Input": "hello",
                "KinesisParameters": {"PartitionKey": "p"},
            },
            (
                "kinesis",
                "put_record",
                {
                    "StreamARN": "arn:aws:kinesis:ap-northeast-1:000000000000:stream/k",
                    "PartitionKey": "p",
                    "Data": b"hello",
                },
            ),
        ),
        (
            {"Arn": "arn:aws:firehose:ap-northeast-1:000000000000:deliverystream/f", "Input": "hello"},
            ("firehose", "put_record", {"DeliveryStreamName": "f", "Record": {"Data": b"hello"}}),
        ),
    ],
)
def test_when_a_target_is_named_by_its_arn_the_matching_operation_is_called(
    world: World, target: dict[str, Any], called: tuple[str, str, dict[str, Any]]
) -> None:
    world.make("at(2026-02-27T12:00:00)", target)
    world.look()
    assert [(service, method, parameters) for service, method, _, parameters in world.calls] == [called]


def test_when_a_queue_is_given_no_input_it_gets_the_scheduled_event(world: World) -> None:
    world.make("at(2026-02-27T12:00:00)", {"Arn": "arn:aws:sqs:ap-northeast-1:000000000000:q", "Input": None})
    world.look()
    event = json.loads(world.calls[0][3]["MessageBody"])
    assert event["source"] == "aws.scheduler"
    assert event["time"] == "2026-02-27T12:00:00Z"
    assert event["resources"] == ["arn:aws:scheduler:ap-northeast-1:000000000000:schedule/default/s"]


def test_when_a_group_is_deleted_its_schedules_are_never_called_again(world: World) -> None:
    world.ask("CreateScheduleGroup", Name="g")
    world.make("rate(1 minute)", GroupName="g")
    world.look()
    world.ask("DeleteScheduleGroup", Name="g")
    world.pass_time(120)
    assert world.times == ["0"]
