"""A policy that names a condition key grants what the request's own value allows."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest
from botocore.exceptions import ClientError

from lab.local import condition_keys
from tests.local import account


def test_metrics_may_be_sent_in_the_namespace_that_the_policy_names_and_in_no_other(aws: Any) -> None:
    trust = account.document(
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    )
    allow = account.document(
        {
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "Ours"}},
        }
    )
    iam, name = aws.client("iam"), account.unique("bounded")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=allow)
    key = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"], aws.running.region)
    cloudwatch = session.client("cloudwatch", endpoint_url=aws.running.endpoint)
    cloudwatch.put_metric_data(Namespace="Ours", MetricData=[{"MetricName": name, "Value": 1}])
    with pytest.raises(ClientError, match="AccessDenied"):
        cloudwatch.put_metric_data(Namespace="Theirs", MetricData=[{"MetricName": name, "Value": 1}])
    assert [found["Namespace"] for found in aws.client("cloudwatch").list_metrics(MetricName=name)["Metrics"]] == [
        "Ours"
    ]
    account.drop_role(arn)


@pytest.mark.parametrize(
    ("body", "params"),
    [
        (b'{"Namespace": "Ours"}', {}),
        (b"", parse_qs("Action=PutMetricData&Namespace=Ours")),
    ],
    ids=["json", "query"],
)
def test_the_namespace_is_read_in_each_protocol(body: bytes, params: dict[str, Any]) -> None:
    assert condition_keys.namespace(body, params) == "Ours"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'["Namespace"]'])
def test_what_names_no_namespace_carries_no_key(body: bytes) -> None:
    read = condition_keys.with_namespace(lambda service, iam_action, body, params: {"kept": 1})
    assert read("monitoring", "cloudwatch:PutMetricData", body, {}) == {"kept": 1}
    named = b'{"Namespace": "Ours"}'
    assert read("monitoring", "cloudwatch:ListMetrics", named, {}) == {"kept": 1}
    assert read("monitoring", "cloudwatch:PutMetricData", named, {}) == {"kept": 1, "cloudwatch:namespace": "Ours"}
