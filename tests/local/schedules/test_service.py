"""EventBridge Scheduler through boto3: every operation, its refusals, and schedules that really call something."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
REGION = "ap-northeast-1"
SECONDS = 60


class Room:
    """A role that Scheduler may take, a queue to call and one for the dead. grants: what the role may do."""

    def __init__(self, aws: Any) -> None:
        self.name = f"sched-{uuid.uuid4().hex[:8]}"
        self.scheduler, self.sqs, self.iam = (aws.client(service) for service in ("scheduler", "sqs", "iam"))
        self.aws = aws
        trust = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        self.role = self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        self.queue = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        self.dead = self.sqs.create_queue(QueueName=f"{self.name}-dead")["QueueUrl"]
        self.queue_arn, self.dead_arn = (
            f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in (self.name, f"{self.name}-dead")
        )
        self.scheduler.create_schedule_group(Name=self.name, Tags=[{"Key": "room", "Value": "tests"}])
        self.grant(("sqs:SendMessage", self.dead_arn), ("sqs:SendMessage", self.queue_arn))

    def grant(self, *pairs: tuple[str, str]) -> None:
        statements = [{"Effect": "Allow", "Action": action, "Resource": on} for action, on in pairs]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_role_policy(RoleName=self.name, PolicyName="p", PolicyDocument=document)

    def wanted(self, **more: Any) -> dict[str, Any]:
        return {
            "Name": "s",
            "GroupName": self.name,
            "ScheduleExpression": "rate(5 minutes)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "DISABLED",
            "Target": {"Arn": self.queue_arn, "RoleArn": self.role, "Input": "hello"},
        } | more

    def received(self, queue: str) -> dict[str, Any]:
        """The next message of a queue."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            answer = self.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2, MessageAttributeNames=["All"])
            for message in answer.get("Messages", []):
                return dict(message)
        raise TimeoutError(queue)

    def close(self) -> None:
        self.scheduler.delete_schedule_group(Name=self.name)
        for queue in (self.queue, self.dead):
            self.sqs.delete_queue(QueueUrl=queue)
        self.iam.delete_role_policy(RoleName=self.name, PolicyName="p")
        self.iam.delete_role(RoleName=self.name)


@pytest.fixture(scope="module")
def room(aws: Any) -> Iterator[Room]:
    made = Room(aws)
    yield made
    made.close()


@pytest.fixture
def schedule(room: Room) -> Iterator[Room]:
    """The room with the schedule ``s``."""
    room.scheduler.create_schedule(**room.wanted())
    yield room
    room.scheduler.delete_schedule(Name="s", GroupName=room.name)


def refused(code: str, call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


def test_when_a_schedule_is_made_it_is_shown_with_the_defaults(schedule: Room) -> None:
    shown = schedule.scheduler.get_schedule(Name="s", GroupName=schedule.name)
    made, changed = shown.pop("CreationDate"), shown.pop("LastModificationDate")
    assert abs((datetime.now(UTC) - made).total_seconds()) < 600
    assert changed == made
    shown.pop("ResponseMetadata")
    assert shown == {
        "ActionAfterCompletion": "NONE",
        "Arn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{schedule.name}/s",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "GroupName": schedule.name,
        "Name": "s",
        "ScheduleExpression": "rate(5 minutes)",
        "ScheduleExpressionTimezone": "UTC",
        "State": "DISABLED",
        "Target": {
            "Arn": schedule.queue_arn,
            "RoleArn": schedule.role,
            "Input": "hello",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
        },
    }


def test_when_a_schedule_is_updated_what_the_request_leaves_out_goes_back_to_its_default(schedule: Room) -> None:
    start = datetime(2100, 1, 1, tzinfo=UTC)
    first = schedule.wanted(Description="d", StartDate=start, ActionAfterCompletion="DELETE")
    schedule.scheduler.update_schedule(**first)
    shown = schedule.scheduler.get_schedule(Name="s", GroupName=schedule.name)
    assert (shown["Description"], shown["StartDate"], shown["ActionAfterCompletion"]) == ("d", start, "DELETE")
    schedule.scheduler.update_schedule(**schedule.wanted(ScheduleExpression="cron(0 1 * * ? *)"))
    shown = schedule.scheduler.get_schedule(Name="s", GroupName=schedule.name)
    assert shown["ScheduleExpression"] == "cron(0 1 * * ? *)"
    assert shown["ActionAfterCompletion"] == "NONE"
    assert not {"Description", "StartDate"} & shown.keys()


def test_when_the_same_request_comes_twice_it_is_one_schedule_and_another_one_is_a_conflict(room: Room) -> None:
    wanted = room.wanted(Name="twice", ClientToken="once")
    first = room.scheduler.create_schedule(**wanted)["ScheduleArn"]
    assert room.scheduler.create_schedule(**wanted)["ScheduleArn"] == first
    message = refused("ConflictException", room.scheduler.create_schedule, **{**wanted, "Description": "other"})
    assert message == "Schedule twice already exists."
    room.scheduler.delete_schedule(Name="twice", GroupName=room.name)


def test_when_schedules_are_many_they_come_in_pages_and_may_be_narrowed(room: Room) -> None:
    names = [f"page-{number:02d}" for number in range(7)]
    for number, name in enumerate(names):
        far = {"State": "ENABLED", "ScheduleExpression": "at(2100-01-01T00:00:00)"} if number % 2 else {}
        room.scheduler.create_schedule(**room.wanted(Name=name, **far))
    pages = list(
        room.scheduler.get_paginator("list_schedules").paginate(
            GroupName=room.name, NamePrefix="page-", PaginationConfig={"PageSize": 3}
        )
    )
    assert [[entry["Name"] for entry in page["Schedules"]] for page in pages] == [names[:3], names[3:6], names[6:]]
    enabled = room.scheduler.list_schedules(GroupName=room.name, NamePrefix="page-", State="ENABLED")["Schedules"]
    assert [entry["Name"] for entry in enabled] == names[1::2]
    assert enabled[0]["Target"] == {"Arn": room.queue_arn}
    refused("ResourceNotFoundException", room.scheduler.list_schedules, GroupName="nowhere")
    refused("ValidationException", room.scheduler.list_schedules, NextToken="not one of ours")
    for name in names:
        room.scheduler.delete_schedule(Name=name, GroupName=room.name)
    assert room.scheduler.list_schedules(GroupName=room.name, NamePrefix="page-")["Schedules"] == []


def test_when_groups_are_asked_for_they_are_shown_tagged_and_removed_with_their_schedules(room: Room) -> None:
    name = f"{room.name}-more"
    arn = room.scheduler.create_schedule_group(Name=name)["ScheduleGroupArn"]
    assert arn == f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/{name}"
    refused("ConflictException", room.scheduler.create_schedule_group, Name=name, ClientToken="x")
    listed = room.scheduler.list_schedule_groups(NamePrefix=room.name)["ScheduleGroups"]
    assert [entry["Name"] for entry in listed] == [room.name, name]
    assert room.scheduler.get_schedule_group(Name="default")["State"] == "ACTIVE"

    room.scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": "1"} for key in "abc"])
    room.scheduler.untag_resource(ResourceArn=arn, TagKeys=["a", "b"])
    assert room.scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "c", "Value": "1"}]
    refused("ResourceNotFoundException", room.scheduler.list_tags_for_resource, ResourceArn=arn + "x")

    room.scheduler.create_schedule(**room.wanted(GroupName=name))
    room.scheduler.delete_schedule_group(Name=name)
    refused("ResourceNotFoundException", room.scheduler.get_schedule_group, Name=name)
    missing = refused("ResourceNotFoundException", room.scheduler.get_schedule, Name="s", GroupName=name)
    assert missing == f"Schedule group {name} does not exist."
    refused("ValidationException", room.scheduler.delete_schedule_group, Name="default")


def test_when_a_schedule_is_not_there_it_is_said_so(room: Room) -> None:
    for call in (room.scheduler.get_schedule, room.scheduler.delete_schedule):
        message = refused("ResourceNotFoundException", call, Name="none", GroupName=room.name)
        assert message == "Schedule none does not exist."
    refused("ResourceNotFoundException", room.scheduler.update_schedule, **room.wanted(Name="none"))
    refused("ResourceNotFoundException", room.scheduler.create_schedule, **room.wanted(GroupName="nowhere"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ScheduleExpression": "cron(99 99 * * ? *)"}, "Invalid Schedule Expression cron(99 99 * * ? *)."),
        ({"ScheduleExpression": "rate(0 minutes)"}, "Invalid Schedule Expression rate(0 minutes)."),
        ({"ScheduleExpression": "at(2001-01-01T00:00:00)"}, "Invalid Schedule Expression at(2001-01-01T00:00:00)."),
        ({"ScheduleExpressionTimezone": "Asia/Edo"}, "Invalid ScheduleExpressionTimezone Asia/Edo."),
        ({"Name": "no spaces"}, "'name' failed to satisfy constraint"),
        ({"State": "ON"}, "'state' failed to satisfy constraint: Member must satisfy enum value set"),
        ({"ActionAfterCompletion": "KEEP"}, "'actionAfterCompletion'"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "MaximumWindowInMinutes is required"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1441}}, "less than or equal to 1440"),
        ({"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}}, "flexible time window alone"),
        ({"StartDate": datetime.now(UTC) - timedelta(minutes=6)}, "StartDate you specify cannot be earlier"),
        ({"EndDate": datetime.now(UTC) - timedelta(minutes=6)}, "EndDate you specify cannot be in the past"),
        (
            {"StartDate": datetime(2101, 1, 1, tzinfo=UTC), "EndDate": datetime(2100, 1, 1, tzinfo=UTC)},
            "StartDate you specify must come before the EndDate",
        ),
        ({"Description": "d" * 513}, "'description' failed to satisfy constraint"),
        ({"KmsKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"}, "KmsKeyArn is not served by this AWS"),
    ],
)
def test_when_a_member_is_wrong_the_schedule_is_refused_and_not_made(
    room: Room, change: dict[str, Any], told: str
) -> None:
    assert told in refused("ValidationException", room.scheduler.create_schedule, **room.wanted(**change))
    assert room.scheduler.list_schedules(GroupName=room.name)["Schedules"] == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Arn": "arn:aws:lambda:ap-northeast-1:000000000000:function:f"}, "lambda is not a supported service"),
        ({"Arn": "arn:aws:scheduler:::aws-sdk:ec2:startInstances"}, "ec2 is not a supported service for a target."),
        ({"Arn": "arn:aws:scheduler:::aws-sdk:glue:getJob"}, "getJob is not a supported API action of glue"),
        ({"Arn": "arn:aws:scheduler:::aws-sdk:glue:startEverything"}, "startEverything is not a supported API action"),
        ({"Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun", "Input": "{"}, "well-formed JSON"),
        ({"Arn": "nonsense"}, "nonsense is not a supported service for a target."),
        ({"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/none"}, "must allow AWS EventBridge Scheduler to assume the role"),
        ({"RoleArn": "me"}, "'target.roleArn' failed to satisfy constraint"),
        ({"RetryPolicy": {"MaximumRetryAttempts": 186}}, "less than or equal to 185"),
        ({"RetryPolicy": {"MaximumEventAgeInSeconds": 86401}}, "less than or equal to 86400"),
        ({"DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead.fifo"}}, "'target.deadLetterConfig.arn'"),
        ({"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q.fifo"}, "MessageGroupId is for FIFO queues"),
        ({"Arn": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/k"}, "PartitionKey is required"),
    ],
)
def test_when_a_target_is_wrong_the_schedule_is_refused_and_not_made(
    room: Room, change: dict[str, Any], told: str
) -> None:
    target = room.wanted()["Target"] | change
    assert told in refused("ValidationException", room.scheduler.create_schedule, **room.wanted(Target=target))
    assert room.scheduler.list_schedules(GroupName=room.name)["Schedules"] == []


def test_when_a_schedule_is_due_its_target_is_called_under_the_role(room: Room) -> None:
    room.scheduler.create_schedule(**room.wanted(Name="now", State="ENABLED"))
    assert room.received(room.queue)["Body"] == "hello"
    room.scheduler.delete_schedule(Name="now", GroupName=room.name)
    text = json.dumps({"QueueUrl": room.queue, "MessageBody": "universal <aws.scheduler.attempt-number>"})
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "RoleArn": room.role, "Input": text}
    soon = datetime.now(UTC) + timedelta(minutes=2)  # the first time is now, the second one would be after the end
    once = {"State": "ENABLED", "EndDate": soon, "ActionAfterCompletion": "DELETE"}
    room.sqs.purge_queue(QueueUrl=room.queue)
    room.scheduler.create_schedule(**room.wanted(Name="once", Target=target, **once))
    assert room.received(room.queue)["Body"] == "universal 1"
    end = time.monotonic() + SECONDS
    while room.scheduler.list_schedules(GroupName=room.name, NamePrefix="once")["Schedules"]:
        assert time.monotonic() < end, "a completed schedule must be deleted"


def test_when_the_role_may_not_call_the_target_the_dead_letter_queue_tells_whom_and_what(room: Room) -> None:
    room.grant(("sqs:SendMessage", room.dead_arn))
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:glue:startJobRun",
        "RoleArn": room.role,
        "Input": '{"JobName": "none"}',
        "DeadLetterConfig": {"Arn": room.dead_arn},
    }
    room.scheduler.create_schedule(**room.wanted(Name="denied", State="ENABLED", Target=target))
    message = room.received(room.dead)
    found = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert message["Body"] == '{"JobName": "none"}'
    assert found["ERROR_CODE"] == "AccessDeniedException"
    assert f"assumed-role/{room.name}/" in found["ERROR_MESSAGE"]
    assert "glue:StartJobRun" in found["ERROR_MESSAGE"]
    assert found["SCHEDULE_ARN"].endswith(f"schedule/{room.name}/denied")
    room.scheduler.delete_schedule(Name="denied", GroupName=room.name)
    room.grant(("sqs:SendMessage", room.dead_arn), ("sqs:SendMessage", room.queue_arn))
