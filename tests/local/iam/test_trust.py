"""A trust policy that does not mean the caller: that hop alone fails, where AWS tells it.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html,
https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html,
https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import target
from lab.local.context import Caller
from lab.local.trust import trusts
from tests.local import account
from tests.local.account import Statement, wait_for

ACCOUNT = "000000000000"
RULE = f"arn:aws:iot:ap-northeast-1:{ACCOUNT}:rule/readings"
OTHER_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "999999999999"}}
OWN_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def statement(effect: str, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole", **more}


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({}, True),
        (OWN_ACCOUNT, True),
        (OTHER_ACCOUNT, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:iot:*:{ACCOUNT}:rule/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:iot:*:{ACCOUNT}:rule/others"}}, False),
        ({"StringEquals": {"AWS:sourcearn": RULE, "aws:SourceAccount": [ACCOUNT, "999999999999"]}}, True),
        ({"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}, False),
        ({"StringEquals": {"sts:ExternalId": ACCOUNT}}, False),
        ({"StringEqualsIfExists": {"sts:ExternalId": "secret"}}, True),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, True),
    ],
)
def test_a_condition_of_a_trust_policy_is_compared_with_what_the_service_says(
    condition: dict[str, Any], met: bool
) -> None:
    policy = account.document(statement("Allow", Condition=condition) if condition else statement("Allow"))
    assert trusts(policy, Caller("iot.amazonaws.com", RULE), ACCOUNT) is met


def test_a_service_that_says_nothing_of_its_source_does_not_meet_a_condition_on_it() -> None:
    policy = {"Statement": {**statement("Allow"), "Principal": {"Service": ["glue.amazonaws.com"]}}}
    assert trusts(policy, Caller("glue.amazonaws.com"), ACCOUNT)
    assert not trusts(policy, Caller("iot.amazonaws.com", RULE), ACCOUNT)
    policy["Statement"]["Condition"] = OWN_ACCOUNT
    assert not trusts(policy, Caller("glue.amazonaws.com"), ACCOUNT)


def test_firehose_names_its_account_as_external_id() -> None:
    condition = {"StringEquals": {"sts:ExternalId": ACCOUNT}}
    policy = account.document({**statement("Allow", Condition=condition), "Principal": {"Service": "*.amazonaws.com"}})
    named = policy.replace("*.amazonaws.com", "firehose.amazonaws.com")
    assert trusts(named, Caller("firehose.amazonaws.com", "arn:aws:firehose:r:1:deliverystream/a"), ACCOUNT)
    assert not trusts(policy, Caller("firehose.amazonaws.com", "arn:aws:firehose:r:1:deliverystream/a"), ACCOUNT)


def test_a_denial_wins_over_an_allowance_when_its_condition_is_met() -> None:
    denied = account.document(statement("Allow"), statement("Deny", Condition=OWN_ACCOUNT))
    assert not trusts(denied, Caller("iot.amazonaws.com", RULE), ACCOUNT)
    other = account.document(statement("Allow"), statement("Deny", Condition=OTHER_ACCOUNT))
    assert trusts(other, Caller("iot.amazonaws.com", RULE), ACCOUNT)
    assert not trusts(account.document(statement("Allow", Action="sts:TagSession")), Caller("iot.amazonaws.com"), "1")


@pytest.fixture
def queue(aws: Any) -> Iterator[str]:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=account.unique("queue"))["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


def received(aws: Any, queue: str) -> list[str]:
    messages = aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in messages]


@pytest.mark.parametrize("named", ["itself", "another rule"])
def test_a_rule_uses_a_role_only_when_the_trust_policy_means_that_rule(aws: Any, queue: str, named: str) -> None:
    iot, name = aws.client("iot"), account.unique("r").replace("-", "_")
    meant = name if named == "itself" else "another"
    condition = {"ArnEquals": {"aws:SourceArn": f"arn:aws:iot:{target.region()}:{ACCOUNT}:rule/{meant}"}, **OWN_ACCOUNT}
    acting = account.role("iot.amazonaws.com", [Statement("sqs:SendMessage")], condition)
    telling = account.role("iot.amazonaws.com", [Statement("sqs:SendMessage")])
    action = {"queueUrl": queue, "useBase64": False}
    iot.create_topic_rule(
        ruleName=name,
        topicRulePayload={
            "sql": f"SELECT * FROM '{name}'",
            "awsIotSqlVersion": "2016-03-23",
            "actions": [{"sqs": {**action, "roleArn": acting}}],
            "errorAction": {"sqs": {**action, "roleArn": telling}},
        },
    )
    aws.client("iot-data").publish(topic=name, qos=1, payload='{"a":1}')
    (body,) = wait_for(lambda: received(aws, queue), "the message")
    if named == "itself":
        assert json.loads(body) == {"a": 1}
    else:
        (failure,) = json.loads(body)["failures"]
        assert f"unable to assume role {acting}" in failure["errorMessage"]
    iot.delete_topic_rule(ruleName=name)
    account.drop_role(acting)
    account.drop_role(telling)


def test_a_delivery_stream_is_not_made_with_a_role_that_means_another_account(aws: Any) -> None:
    firehose, name = aws.client("firehose"), account.unique("delivery")
    with account.bucket() as bucket:
        for condition, made in ((OTHER_ACCOUNT, False), (OWN_ACCOUNT, True)):
            role = account.role("firehose.amazonaws.com", [Statement("s3:PutObject")], condition)
            request = {"RoleARN": role, "BucketARN": f"arn:aws:s3:::{bucket}"}
            if made:
                firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=request)
                firehose.put_record(DeliveryStreamName=name, Record={"Data": b"reading"})
                firehose.delete_delivery_stream(DeliveryStreamName=name)
                assert account.lines(bucket) == ["reading"]
            else:
                with pytest.raises(ClientError, match="unable to assume role"):
                    firehose.create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=request)
            account.drop_role(role)


def test_a_schedule_is_not_made_with_a_role_that_means_another_group(aws: Any, queue: str) -> None:
    scheduler, name = aws.client("scheduler"), account.unique("schedule")
    arn = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    groups = f"arn:aws:scheduler:{target.region()}:{ACCOUNT}:schedule-group/"
    request = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Name": name}
    for group, made in (("others", False), ("default", True)):
        condition = {"StringEquals": {"aws:SourceArn": groups + group, "aws:SourceAccount": ACCOUNT}}
        role = account.role("scheduler.amazonaws.com", [Statement("sqs:SendMessage")], condition)
        called = {"Arn": arn, "RoleArn": role, "Input": "called"}
        if made:
            scheduler.create_schedule(**request, Target=called)
            assert wait_for(lambda: received(aws, queue), "the call") == ["called"]
            scheduler.delete_schedule(Name=name)
        else:
            with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
                scheduler.create_schedule(**request, Target=called)
        account.drop_role(role)


def test_glue_cannot_use_a_role_under_a_condition_on_its_source(aws: Any) -> None:
    glue, name = aws.client("glue"), account.unique("glue")
    role = account.role("glue.amazonaws.com", [Statement("s3:*")], OWN_ACCOUNT)
    with pytest.raises(ClientError, match="unable to assume provided role"):
        glue.create_crawler(
            Name=name, Role=role, DatabaseName=name, Targets={"S3Targets": [{"Path": "s3://somewhere/"}]}
        )
    command = {"Name": "pythonshell", "ScriptLocation": "s3://somewhere/x.py", "PythonVersion": "3.9"}
    glue.create_job(Name=name, Role=role, Command=command)
    run = glue.start_job_run(JobName=name)["JobRunId"]
    ended = wait_for(
        lambda: (found := glue.get_job_run(JobName=name, RunId=run)["JobRun"])["JobRunState"] == "FAILED" and found,
        "the end of the run",
    )
    assert "not authorized to assume" in ended["ErrorMessage"]
    glue.delete_job(JobName=name)
    account.drop_role(role)
