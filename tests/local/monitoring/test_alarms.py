"""Alarms over the endpoint: they see their own metric, change, and tell topics that admit them.

Data are put for minutes that have passed: an alarm sees whole minutes only. They lie in the middle of their
period, so that it does not matter when a minute ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import account
from tests.local.account import wait_for


def minutes_ago(number: int) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=number)


@contextmanager
def heard(aws: Any, *admitted: str) -> Iterator[tuple[str, Any]]:
    """Make a topic that some services may publish to; yield its ARN and what receives its messages."""
    sns, sqs, name = aws.client("sns"), aws.client("sqs"), account.unique("alarm")
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": account.document({**allow, "Resource": arn})})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    policy = {"Effect": "Allow", "Principal": {"Service": list(admitted)}, "Action": "sns:Publish", "Resource": topic}
    own = {"Condition": {"StringEquals": {"aws:SourceAccount": "000000000000"}}}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=account.document({**policy, **own}))

    def receive(seconds: int = 0) -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=seconds)
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    yield topic, receive
    sns.delete_topic(TopicArn=topic)
    sqs.delete_queue(QueueUrl=queue)


@pytest.fixture
def namespace(aws: Any) -> Iterator[str]:
    """A namespace of one test; its alarms are removed."""
    name = account.unique("metrics")
    yield name
    cloudwatch = aws.client("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]
    if found:
        cloudwatch.delete_alarms(AlarmNames=[alarm["AlarmName"] for alarm in found])


LATEST, ONE_BEFORE = 2, 7
"""Minutes ago that lie in the last period of five minutes and in the one before."""


def put(aws: Any, namespace: str, value: float, ago: int, **dimensions: str) -> None:
    datum = {"MetricName": "Errors", "Value": value, "Timestamp": minutes_ago(ago), "Unit": "Count"}
    of = [{"Name": name, "Value": text} for name, text in dimensions.items()]
    aws.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[{**datum, "Dimensions": of}])


def alarm(aws: Any, namespace: str, **more: Any) -> str:
    name = account.unique(namespace)
    aws.client("cloudwatch").put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": namespace,
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 3,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            **more,
        }
    )
    return name


def state(aws: Any, name: str) -> str:
    (found,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(found["StateValue"])


def test_an_alarm_that_changes_tells_its_topic_the_bus_and_its_history(aws: Any, namespace: str) -> None:
    with heard(aws, "cloudwatch.amazonaws.com", "events.amazonaws.com") as (topic, receive):
        name = alarm(aws, namespace, AlarmActions=[topic])
        rule = account.unique("rule")
        events = aws.client("events")
        pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": [name]}}
        events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=rule, Targets=[{"Id": "t", "Arn": topic}])
        assert state(aws, name) == "OK"
        put(aws, namespace, 2, LATEST)
        assert state(aws, name) == "OK"
        put(aws, namespace, 2, LATEST)
        told = receive(10)
        wait_for(lambda: len(told) >= 2 or told.extend(receive(5)), "message and event")
        (message,) = [item for item in told if "AlarmName" in item]
        assert (message["AlarmName"], message["OldStateValue"], message["NewStateValue"]) == (name, "OK", "ALARM")
        assert message["NewStateReason"] == "Threshold Crossed: 1 datapoint [4.0] was greater than the threshold (3.0)."
        (event,) = [item for item in told if "detail" in item]
        assert (event["detail-type"], event["detail"]["state"]["value"]) == ("CloudWatch Alarm State Change", "ALARM")
        assert event["resources"][0].endswith(f":alarm:{name}")
        items = aws.client("cloudwatch").describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")
        assert "Alarm updated from OK to ALARM" in [item["HistorySummary"] for item in items["AlarmHistoryItems"]]
        events.remove_targets(Rule=rule, Ids=["t"])
        events.delete_rule(Name=rule)


def test_an_alarm_tells_no_topic_whose_policy_does_not_admit_it(aws: Any, namespace: str) -> None:
    with heard(aws, "events.amazonaws.com") as (topic, receive):
        name = alarm(aws, namespace, AlarmActions=[topic])
        put(aws, namespace, 5, LATEST)
        assert state(aws, name) == "ALARM"
        assert receive() == []


def test_an_alarm_sees_its_own_dimensions_and_unit_alone(aws: Any, namespace: str) -> None:
    own, other = ([{"Name": "Job", "Value": value}] for value in ("own", "other"))
    names = [
        alarm(aws, namespace, Dimensions=own),
        alarm(aws, namespace, Dimensions=other),
        alarm(aws, namespace),
        alarm(aws, namespace, Dimensions=own, Unit="Bytes"),
        alarm(aws, namespace, Dimensions=own, Unit="Count"),
    ]
    put(aws, namespace, 5, LATEST, Job="own")
    assert [state(aws, name) for name in names] == ["ALARM", "OK", "OK", "OK", "ALARM"]


def test_an_alarm_looks_at_each_period_apart_and_at_past_ones(aws: Any, namespace: str) -> None:
    both = alarm(aws, namespace, EvaluationPeriods=2)
    one = alarm(aws, namespace, EvaluationPeriods=2, DatapointsToAlarm=1)
    highest = alarm(aws, namespace, EvaluationPeriods=2, DatapointsToAlarm=1, Statistic="Maximum")
    put(aws, namespace, 3, ONE_BEFORE)
    put(aws, namespace, 3, LATEST)
    assert [state(aws, name) for name in (both, one, highest)] == ["OK", "OK", "OK"]
    put(aws, namespace, 2, LATEST)
    assert [state(aws, name) for name in (both, one, highest)] == ["OK", "ALARM", "OK"]
    put(aws, namespace, 9, ONE_BEFORE)
    assert [state(aws, name) for name in (both, one, highest)] == ["ALARM", "ALARM", "ALARM"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ComparisonOperator": "GreaterThanUpperThreshold", "ThresholdMetricId": "m"},
        {"Period": 45},
        {"EvaluationPeriods": 2, "DatapointsToAlarm": 3},
        {"TreatMissingData": "sometimes"},
        {"AlarmActions": ["arn:aws:automate:ap-northeast-1:ec2:stop"]},
        {"Statistic": "Median"},
        {"Period": 300, "EvaluationPeriods": 289},
        {"Period": 3600, "EvaluationPeriods": 169},
    ],
)
def test_an_alarm_that_would_not_be_evaluated_is_refused_and_not_made(
    aws: Any, namespace: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="Validation"):
        alarm(aws, namespace, **wrong)
    assert aws.client("cloudwatch").describe_alarms(AlarmNamePrefix=namespace)["MetricAlarms"] == []


def test_metric_math_in_an_alarm_is_refused_by_name(aws: Any, namespace: str) -> None:
    with pytest.raises(ClientError, match="Metrics is not served"):
        aws.client("cloudwatch").put_metric_alarm(
            AlarmName=namespace,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Metrics=[{"Id": "e", "Expression": "1+1", "ReturnData": True, "Period": 60}],
        )
